"""What somebody could do who has the database to themselves."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from api.installation import OpenLedger
from ledger.stored import leaf
from ledger.verifier import Frontier, leaf_hash
from tests.lives import as_owner


@contextmanager
def tampered(ledger: OpenLedger) -> Iterator[psycopg.Connection]:
    """A superuser's connection, to whom no trigger speaks."""
    with as_owner(ledger) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection


def rehashed(ledger: OpenLedger, owner: psycopg.Connection) -> None:
    """Make every hash fit what now stands: of each event, and of the tree over all of them."""
    entries = ledger.engine.ledger.select_notifications(1, 10**6)
    tree = Frontier()
    owner.execute("DELETE FROM subtrees")
    for entry in entries:
        digest = leaf_hash(leaf(entry)[1:])
        owner.execute("UPDATE events SET leaf_hash = %s WHERE position = %s", (digest, entry.id))
        for level, node in enumerate(tree.add(digest)):
            if level:
                owner.execute(
                    "INSERT INTO subtrees VALUES (%s, %s, %s)",
                    (level, (tree.size >> level) - 1, node),
                )
    owner.execute("UPDATE tree SET size = %s", (tree.size,))

"""The Merkle tree over the ledger's events, kept in the database as it grows, and read for proofs.

It follows the ledger: nothing of it is written while an append holds the counter row.
"""

from collections.abc import Iterable, Sequence
from threading import Lock

from ledger.database import Connection, Database, Unavailable
from ledger.merkle import Proof, Subtree, completed, consistency, inclusion, peaks
from ledger.verifier import EMPTY_ROOT, root_from

AT_ONCE = 10_000
"""Events sealed by one transaction."""


class NotSealedYet(Unavailable):
    """The proofs have not come that far yet. Ask again in a few seconds; what was signed by now,
    the newest checkpoint says."""


class Tree:
    """The tree of one ledger. Several processes may seal: one of them at a time does."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._sealing = Lock()

    # Growing.

    def sealed(self) -> int:
        """How many events the tree holds."""
        return int(self.database.rows("SELECT size FROM tree")[0][0])

    def grow(self) -> int:
        """Seal if there is anything to seal; gives the tree's size. Asks before it locks."""
        ((held, sealed),) = self.database.rows("SELECT h.size, t.size FROM head h, tree t")
        return self.seal() if held > sealed else int(sealed)

    def seal(self, most: int | None = None) -> int:
        """Take in what the ledger holds, or *most* events of it; gives how many it then holds."""
        with self._sealing:
            while True:
                limit = AT_ONCE if most is None else min(most, AT_ONCE)
                size, taken = self.database.read(lambda connection: _take_in(connection, limit))  # noqa: B023
                if taken < AT_ONCE or most is not None:
                    return size

    # Reading.

    def root(self, size: int) -> bytes:
        """The root of the tree over the first *size* events. Fails with `NotSealedYet`."""
        return root_from(self._hashes(peaks(size), size)) if size else EMPTY_ROOT

    def inclusion_proof(self, position: int, size: int) -> list[bytes]:
        """That the event at *position* is among the first *size* (RFC 9162, 2.1.3.1). ValueError
        if it cannot be; fails with `NotSealedYet`."""
        return self._proof(inclusion(position - 1, size), size)

    def inclusion_proofs(self, positions: Sequence[int], size: int) -> list[list[bytes]]:
        """The same of several events, asked for at once."""
        proofs = [inclusion(position - 1, size) for position in positions]
        wanted = list({one for proof in proofs for one in proof.wanted})
        found = dict(zip(wanted, self._hashes(wanted, size), strict=True))
        return [proof.assemble(found) for proof in proofs]

    def consistency_proof(self, first: int, second: int) -> list[bytes]:
        """That the first *second* events begin with the first *first* (RFC 9162, 2.1.4.1).
        ValueError if they cannot; fails with `NotSealedYet`."""
        return self._proof(consistency(first, second), second)

    def _proof(self, proof: Proof, size: int) -> list[bytes]:
        wanted = proof.wanted
        return proof.assemble(dict(zip(wanted, self._hashes(wanted, size), strict=True)))

    def _hashes(self, wanted: Sequence[Subtree], size: int) -> list[bytes]:
        def read(connection: Connection) -> list[bytes] | None:
            row = connection.execute("SELECT size FROM tree").fetchone()
            return hashes(connection, wanted) if row and size <= row[0] else None

        found = self.database.read(read)
        if found is None:
            raise NotSealedYet
        return found


def hashes(connection: Connection, wanted: Sequence[Subtree]) -> list[bytes]:
    """The hashes of these subtrees, each of which is complete. KeyError where one is missing."""
    rows = connection.execute(
        "SELECT s.level::int, s.place, s.hash FROM subtrees s "
        "JOIN unnest(%(levels)s::smallint[], %(places)s::bigint[]) AS w (level, place) "
        "ON s.level = w.level AND s.place = w.place "
        "UNION ALL SELECT 0, position - 1, leaf_hash FROM events WHERE position = ANY(%(leaves)s)",
        {
            "levels": [one.level for one in wanted if one.level],
            "places": [one.place for one in wanted if one.level],
            "leaves": [one.place + 1 for one in wanted if not one.level],
        },
    ).fetchall()
    found = {Subtree(level, place): digest for level, place, digest in rows}
    return [found[one] for one in wanted]


def sealed(connection: Connection) -> int:
    """How many events the tree holds. Nobody else seals or signs until this transaction ends."""
    row = connection.execute("SELECT size FROM tree FOR UPDATE").fetchone()
    assert row is not None  # noqa: S101 - the migration made the row
    return int(row[0])


def _take_in(connection: Connection, limit: int) -> tuple[int, int]:
    """Seal the next events, *limit* at most; gives the tree's size, and how many came to it."""
    with connection.transaction():
        size = sealed(connection)
        leaves = [
            leaf
            for (leaf,) in connection.execute(
                "SELECT leaf_hash FROM events WHERE position > %s ORDER BY position LIMIT %s",
                (size, limit),
                binary=True,
            )
        ]
        if leaves:
            edge = hashes(connection, peaks(size))
            _keep(connection, completed(size, edge, leaves))
            connection.execute("UPDATE tree SET size = %s", (size + len(leaves),))
    return size + len(leaves), len(leaves)


def _keep(connection: Connection, made: Iterable[tuple[Subtree, bytes]]) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY subtrees (level, place, hash) FROM STDIN (FORMAT binary)") as copy,
    ):
        copy.set_types(["int2", "int8", "bytea"])
        for subtree, digest in made:
            copy.write_row((subtree.level, subtree.place, digest))

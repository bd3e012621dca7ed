"""Where the views are: the position that they have reached, and who may move it."""

from collections.abc import Sequence

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from ledger.database import Connection
from projections.view import Change, View

BATCH = 2_000
"""Events taken in by one transaction."""


def followed(connection: Connection) -> int:
    """The position up to which the views have taken the ledger in."""
    row = connection.execute("SELECT position FROM follower").fetchone()
    assert row is not None  # noqa: S101 - the migration made the row
    return int(row[0])


def locked_position(connection: Connection) -> int:
    """The same, and no follower moves on until this transaction ends."""
    row = connection.execute("SELECT position FROM follower FOR UPDATE").fetchone()
    assert row is not None  # noqa: S101 - the migration made the row
    return int(row[0])


def locked(connection: Connection, what: str) -> bool:
    """Whether this connection alone now holds the lock on *what*, in this ledger."""
    row = connection.execute(
        "SELECT pg_try_advisory_lock(hashtext(current_schema() || %s))", (what,)
    ).fetchone()
    return bool(row and row[0])


def unlock(connection: Connection, what: str) -> None:
    """Give the lock on *what* back, for others to have as soon as this returns. Closing the
    connection gives it back too, but only once PostgreSQL has noticed."""
    if connection.info.transaction_status is not TransactionStatus.IDLE:
        return  # it is gone, or another thread is at work on it: closing is all there is to do
    try:
        connection.execute("SELECT pg_advisory_unlock(hashtext(current_schema() || %s))", (what,))
    except psycopg.OperationalError:
        if not connection.closed:
            raise


def parked(connection: Connection) -> dict[str, int]:
    """The lives that are parked, each from which position on."""
    return dict(connection.execute("SELECT stream_id, position FROM parked").fetchall())


def write(
    connection: Connection, views: Sequence[View], changes: Sequence[Change], suffix: str = ""
) -> None:
    """Let each view take *changes* in, into its table with *suffix*."""
    if changes:
        for view in views:
            view.write(connection, sql.Identifier(view.name + suffix), changes)

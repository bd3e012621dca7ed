"""Who is at work on a ledger: servers and imports share it, a restore wants it for itself."""

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import LiteralString

import psycopg

from ledger.database import Connection, Database, Unavailable

PATIENCE = 3.0
"""Seconds that PostgreSQL is given to notice that a process has ended."""
_SHARED: LiteralString = (
    "SELECT pg_try_advisory_lock_shared(hashtext(current_schema() || ' at work'))"
)
_ALONE: LiteralString = "SELECT pg_try_advisory_lock(hashtext(%s || ' at work'))"


class BeingRestored(Unavailable):
    """A backup is being put back into this ledger. Start again when that is done."""


class InUse(Exception):
    """A server, an import or another restore is at work on this ledger. Stop it first."""


class Presence:
    """That this process is at work on a ledger, from the first `hold` to `release` or its end."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._connection: Connection | None = None

    def hold(self) -> None:
        """Be there, also after the connection was lost. Refuses with `BeingRestored`."""
        if self._connection is not None:
            try:
                self._connection.execute("SELECT")
            except psycopg.OperationalError:
                self.release()
            else:
                return
        try:
            connection = self.database.connect()
        except psycopg.OperationalError as error:
            raise Unavailable from error
        if not _has(connection, _SHARED):
            connection.close()
            raise BeingRestored
        self._connection = connection

    def release(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


@contextmanager
def alone(owner_url: str, schemas: Collection[str]) -> Iterator[psycopg.Connection]:
    """A connection in autocommit mode, as long as which nobody else is at work on *schemas*."""
    with psycopg.connect(owner_url, autocommit=True, connect_timeout=5) as connection:
        for name in sorted(schemas):
            if not _has(connection, _ALONE, name):
                raise InUse
        yield connection


def _has(connection: Connection, question: LiteralString, *names: str) -> bool:
    deadline = time.monotonic() + PATIENCE
    while True:
        row = connection.execute(question, names).fetchone()
        if row and row[0]:
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)

"""Reading as somebody in particular: the database shows them what they may read, and no more.

What a connection of the role `READER` sees is bounded by row-level security, by the marks of
whoever reads (`domain.rights.marks_of`). A question that forgets to ask whether they may is
answered with nothing.
"""

from collections.abc import Callable, Iterable
from typing import Any, LiteralString, Protocol, TypeVar

import psycopg
from psycopg.rows import TupleRow

from ledger.database import READER, Connection, Database

T = TypeVar("T")


class Reads(Protocol):
    """What a question is asked of."""

    def rows(self, sql: LiteralString, **facts: object) -> list[TupleRow]: ...

    def read(self, query: Callable[[Connection], T]) -> T: ...


class Marked(psycopg.Connection[Any]):
    """A connection that knows for whom it was last used."""

    marks = ""


def reading(database: Database) -> Database:
    """The same ledger, through connections that see only what the marks on them allow."""
    return Database(
        database.url, database.schema, heal=database.heal, role=READER, connection_class=Marked
    )


class Sight:
    """The ledger behind *database*, from `reading`, as whoever has these *marks* sees it."""

    def __init__(self, database: Database, marks: Iterable[str]) -> None:
        self._database = database
        self._marks = " ".join(sorted(marks))

    def rows(self, sql: LiteralString, **facts: object) -> list[TupleRow]:
        """All rows of one query."""
        return self.read(lambda connection: connection.execute(sql, facts).fetchall())

    def read(self, query: Callable[[Connection], T]) -> T:
        """What *query* reads; see `Database.read`."""

        def as_somebody(connection: Connection) -> T:
            assert isinstance(connection, Marked)  # noqa: S101 - `reading` makes no others
            if connection.marks != self._marks:
                connection.execute("SELECT set_config('loft.marks', %s, false)", (self._marks,))
                connection.marks = self._marks
            return query(connection)

        return self._database.read(as_somebody)

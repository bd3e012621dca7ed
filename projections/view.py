"""What a view is: one file, one read model, made of the ledger and of nothing else."""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, LiteralString, NamedTuple

from psycopg import sql

from domain.event import Event
from domain.roster import Roster
from ledger.database import Connection
from ledger.stored import Entry


class Change(NamedTuple):
    """One event, and what it made of one life: usually that of its own stream, but closing a
    case by merging it changes the case that it was merged into too. `roster`: who sat where."""

    entry: Entry
    event: Event
    stream_id: str
    before: Any | None
    after: Any
    roster: Roster

    @property
    def position(self) -> int:
        return self.entry.id

    @property
    def is_own(self) -> bool:
        """Whether the event belongs to the very life that it changed."""
        return self.event.originator_id == self.stream_id


class View(ABC):
    """A table and what each change does to it.

    Raise `version` when the table or its content changes: it is then built anew beside the old
    one and takes its place by one rename. There are no migrations of views.
    """

    name: ClassVar[LiteralString]
    version: ClassVar[int] = 1
    ddl: ClassVar[LiteralString]
    """Creates the table `{table}` and its indexes, which take their names from it."""

    @abstractmethod
    def write(
        self, connection: Connection, table: sql.Identifier, changes: Sequence[Change]
    ) -> None:
        """Take *changes* in, in order, within the caller's transaction."""

    def create(self, connection: Connection, table: str) -> None:
        name = sql.Identifier(table)
        connection.execute(sql.SQL("DROP TABLE IF EXISTS {table}").format(table=name))
        connection.execute(sql.SQL(self.ddl).format(table=name))


def put(connection: Connection, table: sql.Identifier, rows: Iterable[Sequence[object]]) -> None:
    """Add *rows* to *table*, each with a value for every column, in the order of these."""
    some = list(rows)
    if not some:
        return
    if len(some) == 1:  # as while somebody waits for it: COPY asks the server twice
        values = sql.SQL(", ").join([sql.Placeholder()] * len(some[0]))
        one = sql.SQL("INSERT INTO {table} VALUES ({values})").format(table=table, values=values)
        connection.execute(one, some[0])
        return
    into = sql.SQL("COPY {table} FROM STDIN").format(table=table)
    with connection.cursor() as cursor, cursor.copy(into) as copy:
        for row in some:
            copy.write_row(row)


def by_life(changes: Sequence[Change]) -> dict[str, list[Change]]:
    """The changes of each life, in order."""
    lives: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        lives[change.stream_id].append(change)
    return lives


def spans(changes: Sequence[Change]) -> list[tuple[Change, int, int | None]]:
    """Each change of one life with the positions from and to which what it made is current."""
    ends: list[int | None] = [change.position for change in changes[1:]]
    return [(c, c.position, end) for c, end in zip(changes, [*ends, None], strict=True)]


AS_OF: LiteralString = (
    "from_position <= %(as_of)s AND (to_position IS NULL OR to_position > %(as_of)s)"
)
"""The rows that were current at a position. Without one: `to_position IS NULL`."""


def at(as_of: int | None) -> LiteralString:
    """The condition under which a row of a temporal view is current, now or *as_of*."""
    return "to_position IS NULL" if as_of is None else AS_OF

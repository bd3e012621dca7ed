"""In which year which case came before which organ: where it was raised, where it was lifted or
sent to, and what a coordinating organ has discussed."""

from collections.abc import Iterator, Sequence
from typing import TypeGuard

from psycopg import sql

from domain.case import (
    Case,
    CaseDiscussed,
    CaseEscalated,
    CaseRaised,
    CaseReturned,
    DecisionReversed,
)
from domain.entries import EntryWithdrawn
from domain.event import OSLO
from domain.topology import Level
from ledger.database import Connection
from projections.view import Change, View, put


class Matters(View):
    """A row for each time. `year` on a clock in Oslo; `organ` and `level`: those of the holder
    then; `undone_by`: the position at which that was reversed or withdrawn."""

    name = "matters"
    version = 2
    ddl = """
        CREATE TABLE {table} (
            position bigint PRIMARY KEY,
            year int NOT NULL,
            how text COLLATE "C" NOT NULL,
            case_id text COLLATE "C" NOT NULL,
            organ text COLLATE "C" NOT NULL,
            level text COLLATE "C" NOT NULL,
            undone_by bigint
        );
        CREATE INDEX ON {table} (year, level, position);
    """

    def write(
        self, connection: Connection, table: sql.Identifier, changes: Sequence[Change]
    ) -> None:
        put(connection, table, map(_row, _came(changes)))
        undone = {c.event.position: c.position for c in changes if c.is_own and _undoes(c.event)}
        if undone:
            connection.execute(
                sql.SQL(
                    "UPDATE {table} t SET undone_by = u.by "
                    "FROM unnest(%s::bigint[], %s::bigint[]) AS u (position, by) "
                    "WHERE t.position = u.position"
                ).format(table=table),
                (list(undone), list(undone.values())),
            )


def _row(change: Change) -> tuple[object, ...]:
    case: Case = change.after
    year = change.event.occurred_at.astimezone(OSLO).year
    return (
        change.position, year, change.event.TOPIC, case.id, case.holder, case.level.value, None,
    )  # fmt: skip


def _undoes(event: object) -> TypeGuard[EntryWithdrawn | DecisionReversed]:
    """A decision that is only marked as reversed, since others had come after it, did happen."""
    return isinstance(event, EntryWithdrawn) or (
        isinstance(event, DecisionReversed) and event.newest
    )


def _came(changes: Sequence[Change]) -> Iterator[Change]:
    """Teams discuss all that they have; of the others it tells what was on their table in a year
    in which it neither came nor went."""
    for change in changes:
        match change.event:
            case CaseRaised() | CaseEscalated() | CaseReturned():
                yield change
            case CaseDiscussed() if change.after.level is not Level.EXECUTING:
                yield change

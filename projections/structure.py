"""Organs and services as they are and were, and what stands in the plan."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

from domain.case import Case
from domain.meeting import Meeting
from domain.order import Order
from domain.organ import Organ
from domain.person import Person
from domain.service import Service
from ledger.database import Connection, Database
from ledger.recorder import ENTRY, entry
from ledger.sight import Reads
from ledger.stored import Entry
from projections.view import Change, View, at, by_life, spans


class StructureView(View):
    """A row for each state of each organ, service and plan."""

    name = "structure"
    version = 5
    ddl = """
        CREATE TABLE {table} (
            stream_id text COLLATE "C" NOT NULL,
            stream_type text COLLATE "C" NOT NULL,
            state jsonb NOT NULL,
            from_position bigint NOT NULL,
            to_position bigint,
            PRIMARY KEY (stream_id, from_position)
        );
        CREATE UNIQUE INDEX ON {table} (stream_type, stream_id) WHERE to_position IS NULL;
    """

    def write(
        self, connection: Connection, table: sql.Identifier, changes: Sequence[Change]
    ) -> None:
        for stream_id, its in by_life(
            [c for c in changes if not isinstance(c.after, Case | Meeting | Order)]
        ).items():
            connection.execute(
                sql.SQL(
                    "UPDATE {table} SET to_position = %s "
                    "WHERE stream_id = %s AND to_position IS NULL"
                ).format(table=table),
                (its[0].position, stream_id),
            )
            for change, begin, end in spans(its):
                connection.execute(
                    sql.SQL("INSERT INTO {table} VALUES (%s, %s, %s, %s, %s)").format(table=table),
                    (
                        stream_id,
                        change.entry.stream_type,
                        change.after.model_dump_json(),
                        begin,
                        end,
                    ),
                )


def organs(
    database: Database, *, as_of: int | None = None, after: str = "", limit: int = 1000
) -> list[Organ]:
    """The organs as they were *as_of* a position (None: now), by key, after the key *after*."""
    rows = database.rows(
        "SELECT state FROM structure WHERE stream_type = 'organ' AND stream_id > %(after)s AND "
        + at(as_of)
        + " ORDER BY stream_id LIMIT %(limit)s",
        as_of=as_of,
        after=f"organ:{after}",
        limit=limit,
    )
    return [Organ.model_validate(state) for (state,) in rows]


def organ(database: Database, key: str, *, as_of: int | None = None) -> Organ | None:
    """The organ with this key as it was *as_of* a position (None: now)."""
    rows = database.rows(
        "SELECT state FROM structure WHERE stream_id = %(stream)s AND " + at(as_of),
        stream=f"organ:{key}",
        as_of=as_of,
    )
    return Organ.model_validate(rows[0][0]) if rows else None


def services(database: Database, *, as_of: int | None = None) -> list[Service]:
    """The services as they were *as_of* a position (None: now), by key."""
    rows = database.rows(
        "SELECT state FROM structure WHERE stream_type = 'service' AND "
        + at(as_of)
        + " ORDER BY stream_id",
        as_of=as_of,
    )
    return [Service.model_validate(state) for (state,) in rows]


def people(
    database: Database, *, as_of: int | None = None, after: str = "", limit: int = 1000
) -> list[Person]:
    """Those who were registered *as_of* a position (None: now), by id, after the id *after*."""
    rows = database.rows(
        "SELECT state FROM structure WHERE stream_type = 'person' AND stream_id > %(after)s AND "
        + at(as_of)
        + " ORDER BY stream_id LIMIT %(limit)s",
        as_of=as_of,
        after=f"person:{after}",
        limit=limit,
    )
    return [Person.model_validate(state) for (state,) in rows]


@dataclass(frozen=True)
class OwnEntry:
    """An entry of a life that is no case, and the position at which it was withdrawn, if it was."""

    entry: Entry
    withdrawn_by: int | None


def history(
    reads: Reads, stream_id: str, *, as_of: int, after: int = 0, limit: int = 100
) -> list[OwnEntry]:
    """What had happened to a life *as_of* a position, in order, after position *after*."""
    rows = reads.rows(
        "SELECT "
        + ENTRY
        + """,
            (SELECT w.position FROM events w
             WHERE w.stream_id = e.stream_id AND w.name = 'EntryWithdrawn'
                AND w.position <= %(as_of)s AND w.data -> 'position' = to_jsonb(e.position))
        FROM events e
        WHERE e.stream_id = %(stream)s AND e.position > %(after)s AND e.position <= %(as_of)s
        ORDER BY e.position LIMIT %(limit)s
        """,
        stream=stream_id,
        as_of=as_of,
        after=after,
        limit=limit,
    )
    return [OwnEntry(entry(row[:-1]), row[-1]) for row in rows]


def plan_entries(
    database: Database, name: str, *, as_of: int | None = None, after: int = 0, limit: int = 100
) -> list[Entry]:
    """The plan's events of one *name* up to *as_of*, in order, after position *after*, but for
    those that had been withdrawn by then."""
    rows = database.rows(
        "SELECT "
        + ENTRY
        + """
        FROM events e
        WHERE e.stream_type <> 'case' AND e.stream_id = 'plan' AND e.name = %(name)s
            AND e.position <= %(as_of)s AND e.position > %(after)s
            AND NOT EXISTS (
                SELECT FROM events w
                WHERE w.stream_type <> 'case' AND w.stream_id = 'plan'
                    AND w.name = 'EntryWithdrawn' AND w.position <= %(as_of)s
                    AND w.data -> 'position' = to_jsonb(e.position))
        ORDER BY e.position LIMIT %(limit)s
        """,
        name=name,
        as_of=as_of if as_of is not None else 2**62,
        after=after,
        limit=limit,
    )
    return [entry(row) for row in rows]

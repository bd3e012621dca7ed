"""Every entry of every case's history, and what was corrected later."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

from domain.case import Case
from ledger.database import Connection, Database
from ledger.recorder import ENTRY, entry
from ledger.sight import Reads
from ledger.stored import Entry
from projections.view import Change, View


class AuditTrail(View):
    """A row for each event of a case. `corrects`: the position that a correction is about;
    `withdraws`: the one that is withdrawn."""

    name = "audit_trail"
    version = 3
    ddl = """
        CREATE TABLE {table} (
            position bigint PRIMARY KEY,
            case_id text COLLATE "C" NOT NULL,
            corrects bigint,
            withdraws bigint
        );
        CREATE INDEX ON {table} (case_id, position);
        CREATE INDEX ON {table} (corrects, position) WHERE corrects IS NOT NULL;
        CREATE UNIQUE INDEX ON {table} (withdraws) WHERE withdraws IS NOT NULL;
        GRANT SELECT ON {table} TO loft_reader;
    """

    def write(
        self, connection: Connection, table: sql.Identifier, changes: Sequence[Change]
    ) -> None:
        own = [c.position for c in changes if c.is_own and isinstance(c.after, Case)]
        connection.execute(
            sql.SQL(
                "INSERT INTO {table} SELECT position, stream_id, "
                "CASE name WHEN 'EntryCorrected' THEN (data ->> 'position')::bigint END, "
                "CASE name WHEN 'EntryWithdrawn' THEN (data ->> 'position')::bigint END "
                "FROM events WHERE position = ANY(%s)"
            ).format(table=table),
            (own,),
        )


@dataclass(frozen=True)
class HistoryEntry:
    """An entry of the ledger with the positions of the corrections to it, of its reversal, and of
    its withdrawal."""

    entry: Entry
    corrections: list[int]
    reversed_by: int | None
    withdrawn_by: int | None


def history(
    reads: Reads, case_id: str, *, as_of: int, after: int = 0, limit: int = 100
) -> list[HistoryEntry]:
    """The entries of a case after position *after*, as they were known *as_of* a position."""
    rows = reads.rows(
        "SELECT "
        + ENTRY
        + """,
            ARRAY(SELECT c.position FROM audit_trail c
                  WHERE c.corrects = a.position AND c.position <= %(as_of)s ORDER BY c.position),
            CASE WHEN d.reversed_by <= %(as_of)s THEN d.reversed_by END,
            (SELECT w.position FROM audit_trail w
             WHERE w.withdraws = a.position AND w.position <= %(as_of)s)
        FROM audit_trail a JOIN events e USING (position) LEFT JOIN decisions d USING (position)
        WHERE a.case_id = %(case)s AND a.position > %(after)s AND a.position <= %(as_of)s
        ORDER BY a.position LIMIT %(limit)s
        """,
        case=case_id,
        as_of=as_of,
        after=after,
        limit=limit,
    )
    return [HistoryEntry(entry(row[:-3]), *row[-3:]) for row in rows]


def news(reads: Reads, *, after: int, limit: int = 100) -> list[Entry]:
    """What has happened to cases after position *after*, in order, as far as the views go."""
    rows = reads.rows(
        "SELECT "
        + ENTRY
        + """
        FROM audit_trail a JOIN events e USING (position)
        WHERE a.position > %(after)s ORDER BY a.position LIMIT %(limit)s
        """,
        after=after,
        limit=limit,
    )
    return [entry(row) for row in rows]


def entries(reads: Reads, positions: Sequence[int]) -> list[Entry]:
    """Those at these positions that may be read, in order."""
    rows = reads.rows(
        "SELECT " + ENTRY + " FROM events e WHERE e.position = ANY(%(at)s) ORDER BY e.position",
        at=list(positions),
    )
    return [entry(row) for row in rows]


def changed(reads: Reads, *, after: int, until: int) -> list[str]:
    """The ids of the cases to which something has happened after one position, until another."""
    rows = reads.rows(
        "SELECT DISTINCT a.case_id FROM audit_trail a JOIN events e USING (position) "
        "WHERE a.position > %(after)s AND a.position <= %(until)s ORDER BY a.case_id",
        after=after,
        until=until,
    )
    return [case_id for (case_id,) in rows]


def kinds(reads: Reads, *, after: int, until: int) -> list[str]:
    """The kinds of lives (`domain.lives`) to which something has happened after one position, until
    another."""
    rows = reads.rows(
        "SELECT DISTINCT stream_type FROM events "
        "WHERE position > %(after)s AND position <= %(until)s",
        after=after,
        until=until,
    )
    return [kind for (kind,) in rows]


def entry_of(database: Database, case_id: str, position: int) -> int | None:
    """The version of the case at *position*, if that is one of its entries."""
    rows = database.rows(
        "SELECT version FROM events WHERE position = %(position)s AND stream_id = %(case)s",
        position=position,
        case=case_id,
    )
    return int(rows[0][0]) if rows else None


def erasures(database: Database, text_ids: Sequence[str]) -> dict[str, int]:
    """Where each of these texts was erased, by text id."""
    rows = database.rows(
        "SELECT data ->> 'text_id', position FROM events WHERE name = 'TextErased' "
        "AND data ->> 'text_id' = ANY(%(ids)s)",
        ids=list(text_ids),
    )
    return dict(rows)

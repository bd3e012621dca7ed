"""Who may read each case, meeting and order, by now: what the database bounds every read by."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from psycopg import sql
from psycopg.types.json import Jsonb

from domain.case import Case
from domain.meeting import Meeting
from domain.order import Order
from domain.rights import Standing, marks_on
from ledger.database import Connection
from ledger.sight import Reads
from projections.view import Change, View, by_life

Readable = (Case, Meeting, Order)


class Readership(View):
    """A row for each case, meeting and order, as it is now: a read as of earlier is allowed or not
    today. `case_id` is the stream."""

    name = "readership"
    version = 3
    ddl = """
        CREATE TABLE {table} (
            case_id text COLLATE "C" PRIMARY KEY,
            marks text[] NOT NULL,
            openings jsonb
        );
        CREATE INDEX ON {table} USING gin (marks) WITH (fastupdate = off);
        CREATE INDEX ON {table} (case_id) WHERE openings IS NOT NULL;
        CREATE INDEX ON {table} (case_id) WHERE NOT marks @> '{{*}}';
        GRANT SELECT ON {table} TO loft_reader;
    """

    def write(
        self, connection: Connection, table: sql.Identifier, changes: Sequence[Change]
    ) -> None:
        rows = [row for its in by_life(changes).values() if (row := _row(its)) is not None]
        if rows:
            connection.execute(
                sql.SQL(
                    "INSERT INTO {table} SELECT * FROM jsonb_to_recordset(%s) "
                    "AS r (case_id text, marks text[], openings jsonb) "
                    "ON CONFLICT (case_id) DO UPDATE "
                    "SET marks = excluded.marks, openings = excluded.openings"
                ).format(table=table),
                (Jsonb(rows),),
            )


def _row(its: Sequence[Change]) -> dict[str, object] | None:
    """What the changes of one case leave; None where nothing of it has become different."""
    before, after = its[0].before, its[-1].after
    if not isinstance(after, Readable):
        return None
    row = _readership(after)
    return None if isinstance(before, Readable) and _readership(before) == row else row


def _readership(life: Case | Meeting | Order) -> dict[str, object]:
    openings = [
        {"person": one.person, "until": one.until.isoformat()}
        for one in (life.openings if isinstance(life, Case) else ())
    ]
    return {
        "case_id": life.id,
        "marks": sorted(marks_on(life.id, life.readers)),
        "openings": openings or None,
    }


def opened_to(reads: Reads, person: str, at: datetime) -> list[str]:
    """The ids of the restricted cases whose glass *person* has broken, open at the moment *at*."""
    rows = reads.rows(
        "SELECT case_id FROM readership WHERE openings IS NOT NULL AND EXISTS ("
        "SELECT FROM jsonb_to_recordset(openings) AS o (person text, until timestamptz) "
        "WHERE o.person = %(person)s AND o.until > %(at)s) ORDER BY case_id",
        person=person,
        at=at,
    )
    return [case_id for (case_id,) in rows]


def hidden_from(reads: Reads, marks: Sequence[str]) -> list[str]:
    """The ids of the restricted cases that bear none of these marks."""
    rows = reads.rows(
        "SELECT case_id FROM readership WHERE NOT marks @> '{*}' AND NOT marks && %(marks)s "
        "ORDER BY case_id",
        marks=list(marks),
    )
    return [case_id for (case_id,) in rows]


def read_by(reads: Reads, marks: Sequence[str]) -> list[str]:
    """The ids of the cases that bear one of these marks."""
    rows = reads.rows(
        "SELECT case_id FROM readership WHERE marks && %(marks)s "
        "AND case_id NOT LIKE '%%:%%' ORDER BY case_id",
        marks=list(marks),
    )
    return [case_id for (case_id,) in rows]


def looked_through(reads: Reads, standing: Standing, marks: Iterable[str]) -> list[str] | None:
    """The ids of the cases of somebody who reads few, which are all that is looked through for
    them; None where they read every case. What is shown the database bounds all the same."""
    return None if standing.is_wide else read_by(reads, sorted(marks))

"""Each meeting as it is and was: the list, what was postponed, and when organs have met."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import LiteralString

from psycopg import sql
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb
from pydantic import BaseModel, ConfigDict

from domain.agenda import Carried, Item, Waits
from domain.event import day_in_oslo
from domain.meeting import Meeting
from domain.rights import marks_on
from ledger.database import Connection
from ledger.sight import Reads
from projections.view import Change, View, at, by_life, spans


class Meetings(View):
    """A row for each state of each meeting. As it was, it is read by whoever reads it now: all of
    its rows bear the marks of the last one."""

    name = "meetings"
    version = 3
    ddl = """
        CREATE TABLE {table} (
            meeting_id text COLLATE "C" NOT NULL,
            organ text COLLATE "C" NOT NULL,
            starts_at timestamptz NOT NULL,
            status text COLLATE "C" NOT NULL,
            marks text[] NOT NULL,
            closed_position bigint,
            quorate boolean,
            recorded_at timestamptz NOT NULL,
            state jsonb NOT NULL,
            from_position bigint NOT NULL,
            to_position bigint,
            PRIMARY KEY (meeting_id, from_position)
        );
        CREATE UNIQUE INDEX ON {table} (starts_at, meeting_id) WHERE to_position IS NULL;
        CREATE UNIQUE INDEX ON {table} (organ, starts_at, meeting_id) WHERE to_position IS NULL;
        CREATE UNIQUE INDEX ON {table} (organ, starts_at, meeting_id, from_position);
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        CREATE POLICY reader ON {table} FOR SELECT TO loft_reader
            USING (marks && (SELECT marks()));
        GRANT SELECT ON {table} TO loft_reader;
    """

    def write(
        self, connection: Connection, table: sql.Identifier, changes: Sequence[Change]
    ) -> None:
        for meeting_id, its in by_life(
            [change for change in changes if isinstance(change.after, Meeting)]
        ).items():
            last: Meeting = its[-1].after
            marks = sorted(marks_on(last.id, last.readers))
            connection.execute(
                sql.SQL(
                    "UPDATE {table} SET to_position = coalesce(to_position, %(position)s), "
                    "marks = %(marks)s WHERE meeting_id = %(id)s "
                    "AND (to_position IS NULL OR marks <> %(marks)s)"
                ).format(table=table),
                {"position": its[0].position, "marks": marks, "id": meeting_id},
            )
            connection.execute(
                sql.SQL(
                    "INSERT INTO {table} SELECT r.* "
                    "FROM jsonb_populate_recordset(NULL::{table}, %s) r"
                ).format(table=table),
                (Jsonb(list(_rows(its, marks, _closed(connection, table, its)))),),
            )


def _closed(connection: Connection, table: sql.Identifier, its: Sequence[Change]) -> int | None:
    """Where the meeting had been closed before these changes, if it had."""
    before: Meeting | None = its[0].before
    if before is None or before.closing is None:
        return None
    (closed,) = connection.execute(
        sql.SQL("SELECT max(closed_position) FROM {table} WHERE meeting_id = %s").format(
            table=table
        ),
        (before.id,),
    ).fetchall()
    return int(closed[0])


def _rows(
    its: Sequence[Change], marks: Sequence[str], closed: int | None
) -> Iterator[dict[str, object]]:
    for change, begin, end in spans(its):
        meeting: Meeting = change.after
        if change.event.TOPIC == "MeetingClosed":
            closed = change.position
        yield {
            "meeting_id": meeting.id,
            "organ": meeting.organ,
            "starts_at": meeting.starts_at.isoformat(),
            "status": status_of(meeting),
            "marks": marks,
            "closed_position": closed,
            "quorate": meeting.closing.quorate if meeting.closing else None,
            "recorded_at": change.entry.recorded_at.isoformat(),
            "state": meeting.model_dump(mode="json"),
            "from_position": begin,
            "to_position": end,
        }


def status_of(meeting: Meeting) -> str:
    """`convened`, `held` or `cancelled`."""
    if meeting.cancelled is not None:
        return "cancelled"
    return "convened" if meeting.closing is None else "held"


@dataclass(frozen=True)
class MeetingRow:
    """A meeting as it is or was, where its last event stands and when that was recorded, and where
    it was closed."""

    meeting: Meeting
    position: int
    recorded_at: datetime
    closed_position: int | None


class MeetingFilter(BaseModel):
    """What a list of meetings is narrowed to; None is everything. `since` and `until`: moments
    at which it begins."""

    model_config = ConfigDict(frozen=True)

    organ: str | None = None
    status: str | None = None
    since: datetime | None = None
    until: datetime | None = None


_CONDITIONS: dict[str, LiteralString] = {
    "organ": " AND organ = %(organ)s",
    "status": " AND status = %(status)s",
    "since": " AND starts_at >= %(since)s",
    "until": " AND starts_at < %(until)s",
}
_COLUMNS: LiteralString = "SELECT state, from_position, recorded_at, closed_position FROM meetings "


def listed(
    reads: Reads,
    narrow: MeetingFilter,
    *,
    as_of: int | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int = 100,
) -> list[MeetingRow]:
    """At most *limit* meetings as they were *as_of* a position (None: now), in the order in which
    they begin, after the one that begins at that moment and has that id."""
    facts = narrow.model_dump(exclude_none=True)
    query = _COLUMNS + "WHERE " + at(as_of) + " AND (%(moment)s::timestamptz IS NULL OR "
    query += "(starts_at, meeting_id) > (%(moment)s, %(id)s))"
    for name in facts:
        query += _CONDITIONS[name]
    query += " ORDER BY starts_at, meeting_id LIMIT %(limit)s"
    moment, id_ = after or (None, "")
    rows = reads.rows(query, **facts, as_of=as_of, moment=moment, id=id_, limit=limit)
    return [_row(row) for row in rows]


def of_somebody(
    reads: Reads,
    *,
    organs: Sequence[str],
    person: str | None = None,
    guest_of: Sequence[str] = (),
    since: datetime,
) -> list[MeetingRow]:
    """All meetings that begin *since* a moment or later, of these *organs*, or to which this
    *person* is invited or, by these ids, admitted."""
    rows = reads.rows(
        _COLUMNS
        + "WHERE to_position IS NULL AND starts_at >= %(since)s AND (organ = ANY(%(organs)s)"
        " OR state -> 'persons' ? %(person)s OR meeting_id = ANY(%(guest_of)s)) "
        "ORDER BY starts_at, meeting_id",
        since=since,
        organs=list(organs),
        person=person,
        guest_of=list(guest_of),
    )
    return [_row(row) for row in rows]


def one(reads: Reads, meeting_id: str, *, as_of: int | None = None) -> MeetingRow | None:
    """The meeting as it was *as_of* a position (None: now)."""
    rows = reads.rows(
        _COLUMNS + "WHERE meeting_id = %(id)s AND " + at(as_of), id=meeting_id, as_of=as_of
    )
    return _row(rows[0]) if rows else None


def last_held(
    reads: Reads, organ: str, *, before: datetime, as_of: int | None = None
) -> MeetingRow | None:
    """The organ's last meeting that was held before a moment, as it was *as_of* a position (None:
    now)."""
    rows = reads.rows(
        _COLUMNS
        + "WHERE organ = %(organ)s AND status = 'held' AND starts_at < %(before)s AND "
        + at(as_of)
        + " ORDER BY starts_at DESC, meeting_id DESC LIMIT 1",
        organ=organ,
        before=before,
        as_of=as_of,
    )
    return _row(rows[0]) if rows else None


def _row(row: TupleRow) -> MeetingRow:
    state, *rest = row
    return MeetingRow(Meeting.model_validate(state), *rest)


def days_held(
    reads: Reads, organs: Sequence[str], *, as_of: int | None = None
) -> dict[str, list[date]]:
    """By organ, the days in Oslo of the meetings that each of these had held *as_of* a position
    (None: now)."""
    rows = reads.rows(
        "SELECT organ, starts_at FROM meetings WHERE organ = ANY(%(organs)s) AND status = 'held' "
        "AND " + at(as_of) + " ORDER BY starts_at, meeting_id",
        organs=list(organs),
        as_of=as_of,
    )
    found: dict[str, list[date]] = {organ: [] for organ in organs}
    for organ, moment in rows:
        found[organ].append(day_in_oslo(moment))
    return found


def postponed(reads: Reads, meeting: Meeting, *, as_of: int | None = None) -> list[Item]:
    """What earlier meetings of the organ had postponed *as_of* a position (None: now), and no other
    had taken up: as items that wait for this *meeting*."""
    rows = reads.rows(
        "WITH own AS (SELECT * FROM meetings WHERE organ = %(organ)s AND "
        + at(as_of)
        + """)
        SELECT m.meeting_id, i.item
        FROM own m, jsonb_array_elements(m.state -> 'items') WITH ORDINALITY AS i (item, place)
        WHERE m.status = 'held' AND m.starts_at < %(before)s
            AND (i.item ->> 'postponed')::boolean
            AND NOT EXISTS (
                SELECT FROM own t, jsonb_array_elements(t.state -> 'items') AS u (item)
                WHERE t.status <> 'cancelled' AND t.meeting_id <> %(own)s
                    AND u.item -> 'carried' ->> 'meeting' = m.meeting_id
                    AND u.item -> 'carried' -> 'n' = i.item -> 'n')
        ORDER BY m.starts_at, m.meeting_id, i.place
        """,
        organ=meeting.organ,
        before=meeting.starts_at,
        own=meeting.id,
        as_of=as_of,
    )
    return [
        Item(
            n=0,
            why=(Waits.CARRIED_OVER,),
            cases=item["cases"],
            title=item["title"],
            carried=Carried(meeting=held, n=item["n"]),
        )
        for held, item in rows
    ]

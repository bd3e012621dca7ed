"""Each meeting as it is: the list, what was postponed, and the days on which organs have met."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import LiteralString

from psycopg import sql
from psycopg.types.json import Jsonb
from pydantic import BaseModel, ConfigDict

from domain.agenda import Carried, Item, Waits
from domain.event import OSLO
from domain.meeting import Meeting
from domain.rights import marks_on
from ledger.database import Connection
from ledger.sight import Reads
from projections.view import Change, View, by_life


class Meetings(View):
    """A row for each meeting, as it is now. As it was, it is read from the ledger."""

    name = "meetings"
    version = 2
    ddl = """
        CREATE TABLE {table} (
            meeting_id text COLLATE "C" PRIMARY KEY,
            organ text COLLATE "C" NOT NULL,
            starts_at timestamptz NOT NULL,
            status text COLLATE "C" NOT NULL,
            marks text[] NOT NULL,
            closed_position bigint,
            quorate boolean,
            recorded_at timestamptz NOT NULL,
            position bigint NOT NULL,
            state jsonb NOT NULL
        );
        CREATE UNIQUE INDEX ON {table} (starts_at, meeting_id);
        CREATE UNIQUE INDEX ON {table} (organ, starts_at, meeting_id);
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        CREATE POLICY reader ON {table} FOR SELECT TO loft_reader
            USING (marks && (SELECT marks()));
        GRANT SELECT ON {table} TO loft_reader;
    """

    def write(
        self, connection: Connection, table: sql.Identifier, changes: Sequence[Change]
    ) -> None:
        rows = [
            _row(its) for its in by_life(changes).values() if isinstance(its[-1].after, Meeting)
        ]
        if rows:
            connection.execute(
                sql.SQL(
                    "INSERT INTO {table} SELECT r.* FROM jsonb_populate_recordset("
                    "NULL::{table}, %s) r ON CONFLICT (meeting_id) DO UPDATE SET "
                    "starts_at = excluded.starts_at, status = excluded.status, "
                    "marks = excluded.marks, state = excluded.state, "
                    "closed_position = coalesce({table}.closed_position, excluded.closed_position),"
                    " quorate = excluded.quorate, recorded_at = excluded.recorded_at, "
                    "position = excluded.position"
                ).format(table=table),
                (Jsonb(rows),),
            )


def _row(its: Sequence[Change]) -> dict[str, object]:
    meeting: Meeting = its[-1].after
    closings = [c.position for c in its if c.event.TOPIC == "MeetingClosed"]
    return {
        "meeting_id": meeting.id,
        "organ": meeting.organ,
        "starts_at": meeting.starts_at.isoformat(),
        "status": status_of(meeting),
        "marks": sorted(marks_on(meeting.id, meeting.readers)),
        "closed_position": closings[0] if closings else None,
        "quorate": meeting.closing.quorate if meeting.closing else None,
        "recorded_at": its[-1].entry.recorded_at.isoformat(),
        "position": its[-1].position,
        "state": meeting.model_dump(mode="json"),
    }


def status_of(meeting: Meeting) -> str:
    """`convened`, `held` or `cancelled`."""
    if meeting.cancelled is not None:
        return "cancelled"
    return "convened" if meeting.closing is None else "held"


@dataclass(frozen=True)
class MeetingRow:
    """A meeting as it is, where its last event stands, and where it was closed."""

    meeting: Meeting
    position: int
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
_COLUMNS: LiteralString = "SELECT state, position, closed_position FROM meetings "


def listed(
    reads: Reads,
    narrow: MeetingFilter,
    *,
    after: tuple[datetime, str] | None = None,
    limit: int = 100,
) -> list[MeetingRow]:
    """At most *limit* meetings in the order in which they begin, after the one that begins at that
    moment and has that id."""
    facts = narrow.model_dump(exclude_none=True)
    query = _COLUMNS + "WHERE (%(moment)s::timestamptz IS NULL OR "
    query += "(starts_at, meeting_id) > (%(moment)s, %(id)s))"
    for name in facts:
        query += _CONDITIONS[name]
    query += " ORDER BY starts_at, meeting_id LIMIT %(limit)s"
    moment, id_ = after or (None, "")
    rows = reads.rows(query, **facts, moment=moment, id=id_, limit=limit)
    return [MeetingRow(Meeting.model_validate(state), *rest) for state, *rest in rows]


def one(reads: Reads, meeting_id: str) -> MeetingRow | None:
    rows = reads.rows(_COLUMNS + "WHERE meeting_id = %(id)s", id=meeting_id)
    return MeetingRow(Meeting.model_validate(rows[0][0]), *rows[0][1:]) if rows else None


def last_held(
    reads: Reads, organ: str, *, before: datetime, as_of: int = 2**62
) -> MeetingRow | None:
    """The organ's last meeting that was held before a moment, and closed *as_of* a position."""
    rows = reads.rows(
        _COLUMNS + "WHERE organ = %(organ)s AND status = 'held' AND starts_at < %(before)s "
        "AND closed_position <= %(as_of)s ORDER BY starts_at DESC, meeting_id DESC LIMIT 1",
        organ=organ,
        before=before,
        as_of=as_of,
    )
    return MeetingRow(Meeting.model_validate(rows[0][0]), *rows[0][1:]) if rows else None


def days_held(reads: Reads, organ: str, *, as_of: int = 2**62) -> list[date]:
    """The days in Oslo of the meetings that the organ had held *as_of* a position."""
    rows = reads.rows(
        "SELECT starts_at FROM meetings WHERE organ = %(organ)s AND status = 'held' "
        "AND closed_position <= %(as_of)s ORDER BY starts_at, meeting_id",
        organ=organ,
        as_of=as_of,
    )
    return [moment.astimezone(OSLO).date() for (moment,) in rows]


def postponed(reads: Reads, meeting: Meeting) -> list[Item]:
    """What earlier meetings of the organ have postponed, and no other has taken up since: as items
    that wait for this *meeting*."""
    rows = reads.rows(
        """
        SELECT m.meeting_id, i.item
        FROM meetings m, jsonb_array_elements(m.state -> 'items') WITH ORDINALITY AS i (item, place)
        WHERE m.organ = %(organ)s AND m.status = 'held' AND m.starts_at < %(before)s
            AND (i.item ->> 'postponed')::boolean
            AND NOT EXISTS (
                SELECT FROM meetings t, jsonb_array_elements(t.state -> 'items') AS u (item)
                WHERE t.organ = m.organ AND t.status <> 'cancelled' AND t.meeting_id <> %(own)s
                    AND u.item -> 'carried' ->> 'meeting' = m.meeting_id
                    AND u.item -> 'carried' -> 'n' = i.item -> 'n')
        ORDER BY m.starts_at, m.meeting_id, i.place
        """,
        organ=meeting.organ,
        before=meeting.starts_at,
        own=meeting.id,
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

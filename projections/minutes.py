"""What was logged in a meeting: the entries that its minutes are made of."""

from dataclasses import dataclass

from ledger.recorder import ENTRY, entry
from ledger.sight import Reads
from ledger.stored import Entry


def entries(reads: Reads, meeting_id: str, *, as_of: int) -> list[Entry]:
    """What was logged in the meeting *as_of* a position, in order. What was withdrawn there was a
    mistake, and is none of it: it stands in the history of the case, the plan or the meeting."""
    rows = reads.rows(
        "SELECT "
        + ENTRY
        + """
        FROM events e
        WHERE e.data ->> 'meeting' IS NOT NULL AND e.data ->> 'meeting' = %(meeting)s
            AND e.position <= %(as_of)s AND e.name <> 'EntryWithdrawn'
            AND NOT EXISTS (
                SELECT FROM events w
                WHERE w.data ->> 'meeting' IS NOT NULL AND w.data ->> 'meeting' = %(meeting)s
                    AND w.position <= %(as_of)s AND w.name = 'EntryWithdrawn'
                    AND w.data -> 'position' = to_jsonb(e.position))
        ORDER BY e.position
        """,
        meeting=meeting_id,
        as_of=as_of,
    )
    return [entry(row) for row in rows]


@dataclass(frozen=True)
class LoggedAt:
    """Where an entry stands: a case, the plan or the meeting itself, and its version of it."""

    stream_id: str
    stream_type: str
    version: int


def logged_at(reads: Reads, meeting_id: str, position: int) -> LoggedAt | None:
    """The entry at *position*, if it was logged in the meeting."""
    rows = reads.rows(
        "SELECT stream_id, stream_type, version FROM events WHERE position = %(position)s "
        "AND data ->> 'meeting' IS NOT NULL AND data ->> 'meeting' = %(meeting)s",
        position=position,
        meeting=meeting_id,
    )
    return LoggedAt(*rows[0]) if rows else None

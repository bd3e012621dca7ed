"""What was logged in a meeting: the entries that its minutes are made of."""

from dataclasses import dataclass
from typing import LiteralString

from ledger.database import Database
from ledger.recorder import ENTRY, entry
from ledger.sight import Reads
from ledger.stored import Entry


def entries(database: Database, reads: Reads, meeting_id: str, *, as_of: int) -> list[Entry]:
    """What was logged in the meeting *as_of* a position, in order. What was withdrawn there was a
    mistake, and is none of it: it stands in the history of the case, the plan or the meeting.

    Where that stands is asked of the whole *database*, past its bounds: within them the index could
    not be used, since looking into JSON is not leakproof. What stands there is read within those
    of *reads*."""
    found = database.rows(_LOGGED, meeting=meeting_id, as_of=as_of)
    rows = reads.rows(
        "SELECT " + ENTRY + " FROM events e WHERE e.position = ANY(%(logged)s) ORDER BY e.position",
        logged=[position for (position,) in found],
    )
    return [entry(row) for row in rows]


_LOGGED: LiteralString = """
    SELECT e.position FROM events e
    WHERE e.data ->> 'meeting' IS NOT NULL AND e.data ->> 'meeting' = %(meeting)s
        AND e.position <= %(as_of)s AND e.name <> 'EntryWithdrawn'
        AND NOT EXISTS (
            SELECT FROM events w
            WHERE w.data ->> 'meeting' IS NOT NULL AND w.data ->> 'meeting' = %(meeting)s
                AND w.position <= %(as_of)s AND w.name = 'EntryWithdrawn'
                AND w.data -> 'position' = to_jsonb(e.position))
"""


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

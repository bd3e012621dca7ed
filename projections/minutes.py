"""What was logged in a meeting: the entries that its minutes are made of."""

from ledger.recorder import ENTRY, entry
from ledger.sight import Reads
from ledger.stored import Entry


def entries(reads: Reads, meeting_id: str, *, as_of: int) -> list[Entry]:
    """The entries of cases that were logged in the meeting *as_of* a position, in order. What was
    withdrawn there was a mistake, and is none of them: it stands in the case's own history."""
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

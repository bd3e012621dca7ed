"""What a meeting is prepared with: its agenda, and whether the ledger still holds what the last
minutes have printed."""

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from api.agendas import agenda_of
from api.cases import AsOfQuery
from api.desk import Desk
from api.meeting_answers import AgendaAnswer, bare
from api.meetings import MeetingRef, Reading, row_of
from api.problems import declared
from domain.meeting import Closing, Meeting
from ledger.checkpoints import Notary
from ledger.verifier import from_base64, is_consistent
from projections import meetings
from projections.meetings import MeetingRow

PROBLEMS: dict[int | str, dict[str, Any]] = declared(401, 403, 404, 422, 503)
router = APIRouter(prefix="/api/meetings", tags=["meetings"], responses=PROBLEMS)


class LastMinutes(BaseModel):
    """The organ's last minutes, and what they print: so many events, under this root (hex).
    `consistent`: the ledger still begins with these very events; the `proof` (RFC 9162, 2.1.4)
    leads from that root to the one of now. Hashes in hex."""

    meeting: str
    approved: bool
    size: int
    root: str
    consistent: bool
    now_size: int
    now_root: str
    proof: list[str] = Field(description="Empty where it is not consistent.")


class PackAnswer(BaseModel):
    """A meeting's pack; `last` is null before the organ's first minutes."""

    agenda: AgendaAnswer
    last: LastMinutes | None


@router.get("/{meeting}/pack")
def read_pack(
    meeting: MeetingRef, request: Request, desk: Reading, _as_of: AsOfQuery = None
) -> PackAnswer:
    """What a meeting is prepared with: the agenda, and whether the ledger is still consistent with
    the checkpoint that the organ's last minutes have printed. As of any moment, with what the
    ledger holds up to then."""
    row = row_of(meeting, desk)
    return PackAnswer(agenda=agenda_of(desk, row), last=last_minutes(request, desk, row))


def last_minutes(request: Request, desk: Desk, row: MeetingRow) -> LastMinutes | None:
    """None before the organ's first ones."""
    known = desk.as_of.position
    last = meetings.last_held(
        desk.sight, row.meeting.organ, before=row.meeting.starts_at, as_of=known
    )
    if last is None or last.meeting.closing is None:
        return None
    return _checked(request.app.state.notary, last.meeting, last.meeting.closing, known)


def _checked(notary: Notary, meeting: Meeting, closing: Closing, known: int | None) -> LastMinutes:
    """*known*: up to which position the ledger is held against it; None is all of it."""
    tree, first = notary.tree, from_base64(closing.signed_root, 32)
    size = tree.grow()
    size = size if known is None else min(size, known)
    root, proof = tree.root(size), list[bytes]()
    consistent = False
    if closing.signed_size <= size:
        proof = tree.consistency_proof(closing.signed_size, size)
        consistent = is_consistent(closing.signed_size, size, first, root, proof)
    return LastMinutes(
        meeting=bare(meeting.id),
        approved=meeting.approved_at is not None,
        size=closing.signed_size,
        root=first.hex(),
        consistent=consistent,
        now_size=size,
        now_root=root.hex(),
        proof=[one.hex() for one in proof] if consistent else [],
    )

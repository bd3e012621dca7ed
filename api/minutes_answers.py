"""What minutes say, as JSON: of a meeting as it was when it was closed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from api.answers import EntryAnswer
from api.meeting_answers import AgendaItem, CarriedAnswer, CaseInBrief, RemarkAnswer
from domain.agenda import Waits
from domain.seat import SeatRole


class PresentAnswer(BaseModel):
    """Somebody who was there: in a seat, by what it represents, or by their id."""

    seat: int | None
    role: SeatRole | None
    represents: str | None
    service: str | None
    person: str | None


class MinuteAnswer(EntryAnswer):
    """An entry that was logged in the meeting, with the fields of its event beside these. `case` is
    null for what is about the plan; `order`: what was ordered; `late`: which of the corrections to
    it came after the minutes were frozen."""

    case: str | None
    order: str | None
    late: list[int]
    without_quorum: bool = Field(description="A decision for which too few were there.")


class MinutesItem(BaseModel):
    """An item and what was logged on it. `n` is null for what was logged on an item that was taken
    off the agenda afterwards."""

    n: int | None
    why: list[Waits]
    title: str | None
    cases: list[CaseInBrief]
    carried: CarriedAnswer | None
    postponed: bool
    reason: str | None
    entries: list[MinuteAnswer]


class PrintedCheckpoint(BaseModel):
    """What was signed as the meeting was closed, and its short form, which is printed."""

    size: int
    root: str
    short: str


class MinutesAnswer(BaseModel):
    """A meeting's minutes. `frozen` as they were at `position`, where it was closed, but for words
    that have been erased since; a `draft` until then. Remarks and late corrections stand beside."""

    id: str
    organ: str
    organ_name: str | None
    starts_at: datetime
    place: str | None
    state: Literal["draft", "frozen", "cancelled"]
    position: int
    closed_at: datetime | None
    present: list[PresentAnswer]
    guests: list[str]
    quorate: bool | None
    items: list[MinutesItem]
    news: list[CaseInBrief]
    approved_at: str | None
    signed: PrintedCheckpoint | None
    remarks: list[RemarkAnswer]


def items_with(
    items: Iterable[AgendaItem], entries: Iterable[tuple[int | None, MinuteAnswer]]
) -> list[MinutesItem]:
    """Each item with the entries that were logged on it, by its number; last, those of items that
    are not on the agenda any more."""
    logged: dict[int | None, list[MinuteAnswer]] = {}
    for n, entry in entries:
        logged.setdefault(n, []).append(entry)
    found = [MinutesItem(**dict(item), entries=logged.pop(item.n, [])) for item in items]
    left = [entry for its in logged.values() for entry in its]
    if left:
        found.append(
            MinutesItem(
                n=None,
                why=[],
                title=None,
                cases=[],
                carried=None,
                postponed=False,
                reason=None,
                entries=left,
            )
        )
    return found

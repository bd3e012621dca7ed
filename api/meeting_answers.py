"""What is answered of meetings, as JSON."""

from collections.abc import Iterator
from datetime import date, datetime

from pydantic import BaseModel, Field

from api.answers import Page, Wording, in_oslo
from domain.agenda import Item, Waits
from domain.meeting import Meeting
from domain.text import Text
from projections.meetings import status_of


class CarriedAnswer(BaseModel):
    """The item of an earlier meeting that was postponed."""

    meeting: str
    n: int


class ItemAnswer(BaseModel):
    """An item, with its number; `cases` by id."""

    n: int
    why: list[Waits]
    cases: list[str]
    title: str | None
    carried: CarriedAnswer | None
    postponed: bool
    reason: str | None = Field(description="Why it was postponed.")


class SignedAnswer(BaseModel):
    """What the ledger held as the meeting was closed: so many events, under this root (base64)."""

    size: int
    root: str


class RemarkAnswer(BaseModel):
    n: int | None
    text: str | None
    at: datetime
    by: str


class MeetingAnswer(BaseModel):
    """A meeting. `quorate`: whether enough were there to decide; null until it is closed, and where
    nobody sits in the organ."""

    id: str
    organ: str
    starts_at: datetime
    ends_at: datetime | None = Field(description="When it is meant to end, if that was said.")
    place: str | None
    status: str = Field(description="`convened`, `held` or `cancelled`.")
    seats: list[int]
    persons: list[str]
    items: list[ItemAnswer]
    attended: bool
    seats_there: list[int]
    persons_there: list[str]
    guests: list[str]
    quorate: bool | None
    closed_at: datetime | None
    signed: SignedAnswer | None
    approved_at: str | None
    reason: str | None = Field(description="Why it was cancelled.")
    remarks: list[RemarkAnswer]
    version: int


class MeetingPage(Page[MeetingAnswer]):
    pass


class CaseInBrief(BaseModel):
    """A case as an agenda shows it; `number`, `title` and the rest are null where it is not for
    whoever asks, or their token reads no cases."""

    id: str
    number: str | None = None
    title: str | None = None
    status: str | None = None
    holder: str | None = None
    answer_owed: list[str] = []
    due_on: date | None = None


class AgendaItem(BaseModel):
    """An item with what it is about. `n` is null while it only waits."""

    n: int | None
    why: list[Waits]
    title: str | None
    cases: list[CaseInBrief]
    carried: CarriedAnswer | None
    postponed: bool
    reason: str | None


class AgendaAnswer(BaseModel):
    """The agenda in its order; what waits and is not on it, the most pressing first; and what has
    happened at the level below since the organ last met."""

    id: str
    version: int
    items: list[AgendaItem]
    waiting: list[AgendaItem]
    news: list[CaseInBrief]


def meeting_texts(meeting: Meeting) -> Iterator[Text]:
    """All texts of a meeting but the titles of what was carried over."""
    texts = [meeting.place, meeting.cancelled, *(item.title for item in meeting.items)]
    texts += [item.reason for item in meeting.items]
    yield from (text for text in [*texts, *(r.text for r in meeting.remarks)] if text is not None)


def bare(stream: str) -> str:
    """The id of a meeting, as addresses have it."""
    return stream.removeprefix("meeting:")


def carried_answer(item: Item) -> CarriedAnswer | None:
    if item.carried is None:
        return None
    return CarriedAnswer(meeting=bare(item.carried.meeting), n=item.carried.n)


def meeting_answer(meeting: Meeting, wording: Wording) -> MeetingAnswer:
    closing = meeting.closing
    return MeetingAnswer(
        id=bare(meeting.id),
        organ=meeting.organ,
        starts_at=in_oslo(meeting.starts_at),
        ends_at=in_oslo(meeting.ends_at) if meeting.ends_at else None,
        place=wording.of(meeting.place),
        status=status_of(meeting),
        seats=meeting.seats,
        persons=meeting.persons,
        items=[_item(item, wording) for item in meeting.items],
        attended=meeting.attended,
        seats_there=meeting.seats_there,
        persons_there=meeting.persons_there,
        guests=meeting.guests,
        quorate=closing.quorate if closing else None,
        closed_at=in_oslo(closing.at) if closing else None,
        signed=SignedAnswer(size=closing.signed_size, root=closing.signed_root)
        if closing
        else None,
        approved_at=bare(meeting.approved_at) if meeting.approved_at else None,
        reason=wording.of(meeting.cancelled),
        remarks=remark_answers(meeting, wording),
        version=meeting.version,
    )


def remark_answers(meeting: Meeting, wording: Wording) -> list[RemarkAnswer]:
    return [
        RemarkAnswer(n=r.n, text=wording.of(r.text), at=in_oslo(r.at), by=r.by.id)
        for r in meeting.remarks
    ]


def _item(item: Item, wording: Wording) -> ItemAnswer:
    return ItemAnswer(
        n=item.n,
        why=item.why,
        cases=item.cases,
        title=wording.of(item.title),
        carried=carried_answer(item),
        postponed=item.postponed,
        reason=wording.of(item.reason) if item.postponed else None,
    )

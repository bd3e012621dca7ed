"""Minutes: rendered from the events of a meeting, frozen when it is closed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from api import minutes_pdf
from api.agendas import news_for, shown, told
from api.answers import Wording, about, entry_fields, in_oslo
from api.cases import AsOfQuery
from api.desk import Desk
from api.meeting_answers import CaseInBrief, bare, meeting_texts, remark_answers
from api.meetings import MeetingRef, Reading, row_of
from api.minutes_answers import (
    MinuteAnswer,
    MinutesAnswer,
    PresentAnswer,
    PrintedCheckpoint,
    items_with,
)
from api.minutes_sheet import sheet_of
from api.page import rendered
from api.printed import printed
from api.problems import NotFound, declared
from domain.meeting import Meeting
from domain.organ import Organ
from ledger.checkpoints import Notary
from ledger.signing import qr_svg
from ledger.stored import Entry, EventMapper
from ledger.texts import texts_in
from ledger.verifier import TreeHead, from_base64
from projections import minutes, structure
from projections.corrections import corrections, entries_at
from projections.meetings import MeetingRow

PROBLEMS: dict[int | str, dict[str, Any]] = declared(401, 403, 404, 422, 503)
router = APIRouter(prefix="/api/meetings", tags=["meetings"], responses=PROBLEMS)
FORMS: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "text/html": {"schema": {"type": "string"}},
            "application/pdf": {"schema": {"type": "string", "format": "binary"}},
        }
    }
}
Form = Annotated[Literal["json", "html", "pdf"], Query(alias="format")]


@router.get("/{meeting}/minutes", response_model=MinutesAnswer, responses=FORMS)
def read_minutes(
    meeting: MeetingRef,
    request: Request,
    desk: Reading,
    form: Form = "json",
    _as_of: AsOfQuery = None,
) -> MinutesAnswer | Response:
    """A meeting's minutes: as JSON, as a page to print, or as PDF/A. A draft until it is closed,
    then frozen, but for words that have been erased since."""
    row = row_of(meeting, desk)
    head, then = _head(request, row.meeting), _then(desk, row.meeting, row.closed_position)
    told = _minutes(desk, row, then, head)
    told.news = news_told(desk, row)
    if form == "json":
        return told
    sheet = sheet_of(told, then.names)
    code = qr_svg(head) if head is not None else None
    if form == "pdf":
        return Response(minutes_pdf.rendered(sheet, code), media_type="application/pdf")
    page = printed(sheet.title, rendered("minutes", sheet=sheet, code=code))
    return Response(page, media_type="text/html; charset=utf-8")


def without_news(request: Request, desk: Desk, row: MeetingRow) -> MinutesAnswer:
    """A meeting's minutes, for whoever shows the news of the levels below apart, if at all."""
    then = _then(desk, row.meeting, row.closed_position)
    return _minutes(desk, row, then, _head(request, row.meeting))


def news_told(desk: Desk, row: MeetingRow) -> list[CaseInBrief]:
    found = news_for(desk, row.meeting, row.closed_position or desk.as_of.position)
    return [told(desk, case) for case in found]


@dataclass(frozen=True)
class Then:
    """A meeting as it was at a position: its organ, what was logged in it, and the corrections to
    each entry, also those that have come since. `words` are those that still stand."""

    meeting: Meeting
    organ: Organ
    entries: list[Entry]
    corrections: dict[int, list[Entry]]
    position: int
    words: Wording
    names: dict[str, str]
    """What organs and services were called, by key."""
    written: EventMapper

    def decided(self, entry: Entry) -> bool:
        return self.written.to_domain_event(entry).is_decision


@dataclass(frozen=True)
class NamesThen:
    """What services were called."""

    names: dict[str, str]

    def name_of(self, key: str | None) -> str | None:
        return self.names.get(key, key) if key is not None else None


def _then(desk: Desk, now: Meeting, closed: int | None) -> Then:
    """As it was where it was *closed*; until then, as it is."""
    as_of = closed or desk.as_far_as_known.bound
    seen = desk.engine.load(Meeting, now.id, as_of)
    organs = structure.organs(desk.database, as_of=as_of)
    organ = next((one for one in organs if one.key == now.organ), None)
    if seen is None or organ is None:
        raise NotFound
    found = minutes.entries(desk.database, desk.sight, now.id, as_of=as_of)
    if not desk.reads_cases:
        found = [one for one in found if one.stream_type != "case"]
    made = corrections(
        desk.engine, {str(one.originator_id) for one in found}, as_of=desk.as_far_as_known.bound
    )
    correcting = entries_at(desk.engine, {one.position for one in made})
    of_each: dict[int, list[Entry]] = {}
    for one in made:
        of_each.setdefault(one.event.position, []).append(correcting[one.position])
    services = structure.services(desk.database, as_of=as_of)
    texts = [text.id for text in meeting_texts(now)]
    texts += [seat.represents.id for seat in organ.seats if seat.represents is not None]
    called = {one.key: one.name for one in organs} | {one.key: one.name for one in services}
    texts += [name.id for name in called.values()]
    words = desk.wording([*texts, *texts_in([*found, *correcting.values()])])
    names = {key: words.of(name) or key for key, name in called.items()}
    naming = Wording(words.words, words.erased, NamesThen({s.key: names[s.key] for s in services}))
    return Then(seen.state, organ, found, of_each, as_of, naming, names, desk.engine.written)


def _minutes(desk: Desk, row: MeetingRow, then: Then, head: TreeHead | None) -> MinutesAnswer:
    now, meeting, closing = row.meeting, then.meeting, then.meeting.closing
    known = row.closed_position or desk.as_of.position
    state: Literal["draft", "frozen", "cancelled"] = "frozen" if closing else "draft"
    return MinutesAnswer(
        id=bare(meeting.id),
        organ=meeting.organ,
        organ_name=then.names[meeting.organ],
        starts_at=in_oslo(meeting.starts_at),
        place=then.words.of(meeting.place),
        state="cancelled" if meeting.cancelled else state,
        position=then.position,
        closed_at=in_oslo(closing.at) if closing else None,
        present=list(_present(then)),
        guests=meeting.guests,
        quorate=closing.quorate if closing else None,
        items=items_with(
            shown(desk, meeting.items, {}, known),
            ((entry.data.get("item"), _entry(entry, then)) for entry in then.entries),
        ),
        news=[],
        approved_at=bare(now.approved_at) if now.approved_at else None,
        signed=PrintedCheckpoint(size=head.size, root=head.root.hex(), short=head.short)
        if head is not None
        else None,
        remarks=remark_answers(now, then.words),
    )


def _present(then: Then) -> Iterator[PresentAnswer]:
    for seat in then.organ.seats:
        if seat.n in then.meeting.seats_there:
            yield PresentAnswer(
                seat=seat.n,
                role=seat.role,
                represents=then.words.of(seat.represents),
                service=then.words.structure.name_of(seat.service),
                person=seat.person,
            )
    for person in then.meeting.persons_there:
        yield PresentAnswer(seat=None, role=None, represents=None, service=None, person=person)


def _entry(entry: Entry, then: Then) -> MinuteAnswer:
    made = then.corrections.get(entry.id, [])
    closing = then.meeting.closing
    decides = bool(closing and closing.quorate is False) and then.decided(entry)
    return MinuteAnswer.model_validate(
        {
            **entry_fields(entry, then.words, corrections=made),
            **about(entry),
            "late": [one.id for one in made if one.id > then.position],
            "without_quorum": decides,
        }
    )


def _head(request: Request, meeting: Meeting) -> TreeHead | None:
    """What was signed as the meeting was closed, under the name of this ledger."""
    if meeting.closing is None:
        return None
    notary: Notary = request.app.state.notary
    root = from_base64(meeting.closing.signed_root, 32)
    return TreeHead(notary.origin, meeting.closing.signed_size, root)

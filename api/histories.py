"""The histories of what is no case: meetings, organs, services, people, the municipality, the plan.
And the erasure of words that were typed there, or in an order."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from api import bodies, orders
from api.annual import Reading, ReportIsADraft, Writing, Year, is_open_to
from api.answers import EntryAnswer, EntryPage, entry_fields
from api.cases import AsOfQuery, Cursor, Limit
from api.cursors import after_position
from api.desk import Desk
from api.erasures import erased, still_there, words_of_text
from api.meetings import MeetingRef, row_of, stream_of
from api.orders import Ordering, OrderRef
from api.organs import OrganKey
from api.problems import NotFound, declared
from api.seating import commanded, opened
from api.services import ServiceKey
from domain import entries
from domain.annual_report import report_id
from domain.errors import ServiceUnknown
from domain.lives import life_at
from domain.municipality import MUNICIPALITY
from domain.organ import organ_id
from domain.person import person_id
from domain.plan import PLAN, Plan
from domain.rights import Action
from domain.service import service_id
from ledger.texts import texts_in
from projections import structure

PROBLEMS: dict[int | str, dict[str, Any]] = declared(401, 403, 404, 409, 412, 413, 422, 503)
router = APIRouter(prefix="/api", tags=["histories"], responses=PROBLEMS)
CREATED: dict[int | str, dict[str, Any]] = {201: {"model": EntryAnswer}}

PersonId = Annotated[str, Path(max_length=100)]
ReadingMeetings = Annotated[Desk, opened(Action.READ_MEETINGS)]
ReadingPlan = Annotated[Desk, opened(Action.READ_PLAN)]
ReadingPeople = Annotated[Desk, opened(Action.READ_PEOPLE)]
Meeting_ = Annotated[Desk, commanded(Action.MEET)]
Changing = Annotated[Desk, commanded(Action.STRUCTURE)]
Planning = Annotated[Desk, commanded(Action.PLAN)]


@router.get("/meetings/{meeting}/history")
def of_a_meeting(
    meeting: MeetingRef,
    desk: ReadingMeetings,
    _as_of: AsOfQuery = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> EntryPage:
    """Everything that was done with a meeting, oldest first."""
    return _history(desk, row_of(meeting, desk).meeting.id, limit, cursor)


@router.get("/organs/{key}/history")
def of_an_organ(
    key: OrganKey,
    desk: ReadingPlan,
    _as_of: AsOfQuery = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> EntryPage:
    """Everything that has changed an organ, oldest first."""
    return _history(desk, organ_id(key), limit, cursor)


@router.get("/services/{service}/history")
def of_a_service(
    service: ServiceKey,
    desk: ReadingPlan,
    _as_of: AsOfQuery = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> EntryPage:
    """Everything that has changed a service, oldest first."""
    return _history(desk, _service(desk, service), limit, cursor)


@router.get("/persons/{person}/history")
def of_a_person(
    person: PersonId,
    desk: ReadingPeople,
    _as_of: AsOfQuery = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> EntryPage:
    """What was recorded about somebody's access, oldest first."""
    return _history(desk, person_id(person), limit, cursor)


@router.get("/municipality/history")
def of_the_municipality(
    desk: ReadingPlan, _as_of: AsOfQuery = None, limit: Limit = 100, cursor: Cursor = None
) -> EntryPage:
    """Everything that has changed the municipality's own settings, oldest first."""
    return _history(desk, MUNICIPALITY, limit, cursor)


@router.get("/plan/history")
def of_the_plan(
    desk: ReadingPlan, _as_of: AsOfQuery = None, limit: Limit = 100, cursor: Cursor = None
) -> EntryPage:
    """Everything that was set, adopted, reported and observed, oldest first."""
    return _history(desk, PLAN, limit, cursor)


@router.get("/reports/annual/{year}/history")
def of_a_report(
    year: Year, desk: Reading, _as_of: AsOfQuery = None, limit: Limit = 100, cursor: Cursor = None
) -> EntryPage:
    """What was said and written for a year's report, oldest first; of a draft, to whom that is
    open."""
    if not is_open_to(desk, year):
        raise ReportIsADraft
    return _history(desk, report_id(year), limit, cursor)


def _service(desk: Desk, name: str) -> str:
    """The stream of the service with this key or name. Refuses with `NotFound`."""
    try:
        return service_id(desk.structure.service(name))
    except ServiceUnknown:
        raise NotFound from None


def _history(desk: Desk, stream: str, limit: int, cursor: str | None) -> EntryPage:
    """Refuses with `NotFound` where nothing has happened to it yet."""
    after = after_position(cursor)
    if "\x00" in stream:
        raise NotFound
    found = structure.history(
        desk.sight, stream, as_of=desk.as_far_as_known.bound, after=after, limit=limit
    )
    if not found and not after:
        raise NotFound
    wording = desk.wording(texts_in([one.entry for one in found]))
    items = [
        EntryAnswer.model_validate(entry_fields(one.entry, wording, withdrawn_by=one.withdrawn_by))
        for one in found
    ]
    last = items[-1].position if len(items) == limit else None
    return EntryPage(items=items, next=desk.page(last))


@router.post(
    "/meetings/{meeting}/erasures", status_code=201, response_class=Response, responses=CREATED
)
def in_a_meeting(
    meeting: MeetingRef, body: bodies.Erasure, request: Request, desk: Meeting_
) -> Response:
    """Erase words that were typed in a meeting; frozen minutes show that they are gone."""
    return _erase(desk, request, stream_of(meeting), body)


@router.post(
    "/orders/{order}/erasures", status_code=201, response_class=Response, responses=CREATED
)
def in_an_order(
    order: OrderRef, body: bodies.Erasure, request: Request, desk: Ordering
) -> Response:
    """Erase words of an order."""
    return _erase(desk, request, orders.stream_of(order), body)


@router.post("/organs/{key}/erasures", status_code=201, response_class=Response, responses=CREATED)
def in_an_organ(key: OrganKey, body: bodies.Erasure, request: Request, desk: Changing) -> Response:
    """Erase words that were typed about an organ; without a name it goes by its key."""
    return _erase(desk, request, organ_id(key), body)


@router.post(
    "/services/{service}/erasures", status_code=201, response_class=Response, responses=CREATED
)
def in_a_service(
    service: ServiceKey, body: bodies.Erasure, request: Request, desk: Changing
) -> Response:
    """Erase a name of a service; without one it goes by its key."""
    return _erase(desk, request, _service(desk, service), body)


@router.post(
    "/persons/{person}/erasures", status_code=201, response_class=Response, responses=CREATED
)
def in_a_person(
    person: PersonId, body: bodies.Erasure, request: Request, desk: Changing
) -> Response:
    """Erase somebody's name; without it they go by their id."""
    return _erase(desk, request, person_id(person), body)


@router.post("/municipality/erasures", status_code=201, response_class=Response, responses=CREATED)
def in_the_municipality(body: bodies.Erasure, request: Request, desk: Changing) -> Response:
    """Erase words of the municipality's own settings."""
    return _erase(desk, request, MUNICIPALITY, body)


@router.post("/plan/erasures", status_code=201, response_class=Response, responses=CREATED)
def in_the_plan(body: bodies.Erasure, request: Request, desk: Planning) -> Response:
    """Erase words that were typed in the plan."""
    return _erase(desk, request, PLAN, body)


@router.post(
    "/reports/annual/{year}/erasures", status_code=201, response_class=Response, responses=CREATED
)
def in_a_report(year: Year, body: bodies.Erasure, request: Request, desk: Writing) -> Response:
    """Erase words that were typed in a year's report; a frozen one shows that they are gone."""
    return _erase(desk, request, report_id(year), body)


def _erase(desk: Desk, request: Request, stream: str, body: bodies.Erasure) -> Response:
    at, text_id = desk.at(body), str(body.text_id)
    if "\x00" in stream:
        raise NotFound
    words, reason = words_of_text(desk, stream, text_id), desk.write(body.reason, body)
    kind: type[Any] = life_at(stream).state
    seen = desk.engine.act(
        kind,
        stream,
        lambda life: entries.erase(
            life,
            text_id=still_there(text_id, words),
            legal_basis=body.legal_basis,
            reason=reason,
            asked_by=body.asked_by,
            by=desk.by(body),
            at=at,
        ),
        command=desk.command,
        drafts=desk.pen.drafts,
        erases=[text_id],
        absent=Plan() if stream == PLAN else None,
    )
    erased(desk, request, seen, words)
    return desk.answer_entry(seen)

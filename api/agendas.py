"""A meeting's agenda: it builds itself from what waits, and is then arranged by hand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path, Response

from api import meeting_bodies as bodies
from api.answers import due_days
from api.cases import AsOfQuery
from api.desk import Desk, etag
from api.meeting_answers import (
    AgendaAnswer,
    AgendaItem,
    CaseInBrief,
    bare,
    carried_answer,
)
from api.meetings import (
    CREATED,
    PROBLEMS,
    Meeting_,
    MeetingRef,
    Reading,
    act,
    load,
    row_of,
)
from api.problems import NotFound
from domain.agenda import Item, Waits, item_of
from domain.case import Case
from domain.errors import VersionUnsaid
from domain.meeting import Meeting
from domain.policy import Policy
from domain.text import Text
from domain.topology import Topology
from projections import agenda, case_status, meetings
from projections.agenda import MOST, WaitingCase
from projections.case_status import CaseFilter
from projections.meetings import MeetingRow

router = APIRouter(prefix="/api/meetings", tags=["meetings"], responses=PROBLEMS)
ItemNumber = Annotated[int, Path(ge=1, le=1_000_000)]


@router.get("/{meeting}/agenda", response_model=AgendaAnswer)
def read_agenda(meeting: MeetingRef, desk: Reading, _as_of: AsOfQuery = None) -> Response:
    """The agenda as it stands or stood, what waits and is not on it yet, and the news from below.
    Its ETag is what it is arranged with."""
    row = row_of(meeting, desk)
    headers = {"ETag": etag(row.meeting.version), "Loft-Position": str(row.position)}
    answer = agenda_of(desk, row).model_dump_json()
    return Response(answer, headers=headers, media_type="application/json")


def agenda_of(desk: Desk, row: MeetingRow, *, most: int = MOST) -> AgendaAnswer:
    """For a meeting that is over nothing waits, and its agenda is as it was when it was closed.
    *most*: so much of what waits, the most pressing."""
    found, as_of = row.meeting, row.closed_position or desk.as_of.position
    return AgendaAnswer(
        id=bare(found.id),
        version=found.version,
        items=shown(desk, found.items, {}, as_of),
        waiting=waiting_for(desk, row, most=most).items if most else [],
        news=[told(desk, case) for case in news_for(desk, found, as_of)],
    )


@dataclass(frozen=True)
class Waiting:
    """What is not on an agenda yet, and whether more of it is left out."""

    items: list[AgendaItem]
    more: bool


def waiting_for(desk: Desk, row: MeetingRow, *, most: int = MOST) -> Waiting:
    """*most* of what waits, the most pressing."""
    found, as_of = row.meeting, row.closed_position or desk.as_of.position
    if not found.is_open:
        return Waiting([], more=False)
    on_it = len({case for item in found.items for case in item.cases})
    waiting, every = _waiting(desk, found, as_of=as_of, most=most + on_it + 1)
    items = every[:most]
    meant = {case for item in items for case in item.cases}
    waiting = [case for case in waiting if case.case in meant]
    if desk.reads_cases:
        desk.shows(case.case for case in waiting)
    briefs = {case.case: told(desk, case) for case in waiting}
    return Waiting(shown(desk, items, briefs, as_of), more=len(every) > most)


@router.post("/{meeting}/agenda", status_code=201, response_class=Response, responses=CREATED)
def draw_up(meeting: MeetingRef, body: bodies.DrawingUp, desk: Meeting_) -> Response:
    """Put all that waits on the agenda, or some of it."""
    _, waiting = _waiting(desk, load(desk, meeting).state)
    wanted, about = set(body.why or Waits), {desk.case_id(ref) for ref in body.cases}
    items = tuple(
        item
        for item in waiting
        if not wanted.isdisjoint(item.why) and (not about or not about.isdisjoint(item.cases))
    )
    return act(desk, meeting, body, lambda life, by, at: life.draw_up(waiting=items, by=by, at=at))


@router.post("/{meeting}/agenda/items", status_code=201, response_class=Response, responses=CREATED)
def add_item(meeting: MeetingRef, body: bodies.ItemAdding, desk: Meeting_) -> Response:
    """Put an item on the agenda by hand: about cases, or what its title says."""
    title = desk.write_if(body.title, body)
    cases = tuple(_readable(desk, ref) for ref in body.cases)
    return act(
        desk,
        meeting,
        body,
        lambda life, by, at: life.add_item(cases=cases, title=title, by=by, at=at),
    )


@router.post(
    "/{meeting}/agenda/arrangement", status_code=201, response_class=Response, responses=CREATED
)
def arrange(meeting: MeetingRef, body: bodies.Arranging, desk: Meeting_) -> Response:
    """Put the agenda in another order. If-Match must say which agenda was read, so that nobody puts
    away what somebody else has arranged since: the second of two who do so gets 412."""
    if desk.command.if_version is None:
        raise VersionUnsaid
    order = tuple(body.order)
    return act(desk, meeting, body, lambda life, by, at: life.arrange(order=order, by=by, at=at))


@router.post(
    "/{meeting}/items/{n}/removal", status_code=201, response_class=Response, responses=CREATED
)
def take_off(meeting: MeetingRef, n: ItemNumber, body: bodies.Plain, desk: Meeting_) -> Response:
    """Take an item off the agenda."""
    return act(desk, meeting, body, lambda life, by, at: life.take_off(n, by=by, at=at))


@router.post(
    "/{meeting}/items/{n}/postponement",
    status_code=201,
    response_class=Response,
    responses=CREATED,
)
def postpone(
    meeting: MeetingRef, n: ItemNumber, body: bodies.Postponing, desk: Meeting_
) -> Response:
    """Postpone an item: it waits for the organ's next meeting."""
    reason = desk.write_if(body.reason, body)
    return act(
        desk, meeting, body, lambda life, by, at: life.postpone(n, reason=reason, by=by, at=at)
    )


@router.post(
    "/{meeting}/items/{n}/taking-up", status_code=201, response_class=Response, responses=CREATED
)
def take_up(meeting: MeetingRef, n: ItemNumber, body: bodies.Plain, desk: Meeting_) -> Response:
    """Take up an item after all that was postponed in this meeting."""
    return act(desk, meeting, body, lambda life, by, at: life.take_up(n, by=by, at=at))


# What waits.


def news_for(desk: Desk, meeting: Meeting, as_of: int | None = None) -> list[WaitingCase]:
    """What has happened below since the organ's last meeting. *as_of*: where it was closed, or up
    to where it is asked for."""
    last = meetings.last_held(desk.sight, meeting.organ, before=meeting.starts_at, as_of=as_of)
    since = last.closed_position if last is not None else None
    topology = _topology(desk, as_of)
    found = agenda.news(desk.sight, meeting.organ, topology, since=since or 0, as_of=as_of)
    if desk.reads_cases:
        desk.shows(case.case for case in found)
    return found


def _topology(desk: Desk, as_of: int | None) -> Topology:
    return desk.topology if as_of is None else desk.structure.topology_at(as_of)


def _waiting(
    desk: Desk, meeting: Meeting, *, as_of: int | None = None, most: int = MOST
) -> tuple[list[WaitingCase], list[Item]]:
    """*most* of the cases that wait for the organ, and the items that are not on its agenda yet."""
    today = desk.today if as_of is None else desk.as_of.today
    waiting = agenda.waiting(desk.sight, meeting.organ, today=today, as_of=as_of, most=most)
    carried = meetings.postponed(desk.sight, meeting, as_of=as_of)
    return waiting, _not_yet(meeting, _topology(desk, as_of), waiting, carried)


def _not_yet(
    meeting: Meeting, topology: Topology, waiting: Iterable[WaitingCase], carried: Iterable[Item]
) -> list[Item]:
    """What is not on the agenda yet: the news where there is a level below, what was carried over,
    and each case that waits. Of a case for which both goes there is one item."""
    whys = {frozenset({case.case}): tuple(case.why) for case in waiting}
    below = any(topology.is_below(key, meeting.organ) for key in topology.organs)
    standing = [Item(n=0, why=(Waits.NEWS,))] if below else []
    again = [
        item.model_copy(update={"why": (*item.why, *whys.get(frozenset(item.cases), ()))})
        for item in carried
    ]
    cases = [Item(n=0, why=why, cases=tuple(case)) for case, why in whys.items()]
    known = {item.subject for item in meeting.items}
    every = {item.subject: item for item in reversed([*standing, *again, *cases])}
    return [item for item in reversed(every.values()) if item.subject not in known]


# What is shown of it.


def shown(
    desk: Desk,
    items: Iterable[Item],
    known: Mapping[str, CaseInBrief],
    as_of: int | None = None,
) -> list[AgendaItem]:
    """*items* with what is *known* of their cases; the others are read as they were *as_of*."""
    items = list(items)
    missing = {case for item in items for case in item.cases} - known.keys()
    briefs = {**known, **_read(desk, missing, as_of)}
    titles = {item: title_of(desk, item) for item in items}
    reasons = [item.reason for item in items]
    wording = desk.wording(text for text in [*titles.values(), *reasons] if text is not None)
    return [
        AgendaItem(
            n=item.n or None,
            why=item.why,
            title=wording.of(titles[item]),
            cases=[briefs.get(case) or CaseInBrief(id=case) for case in item.cases],
            carried=carried_answer(item),
            postponed=item.postponed,
            reason=wording.of(item.reason) if item.postponed else None,
        )
        for item in items
    ]


def title_of(desk: Desk, item: Item) -> Text | None:
    """What is carried over keeps its title where it was typed."""
    while item.title is None and item.carried is not None:
        seen = desk.engine.load(Meeting, item.carried.meeting)
        assert seen is not None  # noqa: S101 - it was carried over from there
        item = item_of(seen.state.items, item.carried.n)
    return item.title


def told(desk: Desk, case: WaitingCase) -> CaseInBrief:
    """Only which case it is, where whoever asks is shown nothing of cases."""
    if not desk.reads_cases:
        return CaseInBrief(id=case.case)
    return CaseInBrief(
        id=case.case,
        number=case.number,
        title=case.title,
        status=case.status,
        holder=case.holder,
        answer_owed=case.owed,
        due_on=case.due_on,
    )


def _read(desk: Desk, ids: Iterable[str], as_of: int | None) -> dict[str, CaseInBrief]:
    """Those of these cases that whoever asks may read."""
    wanted = sorted(ids)
    if not wanted or not desk.reads_cases:
        return {}
    rows = case_status.listed(
        desk.sight, CaseFilter(), today=desk.today, only=wanted, as_of=as_of, limit=len(wanted)
    )
    wording = desk.wording(row.case.title for row in rows)
    _, in_force = desk.structure.policy_at(as_of)
    return {
        row.case.id: _case(row.case, wording.of(row.case.title), in_force.policy) for row in rows
    }


def _case(case: Case, title: str | None, policy: Policy) -> CaseInBrief:
    return CaseInBrief(
        id=case.id,
        number=case.number,
        title=title,
        status=case.status,
        holder=case.holder,
        answer_owed=list(case.owed),
        due_on=min(due_days(case, policy).values(), default=None),
    )


def _readable(desk: Desk, ref: str) -> str:
    """The id of a case that whoever asks may read."""
    case_id = desk.case_id(ref)
    seen = desk.engine.load(Case, case_id)
    if seen is None:
        raise NotFound
    return desk.readable(seen.state).id

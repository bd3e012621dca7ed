"""One meeting on one page: its agenda, what the chosen item is about, and what can be done."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import PlainTextResponse

from api.agendas import Waiting, agenda_of, waiting_for
from api.answers import CaseAnswer
from api.cases import entries_of
from api.desk import Desk
from api.language import spoken_to
from api.meetings import MeetingRef, organ_of, row_of
from api.minutes import news_told, without_news
from api.minutes_answers import MinutesAnswer, MinutesItem
from api.packs import PackAnswer, last_minutes
from api.page import Page
from api.pages import choices, meeting_forms, ordered, timeline
from api.pages.choices import Choices
from api.pages.desks import fresh_key, looking
from api.pages.forms import Choice, Refused
from api.pages.meeting_forms import DISCUSS, ITEM_FORMS, ORDER, PLAN_FORMS, ItemForm
from api.pages.shell import Names, person_names, shown
from api.pages.timeline import Told
from domain.agenda import Waits
from domain.event import day_in_oslo
from domain.meeting import Meeting
from domain.organ import Organ
from domain.rights import Action, hat
from domain.terms import Conclusion, OrderKind
from domain.topology import Level
from projections import case_status, minutes
from projections.case_status import CaseFilter
from projections.meetings import MeetingFilter, MeetingRow
from projections.meetings import listed as meetings_listed

router = APIRouter(prefix="/meetings/{meeting}", route_class=Page, include_in_schema=False)
Looking = Annotated[Desk, looking(Action.READ_MEETINGS)]
ItemQuery = Annotated[int | None, Query(ge=1, le=1_000_000)]
Opened = Annotated[str | None, Query(max_length=40)]
PRESSING = 20
"""So much of what waits stands beside the agenda."""
LATELY = 4
"""So many of a case's entries stand beside the agenda."""
APPROVABLE = timedelta(days=400)
"""Minutes that are so old are approved by their own page's address alone."""


@router.get("")
def one_meeting(
    meeting: MeetingRef, desk: Looking, item: ItemQuery = None, do: Opened = None
) -> Response:
    """A meeting, before, in and after it. *item*: which is talked about; *do*: the form that is
    open."""
    return shown_meeting(desk, meeting, item, do=do)


@router.get("/now")
def newest(meeting: MeetingRef, desk: Looking) -> Response:
    """Changes with whatever is shown of the meeting: a page that is open asks now and then."""
    found = row_of(meeting, desk).meeting
    logged = minutes.entries(desk.database, desk.sight, found.id, as_of=2**62)
    told = f"{found.version}-{len(logged)}-{logged[-1].id if logged else 0}"
    return PlainTextResponse(told, headers={"Cache-Control": "no-store"})


@router.get("/pack")
def pack(meeting: MeetingRef, desk: Looking) -> Response:
    """What a meeting is prepared with, to be read or printed."""
    row = row_of(meeting, desk)
    prepared = PackAnswer(
        agenda=agenda_of(desk, row, most=0), last=last_minutes(desk.request, desk, row)
    )
    return shown(desk, "pack", meeting=row.meeting, ref=meeting, pack=prepared)


def shown_meeting(
    desk: Desk,
    ref: str,
    item: int | None = None,
    do: str | None = None,
    refused: Refused | None = None,
) -> Response:
    row = row_of(ref, desk)
    told = without_news(desk.request, desk, row)
    chosen = _chosen(told.items, item)
    if chosen is not None and Waits.NEWS in chosen.why:
        told.news = news_told(desk, row)
    about, organ = _about(desk, chosen), organ_of(desk, row.meeting.organ)
    people, waiting = _people(desk, row.meeting, organ, told), _waiting(desk, row)
    return shown(
        desk,
        "meeting",
        refused.status if refused else 200,
        meeting=row.meeting,
        told=told,
        ref=ref,
        stamp=_stamp(row, told),
        chosen=chosen,
        about=about,
        logged={one.n: _logged(desk, one, people) for one in told.items},
        waiting=waiting.items,
        more=waiting.more,
        seats=list(_seats(desk, row.meeting, organ, people)),
        people=people,
        quorate=organ.is_quorate(row.meeting.seats_there, day_in_oslo(row.meeting.starts_at)),
        unapproved=_unapproved(desk, row),
        forms=meeting_forms,
        item_forms=_item_forms(desk, row.meeting, chosen),
        choices=_choices(desk, chosen, about, told, do),
        do=do,
        refused=refused,
        key=fresh_key(),
    )


def _stamp(row: MeetingRow, told: MinutesAnswer) -> str:
    logged = [entry.position for item in told.items for entry in item.entries]
    return f"{row.meeting.version}-{len(logged)}-{max(logged, default=0)}"


def _chosen(items: Sequence[MinutesItem], asked: int | None) -> MinutesItem | None:
    """The item that is asked for, else the first on which nothing has been logged yet."""
    mine = [one for one in items if one.n == asked and asked is not None]
    open_ = [one for one in items if not one.entries and not one.postponed]
    return next(iter([*mine, *open_, *items]), None)


# What the chosen item is about.


@dataclass(frozen=True)
class About:
    """A case that the item is about, and what has happened to it lately."""

    case: CaseAnswer
    lately: list[Told]
    earlier: int


def _about(desk: Desk, chosen: MinutesItem | None) -> list[About]:
    """Only the cases that whoever looks may read."""
    ids = [case.id for case in chosen.cases] if chosen is not None else []
    if not ids or not desk.reads_cases:
        return []
    rows = case_status.listed(desk.sight, CaseFilter(), today=desk.today, only=ids, limit=len(ids))
    names, tongue = Names(desk.structure.names), spoken_to(desk.request)
    found = []
    for row, case in zip(rows, desk.answers(rows, desk.as_of), strict=True):
        entries = entries_of(desk, row)
        people = person_names(desk, {one.actor.id for one in entries[-LATELY:]})
        lately = timeline.told(entries[-LATELY:], names, people, tongue)
        found.append(About(case, lately, max(0, len(entries) - LATELY)))
    return found


def _logged(desk: Desk, item: MinutesItem, people: dict[str, str]) -> list[Told]:
    names, tongue = Names(desk.structure.names), spoken_to(desk.request)
    return ordered.told(item.entries, names, people, tongue)


def _waiting(desk: Desk, row: MeetingRow) -> Waiting:
    """For those who draw up agendas."""
    may = row.meeting.is_open and hat(desk.standing, Action.MEET) is not None
    return waiting_for(desk, row, most=PRESSING) if may else Waiting([], more=False)


# Who is there.


@dataclass(frozen=True)
class SeatLine:
    """A seat as the list of who is there has it. `label`: whom it stands for; None where only its
    number is known."""

    n: int
    label: str | None
    role: str
    is_invited: bool
    is_there: bool


def _seats(
    desk: Desk, meeting: Meeting, organ: Organ, people: dict[str, str]
) -> Iterable[SeatLine]:
    """The seats that are taken on the day, and those that were said to be there."""
    day, names = day_in_oslo(meeting.starts_at), Names(desk.structure.names)
    there = meeting.seats_there
    seats = [s for s in organ.seats if s.n in there or s.is_taken(day)]
    wording = desk.wording(seat.represents for seat in seats if seat.represents is not None)
    for seat in seats:
        label = wording.of(seat.represents) or (names.service(seat.service) or None)
        yield SeatLine(
            n=seat.n,
            label=label or people.get(seat.person or "") or seat.person,
            role=seat.role.value,
            is_invited=seat.n in meeting.seats,
            is_there=seat.n in there,
        )


def _people(desk: Desk, meeting: Meeting, organ: Organ, told: MinutesAnswer) -> dict[str, str]:
    ids = {*meeting.persons, *meeting.persons_there, *meeting.guests}
    ids |= {seat.person for seat in organ.seats if seat.person is not None}
    ids |= {entry.actor.id for item in told.items for entry in item.entries}
    ids |= {one.by.id for one in meeting.remarks}
    return person_names(desk, ids)


# What can be done.


def _item_forms(desk: Desk, meeting: Meeting, chosen: MinutesItem | None) -> list[ItemForm]:
    """What whoever looks may log on the item as it is."""
    if chosen is None or chosen.n is None or chosen.postponed or not meeting.is_open:
        return []
    found: list[ItemForm] = []
    if hat(desk.standing, Action.CASEWORK) is not None:
        about = len(chosen.cases)
        found += [one.of_one_of(about) for one in ITEM_FORMS.values()] if about else [DISCUSS]
    here = desk.topology.organs.get(meeting.organ)
    steers = here is not None and here.level is Level.STEERING
    if steers and not chosen.cases and hat(desk.standing, Action.PLAN) is not None:
        found += PLAN_FORMS.values()
    orders = here is not None and here.level is not Level.EXECUTING
    if orders and hat(desk.standing, Action.ORDER) is not None:
        found.append(ORDER)
    return found


def _choices(
    desk: Desk,
    chosen: MinutesItem | None,
    about: Sequence[About],
    told: MinutesAnswer,
    do: str | None,
) -> Choices:
    """What each field of the page's forms can be; of several cases, of all of them together."""
    lists = dict(choices.everywhere(desk))
    for its in [choices.of_a_case(desk, one.case) for one in about]:
        for name, found in its.items():
            lists[name] = list(dict.fromkeys([*lists.get(name, []), *found]))
    if chosen is not None and not chosen.cases:
        allowed = {Conclusion.CONTINUE.value, Conclusion.DECIDED.value}
        lists["conclusions"] = [one for one in lists["conclusions"] if one.value in allowed]
    lists.setdefault("responsible", [*lists["organs"], *lists["services"]])
    tongue = spoken_to(desk.request)
    lists["order_kinds"] = [Choice(one.value, tongue.gettext(one.value)) for one in OrderKind]
    lists["its_cases"] = [
        Choice(case.number, f"{case.number} {case.title or ''}")
        for case in (chosen.cases if chosen else [])
        if case.number
    ]
    lists["item_numbers"] = [
        Choice(str(one.n), str(place)) for place, one in enumerate(told.items, 1) if one.n
    ]
    lists["people"] = _guests_to_be(desk) if do == "guests" else []
    return lists


def _guests_to_be(desk: Desk) -> list[Choice]:
    """Everybody who is registered, by name where that is known."""
    everybody = sorted(desk.structure.roster.roles)
    called = person_names(desk, everybody)
    found = [Choice(one, called.get(one, one)) for one in everybody]
    return sorted(found, key=lambda one: one.label.casefold())


@dataclass(frozen=True)
class Unapproved:
    """Minutes that this meeting may approve."""

    ref: str
    starts_at: datetime


def _unapproved(desk: Desk, row: MeetingRow) -> list[Unapproved]:
    now = row.meeting
    if not now.is_open or hat(desk.standing, Action.MEET) is None:
        return []
    earlier = MeetingFilter(
        organ=now.organ, status="held", since=now.starts_at - APPROVABLE, until=now.starts_at
    )
    return [
        Unapproved(one.meeting.id.removeprefix("meeting:"), one.meeting.starts_at)
        for one in meetings_listed(desk.sight, earlier, limit=100)
        if one.meeting.approved_at is None
    ]

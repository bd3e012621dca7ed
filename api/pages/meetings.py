"""The list of meetings, how organs keep their cadences, calendars, and what convenes one."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from api import cadences, calendars, meetings
from api.bodies import Command
from api.cadences import OrganCadence
from api.desk import Desk
from api.fields import Reference
from api.language import say
from api.meeting_answers import MeetingAnswer, meeting_answer, meeting_texts
from api.meeting_bodies import Convening, Nothing
from api.organs import OrganKey
from api.page import Page
from api.pages import choices
from api.pages.desks import Sent, fresh_key, looking, sending
from api.pages.forms import Field, Form, Refused, tried
from api.pages.meeting_forms import CONVENE
from api.pages.shell import shown, to
from domain.event import OSLO, day_in_oslo
from domain.rights import Action, hat
from projections.meetings import MeetingFilter
from projections.meetings import listed as meetings_listed

router = APIRouter(prefix="/meetings", route_class=Page, include_in_schema=False)
Looking = Annotated[Desk, looking(Action.READ_MEETINGS)]
Meeting_ = Annotated[Sent, sending(Action.MEET)]
Reading = Annotated[Sent, sending(Action.READ_MEETINGS)]
Asked = Annotated[str | None, Query(max_length=100)]
YEAR = timedelta(days=365)
"""So much of what was held is listed at once, and so far back a missed period is told of."""


@router.get("")
def listed(
    desk: Looking, organ: Asked = None, status: Asked = None, before: Asked = None
) -> Response:
    """Meetings to come and held. *before*: a day; what was held in the year before it."""
    return _shown(desk, organ=organ, status=status, before=_day(before))


@router.post("")
def convene(sent: Meeting_) -> Response:
    """Convene a meeting, and go on to it."""
    made: dict[str, Any] = {}

    def run(body: Convening) -> Response:
        made["answer"] = meetings.convene(body, sent.desk)
        return Response()

    refused = tried(CONVENE, sent, run)
    if refused is None:
        return to(sent.desk, made["answer"].headers["Location"].removeprefix("/api"))
    return _shown(sent.desk.looking(), refused=refused)


# Calendars: their addresses are shown once, on the page that is answered with.


class OfAnOrgan(Command):
    """Whose calendar is meant."""

    organ: Reference


ADDRESS = Form(
    "calendar", say("The calendar of an organ"), say("Make an address"), OfAnOrgan,
    (Field("organ", say("Organ"), "choice", choices="organs"),),
)  # fmt: skip


@router.post("/calendars/own")
def own_address(sent: Reading) -> Response:
    """One's own."""
    made = calendars.own_calendar(Nothing(), sent.desk)
    return _shown(sent.desk.looking(), address=made.path)


@router.post("/calendars/own/withdrawal")
def withdraw_own_address(sent: Reading) -> Response:
    calendars.withdraw_own_calendar(sent.desk)
    return to(sent.desk, "/meetings#calendars")


@router.post("/calendars/organs")
def organ_address(sent: Meeting_) -> Response:
    """An organ's."""
    made: dict[str, str] = {}

    def run(body: OfAnOrgan) -> Response:
        made["path"] = calendars.organ_calendar(body.organ, Nothing(), sent.desk).path
        return Response()

    refused = tried(ADDRESS, sent, run)
    return _shown(sent.desk.looking(), address=made.get("path"), refused=refused)


@router.post("/calendars/organs/{key}/withdrawal")
def withdraw_organ_address(key: OrganKey, sent: Meeting_) -> Response:
    calendars.withdraw_an_organ_calendar(key, sent.desk)
    return to(sent.desk, "/meetings#calendars")


@dataclass(frozen=True)
class Addresses:
    """What whoever looks may do with the addresses of calendars. `own`: since when theirs has one;
    `organs`: those that have one, with since when. `made`: one that has just been made."""

    is_own: bool
    own: datetime | None
    organs: list[tuple[str, datetime]]
    made: str | None


def _addresses(desk: Desk, path: str | None) -> Addresses:
    """*path*: that of one that has just been made."""
    there = calendars.addresses(desk.database)
    meets = hat(desk.standing, Action.MEET) is not None
    organs = [
        (key, there[f"organ:{key}"]) for key in desk.topology.organs if f"organ:{key}" in there
    ]
    base = desk.request.app.state.sign_in.public_url or str(desk.request.base_url)
    return Addresses(
        is_own=desk.standing.id in desk.structure.roster.roles,
        own=there.get(calendars.of_person(desk)),
        organs=organs if meets else [],
        made=base.rstrip("/") + path if path is not None else None,
    )


# The list.


def _shown(
    desk: Desk,
    organ: str | None = None,
    status: str | None = None,
    before: date | None = None,
    refused: Refused | None = None,
    address: str | None = None,
) -> Response:
    until = datetime.combine(before, datetime.min.time(), OSLO) if before else None
    since = (until or desk.now) - YEAR
    over = MeetingFilter(organ=organ, status=status, since=since.astimezone(UTC), until=until)
    ahead = before is None and status in {None, "convened"}
    earlier = MeetingFilter(organ=organ, status=status, until=since.astimezone(UTC))
    return shown(
        desk,
        "meetings",
        refused.status if refused else 200,
        ahead=_found(desk, MeetingFilter(organ=organ, status="convened")) if ahead else [],
        over=[one for one in reversed(_found(desk, over)) if one.status != "convened"],
        earlier=day_in_oslo(since) if meetings_listed(desk.sight, earlier, limit=1) else None,
        asked={"organ": organ or "", "status": status or ""},
        before=before,
        rhythms=_rhythms(desk, organ) if hat(desk.standing, Action.READ_ORGANS) else [],
        organs=choices.everywhere(desk)["organs"],
        form=CONVENE,
        address_form=ADDRESS,
        addresses=_addresses(desk, address),
        refused=refused,
        key=fresh_key(),
    )


def _found(desk: Desk, narrow: MeetingFilter) -> list[MeetingAnswer]:
    """In the order in which they begin."""
    rows = meetings_listed(desk.sight, narrow, limit=1000)
    wording = desk.wording(text for row in rows for text in meeting_texts(row.meeting))
    return [meeting_answer(row.meeting, wording) for row in rows]


@dataclass(frozen=True)
class Kept:
    """How an organ keeps its cadence. `missed`: periods of the last year."""

    told: OrganCadence
    missed: int
    is_late: bool


def _rhythms(desk: Desk, organ: str | None) -> list[Kept]:
    """Of the organs that are to meet so and so often, or have met."""
    found = cadences.read_cadences(desk, since=desk.today - YEAR, limit=1000).items
    return [
        Kept(one, one.missed, one.next_due_on is not None and one.next_due_on < desk.today)
        for one in found
        if (one.cadence or one.last_held_on) and organ in {None, one.organ}
    ]


def _day(written: str | None) -> date | None:
    """What is no day is no filter."""
    try:
        day = date.fromisoformat(written) if written else None
    except ValueError:
        return None
    return day if day is not None and 1902 <= day.year <= 2200 else None

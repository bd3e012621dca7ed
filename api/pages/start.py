"""The start page: what waits for whoever is here, what meets next, and what is new."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Request, Response

from api import audit, deadlines, page
from api import orders as order_list
from api.answers import CaseAnswer
from api.deadlines import DeadlineAnswer, OwedAnswer, OwedQuery
from api.desk import Desk
from api.language import COOKIE, LANGUAGES, say
from api.meeting_answers import bare
from api.order_answers import OrderAnswer
from api.page import KEYS, Page
from api.pages import waiting, work
from api.pages.board import Decided, decided
from api.pages.case_forms import ANSWER
from api.pages.desks import fresh_key, looking
from api.pages.glance import glance
from api.pages.notices import news
from api.pages.shell import Names, shown
from api.sign_ins import local
from domain.order import OPEN
from domain.rights import Action, hat, oversees
from domain.terms import DeadlineKind, OrderState
from projections import case_status, meetings
from projections.case_status import CaseFilter
from projections.decisions import DecisionFilter
from projections.due import DeadlineFilter
from projections.meetings import MeetingFilter

router = APIRouter(route_class=Page, include_in_schema=False)
Known = Annotated[Desk, looking(Action.BE_KNOWN)]
FEW = 6
"""How many of each the start page shows."""
SOON = timedelta(days=8)
ELSEWHERE = (
    ("/reports", say("See the numbers, and download them"), Action.READ_REPORTS),
    ("/structure", say("Constitute organs, and say who lifts to whom"), Action.STRUCTURE),
    ("/structure/people", say("Register people, give them roles, invite them"), Action.STRUCTURE),
    ("/structure/services", say("Register the services that take part"), Action.STRUCTURE),
    ("/structure/tokens", say("Give out tokens to programs"), Action.TOKENS),
    ("/structure/webhooks", say("Say which systems are told"), Action.DELIVER),
    ("/proof", say("Check that nothing was altered"), Action.CHECK),
)
"""Where those go on who have no cases to read, what they do there, and who may."""


@dataclass(frozen=True)
class Waiting:
    """Cases that wait for the same thing. `more`: where all of them are listed; `does`: the form
    that is at hand for each."""

    title: str
    cases: list[CaseAnswer]
    more: str
    does: str | None = None


@router.get("/")
def start(desk: Known) -> Response:
    """By what one may do here: a coordinator's work, a member's matters, a board's picture."""
    reads = hat(desk.standing, Action.READ_CASES) is not None
    coordinates = reads and hat(desk.standing, Action.CASEWORK) is not None
    seated = desk.standing.organs | desk.standing.services
    late, soon, owed = _due(desk) if coordinates else ([], [], [])
    return shown(
        desk,
        "start",
        news=news(desk, FEW),
        work=work.waiting_for(desk, FEW) if reads and seated else [],
        waiting=[one for one in _waiting(desk) if one.cases] if reads else [],
        owed=owed,
        late=late,
        soon=soon,
        titles=waiting.titles(desk, [*late, *soon, *owed]),
        orders=_orders(desk) if coordinates else [],
        answer=ANSWER,
        meets=_next_meetings(desk) if hat(desk.standing, Action.READ_MEETINGS) else [],
        decided=_decided(desk) if reads and desk.standing.is_wide else [],
        figures=waiting.figures(desk) if reads and _oversees_orders(desk) else [],
        charts=glance(desk) if oversees(desk.standing) else [],
        week=desk.today + SOON,
        elsewhere=ELSEWHERE,
        key=fresh_key(),
    )


def _oversees_orders(desk: Desk) -> bool:
    return oversees(desk.standing) and hat(desk.standing, Action.READ_ORDERS) is not None


def _due(desk: Desk) -> tuple[list[DeadlineAnswer], list[DeadlineAnswer], list[OwedAnswer]]:
    """Deadlines that have passed, those of the days to come, and the answers owed, which stand by
    themselves."""
    others, until = DeadlineFilter(but=DeadlineKind.ANSWER), desk.today + SOON
    late, soon = (
        deadlines.first_due(desk, others.model_copy(update=asked), FEW)
        for asked in ({"overdue": True}, {"overdue": False, "before": until})
    )
    return late, soon, deadlines.list_answers_owed(OwedQuery(limit=FEW), desk).items


def _orders(desk: Desk) -> list[OrderAnswer]:
    """Those to be judged, and those that are due soon or were before."""
    if hat(desk.standing, Action.READ_ORDERS) is None:
        return []
    found = order_list.listed(desk, limit=1000).items
    until = desk.today + SOON
    waits = [one for one in found if one.state is OrderState.DELIVERED
             or (one.state in OPEN and one.due_on <= until)]  # fmt: skip
    return sorted(waits, key=lambda one: (one.due_on, one.id))[:FEW]


def _waiting(desk: Desk) -> Iterator[Waiting]:
    if hat(desk.standing, Action.CASEWORK) is not None:
        yield _of(desk, say("Lifted, and to be discussed"), "status=escalated",
                  CaseFilter(status="escalated"), "discussions")  # fmt: skip
        yield _of(desk, say("Sent down"), "status=returned", CaseFilter(status="returned"),
                  "discussions")  # fmt: skip
        yield _of(desk, say("Raised, and not discussed yet"), "status=raised",
                  CaseFilter(status="raised"), "discussions")  # fmt: skip
        return
    for organ in sorted(desk.standing.organs):
        own = CaseFilter(raised_by=organ)
        yield _of(desk, say("What became of what you raised"), f"raised_by={organ}", own)


def _of(desk: Desk, title: str, asked: str, narrow: CaseFilter, does: str | None = None) -> Waiting:
    rows = case_status.listed(desk.sight, narrow, today=desk.today, limit=FEW)
    return Waiting(title, desk.answers(rows, desk.as_of), f"/cases?{asked}", does)


@dataclass(frozen=True)
class Gathering:
    """A meeting that is still to come, or to be closed."""

    id: str
    organ: str
    starts_at: object
    items: int


def _next_meetings(desk: Desk) -> list[Gathering]:
    rows = meetings.listed(desk.sight, MeetingFilter(status="convened"), limit=FEW)
    return [
        Gathering(bare(m.meeting.id), m.meeting.organ, m.meeting.starts_at, len(m.meeting.items))
        for m in rows
    ]


def _decided(desk: Desk) -> list[Decided]:
    """The newest decisions, the last one first. What lies far back is not looked through."""
    far = max(0, desk.as_of.bound - 300)
    found = audit.decided(desk, DecisionFilter(), after=far, before=2**62, limit=FEW)
    return decided(desk, found)


@router.get("/help")
def help_(desk: Known) -> Response:
    """Keys, and the few rules that one must know."""
    return shown(desk, "help")


@router.get("/me")
def me(desk: Known) -> Response:
    """Who one is here."""
    names = Names(desk.structure.names)
    standing = desk.standing
    seats = sorted(names.place(key) for key in standing.organs | standing.services)
    return shown(desk, "me", seats=seats)


@router.post("/keys")
async def keys(request: Request) -> Response:
    """Whether a letter alone does something, in this browser."""
    said = await page.form(request)
    onward = page.to("/me")
    if said.get("keys") == "off":
        page.give_cookie(onward, KEYS, "off", 31_536_000)
    else:
        page.take_cookie(onward, KEYS)
    return onward


@router.post("/language")
async def speak(request: Request) -> Response:
    """From now on in this language. Nothing else changes, so nobody need be signed in."""
    said = await page.form(request)
    onward = page.to(local(said.get("return_to")))
    if said.get("language") in LANGUAGES:
        onward.set_cookie(
            COOKIE, said["language"], max_age=31_536_000, path="/", secure=True, httponly=True,
            samesite="lax",
        )  # fmt: skip
    return onward

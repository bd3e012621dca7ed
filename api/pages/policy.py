"""The policy on deadlines: how long things may take here, which days count, what held before."""

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import create_model

from api import bodies, deadlines, histories
from api.deadline_bodies import Days, PolicySetting, SmallNumbers
from api.deadlines import PolicyAnswer
from api.desk import Desk
from api.fields import Day
from api.language import say
from api.page import Page
from api.pages import structure_told
from api.pages.desks import Sent, fresh_key, looking, sending
from api.pages.forms import Choice, Field, Form, Refused, tried
from api.pages.shell import shown, spoken, to
from api.pages.structure_parts import places
from domain.policy import DayCount, public_holidays
from domain.rights import Action, hat
from domain.terms import Status
from domain.topology import Level

router = APIRouter(prefix="/structure/policy", route_class=Page, include_in_schema=False)
Reading = Annotated[Desk, looking(Action.READ_PLAN)]
Setting = Annotated[Sent, sending(Action.SET_POLICY)]
AsOf = Annotated[str | None, Query(max_length=40)]

STATUSES = tuple(one for one in Status if one is not Status.CLOSED)
LEVELS = tuple(Level)
DAYS = {
    "acceptance_days": say("Days to accept or decline what was assigned"),
    "assignment_days": say("Days to complete what was assigned without a day of its own"),
    "answer_days": say("Days to answer those who wait"),
    "warn_days": say("Days before a deadline that it is told of"),
    "nudge_days": say("Days between the times that it is told of afterwards"),
}
"""By the names that the policy has for them."""
COUNTS = {
    DayCount.WORKING: say("Working days: no weekends, public holidays or days of our own"),
    DayCount.CALENDAR: say("Every day"),
}


def cell(status: Status, level: Level) -> str:
    """The name of the field for so long that cases may stand so."""
    return f"{status.value}_{level.value}"


FEW = say("In reports of numbers alone, fewer matters than this are not shown")

CELLS = {cell(status, level): (status, level) for status in STATUSES for level in LEVELS}
FREE = Field("free_days", say("Days of our own that do not count"), "lines", required=False,
             hint=say("One on each line, such as 2026-12-24."))  # fmt: skip


class _Set(bodies.Command):
    counts: DayCount
    july_stands_still: bool
    free_days: list[Day]
    small_numbers: SmallNumbers


_optional: dict[str, Any] = dict.fromkeys((*CELLS, *DAYS), (Days | None, None))
PolicyFilled: type[bodies.Command] = create_model("PolicyFilled", __base__=_Set, **_optional)
SET = Form(
    "policy", say("Change the policy"), say("Put it in force"), PolicyFilled,
    (
        *(Field(name, "", "number", required=False) for name in CELLS),
        *(Field(name, label, "number", required=False) for name, label in DAYS.items()),
        Field("counts", say("What counts as a day"), "choice", choices="counts"),
        Field("july_stands_still", say("July does not count"), "check", required=False),
        FREE,
        Field("small_numbers", FEW, "number"),
    ),
    hint=say("Where nothing stands there is no deadline. It holds from now on for all that runs."),
)  # fmt: skip


@router.get("")
def policy(desk: Reading, as_of: AsOf = None) -> Response:
    """The policy that holds, or that held *as_of* a position."""
    return _shown(desk, then=as_of)


@router.post("")
def set_the_policy(sent: Setting) -> Response:
    def run(body: bodies.Command) -> Response:
        return deadlines.set_policy(_setting(body), sent.desk)

    refused = tried(SET, sent, run)
    if refused is None:
        return to(sent.desk, "/structure/policy")
    return _shown(sent.desk.looking(), refused=refused)


def _setting(filled: bodies.Command) -> PolicySetting:
    given = filled.model_dump(mode="json")
    standing = [
        {"status": status, "level": level, "days": given[name]}
        for name, (status, level) in CELLS.items()
        if given[name] is not None
    ]
    own = {name: value for name, value in given.items() if name not in CELLS}
    return PolicySetting.model_validate({**own, "standing": standing})


def _shown(desk: Desk, then: str | None = None, refused: Refused | None = None) -> Response:
    held = deadlines.policy(desk)
    standing = {cell(one.status, one.level): one.days for one in held.standing}
    told = structure_told.history(
        desk, lambda: histories.of_the_municipality(desk, limit=structure_told.MOST)
    )
    versions = [one for one in told if one.event == "PolicySet"]
    may = hat(desk.standing, Action.SET_POLICY) is not None and then is None
    return shown(
        desk,
        "policy",
        refused.status if refused else 200,
        policy=held,
        standing=standing,
        statuses=STATUSES,
        levels=LEVELS,
        cell=cell,
        days=DAYS,
        few=FEW,
        counts=COUNTS[held.counts],
        holidays={year: sorted(public_holidays(year)) for year in _years(desk)},
        versions=versions,
        then=then,
        form=SET if may else None,
        rest=[one for one in SET.fields if one.name not in CELLS],
        now=_now(held, standing),
        choices={"counts": [Choice(one.value, spoken(desk, COUNTS[one])) for one in DayCount]},
        tabs=places(desk),
        refused=refused,
        key=fresh_key(),
    )


def _years(desk: Desk) -> Iterable[int]:
    return (desk.today.year, desk.today.year + 1)


def _now(held: PolicyAnswer, standing: dict[str, int]) -> dict[str, list[str]]:
    """What stands in the form before anybody types."""
    days = {name: getattr(held, name) for name in DAYS}
    return {
        **{name: [str(value)] for name, value in {**standing, **days}.items() if value},
        "counts": [held.counts.value],
        "july_stands_still": ["yes"] if held.july_stands_still else [],
        "free_days": ["\n".join(str(day) for day in held.free_days)],
        "small_numbers": [str(held.small_numbers)],
    }

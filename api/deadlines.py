"""What is due: the policy on deadlines, every deadline that runs, and the answers that are owed."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api import deadline_bodies as bodies
from api.answers import Page
from api.cases import row_of
from api.cursors import CursorMalformed, after
from api.desk import Desk
from api.fields import AS_OF, Day, Reference
from api.problems import declared
from api.seating import commanded, opened
from domain.errors import OrganUnknown
from domain.municipality import MUNICIPALITY, Municipality
from domain.order import ORDER, is_order
from domain.policy import DayCount, InForce, Policy, StandingLimit
from domain.rights import Action
from domain.terms import DeadlineKind
from projections import due
from projections.deadlines import BEGIN, After
from projections.due import DeadlineFilter, DeadlineRow
from projections.readership import looked_through

PROBLEMS: dict[int | str, dict[str, Any]] = declared(401, 403, 404, 409, 412, 413, 422, 503)
router = APIRouter(prefix="/api", tags=["deadlines"], responses=PROBLEMS)

Reading = Annotated[Desk, opened(Action.READ_CASES)]
ReadingPolicy = Annotated[Desk, opened(Action.READ_PLAN)]
Setting = Annotated[Desk, commanded(Action.SET_POLICY)]
AsOfQuery = Annotated[str | None, Query(alias="as_of", description=AS_OF, max_length=40)]


class PolicyAnswer(BaseModel):
    """The policy that holds. `policy_version` 0 is the one that Løft comes with, which holds until
    the municipality sets its own. `set_at`: the position of the event that set it. In working
    days neither weekends, public holidays nor `free_days` count; what is null has no deadline."""

    policy_version: int
    set_at: int | None
    standing: list[StandingLimit] = Field(
        description="How many days a case may stand in a status at a level; else for ever."
    )
    acceptance_days: int | None
    assignment_days: int | None
    answer_days: int | None
    warn_days: int | None
    nudge_days: int | None
    counts: DayCount
    july_stands_still: bool
    free_days: list[date]
    small_numbers: int


class DeadlineAnswer(BaseModel):
    """By when an organ or service (`of`) must act, in a `case` or on an `order`. `to`: the organ
    that waits for its answer; `days_late`: days that count; `passed_at`: the position where that it
    passed is recorded."""

    case: str | None
    number: str | None
    order: str | None
    kind: DeadlineKind
    n: int | None = Field(description="The number of the assignment or measure.")
    of: str | None
    to: str | None
    began_on: date
    due_on: date
    warn_on: date | None
    overdue: bool
    days_late: int
    passed_at: int | None


class DeadlinePage(Page[DeadlineAnswer]):
    pass


class OwedAnswer(BaseModel):
    """An answer that an organ (`of`) owes another (`to`). `due_on` is null where no day is set:
    the case is paused, only a report tells of it, or the policy gives no days for answers."""

    case: str
    number: str
    of: str
    to: str
    since: date
    due_on: date | None
    overdue: bool
    days_late: int
    paused: bool
    passed_at: int | None


class OwedPage(Page[OwedAnswer]):
    pass


class DeadlineQuery(BaseModel):
    """The filters of the list of deadlines, and its pages."""

    model_config = ConfigDict(extra="forbid")

    before: Day | None = Field(None, description="Due before this day.")
    of: Reference | None = Field(None, description="The organ or service that must act.")
    kind: DeadlineKind | None = Field(None, description="What is waited for.")
    case: Reference | None = Field(None, description="The id or number of a case.")
    overdue: bool | None = Field(None, description="Whether its day has passed.")
    as_of: Reference | None = Field(None, description=AS_OF)
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    cursor: Reference | None = None


class OwedQuery(BaseModel):
    """The filters of the list of answers that are owed, and its pages."""

    model_config = ConfigDict(extra="forbid")

    of: Reference | None = Field(None, description="The organ that owes the answer.")
    to: Reference | None = Field(None, description="The organ that waits for it.")
    overdue: bool | None = Field(None, description="Whether its day has passed.")
    as_of: Reference | None = Field(None, description=AS_OF)
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    cursor: Reference | None = None


@router.get("/policy")
def policy(desk: ReadingPolicy, _as_of: AsOfQuery = None) -> PolicyAnswer:
    """The policy on deadlines: how many days things may take here, and which days count."""
    set_at, in_force = desk.structure.policy_at(desk.as_of.position)
    return _policy(in_force, set_at)


@router.put("/policy", response_model=PolicyAnswer)
def set_policy(body: bodies.PolicySetting, desk: Setting) -> Response:
    """Set the whole policy anew. It holds from now on for all that runs: every deadline is
    reckoned by it from the beginning. Earlier ones stay readable with `as_of`."""
    at, wanted = desk.at(body), body.policy
    desk.pass_gate(body)
    seen = desk.engine.act(
        Municipality,
        MUNICIPALITY,
        lambda life: life.set_policy(policy=wanted, by=desk.by(body), at=at),
        command=desk.command,
        drafts=desk.pen.drafts,
    )
    answer = desk.answer(_policy(seen.state.in_force, seen.position), seen)
    answer.status_code = 200
    return answer


@router.get("/deadlines")
def list_deadlines(query: Annotated[DeadlineQuery, Query()], desk: Reading) -> DeadlinePage:
    """What is due when, the first first. A case that is paused is due on no day."""
    case = row_of(query.case, desk).case.id if query.case is not None else None
    of = desk.structure.service(query.of) if query.of is not None else None
    narrow = DeadlineFilter(
        before=query.before, of=of, kind=query.kind, case=case, overdue=query.overdue
    )
    rows = _listed(desk, narrow, query.limit, _place(query.cursor))
    items = [_deadline(row, desk) for row in rows]
    return DeadlinePage(items=items, next=_next(desk, rows, query.limit))


@router.get("/answers-owed")
def list_answers_owed(query: Annotated[OwedQuery, Query()], desk: Reading) -> OwedPage:
    """The answers that are owed, by whom and to whom, those that have been longest first. A case
    that is closed owes them still."""
    for organ in (query.of, query.to):
        if organ is not None and organ not in desk.topology.organs:
            raise OrganUnknown
    rows = due.answers_owed(
        desk.sight,
        DeadlineFilter(of=query.of, to=query.to, overdue=query.overdue, only=_only(desk)),
        today=desk.as_of.today,
        as_of=desk.as_of.position,
        after=_place(query.cursor),
        limit=query.limit,
    )
    items = [_owed(row, desk) for row in rows]
    return OwedPage(items=items, next=_next(desk, rows, query.limit, by_age=True))


def first_due(desk: Desk, narrow: DeadlineFilter, limit: int) -> list[DeadlineAnswer]:
    """The first *limit* of these deadlines."""
    return [_deadline(row, desk) for row in _listed(desk, narrow, limit)]


def how_many(desk: Desk, narrow: DeadlineFilter, most: int) -> int:
    """How many of these deadlines there are now, counted as far as *most*."""
    mine = narrow.model_copy(update={"only": _only(desk)})
    return due.how_many(desk.sight, mine, today=desk.today, most=most)


def _listed(
    desk: Desk, narrow: DeadlineFilter, limit: int, begin: After = BEGIN
) -> list[DeadlineRow]:
    return due.listed(
        desk.sight,
        narrow.model_copy(update={"only": _only(desk)}),
        today=desk.as_of.today,
        as_of=desk.as_of.position,
        after=begin,
        limit=limit,
    )


def _only(desk: Desk) -> list[str] | None:
    return looked_through(desk.database, desk.standing, desk.marks)


def _policy(in_force: InForce, set_at: int | None) -> PolicyAnswer:
    return PolicyAnswer(
        policy_version=in_force.version, set_at=set_at, **in_force.policy.model_dump()
    )


def _policy_of(desk: Desk) -> Policy:
    return desk.structure.policy_at(desk.as_of.position)[1].policy


def _deadline(row: DeadlineRow, desk: Desk) -> DeadlineAnswer:
    clock, today = row.clock, desk.as_of.today
    assert row.due_on is not None  # noqa: S101 - the list holds no others
    return DeadlineAnswer(
        case=None if is_order(row.stream_id) else row.stream_id,
        number=row.number,
        order=row.stream_id.removeprefix(ORDER) if is_order(row.stream_id) else None,
        kind=clock.kind,
        n=clock.n,
        of=desk.structure.name_of(clock.of),
        to=clock.to,
        began_on=clock.began.on,
        due_on=row.due_on,
        warn_on=row.warn_on,
        overdue=row.due_on < today,
        days_late=clock.days_late(_policy_of(desk), today),
        passed_at=row.passed_at,
    )


def _owed(row: DeadlineRow, desk: Desk) -> OwedAnswer:
    clock, today = row.clock, desk.as_of.today
    return OwedAnswer(
        case=row.stream_id,
        number=row.number or "",
        of=clock.of,
        to=clock.to or "",
        since=clock.began.on,
        due_on=row.due_on,
        overdue=row.due_on is not None and row.due_on < today,
        days_late=clock.days_late(_policy_of(desk), today),
        paused=clock.is_paused,
        passed_at=row.passed_at,
    )


def _place(cursor: str | None) -> After:
    """Where the page before ended. Refuses with `CursorMalformed`."""
    key = after(cursor)
    if not key:
        return BEGIN
    day, *rest = key.split("|")
    if len(rest) != 2 or "\x00" in key:
        raise CursorMalformed
    try:
        return date.fromisoformat(day), rest[0], rest[1]
    except ValueError as error:
        raise CursorMalformed from error


def _next(
    desk: Desk, rows: Sequence[DeadlineRow], limit: int, *, by_age: bool = False
) -> str | None:
    if len(rows) < limit:
        return None
    last = rows[-1]
    day = last.clock.began.on if by_age else last.due_on
    return desk.page(f"{day}|{last.stream_id}|{last.clock.name}")

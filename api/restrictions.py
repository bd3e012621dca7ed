"""Whom a case is for: restricting it to named people, breaking its glass, and who reads it."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from api import auth, bodies
from api.answers import Page
from api.cases import AsOfQuery, Cursor, Limit, overseen
from api.casework import ANSWERS, CaseRef
from api.cursors import after_key
from api.desk import Desk
from api.moments import AsOf
from api.problems import declared
from api.seating import PATIENCE, commanded, opened
from domain.actor import Role
from domain.case import Case
from domain.errors import PersonUnknown
from domain.rights import Action, Standing, hat, may_read

router = APIRouter(prefix="/api/cases", tags=["casework"])
PROBLEMS: dict[int | str, dict[str, Any]] = declared(401, 403, 404, 422, 503)

Restricting = Annotated[Desk, commanded(Action.RESTRICT)]


@router.post("/{case}/restriction", status_code=201, response_class=Response, responses=ANSWERS)
async def restrict(
    case: CaseRef, body: bodies.Restriction, request: Request, desk: Restricting
) -> Response:
    """Restrict a case to named people: nobody else reads it from now on, whatever their role."""
    return await _in_force(request, lambda: restricted(case, body, desk))


def restricted(case: str, body: bodies.Restriction, desk: Desk) -> Response:
    """Restrict it, without the wait. Refuses with `PersonUnknown`."""
    reason, people = desk.write(body.reason, body), tuple(body.people)
    if not auth.known_ids(desk.engine).issuperset(people):
        raise PersonUnknown
    return desk.act(
        case,
        body,
        lambda life, by, at: life.restrict(people=people, reason=reason, by=by, at=at),
    )


@router.post(
    "/{case}/restriction/lifting", status_code=201, response_class=Response, responses=ANSWERS
)
async def lift_the_restriction(
    case: CaseRef, body: bodies.Reasoned, request: Request, desk: Restricting
) -> Response:
    """Lift a case's restriction: it is for its organs and services again."""
    return await _in_force(request, lambda: lifted(case, body, desk))


def lifted(case: str, body: bodies.Reasoned, desk: Desk) -> Response:
    """Lift its restriction, without the wait."""
    reason = desk.write(body.reason, body)
    return desk.act(
        case, body, lambda life, by, at: life.lift_restriction(reason=reason, by=by, at=at)
    )


@router.post("/{case}/break-glass", status_code=201, response_class=Response, responses=ANSWERS)
async def break_the_glass(
    case: CaseRef,
    body: bodies.Reasoned,
    request: Request,
    desk: Annotated[Desk, commanded(Action.BREAK_GLASS)],
) -> Response:
    """Open a restricted case to oneself for three hours. Everyone who is named on it is told."""
    return await _in_force(request, lambda: broken(case, body, desk))


def broken(case: str, body: bodies.Reasoned, desk: Desk) -> Response:
    """Break its glass, without the wait."""
    reason = desk.write(body.reason, body)
    return desk.act(
        case,
        body,
        lambda life, by, at: life.break_glass(reason=reason, by=by, at=at),
        reads=False,
    )


async def _in_force(request: Request, work: Callable[[], Response]) -> Response:
    """What *work* answers, once those who may read it do. The wait holds no thread. Until the views
    hold what was recorded the database lets nobody read the case, so a view that stands still
    closes it, and opens it to nobody."""
    answer = await run_in_threadpool(work)
    await request.app.state.progress.reached(int(answer.headers["Loft-Position"]), PATIENCE)
    return answer


class ReaderAnswer(BaseModel):
    """Somebody who may read a case, and why: `named` on it, `opened` by breaking its glass, by a
    `role` that reads every case, or by a `seat`."""

    id: str
    roles: list[Role]
    organs: list[str]
    services: list[str]
    why: Literal["named", "opened", "role", "seat"]


class ReaderPage(Page[ReaderAnswer]):
    pass


@router.get("/{case}/readers", responses=PROBLEMS)
def readers(
    case: CaseRef,
    desk: Annotated[Desk, opened(Action.READ_READERS)],
    _as_of: AsOfQuery = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> ReaderPage:
    """Who may read a case, or could at any moment: people and tokens, by their seats and roles
    then. The board and auditors are told of restricted cases too."""
    then, begin = desk.as_far_as_known, after_key(cursor)
    life = overseen(case, desk, then).case
    every = [one for who in _known_then(desk, then) if (one := _reader(who, life, then))]
    found = [one for one in every if one.id > begin][:limit]
    return ReaderPage(items=found, next=desk.page(found[-1].id if len(found) == limit else None))


def _known_then(desk: Desk, then: AsOf) -> list[Standing]:
    """Everybody, by id."""
    roster = desk.structure.roster_at(then.bound)
    bound = [person for person in roster.roles if roster.has_confirmed(person)]
    people = [roster.standing(person, on=then.today) for person in bound]
    return sorted((*people, *auth.machines(desk.engine, then.moment)), key=lambda who: who.id)


def _reader(who: Standing, case: Case, then: AsOf) -> ReaderAnswer | None:
    is_opened = case.is_opened(who.id, then.moment)
    if hat(who, Action.READ_CASES) is None or not may_read(who, case.readers, opened=is_opened):
        return None
    restricted = case.restricted_to is not None
    by_right: Literal["role", "seat"] = "role" if who.is_wide else "seat"
    why: Literal["named", "opened"] = "opened" if is_opened else "named"
    return ReaderAnswer(
        id=who.id,
        roles=sorted(who.roles),
        organs=sorted(who.organs),
        services=sorted(who.services),
        why=why if restricted else by_right,
    )

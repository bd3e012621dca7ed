"""The services' own side: what they were assigned or ordered, and who there sees to it."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.answers import AssignmentAnswer, CaseAnswer, Page
from api.cases import Cursor, Limit
from api.casework import ANSWERS, Assigned, CaseRef, Number, asked
from api.cursors import CursorMalformed, after
from api.desk import Desk
from api.order_answers import bare, order_answer, order_texts
from api.order_bodies import PassingOn
from api.organs import known_person
from api.problems import declared
from api.seating import opened
from domain.access import WordsFound
from domain.rights import Action, hat
from domain.terms import AssignmentState, OrderState
from projections import case_status, orders, readership
from projections.orders import OrderRow

PROBLEMS: dict[int | str, dict[str, Any]] = declared(401, 403, 422, 503)
router = APIRouter(prefix="/api")


class Possible(BaseModel):
    """Something that can be done about it, by one `POST` to that path."""

    what: Literal["accept", "decline", "pass_on", "take_step", "report"]
    path: str


class WorkItem(BaseModel):
    """An open assignment on a `case` (with the case's number and title, and the assignment's `n`),
    or an open `order`. `expectation`: what is asked; `service`: of which service or organ."""

    case: str | None = None
    number: str | None = None
    n: int | None = None
    order: str | None = None
    service: str | None
    title: str | None = None
    expectation: str | None
    expected_effect: str | None = None
    state: AssignmentState | OrderState
    due_on: date | None
    overdue: bool
    responsible: str | None
    can: list[Possible] = Field(description="Empty for those who only read.")


class WorkPage(Page[WorkItem]):
    pass


@router.get("/me/work", tags=["orders"], responses=PROBLEMS)
def my_work(
    desk: Annotated[Desk, opened(Action.READ_CASES, how=WordsFound)],
    limit: Limit = 100,
    cursor: Cursor = None,
) -> WorkPage:
    """What the organs and services in which whoever asks has a seat were assigned or ordered and
    have not answered for yet: the soonest due first, each with what can be done about it."""
    own = desk.standing.organs | desk.standing.services
    begin = _after(cursor)
    waiting = sorted((_place(item), item) for item in [*_assigned(desk, own), *_ordered(desk, own)])
    page = [(place, item) for place, item in waiting if place > begin][:limit]
    following = desk.page(page[-1][0]) if len(page) == limit else None
    return WorkPage(items=[item for _, item in page], next=following)


@router.post(
    "/cases/{case}/assignments/{n}/responsible",
    status_code=201,
    response_class=Response,
    tags=["casework"],
    responses=ANSWERS,
)
def pass_on(case: CaseRef, n: Number, body: PassingOn, desk: Assigned) -> Response:
    """Pass an assignment on to somebody who sits in the service or organ that has it. That one
    stays responsible, and one person at a time sees to it."""
    person = known_person(desk, body.to)
    return desk.act(
        case,
        body,
        lambda life, by, at: life.pass_on(
            n,
            to=person,
            seated=desk.structure.roster.sitting_in(
                frozenset(a.service for a in life.assignments if a.n == n), desk.today
            ),
            by=asked(desk, life, n, by),
            at=at,
        ),
    )


def _assigned(desk: Desk, own: frozenset[str]) -> Iterator[WorkItem]:
    """The cases are looked for among those that are for these organs and services."""
    marks = sorted(own | {f"@{desk.standing.id}"})
    rows = case_status.assigned_to(
        desk.sight, sorted(own), only=readership.read_by(desk.database, marks) if own else []
    )
    for row, answer in zip(rows, desk.answers(rows, desk.as_of), strict=True):
        for assignment, told in zip(row.case.assignments, answer.assignments, strict=True):
            if assignment.is_open and assignment.service in own:
                yield _assignment(desk, answer, told)


def _assignment(desk: Desk, case: CaseAnswer, told: AssignmentAnswer) -> WorkItem:
    path = f"/api/cases/{case.id}/assignments/{told.n}"
    doors = {"accept": "acceptance", "decline": "refusal", "pass_on": "responsible",
             "report": "completion"}  # fmt: skip
    if told.state is not AssignmentState.OFFERED:
        doors.pop("accept")
    return WorkItem(
        case=case.id,
        number=case.number,
        n=told.n,
        service=told.service,
        title=case.title,
        expectation=told.expectation,
        state=told.state,
        due_on=told.due_on,
        overdue=told.overdue,
        responsible=told.responsible,
        can=_possible(path, doors, desk, Action.ANSWER_ASSIGNMENT),
    )


def _ordered(desk: Desk, own: frozenset[str]) -> Iterator[WorkItem]:
    if hat(desk.standing, Action.READ_ORDERS) is None:
        return
    rows = orders.open_for(desk.sight, sorted(own))
    wording = desk.wording(text for row in rows for text in order_texts(row.order))
    for row in rows:
        told = order_answer(row.order, wording, position=row.position, today=desk.today)
        yield WorkItem(
            order=told.id,
            case=told.case,
            service=told.to,
            expectation=told.what,
            expected_effect=told.expected_effect,
            state=told.state,
            due_on=told.due_on,
            overdue=told.overdue,
            responsible=told.responsible,
            can=_possible(*_doors(row), desk, Action.ANSWER_ORDER),
        )


def _doors(row: OrderRow) -> tuple[str, dict[str, str]]:
    order = row.order
    doors = {"decline": "refusal", "pass_on": "responsible", "report": "delivery"}
    if order.state is OrderState.PLACED:
        doors["accept"] = "acceptance"
    if any(step.taken_on is None for step in order.steps):
        doors["take_step"] = "steps"
    return f"/api/orders/{bare(order.id)}", doors


def _possible(path: str, doors: dict[str, str], desk: Desk, action: Action) -> list[Possible]:
    if hat(desk.standing, action) is None:
        return []
    usual = ("accept", "decline", "pass_on", "take_step", "report")
    return [Possible(what=what, path=f"{path}/{doors[what]}") for what in usual if what in doors]


def _place(item: WorkItem) -> str:
    """Where it stands in the list: by its day, what has none last, and by what it is."""
    what = f"order.{item.order}" if item.order else f"case.{item.case}.{item.n:06}"
    return f"{item.due_on or date.max} {what}"


def _after(cursor: str | None) -> str:
    """Refuses with `CursorMalformed`."""
    place = after(cursor)
    if place and not re.fullmatch(r"\d{4}-\d\d-\d\d (order|case)\.[0-9a-f-]{36}(\.\d+)?", place):
        raise CursorMalformed
    return place

"""Orders: what the board or the group asks of an organ or a service. Each command an event."""

import re
from collections.abc import Callable
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Path, Query, Response

from api import order_bodies as bodies
from api.answers import EntryAnswer, EntryPage, entry_fields
from api.bodies import Acceptance, Reasoned
from api.bodies import Command as Body
from api.cases import AsOfQuery, Cursor, Limit
from api.cursors import after_position
from api.desk import Desk, etag
from api.order_answers import OrderAnswer, OrderPage, OrderTold, bare, order_answer, order_texts
from api.organs import known_person
from api.problems import NotFound, NotYourOrgan, declared
from api.seating import commanded, opened
from domain.actor import Actor, Role
from domain.case import Case
from domain.errors import StreamUnknown
from domain.event import Event, Occurred
from domain.order import Order, order_id
from domain.rights import Action, hat, may_act_for, may_read
from domain.terms import OrderKind, OrderState
from ledger.engine import Seen
from ledger.texts import texts_in
from projections import orders
from projections.orders import OrderFilter, OrderRow

PROBLEMS: dict[int | str, dict[str, Any]] = declared(401, 403, 404, 409, 412, 413, 422, 503)
router = APIRouter(prefix="/api/orders", tags=["orders"], responses=PROBLEMS)
CREATED: dict[int | str, dict[str, Any]] = {201: {"model": OrderAnswer}}

OrderRef = Annotated[str, Path(description="The order's id.", max_length=100)]
Reading = Annotated[Desk, opened(Action.READ_ORDERS)]
Ordering = Annotated[Desk, commanded(Action.ORDER)]
Answering = Annotated[Desk, commanded(Action.ANSWER_ORDER)]


@router.post("", status_code=201, response_class=Response, responses=CREATED)
def place(body: bodies.Placing, desk: Ordering) -> Response:
    """Order an analysis, a mapping or an action from an organ or a service, on behalf of the board
    or the group (`acting_for`)."""
    at, stream = desk.at(body), order_id(str(uuid4()))
    what, expected = desk.write(body.what, body), desk.write(body.expected_effect, body)
    mandate = desk.write_if(body.mandate, body)
    steps = tuple(desk.write(step, body) for step in body.steps)

    def decide() -> Event:
        desk.sits_there(None, at)
        return Order.place(
            stream,
            kind=body.kind,
            to=desk.structure.service(body.to),
            what=what,
            expected_effect=expected,
            due_on=body.due_on,
            case=_readable_case(desk, body.case),
            focus_area=body.focus_area,
            mandate=mandate,
            steps=steps,
            topology=desk.topology,
            by=desk.by(body),
            at=at,
        )

    seen = desk.engine.begin(Order, stream, decide, command=desk.command, drafts=desk.pen.drafts)
    return _answer(desk, seen, {"Location": f"/api/orders/{bare(seen.state.id)}"})


@router.get("")
def listed(
    desk: Reading,
    state: Annotated[OrderState | None, Query()] = None,
    kind: Annotated[OrderKind | None, Query()] = None,
    ordered_by: Annotated[str | None, Query(max_length=100)] = None,
    to: Annotated[
        str | None, Query(max_length=300, description="An organ or a service, as orders name it.")
    ] = None,
    overdue: Annotated[bool | None, Query()] = None,
    _as_of: AsOfQuery = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> OrderPage:
    """The orders that are for whoever asks, in the order in which they were placed, as of any
    moment."""
    narrow = OrderFilter(
        state=state,
        kind=kind,
        ordered_by=desk.topology.organ(ordered_by).key if ordered_by is not None else None,
        to=desk.structure.service(to) if to is not None else None,
        overdue=overdue,
    )
    found = orders.listed(
        desk.sight,
        narrow,
        today=desk.as_of.today,
        as_of=desk.as_of.position,
        after=after_position(cursor),
        limit=limit,
    )
    wording = desk.wording(text for row in found for text in order_texts(row.order))
    items = [
        order_answer(row.order, wording, position=row.position, today=desk.as_of.today)
        for row in found
    ]
    return OrderPage(
        items=items, next=desk.page(found[-1].placed_position if len(found) == limit else None)
    )


@router.get("/{order}", response_model=OrderAnswer)
def one_order(order: OrderRef, desk: Reading, _as_of: AsOfQuery = None) -> Response:
    """One order, as of any moment."""
    row = row_of(order, desk)
    wording = desk.wording(order_texts(row.order))
    found = order_answer(row.order, wording, position=row.position, today=desk.as_of.today)
    headers = {"ETag": etag(row.order.version), "Loft-Position": str(row.position)}
    return Response(found.model_dump_json(), headers=headers, media_type="application/json")


@router.get("/{order}/history")
def history(
    order: OrderRef,
    desk: Reading,
    _as_of: AsOfQuery = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> EntryPage:
    """Every entry of an order: who, on whose behalf, when it occurred and when it was recorded, its
    words and its leaf hash."""
    found = orders.history(
        desk.sight,
        row_of(order, desk).order.id,
        as_of=desk.as_of.bound,
        after=after_position(cursor),
        limit=limit,
    )
    wording = desk.wording(texts_in(found))
    items = [EntryAnswer.model_validate(entry_fields(one, wording)) for one in found]
    return EntryPage(items=items, next=desk.page(found[-1].id if len(found) == limit else None))


@router.post("/{order}/acceptance", status_code=201, response_class=Response, responses=CREATED)
def accept(order: OrderRef, body: Acceptance, desk: Answering) -> Response:
    """Accept an order."""
    return _act(
        desk, order, body, lambda life, by, at: life.accept(by=_asked(desk, life, by), at=at)
    )


@router.post("/{order}/refusal", status_code=201, response_class=Response, responses=CREATED)
def decline(order: OrderRef, body: Reasoned, desk: Answering) -> Response:
    """Decline an order, and say why."""
    reason = desk.write(body.reason, body)
    return _act(
        desk,
        order,
        body,
        lambda life, by, at: life.decline(reason=reason, by=_asked(desk, life, by), at=at),
    )


@router.post("/{order}/responsible", status_code=201, response_class=Response, responses=CREATED)
def pass_on(order: OrderRef, body: bodies.PassingOn, desk: Answering) -> Response:
    """Pass an order on to somebody who sits in the organ or service that it was ordered from."""
    person = known_person(desk, body.to)
    return _act(
        desk,
        order,
        body,
        lambda life, by, at: life.pass_on(
            to=person,
            seated=desk.structure.roster.sitting_in(frozenset({life.to}), desk.today),
            by=_asked(desk, life, by),
            at=at,
        ),
    )


@router.post("/{order}/steps", status_code=201, response_class=Response, responses=CREATED)
def take_step(order: OrderRef, body: bodies.Step, desk: Answering) -> Response:
    """Report that a step of a mapping has been taken."""
    note = desk.write_if(body.note, body)
    return _act(
        desk,
        order,
        body,
        lambda life, by, at: life.take_step(body.n, note=note, by=_asked(desk, life, by), at=at),
    )


@router.post("/{order}/delivery", status_code=201, response_class=Response, responses=CREATED)
def deliver(order: OrderRef, body: bodies.Delivery, desk: Answering) -> Response:
    """Deliver what was ordered, with a report; a mapping with its action plan too."""
    report, plan = desk.write(body.report, body), desk.write_if(body.action_plan, body)
    return _act(
        desk,
        order,
        body,
        lambda life, by, at: life.deliver(
            report=report, action_plan=plan, by=_asked(desk, life, by), at=at
        ),
    )


@router.post("/{order}/approval", status_code=201, response_class=Response, responses=CREATED)
def approve(order: OrderRef, body: bodies.Approval, desk: Ordering) -> Response:
    """Approve what was delivered, on behalf of the organ that ordered it."""
    note = desk.write_if(body.note, body)
    return _act(desk, order, body, lambda life, by, at: life.approve(note=note, by=by, at=at))


@router.post("/{order}/return", status_code=201, response_class=Response, responses=CREATED)
def send_back(order: OrderRef, body: bodies.SendingBack, desk: Ordering) -> Response:
    """Send back what was delivered: say what is missing, and until when."""
    missing = desk.write(body.missing, body)
    return _act(
        desk,
        order,
        body,
        lambda life, by, at: life.send_back(missing=missing, due_on=body.due_on, by=by, at=at),
    )


@router.post("/{order}/withdrawal", status_code=201, response_class=Response, responses=CREATED)
def withdraw(order: OrderRef, body: Reasoned, desk: Ordering) -> Response:
    """Withdraw an order that nothing has been delivered on, and say why."""
    reason = desk.write(body.reason, body)
    return _act(desk, order, body, lambda life, by, at: life.withdraw(reason=reason, by=by, at=at))


# What they share.


def stream_of(ref: str) -> str:
    """The stream of the order with this id. Refuses with `NotFound`."""
    if not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", ref):
        raise NotFound
    return order_id(ref)


def row_of(ref: str, desk: Desk) -> OrderRow:
    """The order as it was at the moment asked for, if it is for whoever asks. Refuses with
    `NotFound`."""
    row = orders.one(desk.sight, stream_of(ref), as_of=desk.as_of.position)
    if row is None:
        raise NotFound
    return row


def _readable_case(desk: Desk, ref: str | None) -> str | None:
    """The id of the case that is linked, if whoever asks may read it. Refuses with `NotFound`."""
    if ref is None:
        return None
    seen = desk.engine.load(Case, desk.case_id(ref))
    if seen is None:
        raise NotFound
    return desk.readable(seen.state).id


def _readable(desk: Desk, order: Order) -> Order:
    if not may_read(desk.standing, order.readers):
        raise NotFound
    return order


def _asked(desk: Desk, order: Order, by: Actor) -> Actor:
    """Who answers: a member on behalf of the organ or service that it was ordered from, where that
    is their own."""
    if desk.actor.role is not Role.MEMBER:
        return by
    if not may_act_for(desk.standing, Role.MEMBER, order.to):
        raise NotYourOrgan
    return by.acting_for(order.to)


def _act(
    desk: Desk, ref: str, body: Body, decide: Callable[[Order, Actor, Occurred], Event]
) -> Response:
    """Let *decide* look at the order, append what it decides, and answer with the order. That there
    is none is told as it is of one that is not for whoever asks."""
    at = desk.at(body)
    try:
        seen = desk.engine.act(
            Order,
            stream_of(ref),
            lambda life: decide(life, desk.by(body), at),
            command=desk.command,
            drafts=desk.pen.drafts,
            admit=lambda life: _readable(desk, life),
        )
    except StreamUnknown as error:
        raise NotFound from error
    return _answer(desk, seen)


def _answer(desk: Desk, seen: Seen[Order], headers: dict[str, str] | None = None) -> Response:
    """A token that is narrowed to commands is not shown the order."""
    order = _readable(desk, seen.state)
    if hat(desk.standing, Action.READ_ORDERS) is None:
        told = OrderTold(id=bare(order.id), version=order.version, position=seen.position)
        return desk.answer(told, seen, headers)
    wording = desk.wording(order_texts(order))
    answer = order_answer(order, wording, position=seen.position, today=desk.today)
    return desk.answer(answer, seen, headers)

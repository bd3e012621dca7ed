"""What is answered of orders, as JSON."""

from collections.abc import Iterator
from datetime import date, datetime

from pydantic import BaseModel, Field

from api.answers import Page, Wording, in_oslo
from domain.event import Precision
from domain.order import MappingStep, Order
from domain.terms import OrderKind, OrderState
from domain.text import Text


class StepAnswer(BaseModel):
    """A step of a mapping. `taken_on` is null until it has been taken."""

    n: int
    what: str | None
    taken_on: date | None
    note: str | None


class OrderAnswer(BaseModel):
    """An order. `reason`: why it was declined or withdrawn; `report`, `action_plan`, `missing` and
    `note` are what was last said of it by those it was ordered from, and by those who ordered."""

    id: str
    kind: OrderKind
    state: OrderState
    ordered_by: str
    to: str | None
    what: str | None
    expected_effect: str | None
    due_on: date
    overdue: bool = Field(description="It is open, and past its day.")
    case: str | None
    focus_area: str | None
    mandate: str | None
    steps: list[StepAnswer]
    responsible: str | None = Field(description="The person who sees to it, by id.")
    reason: str | None
    report: str | None
    action_plan: str | None
    missing: str | None
    note: str | None
    placed_at: datetime
    placed_precision: Precision
    version: int
    position: int


class OrderTold(BaseModel):
    """What a command answers to a token that reads no orders."""

    id: str
    version: int
    position: int


class OrderPage(Page[OrderAnswer]):
    pass


def bare(stream: str) -> str:
    """The id of an order, as addresses have it."""
    return stream.removeprefix("order:")


def order_texts(order: Order) -> Iterator[Text]:
    texts = [order.what, order.expected_effect, order.mandate, order.reason, order.report,
             order.action_plan, order.missing, order.note]  # fmt: skip
    steps = [text for step in order.steps for text in (step.what, step.note)]
    yield from (text for text in [*texts, *steps] if text is not None)


def order_answer(order: Order, wording: Wording, *, position: int, today: date) -> OrderAnswer:
    """*today* judges what is overdue."""
    return OrderAnswer(
        id=bare(order.id),
        kind=order.kind,
        state=order.state,
        ordered_by=order.ordered_by,
        to=wording.structure.name_of(order.to),
        what=wording.of(order.what),
        expected_effect=wording.of(order.expected_effect),
        due_on=order.due_on,
        overdue=order.is_open and order.due_on < today,
        case=order.case,
        focus_area=order.focus_area,
        mandate=wording.of(order.mandate),
        steps=[_step(step, wording) for step in order.steps],
        responsible=order.responsible,
        reason=wording.of(order.reason),
        report=wording.of(order.report),
        action_plan=wording.of(order.action_plan),
        missing=wording.of(order.missing),
        note=wording.of(order.note),
        placed_at=in_oslo(order.placed_at),
        placed_precision=order.placed_precision,
        version=order.version,
        position=position,
    )


def _step(step: MappingStep, wording: Wording) -> StepAnswer:
    return StepAnswer(
        n=step.n, what=wording.of(step.what), taken_on=step.taken_on, note=wording.of(step.note)
    )

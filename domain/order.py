"""The life of an order: what the board or the group asks of an organ or a service, until it is
approved."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Self, assert_never

from pydantic import BaseModel, ConfigDict

from domain import errors
from domain.actor import Actor
from domain.clock import Clock, Notice, Start
from domain.entries import TextErased
from domain.event import Event, Occurred, Precision, day_in_oslo, envelope
from domain.noticing import (
    DeadlineEvent,
    DeadlineNeared,
    DeadlinePassed,
    DeadlineStillPassed,
    noted,
    wound,
)
from domain.rights import Readers
from domain.terms import DeadlineKind, OrderKind, OrderState
from domain.text import Text
from domain.topology import Level, Topology

A_STEP = timedelta(weeks=1)
"""So much time at least each step of a mapping is given."""


class OrderPlaced(Event):
    """`mandate` and `steps`: of a mapping alone. `case` and `focus_area`: what it is about."""

    DECISION: ClassVar[bool] = True
    kind: OrderKind
    ordered_by: str
    to: str
    what: Text
    expected_effect: Text
    due_on: date
    case: str | None = None
    focus_area: str | None = None
    mandate: Text | None = None
    steps: tuple[Text, ...] = ()


class OrderAccepted(Event):
    pass


class OrderDeclined(Event):
    reason: Text


class OrderPassedOn(Event):
    """Inside the organ or service that it was ordered from: one person, by their id, sees to it."""

    to: str


class MappingStepTaken(Event):
    n: int
    note: Text | None = None


class OrderDelivered(Event):
    """`action_plan`: what a mapping ends in."""

    report: Text
    action_plan: Text | None = None


class OrderApproved(Event):
    DECISION: ClassVar[bool] = True
    note: Text | None = None


class OrderSentBack(Event):
    """`missing`: what is still to be done; `due_on`: until when, where that is another day."""

    DECISION: ClassVar[bool] = True
    missing: Text
    due_on: date | None = None


class OrderWithdrawn(Event):
    DECISION: ClassVar[bool] = True
    reason: Text


OrderEvent = (
    OrderPlaced | OrderAccepted | OrderDeclined | OrderPassedOn | MappingStepTaken
    | OrderDelivered | OrderApproved | OrderSentBack | OrderWithdrawn | TextErased
    | DeadlineNeared | DeadlinePassed | DeadlineStillPassed
)  # fmt: skip

OPEN = frozenset({OrderState.PLACED, OrderState.ACCEPTED, OrderState.SENT_BACK})
"""Whoever it was ordered from is to do something."""


class MappingStep(BaseModel):
    """`taken_on`: the day in Oslo on which it was taken."""

    model_config = ConfigDict(frozen=True)

    n: int
    what: Text
    taken_on: date | None = None
    note: Text | None = None


class Order(BaseModel):
    """An order as its events so far have made it. `reason`: why it was declined or withdrawn;
    `report`, `action_plan` and `missing` are of the last delivery; `note` of its approval. `waits`:
    since when it has waited for those whose turn it is. `notices`: what was recorded of its
    deadlines; `active_on`: the last day on which anything else happened."""

    model_config = ConfigDict(frozen=True)

    id: str
    version: int
    kind: OrderKind
    ordered_by: str
    to: str
    what: Text
    expected_effect: Text
    due_on: date
    case: str | None
    focus_area: str | None
    mandate: Text | None
    steps: tuple[MappingStep, ...]
    placed_at: datetime
    placed_precision: Precision
    state: OrderState = OrderState.PLACED
    responsible: str | None = None
    reason: Text | None = None
    report: Text | None = None
    action_plan: Text | None = None
    missing: Text | None = None
    note: Text | None = None
    erased: tuple[str, ...] = ()
    waits: Start
    notices: tuple[Notice, ...] = ()
    active_on: date

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def turn(self) -> str | None:
        """The organ or service whose turn it is; None once it has ended."""
        if self.is_open:
            return self.to
        return self.ordered_by if self.state is OrderState.DELIVERED else None

    @property
    def readers(self) -> Readers:
        """Those who ordered it, those it was ordered from, and those who read everything."""
        return Readers(parties=frozenset({self.ordered_by, self.to}))

    @property
    def clocks(self) -> tuple[Clock, ...]:
        """What runs: until it is answered, until it is delivered, until that is judged."""
        return tuple(wound(one, self.notices, active_on=self.active_on) for one in self._running())

    def clocks_as(self, before: "Order") -> bool:
        return before.clocks == self.clocks

    def _running(self) -> Iterator[Clock]:
        if self.state is OrderState.PLACED:
            yield Clock(DeadlineKind.ORDER_ACCEPTANCE, self.to, self.waits)
        if self.is_open:
            yield Clock(DeadlineKind.ORDER, self.to, self.waits, due_on=self.due_on)
        if self.state is OrderState.DELIVERED:
            yield Clock(DeadlineKind.APPROVAL, self.ordered_by, self.waits)

    # What may be decided.

    @classmethod
    def place(
        cls,
        order_id: str,
        *,
        kind: OrderKind,
        to: str,
        what: Text,
        expected_effect: Text,
        due_on: date,
        case: str | None = None,
        focus_area: str | None = None,
        mandate: Text | None = None,
        steps: tuple[Text, ...] = (),
        topology: Topology,
        by: Actor,
        at: Occurred,
    ) -> OrderPlaced:
        """On behalf of the board or the group (*by*). *case*: the id of one that is there."""
        ordering = topology.living_organ(by.organ) if by.organ is not None else None
        if ordering is None or ordering.level is Level.EXECUTING:
            raise errors.OnlyTheBoardOrTheGroupOrders
        asked = topology.responsible(topology.successor(to))
        if asked == ordering.key:
            raise errors.OrderedFromItself
        _not_before(due_on, at)
        _is_a_mapping(kind, mandate, steps, due_on, at)
        return OrderPlaced(
            **envelope(order_id, 1, by, at),
            kind=kind,
            ordered_by=ordering.key,
            to=asked,
            what=what,
            expected_effect=expected_effect,
            due_on=due_on,
            case=case,
            focus_area=topology.known_focus_area(focus_area),
            mandate=mandate,
            steps=steps,
        )

    def accept(self, *, by: Actor, at: Occurred) -> OrderAccepted:
        event = self._answered(by, at)
        if self.state is not OrderState.PLACED:
            raise errors.OrderAcceptedAlready
        return OrderAccepted(**event)

    def decline(self, *, reason: Text, by: Actor, at: Occurred) -> OrderDeclined:
        """Also once it was accepted: that it cannot be done may show later."""
        return OrderDeclined(**self._answered(by, at), reason=reason)

    def pass_on(self, *, to: str, seated: frozenset[str], by: Actor, at: Occurred) -> OrderPassedOn:
        """*seated*: the ids of those who sit in the organ or service that it was ordered from."""
        event = self._answered(by, at)
        if to not in seated:
            raise errors.NoSeatThere
        if to == self.responsible:
            raise errors.NothingChanged
        return OrderPassedOn(**event, to=to)

    def take_step(self, n: int, *, note: Text | None, by: Actor, at: Occurred) -> MappingStepTaken:
        """Whoever takes a step has accepted the order."""
        event = self._answered(by, at)
        step = next((step for step in self.steps if step.n == n), None)
        if step is None:
            raise errors.StepUnknown(n=n)
        if step.taken_on is not None:
            raise errors.StepTakenAlready(n=n)
        return MappingStepTaken(**event, n=n, note=note)

    def deliver(
        self, *, report: Text, action_plan: Text | None = None, by: Actor, at: Occurred
    ) -> OrderDelivered:
        """Also what was never formally accepted: the work was done."""
        event = self._answered(by, at)
        if self.kind is OrderKind.MAPPING and action_plan is None:
            raise errors.ActionPlanMissing
        if self.kind is not OrderKind.MAPPING and action_plan is not None:
            raise errors.ActionPlanUnwanted
        return OrderDelivered(**event, report=report, action_plan=action_plan)

    def approve(self, *, note: Text | None = None, by: Actor, at: Occurred) -> OrderApproved:
        return OrderApproved(**self._judged(by, at), note=note)

    def send_back(
        self, *, missing: Text, due_on: date | None = None, by: Actor, at: Occurred
    ) -> OrderSentBack:
        event = self._judged(by, at)
        if due_on is not None:
            _not_before(due_on, at)
        return OrderSentBack(**event, missing=missing, due_on=due_on)

    def withdraw(self, *, reason: Text, by: Actor, at: Occurred) -> OrderWithdrawn:
        """What has been delivered is approved or sent back instead: whoever did it is answered."""
        event = self._ordered(by, at)
        self._still_open()
        return OrderWithdrawn(**event, reason=reason)

    # The rules that several decisions share.

    def _answered(self, by: Actor, at: Occurred) -> dict[str, Any]:
        """On behalf of those it was ordered from."""
        if by.organ not in {None, self.to}:
            raise errors.OrderedFromAnother(to=self.to)
        event = self.next_event(by.acting_for(self.to), at)
        self._still_open()
        return event

    def _judged(self, by: Actor, at: Occurred) -> dict[str, Any]:
        event = self._ordered(by, at)
        self._not_ended()
        if self.state is not OrderState.DELIVERED:
            raise errors.OrderIsNotDelivered
        return event

    def _ordered(self, by: Actor, at: Occurred) -> dict[str, Any]:
        """On behalf of the organ that ordered it."""
        if by.organ not in {None, self.ordered_by}:
            raise errors.NotYourOrder(ordered_by=self.ordered_by)
        return self.next_event(by.acting_for(self.ordered_by), at)

    def next_event(self, by: Actor, at: Occurred) -> dict[str, Any]:
        """What each event carries, also of an order that has ended. Acting for nobody in particular
        is acting for those whose turn it is."""
        placed = Occurred(at=self.placed_at, precision=self.placed_precision)
        if at.ends <= placed.begins:
            raise errors.BeforeTheOrder
        acting = by if by.organ else by.acting_for(self.turn or self.ordered_by)
        return envelope(self.id, self.version + 1, acting, at)

    def _still_open(self) -> None:
        self._not_ended()
        if not self.is_open:
            raise errors.OrderIsDelivered

    def _not_ended(self) -> None:
        if not self.is_open and self.state is not OrderState.DELIVERED:
            raise errors.OrderIsEnded

    def but(self, **changes: object) -> Self:
        return self.model_copy(update=changes)


ORDER = "order:"
"""What the id of an order's stream begins with."""


def order_id(number: str) -> str:
    """The stream of the order with this UUID."""
    return f"{ORDER}{number}"


def is_order(stream: str) -> bool:
    return stream.startswith(ORDER)


def evolve(order: Order | None, event: OrderEvent) -> Order:
    """What *order* becomes once *event* has happened."""
    if order is None:
        assert isinstance(event, OrderPlaced), "an order begins by being placed"  # noqa: S101
        return _placed(event)
    after = order.but(version=event.originator_version, **_changes(order, event))
    if isinstance(event, DeadlineEvent):
        return after
    waits = Start.of(event) if after.turn != order.turn else order.waits
    return after.but(waits=waits, active_on=max(order.active_on, day_in_oslo(event.occurred_at)))


def _placed(event: OrderPlaced) -> Order:
    return Order(
        id=event.originator_id,
        version=event.originator_version,
        kind=event.kind,
        ordered_by=event.ordered_by,
        to=event.to,
        what=event.what,
        expected_effect=event.expected_effect,
        due_on=event.due_on,
        case=event.case,
        focus_area=event.focus_area,
        mandate=event.mandate,
        steps=tuple(MappingStep(n=n, what=what) for n, what in enumerate(event.steps, start=1)),
        placed_at=event.occurred_at,
        placed_precision=event.precision,
        waits=Start.of(event),
        active_on=day_in_oslo(event.occurred_at),
    )


def _changes(order: Order, event: OrderEvent) -> dict[str, object]:  # noqa: C901 - one life
    match event:
        case OrderPlaced():
            raise AssertionError("an order is placed once")
        case OrderAccepted():
            return {"state": OrderState.ACCEPTED}
        case OrderDeclined(reason=reason):
            return {"state": OrderState.DECLINED, "reason": reason}
        case OrderPassedOn(to=person):
            return {"responsible": person}
        case MappingStepTaken():
            state = OrderState.ACCEPTED if order.state is OrderState.PLACED else order.state
            return {"state": state, "steps": tuple(_taken(step, event) for step in order.steps)}
        case OrderDelivered(report=report, action_plan=action_plan):
            delivery = {"report": report, "action_plan": action_plan, "missing": None}
            return {"state": OrderState.DELIVERED, **delivery}
        case OrderApproved(note=note):
            return {"state": OrderState.APPROVED, "note": note}
        case OrderSentBack(missing=missing, due_on=due_on):
            due = due_on or order.due_on
            return {"state": OrderState.SENT_BACK, "missing": missing, "due_on": due}
        case OrderWithdrawn(reason=reason):
            return {"state": OrderState.WITHDRAWN, "reason": reason}
        case TextErased(text_id=text_id):
            return {"erased": (*order.erased, text_id)}
        case DeadlineNeared() | DeadlinePassed() | DeadlineStillPassed():
            return {"notices": noted(order.notices, event)}
    assert_never(event)


def _taken(step: MappingStep, event: MappingStepTaken) -> MappingStep:
    if step.n != event.n:
        return step
    return step.model_copy(update={"taken_on": day_in_oslo(event.occurred_at), "note": event.note})


def _is_a_mapping(
    kind: OrderKind, mandate: Text | None, steps: tuple[Text, ...], due_on: date, at: Occurred
) -> None:
    """A mapping has a mandate and steps, with time for each; nothing else has them."""
    if kind is not OrderKind.MAPPING:
        if mandate is not None or steps:
            raise errors.MandateUnwanted
        return
    if mandate is None or not steps:
        raise errors.MandateMissing
    if due_on < day_in_oslo(at.begins) + A_STEP * len(steps):
        raise errors.MappingTooShort(steps=len(steps))


def _not_before(day: date, at: Occurred) -> None:
    if day < day_in_oslo(at.begins):
        raise errors.DueBeforeItBegan

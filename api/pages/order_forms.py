"""What can be done with an order, as forms: one for each command."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Response

from api import bodies, order_bodies, orders
from api.desk import Desk
from api.language import say
from api.order_answers import OrderAnswer
from api.pages.forms import Field, Form
from domain.order import OPEN
from domain.rights import Action
from domain.terms import OrderKind, OrderState

When = Callable[[OrderAnswer], bool]
WHY = Field("reason", say("Why"), "words")


def _is_open(order: OrderAnswer) -> bool:
    return order.state in OPEN


def _is_delivered(order: OrderAnswer) -> bool:
    return order.state is OrderState.DELIVERED


def _is_a_mapping(order: OrderAnswer) -> bool:
    return order.kind is OrderKind.MAPPING


@dataclass(frozen=True)
class OrderForm(Form):
    """`when`: whether an order can take it as it is now; `run` is called with the order's id."""

    action: Action = Action.ANSWER_ORDER
    when: When = _is_open
    run: Callable[[str, Any, Desk], Response] = orders.accept


PLACE = Form(
    "place", say("Order something"), say("Order it"), order_bodies.Placing,
    (
        Field("acting_for", say("On behalf of"), "choice", choices="ordering"),
        Field("kind", say("Kind of order"), "choice", choices="order_kinds"),
        Field("to", say("From whom"), "choice", choices="responsible"),
        Field("what", say("What is ordered"), "words"),
        Field("expected_effect", say("What it is expected to change"), "words"),
        Field("due_on", say("By"), "day"),
        Field("focus_area", say("Focus area"), "choice", required=False, choices="focus_areas"),
        Field("case", say("Number of the case that it is about"), required=False),
        Field("mandate", say("Mandate"), "words", required=False,
              hint=say("Of a mapping alone: what it is to find out.")),
        Field("steps", say("Steps"), "lines", required=False,
              hint=say("Of a mapping alone: one on each line, with a week or more for each.")),
    ),
)  # fmt: skip
ACCEPT = OrderForm(
    "acceptance", say("Accept"), say("Accept the order"), bodies.Acceptance,
    when=lambda order: order.state is OrderState.PLACED,
)  # fmt: skip
REPORT = Field("report", say("What was done"), "words")
DELIVER = OrderForm(
    "delivery", say("Deliver"), say("Deliver it"), order_bodies.Delivery, (REPORT,),
    when=lambda order: _is_open(order) and not _is_a_mapping(order),
    run=orders.deliver,
)  # fmt: skip
DELIVER_MAPPING = OrderForm(
    "delivery", say("Deliver"), say("Deliver it"), order_bodies.Delivery,
    (REPORT, Field("action_plan", say("Action plan"), "words")),
    when=lambda order: _is_open(order) and _is_a_mapping(order),
    run=orders.deliver,
)  # fmt: skip
TAKE_STEP = OrderForm(
    "steps", say("Report a step"), say("Report the step"), order_bodies.Step,
    (
        Field("n", say("Step"), "choice", choices="steps"),
        Field("note", say("What came of it"), "words", required=False),
    ),
    when=lambda order: _is_open(order) and any(one.taken_on is None for one in order.steps),
    run=orders.take_step,
)  # fmt: skip
PASS_ON = OrderForm(
    "responsible", say("Pass it on"), say("Pass it on to them"), order_bodies.PassingOn,
    (Field("to", say("Who sees to it"), "choice", choices="seated"),),
    run=orders.pass_on,
)  # fmt: skip
DECLINE = OrderForm(
    "refusal", say("Decline"), say("Decline the order"), bodies.Reasoned, (WHY,),
    run=orders.decline,
)  # fmt: skip
APPROVE = OrderForm(
    "approval", say("Approve"), say("Approve it"), order_bodies.Approval,
    (Field("note", say("Note"), "words", required=False),),
    action=Action.ORDER, when=_is_delivered, run=orders.approve,
)  # fmt: skip
SEND_BACK = OrderForm(
    "return", say("Send back"), say("Send it back"), order_bodies.SendingBack,
    (
        Field("missing", say("What is missing"), "words"),
        Field("due_on", say("By"), "day", required=False,
              hint=say("Without a day the one that was given stays.")),
    ),
    action=Action.ORDER, when=_is_delivered, run=orders.send_back,
)  # fmt: skip
WITHDRAW = OrderForm(
    "withdrawal", say("Withdraw the order"), say("Withdraw it"), bodies.Reasoned, (WHY,),
    action=Action.ORDER, run=orders.withdraw,
)  # fmt: skip

ORDER_FORMS = (ACCEPT, DELIVER, DELIVER_MAPPING, TAKE_STEP, PASS_ON, DECLINE, APPROVE, SEND_BACK,
               WITHDRAW)  # fmt: skip
"""In the order in which they come. Of those with one name each order can take one."""


def named(name: str, kind: OrderKind) -> OrderForm | None:
    """The form with this name, of an order of this *kind*."""
    if name == DELIVER.name:
        return DELIVER_MAPPING if kind is OrderKind.MAPPING else DELIVER
    return next((form for form in ORDER_FORMS if form.name == name), None)


def at_hand(order: OrderAnswer, may: Mapping[Action, bool], refused: str = "") -> list[OrderForm]:
    """What can be done with *order* by somebody who *may* do these, and the form of this name that
    was *refused*: what was typed there is not lost when the order can take it no more."""
    tried = named(refused, order.kind)
    return [
        form for form in ORDER_FORMS if (may[form.action] and form.when(order)) or form is tried
    ]

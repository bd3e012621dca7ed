"""Orders: the list of them, the life of each, and the form that places one."""

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from api import order_bodies, orders
from api.answers import EntryAnswer
from api.desk import Desk
from api.language import say, spoken_to
from api.order_answers import OrderAnswer, order_answer, order_texts
from api.page import Page
from api.pages import choices, timeline
from api.pages.choices import Choices
from api.pages.desks import Sent, fresh_key, looking, sending
from api.pages.forms import Choice, Refused, tried
from api.pages.order_forms import PLACE, at_hand, named
from api.pages.shell import Names, case_numbers, person_names, shown, to
from api.problems import Forbidden, NotFound
from domain.actor import Role
from domain.errors import Refusal
from domain.order import OPEN, Order
from domain.rights import Action, hat, may_act_for
from domain.terms import OrderKind, OrderState
from domain.topology import Level

router = APIRouter(prefix="/orders", route_class=Page, include_in_schema=False)
Looking = Annotated[Desk, looking(Action.READ_ORDERS)]
Placing = Annotated[Desk, looking(Action.ORDER)]
Placed = Annotated[Sent, sending(Action.ORDER)]
Id = Annotated[str, Path(max_length=100)]
FormName = Annotated[str, Path(max_length=40)]
Asked = Annotated[str | None, Query(max_length=300)]
MOST = 1000
RUNNING = OPEN | {OrderState.DELIVERED}
"""Somebody is to do something."""

FIELDS: timeline.Fields = {
    "kind": (say("Kind of order"), "word"),
    "to": (say("From whom"), "place"),
    "what": (say("What is ordered"), "words"),
    "expected_effect": (say("What it is expected to change"), "words"),
    "mandate": (say("Mandate"), "words"),
    "steps": (say("Steps"), "texts"),
    "n": (say("Step"), "word"),
    "focus_area": (say("Focus area"), "area"),
    "person": (say("Who sees to it"), "person"),
    "reason": (say("Why"), "words"),
    "report": (say("What was done"), "words"),
    "action_plan": (say("Action plan"), "words"),
    "missing": (say("What is missing"), "words"),
    "due_on": (say("By"), "day"),
    "note": (say("Note"), "words"),
    "legal_basis": (say("Legal basis"), "word"),
}
"""The fields of an order's events that people read, in this order."""


@router.get("")
def listed(
    desk: Looking,
    state: Asked = None,
    kind: Asked = None,
    ordered_by: Asked = None,
    to: Asked = None,
    overdue: Asked = None,
) -> Response:
    """What was ordered, by any filter: first what somebody is to act on, the soonest due before."""
    asked = {"state": state, "kind": kind, "ordered_by": ordered_by, "to": to, "overdue": overdue}
    asked = {name: value for name, value in asked.items() if value}
    found, sentence = list[OrderAnswer](), None
    try:
        page = orders.listed(
            desk,
            OrderState(state) if state else None,
            OrderKind(kind) if kind else None,
            ordered_by or None,
            to or None,
            True if overdue else None,
            limit=MOST,
        )
        found = page.items
    except (ValueError, Refusal):
        sentence = say("There is no such filter here. Choose among these.")
    found.sort(key=lambda one: (one.state not in RUNNING, one.due_on, one.id))
    return shown(
        desk,
        "orders",
        200 if sentence is None else 422,
        orders=found,
        asked=asked,
        tabs=_tabs(desk),
        filters=_filters(desk),
        sentence=sentence,
    )


def _tabs(desk: Desk) -> list[tuple[str, str, str]]:
    """Where one goes with one click: the address, what it is called, and of which organ or
    service."""
    tabs = [
        ("/orders", say("All orders"), ""),
        ("/orders?state=delivered", say("Delivered, and to be judged"), ""),
        ("/orders?overdue=true", say("Overdue"), ""),
    ]
    ordering = {one.value for one in _ordering(desk)}
    for place in sorted(desk.standing.organs | desk.standing.services):
        tabs.append((f"/orders?to={place}", say("Ordered from %(place)s"), place))
        if place in ordering:
            tabs.append((f"/orders?ordered_by={place}", say("Ordered by %(place)s"), place))
    return tabs


def _filters(desk: Desk) -> Choices:
    tongue, there = spoken_to(desk.request), choices.everywhere(desk)
    return {
        "state": [Choice(one.value, tongue.gettext(one.value)) for one in OrderState],
        "kind": [Choice(one.value, tongue.gettext(one.value)) for one in OrderKind],
        "ordered_by": _ordering(desk),
        "to": [*there["organs"], *there["services"]],
    }


def _ordering(desk: Desk) -> list[Choice]:
    """The organs that may order something."""
    organs = desk.topology.organs
    return [
        one
        for one in choices.everywhere(desk)["organs"]
        if organs[one.value].level is not Level.EXECUTING
    ]


# Placing one.


@router.get("/new")
def form(desk: Placing, case: Asked = None) -> Response:
    """The form that places an order. *case*: the number of the one that it is about."""
    return _form(desk, case=case)


@router.post("")
def place(sent: Placed) -> Response:
    """Place it, and go on to it."""
    made: dict[str, Any] = {}

    def run(body: order_bodies.Placing) -> Response:
        made["answer"] = orders.place(body, sent.desk)
        return Response()

    refused = tried(PLACE, sent, run)
    if refused is not None:
        return _form(sent.desk.looking(), refused)
    return to(sent.desk, made["answer"].headers["Location"].removeprefix("/api"))


def _form(desk: Desk, refused: Refused | None = None, case: str | None = None) -> Response:
    there, tongue = choices.everywhere(desk), spoken_to(desk.request)
    return shown(
        desk,
        "order_form",
        refused.status if refused else 200,
        form=PLACE,
        choices={
            **there,
            "ordering": _ordering(desk),
            "order_kinds": [Choice(one.value, tongue.gettext(one.value)) for one in OrderKind],
            "responsible": [*there["organs"], *there["services"]],
        },
        now={"case": [case]} if case else {},
        refused=refused,
        key=fresh_key(),
    )


# One order.


@router.get("/{order}")
def one_order(order: Id, desk: Looking) -> Response:
    return _shown(desk, order)


@router.post("/{order}/{form}")
def answer(
    order: Id, form: FormName, sent: Annotated[Sent, sending(Action.ANSWER_ORDER)]
) -> Response:
    """Whatever is done with it: answered by those it was ordered from, or judged by those who
    ordered it. That one may do it at all is asked once more by the action of the form."""
    seen = sent.desk.engine.load(Order, orders.stream_of(order))
    asked = named(form, seen.state.kind) if seen is not None else None
    if asked is None:
        raise NotFound
    if hat(sent.desk.standing, asked.action) is None:
        raise Forbidden
    refused = tried(asked, sent, lambda body: asked.run(order, body, sent.desk))
    if refused is None:
        return to(sent.desk, sent.onward(f"/orders/{order}#last"))
    return _shown(sent.desk.looking(), order, refused)


def _answered(desk: Desk, ref: str) -> OrderAnswer:
    row = orders.row_of(ref, desk)
    wording = desk.wording(order_texts(row.order))
    return order_answer(row.order, wording, position=row.position, today=desk.today)


def _shown(desk: Desk, ref: str, refused: Refused | None = None) -> Response:
    key, order = orders.row_of(ref, desk).order.to, _answered(desk, ref)
    entries = [_read(one) for one in orders.history(ref, desk, limit=MOST).items]
    seated = desk.structure.roster.sitting_in(frozenset({key}), desk.today)
    people = person_names(desk, _named(entries) | seated | {order.responsible or ""})
    steps = [Choice(str(one.n), f"{one.n}. {one.what or ''}") for one in order.steps
             if one.taken_on is None]  # fmt: skip
    return shown(
        desk,
        "order",
        refused.status if refused else 200,
        order=order,
        told=timeline.told(
            entries, Names(desk.structure.names), people, spoken_to(desk.request), FIELDS
        ),
        case=case_numbers(desk, [order.case] if order.case else []).get(order.case or ""),
        responsible=people.get(order.responsible or "", order.responsible),
        forms=at_hand(order, _may(desk, key), refused.name if refused else ""),
        choices={
            "steps": steps,
            "seated": [Choice(one, people.get(one, one)) for one in sorted(seated)
                       if one != order.responsible],
        },
        refused=refused,
        key=fresh_key(),
    )  # fmt: skip


def _may(desk: Desk, key: str) -> dict[Action, bool]:
    """*key*: of whom it was ordered from."""
    role = hat(desk.standing, Action.ANSWER_ORDER)
    own = role is not None and (
        role is not Role.MEMBER or may_act_for(desk.standing, Role.MEMBER, key)
    )
    return {Action.ANSWER_ORDER: own, Action.ORDER: hat(desk.standing, Action.ORDER) is not None}


def _read(entry: EntryAnswer) -> EntryAnswer:
    """Whom an order is passed on to is a person; elsewhere `to` is an organ or a service."""
    if entry.event != "OrderPassedOn":
        return entry
    own = entry.model_extra or {}
    return entry.model_copy(update={"to": None, "person": own["to"]})


def _named(entries: Iterable[EntryAnswer]) -> set[str]:
    own = {str((one.model_extra or {}).get("person")) for one in entries}
    return own | {one.actor.id for one in entries}

"""What is sent from a meeting's page: each form one call, and back to the meeting as it now is."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from api import agendas, meetings
from api.agendas import ItemNumber
from api.meeting_bodies import Approval, Plain
from api.meetings import MeetingRef
from api.page import Page
from api.pages.desks import Sent, sending
from api.pages.forms import Form, tried
from api.pages.meeting import shown_meeting
from api.pages.meeting_forms import (
    ADOPT_PLAN,
    APPROVE,
    DISMISS,
    DRAW_UP,
    ITEM_FORMS,
    MEETING_FORMS,
    OF_AN_ITEM,
    ORDER,
    SET_FOCUS_AREA,
    WITHDRAW,
)
from api.pages.shell import to
from api.problems import NotFound
from domain.rights import Action

router = APIRouter(prefix="/meetings/{meeting}", route_class=Page, include_in_schema=False)
FormName = Annotated[str, Path(max_length=40)]
PersonRef = Annotated[str, Path(max_length=100)]
Meeting_ = Annotated[Sent, sending(Action.MEET)]
Logging = Annotated[Sent, sending(Action.CASEWORK)]
Planning = Annotated[Sent, sending(Action.PLAN)]
Ordering = Annotated[Sent, sending(Action.ORDER)]
Run = Callable[[Any], Response]


@router.post("/items/{n}/agenda/{form}")
def step_of_an_item(meeting: MeetingRef, n: ItemNumber, form: FormName, sent: Meeting_) -> Response:
    """Postpone it, take it up after all, take it off."""
    asked = OF_AN_ITEM.get(form)
    if asked is None:
        raise NotFound
    return _done(meeting, sent, asked, lambda body: asked.run(meeting, n, body, sent.desk), n)


@router.post("/items/{n}/focus-areas")
def set_focus_area(meeting: MeetingRef, n: ItemNumber, sent: Planning) -> Response:
    run: Run = lambda body: SET_FOCUS_AREA.run(meeting, n, body, sent.desk)  # noqa: E731
    return _done(meeting, sent, SET_FOCUS_AREA, run, n)


@router.post("/items/{n}/plans")
def adopt_a_plan(meeting: MeetingRef, n: ItemNumber, sent: Planning) -> Response:
    run: Run = lambda body: ADOPT_PLAN.run(meeting, n, body, sent.desk)  # noqa: E731
    return _done(meeting, sent, ADOPT_PLAN, run, n)


@router.post("/items/{n}/orders")
def order(meeting: MeetingRef, n: ItemNumber, sent: Ordering) -> Response:
    """Order something, on behalf of the organ that meets."""
    run: Run = lambda body: ORDER.run(meeting, n, body, sent.desk)  # noqa: E731
    return _done(meeting, sent, ORDER, run, n)


@router.post("/items/{n}/{form}")
def log(meeting: MeetingRef, n: ItemNumber, form: FormName, sent: Logging) -> Response:
    """Whatever is logged on an item, or withdrawn there."""
    asked = {**ITEM_FORMS, WITHDRAW.name: WITHDRAW}.get(form)
    if asked is None:
        raise NotFound
    which = asked.of_one_of(2) if sent.one("case") else asked
    return _done(meeting, sent, which, lambda body: asked.run(meeting, n, body, sent.desk), n)


@router.post("/guests/{person}/dismissal")
def dismiss(meeting: MeetingRef, person: PersonRef, sent: Meeting_) -> Response:
    run: Run = lambda body: meetings.dismiss(meeting, person, body, sent.desk)  # noqa: E731
    return _done(meeting, sent, DISMISS, run)


@router.post("/approvals/{earlier}")
def approve(
    meeting: MeetingRef, earlier: Annotated[str, Path(max_length=100)], sent: Meeting_
) -> Response:
    """The minutes of an earlier meeting are approved in this one."""

    def run(body: Plain) -> Response:
        said = Approval(at_meeting=meeting, **body.model_dump())
        return meetings.approve(earlier, said, sent.desk)

    return _done(meeting, sent, APPROVE, run)


@router.post("/arrangement")
def arrange(meeting: MeetingRef, sent: Meeting_) -> Response:
    """The whole order is sent, and with a button, which item goes one place up or down."""
    order = sent.one("order").split()
    way, _, n = sent.one("move").partition("-")
    if n in order:
        at = order.index(n)
        there = min(max(at + (1 if way == "down" else -1), 0), len(order) - 1)
        order.insert(there, order.pop(at))
    sent.fields["order"] = [" ".join(order)]
    form = MEETING_FORMS["arrangement"]
    return _done(meeting, sent, form, lambda body: agendas.arrange(meeting, body, sent.desk))


@router.post("/agenda")
def draw_up(meeting: MeetingRef, sent: Meeting_) -> Response:
    """All that waits, or only what is about these cases or waits for these reasons."""
    asked = tuple(one for one in DRAW_UP.fields if sent.fields.get(one.name))
    form = replace(DRAW_UP, fields=asked)
    return _done(meeting, sent, form, lambda body: agendas.draw_up(meeting, body, sent.desk))


@router.post("/{form}")
def step(meeting: MeetingRef, form: FormName, sent: Meeting_) -> Response:
    """Whatever else is done with the meeting itself."""
    asked = MEETING_FORMS.get(form)
    if asked is None:
        raise NotFound
    return _done(meeting, sent, asked, lambda body: asked.run(meeting, body, sent.desk))


def _done(meeting: str, sent: Sent, form: Form, run: Run, n: int | None = None) -> Response:
    """Back to the meeting, at the item that was open; where it was refused, with the form as it was
    filled in."""
    item = n if n is not None else _item(sent)
    refused = tried(form, sent, run)
    if refused is not None:
        return shown_meeting(sent.desk.looking(), meeting, item, do=form.name, refused=refused)
    return to(sent.desk, f"/meetings/{meeting}" + (f"?item={item}#item" if item else ""))


def _item(sent: Sent) -> int | None:
    """Which item was open."""
    written = sent.one("item")
    return int(written) if written.isdecimal() and len(written) < 7 else None

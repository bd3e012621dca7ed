"""What can be done in a meeting, as forms: with its agenda, about its items, and with itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from fastapi import Response
from pydantic import field_validator

from api import agendas, bodies, items, meetings
from api import meeting_bodies as said
from api.answers import CaseAnswer
from api.desk import Desk
from api.language import say
from api.order_bodies import Placing
from api.pages import case_forms
from api.pages.case_forms import REASON, CaseForm
from api.pages.forms import Field, Form
from api.pages.order_forms import PLACE

CONVENE = Form(
    "convening", say("Convene a meeting"), say("Convene it"), said.Convening,
    (
        Field("organ", say("Organ"), "choice", choices="organs"),
        Field("starts_at", say("Begins"), "moment"),
        Field("place", say("Place"), required=False),
    ),
    hint=say("All who sit in the organ on the day are invited."),
)  # fmt: skip


# About an item.


@dataclass(frozen=True)
class ItemForm(Form):
    """Something that is logged on an item. `key`: what it is opened with on the keyboard; `when`:
    whether a case can take it as it is now."""

    key: str = ""
    when: Callable[[CaseAnswer], bool] = lambda _: True
    run: Callable[[str, int, Any, Desk], Response] = items.note

    def of_one_of(self, cases: int) -> "ItemForm":
        """Which of the item's *cases*, where it is about several: a discussion is of all."""
        if cases < 2 or self.name == "discussions":
            return self
        which = Field("case", say("Which case"), "choice", choices="its_cases")
        return replace(self, fields=(which, *self.fields))


def _logged(
    form: CaseForm,
    key: str,
    body: type[said.OfAnItem],
    run: Callable[[str, int, Any, Desk], Response],
) -> ItemForm:
    """A case's own form, said in a meeting."""
    return ItemForm(
        form.name, form.title, form.button, body, form.fields, form.hint,
        key=key, when=form.when, run=run,
    )  # fmt: skip


DISCUSS = _logged(case_forms.DISCUSS, "d", said.ItemDiscussion, items.discuss)
ITEM_FORMS: Mapping[str, ItemForm] = {
    form.name: form
    for form in (
        DISCUSS,
        _logged(case_forms.ESCALATE, "l", said.ItemEscalation, items.escalate),
        _logged(case_forms.ASSIGN, "a", said.ItemAssigning, items.assign),
        _logged(case_forms.RETURN, "s", said.ItemReturning, items.send_down),
        _logged(case_forms.MEASURE, "m", said.ItemMeasuring, items.start_a_measure),
        _logged(case_forms.ANSWER, "t", said.ItemAnswering, items.answer),
        _logged(case_forms.NOTE, "n", said.ItemNoting, items.note),
        _logged(case_forms.CLOSE, "c", said.ItemClosure, items.close),
    )
}
"""By the last part of their address, which is that of the API; one key for each outcome."""
SET_FOCUS_AREA = ItemForm(
    "focus-areas", say("Set a focus area"), say("Set it"), bodies.FocusAreaSetting,
    (
        Field("key", say("Key"), hint=say("Small letters, digits and hyphens. It never changes.")),
        Field("name", say("Name")),
        Field("year", say("Year"), "number", required=False),
    ),
    key="f",
    run=items.set_focus_area,
)  # fmt: skip
ADOPT_PLAN = ItemForm(
    "plans", say("Adopt a plan"), say("Adopt it"), bodies.PlanAdoption,
    (
        Field("name", say("Name")),
        Field("from_", say("First year"), "number"),
        Field("to", say("Last year"), "number", required=False),
    ),
    key="v",
    run=items.adopt_a_plan,
)  # fmt: skip
PLAN_FORMS: Mapping[str, ItemForm] = {form.name: form for form in (SET_FOCUS_AREA, ADOPT_PLAN)}
"""Of the board's meetings."""
ORDER = ItemForm(
    "orders", PLACE.title, PLACE.button, Placing,
    (
        *(one for one in PLACE.fields if one.name not in {"acting_for", "case"}),
        Field("case", say("The case that it is about"), "choice", required=False,
              choices="its_cases"),
    ),
    hint=say("On behalf of the organ that meets."),
    key="b",
    run=items.order,
)  # fmt: skip
"""Of any but a team's meetings, on an item with cases or without."""
WITHDRAW = ItemForm(
    "withdrawal", say("Logged by mistake"), say("Withdraw it"), said.ItemWithdrawal,
    (
        Field("position", say("Entry"), "number"),
        Field("reason", say("Why"), "words", required=False),
    ),
    run=items.withdraw,
)  # fmt: skip


# The agenda, and who is there.


@dataclass(frozen=True)
class StepForm(Form):
    """A step of the meeting itself; `n` is the item that it is about, where it is about one."""

    run: Callable[[str, int, Any, Desk], Response] = agendas.take_off


POSTPONE = StepForm(
    "postponement", say("Postpone"), say("Postpone it"), said.Postponing,
    (Field("reason", say("Why"), "words", required=False),),
    hint=say("It waits for the organ's next meeting."),
    run=agendas.postpone,
)  # fmt: skip
TAKE_UP = StepForm("taking-up", say("Take it up after all"), say("Take it up after all"),
                   said.Plain, run=agendas.take_up)  # fmt: skip
TAKE_OFF = StepForm("removal", say("Take it off the agenda"), say("Take it off the agenda"),
                    said.Plain)  # fmt: skip
OF_AN_ITEM: Mapping[str, StepForm] = {form.name: form for form in (POSTPONE, TAKE_UP, TAKE_OFF)}


@dataclass(frozen=True)
class MeetingForm(Form):
    run: Callable[[str, Any, Desk], Response] = meetings.close


class Adding(said.ItemAdding):
    """As it is typed: the numbers of its cases on one line."""

    @field_validator("cases", mode="before")
    @classmethod
    def _apart(cls, typed: object) -> object:
        return typed.replace(",", " ").split() if isinstance(typed, str) else typed or []


class Arranging(said.Arranging):
    """As it is sent: the numbers of all items in one field."""

    @field_validator("order", mode="before")
    @classmethod
    def _apart(cls, sent: object) -> object:
        return sent.split() if isinstance(sent, str) else sent


DRAW_UP = MeetingForm(
    "agenda", say("Put all of it on the agenda"), say("Put all of it on the agenda"),
    said.DrawingUp, (Field("why", "", "many"), Field("cases", "", "many")),
    run=agendas.draw_up,
)  # fmt: skip
ADD = MeetingForm(
    "items", say("Add an item"), say("Add it"), Adding,
    (
        Field("title", say("Title"), required=False),
        Field("cases", say("Or the numbers of cases"), required=False),
    ),
    run=agendas.add_item,
)  # fmt: skip
ARRANGE = MeetingForm(
    "arrangement", say("Arrange"), say("Arrange"), Arranging, (Field("order", ""),),
    run=agendas.arrange,
)  # fmt: skip
ATTEND = MeetingForm(
    "attendance", say("Who is there"), say("Keep who is there"), said.Attendance,
    (Field("seats", say("Seats"), "many"), Field("persons", say("Others"), "many")),
    run=meetings.attend,
)  # fmt: skip
ADMIT = MeetingForm(
    "guests", say("Admit a guest"), say("Admit them"), said.Guest,
    (Field("person", say("Who"), "choice", choices="people"),),
    hint=say("They read this meeting, and no other, until it is closed."),
    run=meetings.admit,
)  # fmt: skip
DISMISS = MeetingForm("dismissal", say("Dismiss"), say("Dismiss"), said.Plain)
MOVE = MeetingForm(
    "moving", say("Move the meeting"), say("Move it"), said.Moving,
    (
        Field("starts_at", say("Begins"), "moment"),
        Field("place", say("Place"), required=False),
    ),
    run=meetings.move,
)  # fmt: skip
CANCEL = MeetingForm(
    "cancellation", say("Cancel the meeting"), say("Cancel it"), bodies.Reasoned, (REASON,),
    run=meetings.cancel,
)  # fmt: skip
CLOSE_IT = MeetingForm(
    "closing", say("Close the meeting"), say("Close the meeting"), said.Plain,
    hint=say("The minutes are frozen as they stand, and a checkpoint of the ledger is signed."),
    run=meetings.close,
)  # fmt: skip
APPROVE = MeetingForm(
    "approval", say("Approve earlier minutes"), say("Approve the minutes"), said.Plain
)
REMARK = MeetingForm(
    "remarks", say("Remark on the minutes"), say("Keep the remark"), said.Remarking,
    (
        Field("n", say("About item"), "choice", required=False, choices="item_numbers"),
        Field("text", say("Remark"), "words"),
    ),
    hint=say("The minutes stay as they are. It is shown beside them."),
    run=meetings.remark,
)  # fmt: skip
MEETING_FORMS: Mapping[str, MeetingForm] = {
    form.name: form
    for form in (DRAW_UP, ADD, ARRANGE, ATTEND, ADMIT, MOVE, CANCEL, CLOSE_IT, REMARK)
}
"""By the last part of their address."""

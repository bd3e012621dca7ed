"""What commands on orders are sent with."""

from typing import Annotated

from pydantic import Field

from api.bodies import Command
from api.fields import Day, Reference, Title, Words
from domain.terms import OrderKind


class Placing(Command):
    """`acting_for`: the board or the group that orders it."""

    kind: OrderKind
    to: Reference = Field(description="From whom: an organ by its key, a service by its name.")
    what: Words
    expected_effect: Words
    due_on: Day
    case: Reference | None = Field(None, description="The case that it is about: id or number.")
    focus_area: Reference | None = None
    mandate: Words | None = Field(None, description="Of a mapping: what it is to find out.")
    steps: Annotated[list[Title], Field(max_length=50)] = Field(
        [], description="Of a mapping: at least one, each with a week or more."
    )


class Step(Command):
    n: Annotated[int, Field(ge=1, le=1_000)] = Field(description="The number of the step.")
    note: Words | None = None


class Delivery(Command):
    report: Words
    action_plan: Words | None = Field(None, description="What a mapping ends in, and only that.")


class Approval(Command):
    note: Words | None = None


class SendingBack(Command):
    missing: Words
    due_on: Day | None = Field(None, description="Until when. Default: the day stays.")


class PassingOn(Command):
    to: Reference = Field(description="Who sees to it from now on, by the person's id.")

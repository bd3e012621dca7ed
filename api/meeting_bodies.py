"""What commands on meetings are sent with, and on cases in a meeting."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api import bodies
from api.bodies import Command
from api.fields import Moment, Position, Reference, Title, Words
from domain.agenda import Waits

Ids = Annotated[list[Reference], Field(max_length=200)]
ItemNumber = Annotated[int, Field(ge=1, le=1_000_000)]
SeatNumbers = Annotated[list[Annotated[int, Field(ge=1, le=100_000)]], Field(max_length=1_000)]


class Convening(Command):
    organ: Reference
    starts_at: Moment = Field(description="When it begins: RFC 3339 with a time zone.")
    ends_at: Moment | None = Field(
        None, description="When it is meant to end. Calendars show two hours where it is not said."
    )
    place: Title | None = None
    seats: SeatNumbers | None = Field(
        None, description="The seats that are invited. Default: all that are taken on that day."
    )
    persons: Ids = Field([], description="Who else is invited, by id.")


class Moving(Command):
    starts_at: Moment
    ends_at: Moment | None = Field(
        None, description="Default: as long after its beginning as before."
    )
    place: Title | None = None


class DrawingUp(Command):
    why: Annotated[list[Waits], Field(min_length=1, max_length=20)] | None = Field(
        None, description="Only what waits for one of these reasons. Default: all of it."
    )
    cases: Ids = Field([], description="Only what is about one of these cases: ids or numbers.")


class ItemAdding(Command):
    cases: Ids = Field([], description="The cases that it is about: ids or numbers.")
    title: Title | None = None


class Arranging(Command):
    order: Annotated[list[ItemNumber], Field(max_length=2_000)] = Field(
        description="The numbers of all items, in their new order."
    )


class Plain(Command):
    """Nothing more is said."""


class Postponing(Command):
    reason: Words | None = None


class Attendance(Command):
    seats: SeatNumbers
    persons: Ids = Field([], description="Who else is there, by id.")


class Guest(Command):
    person: Reference


class Approval(Command):
    at_meeting: Reference = Field(description="The later meeting of the organ, which is open.")


class Remarking(Command):
    n: ItemNumber | None = Field(None, description="The item that it is about, if one.")
    text: Words


class QuorumChange(Command):
    seats: Annotated[int, Field(ge=0, le=1_000)]


class Nothing(BaseModel):
    """Nothing is said in it."""

    model_config = ConfigDict(extra="forbid")


# On a case, in a meeting: what the case's own command is sent with, and which case, if several.


class OfAnItem(Command):
    case: Reference | None = Field(
        None, description="Which of the item's cases. A discussion is of all, by default."
    )


class ItemDiscussion(OfAnItem, bodies.Discussion):
    pass


class ItemEscalation(OfAnItem, bodies.Escalation):
    pass


class ItemReturning(OfAnItem, bodies.Returning):
    pass


class ItemReferral(OfAnItem, bodies.Referral):
    pass


class ItemAssigning(OfAnItem, bodies.Assigning):
    pass


class ItemMeasuring(OfAnItem, bodies.Measuring):
    pass


class ItemEvaluation(OfAnItem, bodies.Evaluation):
    pass


class ItemAnswering(OfAnItem, bodies.Answering):
    pass


class ItemNoting(OfAnItem, bodies.Noting):
    pass


class ItemClosure(OfAnItem, bodies.Closure):
    pass


class ItemWithdrawal(OfAnItem):
    position: Position
    reason: Words | None = None

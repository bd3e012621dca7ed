"""A seat: a person's or an office's place in an organ or a service, for as long as it is taken."""

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from domain import errors
from domain.text import Text


class SeatRole(StrEnum):
    CHAIR = "chair"
    DEPUTY_CHAIR = "deputy_chair"
    SECRETARY = "secretary"
    MEMBER = "member"
    GUEST = "guest"
    """At one meeting, whose day is the last of the seat."""


class Seat(BaseModel):
    """`until`: the last day of it, where that was said from the beginning. `person`: who sits in
    it; without one it is an office that nobody is let in by."""

    model_config = ConfigDict(frozen=True)

    n: int
    role: SeatRole
    represents: Text | None = None
    service: str | None = None
    person: str | None = None
    taken_on: date | None = None
    until: date | None = None
    left_on: date | None = None

    def is_taken(self, on: date) -> bool:
        """A seat without a date has been there for as long as anybody knows."""
        begun = self.taken_on is None or self.taken_on <= on
        lasts = self.until is None or on <= self.until
        return begun and lasts and (self.left_on is None or on < self.left_on)


def period_of(role: SeatRole, taken_on: date | None, until: date | None) -> None:
    """Refuses a period that ends before it begins, and a guest's that has no end."""
    if role is SeatRole.GUEST and until is None:
        raise errors.GuestWithoutADay
    if taken_on is not None and until is not None and until < taken_on:
        raise errors.PeriodTurnedRound


def leaving(seats: tuple[Seat, ...], n: int, left_on: date) -> int:
    """The number of a seat that can be left on that day."""
    if not 1 <= n <= len(seats):
        raise errors.SeatUnknown(n=n)
    seat = seats[n - 1]
    if seat.left_on is not None:
        raise errors.SeatLeftAlready(n=n)
    if seat.taken_on is not None and left_on < seat.taken_on:
        raise errors.PeriodTurnedRound
    return n


def left(seats: tuple[Seat, ...], n: int, left_on: date) -> tuple[Seat, ...]:
    """The seats once number *n* has been left."""
    seat = seats[n - 1].model_copy(update={"left_on": left_on})
    return (*seats[: n - 1], seat, *seats[n:])

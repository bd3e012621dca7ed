"""Given what has happened, when something is decided, then an event or a refusal.

`given(raised(), discussed()).when(lambda c: c.escalate(...)).then(CaseEscalated(...))`
`given(raised()).when(lifted(to=BOARD)).refused(errors.LiftNotAllowed)`

A step of a life is a decision: a function of what the life is by then, answering with an event.
So what is given has been lived through the rules, and a step can also be what is tried in `when`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from domain.actor import Actor, Role
from domain.errors import Refusal
from domain.event import OSLO, Event, Occurred, Precision, Source
from domain.lives import life_of
from domain.text import Text
from tests.domain.topologies import BOARD, GROUP, TEAM

Step = Callable[[Any], Event]


@dataclass(frozen=True)
class Given:
    """A life so far: its events, and what they have made of it."""

    state: Any = None
    events: tuple[Event, ...] = ()

    def further(self, *steps: Step | Event) -> "Given":
        state, events = self.state, self.events
        for step in steps:
            event = step if isinstance(step, Event) else step(state)
            state = life_of(event).evolve(state, event)
            events = (*events, event)
        return Given(state, events)

    def when(self, decision: Step) -> "When":
        try:
            return When(self, event=decision(self.state))
        except Refusal as refusal:
            return When(self, refusal=refusal)

    def is_now(self, **facts: object) -> "Given":
        """Holds each of *facts* against the state."""
        assert {name: getattr(self.state, name) for name in facts} == facts
        return self


@dataclass(frozen=True)
class When:
    """What came of a decision."""

    before: Given
    event: Event | None = None
    refusal: Refusal | None = None

    def then(self, expected: Event) -> Given:
        """It was allowed, and every field of its event is as expected."""
        after = self.allowed()
        assert type(self.event) is type(expected)
        assert dict(self.event) == dict(expected)
        return after

    def allowed(self) -> Given:
        """It was allowed, whatever its event says: for what the life then is."""
        assert self.refusal is None, f"{type(self.refusal).__name__}: {self.refusal}"
        assert self.event is not None
        return self.before.further(self.event)

    def refused(self, refusal: type[Refusal], **facts: object) -> None:
        """By this rule and no other, with these facts if any are named."""
        assert type(self.refusal) is refusal, f"{self.refusal!r}, {self.event!r}"
        assert not facts or self.refusal.facts == facts


def given(*steps: Step | Event) -> Given:
    return Given().further(*steps)


# Who.

COORDINATOR = Actor(id="a-1", role=Role.COORDINATOR)
OTHER_COORDINATOR = Actor(id="a-6", role=Role.COORDINATOR)
MEMBER = Actor(id="a-2", role=Role.MEMBER, organ=TEAM)
GROUP_MEMBER = Actor(id="a-3", role=Role.MEMBER, organ=GROUP)
BOARD_MEMBER = Actor(id="a-4", role=Role.BOARD, organ=BOARD)


# When: a week of September 2016, at noon in Oslo, and what a report knows of it.


def oslo(*when: int, precision: Precision = Precision.MINUTE) -> Occurred:
    """This year, month, day, hour and minute on a clock in Oslo, in UTC as the ledger keeps it."""
    return Occurred(at=datetime(*when, tzinfo=OSLO).astimezone(UTC), precision=precision)


MONDAY = oslo(2016, 9, 5, 12)
TUESDAY = oslo(2016, 9, 6, 12)
WEDNESDAY = oslo(2016, 9, 7, 12)
FRIDAY = oslo(2016, 9, 9, 12)
NEXT_FRIDAY = oslo(2016, 9, 16, 12)
REPORTED = Occurred(
    at=datetime(2016, 7, 1, tzinfo=UTC), precision=Precision.YEAR, source=Source.REPORT
)


# What is said.

CASE = "case-1"
OTHER_CASE = "case-2"


def words(said: str) -> Text:
    """A reference to *said*, named for it."""
    return Text.of(said, said, salt=bytes(32))


def entry(
    version: int,
    organ: str | None,
    *,
    by: Actor = COORDINATOR,
    at: Occurred = FRIDAY,
    of: str = CASE,
) -> dict[str, Any]:
    """What an expected event carries beside its own fields: *by* on behalf of *organ*."""
    return {
        "originator_id": of,
        "originator_version": version,
        "actor": Actor(id=by.id, role=by.role, organ=organ),
        "occurred_at": at.at,
        "precision": at.precision,
        "source": at.source,
    }

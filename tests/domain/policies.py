"""Policies for tests, and what they make of a life: its deadlines, and what is recorded of them."""

from collections.abc import Callable
from datetime import date
from typing import Any

from domain.actor import Actor, Role
from domain.clock import Clock, Deadline, Stage
from domain.event import Event
from domain.noticing import notice
from domain.policy import SHIPPED, DayCount, Policy, StandingLimit
from domain.terms import DeadlineKind, Status
from domain.topology import Level
from tests.domain.scenario import Given, oslo

ITSELF = Actor(id="clock", role=Role.ADMIN)
EVERY_DAY = SHIPPED.policy.model_copy(
    update={
        "standing": (
            StandingLimit(status=Status.RAISED, level=Level.EXECUTING, days=20),
            StandingLimit(status=Status.DISCUSSED, level=Level.EXECUTING, days=30),
            StandingLimit(status=Status.ESCALATED, level=Level.COORDINATING, days=25),
        ),
        "counts": DayCount.CALENDAR,
        "july_stands_still": False,
    }
)
"""Every day counts: 10 to accept, 40 for what has no date, 20 to answer; warned of 3 days before,
nudged every 10."""
AT_WORK = EVERY_DAY.model_copy(update={"counts": DayCount.WORKING, "july_stands_still": True})


def clock_of(life: Any, kind: DeadlineKind) -> Clock:
    return next(clock for clock in life.clocks if clock.kind is kind)


def deadlines(
    life: Given, policy: Policy = EVERY_DAY, kind: DeadlineKind = DeadlineKind.ASSIGNMENT
) -> list[Deadline]:
    every = [clock.deadline(policy) for clock in life.state.clocks if clock.kind is kind]
    return [one for one in every if one is not None]


def due(
    life: Given, policy: Policy = EVERY_DAY, kind: DeadlineKind = DeadlineKind.ASSIGNMENT
) -> list[date]:
    """When its open assignments are due, or whatever *kind* names."""
    return [one.due_on for one in deadlines(life, policy, kind)]


def _step(stage: Stage) -> Callable[..., Callable[[Any], Event]]:
    def build(
        *day: int,
        kind: DeadlineKind = DeadlineKind.ASSIGNMENT,
        policy: Policy = EVERY_DAY,
        of: Deadline | None = None,
    ) -> Callable[[Any], Event]:
        def decide(life: Any) -> Event:
            deadline = of or clock_of(life, kind).deadline(policy)
            at = oslo(*day, 8) if len(day) == 3 else oslo(*day)
            return notice(life, stage, deadline, policy=policy, by=ITSELF, at=at)

        return decide

    return build


neared = _step(Stage.NEARED)
"""That the deadline of a kind is near, on this year, month and day: `neared(2016, 9, 17)`."""
passed = _step(Stage.PASSED)
nudged = _step(Stage.STILL_PASSED)

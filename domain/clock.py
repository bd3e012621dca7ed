"""Clocks: since when something is waited for, and by a policy until when.

A clock says what runs, for whom, since when, and when it stood still. It is a matter of fact, the
same under every policy; its deadline is reckoned from it and a policy, each time anew. So a pause
moves a deadline by the days that it took and no others, in whatever order pauses and policies came.

A day that begins a clock is not one of its days; the day that it is due on is its last. A day on
which the case was paused is none, from the day of the pause to the one before it was resumed.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple, Self

from pydantic import BaseModel, ConfigDict

from domain.event import Event, Occurred, Precision, Source, day_in_oslo
from domain.policy import Calendar, Policy
from domain.terms import DeadlineKind, Status
from domain.topology import Level

DAY = timedelta(days=1)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Start(_Frozen):
    """The day on which a clock began. `counts`: the policy's days count from it. From what only a
    report tells they do not: nobody was told then that they had so many days."""

    on: date
    counts: bool = True

    @classmethod
    def of(cls, event: Event) -> Self:
        """Where a month or a year is all that is known, nobody has less time than they may have
        had: it counts from its last day. What a report tells begins no days that count."""
        occurred = Occurred(at=event.occurred_at, precision=event.precision)
        if event.source is not Source.ENTERED:
            return cls(on=day_in_oslo(occurred.begins), counts=False)
        if event.precision in {Precision.MINUTE, Precision.DAY}:
            return cls(on=day_in_oslo(event.occurred_at))
        return cls(on=day_in_oslo(occurred.ends) - DAY)


class Pause(_Frozen):
    """`until`: the day on which the case was resumed, which counts again."""

    begin: date
    until: date


class Stage(StrEnum):
    """How far it has come with a deadline, as far as it was recorded."""

    NEARED = "neared"
    PASSED = "passed"
    STILL_PASSED = "still_passed"


class Notice(_Frozen):
    """What was recorded of one deadline last. `version`: the entry of the case that says it
    passed. `nudge`: how often it was recorded that it was still so."""

    kind: DeadlineKind
    n: int | None
    of: str
    to: str | None
    due_on: date
    on: date
    passed: int | None = None
    nudge: int = 0

    @property
    def deadline(self) -> tuple[object, ...]:
        return (self.kind, self.n, self.of, self.to, self.due_on)


class Deadline(NamedTuple):
    """By when *of* must act; `to`: the organ that waits for its answer. `warn_on`: the day on
    which it is to be warned of, if it is."""

    kind: DeadlineKind
    n: int | None
    of: str
    to: str | None
    began_on: date
    due_on: date
    warn_on: date | None

    def is_over(self, today: date) -> bool:
        return today > self.due_on


class Clock(NamedTuple):
    """What runs. `n`: the number of the assignment or measure. `status` and `level`: how a case
    stands; `due_on`: the date that somebody gave. `is_paused`: it stands still now. `noticed`: what
    was recorded of its deadlines; `quiet_since`: once one has passed, the last day on which
    anything happened. A tuple: one is made of each event that a view takes in."""

    kind: DeadlineKind
    of: str
    began: Start
    n: int | None = None
    to: str | None = None
    status: Status | None = None
    level: Level | None = None
    due_on: date | None = None
    pauses: tuple[Pause, ...] = ()
    is_paused: bool = False
    noticed: tuple[Notice, ...] = ()
    quiet_since: date | None = None

    @property
    def name(self) -> str:
        """What tells it from the others of its case."""
        return f"{self.kind} {self.n or ''} {self.of} {self.to or ''}"

    def deadline(self, policy: Policy) -> Deadline | None:
        """None where there is none, and while it stands still."""
        due = None if self.is_paused else self._due(policy)
        if due is None:
            return None
        warned = self._warned(due, policy)
        return Deadline(self.kind, self.n, self.of, self.to, self.began.on, due, warned)

    def _due(self, policy: Policy) -> date | None:
        calendar = policy.calendar
        if self.due_on is not None:
            lost = _lost(self.began.on, self.due_on, self.pauses, calendar) if self.pauses else 0
            return _run(self.due_on, lost, self.pauses, calendar)
        limit = self._limit(policy)
        if limit is None or not self.began.counts:
            return None
        return _run(self.began.on, limit, self.pauses, calendar)

    def _limit(self, policy: Policy) -> int | None:
        match self.kind:
            case DeadlineKind.STANDING:
                return policy.may_stand.get((self.status, self.level))
            case DeadlineKind.ACCEPTANCE | DeadlineKind.ORDER_ACCEPTANCE:
                return policy.acceptance_days
            case DeadlineKind.ASSIGNMENT:
                return policy.assignment_days
            case DeadlineKind.ANSWER | DeadlineKind.APPROVAL:
                return policy.answer_days
            case DeadlineKind.EVALUATION | DeadlineKind.ORDER:
                return None

    def _warned(self, due: date, policy: Policy) -> date | None:
        """Nobody is warned of what had not so many days to begin with."""
        if policy.warn_days is None:
            return None
        day = _back(due, policy.warn_days, self.began.on, self.pauses, policy.calendar)
        return day if day > self.began.on else None

    def days_late(self, policy: Policy, today: date) -> int:
        """How many days that count have gone by since it was due."""
        deadline = self.deadline(policy)
        if deadline is None:
            return 0
        return _gone(deadline.due_on, today, self.pauses, policy.calendar)

    # What is recorded of it.

    def told(self, due_on: date) -> Notice | None:
        """What was recorded last of the deadline on that day."""
        return next((one for one in self.noticed if one.due_on == due_on), None)

    def next_on(self, deadline: Deadline, policy: Policy) -> date | None:
        """The first day on which something is to be recorded of its *deadline*."""
        told = self.told(deadline.due_on)
        if told is None:
            return deadline.warn_on or _following(deadline.due_on)
        if told.passed is None:
            return _following(deadline.due_on)
        if policy.nudge_days is None:
            return None
        since = max(told.on, self.quiet_since or told.on)
        return _run(since, policy.nudge_days, self.pauses, policy.calendar)

    def stage(self, policy: Policy, today: date) -> Stage | None:
        """What is to be recorded of its deadline *today*, if anything is."""
        deadline = self.deadline(policy)
        begins = self.next_on(deadline, policy) if deadline is not None else None
        if deadline is None or begins is None or today < begins:
            return None
        told = self.told(deadline.due_on)
        if told is not None and told.passed is not None:
            return Stage.STILL_PASSED
        return Stage.PASSED if deadline.is_over(today) else Stage.NEARED


def _following(day: date) -> date:
    return day + DAY if day < date.max else day


def _runs(day: date, pauses: tuple[Pause, ...], calendar: Calendar) -> bool:
    """Whether this is a day that counts."""
    return calendar.counts(day) and not any(p.begin <= day < p.until for p in pauses)


@lru_cache(maxsize=20_000)
def _run(begin: date, days: int, pauses: tuple[Pause, ...], calendar: Calendar) -> date:
    """The day on which *days* that count have gone by since *begin*."""
    day = begin
    while days > 0 and day < date.max:
        day += DAY
        days -= _runs(day, pauses, calendar)
    return day


@lru_cache(maxsize=20_000)
def _back(due: date, days: int, begin: date, pauses: tuple[Pause, ...], calendar: Calendar) -> date:
    """The day since which *days* that count lie before the end of *due*; not before *begin*."""
    day = due
    while days > 0 and day > begin:
        days -= _runs(day, pauses, calendar)
        day -= DAY
    return day


@lru_cache(maxsize=20_000)
def _gone(due: date, today: date, pauses: tuple[Pause, ...], calendar: Calendar) -> int:
    """How many days that count have gone by after *due*, up to *today*."""
    days = (due + DAY * n for n in range(1, (today - due).days + 1))
    return sum(_runs(day, pauses, calendar) for day in days)


def _lost(begin: date, due: date, pauses: tuple[Pause, ...], calendar: Calendar) -> int:
    """How many days that count, after *begin* and until *due*, went by in *pauses*."""
    stood = {day for pause in pauses for day in _between(pause, begin, due)}
    return sum(calendar.counts(day) for day in stood)


def _between(pause: Pause, begin: date, due: date) -> Iterator[date]:
    day = max(pause.begin, _following(begin))
    while day < pause.until and day <= due:
        yield day
        day += DAY

"""How long things may take here: a municipality's policy on deadlines, which days count, and how
many matters are few."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Self

from pydantic import BaseModel, ConfigDict

from domain import errors
from domain.terms import Status
from domain.topology import Level

JULY = 7
SATURDAY = 5


class DayCount(StrEnum):
    """What counts as a day: each, or those on which people are at work."""

    CALENDAR = "calendar"
    WORKING = "working"


class StandingLimit(BaseModel):
    """For so many days a case at this level may stand in this status."""

    model_config = ConfigDict(frozen=True)

    status: Status
    level: Level
    days: int


class Policy(BaseModel):
    """What a municipality has decided on deadlines. Days are counted as `counts` says, and what is
    None has no deadline. `standing`: how long cases may stand; what is not listed may stand for
    ever. `acceptance_days`: within which an assignment is accepted or declined; `assignment_days`:
    within which one is completed that was given no date; `answer_days`: within which an answer is
    given to who waits for one. `warn_days`: so long before; `nudge_days`: so often after, while
    nothing happens. In working days neither weekends nor public holidays nor `free_days` count.
    `small_numbers`: fewer matters than this are few, and reports do not show them to those who are
    shown numbers alone."""

    model_config = ConfigDict(frozen=True)

    standing: tuple[StandingLimit, ...]
    acceptance_days: int | None
    assignment_days: int | None
    answer_days: int | None
    warn_days: int | None
    nudge_days: int | None
    counts: DayCount
    july_stands_still: bool
    free_days: tuple[date, ...] = ()
    small_numbers: int = 5

    @property
    def limits(self) -> list[int]:
        """Every number of days that something may take."""
        named = (self.acceptance_days, self.assignment_days, self.answer_days)
        standing = [limit.days for limit in self.standing]
        return [*standing, *(days for days in named if days is not None)]

    def checked(self) -> Self:
        """Itself, unless it makes no sense. Refuses with `DaysImpossible`, `WarningTooEarly`,
        `ClosedStandsForEver`, `StandingTwice` and `ThresholdTooLow`."""
        if self.small_numbers < 2:
            raise errors.ThresholdTooLow
        beside = [days for days in (self.warn_days, self.nudge_days) if days is not None]
        if any(days < 1 for days in (*self.limits, *beside)):
            raise errors.DaysImpossible
        if self.warn_days is not None and self.warn_days >= min(self.limits, default=2**31):
            raise errors.WarningTooEarly
        if any(limit.status is Status.CLOSED for limit in self.standing):
            raise errors.ClosedStandsForEver
        if len({(limit.status, limit.level) for limit in self.standing}) < len(self.standing):
            raise errors.StandingTwice
        return self

    # What follows from the fields is kept beside the model, not in it: a copy with other fields
    # would take it along.

    @property
    def may_stand(self) -> Mapping[tuple[Status | None, Level | None], int]:
        """For how many days a case may stand so; what is not there, for ever."""
        return _may_stand(self.standing)

    @property
    def calendar(self) -> "Calendar":
        return _calendar(self.counts, self.july_stands_still, self.free_days)


class Calendar:
    """Which days count. Days are dates in Oslo, so it does not matter how many hours they have."""

    def __init__(self, counts: DayCount, july_stands_still: bool, free: tuple[date, ...]) -> None:
        self._works = counts is DayCount.WORKING
        self._july = july_stands_still
        self._free = frozenset(free)
        self._known: dict[date, bool] = {}

    def counts(self, day: date) -> bool:
        known = self._known.get(day)
        if known is None:
            known = self._known[day] = self._judged(day)
        return known

    def _judged(self, day: date) -> bool:
        if self._july and day.month == JULY:
            return False
        is_off = day.weekday() >= SATURDAY or day in self._free or day in public_holidays(day.year)
        return not (self._works and is_off)


@lru_cache(maxsize=64)
def _may_stand(
    standing: tuple[StandingLimit, ...],
) -> Mapping[tuple[Status | None, Level | None], int]:
    return {(one.status, one.level): one.days for one in standing}


@lru_cache(maxsize=64)
def _calendar(counts: DayCount, july_stands_still: bool, free: tuple[date, ...]) -> Calendar:
    """One for all policies that count alike: it remembers what it has judged."""
    return Calendar(counts, july_stands_still, free)


@lru_cache(maxsize=400)
def public_holidays(year: int) -> frozenset[date]:
    """Norway's: helligdagsfredloven § 2, and the law on 1 and 17 May § 1."""
    easter = easter_sunday(year)
    moving = (timedelta(days=days) for days in (-3, -2, 0, 1, 39, 49, 50))
    fixed = ((1, 1), (5, 1), (5, 17), (12, 25), (12, 26))
    return frozenset(
        {*(easter + days for days in moving), *(date(year, month, day) for month, day in fixed)}
    )


def easter_sunday(year: int) -> date:
    """By the Gregorian reckoning (Meeus, Astronomical Algorithms, chapter 8)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    moon = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * moon) // 451
    month, day = divmod(h + moon - 7 * m + 114, 31)
    return date(year, month, day + 1)


class InForce(BaseModel):
    """The policy that holds, and which version: 0 is the shipped one, that holds until the
    municipality has set its own."""

    model_config = ConfigDict(frozen=True)

    version: int
    policy: Policy


def _standing() -> Iterator[StandingLimit]:
    """The levels meet every third week, every other month and once a quarter."""
    days = {
        Status.RAISED: (20, 40, 65),
        Status.DISCUSSED: (40, 60, 90),
        Status.ESCALATED: (20, 40, 65),
        Status.RETURNED: (20, 40, 65),
        Status.ASSIGNED: (90, 90, 130),
    }
    for status, at_levels in days.items():
        levels = (Level.EXECUTING, Level.COORDINATING, Level.STEERING)
        for level, its in zip(levels, at_levels, strict=True):
            yield StandingLimit(status=status, level=level, days=its)


SHIPPED = InForce(
    version=0,
    policy=Policy(
        standing=tuple(_standing()),
        acceptance_days=10,
        assignment_days=40,
        answer_days=20,
        warn_days=3,
        nudge_days=10,
        counts=DayCount.WORKING,
        july_stands_still=True,
    ),
)
"""What holds where nobody has decided anything yet."""

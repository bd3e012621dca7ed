"""Whether an organ meets as often as it is to: which periods kept its cadence, and when it is due.

A cadence divides the time into periods. Every so many weeks: periods of so many weeks, from the
Monday of the week of the first meeting on, with one meeting in each; so a meeting that is put off
by a day keeps it. At least so often a month or year: calendar months or years.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from pydantic import BaseModel, ConfigDict

from domain.organ import Cadence


class Period(BaseModel):
    """`until`: the day after its last. `kept` is None while it lasts and too few were held."""

    model_config = ConfigDict(frozen=True)

    begin: date
    until: date
    wanted: int
    held: int
    kept: bool | None


class Rhythm(BaseModel):
    """How a cadence was kept. `missed`: the periods that are over with too few meetings.
    `next_due_on`: the day of the next meeting, or where it is enough to meet so often, the last
    day on which one still keeps pace."""

    model_config = ConfigDict(frozen=True)

    periods: tuple[Period, ...]
    next_due_on: date

    @property
    def missed(self) -> tuple[Period, ...]:
        return tuple(period for period in self.periods if period.kept is False)

    @property
    def is_kept(self) -> bool:
        return not self.missed


def rhythm(cadence: Cadence, held: Sequence[date], *, begin: date, today: date) -> Rhythm:
    """How an organ that began to meet on the day *begin* and *held* meetings on these days has kept
    its *cadence* by *today*."""
    wanted = cadence.at_least or 1
    periods = tuple(
        _period(first, until, wanted, held, today) for first, until in _spans(cadence, begin, today)
    )
    last = periods[-1]
    if last.held >= wanted:
        following = _next_span(cadence, begin, last.until)
        return Rhythm(periods=periods, next_due_on=_due(cadence, begin, following, wanted, 0))
    due = _due(cadence, begin, (last.begin, last.until), wanted, last.held)
    return Rhythm(periods=periods, next_due_on=due)


def _period(first: date, until: date, wanted: int, held: Sequence[date], today: date) -> Period:
    count = sum(first <= day < until for day in held)
    kept = True if count >= wanted else (None if today < until else False)
    return Period(begin=first, until=until, wanted=wanted, held=count, kept=kept)


def _spans(cadence: Cadence, begin: date, today: date) -> Iterator[tuple[date, date]]:
    """The periods from the one of *begin* to the one of *today*; at least one."""
    first, until = _next_span(cadence, begin, begin)
    while True:
        yield first, until
        if today < until:
            return
        first, until = _next_span(cadence, begin, until)


def _next_span(cadence: Cadence, begin: date, day: date) -> tuple[date, date]:
    """The period that *day* lies in: its first day, and the one after its last."""
    if cadence.every_weeks is not None:
        anchor = begin - timedelta(days=begin.weekday())
        length = timedelta(weeks=cadence.every_weeks)
        first = anchor + (day - anchor) // length * length
        return first, first + length
    if cadence.per == "month":
        first = day.replace(day=1)
        return first, (first + timedelta(days=32)).replace(day=1)
    return date(day.year, 1, 1), date(day.year + 1, 1, 1)


def _due(cadence: Cadence, begin: date, span: tuple[date, date], wanted: int, held: int) -> date:
    """On the same weekday as the first meeting, every so many weeks; of several meetings in a
    period each is due by the end of its own equal part."""
    first, until = span
    if cadence.every_weeks is not None:
        return first + timedelta(days=begin.weekday())
    return first + (until - first) * (held + 1) // wanted - timedelta(days=1)

"""Whether an organ meets as often as it is to: which periods kept its cadence, and when it is due.

A cadence divides the time in which it is in force into periods. Every so many weeks: periods of so
many weeks, from Monday to Sunday, reckoned from the week of the first meeting, with one meeting in
each; so a meeting that is put off by a day keeps it. At least so often a month or year: calendar
months or years.

Each cadence is in force from the day it was set (in weeks: from the Monday of that week) until the
day of the next one. Where only the month or year is known in which it was set, it is in force from
the first meeting that is known of in it, else from its end: in doubt nothing is missed. Before an
organ had a cadence, and before the first meeting that it was to have, nothing is judged.

So the first period is often not a whole one, and the last one before another cadence neither. Such
a part is asked for its share of meetings, rounded down: of four a year, from the first of July on
two; of one a month or one in four weeks, none, so that it can be kept and not be missed. Those who
begin or change in the middle of a year are neither called late for the time before, nor excused
from the rest of it.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from pydantic import BaseModel, ConfigDict

from domain.event import Precision
from domain.organ import Cadence, InForce, Organ

DAY = timedelta(days=1)
Span = tuple[date, date]
"""Days from the first on, until before the second."""


class Period(BaseModel):
    """`until`: the day after its last. `kept` is None while it lasts and too few were held, and
    of a part of which none was wanted and none held."""

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


class _Stretch(BaseModel):
    """A cadence while it is in force: from a day on, until another one is (None: to this day).
    `anchor`: a meeting, or the day that was said for the first one, from which weeks are
    reckoned."""

    model_config = ConfigDict(frozen=True)

    cadence: Cadence
    begin: date
    until: date | None
    anchor: date | None

    def whole(self, day: date) -> Span:
        """The whole period that *day* lies in."""
        if self.cadence.every_weeks is not None:
            first = _monday(self.anchor or self.begin)
            length = timedelta(weeks=self.cadence.every_weeks)
            first += (day - first) // length * length
            return first, first + length
        if self.cadence.per == "month":
            first = day.replace(day=1)
            return first, (first + timedelta(days=32)).replace(day=1)
        return date(day.year, 1, 1), date(day.year + 1, 1, 1)

    def parts(self, today: date) -> Iterator[tuple[Span, Span]]:
        """Each period until *today*, as far as the cadence is in force, and the whole one that it
        is a part of."""
        day, end = self.begin, max(today, self.begin) + DAY
        while day < (end if self.until is None else min(end, self.until)):
            first, until = self.whole(day)
            yield (day, until if self.until is None else min(until, self.until)), (first, until)
            day = until

    def periods(self, held: Sequence[date], today: date) -> Iterator[Period]:
        for (begin, until), whole in self.parts(today):
            wanted = _often(self.cadence) * (until - begin) // (whole[1] - whole[0])
            count = sum(begin <= day < until for day in held)
            too_few = None if today < until or wanted == 0 else False
            kept = True if count and count >= wanted else too_few
            yield Period(begin=begin, until=until, wanted=wanted, held=count, kept=kept)

    def due(self, last: Period) -> date:
        """On the weekday of the first meeting, every so many weeks; of several meetings in a period
        each is due by the end of its own equal part."""
        (begin, until), wanted, held = (last.begin, last.until), last.wanted, last.held
        if held >= wanted:
            (begin, until), wanted, held = self.whole(last.until), _often(self.cadence), 0
        if self.cadence.every_weeks is not None and self.anchor is not None:
            return begin + timedelta(days=self.anchor.weekday())
        return begin + (until - begin) * (held + 1) // wanted - DAY


def rhythm(
    cadences: Sequence[InForce], held: Sequence[date], *, first: date | None = None, today: date
) -> Rhythm:
    """How an organ that *held* meetings on these days has kept its *cadences*, of which there is at
    least one, by *today*. *first*: the day that was said for its first meeting, if one was."""
    every = list(_stretches(cadences, held, first))
    begun = [one for one in every if one.begin <= today] or every[-1:]
    periods = tuple(period for one in begun for period in one.periods(held, today))
    return Rhythm(periods=periods, next_due_on=begun[-1].due(periods[-1]))


def rhythm_of(organ: Organ, held: Sequence[date], *, today: date) -> Rhythm:
    """The same of an *organ*: its first meeting counts where the very day was said."""
    is_known = organ.first_meeting_precision is Precision.DAY
    first = organ.first_meeting_on if is_known else None
    return rhythm(organ.cadences, held, first=first, today=today)


def _stretches(
    cadences: Sequence[InForce], held: Sequence[date], first: date | None
) -> Iterator[_Stretch]:
    known = sorted([*held, *([first] if first else [])])
    opened = known[0] if first else None
    begins = [_begin(one, known, opened) for one in cadences]
    for n, (one, begin) in enumerate(zip(cadences, begins, strict=True), start=1):
        until = min(begins[n:], default=None)
        within = (day for day in known if begin <= day and (until is None or day < until))
        yield _Stretch(cadence=one.cadence, begin=begin, until=until, anchor=next(within, None))


def _begin(one: InForce, known: Sequence[date], opened: date | None) -> date:
    """The day from which on this cadence is judged. *known*: the days of meetings."""
    begin = next((day for day in known if one.since <= day < one.surely), one.surely)
    begin = max(begin, opened) if opened else begin
    return begin if one.cadence.every_weeks is None else _monday(begin)


def _often(cadence: Cadence) -> int:
    return cadence.at_least or 1


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())

"""The road of a case from concern to action: its milestones, and the days between them.

A road is a fold over the case's events. What was withdrawn never happened; a reversed decision is
no milestone, and where the case got back what it had before, it never moved either. Days are those
of the calendar in Oslo, without those on which the case was paused or closed.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from domain.case import (
    AnswerGiven,
    AssignmentDeclined,
    CaseAssigned,
    CaseClosed,
    CaseDiscussed,
    CaseEscalated,
    CaseRaised,
    CaseReopened,
    CaseReturned,
    DeadlinePaused,
    DeadlineResumed,
    DecisionReversed,
    MeasureStarted,
)
from domain.entries import EntryWithdrawn
from domain.event import OSLO, Event, Occurred, Precision, day_in_oslo
from domain.terms import Outcome
from domain.topology import Level


class Milestone(StrEnum):
    """Where a case comes past, each for the first time; `closed` as long as it is."""

    RAISED = "raised"
    DISCUSSED = "discussed"
    LIFTED = "lifted"
    ASSIGNED = "assigned"
    MEASURE = "measure"
    ANSWERED = "answered"
    CLOSED = "closed"


class Step(StrEnum):
    """From one milestone to another."""

    RAISED_TO_DISCUSSED = "raised_to_discussed"
    DISCUSSED_TO_LIFTED = "discussed_to_lifted"
    LIFTED_TO_ASSIGNED = "lifted_to_assigned"
    ASSIGNED_TO_MEASURE = "assigned_to_measure"
    MEASURE_TO_ANSWERED = "measure_to_answered"
    ANSWERED_TO_CLOSED = "answered_to_closed"
    RAISED_TO_MEASURE = "raised_to_measure"
    RAISED_TO_ANSWERED = "raised_to_answered"
    RAISED_TO_CLOSED = "raised_to_closed"

    @property
    def begin(self) -> Milestone:
        return Milestone(self.value.partition("_to_")[0])

    @property
    def end(self) -> Milestone:
        return Milestone(self.value.partition("_to_")[2])


MILESTONES = tuple(Milestone)
LEVELS = tuple(Level)
STEPS = tuple(Step)
_ENDS = tuple((MILESTONES.index(step.begin), MILESTONES.index(step.end)) for step in STEPS)
"""Where the marks of both ends of each step stand."""
Span = tuple[date, date]
"""Days from the first on, until before the second."""
Happened = tuple[int, Event]
"""A position, and what stands there."""


class Mark(NamedTuple):
    """Where a milestone stands in the ledger, and its day; None where only a month or a year is
    known."""

    position: int
    on: date | None


class Days(NamedTuple):
    """How long a step took. `days` is None where it is not known: a day is missing (`vague`), or
    what usually comes later came first (`astray`)."""

    days: int | None
    vague: bool = False
    astray: bool = False


class Road(NamedTuple):
    """A tuple, not a model: one is made of each event that the view takes in."""

    marks: tuple[Mark | None, ...]
    """One for each milestone."""
    level: Level
    level_since: date | None
    stays: tuple[int | None, ...] = (None, None, None)
    """Days spent at each level, in stays that are over."""
    vague_stays: tuple[bool, ...] = (False, False, False)
    still: tuple[Span, ...] = ()
    """When it was paused or closed."""
    paused_since: date | None = None
    closed_since: date | None = None
    closed_month: str | None = None
    """YYYY-MM; only YYYY where no more is known."""
    lifted: tuple[int, ...] = ()
    returned: tuple[int, ...] = ()
    declined: tuple[int, ...] = ()
    reopened: tuple[int, ...] = ()
    """The positions at which it was."""
    assigned: tuple[int | None, ...] = ()
    measures: tuple[int | None, ...] = ()
    answered: tuple[int | None, ...] = ()
    """Where each of its assignments, measures and answers stands, by its number."""

    def mark(self, milestone: Milestone) -> Mark | None:
        return self.marks[MILESTONES.index(milestone)]

    def took(self) -> tuple[Days | None, ...]:
        """How long each step took; None where one of its ends has not been reached."""
        return tuple([self._took(self.marks[begin], self.marks[end]) for begin, end in _ENDS])

    def _took(self, begin: Mark | None, end: Mark | None) -> Days | None:
        if begin is None or end is None:
            return None
        if begin.on is None or end.on is None:
            return Days(None, vague=True)
        if end.on < begin.on:
            return Days(None, astray=True)
        return Days(_days(begin.on, end.on, (*self.still, *_span(self.paused_since, end.on))))

    def past(  # noqa: C901, PLR0912 - a table of events
        self, position: int, event: Event, *, stands: bool = True
    ) -> "Road":
        """The road once *event*, which nobody has withdrawn, has happened. *stands*: nobody has
        reversed it either."""
        on = day_of(event)
        match event:
            case CaseDiscussed():
                return self._marked(Milestone.DISCUSSED, position, on)
            case CaseEscalated(level=level):
                lifted = self._marked(Milestone.LIFTED, position, on) if stands else self
                return lifted._replace(lifted=(*self.lifted, position))._moved(level, on)
            case CaseReturned(level=level):
                return self._replace(returned=(*self.returned, position))._moved(level, on)
            case CaseAssigned(n=n):
                marked = self._marked(Milestone.ASSIGNED, position, on) if stands else self
                return marked._replace(assigned=_with(self.assigned, n, position))
            case AssignmentDeclined():
                return self._replace(declined=(*self.declined, position))
            case MeasureStarted(n=n):
                marked = self._marked(Milestone.MEASURE, position, on)
                return marked._replace(measures=_with(self.measures, n, position))
            case AnswerGiven(n=n):
                marked = self._marked(Milestone.ANSWERED, position, on)
                return marked._replace(answered=_with(self.answered, n, position))
            case CaseClosed(outcome=outcome):
                since = day_in_oslo(event.occurred_at)
                closed = self._moved(self.level, on)
                closed = closed._replace(closed_since=since, closed_month=month(event))
                if outcome is Outcome.MERGED:
                    return closed
                return closed._marked(Milestone.CLOSED, position, on)
            case CaseReopened():
                return self._reopened(position, on, day_in_oslo(event.occurred_at))
            case DeadlinePaused():
                return self._replace(paused_since=day_in_oslo(event.occurred_at))
            case DeadlineResumed():
                since = self.paused_since or day_in_oslo(event.occurred_at)
                still = (*self.still, *_span(since, day_in_oslo(event.occurred_at)))
                return self._replace(paused_since=None, still=still)
            case _:
                return self

    def _reopened(self, position: int, on: date | None, until: date) -> "Road":
        marks = (*self.marks[:-1], None)
        still = (*self.still, *_span(self.closed_since or until, until))
        return self._replace(
            marks=marks,
            still=still,
            closed_since=None,
            closed_month=None,
            level_since=on,
            reopened=(*self.reopened, position),
        )

    def _marked(self, milestone: Milestone, position: int, on: date | None) -> "Road":
        """The first one, by its day as far as that is known."""
        n = MILESTONES.index(milestone)
        known = self.marks[n]
        if known is not None and (known.on is None or on is None or on >= known.on):
            return self
        return self._replace(marks=(*self.marks[:n], Mark(position, on), *self.marks[n + 1 :]))

    def _moved(self, level: Level, on: date | None) -> "Road":
        """From one level to another, or off all of them."""
        if level is self.level and self.closed_since is not None:
            return self
        n, vague, stays = LEVELS.index(self.level), list(self.vague_stays), list(self.stays)
        if on is None or self.level_since is None:
            vague[n] = True
        else:
            still = (*self.still, *_span(self.paused_since, on))
            stays[n] = (stays[n] or 0) + _days(self.level_since, on, still)
        return self._replace(
            level=level, level_since=on, stays=tuple(stays), vague_stays=tuple(vague)
        )


def _with(places: tuple[int | None, ...], n: int, position: int) -> tuple[int | None, ...]:
    """*places* with that of number *n*. Those that were undone before it have none."""
    missing = (None,) * (n - 1 - len(places))
    return (*places[: n - 1], *missing, position)


def begun(position: int, event: CaseRaised) -> Road:
    on = day_of(event)
    marks = (Mark(position, on), *(None for _ in MILESTONES[1:]))
    return Road(marks=marks, level=event.level, level_since=on)


def road_of(life: Sequence[Happened]) -> Road:
    """The road of a whole *life*, in order."""
    (first, raised, _), *others = _standing(life)
    assert isinstance(raised, CaseRaised)  # noqa: S101 - a case begins by being raised
    road = begun(first, raised)
    for position, event, stands in others:
        road = road.past(position, event, stands=stands)
    return road


def _standing(life: Sequence[Happened]) -> Iterator[tuple[int, Event, bool]]:
    """What was neither withdrawn nor undone, and whether it stands. A decision that was only marked
    as reversed, since others had come after it, had moved the case all the same: it stays as a
    move, and is no milestone."""
    withdrawn = {event.withdraws for _, event in life if isinstance(event, EntryWithdrawn)}
    told = [(at, event) for at, event in life if event.originator_version not in withdrawn]
    undone: set[int] = set()
    marked: set[int] = set()
    for _, event in told:
        if isinstance(event, DecisionReversed):
            (undone if event.newest else marked).add(event.reverses)
    for position, event in told:
        is_marked = event.originator_version in marked
        if event.originator_version not in undone and (not is_marked or isinstance(event, _MOVES)):
            yield position, event, not is_marked


_MOVES = (CaseEscalated, CaseReturned, CaseAssigned, CaseClosed, CaseReopened)


def day_of(event: Event) -> date | None:
    """The day on which it occurred, if it is known."""
    if event.precision in {Precision.MINUTE, Precision.DAY}:
        return day_in_oslo(event.occurred_at)
    return None


def month(event: Event) -> str:
    """YYYY-MM; only YYYY where no more is known."""
    form = "%Y" if event.precision is Precision.YEAR else "%Y-%m"
    return event.occurred_at.astimezone(OSLO).strftime(form)


def earliest(occurred_at: datetime, precision: Precision) -> date:
    """The first day on which it may have occurred."""
    return day_in_oslo(Occurred(at=occurred_at, precision=precision).begins)


def _span(begin: date | None, until: date) -> Iterator[Span]:
    if begin is not None and begin < until:
        yield begin, until


def _days(begin: date, end: date, still: Iterable[Span]) -> int:
    """From *begin* to *end*, without the days on which it stood still, each counted once."""
    lost, reached = 0, begin
    for first, until in sorted(still):
        first, until = max(first, reached), min(until, end)  # noqa: PLW2901 - cut to what is asked
        if first < until:
            lost += (until - first).days
            reached = until
    return (end - begin).days - lost

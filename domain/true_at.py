"""What was true of a case at a moment: which of its entries take part in it, and since when."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import reduce

from domain.case import (
    AnswerAcknowledged,
    AnswerGiven,
    AssignmentAccepted,
    AssignmentCompleted,
    AssignmentDeclined,
    AssignmentPassedOn,
    Case,
    CaseAssigned,
    CaseClosed,
    CaseDiscussed,
    CaseEscalated,
    CaseEvent,
    CaseRaised,
    CaseReopened,
    CaseReturned,
    DeadlinePaused,
    DeadlineResumed,
    DecisionReversed,
    EntryCorrected,
    MeasureEvaluated,
    MeasureStarted,
    evolve,
)
from domain.entries import EntryWithdrawn, TextErased
from domain.event import Occurred, Precision
from domain.terms import Status

Fact = tuple[str, int | str]
"""Something that entries bring about and others rest on, such as ("assignment", 1)."""
NEVER = datetime.max.replace(tzinfo=UTC)
"""When an entry takes part that was withdrawn: it was logged by mistake."""


def as_true_at(life: Sequence[CaseEvent], moment: datetime) -> Case | None:
    """The case as it was true at *moment*, by as much of its *life* as is known, in the order of
    recording; None before it was raised."""
    part = (event for event, begin in zip(life, since(life), strict=True) if begin <= moment)
    return reduce(_taking_in, part, None)


def since(life: Sequence[CaseEvent]) -> list[datetime]:
    """From when on each entry of a *life* takes part: the moment by which it, and all that it
    rests on, had taken place. What is recorded later moves none of them."""
    begun: dict[Fact, datetime] = {}
    moments: list[datetime] = []
    withdrawn = {event.withdraws for event in life if isinstance(event, EntryWithdrawn)}
    for event in life:
        is_own = event.originator_id == life[0].originator_id
        if is_own and (isinstance(event, EntryWithdrawn) or event.originator_version in withdrawn):
            begun["entry", event.originator_version] = NEVER
            moments.append(NEVER)
            continue
        own = [] if isinstance(event, EntryCorrected | TextErased) else [took_place(event)]
        moments.append(max(own + [begun[fact] for fact in _rests_on(event, begun)]))
        if is_own:
            _bring_about(event, moments[-1], begun)
    return moments


def took_place(event: CaseEvent) -> datetime:
    """A time that is known to the day, month or year counts from its beginning in Oslo, one that
    is known to the minute as it was given: two commands of one minute stay apart."""
    if event.precision is Precision.MINUTE:
        return event.occurred_at
    return Occurred(at=event.occurred_at, precision=event.precision).begins


def _taking_in(case: Case | None, event: CaseEvent) -> Case:
    """What was done before a closing, and logged after the case had been reopened, is part of the
    closed case. Only there is `evolve` not all: it takes it that the rules have been asked."""
    after = evolve(case, event)
    return after.on(status=Status.CLOSED) if after.footing.outcome is not None else after


def _bring_about(event: CaseEvent, moment: datetime, begun: dict[Fact, datetime]) -> None:
    """An organ has held the case since it first did; the newest closing is the one reopened."""
    for fact in _brings_about(event):
        is_first = fact[0] == "held by" and fact in begun
        begun[fact] = min(begun[fact], moment) if is_first else moment


def _brings_about(event: CaseEvent) -> Iterator[Fact]:
    yield "entry", event.originator_version
    match event:
        case CaseRaised(raised_by=holder) | CaseEscalated(to=holder) | CaseReturned(to=holder):
            yield "held by", holder
        case CaseAssigned(n=n):
            yield "assignment", n
        case MeasureStarted(n=n):
            yield "measure", n
        case AnswerGiven(n=n):
            yield "answer", n
        case CaseClosed():
            yield "closing", "newest"
        case DeadlinePaused():
            yield "pause", "newest"
        case DecisionReversed(reverses=version):
            yield "reversal", version


def _rests_on(event: CaseEvent, begun: Mapping[Fact, datetime]) -> Iterator[Fact]:
    """What must be there for *event* to make sense; the life is only there once it was raised."""
    if begun:
        yield "entry", 1
    match event:
        case (
            AssignmentAccepted(n=n) | AssignmentDeclined(n=n) | AssignmentCompleted(n=n)
            | AssignmentPassedOn(n=n)
        ):  # fmt: skip
            yield "assignment", n
        case MeasureEvaluated(n=n):
            yield "measure", n
        case AnswerAcknowledged(n=n):
            yield "answer", n
        case CaseEscalated(lifted_from=holder) | CaseReturned(returned_from=holder):
            yield "held by", holder
        case CaseDiscussed(actor=who) if who.organ:
            yield "held by", who.organ
        case CaseReopened():
            yield "closing", "newest"
        case DeadlineResumed():
            yield "pause", "newest"
        case EntryCorrected() | DecisionReversed():
            yield from _points_back_at(event, begun)


def _points_back_at(
    event: EntryCorrected | DecisionReversed, begun: Mapping[Fact, datetime]
) -> Iterator[Fact]:
    """A decision is the newest standing one because those after it were reversed before it."""
    version = event.corrects if isinstance(event, EntryCorrected) else event.reverses
    yield "entry", version
    if isinstance(event, DecisionReversed) and event.newest:
        yield from (f for f in begun if f[0] == "reversal" and int(f[1]) > version)

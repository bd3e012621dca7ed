"""The life of a case: what can happen to it, what it then is, and what may be decided."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Literal, Self, assert_never

from pydantic import BaseModel, ConfigDict

from domain import entries, errors
from domain.actor import Actor, Role
from domain.clock import Clock, Notice, Pause, Start
from domain.entries import EntryWithdrawn, TextErased
from domain.event import Event, Occurred, Precision, Source, day_in_oslo, envelope
from domain.noticing import (
    DeadlineEvent,
    DeadlineNeared,
    DeadlinePassed,
    DeadlineStillPassed,
    Noticing,
    noted,
    wound,
)
from domain.rights import Readers
from domain.terms import (
    AssignmentState,
    Conclusion,
    DeadlineKind,
    Effect,
    LegalBasis,
    LinkKind,
    Outcome,
    PreventionLevel,
    ReferralReason,
    Status,
    Why,
)
from domain.text import Text
from domain.topology import Level, Topology

GLASS = timedelta(hours=3)
"""For so long a restricted case is open to a coordinator who has broken its glass."""
WITHDRAWABLE = 10
"""How many entries of one meeting a case can take back, one after the other."""

# What can happen, in the order in which a case lives it.


class CaseRaised(Event):
    """`number` is given by the ledger, under its counter row."""

    number: str | None = None
    raised_by: str
    level: Level
    title: Text
    description: Text | None = None
    themes: tuple[str, ...] = ()
    focus_area: str | None = None
    prevention_level: PreventionLevel | None = None
    area: Text | None = None
    ages: tuple[int, int] | None = None
    service: str | None = None


class CaseDiscussed(Event):
    summary: Text | None
    conclusion: Conclusion
    decision: Text | None = None

    @property
    def is_decision(self) -> bool:
        return self.conclusion in {Conclusion.DECIDED, Conclusion.HANDLE_LOCALLY}


class CaseEscalated(Event):
    DECISION: ClassVar[bool] = True
    lifted_from: str
    to: str
    level: Level
    why: Why | None
    reason: Text | None
    tried: Text | None
    urgent: bool = False
    title_there: Text | None = None


class CaseReturned(Event):
    DECISION: ClassVar[bool] = True
    returned_from: str
    to: str
    level: Level
    expectation: Text | None


class CaseReferred(Event):
    DECISION: ClassVar[bool] = True
    to: str
    reason_code: ReferralReason


class CaseAssigned(Event):
    DECISION: ClassVar[bool] = True
    n: int
    service: str
    expectation: Text | None
    due_on: date | None


class AssignmentAccepted(Event):
    n: int


class AssignmentDeclined(Event):
    n: int
    reason: Text


class AssignmentCompleted(Event):
    n: int
    report: Text


class AssignmentPassedOn(Event):
    """Inside the service or organ that stays responsible: one person, by their id, sees to it."""

    n: int
    to: str


class MeasureStarted(Event):
    DECISION: ClassVar[bool] = True
    n: int
    title: Text
    prevention_level: PreventionLevel
    expected_effect: Text
    evaluate_on: date
    service: str | None = None


class MeasureEvaluated(Event):
    n: int
    effect: Effect
    note: Text


class ProgressNoted(Event):
    text: Text


class AnswerGiven(Event):
    n: int
    to: str
    message: Text


class AnswerAcknowledged(Event):
    """`asks_again`: what is still unanswered, in the words of the organ that got the answer."""

    n: int
    asks_again: Text | None = None


class CaseClosed(Event):
    """`owed`: the organs that wait for an answer as it closes. Merging carries them along, into
    the other case as it was at `into_version`, with since when each of them waits."""

    DECISION: ClassVar[bool] = True
    LATER: ClassVar[frozenset[str]] = Event.LATER | {"owed_since"}
    outcome: Outcome
    reason: Text | None
    merged_into: str | None = None
    into_version: int | None = None
    owed: tuple[str, ...] = ()
    owed_since: tuple[Start, ...] | None = None


class CaseReopened(Event):
    DECISION: ClassVar[bool] = True
    reason: Text


class CaseReclassified(Event):
    themes: tuple[str, ...]
    focus_area: str | None
    prevention_level: PreventionLevel | None
    reason: Text


class CaseLinked(Event):
    other: str
    kind: LinkKind


class EntryCorrected(Event):
    """`position` and `corrects`: where the entry stands in the ledger, and in the case."""

    position: int
    corrects: int
    correction: Text
    reason: Text


class DecisionReversed(Event):
    """`newest`: it was the newest standing decision, so what it had changed is undone."""

    DECISION: ClassVar[bool] = True
    position: int
    reverses: int
    newest: bool
    reason: Text


class CaseRestricted(Event):
    """From now on only these people read it, by their ids."""

    people: tuple[str, ...]
    reason: Text


class RestrictionLifted(Event):
    reason: Text


class GlassBroken(Event):
    """A coordinator who is not named opened a restricted case for themselves, until a moment."""

    until: datetime
    reason: Text


class DeadlinePaused(Event):
    reason: Text


class DeadlineResumed(Event):
    reason: Text


CaseEvent = (
    CaseRaised | CaseDiscussed | CaseEscalated | CaseReturned | CaseReferred | CaseAssigned
    | AssignmentAccepted | AssignmentDeclined | AssignmentCompleted | AssignmentPassedOn
    | MeasureStarted | MeasureEvaluated | ProgressNoted | AnswerGiven | AnswerAcknowledged
    | CaseClosed | CaseReopened | CaseReclassified | CaseLinked | EntryCorrected | DecisionReversed
    | EntryWithdrawn | TextErased | CaseRestricted | RestrictionLifted | GlassBroken
    | DeadlinePaused | DeadlineResumed | DeadlineNeared | DeadlinePassed | DeadlineStillPassed
)  # fmt: skip


# What it then is.


class _State(BaseModel):
    model_config = ConfigDict(frozen=True)

    def but(self, **changes: object) -> Self:
        """The same with *changes*, unchecked: `model_copy` at a third of its time, since a state
        has neither private nor extra fields."""
        other = self.__class__.__new__(self.__class__)
        object.__setattr__(other, "__dict__", self.__dict__ | changes)
        object.__setattr__(other, "__pydantic_fields_set__", self.__pydantic_fields_set__)
        object.__setattr__(other, "__pydantic_extra__", None)
        object.__setattr__(other, "__pydantic_private__", None)
        return other


class Assignment(_State):
    n: int
    service: str
    expectation: Text | None
    due_on: date | None
    offered: Start
    state: AssignmentState = AssignmentState.OFFERED
    responsible: str | None = None

    @property
    def is_open(self) -> bool:
        return self.state in {AssignmentState.OFFERED, AssignmentState.ACCEPTED}


class Measure(_State):
    n: int
    title: Text
    prevention_level: PreventionLevel
    expected_effect: Text
    evaluate_on: date
    service: str | None
    started: Start
    effect: Effect | None = None
    withdrawn: bool = False


class Answer(_State):
    n: int
    to: str
    message: Text
    acknowledged: bool = False


class Debt(_State):
    """An organ waits for an answer, since when."""

    to: str
    since: Start


class Link(_State):
    other: str
    kind: LinkKind


class Opening(_State):
    """Somebody has broken the glass of a restricted case, until a moment."""

    person: str
    until: datetime


class Footing(_State):
    """What a reversed decision gives back: where the case stood before it."""

    status: Status
    holder: str
    level: Level
    since: Start
    """Since when it stands so."""
    came_from: str | None = None
    discussions: int = 0
    """How many of its discussions the present holder has had, and not reversed."""
    assignments: tuple[Assignment, ...] = ()
    outcome: Outcome | None = None
    merged_into: str | None = None
    closed_at: datetime | None = None

    def after_assignments(self, changed: Assignment, since: Start) -> Self:
        """With one assignment answered; with none left open the case is `discussed` again."""
        assignments = tuple(changed if a.n == changed.n else a for a in self.assignments)
        if any(a.is_open for a in assignments):
            return self.but(assignments=assignments)
        return self.but(assignments=assignments, status=Status.DISCUSSED, since=since)


class Standing(_State):
    """A decision that nobody has reversed: its version, what kind it is, the number of the
    measure that it started, if any, and what was before it."""

    version: int
    kind: str
    measure: int | None = None
    before: Footing

    def undone(self, now: Footing, since: Start) -> Footing:
        """What the case gets back. What its holder has discussed since stays discussed. Where it
        stands as it did not before it was undone, it has stood since then."""
        if self.before.holder != now.holder:
            return self.before.but(since=since)
        discussions = now.discussions - (self.kind == CaseDiscussed.TOPIC)
        stands = now.since if self.before.status is now.status else since
        return self.before.but(discussions=discussions, since=stands)


class Logged(_State):
    """An entry that was logged in a meeting, by its version, and the case before it."""

    version: int
    meeting: str
    before: "Case"


class Case(_State):
    """A case as its events so far have made it. Words are references; organs are keys."""

    id: str
    version: int
    number: str | None
    source: Source
    title: Text
    titles_there: dict[str, Text] = {}
    description: Text | None
    raised_by: str
    raised_at: datetime
    raised_precision: Precision
    themes: tuple[str, ...]
    focus_area: str | None
    prevention_level: PreventionLevel | None
    area: Text | None
    ages: tuple[int, int] | None
    service: str | None
    footing: Footing
    held_by: tuple[str, ...]
    assigned: int = 0
    measures: tuple[Measure, ...] = ()
    answers: tuple[Answer, ...] = ()
    debts: tuple[Debt, ...] = ()
    links: tuple[Link, ...] = ()
    standing: tuple[Standing, ...] = ()
    reversed: tuple[int, ...] = ()
    corrected: tuple[int, ...] = ()
    erased: tuple[str, ...] = ()
    paused_since: datetime | None = None
    pauses: tuple[Pause, ...] = ()
    notices: tuple[Notice, ...] = ()
    active_on: date
    """The last day on which anybody did anything with it."""
    restricted_to: tuple[str, ...] | None = None
    openings: tuple[Opening, ...] = ()
    logged: tuple[Logged, ...] = ()
    """Its newest entries, as far as they were logged in one and the same meeting."""

    @property
    def status(self) -> Status:
        return self.footing.status

    @property
    def holder(self) -> str:
        return self.footing.holder

    @property
    def level(self) -> Level:
        return self.footing.level

    @property
    def assignments(self) -> tuple[Assignment, ...]:
        return self.footing.assignments

    @property
    def owed(self) -> tuple[str, ...]:
        """The organs that wait for an answer."""
        return tuple(debt.to for debt in self.debts)

    @property
    def clocks(self) -> tuple[Clock, ...]:
        """What runs. Of a closed case only answers are still waited for, and for these no pause
        goes on: nobody could end it."""
        closed_at = self.footing.closed_at
        pauses, is_paused = self.pauses, self.paused_since is not None
        if closed_at is not None and self.paused_since is not None:
            pauses, is_paused = (*pauses, *_stood_still(self.paused_since, closed_at)), False
        running = self._answers_owed() if closed_at is not None else self._running()
        if pauses or is_paused or self.notices:
            return tuple(
                wound(clock, self.notices, active_on=self.active_on, pauses=pauses,
                      is_paused=is_paused)
                for clock in running
            )  # fmt: skip
        return tuple(running)

    def clocks_as(self, before: "Case") -> bool:
        """Whether all clocks run as they did *before*, at a glance."""
        same_notices = before.notices is self.notices
        return (
            before.footing is self.footing
            and before.measures is self.measures
            and before.debts is self.debts
            and before.pauses is self.pauses
            and before.paused_since is self.paused_since
            and same_notices
            and (not self.notices or before.active_on == self.active_on)
        )

    def _running(self) -> Iterator[Clock]:
        footing = self.footing
        yield Clock(
            DeadlineKind.STANDING,
            footing.holder,
            footing.since,
            status=footing.status,
            level=footing.level,
        )
        for a in footing.assignments:
            if a.state is AssignmentState.OFFERED:
                yield Clock(DeadlineKind.ACCEPTANCE, a.service, a.offered, a.n)
            if a.is_open:
                yield Clock(DeadlineKind.ASSIGNMENT, a.service, a.offered, a.n, due_on=a.due_on)
        for m in self.measures:
            if m.effect is None and not m.withdrawn:
                of = m.service or footing.holder
                yield Clock(DeadlineKind.EVALUATION, of, m.started, m.n, due_on=m.evaluate_on)
        yield from self._answers_owed()

    def _answers_owed(self) -> Iterator[Clock]:
        for debt in self.debts:
            yield Clock(DeadlineKind.ANSWER, self.footing.holder, debt.since, to=debt.to)

    @property
    def readers(self) -> Readers:
        """Whom it is for: those that raised it, hold or held it, were made responsible, or wait
        for an answer or got one."""
        responsible = [a.service for a in self.assignments]
        told = [answer.to for answer in self.answers]
        raised = (self.raised_by, self.service) if self.service else (self.raised_by,)
        named = None if self.restricted_to is None else frozenset(self.restricted_to)
        return Readers(
            parties=frozenset((*raised, *self.held_by, *responsible, *told, *self.owed)),
            restricted_to=named,
        )

    def is_opened(self, person: str, at: datetime) -> bool:
        """Whether *person* has broken its glass, and may read it at the moment *at*."""
        return any(one.person == person and at < one.until for one in self.openings)

    def on(self, **footing: object) -> Self:
        return self.but(footing=self.footing.but(**footing))

    def owing(self, *debts: Debt) -> Self:
        """Who waits already has waited since the first day."""
        owed = {debt.to: debt for debt in self.debts}
        for debt in debts:
            known = owed.get(debt.to)
            owed[debt.to] = debt if known is None or debt.since.on < known.since.on else known
        return self.but(debts=tuple(owed.values()))

    # What may be decided.

    @classmethod
    def raise_(
        cls,
        case_id: str,
        *,
        raised_by: str,
        title: Text,
        description: Text | None = None,
        themes: tuple[str, ...] = (),
        focus_area: str | None = None,
        prevention_level: PreventionLevel | None = None,
        area: Text | None = None,
        ages: tuple[int, int] | None = None,
        service: str | None = None,
        topology: Topology,
        by: Actor,
        at: Occurred,
    ) -> CaseRaised:
        organ = topology.living_organ(raised_by)
        if ages is not None and ages[0] > ages[1]:
            raise errors.AgesTurnedRound
        return CaseRaised(
            **envelope(case_id, 1, by if by.organ else by.acting_for(organ.key), at),
            raised_by=organ.key,
            level=organ.level,
            title=title,
            description=description,
            themes=topology.known_themes(themes),
            focus_area=topology.known_focus_area(focus_area),
            prevention_level=prevention_level,
            area=area,
            ages=ages,
            service=topology.living_service(service) if service else None,
        )

    def discuss(
        self,
        *,
        summary: Text | None,
        conclusion: Conclusion,
        decision: Text | None = None,
        by: Actor,
        at: Occurred,
    ) -> CaseDiscussed:
        event = self._next(by, at)
        if event["actor"].organ != self.holder:
            raise errors.NotTheHolder(holder=self.holder)
        if summary is None and at.source is not Source.REPORT:
            raise errors.SummaryMissing
        if conclusion is Conclusion.DECIDED and decision is None:
            raise errors.DecisionWordsMissing
        if conclusion is not Conclusion.DECIDED and decision is not None:
            raise errors.DecisionWordsUnwanted
        return CaseDiscussed(**event, summary=summary, conclusion=conclusion, decision=decision)

    def escalate(
        self,
        *,
        to: str,
        why: Why | None,
        reason: Text | None,
        tried: Text | None,
        urgent: bool = False,
        title_there: Text | None = None,
        topology: Topology,
        by: Actor,
        at: Occurred,
    ) -> CaseEscalated:
        """A report may be silent on the discussion before, and on why; nothing else may."""
        event = self._next(by, at)
        receiver = topology.living_organ(to)
        if by.role is not Role.COORDINATOR:
            raise errors.OnlyACoordinatorLifts
        if to == self.holder:
            raise errors.AlreadyThere(holder=to)
        if to not in topology.organ(self.holder).lifts_to:
            raise errors.LiftNotAllowed(holder=self.holder, to=to)
        if at.source is not Source.REPORT and None in (why, reason, tried):
            raise errors.ReasonMissing
        if at.source is not Source.REPORT and not self.footing.discussions and not urgent:
            raise errors.NotDiscussed(holder=self.holder)
        return CaseEscalated(
            **event,
            lifted_from=self.holder,
            to=to,
            level=receiver.level,
            why=why,
            reason=reason,
            tried=tried,
            urgent=urgent,
            title_there=title_there,
        )

    def return_(
        self, *, to: str, expectation: Text, topology: Topology, by: Actor, at: Occurred
    ) -> CaseReturned:
        event = self._next(by, at)
        receiver = topology.living_organ(to)
        if to == self.holder:
            raise errors.AlreadyThere(holder=to)
        if to != self.footing.came_from and not topology.is_below(to, self.holder):
            raise errors.NotBelowNorBefore(holder=self.holder, to=to)
        return CaseReturned(
            **event,
            returned_from=self.holder,
            to=to,
            level=receiver.level,
            expectation=expectation,
        )

    def refer(
        self, *, to: str, reason_code: ReferralReason, topology: Topology, by: Actor, at: Occurred
    ) -> CaseReferred:
        event = self._next(by, at)
        if topology.place(to) == self.holder:
            raise errors.AlreadyThere(holder=to)
        return CaseReferred(**event, to=to, reason_code=reason_code)

    def assign(
        self,
        *,
        service: str,
        expectation: Text,
        due_on: date,
        topology: Topology,
        by: Actor,
        at: Occurred,
    ) -> CaseAssigned:
        event = self._next(by, at)
        _not_before(due_on, at)
        return CaseAssigned(
            **event,
            n=self.assigned + 1,
            service=topology.responsible(service),
            expectation=expectation,
            due_on=due_on,
        )

    def accept(self, n: int, *, by: Actor, at: Occurred) -> AssignmentAccepted:
        event = self._next(by, at)
        if self._open_assignment(n).state is not AssignmentState.OFFERED:
            raise errors.AssignmentAnswered(n=n)
        return AssignmentAccepted(**event, n=n)

    def decline(self, n: int, *, reason: Text, by: Actor, at: Occurred) -> AssignmentDeclined:
        event = self._next(by, at)
        return AssignmentDeclined(**event, n=self._open_assignment(n).n, reason=reason)

    def complete(self, n: int, *, report: Text, by: Actor, at: Occurred) -> AssignmentCompleted:
        """Also of an assignment that was never formally accepted: the work was done."""
        event = self._next(by, at)
        return AssignmentCompleted(**event, n=self._open_assignment(n).n, report=report)

    def pass_on(
        self, n: int, *, to: str, seated: frozenset[str], by: Actor, at: Occurred
    ) -> AssignmentPassedOn:
        """*seated*: the ids of those who sit in the service or organ that is responsible."""
        event, assignment = self._next(by, at), self._open_assignment(n)
        if to not in seated:
            raise errors.NoSeatThere
        if to == assignment.responsible:
            raise errors.NothingChanged
        return AssignmentPassedOn(**event, n=n, to=to)

    def start_measure(
        self,
        *,
        title: Text,
        prevention_level: PreventionLevel,
        expected_effect: Text,
        evaluate_on: date,
        service: str | None = None,
        topology: Topology,
        by: Actor,
        at: Occurred,
    ) -> MeasureStarted:
        event = self._next(by, at)
        _not_before(evaluate_on, at)
        return MeasureStarted(
            **event,
            n=len(self.measures) + 1,
            title=title,
            prevention_level=prevention_level,
            expected_effect=expected_effect,
            evaluate_on=evaluate_on,
            service=topology.responsible(service) if service else None,
        )

    def evaluate_measure(
        self, n: int, *, effect: Effect, note: Text, by: Actor, at: Occurred
    ) -> MeasureEvaluated:
        event = self._next(by, at)
        if not 1 <= n <= len(self.measures):
            raise errors.MeasureUnknown(n=n)
        if self.measures[n - 1].withdrawn:
            raise errors.MeasureWithdrawn(n=n)
        if self.measures[n - 1].effect is not None:
            raise errors.MeasureEvaluatedAlready(n=n)
        return MeasureEvaluated(**event, n=n, effect=effect, note=note)

    def note(self, *, text: Text, by: Actor, at: Occurred) -> ProgressNoted:
        return ProgressNoted(**self._next(by, at), text=text)

    def answer(self, *, to: str, message: Text, by: Actor, at: Occurred) -> AnswerGiven:
        if to not in {self.raised_by, *self.held_by, *self.owed}:
            raise errors.AnswerToAStranger(to=to)
        n = len(self.answers) + 1
        return AnswerGiven(**self.next_event(by, at), n=n, to=to, message=message)

    def acknowledge(
        self, n: int, *, asks_again: Text | None = None, by: Actor, at: Occurred
    ) -> AnswerAcknowledged:
        if not 1 <= n <= len(self.answers):
            raise errors.AnswerUnknown(n=n)
        answer = self.answers[n - 1]
        if by.organ not in {None, answer.to}:
            raise errors.NotYourAnswer(to=answer.to)
        if answer.acknowledged:
            raise errors.AnswerAcknowledgedAlready(n=n)
        event = self.next_event(by.acting_for(answer.to), at)
        return AnswerAcknowledged(**event, n=n, asks_again=asks_again)

    def close(
        self,
        *,
        outcome: Outcome,
        reason: Text | None,
        merged_into: "Case | None" = None,
        by: Actor,
        at: Occurred,
    ) -> CaseClosed:
        event = self._next(by, at)
        if any(m.effect is None and not m.withdrawn for m in self.measures) and reason is None:
            raise errors.MeasuresUnevaluated
        if reason is None and at.source is not Source.REPORT:
            raise errors.ReasonMissing
        into = self._merge_target(outcome, merged_into)
        return CaseClosed(
            **event,
            outcome=outcome,
            reason=reason,
            merged_into=into.id if into else None,
            into_version=into.version if into else None,
            owed=self.owed,
            owed_since=tuple(debt.since for debt in self.debts) if into and self.debts else None,
        )

    def reopen(self, *, reason: Text, by: Actor, at: Occurred) -> CaseReopened:
        if self.status is not Status.CLOSED:
            raise errors.CaseIsNotClosed(case=self.number)
        return CaseReopened(**self.next_event(by, at), reason=reason)

    def reclassify(
        self,
        *,
        themes: tuple[str, ...],
        focus_area: str | None,
        prevention_level: PreventionLevel | None,
        reason: Text,
        topology: Topology,
        by: Actor,
        at: Occurred,
    ) -> CaseReclassified:
        event = self._next(by, at)
        themes = topology.known_themes(themes)
        before = (self.themes, self.focus_area, self.prevention_level)
        if (themes, focus_area, prevention_level) == before:
            raise errors.NothingChanged
        return CaseReclassified(
            **event,
            themes=themes,
            focus_area=topology.known_focus_area(focus_area),
            prevention_level=prevention_level,
            reason=reason,
        )

    def link(self, *, other: str, kind: LinkKind, by: Actor, at: Occurred) -> CaseLinked:
        if other == self.id:
            raise errors.SameCase
        if Link(other=other, kind=kind) in self.links:
            raise errors.LinkedAlready
        return CaseLinked(**self.next_event(by, at), other=other, kind=kind)

    def correct(
        self,
        *,
        position: int,
        corrects: int,
        correction: Text,
        reason: Text,
        by: Actor,
        at: Occurred,
    ) -> EntryCorrected:
        """*corrects* is the version of this case at *position*."""
        event = self.next_event(by, at)
        if not 1 <= corrects <= self.version:
            raise errors.EntryUnknown(position=position)
        return EntryCorrected(
            **event, position=position, corrects=corrects, correction=correction, reason=reason
        )

    def reverse(
        self, *, position: int, reverses: int, reason: Text, by: Actor, at: Occurred
    ) -> DecisionReversed:
        """*reverses* is the version of this case at *position*. Only the newest standing
        decision is undone; an older one is marked."""
        if reverses in self.reversed:
            raise errors.ReversedAlready(position=position)
        if reverses not in {decision.version for decision in self.standing}:
            raise errors.NotADecision(position=position)
        return DecisionReversed(
            **self.next_event(by, at),
            position=position,
            reverses=reverses,
            newest=self.standing[-1].version == reverses,
            reason=reason,
        )

    def withdraw(
        self,
        *,
        position: int,
        withdraws: int,
        meeting: str,
        reason: Text | None = None,
        by: Actor,
        at: Occurred,
    ) -> EntryWithdrawn:
        """*withdraws* is the version of this case at *position*: its newest entry, logged in the
        *meeting*, which is still open."""
        event = self.next_event(by, at)
        newest = self.logged[-1] if self.logged else None
        if newest is None or (newest.version, newest.meeting) != (withdraws, meeting):
            raise errors.NotLoggedHere
        if self.footing.merged_into != newest.before.footing.merged_into:
            raise errors.MergeNotWithdrawn
        return EntryWithdrawn(**event, position=position, withdraws=withdraws, reason=reason)

    def erase(
        self,
        *,
        text_id: str,
        legal_basis: LegalBasis,
        reason: Text,
        asked_by: str,
        by: Actor,
        at: Occurred,
    ) -> TextErased:
        """*asked_by*: at whose request; a stable id or one of `Requester`, never a name."""
        return entries.erase(
            self,
            text_id=text_id,
            legal_basis=legal_basis,
            reason=reason,
            asked_by=asked_by,
            by=self.next_event(by, at)["actor"],
            at=at,
        )

    def restrict(
        self, *, people: tuple[str, ...], reason: Text, by: Actor, at: Occurred
    ) -> CaseRestricted:
        """To *people*, by ids that the ledger knows, and to the one who restricts it. Restricting
        it anew names others."""
        people = tuple(dict.fromkeys((*people, by.id)))
        if set(people) == set(self.restricted_to or ()):
            raise errors.NothingChanged
        return CaseRestricted(**self.next_event(by, at), people=people, reason=reason)

    def lift_restriction(self, *, reason: Text, by: Actor, at: Occurred) -> RestrictionLifted:
        if self.restricted_to is None:
            raise errors.NotRestricted
        return RestrictionLifted(**self.next_event(by, at), reason=reason)

    def break_glass(self, *, reason: Text, by: Actor, at: Occurred) -> GlassBroken:
        """Open the restricted case to a coordinator who is not named, for three hours."""
        if self.restricted_to is None:
            raise errors.NotRestricted
        if by.id in self.restricted_to or self.is_opened(by.id, at.at):
            raise errors.OpenAlready
        return GlassBroken(**self.next_event(by, at), until=at.at + GLASS, reason=reason)

    def pause(self, *, reason: Text, by: Actor, at: Occurred) -> DeadlinePaused:
        event = self._next(by, at)
        if self.paused_since is not None:
            raise errors.ClockPausedAlready
        return DeadlinePaused(**event, reason=reason)

    def resume(self, *, reason: Text, by: Actor, at: Occurred) -> DeadlineResumed:
        event = self._next(by, at)
        if self.paused_since is None:
            raise errors.ClockNotPaused
        return DeadlineResumed(**event, reason=reason)

    # The rules that several decisions share.

    def next_event(self, by: Actor, at: Occurred) -> dict[str, Any]:
        """What each event carries, also of a closed case. Acting for nobody in particular is acting
        for the holder."""
        raised = Occurred(at=self.raised_at, precision=self.raised_precision)
        if at.ends <= raised.begins:
            raise errors.BeforeTheCase
        return envelope(
            self.id, self.version + 1, by if by.organ else by.acting_for(self.holder), at
        )

    def _next(self, by: Actor, at: Occurred) -> dict[str, Any]:
        if self.status is Status.CLOSED:
            raise errors.CaseIsClosed(case=self.number)
        return self.next_event(by, at)

    def _open_assignment(self, n: int) -> Assignment:
        for assignment in self.assignments:
            if assignment.n == n:
                if not assignment.is_open:
                    raise errors.AssignmentAnswered(n=n)
                return assignment
        raise errors.AssignmentUnknown(n=n)

    def _merge_target(self, outcome: Outcome, into: "Case | None") -> "Case | None":
        if outcome is not Outcome.MERGED:
            if into is not None:
                raise errors.MergeTargetUnwanted
            return None
        if into is None:
            raise errors.MergeTargetMissing
        if into.id == self.id:
            raise errors.SameCase
        if into.status is Status.CLOSED:
            raise errors.MergeTargetClosed(case=into.number)
        return into


def evolve(case: Case | None, event: CaseEvent) -> Case:
    """What *case* becomes once *event* has happened.

    Another case's `CaseClosed` is part of this life too when it was merged into this one.
    """
    if case is None:
        assert isinstance(event, CaseRaised), "a case begins by being raised"  # noqa: S101
        return _raised(event)
    if event.originator_id != case.id:
        return _owing(case, event) if isinstance(event, CaseClosed) else case
    after = _after(case, event).but(version=event.originator_version)
    if isinstance(event, DeadlineEvent):
        return after
    if not isinstance(event, EntryWithdrawn):
        active_on = max(case.active_on, day_in_oslo(event.occurred_at))
        after = after.but(logged=_logged(case, event), active_on=active_on)
    if event.is_decision and not isinstance(event, DecisionReversed):
        measure = event.n if isinstance(event, MeasureStarted) else None
        mark = Standing(
            version=after.version, kind=event.TOPIC, measure=measure, before=case.footing
        )
        after = after.but(standing=(*case.standing, mark))
    return after


def _after(case: Case, event: CaseEvent) -> Case:  # noqa: C901, PLR0912 - one life, one table
    match event:
        case CaseRaised():
            raise AssertionError("a case is raised once")
        case CaseDiscussed():
            is_open = any(a.is_open for a in case.assignments)
            discussions = case.footing.discussions + 1
            if is_open:
                return case.on(status=Status.ASSIGNED, discussions=discussions)
            return case.on(status=Status.DISCUSSED, discussions=discussions, since=Start.of(event))
        case CaseEscalated():
            there = {event.to: event.title_there} if event.title_there else {}
            moved = _moved(case, event, Status.ESCALATED)
            moved = moved.but(titles_there={**case.titles_there, **there})
            return moved.owing(Debt(to=event.lifted_from, since=Start.of(event)))
        case CaseReturned():
            return _moved(case, event, Status.RETURNED)
        case CaseReferred() | ProgressNoted():
            return case
        case CaseAssigned(n=n, service=service, expectation=expectation, due_on=due_on):
            since = Start.of(event)
            new = Assignment(
                n=n, service=service, expectation=expectation, due_on=due_on, offered=since
            )
            assignments = (*case.assignments, new)
            given = case.but(assigned=n)
            return given.on(assignments=assignments, status=Status.ASSIGNED, since=since)
        case AssignmentAccepted():
            return _answered(case, event, AssignmentState.ACCEPTED)
        case AssignmentDeclined():
            return _answered(case, event, AssignmentState.DECLINED)
        case AssignmentCompleted():
            return _answered(case, event, AssignmentState.COMPLETED)
        case AssignmentPassedOn(n=n, to=to):
            passed = (a.but(responsible=to) if a.n == n else a for a in case.assignments)
            return case.on(assignments=tuple(passed))
        case MeasureStarted():
            started = Measure(
                n=event.n,
                title=event.title,
                prevention_level=event.prevention_level,
                expected_effect=event.expected_effect,
                evaluate_on=event.evaluate_on,
                service=event.service,
                started=Start.of(event),
            )
            return case.but(measures=(*case.measures, started))
        case MeasureEvaluated():
            return _measured(case, event.n, effect=event.effect)
        case AnswerGiven(n=n, to=to, message=message):
            answers = (*case.answers, Answer(n=n, to=to, message=message))
            return case.but(answers=answers, debts=tuple(d for d in case.debts if d.to != to))
        case AnswerAcknowledged():
            return _acknowledged(case, event)
        case CaseClosed(outcome=outcome, merged_into=into):
            closed = case.on(
                status=Status.CLOSED,
                outcome=outcome,
                merged_into=into,
                closed_at=event.occurred_at,
                since=Start.of(event),
            )
            return closed.but(debts=()) if into else closed
        case CaseReopened():
            return case.on(
                status=Status.DISCUSSED,
                outcome=None,
                merged_into=None,
                closed_at=None,
                since=Start.of(event),
            )
        case CaseReclassified():
            return case.but(
                themes=event.themes,
                focus_area=event.focus_area,
                prevention_level=event.prevention_level,
            )
        case CaseLinked():
            return case.but(links=(*case.links, Link(other=event.other, kind=event.kind)))
        case EntryCorrected():
            return case.but(corrected=(*case.corrected, event.corrects))
        case DecisionReversed():
            return _undone(case, event)
        case EntryWithdrawn():
            return case.logged[-1].before.but(logged=case.logged[:-1])
        case TextErased():
            return case.but(erased=(*case.erased, event.text_id))
        case CaseRestricted(people=people):
            return case.but(restricted_to=people, openings=())
        case RestrictionLifted():
            return case.but(restricted_to=None, openings=())
        case GlassBroken(until=until):
            opening = Opening(person=event.actor.id, until=until)
            return case.but(openings=(*case.openings, opening))
        case DeadlinePaused():
            return case.but(paused_since=event.occurred_at)
        case DeadlineResumed():
            assert case.paused_since is not None  # noqa: S101
            pauses = (*case.pauses, *_stood_still(case.paused_since, event.occurred_at))
            return case.but(paused_since=None, pauses=pauses)
        case DeadlineNeared() | DeadlinePassed() | DeadlineStillPassed():
            return _told(case, event)
    assert_never(event)


def _owing(case: Case, merged: CaseClosed) -> Case:
    """Also once what was logged here before is withdrawn. Where a debt is older than the days that
    are told of, it is of the day of the merger."""
    since = merged.owed_since or (Start.of(merged),) * len(merged.owed)
    debts = [Debt(to=to, since=one) for to, one in zip(merged.owed, since, strict=True)]
    logged = tuple(one.but(before=one.before.owing(*debts)) for one in case.logged)
    return case.owing(*debts).but(logged=logged)


def _told(case: Case, event: Noticing) -> Case:
    """Also once what was logged here before is withdrawn: nothing is recorded twice. It takes
    nothing of the meeting in which things are logged just now."""
    logged = tuple(one.but(before=_with_notice(one.before, event)) for one in case.logged)
    return _with_notice(case, event).but(logged=logged)


def _with_notice(case: Case, event: Noticing) -> Case:
    return case.but(notices=noted(case.notices, event))


def _logged(case: Case, event: CaseEvent) -> tuple[Logged, ...]:
    """What may be withdrawn after *event*. A case as it was holds no older ones in turn."""
    if event.meeting is None:
        return ()
    before = case.but(logged=())
    newest = Logged(version=event.originator_version, meeting=event.meeting, before=before)
    same = tuple(one for one in case.logged if one.meeting == event.meeting)
    return (*same, newest)[-WITHDRAWABLE:]


def _raised(event: CaseRaised) -> Case:
    return Case(
        id=event.originator_id,
        version=event.originator_version,
        number=event.number,
        source=event.source,
        title=event.title,
        description=event.description,
        raised_by=event.raised_by,
        raised_at=event.occurred_at,
        raised_precision=event.precision,
        themes=event.themes,
        focus_area=event.focus_area,
        prevention_level=event.prevention_level,
        area=event.area,
        ages=event.ages,
        service=event.service,
        footing=Footing(
            status=Status.RAISED,
            holder=event.raised_by,
            level=event.level,
            since=Start.of(event),
        ),
        held_by=(event.raised_by,),
        active_on=day_in_oslo(event.occurred_at),
    )


def _moved(
    case: Case,
    event: CaseEscalated | CaseReturned,
    status: Literal[Status.ESCALATED, Status.RETURNED],
) -> Case:
    held_by = tuple(dict.fromkeys((*case.held_by, event.to)))
    return case.but(held_by=held_by).on(
        status=status,
        holder=event.to,
        level=event.level,
        came_from=case.holder,
        discussions=0,
        since=Start.of(event),
    )


def _answered(
    case: Case,
    event: AssignmentAccepted | AssignmentDeclined | AssignmentCompleted,
    state: AssignmentState,
) -> Case:
    changed = next(a for a in case.assignments if a.n == event.n).but(state=state)
    return case.but(footing=case.footing.after_assignments(changed, Start.of(event)))


def _measured(case: Case, n: int, **changes: object) -> Case:
    measures = tuple(m.but(**changes) if m.n == n else m for m in case.measures)
    return case.but(measures=measures)


def _acknowledged(case: Case, event: AnswerAcknowledged) -> Case:
    answer = next(a for a in case.answers if a.n == event.n).but(acknowledged=True)
    answers = tuple(answer if a.n == answer.n else a for a in case.answers)
    acknowledged = case.but(answers=answers)
    again = Debt(to=answer.to, since=Start.of(event))
    return acknowledged.owing(again) if event.asks_again else acknowledged


def _undone(case: Case, event: DecisionReversed) -> Case:
    decision = next(d for d in case.standing if d.version == event.reverses)
    after = case.but(
        standing=tuple(d for d in case.standing if d is not decision),
        reversed=(*case.reversed, event.reverses),
    )
    if not event.newest:
        return after
    if decision.measure is not None:
        after = _measured(after, decision.measure, withdrawn=True)
    return after.but(footing=decision.undone(case.footing, Start.of(event)))


def _stood_still(since: datetime, until: datetime) -> Iterator[Pause]:
    """No pause where it was resumed on the same day, or is said to have been before it."""
    if day_in_oslo(until) > day_in_oslo(since):
        yield Pause(begin=day_in_oslo(since), until=day_in_oslo(until))


def _not_before(day: date, at: Occurred) -> None:
    if day < day_in_oslo(at.begins):
        raise errors.DueBeforeItBegan

"""What holds for every history that the rules allow, in whatever small topology."""

from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.case import (
    AnswerAcknowledged,
    AnswerGiven,
    Case,
    CaseClosed,
    CaseEscalated,
    DeadlineNeared,
    DeadlinePassed,
    DeadlineStillPassed,
)
from domain.errors import Refusal
from domain.event import Event
from domain.policy import Policy
from domain.terms import Conclusion, Effect, Outcome, Status
from domain.topology import Level, Post, Topology
from tests.domain import steps
from tests.domain.policies import AT_WORK, EVERY_DAY, neared, nudged, passed
from tests.domain.scenario import (
    CASE,
    COORDINATOR,
    FRIDAY,
    NEXT_FRIDAY,
    OTHER_CASE,
    TUESDAY,
    Given,
    Step,
    given,
    words,
)

KEYS = ("a", "b", "c", "d")
LEVELS = st.sampled_from(Level)
ORGANS = st.sampled_from(KEYS)
CHOICES = st.integers(0, 11)
TIMES = st.sampled_from([TUESDAY, FRIDAY, NEXT_FRIDAY])
ELSEWHERE = given(steps.raised(OTHER_CASE)).state


@st.composite
def topologies(draw: st.DrawFn) -> Topology:
    """Four organs, each below an earlier one or none, lifting anywhere but to themselves."""
    posts = {}
    for i, key in enumerate(KEYS):
        others = [other for other in KEYS if other != key]
        posts[key] = Post(
            key=key,
            level=draw(LEVELS),
            parent=draw(st.sampled_from([None, *KEYS[:i]])),
            lifts_to=tuple(draw(st.lists(st.sampled_from(others), min_size=1, unique=True))),
        )
    return Topology(organs=posts, services={steps.OUTREACH: None})


class WholeLife(RuleBasedStateMachine):
    """A case that lives by decisions at random. What the rules refuse does not happen."""

    life: Given
    topology: Topology
    merged_here = 0

    @initialize(topology=topologies(), raised_by=ORGANS)
    def raise_(self, topology: Topology, raised_by: str) -> None:
        self.topology = topology
        self.life = given(steps.raised(raised_by=raised_by, topology=topology, by=COORDINATOR))

    @property
    def case(self) -> Case:
        return self.life.state

    @property
    def that_stand(self) -> tuple[Event, ...]:
        """The events of the life that nobody has withdrawn."""
        return self.life.events

    def has(self, *names: str) -> bool:
        return all(getattr(self.case, name) for name in names)

    def attempt(self, step: Step) -> None:
        try:
            event = step(self.case)
        except Refusal:
            return
        self.life = self.life.further(event)

    def above(self, organ: str, choice: int) -> str:
        """One of the organs that *organ* lifts to."""
        lifts_to = self.topology.organ(organ).lifts_to
        return lifts_to[choice % len(lifts_to)]

    @staticmethod
    def one_of(numbered: tuple[Any, ...], choice: int) -> int:
        """The number of one of these assignments, measures or answers."""
        return numbered[choice % len(numbered)].n

    # Decisions.

    @rule(conclusion=st.sampled_from(Conclusion), at=TIMES)
    def discuss(self, conclusion: Conclusion, at: Any) -> None:
        decision = steps.DECISION if conclusion is Conclusion.DECIDED else None
        self.attempt(steps.discussed(conclusion=conclusion, decision=decision, at=at))

    @rule(choice=CHOICES, urgent=st.booleans(), there=st.booleans())
    def lift(self, choice: int, urgent: bool, there: bool) -> None:
        to = self.above(self.case.holder, choice)
        title = words(f"Tittel hos {to}") if there else None
        self.attempt(steps.lifted(to=to, urgent=urgent, title_there=title, topology=self.topology))

    @rule(to=ORGANS)
    def return_(self, to: str) -> None:
        self.attempt(steps.returned(to=to, topology=self.topology))

    @rule(to=ORGANS)
    def refer(self, to: str) -> None:
        self.attempt(steps.referred(to=to, topology=self.topology))

    @rule(to=st.sampled_from([*KEYS, steps.OUTREACH]))
    def assign(self, to: str) -> None:
        self.attempt(steps.assigned(service=to, topology=self.topology))

    @precondition(lambda self: self.has("assignments"))
    @rule(answer=st.sampled_from([steps.accepted, steps.declined, steps.completed]), choice=CHOICES)
    def answer_assignment(self, answer: Any, choice: int) -> None:
        self.attempt(answer(self.one_of(self.case.assignments, choice)))

    @rule()
    def start_measure(self) -> None:
        self.attempt(steps.measure_started(topology=self.topology))

    @precondition(lambda self: self.has("measures"))
    @rule(choice=CHOICES, effect=st.sampled_from(Effect))
    def evaluate_measure(self, choice: int, effect: Effect) -> None:
        self.attempt(
            steps.measure_evaluated(self.one_of(self.case.measures, choice), effect=effect)
        )

    @rule(
        step=st.sampled_from(
            [steps.noted(), steps.linked(), steps.corrected(1), steps.erased(), steps.paused()]
        )
    )
    def put_beside(self, step: Step) -> None:
        self.attempt(step)

    @precondition(lambda self: self.has("paused_since"))
    @rule(at=TIMES)
    def resume(self, at: Any) -> None:
        self.attempt(steps.resumed(at=at))

    @rule(
        step=st.sampled_from([neared, passed, nudged]),
        policy=st.sampled_from([EVERY_DAY, AT_WORK]),
        choice=CHOICES,
        month=st.integers(9, 12),
    )
    def time_goes_by(self, step: Any, policy: Policy, choice: int, month: int) -> None:
        """The clock may be set back in between."""
        found = [clock.deadline(policy) for clock in self.case.clocks]
        due = [one for one in found if one is not None]
        if due:
            self.attempt(step(2016, month, 30, of=due[choice % len(due)], policy=policy))

    @rule(theme=st.sampled_from(["rus", "vold"]))
    def reclassify(self, theme: str) -> None:
        self.attempt(steps.reclassified(themes=(theme,), topology=self.topology))

    @rule(to=ORGANS)
    def answer(self, to: str) -> None:
        self.attempt(steps.answered(to=to))

    @precondition(lambda self: self.has("answers"))
    @rule(choice=CHOICES, asks_again=st.sampled_from([None, words("Og de yngste?")]))
    def acknowledge(self, choice: int, asks_again: Any) -> None:
        self.attempt(
            steps.acknowledged(self.one_of(self.case.answers, choice), asks_again=asks_again)
        )

    @precondition(lambda self: self.case.version > 6)
    @rule(outcome=st.sampled_from(Outcome))
    def close(self, outcome: Outcome) -> None:
        into = ELSEWHERE if outcome is Outcome.MERGED else None
        self.attempt(steps.closed(outcome=outcome, merged_into=into))

    @precondition(lambda self: self.case.status is Status.CLOSED)
    @rule()
    def reopen(self) -> None:
        self.attempt(steps.reopened())

    @rule(raised_by=ORGANS, choice=CHOICES)
    def another_is_merged_into_it(self, raised_by: str, choice: int) -> None:
        self.merged_here += 1
        name, here = f"merged-{self.merged_here}", {"topology": self.topology, "by": COORDINATOR}
        raised = steps.raised(name, raised_by=raised_by, **here)
        lifted = steps.lifted(to=self.above(raised_by, choice), urgent=True, **here)
        merged = steps.closed(outcome=Outcome.MERGED, merged_into=self.case)
        self.attempt(lambda _: given(raised, lifted, merged).events[-1])

    @precondition(lambda self: self.has("standing"))
    @rule(data=st.data())
    def reverse(self, data: st.DataObject) -> None:
        """The newest undone: all stands as before it, but that it has stood so since it was undone.
        An older one: all stands as it stood."""
        versions = [standing.version for standing in self.case.standing]
        version = data.draw(st.sampled_from([versions[-1], *versions]))
        stood = self.case.footing
        self.attempt(steps.undone(version))
        newest = version == versions[-1]
        expected = self.before(version).footing if newest else stood
        apart = {"discussions": 0, "since": stood.since}
        assert self.case.footing.but(**apart) == expected.but(**apart)

    def before(self, version: int) -> Case:
        """The case as it was when the decision of this version was taken."""
        events = self.life.events
        own = [e.originator_version if e.originator_id == CASE else None for e in events]
        return given(*events[: own.index(version)]).state

    # What always holds.

    @invariant()
    def replayed_from_nothing_it_is_the_same(self) -> None:
        assert given(*self.life.events).state == self.case

    @invariant()
    def its_versions_are_dense(self) -> None:
        own = [e.originator_version for e in self.life.events if e.originator_id == CASE]
        assert own == list(range(1, self.case.version + 1))

    @invariant()
    def its_level_is_that_of_its_holder(self) -> None:
        assert self.case.level is self.topology.organ(self.case.holder).level
        assert self.case.holder in self.case.held_by

    @invariant()
    def its_status_says_how_it_stands(self) -> None:
        footing = self.case.footing
        is_open = any(assignment.is_open for assignment in footing.assignments)
        closed = footing.status is Status.CLOSED
        assert closed is (footing.outcome is not None) is (footing.closed_at is not None)
        assert (footing.outcome is Outcome.MERGED) is (footing.merged_into is not None)
        assert is_open or footing.status is not Status.ASSIGNED
        if footing.status is Status.RAISED:
            assert (footing.holder, footing.assignments) == (self.case.raised_by, ())
        if footing.status in {Status.ESCALATED, Status.RETURNED}:
            assert footing.came_from not in {None, footing.holder}

    @invariant()
    def its_numbers_are_never_reused(self) -> None:
        given_out = [e.n for e in self.that_stand if type(e).__name__ == "CaseAssigned"]
        assert given_out == list(range(1, self.case.assigned + 1))
        assert [m.n for m in self.case.measures] == list(range(1, len(self.case.measures) + 1))
        assert [a.n for a in self.case.answers] == list(range(1, len(self.case.answers) + 1))

    @invariant()
    def each_deadline_passes_once(self) -> None:
        told = [
            (type(e), e.kind, e.n, e.of, e.to, e.due_on, getattr(e, "nudge", 0))
            for e in self.life.events
            if isinstance(e, DeadlineNeared | DeadlinePassed | DeadlineStillPassed)
        ]
        assert len(set(told)) == len(told)

    @invariant()
    def it_owes_whoever_was_not_answered_since(self) -> None:
        assert len(set(self.case.owed)) == len(self.case.owed)
        for organ in KEYS:
            assert (organ in self.case.owed) is self.waits(organ)

    def waits(self, organ: str) -> bool:
        """Whether what last befell *organ* was a debt: a lift from it, its asking again, a merge
        with a case that owed it. An answer pays; being merged away carries the debt elsewhere."""
        for event in reversed(self.that_stand):
            match event:
                case CaseEscalated(lifted_from=lifted_from) if lifted_from == organ:
                    return True
                case AnswerGiven(to=to) if to == organ:
                    return False
                case AnswerAcknowledged(n=n) if event.asks_again:
                    if self.case.answers[n - 1].to == organ:
                        return True
                case CaseClosed() if event.originator_id != CASE and organ in event.owed:
                    return True
                case CaseClosed(originator_id=case, merged_into=str()) if case == CASE:
                    return False
        return False

    @invariant()
    def it_is_written_down_and_read_back(self) -> None:
        assert Case.model_validate_json(self.case.model_dump_json()) == self.case
        last = self.life.events[-1]
        assert type(last).model_validate_json(last.model_dump_json()) == last


TestWholeLife = WholeLife.TestCase
TestWholeLife.settings = settings(
    max_examples=150,
    stateful_step_count=30,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)

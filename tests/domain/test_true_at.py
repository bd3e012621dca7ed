"""What was true of a case at a moment, by what is known of it: for some lives, and for any."""

from datetime import datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import initialize, rule

from domain.case import Case
from domain.errors import Refusal
from domain.event import Occurred, Precision
from domain.terms import AssignmentState, Outcome, Status
from domain.true_at import as_true_at, since, took_place
from tests.domain.scenario import (
    FRIDAY,
    MONDAY,
    NEXT_FRIDAY,
    TUESDAY,
    WEDNESDAY,
    Given,
    Step,
    given,
    oslo,
)
from tests.domain.steps import (
    accepted,
    acknowledged,
    answered,
    assigned,
    closed,
    completed,
    corrected,
    decided,
    discussed,
    erased,
    lifted,
    measure_evaluated,
    measure_started,
    noted,
    passed_on,
    paused,
    raised,
    reopened,
    resumed,
    undone,
)
from tests.domain.test_properties import WholeLife
from tests.domain.topologies import BOARD, GROUP, TEAM

THURSDAY = oslo(2016, 9, 8, 12)
SUNDAY = oslo(2016, 9, 4, 12)
A_MICROSECOND = timedelta(microseconds=1)


def true(life: Given, at: Occurred) -> Case:
    case = as_true_at(life.events, at.at)
    assert case is not None
    return case


def test_nothing_is_true_of_a_case_before_it_was_raised():
    life = given(raised(at=MONDAY), discussed(at=TUESDAY))
    assert as_true_at(life.events, MONDAY.at - A_MICROSECOND) is None
    assert true(life, MONDAY) == given(raised(at=MONDAY)).state


def test_nothing_is_true_of_what_nothing_is_known_of():
    assert as_true_at([], MONDAY.at) is None


def test_what_is_logged_late_is_true_from_when_it_occurred():
    life = given(raised(at=MONDAY), discussed(at=TUESDAY), noted(at=FRIDAY), lifted(at=WEDNESDAY))
    assert true(life, TUESDAY).holder == TEAM
    assert true(life, WEDNESDAY).holder == GROUP
    assert true(life, THURSDAY).version == 4
    assert true(life, FRIDAY) == life.state


def test_what_took_place_is_replayed_in_the_order_of_recording():
    """A discussion that is logged after the lift is of the group: it is not undone by it."""
    life = given(raised(), lifted(urgent=True, at=TUESDAY), discussed(at=TUESDAY))
    assert true(life, TUESDAY) == life.state


@pytest.mark.parametrize(
    ("precision", "begins"),
    [
        (Precision.DAY, oslo(2016, 9, 7)),
        (Precision.MONTH, oslo(2016, 9, 1)),
        (Precision.YEAR, oslo(2016, 1, 1)),
    ],
)
def test_what_is_not_known_exactly_is_true_from_the_beginning_in_oslo(precision, begins):
    raising = oslo(2016, 1, 1)
    life = given(raised(at=raising), noted(at=oslo(2016, 9, 7, 23, precision=precision)))
    assert true(life, begins).version == 2
    if begins != raising:
        assert as_true_at(life.events, begins.at - A_MICROSECOND).version == 1


def test_what_is_known_to_the_minute_is_true_from_the_very_moment_that_was_given():
    first, second = (Occurred(at=TUESDAY.at + timedelta(seconds=s)) for s in (10, 40))
    life = given(raised(at=MONDAY), discussed(at=first), lifted(at=second))
    assert [true(life, at).version for at in (TUESDAY, first, second)] == [1, 2, 3]


def test_what_an_entry_rests_on_is_there_before_it():
    """Each of these is said to have happened before what it is about."""
    for before, step in (
        (assigned(at=FRIDAY), accepted(1, at=TUESDAY)),
        (assigned(at=FRIDAY), passed_on(1, at=TUESDAY)),
        (assigned(at=FRIDAY), completed(1, at=TUESDAY)),
        (measure_started(at=FRIDAY), measure_evaluated(1, at=TUESDAY)),
        (answered(at=FRIDAY), acknowledged(1, at=TUESDAY)),
        (closed(at=FRIDAY), reopened(at=TUESDAY)),
        (paused(at=FRIDAY), resumed(at=TUESDAY)),
        (decided(at=FRIDAY), undone(2, at=TUESDAY)),
        (lifted(urgent=True, at=FRIDAY), discussed(at=TUESDAY)),
        (lifted(urgent=True, at=FRIDAY), lifted(to=BOARD, urgent=True, at=TUESDAY)),
    ):
        life = given(raised(), before, step)
        assert true(life, THURSDAY).version == 1
        assert true(life, FRIDAY) == life.state


def test_the_second_of_two_answers_may_be_acknowledged_before_the_first_is_given():
    second = (answered(at=TUESDAY), acknowledged(2, at=TUESDAY))
    life = given(raised(), answered(at=FRIDAY), *second)
    (answer,) = true(life, WEDNESDAY).answers
    assert (answer.n, answer.acknowledged) == (2, True)
    assert [a.acknowledged for a in true(life, FRIDAY).answers] == [False, True]


def test_an_assignment_is_open_until_it_was_done():
    life = given(raised(), assigned(at=TUESDAY), accepted(1, at=FRIDAY), completed(1, at=THURSDAY))
    states = [true(life, at).assignments[0].state for at in (TUESDAY, THURSDAY, FRIDAY)]
    assert states == [
        AssignmentState.OFFERED, AssignmentState.COMPLETED, AssignmentState.COMPLETED,
    ]  # fmt: skip


def test_a_reversal_waits_for_those_that_made_its_decision_the_newest():
    """The lift was reversed as the newest decision that stood, since the assignment after it had
    been reversed before: on Friday. On Wednesday both stood."""
    life = given(
        raised(),
        lifted(urgent=True, at=TUESDAY),
        assigned(at=TUESDAY),
        undone(3, at=FRIDAY),
        undone(2, at=WEDNESDAY),
    )
    assert true(life, THURSDAY).status is Status.ASSIGNED
    assert true(life, FRIDAY) == life.state
    assert life.state.holder == TEAM


def test_what_was_done_before_a_closing_and_logged_after_a_reopening_is_part_of_the_closed_case():
    life = given(raised(), closed(at=WEDNESDAY), reopened(at=NEXT_FRIDAY), assigned(at=TUESDAY))
    assert true(life, TUESDAY).status is Status.ASSIGNED
    for at in (WEDNESDAY, FRIDAY):
        case = true(life, at)
        assert (case.status, case.footing.outcome) == (Status.CLOSED, Outcome.RESOLVED)
        assert [a.state for a in case.assignments] == [AssignmentState.OFFERED]
    assert true(life, NEXT_FRIDAY) == life.state
    assert life.state.status is Status.ASSIGNED


def test_a_correction_is_known_late_and_true_from_the_entry_that_it_is_about():
    life = given(raised(), noted(at=TUESDAY), noted(at=FRIDAY), corrected(2, at=NEXT_FRIDAY))
    assert true(life, MONDAY).corrected == ()
    assert true(life, TUESDAY).corrected == (2,)
    assert as_true_at(life.events[:3], NEXT_FRIDAY.at).corrected == ()


def test_words_that_are_gone_are_gone_at_every_moment():
    life = given(raised(), noted(at=TUESDAY), erased(at=NEXT_FRIDAY))
    assert true(life, MONDAY).erased == life.state.erased != ()


def test_a_closing_that_hands_its_debts_over_does_so_when_the_other_case_was_closed():
    into = given(raised(at=MONDAY))
    other = given(raised("another", at=SUNDAY), lifted(urgent=True, at=MONDAY))
    closing = closed(outcome=Outcome.MERGED, merged_into=into.state, at=FRIDAY)(other.state)
    life = into.further(closing)
    assert true(life, THURSDAY).owed == ()
    assert true(life, FRIDAY).owed == (TEAM,)
    early = closing.model_copy(update={"occurred_at": SUNDAY.at})
    assert as_true_at((*into.events, early), SUNDAY.at) is None
    assert true(into.further(early), MONDAY).owed == (TEAM,)


OCCURRED = st.builds(
    Occurred,
    at=st.integers(0, 6).map(lambda day: MONDAY.at + timedelta(days=day)),
    precision=st.sampled_from(Precision),
)


class LoggedInAnyOrder(WholeLife):
    """A case whose entries occurred at random, whatever the order in which they were recorded."""

    occurred: list[Occurred]
    recorded = 0

    @initialize(occurred=st.lists(OCCURRED, min_size=20, max_size=20))
    def occur(self, occurred: list[Occurred]) -> None:
        self.occurred = occurred

    def attempt(self, step: Step) -> None:
        try:
            event = step(self.case)
        except Refusal:
            return
        at = self.occurred[self.recorded % len(self.occurred)]
        self.recorded += 1
        when: dict[str, Any] = {"occurred_at": at.at, "precision": at.precision}
        self.life = self.life.further(event.model_copy(update=when))

    @rule(times=st.integers(1, 3))
    def answer_and_acknowledge(self, times: int) -> None:
        """Seldom otherwise: an acknowledgement of an answer that is not the first."""
        for _ in range(times):
            self.answer(to=self.case.raised_by)
        self.acknowledge(choice=times - 1, asks_again=None)

    def teardown(self) -> None:
        """What is recorded later moves nothing, so what holds of a life held of its beginnings."""
        if not hasattr(self, "life"):
            return
        events = self.life.events
        begun = since(events)
        self.in_the_end_all_of_it_is_true()
        self.what_is_learnt_later_moves_nothing_that_was_known(begun)
        for begin in begun:
            for moment in (begin - A_MICROSECOND, begin):
                self.it_is_told_whole_or_not_at_all(moment)
        for event, begin in zip(events, begun, strict=True):
            knowledge = type(event).__name__ in {"EntryCorrected", "TextErased"}
            assert knowledge or begin >= took_place(event)

    def in_the_end_all_of_it_is_true(self) -> None:
        last = max(event.occurred_at for event in self.life.events)
        for moment in (last, last + timedelta(days=400)):
            assert as_true_at(self.life.events, moment) == self.case

    def what_is_learnt_later_moves_nothing_that_was_known(self, begun: list[datetime]) -> None:
        for known in range(len(begun)):
            assert since(self.life.events[:known]) == begun[:known]

    def it_is_told_whole_or_not_at_all(self, moment: datetime) -> None:
        """Nobody is told of an assignment that was answered and not given, and the like."""
        case = as_true_at(self.life.events, moment)
        assert (case is None) is (moment < took_place(self.life.events[0]))
        if case is not None:
            assert case.holder in case.held_by
            assert (case.status is Status.CLOSED) is (case.footing.outcome is not None)
            is_open = any(assignment.is_open for assignment in case.assignments)
            assert is_open or case.status is not Status.ASSIGNED
            assert {d.version for d in case.standing}.isdisjoint(case.reversed)
            assert Case.model_validate_json(case.model_dump_json()) == case


TestLoggedInAnyOrder = LoggedInAnyOrder.TestCase
TestLoggedInAnyOrder.settings = settings(
    max_examples=100,
    stateful_step_count=30,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)

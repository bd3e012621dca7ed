"""Progress is noted, and the clock stands still while a case waits for somebody else."""

from datetime import date

import pytest

from domain import errors
from domain.case import DeadlinePaused, DeadlineResumed, ProgressNoted
from domain.terms import Status
from tests.domain.scenario import (
    COORDINATOR,
    FRIDAY,
    NEXT_FRIDAY,
    TUESDAY,
    entry,
    given,
    oslo,
    words,
)
from tests.domain.steps import (
    REASON,
    assigned,
    closed,
    completed,
    discussed,
    noted,
    paused,
    raised,
    reopened,
    resumed,
)
from tests.domain.topologies import TEAM

SOON = date(2016, 9, 20)
SEEN = words("Litt roligere")


# Notes.


def test_progress_is_noted():
    given(raised()).when(lambda c: c.note(text=SEEN, by=COORDINATOR, at=FRIDAY)).then(
        ProgressNoted(**entry(2, TEAM), text=SEEN)
    )


def test_progress_is_noted_as_often_as_there_is_some():
    given(raised(), noted(), noted()).when(noted()).allowed().is_now(version=4)


# The clock.


def test_the_clock_is_paused_with_a_reason():
    given(raised(), assigned(due_on=SOON)).when(
        lambda c: c.pause(reason=REASON, by=COORDINATOR, at=FRIDAY)
    ).then(DeadlinePaused(**entry(3, TEAM), reason=REASON)).is_now(
        next_due_on=None, paused_since=FRIDAY.at, status=Status.ASSIGNED
    )


def test_the_clock_resumes_and_gives_back_the_days_that_it_stood_still():
    given(raised(), assigned(due_on=SOON), paused(at=FRIDAY)).when(
        lambda c: c.resume(reason=REASON, by=COORDINATOR, at=NEXT_FRIDAY)
    ).then(DeadlineResumed(**entry(4, TEAM, at=NEXT_FRIDAY), reason=REASON)).is_now(
        next_due_on=date(2016, 9, 27), paused_since=None
    )


def test_only_open_assignments_are_given_days():
    life = given(
        raised(), assigned(due_on=SOON), completed(1), paused(at=FRIDAY), resumed(at=NEXT_FRIDAY)
    )
    assert [a.due_on for a in life.state.assignments] == [SOON]


def test_days_are_counted_by_the_calendar_in_oslo():
    """An hour over midnight there is a day; two hours over midnight in UTC are none."""
    late, after_midnight = oslo(2016, 9, 9, 23, 30), oslo(2016, 9, 10, 0, 30)
    night, morning = oslo(2016, 9, 9, 1, 30), oslo(2016, 9, 9, 3, 30)
    life = given(raised(), assigned(due_on=SOON))
    life.further(paused(at=late), resumed(at=after_midnight)).is_now(next_due_on=date(2016, 9, 21))
    life.further(paused(at=night), resumed(at=morning)).is_now(next_due_on=SOON)


def test_an_assignment_of_which_no_date_is_known_is_never_due():
    (_, assignment) = given(raised(), assigned()).events
    life = given(raised(), assignment.model_copy(update={"due_on": None}))
    life.is_now(next_due_on=None)
    life.further(paused(), resumed(at=NEXT_FRIDAY)).is_now(next_due_on=None)


def test_a_clock_that_resumes_before_it_was_paused_takes_no_days():
    given(raised(), assigned(due_on=SOON), paused(at=FRIDAY), resumed(at=TUESDAY)).is_now(
        next_due_on=SOON
    )


def test_a_paused_clock_is_not_paused_again():
    given(raised(), paused()).when(paused()).refused(errors.ClockPausedAlready)


@pytest.mark.parametrize("before", [(), (paused(), resumed())])
def test_a_running_clock_is_not_resumed(before):
    given(raised(), *before).when(resumed()).refused(errors.ClockNotPaused)


def test_a_clock_that_has_resumed_is_paused_again():
    given(raised(), paused(), resumed()).when(paused()).allowed()


def test_a_clock_stays_paused_while_the_case_is_closed():
    given(raised(), discussed(), paused(), closed(), reopened()).when(resumed()).allowed()

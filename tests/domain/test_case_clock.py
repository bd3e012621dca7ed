"""Progress is noted, and the clock stands still while a case waits for somebody else."""

from datetime import date

import pytest

from domain import errors
from domain.case import DeadlinePaused, DeadlineResumed, ProgressNoted
from domain.terms import Status
from tests.domain.policies import due
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
    after = (
        given(raised(), assigned(due_on=SOON))
        .when(lambda c: c.pause(reason=REASON, by=COORDINATOR, at=FRIDAY))
        .then(DeadlinePaused(**entry(3, TEAM), reason=REASON))
        .is_now(paused_since=FRIDAY.at, status=Status.ASSIGNED)
    )
    assert due(after) == []


def test_the_clock_resumes_and_gives_back_the_days_that_it_stood_still():
    after = (
        given(raised(), assigned(due_on=SOON), paused(at=FRIDAY))
        .when(lambda c: c.resume(reason=REASON, by=COORDINATOR, at=NEXT_FRIDAY))
        .then(DeadlineResumed(**entry(4, TEAM, at=NEXT_FRIDAY), reason=REASON))
        .is_now(paused_since=None)
    )
    assert due(after) == [date(2016, 9, 27)]


def test_days_are_counted_by_the_calendar_in_oslo():
    """An hour over midnight there is a day; two hours over midnight in UTC are none."""
    late, after_midnight = oslo(2016, 9, 9, 23, 30), oslo(2016, 9, 10, 0, 30)
    night, morning = oslo(2016, 9, 9, 1, 30), oslo(2016, 9, 9, 3, 30)
    life = given(raised(), assigned(due_on=SOON))
    assert due(life.further(paused(at=late), resumed(at=after_midnight))) == [date(2016, 9, 21)]
    assert due(life.further(paused(at=night), resumed(at=morning))) == [SOON]


def test_a_clock_that_resumes_before_it_was_paused_takes_no_days():
    life = given(raised(), assigned(due_on=SOON), paused(at=FRIDAY), resumed(at=TUESDAY))
    assert due(life) == [SOON]


def test_what_was_late_before_the_pause_stays_late():
    """Nobody had more days by its standing still afterwards."""
    life = given(raised(), assigned(due_on=SOON), paused(at=oslo(2016, 9, 22, 12)))
    assert due(life.further(resumed(at=oslo(2016, 10, 20, 12)))) == [SOON]


def test_a_paused_clock_is_not_paused_again():
    given(raised(), paused()).when(paused()).refused(errors.ClockPausedAlready)


@pytest.mark.parametrize("before", [(), (paused(), resumed())])
def test_a_running_clock_is_not_resumed(before):
    given(raised(), *before).when(resumed()).refused(errors.ClockNotPaused)


def test_a_clock_that_has_resumed_is_paused_again():
    given(raised(), paused(), resumed()).when(paused()).allowed()


def test_a_clock_stays_paused_while_the_case_is_closed():
    given(raised(), discussed(), paused(), closed(), reopened()).when(resumed()).allowed()

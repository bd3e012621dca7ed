"""A deadline that nears or passes is recorded, once; and again as long as nothing happens."""

from datetime import date

import pytest

from domain import errors
from domain.noticing import DeadlineNeared, DeadlinePassed, DeadlineStillPassed
from domain.terms import DeadlineKind
from tests.domain.policies import (
    AT_WORK,
    EVERY_DAY,
    ITSELF,
    deadlines,
    due,
    neared,
    nudged,
    passed,
)
from tests.domain.scenario import entry, given, oslo
from tests.domain.steps import (
    accepted,
    assigned,
    closed,
    completed,
    discussed,
    lifted,
    logged,
    noted,
    paused,
    raised,
    resumed,
    withdrawn,
)
from tests.domain.topologies import GROUP, OUTREACH, TEAM

ASSIGNED = (raised(), assigned(due_on=date(2016, 9, 20)))
FACTS = {
    "kind": DeadlineKind.ASSIGNMENT, "n": 1, "of": OUTREACH, "to": None,
    "due_on": date(2016, 9, 20),
}  # fmt: skip


def test_a_deadline_that_passes_is_recorded_from_midnight_in_oslo_on():
    life = given(*ASSIGNED)
    life.when(passed(2016, 9, 20, 23, 59)).refused(errors.DeadlineNotReached)
    life.when(passed(2016, 9, 21, 0, 0)).then(
        DeadlinePassed(**entry(3, TEAM, by=ITSELF, at=oslo(2016, 9, 21, 0, 0)), **FACTS)
    )


@pytest.mark.parametrize("night", [(2016, 3, 27), (2016, 10, 30)])
def test_so_it_is_in_the_nights_in_which_the_clocks_are_changed(night):
    life = given(raised(at=oslo(2016, 1, 4)), assigned(at=oslo(2016, 1, 5), due_on=date(*night)))
    life.when(passed(*night, 23, 59)).refused(errors.DeadlineNotReached)
    after = (*night[:2], night[2] + 1)
    life.when(passed(*after, 0, 0)).allowed()


def test_it_is_recorded_once():
    life = given(*ASSIGNED, passed(2016, 9, 21))
    life.when(passed(2016, 9, 21)).refused(errors.DeadlineNoticed)
    life.when(passed(2016, 9, 25)).refused(errors.DeadlineNoticed)


def test_a_clock_that_is_set_back_undoes_nothing_and_records_nothing():
    life = given(*ASSIGNED, neared(2016, 9, 17), passed(2016, 9, 21, 0, 0))
    for again in (passed, neared):
        life.when(again(2016, 9, 20, 23, 0)).refused(errors.DeadlineNoticed)


def test_a_deadline_that_moved_passes_again():
    life = given(*ASSIGNED, paused(at=oslo(2016, 9, 19, 8)), resumed(at=oslo(2016, 9, 21, 8)))
    later = life.further(passed(2016, 9, 23))
    assert [one.due_on for one in later.state.notices] == [date(2016, 9, 22)]


def test_a_policy_that_moves_it_and_moves_it_back_records_each_deadline_once():
    kind = {"kind": DeadlineKind.ACCEPTANCE}
    life = given(*ASSIGNED, passed(2016, 9, 17, **kind))
    life = life.further(passed(2016, 9, 21, policy=AT_WORK, **kind))
    for policy in (EVERY_DAY, AT_WORK):
        life.when(passed(2016, 9, 22, policy=policy, **kind)).refused(errors.DeadlineNoticed)


def test_what_is_no_deadline_any_more_does_not_pass():
    life = given(*ASSIGNED)
    (deadline,) = deadlines(life)
    for step in (completed(1), closed(), paused()):
        life.further(step).when(passed(2016, 9, 21, of=deadline)).refused(errors.DeadlineUnknown)


def test_whoever_must_act_is_warned_before():
    life = given(*ASSIGNED)
    life.when(neared(2016, 9, 16)).refused(errors.DeadlineNotReached)
    facts = {**entry(3, TEAM, by=ITSELF, at=oslo(2016, 9, 17, 8)), **FACTS}
    after = life.when(neared(2016, 9, 17)).then(DeadlineNeared(**facts))
    after.when(neared(2016, 9, 18)).refused(errors.DeadlineNoticed)
    after.when(passed(2016, 9, 21)).allowed()


def test_nobody_is_warned_of_what_has_passed():
    given(*ASSIGNED).when(neared(2016, 9, 21)).refused(errors.DeadlineNotReached)


def test_as_long_as_nothing_happens_that_is_recorded_again_and_again():
    life = given(*ASSIGNED, passed(2016, 9, 21))
    life.when(nudged(2016, 9, 30)).refused(errors.DeadlineNotReached)
    facts = {**entry(4, TEAM, by=ITSELF, at=oslo(2016, 10, 1, 8)), **FACTS}
    after = life.when(nudged(2016, 10, 1)).then(DeadlineStillPassed(**facts, nudge=1))
    after.when(nudged(2016, 10, 1)).refused(errors.DeadlineNotReached)
    after.when(nudged(2016, 10, 11)).allowed()


def test_after_a_long_silence_it_is_recorded_once_and_not_for_each_time_missed():
    life = given(*ASSIGNED, passed(2016, 9, 21), nudged(2017, 3, 1))
    life.when(nudged(2017, 3, 10)).refused(errors.DeadlineNotReached)
    assert life.further(nudged(2017, 3, 11)).events[-1].nudge == 2


def test_what_happens_puts_it_off():
    life = given(*ASSIGNED, passed(2016, 9, 21), noted(at=oslo(2016, 9, 28, 12)))
    life.when(nudged(2016, 10, 7)).refused(errors.DeadlineNotReached)
    life.when(nudged(2016, 10, 8)).allowed()


def test_what_has_not_passed_is_not_said_to_be_still_so():
    given(*ASSIGNED, neared(2016, 9, 17)).when(nudged(2016, 12, 1)).refused(
        errors.DeadlineNotReached
    )


def test_a_policy_without_warnings_and_nudges_records_none():
    silent = EVERY_DAY.model_copy(update={"warn_days": None, "nudge_days": None})
    life = given(*ASSIGNED)
    life.when(neared(2016, 9, 18, policy=silent)).refused(errors.DeadlineNotReached)
    life = life.further(passed(2016, 9, 21, policy=silent))
    life.when(nudged(2017, 9, 21, policy=silent)).refused(errors.DeadlineNotReached)


def test_it_is_no_decision_and_nothing_that_anybody_did():
    before = given(*ASSIGNED)
    after = before.further(neared(2016, 9, 17), passed(2016, 9, 21), nudged(2016, 10, 1))
    assert not any(event.is_decision for event in after.events[2:])
    after.is_now(
        footing=before.state.footing, standing=before.state.standing,
        active_on=before.state.active_on, version=5,
    )  # fmt: skip


def test_it_does_not_come_between_an_entry_and_its_withdrawal():
    """And what was recorded by itself is not recorded again when the entry is gone."""
    life = given(*ASSIGNED, logged(noted()), passed(2016, 9, 21))
    after = life.when(withdrawn(3)).allowed()
    after.when(passed(2016, 9, 22)).refused(errors.DeadlineNoticed)


def test_a_debt_that_outlives_the_case_passes_too():
    kind = {"kind": DeadlineKind.ANSWER}
    life = given(raised(), lifted(urgent=True), closed())
    assert due(life, kind=DeadlineKind.ANSWER) == [date(2016, 9, 26)]
    after = life.when(passed(2016, 9, 27, **kind)).allowed()
    event = after.events[-1]
    assert (event.of, event.to, event.n) == (GROUP, TEAM, None)


def test_a_case_that_is_discussed_stands_anew():
    kind = {"kind": DeadlineKind.STANDING}
    life = given(raised(), passed(2016, 9, 26, **kind), discussed(at=oslo(2016, 9, 28, 12)))
    life.when(passed(2016, 10, 1, **kind)).refused(errors.DeadlineNotReached)
    life.when(passed(2016, 10, 29, **kind)).allowed()


def test_an_assignment_that_is_accepted_need_not_be_answered():
    (deadline,) = deadlines(given(*ASSIGNED), kind=DeadlineKind.ACCEPTANCE)
    life = given(*ASSIGNED, accepted(1))
    life.when(passed(2016, 9, 21, of=deadline)).refused(errors.DeadlineUnknown)

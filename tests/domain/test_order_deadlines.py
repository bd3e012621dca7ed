"""The deadlines of an order: until it is answered, delivered and judged; and that they pass."""

from datetime import date

from domain import errors
from domain.noticing import DeadlinePassed
from domain.terms import DeadlineKind
from tests.domain.order_steps import (
    DUE,
    STREAM,
    a_mapping,
    accepted,
    approved,
    declined,
    delivered,
    passed_on,
    placed,
    sent_back,
    step_taken,
    withdrawn,
)
from tests.domain.policies import EVERY_DAY, ITSELF, due, neared, nudged, passed
from tests.domain.scenario import entry, given, oslo
from tests.domain.topologies import BOARD, OUTREACH

ACCEPTANCE, ORDER, APPROVAL = (
    DeadlineKind.ORDER_ACCEPTANCE, DeadlineKind.ORDER, DeadlineKind.APPROVAL
)  # fmt: skip
ON_THE_TENTH = oslo(2016, 10, 10)


def all_due(life):
    return {kind: due(life, kind=kind) for kind in (ACCEPTANCE, ORDER, APPROVAL)
            if due(life, kind=kind)}  # fmt: skip


def test_an_order_is_answered_within_the_policys_days_and_delivered_on_its_day():
    life = given(placed(at=oslo(2016, 9, 5)))
    assert all_due(life) == {ACCEPTANCE: [date(2016, 9, 15)], ORDER: [DUE]}
    assert all_due(life.further(accepted())) == {ORDER: [DUE]}


def test_who_takes_the_first_step_has_answered():
    assert all_due(given(a_mapping(), step_taken(1))) == {ORDER: [DUE]}


def test_what_is_delivered_is_judged_within_the_days_of_an_answer():
    life = given(placed(), accepted(), delivered(at=ON_THE_TENTH))
    assert all_due(life) == {APPROVAL: [date(2016, 10, 30)]}
    (clock,) = life.state.clocks
    assert clock.of == BOARD


def test_what_is_sent_back_is_due_anew_and_needs_no_second_yes():
    back = given(placed(), delivered(), sent_back(due_on=date(2017, 1, 15), at=ON_THE_TENTH))
    assert all_due(back) == {ORDER: [date(2017, 1, 15)]}
    assert all_due(given(placed(), delivered(), sent_back())) == {ORDER: [DUE]}


def test_one_that_has_ended_waits_for_nothing():
    for ends in ((delivered(), approved()), (declined(),), (withdrawn(),)):
        assert given(placed(), *ends).state.clocks == ()


def test_whose_turn_it_is_counts_from_when_it_became_so():
    """Neither who sees to it inside a service, nor a yes, gives anybody more time."""
    life = given(placed(), accepted(), passed_on(at=ON_THE_TENTH))
    (clock,) = life.state.clocks
    assert clock.began.on == date(2016, 9, 5)


def test_it_is_recorded_once_that_it_is_over():
    life = given(placed(), accepted())
    about = {"kind": ORDER}
    life.when(passed(2016, 12, 1, 23, 59, **about)).refused(errors.DeadlineNotReached)
    life.when(passed(2016, 12, 2, 0, 0, **about)).then(
        DeadlinePassed(
            **entry(3, OUTREACH, by=ITSELF, at=oslo(2016, 12, 2, 0, 0), of=STREAM),
            kind=ORDER, n=None, of=OUTREACH, to=None, due_on=DUE,
        )
    )  # fmt: skip
    over = life.further(neared(2016, 11, 28, **about), passed(2016, 12, 2, **about))
    over.when(passed(2016, 12, 3, **about)).refused(errors.DeadlineNoticed)
    again = over.further(nudged(2016, 12, 12, **about))
    again.when(nudged(2016, 12, 21, **about)).refused(errors.DeadlineNotReached)


def test_what_is_recorded_changes_nothing_of_the_order():
    life = given(placed(), accepted())
    after = life.further(passed(2016, 12, 2, kind=ORDER)).state
    changed = {"version", "notices"}
    assert after.model_dump(exclude=changed) == life.state.model_dump(exclude=changed)
    assert after.state is life.state.state


def test_what_happens_puts_a_nudge_off():
    over = given(a_mapping(), step_taken(1), passed(2016, 12, 2, kind=ORDER))
    later = over.further(step_taken(2, at=oslo(2016, 12, 8)))
    (clock,) = later.state.clocks
    assert clock.next_on(clock.deadline(EVERY_DAY), EVERY_DAY) == date(2016, 12, 18)


def test_a_deadline_that_was_met_is_none_any_more():
    life = given(placed(), accepted())
    old = next(clock.deadline(EVERY_DAY) for clock in life.state.clocks)
    life.further(delivered()).when(passed(2016, 12, 2, of=old)).refused(errors.DeadlineUnknown)

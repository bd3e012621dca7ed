"""When things are due: by a policy, whatever was paused, and which days count."""

from datetime import date, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import example, given

from domain.clock import Clock, Pause, Start
from domain.event import Precision, Source
from domain.policy import SHIPPED, Calendar, DayCount, Policy, easter_sunday, public_holidays
from domain.terms import DeadlineKind, Outcome
from tests.domain import scenario
from tests.domain.policies import AT_WORK, EVERY_DAY, due
from tests.domain.scenario import NEXT_FRIDAY, oslo
from tests.domain.steps import (
    accepted,
    acknowledged,
    answered,
    assigned,
    closed,
    completed,
    discussed,
    lifted,
    measure_evaluated,
    measure_started,
    noted,
    paused,
    raised,
    reopened,
    resumed,
    returned,
    undone,
    words,
)
from tests.domain.topologies import GROUP, TEAM

STANDING, ACCEPTANCE, ASSIGNMENT, EVALUATION, ANSWER = list(DeadlineKind)[:5]
DAY = timedelta(days=1)
lived = scenario.given


def on(*day: int) -> dict[str, object]:
    """As a step's time: noon of this day in Oslo."""
    return {"at": oslo(*day, 12)}


def test_another_policy_counts_by_its_own_fields():
    assert not AT_WORK.calendar.counts(date(2016, 1, 2)), "a Saturday"
    other = AT_WORK.model_copy(update={"counts": DayCount.CALENDAR, "standing": ()})
    assert other.calendar.counts(date(2016, 1, 2))
    assert (bool(AT_WORK.may_stand), bool(other.may_stand)) == (True, False)


# Counting, held against going day by day.


def counts(day: date, policy: Policy) -> bool:
    """As it is said in words."""
    if policy.july_stands_still and day.month == 7:
        return False
    if policy.counts is DayCount.CALENDAR:
        return True
    return (
        day.weekday() < 5 and day not in policy.free_days and day not in public_holidays(day.year)
    )


def naive(clock: Clock, limit: int, policy: Policy) -> date:
    """Day by day: each that counts, and on which the clock ran, is one less."""
    day, left = clock.began.on, limit
    while left:
        day += DAY
        stood = any(pause.begin <= day < pause.until for pause in clock.pauses)
        left -= counts(day, policy) and not stood
    return day


DAYS = st.dates(date(2016, 1, 1), date(2030, 1, 1))


@st.composite
def pauses(draw: st.DrawFn, around: date) -> tuple[Pause, ...]:
    """Before, after and across the beginning; one after the other, over each other, long."""
    made = []
    for _ in range(draw(st.integers(0, 4))):
        begin = around + DAY * draw(st.integers(-60, 200))
        made.append(Pause(begin=begin, until=begin + DAY * draw(st.integers(1, 150))))
    return tuple(made)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    free = draw(st.lists(DAYS, max_size=5, unique=True))
    changes = {
        "counts": draw(st.sampled_from(DayCount)),
        "july_stands_still": draw(st.booleans()),
        "free_days": tuple(free),
        "acceptance_days": draw(st.integers(1, 120)),
    }
    return SHIPPED.policy.model_copy(update=changes)


@st.composite
def running(draw: st.DrawFn, kind: DeadlineKind) -> Clock:
    began = draw(DAYS)
    return Clock(kind=kind, of=TEAM, began=Start(on=began), pauses=draw(pauses(began)))


@given(clock=running(ACCEPTANCE), policy=policies())
def test_the_days_of_a_policy_are_those_that_count_and_were_not_paused(
    clock: Clock, policy: Policy
) -> None:
    deadline = clock.deadline(policy)
    assert deadline is not None
    assert deadline.due_on == naive(clock, policy.acceptance_days, policy)


@given(clock=running(ASSIGNMENT), policy=policies(), days=st.integers(0, 200))
def test_a_date_of_its_own_moves_by_the_days_that_were_lost(
    clock: Clock, policy: Policy, days: int
) -> None:
    """It gives as many days as it gave before the pauses, and no deadline comes earlier."""
    own = clock.began.on + DAY * days
    deadline = clock._replace(due_on=own).deadline(policy)
    inside = [clock.began.on + DAY * n for n in range(1, days + 1)]
    wanted = sum(counts(day, policy) for day in inside)
    ran = [d for d in inside if not any(p.begin <= d < p.until for p in clock.pauses)]
    is_whole = sum(counts(day, policy) for day in ran) == wanted
    assert deadline is not None
    assert deadline.due_on == (own if is_whole else naive(clock, wanted, policy))


@given(clock=running(ACCEPTANCE), policy=policies())
def test_who_is_warned_has_so_many_days_left(clock: Clock, policy: Policy) -> None:
    deadline = clock.deadline(policy)
    assert deadline is not None
    if deadline.warn_on is None:
        assert policy.acceptance_days <= policy.warn_days
    else:
        began = Start(on=deadline.warn_on)
        left = clock._replace(began=began)
        assert naive(left, policy.warn_days, policy) == deadline.due_on


@given(clock=running(ACCEPTANCE), policy=policies(), order=st.randoms(use_true_random=False))
def test_it_does_not_matter_in_which_order_it_was_paused(clock, policy, order) -> None:
    others = list(clock.pauses)
    order.shuffle(others)
    turned = clock._replace(pauses=tuple(others))
    assert turned.deadline(policy) == clock.deadline(policy)


@given(clock=running(ACCEPTANCE), policy=policies(), late=st.integers(-20, 60))
def test_days_late_are_days_that_count(clock: Clock, policy: Policy, late: int) -> None:
    deadline = clock.deadline(policy)
    assert deadline is not None
    today = deadline.due_on + DAY * late
    days = clock.days_late(policy, today)
    assert (days > 0) <= (late > 0)
    if days:
        limit = policy.acceptance_days + days
        assert naive(clock, limit, policy) <= today < naive(clock, limit + 1, policy)


@example(day=date.max)
@given(day=st.dates(date(9990, 1, 1), date.max))
def test_a_date_at_the_end_of_time_is_reckoned_too(day: date) -> None:
    pause = Pause(begin=date(2016, 1, 2), until=date(2016, 3, 1))
    began = Start(on=date(2016, 1, 1))
    clock = Clock(kind=ASSIGNMENT, of=TEAM, began=began, due_on=day, pauses=(pause,))
    assert clock.deadline(AT_WORK).due_on >= day
    assert clock.next_on(clock.deadline(AT_WORK), AT_WORK) is not None


# Which days count.


@pytest.mark.parametrize(
    ("year", "easter"),
    [(2016, (3, 27)), (2019, (4, 21)), (2024, (3, 31)), (2025, (4, 20)), (2026, (4, 5)),
     (2027, (3, 28)), (2038, (4, 25)), (2076, (4, 19))],
)  # fmt: skip
def test_easter_is_when_it_is(year: int, easter: tuple[int, int]) -> None:
    assert easter_sunday(year) == date(year, *easter)


def test_the_public_holidays_of_a_year() -> None:
    assert sorted(public_holidays(2026)) == [
        date(2026, *day)
        for day in [(1, 1), (4, 2), (4, 3), (4, 5), (4, 6), (5, 1), (5, 14), (5, 17), (5, 24),
                    (5, 25), (12, 25), (12, 26)]
    ]  # fmt: skip


def test_a_working_day_is_no_weekend_no_holiday_and_no_free_day_of_the_municipality() -> None:
    calendar = Calendar(DayCount.WORKING, july_stands_still=True, free=(date(2026, 12, 24),))
    off = [(11, 28), (11, 29), (5, 1), (5, 14), (7, 1), (7, 31), (12, 24), (12, 25)]
    assert not any(calendar.counts(date(2026, *day)) for day in off)
    assert all(calendar.counts(date(2026, *day)) for day in [(6, 30), (8, 3), (12, 23), (5, 15)])


def test_by_the_calendar_every_day_counts_but_those_of_a_july_that_stands_still() -> None:
    still = Calendar(DayCount.CALENDAR, july_stands_still=True, free=())
    goes_on = Calendar(DayCount.CALENDAR, july_stands_still=False, free=(date(2026, 12, 24),))
    assert [still.counts(date(2026, 7, day)) for day in (1, 31)] == [False, False]
    assert all(goes_on.counts(date(2026, *day)) for day in [(7, 1), (12, 24), (12, 25), (11, 29)])


@pytest.mark.parametrize("night", [(2016, 3, 27), (2016, 10, 30)])
def test_the_night_in_which_the_clocks_are_changed_ends_a_day_at_midnight(night) -> None:
    """Of 23 or 25 hours: what was assigned ten days before is due on the day after it began."""
    day = date(*night)
    began = day - DAY * 9
    life = lived(raised(**on(2016, 1, 4)), assigned(at=oslo(*began.timetuple()[:3], 23, 59)))
    assert due(life, kind=ACCEPTANCE) == [day + DAY]
    before = lived(
        raised(**on(2016, 1, 4)),
        assigned(**on(*began.timetuple()[:3])),
        paused(at=oslo(*night, 0, 0)),
    )
    still = before.further(resumed(at=oslo(*night, 23, 59)))
    over = before.further(resumed(at=oslo(*(day + DAY).timetuple()[:3], 0, 0)))
    assert due(still, kind=ACCEPTANCE) == [day + DAY]
    assert due(over, kind=ACCEPTANCE) == [day + 2 * DAY]


# What runs.


def test_a_case_may_stand_for_so_many_days_in_a_status() -> None:
    life = lived(raised(**on(2016, 9, 5)))
    assert due(life, kind=STANDING) == [date(2016, 9, 25)]
    life = life.further(discussed(**on(2016, 9, 12)))
    assert due(life, kind=STANDING) == [date(2016, 10, 12)]
    life = life.further(lifted(**on(2016, 9, 20)))
    assert due(life, kind=STANDING) == [date(2016, 10, 15)]
    assert life.state.clocks[0].of == GROUP


def test_what_the_policy_does_not_name_may_stand_for_ever() -> None:
    life = lived(raised(), lifted(urgent=True), returned(to=TEAM))
    assert due(life, kind=STANDING) == []


def test_a_note_does_not_move_the_day_until_which_a_case_may_stand() -> None:
    life = lived(raised(**on(2016, 9, 5)), noted(**on(2016, 9, 20)))
    assert due(life, kind=STANDING) == [date(2016, 9, 25)]


def test_a_case_that_comes_back_by_a_reversal_stands_from_then_on() -> None:
    life = lived(raised(**on(2016, 9, 5)), lifted(urgent=True, **on(2016, 9, 6)))
    life = life.further(undone(2, **on(2016, 10, 6)))
    assert due(life, kind=STANDING) == [date(2016, 10, 26)]


def test_a_reversal_that_leaves_a_case_where_it_stands_moves_nothing() -> None:
    life = lived(raised(**on(2016, 9, 5)), measure_started(), undone(2, **on(2016, 9, 20)))
    assert due(life, kind=STANDING) == [date(2016, 9, 25)]


def test_an_assignment_is_to_be_answered_and_then_only_completed() -> None:
    life = lived(raised(**on(2016, 9, 5)), assigned(due_on=date(2016, 12, 1), **on(2016, 9, 6)))
    assert due(life, kind=ACCEPTANCE) == [date(2016, 9, 16)]
    assert due(life) == [date(2016, 12, 1)]
    life = life.further(accepted(1))
    assert (due(life, kind=ACCEPTANCE), due(life)) == ([], [date(2016, 12, 1)])
    assert due(life.further(completed(1))) == []


def test_an_assignment_without_a_date_has_the_days_of_the_policy() -> None:
    (_, event) = lived(raised(), assigned(**on(2016, 9, 6))).events
    life = lived(raised(), event.model_copy(update={"due_on": None}))
    assert due(life) == [date(2016, 10, 16)]


def test_a_measure_is_to_be_evaluated_on_its_day_moved_by_the_pauses_since() -> None:
    life = lived(raised(), measure_started(evaluate_on=date(2016, 10, 1)))
    assert due(life, kind=EVALUATION) == [date(2016, 10, 1)]
    life = life.further(paused(**on(2016, 9, 10)), resumed(**on(2016, 9, 20)))
    assert due(life, kind=EVALUATION) == [date(2016, 10, 11)]
    assert due(life.further(measure_evaluated(1)), kind=EVALUATION) == []


def test_what_a_report_tells_begins_no_days_of_the_policy() -> None:
    told = oslo(2016, 9, 5, 12).model_copy(
        update={"source": Source.REPORT, "precision": Precision.YEAR}
    )
    life = lived(raised(at=told), lifted(at=told))
    assert due(life, kind=STANDING) == due(life, kind=ANSWER) == []
    life = life.further(returned(**on(2016, 9, 20)), lifted(urgent=True, **on(2016, 9, 21)))
    assert due(life, kind=STANDING) == [date(2016, 10, 16)]


@pytest.mark.parametrize(
    ("precision", "day"), [(Precision.DAY, (9, 6)), (Precision.MONTH, (9, 30))]
)
def test_of_what_is_known_to_the_month_the_days_count_from_its_last(precision, day) -> None:
    life = lived(raised(), assigned(at=oslo(2016, 9, 6, 12, precision=precision)))
    assert due(life, kind=ACCEPTANCE) == [date(2016, *day) + 10 * DAY]


# Pausing.


def test_pausing_gives_back_the_days_that_count_and_no_others() -> None:
    """From a Friday to the next: seven days by the calendar, five at work."""
    life = lived(raised(), assigned(due_on=date(2016, 9, 20)), paused(at=scenario.FRIDAY))
    life = life.further(resumed(at=NEXT_FRIDAY))
    assert due(life, EVERY_DAY) == [date(2016, 9, 27)]
    assert due(life, AT_WORK) == [date(2016, 9, 27)]
    life = lived(raised(), assigned(due_on=date(2016, 9, 20)), paused(at=scenario.FRIDAY))
    life = life.further(resumed(**on(2016, 9, 12)))
    assert due(life, EVERY_DAY) == [date(2016, 9, 23)]
    assert due(life, AT_WORK) == [date(2016, 9, 21)]


def test_a_pause_in_a_july_that_stands_still_costs_nothing() -> None:
    life = lived(raised(**on(2016, 6, 6)), assigned(due_on=date(2016, 8, 15), **on(2016, 6, 7)))
    life = life.further(paused(**on(2016, 7, 4)), resumed(**on(2016, 7, 25)))
    assert due(life, AT_WORK) == [date(2016, 8, 15)]
    assert due(life, EVERY_DAY) == [date(2016, 9, 5)]


def test_a_pause_before_the_assignment_costs_it_nothing() -> None:
    life = lived(raised(), paused(), resumed(**on(2016, 9, 8)))
    life = life.further(assigned(due_on=date(2016, 9, 20), **on(2016, 9, 9)))
    assert due(life) == [date(2016, 9, 20)]


def test_what_is_assigned_while_the_case_is_paused_waits_for_the_end_of_it() -> None:
    life = lived(raised(), paused(), assigned(due_on=date(2016, 9, 20), **on(2016, 9, 9)))
    assert due(life) == []
    life = life.further(resumed(**on(2016, 9, 15)))
    assert due(life) == [date(2016, 9, 25)]


def test_several_pauses_add_up_and_a_pause_of_an_hour_is_none() -> None:
    life = lived(raised(), assigned(due_on=date(2016, 9, 20)))
    for begin, end in [(8, 10), (12, 12), (15, 18)]:
        life = life.further(paused(**on(2016, 9, begin)), resumed(at=oslo(2016, 9, end, 13)))
    assert due(life) == [date(2016, 9, 25)]


def test_a_pause_longer_than_the_time_there_was_leaves_what_was_left_of_it() -> None:
    life = lived(raised(), assigned(due_on=date(2016, 9, 10), **on(2016, 9, 6)))
    life = life.further(paused(**on(2016, 9, 8)), resumed(**on(2017, 3, 8)))
    assert due(life) == [date(2017, 3, 10)]


def test_a_policy_that_changes_in_a_pause_holds_for_all_the_days_of_it() -> None:
    """The deadline is what it would be had it held from the beginning, and changing it back
    changes it back."""
    life = lived(raised(), assigned(**on(2016, 9, 6)), paused(**on(2016, 9, 8)))
    assert due(life, EVERY_DAY, ACCEPTANCE) == due(life, AT_WORK, ACCEPTANCE) == []
    life = life.further(resumed(**on(2016, 9, 15)))
    assert due(life, EVERY_DAY, ACCEPTANCE) == [date(2016, 9, 23)]
    assert due(life, AT_WORK, ACCEPTANCE) == [date(2016, 9, 27)]
    longer = AT_WORK.model_copy(update={"acceptance_days": 15})
    assert due(life, longer, ACCEPTANCE) == [date(2016, 10, 4)]
    assert due(life, EVERY_DAY, ACCEPTANCE) == [date(2016, 9, 23)]


# Answers owed.


def test_an_answer_is_owed_within_so_many_days_of_the_lift() -> None:
    life = lived(raised(), lifted(urgent=True, **on(2016, 9, 6)))
    (debt,) = life.state.debts
    assert (debt.to, debt.since.on) == (TEAM, date(2016, 9, 6))
    assert due(life, kind=ANSWER) == [date(2016, 9, 26)]
    assert due(life.further(answered()), kind=ANSWER) == []


def test_whoever_asks_again_waits_from_then_on() -> None:
    life = lived(raised(), lifted(urgent=True, **on(2016, 9, 6)), answered(**on(2016, 9, 12)))
    again = acknowledged(1, asks_again=words("Og de yngste?"), **on(2016, 9, 30))
    assert due(life.further(again), kind=ANSWER) == [date(2016, 10, 20)]
    assert due(life.further(acknowledged(1, **on(2016, 9, 30))), kind=ANSWER) == []


def test_a_debt_outlives_the_case_and_no_pause_holds_it_up_then() -> None:
    life = lived(raised(), lifted(urgent=True, **on(2016, 9, 6)))
    assert due(life.further(closed(**on(2016, 9, 20))), kind=ANSWER) == [date(2016, 9, 26)]
    still = life.further(paused(**on(2016, 9, 10)), closed(**on(2016, 9, 20)))
    assert due(still, kind=ANSWER) == [date(2016, 10, 6)]
    assert [clock.kind for clock in still.state.clocks] == [ANSWER]
    assert due(still.further(reopened(**on(2016, 9, 21))), kind=ANSWER) == []


def test_a_debt_follows_a_merger_with_the_day_it_is_of() -> None:
    into = lived(raised("other"), lifted(urgent=True, **on(2016, 9, 20)))
    gone = lived(raised(), lifted(urgent=True, **on(2016, 9, 6)))
    merged = gone.further(closed(outcome=Outcome.MERGED, merged_into=into.state, **on(2016, 9, 21)))
    assert merged.state.debts == ()
    after = into.further(merged.events[-1])
    assert due(after, kind=ANSWER) == [date(2016, 9, 26)]


def test_a_merger_of_before_days_were_told_counts_from_the_merger() -> None:
    into = lived(raised("other"))
    gone = lived(raised(), lifted(urgent=True, **on(2016, 9, 6)))
    merged = gone.further(closed(outcome=Outcome.MERGED, merged_into=into.state, **on(2016, 9, 21)))
    older = merged.events[-1].model_copy(update={"owed_since": None})
    assert due(into.further(older), kind=ANSWER) == [date(2016, 10, 11)]

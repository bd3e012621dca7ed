"""Which periods kept a cadence, which missed it, and when the next meeting is due."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import hypothesis.strategies as st
import pytest
from hypothesis import given

from domain.cadence import rhythm
from domain.event import Occurred, Precision
from domain.organ import Cadence, InForce

FOURTH_WEEK, FORTNIGHT = Cadence(every_weeks=4), Cadence(every_weeks=2)
MONTHLY, FOUR_A_YEAR = Cadence(at_least=1, per="month"), Cadence(at_least=4, per="year")
SEVENTH = date(2016, 9, 7)


def since(day, cadence, precision=Precision.DAY):
    """The cadence, set on this day at noon."""
    return InForce.of(
        cadence, Occurred(at=datetime.combine(day, time(12), UTC), precision=precision)
    )


def told(cadence, *held, begin=SEVENTH, first=None, today):
    return rhythm([since(begin, cadence)], held, first=first, today=today)


def judged(found):
    return [(p.wanted, p.held, p.kept) for p in found.periods]


def test_every_fourth_week_is_kept_by_a_meeting_in_each_four_weeks():
    held = (SEVENTH, date(2016, 10, 5), date(2016, 11, 3), date(2016, 11, 30))
    kept = told(FOURTH_WEEK, *held, today=date(2016, 12, 20))
    assert [p.begin for p in kept.periods] == [
        date(2016, 9, 5), date(2016, 10, 3), date(2016, 10, 31), date(2016, 11, 28),
    ]  # fmt: skip
    assert [p.kept for p in kept.periods] == [True] * 4
    assert kept.is_kept
    assert kept.next_due_on == date(2016, 12, 28)


def test_a_period_without_a_meeting_is_missed_once_it_is_over():
    late = told(FOURTH_WEEK, SEVENTH, date(2016, 11, 2), today=date(2016, 11, 28))
    assert [p.kept for p in late.periods] == [True, False, True, None]
    assert [p.begin for p in late.missed] == [date(2016, 10, 3)]
    assert late.next_due_on == date(2016, 11, 30)


def test_an_organ_that_never_meets_misses_every_period_since_its_cadence_was_set():
    never = told(FOURTH_WEEK, begin=date(2016, 9, 8), today=date(2016, 11, 1))
    assert [(p.begin, p.kept) for p in never.periods] == [
        (date(2016, 9, 5), False), (date(2016, 10, 3), False), (date(2016, 10, 31), None),
    ]  # fmt: skip
    assert never.next_due_on == date(2016, 11, 27)


def test_weeks_are_reckoned_from_the_first_meeting_also_backwards():
    found = told(FORTNIGHT, date(2016, 10, 12), begin=date(2016, 9, 7), today=date(2016, 10, 13))
    assert [(p.begin, p.wanted, p.kept) for p in found.periods] == [
        (date(2016, 9, 5), 0, None), (date(2016, 9, 12), 1, False),
        (date(2016, 9, 26), 1, False), (date(2016, 10, 10), 1, True),
    ]  # fmt: skip
    assert found.next_due_on == date(2016, 10, 26)


def test_once_a_month_is_by_the_calendar():
    held = (date(2016, 9, 30), date(2016, 10, 1), date(2016, 12, 1))
    kept = told(MONTHLY, *held, begin=date(2016, 9, 1), today=date(2016, 12, 31))
    assert judged(kept) == [(1, 1, True), (1, 1, True), (1, 0, False), (1, 1, True)]
    assert kept.next_due_on == date(2017, 1, 31)


def test_four_a_year_keep_pace_with_the_quarters():
    held = (date(2016, 2, 1), date(2016, 5, 1))
    due = told(FOUR_A_YEAR, *held, begin=date(2016, 1, 1), today=date(2016, 6, 1))
    assert due.next_due_on == date(2016, 9, 30)
    assert [p.kept for p in due.periods] == [None]
    over = told(FOUR_A_YEAR, *held, begin=date(2016, 1, 1), today=date(2017, 1, 1))
    assert judged(over) == [(4, 2, False), (4, 0, None)]


# The time in which it is in force.


def test_what_was_held_or_not_before_it_was_set_is_not_judged():
    held = (date(2016, 1, 5), date(2016, 11, 9))
    found = told(MONTHLY, *held, begin=date(2016, 11, 1), today=date(2016, 12, 1))
    assert [p.begin for p in found.periods] == [date(2016, 11, 1), date(2016, 12, 1)]
    assert found.is_kept


@pytest.mark.parametrize(
    ("begin", "held", "expected"),
    [
        (date(2016, 7, 1), [date(2016, 8, 1), date(2016, 12, 1)], (2, 2, True)),
        (date(2016, 7, 1), [date(2016, 2, 1), date(2016, 12, 1)], (2, 1, False)),
        (date(2016, 11, 1), [], (0, 0, None)),
        (date(2016, 11, 1), [date(2016, 12, 1)], (0, 1, True)),
    ],
)
def test_of_a_first_year_that_began_late_its_share_is_wanted(begin, held, expected):
    found = told(FOUR_A_YEAR, *held, begin=begin, today=date(2017, 1, 1))
    assert (found.periods[0].begin, judged(found)[0]) == (begin, expected)


def test_a_month_in_which_it_was_set_is_kept_or_not_counted():
    found = told(MONTHLY, begin=date(2016, 11, 15), today=date(2016, 11, 20))
    assert (judged(found), found.next_due_on) == ([(0, 0, None)], date(2016, 12, 31))
    found = told(MONTHLY, begin=date(2016, 11, 15), today=date(2016, 12, 20))
    assert judged(found) == [(0, 0, None), (1, 0, None)]


def test_a_new_cadence_leaves_the_time_before_to_the_old_one():
    terms = [since(date(2016, 1, 1), FOUR_A_YEAR), since(date(2016, 10, 10), MONTHLY)]
    held = (date(2016, 2, 1), date(2016, 5, 1), date(2016, 9, 1), date(2016, 11, 1))
    found = rhythm(terms, held, today=date(2016, 12, 31))
    assert [(p.begin, p.until) for p in found.periods] == [
        (date(2016, 1, 1), date(2016, 10, 10)), (date(2016, 10, 10), date(2016, 11, 1)),
        (date(2016, 11, 1), date(2016, 12, 1)), (date(2016, 12, 1), date(2017, 1, 1)),
    ]  # fmt: skip
    assert judged(found) == [(3, 3, True), (0, 0, None), (1, 1, True), (1, 0, None)]
    assert found.next_due_on == date(2016, 12, 31)


def test_where_only_the_year_is_known_it_is_in_force_from_the_first_meeting_known_of():
    vague = since(date(2016, 1, 1), MONTHLY, Precision.YEAR)
    found = rhythm([vague], [date(2016, 9, 30)], today=date(2016, 11, 1))
    assert [(p.begin, p.kept) for p in found.periods] == [
        (date(2016, 9, 30), True), (date(2016, 10, 1), False), (date(2016, 11, 1), None),
    ]  # fmt: skip
    nothing = rhythm([vague], [], today=date(2016, 11, 1))
    assert (nothing.missed, nothing.next_due_on) == ((), date(2017, 1, 31))


def test_one_who_has_not_begun_has_missed_nothing():
    soon = told(FORTNIGHT, begin=date(2016, 6, 1), first=SEVENTH, today=date(2016, 9, 1))
    assert (soon.missed, soon.next_due_on) == ((), SEVENTH)


cadences = st.builds(Cadence, every_weeks=st.integers(1, 60)) | st.builds(
    Cadence, at_least=st.integers(1, 30), per=st.sampled_from(["month", "year"])
)
days = st.dates(date(2015, 1, 1), date(2018, 12, 31))
precise = st.sampled_from([Precision.DAY, Precision.MONTH, Precision.YEAR])
setting = st.lists(st.tuples(days, cadences, precise), min_size=1, max_size=4)


@given(setting, st.lists(days, max_size=20), st.none() | days, st.dates(date(2019, 1, 1)))
def test_periods_follow_each_other_and_count_each_meeting_once(changes, held, first, today):
    today = min(today, date(2021, 1, 1))
    terms = [since(*one) for one in sorted(changes, key=lambda one: one[0])]
    terms = [one for one, after in pairwise([*terms, None]) if not after or one.since < after.since]
    found = rhythm(terms, held, first=first, today=today)
    begin, last = found.periods[0].begin, found.periods[-1]
    assert last.begin <= today < last.until
    for one, following in pairwise(found.periods):
        assert one.until == following.begin
    assert sum(p.held for p in found.periods) == sum(begin <= day < last.until for day in held)
    assert all(p.kept is not None for p in found.periods[:-1] if p.wanted)
    assert found.next_due_on >= last.begin - timedelta(days=1)


@pytest.mark.parametrize("cadence", [FOURTH_WEEK, MONTHLY, FOUR_A_YEAR, FORTNIGHT])
def test_who_meets_on_the_last_day_that_is_due_keeps_the_cadence(cadence):
    begin, held = date(2016, 1, 6), []
    day = told(cadence, begin=begin, today=begin).next_due_on
    while day < date(2018, 1, 1):
        held.append(day)
        day = told(cadence, *held, begin=begin, today=day).next_due_on
    assert told(cadence, *held, begin=begin, today=date(2017, 12, 31)).is_kept

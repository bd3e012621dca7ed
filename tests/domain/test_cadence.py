"""Which periods kept a cadence, which missed it, and when the next meeting is due."""

from datetime import date, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import given

from domain.cadence import rhythm
from domain.organ import Cadence

FOURTH_WEEK, FORTNIGHT = Cadence(every_weeks=4), Cadence(every_weeks=2)
MONTHLY, FOUR_A_YEAR = Cadence(at_least=1, per="month"), Cadence(at_least=4, per="year")
SEVENTH = date(2016, 9, 7)


def told(cadence, *held, begin=SEVENTH, today):
    return rhythm(cadence, held, begin=begin, today=today)


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


def test_once_a_month_is_by_the_calendar():
    held = (date(2016, 9, 30), date(2016, 10, 1), date(2016, 12, 1))
    kept = told(MONTHLY, *held, begin=date(2016, 9, 1), today=date(2016, 12, 31))
    assert [(p.held, p.kept) for p in kept.periods] == [
        (1, True), (1, True), (0, False), (1, True),
    ]  # fmt: skip
    assert kept.next_due_on == date(2017, 1, 31)


def test_four_a_year_keep_pace_with_the_quarters():
    held = (date(2016, 2, 1), date(2016, 5, 1))
    due = told(FOUR_A_YEAR, *held, begin=date(2016, 1, 1), today=date(2016, 6, 1))
    assert due.next_due_on == date(2016, 9, 30)
    assert [p.kept for p in due.periods] == [None]
    over = told(FOUR_A_YEAR, *held, begin=date(2016, 1, 1), today=date(2017, 1, 1))
    assert [(p.wanted, p.held, p.kept) for p in over.periods] == [(4, 2, False), (4, 0, None)]


def test_one_who_has_not_begun_has_missed_nothing():
    soon = told(FORTNIGHT, begin=date(2016, 9, 7), today=date(2016, 9, 1))
    assert (soon.missed, soon.next_due_on) == ((), SEVENTH)


cadences = st.builds(Cadence, every_weeks=st.integers(1, 60)) | st.builds(
    Cadence, at_least=st.integers(1, 30), per=st.sampled_from(["month", "year"])
)
days = st.dates(date(2015, 1, 1), date(2018, 12, 31))


@given(cadence=cadences, held=st.lists(days, max_size=20), begin=days, ahead=st.integers(0, 800))
def test_periods_follow_each_other_and_count_each_meeting_once(cadence, held, begin, ahead):
    today = begin + timedelta(days=ahead)
    found = rhythm(cadence, held, begin=begin, today=today)
    first, last = found.periods[0], found.periods[-1]
    assert first.begin <= begin < first.until
    assert last.begin <= today < last.until
    for one, following in zip(found.periods, found.periods[1:], strict=False):
        assert one.until == following.begin
    assert sum(p.held for p in found.periods) == sum(first.begin <= d < last.until for d in held)
    assert all(p.kept is not None for p in found.periods[:-1])
    assert found.next_due_on >= last.begin - timedelta(days=1)


@pytest.mark.parametrize("cadence", [FOURTH_WEEK, MONTHLY, FOUR_A_YEAR, FORTNIGHT])
def test_who_meets_on_the_last_day_that_is_due_keeps_the_cadence(cadence):
    begin, held = date(2016, 1, 6), []
    day = rhythm(cadence, held, begin=begin, today=begin).next_due_on
    while day < date(2018, 1, 1):
        held.append(day)
        day = rhythm(cadence, held, begin=begin, today=day).next_due_on
    assert rhythm(cadence, held, begin=begin, today=date(2017, 12, 31)).is_kept

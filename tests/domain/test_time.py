"""When something occurred: how exactly it is known, by clocks in Oslo, and what it may not be."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from domain import errors
from domain.event import OSLO, Occurred, Precision, Source, utc
from tests.domain.commands import COMMANDS, RAISED, name
from tests.domain.scenario import TUESDAY, given, oslo
from tests.domain.steps import answered, assigned, closed, discussed, noted, raised

MINUTE, DAY, MONTH, YEAR = Precision
A_SECOND = timedelta(seconds=1)


def local(*when):
    return datetime(*when, tzinfo=OSLO)


def test_a_moment_is_exact_to_the_minute_and_entered_unless_it_says_otherwise():
    moment = Occurred(at=TUESDAY.at)
    assert (moment.precision, moment.source) == (Precision.MINUTE, Source.ENTERED)


def test_a_moment_without_a_time_zone_is_not_understood():
    with pytest.raises(ValidationError, match="timezone"):
        Occurred(at=datetime(2016, 9, 6, 12))  # noqa: DTZ001 - that is what is tried


# How exactly it is known.


@pytest.mark.parametrize(
    ("precision", "begins", "ends"),
    [
        (MINUTE, local(2016, 9, 6, 14, 30), local(2016, 9, 6, 14, 31)),
        (DAY, local(2016, 9, 6), local(2016, 9, 7)),
        (MONTH, local(2016, 9, 1), local(2016, 10, 1)),
        (YEAR, local(2016, 1, 1), local(2017, 1, 1)),
    ],
)
def test_what_is_known_to_a_precision_spans_all_of_it(precision, begins, ends):
    known = Occurred(at=local(2016, 9, 6, 14, 30, 59, 999), precision=precision)
    assert (known.begins, known.ends) == (begins, ends)


@pytest.mark.parametrize("month", range(1, 13))
@pytest.mark.parametrize("day", [1, 28])
def test_a_month_ends_where_the_next_begins(month, day):
    known = oslo(2016, month, day, precision=MONTH)
    assert known.ends == local(2016 + month // 12, month % 12 + 1, 1)


def test_a_leap_day_has_a_year():
    known = oslo(2016, 2, 29, precision=YEAR)
    assert (known.begins, known.ends) == (local(2016, 1, 1), local(2017, 1, 1))


# Oslo.


def test_new_years_night_is_a_new_year_in_oslo_an_hour_before_utc():
    midnight = Occurred(at=datetime(2016, 12, 31, 23, 0, tzinfo=UTC), precision=YEAR)
    before = Occurred(at=midnight.at - A_SECOND, precision=YEAR)
    assert (before.begins, midnight.begins) == (local(2016, 1, 1), local(2017, 1, 1))


def test_a_summer_night_is_a_new_day_in_oslo_two_hours_before_utc():
    midnight = Occurred(at=datetime(2016, 6, 30, 22, 0, tzinfo=UTC), precision=DAY)
    before = Occurred(at=midnight.at - A_SECOND, precision=DAY)
    assert (before.begins, midnight.begins) == (local(2016, 6, 30), local(2016, 7, 1))


def test_the_zone_that_a_moment_was_given_in_does_not_matter():
    tokyo = datetime(2016, 9, 7, 1, 0, tzinfo=timezone(timedelta(hours=9)))
    assert Occurred(at=tokyo, precision=DAY).begins == local(2016, 9, 6)


@pytest.mark.parametrize(
    ("day", "hours"), [((2016, 3, 27), 23), ((2016, 10, 30), 25), ((2016, 9, 6), 24)]
)
def test_a_day_is_as_long_as_it_is_in_oslo(day, hours):
    known = oslo(*day, 12, precision=DAY)
    assert known.ends.astimezone(UTC) - known.begins.astimezone(UTC) == timedelta(hours=hours)


# Never in the future.


@pytest.mark.parametrize("precision", Precision)
def test_what_began_by_now_has_occurred(precision):
    known = oslo(2016, 9, 6, 14, 30, precision=precision)
    assert known.not_after(known.begins.astimezone(UTC)) is known


@pytest.mark.parametrize("precision", Precision)
def test_what_has_not_begun_has_not_occurred(precision):
    known = oslo(2016, 9, 6, 14, 30, precision=precision)
    with pytest.raises(errors.InTheFuture):
        known.not_after(known.begins.astimezone(UTC) - A_SECOND)


def test_today_has_begun_even_when_the_given_hour_has_not():
    tonight, morning = oslo(2016, 9, 6, 23, precision=DAY), oslo(2016, 9, 6, 8).at
    assert tonight.not_after(morning) is tonight
    with pytest.raises(errors.InTheFuture):
        oslo(2016, 9, 6, 23).not_after(morning)


def test_this_year_has_begun_in_oslo_before_it_has_in_utc():
    now = datetime(2016, 12, 31, 23, 30, tzinfo=UTC)
    assert oslo(2017, 5, 1, precision=YEAR).not_after(now)
    with pytest.raises(errors.InTheFuture):
        oslo(2017, 5, 1, precision=YEAR).not_after(now - timedelta(hours=1))


# Never before the case was raised.


@pytest.mark.parametrize(
    ("precision", "same", "before"),
    [
        (MINUTE, (2016, 9, 6, 14, 30), (2016, 9, 6, 14, 29)),
        (DAY, (2016, 9, 6, 1, 0), (2016, 9, 5, 23, 59)),
        (MONTH, (2016, 9, 1, 0, 0), (2016, 8, 31, 23, 59)),
        (YEAR, (2016, 1, 1, 0, 0), (2015, 12, 31, 23, 59)),
    ],
)
@pytest.mark.parametrize("both", [True, False], ids=["known as exactly", "raised to the minute"])
def test_nothing_occurs_before_the_case_was_raised(precision, same, before, both):
    life = given(raised(at=oslo(2016, 9, 6, 14, 30, precision=precision if both else MINUTE)))
    life.when(noted(at=oslo(*same, precision=precision))).allowed()
    life.when(noted(at=oslo(*before, precision=precision))).refused(errors.BeforeTheCase)


@pytest.mark.parametrize(
    ("precision", "first", "before"),
    [
        (DAY, (2016, 9, 6, 0, 0), (2016, 9, 5, 23, 59)),
        (MONTH, (2016, 9, 1, 0, 0), (2016, 8, 31, 23, 59)),
        (YEAR, (2016, 1, 1, 0, 0), (2015, 12, 31, 23, 59)),
    ],
)
def test_a_case_that_was_raised_some_day_may_have_been_raised_at_its_beginning(
    precision, first, before
):
    life = given(raised(at=oslo(2016, 9, 6, 14, 30, precision=precision)))
    life.when(noted(at=oslo(*first))).allowed()
    life.when(noted(at=oslo(*before))).refused(errors.BeforeTheCase)


@pytest.mark.parametrize("command", COMMANDS, ids=name)
def test_no_command_is_dated_before_the_case(command):
    life = given(RAISED, *command.before)
    life.when(command.step(at=oslo(2016, 9, 5, 11, 59))).refused(errors.BeforeTheCase)
    life.when(command.step(at=oslo(2016, 9, 5, 12))).allowed()


def test_what_is_logged_afterwards_may_lie_before_what_was_logged_before():
    given(raised(), discussed(at=oslo(2016, 9, 9))).when(noted(at=oslo(2016, 9, 6))).allowed()


def test_an_answer_after_closing_is_not_dated_before_the_case_either():
    given(raised(), closed()).when(answered(at=oslo(2016, 9, 4))).refused(errors.BeforeTheCase)


FIRST_QUARTER_PAST_TWO = Occurred(at=datetime(2016, 10, 30, 0, 15, tzinfo=UTC))
FIRST_QUARTER_TO_THREE = Occurred(at=datetime(2016, 10, 30, 0, 45, tzinfo=UTC))
SECOND_QUARTER_PAST_TWO = Occurred(at=datetime(2016, 10, 30, 1, 15, tzinfo=UTC))
SECOND_QUARTER_TO_THREE = Occurred(at=datetime(2016, 10, 30, 1, 45, tzinfo=UTC))


def test_the_hour_that_comes_twice_comes_in_order():
    """When summer time ends, 02:45 is followed by 02:15, half an hour later."""
    given(raised(at=FIRST_QUARTER_TO_THREE)).when(noted(at=SECOND_QUARTER_PAST_TWO)).allowed()


def test_the_first_of_the_hours_that_come_twice_is_before_the_second():
    given(raised(at=SECOND_QUARTER_PAST_TWO)).when(noted(at=FIRST_QUARTER_TO_THREE)).refused(
        errors.BeforeTheCase
    )


def test_within_one_of_the_hours_that_come_twice_time_runs_on():
    given(raised(at=FIRST_QUARTER_PAST_TWO)).when(noted(at=FIRST_QUARTER_TO_THREE)).allowed()
    given(raised(at=SECOND_QUARTER_TO_THREE)).when(noted(at=SECOND_QUARTER_PAST_TWO)).refused(
        errors.BeforeTheCase
    )


def test_a_date_is_not_before_the_day_in_oslo():
    after_midnight = oslo(2016, 9, 10, 0, 30)
    life = given(raised())
    life.when(assigned(due_on=date(2016, 9, 10), at=after_midnight)).allowed()
    life.when(assigned(due_on=date(2016, 9, 9), at=after_midnight)).refused(errors.DueBeforeItBegan)


def test_what_is_decided_some_time_in_a_month_may_be_due_in_it():
    some_time = oslo(2016, 9, 20, precision=MONTH)
    life = given(raised(at=oslo(2016, 9, 1)))
    life.when(assigned(due_on=date(2016, 9, 1), at=some_time)).allowed()
    life.when(assigned(due_on=date(2016, 8, 31), at=some_time)).refused(errors.DueBeforeItBegan)


# How it is written.


def test_times_are_hashed_in_utc_with_six_decimals():
    assert utc(local(2016, 9, 6, 14, 30)) == "2016-09-06T12:30:00.000000Z"
    assert utc(local(2016, 12, 6, 14, 30, 1, 250)) == "2016-12-06T13:30:01.000250Z"

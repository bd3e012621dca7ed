"""Seats of an organ are taken and left on a date; each represents a service, or an office."""

from datetime import date

import pytest

from domain import errors
from domain.organ import SeatLeft, SeatTaken
from domain.seat import SeatRole
from tests.domain.organ_steps import AUTUMN, SPRING, after, constituted, left, seated
from tests.domain.scenario import given, words
from tests.domain.topologies import MERGED_SERVICE, OUTREACH, TEAM

# Seats.


def test_a_seat_is_taken_and_represents_a_service():
    after_it = (
        given(constituted())
        .when(seated(service=OUTREACH, taken_on=SPRING))
        .then(
            SeatTaken(
                **after(2),
                n=1,
                role=SeatRole.MEMBER,
                represents=None,
                service=OUTREACH,
                taken_on=SPRING,
            )
        )
    )
    assert [(s.n, s.service, s.left_on) for s in after_it.state.seats] == [(1, OUTREACH, None)]


@pytest.mark.parametrize("role", SeatRole)
def test_a_seat_represents_an_office_in_words(role):
    mayor = words("ordfører")
    until = AUTUMN if role is SeatRole.GUEST else None
    given(constituted()).when(seated(role=role, represents=mayor, until=until)).then(
        SeatTaken(**after(2), n=1, role=role, represents=mayor, until=until)
    )


@pytest.mark.parametrize(
    ("service", "refusal"),
    [
        ("ukjent", errors.ServiceUnknown),
        (TEAM, errors.ServiceUnknown),
        (MERGED_SERVICE, errors.ServiceIsMerged),
    ],
)
def test_a_seat_represents_only_a_service_that_stands(service, refusal):
    given(constituted()).when(seated(service=service)).refused(refusal)


def test_a_seat_is_left_on_a_date():
    life = given(constituted(), seated(), seated(taken_on=SPRING), seated())
    after_it = life.when(left(2, AUTUMN)).then(SeatLeft(**after(5), n=2, left_on=AUTUMN))
    assert [(s.n, s.taken_on, s.left_on) for s in after_it.state.seats] == [
        (1, None, None),
        (2, SPRING, AUTUMN),
        (3, None, None),
    ]


def test_a_seat_is_left_whether_or_not_others_were():
    given(constituted(), seated(), seated(), left(1, AUTUMN)).when(left(2, AUTUMN)).allowed()


def test_the_number_of_a_seat_that_was_left_is_not_reused():
    life = given(constituted(), seated(), left(1, AUTUMN), seated())
    assert [s.n for s in life.state.seats] == [1, 2]


@pytest.mark.parametrize("n", [0, 2])
def test_a_seat_that_nobody_took_is_not_left(n):
    given(constituted(), seated()).when(left(n, AUTUMN)).refused(errors.SeatUnknown, n=n)


def test_a_seat_is_left_once():
    given(constituted(), seated(), left(1, SPRING)).when(left(1, AUTUMN)).refused(
        errors.SeatLeftAlready, n=1
    )


def test_a_seat_is_not_left_before_it_was_taken():
    life = given(constituted(), seated(taken_on=AUTUMN))
    life.when(left(1, SPRING)).refused(errors.PeriodTurnedRound)
    life.when(left(1, AUTUMN)).allowed()


@pytest.mark.parametrize(
    ("on", "taken"),
    [(date(2016, 2, 29), False), (SPRING, True), (date(2016, 8, 31), True), (AUTUMN, False)],
)
def test_a_seat_is_taken_from_its_first_day_until_the_day_it_was_left(on, taken):
    life = given(constituted(), seated(taken_on=SPRING), left(1, AUTUMN))
    assert life.state.seats[0].is_taken(on) is taken


def test_a_seat_without_a_date_was_always_taken():
    assert given(constituted(), seated()).state.seats[0].is_taken(date(1814, 5, 17))

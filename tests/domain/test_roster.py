"""Rights come from seats: who somebody is on a day, by their seats and roles."""

from datetime import date, timedelta
from functools import reduce

import pytest

from domain import errors
from domain.actor import Actor, Role
from domain.lives import LIVES
from domain.municipality import Municipality
from domain.organ import Organ, OrganDissolved
from domain.person import Person
from domain.roster import Roster
from domain.seat import SeatRole
from domain.service import Service
from domain.topology import Level
from tests.domain.organ_steps import dissolved
from tests.domain.scenario import FRIDAY, given, words
from tests.domain.topologies import BAERUM, OUTREACH

ADMIN = Actor(id="a-5", role=Role.ADMIN)
WHO = {"by": ADMIN, "at": FRIDAY}
P = "p-1"
SPRING, AUTUMN, WINTER = date(2016, 3, 1), date(2016, 9, 1), date(2016, 12, 1)


def registered(who=P):
    return lambda _: Person.register(person=who, name=None, **WHO)


def constituted(level=Level.EXECUTING, key="sondre-13-16"):
    return lambda _: Organ.constitute(
        key=key, name=words(key), level=level, kind="organ", topology=BAERUM, **WHO
    )


def sits(**facts):
    usual = {"role": SeatRole.MEMBER, "person": P, "topology": BAERUM} | WHO
    return lambda organ: organ.take_seat(**(usual | facts))


def leaves(n, on):
    return lambda place: place.leave_seat(n, left_on=on, **WHO)


def serving(key="ppt"):
    return lambda _: Service.register(key=key, name=words(key), topology=BAERUM, **WHO)


def works(**facts):
    usual = {"role": SeatRole.MEMBER, "person": P} | WHO
    return lambda service: service.take_seat(**(usual | facts))


def roster(*lives):
    events = [event for life in lives for event in given(*life).events]
    return reduce(lambda known, event: known.enrolled(event), events, Roster())


def test_a_seat_makes_a_member_of_the_organ():
    there = roster((registered(),), (constituted(), sits()))
    standing = there.standing(P, on=AUTUMN)
    assert (standing.roles, standing.organs) == ({Role.MEMBER}, {"sondre-13-16"})
    assert not there.standing("p-2", on=AUTUMN).roles


def test_a_seat_at_the_steering_level_makes_a_board_member():
    standing = roster((constituted(Level.STEERING, "nytt-styre"), sits())).standing(P, on=AUTUMN)
    assert (standing.roles, standing.is_wide) == ({Role.BOARD}, True)


def test_a_seat_in_a_service_makes_a_member_of_the_service():
    standing = roster((serving(), works())).standing(P, on=AUTUMN)
    assert (standing.roles, standing.services) == ({Role.MEMBER}, {"ppt"})


def test_a_seat_lets_in_from_its_first_day_until_it_is_left():
    there = roster((constituted(), sits(taken_on=SPRING), leaves(1, AUTUMN)))
    days = (SPRING - timedelta(1), SPRING, AUTUMN - timedelta(1), AUTUMN)
    let_in = [bool(there.standing(P, on=day).organs) for day in days]
    assert let_in == [False, True, True, False]


def test_a_guest_sits_in_until_the_day_of_the_meeting():
    there = roster((constituted(), sits(role=SeatRole.GUEST, until=AUTUMN)))
    assert there.standing(P, on=AUTUMN).organs
    assert not there.standing(P, on=AUTUMN + timedelta(1)).organs


@pytest.mark.parametrize("begin", [(constituted(), sits), (serving(), works)])
def test_a_guest_without_a_day_is_refused(begin):
    life, sitting = begin
    given(life).when(sitting(role=SeatRole.GUEST)).refused(errors.GuestWithoutADay)
    given(life).when(sitting(taken_on=AUTUMN, until=SPRING)).refused(errors.PeriodTurnedRound)


def test_a_seat_in_a_service_is_left_once_on_a_day():
    life = given(serving(), works(taken_on=SPRING))
    life.when(leaves(2, AUTUMN)).refused(errors.SeatUnknown, n=2)
    life.when(leaves(1, SPRING - timedelta(1))).refused(errors.PeriodTurnedRound)
    left = life.when(leaves(1, AUTUMN)).allowed()
    left.when(leaves(1, AUTUMN)).refused(errors.SeatLeftAlready, n=1)
    assert [seat.left_on for seat in left.state.seats] == [AUTUMN]


def test_a_dissolved_organ_lets_nobody_in():
    life = given(constituted(), sits(), dissolved)
    assert isinstance(life.events[-1], OrganDissolved)
    there = reduce(lambda known, event: known.enrolled(event), life.events, Roster())
    assert not there.standing(P, on=WINTER).roles


def test_a_role_is_given_and_withdrawn():
    steps = (registered(), lambda p: p.give_role(role=Role.AUDITOR, **WHO))
    there = roster(steps)
    assert there.standing(P, on=AUTUMN).roles == {Role.AUDITOR}
    gone = roster((*steps, lambda p: p.withdraw_role(role=Role.AUDITOR, **WHO)))
    assert not gone.standing(P, on=AUTUMN).roles


def test_roles_are_given_once_and_withdrawn_where_they_are_there():
    life = given(registered(), lambda p: p.give_role(role=Role.BOARD, **WHO))
    life.when(lambda p: p.give_role(role=Role.BOARD, **WHO)).refused(errors.NothingChanged)
    life.when(lambda p: p.withdraw_role(role=Role.ADMIN, **WHO)).refused(errors.NothingChanged)
    life.when(lambda p: p.give_role(role=Role.MEMBER, **WHO)).refused(errors.MembersHaveSeats)


# Confidentiality.

OWN = {"by": Actor(id=P, role=Role.MEMBER), "at": FRIDAY}


def confirmed(version, in_force=0, **who):
    return lambda p: p.confirm_confidentiality(
        text_version=version, in_force=in_force, **(OWN | who)
    )


def test_a_person_confirms_the_text_in_force_once():
    life = given(registered()).when(confirmed(0)).allowed()
    life.when(confirmed(0)).refused(errors.NothingChanged)
    life.when(confirmed(1, in_force=1)).allowed().is_now(confirmed=1)


def test_a_person_confirms_no_other_text_and_for_nobody_else():
    life = given(registered())
    life.when(confirmed(0, in_force=1)).refused(errors.ConfidentialityTextReplaced)
    life.when(confirmed(0, by=ADMIN)).refused(errors.OnlyThePersonConfirms)


def test_a_new_text_is_to_be_confirmed_anew():
    town = given(
        lambda _: Municipality.register(
            None, name=words("Bærum"), number=None, language="nb", **WHO
        )
    )
    worded = town.when(lambda m: m.word_confidentiality(text=words("Ny tekst"), **WHO)).allowed()
    before = roster((registered(), confirmed(0)))
    assert before.has_confirmed(P)
    assert not before.has_confirmed("p-2")
    after = reduce(lambda known, event: known.enrolled(event), worded.events, before)
    assert not after.has_confirmed(P)
    assert after.enrolled(given(registered(), confirmed(1, 1)).events[-1]).has_confirmed(P)


# Asked of the roster.


def test_who_sits_where_is_told_of_a_day():
    there = roster(
        (constituted(), sits(taken_on=SPRING), sits(person="p-2", until=SPRING), sits(person=None)),
        (serving(), works(person="p-3")),
    )
    both = frozenset({"sondre-13-16", "ppt"})
    assert there.sitting_in(both, SPRING) == {P, "p-2", "p-3"}
    assert there.sitting_in(both, AUTUMN) == {P, "p-3"}
    assert there.seats_of(P, AUTUMN) == {("organ:sondre-13-16", 1)}
    assert there.has_anybody("ppt", AUTUMN)
    assert not there.has_anybody(OUTREACH, AUTUMN)


def test_every_life_with_seats_is_taken_in():
    for kind in (Organ, Service, Person):
        assert any(life.state is kind for life in LIVES)

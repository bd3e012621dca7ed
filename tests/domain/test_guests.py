"""A guest's rights are those of one meeting, and end with it."""

from functools import reduce

import pytest

from domain.roster import Roster
from domain.seat import SeatRole
from domain.topology import Topology
from tests.domain import organ_steps
from tests.domain.meeting_steps import (
    THE_DAY,
    admitted,
    cancelled,
    closed,
    convened,
    dismissed,
    moved,
)
from tests.domain.scenario import NEXT_FRIDAY, given
from tests.domain.topologies import GROUP

P, Q = "p-9", "p-1"
NEXT_DAY = NEXT_FRIDAY.at.date()
ORGAN = given(
    organ_steps.constituted(key=GROUP, topology=Topology()),
    organ_steps.seated(role=SeatRole.GUEST, until=THE_DAY, person=Q),
    organ_steps.seated(role=SeatRole.GUEST, until=NEXT_DAY, person=P),
    organ_steps.seated(person="p-2"),
)


def after(*steps):
    """The roster once the meeting has lived through these steps."""
    events = (*ORGAN.events, *given(convened(organ=ORGAN.state), *steps).events)
    return reduce(lambda known, event: known.enrolled(event), events, Roster())


def test_whoever_is_admitted_is_a_guest_of_this_meeting():
    assert after(admitted(P)).standing(P, on=THE_DAY).guest_of == {"meeting:1"}
    assert after(admitted(P)).standing("p-3", on=THE_DAY).guest_of == set()
    assert after().standing(P, on=THE_DAY).guest_of == set()


@pytest.mark.parametrize("end", [closed(organ=ORGAN.state), cancelled, dismissed(P)])
def test_a_guest_is_one_until_the_meeting_ends(end):
    assert after(admitted(P), end).standing(P, on=THE_DAY).guest_of == set()


def test_a_guest_s_seat_ends_with_the_meeting_of_its_day():
    before, since = after(), after(closed(organ=ORGAN.state))
    assert before.standing(Q, on=THE_DAY).organs == {GROUP}
    assert since.standing(Q, on=THE_DAY).organs == set()
    assert since.standing(P, on=THE_DAY).organs == {GROUP}, "the seat is for another meeting"
    assert since.standing("p-2", on=THE_DAY).organs == {GROUP}, "a member's stays"


def test_a_meeting_that_was_moved_ends_the_seats_of_its_new_day():
    since = after(moved(), closed(organ=ORGAN.state, at=NEXT_FRIDAY))
    assert since.standing(Q, on=THE_DAY).organs == {GROUP}
    assert since.standing(P, on=NEXT_DAY).organs == set()

"""A case is restricted to named people, and opened to a coordinator who breaks the glass."""

from datetime import timedelta

import pytest

from domain import errors
from domain.case import GLASS, CaseRestricted, GlassBroken, RestrictionLifted
from domain.rights import Readers
from tests.domain.scenario import (
    COORDINATOR,
    FRIDAY,
    OTHER_COORDINATOR,
    TUESDAY,
    entry,
    given,
)
from tests.domain.steps import (
    REASON,
    answered,
    assigned,
    closed,
    glass_broken,
    lifted,
    raised,
    restricted,
    restriction_lifted,
    returned,
)
from tests.domain.topologies import BOARD, GROUP, OUTREACH, TEAM

RESTRICTED = (raised(), restricted())


def test_a_case_is_restricted_to_people_and_to_the_one_who_restricts_it():
    given(raised()).when(restricted(people=("p-2", "p-1", "p-2"), at=FRIDAY)).then(
        CaseRestricted(**entry(2, TEAM), people=("p-2", "p-1", COORDINATOR.id), reason=REASON)
    ).is_now(restricted_to=("p-2", "p-1", COORDINATOR.id))


def test_a_case_is_restricted_anew_to_others():
    life = given(*RESTRICTED).when(restricted(people=("p-3",))).allowed()
    life.is_now(restricted_to=("p-3", COORDINATOR.id))


def test_a_case_is_not_restricted_twice_to_the_same():
    given(*RESTRICTED).when(restricted(people=(COORDINATOR.id, "p-1"))).refused(
        errors.NothingChanged
    )


def test_a_restriction_is_lifted():
    given(*RESTRICTED).when(restriction_lifted(at=FRIDAY)).then(
        RestrictionLifted(**entry(3, TEAM), reason=REASON)
    ).is_now(restricted_to=None, openings=())


def test_what_is_not_restricted_is_neither_lifted_nor_opened():
    for step in (restriction_lifted(), glass_broken(by=OTHER_COORDINATOR)):
        given(raised()).when(step).refused(errors.NotRestricted)
        given(*RESTRICTED, restriction_lifted()).when(step).refused(errors.NotRestricted)


def test_the_glass_is_broken_for_three_hours():
    after = given(*RESTRICTED).when(glass_broken(by=OTHER_COORDINATOR, at=FRIDAY))
    life = after.then(
        GlassBroken(**entry(3, TEAM, by=OTHER_COORDINATOR), until=FRIDAY.at + GLASS, reason=REASON)
    )
    assert timedelta(hours=3) == GLASS
    assert life.state.is_opened(OTHER_COORDINATOR.id, FRIDAY.at)
    assert life.state.is_opened(OTHER_COORDINATOR.id, FRIDAY.at + GLASS - timedelta(seconds=1))
    assert not life.state.is_opened(OTHER_COORDINATOR.id, FRIDAY.at + GLASS)
    assert not life.state.is_opened("a-3", FRIDAY.at)


def test_the_glass_is_broken_again_only_once_it_is_closed():
    life = given(*RESTRICTED, glass_broken(by=OTHER_COORDINATOR, at=TUESDAY))
    life.when(glass_broken(by=OTHER_COORDINATOR, at=TUESDAY)).refused(errors.OpenAlready)
    life.when(glass_broken(by=OTHER_COORDINATOR, at=FRIDAY)).allowed()


def test_who_is_named_breaks_no_glass():
    given(*RESTRICTED).when(glass_broken(by=COORDINATOR)).refused(errors.OpenAlready)


@pytest.mark.parametrize("closing", [restricted(people=("p-9",)), restriction_lifted()])
def test_restricting_anew_and_lifting_close_what_was_opened(closing):
    life = given(*RESTRICTED, glass_broken(by=OTHER_COORDINATOR)).when(closing).allowed()
    assert not life.state.is_opened(OTHER_COORDINATOR.id, TUESDAY.at)


def test_a_closed_case_can_still_be_sensitive():
    life = given(raised(), closed()).when(restricted()).allowed()
    life.when(glass_broken(by=OTHER_COORDINATOR)).allowed()
    life.when(restriction_lifted()).allowed()


# Whom a case is for.


def test_a_case_is_for_those_that_raised_it_hold_it_and_held_it():
    life = given(raised(), lifted(urgent=True), lifted(to=BOARD, urgent=True), returned(to=TEAM))
    assert life.state.readers == Readers(parties=frozenset({TEAM, GROUP, BOARD}))


def test_a_case_is_for_those_that_were_made_responsible():
    life = given(raised(), assigned(), assigned(service=GROUP))
    assert life.state.readers.parties == {TEAM, OUTREACH, GROUP}


def test_a_case_is_for_those_that_were_answered():
    assert given(raised(), answered()).state.readers.parties == {TEAM}


def test_a_restricted_case_is_for_the_named_alone():
    readers = given(*RESTRICTED).state.readers
    assert readers.restricted_to == {"p-1", COORDINATOR.id}
    assert readers.parties == {TEAM}

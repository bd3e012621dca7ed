"""One case's life through Bergen: focus group, local police council, the central one, and back."""

import pytest

from domain import errors
from domain.actor import Actor, Role
from domain.case import CaseEscalated, CaseReturned
from domain.terms import Outcome, ReferralReason, Status, Why
from domain.topology import Level
from tests.domain.scenario import CASE, COORDINATOR, FRIDAY, entry, given
from tests.domain.steps import (
    EXPECTATION,
    REASON,
    TRIED,
    answered,
    assigned,
    closed,
    completed,
    decided,
    discussed,
    lifted,
    raised,
    referred,
    returned,
)
from tests.domain.topologies import (
    BERGEN,
    CENTRAL,
    CITY,
    CLOSED_FOCUS,
    CONTACTS,
    FOCUS,
    NORTH,
    OUTREACH,
    RUSS,
)

HERE = {"topology": BERGEN}
RAISED = raised(CASE, raised_by=FOCUS, by=Actor(id="b-1", role=Role.MEMBER, organ=FOCUS), **HERE)
AT_CITY = (RAISED, discussed(), lifted(to=CITY, **HERE))
AT_CENTRAL = (*AT_CITY, discussed(), lifted(to=CENTRAL, **HERE))


def test_a_focus_group_lifts_to_its_local_council():
    given(RAISED, discussed()).when(lifted(to=CITY, at=FRIDAY, **HERE)).then(
        CaseEscalated(
            **entry(3, FOCUS),
            lifted_from=FOCUS,
            to=CITY,
            level=Level.COORDINATING,
            why=Why.CANNOT,
            reason=REASON,
            tried=TRIED,
        )
    )


def test_a_local_council_lifts_to_the_central_one():
    given(*AT_CITY, discussed()).when(lifted(to=CENTRAL, **HERE)).allowed().is_now(
        status=Status.ESCALATED, holder=CENTRAL, level=Level.STEERING, owed=(FOCUS, CITY)
    )


def test_the_central_council_sends_down_to_a_local_one():
    given(*AT_CENTRAL).when(returned(to=CITY, at=FRIDAY, **HERE)).then(
        CaseReturned(
            **entry(6, CENTRAL),
            returned_from=CENTRAL,
            to=CITY,
            level=Level.COORDINATING,
            expectation=EXPECTATION,
        )
    )


def test_a_case_goes_up_to_the_central_council_and_back_with_an_answer():
    life = given(*AT_CENTRAL).further(decided(by=COORDINATOR.acting_for(CENTRAL)))
    life = life.further(returned(to=CITY, **HERE)).is_now(holder=CITY, status=Status.RETURNED)
    life = life.further(returned(to=FOCUS, **HERE)).is_now(
        holder=FOCUS, level=Level.EXECUTING, owed=(FOCUS, CITY)
    )
    life = life.further(assigned(service=OUTREACH, **HERE), completed(1), closed())
    life = life.further(answered(to=FOCUS), answered(to=CITY))
    life.is_now(status=Status.CLOSED, owed=(), held_by=(FOCUS, CITY, CENTRAL), version=13)


@pytest.mark.parametrize("to", [CENTRAL, NORTH, CLOSED_FOCUS])
def test_a_focus_group_lifts_nowhere_else(to):
    given(RAISED, discussed()).when(lifted(to=to, **HERE)).refused(errors.LiftNotAllowed)


@pytest.mark.parametrize("to", [NORTH, RUSS, CONTACTS])
def test_a_local_council_sends_down_only_to_its_own_arenas(to):
    given(*AT_CITY).when(returned(to=to, **HERE)).refused(errors.NotBelowNorBefore)
    given(*AT_CENTRAL).when(returned(to=NORTH, **HERE)).allowed().is_now(holder=NORTH)


def test_an_arena_right_below_the_central_council_skips_the_local_ones():
    given(raised(raised_by=RUSS, **HERE), discussed()).when(
        lifted(to=CENTRAL, **HERE)
    ).allowed().is_now(holder=CENTRAL, level=Level.STEERING, owed=(RUSS,))


def test_an_arena_outside_the_structure_refers_what_it_cannot_lift():
    life = given(raised(raised_by=CONTACTS, **HERE), discussed())
    for to in (CITY, CENTRAL):
        life.when(lifted(to=to, **HERE)).refused(errors.LiftNotAllowed)
    life = life.further(referred(to=CITY, reason_code=ReferralReason.OTHER_THEME, **HERE))
    life.further(closed(outcome=Outcome.REFERRED)).is_now(holder=CONTACTS, owed=())


def test_an_individual_case_goes_to_the_closed_group_without_a_word():
    life = given(
        RAISED, referred(to=CLOSED_FOCUS, reason_code=ReferralReason.INDIVIDUAL_CASE, **HERE)
    )
    life.further(closed(outcome=Outcome.INDIVIDUAL_CASE)).is_now(holder=FOCUS, held_by=(FOCUS,))

"""A case is sent down, given back to where it came from, and referred."""

import pytest

from domain import errors
from domain.case import CaseReferred, CaseReturned
from domain.terms import Outcome, ReferralReason, Status
from domain.text import Text
from domain.topology import Level, OutsidePlace
from tests.domain.scenario import COORDINATOR, FRIDAY, entry, given
from tests.domain.steps import EXPECTATION, closed, discussed, raised, referred, returned
from tests.domain.topologies import (
    BAERUM,
    BOARD,
    CLOSED_GROUP,
    DISSOLVED_GROUP,
    GROUP,
    OTHER_TEAM,
    OUTREACH,
    PROGRAMME,
    TEAM,
    WORKING_GROUP,
)

# Sending down, giving back.


def test_a_case_is_sent_down_with_an_expectation():
    given(raised(raised_by=GROUP)).when(
        lambda c: c.return_(
            to=OTHER_TEAM, expectation=EXPECTATION, topology=BAERUM, by=COORDINATOR, at=FRIDAY
        )
    ).then(
        CaseReturned(
            **entry(2, GROUP),
            returned_from=GROUP,
            to=OTHER_TEAM,
            level=Level.EXECUTING,
            expectation=EXPECTATION,
        )
    ).is_now(
        status=Status.RETURNED,
        holder=OTHER_TEAM,
        level=Level.EXECUTING,
        held_by=(GROUP, OTHER_TEAM),
    )


@pytest.mark.parametrize("to", [GROUP, TEAM, WORKING_GROUP])
def test_the_board_sends_down_to_any_organ_below_it(to):
    given(raised(raised_by=BOARD)).when(returned(to=to)).allowed().is_now(holder=to)


@pytest.mark.parametrize("to", [BOARD, PROGRAMME, CLOSED_GROUP])
def test_a_case_is_not_sent_to_an_organ_that_is_not_below(to):
    given(raised(raised_by=GROUP)).when(returned(to=to)).refused(
        errors.NotBelowNorBefore, holder=GROUP, to=to
    )


def test_a_case_is_given_back_to_the_organ_above_that_it_came_from():
    given(raised(raised_by=GROUP), returned(to=TEAM)).when(returned(to=GROUP)).allowed().is_now(
        status=Status.RETURNED, holder=GROUP, level=Level.COORDINATING
    )


def test_a_case_is_given_back_only_one_step():
    given(raised(raised_by=BOARD), returned(to=GROUP), returned(to=TEAM)).when(
        returned(to=BOARD)
    ).refused(errors.NotBelowNorBefore, holder=TEAM, to=BOARD)


@pytest.mark.parametrize(
    ("to", "refusal"),
    [
        (GROUP, errors.AlreadyThere),
        ("ukjent", errors.OrganUnknown),
        (DISSOLVED_GROUP, errors.OrganIsDissolved),
    ],
)
def test_a_case_is_sent_down_only_to_another_organ_that_meets(to, refusal):
    given(raised(raised_by=GROUP)).when(returned(to=to)).refused(refusal)


# Referring.


def test_of_a_referral_only_the_receipt_is_kept():
    life = given(raised(), discussed())
    after = life.when(
        lambda c: c.refer(
            to=CLOSED_GROUP,
            reason_code=ReferralReason.INDIVIDUAL_CASE,
            topology=BAERUM,
            by=COORDINATOR,
            at=FRIDAY,
        )
    ).then(
        CaseReferred(**entry(3, TEAM), to=CLOSED_GROUP, reason_code=ReferralReason.INDIVIDUAL_CASE)
    )
    after.is_now(footing=life.state.footing, held_by=(TEAM,), owed=())


def test_a_referral_holds_no_words():
    (*_, referral) = given(raised(), referred()).events
    assert not [field for field, value in referral if isinstance(value, Text)]


@pytest.mark.parametrize("to", [*OutsidePlace, GROUP, OTHER_TEAM, CLOSED_GROUP, OUTREACH])
def test_a_case_is_referred_to_any_other_organ_a_service_or_an_outside_place(to):
    given(raised()).when(referred(to=to)).allowed().is_now(holder=TEAM, status=Status.RAISED)


def test_a_case_is_not_referred_to_its_holder():
    given(raised()).when(referred(to=TEAM)).refused(errors.AlreadyThere, holder=TEAM)


def test_a_case_is_not_referred_to_a_place_in_words():
    given(raised()).when(referred(to="naboen")).refused(errors.PlaceUnknown)


def test_a_case_that_was_closed_as_referred_has_not_moved():
    given(raised(), referred(), closed(outcome=Outcome.REFERRED)).is_now(holder=TEAM)

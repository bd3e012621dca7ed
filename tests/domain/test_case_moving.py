"""A case is discussed by its holder, and lifted by a coordinator."""

import pytest

from domain import errors
from domain.case import CaseDiscussed, CaseEscalated
from domain.terms import Conclusion, Status, Why
from domain.topology import Level
from tests.domain.scenario import (
    BOARD_MEMBER,
    COORDINATOR,
    FRIDAY,
    GROUP_MEMBER,
    MEMBER,
    REPORTED,
    entry,
    given,
    words,
)
from tests.domain.steps import (
    DECISION,
    REASON,
    SUMMARY,
    TRIED,
    closed,
    decided,
    discussed,
    lifted,
    raised,
    reopened,
    returned,
    undone,
)
from tests.domain.topologies import (
    BAERUM,
    BOARD,
    CLOSED_GROUP,
    DISSOLVED_GROUP,
    GROUP,
    OTHER_TEAM,
    PROGRAMME,
    TEAM,
)

THERE = words("Miljøet på senteret")


# Discussing.


def test_the_holder_discusses_a_case():
    given(raised()).when(
        lambda c: c.discuss(
            summary=SUMMARY, conclusion=Conclusion.CONTINUE, by=COORDINATOR, at=FRIDAY
        )
    ).then(
        CaseDiscussed(
            **entry(2, TEAM), summary=SUMMARY, conclusion=Conclusion.CONTINUE, decision=None
        )
    ).is_now(version=2, holder=TEAM, status=Status.DISCUSSED)


def test_a_discussion_that_decided_says_what():
    given(raised()).when(decided(at=FRIDAY)).then(
        CaseDiscussed(
            **entry(2, TEAM), summary=SUMMARY, conclusion=Conclusion.DECIDED, decision=DECISION
        )
    )


def test_a_member_of_the_holder_discusses_it():
    given(raised()).when(discussed(by=MEMBER)).allowed()


def test_a_coordinator_logs_what_the_board_discussed():
    given(raised(), lifted(urgent=True), discussed(), lifted(to=BOARD)).when(
        discussed(by=COORDINATOR.acting_for(BOARD), at=FRIDAY)
    ).then(CaseDiscussed(**entry(5, BOARD), summary=SUMMARY, conclusion=Conclusion.CONTINUE))


@pytest.mark.parametrize("by", [GROUP_MEMBER, BOARD_MEMBER, COORDINATOR.acting_for(OTHER_TEAM)])
def test_another_organ_than_the_holder_does_not_discuss_it(by):
    given(raised()).when(discussed(by=by)).refused(errors.NotTheHolder, holder=TEAM)


def test_the_team_that_raised_a_case_does_not_discuss_it_once_it_is_lifted():
    given(raised(), discussed(), lifted()).when(discussed(by=MEMBER)).refused(
        errors.NotTheHolder, holder=GROUP
    )


def test_a_decision_is_written_in_words():
    given(raised()).when(decided(decision=None)).refused(errors.DecisionWordsMissing)


@pytest.mark.parametrize("conclusion", [c for c in Conclusion if c is not Conclusion.DECIDED])
def test_only_a_discussion_that_decided_has_a_decision_in_words(conclusion):
    given(raised()).when(decided(conclusion=conclusion)).refused(errors.DecisionWordsUnwanted)


# Lifting.


def test_a_discussed_case_is_lifted():
    given(raised(), discussed()).when(
        lambda c: c.escalate(
            to=GROUP,
            why=Why.CANNOT,
            reason=REASON,
            tried=TRIED,
            topology=BAERUM,
            by=COORDINATOR,
            at=FRIDAY,
        )
    ).then(
        CaseEscalated(
            **entry(3, TEAM),
            lifted_from=TEAM,
            to=GROUP,
            level=Level.COORDINATING,
            why=Why.CANNOT,
            reason=REASON,
            tried=TRIED,
            urgent=False,
            title_there=None,
        )
    ).is_now(
        status=Status.ESCALATED,
        holder=GROUP,
        level=Level.COORDINATING,
        held_by=(TEAM, GROUP),
        owed=(TEAM,),
    )


@pytest.mark.parametrize("role", [MEMBER, BOARD_MEMBER])
def test_only_a_coordinator_lifts(role):
    given(raised(), discussed()).when(lifted(by=role)).refused(errors.OnlyACoordinatorLifts)


@pytest.mark.parametrize("to", [BOARD, OTHER_TEAM, CLOSED_GROUP])
def test_a_case_is_lifted_only_where_the_topology_allows(to):
    given(raised(), discussed()).when(lifted(to=to)).refused(
        errors.LiftNotAllowed, holder=TEAM, to=to
    )


@pytest.mark.parametrize("to", [GROUP, PROGRAMME])
def test_a_team_lifts_wherever_its_place_in_the_topology_says(to):
    given(raised(), discussed()).when(lifted(to=to)).allowed().is_now(holder=to)


def test_a_lift_need_not_rise_a_level():
    beside = BAERUM.with_organ(TEAM, lifts_to=(OTHER_TEAM,))
    given(raised(), discussed()).when(lifted(to=OTHER_TEAM, topology=beside)).allowed().is_now(
        status=Status.ESCALATED, level=Level.EXECUTING
    )


@pytest.mark.parametrize(
    ("to", "refusal"),
    [("ukjent", errors.OrganUnknown), (DISSOLVED_GROUP, errors.OrganIsDissolved)],
)
def test_a_case_is_not_lifted_to_an_organ_that_does_not_meet(to, refusal):
    open_to_all = BAERUM.with_organ(TEAM, lifts_to=(to,))
    given(raised(), discussed()).when(lifted(to=to, topology=open_to_all)).refused(refusal)


def test_a_case_is_not_lifted_to_its_holder():
    given(raised(), discussed()).when(lifted(to=TEAM)).refused(errors.AlreadyThere, holder=TEAM)


def test_a_case_that_the_holder_has_not_discussed_is_not_lifted():
    given(raised()).when(lifted()).refused(errors.NotDiscussed, holder=TEAM)


def test_a_discussion_below_does_not_count_for_the_next_lift():
    given(raised(), discussed(), lifted()).when(lifted(to=BOARD)).refused(
        errors.NotDiscussed, holder=GROUP
    )


def test_a_discussion_before_it_came_back_does_not_count():
    given(raised(), discussed(), lifted(), returned()).when(lifted()).refused(
        errors.NotDiscussed, holder=TEAM
    )


def test_a_reopened_case_need_not_be_discussed_again_to_be_lifted():
    given(raised(), discussed(), closed(), reopened()).when(lifted()).allowed()


def test_an_urgent_case_is_lifted_without_discussion():
    given(raised()).when(lifted(urgent=True)).allowed().is_now(holder=GROUP)


def test_what_is_urgent_needs_a_reason():
    given(raised()).when(lifted(urgent=True, reason=None)).refused(errors.ReasonMissing)


def test_a_discussion_says_what_was_discussed():
    given(raised()).when(discussed(summary=None)).refused(errors.SummaryMissing)


@pytest.mark.parametrize("missing", ["why", "reason", "tried"])
def test_a_lift_says_why_and_what_was_tried(missing):
    given(raised(), discussed()).when(lifted(**{missing: None})).refused(errors.ReasonMissing)


def test_a_report_may_be_silent_on_the_discussion_and_on_why():
    given(raised(at=REPORTED)).when(lifted(why=None, reason=None, tried=None, at=REPORTED)).then(
        CaseEscalated(
            **entry(2, TEAM, at=REPORTED),
            lifted_from=TEAM,
            to=GROUP,
            level=Level.COORDINATING,
            why=None,
            reason=None,
            tried=None,
        )
    )


def test_a_report_lifts_only_where_the_topology_allows():
    given(raised(at=REPORTED)).when(lifted(to=BOARD, at=REPORTED)).refused(errors.LiftNotAllowed)


def test_the_receiving_organ_may_know_a_case_by_a_title_of_its_own():
    life = given(raised(), discussed()).when(lifted(title_there=THERE)).allowed()
    assert life.state.titles_there == {GROUP: THERE}
    assert life.state.title != THERE


def test_a_title_of_its_own_is_kept_when_the_case_moves_on():
    moved = given(raised(), discussed(), lifted(title_there=THERE), discussed(), lifted(to=BOARD))
    moved.is_now(titles_there={GROUP: THERE})


def test_a_move_that_was_reversed_is_made_again():
    life = given(raised(), discussed(), lifted(), undone(3))
    life.when(lifted(to=PROGRAMME)).allowed().is_now(holder=PROGRAMME, owed=(TEAM,))

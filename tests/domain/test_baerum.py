"""One case's life through Bærum: youth team, coordination group, board, and down again."""

from datetime import date

from domain import errors
from domain.terms import AssignmentState, Conclusion, Effect, Outcome, Status
from domain.topology import Level
from tests.domain.policies import due
from tests.domain.scenario import (
    BOARD_MEMBER,
    COORDINATOR,
    GROUP_MEMBER,
    MEMBER,
    NEXT_FRIDAY,
    OTHER_CASE,
    REPORTED,
    given,
    words,
)
from tests.domain.steps import (
    accepted,
    acknowledged,
    answered,
    assigned,
    closed,
    completed,
    decided,
    discussed,
    lifted,
    linked,
    measure_evaluated,
    measure_started,
    raised,
    reopened,
    returned,
    undone,
)
from tests.domain.topologies import (
    BOARD,
    CLUBS,
    GROUP,
    OTHER_TEAM,
    OUTREACH,
    PROGRAMME,
    TEAM,
    WORKING_GROUP,
)

BEEFING = words("Beefing")
FIGHTS = words("Arrangerte slåsskamper")


def test_a_concern_goes_from_a_team_to_the_board_and_back_with_an_answer():
    life = given(raised(title=BEEFING, themes=("vold",)))
    life = life.further(discussed(conclusion=Conclusion.ASK_TO_LIFT, by=MEMBER))
    life.is_now(status=Status.DISCUSSED, holder=TEAM, level=Level.EXECUTING, owed=())

    life = life.further(lifted(title_there=FIGHTS))
    life.is_now(status=Status.ESCALATED, holder=GROUP, level=Level.COORDINATING, owed=(TEAM,))
    life.is_now(title=BEEFING, titles_there={GROUP: FIGHTS})
    life.when(discussed(by=MEMBER)).refused(errors.NotTheHolder)

    life = life.further(discussed(by=GROUP_MEMBER), lifted(to=BOARD))
    life.is_now(status=Status.ESCALATED, holder=BOARD, level=Level.STEERING, owed=(TEAM, GROUP))

    life = life.further(decided(by=BOARD_MEMBER), returned(to=GROUP))
    life.is_now(status=Status.RETURNED, holder=GROUP, level=Level.COORDINATING)

    life = life.further(assigned(service=OUTREACH), accepted(1), completed(1))
    life.is_now(status=Status.DISCUSSED)
    assert due(life) == []

    life = life.further(closed(), answered(to=TEAM), answered(to=GROUP))
    life.is_now(status=Status.CLOSED, owed=(), held_by=(TEAM, GROUP, BOARD))

    life = life.further(acknowledged(1, asks_again=BEEFING, by=MEMBER))
    life.is_now(owed=(TEAM,), status=Status.CLOSED)
    life.further(answered(to=TEAM)).is_now(owed=(), version=15)


def test_a_team_works_on_what_it_handles_locally():
    life = given(raised(), discussed(conclusion=Conclusion.HANDLE_LOCALLY), measure_started())
    life = life.further(
        assigned(service=CLUBS), assigned(service=OUTREACH, due_on=date(2016, 10, 1))
    )
    life.is_now(status=Status.ASSIGNED, level=Level.EXECUTING)
    assert min(due(life)) == date(2016, 10, 1)

    life = life.further(completed(2), completed(1), measure_evaluated(1, effect=Effect.WANTED))
    life.is_now(status=Status.DISCUSSED, owed=())
    life.further(closed(at=NEXT_FRIDAY)).is_now(status=Status.CLOSED, holder=TEAM)


def test_a_matter_of_another_theme_is_lifted_to_the_other_place():
    life = given(raised(), discussed(), lifted(to=PROGRAMME))
    life.is_now(holder=PROGRAMME, level=Level.COORDINATING, owed=(TEAM,))
    life.further(discussed()).when(lifted(to=BOARD)).refused(errors.LiftNotAllowed)
    life.when(returned(to=WORKING_GROUP)).refused(errors.NotBelowNorBefore)
    life.when(returned(to=TEAM)).allowed().is_now(holder=TEAM, status=Status.RETURNED)


def test_the_same_matter_at_two_levels_becomes_one():
    at_group = given(raised(OTHER_CASE, raised_by=GROUP, title=FIGHTS, by=GROUP_MEMBER))
    at_team = given(raised(title=BEEFING), linked(), discussed(), lifted())
    at_team = at_team.further(closed(outcome=Outcome.MERGED, merged_into=at_group.state))
    at_team.is_now(status=Status.CLOSED, owed=())

    one = at_group.further(at_team.events[-1]).is_now(owed=(TEAM,), version=1)
    one.further(discussed(), closed(), answered(to=TEAM)).is_now(owed=(), status=Status.CLOSED)


def test_the_board_takes_back_what_it_decided():
    life = given(raised(raised_by=BOARD, by=BOARD_MEMBER), decided(), assigned(service=OUTREACH))
    life = life.further(accepted(1), closed(), undone(5)).is_now(status=Status.ASSIGNED)
    assert life.state.assignments[0].state is AssignmentState.ACCEPTED
    life.further(undone(3)).is_now(status=Status.DISCUSSED, assignments=())
    life.further(undone(3), undone(2)).is_now(status=Status.RAISED, reversed=(5, 3, 2))


def test_a_case_that_comes_up_again_is_not_a_new_one():
    life = given(raised(), discussed(), closed(outcome=Outcome.NO_ACTION), reopened())
    life = life.further(lifted(), returned(to=OTHER_TEAM)).is_now(
        status=Status.RETURNED, holder=OTHER_TEAM, owed=(TEAM,)
    )
    life.further(discussed()).is_now(status=Status.DISCUSSED, raised_by=TEAM)


def test_the_report_of_2016_tells_only_that_a_matter_was_lifted():
    life = given(raised(title=BEEFING, by=COORDINATOR, at=REPORTED))
    life = life.further(lifted(why=None, reason=None, tried=None, at=REPORTED))
    life.is_now(status=Status.ESCALATED, holder=GROUP, owed=(TEAM,))
    life.when(lifted(to=BOARD)).refused(errors.NotDiscussed)

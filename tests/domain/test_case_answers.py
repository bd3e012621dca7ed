"""Whoever raised a case hears what became of it: answers, what is owed, and asking again."""

import pytest

from domain import errors
from domain.case import AnswerAcknowledged, AnswerGiven
from domain.terms import Outcome, Status
from tests.domain.scenario import (
    BOARD_MEMBER,
    COORDINATOR,
    FRIDAY,
    GROUP_MEMBER,
    MEMBER,
    OTHER_CASE,
    entry,
    given,
    words,
)
from tests.domain.steps import (
    MESSAGE,
    acknowledged,
    answered,
    closed,
    discussed,
    lifted,
    raised,
    reopened,
    returned,
    undone,
)
from tests.domain.topologies import BOARD, GROUP, OTHER_TEAM, PROGRAMME, TEAM

UNANSWERED = words("Hva med de yngste?")

AT_GROUP = (raised(), discussed(), lifted())
AT_BOARD = (*AT_GROUP, discussed(), lifted(to=BOARD))


# What is owed.


def test_a_case_that_was_never_lifted_owes_no_answer():
    given(raised(), discussed(), closed()).is_now(owed=())


def test_every_lift_owes_an_answer_to_the_organ_that_it_was_lifted_from():
    given(*AT_GROUP).is_now(owed=(TEAM,))
    given(*AT_BOARD).is_now(owed=(TEAM, GROUP))


def test_a_second_lift_from_the_same_organ_owes_no_second_answer():
    given(*AT_GROUP, returned(), lifted(urgent=True)).is_now(owed=(TEAM,))


def test_sending_down_owes_nothing():
    given(raised(raised_by=GROUP), returned(to=TEAM)).is_now(owed=())


def test_sending_down_pays_nothing():
    given(*AT_GROUP, returned()).is_now(owed=(TEAM,))


def test_an_answer_pays_the_organ_that_it_is_given_to():
    given(*AT_BOARD).when(
        lambda c: c.answer(to=TEAM, message=MESSAGE, by=COORDINATOR, at=FRIDAY)
    ).then(AnswerGiven(**entry(6, BOARD), n=1, to=TEAM, message=MESSAGE)).is_now(
        owed=(GROUP,), status=Status.ESCALATED
    )


def test_an_answer_before_the_lift_does_not_pay_for_it():
    given(raised(), answered(), discussed(), lifted()).is_now(owed=(TEAM,))


def test_a_lift_after_the_answer_owes_a_new_one():
    given(*AT_GROUP, answered(), returned(), lifted(urgent=True)).is_now(owed=(TEAM,))


def test_an_answer_to_another_organ_does_not_pay():
    given(*AT_GROUP, answered(to=GROUP)).is_now(owed=(TEAM,))


def test_reversing_the_lift_does_not_pay():
    given(*AT_GROUP, undone(3)).is_now(holder=TEAM, owed=(TEAM,))


# Who is answered.


def test_an_organ_that_was_answered_already_is_answered_again():
    life = given(*AT_GROUP, answered()).when(answered()).allowed()
    assert [a.n for a in life.state.answers] == [1, 2]


@pytest.mark.parametrize("to", [TEAM, GROUP, BOARD])
def test_whoever_raised_or_held_a_case_is_answered(to):
    given(*AT_BOARD, returned()).when(answered(to=to)).allowed()


@pytest.mark.parametrize("to", [OTHER_TEAM, PROGRAMME, "ukjent"])
def test_an_organ_that_neither_raised_nor_held_a_case_is_not_answered(to):
    given(*AT_BOARD).when(answered(to=to)).refused(errors.AnswerToAStranger, to=to)


# The debt outlives closing.


def test_a_debt_outlives_closing():
    given(*AT_GROUP, closed()).is_now(status=Status.CLOSED, owed=(TEAM,))


def test_a_closing_names_the_organs_that_still_wait():
    (*_, closing) = given(*AT_BOARD, answered(to=TEAM), closed()).events
    assert closing.owed == (GROUP,)


def test_a_debt_is_paid_after_closing():
    given(*AT_GROUP, closed()).when(answered()).allowed().is_now(owed=(), status=Status.CLOSED)


def test_a_debt_outlives_reopening():
    given(*AT_GROUP, closed(), reopened()).is_now(owed=(TEAM,))


# The debt follows a merge.


def merged(*steps):
    """A case of these steps, merged into another that OTHER_TEAM raised; and that other."""
    other = given(raised(OTHER_CASE, raised_by=OTHER_TEAM))
    case = given(*steps, closed(outcome=Outcome.MERGED, merged_into=other.state))
    return case, other.further(case.events[-1])


def test_a_debt_follows_a_merge():
    case, other = merged(*AT_BOARD)
    case.is_now(owed=())
    other.is_now(owed=(TEAM, GROUP), version=1, status=Status.RAISED, holder=OTHER_TEAM)


def test_what_was_answered_before_a_merge_does_not_follow():
    case, other = merged(*AT_GROUP, answered())
    case.is_now(owed=())
    other.is_now(owed=())


def test_the_other_case_pays_what_followed_the_merge():
    _, other = merged(*AT_GROUP)
    paid = other.when(answered(to=TEAM, at=FRIDAY)).then(
        AnswerGiven(**entry(2, OTHER_TEAM, of=OTHER_CASE), n=1, to=TEAM, message=MESSAGE)
    )
    paid.is_now(owed=())


def test_a_debt_that_both_cases_have_is_owed_once():
    other = given(raised(OTHER_CASE), discussed(), lifted())
    case = given(*AT_GROUP, closed(outcome=Outcome.MERGED, merged_into=other.state))
    other.further(case.events[-1]).is_now(owed=(TEAM,))


def test_a_debt_follows_from_merge_to_merge():
    _, other = merged(*AT_GROUP)
    third = given(raised("case-3", raised_by=OTHER_TEAM))
    closing = closed(outcome=Outcome.MERGED, merged_into=third.state)(other.state)
    third.further(closing).is_now(owed=(TEAM,))


def test_nothing_else_of_another_case_becomes_part_of_this_one():
    _, *others = given(raised(OTHER_CASE), discussed(), lifted()).events
    life = given(raised())
    assert life.further(*others).state == life.state


# Acknowledging, and asking again.


def test_the_organ_that_got_an_answer_acknowledges_it():
    after = (
        given(*AT_GROUP, answered())
        .when(lambda c: c.acknowledge(1, by=MEMBER, at=FRIDAY))
        .then(AnswerAcknowledged(**entry(5, TEAM, by=MEMBER), n=1, asks_again=None))
    )
    after.is_now(owed=())
    assert [a.acknowledged for a in after.state.answers] == [True]


def test_whoever_acts_for_nobody_acknowledges_for_the_organ_that_got_it():
    given(*AT_GROUP, answered()).when(acknowledged(1, at=FRIDAY)).then(
        AnswerAcknowledged(**entry(5, TEAM), n=1)
    )


@pytest.mark.parametrize("by", [GROUP_MEMBER, BOARD_MEMBER, COORDINATOR.acting_for(GROUP)])
def test_an_answer_is_not_acknowledged_on_behalf_of_another_organ(by):
    given(*AT_GROUP, answered()).when(acknowledged(1, by=by)).refused(errors.NotYourAnswer, to=TEAM)


def test_the_organ_that_got_an_answer_may_ask_again():
    after = (
        given(*AT_GROUP, answered())
        .when(acknowledged(1, asks_again=UNANSWERED, by=MEMBER, at=FRIDAY))
        .then(AnswerAcknowledged(**entry(5, TEAM, by=MEMBER), n=1, asks_again=UNANSWERED))
    )
    after.is_now(owed=(TEAM,))
    assert [a.acknowledged for a in after.state.answers] == [True]


def test_whoever_asks_again_is_answered_again():
    given(*AT_GROUP, answered(), acknowledged(1, asks_again=UNANSWERED), answered()).is_now(owed=())


def test_an_organ_that_was_owed_nothing_may_ask_again_too():
    given(raised(), answered(), acknowledged(1, asks_again=UNANSWERED)).is_now(owed=(TEAM,))


def test_asking_again_after_closing_owes_an_answer():
    given(*AT_GROUP, answered(), closed(), acknowledged(1, asks_again=UNANSWERED)).is_now(
        owed=(TEAM,), status=Status.CLOSED
    )


def test_only_the_answer_that_is_named_is_acknowledged():
    life = given(*AT_GROUP, answered(), answered(to=GROUP), answered())
    after = life.when(acknowledged(2, asks_again=UNANSWERED, by=GROUP_MEMBER)).allowed()
    assert [(a.n, a.to, a.acknowledged) for a in after.state.answers] == [
        (1, TEAM, False),
        (2, GROUP, True),
        (3, TEAM, False),
    ]
    after.is_now(owed=(GROUP,))
    after.when(acknowledged(3, by=MEMBER)).allowed()


def test_an_answer_is_acknowledged_once():
    given(*AT_GROUP, answered(), acknowledged(1)).when(acknowledged(1)).refused(
        errors.AnswerAcknowledgedAlready, n=1
    )


@pytest.mark.parametrize("n", [0, 2])
def test_an_answer_that_was_never_given_is_not_acknowledged(n):
    given(*AT_GROUP, answered()).when(acknowledged(n)).refused(errors.AnswerUnknown, n=n)

"""What is said on an item without a case, and what is taken back while the meeting is open."""

import pytest

from domain import errors
from domain.entries import EntryWithdrawn
from domain.meeting import GuestDismissed, ItemDiscussed, ItemTakenUp
from domain.terms import Conclusion
from tests.domain.meeting_steps import (
    CASE,
    REASON,
    STREAM,
    THERE,
    admitted,
    after,
    closed,
    convened,
    discussed_item,
    dismissed,
    item_added,
    postponed,
    taken_off,
    taken_up,
    withdrawn_item,
)
from tests.domain.scenario import FRIDAY, MONDAY, given, oslo, words

TITLE, SAID, DECIDED = words("Julebordet"), words("Alle vil bidra"), words("Vi holder det i år")
AGENDA = (convened(), item_added(title=TITLE), item_added(CASE))


def test_an_item_without_a_case_is_discussed():
    given(*AGENDA).when(discussed_item(1, summary=SAID)).then(
        ItemDiscussed(**after(4), n=1, summary=SAID, conclusion=Conclusion.CONTINUE)
    ).is_now(discussed=(4,))


def test_what_is_decided_there_is_a_decision():
    event = ItemDiscussed(
        **after(4), n=1, summary=SAID, conclusion=Conclusion.DECIDED, decision=DECIDED
    )
    decided = discussed_item(1, summary=SAID, conclusion=Conclusion.DECIDED, decision=DECIDED)
    given(*AGENDA).when(decided).then(event)
    assert event.is_decision


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"conclusion": Conclusion.DECIDED}, errors.DecisionWordsMissing),
        ({"decision": DECIDED}, errors.DecisionWordsUnwanted),
        ({"conclusion": Conclusion.ASK_TO_LIFT}, errors.NothingToLift),
        ({"conclusion": Conclusion.HANDLE_LOCALLY}, errors.NothingToLift),
        ({"at": MONDAY}, errors.MeetingLiesAhead),
    ],
)
def test_a_discussion_says_what_fits_its_conclusion_and_its_time(facts, refusal):
    given(*AGENDA).when(discussed_item(1, **facts)).refused(refusal)


def test_an_item_with_a_case_is_discussed_on_the_case():
    given(*AGENDA).when(discussed_item(2)).refused(errors.ItemAboutAnother, n=2)


def test_an_item_that_is_not_there_or_postponed_is_not_discussed():
    given(*AGENDA).when(discussed_item(3)).refused(errors.ItemUnknown, n=3)
    given(*AGENDA, postponed(1)).when(discussed_item(1)).refused(errors.ItemIsPostponed, n=1)


def test_what_was_said_by_mistake_is_withdrawn_in_any_order_whatever_became_of_the_item():
    twice = given(*AGENDA, discussed_item(1), discussed_item(1))
    twice.when(withdrawn_item(4)).then(
        EntryWithdrawn(**after(6), position=40, withdraws=4, reason=REASON)
    ).is_now(discussed=(5,))
    twice.further(taken_off(1)).when(withdrawn_item(5)).allowed().is_now(discussed=(4,))
    twice.further(postponed(1)).when(withdrawn_item(5)).allowed().is_now(discussed=(4,))


@pytest.mark.parametrize("version", [1, 2, 5])
def test_nothing_else_is_withdrawn(version):
    said = given(*AGENDA, discussed_item(1))
    said.when(withdrawn_item(version)).refused(errors.NotLoggedHere)


def test_nothing_is_withdrawn_twice_in_another_meeting_or_afterwards():
    said = given(*AGENDA, discussed_item(1))
    said.further(withdrawn_item(4)).when(withdrawn_item(4)).refused(errors.NotLoggedHere)
    said.when(withdrawn_item(4, meeting="meeting:2")).refused(errors.NotLoggedHere)
    said.further(closed()).when(withdrawn_item(4)).refused(errors.MeetingIsClosed)


def test_an_item_is_taken_up_after_all():
    given(*AGENDA, postponed(1)).when(taken_up(1)).then(ItemTakenUp(**after(5), n=1))
    back = given(*AGENDA, postponed(1), taken_up(1))
    assert back.state.items == given(*AGENDA).state.items
    back.when(discussed_item(1)).allowed()


def test_only_what_is_postponed_is_taken_up():
    given(*AGENDA).when(taken_up(1)).refused(errors.ItemIsNotPostponed, n=1)
    given(*AGENDA, postponed(1), closed()).when(taken_up(1)).refused(errors.MeetingIsClosed)


def test_a_guest_is_dismissed():
    given(convened(), admitted("p-9")).when(dismissed("p-9")).then(
        GuestDismissed(**after(3, MONDAY), person="p-9")
    ).is_now(guests=())
    given(convened()).when(dismissed("p-9")).refused(errors.NotAGuest)


def test_nothing_is_said_of_a_meeting_before_its_day():
    early = {**THERE, "at": oslo(2016, 1, 1, 10)}
    meeting = given(*AGENDA, discussed_item(1))
    with pytest.raises(errors.MeetingLiesAhead):
        meeting.state.is_under_way(early["at"])
    assert meeting.state.is_under_way(FRIDAY) is None
    assert meeting.state.id == STREAM

"""Who logs and who decided differ: each command is on behalf of an organ."""

import pytest

from domain.actor import Actor
from domain.case import AnswerAcknowledged, CaseDiscussed
from tests.domain.commands import COMMANDS, RAISED, name
from tests.domain.scenario import BOARD_MEMBER, COORDINATOR, given
from tests.domain.steps import discussed, lifted
from tests.domain.topologies import BOARD, GROUP

OWN = {CaseDiscussed, AnswerAcknowledged}  # only on behalf of the holder, and of who was answered


@pytest.mark.parametrize("command", COMMANDS, ids=name)
def test_whoever_acts_for_nobody_acts_for_the_holder(command):
    *_, event = given(RAISED, *command.before, command.step()).events
    assert event.actor == Actor(id=COORDINATOR.id, role=COORDINATOR.role, organ=GROUP)


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.event not in OWN], ids=name)
def test_a_coordinator_logs_what_the_board_did(command):
    for_the_board = command.step(by=COORDINATOR.acting_for(BOARD))
    *_, event = given(RAISED, *command.before, for_the_board).events
    assert event.actor == Actor(id=COORDINATOR.id, role=COORDINATOR.role, organ=BOARD)


def test_a_lift_is_on_behalf_of_the_organ_that_lifts():
    *_, lift, discussion = given(RAISED, lifted(to=BOARD, urgent=True), discussed()).events
    assert (lift.actor.organ, discussion.actor.organ) == (GROUP, BOARD)


def test_acting_for_nobody_is_possible_again():
    assert BOARD_MEMBER.acting_for(None) == Actor(
        id=BOARD_MEMBER.id, role=BOARD_MEMBER.role, organ=None
    )

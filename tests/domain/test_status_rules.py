"""The status of a case: who sets it, who leaves it alone, and what a closed case takes."""

from typing import get_args

import pytest

from domain import errors
from domain.case import (
    AnswerAcknowledged,
    AnswerGiven,
    CaseEvent,
    CaseLinked,
    CaseRaised,
    CaseReclassified,
    CaseReferred,
    CaseReopened,
    CaseRestricted,
    DeadlineNeared,
    DeadlinePassed,
    DeadlinePaused,
    DeadlineResumed,
    DeadlineStillPassed,
    DecisionReversed,
    EntryCorrected,
    EntryWithdrawn,
    GlassBroken,
    MeasureEvaluated,
    MeasureStarted,
    ProgressNoted,
    RestrictionLifted,
    TextErased,
)
from domain.terms import DeadlineKind, Status
from domain.topology import Level
from tests.domain.commands import BY_ITSELF, COMMANDS, RAISED, name
from tests.domain.policies import neared, nudged, passed
from tests.domain.scenario import NEXT_FRIDAY, OTHER_COORDINATOR, given
from tests.domain.steps import (
    accepted,
    acknowledged,
    answered,
    assigned,
    closed,
    completed,
    corrected,
    declined,
    discussed,
    erased,
    glass_broken,
    lifted,
    linked,
    measure_evaluated,
    measure_started,
    noted,
    passed_on,
    paused,
    raised,
    reclassified,
    referred,
    reopened,
    restricted,
    restriction_lifted,
    resumed,
    returned,
    undone,
)
from tests.domain.topologies import BOARD, GROUP, TEAM, WORKING_GROUP

# A case that the coordination group holds, in each status.
OPEN = {
    Status.RAISED: (RAISED,),
    Status.DISCUSSED: (RAISED, discussed()),
    Status.ESCALATED: (raised(), lifted(urgent=True)),
    Status.RETURNED: (raised(raised_by=BOARD), returned(to=GROUP)),
    Status.ASSIGNED: (RAISED, assigned()),
}
EVERY_OPEN = pytest.mark.parametrize("life", OPEN.values(), ids=OPEN)


@pytest.mark.parametrize(("status", "life"), OPEN.items(), ids=OPEN)
def test_raising_discussing_lifting_returning_and_assigning_set_their_own(status, life):
    given(*life).is_now(status=status, holder=GROUP)


@EVERY_OPEN
@pytest.mark.parametrize(
    ("step", "status"),
    [
        (lifted(to=BOARD, urgent=True), Status.ESCALATED),
        (returned(to=WORKING_GROUP), Status.RETURNED),
        (assigned(), Status.ASSIGNED),
        (closed(), Status.CLOSED),
    ],
    ids=["lifting", "returning", "assigning", "closing"],
)
def test_whatever_a_case_was_a_move_sets_its_own_status(life, step, status):
    given(*life, step).is_now(status=status)


# Discussing.


@pytest.mark.parametrize("status", [s for s in OPEN if s is not Status.ASSIGNED])
def test_a_discussion_makes_a_case_discussed(status):
    given(*OPEN[status], discussed()).is_now(status=Status.DISCUSSED)


@EVERY_OPEN
def test_a_discussion_leaves_a_case_assigned_while_an_assignment_is_open(life):
    given(*life, assigned(), discussed()).is_now(status=Status.ASSIGNED)


def test_an_accepted_assignment_is_open():
    given(RAISED, assigned(), accepted(1), discussed()).is_now(status=Status.ASSIGNED)


@pytest.mark.parametrize("ended", [declined(1), completed(1)], ids=["declined", "completed"])
def test_an_assignment_that_has_ended_does_not_keep_a_case_assigned(ended):
    given(RAISED, assigned(), ended, discussed()).is_now(status=Status.DISCUSSED)


# Assignments that end.


@pytest.mark.parametrize("ended", [declined(1), completed(1)], ids=["declined", "completed"])
def test_a_case_is_discussed_when_its_last_open_assignment_ends(ended):
    given(RAISED, assigned(), ended).is_now(status=Status.DISCUSSED)
    given(RAISED, assigned(), accepted(1), ended).is_now(status=Status.DISCUSSED)
    given(RAISED, assigned(), assigned(), completed(2), ended).is_now(status=Status.DISCUSSED)


@pytest.mark.parametrize("ended", [declined(1), completed(1)], ids=["declined", "completed"])
def test_a_case_stays_assigned_while_another_assignment_is_open(ended):
    given(RAISED, assigned(), assigned(), ended).is_now(status=Status.ASSIGNED)
    given(RAISED, assigned(), assigned(), accepted(2), ended).is_now(status=Status.ASSIGNED)


def test_a_lifted_case_is_discussed_when_its_last_open_assignment_ends():
    at_board = (RAISED, assigned(), assigned(), lifted(to=BOARD, urgent=True))
    given(*at_board, completed(1)).is_now(status=Status.ESCALATED, holder=BOARD)
    given(*at_board, completed(1), completed(2)).is_now(status=Status.DISCUSSED, holder=BOARD)


# Reopening.


@EVERY_OPEN
def test_whatever_a_case_was_it_is_discussed_after_reopening(life):
    given(*life, closed(), reopened()).is_now(status=Status.DISCUSSED, holder=GROUP)


# All else.

EVALUATED, EVALUATION = measure_started(), DeadlineKind.EVALUATION

ALONE = {
    CaseReferred: (referred(),),
    MeasureStarted: (measure_started(),),
    MeasureEvaluated: (measure_started(), measure_evaluated(1)),
    ProgressNoted: (noted(),),
    AnswerGiven: (answered(to=GROUP),),
    AnswerAcknowledged: (answered(to=GROUP), acknowledged(1)),
    CaseReclassified: (reclassified(),),
    CaseLinked: (linked(),),
    EntryCorrected: (corrected(1),),
    TextErased: (erased(),),
    CaseRestricted: (restricted(),),
    RestrictionLifted: (restricted(), restriction_lifted()),
    GlassBroken: (restricted(by=OTHER_COORDINATOR), glass_broken()),
    DeadlinePaused: (paused(),),
    DeadlineResumed: (paused(), resumed(at=NEXT_FRIDAY)),
    DeadlineNeared: (EVALUATED, neared(2016, 11, 28, kind=EVALUATION)),
    DeadlinePassed: (EVALUATED, passed(2016, 12, 2, kind=EVALUATION)),
    DeadlineStillPassed: (
        EVALUATED,
        passed(2016, 12, 2, kind=EVALUATION),
        nudged(2016, 12, 12, kind=EVALUATION),
    ),
}


@pytest.mark.parametrize("steps", ALONE.values(), ids=[e.__name__ for e in ALONE])
@pytest.mark.parametrize(("status", "life"), OPEN.items(), ids=OPEN)
def test_all_else_leaves_the_status_alone(status, life, steps):
    given(*life, *steps).is_now(status=status, holder=GROUP, level=Level.COORDINATING)


@pytest.mark.parametrize("status", [Status.ASSIGNED, Status.ESCALATED])
def test_accepting_an_assignment_leaves_the_status_alone(status):
    moved = () if status is Status.ASSIGNED else (lifted(to=BOARD, urgent=True),)
    given(RAISED, assigned(), *moved, accepted(1)).is_now(status=status)


@pytest.mark.parametrize("status", [Status.ASSIGNED, Status.ESCALATED])
def test_passing_an_assignment_on_leaves_the_status_alone(status):
    moved = () if status is Status.ASSIGNED else (lifted(to=BOARD, urgent=True),)
    given(RAISED, assigned(), *moved, passed_on(1)).is_now(status=status)


def test_reversing_an_older_decision_leaves_the_status_alone():
    given(RAISED, assigned(), lifted(to=BOARD, urgent=True), undone(2)).is_now(
        status=Status.ESCALATED
    )


def test_each_event_sets_the_status_or_leaves_it_alone():
    """No event is forgotten above: what is not in ALONE is named in a test of its own."""
    named = {
        "CaseRaised", "CaseDiscussed", "CaseEscalated", "CaseReturned", "CaseAssigned",
        "AssignmentAccepted", "AssignmentDeclined", "AssignmentCompleted", "AssignmentPassedOn",
        "CaseClosed", "CaseReopened", "DecisionReversed", "EntryWithdrawn",
    }  # fmt: skip
    assert {event.__name__ for event in get_args(CaseEvent) if event not in ALONE} == named


# Level.


def test_the_level_of_a_case_is_that_of_its_holder():
    up = given(raised(), lifted(urgent=True)).is_now(level=Level.COORDINATING)
    up = up.further(lifted(to=BOARD, urgent=True)).is_now(level=Level.STEERING)
    up.further(returned(to=TEAM)).is_now(level=Level.EXECUTING)


# What a closed case takes.

TAKEN = {
    CaseReopened, AnswerGiven, AnswerAcknowledged, EntryCorrected, DecisionReversed, TextErased,
    CaseLinked, CaseRestricted, RestrictionLifted, GlassBroken,
}  # fmt: skip
"""The last three are no casework: whom a case is for must be a question that closing leaves open.
"""


OTHERS = [c for c in COMMANDS if c.event not in {*TAKEN, EntryWithdrawn}]
"""What withdraws the closing itself is tried in `test_withdrawing.py`."""


def test_every_command_is_tried_on_a_closed_case():
    assert {command.event for command in COMMANDS} == set(get_args(CaseEvent)) - {
        CaseRaised,
        *BY_ITSELF,
    }


@pytest.mark.parametrize("command", COMMANDS, ids=name)
def test_a_case_that_is_ready_for_a_command_takes_it(command):
    after = given(RAISED, *command.before).when(command.step()).allowed()
    assert type(after.events[-1]) is command.event


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.event in TAKEN], ids=name)
def test_a_closed_case_takes_what_puts_it_right(command):
    before = [step for step in command.before if command.event is not CaseReopened]
    after = given(RAISED, *before, closed()).when(command.step()).allowed()
    assert type(after.events[-1]) is command.event


@pytest.mark.parametrize("command", OTHERS, ids=name)
def test_a_closed_case_takes_nothing_more(command):
    given(RAISED, *command.before, closed()).when(command.step()).refused(
        errors.CaseIsClosed, case=None
    )


@pytest.mark.parametrize(
    "steps",
    [(answered(to=GROUP),), (answered(to=GROUP), acknowledged(1)), (corrected(1),), (erased(),),
     (linked(),)],
)  # fmt: skip
def test_what_a_closed_case_takes_leaves_it_closed(steps):
    given(RAISED, closed(), *steps).is_now(status=Status.CLOSED)


def test_a_closed_case_stays_closed_when_an_older_decision_is_reversed():
    given(RAISED, assigned(), closed(), undone(2)).is_now(status=Status.CLOSED)


@pytest.mark.parametrize("command", OTHERS, ids=name)
def test_a_reopened_case_takes_everything_again(command):
    given(RAISED, *command.before, closed(), reopened()).when(command.step()).allowed()

"""Every command on a case that the coordination group holds, and what must be there for it."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from domain.case import (
    AnswerAcknowledged,
    AnswerGiven,
    AssignmentAccepted,
    AssignmentCompleted,
    AssignmentDeclined,
    AssignmentPassedOn,
    CaseAssigned,
    CaseClosed,
    CaseDiscussed,
    CaseEscalated,
    CaseLinked,
    CaseReclassified,
    CaseReferred,
    CaseReopened,
    CaseRestricted,
    CaseReturned,
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
from domain.event import Event
from tests.domain.scenario import OTHER_COORDINATOR, Step
from tests.domain.steps import (
    accepted,
    acknowledged,
    answered,
    assigned,
    closed,
    completed,
    corrected,
    decided,
    declined,
    discussed,
    erased,
    glass_broken,
    lifted,
    linked,
    logged,
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
    withdrawn,
)
from tests.domain.topologies import BOARD, GROUP, WORKING_GROUP


class Command(NamedTuple):
    event: type[Event]
    step: Callable[..., Step]
    before: tuple[Step, ...] = ()


RAISED = raised(raised_by=GROUP)

COMMANDS = (
    Command(CaseDiscussed, discussed),
    Command(CaseEscalated, partial(lifted, to=BOARD, urgent=True)),
    Command(CaseReturned, partial(returned, to=WORKING_GROUP)),
    Command(CaseReferred, referred),
    Command(CaseAssigned, assigned),
    Command(AssignmentAccepted, partial(accepted, 1), (assigned(),)),
    Command(AssignmentDeclined, partial(declined, 1), (assigned(),)),
    Command(AssignmentCompleted, partial(completed, 1), (assigned(),)),
    Command(AssignmentPassedOn, partial(passed_on, 1), (assigned(),)),
    Command(MeasureStarted, measure_started),
    Command(MeasureEvaluated, partial(measure_evaluated, 1), (measure_started(),)),
    Command(ProgressNoted, noted),
    Command(AnswerGiven, partial(answered, to=GROUP)),
    Command(AnswerAcknowledged, partial(acknowledged, 1), (answered(to=GROUP),)),
    Command(CaseClosed, closed),
    Command(CaseReopened, reopened, (closed(),)),
    Command(CaseReclassified, reclassified),
    Command(CaseLinked, linked),
    Command(EntryCorrected, partial(corrected, 1)),
    Command(DecisionReversed, partial(undone, 2), (decided(),)),
    Command(EntryWithdrawn, partial(withdrawn, 2), (logged(noted()),)),
    Command(TextErased, erased),
    Command(CaseRestricted, restricted),
    Command(RestrictionLifted, restriction_lifted, (restricted(),)),
    Command(GlassBroken, glass_broken, (restricted(by=OTHER_COORDINATOR),)),
    Command(DeadlinePaused, paused),
    Command(DeadlineResumed, resumed, (paused(),)),
)

BY_ITSELF = frozenset({DeadlineNeared, DeadlinePassed, DeadlineStillPassed})
"""What nobody commands: `test_deadlines.py`."""


def name(command: Command) -> str:
    """What pytest calls a test of this command."""
    return command.event.__name__

"""What is recorded by itself of the deadlines of any life: that one nears, passes, and is still
passed."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Protocol

from domain import errors
from domain.actor import Actor
from domain.clock import Clock, Deadline, Notice, Pause, Stage
from domain.event import Event, Occurred, day_in_oslo
from domain.policy import Policy
from domain.terms import DeadlineKind


class DeadlineEvent(Event):
    """Recorded by itself, once for each deadline. `of`: the organ or service that is waited for;
    `to`: the one that waits for its answer."""

    kind: DeadlineKind
    n: int | None
    of: str
    to: str | None
    due_on: date


class DeadlineNeared(DeadlineEvent):
    pass


class DeadlinePassed(DeadlineEvent):
    pass


class DeadlineStillPassed(DeadlineEvent):
    """Nothing has happened since it passed, or since it was last recorded that it had. `nudge`: for
    how many times."""

    nudge: int


Noticing = DeadlineNeared | DeadlinePassed | DeadlineStillPassed


class Ticking(Protocol):
    """A life that has clocks. `clocks_as`: whether they all run as those of the life before."""

    @property
    def clocks(self) -> tuple[Clock, ...]: ...

    def clocks_as(self, before: Any) -> bool: ...  # noqa: ANN401 - the same life

    def next_event(self, by: Actor, at: Occurred) -> dict[str, Any]:
        """What its next event carries, whatever it is."""
        ...


def notice(
    life: Ticking, stage: Stage, deadline: Deadline, *, policy: Policy, by: Actor, at: Occurred
) -> Noticing:
    """That *deadline* nears, has passed or is still passed. Refuses what has not come, what is
    over, and what was recorded already."""
    clock = next((one for one in life.clocks if one.deadline(policy) == deadline), None)
    if clock is None:
        raise errors.DeadlineUnknown
    told = clock.told(deadline.due_on)
    if clock.stage(policy, day_in_oslo(at.at)) is not stage:
        again = stage is not Stage.STILL_PASSED and told is not None
        raise errors.DeadlineNoticed if again else errors.DeadlineNotReached
    facts = life.next_event(by, at) | _about(deadline)
    match stage:
        case Stage.NEARED:
            return DeadlineNeared(**facts)
        case Stage.PASSED:
            return DeadlinePassed(**facts)
        case Stage.STILL_PASSED:
            return DeadlineStillPassed(**facts, nudge=1 + (told.nudge if told is not None else 0))


def noted(notices: tuple[Notice, ...], event: Noticing) -> tuple[Notice, ...]:
    """What was recorded, once *event* has been too: the last of each deadline."""
    made = Notice(**_about(event), on=day_in_oslo(event.occurred_at))
    before = next((one for one in notices if one.deadline == made.deadline), made)
    if isinstance(event, DeadlinePassed):
        made = made.model_copy(update={"passed": event.originator_version})
    if isinstance(event, DeadlineStillPassed):
        made = made.model_copy(update={"passed": before.passed, "nudge": event.nudge})
    return (*(one for one in notices if one.deadline != made.deadline), made)


def wound(
    clock: Clock,
    notices: Iterable[Notice],
    *,
    active_on: date,
    pauses: tuple[Pause, ...] = (),
    is_paused: bool = False,
) -> Clock:
    """*clock* with as much of the pauses, and of what was recorded, as bears on it. *active_on*:
    the last day on which anything happened."""
    own = tuple(
        one for one in notices
        if (one.kind, one.n, one.of, one.to) == (clock.kind, clock.n, clock.of, clock.to)
    )  # fmt: skip
    passed = any(one.passed is not None for one in own)
    return clock._replace(
        pauses=tuple(pause for pause in pauses if pause.until > clock.began.on),
        is_paused=is_paused,
        noticed=own,
        quiet_since=active_on if passed else None,
    )


def _about(deadline: Deadline | DeadlineEvent) -> dict[str, Any]:
    """Which deadline it is, as keyword arguments."""
    return {name: getattr(deadline, name) for name in ("kind", "n", "of", "to", "due_on")}

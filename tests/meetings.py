"""Builders: meetings that are lived through the engine.

`convened(town, GROUP)` gives the id of a new meeting, `meets(town, meeting, "close")` lets the
engine do one command on it with the facts that it usually has; `logged(town, meeting, n, case,
"discuss")` does one on a case in it.
"""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from domain.case import Case
from domain.event import Event, Occurred
from domain.meeting import Meeting, meeting_id
from domain.organ import Organ, organ_id
from ledger.commands import Command
from ledger.engine import Seen
from ledger.texts import Pen
from tests.domain.scenario import COORDINATOR, FRIDAY, MONDAY
from tests.lives import Town

ROOT = "A" * 43 + "="
WORDS = {"place", "title", "reason", "text"}
USUAL: dict[str, dict[str, Any]] = {
    "add_item": {"at": MONDAY},
    "postpone": {"reason": "Tiden gikk"},
    "attend": {"seats": (), "persons": ()},
    "cancel": {"reason": "Halve gruppen er syk", "at": MONDAY},
    "close": {"signed_size": 1, "signed_root": ROOT},
    "remark": {"n": None, "text": "Det var tre skoler"},
}


def organ(town: Town, key: str) -> Organ:
    seen = town.engine.load(Organ, organ_id(key))
    assert seen is not None
    return seen.state


def convened(town: Town, key: str, at: Occurred = FRIDAY, **facts: Any) -> str:
    """A meeting of the organ, on Friday unless told otherwise."""
    meeting, pen = meeting_id(str(uuid4())), Pen()
    facts = {name: _written(pen, name, fact) for name, fact in facts.items()}
    town.engine.begin(
        Meeting,
        meeting,
        lambda: Meeting.convene(
            meeting,
            organ=organ(town, key),
            starts_at=at.at,
            by=COORDINATOR,
            at=MONDAY,
            **facts,
        ),
        command=Command(COORDINATOR),
        drafts=pen.drafts,
    )
    return meeting


def meets(town: Town, meeting: str, what: str, *given: Any, **facts: Any) -> Seen[Meeting]:
    """Let the engine do one command on the *meeting*, named like the decision in `Meeting`."""
    pen = Pen()
    usual = {"by": COORDINATOR, "at": FRIDAY, **USUAL.get(what, {}), **facts}
    usual = {name: _written(pen, name, fact) for name, fact in usual.items()}
    needs_organ = what in {"attend", "close"}

    def decide(life: Meeting) -> Event:
        own = {"organ": organ(town, life.organ)} if needs_organ else {}
        decision: Callable[..., Event] = getattr(life, what)
        return decision(*given, **own, **usual)

    return town.engine.act(
        Meeting, meeting, decide, command=Command(COORDINATOR), drafts=pen.drafts
    )


def logged(
    town: Town, meeting: str, n: int, case: str, what: str, *numbers: int, **facts: Any
) -> Seen[Case]:
    """One command on a *case*, logged in the *meeting*."""
    command = Command(COORDINATOR, meeting=meeting, item=n)
    return town.does(case, what, *numbers, **{"command": command, "at": FRIDAY, **facts})


def _written(pen: Pen, name: str, fact: Any) -> Any:
    return pen.write(fact) if name in WORDS and isinstance(fact, str) else fact

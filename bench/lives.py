"""Ledgers of any size, full of lives that the domain has decided event by event."""

import gc
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import repeat
from uuid import uuid4

from domain.actor import Actor, Role
from domain.case import Case, CaseEvent, evolve
from domain.event import Occurred
from domain.terms import Conclusion, Effect, Outcome, PreventionLevel, Why
from domain.topology import THEMES, Topology
from ledger.commands import Command
from ledger.engine import Engine
from ledger.texts import Draft, Pen

TEAMS = ("vestre-13-16", "vestre-16-23", "ostre-13-16", "ostre-16-23")
GROUP = "koordineringsgruppen"
WHAT = ("Beefing", "Hasj", "Bostedsløse", "Choking game", "Salg av snus", "Russetid", "Tagging")
WHERE = ("torget", "skolen", "McDonalds", "storsenteret", "idrettshallen")
RARE = "lystgass"
"""A word in the title of as many cases in a small ledger as in a large one."""
RARE_CASES = 20
BLOCK = 2_000
"""Cases that live at the same time: what happens to one stands between what happens to others."""
_WRITERS = 12
_COORDINATOR = Actor(id="bench", role=Role.COORDINATOR)
LATELY = datetime.now(UTC) - timedelta(days=90)

LONG = (
    "raised discussed lifted taken_up assigned accepted completed answered acknowledged closed",
    "raised discussed lifted taken_up assigned accepted noted noted completed answered",
    "raised noted discussed lifted taken_up assigned noted accepted noted noted",
)
"""Ten events a life."""
SHORT = (
    "raised",
    "raised discussed",
    "raised discussed lifted",
    "raised discussed lifted assigned",
    "raised discussed lifted assigned accepted",
    "raised discussed lifted answered",
    "raised discussed closed",
)
"""Three to four events a life; all statuses, and debts and deadlines that stand open."""


_NOTED = ("noted",)
WHOLE = tuple(
    " ".join(steps)
    for steps in (
        ("raised noted noted discussed lifted noted taken_up assigned noted accepted noted measure",
         *_NOTED * 2, "evaluated completed noted answered acknowledged closed"),
        ("raised", *_NOTED * 3, "discussed lifted taken_up noted assigned accepted noted measure",
         *_NOTED * 4, "completed answered noted noted"),
        ("raised", *_NOTED * 4, "discussed lifted noted noted assigned", *_NOTED * 10),
        ("raised noted noted discussed noted noted lifted", *_NOTED * 2, "taken_up noted answered",
         "acknowledged", *_NOTED * 6, "closed"),
    )
)  # fmt: skip
"""Twenty events a life."""


class Life:
    """One case, from step to step."""

    def __init__(self, number: int, of: int, topology: Topology, began: datetime) -> None:
        self.number = number
        self.is_rare = number % max(1, of // RARE_CASES) == 0
        self.topology = topology
        self.case: Case | None = None
        self.case_id = str(uuid4())
        self.at = began + timedelta(minutes=number % 10_000)
        self.pen = Pen()

    def step(self, name: str) -> CaseEvent:
        """Decides, and lives on."""
        self.at += timedelta(minutes=7)
        event = STEPS[name](self)
        self.case = evolve(self.case, event)
        return event

    @property
    def now(self) -> Case:
        assert self.case is not None
        return self.case

    @property
    def moment(self) -> Occurred:
        return Occurred(at=self.at)

    def drafts(self) -> list[Draft]:
        """The words written since this was asked last."""
        drafts, self.pen = self.pen.drafts, Pen()
        return drafts


def _raised(life: Life) -> CaseEvent:
    n, team = life.number, TEAMS[life.number % len(TEAMS)]
    title = f"{WHAT[n % len(WHAT)]} ved {WHERE[n % len(WHERE)]}"
    return Case.raise_(
        life.case_id,
        raised_by=team,
        title=life.pen.write(f"{title} {RARE}" if life.is_rare else title),
        themes=tuple({THEMES[n % 15], THEMES[(n // 2) % 15]}),
        prevention_level=list(PreventionLevel)[n % 3],
        topology=life.topology,
        by=_COORDINATOR,
        at=life.moment,
    )


def _discussed(life: Life) -> CaseEvent:
    summary = life.pen.write("Flere i teamet har sett det samme siden sist.")
    return life.now.discuss(
        summary=summary, conclusion=Conclusion.ASK_TO_LIFT, by=_COORDINATOR, at=life.moment
    )


def _lifted(life: Life) -> CaseEvent:
    return life.now.escalate(
        to=GROUP,
        why=Why.CANNOT,
        reason=life.pen.write("Flere skoler er berørt."),
        tried=life.pen.write("Samtaler med foreldrene."),
        topology=life.topology,
        by=_COORDINATOR,
        at=life.moment,
    )


def _taken_up(life: Life) -> CaseEvent:
    return life.now.discuss(
        summary=life.pen.write("Gruppen ber en tjeneste ta ansvar."),
        conclusion=Conclusion.DECIDED,
        decision=life.pen.write("Tjenesten kartlegger."),
        by=_COORDINATOR,
        at=life.moment,
    )


def _assigned(life: Life) -> CaseEvent:
    """Every other one is overdue by now."""
    services = sorted(life.topology.services)
    return life.now.assign(
        service=services[life.number % len(services)],
        expectation=life.pen.write("Kartlegg omfanget, og meld tilbake."),
        due_on=life.at.date() + timedelta(days=14 if life.number % 2 else 365),
        topology=life.topology,
        by=_COORDINATOR,
        at=life.moment,
    )


def _closed(life: Life) -> CaseEvent:
    return life.now.close(
        outcome=Outcome.RESOLVED,
        reason=life.pen.write("Det er roligere nå."),
        by=_COORDINATOR,
        at=life.moment,
    )


STEPS: dict[str, Callable[[Life], CaseEvent]] = {
    "raised": _raised,
    "discussed": _discussed,
    "lifted": _lifted,
    "taken_up": _taken_up,
    "assigned": _assigned,
    "accepted": lambda life: life.now.accept(1, by=_COORDINATOR, at=life.moment),
    "noted": lambda life: life.now.note(
        text=life.pen.write("Feltarbeiderne er ute to kvelder i uken."),
        by=_COORDINATOR,
        at=life.moment,
    ),
    "measure": lambda life: life.now.start_measure(
        title=life.pen.write("Feltarbeid to kvelder i uken."),
        prevention_level=list(PreventionLevel)[life.number % 3],
        expected_effect=life.pen.write("Færre samlinger etter kl. 22."),
        evaluate_on=life.at.date() + timedelta(days=60),
        topology=life.topology,
        by=_COORDINATOR,
        at=life.moment,
    ),
    "evaluated": lambda life: life.now.evaluate_measure(
        1,
        effect=list(Effect)[life.number % len(Effect)],
        note=life.pen.write("Som ventet."),
        by=_COORDINATOR,
        at=life.moment,
    ),
    "completed": lambda life: life.now.complete(
        1, report=life.pen.write("Kartlagt."), by=_COORDINATOR, at=life.moment
    ),
    "answered": lambda life: life.now.answer(
        to=life.now.raised_by,
        message=life.pen.write("Tjenesten har tatt tak i det."),
        by=_COORDINATOR,
        at=life.moment,
    ),
    "acknowledged": lambda life: life.now.acknowledge(1, by=_COORDINATOR, at=life.moment),
    "closed": _closed,
}


@contextmanager
def uncollected() -> Iterator[None]:
    """Nothing that is built here is garbage before the end: looking for it takes a third of the
    time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def build(engine: Engine, plans: Sequence[str], cases: int, *, began: datetime = LATELY) -> int:
    """Append so many cases that live by *plans* in turn, raised in the days after they *began*;
    gives the ledger's size."""
    with ThreadPoolExecutor(_WRITERS) as writers, uncollected():
        for begin in range(0, cases, BLOCK):
            lives = [
                (Life(n, cases, engine.topology, began), plans[n % len(plans)].split())
                for n in range(begin, min(begin + BLOCK, cases))
            ]
            for part in (slice(0, 2), slice(2, 5), slice(5, None)):
                shares = [lives[writer::_WRITERS] for writer in range(_WRITERS)]
                list(writers.map(_append, repeat(engine), shares, repeat(part)))
    return engine.ledger.size()


def _append(engine: Engine, lives: Sequence[tuple[Life, list[str]]], part: slice) -> None:
    """Each of *lives* takes this part of its steps."""
    for life, steps in lives:
        events = [engine.written.to_stored_event(life.step(name)) for name in steps[part]]
        if events:
            command = Command(actor=_COORDINATOR)
            engine.ledger.append(events, command=command, drafts=life.drafts())

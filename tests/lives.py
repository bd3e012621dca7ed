"""Builders: lives that are lived through the engine, one command each.

`town = settled(ledger)` gives an empty ledger the small structure below; `Town(baerum)` works in
the one that is there. `town.raised()` raises a case and gives its id, `town.does(case, "discuss")`
lets the engine do one command with the facts that it usually has; each fact can be another. A fact
whose place is for words is given in words.
"""

import inspect
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from threading import Barrier
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from api.installation import OpenLedger
from domain.actor import Actor, Role
from domain.case import Case
from domain.event import Event, Occurred
from domain.organ import Organ, organ_id
from domain.plan import PLAN, Plan
from domain.service import Service, service_id
from domain.terms import (
    Conclusion,
    Effect,
    LegalBasis,
    LinkKind,
    Outcome,
    PreventionLevel,
    ReferralReason,
    Why,
)
from domain.topology import Level, OutsidePlace, Topology
from ledger.commands import Command
from ledger.database import Database
from ledger.engine import Engine, Seen
from ledger.stored import Entry
from ledger.texts import Draft, Pen
from tests.domain.scenario import COORDINATOR, MONDAY, TUESDAY
from tests.domain.topologies import BOARD, GROUP, OTHER_TEAM, OUTREACH, PROGRAMME, TEAM

ADMIN = Actor(id="a-5", role=Role.ADMIN)
FOCUS = "rus"
WORDS = {
    "title", "title_there", "description", "area", "summary", "decision", "reason", "tried",
    "expectation", "report", "expected_effect", "note", "text", "message", "asks_again",
    "correction", "name", "mandate",
}  # fmt: skip
"""The facts that are words: they are taken down by a pen."""
USUAL: dict[str, dict[str, Any]] = {
    "raise_": {"raised_by": TEAM, "title": "Choking game", "at": MONDAY},
    "discuss": {"summary": "Flere skoler ser det samme", "conclusion": Conclusion.CONTINUE},
    "escalate": {"to": GROUP, "why": Why.CANNOT, "reason": "Det gjelder hele kommunen",
                 "tried": "Samtaler med skolene"},
    "return_": {"to": TEAM, "expectation": "Følg det opp lokalt"},
    "refer": {"to": OutsidePlace.POLICE, "reason_code": ReferralReason.LEGAL_DUTY},
    "assign": {"service": OUTREACH, "expectation": "Kartlegg omfanget",
               "due_on": date(2026, 12, 1)},
    "accept": {},
    "decline": {"reason": "Ingen ledige"},
    "complete": {"report": "Kartlagt"},
    "start_measure": {"title": "Åpen hall", "prevention_level": PreventionLevel.UNIVERSAL,
                      "expected_effect": "Færre ute om natten", "evaluate_on": date(2026, 12, 1)},
    "evaluate_measure": {"effect": Effect.PARTLY, "note": "Litt roligere"},
    "note": {"text": "Møte avtalt"},
    "answer": {"to": TEAM, "message": "Gruppen har bedt om en kartlegging"},
    "acknowledge": {},
    "withdraw": {"reason": "Feil sak"},
    "close": {"outcome": Outcome.RESOLVED, "reason": "Løst"},
    "reopen": {"reason": "Det skjer igjen"},
    "reclassify": {"themes": ("rus",), "focus_area": None, "prevention_level": None,
                   "reason": "Dette er rus"},
    "link": {"kind": LinkKind.RELATES},
    "correct": {"correction": "Det var i østre Bærum", "reason": "Feil sted"},
    "reverse": {"reason": "Nytt møte så annerledes på det"},
    "erase": {"legal_basis": LegalBasis.CONFIDENTIALITY, "reason": "Den peker ut noen",
              "asked_by": "coordinator"},
    "restrict": {"reason": "Den er følsom"},
    "lift_restriction": {"reason": "Det er over"},
    "break_glass": {"reason": "Det haster"},
    "pause": {"reason": "Venter på skolen"},
    "resume": {"reason": "Skolen har svart"},
}  # fmt: skip


@dataclass(frozen=True)
class Town:
    """A ledger and what is done in it."""

    ledger: OpenLedger

    @property
    def engine(self) -> Engine:
        return self.ledger.engine

    @property
    def topology(self) -> Topology:
        return self.engine.topology

    def raises(self, *, command: Command | None = None, **facts: Any) -> Seen[Case]:
        """Raise a case, by the engine's `begin`."""
        case_id = str(uuid4())
        decide, drafts = self._decision(Case.raise_, "raise_", (case_id,), facts)
        command = command or Command(COORDINATOR)
        return self.engine.begin(Case, case_id, decide, command=command, drafts=drafts)

    def raised(self, **facts: Any) -> str:
        """The id of a new case."""
        return self.raises(**facts).state.id

    def does(
        self, case: str, what: str, *numbers: int, command: Command | None = None, **facts: Any
    ) -> Seen[Case]:
        """Let the engine do one command on the *case*, named like the decision in `Case`."""
        by, at = facts.pop("by", COORDINATOR), facts.pop("at", TUESDAY)
        facts = {**USUAL[what], **facts, "by": by, "at": at}
        pen = Pen()
        facts = {key: _written(pen, key, fact) for key, fact in facts.items()}

        def decide(life: Case) -> Event:
            decision = getattr(life, what)
            knows = "topology" in inspect.signature(decision).parameters
            return decision(*numbers, **facts, **({"topology": self.topology} if knows else {}))

        command = command or Command(by)
        erases = [facts["text_id"]] if what == "erase" else []
        return self.engine.act(
            Case, case, decide, command=command, drafts=pen.drafts, erases=erases
        )

    def merged(self, case: str, into: str, **facts: Any) -> Seen[Case]:
        """Close *case* by merging it *into* another."""
        other = self.engine.load(Case, into)
        assert other is not None
        facts = {"outcome": Outcome.MERGED, "merged_into": other.state, **facts}
        return self.does(case, "close", **facts)

    def reversed(self, case: str, version: int, **facts: Any) -> Seen[Case]:
        """Reverse the decision that is *version* of the case."""
        place = {"position": self.position(case, version), "reverses": version}
        return self.does(case, "reverse", **place, **facts)

    def corrected(self, case: str, version: int, **facts: Any) -> Seen[Case]:
        place = {"position": self.position(case, version), "corrects": version}
        return self.does(case, "correct", **place, **facts)

    def whole_life(self, **facts: Any) -> str:
        """A case that is lifted, assigned, answered and closed: nine events."""
        case = self.raised(**facts)
        for what, *numbers in (
            ("discuss",), ("escalate",), ("assign",), ("accept", 1), ("complete", 1),
            ("answer",), ("acknowledge", 1), ("close",),
        ):  # fmt: skip
            self.does(case, what, *numbers)
        return case

    # Structure.

    def constitutes(self, key: str, level: Level, **facts: Any) -> Seen[Organ]:
        """A new organ."""
        usual = {"key": key, "name": key, "level": level, "kind": "organ", "by": ADMIN}
        decide, drafts = self._decision(Organ.constitute, "", (), usual | facts)
        return self.engine.begin(
            Organ, organ_id(key), decide, command=Command(ADMIN), drafts=drafts
        )

    def registers(self, key: str, name: str | None = None) -> Seen[Service]:
        """A new service."""
        facts = {"key": key, "name": name or key, "by": ADMIN}
        decide, drafts = self._decision(Service.register, "", (), facts)
        return self.engine.begin(
            Service, service_id(key), decide, command=Command(ADMIN), drafts=drafts
        )

    def sets_focus_area(self, key: str, **facts: Any) -> Seen[Plan]:
        """A focus area, set by the board."""
        pen, by = Pen(), COORDINATOR.acting_for(BOARD)
        name = pen.write(key)
        return self.engine.act(
            Plan,
            PLAN,
            lambda plan: plan.set_focus_area(
                key=key, name=name, topology=self.topology, by=by, at=MONDAY, **facts
            ),
            command=Command(by),
            drafts=pen.drafts,
            absent=Plan(),
        )

    def dissolves(self, key: str) -> Seen[Organ]:
        pen = Pen()
        reason = pen.write("Slått sammen")
        return self.engine.act(
            Organ,
            organ_id(key),
            lambda organ: organ.dissolve(reason=reason, by=ADMIN, at=TUESDAY),
            command=Command(ADMIN),
            drafts=pen.drafts,
        )

    # What stands.

    def entries(self, stream: str | None = None) -> Sequence[Entry]:
        """The ledger, or one stream of it, in order."""
        recorder = self.engine.ledger
        if stream is not None:
            return recorder.select_events(stream)
        return recorder.select_notifications(1, 1_000_000)

    def position(self, stream: str, version: int) -> int:
        (found,) = self.engine.ledger.select_events(stream, gt=version - 1, lte=version)
        return found.id

    def case(self, case: str, until: int | None = None) -> Case:
        """The case as the ledger tells it, without what the engine remembers."""
        seen = self.engine.load(Case, case, until)
        assert seen is not None
        return seen.state

    def cases(self) -> list[str]:
        """The ids of all cases, in the order in which they were raised."""
        return [str(entry.originator_id) for entry in self.entries() if entry.topic == "CaseRaised"]

    def _decision(
        self,
        decision: Callable[..., Event],
        usual: str,
        given: Sequence[Any],
        facts: dict[str, Any],
    ) -> tuple[Callable[[], Event], list[Draft]]:
        pen = Pen()
        at: Occurred = facts.get("at", MONDAY)
        facts = {"by": COORDINATOR, "at": at, **USUAL.get(usual, {}), **facts}
        facts = {key: _written(pen, key, fact) for key, fact in facts.items()}
        return lambda: decision(*given, **facts, topology=self.topology), pen.drafts


def _written(pen: Pen, key: str, fact: Any) -> Any:
    return pen.write(fact) if key in WORDS and isinstance(fact, str) else fact


def settled(ledger: OpenLedger) -> Town:
    """The *ledger* with a board, a coordination group, two youth teams, one other place that a
    team lifts to, a service and a focus area."""
    town = Town(ledger)
    town.constitutes(BOARD, Level.STEERING)
    town.constitutes(GROUP, Level.COORDINATING, parent=BOARD, lifts_to=(BOARD,))
    town.constitutes(PROGRAMME, Level.COORDINATING)
    for team in (TEAM, OTHER_TEAM):
        town.constitutes(team, Level.EXECUTING, parent=GROUP, lifts_to=(GROUP, PROGRAMME))
    town.registers(OUTREACH)
    town.sets_focus_area(FOCUS)
    return town


def as_owner(ledger: OpenLedger, user: str = "postgres") -> psycopg.Connection:
    """A connection to the ledger's schema that goes past the engine, by default as the owner."""
    options = f"-c search_path={ledger.database.schema} -c timezone=UTC"
    url = make_conninfo(ledger.database.url, user=user, options=options)
    return psycopg.connect(url, autocommit=True)


def everything(ledger: OpenLedger) -> str:
    """Every row of every table, as PostgreSQL writes it."""

    def rows(connection: psycopg.Connection) -> str:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
        ).fetchall()
        every = [
            connection.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(name)))
            for (name,) in tables
        ]
        return "".join(str(one.fetchall()) for one in every)

    return ledger.database.read(rows)


def another(ledger: OpenLedger) -> OpenLedger:
    """The same ledger with connections and a memory of its own, as another process has it."""
    return OpenLedger(Database(ledger.database.url, ledger.database.schema))


def in_threads(*works: Callable[[], Any]) -> list[Any]:
    """What each of *works* gives or raises, done at once."""
    together = Barrier(len(works))

    def begin(work: Callable[[], Any]) -> Any:
        together.wait(30)
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        futures = [pool.submit(begin, work) for work in works]
        return [future.exception() or future.result() for future in futures]


def until(true: Callable[[], Any], seconds: float = 30) -> None:
    """Wait until something is *true*; fails when it is not in time."""
    deadline = monotonic() + seconds
    while not true():
        assert monotonic() < deadline, "it did not come true in time"
        sleep(0.005)

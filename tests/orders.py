"""Builders: orders that are lived through the engine.

`placed(town)` gives the id of a new order of the board's, `does(town, order, "accept")` lets the
engine do one command on it with the facts that it usually has.
"""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

from domain.event import Event
from domain.order import Order, order_id
from domain.terms import OrderKind
from ledger.commands import Command
from ledger.engine import Seen
from ledger.texts import Pen
from tests.domain.scenario import COORDINATOR, MONDAY, TUESDAY
from tests.domain.topologies import BOARD, OUTREACH
from tests.lives import Town

WORDS = {"what", "expected_effect", "mandate", "reason", "report", "action_plan", "missing", "note"}
ORDERING: dict[str, Any] = {
    "kind": OrderKind.ANALYSIS,
    "to": OUTREACH,
    "what": "Hvem selger til ungdom?",
    "expected_effect": "Færre under 18 får kjøpt",
    "due_on": date(2026, 12, 1),
    "by": COORDINATOR.acting_for(BOARD),
    "at": MONDAY,
}
MAPPING: dict[str, Any] = {
    "kind": OrderKind.MAPPING,
    "mandate": "Kartlegg rus blant ungdom i vest",
    "steps": ("Samtaler med skolene", "Møte med politiet"),
}
USUAL: dict[str, dict[str, Any]] = {
    "decline": {"reason": "Vi har ikke folk"},
    "pass_on": {"to": "p-1", "seated": frozenset({"p-1"})},
    "take_step": {"note": "Ti skoler er med"},
    "deliver": {"report": "Det er tre butikker"},
    "approve": {"note": "Takk"},
    "send_back": {"missing": "Hva med nettsalg?"},
    "withdraw": {"reason": "Feil tjeneste"},
}


def placed(town: Town, command: Command | None = None, **facts: Any) -> str:
    """The id of a new order."""
    order, pen = order_id(str(uuid4())), Pen()
    facts = _written(pen, ORDERING | facts)
    town.engine.begin(
        Order,
        order,
        lambda: Order.place(order, topology=town.topology, **facts),
        command=command or Command(COORDINATOR),
        drafts=pen.drafts,
    )
    return order


def does(town: Town, order: str, what: str, *numbers: int, **facts: Any) -> Seen[Order]:
    """Let the engine do one command on the *order*, named like the decision in `Order`."""
    pen = Pen()
    usual = {"by": COORDINATOR, "at": TUESDAY, **USUAL.get(what, {}), **facts}
    usual = _written(pen, usual)

    def decide(life: Order) -> Event:
        decision: Callable[..., Event] = getattr(life, what)
        return decision(*numbers, **usual)

    return town.engine.act(Order, order, decide, command=Command(COORDINATOR), drafts=pen.drafts)


def _written(pen: Pen, facts: dict[str, Any]) -> dict[str, Any]:
    said = {k: pen.write(v) for k, v in facts.items() if k in WORDS and isinstance(v, str)}
    steps = {"steps": tuple(pen.write(step) for step in facts["steps"])} if "steps" in facts else {}
    return {**facts, **said, **steps}

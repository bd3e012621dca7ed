"""An order over HTTP: a valid body for each command, and the steps that lead up to it."""

from datetime import UTC, datetime
from typing import Any

import httpx

from domain.event import Occurred
from domain.organ import Organ, organ_id
from domain.seat import SeatRole
from ledger.commands import Command
from tests.api.story import BOARD, SOON, TEAM, read
from tests.conftest import Client
from tests.lives import ADMIN

ORDERING: dict[str, Any] = {
    "kind": "analysis",
    "to": TEAM,
    "what": "Hvem selger til ungdom?",
    "expected_effect": "Færre under 18 får kjøpt.",
    "due_on": SOON,
    "acting_for": BOARD,
}
MAPPING: dict[str, Any] = {
    "kind": "mapping",
    "mandate": "Kartlegg rus blant ungdom i vest.",
    "steps": ["Samtaler med skolene", "Møte med politiet"],
}
ANSWERS: dict[str, dict[str, Any]] = {
    "acceptance": {},
    "refusal": {"reason": "Vi har ikke folk."},
    "responsible": {},
    "steps": {"n": 1, "note": "Ti skoler er med."},
    "delivery": {"report": "Det er tre butikker."},
}
JUDGEMENTS: dict[str, dict[str, Any]] = {
    "approval": {"note": "Takk, dette bruker vi."},
    "return": {"missing": "Hva med nettsalg?", "due_on": SOON},
    "withdrawal": {"reason": "Feil tjeneste."},
    "erasures": {"legal_basis": "recorded_by_mistake", "reason": "Et navn."},
}
BODIES = ANSWERS | JUDGEMENTS


class Ordered:
    """One order, told step by step by whoever *client* lets in; fails at a step that is refused.
    The board's from the youth team, unless it is said otherwise."""

    def __init__(self, client: Client, *steps: str, **facts: Any) -> None:
        self.client = client
        self.last = client.post("/api/orders", json=ORDERING | facts)
        assert self.last.status_code == 201, self.last.text
        self.id: str = self.last.json()["id"]
        self.path = f"/api/orders/{self.id}"
        for step in steps:
            self.does(step)

    @property
    def order(self) -> dict[str, Any]:
        """The order as the last step left it."""
        return dict(self.last.json())

    def tries(
        self,
        step: str,
        headers: dict[str, str] | None = None,
        by: Client | None = None,
        **changes: Any,
    ) -> httpx.Response:
        body = BODIES[step] | changes
        return (by or self.client).post(f"{self.path}/{step}", json=body, headers=headers)

    def does(self, step: str, by: Client | None = None, **changes: Any) -> "Ordered":
        self.last = self.tries(step, by=by, **changes)
        assert self.last.status_code == 201, f"{step}: {self.last.text}"
        return self

    def now(self, what: str = "", by: Client | None = None, **query: Any) -> Any:
        """What is read of it once the views are there."""
        return read(by or self.client, f"{self.path}{what}", self.last, **query)


def address(method: str, path: str, coordinator: Client, person: str) -> tuple[str, Any]:
    """A path and a body that are right just now, on a new order that is prepared as the step needs
    it. *person*: somebody registered, who sits in the team from then on."""
    step = path.removeprefix("/api/orders/{order}").removeprefix("/")
    order = Ordered(coordinator, **(MAPPING if step == "steps" else {}))
    if step in {"approval", "return"}:
        order.does("delivery")
    body = dict(BODIES[step]) if method == "POST" else None
    if step == "erasures":
        body = {**BODIES[step], "text_id": order.now("/history")["items"][0]["what"]["text_id"]}
    if step == "responsible":
        seat(coordinator, person)
        body = {"to": person}
    return path.format(order=order.id), body


def seat(client: Client, person: str) -> None:
    """Let *person* sit in the team, if they do not yet."""
    engine, at = client.ledger.engine, Occurred(at=datetime.now(UTC))
    if any(seat.person == person for seat in engine.structure.roster.places[organ_id(TEAM)].seats):
        return
    engine.act(
        Organ,
        organ_id(TEAM),
        lambda organ: organ.take_seat(
            role=SeatRole.MEMBER, person=person, topology=engine.topology, by=ADMIN, at=at
        ),
        command=Command(ADMIN),
    )

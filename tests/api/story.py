"""A case's life over HTTP: a valid body for each command, and the steps that lead up to it."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx

from domain.event import Occurred
from tests.conftest import Client
from tests.lives import Town

TEAM, OTHER_TEAM = "vestre-13-16", "ostre-13-16"
GROUP, BOARD = "koordineringsgruppen", "styret"
SERVICE = "Ungdom og fritid"
SOON = str(date.today() + timedelta(days=30))  # noqa: DTZ011 - a month from now in any time zone

RAISING: dict[str, Any] = {"raised_by": TEAM, "title": "Slåssing ved kjøpesenteret"}

BODIES: dict[str, dict[str, Any]] = {
    "discussions": {"summary": "Flere har sett det.", "conclusion": "continue"},
    "escalations": {
        "to": GROUP, "why": "cannot", "reason": "Gjelder flere skoler.", "tried": "Foreldremøte.",
    },
    "returns": {"to": TEAM, "expectation": "Snakk med klubben."},
    "referrals": {"to": "police", "reason_code": "individual_case"},
    "assignments": {"service": SERVICE, "expectation": "Vær der på fredager.", "due_on": SOON},
    "assignments/{n}/acceptance": {},
    "assignments/{n}/refusal": {"reason": "Vi har ikke folk."},
    "assignments/{n}/completion": {"report": "Vi var der seks fredager."},
    "measures": {
        "title": "Natteravner", "prevention_level": "universal",
        "expected_effect": "Roligere fredager", "evaluate_on": SOON,
    },
    "measures/{n}/evaluation": {"effect": "wanted", "note": "Ingen meldinger på en måned."},
    "answers": {"to": TEAM, "message": "Fritidsklubben tar det."},
    "answers/{n}/acknowledgement": {},
    "notes": {"text": "Ringte rektor."},
    "closure": {"outcome": "resolved", "reason": "Det er rolig der nå."},
    "reopening": {"reason": "Det begynte igjen."},
    "reclassification": {
        "themes": ["vold"], "focus_area": "vold", "prevention_level": "selective",
        "reason": "Det er vold.",
    },
    "links": {"kind": "relates"},
    "pause": {"reason": "Venter på fylket."},
    "resumption": {"reason": "Fylket har svart."},
    "corrections": {"correction": "Det var en torsdag.", "reason": "Feil dag."},
    "reversals": {"reason": "Dette er nå omgjort."},
    "restriction": {"people": [], "reason": "Den er følsom."},
    "restriction/lifting": {"reason": "Det er over."},
    "break-glass": {"reason": "Det haster i kveld."},
    "erasures": {"legal_basis": "confidentiality", "reason": "Den peker ut noen."},
}  # fmt: skip


class Story:
    """One case, told step by step by whoever *client* lets in; fails at a step that is refused."""

    def __init__(self, client: Client, *steps: str, **raising: Any) -> None:
        self.client = client
        self.last = client.post("/api/cases", json=RAISING | raising)
        assert self.last.status_code == 201, self.last.text
        self.number: str = self.last.json()["number"]
        self.path = f"/api/cases/{self.number}"
        for step in steps:
            self.does(step)

    @property
    def case(self) -> dict[str, Any]:
        """The case as the last step left it."""
        return dict(self.last.json())

    def body(self, step: str) -> dict[str, Any]:
        """A valid body for *step*. What it points at is this case's last entry, or a new case."""
        body = dict(BODIES[re.sub(r"/\d+/", "/{n}/", step)])
        if step in {"corrections", "reversals"}:
            body["position"] = self.case["position"]
        if step == "erasures":
            body["text_id"] = self.history()[0]["title"]["text_id"]
        if step == "links":
            body["other"] = Story(self.client).number
        return body

    def tries(
        self, step: str, headers: dict[str, str] | None = None, **changes: Any
    ) -> httpx.Response:
        body = self.body(step) | changes
        return self.client.post(f"{self.path}/{step}", json=body, headers=headers)

    def does(self, step: str, headers: dict[str, str] | None = None, **changes: Any) -> "Story":
        self.last = self.tries(step, headers, **changes)
        assert self.last.status_code == 201, f"{step}: {self.last.text}"
        return self

    def now(self, **query: Any) -> dict[str, Any]:
        """The case as it is read once the views are there."""
        return dict(read(self.client, self.path, self.last, **query))

    def history(self, **query: Any) -> list[dict[str, Any]]:
        return list(read(self.client, f"{self.path}/history", self.last, **query)["items"])


def read(client: Client, path: str, after: httpx.Response | None = None, **query: Any) -> Any:
    """What *path* answers, once the views hold what *after* recorded."""
    headers = {"Loft-Position": after.headers["Loft-Position"]} if after is not None else {}
    answer = client.get(path, params=query or None, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def erased(story: Story, text_id: str) -> int:
    """Take the words of a text out, as an erasure will do it; gives where that was recorded."""
    ledger = story.client.ledger
    at = Occurred(at=datetime.now(UTC))
    seen = Town(ledger).does(story.case["id"], "erase", text_id=text_id, at=at)
    ledger.database.read(
        lambda connection: connection.execute("DELETE FROM texts WHERE id = %s", (text_id,))
    )
    return seen.position


def titles(client: Client, after: httpx.Response | None = None, **query: Any) -> list[str]:
    """The titles of the cases that are listed."""
    return [case["title"] for case in read(client, "/api/cases", after, **query)["items"]]

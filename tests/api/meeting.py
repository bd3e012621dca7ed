"""A meeting over HTTP: a valid body for each command, and the steps that lead up to it."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.api.ordering import ORDERING
from tests.api.story import BOARD, GROUP, TEAM, Story, read
from tests.api.story import BODIES as CASE_BODIES
from tests.conftest import Client

NOW = datetime.now(UTC).replace(microsecond=0)
EARLIER = (NOW - timedelta(hours=2)).isoformat()
LATER = (NOW - timedelta(hours=1)).isoformat()
TOMORROW = (NOW + timedelta(days=1)).isoformat()

BODIES: dict[str, dict[str, Any]] = {
    "moving": {"starts_at": EARLIER, "place": "Rådhuset, rom 4"},
    "cancellation": {"reason": "Halve gruppen er syk."},
    "attendance": {"seats": []},
    "guests": {},
    "guests/{person}/dismissal": {},
    "closure": {},
    "minutes/approval": {},
    "remarks": {"text": "Det var tre skoler."},
    "agenda": {},
    "agenda/items": {"title": "Julebordet"},
    "agenda/arrangement": {"order": [2, 1]},
    "items/{n}/removal": {},
    "items/{n}/postponement": {"reason": "Tiden gikk."},
    "items/{n}/taking-up": {},
    "erasures": {"legal_basis": "recorded_by_mistake", "reason": "Et navn."},
    **{
        f"items/{{n}}/{step}": CASE_BODIES[step]
        for step in ("discussions", "escalations", "returns", "referrals", "assignments",
                     "measures", "answers", "notes", "closure")
    },
    "items/{n}/measures/{measure}/evaluation": CASE_BODIES["measures/{n}/evaluation"],
    "items/{n}/focus-areas": {"key": "natt", "name": "Trygge netter", "year": 2026},
    "items/{n}/plans": {"name": "Handlingsplan", "from": 2026, "to": 2030},
    "items/{n}/orders": ORDERING,
    "items/{n}/withdrawal": {"reason": "Feil sak."},
}  # fmt: skip
"""A valid body for each command on a meeting, but for what points at something that is there."""


class Table:
    """A meeting of the coordination group two hours ago, told step by step by *client*; fails at a
    step that is refused. `last`: what the last step was answered."""

    def __init__(self, client: Client, organ: str = GROUP, **facts: Any) -> None:
        self.client = client
        body = {"organ": organ, "starts_at": EARLIER} | facts
        self.last = client.post("/api/meetings", json=body)
        assert self.last.status_code == 201, self.last.text
        self.id: str = self.last.json()["id"]
        self.path = f"/api/meetings/{self.id}"

    @property
    def meeting(self) -> dict[str, Any]:
        """The meeting as the last step on it left it."""
        return dict(self.last.json())

    def tries(
        self, step: str, headers: dict[str, str] | None = None, **changes: Any
    ) -> httpx.Response:
        key = re.sub(r"^items/\d+/", "items/{n}/", step)
        key = re.sub(r"^guests/[^/]+/", "guests/{person}/", key)
        key = re.sub(r"measures/\d+/", "measures/{measure}/", key)
        body = BODIES[key] | changes
        if step == "agenda/arrangement" and headers is None:
            headers = {"If-Match": self.last.headers["ETag"]}
        return self.client.post(f"{self.path}/{step}", json=body, headers=headers)

    def does(self, step: str, headers: dict[str, str] | None = None, **changes: Any) -> "Table":
        answer = self.tries(step, headers, **changes)
        assert answer.status_code == 201, f"{step}: {answer.text}"
        self.last = answer
        return self

    def takes_up(self, *cases: Story) -> int:
        """Put an item about these cases on the agenda; gives its number."""
        self.does("agenda/items", cases=[case.number for case in cases], title=None)
        return int(self.meeting["items"][-1]["n"])

    def now(self, what: str = "", **query: Any) -> Any:
        """What is read of it once the views are there."""
        return read(self.client, f"{self.path}{what}", self.last, **query)


def at_the_group(client: Client, **raising: Any) -> Story:
    """A case that the coordination group holds."""
    return Story(client, "discussions", "escalations", **raising)


def address(method: str, path: str, coordinator: Client, guest: str) -> tuple[str, Any]:
    """A path and a body that are right just now, on a new meeting: one of the youth team's to
    read, else of the group's, prepared as the step needs it. *guest*: somebody registered."""
    if method == "GET":
        return path.format(meeting=Table(coordinator, TEAM).id), None
    table, step = Table(coordinator), path.removeprefix("/api/meetings/{meeting}/")
    body = dict(BODIES[step])
    if step in {"remarks", "minutes/approval"}:
        table.does("closure")
        body |= {"at_meeting": _later(coordinator)} if step != "remarks" else {}
    if step == "guests":
        body["person"] = guest
    if step == "guests/{person}/dismissal":
        table.does("guests", person=guest)
    if step == "erasures":
        body["text_id"] = text_of(table.does("agenda/items"), "title")
    if step == "agenda/arrangement":
        table.does("agenda/items").does("agenda/items", title="Budsjettet")
    if "{n}" in step:
        body |= _prepared(table, step)
    return path.format(meeting=table.id, n=1, measure=1, person=guest), body


def text_of(table: Table, field: str) -> str:
    """The id of the newest text in this *field* of the meeting's history."""
    entries = table.now("/history")["items"]
    return str(next(e[field]["text_id"] for e in reversed(entries) if e.get(field)))


def _later(client: Client) -> str:
    return Table(client, starts_at=LATER).id


def _prepared(table: Table, step: str) -> dict[str, Any]:
    """Put a case on the agenda, with what *step* needs; gives what its body must say."""
    story = at_the_group(table.client)
    n = table.takes_up(story)
    if "taking-up" in step:
        table.does(f"items/{n}/postponement")
    if "evaluation" in step:
        table.tries(f"items/{n}/measures")
    if "withdrawal" in step:
        return {"position": table.tries(f"items/{n}/notes").json()["position"]}
    if step.endswith(("focus-areas", "plans", "orders")):
        return {"acting_for": BOARD}
    if "escalations" in step:
        return {"to": BOARD, "urgent": True}
    return {}

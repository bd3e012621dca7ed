"""Every door of the API: who it is for, and how a right request to it looks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle
from typing import Any
from uuid import uuid4

import httpx

from api import hooks, kept_tokens
from api.installation import OpenLedger
from api.kept_tokens import listed
from domain.actor import Role
from domain.event import Occurred
from domain.person import Person, person_id
from domain.rights import Action
from ledger.commands import Command
from tests.api import annual, meeting, ordering, texts
from tests.api.story import BOARD, GROUP, RAISING, TEAM, Story
from tests.conftest import Client
from tests.lives import ADMIN, until

DISCUSSED = ("discussions",)
LIFTED = (*DISCUSSED, "escalations")
ASSIGNED = ("assignments",)
MEASURED = ("measures",)
ANSWERED = ("answers",)
CLOSED = ("closure",)
PAUSED = ("pause",)
RESTRICTED = ("restriction",)
PERSON = "p-000000000001"
"""Somebody who is registered wherever a door asks for a person."""
ANOTHER = "a coordinator who is not named"
POLICY: dict[str, Any] = {
    "standing": [{"status": "raised", "level": "executing", "days": 15}],
    "acceptance_days": 5, "assignment_days": 30, "answer_days": 10, "warn_days": 2,
    "nudge_days": 5, "counts": "working", "july_stands_still": True, "free_days": ["2026-12-24"],
}  # fmt: skip
_DAYS = cycle(range(30, 1000))
PERSONALLY = "a person; a machine has nothing to confirm"


@dataclass(frozen=True)
class Door:
    """An operation of the API. `action` is None where everybody is let in; `before`: what the
    case in the path has lived through when the request is right; `query`: what it must ask;
    `by`: who alone can rightly ask, where not everybody who is let in can: the door then has tests
    of its own. `records`: a right command appends an event."""

    method: str
    path: str
    action: Action | None
    body: dict[str, Any] | None = None
    before: tuple[str, ...] = ()
    query: str = ""
    by: str | None = None
    records: bool = True

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def step(self) -> str:
        return self.path.removeprefix("/api/cases/{case}/").replace("{n}", "1")

    @property
    def is_about_a_case(self) -> bool:
        return "{case}" in self.path

    def address(
        self, coordinator: Client, client: Client | None = None
    ) -> tuple[str, dict[str, Any] | None]:
        """A path and a body that are right just now, for *client* or for the *coordinator*. What
        is restricted before names the client."""
        if "{meeting}" in self.path:
            register(coordinator.ledger)
            path, body = meeting.address(self.method, self.path, coordinator, PERSON)
            return path + self.query, body
        if "{order}" in self.path:
            register(coordinator.ledger)
            path, body = ordering.address(self.method, self.path, coordinator, PERSON)
            return path + self.query, body
        if "{year}" in self.path:
            path, body = annual.address(self.method, self.path, coordinator)
            return path + self.query, body
        if not self.is_about_a_case:
            if self.path.endswith("/erasures"):
                return self._with_a_text(coordinator)
            key = "vold" if "focus-areas" in self.path else "kjernegruppen"
            if "person" in self.path or "person" in (self.body or {}):
                register(coordinator.ledger)
            token = _a_token(coordinator) if "{token}" in self.path else ""
            path = self.path.format(
                key=key,
                n=1,
                service="utekontakt",
                person=PERSON,
                token=token,
                position=_an_erasure(coordinator) if "{position}" in self.path else 0,
                secret=_a_calendar(coordinator) if "{secret}" in self.path else "",
                webhook=_a_webhook(coordinator) if "{webhook}" in self.path else "",
            )
            body = another_policy() if path == "/api/policy" and self.body else self.body
            return path + self.query, body
        story = Story(coordinator)
        for step in self.before:
            named = step == "restriction" and self.by is None and client is not None
            story.does(step, **({"people": [client.get("/api/me").json()["id"]]} if named else {}))
        if self.step.endswith("responsible"):
            register(coordinator.ledger)
            ordering.seat(coordinator, PERSON)
            story.does("assignments", service=TEAM)
            return self.path.format(case=story.number, n=1), {"to": PERSON}
        body = story.body(self.step) if self.method == "POST" else None
        position = story.case["position"]
        return self.path.format(case=story.number, n=1, position=position) + self.query, body

    def _with_a_text(self, client: Client) -> tuple[str, dict[str, Any]]:
        """An erasure in what is no case."""
        kind, key = self.path.split("/")[2], f"x-{uuid4().hex[:12]}"
        body = {**(self.body or {}), "text_id": texts.typed(client.ledger, kind, key)}
        return self.path.format(key=key, service=key, person=key), body

    def knock(self, client: Client, coordinator: Client) -> httpx.Response:
        """The right request of *client*; what it needs is there thanks to *coordinator*."""
        path, body = self.address(coordinator, client)
        size = coordinator.get("/readyz").json()["ledger_size"]
        headers = {"Loft-Position": str(size), **self.headers}
        if self.never_ends:
            headers["Last-Event-ID"] = "?"
        if self.path.endswith("/certificate"):
            until(lambda: coordinator.get(path).status_code != 503)
        return client.request(self.method, path, json=body, headers=headers)

    @property
    def headers(self) -> dict[str, str]:
        """An agenda is arranged as it was read: the new meeting's, with two items."""
        return {"If-Match": '"3"'} if self.path.endswith("arrangement") else {}

    @property
    def never_ends(self) -> bool:
        """A stream goes on for ever, so it is asked for from nowhere: 422 for whoever is let in."""
        return self.path == "/api/stream"

    @property
    def opens(self) -> int:
        """The status of the answer to a right request."""
        if self.by == PERSONALLY:
            return 404
        if self.method == "DELETE":
            return 204
        return 422 if self.never_ends else 201 if self.method == "POST" else 200


def another_policy() -> dict[str, Any]:
    """One that has not been set yet: the one that holds is not set again."""
    return POLICY | {"assignment_days": next(_DAYS)}


def _a_token(client: Client) -> str:
    """The id of a token that nobody uses."""
    kept_tokens.create_token(client.ledger.database, "unused", Role.REPORTER)
    return listed(client.ledger.database)[-1].id


def _a_calendar(client: Client) -> str:
    """The last part of a calendar's address."""
    path = client.post(f"/api/organs/{GROUP}/calendar", json={}).json()["path"]
    return str(path).rpartition("/")[2]


def _an_erasure(client: Client) -> int:
    """Where a text of a meeting was erased."""
    table = meeting.Table(client)
    table.does("erasures", text_id=meeting.text_of(table.does("agenda/items"), "title"))
    return int(table.last.headers["Loft-Position"])


def _a_webhook(client: Client) -> str:
    """The id of a new webhook."""
    seal = client.app.state.means.seal
    with client.ledger.database.connection() as connection:
        url = "https://192.0.32.8/loft"
        return hooks.register(connection, seal, url=url, events=["CaseClosed"], by="a-5")[0]


def register(ledger: OpenLedger) -> None:
    """Let PERSON be registered."""
    if PERSON not in ledger.engine.structure.roster.roles:
        at = Occurred(at=datetime.now(UTC))
        ledger.engine.begin(
            Person,
            person_id(PERSON),
            lambda: Person.register(person=PERSON, name=None, by=ADMIN, at=at),
            command=Command(ADMIN),
        )


def _casework() -> Iterator[Door]:
    case, work = "/api/cases/{case}/", Action.CASEWORK
    yield Door("POST", "/api/cases", Action.RAISE, RAISING)
    for step, before in {
        "discussions": (), "escalations": DISCUSSED, "returns": LIFTED, "referrals": (),
        "assignments": (), "measures": (), "measures/{n}/evaluation": MEASURED, "answers": (),
        "notes": (), "closure": (), "reopening": CLOSED, "reclassification": (), "links": (),
        "pause": (), "resumption": PAUSED, "corrections": (), "reversals": CLOSED, "erasures": (),
    }.items():  # fmt: skip
        yield Door("POST", case + step, work, before=before)
    for answer in ("acceptance", "refusal", "completion"):
        path = f"{case}assignments/{{n}}/{answer}"
        yield Door("POST", path, Action.ANSWER_ASSIGNMENT, before=ASSIGNED)
    path = f"{case}assignments/{{n}}/responsible"
    yield Door("POST", path, Action.ANSWER_ASSIGNMENT)
    yield Door("POST", case + "restriction", Action.RESTRICT)
    yield Door("POST", case + "restriction/lifting", Action.RESTRICT, before=RESTRICTED)
    yield Door("POST", case + "break-glass", Action.BREAK_GLASS, before=RESTRICTED, by=ANOTHER)
    path = case + "answers/{n}/acknowledgement"
    yield Door("POST", path, Action.ACKNOWLEDGE, before=ANSWERED)


def _structure() -> Iterator[Door]:
    """In an order in which each can be asked for after those before it."""
    organ = {"key": "elevraadet", "name": "Elevrådet", "level": "executing", "kind": "council"}
    for path, body in {
        "organs": organ,
        "organs/{key}/seats": {"role": "member", "represents": "skolen"},
        "organs/{key}/seats/{n}/departure": {"left_on": "2026-01-01"},
        "organs/{key}/mandate": {"mandate": "Følger opp enkeltsaker."},
        "organs/{key}/cadence": {"cadence": {"every_weeks": 3}},
        "organs/{key}/quorum": {"seats": 3},
        "organs/{key}/placement": {"parent": BOARD, "lifts_to": [BOARD]},
        "organs/{key}/renaming": {"name": "Kjernen"},
        "organs/{key}/dissolution": {"reason": "Oppgaven er løst."},
        "municipality/themes": {"themes": ["rus", "vold", "natt"]},
        "services": {"name": "Natteravnene"},
        "services/{service}/renaming": {"name": "Utekontakt"},
        "services/{service}/seats": {"role": "member", "person": PERSON},
        "services/{service}/seats/{n}/departure": {"left_on": "2026-01-01"},
        "services/{service}/merger": {"into": "NAV"},
        "municipality/confidentiality": {"text": "Vi tier om det vi hører."},
        "persons": {"name": "Kari Nordmann"},
        "persons/{person}/roles": {"role": "auditor"},
        "persons/{person}/roles/withdrawal": {"role": "auditor"},
    }.items():
        yield Door("POST", f"/api/{path}", Action.STRUCTURE, body)
    yield from _erasing()
    path = "/api/persons/{person}/invitation"
    yield Door("POST", path, Action.STRUCTURE, {}, records=False)
    text = {"text_version": 0}
    yield Door("POST", "/api/me/confidentiality", Action.BE_KNOWN, text, by=PERSONALLY)


def _erasing() -> Iterator[Door]:
    """Of words in what is no case."""
    body = {"legal_basis": "recorded_by_mistake", "reason": "Et navn."}
    for path in ("organs/{key}", "services/{service}", "persons/{person}", "municipality"):
        yield Door("POST", f"/api/{path}/erasures", Action.STRUCTURE, body)
    yield Door("POST", "/api/plan/erasures", Action.PLAN, body)
    path = "/api/erasures/{position}/certificate"
    yield Door("GET", path, Action.READ_PEOPLE)


def _meetings() -> Iterator[Door]:
    convening = {"organ": GROUP, "starts_at": meeting.EARLIER}
    yield Door("POST", "/api/meetings", Action.MEET, convening)
    own = "/api/meetings/{meeting}/"
    for step in meeting.BODIES:
        by_hand = step.endswith(("removal", "postponement", "taking-up"))
        logs = step.startswith("items/") and not by_hand
        action = Action.CASEWORK if logs else Action.MEET
        other = {"focus-areas": Action.PLAN, "plans": Action.PLAN, "orders": Action.ORDER}
        yield Door("POST", own + step, other.get(step.rpartition("/")[2], action))
    yield Door("POST", "/api/organs/{key}/calendar", Action.MEET, {}, records=False)
    yield Door("DELETE", "/api/organs/{key}/calendar", Action.MEET)
    path = "/api/me/calendar"
    yield Door("POST", path, Action.BE_KNOWN, {}, by=PERSONALLY, records=False)
    yield Door("DELETE", path, Action.BE_KNOWN)
    yield Door("GET", "/api/meetings", Action.READ_MEETINGS)
    for path in ("", "/agenda", "/minutes", "/pack", "/history"):
        yield Door("GET", "/api/meetings/{meeting}" + path, Action.READ_MEETINGS)
    for path in ("cadences", "organs/{key}/cadence"):
        yield Door("GET", f"/api/{path}", Action.READ_ORGANS)
    yield Door("GET", "/calendars/{secret}", None)


def _orders() -> Iterator[Door]:
    yield Door("POST", "/api/orders", Action.ORDER, ordering.ORDERING)
    own = "/api/orders/{order}"
    for step in ordering.ANSWERS:
        yield Door("POST", f"{own}/{step}", Action.ANSWER_ORDER)
    for step in ordering.JUDGEMENTS:
        yield Door("POST", f"{own}/{step}", Action.ORDER)
    for path in ("/api/orders", own, f"{own}/history"):
        yield Door("GET", path, Action.READ_ORDERS)
    yield Door("GET", "/api/me/work", Action.READ_CASES)


def _deadlines() -> Iterator[Door]:
    yield Door("PUT", "/api/policy", Action.SET_POLICY, POLICY)
    yield Door("GET", "/api/policy", Action.READ_PLAN)
    yield Door("GET", "/api/deadlines", Action.READ_CASES)
    yield Door("GET", "/api/answers-owed", Action.READ_CASES)


def _annual() -> Iterator[Door]:
    own = "/api/reports/annual/{year}"
    for path in ("/api/reports/annual", own, f"{own}/history"):
        yield Door("GET", path, Action.READ_ANNUAL)
    yield Door("POST", f"{own}/feedback", Action.GIVE_FEEDBACK)
    for step in ("sections/{section}", "freezing", "erasures"):
        yield Door("POST", f"{own}/{step}", Action.WRITE_ANNUAL)


def _plan() -> Iterator[Door]:
    board = {"acting_for": BOARD}
    for path, body in {
        "focus-areas": {"key": "trygghet", "name": "Trygge fredager", "year": 2026} | board,
        "focus-areas/{key}/renaming": {"name": "Mindre vold", "year": 2016} | board,
        "focus-areas/{key}/work": {"year": 2026, "what": "Foredrag på alle skoler"},
        "plans": {"name": "Handlingsplan", "from": 2026, "to": 2030} | board,
        "observations": {"source": "police", "text": "Mer vold", "theme": "vold"},
    }.items():
        yield Door("POST", f"/api/{path}", Action.PLAN, body)


def _reading() -> Iterator[Door]:
    for path in ("cases", "cases/{case}", "cases/{case}/history", "audit/decisions", "stream"):
        yield Door("GET", f"/api/{path}", Action.READ_CASES)
    yield Door("GET", "/api/cases/{case}/changes", Action.READ_CASES, query="?from=1")
    path = "/api/cases/{case}/erasures/{position}/certificate"
    yield Door("GET", path, Action.READ_CASES, before=("erasures",))
    yield Door("GET", "/api/cases/{case}/readers", Action.READ_READERS)
    yield Door("GET", "/api/audit/accesses", Action.READ_ACCESSES)
    yield Door("GET", "/api/audit/credentials", Action.READ_CREDENTIALS)
    yield Door("GET", "/api/persons", Action.READ_PEOPLE)
    for path in ("me", "notices"):
        yield Door("GET", f"/api/{path}", Action.BE_KNOWN)
    for path in ("organs", "organs/{key}"):
        yield Door("GET", f"/api/{path}", Action.READ_ORGANS)
    yield Door("GET", "/api/persons/{person}/history", Action.READ_PEOPLE)
    for path in ("organs/{key}/history", "services/{service}/history", "municipality/history",
                 "plan/history"):  # fmt: skip
        yield Door("GET", f"/api/{path}", Action.READ_PLAN)
    for path in ("municipality", "services", "focus-areas", "plans", "work", "methods",
                 "observations"):  # fmt: skip
        yield Door("GET", f"/api/{path}", Action.READ_PLAN)
    for path in ("overview", "flow", "channels", "measures"):
        yield Door("GET", f"/api/reports/{path}", Action.READ_REPORTS)
    for path, query in {
        "checkpoint": "", "checkpoints": "", "keys": "",
        "proofs/inclusion": "?position=1&size=2", "proofs/consistency": "?from=1&to=2",
    }.items():  # fmt: skip
        yield Door("GET", f"/api/ledger/{path}", Action.CHECK, query=query)
    yield Door("POST", "/api/ledger/checkpoints", Action.SIGN, records=False)
    yield Door("GET", "/api/tokens", Action.TOKENS)
    body = {"name": "dashboard", "role": "reporter"}
    yield Door("POST", "/api/tokens", Action.TOKENS, body, records=False)
    yield Door("POST", "/api/tokens/{token}/revocation", Action.TOKENS, records=False)
    for path in ("/healthz", "/readyz", "/metrics"):
        yield Door("GET", path, None)


def _notices() -> Iterator[Door]:
    yield Door("POST", "/api/notices/read", Action.BE_KNOWN, {"position": 1}, records=False)
    yield Door("GET", "/api/notices/parked", Action.DELIVER)
    path = "/api/notices/parked/release"
    yield Door("POST", path, Action.DELIVER, {"channel": "mail"}, records=False)
    path, choice = "/api/me/notices", {"address": "a@example.no", "mode": "none"}
    yield Door("GET", path, Action.BE_KNOWN)
    yield Door("PUT", path, Action.BE_KNOWN, choice, by=PERSONALLY, records=False)
    yield Door("DELETE", path, Action.BE_KNOWN)
    yield Door("GET", "/api/webhooks", Action.DELIVER)
    body = {"url": "https://192.0.32.8/loft"}
    yield Door("POST", "/api/webhooks", Action.DELIVER, body, records=False)
    own = "/api/webhooks/{webhook}"
    yield Door("GET", own, Action.DELIVER)
    for step, said in {"rotation": {"hours": 1}, "release": {}}.items():
        yield Door("POST", f"{own}/{step}", Action.DELIVER, said, records=False)
    yield Door("DELETE", own, Action.DELIVER)


def _every() -> Iterator[Door]:
    for part in (
        _casework, _structure, _meetings, _orders, _deadlines, _annual, _plan, _reading, _notices,
    ):  # fmt: skip
        yield from part()


DOORS = {door.name: door for door in _every()}
COMMANDS = [door for door in DOORS.values() if door.method == "POST" and door.records]

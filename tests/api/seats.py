"""People with seats, and clients that they are let in by."""

from datetime import UTC, date, datetime
from typing import Any

from api import kept_tokens
from domain.actor import Role
from domain.event import OSLO
from domain.seat import SeatRole
from tests.conftest import Client


def today() -> date:
    """In Oslo, where the rules count days: tests may begin before midnight and end after it."""
    return datetime.now(UTC).astimezone(OSLO).date()


def person(administrator: Client, *roles: Role, confirms: bool = True) -> Client:
    """A client that lets in as a new person, who has confirmed confidentiality; `id` is theirs."""
    made = _told(administrator.post("/api/persons", json={}))
    for role in roles:
        _told(administrator.post(f"/api/persons/{made['id']}/roles", json={"role": role.value}))
    token = kept_tokens.create_token(
        administrator.ledger.database, "test", Role.MEMBER, None, made["id"]
    )
    client = Client(administrator.app, headers={"Authorization": f"Bearer {token}"})
    client.ledger, client.portal = administrator.ledger, administrator.portal
    client.id = made["id"]
    if confirms and roles:
        confirm(client)
    return client


def confirm(client: Client) -> None:
    """Once there is a seat or a role to be let in by."""
    version = _told(client.get("/api/me"))["confidentiality"]["text_version"]
    _told(client.post("/api/me/confidentiality", json={"text_version": version}))


def sits(
    administrator: Client,
    who: Client,
    place: str,
    *,
    taken_on: date | None = None,
    until: date | None = None,
    role: SeatRole = SeatRole.MEMBER,
) -> int:
    """Give *who* a seat in a *place* (`organs/KEY` or `services/NAME`); gives its number."""
    body: dict[str, Any] = {"person": who.id, "role": role.value}
    body |= {"taken_on": str(taken_on)} if taken_on else {}
    body |= {"until": str(until)} if until else {}
    return int(_told(administrator.post(f"/api/{place}/seats", json=body))["seats"][-1]["n"])


def leaves(administrator: Client, place: str, n: int) -> None:
    _told(administrator.post(f"/api/{place}/seats/{n}/departure", json={"left_on": str(today())}))


def _told(answer: Any) -> dict[str, Any]:
    assert answer.status_code in {200, 201}, answer.text
    return dict(answer.json())

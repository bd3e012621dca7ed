"""How a page comes to its desk: by the session alone, and a form by what stands in it."""

import secrets
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Request

from api import page
from api.auth import Admitted, admitted
from api.desk import Desk
from api.moments import is_position
from api.pages.shell import SEEN
from api.problems import NotThereYet
from api.seating import PATIENCE, desk_for, opened, signed
from api.sign_ins import local
from domain.event import OSLO
from domain.rights import Action
from ledger.commands import Command

KEY = "key"
"""The field of a form that makes it count once, however often it is sent."""
VERSION = "version"
CSRF = "csrf"
BACK = "return_to"
ASIDE = (KEY, VERSION, CSRF)
"""Fields that are no part of what is said."""


def looking(action: Action, **how: Any) -> Any:  # noqa: ANN401 - a FastAPI dependency
    """A desk to look at a page from. It waits for what the same browser has just recorded."""

    async def sit(
        _seen: Annotated[None, Depends(_wait_for_own)],
        desk: Annotated[Desk, opened(action, **how)],
    ) -> Desk:
        return desk

    return Depends(sit)


async def _wait_for_own(request: Request) -> None:
    """Refuses with `NotThereYet`: a page without it would look as if it had been lost. What comes
    after the position that the views are at then, the page may not show yet."""
    seen = request.cookies.get(SEEN, "")
    if is_position(seen) and not await request.app.state.progress.reached(int(seen), PATIENCE):
        raise NotThereYet
    request.state.since = request.app.state.progress.position


class Sent:
    """A form that was sent: the desk at which it is dealt with, and its fields."""

    def __init__(self, desk: Desk, fields: dict[str, list[str]]) -> None:
        self.desk = desk
        self.fields = {name: its for name, its in fields.items() if name not in ASIDE}

    def one(self, name: str) -> str:
        return self.fields.get(name, [""])[-1].strip()

    def onward(self, address: str) -> str:
        """Where to go on once it is done: back to the page that the form stood on, where it says
        so, else to *address*."""
        back = self.one(BACK)
        return local(back) if back else address


def sending(action: Action) -> Any:  # noqa: ANN401 - a FastAPI dependency
    """A form to be dealt with, for whoever may do *action*."""

    async def sit(request: Request) -> Sent:
        request.state.since = request.app.state.progress.position
        fields = await page.fields(request)
        request.state.csrf = fields.get(CSRF, [""])[-1]
        who: Admitted = await admitted(action)(request)
        key, version = fields.get(KEY, [""])[-1], fields.get(VERSION, [""])[-1]
        known = 0 < len(key) <= 60 and key.isascii() and key.isalnum()
        command = Command(
            actor=who.actor,
            key=f"page-{key}" if known else None,
            request_hash=await signed(request) if known else "",
            if_version=int(version) if is_position(version) and len(version) < 10 else None,
            correlation_id=request.state.request_id,
        )
        desk = replace(desk_for(request, who, command), _commands=True)
        return Sent(desk, fields)

    return Depends(sit)


def fresh_key() -> str:
    """For the next form."""
    return secrets.token_hex(16)


def moment(written: str) -> datetime:
    """Of a field for a day and a time, as browsers send it: in Oslo's time."""
    return datetime.fromisoformat(written).replace(tzinfo=OSLO).astimezone(UTC)

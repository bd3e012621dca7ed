"""What stands around each page: who looks at it, what they may do, and where to go from here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Response
from fastapi.responses import HTMLResponse

from api import page, sessions
from api.desk import Desk
from api.language import say, spoken_to
from domain.rights import Action, hat
from ledger.texts import words_of
from projections import case_status, notices
from projections.case_status import CaseFilter
from projections.readership import hidden_from

PLACES = (
    ("/", say("Start"), Action.BE_KNOWN),
    ("/cases", say("Cases"), Action.READ_CASES),
    ("/meetings", say("Meetings"), Action.READ_MEETINGS),
    ("/orders", say("Orders"), Action.READ_ORDERS),
    ("/decisions", say("Decisions"), Action.READ_CASES),
    ("/reports", say("Reports"), Action.READ_REPORTS),
    ("/proof", say("Proof"), Action.CHECK),
    ("/structure", say("Structure"), Action.READ_ORGANS),
)
"""Where one goes from anywhere, what that is called, and who may."""


MANY_UNREAD = 100


@dataclass(frozen=True)
class Viewer:
    """Who looks at a page. `name` is missing where it was not given, or was erased."""

    id: str
    name: str | None
    roles: tuple[str, ...]
    may: frozenset[str]
    """The names of the actions that are theirs."""
    csrf: str
    unread: int
    """How many notices they have not read, counted as far as `MANY_UNREAD`."""


def viewer_of(desk: Desk) -> Viewer:
    secret = desk.request.cookies.get(sessions.COOKIE, "")
    return Viewer(
        id=desk.standing.id,
        name=person_names(desk, [desk.standing.id]).get(desk.standing.id),
        roles=tuple(sorted(role.value for role in desk.standing.roles)),
        may=frozenset(one.name for one in Action if hat(desk.standing, one) is not None),
        csrf=sessions.csrf_of(secret),
        unread=notices.unread(
            desk.database,
            desk.standing.id,
            hidden=hidden_from(desk.database, sorted(desk.marks)),
            most=MANY_UNREAD,
        ),
    )


def shown(desk: Desk, template: str, status: int = 200, **facts: Any) -> HTMLResponse:  # noqa: ANN401
    """A page for whoever sits at *desk*."""
    viewer = viewer_of(desk)
    return page.shown(
        desk.request,
        template,
        status,
        viewer=viewer,
        places=[(at, name) for at, name, action in PLACES if action.name in viewer.may],
        names=Names(desk.structure.names),
        today=desk.today,
        since=getattr(desk.request.state, "since", None),
        **facts,
    )


def spoken(desk: Desk, sentence: str) -> str:
    return spoken_to(desk.request).gettext(sentence)


@dataclass(frozen=True)
class Names:
    """What organs, services and focus areas are called. What has no name goes by its key."""

    of: Mapping[str, str]

    def organ(self, key: str | None) -> str:
        return self._of("organ", key)

    def service(self, key: str | None) -> str:
        return self._of("service", key)

    def focus_area(self, key: str | None) -> str:
        return self._of("focus-area", key)

    def place(self, key: str | None) -> str:
        """Of an organ, else of a service."""
        return self.of.get(f"organ:{key}") or self._of("service", key)

    def _of(self, kind: str, key: str | None) -> str:
        return self.of.get(f"{kind}:{key}") or (key or "")


def person_names(desk: Desk, ids: Iterable[str]) -> dict[str, str]:
    """What people are called, by id, as far as whoever asks may know and the names stand."""
    everybody = hat(desk.standing, Action.READ_PEOPLE) is not None
    wanted = {one for one in ids if everybody or one == desk.standing.id}
    called = desk.structure.persons
    texts = {one: called[one].id for one in wanted & called.keys()}
    words = words_of(desk.database, list(texts.values())) if texts else {}
    return {one: words[text] for one, text in texts.items() if text in words}


def case_numbers(desk: Desk, ids: Iterable[str]) -> dict[str, str]:
    """The numbers of these cases, by id, as far as whoever asks may read them."""
    wanted = sorted(ids)
    if not wanted:
        return {}
    rows = case_status.listed(
        desk.sight, CaseFilter(), today=desk.today, only=wanted, limit=len(wanted) + 1
    )
    return {row.case.id: row.case.number or "" for row in rows}


def to(desk: Desk, address: str) -> Response:
    """On to another page, once the views hold what was just recorded."""
    position = getattr(desk.request.state, "position", None)
    onward = page.to(address)
    if position is not None:
        onward.set_cookie(
            SEEN, str(position), max_age=60, path="/", secure=True, httponly=True, samesite="lax"
        )
    return onward


SEEN = "loft-position"
"""A cookie for a minute: the position of what this browser has recorded last, so that the next
page waits for it."""

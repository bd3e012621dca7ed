"""What has changed, told to the pages that are open: which lives, and not what became of them."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from sse_starlette import EventSourceResponse, ServerSentEvent

from api.desk import Desk
from api.moments import is_position
from api.page import Page
from api.seating import HeaderMalformed, opened
from api.stream import LOOK, Told, still, told
from domain.rights import Action, hat
from projections import audit_trail, notices, orders
from projections.place import followed
from projections.readership import hidden_from

router = APIRouter(route_class=Page, include_in_schema=False)
FAR = 1000
"""After so many entries that a page has not heard of, it looks at everything anew."""
EVERYTHING = "everything"
WORDS = {
    "meetings": (Action.READ_MEETINGS, {"meeting"}),
    "structure": (Action.READ_ORGANS, {"organ", "service", "plan", "municipality"}),
    "people": (Action.READ_PEOPLE, {"person"}),
}
"""Who is told that something has happened to any life of these kinds."""


@router.get("/live", response_class=EventSourceResponse)
async def live(
    request: Request,
    desk: Annotated[Desk, opened(Action.BE_KNOWN)],
    after: Annotated[str, Query(max_length=18)] = "0",
    last_event_id: Annotated[str | None, Header(max_length=18)] = None,
) -> EventSourceResponse:
    """The parts of pages that have something new to show, as words: `cases` and the id of each
    case, `orders` and the stream of each order, `meetings`, `structure` (organs, services, the plan
    and the municipality), `people`, `notices`. Of what whoever listens may read, and nothing of the
    rest. Begins after the position that the page was drawn at."""
    begin = last_event_id or after
    if not is_position(begin):
        raise HeaderMalformed
    look = told(request.app.state.progress, int(begin), lambda after: _look(desk, after))
    return EventSourceResponse(look, ping=LOOK)


def _look(desk: Desk, after: int) -> Told | None:
    now = still(desk, Action.BE_KNOWN)
    if now is None:
        return None
    until = now.database.read(followed)
    after = min(after, until)  # what was restored from a backup may be shorter than it was
    words = " ".join(_changed(now, after, until)) if until > after else ""
    return [ServerSentEvent(id=str(until), event="changed", data=words)] if words else [], until


def _changed(desk: Desk, after: int, until: int) -> Iterator[str]:
    if until - after > FAR:
        yield EVERYTHING
        return
    if hat(desk.standing, Action.READ_CASES) is not None:
        cases = audit_trail.changed(desk.sight, after=after, until=until)
        yield from ["cases", *cases] if cases else []
    if hat(desk.standing, Action.READ_ORDERS) is not None:
        streams = orders.changed(desk.sight, after=after, until=until)
        yield from ["orders", *streams] if streams else []
    kinds = set(audit_trail.kinds(desk.sight, after=after, until=until))
    yield from [
        word for word, (action, of) in WORDS.items()
        if kinds & of and hat(desk.standing, action) is not None
    ]  # fmt: skip
    hidden = hidden_from(desk.database, sorted(desk.marks))
    if notices.notices(desk.database, desk.standing.id, as_of=until, after=after, limit=1,
                       hidden=hidden):  # fmt: skip
        yield "notices"

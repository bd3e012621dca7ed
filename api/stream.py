"""What happens, as it happens: server-sent events, without words."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from api.auth import authenticate
from api.desk import Desk
from api.moments import is_position
from api.problems import Unauthenticated, declared
from api.seating import HeaderMalformed, opened
from api.worker import Progress
from domain.event import utc
from domain.rights import Action, hat
from ledger.stored import Entry, canonical
from projections import audit_trail
from projections.place import followed

router = APIRouter(prefix="/api", tags=["stream"])

LOOK = 15.0
"""Seconds between looks whether the one who listens is still there."""
STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}},
    **declared(401, 403, 422, 503),
}


@router.get("/stream", response_class=EventSourceResponse, responses=STREAM)
async def stream(
    request: Request,
    desk: Annotated[Desk, opened(Action.READ_CASES)],
    last_event_id: Annotated[str | None, Header(max_length=30)] = None,
) -> EventSourceResponse:
    """Each entry of a case with its position as event id: what, which case and version, who; of a
    correction and a reversal also the position that it refers to.
    Begins after `Last-Event-ID`; without it, with what happens from now on."""
    progress: Progress = request.app.state.progress
    if last_event_id is None:
        after = await run_in_threadpool(desk.database.read, followed)
    elif is_position(last_event_id) and int(last_event_id) < 2**62:
        after = int(last_event_id)
    else:
        raise HeaderMalformed
    return EventSourceResponse(told(progress, after, lambda after: _look(desk, after)), ping=LOOK)


Told = tuple[Sequence[ServerSentEvent], int]
"""What is told, and the position up to which that is all."""


async def told(
    progress: Progress, after: int, look: Callable[[int], Told | None]
) -> AsyncIterator[ServerSentEvent]:
    """What *look* finds after a position, from *after* on, as long as it finds anybody there. A
    thread is used for each look into the ledger, none while waiting."""
    while True:
        known = progress.position  # before the look: what comes during it must not be waited for
        found = await run_in_threadpool(look, after)
        if found is None:
            return
        events, after = found
        for event in events:
            yield event
        if not events:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(progress.moved(beyond=known), LOOK)


def still(desk: Desk, action: Action) -> Desk | None:
    """The desk of the same person as they stand now; None for somebody who may not do *action* any
    more: a stream ends with the token or the session of the one who listens."""
    state = desk.request.app.state
    try:
        standing = authenticate(desk.engine, state.sign_in, desk.shown, state.uses)
    except Unauthenticated:
        return None
    if hat(standing, action) is None:
        return None
    return replace(desk, standing=standing, now=datetime.now(UTC))


def _look(desk: Desk, after: int) -> Told | None:
    """What has happened since that they may read by now."""
    now = still(desk, Action.READ_CASES)
    if now is None:
        return None
    entries = audit_trail.news(now.sight, after=after)
    return [_event(entry) for entry in entries], entries[-1].id if entries else after


def _event(entry: Entry) -> ServerSentEvent:
    return ServerSentEvent(id=str(entry.id), event=entry.topic, data=_data(entry))


def _data(entry: Entry) -> str:
    about = {"refers_to": entry.data["position"]} if "position" in entry.data else {}
    return canonical(
        {
            "position": entry.id,
            "case": str(entry.originator_id),
            "version": entry.originator_version,
            "event": entry.topic,
            "actor": entry.actor,
            "recorded_at": utc(entry.recorded_at),
            **about,
        }
    )

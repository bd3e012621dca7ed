"""What happens, as it happens: server-sent events, without words."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
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
    return EventSourceResponse(_news(desk, progress, after), ping=LOOK)


async def _news(desk: Desk, progress: Progress, after: int) -> AsyncIterator[ServerSentEvent]:
    """A thread is used for each look into the ledger, none while waiting. Ends with the token of
    the one who listens."""
    while True:
        known = progress.position  # before the look: what comes during it must not be waited for
        entries = await run_in_threadpool(_look, desk, after)
        if entries is None:
            return
        for entry in entries:
            after = entry.id
            yield ServerSentEvent(id=str(entry.id), event=entry.topic, data=_data(entry))
        if not entries:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(progress.moved(beyond=known), LOOK)


def _look(desk: Desk, after: int) -> list[Entry] | None:
    """What has happened since that they may read by now; None for somebody who is not let in any
    more."""
    state = desk.request.app.state
    try:
        standing = authenticate(desk.engine, state.sign_in, desk.shown, state.uses)
    except Unauthenticated:
        return None
    if hat(standing, Action.READ_CASES) is None:
        return None
    now = replace(desk, standing=standing, now=datetime.now(UTC))
    return audit_trail.news(now.sight, after=after)


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

"""What each request leaves behind: one log line and its measures, and never a word of it."""

import time
import traceback
from pathlib import Path
from uuid import uuid4

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.page import refused
from api.problems import unexpected

log = structlog.get_logger()


class Measures:
    """The metrics of one server."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Histogram(
            "loft_request_seconds",
            "Seconds that a request took.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.recorded = Counter(
            "loft_commands_recorded", "Commands that this server recorded.", registry=self.registry
        )
        self.size = Gauge("loft_ledger_size", "Events in the ledger.", registry=self.registry)
        self.followed = Gauge(
            "loft_views_position",
            "The position that the views have reached.",
            registry=self.registry,
        )
        self.parked = Gauge(
            "loft_parked_lives", "Lives that a view could not take in.", registry=self.registry
        )
        self.waiting = Gauge(
            "loft_notices_waiting", "Notices that wait to be sent by now.", registry=self.registry
        )
        self.stuck = Gauge(
            "loft_notices_stuck",
            "Notices that were given up, or held back after a restore.",
            registry=self.registry,
        )


class Observed:
    """ASGI middleware: gives a request its id, and notes how it ended."""

    def __init__(self, app: ASGIApp, measures: Measures) -> None:
        self.app = app
        self.measures = measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        request_id = uuid4()
        scope.setdefault("state", {})["request_id"] = request_id
        status = 0

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"].append((b"request-id", str(request_id).encode()))
            await send(message)

        try:
            await self.app(scope, receive, note)
        except Exception as error:
            # Kind and place only: the error's text, and so the trace, may hold words.
            log.error("unexpected", kind=type(error).__name__, place=_place(error))  # noqa: TRY400
            if status == 0:
                await _last_word(scope, error)(scope, receive, note)
        finally:
            self._note(scope, status or 499, time.perf_counter() - began)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        state, route = scope["state"], scope.get("route")
        path = getattr(route, "path", "unknown")
        actor = state.get("actor")
        position = state.get("position")
        self.measures.requests.labels(scope["method"], path, status).observe(seconds)
        if position is not None:
            self.measures.recorded.inc()
        log.info(
            "request",
            request_id=str(state["request_id"]),
            method=scope["method"],
            route=path,
            status=status,
            milliseconds=round(seconds * 1000, 1),
            actor=actor.id if actor else None,
            command=getattr(route, "name", None) if scope["method"] == "POST" else None,
            position=position,
        )


def _last_word(scope: Scope, error: Exception) -> Response:
    """Something is answered in any case: also where the page itself cannot be made."""
    try:
        return refused(scope, error)
    except Exception as another:
        log.error("unexpected", kind=type(another).__name__, place=_place(another))  # noqa: TRY400
        return unexpected()


def _place(error: Exception) -> str:
    """The last lines of code on the way to *error*: files and line numbers."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    return " ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)

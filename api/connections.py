"""How connections are served: how long they may be silent, and how much they may say in a head."""

import asyncio

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.bounds import Bounds

MOST_HEAD_BYTES = 64 * 1024
"""The longest head (request line and headers) that has not ended yet."""


def serving(app: ASGIApp, bounds: Bounds, *, stopping_seconds: int = 3) -> uvicorn.Config:
    """How *app* is served. Whose X-Forwarded-For is believed, the application itself decides."""
    return uvicorn.Config(
        app,
        http=_protocol(bounds.receive_seconds),
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=bounds.idle_seconds,
        timeout_graceful_shutdown=stopping_seconds,
        lifespan="on",
    )


def _protocol(seconds: float) -> type[HttpToolsProtocol]:
    """uvicorn waits for ever for the end of a head: this one for so many *seconds*."""
    return type("Patient", (Patient,), {"seconds": seconds})


class Patient(HttpToolsProtocol):
    """A connection that is closed when a head does not end in time, or in 64 kB."""

    seconds: float
    _timer: asyncio.TimerHandle | None = None
    _is_after_head = False
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._begin_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_head()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self._is_after_head:
            self._begin_head()
            self._head_bytes += len(data)
        super().data_received(data)
        if not self._is_after_head and self._head_bytes > MOST_HEAD_BYTES:
            self._give_up("431 Request Header Fields Too Large")

    def on_headers_complete(self) -> None:
        self._end_head()
        self._is_after_head = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._is_after_head, self._head_bytes = False, 0
        super().on_message_complete()

    def _begin_head(self) -> None:
        if self._timer is None:
            late = "408 Request Timeout"
            self._timer = self.loop.call_later(self.seconds, self._give_up, late)

    def _end_head(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self, status: str) -> None:
        self._end_head()
        if not self.transport.is_closing():
            said = f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
            self.transport.write(said.encode())
            self.transport.close()

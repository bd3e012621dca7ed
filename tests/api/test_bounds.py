"""Nobody keeps a connection, or the others waiting: over real sockets."""

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import StreamingResponse

from api import kept_tokens
from api.bounded import ENDLESS
from api.bounds import Bounds
from api.installation import OpenLedger
from domain.actor import Role
from tests.api.asserting import assert_refused
from tests.api.conftest import Live, listening

QUICK = Bounds(receive_seconds=0.3, request_seconds=1.5, idle_seconds=1)


@pytest.fixture
def quick(baerum: OpenLedger) -> Iterator[Live]:
    """A server with little patience."""
    with listening(baerum, QUICK) as live:
        yield live


def said(live: Live, *parts: bytes) -> bytes:
    """What comes back on a connection on which *parts* are sent, until it is closed."""
    port = int(live.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        for part in parts:
            connection.sendall(part)
        answer = b""
        try:
            while more := connection.recv(65536):
                answer += more
        except ConnectionResetError:
            pass
        return answer


def test_a_connection_that_says_nothing_is_closed(quick: Live) -> None:
    assert said(quick).startswith(b"HTTP/1.1 408 ")


def test_a_head_that_does_not_end_is_not_waited_for(quick: Live) -> None:
    begun = b"GET /healthz HTTP/1.1\r\nHost: loft\r\n"
    assert said(quick, begun).startswith(b"HTTP/1.1 408 ")
    second = said(quick, begun + b"\r\n" + begun)
    assert second.startswith(b"HTTP/1.1 200 "), "the first is answered, the second is not"
    assert b"HTTP/1.1 200 " not in second[1:]


def test_a_head_without_end_is_refused(quick: Live) -> None:
    head = b"GET /healthz HTTP/1.1\r\nHost: loft\r\n" + b"X-Long: " + b"x" * 300_000
    assert said(quick, head)[:12] in {b"HTTP/1.1 431", b""}
    assert httpx.get(f"{quick.url}/healthz").status_code == 200


def test_a_body_that_comes_drop_by_drop_is_not_waited_for(quick: Live) -> None:
    head = b"POST /api/cases HTTP/1.1\r\nHost: loft\r\nContent-Length: 1000\r\n\r\n{"
    before = quick.ledger.engine.ledger.size()
    answer = said(quick, head)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"did not arrive in time" in answer
    assert b"connection: close" in answer.lower()
    assert quick.ledger.engine.ledger.size() == before


def test_a_connection_on_which_nothing_more_is_asked_is_closed(quick: Live) -> None:
    began = time.monotonic()
    answer = said(quick, b"GET /healthz HTTP/1.1\r\nHost: loft\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert time.monotonic() - began >= 0.9, "it may ask again meanwhile"


def test_an_answer_that_takes_too_long_is_not_waited_for(quick: Live) -> None:
    free = threading.Event()

    @quick.app.get("/stuck")
    def stuck() -> dict[str, str]:
        free.wait(10)
        return {}

    try:
        answer = httpx.get(f"{quick.url}/stuck")
        assert_refused(answer, 503, "unavailable", "took too long")
        assert answer.headers["Retry-After"] == "1"
        assert httpx.get(f"{quick.url}/healthz").status_code == 200
    finally:
        free.set()


def halts(live: Live, kind: str) -> str:
    """Where an answer of that *kind* begins at once, and is longer in coming than requests may
    take. The server is awake by now: the first request of all takes its time."""

    async def parts() -> AsyncIterator[str]:
        yield "data: one\n\n"
        await asyncio.sleep(2 * QUICK.request_seconds)
        yield "data: two\n\n"

    async def halting(_request: Request) -> StreamingResponse:
        return StreamingResponse(parts(), media_type=kind)

    live.app.add_route("/halting", halting)
    assert httpx.get(f"{live.url}/healthz").status_code == 200
    return f"{live.url}/halting"


def test_half_an_answer_is_cut_off(quick: Live) -> None:
    address = halts(quick, "text/plain")
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(address)


def test_a_stream_goes_on_for_as_long_as_it_likes(quick: Live) -> None:
    assert httpx.get(halts(quick, "text/event-stream")).text == "data: one\n\ndata: two\n\n"


def test_the_stream_is_such_a_one(live: Live) -> None:
    token = kept_tokens.create_token(live.ledger.database, "listener", Role.BOARD)
    headers = {"Authorization": f"Bearer {token}", "Last-Event-ID": "0"}
    with httpx.stream("GET", f"{live.url}/api/stream", headers=headers) as answer:
        assert answer.headers["content-type"].partition(";")[0].encode() == ENDLESS


def test_a_server_speaks_no_other_protocol_and_does_not_say_what_it_is(quick: Live) -> None:
    answer = httpx.get(f"{quick.url}/healthz")
    assert "server" not in answer.headers
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Key": "x",
               "Sec-WebSocket-Version": "13"}  # fmt: skip
    assert httpx.get(f"{quick.url}/api/stream", headers=upgrade).status_code == 401

"""How much of a request is taken and for how long: nobody keeps the others out."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.bounds import Bounds
from api.page import refused
from api.problems import TooLarge, TooLong, TooSlow

MOST_BYTES = 256 * 1024
"""The largest body of a request."""
ENDLESS = b"text/event-stream"
"""What is answered in this form goes on for ever."""


class Bounded:
    """ASGI middleware: bounds the body in size and time, and the answer in time."""

    def __init__(self, app: ASGIApp, bounds: Bounds) -> None:
        self.app, self.bounds = app, bounds
        self._left: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["method"] in {"GET", "HEAD", "OPTIONS"}:
            await self._in_time(scope, receive, send)
        else:
            try:
                body = await self._received(scope, receive)
            except (TooLarge, TooSlow) as refusal:
                answer = refused(scope, refusal)
                answer.headers["Connection"] = "close"  # what is left of the body is not read
                await answer(scope, receive, send)
            else:
                await self._in_time(scope, _again(body, receive), send)

    async def _received(self, scope: Scope, receive: Receive) -> bytes:
        """The whole body. Refuses with `TooLarge` and `TooSlow`."""
        if _declared(scope) > MOST_BYTES:
            raise TooLarge
        try:
            async with asyncio.timeout(self.bounds.receive_seconds):
                body = await _body(receive)
        except TimeoutError as error:
            raise TooSlow from error
        if len(body) > MOST_BYTES:
            raise TooLarge
        return body

    async def _in_time(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer. A thread that is at work cannot be stopped: the one who asks
        is told, and it ends by itself."""
        answer = _Answer(send)
        task = asyncio.create_task(_run(self.app, scope, receive, answer.send))
        try:
            await asyncio.wait({task}, timeout=self.bounds.request_seconds)
            if answer.is_endless or task.done():
                await task
                return
        finally:
            if not task.done():
                self._leave(task)
        if not answer.cut():
            raise TooLong  # half an answer is out: the connection is closed
        await refused(scope, TooLong())(scope, receive, send)

    def _leave(self, task: "asyncio.Task[None]") -> None:
        self._left.add(task)
        task.add_done_callback(self._left.discard)
        task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        task.cancel()


class _Answer:
    """What is sent, until it is cut."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._has_begun = self._is_cut = self.is_endless = False

    async def send(self, message: Message) -> None:
        if self._is_cut:
            return
        if message["type"] == "http.response.start":
            self._has_begun = True
            self.is_endless = (b"content-type", ENDLESS) in [
                (name.lower(), value.split(b";")[0]) for name, value in message["headers"]
            ]
        await self._send(message)

    def cut(self) -> bool:
        """Send nothing more. Whether nothing was sent."""
        self._is_cut = True
        return not self._has_begun


async def _run(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    await app(scope, receive, send)


def _declared(scope: Scope) -> int:
    """The length that the body is said to have; 0 where it comes in pieces."""
    lengths = (value for name, value in scope["headers"] if name == b"content-length")
    return int(next(lengths, b"0"))


async def _body(receive: Receive) -> bytes:
    """The body, read no further than just over what is allowed."""
    body = bytearray()
    while len(body) <= MOST_BYTES:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    """Gives *body*, which has been read already, and then what comes after it."""
    given = False

    async def give() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return give

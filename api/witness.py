"""No word goes out before it is written down to whom: answers wait for the access log."""

import asyncio
from concurrent.futures import Future

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import of
from ledger.database import Unavailable


class Witnessed:
    """ASGI middleware: an answer begins once every access that it is stands in the log. Where one
    could not be written, 503 goes out in its place."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        accesses: list[Future[None]] = []
        scope.setdefault("state", {})["accesses"] = accesses
        is_withheld = False

        async def send_witnessed(message: Message) -> None:
            nonlocal is_withheld
            if message["type"] == "http.response.start":
                try:
                    for access in accesses:
                        await asyncio.wrap_future(access)
                except Unavailable as error:
                    is_withheld = True
                    await of(error)(scope, receive, send)
            if not is_withheld:
                await send(message)

        await self.app(scope, receive, send_witnessed)

"""How often one token, session and address may ask, and how often with a wrong token."""

from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from limits import RateLimitItem, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import sessions
from api.bounds import Bounds
from api.kept_tokens import digest
from api.page import refused
from api.problems import TooMany, TooManyFailures

WINDOW = 10
"""Seconds in which the requests of one token or session, and of one address, are counted."""
MOST_KEPT = 20_000
"""Addresses, and tokens, that are remembered at once."""


@dataclass(frozen=True)
class Shown:
    """What a request is counted by. `guessed`: it may be one of many that are tried. A session is
    not: whoever was signed in too long ago fails at every click, and keeps nobody out by it."""

    key: str
    guessed: bool


class Limited:
    """ASGI middleware: answers 429 to those who ask too often. What is counted lies in memory, for
    each process by itself. A token that was let in goes on though others of its address fail."""

    def __init__(self, app: ASGIApp, bounds: Bounds) -> None:
        self.app = app
        self._kept = MemoryStorage()
        self._window = MovingWindowRateLimiter(self._kept)
        self._of_token = RateLimitItemPerSecond(bounds.token_requests, WINDOW)
        self._of_address = RateLimitItemPerSecond(bounds.address_requests, WINDOW)
        self._failed = RateLimitItemPerMinute(bounds.failed_requests)
        self._let_in: OrderedDict[str, None] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        address, shown = _address(scope), _shown(scope)
        scope.setdefault("state", {})
        over = self._over(address, shown)
        if over is not None:
            answer = refused(scope, TooManyFailures() if over is self._failed else TooMany())
            answer.headers["Retry-After"] = str(over.get_expiry())
            await answer(scope, receive, send)
            return

        async def look(message: Message) -> None:
            if shown is not None and message["type"] == "http.response.start":
                if message["status"] == 401:
                    self._fails(address, shown)
                elif "actor" in scope["state"]:  # a door that asks nobody lets nobody in
                    self._lets_in(shown.key)
            await send(message)

        await self.app(scope, receive, look)

    def _over(self, address: str, shown: Shown | None) -> RateLimitItem | None:
        """The limit that this request is over, if any."""
        known = shown.key if shown is not None and shown.key in self._let_in else None
        may_guess = shown is not None and shown.guessed and known is None
        if may_guess and not self._window.test(self._failed, address):
            return self._failed
        if len(self._kept.events) > MOST_KEPT:
            self._forget()
        if not self._window.hit(self._of_address, address):
            return self._of_address
        if known is not None and not self._window.hit(self._of_token, known):
            return self._of_token
        return None

    def _fails(self, address: str, shown: Shown) -> None:
        self._let_in.pop(shown.key, None)
        if shown.guessed:
            self._window.hit(self._failed, address)

    def _lets_in(self, key: str) -> None:
        self._let_in[key] = None
        self._let_in.move_to_end(key)
        if len(self._let_in) > MOST_KEPT:
            self._let_in.popitem(last=False)

    def _forget(self) -> None:
        """The library keeps a name for ever. Those that nobody has asked by of late go first."""
        for key in [key for key, hits in list(self._kept.events.items()) if not hits]:
            self._kept.clear(key)
        if len(self._kept.events) > MOST_KEPT:
            self._kept.reset()


def _address(scope: Scope) -> str:
    """Where the request comes from: of IPv6 the network of 64 bits, since one client has so many
    addresses."""
    host, _ = scope.get("client") or ("", 0)
    try:
        found = ip_address(host)
    except ValueError:
        return "unknown"
    return str(int(found) >> 64) if isinstance(found, IPv6Address) else str(found)


def _shown(scope: Scope) -> Shown | None:
    """The token of a request, else its session; None where there is neither."""
    request = Request(scope)
    if (token := request.headers.get("authorization")) is not None:
        return Shown(digest(token).hex(), guessed=True)
    if (session := request.cookies.get(sessions.COOKIE)) is not None:
        return Shown(digest(session).hex(), guessed=False)
    return None

"""How often one token and one address may ask, and how often with a wrong token."""

from collections import OrderedDict
from ipaddress import IPv6Address, ip_address

from limits import RateLimitItem, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.auth import digest
from api.bounds import Bounds
from api.problems import TooMany, TooManyFailures, of

WINDOW = 10
"""Seconds in which the requests of one token, and of one address, are counted."""
MOST_KEPT = 20_000
"""Addresses, and tokens, that are remembered at once."""


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
        address, token = _address(scope), _token(scope)
        scope.setdefault("state", {})
        over = self._over(address, token)
        if over is not None:
            answer = of(TooManyFailures() if over is self._failed else TooMany())
            answer.headers["Retry-After"] = str(over.get_expiry())
            await answer(scope, receive, send)
            return

        async def look(message: Message) -> None:
            if token is not None and message["type"] == "http.response.start":
                if message["status"] == 401:
                    self._fails(address, token)
                elif "actor" in scope["state"]:  # a door that asks nobody lets nobody in
                    self._lets_in(token)
            await send(message)

        await self.app(scope, receive, look)

    def _over(self, address: str, token: str | None) -> RateLimitItem | None:
        """The limit that this request is over, if any."""
        is_known = token in self._let_in
        if token is not None and not is_known and not self._window.test(self._failed, address):
            return self._failed
        if len(self._kept.events) > MOST_KEPT:
            self._forget()
        if not self._window.hit(self._of_address, address):
            return self._of_address
        if token is not None and is_known and not self._window.hit(self._of_token, token):
            return self._of_token
        return None

    def _fails(self, address: str, token: str) -> None:
        self._let_in.pop(token, None)
        self._window.hit(self._failed, address)

    def _lets_in(self, token: str) -> None:
        self._let_in[token] = None
        self._let_in.move_to_end(token)
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


def _token(scope: Scope) -> str | None:
    """What the token is counted by; None where none was sent."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            return digest(value.decode("latin-1")).hex()
    return None

"""Requests that go out to an address that somebody gave: never into the network that we stand in.

A name is resolved once, every address that it has is judged, and the connection is made to one that
was judged: what the name points at a moment later does not matter. Redirects are not followed, and
what the environment says of proxies is not heard.
"""

import asyncio
import socket
import ssl
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from types import TracebackType
from typing import Self

import httpx2

from domain.errors import Invalid

PATIENCE = 10.0
"""Seconds for one request, from the name to the last byte of the answer."""
MOST_ANSWER = 16_384
"""Bytes of an answer that are read, so that the connection can be used again."""
_NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
_COMPATIBLE = IPv6Network("::/96")


class AddressRefused(Invalid):
    """This address is not one to send to: it must begin with https://, hold no name and password,
    and lead to the open internet."""


def checked(url: str, *, private: bool) -> httpx2.URL:
    """*url*, unless its form alone is refused. *private*: whether it may be unencrypted."""
    try:
        asked = httpx2.URL(url)
        port = asked.port
    except (httpx2.InvalidURL, ValueError) as error:
        raise AddressRefused from error
    schemes = {"https", "http"} if private else {"https"}
    if asked.scheme not in schemes or not asked.host or asked.userinfo or asked.fragment:
        raise AddressRefused
    if port is not None and not 0 < port < 65536:
        raise AddressRefused
    return asked


def resolved(asked: httpx2.URL, *, private: bool) -> str:
    """One of the addresses that the host of *asked* has. Refused where any of them lies inside."""
    found = socket.getaddrinfo(
        asked.host.strip("[]"), asked.port or _port(asked), type=socket.SOCK_STREAM
    )
    addresses = [str(sockaddr[0]) for *_, sockaddr in found]
    if not addresses or not (private or all(is_public(one) for one in addresses)):
        raise AddressRefused
    return addresses[0]


def admitted(url: str, *, private: bool) -> None:
    """Refuses a *url* that nothing would be sent to."""
    try:
        resolved(checked(url, private=private), private=private)
    except (OSError, UnicodeError) as error:
        raise AddressRefused from error


def _port(asked: httpx2.URL) -> int:
    return 443 if asked.scheme == "https" else 80


def is_public(written: str) -> bool:
    """Whether an address lies in the open internet; of an IPv6 one that stands for an IPv4 one
    (mapped, 6to4, Teredo, NAT64) whether that does."""
    address = ip_address(written.partition("%")[0])
    if isinstance(address, IPv6Address):
        inner = _inner(address)
        if inner is not None:
            return _is_public(inner)
        if address.is_site_local:
            return False
    return _is_public(address)


def _inner(address: IPv6Address) -> IPv4Address | None:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _COMPATIBLE or any(address in network for network in _NAT64):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    return address.is_global and not (address.is_multicast or address.is_reserved)


class NotReached(Exception):
    """It did not get there. `kind`: why, in one word; nothing of what was answered."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Poster:
    """Posts to one address, over one connection as far as that holds, and keeps no cookies.
    *trust*: whose certificates are believed, if not those that everybody believes."""

    def __init__(
        self,
        url: str,
        *,
        private: bool,
        patience: float = PATIENCE,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._url, self._private, self._patience = url, private, patience
        self._runner = asyncio.Runner()
        self._transport = httpx2.AsyncHTTPTransport(trust_env=False, verify=trust or True)
        self._asked: httpx2.URL | None = None
        self._address = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._runner.run(self._transport.aclose())
        finally:
            self._runner.close()

    def post(self, content: bytes, headers: dict[str, str]) -> int:
        """The status of the answer. Fails with `NotReached`."""
        try:
            return self._runner.run(self._post(content, headers))
        except (TimeoutError, httpx2.TimeoutException):
            raise NotReached("timeout") from None
        except AddressRefused:
            raise NotReached("address-refused") from None
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, UnicodeError):
            raise NotReached("unreachable") from None

    async def _post(self, content: bytes, headers: dict[str, str]) -> int:
        async with asyncio.timeout(self._patience):
            if self._asked is None:
                self._asked = await self._judged()
            request = httpx2.Request(
                "POST",
                self._asked.copy_with(host=self._address),
                content=content,
                headers={**headers, "Host": self._asked.netloc.decode("ascii")},
                extensions={"sni_hostname": self._asked.host},
            )
            answer = await self._transport.handle_async_request(request)
            stream = answer.stream
            assert isinstance(stream, httpx2.AsyncByteStream)  # noqa: S101 - of an async transport
            try:
                await _read_some(stream)
            finally:
                await stream.aclose()
            return answer.status_code

    async def _judged(self) -> httpx2.URL:
        asked = checked(self._url, private=self._private)
        judge = asyncio.to_thread(resolved, asked, private=self._private)
        self._address = await judge
        return asked


async def _read_some(stream: httpx2.AsyncByteStream) -> None:
    read = 0
    async for part in stream:
        read += len(part)
        if read > MOST_ANSWER:
            return

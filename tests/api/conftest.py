"""Clients of the API: on a ledger that a module's tests share, and over a real socket."""

import logging
import socket
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread

import pytest
import structlog
import uvicorn
from fastapi import FastAPI

from api.bounds import Bounds
from api.connections import serving
from api.demo import GUESTS
from api.installation import OpenLedger
from api.sessions import Lengths
from api.sign_ins import SignIn
from domain.actor import Role
from tests.conftest import UNBOUND, Client, Server, app_over

for helper in ("asserting", "doors", "openid", "ordering", "processes", "seats", "story"):
    pytest.register_assert_rewrite(f"tests.api.{helper}")

from tests.api import openid  # noqa: E402 - after its assertions are told of
from tests.api.story import OTHER_TEAM, TEAM  # noqa: E402


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With a test that fails in a browser goes what stood there."""
    report = yield
    if call.when == "call" and report.failed:
        people = [one for one in item.funcargs.values() if hasattr(one, "sees")]
        report.sections += [("The page", one.sees()) for one in people]
    return report


@pytest.fixture(scope="module", autouse=True)
def _quiet() -> Iterator[None]:
    """A line for each request would hide what failed. Logs are tested with real processes."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.configure(**before)


@pytest.fixture(scope="module")
def shared(server: Server, baerum_template: str) -> Iterator[Client]:
    """An anonymous client of Bærum's API, on a ledger that the tests of a module share: each makes
    the cases that it needs."""
    name = server.copy(baerum_template)
    with server.opened(name) as opened, Client(app_over(opened)) as anonymous:
        anonymous.ledger = opened
        yield anonymous
    server.drop(name)


@pytest.fixture(scope="module")
def caseworker(shared: Client) -> Client:
    """A coordinator on the shared ledger."""
    return shared.as_(Role.COORDINATOR)


@pytest.fixture
def member(shared: Client) -> Client:
    """A member of the team that stories begin with."""
    return shared.as_(Role.MEMBER, TEAM)


@pytest.fixture
def stranger(shared: Client) -> Client:
    """A member of another team."""
    return shared.as_(Role.MEMBER, OTHER_TEAM)


@pytest.fixture(scope="module")
def administrator(shared: Client) -> Client:
    """An admin on the shared ledger."""
    return shared.as_(Role.ADMIN)


@pytest.fixture(scope="module")
def stand(server: Server, baerum_template: str) -> Iterator["Stand"]:
    """Bærum's Løft with three providers, on a ledger that a module's tests share."""
    name = server.copy(baerum_template)
    with server.opened(name) as opened, standing(opened) as there:
        yield there
    server.drop(name)


@dataclass(frozen=True)
class Live:
    """A server that listens on a socket, in a thread of this process."""

    url: str
    app: FastAPI
    ledger: OpenLedger


@pytest.fixture
def live(baerum: OpenLedger) -> Iterator[Live]:
    with listening(baerum) as there:
        yield there


@contextmanager
def listening(
    ledger: OpenLedger,
    bounds: Bounds = UNBOUND,
    there: socket.socket | None = None,
    sign_in: SignIn | None = None,
) -> Iterator[Live]:
    """A server of *ledger* on a socket of this machine."""
    with there or socket.create_server(("127.0.0.1", 0), backlog=512) as port:
        app = app_over(ledger, bounds, sign_in)
        uvicorn_server = uvicorn.Server(serving(app, bounds, stopping_seconds=1))
        thread = Thread(target=uvicorn_server.run, kwargs={"sockets": [port]})
        thread.start()
        try:
            until(lambda: uvicorn_server.started)
            yield Live(f"http://127.0.0.1:{port.getsockname()[1]}", app, ledger)
        finally:
            uvicorn_server.should_exit = True
            thread.join(timeout=60)
            assert not thread.is_alive()


@dataclass(frozen=True)
class Stand:
    """Løft on a socket, and the provider that its people sign in with: as three of them."""

    live: Live
    provider: openid.Provider

    @property
    def ledger(self) -> OpenLedger:
        return self.live.ledger

    @property
    def browser(self) -> openid.Browser:
        """A new one."""
        return openid.Browser(self.live.url)

    @property
    def administrator(self) -> Client:
        """An admin, past the socket."""
        client = Client(self.live.app)
        client.ledger, client.portal = self.ledger, None
        return client.as_(Role.ADMIN)


@pytest.fixture(scope="module")
def demonstration(server: Server, baerum_template: str) -> Iterator[Live]:
    """Bærum's Løft as a demonstration, in which anybody is whom they choose to be."""
    name = server.copy(baerum_template)
    with (
        server.opened(name) as opened,
        listening(opened, sign_in=SignIn(guests=GUESTS)) as live,
    ):
        yield live
    server.drop(name)


@contextmanager
def standing(ledger: OpenLedger, lengths: Lengths | None = None) -> Iterator[Stand]:
    """One provider in three guises: as Entra ID, as ID-porten, and as itself."""
    there = socket.create_server(("127.0.0.1", 0), backlog=512)
    url = f"http://127.0.0.1:{there.getsockname()[1]}"
    guises = ("entra", "idporten", "plain")
    redirects = {guise: f"{url}/sign-in/{guise}/callback" for guise in guises}
    with openid.running(redirects) as provider:
        sign_in = SignIn(openid.connected(provider), url, lengths or Lengths())
        with listening(ledger, there=there, sign_in=sign_in) as live:
            yield Stand(live, provider)


def until(condition: Callable[[], object], seconds: float = 90) -> None:
    """Wait until *condition* holds; fails where it does not within *seconds*."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.01)

"""Whoever asks too often waits, and nobody else does."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from pydantic import ValidationError

from api import sessions
from api.bounds import Bounds
from api.rates import Limited, Shown, _address
from api.settings import Settings
from domain.actor import Role
from tests.api.asserting import assert_refused
from tests.api.conftest import Live, Stand, listening
from tests.conftest import Client, OpenLedger, app_over
from tests.lives import another

WRONG = {"Authorization": "Bearer loft_wrong"}


@contextmanager
def bounded(ledger: OpenLedger, **bounds: object) -> Iterator[Client]:
    with Client(app_over(ledger, Bounds.model_validate(bounds))) as anonymous:
        anonymous.ledger = ledger
        yield anonymous


def assert_too_many(answer: httpx.Response, seconds: str, sentence: str) -> None:
    assert_refused(answer, 429, "too-many", sentence)
    assert answer.headers["Retry-After"] == seconds


def test_one_token_that_asks_too_often_waits_and_another_does_not(baerum: OpenLedger) -> None:
    with bounded(baerum, token_requests=3) as anonymous:
        board, auditor = anonymous.as_(Role.BOARD), anonymous.as_(Role.AUDITOR)
        asked = [board.get("/api/organs") for _ in range(5)]
        assert [one.status_code for one in asked] == [200] * 4 + [429]
        assert_too_many(asked[-1], "10", "ask too often")
        assert auditor.get("/api/organs").status_code == 200


def test_one_session_that_asks_too_often_waits_and_ended_ones_keep_nobody_out(
    stand: Stand,
) -> None:
    browser = stand.browser
    browser.sign_in("entra", "kari")
    bounds, sign_in = Bounds(token_requests=3, failed_requests=2), stand.live.app.state.sign_in
    with (
        another(stand.ledger) as beside,
        Client(app_over(beside, bounds, sign_in)) as anonymous,
    ):
        anonymous.ledger = stand.ledger

        def asks(secret: str) -> int:
            headers = {"Cookie": f"{sessions.COOKIE}={secret}"}
            return anonymous.get("/api/me", headers=headers).status_code

        assert [asks("ended long ago") for _ in range(5)] == [401] * 5
        assert anonymous.as_(Role.BOARD).get("/api/organs").status_code == 200
        secret = browser.cookies[sessions.COOKIE]
        assert [asks(secret) for _ in range(5)] == [200] * 4 + [429]


def test_an_address_that_asks_too_often_waits(baerum: OpenLedger) -> None:
    with bounded(baerum, address_requests=3) as anonymous:
        asked = [anonymous.get("/healthz") for _ in range(4)]
        assert [one.status_code for one in asked] == [200] * 3 + [429]
        assert_too_many(asked[-1], "10", "ask too often")


def test_wrong_tokens_are_counted_much_harder(baerum: OpenLedger) -> None:
    with bounded(baerum, failed_requests=3) as anonymous:
        asked = [
            anonymous.get("/api/organs", headers={"Authorization": f"Bearer loft_{n}"})
            for n in range(5)
        ]
        assert [one.status_code for one in asked] == [401] * 3 + [429] * 2
        assert_too_many(asked[-1], "60", "wrong token")
        newcomer = anonymous.as_(Role.BOARD).get("/api/organs")
        assert newcomer.status_code == 429, "a right guess looks like a wrong one"
        assert anonymous.get("/healthz").status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/api/nowhere", "/", "/api/docs"])
def test_a_door_that_asks_nobody_lets_no_token_in(path: str, baerum: OpenLedger) -> None:
    """Else a list of tokens would be tried there first, and then be taken for known."""
    with bounded(baerum, failed_requests=3) as anonymous:
        tried = [{"Authorization": f"Bearer loft_{n}"} for n in range(6)]
        for headers in tried:
            anonymous.get(path, headers=headers)
        asked = [anonymous.get("/api/organs", headers=headers).status_code for headers in tried]
        assert asked == [401] * 3 + [429] * 3


def test_who_was_let_in_goes_on_though_others_of_the_address_fail(baerum: OpenLedger) -> None:
    with bounded(baerum, failed_requests=2) as anonymous:
        board = anonymous.as_(Role.BOARD)
        assert board.get("/api/organs").status_code == 200
        assert [anonymous.get("/api/organs", headers=WRONG).status_code for _ in range(3)][2] == 429
        assert board.get("/api/organs").status_code == 200


def test_a_thousand_requests_in_a_second_of_one_good_client_pass(shared: Client) -> None:
    limited = Limited(shared.app, Bounds())
    limited._lets_in("token")
    shown = Shown("token", guessed=True)
    assert all(limited._over("10.0.0.1", shown) is None for _ in range(10_000))


def test_what_is_kept_in_memory_is_bounded(shared: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.rates.MOST_KEPT", 50)
    limited = Limited(shared.app, Bounds())
    for n in range(500):
        limited._over(f"10.0.{n >> 8}.{n & 255}", None)
        limited._lets_in(f"token {n}")
    assert len(limited._kept.events) <= 51
    assert len(limited._let_in) == 50


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("10.0.0.1", "10.0.0.2", False),
    ],
)
def test_an_ipv6_network_is_one_client(one: str, other: str, same: bool) -> None:
    found = {_address({"client": (host, 1)}) for host in (one, other)}
    assert (len(found) == 1) == same


def asks_as(live: Live, forwarded: str) -> int:
    return httpx.get(f"{live.url}/healthz", headers={"X-Forwarded-For": forwarded}).status_code


def test_a_header_that_anybody_can_send_names_nobody(baerum: OpenLedger) -> None:
    with listening(baerum, Bounds(address_requests=2)) as live:
        assert [asks_as(live, f"10.0.0.{n}") for n in range(3)] == [200, 200, 429]


def test_a_trusted_proxy_says_who_asks(baerum: OpenLedger) -> None:
    bounds = Bounds(address_requests=2, trusted_proxies="127.0.0.0/8, ::1")
    with listening(baerum, bounds) as live:
        assert [asks_as(live, f"10.0.0.{n}") for n in range(3)] == [200, 200, 200]
        faked = [asks_as(live, f"192.0.2.{n}, 10.0.0.9") for n in range(3)]
        assert faked == [200, 200, 429], "only what the proxy itself has added is believed"


def test_a_proxy_is_an_address_or_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOFT_TRUSTED_PROXIES", "10.0.0.0/8,192.0.2.1")
    assert Settings().bounds.proxies == ["10.0.0.0/8", "192.0.2.1"]
    assert Bounds().proxies == []
    for wrong in ("*", "proxy.example.no"):
        with pytest.raises(ValidationError):
            Bounds(trusted_proxies=wrong)

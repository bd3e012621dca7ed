"""Bodies that are too large, over a real socket: the answer comes, whatever is still on its way."""

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from api import kept_tokens
from domain.actor import Role
from tests.api.asserting import assert_refused, nothing_changes
from tests.api.conftest import Live
from tests.api.story import RAISING

KB = 1024


@pytest.fixture
def client(live: Live) -> Iterator[httpx.Client]:
    token = kept_tokens.create_token(live.ledger.database, "large", Role.COORDINATOR)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with httpx.Client(base_url=live.url, headers=headers, timeout=60) as there:
        yield there


def pieces(number: int) -> Iterator[bytes]:
    for _ in range(number):
        yield b" " * KB


@pytest.mark.parametrize("kilobytes", [257, 1000, 20_000])
def test_a_large_body_is_refused_whether_its_length_is_told_or_not(
    kilobytes: int, live: Live, client: httpx.Client
) -> None:
    with nothing_changes(live.ledger):
        told = client.post("/api/cases", content=b" " * kilobytes * KB)
        untold = client.post("/api/cases", content=pieces(kilobytes))
    assert_refused(told, 413, "too-large", "at most 256 kB")
    assert_refused(untold, 413, "too-large", "at most 256 kB")
    assert client.post("/api/cases", json=RAISING).status_code == 201


def test_a_body_in_pieces_that_is_not_too_large_is_taken(client: httpx.Client) -> None:
    def spaced() -> Iterator[bytes]:
        yield b'{"raised_by": "styret", '
        yield from pieces(250)
        yield '"title": "Stykkevis – og delt"}'.encode()

    answer = client.post("/api/cases", content=spaced())
    assert answer.status_code == 201, answer.text
    assert answer.json()["title"] == "Stykkevis – og delt"


def test_a_length_that_is_too_large_is_refused_before_anything_is_sent(live: Live) -> None:
    place = urlsplit(live.url)
    assert place.hostname is not None
    with socket.create_connection((place.hostname, place.port or 0), timeout=5) as raw:
        raw.sendall(
            b"POST /api/cases HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: 1000000000\r\n\r\n"
        )
        assert raw.recv(100).startswith(b"HTTP/1.1 413 ")

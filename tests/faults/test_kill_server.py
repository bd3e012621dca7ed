"""kill -9 in the middle of the work: what was answered stands, once, and nothing is half."""

import subprocess
import time
from pathlib import Path

import httpx
import pytest

from ledger.embedded import Embedded
from tests.faults.judging import (
    assert_every_answer_is_true,
    assert_nothing_is_half,
    assert_views_are_right,
)
from tests.faults.served import (
    LOFT,
    ROOT,
    Made,
    Sent,
    Served,
    answered,
    opened,
    postmaster,
    serving,
    writing,
)
from tests.lives import until

CLIENTS = 16
ENOUGH = 150
"""Answers before the killing."""


def size(data: Path) -> int:
    with opened(data) as ledger:
        return ledger.engine.ledger.size()


@pytest.mark.parametrize("database_too", [False, True], ids=["server", "server and database"])
def test_what_was_answered_stands_after_the_server_was_killed(
    data: Path, baerum: Made, database_too: bool
) -> None:
    with serving(data, baerum.token) as first:
        begin = size(data)
        with writing(first, CLIENTS) as sent:
            until(lambda: len(answered(sent)) >= ENOUGH, seconds=60)
            if database_too:
                postmaster(data).kill()
            first.kill()
        told = answered(sent)
        lost = [one for one in sent if one.answer is None]
        assert lost
    with serving(data, baerum.token) as second, opened(data) as ledger:
        assert_every_answer_is_true(ledger, told)
        assert_nothing_is_half(ledger, begin)
        assert_views_are_right(ledger)
        repeat(second, lost)
        assert_every_answer_is_true(ledger, sent)
        assert_nothing_is_half(ledger, begin)
        assert ledger.engine.ledger.size() == begin + len(sent)
        assert_views_are_right(ledger)


def repeat(served: Served, lost: list[Sent]) -> None:
    """Each with its key; and once more, which changes nothing."""
    with served.client() as client:
        for one in lost:
            assert one.to(client), one.problems
            first = one.answer
            assert one.to(client)
            assert one.answer == first


def test_the_server_goes_on_by_itself_when_postgresql_was_killed(data: Path, baerum: Made) -> None:
    """Meanwhile commands are told so, and their repeats succeed."""
    with serving(data, baerum.token) as served:
        begin = size(data)
        with writing(served, CLIENTS, try_on=insisting) as sent:
            until(lambda: len(answered(sent)) >= ENOUGH, seconds=60)
            before = postmaster(data).pid
            postmaster(data).kill()
            killed_at = time.monotonic()
            until(lambda: served.is_ready and postmaster(data).pid != before, seconds=20)
            recovered = len(answered(sent))
            until(lambda: len(answered(sent)) >= recovered + ENOUGH, seconds=20)
            assert time.monotonic() - killed_at < 30
        assert sum(one.dropped for one in sent) == 0
        problems = [problem for one in sent for problem in one.problems]
        assert {problem.status_code for problem in problems} == {503}
        for problem in problems:
            assert problem.headers["content-type"] == "application/problem+json"
            assert problem.json()["type"] == "/problems/unavailable"
            assert "Retry-After" in problem.headers
        assert len(answered(sent)) == len(sent)
        with opened(data) as ledger:
            assert_every_answer_is_true(ledger, sent)
            assert_nothing_is_half(ledger, begin)
            assert ledger.engine.ledger.size() == begin + len(sent)
            assert_views_are_right(ledger)


def insisting(served: Served, sent: Sent) -> bool:
    """Send it again, with its key, for as long as it is told to come back."""
    deadline = time.monotonic() + 20
    with served.client() as client:
        while not sent.to(client):
            assert time.monotonic() < deadline
            assert served.process.poll() is None
    return True


# A second server.


def test_a_second_server_on_the_same_data_joins(data: Path, baerum: Made) -> None:
    """Both answer, both write, and one of them follows."""
    with serving(data, baerum.token) as first, serving(data, baerum.token) as second:
        begin = size(data)
        with writing(first, 8) as here, writing(second, 8) as there:
            until(lambda: min(len(answered(here)), len(answered(there))) >= 50, seconds=60)
        sent = [*here, *there]
        assert answered(sent) == sent
        with opened(data) as ledger:
            assert_every_answer_is_true(ledger, sent)
            assert ledger.engine.ledger.size() == begin + len(sent)
            assert_nothing_is_half(ledger, begin)
            assert_views_are_right(ledger)


def test_when_the_server_that_follows_is_killed_the_other_follows(data: Path, baerum: Made) -> None:
    with serving(data, baerum.token) as first, serving(data, baerum.token) as second:
        first.kill()
        with second.client() as client:
            sent = Sent("k", "/api/cases", {"raised_by": "vestre-13-16", "title": "Snus"})
            assert sent.to(client)
            assert sent.answer is not None
            got = client.get(
                f"/api/cases/{sent.answer['id']}", headers={"Loft-Position": str(sent.position)}
            )
            assert got.status_code == 200
            assert got.json()["title"] == "Snus"
        with opened(data) as ledger:
            assert_views_are_right(ledger)


def test_the_first_of_two_servers_to_stop_leaves_the_database_to_the_other(
    data: Path, baerum: Made
) -> None:
    with serving(data, baerum.token) as first, serving(data, baerum.token) as second:
        assert first.stop() == 0
        assert second.is_ready
        assert second.stop() == 0
        assert not Embedded(data).running


def test_a_second_server_at_the_same_port_says_why_not(data: Path, baerum: Made) -> None:
    with serving(data, baerum.token) as first:
        port = httpx.URL(first.url).port
        done = subprocess.run(
            [*LOFT, "serve", "--data", str(data), "--port", str(port)],
            cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 1
        assert f"Port {port} is taken" in done.stderr
        assert "Traceback" not in done.stderr
        assert first.is_ready

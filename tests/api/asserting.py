"""What answers are held to."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from api.installation import OpenLedger


def assert_refused(
    answer: httpx.Response, status: int, kind: str, sentence: str | None = None
) -> None:
    """*answer* is the problem `/problems/KIND`, told in a sentence that begins with *sentence*."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == f"/problems/{kind}"
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"].endswith((".", '"')), "a whole sentence"
    if sentence is not None:
        assert sentence in problem["detail"]


@contextmanager
def nothing_changes(ledger: OpenLedger) -> Iterator[None]:
    """Neither an event, a word nor a command is added, and the counter row stays as it is."""
    before = _content(ledger)
    yield
    assert _content(ledger) == before


def _content(ledger: OpenLedger) -> list[tuple[object, ...]]:
    return ledger.database.rows(
        "SELECT size, last_number, (SELECT count(*) FROM events), (SELECT count(*) FROM texts), "
        "(SELECT count(*) FROM commands) FROM head"
    )


def assert_recorded(answer: httpx.Response, ledger: OpenLedger, before: int) -> None:
    """*answer* tells of exactly one event after position *before*, with its headers."""
    assert answer.status_code == 201, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert ledger.engine.ledger.size() == before + 1
    assert answer.headers["Loft-Position"] == str(before + 1)
    assert answer.headers["ETag"] == f'"{answer.json()["version"]}"'

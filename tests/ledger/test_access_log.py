"""The access log takes many at once, in order and whole, or says that it could not."""

from datetime import UTC, datetime

import pytest

from api.installation import OpenLedger
from domain.access import EVERY, AccessEvent, WordsRead, accessed
from domain.actor import Actor, Role
from domain.event import Occurred
from ledger.accesses import AT_ONCE, AccessFilter, AccessLog
from ledger.database import Unavailable
from tests.lives import in_threads


@pytest.fixture
def log(ledger: OpenLedger) -> AccessLog:
    return ledger.accesses


def access(reader: str = "token-1", *cases: str) -> AccessEvent:
    by, at = Actor(id=reader, role=Role.COORDINATOR), Occurred(at=datetime.now(UTC))
    return accessed(WordsRead, cases or ("a case",), door="GET /api/cases", by=by, at=at)


def test_those_that_come_at_once_stand_in_a_row_each_with_its_own_reader(log: AccessLog) -> None:
    many = 3 * AT_ONCE
    begun = [log.begin(access(f"token-{n}")) for n in range(many)]
    for written in begun:
        written.result(timeout=30)
    entries = log.engine.ledger.select_notifications(1, 1000)
    assert [entry.id for entry in entries] == list(range(1, many + 1))
    assert [entry.actor["id"] for entry in entries] == [f"token-{n}" for n in range(many)]


def test_threads_that_wait_for_theirs_lose_none(log: AccessLog) -> None:
    in_threads(*[lambda: [log.write(access()) for _ in range(20)]] * 8)
    assert log.engine.ledger.size() == 160


def test_what_could_not_be_written_is_told_to_each_and_the_next_is_written(
    log: AccessLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise Unavailable

    with monkeypatch.context() as patch:
        patch.setattr(log.engine.ledger, "append", full)
        begun = [log.begin(access()) for _ in range(5)]
        for written in begun:
            with pytest.raises(Unavailable):
                written.result(timeout=30)
    assert log.engine.ledger.size() == 0
    log.write(access())
    assert log.engine.ledger.size() == 1


def test_whoever_no_longer_waits_is_not_written_for(log: AccessLog) -> None:
    written = log.begin(access())
    was_cancelled = written.cancel()
    log.write(access())
    assert log.engine.ledger.size() == (1 if was_cancelled else 2)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (AccessFilter(), [3, 2, 1]),
        (AccessFilter(case="a"), [3, 1]),
        (AccessFilter(case="a", mine={"b"}), [3]),
        (AccessFilter(case="c"), [3]),
        (AccessFilter(person="two"), [2]),
        (AccessFilter(cases={"b"}), [3, 2, 1]),
        (AccessFilter(cases={"a", "b"}, mine={"a"}), [3, 1]),
        (AccessFilter(hidden={"b"}), [3, 1]),
        (AccessFilter(hidden={"a", "b"}), [3]),
        (AccessFilter(cases={"b"}, hidden={"b"}), [3]),
    ],
)
def test_an_access_is_found_by_the_cases_that_may_be_told(
    asked: AccessFilter, found: list[int], log: AccessLog
) -> None:
    log.write(access("one", "a", "b"))
    log.write(access("two", "b"))
    log.write(access("three", EVERY))
    assert [entry.id for entry in log.found(asked, before=2**62, limit=10)] == found

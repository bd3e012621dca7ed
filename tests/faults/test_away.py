"""PostgreSQL is away: who asks is told so after one wait, and served when it comes back in time."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.installation import OpenLedger
from ledger.database import Database, Unavailable
from tests.faults.proxy import Proxy, proxied
from tests.lives import until


@pytest.fixture
def proxy(ledger: OpenLedger) -> Iterator[Proxy]:
    with proxied(ledger.database.url) as between:
        yield between


@pytest.fixture
def database(ledger: OpenLedger, proxy: Proxy) -> Iterator[Database]:
    """Through the proxy, and connected."""
    database = Database(proxy.url(), ledger.database.schema)
    database.open()
    assert answer(database) == [(1,)]
    # A connection that the pool is still making would be a second one to lose.
    until(lambda: said(database, "pool_available") == said(database, "pool_size"))
    yield database
    database.close()


def answer(database: Database) -> list[tuple[int]]:
    return database.rows("SELECT 1")


def said(database: Database, what: str) -> int:
    """What the pool has counted by now."""
    return database._pool.get_stats().get(what, 0)


def test_who_asks_waits_once(
    database: Database, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it is told by a connection that has ended or finds none at all."""
    monkeypatch.setattr(database._pool, "timeout", 0.2)
    proxy.go_away()
    for waits in (1, 2):
        with pytest.raises(Unavailable):
            answer(database)
        assert said(database, "requests_errors") == waits
    proxy.come_back()
    until(lambda: said(database, "pool_available"))
    assert answer(database) == [(1,)]


def test_who_waits_is_served_however_often_it_was_tried_in_vain(
    database: Database, proxy: Proxy
) -> None:
    """A pool that waits twice as long after each try would come too late."""
    proxy.go_away()
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(answer, database) for _ in range(2)]
        until(lambda: said(database, "connections_errors") >= 10)
        proxy.come_back()
        assert [one.result(30) for one in asked] == [[(1,)], [(1,)]]
    assert said(database, "requests_errors") == 0


def test_who_waits_has_the_server_started_again(
    database: Database, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the first attempts fail."""
    attempts: list[int] = []

    def heal() -> None:
        attempts.append(len(attempts))
        if len(attempts) < 3:
            raise OSError
        monkeypatch.undo()
        proxy.come_back()

    monkeypatch.setattr(database, "heal", heal)
    proxy.go_away()
    assert answer(database) == [(1,)]
    assert attempts == [0, 1, 2]

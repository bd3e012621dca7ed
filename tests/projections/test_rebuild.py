"""A rebuild: beside the view in use, compared with it, and switched without a reader's noticing."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from threading import Event
from typing import Any

import pytest
from psycopg import sql

from api.installation import OpenLedger
from projections import VIEWS, audit_trail, build, case_status, overview
from projections.asked import Asked
from projections.build import Builder
from projections.case_status import CaseFilter, CaseStatus
from projections.view import View
from tests.lives import Town, as_owner, settled, until
from tests.projections.rebuilding import assert_views_equal_a_rebuild, tables

TODAY = date(2026, 1, 1)


@pytest.fixture
def town(followed: Town) -> Town:
    return followed


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_rebuilt_view_is_the_followed_one(ledger: OpenLedger, view: View) -> None:
    """Followed as it happened, not all at once."""
    town = settled(ledger)
    for _ in range(2):
        ledger.follower.catch_up()
        town.whole_life()
    busy_again(town)
    ledger.follower.catch_up()
    before = tables(ledger)
    assert Builder(ledger.engine.ledger, view).build() == 0
    assert tables(ledger) == before


def busy_again(town: Town) -> None:
    """Step by step, with the follower at its heels."""
    first, second = town.raised(themes=("rus",)), town.raised()
    for case, what in (
        (first, "discuss"), (second, "discuss"), (first, "escalate"), (first, "assign"),
        (second, "escalate"), (first, "note"),
    ):  # fmt: skip
        town.does(case, what)
        town.ledger.follower.catch_up()
    town.reversed(first, 3)
    town.merged(second, first)
    town.ledger.follower.catch_up()
    town.does(first, "close")


def test_it_may_be_done_again_and_again(town: Town) -> None:
    for _ in range(3):
        assert_views_equal_a_rebuild(town.ledger)
    assert tables_beside(town) == []


def tables_beside(town: Town) -> list[str]:
    rows = town.ledger.database.rows(
        "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() "
        "AND tablename LIKE '%%_next'"
    )
    return [name for (name,) in rows]


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_it_tells_how_many_rows_differed_and_mends_them(town: Town, view: View) -> None:
    right = tables(town.ledger)
    with as_owner(town.ledger) as connection:
        table = sql.Identifier(view.name)
        gone = connection.execute(
            sql.SQL("DELETE FROM {0} WHERE ctid = (SELECT ctid FROM {0} LIMIT 1)").format(table)
        )
        assert gone.rowcount == 1
    assert tables(town.ledger) != right
    assert Builder(town.engine.ledger, view).build() == 1
    assert tables(town.ledger) == right


def test_it_tells_how_far_it_is(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "BATCH", 20)
    said: list[tuple[int, int]] = []
    Builder(town.engine.ledger, CaseStatus()).build(lambda *progress: said.append(progress))
    size = town.engine.ledger.size()
    assert [position for position, _ in said] == [*range(20, size, 20), size]
    assert {goal for _, goal in said} == {size}


def test_it_goes_no_further_than_the_views_in_use(town: Town) -> None:
    """So that what it is compared with is the same."""
    before = tables(town.ledger)
    town.whole_life()
    assert Builder(town.engine.ledger, CaseStatus()).build() == 0
    assert tables(town.ledger) == before
    town.ledger.follower.catch_up()
    assert_views_equal_a_rebuild(town.ledger)


@contextmanager
def going_on(*works: Callable[[], object]) -> Iterator[list[Future[int]]]:
    """Does each of *works* over and over while the block runs; gives how often."""
    stop = Event()

    def over_and_over(work: Callable[[], object]) -> int:
        done = 0
        while not stop.is_set():
            work()
            done += 1
        return done

    with ThreadPoolExecutor(len(works)) as pool:
        futures = [pool.submit(over_and_over, work) for work in works]
        try:
            yield futures
        finally:
            stop.set()


def test_readers_and_writers_notice_nothing_of_it(town: Town) -> None:
    """No list is ever empty or shrinks, no query fails, while every view is rebuilt thrice."""
    database, seen = town.ledger.database, [6]

    def read() -> None:
        rows = case_status.listed(database, CaseFilter(), today=TODAY, limit=1000)
        assert len(rows) >= seen[0]
        seen[0] = len(rows)
        assert overview.report(database, Asked(today=TODAY)).total >= 6
        case = rows[0].case.id
        assert len(audit_trail.history(database, case, as_of=2**62)) == 9

    with going_on(read, town.whole_life, town.ledger.follower.catch_up) as works:
        for _ in range(3):
            for view in VIEWS:
                assert Builder(town.engine.ledger, view).build() == 0
    assert all(work.result(30) > 0 for work in works)
    town.ledger.follower.catch_up()
    assert_views_equal_a_rebuild(town.ledger)


def test_a_reader_who_holds_on_makes_no_other_reader_wait(town: Town) -> None:
    """One long transaction has read the view, as a report does; meanwhile it is rebuilt."""
    database = town.ledger.database
    with ThreadPoolExecutor(2) as pool:
        with as_owner(town.ledger) as holding, holding.transaction():
            before = holding.execute("SELECT count(*) FROM case_status").fetchone()
            rebuild = pool.submit(Builder(town.engine.ledger, CaseStatus()).build)
            until(lambda: rebuild.done() or waiting(town))
            reader = pool.submit(
                case_status.listed, database, CaseFilter(), today=TODAY, limit=1000
            )
            try:
                assert len(reader.result(5)) == 6
            finally:
                after = holding.execute("SELECT count(*) FROM case_status").fetchone()
        assert before == after
        assert rebuild.result(30) == 0


def waiting(town: Town) -> bool:
    ((count,),) = town.ledger.database.rows(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND wait_event_type = 'Lock'"
    )
    return bool(count)


def test_two_rebuilds_of_one_view_are_done_one_after_the_other(town: Town) -> None:
    before = tables(town.ledger)
    works: list[Any] = []
    with ThreadPoolExecutor(4) as pool:
        works = [
            pool.submit(Builder(town.engine.ledger, v).build) for v in (*VIEWS[:2], *VIEWS[:2])
        ]
    assert [work.result() for work in works] == [0, 0, 0, 0]
    assert tables(town.ledger) == before
    assert tables_beside(town) == []


def test_what_is_left_of_a_rebuild_that_was_killed_is_no_hindrance(town: Town) -> None:
    with as_owner(town.ledger, "loft_app") as connection:
        connection.execute("CREATE TABLE case_status_next (half int)")
    assert Builder(town.engine.ledger, CaseStatus()).build() == 0
    assert tables_beside(town) == []

"""The follower: exactly once, one leader at a time, whoever is killed when."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg import sql

from api.installation import OpenLedger
from ledger.database import Connection
from projections import VIEWS, build, follow, lives
from projections.decisions import Decisions
from projections.follow import Fenced, Follower, NewerVersion
from projections.place import followed as reached
from tests.lives import Town, another, as_owner, settled
from tests.projections.rebuilding import assert_views_equal_a_rebuild, tables


@pytest.fixture
def town(ledger: OpenLedger) -> Town:
    return settled(ledger)


def follower_of(ledger: OpenLedger) -> Follower:
    return Follower(ledger.engine.ledger, VIEWS)


def position(ledger: OpenLedger) -> int:
    return ledger.database.read(reached)


def kill(ledger: OpenLedger, victim: Connection) -> None:
    """End a connection as a crash of its process does, from the server's side."""
    with as_owner(ledger) as connection:
        connection.execute("SELECT pg_terminate_backend(%s, 5000)", (victim.info.backend_pid,))


def test_it_takes_in_all_that_there_is(busy: Town) -> None:
    ledger = busy.ledger
    assert ledger.follower.catch_up() == ledger.engine.ledger.size()
    assert position(ledger) == ledger.engine.ledger.size()
    assert ledger.follower.catch_up() == ledger.engine.ledger.size()
    assert_views_equal_a_rebuild(ledger)


def test_it_takes_in_as_many_batches_as_it_is_told(
    busy: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = busy.ledger
    monkeypatch.setattr(follow, "BATCH", 10)
    assert ledger.follower.catch_up(most=1) == position(ledger) == 10
    assert ledger.follower.catch_up(most=2) == position(ledger) == 30
    assert ledger.follower.catch_up() == ledger.engine.ledger.size()


@pytest.mark.parametrize("batch", [2, 7])
def test_killed_between_batches_another_goes_on(
    busy: Town, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    """What each kept in memory is gone with it."""
    ledger = busy.ledger
    monkeypatch.setattr(follow, "BATCH", batch)
    while position(ledger) < ledger.engine.ledger.size():
        follower = follower_of(ledger)
        follower.catch_up(most=3)
        assert follower._connection is not None
        kill(ledger, follower._connection)
        follower.release()
    assert_views_equal_a_rebuild(ledger)


@contextmanager
def struck_in(view: type, strike: Callable[[Connection], object]) -> Iterator[None]:
    """While the block runs, *strike* comes down when this view has just been written."""
    write = view.write

    def struck(self: Any, connection: Connection, table: sql.Identifier, changes: Any) -> None:
        write(self, connection, table, changes)
        strike(connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(view, "write", struck)
        yield


def test_killed_within_a_batch_nothing_of_it_stays(followed: Town) -> None:
    town, ledger = followed, followed.ledger
    before, at = tables(ledger), position(ledger)
    town.whole_life()
    with (
        struck_in(Decisions, lambda connection: kill(ledger, connection)),
        pytest.raises(psycopg.OperationalError),
    ):
        ledger.follower.catch_up()
    assert (tables(ledger), position(ledger)) == (before, at)
    assert ledger.follower.catch_up() == ledger.engine.ledger.size()
    assert_views_equal_a_rebuild(ledger)


def test_it_goes_on_with_lives_that_it_no_longer_remembers(
    busy: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = busy.ledger
    monkeypatch.setattr(lives, "REMEMBERED", 1)
    monkeypatch.setattr(follow, "BATCH", 2)
    ledger.follower.catch_up()
    monkeypatch.undo()
    assert_views_equal_a_rebuild(ledger)


# One leader.


def test_a_second_follower_does_not_lead(town: Town) -> None:
    ledger = town.ledger
    town.raised()
    assert ledger.follower.lead()
    second = follower_of(ledger)
    assert not second.lead()
    with pytest.raises(Fenced):
        second.catch_up()
    assert ledger.follower.lead()
    assert ledger.follower.catch_up() == 8
    second.release()


def test_when_the_leader_stops_another_leads_under_a_newer_epoch(town: Town) -> None:
    first, second = town.ledger.follower, follower_of(town.ledger)
    assert first.lead()
    epoch = first.epoch
    assert epoch is not None
    first.release()
    assert second.lead()
    assert second.epoch == epoch + 1
    assert not first.lead()
    second.release()


def test_another_leads_as_soon_as_the_leader_has_let_go(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though PostgreSQL has not noticed yet that the leader's connection is closed."""
    leader, other = town.ledger.follower, follower_of(town.ledger)
    assert leader.lead()
    connection = leader._connection
    assert connection is not None
    with monkeypatch.context() as late:
        late.setattr(psycopg.Connection, "close", lambda _: None)
        leader.release()
        assert other.lead()
    connection.close()
    other.release()


def test_a_leader_lets_go_of_a_connection_that_is_gone(town: Town) -> None:
    first, second = town.ledger.follower, follower_of(town.ledger)
    assert first.lead()
    assert first._connection is not None
    kill(town.ledger, first._connection)
    first.release()
    assert second.lead()
    second.release()


def test_a_leader_that_was_cut_off_is_fenced(town: Town) -> None:
    """Its lock has gone with its connection; it comes back and does not know."""
    ledger, first, second = town.ledger, town.ledger.follower, follower_of(town.ledger)
    town.raised()
    first.catch_up()
    assert first._connection is not None
    kill(ledger, first._connection)
    town.raised()
    assert second.lead()
    before = tables(ledger)
    with pytest.raises(psycopg.OperationalError):
        first.catch_up()
    with pytest.raises(Fenced):
        first.catch_up()
    assert tables(ledger) == before
    assert position(ledger) == 8
    assert second.catch_up() == 9
    second.release()
    assert_views_equal_a_rebuild(ledger)


def test_a_leader_is_fenced_though_its_transaction_has_begun(town: Town) -> None:
    """Another has taken over since it read where it was: all that it wrote is rolled back."""
    ledger = town.ledger
    ledger.follower.catch_up()
    town.raised()
    before = tables(ledger)

    def overtaken(*_: object) -> None:
        with as_owner(ledger) as connection:
            connection.execute("UPDATE follower SET epoch = epoch + 1")

    with pytest.MonkeyPatch.context() as patch:
        advance = Follower._advance

        def late(self: Follower, *where: Any) -> None:
            overtaken()
            advance(self, *where)

        patch.setattr(Follower, "_advance", late)
        with pytest.raises(Fenced):
            ledger.follower.catch_up()
    assert tables(ledger) == before
    assert position(ledger) == 7
    assert ledger.follower.catch_up() == 8


def test_two_processes_that_follow_in_turn_do_not_double(town: Town) -> None:
    """What each remembers of a case from its last turn is old by the next."""
    ledger, case = town.ledger, town.raised()
    with another(ledger) as there:
        for n, what in enumerate(("discuss", "escalate", "assign", "note", "close", "reopen")):
            Town(there).does(case, what)
            leader, other = (ledger, there) if n % 2 else (there, ledger)
            leader.follower.catch_up()
            with pytest.raises(Fenced):
                other.follower.catch_up()
            leader.follower.release()
    assert_views_equal_a_rebuild(ledger)


# Versions of views.


def versions(ledger: OpenLedger) -> dict[str, int]:
    return dict(ledger.database.rows("SELECT name, version FROM views"))


def test_at_first_every_view_is_made(unfollowed: OpenLedger) -> None:
    assert versions(unfollowed) == {}
    assert unfollowed.follower.lead()
    assert versions(unfollowed) == {view.name: view.version for view in VIEWS}
    assert all(rows == [] for rows in tables(unfollowed).values())


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_view_of_a_newer_version_is_built_anew_by_who_leads(
    followed: Town, monkeypatch: pytest.MonkeyPatch, view: Any
) -> None:
    """Here one that has a column more."""
    town, ledger = followed, followed.ledger
    ledger.follower.release()
    town.whole_life()
    kind = type(view)
    monkeypatch.setattr(kind, "version", kind.version + 1)
    more = kind.ddl + "ALTER TABLE {table} ADD COLUMN more int DEFAULT 7;"
    monkeypatch.setattr(kind, "ddl", more)
    write = kind.write

    def written(self: Any, connection: Connection, table: sql.Identifier, changes: Any) -> None:
        drop, add = (
            "ALTER TABLE {} DROP COLUMN more",
            "ALTER TABLE {} ADD COLUMN more int DEFAULT 7",
        )
        connection.execute(sql.SQL(drop).format(table))
        write(self, connection, table, changes)
        connection.execute(sql.SQL(add).format(table))

    monkeypatch.setattr(kind, "write", written)
    assert ledger.follower.catch_up() == ledger.engine.ledger.size()
    assert versions(ledger)[view.name] == kind.version
    ((count, sevens),) = ledger.database.rows(
        f"SELECT count(*), count(*) FILTER (WHERE more = 7) FROM {view.name}"  # type: ignore[arg-type]
    )
    assert 0 < count == sevens
    assert_views_equal_a_rebuild(ledger)


def test_an_older_version_does_not_lead_over_newer_views(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often it asks, and it keeps nobody else from leading."""
    town.raised()
    with monkeypatch.context() as newer:
        newer.setattr(Decisions, "version", Decisions.version + 1)
        follower = follower_of(town.ledger)
        follower.catch_up()
        follower.release()
    before = tables(town.ledger)
    town.raised()
    for _ in range(2):
        with pytest.raises(NewerVersion):
            town.ledger.follower.catch_up()
    assert tables(town.ledger) == before
    monkeypatch.setattr(Decisions, "version", Decisions.version + 1)
    follower = follower_of(town.ledger)
    assert follower.catch_up() == town.engine.ledger.size()
    follower.release()


def test_an_older_leader_is_fenced_by_a_newer_version_s_views(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.raised()
    town.ledger.follower.catch_up()
    town.raised()
    monkeypatch.setattr(Decisions, "version", Decisions.version + 1)
    build.Builder(town.engine.ledger, Decisions()).build()
    monkeypatch.undo()
    with pytest.raises(Fenced):
        town.ledger.follower.catch_up()
    with pytest.raises(NewerVersion):
        town.ledger.follower.catch_up()

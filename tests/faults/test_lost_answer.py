"""The connection is cut around a COMMIT: the command is told so, and its repeat the truth."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from api.installation import OpenLedger
from ledger.commands import Command
from ledger.database import Database, Unavailable
from ledger.engine import Seen
from tests.domain.scenario import COORDINATOR
from tests.faults.proxy import Cut, Proxy, proxied
from tests.ledger.leaves import wrong_leaves
from tests.lives import Town, as_owner, in_threads, settled, until

LOST = "Tapt svar på nettverket"


@pytest.fixture
def direct(ledger: OpenLedger) -> Town:
    """The town with connections that nobody cuts."""
    return settled(ledger)


@pytest.fixture
def proxy(direct: Town) -> Iterator[Proxy]:
    with proxied(direct.ledger.database.url) as between:
        yield between


@pytest.fixture
def town(direct: Town, proxy: Proxy) -> Iterator[Town]:
    """The same town, seen through the proxy."""
    with OpenLedger(Database(proxy.url(), direct.ledger.database.schema)) as ledger:
        yield Town(ledger)


def keyed(key: str = "k-1") -> Command:
    return Command(COORDINATOR, key=key, request_hash="h")


@pytest.mark.parametrize("cut", Cut)
def test_a_command_whose_answer_is_lost_is_told_so_and_done_once(
    direct: Town, town: Town, proxy: Proxy, cut: Cut
) -> None:
    case = direct.raised()
    proxy.cut_at(LOST, cut)
    with pytest.raises(Unavailable):
        town.does(case, "note", text=LOST, command=keyed())
    assert proxy.cuts == 1
    if cut is not Cut.DURING:
        assert len(direct.entries(case)) == (2 if cut is Cut.AFTER else 1)
    told = town.does(case, "note", text=LOST, command=keyed())
    assert (told.state.version, told.position) == (2, direct.position(case, 2))
    assert len(direct.entries(case)) == 2
    assert direct.ledger.database.rows(
        "SELECT count(*) FROM texts WHERE words = %(w)s", w=LOST
    ) == [(1,)]
    assert [entry.id for entry in direct.entries()] == list(range(1, told.position + 1))
    assert wrong_leaves(direct.ledger) == []


@pytest.mark.parametrize("cut", Cut)
def test_a_case_whose_raising_was_not_answered_is_there_once(
    direct: Town, town: Town, proxy: Proxy, cut: Cut
) -> None:
    """The repeat makes up another id; it is given the case of the first."""
    proxy.cut_at(LOST, cut)
    with pytest.raises(Unavailable):
        town.raises(title=LOST, command=keyed())
    told = town.raises(title=LOST, command=keyed())
    assert direct.cases() == [told.state.id]
    assert told.state.number is not None
    assert told.state.number.endswith("-0001")


def test_a_repeat_waits_for_a_first_try_that_is_still_at_work(
    direct: Town, town: Town, proxy: Proxy
) -> None:
    """The server has the query, the client has gone, and the repeat comes through another door."""
    case = direct.raised()
    with ThreadPoolExecutor(1) as pool, as_owner(direct.ledger) as holding:
        with holding.transaction():
            holding.execute("SELECT FROM head FOR UPDATE")
            proxy.cut_at(LOST, Cut.DURING)
            with pytest.raises(Unavailable):
                town.does(case, "note", text=LOST, command=keyed())
            until(lambda: waiting_for_head(direct) == 1)
            repeat = pool.submit(partial(direct.does, case, "note", text=LOST, command=keyed()))
            until(lambda: waiting_for_head(direct) == 2)
        assert repeat.result(30).state.version == 2
    assert len(direct.entries(case)) == 2


def waiting_for_head(town: Town) -> int:
    ((waiting,),) = town.ledger.database.rows(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND usename = 'loft_app' AND wait_event_type = 'Lock'"
    )
    return int(waiting)


@pytest.mark.parametrize("cut", Cut)
def test_a_whole_batch_whose_answer_is_lost_is_told_so_and_done_once(
    direct: Town, town: Town, proxy: Proxy, cut: Cut
) -> None:
    cases = [direct.raised() for _ in range(8)]
    works = [partial(noted, town, case, n) for n, case in enumerate(cases)]
    proxy.cut_at(LOST, cut)
    came = in_threads(*works)
    assert proxy.cuts == 1
    unanswered = [n for n, one in enumerate(came) if not isinstance(one, Seen)]
    assert unanswered
    assert {type(came[n]) for n in unanswered} == {Unavailable}
    for n in unanswered:
        came[n] = works[n]()
    assert [seen.state.version for seen in came] == [2] * 8
    assert [len(direct.entries(case)) for case in cases] == [2] * 8
    assert [seen.position for seen in came] == [direct.position(case, 2) for case in cases]


def noted(town: Town, case: str, n: int) -> Seen:
    return town.does(case, "note", text=LOST, command=keyed(f"k-{n}"))


def test_without_a_key_nobody_can_tell(direct: Town, town: Town, proxy: Proxy) -> None:
    """So such a command is never tried again by itself."""
    case = direct.raised()
    proxy.cut_at(LOST, Cut.BEFORE)
    with pytest.raises(Unavailable):
        town.does(case, "note", text=LOST)
    assert len(direct.entries(case)) == 1
    proxy.cut_at(LOST, Cut.AFTER)
    with pytest.raises(Unavailable):
        town.does(case, "note", text=LOST)
    assert len(direct.entries(case)) == 2
    assert town.does(case, "note", text=LOST).state.version == 3


def test_a_lost_connection_of_a_reader_is_mended_unseen(
    direct: Town, town: Town, proxy: Proxy
) -> None:
    case = direct.raised()
    proxy.cut_at(case, Cut.AFTER)
    assert town.case(case).version == 1
    assert proxy.cuts == 1

"""Concurrent writers: on one case, on many, from one process and from two."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from api.installation import OpenLedger
from domain.case import Case
from domain.errors import OrganExists, OrganIsDissolved, StaleVersion
from domain.event import Event
from ledger.commands import Command
from ledger.engine import Busy, Seen
from ledger.stored import Entry
from ledger.texts import Pen
from tests.domain.scenario import COORDINATOR, TUESDAY
from tests.domain.topologies import PROGRAMME
from tests.lives import Town, another, as_owner, in_threads, settled, until

ROOT = Path(__file__).parents[2]


@contextmanager
def one_batch(town: Town) -> Iterator[Callable[..., Future[Any]]]:
    """What is begun by `begin` in this block is written in one transaction, in that order: the
    counter row is held while a first command waits for it and the others queue up behind."""
    group = town.engine.ledger._group
    with as_owner(town.ledger) as holding, ThreadPoolExecutor(70) as pool:

        def begin(work: Callable[..., Any], *args: Any, **kwargs: Any) -> Future[Any]:
            waiting = len(group._queue)
            begun = pool.submit(work, *args, **kwargs)
            until(lambda: len(group._queue) > waiting)
            return begun

        with holding.transaction():
            holding.execute("SELECT FROM head FOR UPDATE")
            first = pool.submit(town.raised)
            until(lambda: group._led and not group._queue)
            yield begin
        first.result(30)


def test_the_structure_may_change_before_a_case_does_in_one_batch(ledger: OpenLedger) -> None:
    """The structure is at the position of its own event, however its batch ends."""
    town = settled(ledger)
    case = town.raised()
    with one_batch(town) as begin:
        changed = begin(town.registers, "s-2")
        moved = begin(town.does, case, "discuss")
    for begun in (changed, moved):
        begun.result(30)
    assert town.does(case, "note").state.version == 3


def test_a_lift_is_not_decided_on_a_structure_that_changes_in_its_batch(ledger: OpenLedger) -> None:
    town = settled(ledger)
    case = town.raised()
    town.does(case, "discuss")
    with one_batch(town) as begin:
        dissolved = begin(town.dissolves, PROGRAMME)
        lifted = begin(town.does, case, "escalate", to=PROGRAMME)
    dissolved.result(30)
    with pytest.raises(OrganIsDissolved):
        lifted.result(30)


def test_one_writer_wins_each_version_of_a_case(ledger: OpenLedger) -> None:
    """The others are told so when they asked for that version."""
    town = settled(ledger)
    case = town.raised()
    only_first = Command(COORDINATOR, if_version=1)
    works = [partial(town.does, case, "note", command=only_first) for _ in range(8)]
    came = in_threads(*works)
    assert [seen.state.version for seen in came if isinstance(seen, Seen)] == [2]
    assert [type(refused) for refused in came if not isinstance(refused, Seen)] == [
        StaleVersion
    ] * 7
    assert len(town.entries(case)) == 2


def test_writers_who_asked_for_no_version_are_all_heard(ledger: OpenLedger) -> None:
    town = settled(ledger)
    case = town.raised()
    came = in_threads(*[partial(town.does, case, "note", text=f"Notat {n}") for n in range(8)])
    assert sorted(seen.state.version for seen in came) == list(range(2, 10))
    assert [entry.originator_version for entry in town.entries(case)] == list(range(1, 10))
    assert len({seen.position for seen in came}) == 8


def test_a_writer_who_always_comes_too_late_is_told_so(ledger: OpenLedger) -> None:
    """It has decided ten times, and somebody was quicker each time."""
    town = settled(ledger)
    case, tries = town.raised(), []
    text = Pen().write("Møte avtalt")

    def decide(life: Case) -> Event:
        tries.append(life.version)
        town.does(case, "note")
        return life.note(text=text, by=COORDINATOR, at=TUESDAY)

    with pytest.raises(Busy):
        ledger.engine.act(Case, case, decide, command=Command(COORDINATOR))
    assert tries == list(range(1, 11))
    assert len(town.entries(case)) == 11


def test_of_two_who_constitute_one_organ_at_once_one_is_refused(ledger: OpenLedger) -> None:
    town = settled(ledger)
    came = in_threads(*[partial(town.constitutes, "nytt-team", "executing") for _ in range(4)])
    assert sum(isinstance(one, Seen) for one in came) == 1
    assert [type(one) for one in came if not isinstance(one, Seen)] == [OrganExists] * 3
    assert len(town.entries("organ:nytt-team")) == 1


def test_many_writers_leave_no_gap_and_each_is_told_where_it_stands(ledger: OpenLedger) -> None:
    """A reader at the ledger's end sees all that is committed, each once and in order."""
    town = settled(ledger)
    begin = ledger.engine.ledger.size()

    def lives(n: int) -> list[tuple[str, int, int]]:
        seen = [town.raises(title=f"Sak {n}")]
        case = seen[0].state.id
        seen += [town.does(case, what) for what in ("discuss", "note", "escalate", "close")]
        return [(case, one.state.version, one.position) for one in seen]

    with tailing(town, begin, 32 * 5) as tail:
        receipts = [receipt for its in in_threads(*[partial(lives, n) for n in range(32)])
                    for receipt in its]  # fmt: skip
        told = tail.result(30)
    written = town.entries()[begin:]
    assert [entry.id for entry in written] == list(range(begin + 1, begin + 161))
    assert {(e.originator_id, e.originator_version, e.id) for e in written} == set(receipts)
    assert [entry.id for entry in told] == [entry.id for entry in written]
    assert told == list(written)


@contextmanager
def tailing(town: Town, begin: int, count: int) -> Iterator[Future[list[Entry]]]:
    """What a reader with connections of its own sees while the block runs."""
    with (
        another(town.ledger) as other,
        other.engine.ledger.subscribe(gt=begin) as tail,
        ThreadPoolExecutor(1) as pool,
    ):
        yield pool.submit(lambda: list(islice(tail, count)))


WRITER = """
import sys
from concurrent.futures import ThreadPoolExecutor
from api.installation import OpenLedger
from ledger.database import Database
from tests.lives import Town

def lives(town):
    case = town.raised()
    return [(case, 1)] + [
        (case, town.does(case, what).position) for what in ("discuss", "note", "close")
    ]

with OpenLedger(Database(sys.argv[1], sys.argv[2])) as ledger, ThreadPoolExecutor(8) as pool:
    print("ready", flush=True)
    sys.stdin.readline()
    for its in list(pool.map(lives, [Town(ledger)] * 10)):
        for case, position in its[1:]:
            print(case, position)
"""


def test_two_processes_write_to_one_ledger(ledger: OpenLedger) -> None:
    town = settled(ledger)
    begin = ledger.engine.ledger.size()
    where = (ledger.database.url, ledger.database.schema)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
    with tailing(town, begin, 80) as tail:
        writers = [subprocess.Popen([sys.executable, "-c", WRITER, *where], **pipes)
                   for _ in range(2)]  # fmt: skip
        for writer in writers:
            assert writer.stdout.readline() == "ready\n"
        for writer in writers:
            writer.stdin.write("\n")
            writer.stdin.flush()
        said = [writer.communicate(timeout=60)[0].split() for writer in writers]
        told = tail.result(30)
    written = town.entries()[begin:]
    assert [entry.id for entry in written] == list(range(begin + 1, begin + 81))
    assert [entry.id for entry in told] == [entry.id for entry in written]
    receipts = {(case, int(position)) for words in said
                for case, position in zip(words[::2], words[1::2], strict=True)}  # fmt: skip
    assert len(receipts) == 60
    later = [entry for entry in written if entry.originator_version > 1]
    assert {(entry.originator_id, entry.id) for entry in later} == receipts


def test_a_member_that_cannot_be_written_does_not_spoil_its_batch(ledger: OpenLedger) -> None:
    """PostgreSQL keeps no NUL. The API takes none in; another door might."""
    town = settled(ledger)
    first, bad, last = (town.raised() for _ in range(3))
    with one_batch(town) as begin:
        works = [
            begin(town.does, first, "note"),
            begin(town.does, bad, "note", text="\x00"),
            begin(town.does, last, "note"),
        ]
    assert isinstance(works[1].exception(30), Exception)
    assert [works[n].result(30).state.version for n in (0, 2)] == [2, 2]
    assert [len(town.entries(case)) for case in (first, bad, last)] == [2, 1, 2]


def test_a_refused_member_does_not_spoil_its_batch(ledger: OpenLedger) -> None:
    """One was quicker than a member of the batch, one sends a key again."""
    town = settled(ledger)
    busy, again, fine = (town.raised() for _ in range(3))
    sent = Command(COORDINATOR, key="k", request_hash="h")
    before = town.does(again, "note", command=sent)
    stale = Command(COORDINATOR, if_version=1)
    with one_batch(town) as begin:
        works = [
            begin(town.does, busy, "note"),
            begin(town.does, busy, "note", command=stale),
            begin(town.does, again, "note", command=sent),
            begin(town.does, fine, "note"),
        ]
    assert works[0].result(30).state.version == 2
    assert isinstance(works[1].exception(30), StaleVersion)
    assert works[2].result(30).position == before.position
    assert works[3].result(30).state.version == 2
    assert [entry.id for entry in town.entries()] == list(range(1, len(town.entries()) + 1))

"""Appending one event, beside a plain one-row INSERT and beside the library's own recorder."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from threading import Barrier, Thread
from uuid import uuid4

import psycopg

from bench import stock
from bench.bed import OWNER, SECRET, Bed
from bench.figures import Aim, Figure, compared, take_turns
from domain.actor import Actor, Role
from domain.case import ProgressNoted
from ledger.commands import Command, request_hash
from ledger.recorder import Recorder
from ledger.stored import EventMapper
from ledger.texts import Pen

WORDS = "Ungdom i sentrum har det " * 8
"""200 characters."""
_BODY = json.dumps({"text": WORDS + "x" * 88}).encode()
"""300 bytes."""
_SECONDS = 1.5
_AIMS = {1: 0.8, 8: 1.2, 32: 1.5}
_BESIDE_STOCK = {1: None, 8: Aim(at_least=5), 32: Aim(at_least=5)}
_ME = Actor(id="token-0123456789ab", role=Role.COORDINATOR, organ="koordineringsgruppen")

Write = Callable[[], object]
"""Appends one event."""


def run(bed: Bed) -> list[Figure]:
    database = bed.create("append")
    bed.own(
        database, "CREATE SCHEMA plain", "CREATE TABLE plain.events (LIKE events INCLUDING ALL)"
    )
    figures: list[Figure] = []
    with bed.opened(database) as ledger, stock.recorder(bed.url(database, OWNER)) as library:
        opens: dict[str, Callable[[], Write]] = {
            "ours": lambda: ours(ledger.engine.ledger),
            "plain": lambda: plain(bed.url(database, OWNER)),
            "stock": lambda: stock.writer(library, WORDS),
        }
        for writers in _AIMS:
            figures += _compare(opens, writers)
    return figures


def _compare(opens: dict[str, Callable[[], Write]], writers: int) -> list[Figure]:
    reached = take_turns(
        {name: lambda opened=opened: rate(opened, writers) for name, opened in opens.items()}  # type: ignore[misc]
    )
    ours, what = reached["ours"], f"append, {writers} writer{'s' if writers > 1 else ''}"
    return [
        compared(f"{what} : plain INSERT", ours, reached["plain"], "/s", Aim(_AIMS[writers])),
        compared(f"{what} : stock recorder", ours, reached["stock"], "/s", _BESIDE_STOCK[writers]),
    ]


def rate(opened: Callable[[], Write], writers: int, seconds: float = _SECONDS) -> float:
    """Events a second that so many threads append, each through a writer of its own."""
    ready, counts = Barrier(writers + 1), [0] * writers

    def work(number: int) -> None:
        write = opened()
        ready.wait()
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            write()
            counts[number] += 1

    threads = [Thread(target=work, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    ready.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - began)


def ours(recorder: Recorder) -> Write:
    """Through the ledger's recorder, with words, a key and its hash."""
    stream, versions, mapper = str(uuid4()), count(1), EventMapper()

    def write() -> None:
        pen, version = Pen(), next(versions)
        event = ProgressNoted(
            originator_id=stream,
            originator_version=version,
            actor=_ME,
            occurred_at=datetime.now(UTC),
            text=pen.write(WORDS),
        )
        key, asked = f"{stream}-{version}", request_hash(SECRET, _BODY)
        command = Command(actor=_ME, key=key, request_hash=asked)
        recorder.append([mapper.to_stored_event(event)], command=command, drafts=pen.drafts)

    return write


_INSERT = "INSERT INTO plain.events VALUES (" + ", ".join(["%s"] * 14) + ")"
_positions = count(1)


def plain(url: str) -> Write:
    """The same columns and as many bytes; the words lie in the row itself."""
    connection = psycopg.connect(url, autocommit=True)
    stream, versions = str(uuid4()), count(1)

    def write() -> None:
        data = {"text": WORDS, "source": "entered", "precision": "minute"}
        now = datetime.now(UTC)
        row = (
            *(next(_positions), stream, "case", next(versions), "ProgressNoted", 1),
            *(json.dumps(data), _ME.model_dump_json(), now, now, uuid4(), None, None, bytes(32)),
        )
        connection.execute(_INSERT, row, prepare=True)

    return write


assert len(WORDS) == 200

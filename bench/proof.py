"""What the proof costs: sealing beside appending, checking a whole ledger, and single proofs."""

import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from threading import Event, Thread
from typing import LiteralString

from psycopg.rows import TupleRow

from bench import append
from bench.bed import SCHEMA, Bed
from bench.figures import Aim, Figure, compared, percentile, take_turns
from ledger import live
from ledger.checkpoints import Notary
from ledger.database import Database
from ledger.live import Live, LiveCheck
from ledger.signing import SigningKey
from ledger.tree import Tree

EVENTS = 1_000_000
_SMALL = 100_000
_WRITERS = 32
_PROOFS = 2_000
_SEALING = 1.0  # seconds, as a server does

FILL: LiteralString = """
SELECT count(*) FROM (SELECT (append(
    jsonb_agg(jsonb_build_object('member', n, 'stream_id', stream, 'is_structure', false,
        'version', 1, 'actor_id', 'bench', 'status', 201)),
    jsonb_agg(jsonb_build_object('member', n, 'nth', 1, 'leaf_1', '', 'leaf_2',
        '{"actor":{"id":"bench","organ":null,"role":"coordinator"},"causation_id":null,'
        || '"command_id":"' || stream || '","correlation_id":null,"data":{"precision":"minute",'
        || '"source":"entered","text":{"digest":"' || encode(sha256(salt || words::bytea), 'hex')
        || '","id":"' || text || '"}},"name":"ProgressNoted",'
        || '"occurred_at":"2026-01-01T09:00:00.000000Z",',
        'leaf_3', ',"schema_version":1,"stream_id":"' || stream
        || '","stream_type":"case","version":1}')),
    jsonb_agg(jsonb_build_object('member', n, 'nth', 1, 'id', text, 'words', words,
        'salt', encode(salt, 'hex')))
)).* FROM (
    SELECT n, gen_random_uuid()::text AS stream, gen_random_uuid()::text AS text,
        sha256(n::text::bytea) AS salt, repeat('Ungdom i sentrum har det ', 8) AS words
    FROM generate_series(1, %s) n
) made) appended
"""
"""Appends so many events of 200 characters each, without a client in between."""


def run(bed: Bed) -> list[Figure]:
    return [_sealing(bed), *_checking(bed)]


def _sealing(bed: Bed) -> Figure:
    """Appending with a sealer beside it, and without."""
    database = bed.create("sealing")
    with bed.opened(database) as ledger:
        tree = Tree(ledger.database)

        def rate() -> float:
            return append.rate(lambda: append.ours(ledger.engine.ledger), _WRITERS, 3)

        def sealed() -> float:
            with _beside(tree.grow):
                return rate()

        reached = take_turns({"sealed": sealed, "alone": rate})
    what = f"append, {_WRITERS} writers, with a sealer : without"
    return compared(what, reached["sealed"], reached["alone"], "/s", Aim(0.95))


@contextmanager
def _beside(work: Callable[[], object]) -> Iterator[None]:
    done = Event()

    def again() -> None:
        while not done.wait(_SEALING):
            work()

    thread = Thread(target=again)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _checking(bed: Bed) -> list[Figure]:
    database = bed.create("proof")
    notary = Notary(
        Database(bed.url(database), SCHEMA), SigningKey.from_seed(bytes(32)), bed.folder / "note"
    )
    notary.database.open()
    try:
        small = _memory(bed, database, notary, _SMALL)
        rate = _rate_once_read(notary)
        large = _memory(bed, database, notary, EVENTS)
        return [
            rate,
            Figure(f"memory of a check of {_SMALL:,} events", small, "MB"),
            Figure(f"memory of a check of {EVENTS:,} events", large, "MB"),
            *_proofs(notary),
        ]
    finally:
        notary.database.close()


def _memory(bed: Bed, database: str, notary: Notary, size: int) -> float:
    """MB that a process of its own has at most, while it checks a ledger of *size*."""
    with bed.hasty(database), notary.database.connect() as connection:
        while (missing := size - notary.tree.grow()) > 0:
            connection.execute(FILL, (min(missing, 1_000),))
    notary.sign(datetime.now(UTC))
    script = (
        "from pathlib import Path; from bench.proof import checked; "
        f"checked({bed.url(database)!r}, Path({str(bed.folder / 'note')!r}))"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
    return float(done.stdout)


def checked(url: str, note: Path) -> None:
    """Check the ledger at *url*, which must be intact, and print how many MB that took at most."""
    notary = Notary(Database(url, SCHEMA), SigningKey.from_seed(bytes(32)), note)
    notary.database.open()
    verdict = live.verify(notary)
    assert verdict.ok, verdict.what
    notary.database.close()
    status = dict(line.split(":") for line in Path("/proc/self/status").read_text().splitlines())
    print(int(status["VmHWM"].split()[0]) / 1024)


class Held(Live):
    """A ledger whose rows are in memory already."""

    def _rows(self, _name: str, query: LiteralString) -> Iterator[TupleRow]:
        return iter(self.connection.execute(query).fetchall())

    def crooked(self) -> None:
        return None


def _rate_once_read(notary: Notary) -> Figure:
    """Events a second: canonical JSON, hashes, words and the tree, on one core."""
    with notary.database.connection() as connection:
        rates = []
        for _ in range(3):
            held = Held(connection, notary, lambda _looked, _of: None)
            check = LiveCheck(held, None, None)
            began = time.perf_counter()
            check.run()
            rates.append(held.size / (time.perf_counter() - began))
    what = f"check of {_SMALL:,} events once read"
    return Figure(what, median(rates), "/s", aim=Aim(150_000))


def _proofs(notary: Notary) -> list[Figure]:
    draw, size = random.Random(1), notary.tree.sealed()
    inclusion = [
        _milliseconds(lambda: notary.tree.inclusion_proof(draw.randint(1, size), size))
        for _ in range(_PROOFS)
    ]
    consistency = [
        _milliseconds(lambda: notary.tree.consistency_proof(draw.randint(1, size), size))
        for _ in range(_PROOFS)
    ]
    return [
        Figure(f"inclusion proof at {size:,} events, p99", percentile(inclusion, 99), "ms",
               aim=Aim(at_most=5)),
        Figure(f"consistency proof at {size:,} events, p99", percentile(consistency, 99), "ms",
               aim=Aim(at_most=5)),
    ]  # fmt: skip


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000

"""How fast the views take in a whole ledger, and how far they are behind a living one."""

import time
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from threading import Event, Thread

import psycopg

from bench import http, lives, load
from bench.bed import OWNER, SCHEMA, Bed
from bench.figures import Aim, Figure, percentile
from bench.load import Job
from bench.served import loft
from projections import VIEWS
from projections.follow import Follower

CASES = 6_000
_RUNS = 3
_RATE, _SECONDS, _CLIENTS = 200, 10, 8
_PATIENCE = 60  # seconds
_GLANCE = 0.002  # seconds between looks at the follower's position

Sighting = tuple[float, int]
"""A moment (seconds since 1970) and the position at which the views were first seen then."""


def run(bed: Bed) -> list[Figure]:
    return [*_catch_up(bed), *_lag(bed)]


def _catch_up(bed: Bed) -> list[Figure]:
    database = bed.create("views")
    with bed.hasty(database), bed.opened(database) as ledger:
        began = time.perf_counter()
        size = lives.build(ledger.engine, lives.LONG, CASES)
        built = size / (time.perf_counter() - began)
    rates = [size / caught_up(bed, database) for _ in range(_RUNS)]
    return [
        Figure("events appended by 12 threads, in batches", built, "/s"),
        Figure(f"catch-up of all views, {size:,} events", median(rates), "/s", aim=Aim(20_000)),
    ]


def caught_up(bed: Bed, database: str) -> float:
    """Seconds that it takes to build all views from nothing, by following."""
    bed.own(database, "UPDATE follower SET position = 0", "DELETE FROM views")
    with bed.opened(database) as ledger:
        follower = Follower(ledger.engine.ledger, VIEWS)
        began = time.perf_counter()
        follower.catch_up()
        seconds = time.perf_counter() - began
        follower.release()
    return seconds


def _lag(bed: Bed) -> list[Figure]:
    """From the time of recording, which is before the commit, to when another connection sees
    that the views have it."""
    database = bed.create("lag")
    with loft(bed, database) as server:
        token = http.token_for(bed, database)
        cases = http.raise_cases(server, token, 10 * _CLIENTS)
        paths = http.discussions(cases, _CLIENTS)
        with bed.opened(database) as ledger, _watched(bed.url(database, OWNER)) as sightings:
            job = Job(server.port, token, paths, http.DISCUSSION, _SECONDS, rate=_RATE)
            answered = load.put(job)
            _wait_for(sightings, ledger.engine.ledger.size())
    lags = _lags(bed, database, sightings)
    what = f"commit to visible at {answered.rate:.0f} commands/s"
    return [
        Figure(f"{what}, p50", percentile(lags, 50), "ms"),
        Figure(f"{what}, p99", percentile(lags, 99), "ms", aim=Aim(at_most=150)),
    ]


@contextmanager
def _watched(url: str) -> Iterator[list[Sighting]]:
    """Notes each new position of the follower, as another connection sees it."""
    sightings: list[Sighting] = []
    enough = Event()

    def watch() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            while not enough.is_set():
                row = connection.execute(f"SELECT position FROM {SCHEMA}.follower").fetchone()
                if row and (not sightings or row[0] > sightings[-1][1]):
                    sightings.append((time.time(), row[0]))
                time.sleep(_GLANCE)

    watcher = Thread(target=watch)
    watcher.start()
    try:
        yield sightings
    finally:
        enough.set()
        watcher.join()


def _wait_for(sightings: list[Sighting], position: int) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not sightings or sightings[-1][1] < position:
        assert time.monotonic() < deadline, "the views stand still"
        time.sleep(0.05)


def _lags(bed: Bed, database: str, sightings: list[Sighting]) -> list[float]:
    """Milliseconds, of each event that was recorded under watch."""
    with psycopg.connect(bed.url(database, OWNER)) as connection:
        recorded = connection.execute(
            f"SELECT position, extract(epoch FROM recorded_at)::float8 FROM {SCHEMA}.events "
            "WHERE position > %s ORDER BY position",
            (sightings[0][1],),
        ).fetchall()
    seen = [position for _, position in sightings]
    return [(sightings[bisect_left(seen, at)][0] - moment) * 1000 for at, moment in recorded]

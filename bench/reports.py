"""The reports in a large ledger, and what their view costs those that are followed with it."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from statistics import median

from bench import lives
from bench.bed import Bed
from bench.figures import Aim, Figure, percentile
from bench.reads import build
from ledger.database import Database
from projections import VIEWS, channels, measures, overview, roads
from projections.asked import Asked
from projections.follow import Follower
from projections.view import View

CASES = 100_000
_ASKED, _WARM = 40, 3
_RUNS = 3
_OWN = "flow"
"""The view that there would not be without reports."""


def run(bed: Bed, cases: int = CASES) -> list[Figure]:
    size = build(bed, cases)
    database = f"reads_{cases}"
    with bed.opened(database) as ledger:
        figures = list(_reports(ledger.database, cases))
    without = [view for view in VIEWS if view.name != _OWN]
    rates: dict[int, list[float]] = {len(VIEWS): [], len(without): []}
    for _ in range(_RUNS):
        for views in (VIEWS, without):
            rates[len(views)].append(size / _caught_up(bed, database, views))
    ours, theirs = median(rates[len(VIEWS)]), median(rates[len(without)])
    what = f"catch-up of {size:,} events with the reports' view beside without"
    return [*figures, Figure(what, ours, "/s", theirs, ours / theirs)]


def _reports(database: Database, cases: int) -> list[Figure]:
    today, organ = datetime.now(UTC).date(), lives.TEAMS[0]
    every, narrow = Asked(today=today), Asked(today=today, organ=organ)
    asked: dict[str, Callable[[], object]] = {
        "overview": lambda: overview.report(database, every),
        "flow": lambda: roads.report(database, every),
        "channels": lambda: channels.report(database, every),
        "measures": lambda: measures.report(database, every),
        "overview of one organ": lambda: overview.report(database, narrow),
        "flow of one organ": lambda: roads.report(database, narrow),
        "channels of one organ": lambda: channels.report(database, narrow),
    }
    figures = []
    for name, ask in asked.items():
        first, *took = (_took(ask) for _ in range(1 + _WARM + _ASKED))
        p95 = percentile(took[_WARM:], 95)
        figures.append(
            Figure(f"report: {name}, {cases:,} cases, p95", p95, "ms", aim=Aim(at_most=200))
        )
        figures.append(Figure(f"report: {name}, the first time", first, "ms"))
    return figures


def _took(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return (time.perf_counter() - began) * 1000


def _caught_up(bed: Bed, database: str, views: Sequence[View]) -> float:
    """Seconds that it takes to build these views from nothing, by following."""
    bed.own(database, "UPDATE follower SET position = 0", "DELETE FROM views")
    with bed.opened(database) as ledger:
        follower = Follower(ledger.engine.ledger, views)
        began = time.perf_counter()
        follower.catch_up()
        seconds = time.perf_counter() - began
        follower.release()
    return seconds

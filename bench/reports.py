"""The reports in a large ledger, and what their view costs those that are followed with it."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import cycle
from statistics import median

from api.installation import OpenLedger
from bench import lives
from bench.bed import Bed
from bench.figures import Aim, Figure, percentile
from bench.reads import build
from domain.actor import Actor, Role
from domain.case import Case
from domain.event import Occurred
from ledger.commands import Command
from ledger.database import Database
from ledger.texts import Pen
from projections import VIEWS, channels, measures, overview, roads
from projections.asked import Asked
from projections.follow import Follower
from projections.view import View

CASES, FOLLOWED = 100_000, 3_000
"""Of twenty events each: those that are reported on, and those that are followed again."""
_ASKED, _WARM = 40, 3
_RUNS = 3
_OWN = "flow"
"""The view that there would not be without reports."""
_BY = Actor(id="bench", role=Role.COORDINATOR)
Report = Callable[[Database, Asked], object]
REPORTS: dict[str, Report] = {
    "overview": overview.report,
    "flow": roads.report,
    "channels": channels.report,
    "measures": measures.report,
}


def run(bed: Bed, cases: int = CASES) -> list[Figure]:
    size = build(bed, cases, lives.WHOLE)
    with bed.opened(f"reads_{cases}") as ledger:
        figures = reported(ledger, f"{cases:,} cases, {size:,} events")
    return [*figures, _followed(bed)]


def reported(ledger: OpenLedger, what: str) -> list[Figure]:
    """Each report of all and of an organ. Before each question something happens to a case."""
    today, figures = datetime.now(UTC).date(), list[Figure]()
    narrowed = {"": Asked(today=today), " of an organ": Asked(today=today, organ=lives.TEAMS[0])}
    cases = cycle(_open_cases(ledger.database))
    for of, asked in narrowed.items():
        for name, report in REPORTS.items():
            first, *took = (
                _took(ledger, next(cases), report, asked) for _ in range(1 + _WARM + _ASKED)
            )
            p95 = percentile(took[_WARM:], 95)
            figures += [
                Figure(f"report: {name}{of}, {what}, p95", p95, "ms", aim=Aim(at_most=200)),
                Figure(f"report: {name}{of}, the first time", first, "ms"),
            ]
    return figures


def _open_cases(database: Database) -> list[str]:
    rows = database.rows(
        "SELECT case_id FROM flow WHERE to_position IS NULL AND status <> 'closed' LIMIT 100"
    )
    return [case_id for (case_id,) in rows]


def _took(ledger: OpenLedger, case: str, report: Report, asked: Asked) -> float:
    """Milliseconds that a report takes once the views hold that a case was answered."""
    pen, at = Pen(), Occurred(at=datetime.now(UTC))
    words = pen.write("Tjenesten er i gang.")
    ledger.engine.act(
        Case,
        case,
        lambda life: life.answer(to=life.raised_by, message=words, by=_BY, at=at),
        command=Command(_BY),
        drafts=pen.drafts,
    )
    ledger.follower.catch_up()
    began = time.perf_counter()
    report(ledger.database, asked)
    return (time.perf_counter() - began) * 1000


def _followed(bed: Bed) -> Figure:
    size = build(bed, FOLLOWED, lives.WHOLE)
    without = [view for view in VIEWS if view.name != _OWN]
    rates: dict[int, list[float]] = {len(VIEWS): [], len(without): []}
    for _ in range(_RUNS):
        for views in (VIEWS, without):
            rates[len(views)].append(size / _caught_up(bed, f"reads_{FOLLOWED}", views))
    ours, theirs = median(rates[len(VIEWS)]), median(rates[len(without)])
    what = f"catch-up of {size:,} events with the reports' view beside without"
    return Figure(what, ours, "/s", theirs, ours / theirs, Aim(10_000))


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

"""The list of cases: in a large ledger beside a small one, and as of then beside now."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from random import Random

from rich.console import Console

from api import kept_tokens
from api.cursors import cursor
from bench import lives
from bench.bed import Bed
from bench.figures import Aim, Figure, percentile
from bench.served import loft
from bench.wire import Line
from domain.actor import Role

SMALL, LARGE = 1_000, 100_000
_ASKED = 60
"""How often each question is put; so many answers make a p95."""
_WARM = 5
QUESTIONS = {
    "all": "",
    "status": "status=assigned",
    "holder": f"holder={lives.GROUP}",
    "theme": "theme=rus",
    "overdue": "overdue=true",
    "answer_owed": "answer_owed=true",
    "q, 1 in 7": "q=hasj",
    f"q, {lives.RARE_CASES} cases": f"q={lives.RARE}",
    "deep cursor": "cursor=",
}
"""Each fills a page of 100 in a ledger of either size, but for the rare word."""


class Reader:
    """Somebody who reads the list of one ledger."""

    def __init__(self, line: Line, middle: int) -> None:
        self.line = line
        self.middle = middle
        """The position at which the case in the middle of the list was raised."""

    def took(self, question: str, as_of: int | None = None) -> float:
        """Milliseconds until the answer is there."""
        if question == "cursor=":
            question += cursor(self.middle)
        if as_of is not None:
            question += f"&as_of={as_of}"
        began = time.perf_counter()
        status, answer = self.line.ask("GET", f"/api/cases?{question}")
        assert status == 200, answer
        return (time.perf_counter() - began) * 1000


def run(bed: Bed) -> list[Figure]:
    sizes = {cases: build(bed, cases) for cases in (SMALL, LARGE)}
    middle, end = sizes[LARGE] // 2, sizes[LARGE] - 100
    with ExitStack() as stack:
        small, large = (_reader(bed, stack, cases) for cases in (SMALL, LARGE))
        p95 = {
            name: _p95(
                {
                    "small": lambda asked=asked: small.took(asked),  # type: ignore[misc]
                    "large": lambda asked=asked: large.took(asked),  # type: ignore[misc]
                    "middle": lambda asked=asked: large.took(asked, middle),  # type: ignore[misc]
                    "end": lambda asked=asked: large.took(asked, end),  # type: ignore[misc]
                }
            )
            for name, asked in QUESTIONS.items()
        }
    return [
        *_figures(p95, f"{LARGE:,} : {SMALL:,} cases", "large", "small", Aim(at_most=1.5)),
        *_figures(p95, "as_of the middle : now", "middle", "large", Aim(at_most=2)),
        *_figures(p95, "as_of near the end : now", "end", "large", Aim(at_most=2)),
    ]


def build(bed: Bed, cases: int, plans: Sequence[str] = lives.SHORT) -> int:
    """The size of a new ledger of so many cases that live by *plans*, with its views."""
    database, began = bed.create(f"reads_{cases}"), time.monotonic()
    with bed.hasty(database), bed.opened(database) as ledger, lives.uncollected():
        size = lives.build(ledger.engine, plans, cases)
        appended = time.monotonic()
        ledger.follower.catch_up()
    followed = time.monotonic()
    bed.own(database, "VACUUM ANALYZE")
    Console(stderr=True).print(
        f"reads: {cases:,} cases, {size:,} events: appended in {appended - began:.0f} s, "
        f"followed in {followed - appended:.0f} s"
    )
    return size


def _reader(bed: Bed, stack: ExitStack, cases: int) -> Reader:
    database = f"reads_{cases}"
    server = stack.enter_context(loft(bed, database))
    with bed.opened(database) as ledger:
        token = kept_tokens.create_token(ledger.database, "bench", Role.AUDITOR)
        ((middle,),) = ledger.database.rows(
            "SELECT raised_position FROM case_status WHERE to_position IS NULL "
            "ORDER BY raised_position OFFSET %(half)s LIMIT 1",
            half=cases // 2,
        )
    return Reader(stack.enter_context(Line(server.port, token)), middle)


def _figures(
    p95: Mapping[str, Mapping[str, float]], what: str, measured: str, beside: str, aim: Aim
) -> list[Figure]:
    return [
        Figure(
            f"list ({name}) p95, {what}", p[measured], "ms", p[beside], p[measured] / p[beside], aim
        )
        for name, p in p95.items()
    ]


def _p95(asked: Mapping[str, Callable[[], float]]) -> dict[str, float]:
    """Of each of these questions, put in an order that changes from turn to turn: in a fixed one,
    what a server does every so often would always hit the same question."""
    took: dict[str, list[float]] = {name: [] for name in asked}
    chance = Random(2016)
    for turn in range(_WARM + _ASKED):
        for name in chance.sample(list(asked), len(asked)):
            milliseconds = asked[name]()
            if turn >= _WARM:
                took[name].append(milliseconds)
    return {name: percentile(its, 95) for name, its in took.items()}

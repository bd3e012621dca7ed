"""Deadlines: looking through those of many open cases, and reckoning them by another policy."""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median

from api.clockwork import ITSELF, PAGE
from bench import lives
from bench.bed import Bed
from bench.figures import Aim, Figure
from domain.event import Occurred
from domain.municipality import MUNICIPALITY, Municipality
from domain.policy import Policy
from ledger.commands import Command
from ledger.engine import Engine
from projections.deadlines import BEGIN, After, to_record
from projections.due import DeadlineFilter, answers_owed, listed

CASES = int(os.environ.get("LOFT_BENCH_CASES", "100000"))
"""All open. `LOFT_BENCH_CASES`: so many instead."""
OPEN = (
    "raised",
    "raised discussed",
    "raised discussed lifted",
    "raised discussed lifted assigned",
    "raised discussed lifted assigned accepted",
)
_ROUNDS = 5


def run(bed: Bed) -> list[Figure]:
    database = bed.create("deadlines")
    with bed.hasty(database), bed.opened(database) as ledger:
        lives.build(ledger.engine, OPEN, CASES)
        ledger.follower.catch_up()
        reads, today = ledger.database, datetime.now(UTC).date()
        late = DeadlineFilter(overdue=True)
        cases = f"{CASES:,} open cases"
        looked = _took(lambda: _look_through(ledger.engine))
        first = _took(lambda: listed(reads, late, today=today))
        owed = _took(lambda: answers_owed(reads, late, today=today))
        _set(ledger.engine)
        began = time.perf_counter()
        ledger.follower.catch_up()
        anew = time.perf_counter() - began
    return [
        Figure(f"look through the deadlines of {cases}", looked, "s", aim=Aim(at_most=2)),
        Figure("the first 100 that are overdue", first * 1000, "ms", aim=Aim(at_most=100)),
        Figure("the first 100 answers that are overdue", owed * 1000, "ms", aim=Aim(at_most=100)),
        Figure(f"another policy for {cases}", anew, "s", aim=Aim(at_most=30)),
    ]


def _look_through(engine: Engine) -> int:
    """As the clockwork does after a long standstill: every deadline has come, and nothing of it is
    recorded yet. What it finds is then recorded one by one."""
    after: After = BEGIN
    found, today = 0, datetime.now(UTC).date()
    while page := to_record(engine.database, today=today, after=after, limit=PAGE):
        found += len(page)
        after = page[-1]
    return found


def _took(work: Callable[[], object]) -> float:
    took = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return median(took)


def _set(engine: Engine) -> None:
    """A policy by which nearly every deadline is on another day."""
    policy = _shorter(engine.structure.policy)
    engine.act(
        Municipality,
        MUNICIPALITY,
        lambda life: life.set_policy(policy=policy, by=ITSELF, at=Occurred(at=datetime.now(UTC))),
        command=Command(ITSELF),
    )


def _shorter(policy: Policy) -> Policy:
    standing = tuple(one.model_copy(update={"days": one.days - 1}) for one in policy.standing)
    return policy.model_copy(update={"standing": standing, "acceptance_days": 9, "answer_days": 19})

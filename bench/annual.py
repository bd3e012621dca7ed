"""The year's report, from the request until the file is there: Bærum's of 2016, which is frozen and
held against the ledger each time, and one of a year of a thousand matters. Where that year is not
over it is a draft."""

import time
from datetime import UTC, datetime

import httpx

from api import kept_tokens
from bench import lives
from bench.bed import Bed
from bench.figures import Aim, Figure, percentile
from bench.served import loft
from domain.actor import Role

CASES = 1_000
_TURNS = 5
_FORMS = ("json", "html", "docx", "pdf")
_SECONDS = 5


def run(bed: Bed) -> list[Figure]:
    small, large = bed.create("annual_baerum"), bed.create("annual_large")
    with bed.hasty(large), bed.opened(large) as ledger, lives.uncollected():
        size = lives.build(ledger.engine, lives.SHORT, CASES)
        ledger.follower.catch_up()
        rows = ledger.database.rows(
            "SELECT year FROM matters GROUP BY year ORDER BY count(*) DESC, year LIMIT 1"
        )
    return [
        *_measured(bed, small, 2016, "Bærum 2016"),
        *_measured(bed, large, rows[0][0], f"{CASES:,} matters, {size:,} events"),
    ]


def _measured(bed: Bed, database: str, year: int, what: str) -> list[Figure]:
    with bed.opened(database) as ledger:
        token = kept_tokens.create_token(ledger.database, "bench", Role.COORDINATOR)
    with (
        loft(bed, database) as server,
        httpx.Client(
            base_url=f"http://127.0.0.1:{server.port}/api/reports/annual",
            headers={"Authorization": f"Bearer {token}"},
            timeout=60,
        ) as client,
    ):
        is_over = year < datetime.now(UTC).year
        state = "frozen" if is_over else "draft"
        if is_over:
            frozen = client.post(f"/{year}/freezing", json={})
            assert frozen.status_code == 201, frozen.text
        took = {form: _p95(client, year, form) for form in _FORMS}
    return [
        Figure(f"annual report, {what}, {state}, {form}, p95 : {_SECONDS} s", ms, "ms",
               _SECONDS * 1000, ms / (_SECONDS * 1000), Aim(at_most=1))
        for form, ms in took.items()
    ]  # fmt: skip


def _p95(client: httpx.Client, year: int, form: str) -> float:
    """Milliseconds until the file is there, after a first one."""
    took = []
    for turn in range(_TURNS + 1):
        began = time.perf_counter()
        answer = client.get(f"/{year}", params={"format": form})
        assert answer.status_code == 200, answer.text
        if turn:
            took.append((time.perf_counter() - began) * 1000)
    return percentile(took, 95)

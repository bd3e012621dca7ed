"""The year's report, frozen and held against the ledger each time, from the request until the page
or the file is there: Bærum's of 2016, and those of years in which very much was raised."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime

import httpx

from api import kept_tokens
from bench import lives
from bench.bed import Bed
from bench.figures import Aim, Figure, percentile
from bench.served import loft
from domain.actor import Role

CASES = (1_000, 10_000)
_TURNS = 20
_FORMS = ("json", "html", "docx", "pdf")
_YEAR = datetime.now(UTC).year - 1
_FILE, _PAGE = 5_000, 100
"""Milliseconds that a file and a page may take."""


def run(bed: Bed) -> list[Figure]:
    found = _measured(bed, bed.create("annual_baerum"), 2016, "Bærum 2016", _FORMS)
    for cases in CASES:
        database = bed.create(f"annual_{cases}")
        with bed.hasty(database), bed.opened(database) as ledger, lives.uncollected():
            began = datetime(_YEAR, 6, 1, tzinfo=UTC)
            size = lives.build(ledger.engine, lives.SHORT, cases, began=began)
            ledger.follower.catch_up()
        forms = _FORMS if cases == CASES[0] else ()
        found += _measured(bed, database, _YEAR, f"{cases:,} matters, {size:,} events", forms)
    return found


def _measured(bed: Bed, database: str, year: int, what: str, forms: Sequence[str]) -> list[Figure]:
    with bed.opened(database) as ledger:
        token = kept_tokens.create_token(ledger.database, "bench", Role.COORDINATOR)
    path = f"/api/reports/annual/{year}"
    with (
        loft(bed, database) as server,
        httpx.Client(
            base_url=f"http://127.0.0.1:{server.port}",
            headers={"Authorization": f"Bearer {token}"},
            timeout=60,
        ) as client,
    ):
        bed.wait_for_the_clock(database)
        frozen = client.post(f"{path}/freezing", json={})
        assert frozen.status_code == 201, frozen.text
        client.headers["Loft-Position"] = frozen.headers["Loft-Position"]
        took = {f"as {form}": _p95(client, f"{path}?format={form}") for form in forms}
        page = _p95(client, path.removeprefix("/api"))
    return [
        *(_figure(f"{what}, {form}", ms, _FILE) for form, ms in took.items()),
        _figure(f"{what}, its page", page, _PAGE),
    ]


def _figure(what: str, ms: float, aim: int) -> Figure:
    name = f"annual report, {what}, p95 : {aim} ms"
    return Figure(name, ms, "ms", aim, ms / aim, Aim(at_most=1))


def _p95(client: httpx.Client, path: str) -> float:
    """Milliseconds until it is there, after a first time, in which all of it is held."""
    took = []
    for turn in range(_TURNS + 1):
        began = time.perf_counter()
        answer = client.get(path)
        assert answer.status_code == 200, answer.text
        if turn:
            took.append((time.perf_counter() - began) * 1000)
    return percentile(took, 95)

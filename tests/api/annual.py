"""A year's report over HTTP: a valid body for each command, and the steps that lead up to it."""

from itertools import count
from typing import Any

import httpx

from domain.annual_report import AnnualReport, report_id
from tests.api.story import TEAM, read
from tests.conftest import Client

BODIES: dict[str, dict[str, Any]] = {
    "feedback": {"service": TEAM, "what_works": "Vi møtes hver fjerde uke."},
    "sections/{section}": {"text": "Det var et år med mange saker."},
    "freezing": {},
    "erasures": {"legal_basis": "recorded_by_mistake", "reason": "Et navn."},
}


class Year:
    """A year's report, told step by step by whoever *client* lets in; fails at a step that is
    refused."""

    def __init__(self, client: Client, year: int = 2016) -> None:
        self.client = client
        self.year = year
        self.path = f"/api/reports/annual/{year}"
        self.last: httpx.Response | None = None

    def tries(self, step: str, by: Client | None = None, **changes: Any) -> httpx.Response:
        key = "sections/{section}" if step.startswith("sections/") else step
        return (by or self.client).post(f"{self.path}/{step}", json=BODIES[key] | changes)

    def does(self, step: str, by: Client | None = None, **changes: Any) -> "Year":
        self.last = self.tries(step, by, **changes)
        assert self.last.status_code == 201, f"{step}: {self.last.text}"
        return self

    @property
    def headers(self) -> dict[str, str]:
        """So that what was done last is seen."""
        size = self.client.ledger.engine.ledger.size()
        return {"Loft-Position": str(size)}

    def asks(self, by: Client | None = None, what: str = "", **query: Any) -> httpx.Response:
        return (by or self.client).get(f"{self.path}{what}", params=query, headers=self.headers)

    def now(self, what: str = "", **query: Any) -> dict[str, Any]:
        """What is read of it once the views are there."""
        assert self.last is not None
        return dict(read(self.client, f"{self.path}{what}", self.last, **query))


def address(method: str, path: str, coordinator: Client) -> tuple[str, Any]:
    """A path and a body that are right just now. What is read is frozen: that is open to all who
    may read it."""
    step = path.removeprefix("/api/reports/annual/{year}").removeprefix("/")
    if method == "GET":
        year = Year(coordinator, 2015)
        if _is_open(coordinator, 2015):
            year.does("feedback").does("freezing")
        return path.format(year=2015), None
    body = dict(BODIES[step])
    if step == "erasures":
        made = Year(coordinator, 2014).tries("sections/foreword").json()
        return path.format(year=2014), body | {"text_id": made["text"]["text_id"]}
    year = next(y for y in count(2016) if _is_open(coordinator, y))
    return path.format(year=year, section="foreword"), body


def _is_open(client: Client, year: int) -> bool:
    seen = client.ledger.engine.load(AnnualReport, report_id(year))
    return seen is None or seen.state.freezing is None

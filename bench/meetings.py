"""A meeting over HTTP: logging it, its agenda, and its minutes on paper."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from bench.bed import Bed
from bench.figures import Aim, Figure, percentile
from bench.http import raise_cases, token_for
from bench.lives import GROUP
from bench.served import loft
from bench.wire import Line

ITEMS, DECIDED = 12, 8
"""What one meeting talks about, and on how many of these it decides something."""
OPEN = 500
"""Cases that an organ holds as its agenda is asked for."""
_MEETINGS = 12
_ASKED = 40
_TEAM = "vestre-13-16"
_SUMMARY = "Teamet ser det samme på to skoler til, og snakker med foreldrene. " * 3


def until(there: Callable[[], bool]) -> None:
    """Wait until the views have caught up."""
    deadline = time.monotonic() + 60
    while not there():
        assert time.monotonic() < deadline
        time.sleep(0.05)


class Meter:
    """Counts calls, and takes their time."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.took: list[float] = []

    def does(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        began = time.perf_counter()
        answer: dict[str, Any] = self.line.json("POST", path, body)
        self.took.append((time.perf_counter() - began) * 1000)
        return answer


def run(bed: Bed) -> list[Figure]:
    database = bed.create("meetings")
    token = token_for(bed, database)
    with ExitStack() as stack:
        server = stack.enter_context(loft(bed, database))
        line = stack.enter_context(Line(server.port, token))
        logged = [_log(line, raise_cases(server, token, ITEMS)) for _ in range(_MEETINGS)]
        calls = max(len(meter.took) for meter, _ in logged)
        each = [took for meter, _ in logged[1:] for took in meter.took]
        held = logged[-1][1]
        until(lambda: line.ask("GET", f"{held}/minutes")[0] == 200)
        papers = {form: _p95(line, f"{held}/minutes?format={form}") for form in ("pdf", "html")}
        raise_cases(server, token, OPEN)
        coming = _convened(line)
        until(lambda: _waiting(line, coming) >= OPEN)
        agenda = _p95(line, f"{coming}/agenda")
    p95 = percentile(each, 95)
    return [
        Figure(f"calls to log a meeting of {ITEMS} items", calls, "", 30, calls / 30, _MOST),
        Figure("a call in a meeting, p95 : 100 ms", p95, "ms", 100, p95 / 100, _MOST),
        Figure(f"agenda, {OPEN} open cases, p95 : 200 ms", agenda, "ms", 200, agenda / 200, _MOST),
        *(
            Figure(f"minutes as {form}, p95 : 1 s", took, "ms", 1000, took / 1000, _MOST)
            for form, took in papers.items()
        ),
    ]


_MOST = Aim(at_most=1)


def _convened(line: Line) -> str:
    """The path of a new meeting of the team, two hours ago."""
    began = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
    made = line.json("POST", "/api/meetings", {"organ": _TEAM, "starts_at": began})
    return f"/api/meetings/{made['id']}"


def _log(line: Line, cases: list[str]) -> tuple[Meter, str]:
    """A whole meeting from its attendance to its closing: twelve items, a decision on eight, and
    what follows from some of them. Gives the path of the meeting too."""
    meter, path = Meter(line), _convened(line)
    for case in cases:
        line.json("POST", f"{path}/agenda/items", {"cases": [case]})
    meter.does(f"{path}/attendance", {"seats": []})
    for n in range(1, ITEMS + 1):
        decides = {"conclusion": "decided", "decision": "Fritidsklubbene holder åpent lenger."}
        said = decides if n <= DECIDED else {"conclusion": "continue"}
        meter.does(f"{path}/items/{n}/discussions", {"summary": _SUMMARY} | said)
    due = str((datetime.now(UTC) + timedelta(days=30)).date())
    for n in range(1, 5):
        asked = {"service": GROUP, "expectation": "Kartlegg omfanget.", "due_on": due}
        meter.does(f"{path}/items/{n}/assignments", asked)
    for n in range(5, 9):
        why = {"why": "cannot", "reason": "Gjelder hele kommunen.", "tried": "Foreldremøter."}
        meter.does(f"{path}/items/{n}/escalations", {"to": GROUP} | why)
    for n in range(9, 12):
        meter.does(f"{path}/items/{n}/answers", {"to": _TEAM, "message": "Klubben tar det."})
    meter.does(f"{path}/items/12/postponement", {})
    meter.does(f"{path}/closure", {})
    return meter, path


def _waiting(line: Line, path: str) -> int:
    """How much waits for the meeting, as far as the views are."""
    status, answer = line.ask("GET", f"{path}/agenda")
    return len(orjson.loads(answer)["waiting"]) if status == 200 else 0


def _p95(line: Line, path: str) -> float:
    """Milliseconds until the answer is there."""
    took: list[float] = []
    for turn in range(_ASKED + 5):
        began = time.perf_counter()
        status, answer = line.ask("GET", path)
        assert status == 200, answer
        if turn >= 5:
            took.append((time.perf_counter() - began) * 1000)
    return percentile(took, 95)

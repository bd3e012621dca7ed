"""No word that a person typed stands anywhere but in the table of texts, and in the view by which
words are found."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql

from ledger.embedded import Embedded
from tests.api.processes import Running, data_directory, serving
from tests.api.story import BOARD, BODIES, GROUP, RAISING, TEAM

MARK = "Xyzzyplugh"
WORDS = {"title", "description", "area", "summary", "reason", "tried", "title_there", "decision",
         "expectation", "report", "expected_effect", "note", "message", "text", "correction",
         "ask_again", "name", "represents", "mandate", "what"}  # fmt: skip
LIFE = (
    "discussions", "escalations", "assignments", "assignments/1/acceptance",
    "assignments/1/completion", "assignments", "assignments/2/refusal", "measures",
    "measures/1/evaluation", "answers", "answers/1/acknowledgement", "referrals", "pause",
    "resumption", "reclassification", "returns", "notes", "corrections", "closure", "reopening",
    "reversals",
)  # fmt: skip


def marked(body: dict[str, Any]) -> dict[str, Any]:
    """*body* with the mark in every field that takes words."""
    return {name: f"{MARK} {name}" if name in WORDS else value for name, value in body.items()}


@dataclass(frozen=True)
class Lived:
    running: Running
    data: Path
    said: int
    """How many texts were written with the mark."""


@pytest.fixture(scope="module")
def lived() -> Iterator[Lived]:
    """A server that was told the marked words in every way there is, right and wrong."""
    with data_directory() as data, serving(data, "demo", "--port", "0") as running:
        with running.client() as coordinator, running.client("admin") as admin:
            lead_a_life(coordinator)
            build(coordinator, admin)
            go_wrong(coordinator)
        with psycopg.connect(Embedded(data).url()) as connection:
            count = connection.execute(
                "SELECT count(*) FROM baerum.texts WHERE words LIKE %s", (f"%{MARK}%",)
            ).fetchone()
        assert count is not None
        yield Lived(running, data, count[0])


def lead_a_life(client: httpx.Client) -> None:
    words = {"description": "x", "area": "x"}
    headers = {"Idempotency-Key": "life"}
    answer = client.post("/api/cases", json=marked(RAISING | words), headers=headers)
    path = f"/api/cases/{answer.json()['number']}"
    for step in LIFE:
        body = marked(BODIES[step.replace("1/", "{n}/").replace("2/", "{n}/")])
        more = {"escalations": "title_there", "answers/1/acknowledgement": "ask_again"}.get(step)
        body |= {more: MARK} if more else {}
        body |= {"conclusion": "decided", "decision": MARK} if step == "discussions" else {}
        body |= {"position": answer.json()["position"]} if step in {
            "corrections", "reversals"} else {}  # fmt: skip
        answer = client.post(f"{path}/{step}", json=body)
        assert answer.status_code == 201, f"{step}: {answer.text}"
    headers = {"Loft-Position": answer.headers["Loft-Position"]}
    for asked in (path, f"{path}/history", "/api/audit/decisions", f"/api/cases?q={MARK}"):
        assert MARK in client.get(asked, headers=headers).text


def build(coordinator: httpx.Client, admin: httpx.Client) -> None:
    organ = {"key": "ny", "name": "x", "level": "executing", "kind": "team", "area": "x",
             "note": "x"}  # fmt: skip
    board = {"acting_for": BOARD}
    for client, path, body in (
        (admin, "organs", organ | {"note": MARK}),
        (admin, f"organs/{TEAM}/renaming", {"name": "x"}),
        (admin, f"organs/{GROUP}/mandate", {"mandate": "x"}),
        (admin, f"organs/{GROUP}/seats", {"role": "member", "represents": "x"}),
        (admin, "organs/ny/dissolution", {"reason": "x"}),
        (admin, "services", {"name": "x"}),
        (admin, "services/nav/renaming", {"name": "x y"}),
        (coordinator, "focus-areas", {"key": "ny", "name": "x"} | board),
        (coordinator, "focus-areas/ny/work", {"year": 2026, "what": "x"}),
        (coordinator, "plans", {"name": "x", "from": 2026} | board),
        (coordinator, "observations", {"source": "police", "text": "x"}),
    ):
        told = marked(body) if path != "services/nav/renaming" else {"name": f"{MARK} nav"}
        answer = client.post(f"/api/{path}", json=told)
        assert answer.status_code == 201, f"{path}: {answer.text}"


def go_wrong(client: httpx.Client) -> None:
    number = client.get("/api/cases").json()["items"][0]["number"]
    notes = f"/api/cases/{number}/notes"
    wrong = [
        client.post(notes, json={"text": MARK, MARK: MARK}),
        client.post(notes, json={"text": f"{MARK}\x00"}),
        client.post(notes, json={"text": MARK, "occurred_at": MARK}),
        client.post(notes, json={"text": MARK, "acting_for": MARK}),
        client.post(notes, content=f'{{"text": "{MARK}'),
        client.post(notes, content=MARK.encode() + b"\xff" * 300_000),
        client.post(notes, json={"text": MARK}, headers={"If-Match": MARK}),
        client.post(f"/api/cases/{MARK}/notes", json={"text": MARK}),
        client.post(f"/api/{MARK}", json={MARK: MARK}),
        client.request(MARK.upper(), "/api/cases"),
        client.get(f"/api/cases?{MARK}={MARK}"),
        client.get(f"/api/cases?holder={MARK}"),
        client.get(f"/api/cases?cursor={MARK}"),
        client.get(f"/api/organs/{MARK}"),
        client.get("/api/cases", headers={"Authorization": f"Bearer {MARK}"}),
        client.get("/api/cases", headers={"Loft-Position": MARK}),
    ]
    assert all(400 <= answer.status_code < 500 for answer in wrong)
    assert not any(MARK.lower() in answer.text.lower() for answer in wrong)


def holds_no_mark(text: str) -> bool:
    return MARK.lower() not in text.lower()


def test_the_words_were_taken_down(lived: Lived) -> None:
    assert lived.said == 40


def test_no_line_of_the_log_holds_a_word(lived: Lived) -> None:
    assert lived.running.logged.count('"event": "request"') > 40
    assert holds_no_mark(lived.running.logged)
    assert holds_no_mark("\n".join(lived.running.said))


def test_no_measure_holds_a_word(lived: Lived) -> None:
    metrics = httpx.get(f"{lived.running.url}/metrics").text
    assert 'route="/api/cases/{case}/notes"' in metrics
    assert holds_no_mark(metrics)
    assert holds_no_mark(httpx.get(f"{lived.running.url}/readyz").text)


def test_no_table_but_these_holds_a_word(lived: Lived) -> None:
    with psycopg.connect(Embedded(lived.data).url()) as connection:
        tables = connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables "
            "WHERE table_schema IN ('baerum', 'loft') AND table_type = 'BASE TABLE'"
        ).fetchall()
        names = {name for _, name in tables}
        assert names >= {"events", "commands", "head", "tokens", "case_status", "structure"}
        for schema, name in tables:
            table = sql.Identifier(schema, name)
            rows = connection.execute(sql.SQL("SELECT t::text FROM {} t").format(table))
            held = [row[0] for row in rows if not holds_no_mark(row[0])]
            assert bool(held) == (name in {"texts", "search"}), f"{name}: {held[:1]}"


def test_the_log_of_the_database_holds_no_word(lived: Lived) -> None:
    logs = [file for file in lived.data.rglob("*.log") if file.is_file()]
    assert logs
    for file in logs:
        assert holds_no_mark(file.read_text(errors="replace"))

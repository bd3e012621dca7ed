"""Alive, ready, measured; and what happens to requests when something breaks."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
import structlog
from prometheus_client.parser import text_string_to_metric_families
from psycopg import sql

from api.installation import OpenLedger
from domain.case import ProgressNoted
from ledger.engine import Engine
from projections.audit_trail import AuditTrail
from tests.api.asserting import assert_refused, nothing_changes
from tests.api.conftest import until
from tests.api.story import RAISING, Story, read
from tests.conftest import Client, Server, app_over


def measured(client: Client) -> dict[str, float]:
    """Each metric without labels."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    samples = (sample for family in families for sample in family.samples)
    return {sample.name: sample.value for sample in samples if not sample.labels}


def test_alive_and_ready_are_told_without_a_token(client: Client, coordinator: Client) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}
    story = Story(coordinator)
    story.now()
    size = client.ledger.engine.ledger.size()
    assert client.get("/readyz").json() == {
        "ready": True,
        "access_log": "whole",
        "database": True,
        "migrated": True,
        "ledger_size": size,
        "views_position": size,
        "views_problem": None,
        "parked": [],
        "notices_stuck": 0,
        "notices_waiting": 0,
        "guarded": True,
        "standing": "whole",
        "personal_data_gate": "name list",
    }


def test_an_empty_ledger_is_ready_too(ledger: OpenLedger) -> None:
    with Client(app_over(ledger)) as client:
        client.ledger = ledger
        until(lambda: client.get("/readyz").status_code == 200)
        ready = client.get("/readyz").json()
        assert (ready["ledger_size"], ready["views_position"]) == (0, 0)
        coordinator = client.as_("coordinator")
        assert read(coordinator, "/api/cases") == {"items": [], "next": None}
        assert read(coordinator, "/api/organs") == {"items": [], "next": None}
        assert read(coordinator, "/api/reports/overview")["total"] == 0
        answer = coordinator.post("/api/cases", json=RAISING)
        assert_refused(answer, 422, "invalid", "no organ with this key")


def test_the_measures_count_what_happens(client: Client, coordinator: Client) -> None:
    before = measured(client)
    story = Story(coordinator, "notes")
    story.now()
    assert coordinator.get(f"{story.path}/no").status_code == 404
    after = measured(client)
    recorded = "loft_commands_recorded_total"
    assert after[recorded] == before.get(recorded, 0) + 2
    assert after["loft_ledger_size"] == client.ledger.engine.ledger.size()
    assert after["loft_views_position"] == after["loft_ledger_size"]
    assert after["loft_parked_lives"] == 0
    text = client.get("/metrics").text
    assert 'route="/api/cases/{case}/notes",status="201"' in text
    assert story.number not in text


def test_a_case_that_a_view_cannot_take_in_is_named_and_the_others_go_on(
    client: Client, coordinator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = AuditTrail.write

    def fails(self: Any, connection: Any, table: Any, changes: Any) -> None:
        if any(isinstance(change.event, ProgressNoted) for change in changes):
            raise RuntimeError
        write(self, connection, table, changes)

    monkeypatch.setattr(AuditTrail, "write", fails)
    sick, well = Story(coordinator), Story(coordinator)
    sick.does("notes")
    well.does("discussions")
    assert well.now()["status"] == "discussed"
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["parked"] == [sick.number]
    assert measured(client)["loft_parked_lives"] == 1
    assert sick.now()["version"] == 1
    assert sick.does("closure").case["version"] == 3, "commands decide on the ledger, not on views"


@contextmanager
def unreachable(server: Server, client: Client) -> Iterator[None]:
    """While PostgreSQL lets nobody into the client's database."""
    (name,) = client.ledger.database.rows("SELECT current_database()")[0]
    identifier = sql.Identifier(name)
    allow = sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS {}")
    server.execute(allow.format(identifier, sql.SQL("false")))
    with psycopg.connect(server.url("postgres", "postgres"), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
        )
    try:
        yield
    finally:
        server.execute(allow.format(identifier, sql.SQL("true")))


def test_without_a_database_everything_is_unavailable_and_comes_back(
    server: Server, client: Client, coordinator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client.ledger.database._pool, "timeout", 0.5)  # else 5 s a read
    key = {"Idempotency-Key": "through the storm"}
    size = client.ledger.engine.ledger.size()
    with unreachable(server, client):
        command = coordinator.post("/api/cases", json=RAISING, headers=key)
        ready = client.get("/readyz")
        alive = client.get("/healthz")
    assert_refused(command, 503, "unavailable", "with the same Idempotency-Key")
    assert int(command.headers["Retry-After"]) >= 1
    assert ready.status_code == 503
    assert (ready.json()["ready"], ready.json()["database"]) == (False, False)
    assert alive.status_code == 200
    until(lambda: client.get("/readyz").status_code == 200, seconds=20)
    assert client.ledger.engine.ledger.size() == size
    first = coordinator.post("/api/cases", json=RAISING, headers=key)
    again = coordinator.post("/api/cases", json=RAISING, headers=key)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert read(coordinator, "/api/cases", first, limit=1000)["items"][-1] == first.json()


@pytest.fixture
def lines() -> Iterator[list[dict[str, Any]]]:
    """What is logged meanwhile."""
    before, found = structlog.get_config(), list[dict[str, Any]]()

    def keep(_logger: object, _method: str, line: dict[str, Any]) -> dict[str, Any]:
        found.append(dict(line))
        raise structlog.DropEvent

    structlog.configure(
        processors=[structlog.processors.add_log_level, keep],
        wrapper_class=structlog.make_filtering_bound_logger(0),
    )
    yield found
    structlog.configure(**before)


def test_the_unexpected_is_told_and_logged_without_words(
    caseworker: Client, lines: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story(caseworker)

    def breaks(*_args: object, **_facts: object) -> None:
        raise LookupError("Xyzzyplugh")

    monkeypatch.setattr(Engine, "act", breaks)
    with nothing_changes(caseworker.ledger):
        answer = story.tries("notes", text="Xyzzyplugh")
    assert_refused(answer, 500, "unavailable", "Nothing was left half done")
    assert "Xyzzyplugh" not in answer.text
    assert "Xyzzyplugh" not in str(lines)
    (told,) = [line for line in lines if line["level"] == "error"]
    assert told["kind"] == "LookupError"
    assert "test_health.py" in told["place"]


def test_a_request_is_logged_with_who_what_and_where(
    caseworker: Client, lines: list[dict[str, Any]]
) -> None:
    story = Story(caseworker, title="Xyzzyplugh")
    entry = story.history()[0]
    written, read_back = lines
    assert (written["method"], written["route"], written["status"]) == ("POST", "/api/cases", 201)
    assert written["command"] == "raise_a_case"
    assert written["position"] == story.case["position"]
    assert written["actor"] == read_back["actor"] == entry["actor"]["id"]
    assert written["request_id"] == story.last.headers["request-id"]
    assert read_back["route"] == "/api/cases/{case}/history"
    assert read_back["command"] is None
    assert "Xyzzyplugh" not in str(lines)

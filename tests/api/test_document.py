"""The OpenAPI document itself, and the page that shows it to people."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import Client

RECORD_NOTHING = {
    "/api/ledger/checkpoints", "/api/persons/{person}/invitation", "/api/tokens",
    "/api/tokens/{token}/revocation", "/api/organs/{key}/calendar", "/api/me/calendar",
    "/api/notices/read", "/api/notices/parked/release", "/api/webhooks",
    "/api/webhooks/{webhook}/rotation", "/api/webhooks/{webhook}/release",
}  # fmt: skip
COMMANDS = {"401", "403", "404", "408", "409", "412", "413", "422", "429", "503"}


@pytest.fixture(scope="module")
def document(shared: Client) -> dict[str, Any]:
    answer = shared.get("/api/openapi.json")
    assert answer.status_code == 200
    return dict(answer.json())


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, ops in document["paths"].items():
        for method, operation in ops.items():
            yield path, method, operation


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from (v for k, v in part.items() if k == "$ref")
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            yield from references(one)


def headers_of(operation: dict[str, Any]) -> set[str]:
    return {p["name"].lower() for p in operation.get("parameters", []) if p["in"] == "header"}


def test_it_is_openapi_31_and_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    found = set(references(document))
    assert found
    for reference in found:
        place: Any = document
        for name in reference.removeprefix("#/").split("/"):
            place = place[name]


def test_every_door_but_health_asks_for_a_token(document: dict[str, Any]) -> None:
    ((name, scheme),) = document["components"]["securitySchemes"].items()
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    for path, _, operation in operations(document):
        if path.startswith("/api/"):
            assert operation["security"] == [{name: []}], path
        else:
            assert "security" not in operation


NEW = {
    "/api/cases", "/api/organs", "/api/meetings", "/api/orders",
    "/api/meetings/{meeting}/items/{n}/orders",
}  # fmt: skip


def test_every_command_names_its_headers_and_its_problems(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        if method == "post" and path not in RECORD_NOTHING:
            assert headers_of(operation) == {"idempotency-key", "if-match"}, path
            assert operation["responses"].keys() == COMMANDS | {"201"}, path
            headers = operation["responses"]["201"]["headers"]
            assert headers.keys() >= {"ETag", "Loft-Position"}
            assert ("Location" in headers) == (path in NEW)


def test_every_read_names_its_headers_and_no_problem_of_commands(
    document: dict[str, Any],
) -> None:
    for path, method, operation in operations(document):
        if method == "get" and path.startswith("/api/"):
            assert "loft-position" in headers_of(operation), path
            assert operation["responses"].keys() <= COMMANDS - {"408", "409", "412", "413"} | {
                "200"
            }
    assert "last-event-id" in headers_of(document["paths"]["/api/stream"]["get"])


def test_every_problem_is_told_as_one(document: dict[str, Any]) -> None:
    for path, _, operation in operations(document):
        for status, response in operation["responses"].items():
            if status >= "400" and path != "/readyz":
                (kind,) = response["content"]
                assert kind == "application/problem+json"
                assert response["description"].startswith("/problems/")


def test_every_door_says_what_it_does(document: dict[str, Any]) -> None:
    said = [operation["description"] for _, _, operation in operations(document)]
    assert all(re.search(r"\w.*\.", description) for description in said)


def test_the_page_for_people_needs_nobody_else(shared: Client) -> None:
    page = shared.get("/api/docs")
    assert page.status_code == 200
    assert "http://" not in page.text
    assert "https://" not in page.text
    for asset in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert shared.get(asset).status_code == 200
    assert '"/api/openapi.json"' in shared.get("/api/docs/own/docs.js").text

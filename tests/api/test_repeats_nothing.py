"""No error answer repeats what was typed, wherever it was typed."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from domain.rights import Action
from tests.api.asserting import nothing_changes
from tests.api.doors import DOORS, PERSON, Door
from tests.api.story import BODIES, Story
from tests.conftest import Client

MARK = "Xyzzyplugh"
FOR_SOME = [door for door in DOORS.values() if door.action is not None]


@pytest.fixture(scope="module")
def document(shared: Client) -> dict[str, Any]:
    return dict(shared.get("/api/openapi.json").json())


@pytest.fixture(scope="module")
def closed(caseworker: Client) -> Story:
    return Story(caseworker, "assignments", "measures", "answers", "closure")


def everywhere(door: Door, document: dict[str, Any], closed: Story) -> Iterator[dict[str, Any]]:
    """Requests at *door*, as keyword arguments: each with the mark in one place."""
    said = document["paths"][door.path][door.method.lower()]
    places = {
        "case": closed.number, "n": 1, "key": "styret", "service": "NAV", "position": 1,
        "person": PERSON, "token": "token-0", "measure": 1, "secret": "x",
        "meeting": "0b0f5a3c-6c4e-4a52-9f6e-6f1f1c3a9d10",
        "year": 2016, "section": "foreword",
        "webhook": "hook-0", "order": "0b0f5a3c-6c4e-4a52-9f6e-6f1f1c3a9d10",
    }  # fmt: skip
    right = door.path.format(**places)
    for place in places:
        marked = door.path.replace(f"{{{place}}}", MARK)
        if marked != door.path:
            yield {"url": marked.format(**places)}
    for parameter in said.get("parameters", []):
        if parameter["in"] == "query":
            yield {"url": right, "params": {parameter["name"]: MARK}}
    yield {"url": right, "params": {MARK: MARK}}
    for header in ("Idempotency-Key", "If-Match", "Loft-Position", "Last-Event-ID"):
        yield {"url": right, "headers": {header: f"{MARK} æ".encode()}}
    yield {"url": right, "headers": {"Authorization": f"Bearer {MARK}"}}
    if door.method in {"POST", "PUT"}:
        yield from ({"url": right} | body for body in bodies(said, document))


def bodies(said: dict[str, Any], document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "requestBody" not in said:
        return
    reference = said["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    fields = document["components"]["schemas"][reference.rpartition("/")[2]]["properties"]
    for name in fields:
        for value in (MARK, [MARK], {MARK: MARK}):
            yield {"json": dict.fromkeys(fields, "x") | {name: value}}
    yield {"json": {MARK: MARK}}
    yield {"json": [MARK]}
    for kind in ("application/json", "text/plain", MARK):
        yield {"content": MARK.encode(), "headers": {"Content-Type": kind}}
    yield {"content": b'{"' + MARK.encode() + b"\xff"}


def assert_silent(answer: httpx.Response) -> None:
    assert answer.status_code >= 400
    told = answer.text + str(answer.headers)
    assert MARK.lower() not in told.lower()


@pytest.mark.parametrize("door", FOR_SOME, ids=lambda door: door.name)
def test_an_error_does_not_repeat_what_was_typed(
    door: Door,
    document: dict[str, Any],
    closed: Story,
    caseworker: Client,
    administrator: Client,
) -> None:
    is_theirs = door.action in {Action.STRUCTURE, Action.TOKENS}
    client = administrator if is_theirs else caseworker
    errors = 0
    with nothing_changes(client.ledger):
        for request in everywhere(door, document, closed):
            if door.never_ends and "Last-Event-ID" not in request.get("headers", {}):
                request["headers"] = request.get("headers", {}) | {"Last-Event-ID": MARK}
            answer = client.request(door.method, **request)
            if answer.status_code >= 400:
                errors += 1
                assert_silent(answer)
    assert errors >= 2, "each door refuses at least the token and the query"


@pytest.mark.parametrize("step", BODIES)
def test_a_rule_that_says_no_does_not_repeat_the_words(step: str, closed: Story) -> None:
    asked = step.replace("{n}", "1")
    words = {"summary", "reason", "tried", "expectation", "report", "message", "text", "title",
             "expected_effect", "note", "correction"}  # fmt: skip
    body = closed.body(asked)
    body |= {field: f"{MARK} {field}" for field in words & body.keys()}
    if asked in {"answers", "corrections", "reversals", "links", "reopening"} or "ack" in asked:
        body |= {field: 2**60 if field == "position" else MARK for field in ("position", "to")
                 if field in body}  # fmt: skip
        body |= {"acting_for": MARK}
    if asked == "restriction":
        body |= {"people": [MARK]}
    if asked == "erasures":
        body |= {"text_id": str(uuid4())}
    with nothing_changes(closed.client.ledger):
        answer = closed.client.post(f"{closed.path}/{asked}", json=body)
    assert_silent(answer)


@pytest.mark.parametrize("path", [f"/{MARK}", f"/api/{MARK}", f"/api/cases/1/history/{MARK}"])
def test_an_unknown_address_is_not_repeated(path: str, caseworker: Client) -> None:
    for method in ("GET", "POST", "PUT"):
        assert_silent(caseworker.request(method, path))


def test_a_conflict_of_keys_repeats_neither_request(caseworker: Client) -> None:
    story = Story(caseworker)
    headers = {"Idempotency-Key": f"{MARK}-key"}
    story.does("notes", headers=headers, text=f"first {MARK}")
    assert_silent(story.tries("notes", headers=headers, text=f"second {MARK}"))

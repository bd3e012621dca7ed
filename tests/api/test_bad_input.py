"""Bad input: each kind gets its problem and a sentence, and changes nothing."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.api.asserting import assert_refused, nothing_changes
from tests.api.story import BODIES, RAISING, Story
from tests.conftest import Client

MOST = 256 * 1024
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def story(caseworker: Client) -> Story:
    return Story(caseworker)


def sent(story: Story, content: bytes, **headers: str) -> httpx.Response:
    """The answer to a note with this body."""
    path = f"{story.path}/notes"
    with nothing_changes(story.client.ledger):
        return story.client.post(path, content=content, headers=JSON | headers)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b'{"text": ',
        b'["text"]',
        b'"text"',
        b'{"text": "\xff\xfe"}',
        b'{"text": "a\x00b"}',
        b"[" * 100_000,
        b'{"text": ' + b"9" * 5000 + b"}",
    ],
    ids=["nothing", "no JSON", "half", "list", "text", "no UTF-8", "raw NUL", "deep", "a number"],
)
def test_a_body_that_is_no_object_in_utf8_is_refused(content: bytes, story: Story) -> None:
    assert_refused(sent(story, content), 422, "invalid")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "x"])
def test_a_body_of_another_kind_is_refused(kind: str, story: Story) -> None:
    answer = sent(story, b'{"text": "a"}', **{"Content-Type": kind})
    assert_refused(answer, 422, "invalid", "sent as application/json")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (rb'{"text": "a\u0000b"}', "NUL character"),
        (rb'{"text": "a\ud800b"}', "not Unicode"),
        (rb'{"text": "a\udfff"}', "not Unicode"),
    ],
)
def test_characters_that_cannot_be_kept_are_refused(
    content: bytes, sentence: str, story: Story
) -> None:
    assert_refused(sent(story, content), 422, "invalid", sentence)


def test_a_surrogate_pair_is_one_character_and_is_kept(caseworker: Client) -> None:
    story = Story(caseworker, title="😀 på \u2028 skolen")
    assert story.now()["title"] == "😀 på \u2028 skolen"


@pytest.mark.parametrize("field", ["title", "description", "area", "raised_by", "themes"])
def test_nul_is_refused_in_every_field(field: str, caseworker: Client) -> None:
    value: Any = ["a\x00b"] if field == "themes" else "a\x00b"
    with nothing_changes(caseworker.ledger):
        answer = caseworker.post("/api/cases", json=RAISING | {field: value})
    assert_refused(answer, 422, "invalid", "NUL")


INVALID: list[tuple[str, dict[str, Any], str]] = [
    ("notes", {"text": ""}, "empty"),
    ("notes", {"text": "  \n "}, "empty"),
    ("notes", {"text": None}, "Give a text"),
    ("notes", {"text": "x" * 20_001}, "At most 20000"),
    ("notes", {"colour": "blue"}, "a field that is not known"),
    ("notes", {"occurred_at": "yesterday"}, "Give a time with its time zone"),
    ("notes", {"occurred_at": "2026-01-01T12:00:00"}, "its time zone"),
    ("notes", {"occurred_at": 1_700_000_000}, "Give a time with its time zone"),
    ("notes", {"occurred_at": "1700000000"}, "Give a time with its time zone"),
    ("notes", {"occurred_at": "0001-01-01T00:00:00+23:59"}, "1900 to 2200"),
    ("notes", {"occurred_at": "9999-12-31T23:59:59-23:59"}, "1900 to 2200"),
    ("notes", {"occurred_at": "2199-01-01T00:00:00Z"}, "lies in the future"),
    ("notes", {"occurred_at": "2199-01-01T00:00:00Z", "precision": "year"}, "in the future"),
    ("notes", {"precision": "decade"}, "Choose one of"),
    ("notes", {"acting_for": ""}, "empty"),
    ("discussions", {"conclusion": "give_up"}, "Choose one of"),
    ("assignments", {"due_on": "soon"}, "a day such as"),
    ("assignments", {"due_on": "2026-02-31"}, "a day"),
    ("assignments", {"due_on": 20260101}, "a day such as"),
    ("escalations", {"urgent": "very"}, "true or false"),
    ("corrections", {"position": 0}, "At least 1"),
    ("corrections", {"position": 2**63}, "At most"),
    ("corrections", {"position": 1.5}, "a whole number"),
    ("reclassification", {"themes": "vold"}, "a list"),
]


@pytest.mark.parametrize(("step", "changes", "sentence"), INVALID)
def test_a_field_that_cannot_be_understood_is_refused(
    step: str, changes: dict[str, Any], sentence: str, story: Story
) -> None:
    body = story.body(step) | changes
    with nothing_changes(story.client.ledger):
        answer = story.client.post(f"{story.path}/{step}", json=body)
    assert_refused(answer, 422, "invalid", sentence)


@pytest.mark.parametrize(
    ("step", "field"),
    [(step, field) for step, body in BODIES.items() for field in body if "{n}" not in step],
)
def test_a_required_field_that_is_missing_is_named(step: str, field: str, story: Story) -> None:
    body = {name: value for name, value in story.body(step).items() if name != field}
    with nothing_changes(story.client.ledger):
        answer = story.client.post(f"{story.path}/{step}", json=body)
    assert_refused(answer, 422, "invalid", f"The field {field} is missing.")
    assert answer.json()["errors"][0]["field"] == f"body.{field}"


@pytest.mark.parametrize("n", ["0", "-1", "one", "9" * 30])
def test_a_number_that_cannot_be_one_is_refused(n: str, story: Story) -> None:
    for path in ("assignments/{}/acceptance", "measures/{}/evaluation"):
        answer = story.client.post(f"{story.path}/{path.format(n)}", json={})
        assert_refused(answer, 422, "invalid")


@pytest.mark.parametrize("case", ["%00", "%ff", "2026-0001%00", "%F0%9F%98%80"])
def test_a_path_with_characters_that_cannot_be_is_not_found(case: str, story: Story) -> None:
    client = story.client
    with nothing_changes(client.ledger):
        posted = client.post(f"/api/cases/{case}/notes", json={"text": "x"})
    for answer in (posted, client.get(f"/api/cases/{case}"), client.get(f"/api/organs/{case}")):
        assert_refused(answer, 404, "not-found")


@pytest.mark.parametrize("case", ["%00", "%ff"])
def test_a_structural_path_with_characters_that_cannot_be_is_refused(
    case: str, administrator: Client, caseworker: Client
) -> None:
    work, organ = {"year": 2026, "what": "x"}, {"name": "x"}
    with nothing_changes(caseworker.ledger):
        answers = [
            caseworker.post(f"/api/focus-areas/{case}/work", json=work),
            administrator.post(f"/api/organs/{case}/renaming", json=organ),
            administrator.post(f"/api/services/{case}/renaming", json=organ),
        ]
    for answer, (status, kind) in zip(
        answers, [(422, "invalid"), (404, "not-found"), (422, "invalid")], strict=True
    ):
        assert_refused(answer, status, kind)


def test_a_body_over_256_kb_is_too_large(story: Story) -> None:
    answer = sent(story, b'{"text": "' + b"x" * MOST + b'"}')
    assert_refused(answer, 413, "too-large", "at most 256 kB")


def test_a_body_that_comes_in_pieces_is_too_large_too(story: Story) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'{"text": "'
        for _ in range(300):
            yield b"x" * 1024

    with nothing_changes(story.client.ledger):
        answer = story.client.post(f"{story.path}/notes", content=pieces(), headers=JSON)
    assert_refused(answer, 413, "too-large", "at most 256 kB")


def test_a_body_of_256_kb_is_read(story: Story) -> None:
    frame = b'{"text": ""}'
    content = frame[:10] + b" " * (MOST - len(frame)) + frame[10:]
    assert len(content) == MOST
    assert_refused(sent(story, content), 422, "invalid", "empty")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_nothing_is_replaced_or_deleted(method: str, story: Story) -> None:
    with nothing_changes(story.client.ledger):
        answer = story.client.request(method, story.path)
    assert_refused(answer, 405, "not-found", "does not take that kind of request")
    assert answer.headers["Allow"] == "GET"


def test_an_address_where_nothing_is_is_not_found(story: Story) -> None:
    for path in ("/api", "/api/kommuner", f"{story.path}/erasure-of-all"):
        assert_refused(story.client.get(path), 404, "not-found")

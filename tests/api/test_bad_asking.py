"""Queries and headers that cannot be understood: each with its problem and its sentence."""

import pytest

from api import seating
from domain.rights import Action
from tests.api.asserting import assert_refused, nothing_changes
from tests.api.doors import DOORS, PERSON, register
from tests.api.meeting import Table
from tests.api.ordering import Ordered
from tests.api.story import TEAM, Story, read
from tests.api.test_as_of import OTHERWISE
from tests.conftest import Client

NO_EVENTS = {Action.TOKENS, Action.DELIVER}
"""Tokens and webhooks are none, and are an administrator's."""
LISTS = [
    door.path
    for door in DOORS.values()
    if door.method == "GET"
    and door.action not in {None, Action.CHECK, *NO_EVENTS}
    and not door.never_ends
    and not door.path.endswith("/certificate")
]
PROOFS = [
    door.path
    for door in DOORS.values()
    if door.action is Action.CHECK or door.path.endswith("/certificate")
]
AS_OF = [path for path in LISTS if path not in OTHERWISE]
"""What is read as of a moment."""


@pytest.fixture(scope="module")
def story(caseworker: Client) -> Story:
    story = Story(caseworker)
    story.now()
    return story


def at(story: Story, path: str) -> str:
    meeting = Table(story.client, TEAM).now()["id"] if "{meeting}" in path else None
    order = Ordered(story.client).now()["id"] if "{order}" in path else None
    if "{person}" in path:
        register(story.client.ledger)
    return path.format(
        case=story.number, key="styret", position=1, meeting=meeting, order=order,
        person=PERSON, service="utekontakt", year=2016,
    )  # fmt: skip


@pytest.mark.parametrize("path", [*LISTS, *PROOFS])
def test_an_unknown_query_parameter_is_refused(path: str, story: Story) -> None:
    for query in ({"colour": "blue"}, {"as_off": "1"}, {"": ""}):
        answer = story.client.get(at(story, path), params=query)
        assert_refused(answer, 422, "invalid", "not known here")


def test_an_unknown_query_parameter_of_a_command_is_refused(story: Story) -> None:
    with nothing_changes(story.client.ledger):
        answer = story.client.post(f"{story.path}/notes?dry_run=true", json={"text": "x"})
    assert_refused(answer, 422, "invalid", "not known here")


def test_a_query_parameter_that_stands_twice_is_refused(story: Story) -> None:
    """Only one of the two would count, and nobody would see which."""
    answer = story.client.get("/api/cases?status=raised&status=closed")
    assert_refused(answer, 422, "invalid", "stands there twice")


@pytest.mark.parametrize("path", AS_OF)
@pytest.mark.parametrize(
    "as_of",
    ["yesterday", "-1", "1e9", "2026-11-22", "2026-11-22T10:00:00", "2026-13-01T00:00:00Z", "1.5"],
)
def test_a_malformed_as_of_is_refused(path: str, as_of: str, story: Story) -> None:
    answer = story.client.get(at(story, path), params={"as_of": as_of})
    assert_refused(answer, 422, "invalid", "The moment asked for cannot be understood")


@pytest.mark.parametrize("path", AS_OF)
def test_an_as_of_in_the_future_is_refused(path: str, story: Story) -> None:
    there = at(story, path)
    size = story.client.ledger.engine.ledger.size()
    for as_of in (0, size + 1, 2**64, "2199-01-01T00:00:00Z"):
        answer = story.client.get(there, params={"as_of": as_of})
        assert_refused(answer, 422, "invalid", "The ledger has not come that far yet")


ONE = {"/api/reports/overview", "/api/cases/{case}", "/api/organs/{key}", "/api/municipality",
       "/api/me", "/api/organs/{key}/cadence", "/api/meetings/{meeting}",
       "/api/meetings/{meeting}/agenda", "/api/meetings/{meeting}/minutes",
       "/api/meetings/{meeting}/pack", "/api/orders/{order}", "/api/policy",
       "/api/reports/annual", "/api/reports/annual/{year}"}  # fmt: skip
PAGED = sorted({*AS_OF} - ONE)


@pytest.mark.parametrize("path", PAGED)
def test_a_malformed_cursor_is_refused(path: str, story: Story) -> None:
    for cursor in ("?", "a", "%ff", "bm90IGEgbnVtYmVy!", "AA", "2nd page"):
        answer = story.client.get(at(story, path), params={"cursor": cursor})
        assert_refused(answer, 422, "invalid", "The cursor is not one of this list")


@pytest.mark.parametrize("limit", ["0", "-1", "1001", "many", "1.5", ""])
def test_a_limit_out_of_bounds_is_refused(limit: str, story: Story) -> None:
    for path in ("/api/cases", f"{story.path}/history", "/api/organs", "/api/services"):
        answer = story.client.get(path, params={"limit": limit})
        assert_refused(answer, 422, "invalid", "limit:")


FILTERS = {
    "status": "open", "level": "top", "holder": "atlantis", "raised_by": "atlantis",
    "theme": "astrologi", "focus_area": "astrologi", "service": "Sjarmørene",
    "overdue": "perhaps", "answer_owed": "atlantis", "q": "a\x00b",
}  # fmt: skip


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_by_what_is_not_known_is_refused(name: str, story: Story) -> None:
    answer = story.client.get("/api/cases", params={name: FILTERS[name]})
    assert_refused(answer, 422, "invalid")


@pytest.mark.parametrize(
    ("name", "value"),
    [("organ", "atlantis"), ("from", "monday"), ("to", "2026-02-31"), ("format", "xml"),
     ("from", "0001-01-01"), ("to", "2026-01-01T00:00:00"), ("organ", "\x00")],
)  # fmt: skip
def test_a_register_of_what_is_not_known_is_refused(name: str, value: str, story: Story) -> None:
    answer = story.client.get("/api/audit/decisions", params={name: value})
    assert_refused(answer, 422, "invalid")


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Idempotency-Key", ""),
        ("Idempotency-Key", "x" * 201),
        ("Idempotency-Key", "a\tb"),
        ("Idempotency-Key", "å"),
        ("If-Match", "now"),
        ("If-Match", ""),
        ("If-Match", '"1", "2"'),
        ("If-Match", '"-1"'),
        ("If-Match", '"99999999999999999999"'),
    ],
)
def test_a_malformed_header_of_a_command_is_refused(header: str, value: str, story: Story) -> None:
    with nothing_changes(story.client.ledger):
        answer = story.client.post(
            f"{story.path}/notes", json={"text": "x"}, headers={header: value.encode()}
        )
    assert_refused(answer, 422, "invalid", "A header cannot be understood")


@pytest.mark.parametrize("value", ["", "-1", "1.5", "here", "١"])
def test_a_malformed_position_header_is_refused(value: str, story: Story) -> None:
    for path in LISTS:
        headers = {"Loft-Position": value.encode()}
        answer = story.client.get(at(story, path), headers=headers)
        assert_refused(answer, 422, "invalid", "A header cannot be understood")


@pytest.mark.parametrize("value", ["", "-1", "here", "9" * 29, "9" * 31])
def test_a_malformed_last_event_id_is_refused(value: str, story: Story) -> None:
    answer = story.client.get("/api/stream", headers={"Last-Event-ID": value})
    assert_refused(answer, 422, "invalid")


def test_what_was_written_is_shown_to_a_read_that_waits_for_it(caseworker: Client) -> None:
    for _ in range(20):
        story = Story(caseworker)
        assert story.now()["version"] == 1
        assert read(caseworker, "/api/cases", story.last, limit=1000)["items"][-1] == story.case
        assert read(caseworker, "/api/reports/overview", story.last)["total"] >= 39


@pytest.mark.parametrize("path", LISTS)
def test_a_read_that_waits_in_vain_is_told_to_come_back(
    path: str, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = at(story, path)
    monkeypatch.setattr(seating, "PATIENCE", 0.05)
    never = story.client.ledger.engine.ledger.size() + 1000
    answer = story.client.get(there, headers={"Loft-Position": str(never)})
    assert_refused(answer, 503, "unavailable", "recorded, but not shown yet")
    assert int(answer.headers["Retry-After"]) >= 1


def test_a_command_does_not_wait_for_a_position(story: Story) -> None:
    headers = {"Loft-Position": "1000000"}
    assert story.tries("notes", headers=headers).status_code == 201


def test_what_was_at_a_position_is_not_told_before_the_views_are_there(
    client: Client, coordinator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the same question would get another answer a moment later."""
    story = Story(coordinator)
    story.now()
    client.app.state.worker.stop()
    case = story.does("notes").case
    monkeypatch.setattr(seating, "PATIENCE", 0.05)
    for as_of in (case["position"], case["last_recorded_at"]):
        for path in (story.path, f"{story.path}/history", "/api/reports/overview"):
            answer = coordinator.get(path, params={"as_of": as_of})
            assert_refused(answer, 503, "unavailable")
    assert read(coordinator, story.path)["version"] == 1
    assert read(coordinator, story.path, as_of=case["position"] - 1)["version"] == 1


def test_what_was_at_a_position_is_told_as_soon_as_the_views_are_there(
    caseworker: Client,
) -> None:
    for _ in range(20):
        story = Story(caseworker)
        assert read(caseworker, story.path, as_of=story.case["position"]) == story.case
        story.does("discussions")
        assert read(caseworker, story.path, as_of=story.case["last_recorded_at"]) == story.case


@pytest.mark.parametrize("header", ["Loft-Position", "as_of"])
def test_an_absurdly_long_number_is_refused(header: str, story: Story) -> None:
    """Python itself reads no number of more than 4,300 digits."""
    digits = "9" * 5000
    where = {"params": {"as_of": digits}} if header == "as_of" else {"headers": {header: digits}}
    assert_refused(story.client.get("/api/cases", **where), 422, "invalid")

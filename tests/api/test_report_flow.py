"""The report on flow over HTTP: from concern to action, narrowed, explained, and refused."""

from typing import Any

import pytest

from domain.actor import Role
from tests.api.asserting import assert_refused
from tests.api.story import OTHER_TEAM, TEAM, Story, read
from tests.conftest import Client

PATH = "/api/reports/flow"


def told(client: Client, answer: Any = None, **query: Any) -> dict[str, Any]:
    """The line of all, or of what it is narrowed to."""
    return dict(read(client, PATH, answer, **query)["roads"][0])


def took(found: dict[str, Any], name: str) -> dict[str, Any]:
    (step,) = [one for one in found["steps"] if one["step"] == name]
    return dict(step)


def test_a_story_s_road_is_counted_and_explained(caseworker: Client) -> None:
    before = took(told(caseworker, organ=TEAM), "raised_to_discussed")["count"]
    story = Story(caseworker, "discussions", "escalations")
    found = told(caseworker, story.last, organ=TEAM)
    step = took(found, "raised_to_discussed")
    assert step["count"] == before + 1
    assert sum(step["bins"]) == step["count"]
    history = read(caseworker, f"/api/cases/{story.number}/history")["items"]
    raised, discussed, lifted = (entry["position"] for entry in history)
    cell = f"raised_to_discussed/organ:{TEAM}"
    entries = read(caseworker, PATH, explain=cell, limit=1000)
    assert {raised, discussed} <= set(entries["items"])
    assert entries["count"] == len(entries["items"]) == 2 * step["count"]
    assert entries["hidden"] == 0
    assert lifted in read(caseworker, PATH, explain="discussed_to_lifted", limit=1000)["items"]


def test_entries_come_page_by_page(caseworker: Client) -> None:
    Story(caseworker, "discussions").now()
    whole = read(caseworker, PATH, explain="cases", limit=1000)["items"]
    pages, address = [], f"{PATH}?explain=cases&limit=20"
    while address:
        page = caseworker.get(address).json()
        pages += page["items"]
        address = page["next"]
    assert pages == whole == sorted(whole)


def test_entries_of_a_restricted_case_are_counted_and_not_shown(caseworker: Client) -> None:
    story = Story(caseworker).does("restriction", people=[])
    story.now()
    (raised,) = caseworker.ledger.database.rows(
        "SELECT position FROM events WHERE stream_id = %(case)s AND version = 1",
        case=story.case["id"],
    )
    board = caseworker.as_(Role.BOARD)
    found = read(board, PATH, explain="cases", limit=1000)
    assert raised[0] not in found["items"]
    assert found["hidden"] >= 1
    assert found["count"] + found["hidden"] == told(board)["cases"]


def test_as_of_is_the_report_as_it_was(caseworker: Client) -> None:
    story = Story(caseworker)
    then = story.case["position"]
    story.does("discussions").now()
    now = took(told(caseworker, organ=TEAM), "raised_to_discussed")
    earlier = took(told(caseworker, organ=TEAM, as_of=then), "raised_to_discussed")
    assert now["count"] == earlier["count"] + 1


def test_a_period_before_the_ledger_began_is_zero_and_says_so(caseworker: Client) -> None:
    found = read(caseworker, PATH, **{"from": "1990-01-01", "to": "1990-12-31"})
    assert found["before_the_ledger"] is True
    assert found["roads"][0]["cases"] == 0
    assert read(caseworker, PATH)["before_the_ledger"] is False


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("from=2026-02-01&to=2026-01-01", "Turn them round"),
        ("as_of=2199-01-01T00:00:00Z", "has not come that far"),
        ("as_of=999999999", "has not come that far"),
        ("organ=nobody", "no organ"),
        ("focus_area=nothing", "focus area"),
        ("colour=red", "not known here"),
        ("from=yesterday", None),
        ("explain=nothing", "no such number"),
        ("explain=cases/organ", "no such number"),
        ("explain=cases/person:x", "no such number"),
        ("cursor=%25&explain=cases", "cursor"),
        ("format=pdf", None),
    ],
)
def test_what_cannot_be_asked_is_told_in_plain_words(
    caseworker: Client, query: str, words: str | None
) -> None:
    answer = caseworker.get(f"{PATH}?{query}")
    assert answer.status_code == 422
    if words is not None:
        assert words in answer.json()["detail"]


def test_who_is_shown_numbers_alone_is_told_no_entries(caseworker: Client) -> None:
    for who in (caseworker.as_(Role.REPORTER), caseworker.as_(Role.MEMBER, TEAM)):
        assert_refused(who.get(PATH, params={"explain": "cases"}), 403, "forbidden")
        assert who.get(PATH).json()["true_numbers"] is False
    assert caseworker.get(PATH).json()["true_numbers"] is True


def test_numbers_alone_narrowed_to_what_crosses_are_left_out(caseworker: Client) -> None:
    reporter = caseworker.as_(Role.REPORTER)
    for query in ({"focus_area": "rus"}, {"from": "2016-01-01"}, {"to": "2016-12-31"}):
        assert read(reporter, PATH, **query)["roads"] == [], query
    assert all(one["key"] == OTHER_TEAM for one in read(reporter, PATH, organ=OTHER_TEAM)["roads"])

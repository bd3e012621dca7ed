"""The list of cases: each filter, both ways, now and as of then."""

from datetime import date, timedelta
from typing import Any

import pytest

from domain.event import OSLO
from tests.api.story import BOARD, GROUP, OTHER_TEAM, SERVICE, SOON, TEAM, Story, read, titles
from tests.conftest import Client


@pytest.fixture(scope="module")
def told(caseworker: Client) -> dict[str, Story]:
    """One case for each thing that a filter looks for, by its title, and one beside them."""
    stories = {
        "discussed": Story(caseworker, "discussions", title="discussed"),
        "lifted": Story(caseworker, "discussions", "escalations", title="lifted"),
        "returned": Story(caseworker, "discussions", "escalations", "returns", title="returned"),
        "closed": Story(caseworker, "closure", title="closed"),
        "other": Story(caseworker, title="other", raised_by=OTHER_TEAM, themes=["rus", "fritid"],
                       focus_area="rus"),
        "asked": Story(caseworker, title="asked", service="utekontakt"),
        "plain": Story(caseworker, title="plain"),
    }  # fmt: skip
    stories["assigned"] = Story(caseworker, title="assigned").does("assignments")
    stories["top"] = Story(caseworker, "discussions", "escalations", title="top")
    stories["top"].does("discussions", acting_for=GROUP).does("escalations", to=BOARD)
    read(caseworker, "/api/cases", stories["top"].last)
    return stories


def listed(client: Client, **query: Any) -> set[str]:
    """The titles that the stories above have among those listed."""
    return {t for t in titles(client, limit=1000, **query) if t.isascii() and t.islower()}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"status": "discussed"}, "discussed"),
        ({"status": "escalated"}, "lifted top"),
        ({"status": "returned"}, "returned"),
        ({"status": "assigned"}, "assigned"),
        ({"status": "closed"}, "closed"),
        ({"status": "raised"}, "other asked plain"),
        ({"level": "coordinating"}, "lifted"),
        ({"level": "steering"}, "top"),
        ({"holder": GROUP}, "lifted"),
        ({"holder": BOARD}, "top"),
        ({"holder": OTHER_TEAM}, "other"),
        ({"raised_by": OTHER_TEAM}, "other"),
        ({"raised_by": GROUP}, ""),
        ({"theme": "rus"}, "other"),
        ({"theme": "fritid"}, "other"),
        ({"theme": "vold"}, ""),
        ({"focus_area": "rus"}, "other"),
        ({"focus_area": "vold"}, ""),
        ({"service": SERVICE}, "assigned"),
        ({"service": "ungdom-og-fritid"}, "assigned"),
        ({"service": "utekontakt"}, "asked"),
        ({"service": "NAV"}, ""),
        ({"answer_owed": "true"}, "lifted returned top"),
        ({"answer_owed": "false"}, "discussed closed other asked plain assigned"),
        ({"answer_owed": TEAM}, "lifted returned top"),
        ({"answer_owed": GROUP}, "top"),
        ({"answer_owed": OTHER_TEAM}, ""),
        ({"overdue": "false", "raised_by": OTHER_TEAM}, "other"),
        ({"overdue": "true"}, ""),
        ({"status": "escalated", "level": "steering"}, "top"),
        ({"status": "escalated", "theme": "rus"}, ""),
    ],
    ids=str,
)  # fmt: skip
def test_a_filter_finds_what_it_names_and_nothing_else(
    query: dict[str, str], found: str, told: dict[str, Story], caseworker: Client
) -> None:
    every = listed(caseworker)
    assert every == told.keys()
    assert listed(caseworker, **query) == {*found.split()}


def test_a_filter_judges_by_what_was_then(caseworker: Client) -> None:
    story = Story(caseworker, "discussions", title="Moving", themes=["nettvett"])
    before = story.case["position"]
    story.does("escalations").does("reclassification").does("closure")
    assert "Moving" in titles(caseworker, story.last, status="closed")
    assert "Moving" not in titles(caseworker, status="closed", as_of=before)
    assert "Moving" in titles(caseworker, status="discussed", holder=TEAM, as_of=before)
    assert "Moving" in titles(caseworker, theme="nettvett", as_of=before)
    assert "Moving" not in titles(caseworker, theme="nettvett")
    assert "Moving" not in titles(caseworker, answer_owed="true", as_of=before)
    assert "Moving" in titles(caseworker, answer_owed="true", limit=1000)
    assert "Moving" not in titles(caseworker, as_of=before - 2, limit=1000)


def test_late_is_judged_at_the_moment_asked_about(caseworker: Client) -> None:
    """Due on the last day that was in time: asked about then it was not late, and now it is."""
    story = Story(caseworker, title="Late", occurred_at="2026-01-01T12:00:00Z")
    past = {"occurred_at": "2026-01-02T12:00:00Z", "due_on": "2026-01-05"}
    story.does("assignments", **past)
    assert story.now()["assignments"][0]["overdue"] is True
    assert "Late" in titles(caseworker, overdue="true")
    assert "Late" not in titles(caseworker, overdue="false", limit=1000)
    story.does("assignments/1/completion")
    assert story.now()["assignments"][0]["overdue"] is False
    assert "Late" not in titles(caseworker, overdue="true")
    while_open = story.case["position"] - 1
    assert "Late" in titles(caseworker, overdue="true", as_of=while_open)
    assert story.now(as_of=while_open)["assignments"][0]["overdue"] is True


def test_what_is_due_today_is_not_late(caseworker: Client) -> None:
    entry = Story(caseworker, title="Today").does("assignments").history()[-1]
    today = date.fromisoformat(entry["occurred_at"][:10])
    assert entry["occurred_at"].endswith(("+01:00", "+02:00")), OSLO
    story = Story(caseworker, title="Just in time")
    story.does("assignments", due_on=str(today))
    assert story.now()["assignments"][0]["overdue"] is False
    assert "Just in time" in titles(caseworker, overdue="false", limit=1000)
    assert today + timedelta(days=1) < date.fromisoformat(SOON)


def test_a_paused_clock_and_a_closed_case_are_not_late(caseworker: Client) -> None:
    past = {"occurred_at": "2026-01-02T12:00:00Z", "due_on": "2026-01-05"}
    for step in ("pause", "closure"):
        story = Story(caseworker, title=f"At rest {step}", occurred_at="2026-01-01T12:00:00Z")
        story.does("assignments", **past).does(step)
        assert story.now()["assignments"][0]["overdue"] is False
        assert f"At rest {step}" not in titles(caseworker, overdue="true")
        assert f"At rest {step}" in titles(caseworker, overdue="false", limit=1000)

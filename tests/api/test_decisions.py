"""The board's register of decisions, as JSON and as CSV."""

import csv
import io
import re
from html import unescape
from typing import Any

import httpx
import pytest

from domain.case import CaseEvent
from domain.plan import PlanEvent
from tests.api.story import BOARD, GROUP, TEAM, Story, read
from tests.conftest import Client

PATH = "/api/audit/decisions"
FIELDS = {"position", "version", "event", "actor", "occurred_at", "precision", "recorded_at",
          "leaf_hash", "corrections", "case", "number", "reversed_by"}  # fmt: skip


def register(story: Story, **query: Any) -> list[dict[str, Any]]:
    """The decisions about *story* that are listed."""
    items = read(story.client, PATH, story.last, limit=1000, **query)["items"]
    return [item for item in items if item["number"] == story.number]


def table(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_every_kind_of_decision_is_listed_and_nothing_else(caseworker: Client) -> None:
    story = Story(
        caseworker, "discussions", "escalations", "returns", "referrals", "assignments",
        "assignments/1/acceptance", "measures", "measures/1/evaluation", "answers",
        "answers/1/acknowledgement", "notes", "links", "pause", "resumption",
        "reclassification", "corrections", "closure", "reopening", "reversals",
    )  # fmt: skip
    decided = [event for event in (*CaseEvent.__args__, *PlanEvent.__args__) if event.DECISION]
    events = [item["event"] for item in register(story)]
    plan = {item["event"] for item in read(caseworker, PATH)["items"] if item["case"] is None}
    assert plan == {"FocusAreaSet", "PlanAdopted"}
    assert {*events, *plan} == {event.__name__ for event in decided}
    assert len(set(events)) == len(events) == 8


@pytest.mark.parametrize(
    ("conclusion", "listed"),
    [("continue", False), ("ask_to_lift", False), ("handle_locally", True), ("decided", True)],
)
def test_a_discussion_is_a_decision_where_it_decided(
    conclusion: str, listed: bool, caseworker: Client
) -> None:
    story = Story(caseworker)
    decision = {"decision": "Klubben holder åpent."} if conclusion == "decided" else {}
    story.does("discussions", conclusion=conclusion, **decision)
    found = register(story)
    assert [item["event"] for item in found] == ["CaseDiscussed"] * listed
    if decision:
        assert found[0]["decision"]["words"] == "Klubben holder åpent."


def test_a_decision_says_who_decided_and_what_reversed_it(caseworker: Client) -> None:
    story = Story(caseworker, "discussions").does("escalations", acting_for=BOARD)
    lifted = story.case["position"]
    story.does("reversals")
    lift, reversal = register(story)
    assert lift.keys() >= FIELDS
    assert lift["actor"]["organ"] == BOARD
    assert (lift["case"], lift["number"]) == (story.case["id"], story.number)
    assert lift["reason"]["words"] == "Gjelder flere skoler."
    assert lift["reversed_by"] == reversal["position"] == lifted + 1
    (then,) = register(story, as_of=lifted)
    assert then["reversed_by"] is None


def test_the_register_is_narrowed_by_organ_actor_kind_and_time(caseworker: Client) -> None:
    story = Story(caseworker, occurred_at="2026-01-01T08:00:00Z")
    story.does("assignments", occurred_at="2026-01-31T22:30:00Z")
    story.does("discussions", occurred_at="2026-02-01T09:00:00Z", conclusion="handle_locally")
    story.does("closure", occurred_at="2026-02-01T23:30:00Z", acting_for=GROUP)
    actor = register(story)[0]["actor"]["id"]
    assigned, discussed, closed = "CaseAssigned", "CaseDiscussed", "CaseClosed"
    for query, events in {
        ("organ", TEAM): [assigned, discussed],
        ("organ", GROUP): [closed],
        ("organ", BOARD): [],
        ("actor", actor): [assigned, discussed, closed],
        ("actor", "import"): [],
        ("kind", closed): [closed],
        ("kind", "CaseRaised"): [],
        ("kind", "Nonsense"): [],
        ("from", "2026-02-01"): [discussed, closed],
        ("from", "2026-02-01T09:00:00Z"): [discussed, closed],
        ("from", "2026-02-02"): [closed],
        ("to", "2026-02-01"): [assigned, discussed],
        ("to", "2026-02-01T09:00:00Z"): [assigned],
        ("to", "2026-01-31"): [assigned],
        ("to", "2026-01-30"): [],
    }.items():
        assert [item["event"] for item in register(story, **dict([query]))] == events, query
    both = {"from": "2026-02-01", "to": "2026-02-01"}
    assert [item["event"] for item in register(story, **both)] == [discussed]


def test_the_register_comes_as_a_table_too(caseworker: Client) -> None:
    story = Story(caseworker, "discussions", "escalations", "closure")
    items = register(story)
    headers = {"Loft-Position": story.last.headers["Loft-Position"]}
    answer = caseworker.get(PATH, params={"format": "csv", "limit": 1000}, headers=headers)
    rows = [row for row in table(answer) if row["number"] == story.number]
    for item, row in zip(items, rows, strict=True):
        assert row["position"] == str(item["position"])
        assert row["event"] == item["event"]
        assert (row["actor"], row["role"]) == (item["actor"]["id"], item["actor"]["role"])
        assert row["organ"] == item["actor"]["organ"]
        assert row["occurred_at"] == item["occurred_at"]
        assert row["reversed_by"] == ""
    assert "Gjelder flere skoler." in rows[0]["words"]
    assert "why=cannot" in rows[0]["facts"]
    assert "to=koordineringsgruppen" in rows[0]["facts"]


def test_a_table_in_pages_says_where_the_next_one_is(caseworker: Client) -> None:
    story = Story(caseworker, "discussions", "escalations", "closure")
    positions = [item["position"] for item in read(caseworker, PATH, story.last)["items"]]
    found: list[int] = []
    address: str | None = f"{PATH}?format=csv&limit=5"
    while address is not None:
        answer = caseworker.get(address)
        found += [int(row["position"]) for row in table(answer)]
        link = answer.headers.get("Link")
        address = link[1 : link.index(">")] if link else None
        assert link is None or link.endswith('; rel="next"')
    assert found == positions


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t=", "\r@"])
def test_words_are_no_formula_in_a_spreadsheet(begin: str, caseworker: Client) -> None:
    formula = f'{begin}HYPERLINK("http://evil.example", "x")'
    story = Story(caseworker).does("closure", reason=formula)
    headers = {"Loft-Position": story.last.headers["Loft-Position"]}
    answer = caseworker.get(PATH, params={"format": "csv", "limit": 1000}, headers=headers)
    rows = table(answer)
    assert any("HYPERLINK" in row["words"] for row in rows if row["number"] == story.number)
    for row in rows:
        for cell in row.values():
            assert not cell.lstrip().startswith(("=", "+", "-", "@"))


def test_quotes_and_lines_survive_the_table(caseworker: Client) -> None:
    story = Story(caseworker).does("closure", reason='Linje "en";\nlinje, to')
    headers = {"Loft-Position": story.last.headers["Loft-Position"]}
    answer = caseworker.get(PATH, params={"format": "csv", "limit": 1000}, headers=headers)
    (row,) = [row for row in table(answer) if row["number"] == story.number]
    assert row["words"] == 'Linje "en";\nlinje, to'


def test_baerum_begins_with_its_focus_areas_plans_and_lifts(caseworker: Client) -> None:
    items = read(caseworker, PATH, limit=1000)["items"]
    reported = [item["event"] for item in items if item["source"] == "report"]
    assert reported == ["FocusAreaSet"] * 5 + ["PlanAdopted"] * 5 + ["CaseEscalated"] * 3
    assert {item["actor"]["organ"] for item in items[:10]} == {BOARD}


def test_words_narrow_the_table_as_they_narrow_the_page(caseworker: Client) -> None:
    story = Story(caseworker, title="Trampolinen ved brygga").does("escalations", urgent=True)
    assert [one["number"] for one in register(story, q="trampoline")] == [story.number]
    assert read(caseworker, PATH, q="romferge")["items"] == []
    other = Story(caseworker).does("escalations", reason="Vannsklia er stengt.", urgent=True)
    assert [one["event"] for one in register(other, q="vannsklie")] == ["CaseEscalated"]
    every = read(caseworker, PATH, limit=1000)["items"]
    assert [read(caseworker, PATH, limit=1000, q=q)["items"] for q in ("", " ")] == [every, every]
    page = caseworker.get("/decisions", params={"q": "trampoline"}).text
    link = re.search(r'href="(/api/audit/decisions[^"]+)"', page)
    assert link
    rows = table(caseworker.get(unescape(link[1])))
    assert {row["number"] for row in rows} == {story.number}

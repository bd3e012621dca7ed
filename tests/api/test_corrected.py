"""Corrections and reversals stand beside what they are about, wherever it is shown."""

import csv
import io
from typing import Any

import pytest

from tests.api.story import GROUP, Story, erased, read
from tests.conftest import Client

REGISTER = "/api/audit/decisions"
SAID = "Det var tre skoler."


def corrected(story: Story, position: int, **changes: Any) -> int:
    """Correct the entry at *position*; gives where that was recorded."""
    return int(story.does("corrections", position=position, **changes).case["position"])


def registered(story: Story, **query: Any) -> list[dict[str, Any]]:
    items = read(story.client, REGISTER, story.last, limit=1000, **query)["items"]
    return [item for item in items if item["number"] == story.number]


def words(corrections: list[dict[str, Any]]) -> list[tuple[int, str | None, str | None]]:
    return [
        (one["position"], one["correction"]["words"], one["reason"]["words"]) for one in corrections
    ]


def test_an_entry_of_the_history_has_its_corrections_in_their_own_words(
    caseworker: Client,
) -> None:
    story = Story(caseworker).does("notes", text="Det var to skoler.")
    noted = story.case["position"]
    first = corrected(story, noted, correction=SAID)
    second = corrected(story, noted, correction="Fire.", reason="Talt igjen.")
    raised, note, *_ = story.history()
    assert note["text"]["words"] == "Det var to skoler."
    assert note["corrections"] == [first, second]
    assert words(note["corrections_in_words"]) == [
        (first, SAID, "Feil dag."), (second, "Fire.", "Talt igjen."),
    ]  # fmt: skip
    assert raised["corrections_in_words"] == []
    then = story.history(as_of=first)[1]
    assert words(then["corrections_in_words"]) == [(first, SAID, "Feil dag.")]
    assert story.history(as_of=noted)[1]["corrections_in_words"] == []


def test_a_page_of_the_history_has_the_corrections_that_lie_on_another(
    caseworker: Client,
) -> None:
    story = Story(caseworker)
    made = corrected(story, story.case["position"], correction=SAID)
    (raised,) = story.history(limit=1)
    assert words(raised["corrections_in_words"]) == [(made, SAID, "Feil dag.")]


def test_a_decision_in_the_history_says_what_reversed_it(caseworker: Client) -> None:
    story = Story(caseworker, "discussions", "escalations")
    lifted = story.case["position"]
    story.does("reversals")
    reversed_by = [entry["reversed_by"] for entry in story.history()]
    assert reversed_by == [None, None, lifted + 1, None]
    assert [entry["reversed_by"] for entry in story.history(as_of=lifted)] == [None] * 3


def test_a_decision_in_the_register_has_its_corrections(caseworker: Client) -> None:
    story = Story(caseworker, "discussions", "escalations")
    lifted = story.case["position"]
    made = corrected(story, lifted, correction=SAID)
    (lift,) = registered(story)
    assert lift["reason"]["words"] == "Gjelder flere skoler."
    assert lift["corrections"] == [made]
    assert words(lift["corrections_in_words"]) == [(made, SAID, "Feil dag.")]
    (then,) = registered(story, as_of=lifted)
    assert (then["corrections"], then["corrections_in_words"]) == ([], [])


def test_the_table_of_the_register_has_them_too(caseworker: Client) -> None:
    story = Story(caseworker, "discussions", "escalations")
    lifted = story.case["position"]
    made = [corrected(story, lifted, correction=SAID), corrected(story, lifted, correction="=1+1")]
    story.does("reversals", position=lifted)
    headers = {"Loft-Position": story.last.headers["Loft-Position"]}

    def row(**query: Any) -> dict[str, str]:
        asked = {"format": "csv", "limit": 1000, "kind": "CaseEscalated", **query}
        answer = caseworker.get(REGISTER, params=asked, headers=headers)
        rows = csv.DictReader(io.StringIO(answer.text))
        (found,) = [row for row in rows if row["number"] == story.number]
        return found

    assert row()["corrections"] == f"{made[0]} {made[1]}"
    assert row()["corrections_in_words"] == f"{SAID} | =1+1"
    assert row()["reversed_by"] == str(made[1] + 1)
    assert "Gjelder flere skoler." in row()["words"]
    then = row(as_of=lifted)
    assert (then["corrections"], then["corrections_in_words"], then["reversed_by"]) == ("", "", "")


def test_a_correction_is_no_formula_in_a_spreadsheet(caseworker: Client) -> None:
    story = Story(caseworker, "closure")
    corrected(story, story.case["position"], correction="=1+1")
    headers = {"Loft-Position": story.last.headers["Loft-Position"]}
    asked = {"format": "csv", "limit": 1000}
    answer = caseworker.get(REGISTER, params=asked, headers=headers)
    rows = csv.DictReader(io.StringIO(answer.text))
    assert "'=1+1" in [row["corrections_in_words"] for row in rows]


def test_a_case_says_which_of_its_fields_were_corrected(caseworker: Client) -> None:
    story = Story(caseworker, title="To skoler", description="Hver fredag", ages=[13, 16])
    raised = story.case["position"]
    made = corrected(story, raised, correction=SAID)
    assert story.case["title"] == "To skoler"
    assert story.case["corrections"] == [
        {
            "position": made,
            "refers_to": raised,
            "event": "CaseRaised",
            "fields": ["title", "description", "raised_by", "ages", "raised_at"],
            "correction": SAID,
            "reason": "Feil dag.",
        }
    ]
    assert story.now() == story.case
    assert story.now(as_of=made) == story.case
    assert story.now(as_of=raised)["corrections"] == []


def test_the_list_of_cases_says_so_too(caseworker: Client) -> None:
    one, other = Story(caseworker), Story(caseworker)
    raised = one.case["position"]
    corrected(other, other.case["position"])
    made = corrected(one, raised, correction=SAID)
    items = read(caseworker, "/api/cases", one.last, limit=1000)["items"]
    assert {item["number"]: item for item in items}[one.number] == one.case
    assert [c["position"] for c in one.case["corrections"]] == [made]
    then = read(caseworker, "/api/cases", as_of=raised, limit=1000)["items"]
    assert {item["number"]: item for item in then}[one.number]["corrections"] == []


@pytest.mark.parametrize(
    ("steps", "changes", "fields"),
    [
        (("discussions", "escalations"), {}, ["holder"]),
        (("discussions", "escalations"), {"title_there": "Der"},
         ["holder", f"titles_there.{GROUP}"]),
        (("discussions", "escalations", "returns"), {}, ["holder"]),
        (("assignments",), {}, ["assignments.1"]),
        (("assignments", "assignments/1/acceptance"), {}, ["assignments.1"]),
        (("measures",), {}, ["measures.1"]),
        (("answers",), {}, ["answers.1"]),
        (("answers", "answers", "answers/2/acknowledgement"), {}, ["answers.2"]),
        (("closure",), {}, ["outcome", "closed_at"]),
        (("reclassification",), {}, ["themes", "focus_area", "prevention_level"]),
        (("links",), {}, ["links"]),
        (("pause",), {}, ["paused_since"]),
        (("notes",), {}, []),
        (("discussions",), {}, []),
    ],
)  # fmt: skip
def test_a_correction_names_the_fields_that_say_what_the_entry_said(
    steps: tuple[str, ...], changes: dict[str, str], fields: list[str], caseworker: Client
) -> None:
    story = Story(caseworker, *steps[:-1]).does(steps[-1], **changes)
    corrected(story, story.case["position"])
    (made,) = story.case["corrections"]
    assert made["fields"] == fields


def test_what_says_something_else_by_now_was_not_corrected(caseworker: Client) -> None:
    story = Story(caseworker, themes=["rus"])
    raised = story.case["position"]
    story.does("discussions").does("escalations")
    lifted = story.case["position"]
    story.does("returns").does("reclassification")
    corrected(story, raised)
    corrected(story, lifted)
    fields = [one["fields"] for one in story.case["corrections"]]
    assert fields == [["title", "raised_by", "raised_at"], []]


def test_a_correction_is_corrected_in_turn(caseworker: Client) -> None:
    story = Story(caseworker)
    first = corrected(story, story.case["position"])
    second = corrected(story, first)
    _, correction, _ = story.history()
    assert correction["corrections"] == [second]
    assert [one["refers_to"] for one in story.case["corrections"]] == [first - 1, first]


def test_the_words_of_a_correction_can_be_gone(caseworker: Client) -> None:
    story = Story(caseworker)
    corrected(story, story.case["position"], correction=SAID)
    text_id = story.history()[1]["correction"]["text_id"]
    position = erased(story, text_id)
    headers = {"Loft-Position": str(position)}
    case = caseworker.get(story.path, headers=headers).json()
    assert case["corrections"][0]["correction"] is None
    (made,) = story.history()[0]["corrections_in_words"]
    assert (made["correction"]["words"], made["correction"]["erased_at"]) == (None, position)

"""A case as it was true at one moment, as far as it was known at another."""

import re
from datetime import datetime
from typing import Any

import pytest

from tests.api.asserting import assert_refused
from tests.api.story import GROUP, OTHER_TEAM, TEAM, Story, erased, read
from tests.conftest import Client
from tests.test_house import HOUSE


def march(day: int, hour: int = 12) -> str:
    return f"2026-03-{day:02}T{hour:02}:00:00+01:00"


@pytest.fixture(scope="module")
def late(caseworker: Client) -> Story:
    """Raised on the 2nd of March, discussed on the 4th, lifted on the 10th; the lift was logged
    after a note on the 12th."""
    story = Story(caseworker, occurred_at=march(2))
    story.does("discussions", occurred_at=march(4))
    story.does("notes", occurred_at=march(12))
    return story.does("escalations", occurred_at=march(10))


def shown(case: dict[str, Any]) -> str:
    return f"`{case['status']}`, `{case['holder']}`, version {case['version']}"


def test_the_table_of_two_times_is_true(late: Story) -> None:
    page = (HOUSE / "docs/explanation/time.md").read_text()
    rows = [
        [cell.strip() for cell in row.strip("|").split("|")]
        for row in re.findall(r"^\| known .*$", page, re.MULTILINE)
    ]
    logged = late.case["position"]
    answers = [
        [shown(late.now(known_at=known, true_at=march(day))) for day in (9, 11)]
        for known in (logged - 1, logged)
    ]
    assert [row[1:] for row in rows] == answers
    assert answers[0][1] != answers[1][1]


def test_the_answer_says_what_was_asked(late: Story) -> None:
    position = late.case["position"] - 1
    both = late.now(known_at=position, true_at=march(11))
    assert (both["known_at"], both["true_at"]) == (position, march(11))
    assert both["version"] == 2
    known = late.now(known_at=position)
    assert (known["known_at"], known["true_at"]) == (position, None)
    true = late.now(true_at=march(11))
    assert true["known_at"] >= late.case["position"]
    assert true["position"] == late.case["position"]
    assert {"known_at", "true_at"}.isdisjoint(late.now(as_of=position))
    assert {"known_at", "true_at"}.isdisjoint(late.now())


def test_known_at_is_another_name_for_as_of(late: Story) -> None:
    for then in (late.case["position"] - 1, late.case["last_recorded_at"]):
        known = late.now(known_at=then)
        known.pop("known_at")
        known.pop("true_at")
        assert known == late.now(as_of=then)
    both = {"as_of": late.case["position"], "known_at": late.case["position"]}
    assert late.now(**both)["version"] == 4
    for as_of in (1, late.case["position"] - 1):
        answer = late.client.get(late.path, params=both | {"as_of": as_of})
        assert_refused(answer, 422, "invalid", "is another name for")


def test_known_at_and_true_at_are_of_one_case_alone(late: Story) -> None:
    for path in ("/api/cases", f"{late.path}/history", "/api/audit/decisions"):
        for name in ("known_at", "true_at"):
            answer = late.client.get(path, params={name: march(9)})
            assert_refused(answer, 422, "invalid", "not known here")


@pytest.mark.parametrize("name", ["known_at", "true_at"])
@pytest.mark.parametrize("moment", ["yesterday", "", "2026-03-09", "2026-03-09T12:00:00", "-1"])
def test_a_malformed_moment_is_refused(name: str, moment: str, late: Story) -> None:
    answer = late.client.get(late.path, params={name: moment})
    assert_refused(answer, 422, "invalid", "cannot be understood")


def test_a_position_is_no_moment_at_which_something_is_true(late: Story) -> None:
    answer = late.client.get(late.path, params={"true_at": "1"})
    assert_refused(answer, 422, "invalid", 'Give "true_at" a time')


def test_nobody_knows_what_will_be_true_or_known(late: Story) -> None:
    future = "2199-01-01T00:00:00Z"
    answer = late.client.get(late.path, params={"true_at": future})
    assert_refused(answer, 422, "invalid", "Nobody knows yet")
    answer = late.client.get(late.path, params={"known_at": future})
    assert_refused(answer, 422, "invalid", "has not come that far yet")


def test_a_plus_sign_that_a_query_turned_into_a_space_is_read_as_one(late: Story) -> None:
    answer = late.client.get(f"{late.path}?true_at={march(11)}")
    assert answer.json()["status"] == "escalated"


def test_before_it_was_raised_there_was_no_case(late: Story, caseworker: Client) -> None:
    early = {"true_at": march(2, hour=11)}
    assert_refused(late.client.get(late.path, params=early), 404, "not-found")
    unknown = {"true_at": march(11), "known_at": late.case["position"] - 4}
    assert_refused(late.client.get(late.path, params=unknown), 404, "not-found")
    nowhere = caseworker.get("/api/cases/2026-9999", params={"true_at": march(11)})
    assert_refused(nowhere, 404, "not-found")


def test_a_case_that_was_raised_some_day_was_there_all_that_day(caseworker: Client) -> None:
    story = Story(caseworker, occurred_at=march(2), precision="day")
    assert story.now(true_at="2026-03-02T00:00:00+01:00")["version"] == 1
    before = caseworker.get(story.path, params={"true_at": "2026-03-01T23:59:59+01:00"})
    assert_refused(before, 404, "not-found")


def test_once_everything_has_occurred_what_is_true_is_what_is_known(late: Story) -> None:
    for day in (12, 31):
        case = late.now(true_at=march(day))
        case.pop("known_at")
        case.pop("true_at")
        assert case | {"position": 0} == late.now() | {"position": 0}


def test_it_has_no_etag_since_nobody_can_decide_on_it(late: Story) -> None:
    answer = late.client.get(late.path, params={"true_at": march(11)})
    assert "ETag" not in answer.headers
    assert answer.headers["Loft-Position"] == str(answer.json()["position"])
    known = late.client.get(late.path, params={"known_at": late.case["position"]})
    assert known.headers["ETag"] == '"4"'


def test_what_is_late_is_judged_at_the_moment_at_which_it_was_true(caseworker: Client) -> None:
    story = Story(caseworker, occurred_at=march(2))
    story.does("assignments", occurred_at=march(3), due_on="2026-03-10")
    overdue = [story.now(true_at=march(day))["assignments"][0]["overdue"] for day in (10, 11)]
    assert overdue == [False, True]


def test_a_merger_is_true_from_when_the_other_case_was_closed(caseworker: Client) -> None:
    into = Story(caseworker, raised_by=OTHER_TEAM, occurred_at=march(2))
    story = Story(caseworker, "discussions", "escalations", occurred_at=march(1))
    story.does("closure", outcome="merged", merged_into=into.number, occurred_at=march(10))
    into_id, into.last = into.case["id"], story.last
    assert into.now(true_at=march(9))["answer_owed"] == []
    assert into.now(true_at=march(11))["answer_owed"] == [TEAM]
    assert into.now(true_at=march(11), known_at=story.case["position"] - 1)["answer_owed"] == []
    then = story.now(true_at=march(11))
    assert (then["status"], then["merged_into"]) == ("closed", into_id)
    assert story.now(true_at=march(9))["merged_into"] is None


def test_words_that_are_gone_are_gone_whatever_is_asked(caseworker: Client) -> None:
    story = Story(caseworker, title="Noe om noen", occurred_at=march(2)).does("discussions")
    known = story.case["position"]
    position = erased(story, story.history()[0]["title"]["text_id"])
    headers = {"Loft-Position": str(position)}
    for query in (
        {}, {"as_of": known}, {"true_at": march(3)}, {"known_at": known, "true_at": march(3)},
    ):  # fmt: skip
        case = caseworker.get(story.path, params=query, headers=headers).json()
        assert (case["title"], case["erased"]) == (None, {"title": position}), query


def test_a_correction_is_shown_as_far_as_it_was_known(caseworker: Client) -> None:
    """It says what was true then, however late it is made."""
    story = Story(caseworker, occurred_at=march(2)).does("notes", occurred_at=march(12))
    known = story.case["position"]
    story.does("corrections", position=known - 1, correction="Ved skolen.")
    said = [one["correction"] for one in story.now(true_at=march(3))["corrections"]]
    assert said == ["Ved skolen."]
    assert story.now(true_at=march(3), known_at=known)["corrections"] == []


def test_a_reversal_is_true_from_when_it_occurred(caseworker: Client) -> None:
    story = Story(caseworker, "discussions", occurred_at=march(2))
    story.does("escalations", urgent=True, occurred_at=march(4))
    story.does("reversals", occurred_at=march(8))
    holders = [story.now(true_at=march(day))["holder"] for day in (3, 5, 9)]
    assert holders == [TEAM, GROUP, TEAM]


def test_times_are_answered_as_they_were_given(late: Story) -> None:
    asked = "2026-03-11T11:00:00Z"
    answered = read(late.client, late.path, late.last, true_at=asked)["true_at"]
    assert answered == march(11)
    assert datetime.fromisoformat(answered) == datetime.fromisoformat(asked)

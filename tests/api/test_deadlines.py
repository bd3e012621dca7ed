"""The policy on deadlines, what is due and which answers are owed, over HTTP."""

from typing import Any

import httpx
import pytest

from domain.actor import Role
from domain.policy import SHIPPED
from tests.api.asserting import assert_refused, nothing_changes
from tests.api.doors import POLICY, another_policy
from tests.api.ordering import Ordered
from tests.api.story import GROUP, OTHER_TEAM, SERVICE, SOON, TEAM, Story, read
from tests.conftest import Client

PAST: dict[str, Any] = {"occurred_at": "2026-01-05T12:00:00Z"}
"""A Monday, long enough ago for everything to be late."""


def put(client: Client, **changes: Any) -> httpx.Response:
    return client.put("/api/policy", json=another_policy() | changes)


# The policy.


def test_the_shipped_policy_holds_until_another_is_set(client: Client, coordinator: Client) -> None:
    shipped = read(coordinator, "/api/policy")
    assert (shipped["policy_version"], shipped["set_at"]) == (0, None)
    assert shipped["answer_days"] == SHIPPED.policy.answer_days
    size = client.ledger.engine.ledger.size()
    answer = coordinator.put("/api/policy", json=POLICY)
    assert answer.status_code == 200, answer.text
    unsaid = {"policy_version": 1, "set_at": size + 1, "small_numbers": 5}
    assert answer.json() == POLICY | unsaid
    assert answer.headers["Loft-Position"] == str(size + 1)
    assert read(coordinator, "/api/policy", answer) == answer.json()
    assert read(coordinator, "/api/policy", answer, as_of=size) == shipped


def test_a_policy_that_is_left_out_has_no_deadlines(caseworker: Client) -> None:
    answer = caseworker.put("/api/policy", json={"counts": "calendar", "july_stands_still": False})
    assert answer.status_code == 200
    told = answer.json()
    assert told["standing"] == told["free_days"] == []
    assert {told[name] for name in ("acceptance_days", "assignment_days", "answer_days",
                                    "warn_days", "nudge_days")} == {None}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"answer_days": 0}, None),
        ({"nudge_days": -5}, None),
        ({"standing": [{"status": "raised", "level": "steering", "days": -1}]}, None),
        ({"warn_days": 5}, "before the time has begun"),
        ({"standing": [{"status": "closed", "level": "steering", "days": 9}]}, "for ever"),
        ({"standing": [{"status": "raised", "level": "steering", "days": 9}] * 2}, "twice"),
        ({"answer_days": 10**9}, None),
        ({"free_days": ["yesterday"]}, None),
        ({"counts": "often"}, None),
        ({"words": "Vi svarer når vi kan"}, None),
        ({"small_numbers": 1}, "below 2 nothing is protected"),
        ({"small_numbers": -3}, "below 2 nothing is protected"),
    ],
    ids=str,
)
def test_a_policy_that_makes_no_sense_is_refused(
    changes: dict[str, Any], sentence: str | None, caseworker: Client
) -> None:
    with nothing_changes(caseworker.ledger):
        answer = put(caseworker, **changes)
    assert_refused(answer, 422, "invalid", sentence)


def test_the_policy_that_holds_is_not_set_again(caseworker: Client) -> None:
    body = another_policy()
    assert caseworker.put("/api/policy", json=body).status_code == 200
    with nothing_changes(caseworker.ledger):
        assert_refused(caseworker.put("/api/policy", json=body), 409, "refused", "already")


def test_a_policy_is_set_once_by_a_repeat(caseworker: Client) -> None:
    body, key = another_policy(), {"Idempotency-Key": "policy"}
    first = caseworker.put("/api/policy", json=body, headers=key)
    put(caseworker)
    with nothing_changes(caseworker.ledger):
        again = caseworker.put("/api/policy", json=body, headers=key)
    assert first.json() == again.json()


# What is due.


def mine(client: Client, story: Story, **query: Any) -> list[dict[str, Any]]:
    query = {"case": story.number} | query
    return list(read(client, "/api/deadlines", story.last, **query)["items"])


def test_what_is_due_says_who_must_act_and_by_when(caseworker: Client) -> None:
    put(caseworker)
    story = Story(caseworker, "assignments")
    acceptance, assignment = mine(caseworker, story)
    assert (acceptance["kind"], assignment["kind"]) == ("acceptance", "assignment")
    assert assignment["of"] == acceptance["of"] == SERVICE
    assert (assignment["n"], assignment["due_on"], assignment["overdue"]) == (1, SOON, False)
    assert assignment["number"] == story.number
    assert assignment["passed_at"] is None
    assert mine(caseworker, story, kind="assignment") == [assignment]
    assert mine(caseworker, story, of=GROUP) == []
    assert mine(caseworker, story, before=SOON) == [acceptance]


def test_what_is_late_agrees_with_the_case_and_the_list_of_cases(caseworker: Client) -> None:
    """It was paused from a Friday to a Monday: at work, that is one day."""
    story = Story(caseworker, title="Late too", **PAST)
    story.does("assignments", due_on="2026-01-14", **PAST)
    story.does("pause", occurred_at="2026-01-09T12:00:00Z")
    story.does("resumption", occurred_at="2026-01-12T12:00:00Z")
    (late,) = mine(caseworker, story, kind="assignment")
    (assigned,) = story.now()["assignments"]
    assert late["due_on"] == assigned["due_on"] == "2026-01-15"
    assert late["overdue"] is assigned["overdue"] is True
    assert late["days_late"] > 100
    found = read(caseworker, "/api/cases", overdue="true", limit=1000)["items"]
    assert story.number in {case["number"] for case in found}


def test_as_of_earlier_it_is_what_was_due_then(caseworker: Client) -> None:
    story = Story(caseworker, "assignments")
    before = story.case["position"]
    story.does("assignments/1/completion")
    kinds = [one["kind"] for one in mine(caseworker, story, as_of=before)]
    assert kinds[-1] == "assignment"
    assert "assignment" not in {one["kind"] for one in mine(caseworker, story)}


def test_deadlines_are_read_page_by_page(caseworker: Client) -> None:
    Story(caseworker, "assignments")
    last = Story(caseworker, "assignments").last
    whole = read(caseworker, "/api/deadlines", last, limit=1000)["items"]
    found, url = [], "/api/deadlines?limit=2"
    while url:
        page = read(caseworker, url)
        found, url = [*found, *page["items"]], page["next"]
    assert found == whole
    assert len(found) > 3


@pytest.mark.parametrize(
    "query",
    [{"before": "soon"}, {"of": "nobody"}, {"kind": "late"}, {"cursor": "MjAyNg"},
     {"cursor": "eHx5fHo"}, {"limit": 0}, {"until": "2026-01-01"}],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(query: dict[str, Any], caseworker: Client) -> None:
    assert_refused(caseworker.get("/api/deadlines", params=query), 422, "invalid")


def test_a_case_that_nobody_knows_has_no_deadlines(caseworker: Client) -> None:
    answer = caseworker.get("/api/deadlines", params={"case": "1999-0001"})
    assert_refused(answer, 404, "not-found")


def test_somebody_else_s_deadlines_are_not_shown(
    caseworker: Client, member: Client, stranger: Client
) -> None:
    story = Story(caseworker, "assignments")
    assert mine(member, story) == mine(caseworker, story)
    headers = {"Loft-Position": story.last.headers["Loft-Position"]}
    shown = stranger.get("/api/deadlines", params={"limit": 1000}, headers=headers).json()
    assert story.number not in {one["number"] for one in shown["items"]}
    answer = stranger.get("/api/deadlines", params={"case": story.number}, headers=headers)
    assert_refused(answer, 404, "not-found")


# Answers owed.


def owed(client: Client, story: Story, **query: Any) -> list[dict[str, Any]]:
    found = read(client, "/api/answers-owed", story.last, limit=1000, **query)["items"]
    return [one for one in found if one["number"] == story.number]


def test_an_answer_is_owed_from_the_lift_until_it_is_given(caseworker: Client) -> None:
    put(caseworker)
    story = Story(caseworker, **PAST).does("discussions", **PAST).does("escalations", **PAST)
    (one,) = owed(caseworker, story)
    assert (one["of"], one["to"], one["since"]) == (GROUP, TEAM, "2026-01-05")
    assert (one["due_on"], one["overdue"], one["paused"]) == ("2026-01-19", True, False)
    assert one["days_late"] > 100
    assert owed(caseworker, story, of=GROUP, to=TEAM, overdue="true") == [one]
    for query in ({"of": TEAM}, {"to": OTHER_TEAM}, {"overdue": "false"}):
        assert owed(caseworker, story, **query) == []
    before = story.case["position"]
    story.does("answers")
    assert owed(caseworker, story) == []
    assert owed(caseworker, story, as_of=before) == [one | {"days_late": one["days_late"]}]


def test_asking_again_begins_anew(caseworker: Client) -> None:
    story = Story(caseworker, **PAST).does("discussions", **PAST).does("escalations", **PAST)
    story.does("answers").does("answers/1/acknowledgement", ask_again="Og de yngste?")
    (one,) = owed(caseworker, story)
    assert one["since"] > "2026-01-05"
    assert one["overdue"] is False


def test_a_debt_outlives_the_case_and_follows_a_merger(caseworker: Client) -> None:
    story = Story(caseworker, **PAST).does("discussions", **PAST).does("escalations", **PAST)
    (one,) = owed(caseworker, story)
    into = Story(caseworker, raised_by=OTHER_TEAM)
    story.does("closure", outcome="merged", merged_into=into.number)
    into.last = story.last
    assert owed(caseworker, story) == []
    (carried,) = owed(caseworker, into)
    assert (carried["of"], carried["to"]) == (OTHER_TEAM, TEAM)
    assert (carried["since"], carried["due_on"]) == (one["since"], one["due_on"])
    into.does("closure")
    assert owed(caseworker, into) == [carried]


def test_what_only_a_report_tells_of_is_owed_and_due_on_no_day(coordinator: Client) -> None:
    found = read(coordinator, "/api/answers-owed", limit=1000)["items"]
    assert found, "Bærum's report of 2016 tells of lifts without an answer"
    assert {(one["due_on"], one["overdue"]) for one in found} == {(None, False)}


def test_an_organ_that_nobody_knows_owes_nothing(caseworker: Client) -> None:
    for query in ({"of": "atlantis"}, {"to": "atlantis"}):
        answer = caseworker.get("/api/answers-owed", params=query)
        assert_refused(answer, 422, "invalid", "no organ")


@pytest.mark.parametrize("role", [Role.BOARD, Role.AUDITOR])
def test_those_who_audit_read_what_is_owed_and_set_nothing(role: Role, shared: Client) -> None:
    somebody = shared.as_(role)
    assert somebody.get("/api/answers-owed").status_code == 200
    assert_refused(somebody.put("/api/policy", json=another_policy()), 403, "forbidden")


def test_what_is_due_of_an_order_is_listed_beside_it(caseworker: Client, shared: Client) -> None:
    """For those who read the order, and nobody else."""
    order = Ordered(caseworker)
    found = read(caseworker, "/api/deadlines", order.last, kind="order")
    (item,) = [one for one in found["items"] if one["order"] == order.id]
    assert (item["case"], item["number"], item["due_on"]) == (None, None, SOON)
    assert item["overdue"] is False
    stranger = shared.as_(Role.MEMBER, OTHER_TEAM)
    listed = read(stranger, "/api/deadlines", order.last, kind="order")["items"]
    assert order.id not in [one["order"] for one in listed]

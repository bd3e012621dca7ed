"""What must work: "Choking game" from its team to the group and back, over HTTP."""

from typing import Any

import pytest

from tests.api.asserting import assert_recorded
from tests.api.story import GROUP, SERVICE, SOON, read
from tests.conftest import Client

TEAM = "ikke-oppgitt"
STEPS: list[tuple[str, dict[str, Any]]] = [
    ("discussions", {"summary": "Flere skoler har sett det.", "conclusion": "ask_to_lift"}),
    (
        "escalations",
        {"to": GROUP, "why": "cannot", "reason": "Gjelder alle skoler.", "tried": "Samtaler."},
    ),
    ("assignments", {"service": SERVICE, "expectation": "Snakk med 8. trinn.", "due_on": SOON}),
    ("assignments/1/acceptance", {}),
    ("assignments/1/completion", {"report": "Alle klasser er besøkt."}),
    ("answers", {"to": TEAM, "message": "Alle klasser har fått besøk."}),
    ("answers/1/acknowledgement", {}),
    ("closure", {"outcome": "resolved", "reason": "Ikke sett siden påske."}),
]
STATUSES = ["discussed", "escalated", "assigned", "assigned", "discussed", "discussed",
            "discussed", "closed"]  # fmt: skip
EVENTS = ["CaseRaised", "CaseDiscussed", "CaseEscalated", "CaseAssigned", "AssignmentAccepted",
          "AssignmentCompleted", "AnswerGiven", "AnswerAcknowledged", "CaseClosed"]  # fmt: skip


def the_case(coordinator: Client, **query: Any) -> dict[str, Any]:
    (case,) = read(coordinator, "/api/cases", q="choking game", **query)["items"]
    return dict(case)


@pytest.fixture
def lived(coordinator: Client) -> list[Any]:
    """The answers to all steps of the flow, each of which recorded one event."""
    path = f"/api/cases/{the_case(coordinator)['number']}"
    answers = []
    for step, body in STEPS:
        before = coordinator.ledger.engine.ledger.size()
        answers.append(coordinator.post(f"{path}/{step}", json=body))
        assert_recorded(answers[-1], coordinator.ledger, before)
    return answers


def test_each_step_answers_with_the_case_as_it_now_is(lived: list[Any]) -> None:
    cases = [answer.json() for answer in lived]
    assert [case["status"] for case in cases] == STATUSES
    assert [case["version"] for case in cases] == list(range(2, 10))
    assert {case["title"] for case in cases} == {"Choking game"}
    assert [case["holder"] for case in cases] == [TEAM] + [GROUP] * 7
    assert [case["level"] for case in cases] == ["executing"] + ["coordinating"] * 7
    states = [a["state"] for case in cases[2:] for a in case["assignments"]]
    assert states == ["offered", "accepted"] + ["completed"] * 4


def test_the_team_is_owed_an_answer_from_the_lift_until_it_gets_one(lived: list[Any]) -> None:
    owed = [answer.json()["answer_owed"] for answer in lived]
    assert owed == [[], [TEAM], [TEAM], [TEAM], [TEAM], [], [], []]


def test_its_status_is_read_afterwards(coordinator: Client, lived: list[Any]) -> None:
    last = lived[-1].json()
    assert read(coordinator, f"/api/cases/{last['number']}", lived[-1]) == last
    assert read(coordinator, f"/api/cases/{last['id']}", lived[-1]) == last
    assert last["outcome"] == "resolved"
    assert last["closed_at"] is not None


def test_its_whole_history_is_read_afterwards(coordinator: Client, lived: list[Any]) -> None:
    path = f"/api/cases/{lived[-1].json()['number']}/history"
    page = read(coordinator, path, lived[-1])
    entries = page["items"]
    assert page["next"] is None
    assert [entry["event"] for entry in entries] == EVENTS
    assert [entry["version"] for entry in entries] == list(range(1, 10))
    assert [e["position"] for e in entries[1:]] == [a.json()["position"] for a in lived]
    assert entries[0]["source"] == "report"
    assert entries[0]["precision"] == "year"
    assert [entry["source"] for entry in entries[1:]] == ["entered"] * 8
    assert entries[2]["reason"]["words"] == "Gjelder alle skoler."
    assert entries[6]["message"]["words"] == "Alle klasser har fått besøk."


def test_the_list_is_read_as_it_was_before_the_lift(coordinator: Client, lived: list[Any]) -> None:
    discussed = lived[0].json()
    moments = {
        "position": discussed["position"],
        "time": discussed["last_recorded_at"],
        "time with a plus": discussed["last_recorded_at"].replace("Z", "+00:00"),
    }
    for as_of in moments.values():
        listed = read(coordinator, "/api/cases", lived[-1], as_of=as_of, limit=1000)["items"]
        (then,) = [case for case in listed if case["title"] == "Choking game"]
        assert then == discussed
        assert len(listed) == 38
    assert the_case(coordinator)["status"] == "closed"
    before = read(coordinator, "/api/cases", holder=GROUP, as_of=discussed["position"])["items"]
    now = read(coordinator, "/api/cases", holder=GROUP)["items"]
    assert len(now) == len(before) + 1

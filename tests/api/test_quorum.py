"""Whether enough were there to decide: allowed without, and marked wherever the decision stands."""

from domain.actor import Role
from tests.api.asserting import assert_refused
from tests.api.meeting import Table, at_the_group
from tests.api.story import BOARD, TEAM, read
from tests.conftest import Client


def test_a_decision_without_a_quorum_is_allowed_and_marked(caseworker: Client) -> None:
    story = at_the_group(caseworker, title="Uten flertall").does(
        "escalations", to=BOARD, urgent=True
    )
    table = Table(caseworker, BOARD)
    n = table.takes_up(story)
    table.does("attendance", seats=[1, 2])
    decided = {"conclusion": "decided", "decision": "Hallen holdes åpen."}
    answer = table.tries(f"items/{n}/discussions", **decided)
    assert answer.status_code == 201
    table.does("closure")
    assert table.meeting["quorate"] is False
    (item,) = table.now("/minutes")["items"]
    assert [one["without_quorum"] for one in item["entries"]] == [True]
    register = read(caseworker, "/api/audit/decisions", table.last, organ=BOARD)["items"]
    assert [
        d["without_quorum"] for d in register if d["position"] == answer.json()["position"]
    ] == [True]
    assert [d["without_quorum"] for d in register if d["event"] == "FocusAreaSet"][:1] == [False]


def test_that_there_was_no_quorum_is_told_to_all_who_read_the_decision_from_the_closing_on(
    caseworker: Client, shared: Client
) -> None:
    """Though the meeting itself is not for them."""
    story = at_the_group(caseworker).does("escalations", to=BOARD, urgent=True)
    table = Table(caseworker, BOARD)
    n = table.takes_up(story)
    table.does("attendance", seats=[1, 2])
    decided = {"conclusion": "decided", "decision": "Hallen holdes åpen."}
    made = table.tries(f"items/{n}/discussions", **decided).json()["position"]
    table.does("closure")
    closed = int(table.last.headers["Loft-Position"])
    member = shared.as_(Role.MEMBER, TEAM)
    assert_refused(member.get(table.path), 404, "not-found")
    for as_of, marked in ((closed, True), (closed - 1, False)):
        register = read(
            member, "/api/audit/decisions", table.last, organ=BOARD, limit=1000, as_of=as_of
        )["items"]
        assert [d["without_quorum"] for d in register if d["position"] == made] == [marked]


def test_enough_are_there_by_what_the_organ_has_set(
    caseworker: Client, administrator: Client
) -> None:
    organ = {"key": "radet", "name": "Rådet", "level": "steering", "kind": "council"}
    administrator.post("/api/organs", json=organ)
    for _ in range(4):
        administrator.post("/api/organs/radet/seats", json={"role": "member"})
    assert (
        Table(caseworker, "radet")
        .does("attendance", seats=[1, 2])
        .does("closure")
        .meeting["quorate"]
        is False
    )
    quorum = administrator.post("/api/organs/radet/quorum", json={"seats": 2})
    assert quorum.json()["quorum"] == 2
    again = Table(caseworker, "radet").does("attendance", seats=[1, 2]).does("closure")
    assert again.meeting["quorate"] is True
    never = administrator.post("/api/organs/radet/quorum", json={"seats": 0})
    assert_refused(never, 422, "invalid", "at least one")

"""What became different in a case between two moments."""

from typing import Any

from domain.actor import Role
from tests.api.asserting import assert_refused
from tests.api.story import GROUP, OTHER_TEAM, TEAM, Story, erased, read
from tests.conftest import Client


def compared(story: Story, **query: Any) -> dict[str, Any]:
    asked = {name.strip("_"): value for name, value in query.items()}
    return dict(read(story.client, f"{story.path}/changes", story.last, **asked))


def fields(compared: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {one["field"]: (one["before"], one["after"]) for one in compared["changes"]}


def test_each_field_that_became_different_is_told_before_and_after(caseworker: Client) -> None:
    story = Story(caseworker, "discussions")
    begin = story.case
    story.does("escalations").does("notes")
    end = story.case
    found = compared(story, from_=begin["position"])
    assert fields(found) == {
        "status": ("discussed", "escalated"),
        "level": ("executing", "coordinating"),
        "holder": (TEAM, GROUP),
        "answer_owed": ([], [TEAM]),
        "last_recorded_at": (begin["last_recorded_at"], end["last_recorded_at"]),
        "version": (2, 4),
        "position": (begin["position"], end["position"]),
    }
    assert found["entries"] == [entry["position"] for entry in story.history()][2:]


def test_the_fields_are_those_of_the_case_as_it_is_answered(caseworker: Client) -> None:
    story = Story(caseworker)
    steps = ("discussions", "escalations", "assignments", "measures", "answers", "closure")
    positions = [story.case["position"], *(story.does(step).case["position"] for step in steps)]
    for begin in positions:
        for end in positions[positions.index(begin) :]:
            before, after = story.now(as_of=begin), story.now(as_of=end)
            told = {f: (before[f], after[f]) for f in after if before[f] != after[f]}
            found = compared(story, from_=begin, to=end)
            assert fields(found) == told
            assert found["entries"] == [p for p in positions if begin < p <= end]


def test_before_it_was_raised_every_field_was_null(caseworker: Client) -> None:
    story = Story(caseworker)
    found = compared(story, from_=story.case["position"] - 1)
    assert all(one["before"] is None for one in found["changes"])
    assert {f: after for f, (_, after) in fields(found).items()} == {
        field: value for field, value in story.case.items() if value is not None
    }
    assert found["entries"] == [story.case["position"]]


def test_between_a_moment_and_itself_nothing_becomes_different(caseworker: Client) -> None:
    story = Story(caseworker, "discussions")
    for then in (story.case["position"], story.case["last_recorded_at"]):
        found = compared(story, from_=then, to=then)
        assert (found["changes"], found["entries"]) == ([], [])
        assert found["from"] == found["to"]


def test_the_moments_are_told_as_position_and_time(caseworker: Client) -> None:
    story = Story(caseworker)
    begin = story.case
    story.does("notes")
    found = compared(story, from_=begin["last_recorded_at"], to=story.case["position"])
    assert found["from"] == {"position": begin["position"], "at": begin["last_recorded_at"]}
    end = {"position": story.case["position"], "at": story.case["last_recorded_at"]}
    assert found["to"] == end
    now = compared(story, from_=begin["position"])["to"]
    assert now["position"] >= story.case["position"]
    assert now["at"] > end["at"]


def test_from_does_not_come_after_to(caseworker: Client) -> None:
    story = Story(caseworker)
    begin = story.case
    story.does("notes")
    end = story.case
    for name in ("position", "last_recorded_at"):
        asked = {"from": end[name], "to": begin[name]}
        answer = caseworker.get(f"{story.path}/changes", params=asked)
        assert_refused(answer, 422, "invalid", '"from" comes after "to"')


def test_what_is_asked_is_a_moment_that_has_come(caseworker: Client) -> None:
    story = Story(caseworker)
    path, size = f"{story.path}/changes", caseworker.ledger.engine.ledger.size()
    for asked in ({"from": "monday"}, {"from": 1, "to": "monday"}, {"from": "2026-03-01"}):
        assert_refused(caseworker.get(path, params=asked), 422, "invalid", "cannot be understood")
    for asked in ({"from": size + 9}, {"from": 1, "to": "2199-01-01T00:00:00Z"}):
        assert_refused(caseworker.get(path, params=asked), 422, "invalid", "not come that far")
    assert_refused(caseworker.get(path), 422, "invalid", "from is missing")
    as_of = caseworker.get(path, params={"from": 1, "as_of": 1})
    assert_refused(as_of, 422, "invalid", "not known here")


def test_a_case_that_was_not_there_at_the_end_is_not_found(caseworker: Client) -> None:
    story = Story(caseworker)
    asked = {"from": 1, "to": story.case["position"] - 1}
    assert_refused(caseworker.get(f"{story.path}/changes", params=asked), 404, "not-found")
    nowhere = caseworker.get("/api/cases/2026-9999/changes", params={"from": 1})
    assert_refused(nowhere, 404, "not-found")


def test_a_case_that_was_merged_into_it_is_an_entry_between(caseworker: Client) -> None:
    into = Story(caseworker, raised_by=OTHER_TEAM)
    story = Story(caseworker, "discussions", "escalations")
    story.does("closure", outcome="merged", merged_into=into.number)
    begin, into.last = into.case["position"], story.last
    found = compared(into, from_=begin)
    assert found["entries"] == [story.case["position"]]
    assert fields(found)["answer_owed"] == ([], [TEAM])


def test_words_are_told_as_they_are_now(caseworker: Client) -> None:
    story = Story(caseworker, title="Noe om noen").does("notes")
    begin = story.case["position"]
    position = erased(story, story.history()[0]["title"]["text_id"])
    headers = {"Loft-Position": str(position)}
    path = f"{story.path}/changes"
    found = caseworker.get(path, params={"from": begin}, headers=headers).json()
    assert "title" not in fields(found)
    assert fields(found)["erased"] == ({}, {"title": position})
    assert found["entries"] == [position]
    assert "Noe om noen" not in caseworker.get(path, params={"from": 1}).text


def test_a_correction_becomes_different_too(caseworker: Client) -> None:
    story = Story(caseworker)
    begin = story.case["position"]
    story.does("corrections", position=begin)
    before, after = fields(compared(story, from_=begin))["corrections"]
    assert before == []
    assert [one["refers_to"] for one in after] == [begin]


def test_only_who_may_read_cases_may_compare_them(client: Client, coordinator: Client) -> None:
    story = Story(coordinator)
    for role, status in (
        (Role.BOARD, 200), (Role.AUDITOR, 200), (Role.REPORTER, 403), (Role.ADMIN, 403),
    ):  # fmt: skip
        headers = {"Loft-Position": story.last.headers["Loft-Position"]}
        somebody = client.as_(role)
        answer = somebody.get(f"{story.path}/changes", params={"from": 1}, headers=headers)
        assert answer.status_code == status
    assert client.get(f"{story.path}/changes", params={"from": 1}).status_code == 401

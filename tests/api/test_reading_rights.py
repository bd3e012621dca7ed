"""A case is read by those it is for, however it is asked for; a restricted one by the named."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from domain.actor import Role
from domain.case import GLASS
from ledger.database import READER
from projections.place import followed
from tests.api.asserting import assert_refused, nothing_changes
from tests.api.seats import confirm, person, sits
from tests.api.story import GROUP, OTHER_TEAM, SERVICE, TEAM, Story
from tests.conftest import Client
from tests.lives import as_owner

WORD = "Kjøpesenteret"


@pytest.fixture
def story(caseworker: Client) -> Story:
    """A case of the team's, with words of its own, a correction and a decision."""
    story = Story(caseworker, title="Xylofonbråk ved kjøpesenteret")
    story.does("discussions", conclusion="decided", decision="Vi snakker med senteret.")
    return story.does("corrections")


def ask(client: Client, path: str, **query: Any) -> httpx.Response:
    headers = {"Loft-Position": str(client.ledger.engine.ledger.size())}
    return client.get(path, params=query or None, headers=headers)


def ask_now(client: Client, path: str) -> httpx.Response:
    """However far the views are."""
    return client.get(path)


def followed_to(client: Client) -> int:
    return client.ledger.database.read(followed)


def own_id(client: Client) -> str:
    return str(client.get("/api/me").json()["id"])


ALONE: dict[str, Callable[[Story], tuple[str, dict[str, Any]]]] = {
    "by number": lambda s: (s.path, {}),
    "by id": lambda s: (f"/api/cases/{s.case['id']}", {}),
    "as of a position": lambda s: (s.path, {"as_of": s.case["position"]}),
    "as of a time": lambda s: (s.path, {"as_of": s.case["last_recorded_at"]}),
    "true at": lambda s: (s.path, {"true_at": s.case["last_recorded_at"]}),
    "history": lambda s: (f"{s.path}/history", {}),
    "history as of": lambda s: (f"{s.path}/history", {"as_of": s.case["position"]}),
    "changes": lambda s: (f"{s.path}/changes", {"from": s.case["position"] - 1}),
}
"""The ways to one case."""
AMONG: dict[str, Callable[[Story], tuple[str, dict[str, Any]]]] = {
    "list": lambda _: ("/api/cases", {"limit": 1000}),
    "list as of": lambda s: ("/api/cases", {"limit": 1000, "as_of": s.case["position"]}),
    "search": lambda _: ("/api/cases", {"q": "xylofonbråk"}),
    "search as of": lambda s: ("/api/cases", {"q": "xylofonbråk", "as_of": s.case["position"]}),
    "holder": lambda _: ("/api/cases", {"holder": TEAM, "limit": 1000}),
    "register": lambda _: ("/api/audit/decisions", {"limit": 1000, "from": "2020-01-01"}),
    "register by words": lambda _: ("/api/audit/decisions", {"q": "xylofonbråk", "limit": 1000}),
    "register as of": lambda s: (
        "/api/audit/decisions",
        {"limit": 1000, "from": "2020-01-01", "as_of": s.case["position"]},
    ),
    "register as csv": lambda _: (
        "/api/audit/decisions", {"limit": 1000, "from": "2020-01-01", "format": "csv"}
    ),
}  # fmt: skip
"""The ways to many."""


@pytest.mark.parametrize("way", ALONE)
def test_a_case_of_another_organ_is_not_there(way: str, story: Story, stranger: Client) -> None:
    path, query = ALONE[way](story)
    answer = ask(stranger, path, **query)
    assert_refused(answer, 404, "not-found")
    nowhere = ask(stranger, path.replace(story.number, "1999-0001").replace(story.case["id"], "x"))
    assert answer.json() == nowhere.json() or way == "changes"


@pytest.mark.parametrize("way", ALONE)
def test_a_case_of_one_s_own_organ_is_read(way: str, story: Story, member: Client) -> None:
    path, query = ALONE[way](story)
    assert ask(member, path, **query).status_code == 200


@pytest.mark.parametrize("way", AMONG)
def test_a_case_is_among_those_of_its_own_organ_alone(
    way: str, story: Story, member: Client, stranger: Client
) -> None:
    path, query = AMONG[way](story)
    assert story.number in ask(member, path, **query).text
    assert story.number not in ask(stranger, path, **query).text


def test_a_cursor_made_by_hand_leads_to_nothing_more(story: Story, stranger: Client) -> None:
    for cursor in ("MA", "MQ"):
        listed = ask(stranger, "/api/cases", cursor=cursor, limit=1000).json()["items"]
        assert {case["raised_by"] for case in listed} <= {OTHER_TEAM}
    assert story.number


@pytest.mark.parametrize("step", ["assignments", "escalations", "answers"])
def test_a_case_is_read_by_those_that_get_it(step: str, caseworker: Client, shared: Client) -> None:
    place = {"assignments": SERVICE, "escalations": GROUP, "answers": TEAM}[step]
    key = caseworker.ledger.engine.structure.service(place)
    story = Story(caseworker, "discussions")
    client = shared.as_(Role.MEMBER, key)
    assert ask(client, story.path).status_code == (200 if place == TEAM else 404)
    story.does(step)
    assert ask(client, story.path).status_code == 200


def test_a_case_that_went_on_is_read_by_those_that_had_it(
    caseworker: Client, member: Client
) -> None:
    story = Story(caseworker, "discussions", "escalations")
    assert story.case["holder"] == GROUP
    assert ask(member, story.path).status_code == 200


def test_words_of_another_s_case_are_linked_to_by_nobody(
    caseworker: Client, shared: Client
) -> None:
    """Naming a case in a link or a merger tells whether it is there."""
    hidden, own = Story(caseworker, "restriction"), Story(shared.as_(Role.COORDINATOR))
    with nothing_changes(caseworker.ledger):
        link = {"kind": "relates", "other": hidden.number}
        linked = own.client.post(f"{own.path}/links", json=link)
        merged = own.tries("closure", outcome="merged", merged_into=hidden.number)
    assert_refused(linked, 403, "forbidden")
    assert_refused(merged, 403, "forbidden")


def test_a_repeat_shows_nothing_to_who_may_no_longer_read(
    caseworker: Client, shared: Client
) -> None:
    """The first answer was theirs; the same key gives it no more."""
    other = shared.as_(Role.COORDINATOR)
    story = Story(other)
    key = {"Idempotency-Key": story.number}
    assert story.tries("notes", headers=key).status_code == 201
    mine = Story.__new__(Story)
    mine.__dict__.update(story.__dict__, client=caseworker)
    mine.does("restriction")
    assert_refused(story.tries("notes", headers=key), 403, "forbidden")


# Restricted.


@pytest.fixture
def restricted(caseworker: Client, member: Client) -> Story:
    """Restricted to the coordinator who did it and to one member."""
    story = Story(caseworker, title="Xylofonbråk ved skolen")
    story.does("discussions", conclusion="decided", decision="Vi snakker med skolen.")
    return story.does("restriction", people=[own_id(member)])


@pytest.mark.parametrize("role", [Role.BOARD, Role.AUDITOR, Role.MEMBER])
@pytest.mark.parametrize("way", ALONE)
def test_a_restricted_case_is_not_there_for_others(
    way: str, role: Role, restricted: Story, shared: Client
) -> None:
    somebody = shared.as_(role, TEAM if role is Role.MEMBER else None)
    path, query = ALONE[way](restricted)
    assert_refused(ask(somebody, path, **query), 404, "not-found")


@pytest.mark.parametrize("role", [Role.BOARD, Role.AUDITOR, Role.MEMBER, Role.COORDINATOR])
@pytest.mark.parametrize("way", AMONG)
def test_a_restricted_case_is_among_no_others(
    way: str, role: Role, restricted: Story, shared: Client
) -> None:
    somebody = shared.as_(role, TEAM if role is Role.MEMBER else None)
    path, query = AMONG[way](restricted)
    assert restricted.number not in ask(somebody, path, **query).text
    assert restricted.number in ask(restricted.client, path, **query).text


def test_a_restricted_case_is_read_by_who_is_named(restricted: Story, member: Client) -> None:
    assert ask(member, restricted.path).json()["restricted_to"] == [
        own_id(member), own_id(restricted.client),
    ]  # fmt: skip


def test_another_coordinator_is_told_how_to_get_in(restricted: Story, shared: Client) -> None:
    other = shared.as_(Role.COORDINATOR)
    for path in (restricted.path, f"{restricted.path}/history", f"{restricted.path}/readers"):
        assert_refused(ask(other, path), 403, "forbidden", "break the glass")
    with nothing_changes(shared.ledger):
        answer = other.post(f"{restricted.path}/notes", json={"text": "Hei"})
    assert_refused(answer, 403, "forbidden", "break the glass")


def test_the_glass_is_broken_and_all_who_are_named_are_told(
    restricted: Story, shared: Client, member: Client
) -> None:
    other = shared.as_(Role.COORDINATOR)
    broken = other.post(f"{restricted.path}/break-glass", json={"reason": "Det haster."})
    assert broken.status_code == 201, broken.text
    for path, query in (way(restricted) for way in (*ALONE.values(), *AMONG.values())):
        answer = ask(other, path, **query)
        assert answer.status_code == 200
        assert restricted.number in answer.text or "/history" in path or "/changes" in path
    for named in (member, restricted.client):
        told = ask(named, "/api/notices", limit=1000).json()["items"][-1]
        assert (told["event"], told["number"]) == ("GlassBroken", restricted.number)
        assert told["actor"]["id"] == own_id(other)
    assert "GlassBroken" not in ask(other, "/api/notices").text


def test_the_glass_is_whole_again_after_three_hours(caseworker: Client, shared: Client) -> None:
    """What was broken four hours ago is open no more."""
    other = shared.as_(Role.COORDINATOR)
    before = datetime.now(UTC) - GLASS - timedelta(minutes=1)
    early = Story(caseworker, occurred_at=(before - timedelta(days=1)).isoformat())
    early.does("restriction")
    body = {"reason": "Det hastet.", "occurred_at": before.isoformat()}
    broken = other.post(f"{early.path}/break-glass", json=body)
    assert broken.status_code == 201, broken.text
    assert_refused(ask(other, early.path), 403, "forbidden", "break the glass")
    assert early.number not in ask(other, "/api/cases", limit=1000).text


def test_what_was_restricted_then_is_not_read_as_of_then(restricted: Story, shared: Client) -> None:
    then = restricted.case["position"]
    restricted.does("restriction/lifting")
    board = shared.as_(Role.BOARD)
    assert ask(board, restricted.path).status_code == 200
    assert ask(board, restricted.path, as_of=then - 1).status_code == 200
    assert_refused(ask(board, restricted.path, as_of=then), 404, "not-found")
    changes = ask(board, f"{restricted.path}/changes", **{"from": then, "to": then + 1})
    assert_refused(changes, 404, "not-found")
    for way in ("list as of", "register as of"):
        path, query = AMONG[way](restricted)
        assert restricted.number not in ask(board, path, **query | {"as_of": then}).text
        assert restricted.number in ask(board, path, **query | {"as_of": then - 1}).text


def test_restricting_names_only_who_is_known(caseworker: Client) -> None:
    story = Story(caseworker)
    with nothing_changes(caseworker.ledger):
        answer = story.tries("restriction", people=["kari.nordmann"])
    assert_refused(answer, 422, "invalid", "no person with this id")


def test_who_could_read_a_case_is_told_as_of_any_moment(
    restricted: Story, shared: Client, member: Client
) -> None:
    auditor, now = shared.as_(Role.AUDITOR), restricted.case["position"]
    where = f"{restricted.path}/readers"
    named = {one["id"]: one["why"] for one in ask(restricted.client, where).json()["items"]}
    assert named == {own_id(member): "named", own_id(restricted.client): "named"}
    before = ask(restricted.client, where, as_of=now - 1, limit=1000).json()["items"]
    why = {one["id"]: one["why"] for one in before}
    assert why[own_id(member)] == "seat"
    assert why[own_id(restricted.client)] == "role"
    assert ask(auditor, where).json() == ask(restricted.client, where).json()
    assert_refused(ask(auditor, restricted.path), 404, "not-found")


def test_whoever_has_not_confirmed_confidentiality_reads_nothing_and_is_not_named(
    story: Story, administrator: Client
) -> None:
    waiting = person(administrator, confirms=False)
    sits(administrator, waiting, f"organs/{TEAM}")
    where = f"{story.path}/readers?limit=1000"
    assert waiting.id not in {one["id"] for one in ask(story.client, where).json()["items"]}
    confirm(waiting)
    assert waiting.id in {one["id"] for one in ask(story.client, where).json()["items"]}


def test_a_restriction_holds_though_the_views_stand_still(
    story: Story, shared: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the views do not know of yet is closed to all, and open again to those who are named
    once they do."""
    board, follower = shared.as_(Role.BOARD), shared.ledger.follower
    for path in (story.path, f"{story.path}/history"):
        assert ask(board, path).status_code == 200
    with monkeypatch.context() as patch:
        patch.setattr("api.restrictions.PATIENCE", 0.1)
        patch.setattr(follower, "catch_up", lambda **_: followed_to(shared))
        case = story.does("restriction").case
        for path in (story.path, f"{story.path}/history"):
            assert board.get(path).status_code == 404
        listed = board.get("/api/cases", params={"q": "xylofonbråk", "limit": 1000}).json()["items"]
        assert case["id"] not in {one["id"] for one in listed}
        assert case["number"] not in board.get("/api/audit/decisions?limit=1000").text
        marks = {"*"}
        for sql in (
            "SELECT * FROM case_status WHERE case_id = %(case)s",
            "SELECT * FROM texts WHERE stream_id = %(case)s",
            "SELECT * FROM events WHERE stream_id = %(case)s",
            "SELECT * FROM search WHERE case_id = %(case)s",
        ):
            assert shared.ledger.seen_by(marks).rows(sql, case=case["id"]) == []
        assert ask_now(story.client, story.path).status_code == 404
    assert ask(story.client, story.path).status_code == 200
    assert ask(board, story.path).status_code == 404


# The database itself.


def test_a_question_that_forgets_to_ask_is_answered_with_nothing(
    story: Story, restricted: Story, stranger: Client
) -> None:
    """Whatever is asked within the bounds: cases, their words, the search index and the events."""
    ask(stranger, "/api/cases")
    sight = stranger.ledger.seen_by({OTHER_TEAM, f"@{own_id(stranger)}"})
    for case in (story.case["id"], restricted.case["id"]):
        for sql in (
            "SELECT * FROM case_status WHERE case_id = %(case)s",
            "SELECT * FROM texts WHERE stream_id = %(case)s",
            "SELECT * FROM events WHERE stream_id = %(case)s",
            "SELECT * FROM search WHERE case_id = %(case)s",
        ):
            assert sight.rows(sql, case=case) == []
            assert stranger.ledger.database.rows(sql, case=case)


def test_without_marks_there_is_no_case_at_all(story: Story) -> None:
    ledger = story.client.ledger
    story.now()
    with as_owner(ledger) as connection:
        connection.execute(f"SET ROLE {READER}")
        for table in ("case_status", "search"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
        events = "SELECT count(*) FROM events WHERE stream_type = 'case'"
        assert connection.execute(events).fetchone() == (0,)
        organs = "SELECT count(*) > 0 FROM texts WHERE stream_id LIKE 'organ:%'"
        assert connection.execute(organs).fetchone() == (True,)

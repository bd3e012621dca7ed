"""Whoever is shown the words of a case is written down first, for those who audit it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from domain.actor import Role
from domain.rights import RIGHTS
from ledger import accesses, live
from ledger.database import Unavailable
from ledger.stored import Entry
from tests.api.asserting import assert_refused
from tests.api.doors import DOORS, Door
from tests.api.meeting import Table, at_the_group
from tests.api.story import OTHER_TEAM, RAISING, TEAM, Story
from tests.conftest import Client, notary_of
from tests.lives import until

WORD = "Xylofonbråk"


@pytest.fixture
def board(shared: Client) -> Client:
    return shared.as_(Role.BOARD)


def ask(client: Client, path: str, **query: Any) -> httpx.Response:
    headers = {"Loft-Position": str(client.ledger.engine.ledger.size())}
    return client.get(path, params=query or None, headers=headers)


def log_of(client: Client, since: int = 0) -> list[Entry]:
    """What stands in the access log after that position."""
    recorder = client.ledger.accesses.engine.ledger
    return list(recorder.select_notifications(since + 1, 1000))


def size_of(client: Client) -> int:
    return client.ledger.accesses.engine.ledger.size()


def told(client: Client, **query: Any) -> list[dict[str, Any]]:
    """The newest accesses, as the API tells *client* of them."""
    answer = ask(client, "/api/audit/accesses", **query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def full(*_: object, **__: object) -> None:
    raise Unavailable


# What is written down.

READING = [
    door
    for door in DOORS.values()
    if door.method == "GET" and not door.never_ends
    if door.action is None or Role.COORDINATOR in RIGHTS[door.action]
]


EVERYTHING = {
    "/api/cases": "?limit=1000", "/api/audit/decisions": "?from=2020-01-01&limit=1000"
}  # fmt: skip
"""What to ask a list for, so that the case is on its first page."""


@pytest.mark.parametrize("door", READING, ids=lambda door: door.name)
def test_whatever_shows_words_of_a_case_is_in_the_log(door: Door, caseworker: Client) -> None:
    """And what shows none is not. Every door that reads is tried, so that a new one is too."""
    story = Story(caseworker, title=WORD, description=WORD)
    case = story.does("discussions", conclusion="decided", decision=WORD).case
    path = door.path.replace("{case}", case["number"]) + door.query
    if "{" in path.replace("{key}", "") and not door.is_about_a_case:
        path, _ = door.address(caseworker)
    if "{position}" in path:
        path = path.replace("{position}", str(story.does("erasures").case["position"]))
    path = path.format(key=TEAM)
    if "/certificate" in path:
        until(lambda: caseworker.get(path).status_code != 503)
    before = size_of(caseworker)
    answer = ask(caseworker, path + EVERYTHING.get(path, ""))
    assert answer.status_code == 200
    shown = {case for entry in log_of(caseworker, before) for case in entry.data["cases"]}
    assert (case["id"] in shown) == (WORD in answer.text)
    assert {entry.data["door"] for entry in log_of(caseworker, before)} <= {door.name}


@pytest.mark.parametrize("what", ["/agenda", "/pack", "/minutes"])
def test_what_waits_for_a_meeting_is_in_the_log(what: str, caseworker: Client) -> None:
    """What waits, the news from the level below, and what is on the agenda already."""
    waits = at_the_group(caseworker, title=WORD)
    below = Story(caseworker, title=WORD)
    table = Table(caseworker)
    taken = at_the_group(caseworker, title=WORD)
    table.takes_up(taken)
    before = size_of(caseworker)
    answer = ask(caseworker, table.path + what)
    assert answer.status_code == 200
    shown = {case for entry in log_of(caseworker, before) for case in entry.data["cases"]}
    every = {story.case["id"] for story in (waits, below, taken)}
    assert {case for case in every if case in answer.text} <= shown
    assert taken.case["id"] in shown
    assert WORD in answer.text


def test_an_entry_says_who_how_and_by_which_door(caseworker: Client, member: Client) -> None:
    story, me = Story(caseworker, title=WORD), member.get("/api/me").json()["id"]
    story.does("discussions", conclusion="decided", decision=WORD)
    before, moment = size_of(member), datetime.now(UTC)
    for path, query in (
        (story.path, {}),
        ("/api/cases", {"q": WORD.lower()}),
        ("/api/audit/decisions", {"format": "csv", "from": "2016-01-01"}),
    ):
        assert ask(member, path, **query).status_code == 200
    read, found, exported = log_of(member, before)
    assert [read.topic, found.topic, exported.topic] == ["WordsRead", "WordsFound", "WordsExported"]
    assert read.data["cases"] == [story.case["id"]]
    assert read.data["door"] == "GET /api/cases/{case}"
    assert found.data["door"] == "GET /api/cases"
    assert story.case["id"] in found.data["cases"]
    assert read.actor == {"id": me, "role": "member", "organ": TEAM}
    assert abs(read.recorded_at - moment) < timedelta(minutes=1)


def test_no_word_and_nothing_that_was_searched_for_stands_in_the_log(caseworker: Client) -> None:
    story = Story(caseworker, title=WORD)
    before = size_of(caseworker)
    assert len(ask(caseworker, "/api/cases", q=WORD).json()["items"]) > 0
    assert ask(caseworker, story.path).status_code == 200
    (written,) = caseworker.ledger.accesses.database.rows(
        "SELECT string_agg(e::text, ' ') FROM events e WHERE position > %(before)s", before=before
    )
    assert story.case["id"] in written[0]
    assert WORD.lower() not in written[0].lower()


def test_a_search_that_finds_nothing_and_a_case_that_is_closed_leave_no_entry(
    stranger: Client, caseworker: Client
) -> None:
    story = Story(caseworker, title=WORD)
    before = size_of(stranger)
    assert ask(stranger, "/api/cases", q="finsikke").json()["items"] == []
    assert ask(stranger, story.path).status_code == 404
    assert size_of(stranger) == before


def test_a_case_is_written_down_once_a_request(caseworker: Client) -> None:
    story = Story(caseworker, "discussions", "corrections")
    before = size_of(caseworker)
    assert ask(caseworker, f"{story.path}/changes?from=1").status_code == 200
    assert len(log_of(caseworker, before)) == 1


def test_what_a_command_answers_with_is_an_access_too(caseworker: Client) -> None:
    """But for a case that was just raised: its words are those of whoever raised it."""
    before = size_of(caseworker)
    story = Story(caseworker)
    assert size_of(caseworker) == before
    story.does("pause")
    (entry,) = log_of(caseworker, before)
    assert entry.data["door"] == "POST /api/cases/{case}/pause"


def test_a_repeat_of_a_raised_case_is_one(caseworker: Client) -> None:
    before, key = size_of(caseworker), {"Idempotency-Key": "once more"}
    first = caseworker.post("/api/cases", json=RAISING, headers=key)
    assert size_of(caseworker) == before
    again = caseworker.post("/api/cases", json=RAISING, headers=key)
    assert again.json() == first.json()
    (entry,) = log_of(caseworker, before)
    assert entry.data["cases"] == [first.json()["id"]]
    assert entry.data["door"] == "POST /api/cases"


@pytest.mark.parametrize("path", ["", "/history", "/changes?from=1"])
def test_what_cannot_be_written_down_is_not_shown(
    path: str, caseworker: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story(caseworker, title=WORD)
    with monkeypatch.context() as patch:
        patch.setattr(caseworker.ledger.accesses.engine.ledger, "append", full)
        answer = ask(caseworker, story.path + path)
        listed = ask(caseworker, "/api/cases")
    for one in (answer, listed):
        assert_refused(one, 503, "unavailable")
        assert WORD not in one.text
    assert ask(caseworker, story.path + path).status_code == 200


# Who reads the log.


def test_the_log_is_asked_by_case_person_organ_and_time(
    caseworker: Client, member: Client, board: Client
) -> None:
    story, other = Story(caseworker), Story(caseworker, raised_by=OTHER_TEAM)
    me, case = member.get("/api/me").json()["id"], story.case["id"]
    begun = datetime.now(UTC).isoformat()
    assert ask(member, story.path).status_code == 200
    assert ask(caseworker, other.path).status_code == 200
    by_case = told(board, case=case)
    assert told(board, case=story.number) == by_case
    assert [(one["actor"]["id"], one["how"], one["cases"]) for one in by_case] == [
        (me, "read", [case])
    ]
    assert told(board, person=me) == by_case
    assert by_case[0] in told(board, organ=TEAM)
    assert other.case["id"] not in str(told(board, organ=TEAM))
    assert other.case["id"] in str(told(board, organ=OTHER_TEAM))
    assert len(told(board, **{"from": begun})) == 2
    assert told(board, to=begun, person=me) == []
    assert told(board, **{"from": "2016-01-01", "to": "2016-12-31"}) == []
    assert told(board, case=case, person="p-000000000000") == []


def test_the_newest_come_first_and_pages_go_on_where_the_last_one_ended(
    caseworker: Client, board: Client
) -> None:
    story = Story(caseworker)
    for _ in range(5):
        ask(caseworker, story.path)
    every = [one["position"] for one in told(board, case=story.number)]
    assert every == sorted(every, reverse=True)
    assert len(every) == 5
    paged, query = [], {"case": story.number, "limit": 2}
    while query:
        answer = ask(board, "/api/audit/accesses", **query).json()
        paged += [one["position"] for one in answer["items"]]
        query = {k: v for k, (v,) in parse_qs(urlsplit(answer["next"] or "").query).items()}
    assert paged == every


def test_a_member_sees_who_read_their_own_organ_s_cases(
    caseworker: Client, member: Client, stranger: Client
) -> None:
    mine, other = Story(caseworker, title=WORD), Story(caseworker, title=WORD, raised_by=OTHER_TEAM)
    assert len(ask(caseworker, "/api/cases", q=WORD).json()["items"]) > 1
    both = {mine.case["id"], other.case["id"]}
    seen, theirs = told(member)[0], told(stranger)[0]
    assert seen["position"] == theirs["position"]
    assert set(seen["cases"]) & both == {mine.case["id"]}
    assert set(theirs["cases"]) & both == {other.case["id"]}
    assert_refused(ask(stranger, "/api/audit/accesses", case=mine.number), 404, "not-found")
    assert told(stranger, organ=TEAM, person="nobody") == []


def test_of_a_case_that_is_closed_to_them_those_who_audit_see_who_reads_it_and_others_do_not(
    caseworker: Client, shared: Client, board: Client
) -> None:
    """Whoever reads a case and then restricts it leaves a trace."""
    story = Story(caseworker, title=WORD)
    assert ask(caseworker, story.path).status_code == 200
    story.does("restriction")
    assert ask(caseworker, story.path).status_code == 200
    assert_refused(ask(board, story.path), 404, "not-found")
    other = shared.as_(Role.COORDINATOR)
    refused = ask(other, "/api/audit/accesses", case=story.number)
    assert_refused(refused, 403, "forbidden", "break the glass")
    assert story.case["id"] not in str(told(other, limit=1000))
    for client in (caseworker, board, shared.as_(Role.AUDITOR)):
        assert [one["door"] for one in told(client, case=story.number)] == [
            "GET /api/cases/{case}",
            "POST /api/cases/{case}/restriction",
            "GET /api/cases/{case}",
        ]
    assert WORD not in ask(board, "/api/audit/accesses", case=story.number).text


def test_an_entry_on_several_cases_is_found_by_none_that_is_another_s(
    caseworker: Client, member: Client
) -> None:
    """That a list of one's own cases held one of another organ's as well is nobody's to know."""
    mine, other = Story(caseworker), Story(caseworker, raised_by=OTHER_TEAM)
    assert ask(caseworker, "/api/cases", limit=1000).status_code == 200
    both = {mine.case["id"], other.case["id"]}
    assert both <= set(log_of(caseworker)[-1].data["cases"])
    assert told(member, organ=TEAM)
    assert told(member, organ=OTHER_TEAM) == []


def test_reading_the_log_is_no_access(board: Client) -> None:
    before = size_of(board)
    told(board)
    assert size_of(board) == before


@pytest.mark.parametrize(
    "query", [{"organ": "finnes-ikke"}, {"from": "i går"}, {"cursor": "!"}, {"limit": 0}]
)
def test_a_question_that_cannot_be_understood(query: dict[str, Any], board: Client) -> None:
    assert_refused(ask(board, "/api/audit/accesses", **query), 422, "invalid")


# It is a ledger.


def test_the_log_is_sealed_signed_and_verified_like_the_ledger(caseworker: Client) -> None:
    story = Story(caseworker)
    ask(caseworker, story.path)
    notary = notary_of(caseworker.ledger.accesses)
    signed = notary.sign(datetime.now(UTC))[1].checkpoint
    assert signed.size == size_of(caseworker) > 0
    assert signed.origin.endswith("_accesses")
    assert live.verify(notary).ok
    assert caseworker.get("/readyz").json()["access_log"] == "whole"


def test_whoever_reads_many_cases_finds_the_same_as_who_reads_few(
    caseworker: Client, member: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, other = Story(caseworker), Story(caseworker, raised_by=OTHER_TEAM)
    for story in (mine, other, mine):
        assert ask(caseworker, story.path).status_code == 200
    asked: list[dict[str, Any]] = [{}, {"case": mine.number}, {"limit": 3}, {"organ": TEAM}]
    looked_up = [told(member, **query) for query in asked]
    assert all(looked_up)
    monkeypatch.setattr(accesses, "FEW", 0)
    assert [told(member, **query) for query in asked] == looked_up
    assert other.case["id"] not in str(looked_up)

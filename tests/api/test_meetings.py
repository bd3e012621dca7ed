"""Meetings over HTTP: what is logged in one is linked to it, and the case's own calls stay."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from domain.actor import Role
from tests.api.asserting import assert_recorded, assert_refused, nothing_changes
from tests.api.meeting import EARLIER, NOW, TOMORROW, Table, at_the_group
from tests.api.seats import confirm, person, sits
from tests.api.story import BOARD, GROUP, OTHER_TEAM, TEAM, Story, read
from tests.conftest import Client


@pytest.fixture
def table(caseworker: Client) -> Table:
    return Table(caseworker)


def entry(story: Story, answer: httpx.Response) -> dict[str, Any]:
    """The newest entry of a case's history."""
    items = read(story.client, f"{story.path}/history", answer)["items"]
    return dict(items[-1])


# Convening.


def test_a_new_meeting_says_where_it_is(caseworker: Client) -> None:
    table = Table(caseworker, place="Rådhuset, rom 4")
    assert table.last.headers["Location"] == table.path
    assert table.now() == table.meeting
    assert table.meeting["status"] == "convened"
    assert table.meeting["place"] == "Rådhuset, rom 4"
    assert caseworker.get(table.path).headers["ETag"] == '"1"'


def test_all_who_sit_in_the_organ_are_invited(caseworker: Client) -> None:
    assert Table(caseworker, BOARD).meeting["seats"] == [1, 2, 3, 4, 5, 6, 7]
    assert Table(caseworker, BOARD, seats=[2]).meeting["seats"] == [2]
    body = {"organ": BOARD, "starts_at": EARLIER, "seats": [8]}
    with nothing_changes(caseworker.ledger):
        assert_refused(caseworker.post("/api/meetings", json=body), 404, "not-found", "no seat")


def test_a_dissolved_organ_does_not_meet(caseworker: Client, administrator: Client) -> None:
    organ = {"key": "nattgruppen", "name": "Natt", "level": "executing", "kind": "group"}
    assert administrator.post("/api/organs", json=organ).status_code == 201
    there = Table(caseworker, "nattgruppen")
    reason = {"reason": "Oppgaven er løst."}
    path = "/api/organs/nattgruppen/dissolution"
    assert administrator.post(path, json=reason).status_code == 201
    body = {"organ": "nattgruppen", "starts_at": TOMORROW}
    with nothing_changes(caseworker.ledger):
        assert_refused(caseworker.post("/api/meetings", json=body), 409, "refused", "dissolved")
        assert_refused(there.tries("moving"), 409, "refused", "dissolved")


def test_meetings_are_listed_page_by_page(coordinator: Client) -> None:
    first = Table(coordinator, starts_at="2026-01-07T09:00:00Z")
    second = Table(coordinator, starts_at="2026-02-04T09:00:00Z")
    third = Table(coordinator, TEAM, starts_at="2026-02-04T09:00:00Z")
    page = read(coordinator, "/api/meetings", third.last, limit=2)
    ids = [one["id"] for one in page["items"]]
    rest = read(coordinator, page["next"])["items"]
    assert sorted([*ids, *(one["id"] for one in rest)]) == sorted([first.id, second.id, third.id])
    assert ids[0] == first.id
    its = read(coordinator, "/api/meetings", organ=GROUP, to="2026-02-01T00:00:00Z")["items"]
    assert [one["id"] for one in its] == [first.id]
    assert read(coordinator, "/api/meetings", status="held")["items"] == []
    for query in ({"cursor": "x"}, {"status": "over"}, {"organ": "nobody"}, {"from": "soon"}):
        assert_refused(coordinator.get("/api/meetings", params=query), 422, "invalid")


def test_a_meeting_that_is_not_there_is_not_found(caseworker: Client) -> None:
    for ref in ("x", "%00", "0b0f5a3c-6c4e-4a52-9f6e-6f1f1c3a9d10", "META"):
        for path in ("", "/agenda", "/minutes", "/pack"):
            answer = caseworker.get(f"/api/meetings/{ref}{path}")
            assert_refused(answer, 404, "not-found")
        assert_refused(caseworker.post(f"/api/meetings/{ref}/closure", json={}), 404, "not-found")


def test_a_meeting_is_read_as_it_was(table: Table) -> None:
    convened = table.last.headers["Loft-Position"]
    table.does("agenda/items").does("closure")
    then = table.now(as_of=convened)
    assert (then["status"], then["items"], then["version"]) == ("convened", [], 1)
    assert table.now()["status"] == "held"
    before = str(int(convened) - 1)
    assert_refused(table.client.get(table.path, params={"as_of": before}), 404, "not-found")


# Logging.


def test_one_call_logs_an_item_and_links_it_to_the_meeting(table: Table) -> None:
    story = at_the_group(table.client)
    n = table.takes_up(story)
    before = table.client.ledger.engine.ledger.size()
    answer = table.tries(f"items/{n}/discussions")
    assert_recorded(answer, table.client.ledger, before)
    assert answer.json()["status"] == "discussed"
    logged = entry(story, answer)
    assert (logged["event"], logged["meeting"], logged["item"]) == ("CaseDiscussed", table.id, n)
    assert logged["actor"]["organ"] == GROUP


def test_it_happened_when_the_meeting_did_unless_the_case_came_later(table: Table) -> None:
    old = at_the_group(table.client, occurred_at="2026-01-05T09:00:00Z")
    new = at_the_group(table.client)
    for story, since in ((old, table.meeting["starts_at"]), (new, new.case["raised_at"])):
        answer = table.tries(f"items/{table.takes_up(story)}/notes")
        assert entry(story, answer)["occurred_at"] == since
    said = {"occurred_at": EARLIER}
    answer = table.tries(f"items/{table.takes_up(Story(table.client))}/notes", **said)
    assert_refused(answer, 422, "invalid", "before the case was raised")


def test_each_of_the_case_s_calls_can_be_logged(table: Table) -> None:
    story = at_the_group(table.client)
    n = table.takes_up(story)
    for step in ("discussions", "assignments", "measures", "measures/1/evaluation", "answers",
                 "notes", "referrals", "returns"):  # fmt: skip
        answer = table.tries(f"items/{n}/{step}")
        assert answer.status_code == 201, f"{step}: {answer.text}"
        assert entry(story, answer)["meeting"] == table.id
    lifted = at_the_group(table.client)
    n = table.takes_up(lifted)
    for step, changes in (("discussions", {}), ("escalations", {"to": BOARD}), ("closure", {})):
        answer = table.tries(f"items/{n}/{step}", **changes)
        assert answer.status_code == 201, f"{step}: {answer.text}"


def test_the_single_calls_stay_as_they_are(table: Table) -> None:
    story = at_the_group(table.client)
    table.takes_up(story)
    story.does("discussions", acting_for=GROUP)
    assert "meeting" not in entry(story, story.last)


def test_an_item_is_logged_on_about_its_own_case(table: Table) -> None:
    story, other = at_the_group(table.client), at_the_group(table.client)
    n = table.takes_up(story)
    title = table.does("agenda/items").meeting["items"][-1]["n"]
    with nothing_changes(table.client.ledger):
        answer = table.tries(f"items/{n}/notes", case=other.number)
        assert_refused(answer, 409, "refused", "not about that case")
        assert_refused(table.tries("items/99/notes"), 404, "not-found", "no item")
        answer = table.tries(f"items/{title}/notes")
        assert_refused(answer, 422, "invalid", "not about one case")


def test_nothing_is_logged_once_the_meeting_is_closed(table: Table) -> None:
    n = table.takes_up(at_the_group(table.client))
    table.does("closure")
    with nothing_changes(table.client.ledger):
        for step in (f"items/{n}/discussions", f"items/{n}/notes", "attendance", "agenda/items"):
            assert_refused(table.tries(step), 409, "refused", "is closed")


def test_nothing_is_logged_before_the_day_of_the_meeting(caseworker: Client) -> None:
    table = Table(caseworker, starts_at=TOMORROW)
    n = table.takes_up(at_the_group(caseworker))
    with nothing_changes(caseworker.ledger):
        for step in (f"items/{n}/discussions", "attendance", "closure"):
            assert_refused(table.tries(step), 422, "invalid", "has not begun")
        answer = table.tries("closure", occurred_at=TOMORROW)
        assert_refused(answer, 422, "invalid", "in the future")


# Several cases at once.


def test_one_discussion_is_logged_on_all_cases_of_the_item(table: Table) -> None:
    stories = [at_the_group(table.client) for _ in range(3)]
    n = table.takes_up(*stories)
    before = table.client.ledger.engine.ledger.size()
    answer = table.tries(f"items/{n}/discussions", summary="Tre skoler ser det samme.")
    assert answer.status_code == 201
    assert [case["number"] for case in answer.json()["items"]] == [s.number for s in stories]
    assert answer.headers["Loft-Position"] == str(before + 3)
    logged = [entry(story, answer) for story in stories]
    assert [one["position"] for one in logged] == [before + 1, before + 2, before + 3]
    assert {one["summary"]["words"] for one in logged} == {"Tre skoler ser det samme."}
    assert len({one["summary"]["text_id"] for one in logged}) == 3


def test_it_is_logged_on_all_of_them_or_on_none(table: Table) -> None:
    here, elsewhere = at_the_group(table.client), Story(table.client)
    n = table.takes_up(here, elsewhere)
    with nothing_changes(table.client.ledger):
        answer = table.tries(f"items/{n}/discussions")
    assert_refused(answer, 409, "refused", "Another organ holds the case")
    assert table.tries(f"items/{n}/discussions", case=here.number).json()["number"] == here.number


def test_a_repeat_is_answered_as_the_first_time(table: Table) -> None:
    n = table.takes_up(at_the_group(table.client), at_the_group(table.client))
    key = {"Idempotency-Key": f"once-{table.id}"}
    first = table.tries(f"items/{n}/discussions", key)
    with nothing_changes(table.client.ledger):
        again = table.tries(f"items/{n}/discussions", key)
        other = table.tries(f"items/{n}/discussions", key, summary="Noe annet.")
    assert again.json() == first.json()
    assert_refused(other, 422, "idempotency-conflict")


@pytest.mark.parametrize("step", ["removal", "postponement"])
def test_a_repeat_is_answered_though_its_item_is_no_longer_there(table: Table, step: str) -> None:
    n, alone = table.takes_up(at_the_group(table.client), at_the_group(table.client)), 2
    table.does("agenda/items", title="Julebordet")
    key, other = {"Idempotency-Key": f"kept-{table.id}"}, {"Idempotency-Key": f"own-{table.id}"}
    first, said = table.tries(f"items/{n}/discussions", key), {"conclusion": "continue"}
    own = table.tries(f"items/{alone}/discussions", other, **said)
    assert (first.status_code, own.status_code) == (201, 201), own.text
    table.does(f"items/{n}/{step}").does(f"items/{alone}/{step}")
    with nothing_changes(table.client.ledger):
        assert table.tries(f"items/{n}/discussions", key).json() == first.json()
        assert table.tries(f"items/{alone}/discussions", other, **said).json() == own.json()
        assert table.tries(f"items/{n}/discussions").status_code in {404, 409}


def test_if_match_is_of_one_case(table: Table) -> None:
    story = at_the_group(table.client)
    several = table.takes_up(story, at_the_group(table.client))
    one = table.takes_up(story)
    with nothing_changes(table.client.ledger):
        answer = table.tries(f"items/{several}/discussions", {"If-Match": '"1"'})
        assert_refused(answer, 422, "invalid", "version of one case")
        answer = table.tries(f"items/{one}/discussions", {"If-Match": '"1"'})
        assert_refused(answer, 412, "stale")


def test_of_several_it_is_said_which_one(table: Table) -> None:
    first, second = at_the_group(table.client), at_the_group(table.client)
    n = table.takes_up(first, second)
    with nothing_changes(table.client.ledger):
        assert_refused(table.tries(f"items/{n}/notes"), 422, "invalid", "Say which")
    assert table.tries(f"items/{n}/notes", case=second.number).json()["number"] == second.number


def test_words_that_may_point_at_a_person_are_asked_about_for_all(table: Table) -> None:
    n = table.takes_up(at_the_group(table.client), at_the_group(table.client))
    said = {"summary": "Ring 99 88 77 66 om dette."}
    with nothing_changes(table.client.ledger):
        assert_refused(table.tries(f"items/{n}/discussions", **said), 422, "personal-data")


# Cancelling.


def test_a_meeting_is_cancelled_before_it_is_held_and_then_takes_nothing(table: Table) -> None:
    table.does("cancellation")
    assert (table.meeting["status"], table.meeting["reason"]) == (
        "cancelled", "Halve gruppen er syk.",
    )  # fmt: skip
    held = Table(table.client).does("attendance")
    with nothing_changes(table.client.ledger):
        assert_refused(table.tries("agenda/items"), 409, "refused", "cancelled")
        assert_refused(held.tries("cancellation"), 409, "refused", "was held")


# Two at once.


def test_the_second_of_two_who_close_a_meeting_is_refused(table: Table) -> None:
    first, second = table.tries("closure"), table.tries("closure")
    assert first.status_code == 201
    assert first.json()["status"] == "held"
    assert_refused(second, 409, "refused", "is closed")


def test_the_second_of_two_who_arrange_an_agenda_is_told(table: Table) -> None:
    table.does("agenda/items").does("agenda/items", title="Budsjettet")
    table.now("/agenda")
    version = {"If-Match": table.client.get(f"{table.path}/agenda").headers["ETag"]}
    table.does("agenda/arrangement", version)
    with nothing_changes(table.client.ledger):
        stale = table.tries("agenda/arrangement", version, order=[1, 2])
        unsaid = table.tries("agenda/arrangement", {}, order=[1, 2])
        whichever = table.tries("agenda/arrangement", {"If-Match": "*"}, order=[1, 2])
        short = table.tries("agenda/arrangement", order=[1])
    assert_refused(stale, 412, "stale", "Somebody else has changed this")
    assert_refused(unsaid, 412, "stale", "send its ETag along as If-Match")
    assert_refused(whichever, 412, "stale", "send its ETag along as If-Match")
    assert_refused(short, 409, "refused", "every item of the agenda")
    table.does("agenda/arrangement", order=[1, 2])
    assert [item["n"] for item in table.meeting["items"]] == [1, 2]


def test_an_arrangement_that_was_made_is_answered_again(table: Table) -> None:
    table.does("agenda/items").does("agenda/items", title="Budsjettet")
    version = {"If-Match": table.last.headers["ETag"], "Idempotency-Key": "arranged-once"}
    first = table.does("agenda/arrangement", version).meeting
    with nothing_changes(table.client.ledger):
        assert table.tries("agenda/arrangement", version).json() == first


# When it ends.


def test_a_meeting_says_when_it_is_meant_to_end(caseworker: Client) -> None:
    begin, end = "2026-03-28T22:00:00+01:00", "2026-03-29T04:00:00+02:00"
    table = Table(caseworker, starts_at=begin, ends_at=end)
    assert table.meeting["ends_at"] == end
    table.does("moving", starts_at="2026-04-01T10:00:00+02:00")
    assert table.meeting["ends_at"] == "2026-04-01T15:00:00+02:00"
    assert table.now()["ends_at"] == table.meeting["ends_at"]
    with nothing_changes(caseworker.ledger):
        same = table.tries("moving", starts_at=begin, ends_at=begin)
        assert_refused(same, 422, "invalid", "ends after it begins")
        body = {"organ": GROUP, "starts_at": end, "ends_at": begin}
        answer = caseworker.post("/api/meetings", json=body)
        assert_refused(answer, 422, "invalid", "ends after it begins")
    assert Table(caseworker).meeting["ends_at"] is None


# As they were.


def test_meetings_are_listed_as_they_were(coordinator: Client) -> None:
    first = Table(coordinator)
    before = first.last.headers["Loft-Position"]
    second = Table(coordinator)
    first.does("cancellation")
    last = first.last

    def listed(**query: Any) -> list[tuple[str, str]]:
        found = read(coordinator, "/api/meetings", last, **query)["items"]
        return [(one["id"], one["status"]) for one in found]

    assert set(listed()) == {(first.id, "cancelled"), (second.id, "convened")}
    assert listed(as_of=before) == [(first.id, "convened")]
    assert listed(as_of=before, status="cancelled") == []
    page = read(coordinator, "/api/meetings", last, as_of=before, limit=1)
    assert read(coordinator, page["next"], last)["items"] == []


# Guests, and who reads.


def test_a_guest_reads_their_meeting_until_it_closes_and_no_other(
    caseworker: Client, administrator: Client
) -> None:
    guest, other = person(administrator), Table(caseworker)
    table = Table(caseworker, place="Rådhuset")
    assert_refused(guest.get(table.path), 403, "forbidden")
    table.does("guests", person=guest.id)
    confirm(guest)
    assert read(guest, table.path, table.last)["place"] == "Rådhuset"
    assert_refused(guest.get(other.path), 404, "not-found")
    assert [one["id"] for one in read(guest, "/api/meetings")["items"]] == [table.id]
    for path in ("/api/cases", "/api/reports/overview", "/api/organs"):
        assert_refused(guest.get(path), 403, "forbidden")
    assert_refused(table.tries("guests", person=guest.id), 409, "refused", "admitted already")
    assert_refused(table.tries("guests", person="p-nobody"), 422, "invalid")
    table.does("closure")
    assert_refused(guest.get(table.path), 403, "forbidden")


def test_a_member_reads_the_meetings_of_their_organ(
    shared: Client, caseworker: Client, administrator: Client
) -> None:
    table = Table(caseworker, TEAM)
    member, stranger = person(administrator), shared.as_(Role.MEMBER, OTHER_TEAM)
    sits(administrator, member, f"organs/{TEAM}")
    confirm(member)
    assert read(member, table.path, table.last)["id"] == table.id
    for path in ("", "/agenda", "/minutes", "/pack"):
        assert_refused(stranger.get(f"{table.path}{path}"), 404, "not-found")
    assert table.id not in str(read(stranger, "/api/meetings"))


def test_times_are_kept_as_they_were_given(caseworker: Client) -> None:
    table = Table(caseworker, starts_at="2026-06-03T14:15:00+02:00")
    assert table.meeting["starts_at"] == "2026-06-03T14:15:00+02:00"


def test_a_meeting_is_not_closed_by_a_year_that_it_lies_in(caseworker: Client) -> None:
    """Nobody knows by that whether its day has come."""
    table = Table(caseworker, starts_at=TOMORROW)
    for precision in ("year", "month", "day", "minute"):
        assert_refused(table.tries("closure", precision=precision), 422, "invalid", "not begun")
    assert Table(caseworker).does("closure", precision="day").meeting["closed_at"]


def test_a_meeting_in_which_something_was_logged_was_held(caseworker: Client) -> None:
    """It is neither cancelled nor moved away under its entries."""
    table = Table(caseworker)
    n = table.takes_up(at_the_group(caseworker))
    table.does(f"items/{n}/notes")
    for step in ("cancellation", "moving"):
        with nothing_changes(caseworker.ledger):
            assert_refused(table.tries(step), 409, "refused", "was held")
    attended = Table(caseworker).does("attendance")
    for step in ("cancellation", "moving"):
        assert_refused(attended.tries(step), 409, "refused", "was held")


def test_a_guest_of_a_meeting_that_nobody_closes_reads_it_for_a_week(
    caseworker: Client, administrator: Client
) -> None:
    guest = person(administrator)
    recent, old = (
        Table(caseworker, starts_at=(NOW - timedelta(days=n)).isoformat()) for n in (2, 30)
    )
    for table in (recent, old):
        table.does("guests", person=guest.id)
    confirm(guest)
    assert read(guest, recent.path, recent.last)
    recent.does("closure")
    for table in (recent, old):
        there = {"Loft-Position": recent.last.headers["Loft-Position"]}
        assert guest.get(table.path, headers=there).status_code in {403, 404}

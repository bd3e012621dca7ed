"""Calendar feeds: at an address that is a secret and can be renewed, and without a case's words."""

from datetime import date, datetime, time, timedelta
from typing import Any

from icalendar import Calendar

from domain.actor import Role
from domain.event import OSLO
from tests.api.asserting import assert_refused, nothing_changes
from tests.api.meeting import NOW, Table, at_the_group
from tests.api.seats import confirm, leaves, person, sits
from tests.api.story import GROUP, OTHER_TEAM, TEAM
from tests.conftest import Client


def address(client: Client, of: str) -> str:
    answer = client.post(f"/api/{of}/calendar", json={})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["path"])


def feed(client: Client, path: str, after: Table | None = None) -> dict[str, Any]:
    """Each meeting in the feed by its id, once the views hold what *after* recorded."""
    if after is not None:
        after.now()
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    events = Calendar.from_ical(answer.text).walk("VEVENT")
    return {str(one["uid"]).removesuffix("@loft"): one for one in events}


def test_a_feed_shows_when_where_and_who_meets_without_a_token(
    shared: Client, caseworker: Client
) -> None:
    path = address(caseworker, f"organs/{GROUP}")
    table = Table(caseworker, place="Rådhuset, rom 4; inngang B", starts_at=NOW.isoformat())
    table.takes_up(at_the_group(caseworker, title="Slåssing på kveldstid"))
    other = Table(caseworker, TEAM)
    events = feed(shared, path, other)
    event = events[table.id]
    assert event["summary"] == "SLT koordineringsgruppen"
    assert event["location"] == "Rådhuset, rom 4; inngang B"
    assert event.start == NOW
    assert other.id not in events
    assert "Slåssing" not in shared.get(path).text
    assert shared.get(path.removesuffix(".ics")).status_code == 200


def test_a_meeting_that_is_moved_or_cancelled_says_so(caseworker: Client) -> None:
    path = address(caseworker, f"organs/{GROUP}")
    table = Table(caseworker)
    before = feed(caseworker, path, table)[table.id]
    later = NOW + timedelta(days=3)
    table.does("moving", starts_at=later.isoformat(), place=None)
    moved = feed(caseworker, path, table)[table.id]
    assert (moved.start, moved["sequence"] > before["sequence"]) == (later, True)
    table.does("cancellation")
    assert feed(caseworker, path, table)[table.id]["status"] == "CANCELLED"


def test_an_entry_ends_when_it_was_said_or_after_two_hours(caseworker: Client) -> None:
    """By the clock on the wall in Oslo: the first begins in winter time and ends in summer time."""
    path = address(caseworker, f"organs/{GROUP}")
    year = NOW.year + 1
    sunday = next(date(year, 3, n) for n in range(25, 32) if date(year, 3, n).weekday() == 6)
    night = datetime.combine(sunday, time(1, 30), OSLO)
    summer = datetime(year, 7, 1, 9, 0, tzinfo=OSLO)
    short = Table(
        caseworker,
        starts_at=night.isoformat(),
        ends_at=night.replace(hour=4, minute=0).isoformat(),
    )
    usual = Table(caseworker, starts_at=summer.isoformat())
    events = feed(caseworker, path, usual)
    assert events[short.id].start.astimezone(OSLO) == night
    assert events[short.id].end - events[short.id].start == timedelta(hours=1, minutes=30)
    begin, end = events[usual.id].start, events[usual.id].end
    assert (begin.utcoffset(), begin.hour) == (timedelta(0), 7)
    assert [moment.astimezone(OSLO).hour for moment in (begin, end)] == [9, 11]


def test_an_entry_says_when_it_was_last_changed(caseworker: Client) -> None:
    path = address(caseworker, f"organs/{GROUP}")
    table = Table(caseworker)
    stamps, sequences = list[datetime](), list[int]()
    for step in ("agenda/items", "moving", "cancellation"):
        table.does(step)
        event = feed(caseworker, path, table)[table.id]
        position = int(table.last.headers["Loft-Position"])
        recorded_at = caseworker.ledger.engine.ledger.moment(position)
        assert recorded_at is not None
        assert event["dtstamp"].dt == recorded_at.replace(microsecond=0)
        stamps.append(event["dtstamp"].dt)
        sequences.append(event["sequence"])
    assert stamps == sorted(stamps)
    assert sequences == [2, 3, 4]
    assert feed(caseworker, path)[table.id]["dtstamp"].dt == stamps[-1]


def test_a_feed_shows_a_year_back_and_all_that_is_to_come(caseworker: Client) -> None:
    path = address(caseworker, f"organs/{OTHER_TEAM}")
    days = {ago: NOW - timedelta(days=ago) for ago in (370, 360, -3_000)}
    tables = {
        ago: Table(caseworker, OTHER_TEAM, starts_at=day.isoformat()) for ago, day in days.items()
    }
    events = feed(caseworker, path, tables[-3_000])
    assert {ago: table.id in events for ago, table in tables.items()} == {
        370: False, 360: True, -3_000: True,
    }  # fmt: skip


def test_an_address_that_is_guessed_or_renewed_tells_nothing(
    shared: Client, caseworker: Client
) -> None:
    old = address(caseworker, f"organs/{GROUP}")
    new = address(caseworker, f"organs/{GROUP}")
    assert old != new
    assert feed(shared, new) is not None
    guessed = f"/calendars/{'A' * 43}.ics"
    answers = [shared.get(path) for path in (old, guessed, "/calendars/x", "/calendars/%00")]
    assert len({answer.text for answer in answers}) == 1
    for answer in answers:
        assert_refused(answer, 404, "not-found", "nothing here")


def test_only_a_digest_of_the_address_is_kept(caseworker: Client) -> None:
    path = address(caseworker, f"organs/{TEAM}")
    secret = path.removeprefix("/calendars/").removesuffix(".ics")
    rows = caseworker.ledger.database.rows("SELECT c::text FROM calendars c")
    assert len(secret) == 43
    assert secret not in str(rows)


def test_one_s_own_feed_follows_one_s_seats(caseworker: Client, administrator: Client) -> None:
    member = person(administrator)
    n = sits(administrator, member, f"organs/{TEAM}")
    confirm(member)
    path = address(member, "me")
    own, other = Table(caseworker, TEAM), Table(caseworker, OTHER_TEAM)
    invited = Table(caseworker, OTHER_TEAM, persons=[member.id])
    guest = Table(caseworker, OTHER_TEAM).does("guests", person=member.id)
    events = feed(caseworker, path, guest)
    assert {own.id, invited.id, guest.id} <= events.keys()
    assert other.id not in events
    leaves(administrator, f"organs/{TEAM}", n)
    assert own.id not in feed(caseworker, path)


def test_a_machine_has_no_calendar_and_others_give_none(shared: Client, caseworker: Client) -> None:
    with nothing_changes(shared.ledger):
        assert_refused(caseworker.post("/api/me/calendar", json={}), 404, "not-found")
        answer = caseworker.post("/api/organs/nobody/calendar", json={})
        assert_refused(answer, 422, "invalid", "no organ")
        member = shared.as_(Role.MEMBER, TEAM)
        answer = member.post(f"/api/organs/{TEAM}/calendar", json={})
        assert_refused(answer, 403, "forbidden")


def test_a_withdrawn_address_tells_nothing_and_it_may_be_withdrawn_twice(
    shared: Client, caseworker: Client, administrator: Client
) -> None:
    member = person(administrator)
    sits(administrator, member, f"organs/{TEAM}")
    confirm(member)
    for who, of in ((caseworker, f"organs/{OTHER_TEAM}"), (member, "me")):
        path = address(who, of)
        for _ in range(2):
            assert who.delete(f"/api/{of}/calendar").status_code == 204
        assert_refused(shared.get(path), 404, "not-found", "nothing here")
    assert_refused(caseworker.delete("/api/organs/nobody/calendar"), 422, "invalid", "no organ")
    assert_refused(member.delete(f"/api/organs/{TEAM}/calendar"), 403, "forbidden")

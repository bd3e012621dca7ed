"""What waits for a meeting, what was postponed to it, what is new below, and who reads it."""

from datetime import date, timedelta

import pytest

from api.installation import OpenLedger
from domain.agenda import Carried, Waits
from domain.meeting import Meeting
from ledger.sight import Reads
from ledger.texts import words_of
from projections import agenda, meetings
from projections.meetings import MeetingFilter
from tests.domain.scenario import FRIDAY, NEXT_FRIDAY, TUESDAY, oslo
from tests.domain.topologies import BOARD, GROUP, OTHER_TEAM, TEAM
from tests.lives import Town, settled
from tests.meetings import convened, logged, meets
from tests.projections.rebuilding import assert_views_equal_a_rebuild

TODAY = date(2016, 12, 24)
LATER = oslo(2016, 10, 5, 12)


@pytest.fixture
def town(ledger: OpenLedger) -> Town:
    return settled(ledger)


def waits(town: Town, organ: str) -> dict[str, list[Waits]]:
    """Why each case waits, in the order of the agenda."""
    town.ledger.follower.catch_up()
    return {c.case: c.why for c in agenda.waiting(town.ledger.database, organ, today=TODAY)}


def test_what_an_organ_holds_waits_for_its_meeting(town: Town) -> None:
    held = town.raised()
    town.raised(raised_by=OTHER_TEAM)
    assert waits(town, TEAM) == {held: [Waits.HELD]}
    assert waits(town, GROUP) == {}


def test_what_was_lifted_or_sent_down_waits_where_it_came_to(town: Town) -> None:
    case = town.raised()
    town.does(case, "escalate", urgent=True)
    assert waits(town, GROUP) == {case: [Waits.LIFTED, Waits.ANSWER_OWED]}
    assert waits(town, TEAM) == {}
    town.does(case, "return_")
    assert waits(town, TEAM) == {case: [Waits.RETURNED, Waits.ANSWER_OWED]}


def test_a_closed_case_waits_while_it_owes_an_answer(town: Town) -> None:
    case = town.raised()
    town.does(case, "escalate", urgent=True)
    town.does(case, "close")
    assert waits(town, GROUP) == {case: [Waits.ANSWER_OWED]}
    town.does(case, "answer")
    assert waits(town, GROUP) == {}


def test_an_organ_that_was_made_responsible_is_told_until_it_has_answered(town: Town) -> None:
    case = town.raised()
    town.does(case, "assign", service=OTHER_TEAM, due_on=date(2017, 1, 1))
    assert waits(town, OTHER_TEAM) == {case: [Waits.ASSIGNED]}
    town.does(case, "complete", 1)
    assert waits(town, OTHER_TEAM) == {}


def test_the_most_pressing_comes_first(town: Town) -> None:
    held = town.raised(raised_by=GROUP)
    lifted, late = town.raised(), town.raised(raised_by=GROUP)
    town.does(lifted, "escalate", urgent=True)
    town.does(late, "assign", due_on=TODAY - timedelta(1))
    found = waits(town, GROUP)
    assert list(found) == [late, lifted, held]
    assert found[late] == [Waits.OVERDUE, Waits.HELD]
    town.does(late, "pause")
    assert Waits.OVERDUE not in waits(town, GROUP)[late]


def test_what_waited_is_told_as_of_any_position(town: Town) -> None:
    case = town.raised(raised_by=GROUP)
    held = town.engine.ledger.size()
    town.does(case, "assign", due_on=TODAY - timedelta(1))
    late = town.engine.ledger.size()
    town.does(case, "close")
    town.ledger.follower.catch_up()

    def waited(as_of: int | None) -> list[list[Waits]]:
        found = agenda.waiting(town.ledger.database, GROUP, today=TODAY, as_of=as_of)
        return [one.why for one in found]

    assert waited(held - 1) == []
    assert waited(held) == [[Waits.HELD]]
    assert waited(late) == [[Waits.OVERDUE, Waits.HELD]]
    assert waited(None) == []


def test_a_case_is_called_what_the_organ_calls_it(town: Town) -> None:
    case = town.raised(title="Choking game")
    town.does(case, "escalate", urgent=True, title_there="Kvelningsleken på skolene")
    waits(town, GROUP)
    (found,) = agenda.waiting(town.ledger.database, GROUP, today=TODAY)
    assert (found.title, found.holder, found.owed) == ("Kvelningsleken på skolene", GROUP, [TEAM])


def test_news_are_of_the_levels_below_since_last_time(town: Town) -> None:
    old, new, own = town.raised(), town.raised(), town.raised(raised_by=GROUP)
    since = town.engine.ledger.size()
    town.does(new, "note")
    town.does(own, "note")
    town.ledger.follower.catch_up()

    def news(organ: str, since: int, as_of: int | None = None) -> list[str]:
        found = agenda.news(town.ledger.database, organ, town.topology, since=since, as_of=as_of)
        return [case.case for case in found]

    assert news(GROUP, since) == [new]
    assert news(GROUP, 0) == [new, old]
    assert news(BOARD, since) == [own, new]
    assert news(TEAM, 0) == []
    assert news(GROUP, since, as_of=since) == []


# Carried over.


def carried(town: Town, meeting: str) -> list[tuple[str, int]]:
    town.ledger.follower.catch_up()
    row = meetings.one(town.ledger.database, meeting)
    assert row is not None
    items = meetings.postponed(town.ledger.database, row.meeting)
    assert all(item.why == (Waits.CARRIED_OVER,) for item in items)
    return [(one.carried.meeting, one.carried.n) for one in items if one.carried]


def test_what_was_postponed_waits_until_a_later_meeting_takes_it_up(town: Town) -> None:
    first = convened(town, GROUP)
    meets(town, first, "add_item", title="Julebordet")
    meets(town, first, "add_item", title="Budsjettet")
    meets(town, first, "postpone", 2)
    second, third = convened(town, GROUP, NEXT_FRIDAY), convened(town, GROUP, LATER)
    assert carried(town, second) == [], "the first one is not over yet"
    meets(town, first, "close")
    assert carried(town, second) == carried(town, third) == [(first, 2)]
    row = meetings.one(town.ledger.database, second)
    assert row is not None
    waiting = tuple(meetings.postponed(town.ledger.database, row.meeting))
    meets(town, second, "draw_up", waiting=waiting, at=TUESDAY)
    (item,) = life(town, second).items
    assert (item.carried, item.title) == (Carried(meeting=first, n=2), None)
    assert carried(town, third) == []
    meets(town, second, "cancel")
    assert carried(town, third) == [(first, 2)]


def life(town: Town, meeting: str) -> Meeting:
    seen = town.engine.load(Meeting, meeting)
    assert seen is not None
    return seen.state


# The list, and who reads it.


def listed(reads: Reads, **narrow: object) -> list[str]:
    return [row.meeting.id for row in meetings.listed(reads, MeetingFilter(**narrow))]


def test_meetings_are_listed_by_when_they_begin(town: Town) -> None:
    second, first = convened(town, GROUP, NEXT_FRIDAY), convened(town, GROUP)
    other = convened(town, TEAM, LATER)
    meets(town, first, "close")
    meets(town, second, "cancel")
    town.ledger.follower.catch_up()
    there = town.ledger.database
    assert listed(there) == [first, second, other]
    assert listed(there, organ=GROUP) == [first, second]
    assert listed(there, status="held") == [first]
    assert listed(there, status="cancelled") == [second]
    assert listed(there, since=NEXT_FRIDAY.at) == [second, other]
    assert listed(there, until=NEXT_FRIDAY.at) == [first]
    page = meetings.listed(there, MeetingFilter(), after=(FRIDAY.at, first), limit=1)
    assert [row.meeting.id for row in page] == [second]
    held = {GROUP: [FRIDAY.at.date()], TEAM: []}
    assert meetings.days_held(there, [GROUP, TEAM]) == held
    last = meetings.last_held(there, GROUP, before=LATER.at)
    assert last is not None
    assert last.meeting.id == first
    assert meetings.last_held(there, GROUP, before=FRIDAY.at) is None


def test_a_meeting_is_for_its_organ_and_its_guests_in_the_database_too(town: Town) -> None:
    own, other = (
        convened(town, GROUP, place="Rådhuset"),
        convened(town, TEAM, NEXT_FRIDAY, place="Skolen"),
    )
    meets(town, own, "admit", "p-9")
    town.ledger.follower.catch_up()
    places = [life(town, meeting).place for meeting in (own, other)]
    ids = [place.id for place in places if place is not None]

    def seen(*marks: str) -> tuple[list[str], list[str], int]:
        sight = town.ledger.seen_by(frozenset(marks))
        events = sight.rows("SELECT DISTINCT stream_id FROM events WHERE stream_type = 'meeting'")
        return listed(sight), sorted(words_of(sight, ids).values()), len(events)

    assert seen("*") == ([own, other], ["Rådhuset", "Skolen"], 2)
    assert seen(GROUP) == ([own], ["Rådhuset"], 1)
    assert seen("@p-9") == ([own], ["Rådhuset"], 1)
    assert seen("@p-1", OTHER_TEAM) == ([], [], 0)
    meets(town, own, "close")
    town.ledger.follower.catch_up()
    assert seen("@p-9") == ([], [], 0)
    assert seen(GROUP)[0] == [own]


def test_meetings_are_read_as_they_were(town: Town) -> None:
    """Also where several things have happened to one in a batch, and in batches after it."""
    meeting = convened(town, GROUP)
    begun = town.engine.ledger.size()
    meets(town, meeting, "add_item", title="Julebordet")
    town.ledger.follower.catch_up()
    meets(town, meeting, "admit", "p-9")
    meets(town, meeting, "postpone", 1)
    town.ledger.follower.catch_up()
    open_ = town.engine.ledger.size()
    closed = meets(town, meeting, "close").position
    town.ledger.follower.catch_up()
    meets(town, meeting, "remark")
    after = convened(town, GROUP, NEXT_FRIDAY)
    there, next_one = town.ledger.database, life(town, after)
    town.ledger.follower.catch_up()
    for position in range(begun, town.engine.ledger.size() + 1):
        row = meetings.one(there, meeting, as_of=position)
        seen = town.engine.load(Meeting, meeting, position)
        assert row is not None
        assert seen is not None
        assert (row.meeting, row.position) == (seen.state, seen.position)
        assert row.recorded_at == seen.recorded_at
        assert row.closed_position == (closed if position >= closed else None)
    assert meetings.one(there, meeting, as_of=begun - 1) is None
    then = meetings.listed(there, MeetingFilter(status="convened"), as_of=open_)
    assert [row.meeting.id for row in then] == [meeting]
    assert meetings.days_held(there, [GROUP], as_of=open_) == {GROUP: []}
    assert meetings.last_held(there, GROUP, before=LATER.at, as_of=open_) is None
    assert meetings.postponed(there, next_one, as_of=open_) == []
    assert len(meetings.postponed(there, next_one, as_of=closed)) == 1
    guest = town.ledger.seen_by(frozenset({"@p-9"}))
    assert meetings.one(guest, meeting, as_of=open_) is None, "who reads it now reads it as it was"
    assert_views_equal_a_rebuild(town.ledger)


def test_what_a_meeting_logs_is_no_part_of_the_view(town: Town) -> None:
    case, meeting = town.raised(raised_by=GROUP), convened(town, GROUP)
    meets(town, meeting, "add_item", cases=(case,))
    town.ledger.follower.catch_up()
    before = meetings.one(town.ledger.database, meeting)
    logged(town, meeting, 1, case, "note")
    town.ledger.follower.catch_up()
    assert meetings.one(town.ledger.database, meeting) == before
    assert_views_equal_a_rebuild(town.ledger)

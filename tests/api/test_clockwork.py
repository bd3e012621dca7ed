"""What is recorded by itself: once, whoever looks, whenever, and whatever the clock says."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest

from api.app import create_app
from api.clockwork import Clockwork
from api.installation import OpenLedger
from domain.case import Case
from ledger.erasures import ErasureList
from tests import orders
from tests.conftest import SECRET, UNBOUND, Client, notary_of
from tests.domain.policies import AT_WORK, EVERY_DAY
from tests.domain.scenario import oslo
from tests.domain.topologies import OUTREACH
from tests.lives import Town, another, in_threads, settled, until
from tests.policies import registers, sets

DUE = date(2016, 9, 20)
BY_ITSELF = {"DeadlineNeared", "DeadlinePassed", "DeadlineStillPassed"}


@pytest.fixture
def town(ledger: OpenLedger) -> Town:
    town = registers(settled(ledger))
    quiet = {"standing": (), "acceptance_days": None}
    sets(town, EVERY_DAY.model_copy(update=quiet))
    return town


class Hands:
    """A clock that a test sets."""

    def __init__(self, *when: int) -> None:
        self.moment = oslo(*when).at

    def __call__(self) -> datetime:
        return self.moment


def step(ledger: OpenLedger, *when: int) -> int:
    """Look once, at this time on a clock in Oslo, as a process that has just begun does."""
    ledger.follower.catch_up()
    return Clockwork(ledger.engine, lambda: True, now=Hands(*when)).step()


def told(town: Town) -> list[tuple[str, str]]:
    """What was recorded by itself, and when it says that it was."""
    return [
        (entry.topic, entry.occurred_at.isoformat()[:10])
        for entry in town.entries()
        if entry.topic in BY_ITSELF
    ]


def assigned(town: Town) -> str:
    case = town.raised()
    town.does(case, "assign", due_on=DUE)
    return case


def test_a_deadline_is_warned_of_passes_and_is_still_passed(town: Town) -> None:
    assigned(town)
    days = [(2016, 9, 16), (2016, 9, 17), (2016, 9, 20), (2016, 9, 21), (2016, 9, 30),
            (2016, 10, 1), (2016, 10, 2)]  # fmt: skip
    assert [step(town.ledger, *day, 12) for day in days] == [0, 1, 0, 1, 0, 1, 0]
    assert told(town) == [
        ("DeadlineNeared", "2016-09-17"),
        ("DeadlinePassed", "2016-09-21"),
        ("DeadlineStillPassed", "2016-10-01"),
    ]


def test_so_is_the_day_on_which_an_order_is_due(town: Town) -> None:
    order = orders.placed(town, due_on=DUE)
    orders.does(town, order, "accept")
    days = [(2016, 9, 17), (2016, 9, 20), (2016, 9, 21), (2016, 9, 21), (2016, 10, 1)]
    assert [step(town.ledger, *day, 12) for day in days] == [1, 0, 1, 0, 1]
    assert [entry.topic for entry in town.entries(order)][2:] == [
        "DeadlineNeared", "DeadlinePassed", "DeadlineStillPassed"
    ]  # fmt: skip
    assert {entry.actor["organ"] for entry in town.entries(order)[2:]} == {OUTREACH}


def test_nobody_did_it_and_it_says_so(town: Town) -> None:
    case = assigned(town)
    step(town.ledger, 2016, 9, 21, 0, 0)
    entry = town.entries(case)[-1]
    assert (entry.topic, entry.actor["id"]) == ("DeadlinePassed", "clock")
    assert entry.data["due_on"] == str(DUE)


def test_it_passes_at_midnight_in_oslo(town: Town) -> None:
    assigned(town)
    assert step(town.ledger, 2016, 9, 17) == 1
    assert step(town.ledger, 2016, 9, 20, 23, 59) == 0
    assert step(town.ledger, 2016, 9, 21, 0, 0) == 1


@pytest.mark.parametrize("night", [(2016, 10, 30), (2017, 3, 26)])
def test_so_it_does_in_the_nights_in_which_the_clocks_are_changed(
    town: Town, night: tuple[int, int, int]
) -> None:
    """From every minute of that day to the next: once, right at its end."""
    town.does(town.raised(), "assign", due_on=date(*night))
    town.ledger.follower.catch_up()
    midnight = oslo(*night[:2], night[2] + 1, 0, 0).at if night[2] != 30 else oslo(2016, 10, 31).at
    hands = Hands(*night, 0, 30)
    clockwork = Clockwork(town.engine, lambda: True, now=hands)
    found = []
    while hands.moment <= midnight + timedelta(hours=2):
        if clockwork.step() and told(town)[-1][0] == "DeadlinePassed":
            found.append(hands.moment)
        town.ledger.follower.catch_up()
        hands.moment += timedelta(minutes=30)
    assert found == [midnight]


def test_a_process_that_begins_anew_records_nothing_twice(town: Town) -> None:
    """Also before the views have what the one before it recorded."""
    case = assigned(town)
    town.ledger.follower.catch_up()
    for _ in range(2):
        with another(town.ledger) as there:
            Clockwork(there.engine, lambda: True, now=Hands(2016, 9, 21, 8)).step()
    step(town.ledger, 2016, 9, 21, 9)
    assert [entry.topic for entry in town.entries(case)].count("DeadlinePassed") == 1


def test_two_processes_at_once_record_it_once(town: Town) -> None:
    for _ in range(5):
        assigned(town)
    town.ledger.follower.catch_up()
    with another(town.ledger) as one, another(town.ledger) as other:
        clocks = [
            Clockwork(there.engine, lambda: True, now=Hands(2016, 9, 21, 8))
            for there in (one, other)
        ]
        assert sum(in_threads(*(clock.step for clock in clocks))) == 5
    assert len(told(town)) == 5


def test_a_clock_that_is_set_back_an_hour_records_nothing_and_undoes_nothing(town: Town) -> None:
    assigned(town)
    hands = Hands(2016, 9, 21, 0, 30)
    clockwork = Clockwork(town.engine, lambda: True, now=hands)
    town.ledger.follower.catch_up()
    assert clockwork.step() == 1
    for hour in (-1, 0, 1, 2):
        hands.moment = oslo(2016, 9, 21, 0, 30).at + timedelta(hours=hour)
        town.ledger.follower.catch_up()
        assert clockwork.step() == 0
    assert told(town) == [("DeadlinePassed", "2016-09-20")]


def test_a_clock_that_is_far_ahead_lets_nothing_pass_before_its_time(town: Town) -> None:
    """What is recorded stays: so the database's clock is asked too."""
    town.does(town.raised(), "assign", due_on=date(2080, 1, 1))
    assert step(town.ledger, 2090, 1, 1) == 0
    assert told(town) == []


def test_while_the_views_lag_nothing_is_looked_at_twice(town: Town) -> None:
    assigned(town)
    town.ledger.follower.catch_up()
    clockwork = Clockwork(town.engine, lambda: True, now=Hands(2016, 9, 21, 8))
    assert [clockwork.step(), clockwork.step()] == [1, 0]
    assert len(told(town)) == 1


def test_what_has_moved_on_since_the_views_is_left_alone(town: Town) -> None:
    case = assigned(town)
    town.ledger.follower.catch_up()
    town.does(case, "complete", 1)
    assert Clockwork(town.engine, lambda: True, now=Hands(2016, 9, 21, 8)).step() == 0
    assert told(town) == []


def test_a_pause_moves_it_and_another_policy_moves_it_again(town: Town) -> None:
    """From a Friday to a Monday: three days by the calendar, one at work."""
    case = assigned(town)
    town.does(case, "pause", at=oslo(2016, 9, 9, 12))
    assert step(town.ledger, 2016, 9, 21, 8) == 0
    quiet = {"standing": (), "acceptance_days": None, "warn_days": None}
    sets(town, AT_WORK.model_copy(update=quiet))
    town.does(case, "resume", at=oslo(2016, 9, 12, 12))
    assert [step(town.ledger, 2016, 9, day, 8) for day in (21, 22)] == [0, 1]
    assert town.case(case).notices[0].due_on == date(2016, 9, 21)


def test_a_closed_case_has_only_its_debts(town: Town) -> None:
    case = town.raised()
    town.does(case, "assign", due_on=DUE)
    town.does(case, "escalate", urgent=True)
    town.does(case, "close")
    assert step(town.ledger, 2017, 1, 1) == 1
    notice = town.case(case).notices[0]
    assert (notice.kind, notice.due_on) == ("answer", date(2016, 9, 26))


def test_it_changes_nothing_of_what_was_decided_and_shows_in_the_history(
    baerum: OpenLedger,
) -> None:
    town = Town(baerum)
    case = town.raised(raised_by="vestre-13-16")
    town.does(case, "assign", due_on=DUE, service="koordineringsgruppen")
    before = town.case(case)
    step(baerum, 2016, 9, 21, 8)
    baerum.follower.catch_up()
    after = town.case(case)
    assert isinstance(after, Case)
    assert after.footing == before.footing
    with _serving(baerum, clock_seconds=None) as client:
        coordinator = client.as_("coordinator")
        shown = coordinator.get(f"/api/cases/{case}/history").json()["items"]
        assert [one["event"] for one in shown].count("DeadlinePassed") >= 1
        assert shown[-1]["actor"]["id"] == "clock"
        late = coordinator.get("/api/deadlines", params={"case": case, "overdue": "true"}).json()
        assert shown[-1]["position"] in {one["passed_at"] for one in late["items"]}
        register = coordinator.get("/api/audit/decisions", params={"limit": 1000}).json()
        assert "DeadlinePassed" not in {one["event"] for one in register["items"]}


def test_a_running_server_records_it_by_itself(ledger: OpenLedger) -> None:
    """What was due before it was begun is recorded soon after it is."""
    town = settled(ledger)
    assigned(town)
    with _serving(ledger, clock_seconds=0.05):
        until(lambda: ("DeadlinePassed", str(datetime.now(UTC).date())) in told(town))


@contextmanager
def _serving(ledger: OpenLedger, clock_seconds: float | None) -> Iterator[Client]:
    notary = notary_of(ledger)
    app = create_app(
        ledger,
        secret=SECRET,
        notary=notary,
        access_notary=notary_of(ledger.accesses),
        erasures=ErasureList(notary.outside.with_suffix(".erasures")),
        bounds=UNBOUND,
        clock_seconds=clock_seconds,
    )
    with Client(app) as client:
        client.ledger = ledger
        yield client

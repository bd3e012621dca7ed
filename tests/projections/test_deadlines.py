"""The deadlines as a view: what is due, now and then, and by another policy from then on."""

from datetime import date

import pytest

import projections.due
from api.installation import OpenLedger
from domain.lives import life_at
from domain.policy import Policy
from domain.terms import DeadlineKind
from ledger.engine import Engine
from projections import case_status
from projections.case_status import CaseFilter
from projections.deadlines import TICKING, running, to_record
from projections.due import DeadlineFilter, answers_owed, listed
from tests import orders
from tests.domain.policies import AT_WORK, EVERY_DAY
from tests.domain.scenario import NEXT_FRIDAY, WEDNESDAY, oslo
from tests.domain.topologies import GROUP, OTHER_TEAM, OUTREACH, TEAM
from tests.lives import Town, settled
from tests.policies import registers, sets

TODAY = date(2016, 10, 1)
LONG_AFTER = date(2030, 1, 1)
STANDING, ACCEPTANCE, ASSIGNMENT, EVALUATION, ANSWER = list(DeadlineKind)[:5]


@pytest.fixture
def town(ledger: OpenLedger) -> Town:
    return registers(settled(ledger))


def due(town: Town, as_of: int | None = None, **narrow: object) -> list[tuple[str, date | None]]:
    rows = listed(
        town.ledger.database, DeadlineFilter(**narrow), today=TODAY, as_of=as_of, limit=1000
    )
    return [(row.clock.kind, row.due_on) for row in rows]


def policy_at(engine: Engine, position: int) -> Policy:
    engine.structure.refresh()
    return engine.structure.policy_at(position)[1].policy


def expected(town: Town, position: int) -> set[tuple[object, ...]]:
    """What the cases and orders as they were, and the policy as it was, make due."""
    policy, found = policy_at(town.engine, position), set()
    streams = {entry.originator_id for entry in town.entries()}
    for stream in streams:
        kind = life_at(stream).state
        seen = town.engine.load(kind, stream, position) if kind in TICKING else None
        for clock in seen.state.clocks if seen is not None else ():
            deadline = clock.deadline(policy)
            if deadline is not None:
                found.add((stream, clock.name, deadline.due_on, deadline.warn_on))
    return found


def shown(town: Town, position: int) -> set[tuple[object, ...]]:
    rows = listed(town.ledger.database, DeadlineFilter(), today=TODAY, as_of=position, limit=1000)
    return {(row.stream_id, row.clock.name, row.due_on, row.warn_on) for row in rows}


def lived(town: Town) -> None:
    """Lives with every kind of clock, and two policies on the way."""
    order = orders.placed(town)
    first, second = town.raised(), town.raised(raised_by=OTHER_TEAM)
    town.does(first, "discuss")
    town.does(first, "escalate")
    town.does(first, "assign", due_on=date(2016, 9, 30))
    sets(town, EVERY_DAY)
    town.does(first, "start_measure", evaluate_on=date(2016, 12, 1), at=WEDNESDAY)
    town.does(second, "escalate", urgent=True)
    orders.does(town, order, "accept")
    orders.does(town, order, "deliver", at=WEDNESDAY)
    town.does(first, "pause", at=WEDNESDAY)
    town.does(first, "accept", 1)
    sets(town, AT_WORK)
    town.does(first, "resume", at=NEXT_FRIDAY)
    town.merged(second, first)
    town.does(first, "answer")
    orders.does(town, order, "send_back", at=NEXT_FRIDAY, due_on=date(2027, 1, 8))
    town.does(first, "complete", 1)
    town.does(first, "evaluate_measure", 1)
    town.does(first, "close")
    town.does(first, "reopen")


@pytest.mark.parametrize("at_once", [True, False])
def test_at_every_position_it_shows_what_was_due_by_the_policy_of_then(
    town: Town, at_once: bool
) -> None:
    """Taken in together or event by event."""
    if not at_once:
        appended = town.engine.ledger.append_together

        def following(*args, **kwargs):  # type: ignore[no-untyped-def]
            receipt = appended(*args, **kwargs)
            town.ledger.follower.catch_up()
            return receipt

        town.engine.ledger.append_together = following  # type: ignore[method-assign]
    lived(town)
    town.ledger.follower.catch_up()
    size = town.engine.ledger.size()
    for position in range(size - 22, size + 1):
        assert shown(town, position) == expected(town, position), position


def test_another_policy_moves_what_is_due_from_then_on_and_not_before(town: Town) -> None:
    town.raised()
    town.ledger.follower.catch_up()
    before = due(town)
    seen = sets(town, EVERY_DAY)
    town.ledger.follower.catch_up()
    assert due(town) == [(STANDING, date(2016, 9, 25))]
    assert due(town, as_of=seen.position - 1) == before == [(STANDING, date(2016, 10, 3))]


def test_a_case_that_is_paused_is_due_on_no_day(town: Town) -> None:
    case = town.raised()
    town.does(case, "assign", due_on=date(2016, 9, 20))
    town.does(case, "pause", at=WEDNESDAY)
    town.ledger.follower.catch_up()
    assert due(town) == []
    town.does(case, "resume", at=NEXT_FRIDAY)
    town.ledger.follower.catch_up()
    assert (ASSIGNMENT, date(2016, 9, 29)) in due(town)


def test_it_is_narrowed_to_what_is_asked_for(town: Town) -> None:
    sets(town, EVERY_DAY)
    case, other = town.raised(), town.raised(raised_by=OTHER_TEAM)
    town.does(case, "assign", due_on=date(2016, 9, 30))
    town.does(other, "escalate", urgent=True)
    town.ledger.follower.catch_up()
    assert due(town, kind=ASSIGNMENT) == [(ASSIGNMENT, date(2016, 9, 30))]
    assert due(town, of=OUTREACH) == [
        (ACCEPTANCE, date(2016, 9, 16)), (ASSIGNMENT, date(2016, 9, 30)),
    ]  # fmt: skip
    assert due(town, before=date(2016, 9, 30)) == [
        (ACCEPTANCE, date(2016, 9, 16)), (ANSWER, date(2016, 9, 26)),
    ]  # fmt: skip
    assert due(town, case=other) == [(ANSWER, date(2016, 9, 26)), (STANDING, date(2016, 10, 1))]
    assert due(town, to=OTHER_TEAM, of=GROUP) == [(ANSWER, date(2016, 9, 26))]
    assert due(town, overdue=False) == [(STANDING, date(2016, 10, 1))]


def test_as_many_are_counted_as_are_listed(town: Town) -> None:
    for _ in range(3):
        case = town.raised()
        town.does(case, "discuss")
        town.does(case, "escalate")
    town.ledger.follower.catch_up()
    asked: list[dict[str, object]] = [
        {}, {"but": ANSWER}, {"kind": ANSWER}, {"overdue": True}, {"before": date(2016, 9, 20)},
        {"of": GROUP},
    ]  # fmt: skip
    for narrow in asked:
        assert how_many(town, **narrow) == len(due(town, **narrow)), narrow
    assert how_many(town) == how_many(town, but=ANSWER) + how_many(town, kind=ANSWER) == 6
    assert how_many(town, most=2) == 2
    town.does(case, "pause")
    town.ledger.follower.catch_up()
    assert (how_many(town), len(due(town))) == (6, 4), "what is paused is due on no day"
    assert how_many(town, overdue=False) + how_many(town, overdue=True) == 6


def how_many(town: Town, most: int = 1000, **narrow: object) -> int:
    reads = town.ledger.database
    return projections.due.how_many(reads, DeadlineFilter(**narrow), today=TODAY, most=most)


def test_pages_follow_each_other_without_a_gap(town: Town) -> None:
    for _ in range(3):
        town.does(town.raised(), "assign", due_on=date(2016, 9, 30))
    town.ledger.follower.catch_up()
    database, found, after = town.ledger.database, [], None
    while True:
        page = listed(
            database, DeadlineFilter(), today=TODAY, limit=2, **({"after": after} if after else {})
        )
        if not page:
            break
        found += [(row.stream_id, row.clock.name) for row in page]
        after = (page[-1].due_on, page[-1].stream_id, page[-1].clock.name)
    whole = listed(database, DeadlineFilter(), today=TODAY)
    assert found == [(row.stream_id, row.clock.name) for row in whole]
    assert len(found) == 9


def test_who_has_waited_longest_for_an_answer_comes_first(town: Town) -> None:
    late, early = town.raised(), town.raised(raised_by=OTHER_TEAM)
    town.does(late, "escalate", urgent=True, at=NEXT_FRIDAY)
    town.does(early, "escalate", urgent=True)
    town.does(late, "pause", at=NEXT_FRIDAY)
    town.does(early, "close")
    town.ledger.follower.catch_up()
    rows = answers_owed(town.ledger.database, DeadlineFilter(), today=LONG_AFTER)
    assert [(row.stream_id, row.clock.to, row.due_on is None) for row in rows] == [
        (early, OTHER_TEAM, False), (late, TEAM, True),
    ]  # fmt: skip
    owed = DeadlineFilter(overdue=True)
    assert [r.stream_id for r in answers_owed(town.ledger.database, owed, today=LONG_AFTER)] == [
        early
    ]


def test_the_list_of_cases_finds_the_same_ones_overdue(town: Town) -> None:
    """By the same days: at work, a pause from a Friday to a Monday takes one day."""
    case = town.raised()
    town.does(case, "assign", due_on=date(2016, 9, 16))
    town.does(case, "pause", at=oslo(2016, 9, 9, 12))
    town.does(case, "resume", at=oslo(2016, 9, 12, 12))
    by_hand = sets(town, EVERY_DAY).position
    town.ledger.follower.catch_up()
    database, late = town.ledger.database, CaseFilter(overdue=True)

    def found(day: int, as_of: int | None = None) -> bool:
        rows = case_status.listed(database, late, today=date(2016, 9, day), as_of=as_of)
        return bool(rows)

    assert [found(day) for day in (19, 20)] == [False, True]
    assert [found(day, by_hand - 1) for day in (19, 20)] == [False, True]
    assert due(town, kind=ASSIGNMENT) == [(ASSIGNMENT, date(2016, 9, 19))]


def test_what_is_to_be_recorded_is_found_from_its_day_on(town: Town) -> None:
    sets(town, EVERY_DAY)
    town.does(town.raised(), "assign", due_on=date(2016, 9, 30))
    town.ledger.follower.catch_up()

    def kinds(day: int) -> list[str]:
        database = town.ledger.database
        clocks = [running(database, one) for one in to_record(database, today=date(2016, 9, day))]
        return [clock.kind for clock in clocks if clock is not None]

    assert [kinds(day) for day in (12, 13, 26, 27)] == [
        [], [ACCEPTANCE], [ACCEPTANCE], [ACCEPTANCE, ASSIGNMENT],
    ]  # fmt: skip

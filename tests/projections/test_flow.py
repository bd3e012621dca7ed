"""The road of each case, held against its events; the report on it, now and at any position."""

from datetime import date
from random import Random

import pytest

from api.installation import OpenLedger
from domain.event import Occurred, Precision
from ledger.stored import EventMapper
from projections import roads
from projections.asked import Asked
from projections.road import Step, road_of
from projections.roads import FlowReport, Roads, StepTook
from tests.domain.scenario import COORDINATOR, FRIDAY, oslo
from tests.domain.topologies import GROUP, OTHER_TEAM, TEAM
from tests.lives import Town, settled
from tests.meetings import convened, logged, meets

TODAY = date(2026, 6, 1)


def on(day: int, month: int = 1) -> Occurred:
    return oslo(2016, month, day, 12)


def everything(town: Town, **narrow: object) -> FlowReport:
    return roads.report(town.ledger.database, Asked(today=TODAY, **narrow))


def all_of(town: Town, **narrow: object) -> Roads:
    town.ledger.follower.catch_up()
    return everything(town, **narrow).roads[0]


def step(found: Roads, name: Step) -> StepTook:
    return next(one for one in found.steps if one.step == name)


def days(found: Roads, name: Step) -> float | None:
    return step(found, name).took.median


def stay(found: Roads, level: str) -> float | None:
    return next(one for one in found.levels if one.level == level).took.median


@pytest.fixture
def town(ledger: OpenLedger) -> Town:
    return settled(ledger)


def test_each_step_takes_the_days_between_its_ends(town: Town) -> None:
    case = town.raised(at=on(1))
    town.does(case, "discuss", at=on(4))
    town.does(case, "escalate", at=on(10))
    town.does(case, "assign", at=on(12))
    town.does(case, "start_measure", at=on(20))
    town.does(case, "answer", at=on(21))
    town.does(case, "close", at=on(31))
    found = all_of(town)
    took = {one.step: one.took.median for one in found.steps}
    assert list(took.values()) == [3, 6, 2, 8, 1, 10, 19, 20, 30]
    assert (stay(found, "executing"), stay(found, "coordinating")) == (9, 21)
    assert stay(found, "steering") is None


def test_days_on_which_it_was_paused_do_not_count(town: Town) -> None:
    case = town.raised(at=on(1))
    town.does(case, "pause", at=on(3))
    town.does(case, "resume", at=on(8))
    town.does(case, "discuss", at=on(11))
    town.does(case, "pause", at=on(20))
    town.does(case, "close", at=on(31))
    found = all_of(town)
    assert days(found, Step.RAISED_TO_DISCUSSED) == 5
    assert days(found, Step.RAISED_TO_CLOSED) == 14, "a pause that goes on counts too"
    assert stay(found, "executing") == 14


def test_days_on_which_it_was_closed_do_not_count(town: Town) -> None:
    case = town.raised(at=on(1))
    town.does(case, "close", at=on(5))
    town.does(case, "reopen", at=on(15))
    assert days(all_of(town), Step.RAISED_TO_CLOSED) is None
    town.does(case, "close", at=on(20))
    found = all_of(town)
    assert days(found, Step.RAISED_TO_CLOSED) == 9
    assert stay(found, "executing") == 9
    assert found.reopened == 1


def test_a_reversed_lift_is_no_lift(town: Town) -> None:
    case = town.raised(at=on(1))
    town.does(case, "discuss", at=on(2))
    town.does(case, "escalate", at=on(4))
    lifted = all_of(town)
    assert days(lifted, Step.DISCUSSED_TO_LIFTED) == 2
    town.reversed(case, 3, at=on(6))
    found = all_of(town)
    assert days(found, Step.DISCUSSED_TO_LIFTED) is None
    assert step(found, Step.DISCUSSED_TO_LIFTED).waiting == 1
    town.does(case, "escalate", at=on(12))
    found = all_of(town)
    assert days(found, Step.DISCUSSED_TO_LIFTED) == 10
    assert stay(found, "executing") == 11, "it never was anywhere else"


def test_a_lift_that_is_only_marked_as_reversed_moved_the_case_all_the_same(town: Town) -> None:
    case = town.raised(at=on(1))
    town.does(case, "discuss", at=on(2))
    town.does(case, "escalate", at=on(4))
    town.does(case, "assign", at=on(5))
    town.reversed(case, 3, at=on(6))
    town.does(case, "close", at=on(10))
    found = all_of(town)
    assert days(found, Step.DISCUSSED_TO_LIFTED) is None
    assert (stay(found, "executing"), stay(found, "coordinating")) == (3, 6)


def test_a_reversed_closing_leaves_the_case_open(town: Town) -> None:
    case = town.raised(at=on(1))
    town.does(case, "close", at=on(5))
    town.reversed(case, 2, at=on(7))
    found = all_of(town)
    assert days(found, Step.RAISED_TO_CLOSED) is None
    assert step(found, Step.RAISED_TO_CLOSED).waiting == 1
    assert found.reopened == 0


def test_what_was_withdrawn_in_a_meeting_never_happened(town: Town) -> None:
    case = town.raised(at=on(1))
    meeting = convened(town, TEAM)
    meets(town, meeting, "add_item", cases=(case,))
    logged(town, meeting, 1, case, "discuss")
    assert step(all_of(town), Step.RAISED_TO_DISCUSSED).took.count == 1
    position = town.position(case, 2)
    town.does(case, "withdraw", position=position, withdraws=2, meeting=meeting, at=FRIDAY)
    assert step(all_of(town), Step.RAISED_TO_DISCUSSED).took.count == 0


def test_what_is_known_to_a_month_or_a_year_is_counted_as_unknown(town: Town) -> None:
    vague = Occurred(at=on(1).at, precision=Precision.MONTH)
    case = town.raised(at=vague)
    town.does(case, "discuss", at=on(20))
    town.does(case, "escalate", at=on(25))
    found = all_of(town)
    first = step(found, Step.RAISED_TO_DISCUSSED)
    assert (first.took.count, first.took.median, first.vague) == (0, None, 1)
    assert days(found, Step.DISCUSSED_TO_LIFTED) == 5
    assert next(one for one in found.levels if one.level == "executing").vague == 1


def test_what_came_the_other_way_round_is_told_and_no_negative_days(town: Town) -> None:
    case = town.raised(at=on(1))
    town.does(case, "escalate", urgent=True, at=on(3))
    town.does(case, "discuss", by=COORDINATOR.acting_for(GROUP), at=on(8))
    found = all_of(town)
    assert step(found, Step.DISCUSSED_TO_LIFTED).astray == 1
    assert step(found, Step.DISCUSSED_TO_LIFTED).took.count == 0


def test_a_merged_case_is_not_at_the_end_of_its_road(town: Town) -> None:
    case, other = town.raised(at=on(1)), town.raised(at=on(1))
    town.merged(case, other, at=on(4))
    found = all_of(town)
    assert days(found, Step.RAISED_TO_CLOSED) is None
    assert step(found, Step.RAISED_TO_CLOSED).waiting == 1, "the one that is open"


def test_it_is_told_by_organ_and_theme_and_narrowed(town: Town) -> None:
    first = town.raised(at=on(1), themes=("rus", "vold"), focus_area="rus")
    town.does(first, "discuss", at=on(5))
    second = town.raised(at=on(1, 3), raised_by=OTHER_TEAM, themes=("rus",))
    town.does(second, "discuss", at=on(11, 3))
    town.ledger.follower.catch_up()
    told = {
        (one.by, one.key): days(one, Step.RAISED_TO_DISCUSSED) for one in everything(town).roads
    }
    assert told == {
        ("all", ""): 7, ("organ", TEAM): 4, ("organ", OTHER_TEAM): 10, ("theme", "rus"): 7,
        ("theme", "vold"): 4,
    }  # fmt: skip
    assert all_of(town, organ=TEAM).cases == 1
    assert all_of(town, focus_area="rus").cases == 1
    assert days(all_of(town, since=date(2016, 2, 1)), Step.RAISED_TO_DISCUSSED) == 10
    assert days(all_of(town, until=date(2016, 1, 1)), Step.RAISED_TO_DISCUSSED) == 4
    assert all_of(town, since=date(2017, 1, 1)).cases == 0


def test_the_median_is_that_of_the_database(town: Town) -> None:
    dice = Random(3)  # noqa: S311 - a repeatable die
    took = [dice.randrange(28) for _ in range(9)]
    for many in took:
        town.does(town.raised(at=on(1)), "discuss", at=on(1 + many))
    found = step(all_of(town), Step.RAISED_TO_DISCUSSED).took
    ((median, p90),) = town.ledger.database.rows(
        "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY d), "
        "percentile_cont(0.9) WITHIN GROUP (ORDER BY d) FROM unnest(%(took)s::int[]) d",
        took=took,
    )
    assert (found.median, found.p90) == (median, pytest.approx(p90))
    assert sum(found.bins) == found.count == 9


def test_followed_step_by_step_it_is_what_the_whole_life_says(followed: Town) -> None:
    """Of the busy town, with its merges, reversals and pauses, at every position."""
    mapper = EventMapper()
    for case in followed.cases():
        life = [(e.id, mapper.to_domain_event(e)) for e in followed.entries(case)]
        for n, (position, _) in enumerate(life, start=1):
            road = road_of(life[:n])
            ((*kept,),) = followed.ledger.database.rows(
                "SELECT raised_to_discussed, raised_to_answered, raised_to_closed, returned, "
                "declined, reopened, positions FROM flow WHERE case_id = %(case)s "
                "AND from_position <= %(at)s AND (to_position IS NULL OR to_position > %(at)s)",
                case=case,
                at=position,
            )
            took = [road.took()[n] for n in (0, 7, 8)]
            assert kept == [
                *(one and one.days for one in took),
                *map(list, (road.returned, road.declined, road.reopened)),
                [mark and mark.position for mark in road.marks],
            ], (case, n)  # fmt: skip


def test_a_stay_leads_back_to_the_moves_that_began_and_ended_it(town: Town) -> None:
    case = town.raised()
    town.does(case, "discuss")
    town.does(case, "escalate")
    town.raised()
    town.ledger.follower.catch_up()
    database, asked = town.ledger.database, Asked(today=TODAY)
    found = roads.places(database, database, asked, "executing")
    assert found is not None
    assert found.positions == (town.position(case, 1), town.position(case, 3))
    assert roads.places(database, database, asked, "steering").count == 0

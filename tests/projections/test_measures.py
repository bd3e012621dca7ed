"""What was done by focus area and level of prevention, and what came of it."""

from datetime import date

from api.installation import OpenLedger
from domain.terms import Effect, PreventionLevel
from projections import measures
from projections.asked import Asked
from projections.measures import Done, MeasuresReport
from tests.domain.scenario import oslo
from tests.domain.topologies import OTHER_TEAM, TEAM
from tests.lives import FOCUS, Town, settled

TODAY = date(2017, 6, 1)
NOTHING = {"wanted": 0, "partly": 0, "none": 0, "unknown": 0, "running": 0, "late": 0}


def told(town: Town, **narrow: object) -> MeasuresReport:
    town.ledger.follower.catch_up()
    return measures.report(town.ledger.database, Asked(today=TODAY, **narrow))


def test_measures_are_counted_by_focus_area_level_and_effect(ledger: OpenLedger) -> None:
    town = settled(ledger)
    case = town.raised(focus_area=FOCUS)
    town.does(case, "start_measure", evaluate_on=date(2017, 1, 1))
    town.does(case, "start_measure", evaluate_on=date(2017, 12, 1))
    town.does(case, "start_measure", evaluate_on=date(2017, 1, 1))
    town.does(case, "evaluate_measure", 3, effect=Effect.WANTED)
    other = town.raised(raised_by=OTHER_TEAM)
    town.does(other, "start_measure", prevention_level=PreventionLevel.INDICATED,
              evaluate_on=date(2017, 1, 1))  # fmt: skip
    done = Done(focus_area=FOCUS, prevention_level="universal", started=3,
                **NOTHING | {"wanted": 1, "running": 2, "late": 1})  # fmt: skip
    without = Done(focus_area=None, prevention_level="indicated", started=1,
                   **NOTHING | {"running": 1, "late": 1})  # fmt: skip
    assert told(town).measures == (done, without)
    assert told(town, focus_area=FOCUS).measures == told(town, organ=TEAM).measures == (done,)
    assert told(town, until=date(2016, 1, 1)).measures == ()
    before = town.position(case, 3)
    assert told(town, as_of=before).measures[0].started == 2
    database = ledger.database
    cell = f"late/universal/{FOCUS}"
    found = measures.places(database, database, Asked(today=TODAY), cell)
    assert found is not None
    assert found.positions == (town.position(case, 2),), "where it was started"
    assert measures.places(database, database, Asked(today=TODAY), "late") is None


def test_a_measure_that_was_reversed_is_none(ledger: OpenLedger) -> None:
    town = settled(ledger)
    case = town.raised()
    town.does(case, "start_measure")
    town.reversed(case, 2, at=oslo(2016, 10, 1))
    assert told(town).measures == ()


def test_baerum_s_work_and_plans_are_those_of_their_years(baerum: OpenLedger) -> None:
    town = Town(baerum)
    found = told(town)
    assert {one.year for one in found.work} == {2016}
    assert len(found.plans) == 5
    narrowed = told(town, since=date(2018, 1, 1), until=date(2030, 1, 1))
    assert narrowed.work == ()
    assert {one.n for one in narrowed.plans} == {
        one.n for one in found.plans if one.to_year is None or one.to_year >= 2018
    }
    assert told(town, until=date(2013, 12, 31)).plans == ()
    area = found.work[0].focus_area
    assert {one.focus_area for one in told(town, focus_area=area).work} == {area}

"""The plan: focus areas per year or standing, plans, what was done, the challenge picture."""

import pytest

from domain import errors
from domain.plan import (
    Degree,
    Direction,
    FocusArea,
    FocusAreaRenamed,
    FocusAreaSet,
    MethodDescribed,
    ObservationMade,
    Observer,
    Plan,
    PlanAdopted,
    WorkReported,
)
from tests.domain.scenario import (
    BOARD_MEMBER,
    COORDINATOR,
    FRIDAY,
    GROUP_MEMBER,
    MEMBER,
    Given,
    entry,
    words,
)
from tests.domain.topologies import BAERUM, BOARD

NAME = words("Forebygge rus")
WHAT = words("Foreldremøter på alle ungdomsskoler")
FOR_THE_BOARD = COORDINATOR.acting_for(BOARD)
NOBODY_OF_THE_BOARD = [MEMBER, GROUP_MEMBER, COORDINATOR]
DISSOLVED_BOARD = BAERUM.with_organ(BOARD, dissolved=True)


def plan(*steps):
    """A plan stands from the beginning, with nothing in it."""
    return Given(Plan()).further(*steps)


def after(version, organ=None, **who):
    return entry(version, organ, of="plan", **who)


def area_set(key="rus", year=2016, **facts):
    usual = {"name": NAME, "topology": BAERUM, "by": FOR_THE_BOARD, "at": FRIDAY}
    return lambda p: p.set_focus_area(key=key, year=year, **(usual | facts))


def area_renamed(key="rus", year=2016, name=WHAT, by=FOR_THE_BOARD):
    return lambda p: p.rename_focus_area(
        key=key, year=year, name=name, topology=BAERUM, by=by, at=FRIDAY
    )


def adopted(from_year=2016, to_year=2019, **facts):
    usual = {"name": NAME, "topology": BAERUM, "by": FOR_THE_BOARD, "at": FRIDAY}
    return lambda p: p.adopt(from_year=from_year, to_year=to_year, **(usual | facts))


def observed(**facts):
    usual = {
        "observer": Observer.POLICE,
        "what": WHAT,
        "topology": BAERUM,
        "by": COORDINATOR,
        "at": FRIDAY,
    }
    return lambda p: p.observe(**(usual | facts))


def keys(life):
    return [(area.key, area.year) for area in life.state.focus_areas]


# Focus areas.


def test_the_board_sets_a_focus_area_for_a_year():
    life = (
        plan()
        .when(area_set(ages=(12, 23), by=BOARD_MEMBER))
        .then(
            FocusAreaSet(
                **after(1, BOARD, by=BOARD_MEMBER), key="rus", name=NAME, year=2016, ages=(12, 23)
            )
        )
    )
    area = FocusArea(key="rus", name=NAME, year=2016, ages=(12, 23))
    life.is_now(focus_areas=(area,), version=1)


def test_a_coordinator_logs_the_focus_area_that_the_board_set():
    plan().when(area_set()).then(
        FocusAreaSet(**after(1, BOARD), key="rus", name=NAME, year=2016, ages=None)
    )


@pytest.mark.parametrize("by", NOBODY_OF_THE_BOARD)
@pytest.mark.parametrize("decision", [area_set, adopted])
def test_only_the_board_sets_focus_areas_and_adopts_plans(decision, by):
    plan().when(decision(by=by)).refused(errors.OnlyTheBoardSets)


@pytest.mark.parametrize("decision", [area_set, adopted])
def test_a_board_that_was_dissolved_sets_nothing(decision):
    plan().when(decision(topology=DISSOLVED_BOARD)).refused(errors.OrganIsDissolved)


@pytest.mark.parametrize("decision", [area_set, adopted])
def test_a_board_that_is_not_there_sets_nothing(decision):
    plan().when(decision(by=COORDINATOR.acting_for("ukjent"))).refused(errors.OrganUnknown)


@pytest.mark.parametrize(("key", "year"), [("rus", 2017), ("rus", None), ("vold", 2016)])
def test_a_focus_area_is_set_for_several_years_and_stands(key, year):
    life = plan(area_set()).when(area_set(key, year)).allowed()
    assert keys(life) == [("rus", 2016), (key, year)]


@pytest.mark.parametrize("year", [2016, None])
def test_a_focus_area_is_set_once_a_year(year):
    plan(area_set(year=year)).when(area_set(year=year)).refused(errors.FocusAreaExists)


def test_a_focus_area_is_renamed_for_its_year():
    life = plan(area_set(), area_set(year=None), area_set("vold"))
    renamed = life.when(area_renamed()).then(
        FocusAreaRenamed(**after(4, "styret"), key="rus", year=2016, name=WHAT)
    )
    assert [area.name for area in renamed.state.focus_areas] == [WHAT, NAME, NAME]


@pytest.mark.parametrize(("key", "year"), [("vold", 2016), ("rus", 2017), ("rus", None)])
def test_a_focus_area_that_was_not_set_is_not_renamed(key, year):
    plan(area_set()).when(area_renamed(key, year)).refused(errors.FocusAreaUnknown)


# Plans.


def test_a_plan_is_adopted_for_a_period():
    plan().when(adopted(measures=23)).then(
        PlanAdopted(**after(1, BOARD), n=1, name=NAME, from_year=2016, to_year=2019, measures=23)
    ).is_now(plans=1, version=1)


def test_plans_are_numbered():
    *_, second = plan(adopted(), observed(), adopted()).events
    assert second.n == 2


@pytest.mark.parametrize("to_year", [2016, None])
def test_a_plan_is_for_a_single_year_or_without_an_end(to_year):
    plan().when(adopted(to_year=to_year)).allowed()


def test_a_plan_does_not_end_before_it_begins():
    plan().when(adopted(to_year=2015)).refused(errors.PeriodTurnedRound)


# What was done.


@pytest.mark.parametrize("year", [2016, None])
def test_what_was_done_in_a_focus_area_is_reported(year):
    plan(area_set(year=year)).when(
        lambda p: p.report_work(focus_area="rus", year=2017, what=WHAT, by=COORDINATOR, at=FRIDAY)
    ).then(WorkReported(**after(2), focus_area="rus", year=2017, what=WHAT)).is_now(version=2)


def test_no_work_is_reported_in_a_focus_area_that_was_not_set():
    plan(area_set("vold")).when(
        lambda p: p.report_work(focus_area="rus", year=2016, what=WHAT, by=COORDINATOR, at=FRIDAY)
    ).refused(errors.FocusAreaUnknown)


# The challenge picture.


@pytest.mark.parametrize("observer", Observer)
def test_a_challenge_is_observed(observer):
    plan().when(observed(observer=observer)).then(
        ObservationMade(**after(1), n=1, observer=observer, what=WHAT)
    ).is_now(observations=1, version=1)


def test_an_observation_says_where_it_goes_and_how_sure_that_is():
    facts = {
        "theme": "vinning",
        "direction": Direction.DOWN,
        "confidence": Degree.MEDIUM,
        "dark_figure": Degree.HIGH,
    }
    plan(observed()).when(observed(**facts)).then(
        ObservationMade(**after(2), n=2, observer=Observer.POLICE, what=WHAT, **facts)
    )


def test_an_observation_has_a_theme_of_the_list_or_none():
    plan().when(observed(theme="ukjent")).refused(errors.ThemeUnknown)


def test_a_method_is_described():
    facts = {
        "name": words("Hurtig kartlegging"),
        "since": 2008,
        "count": 12,
        "developed_by": (words("KoRus"), words("Bergen kommune")),
        "builds_on": words("Rapid assessment"),
        "mandate": words("Fra politirådet"),
    }
    plan().when(lambda p: p.describe_method(**facts, by=COORDINATOR, at=FRIDAY)).then(
        MethodDescribed(**after(1), **facts)
    ).is_now(version=1)


def test_the_plan_begins_with_nothing_in_it():
    assert Given().further(*plan(area_set()).events).state == plan(area_set()).state


def logged_in(meeting, step):
    return lambda plan: step(plan).model_copy(update={"meeting": meeting, "item": 1})


def taken_back(version, meeting="meeting:1"):
    return lambda plan: plan.withdraw(
        position=40, withdraws=version, meeting=meeting, by=FOR_THE_BOARD, at=FRIDAY
    )


def test_what_was_logged_by_mistake_is_taken_back_the_newest_first():
    before = plan(area_set(key="natt", year=2015))
    both = before.further(
        logged_in("meeting:1", area_set(key="vold", year=2016)),
        logged_in("meeting:1", adopted()),
    )
    both.when(taken_back(2)).refused(errors.NotLoggedHere)
    back = both.further(taken_back(3), taken_back(2))
    assert back.events[-1].focus_area == "vold"
    assert back.events[-2].focus_area is None
    as_it_was = {"version": before.state.version, "logged": ()}
    assert back.state.model_copy(update=as_it_was) == before.state


def test_a_focus_area_that_stands_for_another_year_is_still_known():
    twice = plan(
        area_set(key="vold", year=2015), logged_in("meeting:1", area_set(key="vold", year=2016))
    )
    twice.when(taken_back(2)).allowed()
    assert twice.further(taken_back(2)).events[-1].focus_area is None


def test_what_was_not_logged_in_the_meeting_is_not_taken_back():
    plan(area_set(key="vold", year=2016)).when(taken_back(1)).refused(errors.NotLoggedHere)
    elsewhere = plan(logged_in("meeting:2", area_set(key="vold", year=2016)))
    elsewhere.when(taken_back(1)).refused(errors.NotLoggedHere)
    later = plan(logged_in("meeting:1", area_set(key="vold", year=2016)), adopted())
    later.when(taken_back(1)).refused(errors.NotLoggedHere)
    later.when(taken_back(2)).refused(errors.NotLoggedHere)

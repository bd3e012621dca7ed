"""What a year's report is filled with, as of any position."""

from datetime import date

import pytest

from api.installation import OpenLedger
from domain.organ import Organ, organ_id
from domain.plan import PLAN, Observer, Plan
from domain.seat import SeatRole
from domain.terms import AnnualSection
from ledger.commands import Command
from ledger.texts import Pen, words_of
from projections import annual
from projections.annual_facts import Facts, MatterFact
from projections.annual_matters import how_many
from tests.domain.scenario import COORDINATOR, FRIDAY, MONDAY, TUESDAY, oslo
from tests.domain.topologies import BOARD, GROUP, OTHER_TEAM, OUTREACH, TEAM
from tests.lives import ADMIN, FOCUS, Town, settled

TODAY = date(2017, 1, 15)
NEXT_YEAR = oslo(2017, 2, 1, 12)


@pytest.fixture
def town(ledger: OpenLedger) -> Town:
    return settled(ledger)


def told(town: Town, year: int = 2016, as_of: int | None = None) -> Facts:
    town.ledger.follower.catch_up()
    size = town.engine.ledger.size()
    return annual.facts(town.ledger.database, year, as_of=as_of or size, today=TODAY)


def titles(town: Town, matters: tuple[MatterFact, ...]) -> list[str | None]:
    words = words_of(town.ledger.database, [one.title for one in matters if one.title])
    return [words.get(one.title.id) if one.title else None for one in matters]


def test_matters_stand_where_they_came_in_the_order_in_which_they_did(town: Town) -> None:
    first, second = town.raised(title="Beefing"), town.raised(title="Choking game")
    third = town.raised(title="Fester", raised_by=GROUP)
    town.does(second, "discuss")
    town.does(second, "escalate", title_there="Farlige leker")
    town.raised(title="Året etter", at=NEXT_YEAR)
    now = told(town)
    assert titles(town, now.in_the_teams) == ["Beefing", "Choking game"]
    assert titles(town, now.in_the_group) == ["Fester", "Farlige leker"]
    assert [one.case for one in now.in_the_group] == [third, second]
    assert {one.organ for one in now.in_the_teams} == {TEAM}
    assert now.in_the_teams[0].position == town.position(first, 1)
    assert titles(town, told(town, 2017).in_the_teams) == ["Året etter"]


def test_a_lift_that_was_reversed_or_is_still_to_come_brought_nothing(town: Town) -> None:
    case = town.raised()
    town.does(case, "discuss")
    before = town.engine.ledger.size()
    lifted = town.does(case, "escalate").position
    town.reversed(case, 3, at=FRIDAY)
    assert told(town).in_the_group == ()
    assert [one.position for one in told(town, as_of=lifted).in_the_group] == [lifted]
    assert told(town, as_of=before).in_the_group == ()


def test_what_the_group_discusses_was_there_in_that_year_too(town: Town) -> None:
    case = town.raised()
    town.does(case, "discuss")
    town.does(case, "escalate")
    town.does(case, "discuss", at=NEXT_YEAR)
    town.does(case, "discuss", at=NEXT_YEAR)
    assert len(told(town, 2016).in_the_group) == len(told(town, 2017).in_the_group) == 1
    assert told(town, 2017).in_the_teams == ()


def test_of_a_restricted_case_there_is_no_title(town: Town) -> None:
    case = town.raised()
    size = town.engine.ledger.size()
    town.does(case, "restrict", people=frozenset({COORDINATOR.id}))
    (then,), (now,) = told(town, as_of=size).in_the_teams, told(town).in_the_teams
    assert (then.title is None, now.title) == (False, None)
    common = town.ledger.seen_by(frozenset({"*"}))
    assert annual.open_cases(common, told(town, as_of=size)) == frozenset()


def test_organs_and_seats_are_those_of_the_year(town: Town) -> None:
    for facts in (
        {"role": SeatRole.CHAIR},
        {"role": SeatRole.MEMBER, "service": OUTREACH, "taken_on": date(2017, 1, 1)},
        {"role": SeatRole.MEMBER, "until": date(2015, 12, 31)},
        {"role": SeatRole.SECRETARY, "until": date(2016, 1, 1)},
        {"role": SeatRole.GUEST, "until": date(2016, 5, 1)},
    ):
        town.engine.act(
            Organ,
            organ_id(BOARD),
            lambda organ, facts=facts: organ.take_seat(
                topology=town.topology, by=ADMIN, at=TUESDAY, **facts
            ),
            command=Command(ADMIN),
        )
    town.dissolves(OTHER_TEAM)  # on a Tuesday of 2016
    of_2016 = {one.key: one for one in told(town).organs}
    assert next(iter(of_2016)) == BOARD
    assert OTHER_TEAM in of_2016
    assert [seat.n for seat in of_2016[BOARD].seats] == [1, 4]
    assert OTHER_TEAM not in {one.key for one in told(town, 2017).organs}
    assert told(town, 2015).organs == ()


def test_work_observations_and_focus_areas_are_those_of_the_year(town: Town) -> None:
    town.sets_focus_area("vold", year=2017)
    town.sets_focus_area("gammel", year=2016)
    for decide in (
        lambda plan, text: plan.report_work(
            focus_area=FOCUS, year=2016, what=text, by=COORDINATOR, at=MONDAY
        ),
        lambda plan, text: plan.report_work(
            focus_area=FOCUS, year=2015, what=text, by=COORDINATOR, at=MONDAY
        ),
        lambda plan, text: plan.observe(
            observer=Observer.POLICE, what=text, topology=town.topology, by=COORDINATOR, at=MONDAY
        ),
    ):
        pen = Pen()
        text = pen.write("noe")
        town.engine.act(
            Plan,
            PLAN,
            lambda plan, decide=decide, text=text: decide(plan, text),
            command=Command(COORDINATOR),
            drafts=pen.drafts,
        )
    now = told(town)
    assert [one.focus_area for one in now.done] == [FOCUS]
    assert [one.observer for one in now.challenges] == [Observer.POLICE]
    assert [(one.key, one.year) for one in now.next_year] == [(FOCUS, None), ("vold", 2017)]
    assert len(told(town, 2015).done) == 1


def test_the_same_facts_have_one_digest_and_others_another(town: Town) -> None:
    case = town.raised()
    size = town.engine.ledger.size()
    before = told(town)
    text = town.case(case).title
    assert text is not None
    town.does(case, "erase", text_id=text.id)
    assert told(town, as_of=size).digest == before.digest, "whatever has been erased since"
    assert told(town).digest != before.digest
    assert told(town, 2017, as_of=size).digest != before.digest


def test_the_ledger_begins_with_the_first_year_that_anything_is_told_of(town: Town) -> None:
    town.ledger.follower.catch_up()
    assert annual.first_year(town.ledger.database) == 2016
    town.raised(at=oslo(2014, 3, 1))
    town.ledger.follower.catch_up()
    assert annual.first_year(town.ledger.database) == 2014


def test_an_empty_ledger_has_no_year(ledger: OpenLedger) -> None:
    ledger.follower.catch_up()
    assert annual.first_year(ledger.database) is None


def test_a_first_part_has_so_many_of_each_organ_and_counts_all(town: Town) -> None:
    for title in ("Beefing", "Tagging", "Hasj"):
        case = town.raised(title=title)
        town.does(case, "discuss")
        town.does(case, "escalate", title_there=f"{title} igjen")
    other = town.raised(title="Snus", raised_by=OTHER_TEAM)
    town.does(other, "discuss")
    town.does(other, "escalate")
    town.reversed(other, 3, at=FRIDAY)
    whole, size = told(town), town.engine.ledger.size()
    database = town.ledger.database
    part = annual.facts(database, 2016, as_of=size, today=TODAY, most=2)
    assert part == whole.first(2)
    assert titles(town, part.in_the_teams) == ["Beefing", "Tagging", "Snus"]
    assert titles(town, part.in_the_group) == ["Beefing igjen", "Tagging igjen"]
    assert other in {one.case for one in part.in_the_teams}
    assert how_many(database, 2016, size) == whole.how_many
    assert whole.how_many[AnnualSection.IN_THE_TEAMS] == {TEAM: 3, OTHER_TEAM: 1}
    assert whole.first(10) == whole

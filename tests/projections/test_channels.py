"""Where matters stand still, who waits for whom, and who never answers."""

from datetime import date

import pytest

from api.installation import OpenLedger
from domain.organ import Organ, organ_id
from domain.seat import SeatRole
from ledger.commands import Command
from ledger.database import Database
from projections import channels
from projections.asked import Asked
from projections.channels import Answers, ChannelsReport, Held, Serves, Unseated, Wait
from tests.domain.scenario import MONDAY, oslo
from tests.domain.topologies import GROUP, OTHER_TEAM, OUTREACH, TEAM
from tests.lives import ADMIN, Town, settled

TODAY = date(2016, 9, 30)


@pytest.fixture
def town(ledger: OpenLedger) -> Town:
    return settled(ledger)


def told(town: Town, *, today: date = TODAY, **narrow: object) -> ChannelsReport:
    town.ledger.follower.catch_up()
    database: Database = town.ledger.database
    return channels.report(database, Asked(today=today, **narrow))


def seats(town: Town, organ: str, service: str) -> None:
    town.engine.act(
        Organ,
        organ_id(organ),
        lambda life: life.take_seat(
            role=SeatRole.MEMBER, service=service, topology=town.topology, by=ADMIN, at=MONDAY
        ),
        command=Command(ADMIN),
    )


def test_a_case_stands_still_once_it_has_stood_longer_than_the_policy_lets_it(town: Town) -> None:
    town.raised(at=oslo(2016, 9, 1))
    town.raised(at=oslo(2016, 9, 20), raised_by=OTHER_TEAM)
    assert told(town).held == (
        Held(organ=OTHER_TEAM, open=1, still=0, longest=10),
        Held(organ=TEAM, open=1, still=1, longest=29),
    ), "twenty working days"
    assert told(town, organ=TEAM).held == (Held(organ=TEAM, open=1, still=1, longest=29),)


def test_who_waits_for_whom_is_counted_until_they_need_not(town: Town) -> None:
    case = town.raised(at=oslo(2016, 9, 1))
    town.does(case, "escalate", urgent=True, at=oslo(2016, 9, 2))
    town.does(case, "assign", at=oslo(2016, 9, 5))
    found = told(town)
    assert [(one.kind, one.of, one.to, one.count) for one in found.waits] == [
        ("acceptance", OUTREACH, GROUP, 1),
        ("answer", GROUP, TEAM, 1),
        ("assignment", OUTREACH, GROUP, 1),
    ]
    assert found.answers[0] == Answers(organ=GROUP, owes=1, owed=0, got=0)
    before = town.does(case, "accept", 1, at=oslo(2016, 9, 6)).position
    town.does(case, "answer", at=oslo(2016, 9, 7))
    found = told(town)
    assert [one.kind for one in found.waits] == ["assignment"]
    assert found.answers == (Answers(organ=TEAM, owes=0, owed=0, got=1),)
    then = told(town, as_of=before).waits
    assert Wait(kind="answer", of=GROUP, to=TEAM, count=1, overdue=0, longest=28) in then


def test_services_that_never_raise_and_never_answer_are_named(town: Town) -> None:
    town.registers("s-3", "Helsestasjonen")
    case = town.raised(at=oslo(2016, 9, 1), service="s-3")
    town.does(case, "assign")
    outreach, station = served(town)
    assert outreach == Serves(service=OUTREACH, raised=0, assigned=1, unanswered=1)
    assert (outreach.never_raises, outreach.never_answers) == (True, True)
    assert (station.never_raises, station.never_answers) == (False, False)
    town.does(case, "decline", 1)
    outreach, _ = served(town)
    assert not outreach.never_answers


def served(town: Town) -> list[Serves]:
    known = {one.service: one for one in told(town).services}
    return [known[OUTREACH], known["s-3"]]


def test_services_that_sit_in_the_teams_alone_are_named(town: Town) -> None:
    seats(town, TEAM, OUTREACH)
    assert told(town).unseated == (Unseated(service=OUTREACH, sits_in=(TEAM,)),)
    seats(town, GROUP, OUTREACH)
    assert told(town).unseated == ()


def test_what_a_number_counts_is_found_again(town: Town) -> None:
    case = town.raised(at=oslo(2016, 9, 1), service=OUTREACH)
    town.does(case, "escalate", urgent=True)
    town.does(case, "assign")
    town.does(case, "answer")
    other = town.raised()
    town.does(other, "assign")
    town.reversed(other, 2)
    at = town.ledger.follower.catch_up()
    found = {
        f"held/{GROUP}": 2, f"held/{TEAM}": None, f"acceptance/{OUTREACH}/{GROUP}": 3,
        f"got/{TEAM}": 4, f"raised/{OUTREACH}": 1, f"assigned/{OUTREACH}": 3,
        f"unanswered/{OUTREACH}": 3, f"owes/{GROUP}": None,
        f"acceptance/{OUTREACH}/{GROUP}/overdue": 3,
    }  # fmt: skip
    database = town.ledger.database
    for cell, version in found.items():
        for as_of in (None, at):
            places = channels.places(database, database, Asked(today=TODAY, as_of=as_of), cell)
            assert places is not None
            if version is not None:
                assert places.positions == (town.position(case, version),), (cell, as_of)
    asked = Asked(today=TODAY)
    assert channels.places(database, database, asked, f"held/{TEAM}").count == 1
    assert channels.places(database, database, asked, f"still/{TEAM}").positions == ()
    assert channels.places(database, database, asked, "held") is None


def test_an_answer_that_is_owed_is_found_where_it_began_to_be(town: Town) -> None:
    case = town.raised(at=oslo(2016, 9, 1))
    town.does(case, "escalate", urgent=True)
    town.ledger.follower.catch_up()
    database, asked = town.ledger.database, Asked(today=TODAY)
    for cell in (f"answer/{GROUP}/{TEAM}", f"owes/{GROUP}", f"owed/{TEAM}"):
        places = channels.places(database, database, asked, cell)
        assert places is not None
        assert (places.count, len(places.positions)) == (1, 1), cell
    assert told(town).answers[0].owes == 1
    assert case

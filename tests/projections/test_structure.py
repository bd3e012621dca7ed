"""Organs, services and the plan: as they are and were."""

from datetime import date

import pytest

from api.installation import OpenLedger
from domain.organ import Organ
from domain.seat import SeatRole
from domain.service import Service
from ledger.commands import Command
from ledger.texts import Pen
from projections import structure
from tests.domain.scenario import TUESDAY
from tests.domain.topologies import BOARD, GROUP, OTHER_TEAM, OUTREACH, PROGRAMME, TEAM
from tests.lives import ADMIN, Town, settled


@pytest.fixture
def town(ledger: OpenLedger) -> Town:
    return settled(ledger)


def seated(town: Town, organ: str) -> None:
    pen = Pen()
    represents = pen.write("Rektor ved skolen")
    town.engine.act(
        Organ,
        f"organ:{organ}",
        lambda life: life.take_seat(
            role=SeatRole.CHAIR, represents=represents, taken_on=date(2016, 3, 1),
            topology=town.topology, by=ADMIN, at=TUESDAY,
        ),
        command=Command(ADMIN),
        drafts=pen.drafts,
    )  # fmt: skip


def test_organs_are_as_the_ledger_tells_them_at_every_position(town: Town) -> None:
    seated(town, GROUP)
    town.dissolves(PROGRAMME)
    town.constitutes("nytt-team", "executing", parent=GROUP)
    seated(town, "nytt-team")
    town.ledger.follower.catch_up()
    keys = (BOARD, GROUP, PROGRAMME, TEAM, OTHER_TEAM, "nytt-team")
    for position in (*range(town.engine.ledger.size() + 1), None):
        loaded = [town.engine.load(Organ, f"organ:{key}", position) for key in sorted(keys)]
        expected = [seen.state for seen in loaded if seen is not None]
        assert structure.organs(town.ledger.database, as_of=position) == expected, position
        for organ in expected:
            assert structure.organ(town.ledger.database, organ.key, as_of=position) == organ


def test_organs_are_read_page_by_page(town: Town) -> None:
    town.ledger.follower.catch_up()
    keys, after = [], ""
    while page := structure.organs(town.ledger.database, after=after, limit=2):
        assert len(page) <= 2
        keys += [organ.key for organ in page]
        after = page[-1].key
    assert keys == sorted([BOARD, GROUP, PROGRAMME, TEAM, OTHER_TEAM])


def test_an_organ_that_is_not_there_is_not_found(town: Town) -> None:
    town.ledger.follower.catch_up()
    assert structure.organ(town.ledger.database, "nobody") is None
    assert structure.organ(town.ledger.database, TEAM, as_of=1) is None


def test_services_are_as_they_are_and_were(town: Town) -> None:
    before = town.engine.ledger.size()
    town.registers("s-3", "Helsestasjonen")
    town.engine.act(
        Service,
        "service:s-3",
        lambda life: life.merge(into=OUTREACH, topology=town.topology, by=ADMIN, at=TUESDAY),
        command=Command(ADMIN),
    )
    town.ledger.follower.catch_up()
    database = town.ledger.database

    def told(as_of: int | None) -> list[tuple[str, str | None]]:
        return [(s.key, s.merged_into) for s in structure.services(database, as_of=as_of)]

    assert told(before) == [(OUTREACH, None)]
    assert told(before + 1) == [("s-3", None), (OUTREACH, None)]
    assert told(None) == [("s-3", OUTREACH), (OUTREACH, None)]


def test_what_stands_in_the_plan_is_told_in_order(town: Town) -> None:
    seen = [town.sets_focus_area(f"omrade-{n}", year=2016) for n in range(3)]
    town.ledger.follower.catch_up()
    database = town.ledger.database
    every = structure.plan_entries(database, "FocusAreaSet")
    assert [entry.data["key"] for entry in every] == ["rus", "omrade-0", "omrade-1", "omrade-2"]
    page = structure.plan_entries(database, "FocusAreaSet", after=seen[0].position, limit=1)
    assert [entry.id for entry in page] == [seen[1].position]
    then = structure.plan_entries(database, "FocusAreaSet", as_of=seen[1].position)
    assert [entry.id for entry in then] == [entry.id for entry in every[:3]]
    assert structure.plan_entries(database, "PlanAdopted") == []

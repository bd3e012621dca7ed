"""What others do between a look and what follows from it: nobody goes on from what is past."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from api.installation import OpenLedger
from domain.case import Case
from domain.errors import OrganIsDissolved
from domain.event import Event
from domain.terms import Why
from ledger.commands import Command
from ledger.texts import Pen
from tests.domain.scenario import COORDINATOR, MONDAY, TUESDAY
from tests.domain.topologies import OTHER_TEAM, PROGRAMME
from tests.lives import Town, as_owner, settled, until


@pytest.fixture
def town(ledger: OpenLedger) -> Town:
    return settled(ledger)


def dissolve_once(town: Town, organ: str) -> None:
    """As another thread does it; what this one has at hand of the structure is new from then on."""
    if not town.topology.organs[organ].dissolved:
        town.dissolves(organ)


def test_a_lift_is_not_appended_on_a_structure_that_moved_since_it_was_decided(town: Town) -> None:
    case, pen = town.raised(), Pen()
    town.does(case, "discuss")
    words = {"reason": pen.write("Det gjelder flere"), "tried": pen.write("Samtaler")}

    def decide(life: Case) -> Event:
        lifted = life.escalate(
            to=PROGRAMME, why=Why.CANNOT, **words,
            topology=town.topology, by=COORDINATOR, at=TUESDAY,
        )  # fmt: skip
        dissolve_once(town, PROGRAMME)
        return lifted

    with pytest.raises(OrganIsDissolved):
        town.engine.act(Case, case, decide, command=Command(COORDINATOR), drafts=pen.drafts)
    assert town.case(case).version == 2


def test_a_case_is_not_raised_on_a_structure_that_moved_since_it_was_decided(town: Town) -> None:
    pen = Pen()
    title = pen.write("Snus på skolene")

    def decide() -> Event:
        raised = Case.raise_(
            "c-1", title=title, raised_by=OTHER_TEAM,
            topology=town.topology, by=COORDINATOR, at=MONDAY,
        )  # fmt: skip
        dissolve_once(town, OTHER_TEAM)
        return raised

    with pytest.raises(OrganIsDissolved):
        town.engine.begin(Case, "c-1", decide, command=Command(COORDINATOR), drafts=pen.drafts)
    assert town.cases() == []


def test_a_moment_is_not_looked_up_before_the_append_that_is_under_way(town: Town) -> None:
    """That one may have its time already: what is read as of then would be another thing soon."""
    last = town.raises()
    with as_owner(town.ledger) as holding, ThreadPoolExecutor(1) as pool:
        with holding.transaction():
            holding.execute("SELECT FROM head FOR UPDATE")
            found = pool.submit(town.engine.ledger.position_at, last.recorded_at)
            until(lambda: found.done() or waits_for_a_lock(town))
            assert not found.done()
        assert found.result(30) == last.position


def waits_for_a_lock(town: Town) -> bool:
    rows = town.ledger.database.rows(
        "SELECT FROM pg_stat_activity WHERE datname = current_database() "
        "AND wait_event_type = 'Lock'"
    )
    return bool(rows)

"""What an append leaves behind: positions, versions, who and when."""

from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest

from api.installation import OpenLedger
from domain.errors import CaseIsClosed, StaleVersion, StreamUnknown
from domain.event import Precision
from ledger.commands import Command
from tests.domain.scenario import COORDINATOR, FRIDAY, MEMBER, REPORTED, oslo
from tests.domain.topologies import GROUP, OTHER_TEAM, TEAM
from tests.lives import ADMIN, Town, another, as_owner, in_threads, settled


@pytest.fixture
def town(ledger: OpenLedger) -> Town:
    return settled(ledger)


def test_positions_have_no_gap_whatever_is_refused_between(town: Town) -> None:
    case = town.whole_life()
    with pytest.raises(CaseIsClosed):
        town.does(case, "note")
    with pytest.raises(StaleVersion):
        town.does(case, "reopen", command=Command(COORDINATOR, if_version=3))
    town.does(case, "reopen")
    positions = [entry.id for entry in town.entries()]
    assert positions == list(range(1, len(positions) + 1))
    assert town.engine.ledger.size() == len(positions)


def test_versions_of_a_stream_have_no_gap(town: Town) -> None:
    case, other = town.whole_life(), town.raised()
    town.does(other, "note")
    assert [entry.originator_version for entry in town.entries(case)] == list(range(1, 10))
    assert [entry.originator_version for entry in town.entries(other)] == [1, 2]


def test_one_command_on_a_case_appends_one_event(town: Town) -> None:
    before = town.engine.ledger.size()
    case = town.whole_life()
    assert town.engine.ledger.size() == before + 9
    assert town.case(case).version == 9


def test_an_entry_tells_who_acted_on_whose_behalf(town: Town) -> None:
    case = town.raised(by=MEMBER)
    town.does(case, "discuss")
    town.does(case, "note", by=COORDINATOR.acting_for(GROUP))
    assert [entry.actor for entry in town.entries(case)] == [
        {"id": "a-2", "role": "member", "organ": TEAM},
        {"id": "a-1", "role": "coordinator", "organ": TEAM},
        {"id": "a-1", "role": "coordinator", "organ": GROUP},
    ]


def test_an_entry_tells_what_it_is(town: Town) -> None:
    case = town.raised()
    first, *_, last = town.entries()
    assert (first.stream_type, first.originator_id, first.topic) == (
        "organ", "organ:styret", "OrganConstituted",
    )  # fmt: skip
    assert (last.stream_type, last.originator_id, last.topic) == ("case", case, "CaseRaised")
    assert {entry.stream_type for entry in town.entries()} == {"organ", "service", "plan", "case"}
    assert {entry.schema_version for entry in town.entries()} == {1}


def test_an_entry_tells_which_command_it_came_of(town: Town) -> None:
    command = Command(COORDINATOR, command_id=uuid4(), causation_id=uuid4(), correlation_id=uuid4())
    case = town.raised()
    town.does(case, "note", command=command)
    raised, noted = town.entries(case)
    assert (noted.command_id, noted.causation_id, noted.correlation_id) == (
        command.command_id, command.causation_id, command.correlation_id,
    )  # fmt: skip
    assert (raised.causation_id, raised.correlation_id) == (None, None)
    assert raised.command_id != noted.command_id


@pytest.mark.parametrize("at", [FRIDAY, REPORTED, oslo(2016, 12, 31, 23, 59)])
def test_when_it_occurred_is_kept_to_the_microsecond_with_its_precision(town: Town, at) -> None:
    moment = at.at.replace(microsecond=123_456)
    case = town.raised(at=at.model_copy(update={"at": moment}))
    (entry,) = town.entries(case)
    assert entry.occurred_at == moment
    assert Precision(entry.data["precision"]) is at.precision
    assert entry.data["source"] == at.source.value
    assert town.case(case).raised_at == moment


def test_when_it_was_recorded_is_told_by_the_clock_of_the_database(town: Town) -> None:
    with as_owner(town.ledger) as connection:
        before = connection.execute("SELECT clock_timestamp()").fetchone()
        seen = town.raises()
        after = connection.execute("SELECT clock_timestamp()").fetchone()
    assert before
    assert after
    assert before[0] < seen.recorded_at < after[0]
    (entry,) = town.entries(seen.state.id)
    assert entry.recorded_at == seen.recorded_at
    assert entry.recorded_at.utcoffset() == timedelta(0)


def test_when_it_was_recorded_never_decreases(town: Town) -> None:
    in_threads(*[partial(town.whole_life) for _ in range(4)])
    moments = [entry.recorded_at for entry in town.entries()]
    assert moments == sorted(moments)


def test_when_it_was_recorded_never_decreases_though_the_clock_goes_back(town: Town) -> None:
    """As the last entry would have been recorded by a clock that was a hundred years ahead."""
    future = datetime(2126, 3, 1, 12, 30, 15, 123_456, tzinfo=UTC)
    with as_owner(town.ledger) as connection:
        connection.execute("UPDATE head SET recorded_at = %s", (future,))
    case = town.raised()
    seen = town.does(case, "note")
    assert [entry.recorded_at for entry in town.entries(case)] == [future, future]
    assert seen.recorded_at == future


def test_a_moment_leads_to_the_last_position_recorded_by_then(town: Town) -> None:
    first, second = town.raises(), town.raises()
    recorder = town.engine.ledger
    assert recorder.position_at(first.recorded_at) == first.position
    assert recorder.position_at(second.recorded_at - timedelta(microseconds=1)) == first.position
    assert recorder.position_at(second.recorded_at + timedelta(days=1)) == second.position
    assert recorder.position_at(datetime(2016, 1, 1, tzinfo=UTC)) == 0
    assert recorder.moment(first.position) == first.recorded_at
    assert recorder.moment(second.position + 1) is None


def test_a_writer_who_decided_on_an_old_version_is_told_so(town: Town) -> None:
    case = town.raised()
    town.does(case, "note", command=Command(COORDINATOR, if_version=1))
    with pytest.raises(StaleVersion):
        town.does(case, "note", command=Command(COORDINATOR, if_version=1))
    assert len(town.entries(case)) == 2


def test_a_life_that_is_not_there_is_not_acted_on(town: Town) -> None:
    size = town.engine.ledger.size()
    for unknown in (str(uuid4()), "plan", "organ:styret"):
        with pytest.raises(StreamUnknown):
            town.does(unknown, "note")
    assert town.engine.ledger.size() == size


def test_a_second_engine_sees_and_goes_on_from_what_the_first_has_done(town: Town) -> None:
    """What each remembers may lag, and never misleads."""
    case = town.raised()
    with another(town.ledger) as there:
        other = Town(there)
        assert other.does(case, "discuss").state.version == 2
        assert town.does(case, "escalate").state.version == 3
        assert other.does(case, "assign").state.version == 4
        town.constitutes("nytt-team", "executing", parent=GROUP)
        assert other.does(case, "return_", to="nytt-team").state.holder == "nytt-team"
        assert other.raises(raised_by=OTHER_TEAM).position == town.engine.ledger.size()


def test_structure_is_kept_at_hand_with_its_names(town: Town) -> None:
    town.registers("s-7", "Helsestasjon for ungdom")
    structure = town.engine.structure
    assert structure.service("helsestasjon-for-ungdom") == "s-7"
    assert structure.service("HELSESTASJON for ungdom") == "s-7"
    assert structure.name_of("s-7") == "Helsestasjon for ungdom"
    assert structure.position == town.engine.ledger.size()
    assert ADMIN.id in {entry.actor["id"] for entry in town.entries("service:s-7")}

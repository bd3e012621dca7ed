"""A poison event parks its case and no other, until a version comes that can take it in."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from psycopg import sql

from api.installation import OpenLedger
from ledger.database import Connection, Unavailable
from ledger.stored import Entry, EventMapper
from projections import VIEWS
from projections.audit_trail import AuditTrail
from projections.build import Builder
from projections.case_status import CaseStatus
from projections.follow import Follower
from projections.lives import LifeFailed
from projections.place import followed
from tests.lives import Town, settled
from tests.projections.rebuilding import assert_views_equal_a_rebuild

POISON = "ProgressNoted"


class Poisoned(Exception):
    """Et ord som noen skrev."""


@pytest.fixture
def town(ledger: OpenLedger) -> Town:
    return settled(ledger)


@pytest.fixture(params=["view", "mapper"])
def poison(request: pytest.FixtureRequest) -> Iterator[pytest.MonkeyPatch]:
    """What cannot take a note in: the last view, or the reading of it. Undo it to mend it."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "view":
            patch.setattr(AuditTrail, "write", refusing(AuditTrail.write))
        else:
            patch.setattr(EventMapper, "to_domain_event", unreadable(EventMapper.to_domain_event))
        yield patch


def refusing(write: Any) -> Any:
    def poisoned(self: Any, connection: Connection, table: sql.Identifier, changes: Any) -> None:
        write(self, connection, table, changes)
        if any(change.entry.topic == POISON for change in changes):
            raise Poisoned("Choking game")

    return poisoned


def unreadable(read: Any) -> Any:
    def poisoned(self: Any, entry: Entry) -> Any:
        if entry.topic == POISON:
            raise Poisoned("Choking game")
        return read(self, entry)

    return poisoned


def parked(ledger: OpenLedger) -> dict[str, tuple[int, str]]:
    rows = ledger.database.rows("SELECT stream_id, position, reason FROM parked")
    return {stream: (position, reason) for stream, position, reason in rows}


def versions(ledger: OpenLedger) -> dict[str, int]:
    """By case, the version that the list of cases shows."""
    rows = ledger.database.rows(
        "SELECT case_id, (state ->> 'version')::int FROM case_status WHERE to_position IS NULL"
    )
    return dict(rows)


def led_anew(ledger: OpenLedger) -> None:
    """Another process leads, as after a restart."""
    ledger.follower.release()
    follower = Follower(ledger.engine.ledger, VIEWS)
    follower.catch_up()
    follower.release()


def noted(town: Town, case: str) -> None:
    """The note that is poison. The engine, which knows the case by now, need not read it back."""
    town.does(case, "note")


@pytest.mark.usefixtures("poison")
def test_only_the_case_of_a_poison_event_is_parked(town: Town) -> None:
    ill, well = town.raised(), town.raised()
    noted(town, ill)
    town.does(well, "discuss")
    assert town.ledger.follower.catch_up() == town.engine.ledger.size()
    assert parked(town.ledger) == {ill: (town.position(ill, 2), "Poisoned")}
    assert versions(town.ledger) == {ill: 1, well: 2}


@pytest.mark.usefixtures("poison")
def test_why_it_is_parked_is_told_without_a_word(town: Town) -> None:
    ill = town.raised()
    noted(town, ill)
    town.ledger.follower.catch_up()
    rows = town.ledger.database.rows("SELECT parked::text FROM parked")
    assert len(rows) == 1
    assert "Choking" not in rows[0][0]
    assert "Et ord" not in rows[0][0]


@pytest.mark.usefixtures("poison")
def test_what_comes_later_to_a_parked_case_waits(town: Town) -> None:
    ill, well = town.raised(), town.raised()
    noted(town, ill)
    town.ledger.follower.catch_up()
    town.does(ill, "discuss")
    town.does(well, "discuss")
    town.ledger.follower.catch_up()
    assert versions(town.ledger) == {ill: 1, well: 2}
    assert parked(town.ledger)[ill][0] == town.position(ill, 2)


def test_a_mended_version_takes_in_what_was_parked_in_order(
    town: Town, poison: pytest.MonkeyPatch
) -> None:
    ill, well = town.raised(), town.raised(themes=("rus",))
    town.does(ill, "discuss")
    noted(town, ill)
    town.ledger.follower.catch_up()
    town.does(ill, "escalate")
    town.does(well, "discuss")
    town.reversed(ill, 4)
    town.ledger.follower.catch_up()
    poison.undo()
    led_anew(town.ledger)
    assert parked(town.ledger) == {}
    assert versions(town.ledger) == {ill: 5, well: 2}
    assert_views_equal_a_rebuild(town.ledger)


@pytest.mark.usefixtures("poison")
def test_what_is_still_poison_stays_parked(town: Town) -> None:
    ill, well = town.raised(), town.raised()
    noted(town, ill)
    town.ledger.follower.catch_up()
    before = parked(town.ledger)
    town.does(well, "discuss")
    led_anew(town.ledger)
    assert parked(town.ledger) == before
    assert versions(town.ledger) == {ill: 1, well: 2}


def test_a_parked_case_that_was_merged_brings_its_debt_once_it_is_mended(
    town: Town, poison: pytest.MonkeyPatch
) -> None:
    """The other case has gone on meanwhile: what it went through stays."""
    ill, well = town.raised(), town.raised()
    noted(town, ill)
    town.does(ill, "escalate", urgent=True)
    poison.undo()
    with pytest.MonkeyPatch.context() as still:
        still.setattr(AuditTrail, "write", refusing(AuditTrail.write))
        town.ledger.follower.catch_up()
        town.does(well, "discuss")
        town.merged(ill, well)
        town.does(well, "escalate")
        town.does(well, "discuss")
        town.ledger.follower.catch_up()
    led_anew(town.ledger)
    town.does(well, "close")
    led_anew(town.ledger)
    assert parked(town.ledger) == {}
    assert versions(town.ledger) == {ill: 4, well: 5}
    assert_views_equal_a_rebuild(town.ledger)


def test_a_case_that_is_merged_into_a_parked_one_is_not_parked_itself(town: Town) -> None:
    ill, well = town.raised(), town.raised()
    noted(town, ill)
    town.does(well, "escalate", urgent=True)
    with pytest.MonkeyPatch.context() as poison:
        poison.setattr(AuditTrail, "write", refusing(AuditTrail.write))
        town.ledger.follower.catch_up()
        town.merged(well, ill)
        town.does(ill, "discuss")
        town.ledger.follower.catch_up()
    assert set(parked(town.ledger)) == {ill}
    assert versions(town.ledger) == {ill: 1, well: 3}
    led_anew(town.ledger)
    assert parked(town.ledger) == {}
    assert versions(town.ledger) == {ill: 3, well: 3}
    assert_views_equal_a_rebuild(town.ledger)


def test_a_view_that_was_rebuilt_meanwhile_does_not_keep_a_case_parked(
    town: Town, poison: pytest.MonkeyPatch
) -> None:
    """The rebuilt view has taken the case in already; the others have not."""
    ill = town.raised()
    noted(town, ill)
    town.ledger.follower.catch_up()
    poison.undo()
    Builder(town.engine.ledger, CaseStatus()).build()
    led_anew(town.ledger)
    town.does(ill, "discuss")
    led_anew(town.ledger)
    assert parked(town.ledger) == {}
    assert versions(town.ledger) == {ill: 3}
    assert_views_equal_a_rebuild(town.ledger)


def test_a_view_may_be_mended_by_a_new_version_of_it(
    town: Town, poison: pytest.MonkeyPatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new one is built with the case in it."""
    ill = town.raised()
    noted(town, ill)
    town.ledger.follower.catch_up()
    poison.undo()
    monkeypatch.setattr(AuditTrail, "version", AuditTrail.version + 1)
    led_anew(town.ledger)
    assert parked(town.ledger) == {}
    assert_views_equal_a_rebuild(town.ledger)


def test_a_case_that_is_still_poison_does_not_keep_a_new_version_from_the_others(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another view has changed; the reading of one event is as broken as before."""
    monkeypatch.setattr(EventMapper, "to_domain_event", unreadable(EventMapper.to_domain_event))
    ill, well = town.raised(), town.raised()
    noted(town, ill)
    town.ledger.follower.catch_up()
    monkeypatch.setattr(CaseStatus, "version", CaseStatus.version + 1)
    town.does(well, "discuss")
    led_anew(town.ledger)
    assert set(parked(town.ledger)) == {ill}
    assert versions(town.ledger) == {ill: 1, well: 2}


def test_a_database_that_cannot_be_read_just_now_parks_nobody(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The states of lives are read through another connection than the one that is written to."""
    case = town.raised()
    town.ledger.follower.catch_up()
    led_anew(town.ledger)
    town.does(case, "discuss")
    with monkeypatch.context() as failing:
        failing.setattr(town.engine.ledger, "lives", unavailable)
        with pytest.raises(Unavailable):
            town.ledger.follower.catch_up()
    assert parked(town.ledger) == {}
    town.ledger.follower.catch_up()
    assert versions(town.ledger) == {case: 2}


def test_a_database_that_is_lost_event_by_event_undoes_all_and_lets_another_lead(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One event was poison, so they are taken in singly; then the database goes away."""
    ill, well, last = town.raised(), town.raised(), town.raised()
    follower = town.ledger.follower
    at = follower.catch_up()
    noted(town, ill)
    town.does(well, "discuss")
    town.does(last, "refer")
    write = refusing(AuditTrail.write)

    def lost(self: Any, connection: Connection, table: sql.Identifier, changes: Any) -> None:
        write(self, connection, table, changes)
        if any(change.entry.topic == "CaseReferred" for change in changes):
            raise Unavailable

    monkeypatch.setattr(AuditTrail, "write", lost)
    with pytest.raises(Unavailable):
        follower.catch_up()
    assert follower.lives.states == {}, "what was remembered is ahead of what was undone"
    assert town.ledger.database.read(followed) == at
    assert parked(town.ledger) == {}
    monkeypatch.undo()
    other = Follower(town.engine.ledger, VIEWS)
    assert other.lead()
    other.release()
    follower.catch_up()
    assert versions(town.ledger) == {ill: 2, well: 2, last: 2}
    assert_views_equal_a_rebuild(town.ledger)


def unavailable(*_args: Any) -> Sequence[Entry]:
    raise Unavailable


@pytest.mark.usefixtures("poison")
def test_a_rebuild_fails_fast_on_poison(town: Town) -> None:
    """And leaves the view in use as it is."""
    ill = town.raised()
    noted(town, ill)
    town.ledger.follower.catch_up()
    with pytest.raises(LifeFailed, match=f"event {town.position(ill, 2)} ") as failed:
        Builder(town.engine.ledger, AuditTrail()).build()
    assert "Choking" not in str(failed.value)
    assert versions(town.ledger) == {ill: 1}

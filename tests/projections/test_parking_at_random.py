"""Poison at random: whatever is parked and whenever it is mended, the views come right."""

from random import Random
from typing import Any

import pytest
from psycopg import sql

from ledger.database import Connection
from projections import follow
from projections.audit_trail import AuditTrail
from projections.case_status import one
from tests.lives import Town
from tests.projections.rebuilding import assert_views_equal_a_rebuild
from tests.projections.test_parking import Poisoned, led_anew, parked


def poison_at(monkeypatch: pytest.MonkeyPatch, poisonous: set[int]) -> None:
    """No view can take in what stands at these positions; mend it by taking one out."""
    write = AuditTrail.write

    def refused(self: Any, connection: Connection, table: sql.Identifier, changes: Any) -> None:
        if not poisonous.isdisjoint(change.position for change in changes):
            raise Poisoned
        write(self, connection, table, changes)

    monkeypatch.setattr(AuditTrail, "write", refused)


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_poison_and_whenever_it_is_mended_the_views_come_right(
    busy: Town, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Any events of any cases, in batches of any size, mended in any order, while the town goes
    on. What was never ill is right all the time."""
    dice, ledger = Random(seed), busy.ledger  # noqa: S311 - a repeatable die
    events = [entry for entry in busy.entries() if entry.stream_type == "case"]
    poisonous = {entry.id for entry in dice.sample(events, dice.randint(1, 4))}
    ill = {str(entry.originator_id) for entry in events if entry.id in poisonous}
    poison_at(monkeypatch, poisonous)
    monkeypatch.setattr(follow, "BATCH", dice.choice([1, 4, 1000]))
    while poisonous:
        led_anew(ledger)
        assert set(parked(ledger)) <= ill
        for case in busy.cases():
            if case not in ill | {busy.case(life).footing.merged_into for life in ill}:
                row = one(ledger.database, case)
                assert row is not None
                assert row.case == busy.case(case)
        poisonous.remove(dice.choice(sorted(poisonous)))
        case = dice.choice(busy.cases())
        busy.does(case, "answer", to=busy.case(case).raised_by)
    led_anew(ledger)
    assert parked(ledger) == {}
    monkeypatch.undo()
    assert_views_equal_a_rebuild(ledger)

"""What was withdrawn is shown as such, in the history and in the register of decisions."""

from api.installation import OpenLedger
from domain.terms import Conclusion
from ledger.commands import Command
from projections.audit_trail import history
from projections.case_status import one
from projections.decisions import DecisionFilter, register
from tests.domain.scenario import COORDINATOR
from tests.domain.topologies import TEAM
from tests.lives import Town, settled
from tests.projections.rebuilding import assert_views_equal_a_rebuild

IN_A_MEETING = Command(COORDINATOR, meeting="meeting:1", item=1)


def mistaken(ledger: OpenLedger) -> tuple[Town, str, int, int]:
    """A case that was lifted by mistake, where that was logged and where it was withdrawn."""
    town = settled(ledger)
    case = town.raised()
    town.does(case, "discuss", conclusion=Conclusion.DECIDED, decision="Vi åpner en hall")
    wrong = town.does(case, "escalate", command=IN_A_MEETING).position
    place = {"position": wrong, "withdraws": 3, "meeting": "meeting:1"}
    back = town.does(case, "withdraw", command=IN_A_MEETING, **place).position
    ledger.follower.catch_up()
    return town, case, wrong, back


def test_the_case_is_as_before_it(ledger: OpenLedger) -> None:
    _, case, wrong, back = mistaken(ledger)
    rows = [one(ledger.database, case, as_of=at) for at in (wrong - 1, wrong, None)]
    assert [row.case.holder for row in rows if row] == [TEAM, "koordineringsgruppen", TEAM]
    assert rows[2] is not None
    assert rows[2].position == back
    assert rows[2].case.owed == ()


def test_the_history_says_what_was_withdrawn_and_where(ledger: OpenLedger) -> None:
    _, case, wrong, back = mistaken(ledger)
    withdrawn = {h.entry.id: h.withdrawn_by for h in history(ledger.database, case, as_of=back)}
    assert {at for at, by in withdrawn.items() if by is not None} == {wrong}
    assert withdrawn[wrong] == back
    before = history(ledger.database, case, as_of=back - 1)
    assert [one.withdrawn_by for one in before] == [None] * 3


def test_the_register_says_that_it_was_no_decision(ledger: OpenLedger) -> None:
    _, _, wrong, back = mistaken(ledger)
    narrow = DecisionFilter(kind="CaseEscalated")
    (decision,) = register(ledger.database, narrow, as_of=back)
    assert (decision.entry.id, decision.withdrawn_by, decision.reversed_by) == (wrong, back, None)
    (then,) = register(ledger.database, narrow, as_of=back - 1)
    assert then.withdrawn_by is None


def test_a_rebuild_shows_the_same(ledger: OpenLedger) -> None:
    mistaken(ledger)
    assert_views_equal_a_rebuild(ledger)

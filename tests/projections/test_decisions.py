"""The board's register: what was decided, by whom, and what was reversed later."""

from datetime import UTC, datetime, timedelta

import pytest

from api.installation import OpenLedger
from domain.actor import Actor, Role
from domain.case import DecisionReversed
from domain.event import Occurred, Precision
from projections.decisions import Decision, DecisionFilter, RuleException, register, with_words
from tests.domain.scenario import FRIDAY, MONDAY, TUESDAY
from tests.domain.topologies import BOARD, GROUP
from tests.lives import Town, settled

DECISIONS = {
    "CaseEscalated", "CaseReturned", "CaseReferred", "CaseAssigned", "MeasureStarted",
    "CaseClosed", "CaseReopened", "DecisionReversed", "FocusAreaSet", "PlanAdopted",
    "OrderPlaced", "OrderSentBack", "OrderApproved", "OrderWithdrawn",
}  # fmt: skip


@pytest.fixture
def town(followed: Town) -> Town:
    return followed


def registered(
    town: Town, narrow: DecisionFilter | None = None, as_of: int | None = None, **page: int
) -> list[Decision]:
    known = as_of if as_of is not None else town.engine.ledger.size()
    return register(
        town.ledger.database, narrow or DecisionFilter(), as_of=known, **{"limit": 1000, **page}
    )


def expected(town: Town) -> list[int]:
    """Told from the stored form: the kinds above, and discussions that decided something."""
    return [
        entry.id
        for entry in town.entries()
        if entry.topic in DECISIONS or entry.data.get("conclusion") in {"decided", "handle_locally"}
    ]


def test_it_holds_every_decision_once_and_nothing_else(town: Town) -> None:
    assert [one.entry.id for one in registered(town)] == expected(town)
    assert "CaseDiscussed" in {one.entry.topic for one in registered(town)}


def test_a_decision_stands_with_its_entry_and_the_number_of_its_case(town: Town) -> None:
    ledger = {entry.id: entry for entry in town.entries()}
    for one in registered(town):
        assert one.entry == ledger[one.entry.id]
        is_case = one.entry.stream_type == "case"
        number = town.case(str(one.entry.originator_id)).number if is_case else None
        assert one.number == number


def test_what_the_board_decides_on_the_plan_is_in_it(town: Town) -> None:
    kinds = [one.entry.topic for one in registered(town, DecisionFilter(organ=BOARD))]
    assert kinds.count("FocusAreaSet") == 2


def test_a_reversed_decision_is_marked_from_when_it_was_reversed(town: Town) -> None:
    reversals = {}
    for entry in town.entries():
        event = town.engine.mapper.to_domain_event(entry)
        if isinstance(event, DecisionReversed):
            reversals[event.position] = entry.id
    assert len(reversals) == 2
    for position in range(1, town.engine.ledger.size() + 1):
        for one in registered(town, as_of=position):
            reversal = reversals.get(one.entry.id)
            by_then = reversal if reversal is not None and reversal <= position else None
            assert one.reversed_by == by_then, (one.entry.id, position)


def test_it_is_told_as_it_was_known_at_any_position(town: Town) -> None:
    every = expected(town)
    for position in range(0, town.engine.ledger.size() + 1, 5):
        known = [at for at in every if at <= position]
        assert [one.entry.id for one in registered(town, as_of=position)] == known


def test_it_is_narrowed_by_organ_actor_kind_and_time(ledger: OpenLedger) -> None:
    town = settled(ledger)
    somebody = Actor(id="a-9", role=Role.COORDINATOR)
    case = town.raised()
    lifted = town.does(case, "escalate", urgent=True, at=MONDAY).position
    assigned = town.does(case, "assign", by=somebody, at=TUESDAY).position
    closed = town.does(case, "close", by=somebody.acting_for(BOARD), at=FRIDAY).position
    ledger.follower.catch_up()
    cases = {lifted, assigned, closed}

    def found(**narrow: object) -> set[int]:
        decisions = registered(town, DecisionFilter.model_validate(narrow))
        return {one.entry.id for one in decisions} & cases

    assert found() == cases
    assert found(organ=GROUP) == {assigned}
    assert found(organ=BOARD) == {closed}
    assert found(actor="a-9") == {assigned, closed}
    assert found(kind="CaseEscalated") == {lifted}
    assert found(kind="CaseNoted") == set()
    assert found(since=TUESDAY.at) == {assigned, closed}
    assert found(since=TUESDAY.at + timedelta(microseconds=1)) == {closed}
    assert found(until=TUESDAY.at) == {lifted}
    assert found(since=TUESDAY.at, until=FRIDAY.at, actor="a-9") == {assigned}
    assert found(organ=GROUP, actor="a-1") == set()


def test_it_is_read_page_by_page(town: Town) -> None:
    pages, after = [], 0
    while page := registered(town, after=after, limit=4):
        assert len(page) <= 4
        pages += [one.entry.id for one in page]
        after = page[-1].entry.id
    assert pages == expected(town)


def test_an_exception_to_the_rules_is_marked_and_found_by_itself(ledger: OpenLedger) -> None:
    town = settled(ledger)
    now = Occurred(at=datetime.now(UTC))
    urgent = town.does(town.raised(at=now), "escalate", urgent=True, at=now).position
    discussed = town.raised(at=now)
    town.does(discussed, "discuss", at=now)
    lifted = town.does(discussed, "escalate", at=now).position
    measured = town.raised(at=now)
    begun = town.does(measured, "start_measure", at=now).position
    unevaluated = town.does(measured, "close", at=now).position
    old = town.raised(at=Occurred(at=now.at - timedelta(days=5)))
    two_days_ago = Occurred(at=now.at - timedelta(days=2, minutes=2))
    late = town.does(old, "close", at=two_days_ago).position
    this_year = now.model_copy(update={"precision": Precision.YEAR})
    vague = town.does(old, "reopen", at=this_year).position
    ledger.follower.catch_up()
    wanted = {
        urgent: ["urgent"], lifted: [], begun: [], unevaluated: ["unevaluated"], late: ["late"],
        vague: [],
    }  # fmt: skip
    told = {one.entry.id: [*one.exceptions] for one in registered(town)}
    assert {at: told[at] for at in wanted} == wanted
    for at, kinds in wanted.items():
        for kind in kinds:
            found = registered(town, DecisionFilter(exception=RuleException(kind)))
            assert [one.entry.id for one in found if one.entry.id in wanted] == [at]


def test_a_measure_that_was_evaluated_or_taken_back_is_no_exception(ledger: OpenLedger) -> None:
    town = settled(ledger)
    now = Occurred(at=datetime.now(UTC))
    evaluated, taken_back = town.raised(at=now), town.raised(at=now)
    town.does(evaluated, "start_measure", at=now)
    town.does(evaluated, "evaluate_measure", 1, at=now)
    town.does(taken_back, "start_measure", at=now)
    town.reversed(taken_back, 2, at=now)
    closed = {town.does(case, "close", at=now).position for case in (evaluated, taken_back)}
    ledger.follower.catch_up()
    assert {at: [] for at in closed} == {
        one.entry.id: one.exceptions for one in registered(town) if one.entry.id in closed
    }


def test_it_is_read_from_the_newest_on_too(town: Town) -> None:
    pages, before = [], 2**62
    while page := registered(town, before=before, limit=4):
        pages += [one.entry.id for one in page]
        before = page[-1].entry.id
    assert pages == [*reversed(expected(town))]


def test_words_of_the_decision_and_of_what_the_case_is_about_are_found(ledger: OpenLedger) -> None:
    town = settled(ledger)
    case, other = town.raised(title="Bråk i kinoen"), town.raised(title="Noe annet")
    at = [town.does(case, "assign", expectation="Snakk med vaktene").position,
          town.does(other, "assign", expectation="Kinoens vakter").position,
          town.does(other, "close", reason="Løst").position]  # fmt: skip
    ledger.follower.catch_up()
    for words, found in {"kino": at[:2], "løste": at[2:], "vakt": at[:2], "annet": at[1:]}.items():
        narrow = DecisionFilter(only=with_words(town.ledger.database, words))
        assert [one.entry.id for one in registered(town, narrow)] == found, words

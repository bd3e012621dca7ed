"""A case that is merged into another goes on there: its closing is part of both lives."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from api.installation import OpenLedger
from domain.case import Case, CaseClosed
from domain.errors import MergeTargetClosed
from domain.event import Event
from domain.terms import Outcome, Status
from ledger.commands import Command
from ledger.engine import Engine, Seen
from ledger.texts import Pen
from tests.domain.scenario import COORDINATOR, TUESDAY
from tests.domain.topologies import GROUP, OTHER_TEAM, TEAM
from tests.lives import Town, another, in_threads, settled


@pytest.fixture
def town(ledger: OpenLedger) -> Town:
    return settled(ledger)


@pytest.fixture
def owing(town: Town) -> str:
    """A case that owes its team an answer."""
    case = town.raised(raised_by=OTHER_TEAM)
    town.does(case, "escalate", urgent=True)
    return case


def test_the_debt_goes_on_in_the_other_case(town: Town, owing: str) -> None:
    into = town.raised()
    closed = town.merged(owing, into)
    footing = closed.state.footing
    assert (footing.outcome, footing.merged_into) == (Outcome.MERGED, into)
    assert closed.state.owed == ()
    assert town.case(into).owed == (OTHER_TEAM,)
    assert town.case(into).version == 1
    seen = town.does(into, "note")
    assert seen.state.owed == (OTHER_TEAM,)
    answered = town.does(into, "answer", to=OTHER_TEAM)
    assert answered.state.owed == () == town.case(into).owed


def test_what_was_merged_is_in_the_life_of_the_other_in_order(town: Town, owing: str) -> None:
    into = town.raised()
    town.does(into, "note")
    town.merged(owing, into)
    town.does(into, "note")
    life = town.engine.ledger.life(into)
    assert [entry.topic for entry in life] == [
        "CaseRaised", "ProgressNoted", "CaseClosed", "ProgressNoted",
    ]  # fmt: skip
    assert [entry.id for entry in life] == sorted(entry.id for entry in life)
    before = town.engine.ledger.life(into, life[2].id - 1)
    assert [entry.id for entry in before] == [entry.id for entry in life[:2]]


def test_a_load_stands_at_the_merge_when_that_came_last(town: Town, owing: str) -> None:
    into = town.raised()
    closed = town.merged(owing, into)
    seen = town.engine.load(Case, into)
    assert seen is not None
    assert (seen.position, seen.recorded_at) == (closed.position, closed.recorded_at)


def test_who_decided_before_a_merge_decides_anew(town: Town, owing: str) -> None:
    """The merge changes no version of the other case, yet what it owes."""
    into = town.raised()
    decided_on: list[tuple[str, ...]] = []
    pen = Pen()
    text = pen.write("Møte avtalt")

    def decide(case: Case) -> Event:
        decided_on.append(case.owed)
        if len(decided_on) == 1:
            town.merged(owing, into)
        return case.note(text=text, by=COORDINATOR, at=TUESDAY)

    command = Command(COORDINATOR)
    seen = town.engine.act(Case, into, decide, command=command, drafts=pen.drafts)
    assert decided_on == [(), (OTHER_TEAM,)]
    assert seen.state == town.case(into)


def test_another_process_sees_the_debt_before_it_decides(town: Town, owing: str) -> None:
    into = town.raised()
    with another(town.ledger) as there:
        other = Town(there)
        other.does(into, "note")
        town.merged(owing, into)
        seen = other.does(into, "close")
    (*_, closing) = town.entries(into)
    event = town.engine.mapper.to_domain_event(closing)
    assert isinstance(event, CaseClosed)
    assert event.owed == seen.state.owed == (OTHER_TEAM,)


def test_a_debt_follows_through_several_merges(town: Town, owing: str) -> None:
    second, third = town.raised(), town.raised()
    town.merged(owing, second)
    town.merged(second, third)
    assert town.case(second).owed == ()
    assert town.case(third).owed == (OTHER_TEAM,)
    town.does(third, "escalate", urgent=True)
    assert set(town.case(third).owed) == {OTHER_TEAM, TEAM}


def merge(town: Town, case: str, into: str, meanwhile: Callable[[], object] = int) -> Seen[Case]:
    """As a door does it: the other case is loaded where it is decided."""
    pen = Pen()
    reason = pen.write("Samme sak")

    def decide(life: Case) -> Event:
        other = town.case(into)
        meanwhile()
        who = {"by": COORDINATOR, "at": TUESDAY}
        return life.close(outcome=Outcome.MERGED, reason=reason, merged_into=other, **who)

    return town.engine.act(Case, case, decide, command=Command(COORDINATOR), drafts=pen.drafts)


def test_of_two_cases_that_are_merged_into_each_other_at_once_one_stays(
    town: Town, owing: str
) -> None:
    other = town.raised()
    came = in_threads(partial(merge, town, owing, other), partial(merge, town, other, owing))
    assert [type(one) for one in came if not isinstance(one, Seen)] == [MergeTargetClosed]
    statuses = [town.case(case).status for case in (owing, other)]
    assert statuses.count(Status.CLOSED) == 1


def test_a_case_is_not_merged_into_one_that_was_closed_meanwhile(town: Town, owing: str) -> None:
    """It would owe an answer in a case that nobody works on any more."""
    other = town.raised()

    def close_once() -> None:
        if town.case(other).status is not Status.CLOSED:
            town.does(other, "close")

    with pytest.raises(MergeTargetClosed):
        merge(town, owing, other, close_once)
    assert town.case(owing).owed == (OTHER_TEAM,)


def test_what_is_remembered_after_a_merge_has_the_debt(
    town: Town, owing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One thread has read the other case before the merge, and remembers it late: after somebody
    has decided on it anew, and before what they decided is remembered."""
    into = town.raised()
    before_merge = town.engine.load(Case, into)
    assert before_merge is not None
    town.merged(owing, into)
    remember = Engine._remember

    def late(engine: Engine, *about: Any) -> Any:
        engine._forget(into)
        engine._keep(into, before_merge)
        return remember(engine, *about)

    with monkeypatch.context() as patch:
        patch.setattr(Engine, "_remember", late)
        seen = town.does(into, "note")
    assert seen.state == town.case(into)
    assert town.does(into, "escalate", urgent=True).state.owed == (OTHER_TEAM, TEAM)
    assert town.case(into).holder == GROUP

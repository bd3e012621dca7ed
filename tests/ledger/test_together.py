"""Several lives at once: all of it is appended, or nothing."""

from dataclasses import replace

import pytest

from api.installation import OpenLedger
from domain.case import Case
from domain.errors import Refusal, StreamUnknown
from domain.event import Event
from domain.terms import Conclusion
from ledger.commands import Command, KeyUsedForAnother
from ledger.engine import Act
from ledger.texts import Pen, words_of
from tests.domain.scenario import COORDINATOR, TUESDAY
from tests.ledger.leaves import wrong_leaves
from tests.lives import Town, another, in_threads, settled

SAID = "Begge handler om det samme"
ONCE = Command(COORDINATOR, key="once", request_hash="the same", meeting="meeting:1", item=3)


class NotThisOne(Refusal):
    """This one not."""


@pytest.fixture
def town(ledger: OpenLedger) -> Town:
    return settled(ledger)


def discusses(case: str, refuses: bool = False) -> Act[Case]:
    pen = Pen()
    summary = pen.write(SAID)

    def decide(life: Case) -> Event:
        if refuses:
            raise NotThisOne
        return life.discuss(
            summary=summary, conclusion=Conclusion.CONTINUE, by=COORDINATOR, at=TUESDAY
        )

    return Act(case, decide, pen.drafts)


def together(town: Town, *acts: Act[Case], command: Command = ONCE) -> list[Case]:
    return [seen.state for seen in town.engine.act_together(Case, acts, command=command)]


def test_one_discussion_is_an_event_of_each_case(town: Town) -> None:
    cases = [town.raised() for _ in range(3)]
    size = town.engine.ledger.size()
    states = together(town, *map(discusses, cases))
    assert [state.id for state in states] == cases
    assert states == [town.case(case) for case in cases]
    new = town.entries()[size:]
    assert [entry.id for entry in new] == [size + 1, size + 2, size + 3]
    assert [str(entry.originator_id) for entry in new] == cases
    assert [(e.data["meeting"], e.data["item"]) for e in new] == [("meeting:1", 3)] * 3
    assert len({entry.data["summary"]["id"] for entry in new}) == 3, "each has words of its own"
    ids = [entry.data["summary"]["id"] for entry in new]
    assert set(words_of(town.engine.database, ids).values()) == {SAID}
    rows = town.engine.database.rows(
        "SELECT stream_id, position FROM texts WHERE id = ANY(%(ids)s::uuid[]) ORDER BY 2", ids=ids
    )
    assert rows == [(case, size + n) for n, case in enumerate(cases, start=1)]
    assert wrong_leaves(town.ledger) == []


def test_where_one_is_refused_nothing_is_appended(town: Town) -> None:
    cases = [town.raised() for _ in range(3)]
    before = town.entries()
    with pytest.raises(NotThisOne):
        together(town, discusses(cases[0]), discusses(cases[1], refuses=True), discusses(cases[2]))
    with pytest.raises(StreamUnknown):
        together(town, discusses(cases[0]), discusses("no such case"))
    assert town.entries() == before
    assert town.engine.database.rows("SELECT count(*) FROM commands") == [(0,)]


def test_where_one_has_moved_on_all_are_decided_anew(town: Town) -> None:
    """By another process: what is remembered here is an older state of the second case."""
    first, second = town.raised(), town.raised()
    with another(town.ledger) as there:
        Town(there).does(second, "note")
        size = town.engine.ledger.size()
        states = together(town, discusses(first), discusses(second))
    assert [state.version for state in states] == [2, 3]
    assert town.engine.ledger.size() == size + 2
    assert wrong_leaves(town.ledger) == []


def test_a_repeat_gives_the_first_answer_for_each(town: Town) -> None:
    cases = [town.raised() for _ in range(2)]
    first = together(town, *map(discusses, cases))
    town.does(cases[0], "note")
    size = town.engine.ledger.size()
    assert together(town, *map(discusses, cases)) == first
    with another(town.ledger) as there:
        assert together(Town(there), *map(discusses, cases)) == first
    assert town.engine.ledger.size() == size
    with pytest.raises(KeyUsedForAnother):
        together(town, discusses(cases[0]), command=replace(ONCE, request_hash="another"))


def test_at_once_they_do_not_get_in_each_other_s_way(town: Town) -> None:
    """Overlapping sets of cases, in opposite orders, and single commands between them."""
    cases = [town.raised() for _ in range(4)]

    def sets(n: int) -> list[Act[Case]]:
        order = cases if n % 2 else cases[::-1]
        return [discusses(case) for case in order[: 2 + n % 3]]

    works = [lambda n=n: together(town, *sets(n), command=Command(COORDINATOR)) for n in range(8)]
    singles = [lambda case=case: town.does(case, "note") for case in cases]
    done = in_threads(*works, *singles)
    assert [one for one in done if isinstance(one, BaseException)] == []
    expected = sum(2 + n % 3 for n in range(8)) + len(singles)
    versions = [town.case(case).version for case in cases]
    assert sum(versions) == expected + len(cases)
    assert wrong_leaves(town.ledger) == []

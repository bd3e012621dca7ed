"""The list of cases: as it is and was, and by every filter."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from api.answers import due_days
from api.installation import OpenLedger
from domain.case import Case
from domain.policy import SHIPPED
from domain.rights import EVERYBODY
from domain.terms import Status
from projections import search
from projections.case_status import CaseFilter, listed, one
from tests.domain.topologies import BOARD, GROUP, OTHER_TEAM, OUTREACH, PROGRAMME, TEAM
from tests.lives import Town, settled
from tests.projections.busy import EARLY, as_loaded

TODAY = date(2026, 6, 1)


@pytest.fixture
def town(followed: Town) -> Town:
    return followed


def found(town: Town, narrow: CaseFilter, as_of: int | None = None, today: date = TODAY) -> list:
    rows = listed(town.ledger.database, narrow, today=today, as_of=as_of, limit=1000)
    return [row.case.id for row in rows]


def test_every_case_at_every_position_is_as_the_ledger_tells_it(town: Town) -> None:
    size = town.engine.ledger.size()
    for position in (*range(1, size + 1), None):
        rows = listed(town.ledger.database, CaseFilter(), today=TODAY, as_of=position)
        assert {row.case.id: row.case for row in rows} == as_loaded(town, position), position


def test_a_row_tells_at_what_position_and_when_it_became_so(town: Town) -> None:
    for case in town.cases():
        for position in (None, town.position(case, 1)):
            seen = town.engine.load(Case, case, position)
            row = one(town.ledger.database, case, as_of=position)
            assert row is not None
            assert seen is not None
            assert (row.position, row.recorded_at) == (seen.position, seen.recorded_at)
            assert row.raised_position == town.position(case, 1)


def test_a_case_is_found_by_id_and_by_number(town: Town) -> None:
    database = town.ledger.database
    for case, state in as_loaded(town).items():
        assert one(database, case) == one(database, state.number or "")
    case = town.cases()[0]
    raised = town.position(case, 1)
    assert one(database, case, as_of=raised - 1) is None
    assert one(database, "2016-9999") is None
    assert one(database, "0b0f5a3c-6c4e-4a52-9f6e-6f1f1c3a9d10") is None


def test_each_position_has_exactly_one_row_of_a_case(town: Town) -> None:
    """Its rows follow on each other without a gap, and the last is open-ended."""
    rows = town.ledger.database.rows(
        "SELECT case_id, from_position, to_position FROM case_status ORDER BY case_id, 2"
    )
    for case in town.cases():
        spans = [(begin, end) for found, begin, end in rows if found == case]
        assert spans[0][0] == town.position(case, 1)
        assert [begin for begin, _ in spans[1:]] == [end for _, end in spans[:-1]]
        assert spans[-1][1] is None
        assert all(end is None or begin < end for begin, end in spans)


def _overdue(case: Case) -> bool:
    return any(day < TODAY for day in due_days(case, SHIPPED.policy).values())


NOBODY = [
    CaseFilter(raised_by=GROUP),
    CaseFilter(theme="mobbing"),
    CaseFilter(focus_area="vold"),
    CaseFilter(service="s-3"),
    CaseFilter(holder=PROGRAMME),
    CaseFilter(owed_to=BOARD),
]
"""These fit no case here at any position; each of the others fits one at some."""
FILTERS: list[tuple[CaseFilter, Callable[[Case], bool]]] = [
    *[(CaseFilter(status=status), lambda c, s=status: c.status == s) for status in Status],
    *[
        (CaseFilter(level=level), lambda c, s=level: c.level == s)
        for level in ("executing", "coordinating", "steering")
    ],
    *[
        (CaseFilter(holder=organ), lambda c, o=organ: c.holder == o)
        for organ in (TEAM, OTHER_TEAM, GROUP, BOARD, PROGRAMME)
    ],
    *[
        (CaseFilter(raised_by=organ), lambda c, o=organ: c.raised_by == o)
        for organ in (TEAM, OTHER_TEAM, GROUP)
    ],
    *[
        (CaseFilter(theme=theme), lambda c, t=theme: t in c.themes)
        for theme in ("rus", "vold", "vinning", "mobbing")
    ],
    *[
        (CaseFilter(focus_area=area), lambda c, a=area: c.focus_area == a)
        for area in ("rus", "vold")
    ],
    *[
        (
            CaseFilter(service=service),
            lambda c, s=service: s == c.service or s in {a.service for a in c.assignments},
        )
        for service in (OUTREACH, PROGRAMME, "s-3")
    ],
    *[
        (CaseFilter(owed=owed), lambda c, o=owed: bool(c.owed) is o) for owed in (True, False)
    ],
    *[
        (CaseFilter(owed_to=organ), lambda c, o=organ: o in c.owed)
        for organ in (TEAM, OTHER_TEAM, GROUP, BOARD)
    ],
    *[
        (CaseFilter(overdue=overdue), lambda c, o=overdue: _overdue(c) is o)
        for overdue in (True, False)
    ],
    (
        CaseFilter(level="executing", owed=True, theme="rus"),
        lambda c: c.level == "executing" and bool(c.owed) and "rus" in c.themes,
    ),
]  # fmt: skip


def test_every_filter_gives_the_cases_that_it_says_at_every_position(town: Town) -> None:
    size, met = town.engine.ledger.size(), set()
    for position in (*range(1, size + 1, 3), None):
        cases = as_loaded(town, position)
        for narrow, holds in FILTERS:
            expected = [case_id for case_id, case in cases.items() if holds(case)]
            assert found(town, narrow, position) == expected, (narrow, position)
            met |= {str(narrow)} if expected else set()
    assert {str(narrow) for narrow, _ in FILTERS} - met == {str(narrow) for narrow in NOBODY}


def test_whether_something_is_overdue_is_judged_on_the_day_asked_about(ledger: OpenLedger) -> None:
    town = settled(ledger)
    case = town.raised()
    assigned = town.does(case, "assign", due_on=EARLY)
    paused = town.does(case, "pause")
    ledger.follower.catch_up()
    late, day = CaseFilter(overdue=True), timedelta(days=1)
    assert found(town, late, assigned.position, EARLY) == []
    assert found(town, late, assigned.position, EARLY + day) == [case]
    assert found(town, late, paused.position, EARLY + day) == []
    town.does(case, "resume")
    ledger.follower.catch_up()
    assert found(town, late, None, EARLY + day) == [case]
    town.does(case, "complete", 1)
    ledger.follower.catch_up()
    assert found(town, late, None, EARLY + day) == []


def test_words_are_searched_in_norwegian_in_all_that_was_said_by_then(town: Town) -> None:
    zero, first, merged, *others, fifth = town.cases()
    assert found(town, CaseFilter(q="jente")) == [first]
    assert found(town, CaseFilter(q="JENTER sigarett")) == [first]
    assert found(town, CaseFilter(q="snus")) == [merged]
    assert found(town, CaseFilter(q='"Choking game"')) == [zero, *others]
    assert found(town, CaseFilter(q="jente -sigarett")) == []
    assert found(town, CaseFilter(q="snus skole", theme="vinning")) == [merged]
    lifted = town.position(merged, 2)
    assert found(town, CaseFilter(q="Snus skole"), lifted) == [merged]
    assert found(town, CaseFilter(q="Snus skole"), lifted - 1) == []
    assert found(town, CaseFilter(q="russetid")) == []
    assert fifth in found(town, CaseFilter(q="hele kommunen"))


def test_a_list_is_read_page_by_page(town: Town) -> None:
    """In the order of raising, also of a past list."""
    database, cases = town.ledger.database, town.cases()
    for as_of in (None, town.engine.ledger.size()):
        pages, after = [], 0
        while rows := listed(
            database, CaseFilter(), today=TODAY, as_of=as_of, after=after, limit=2
        ):
            pages.append([row.case.id for row in rows])
            after = rows[-1].raised_position
        assert pages == [cases[0:2], cases[2:4], cases[4:6]]


def test_before_the_first_case_the_list_is_empty(town: Town) -> None:
    assert found(town, CaseFilter(), town.position(town.cases()[0], 1) - 1) == []


def test_a_row_bears_the_marks_of_all_that_it_is_for(town: Town) -> None:
    first = town.cases()[1]
    rows = town.ledger.database.rows(
        "SELECT marks FROM case_status WHERE case_id = %(case)s AND "
        "from_position = %(at)s", case=first, at=town.position(first, 5),
    )  # fmt: skip
    assert [set(marks) for (marks,) in rows] == [{TEAM, GROUP, OUTREACH, PROGRAMME, EVERYBODY}]


@pytest.mark.parametrize("few", [0, 1_000])
def test_a_word_finds_the_same_cases_be_it_rare_or_common(
    ledger: OpenLedger, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """A rare word leads to its cases; for a common one the cases are gone through."""
    monkeypatch.setattr(search, "FEW", few)
    town = settled(ledger)
    found = town.raised(title="Salg av snus")
    town.raised(title="Beefing")
    ledger.follower.catch_up()
    rows = listed(ledger.database, CaseFilter(q="snusen"), today=EARLY)
    assert [row.case.id for row in rows] == [found]
    assert listed(ledger.database, CaseFilter(q="finnes"), today=EARLY) == []

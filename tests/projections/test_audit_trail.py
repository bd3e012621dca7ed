"""The history of a case: every entry, what was corrected later, and what is new."""

import pytest

from projections.audit_trail import HistoryEntry, entry_of, erasures, history, news
from tests.lives import Town


@pytest.fixture
def town(followed: Town) -> Town:
    return followed


def told(town: Town, case: str, as_of: int | None = None, **page: int) -> list[HistoryEntry]:
    known = as_of if as_of is not None else town.engine.ledger.size()
    return history(town.ledger.database, case, as_of=known, **page)


def test_it_holds_every_entry_of_every_case_as_it_is_in_the_ledger(town: Town) -> None:
    for case in town.cases():
        assert [one.entry for one in told(town, case)] == list(town.entries(case))


def test_a_case_that_was_merged_into_it_keeps_its_own_history(town: Town) -> None:
    first, merged = town.cases()[1:3]
    assert [one.entry.topic for one in told(town, merged)][-1] == "CaseClosed"
    assert "CaseClosed" not in {one.entry.topic for one in told(town, first)}


def test_it_is_told_as_it_was_known_at_any_position(town: Town) -> None:
    case = town.cases()[-1]
    entries = town.entries(case)
    for position in range(entries[0].id - 1, town.engine.ledger.size() + 1):
        expected = [entry.id for entry in entries if entry.id <= position]
        assert [one.entry.id for one in told(town, case, position)] == expected


def test_a_correction_stands_beside_the_entry_from_when_it_was_made(town: Town) -> None:
    case = town.cases()[-1]
    lifted = town.position(case, 2)
    (correction,) = [entry.id for entry in town.entries(case) if entry.topic == "EntryCorrected"]
    corrections = {one.entry.id: one.corrections for one in told(town, case)}
    assert corrections[lifted] == [correction]
    assert all(its == [] for at, its in corrections.items() if at != lifted)
    before = {one.entry.id: one.corrections for one in told(town, case, correction - 1)}
    assert before[lifted] == []


def test_an_entry_may_be_corrected_more_than_once(town: Town) -> None:
    case = town.cases()[-1]
    seen = town.corrected(case, 2)
    town.ledger.follower.catch_up()
    corrections = {one.entry.id: one.corrections for one in told(town, case)}
    assert len(corrections[town.position(case, 2)]) == 2
    assert corrections[town.position(case, 2)][-1] == seen.position


def test_it_is_read_page_by_page(town: Town) -> None:
    case = town.cases()[-1]
    pages, after = [], 0
    while page := told(town, case, after=after, limit=5):
        pages += [one.entry.id for one in page]
        assert len(page) <= 5
        after = page[-1].entry.id
    assert pages == [entry.id for entry in town.entries(case)]


def test_what_is_new_is_told_in_order_and_is_about_cases_only(town: Town) -> None:
    every = news(town.ledger.database, after=0, limit=1000)
    ledger = [entry for entry in town.entries() if entry.stream_type == "case"]
    assert every == ledger
    middle = every[20].id
    assert news(town.ledger.database, after=middle, limit=3) == ledger[21:24]
    assert news(town.ledger.database, after=every[-1].id) == []


def test_what_is_new_is_told_once_the_views_have_it(town: Town) -> None:
    last = town.engine.ledger.size()
    seen = town.does(town.cases()[1], "note")
    assert news(town.ledger.database, after=last) == []
    town.ledger.follower.catch_up()
    assert [entry.id for entry in news(town.ledger.database, after=last)] == [seen.position]


def test_a_position_is_an_entry_of_its_own_case_alone(town: Town) -> None:
    first, second = town.cases()[:2]
    assert entry_of(town.ledger.database, first, town.position(first, 4)) == 4
    assert entry_of(town.ledger.database, second, town.position(first, 4)) is None
    assert entry_of(town.ledger.database, first, 10_000) is None


def test_it_tells_where_a_text_was_erased(town: Town) -> None:
    case = town.cases()[-1]
    (erasure,) = [entry.id for entry in town.entries(case) if entry.topic == "TextErased"]
    state = town.case(case)
    assert state.erased == (state.title.id,)
    found = erasures(town.ledger.database, [state.title.id, "another"])
    assert found == {state.title.id: erasure}

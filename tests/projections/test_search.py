"""Words are found in Norwegian, for as long as they stand."""

from datetime import date

from api.installation import OpenLedger
from projections.case_status import CaseFilter, listed
from projections.search import Search, among
from tests.lives import Town, as_owner, settled

TODAY = date(2026, 6, 1)


def found(town: Town, words: str, as_of: int | None = None) -> list[str]:
    rows = listed(town.ledger.database, CaseFilter(q=words), today=TODAY, as_of=as_of)
    return [row.case.id for row in rows]


def test_words_are_found_inflected_and_in_capitals(ledger: OpenLedger) -> None:
    town = settled(ledger)
    case = town.raised(title="Jentene selger e-sigaretter")
    ledger.follower.catch_up()
    assert found(town, "jente") == found(town, "JENTER sigarett") == [case]
    assert found(town, "klubb") == []


def test_words_are_found_from_the_position_on_that_they_came_at(ledger: OpenLedger) -> None:
    town = settled(ledger)
    case = town.raised(title="Jentene selger e-sigaretter")
    before = town.position(case, 1)
    town.does(case, "note")
    ledger.follower.catch_up()
    said = ledger.database.rows("SELECT words FROM texts WHERE position > %(at)s", at=before)
    assert found(town, said[0][0]) == [case]
    assert found(town, said[0][0], as_of=before) == []


def test_of_some_cases_those_with_the_words_are_found(ledger: OpenLedger) -> None:
    town = settled(ledger)
    first, second, third = (town.raised(title=title) for title in ("Snus", "Hasj", "Hasjen"))
    ledger.follower.catch_up()
    assert among(ledger.database, "hasj", [first, second]) == [second]
    assert among(ledger.database, "hasj", [first]) == []
    assert set(among(ledger.database, "hasj", [first, second, third])) == {second, third}


def test_deleted_words_are_found_no_more_before_the_views_know(ledger: OpenLedger) -> None:
    town = settled(ledger)
    case = town.raised(title="Jentene selger e-sigaretter")
    ledger.follower.catch_up()
    with as_owner(ledger) as connection:
        connection.execute("DELETE FROM texts WHERE stream_id = %s", (case,))
    assert found(town, "jente") == []


def test_the_view_forgets_words_that_were_erased(ledger: OpenLedger) -> None:
    town = settled(ledger)
    case = town.raised(title="Jentene selger e-sigaretter")
    ledger.follower.catch_up()
    title = town.case(case).title
    town.does(case, "erase", text_id=title.id)
    ledger.follower.catch_up()
    kept = ledger.database.rows("SELECT text_id::text FROM search WHERE case_id = %(c)s", c=case)
    assert title.id not in {text_id for (text_id,) in kept}


def test_the_planner_keeps_no_sample_of_the_words(ledger: OpenLedger) -> None:
    town = settled(ledger)
    for n in range(20):
        town.raised(title=f"Jentene selger e-sigaretter {n % 3}")
    ledger.follower.catch_up()
    with as_owner(ledger) as connection:
        connection.execute("ANALYZE texts")
        connection.execute(f"ANALYZE {Search.name}")
        sampled = connection.execute(
            "SELECT tablename || '.' || attname FROM pg_stats WHERE schemaname = current_schema() "
            "AND tablename IN ('texts', 'search')"
        ).fetchall()
    assert {"texts.id", "search.case_id"} <= {name for (name,) in sampled}
    assert {"texts.words", "texts.salt", "search.lexemes"} & {n for (n,) in sampled} == set()

"""Case numbers: YYYY-NNNN by year of recording in Oslo, without gaps."""

from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from api.installation import OpenLedger
from domain.errors import OrganUnknown
from tests.lives import Town, another, as_owner, in_threads, settled


@pytest.fixture
def town(ledger: OpenLedger) -> Town:
    return settled(ledger)


def set_head(town: Town, **columns: object) -> None:
    with as_owner(town.ledger) as connection:
        for column, value in columns.items():
            connection.execute(f"UPDATE head SET {column} = %s", (value,))


def this_year(town: Town) -> int:
    return town.engine.ledger.moment(1).astimezone(ZoneInfo("Europe/Oslo")).year


def raised_in(town: Town, *moment: int) -> str | None:
    """The number of a case that is recorded at this moment in UTC."""
    set_head(town, recorded_at=datetime(*moment, tzinfo=UTC))
    return town.raises().state.number


def test_cases_are_numbered_in_the_order_of_recording(town: Town) -> None:
    year = this_year(town)
    assert [town.raises().state.number for _ in range(3)] == [
        f"{year}-0001", f"{year}-0002", f"{year}-0003",
    ]  # fmt: skip


def test_the_number_stands_in_the_event_itself(town: Town) -> None:
    seen = town.raises()
    (entry,) = town.entries(seen.state.id)
    assert entry.data["number"] == seen.state.number == town.case(seen.state.id).number


def test_a_case_that_is_refused_takes_no_number(town: Town) -> None:
    town.raised()
    with pytest.raises(OrganUnknown):
        town.raised(raised_by="nobody")
    assert town.raises().state.number == f"{this_year(town)}-0002"


def test_numbers_have_no_gap_though_many_raise_at_once(town: Town) -> None:
    with another(town.ledger) as there:
        works = [partial(Town(one).raises) for one in (town.ledger, there) for _ in range(12)]
        seen = in_threads(*works)
    numbers = [one.state.number for one in sorted(seen, key=lambda one: one.position)]
    assert numbers == [f"{this_year(town)}-{n:04}" for n in range(1, 25)]


def test_a_new_year_begins_at_one_again(town: Town) -> None:
    set_head(town, numbered_year=this_year(town) - 1, last_number=57)
    year = this_year(town)
    assert [town.raises().state.number for _ in range(2)] == [f"{year}-0001", f"{year}-0002"]


def test_the_year_is_the_one_in_oslo(town: Town) -> None:
    """An hour before the year of UTC ends, it has begun in Oslo."""
    assert raised_in(town, 2125, 12, 31, 22, 59, 59) == "2125-0001"
    assert raised_in(town, 2125, 12, 31, 23, 0, 0) == "2126-0001"
    assert raised_in(town, 2126, 1, 1, 0, 30) == "2126-0002"


def test_the_ten_thousandth_case_of_a_year_gets_five_digits(town: Town) -> None:
    year = this_year(town)
    set_head(town, numbered_year=year, last_number=9_998)
    assert [town.raises().state.number for _ in range(2)] == [f"{year}-9999", f"{year}-10000"]

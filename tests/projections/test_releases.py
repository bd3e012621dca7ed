"""What is released at the end of real months, of a ledger that was written over a year."""

from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from api.installation import OpenLedger
from projections import overview, releases
from projections.asked import Asked
from projections.build import Builder
from projections.flow import Flow
from projections.releases import Release
from tests.domain.topologies import OTHER_TEAM, TEAM
from tests.lives import Town, as_owner, settled

OSLO = ZoneInfo("Europe/Oslo")
THRESHOLD = 5
MONTHS = {
    (2025, 1): 6, (2025, 2): 2, (2025, 3): 3, (2025, 4): 0, (2025, 5): 9, (2025, 10): 1,
    (2025, 11): 3, (2025, 12): 4,
}  # fmt: skip
"""How many matters were entered in which month; summer time begins and ends in between."""


def last_moment(year: int, month: int) -> datetime:
    after = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=OSLO)
    return (after.astimezone(ZoneInfo("UTC")) - timedelta(microseconds=1)).astimezone(OSLO)


@pytest.fixture
def town(ledger: OpenLedger) -> Town:
    """The last matter of each month in its last moment, the first of the next one in its first
    hour."""
    town, dice = settled(ledger), Random(25)  # noqa: S311 - a repeatable die
    began = ledger.engine.ledger.size()
    for _ in range(sum(MONTHS.values())):
        town.raised(raised_by=dice.choice([TEAM, OTHER_TEAM]), themes=("rus",))
    moments = [datetime(2025, 1, 1, tzinfo=OSLO)] * began
    for (year, month), many in MONTHS.items():
        first = datetime(year, month, 1, 0, 30, tzinfo=OSLO)
        moments += [first + timedelta(minutes=n) for n in range(many - 1)]
        moments += [last_moment(year, month)] * (many > 0)
    with as_owner(ledger) as owner:
        owner.execute("ALTER TABLE events DISABLE TRIGGER ALL")
        for position, moment in enumerate(moments, 1):
            owner.execute(
                "UPDATE events SET recorded_at = %s WHERE position = %s", (moment, position)
            )
        owner.execute("ALTER TABLE events ENABLE TRIGGER ALL")
    ledger.follower.catch_up()
    assert Builder(ledger.engine.ledger, Flow()).build() == 0
    return town


def made(town: Town) -> list[Release]:
    town.engine.structure.refresh()
    return releases.every(town.ledger.database, town.engine.ledger, town.engine.structure.policies)


def test_a_release_is_made_at_the_end_of_a_month_in_oslo_once_enough_were_raised(
    town: Town,
) -> None:
    first, *later = made(town)
    assert (first.position, first.since) == (7, 0), "what was there before anything was entered"
    assert [(one.day, one.position - one.since) for one in later] == [
        (date(2025, 2, 1), 6), (date(2025, 4, 1), 5), (date(2025, 6, 1), 9), (date(2026, 1, 1), 8),
    ]  # fmt: skip
    assert [one.since for one in later] == [first.position, *(one.position for one in later[:-1])]


def test_between_two_releases_no_number_singles_out_a_matter(town: Town) -> None:
    """Of everything that was raised, whatever two dates are taken from each other."""
    database, every = town.ledger.database, made(town)
    totals = [
        overview.report(database, Asked(today=one.day, as_of=one.position)).total for one in every
    ]
    for n, later in enumerate(totals):
        for earlier in totals[:n]:
            assert later - earlier >= THRESHOLD


def test_nothing_is_released_before_the_views_hold_all_of_it(town: Town) -> None:
    """What is released at the end of a month never changes, however late the views are."""
    every = made(town)
    with as_owner(town.ledger) as owner:
        for reached in range(every[2].since, every[2].position):
            owner.execute("UPDATE follower SET position = %s", (reached,))
            assert made(town) == every[:2], reached
        owner.execute("UPDATE follower SET position = %s", (every[2].position,))
        assert made(town) == every[:3]

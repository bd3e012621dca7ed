"""The counts of the overview, held against a recount from the ledger."""

from collections import Counter
from datetime import date
from random import Random

import pytest

from api.installation import OpenLedger
from domain.case import Case
from domain.event import OSLO, Precision
from domain.terms import Status
from ledger.database import Database
from projections import case_status, overview
from projections.asked import Asked
from projections.case_status import CaseFilter
from tests.domain.scenario import REPORTED, oslo
from tests.domain.topologies import OTHER_TEAM
from tests.lives import Town, settled
from tests.projections.busy import as_loaded

TODAY = date(2026, 1, 1)


def recounted(cases: list[Case]) -> dict[str, dict[str, int]]:
    """Every number that the overview gives, counted case by case."""
    months = ["%Y" if c.raised_precision is Precision.YEAR else "%Y-%m" for c in cases]
    return {
        "total": {"cases": len(cases)} if cases else {},
        "status": dict(Counter(c.status.value for c in cases)),
        "level": dict(Counter(c.level.value for c in cases)),
        "organ": dict(Counter(c.holder for c in cases)),
        "theme": dict(Counter(theme for c in cases for theme in c.themes)),
        "focus_area": dict(Counter(c.focus_area for c in cases if c.focus_area)),
        "month": dict(
            Counter(
                c.raised_at.astimezone(OSLO).strftime(form)
                for c, form in zip(cases, months, strict=True)
            )
        ),
    }


def counts(database: Database, *, as_of: int | None = None) -> dict[str, dict[str, int]]:
    """The report, as far as `recounted` goes."""
    told = overview.report(database, Asked(today=TODAY, as_of=as_of))
    total = {"cases": told.total} if told.total else {}
    return {
        "total": total,
        **{name: told.counts[name] for name in recounted([]) if name != "total"},
    }


@pytest.fixture
def town(followed: Town) -> Town:
    return followed


def test_the_counts_at_every_position_are_those_of_a_recount(town: Town) -> None:
    for position in (*range(town.engine.ledger.size() + 1), None):
        cases = list(as_loaded(town, position).values())
        assert counts(town.ledger.database, as_of=position) == recounted(cases), position


def test_followed_batch_by_batch_the_counts_are_the_same(ledger: OpenLedger) -> None:
    """Whatever a batch begins or ends with."""
    town = settled(ledger)
    dice = Random(7)  # noqa: S311 - a repeatable die
    cases = [town.raised(themes=("rus",)) for _ in range(3)]
    for n in range(40):
        case = dice.choice(cases)
        open_ones = [c for c in cases if town.case(c).status is not Status.CLOSED]
        what = dice.choice(["discuss", "escalate", "close", "reopen", "reclassify", "raise"])
        if what == "raise":
            cases.append(town.raised(raised_by=OTHER_TEAM, themes=("rus", "vold")))
        elif what == "reopen" and case not in open_ones:
            town.does(case, "reopen")
        elif what == "escalate" and case in open_ones and town.case(case).level == "executing":
            town.does(case, "escalate", urgent=True)
        elif what in {"discuss", "close"} and case in open_ones:
            town.does(case, what)
        elif what == "reclassify" and case in open_ones:
            town.does(
                case, "reclassify", themes=(f"{dice.choice(['vold', 'fritid'])}",), **_else(n)
            )
        if dice.random() < 0.3:
            ledger.follower.catch_up()
    ledger.follower.catch_up()
    for position in dice.sample(range(ledger.engine.ledger.size() + 1), 25):
        expected = recounted(list(as_loaded(town, position).values()))
        assert counts(ledger.database, as_of=position) == expected, position


def _else(n: int) -> dict[str, str | None]:
    return {"focus_area": "rus" if n % 2 else None}


def test_the_counts_of_baerum_are_those_of_its_list(baerum: OpenLedger) -> None:
    """Thirty-eight cases, of which the month is not known."""
    town = Town(baerum)
    now = counts(baerum.database)
    assert now == recounted(list(as_loaded(town).values()))
    assert now["total"] == {"cases": 38}
    assert now["month"] == {"2016": 38}
    dice = Random(2016)  # noqa: S311 - a repeatable die
    for position in dice.sample(range(1, baerum.engine.ledger.size() + 1), 5):
        rows = case_status.listed(baerum.database, CaseFilter(), today=TODAY, as_of=position)
        counted = counts(baerum.database, as_of=position)
        assert counted["total"].get("cases", 0) == len(rows)


def test_a_case_counts_in_the_month_in_which_it_began_in_oslo(ledger: OpenLedger) -> None:
    town = settled(ledger)
    town.raised(at=oslo(2016, 1, 1, 0, 30))
    town.raised(at=oslo(2016, 1, 31, 23, 59))
    town.raised(at=REPORTED)
    ledger.follower.catch_up()
    assert counts(ledger.database)["month"] == {"2016-01": 2, "2016": 1}


def test_an_empty_ledger_counts_nothing(ledger: OpenLedger) -> None:
    ledger.follower.catch_up()
    assert counts(ledger.database) == recounted([])


def test_what_counts_nothing_any_more_is_not_shown(ledger: OpenLedger) -> None:
    town = settled(ledger)
    case = town.raised()
    town.does(case, "close")
    ledger.follower.catch_up()
    assert counts(ledger.database)["status"] == {"closed": 1}
    at = town.position(case, 1)
    assert counts(ledger.database, as_of=at)["status"] == {"raised": 1}


def test_what_is_old_leads_back_to_where_it_was_raised(ledger: OpenLedger) -> None:
    town = settled(ledger)
    days = {"0-30": oslo(2025, 12, 20), "31-90": oslo(2025, 11, 15), "older": oslo(2016, 1, 1)}
    cases = {name: town.raised(at=day) for name, day in days.items()}
    town.does(town.raised(at=days["older"]), "close")
    ledger.follower.catch_up()
    database, asked = ledger.database, Asked(today=TODAY)
    assert overview.report(database, asked).counts["ageing"] == dict.fromkeys(days, 1)
    for name, case in cases.items():
        found = overview.places(database, database, asked, f"ageing:{name}", areas={})
        assert found is not None
        assert found.positions == (town.position(case, 1),)
    assert overview.places(database, database, asked, "ageing:ancient", areas={}) is None

"""What is kept at hand of the reports is what is counted anew."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from itertools import product
from random import Random
from typing import Any

import pytest
from pydantic import BaseModel

from api.installation import OpenLedger
from domain.errors import Refusal
from domain.terms import Effect
from ledger.database import Database
from projections import channels, measures, overview, roads
from projections.asked import Asked
from projections.build import Builder
from projections.flow import Flow
from tests.domain.policies import AT_WORK, EVERY_DAY
from tests.domain.scenario import oslo
from tests.domain.topologies import GROUP, TEAM
from tests.lives import Town, another, as_owner, settled
from tests.policies import registers, sets

TODAY = date(2026, 11, 30)
Report = Callable[[Database, Asked], BaseModel]
REPORTS: dict[str, Report] = {
    "overview": overview.report,
    "flow": roads.report,
    "channels": channels.report,
    "measures": measures.report,
}
NUMBERS = {"accept": (1,), "evaluate_measure": (1,)}
FACTS: dict[str, dict[str, Any]] = {
    "escalate": {"to": GROUP, "urgent": True},
    "evaluate_measure": {"effect": Effect.NONE},
}
STEPS = (
    "discuss", "assign", "answer", "close", "reopen", "start_measure", "reclassify", "escalate",
    "evaluate_measure", "accept", "merge", "note", "raise_",
)  # fmt: skip


def lives_on(town: Town, cases: list[str], dice: Random) -> None:
    """One more thing happens to one of the *cases*, if it can."""
    case, what = dice.choice(cases), dice.choice(STEPS)
    others = [one for one in cases if one != case and town.case(one).status != "closed"]
    if what == "raise_":
        cases.append(town.raised(themes=("rus", "vold")))
    elif what == "merge":
        if others and town.case(case).status != "closed":
            town.merged(case, dice.choice(others))
    else:
        with suppress(Refusal):  # most steps are not there for each case
            town.does(case, what, *NUMBERS.get(what, ()), **FACTS.get(what, {}))


@pytest.fixture
def town(ledger: OpenLedger) -> Town:
    return settled(ledger)


def test_what_is_kept_at_hand_is_what_is_counted_anew(town: Town) -> None:
    dice = Random(11)  # noqa: S311 - a repeatable die
    cases = [town.raised(themes=("rus", "vold")) for _ in range(3)]
    database, follower = town.ledger.database, town.ledger.follower
    narrow = ({}, {"organ": TEAM}, {"focus_area": "rus"}, {"since": date(2016, 1, 1)})
    for _ in range(60):
        lives_on(town, cases, dice)
        if dice.random() < 0.5:
            continue
        position = follower.catch_up()
        with another(town.ledger) as fresh:
            for (name, report), one in product(REPORTS.items(), narrow):
                asked = Asked.model_validate({"today": TODAY, **one})
                at_hand = report(database, asked)
                for as_of in (position, position - dice.randint(0, 5)):
                    then = asked.model_copy(update={"as_of": as_of})
                    anew = report(fresh.database, then)
                    assert report(database, then) == anew, (name, one, as_of)
                    assert as_of != position or _told(at_hand) == _told(anew), (name, one)
    assert all(dict(_told(report(database, Asked(today=TODAY)))) for report in REPORTS.values())


def test_another_policy_makes_other_clocks_late(town: Town) -> None:
    registers(town)
    town.raised(at=oslo(2026, 11, 2))
    database, follower = town.ledger.database, town.ledger.follower
    late = []
    for policy in (AT_WORK, EVERY_DAY):
        sets(town, policy)
        follower.catch_up()
        late.append(channels.report(database, Asked(today=TODAY)).held[0].still)
    assert late[0] != late[1]


def test_of_a_view_that_was_built_anew_nothing_old_is_told(town: Town) -> None:
    town.raised(themes=("rus",))
    database = town.ledger.database
    town.ledger.follower.catch_up()
    with as_owner(town.ledger) as owner:
        owner.execute("UPDATE flow SET themes = '{vold}'")
    assert overview.report(database, Asked(today=TODAY)).counts["theme"] == {"vold": 1}
    assert Builder(town.engine.ledger, Flow()).build() == 2, "the row as it was, and as it is"
    assert overview.report(database, Asked(today=TODAY)).counts["theme"] == {"rus": 1}


def _told(report: BaseModel) -> dict[str, object]:
    """Without the position, which is not told of now by each."""
    return report.model_dump(exclude={"position"})

"""An attack on small numbers: all that somebody who is shown numbers alone can ask for, solved.

Whoever attacks knows the sums by row and by column, since the plain totals are public, also of each
release, as the difference of two. A cell is recovered if every table that has these sums and the
cells that are shown has the same number there. That is decided exactly: another table exists if and
only if one can be added and taken off in turn along a closed way of hidden cells.
"""

from itertools import product
from random import Random

import pytest

from api.installation import OpenLedger
from api.report_flow import _OF_A_STEP, RoadsAnswer, StepAnswer, _leave_out
from api.report_measures import DoneAnswer, _without_small
from domain.actor import Role
from projections import crosses
from projections.crosses import Cross, shown
from projections.releases import Release
from projections.road import Step
from projections.shield import Cell, of_a_sum, way_round
from tests.api.story import GROUP, TEAM, Story, read
from tests.conftest import Client
from tests.domain.topologies import OTHER_TEAM
from tests.domain.topologies import TEAM as A_TEAM
from tests.lives import Town, settled

PATH = "/api/reports/overview"
THRESHOLD = 5
ROWS, COLUMNS = ("north", "south", "east", "west"), ("a", "b", "c", "d", "e")


def drawn(dice: Random) -> dict[Cell, int]:
    """A table as they are: mostly small, some cells empty, some large."""
    rows, columns = ROWS[: dice.randint(2, 4)], COLUMNS[: dice.randint(2, 5)]
    numbers = (0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 9, 30)
    table = {cell: dice.choice(numbers) for cell in product(rows, columns)}
    return {cell: count for cell, count in table.items() if count}


def recovered(table: dict[Cell, int], told: Cross) -> set[Cell]:
    """The hidden cells of which only one number is possible."""
    hidden = {cell for cell, count in told.items() if count is None}
    return {cell for cell in hidden if not way_round(table, cell, hidden)}


def given_away(table: dict[Cell, int]) -> set[Cell]:
    """The cells that the plain totals alone determine, though no cell were shown."""
    rows, columns = {row for row, _ in table}, {column for _, column in table}
    return {cell for cell in table if not way_round(table, cell, product(rows, columns))}


def test_no_small_number_is_recovered_that_the_totals_do_not_give_away() -> None:
    dice = Random(2016)  # noqa: S311 - a repeatable die
    attacked = 0
    for _ in range(2_000):
        table = drawn(dice)
        told = shown(table, THRESHOLD)
        assert all(told[cell] is None for cell, count in table.items() if count < THRESHOLD)
        assert all(count in {None, table.get(cell, 0)} for cell, count in told.items())
        assert recovered(table, told) <= given_away(table), table
        attacked += sum(count is None for count in told.values())
    assert attacked > 10_000


def test_without_complementary_suppression_they_are_recovered() -> None:
    """So the attack can succeed."""
    dice = Random(2016)  # noqa: S311 - a repeatable die
    won = 0
    for _ in range(200):
        table = drawn(dice)
        told = shown(table, THRESHOLD, complementary=False)
        won += len(recovered(table, told) - given_away(table))
    assert won > 50


def test_the_attack_finds_what_is_known_by_subtraction() -> None:
    table = {("north", "a"): 2, ("north", "b"): 9, ("south", "a"): 9, ("south", "b"): 9}
    alone: Cross = {**table, ("north", "a"): None}
    assert recovered(table, alone) == {("north", "a")}
    assert recovered(table, shown(table, THRESHOLD)) == set()
    assert set(shown(table, THRESHOLD).values()) == {None}, "all four corners"


def test_parts_of_a_known_sum_are_not_given_away_by_the_others() -> None:
    """Each part that is named is known not to be zero."""
    dice = Random(5)  # noqa: S311 - a repeatable die
    for _ in range(2_000):
        counts = {name: dice.choice((1, 2, 4, 5, 8, 20)) for name in COLUMNS[: dice.randint(1, 5)]}
        hidden = of_a_sum(counts, THRESHOLD)
        assert all(count >= THRESHOLD or key in hidden for key, count in counts.items())
        left = sum(counts[key] for key in hidden)
        if hidden and len(hidden) < len(counts):
            assert left > len(hidden) > 1, counts


def populated(ledger: OpenLedger, dice: Random, cases: int) -> list[Release]:
    """A ledger with that many cases, and two releases of it."""
    town = settled(ledger)
    themes = ("rus", "vold", "fritid")
    positions = [
        town.raises(
            raised_by=dice.choice((A_TEAM, A_TEAM, OTHER_TEAM)),
            themes=tuple(dice.sample(themes, dice.randint(1, 2))),
        ).position
        for _ in range(cases)
    ]
    middle, end = positions[cases // 2], positions[-1]
    town.does(town.cases()[0], "close")
    ledger.follower.catch_up()
    day = town.case(town.cases()[0]).active_on
    return [Release(middle, 0, day), Release(end, middle, day)]


def truth(town: Town, release: Release) -> dict[Cell, int]:
    """What the release holds, counted case by case."""
    table: dict[Cell, int] = {}
    for case in town.cases():
        if release.since < town.position(case, 1) <= release.position:
            life = town.case(case, town.position(case, 1))
            for theme in life.themes:
                cell = (life.raised_by, theme)
                table[cell] = table.get(cell, 0) + 1
    return table


def test_two_dates_tell_no_more_than_each_release_by_itself(ledger: OpenLedger) -> None:
    first, second = populated(ledger, Random(8), 30)  # noqa: S311 - a repeatable die
    town, database = Town(ledger), ledger.database
    earlier = crosses.cross(database, [(first, THRESHOLD)], "theme")
    both = crosses.cross(database, [(first, THRESHOLD), (second, THRESHOLD)], "theme")
    for release, told in ((first, earlier), (second, _difference(both, earlier))):
        table = truth(town, release)
        assert all(count in {None, table.get(cell, 0)} for cell, count in told.items())
        assert all(told[cell] is None for cell, count in table.items() if count < THRESHOLD)
        assert recovered(table, told) <= given_away(table)


def _difference(both: Cross, earlier: Cross) -> Cross:
    """What came since, as far as it can be told."""
    every = {}
    for cell in {*both, *earlier}:
        now, then = both.get(cell, 0), earlier.get(cell, 0)
        every[cell] = None if now is None or then is None else now - then
    return every


def test_what_is_entered_shows_in_no_number_before_it_is_released(shared: Client) -> None:
    """Two dates with one matter between them are one and the same report."""
    reporter, coordinator = shared.as_(Role.REPORTER), shared.as_(Role.COORDINATOR)
    before = read(reporter, PATH)
    story = Story(coordinator, themes=["vold"], focus_area="rus", ages=[13, 14])
    story.now()
    assert read(coordinator, PATH, story.last)["total"] == before["total"] + 1
    position = story.case["position"]
    for query in ({}, {"as_of": position}, {"as_of": position - 1}):
        assert read(reporter, PATH, story.last, **query) == before, query
    assert before["true_numbers"] is False
    assert before["total"] == 38, "what the import told: Bærum's tables do not go blank"


@pytest.mark.parametrize(
    "query",
    [{"organ": TEAM}, {"organ": GROUP}, {"focus_area": "rus"}, {"organ": TEAM, "focus_area": "rus"},
     {"from": "2016-01-01"}, {"from": "2016-01-01", "organ": TEAM}],
)  # fmt: skip
def test_every_filter_makes_a_cross_that_is_protected(
    shared: Client, query: dict[str, str]
) -> None:
    reporter = shared.as_(Role.REPORTER)
    found = read(reporter, PATH, **query)
    numbers = [n for name in found["left_out"] for n in found[name].values()]
    assert numbers == []
    assert {"status", "month", "closed_month", "service", "ageing"} <= set(found["left_out"])
    small = [
        n for value in found.values() if isinstance(value, dict) for n in value.values()
        if n is not None and 0 < n < found["threshold"]
    ]  # fmt: skip
    assert small == []
    for way in ("csv", "xlsx"):
        answer = reporter.get(PATH, params={**query, "format": way})
        assert answer.status_code == 200


def test_members_are_shown_numbers_alone_and_the_board_true_ones(shared: Client) -> None:
    assert read(shared.as_(Role.MEMBER, TEAM), PATH)["true_numbers"] is False
    assert read(shared.as_(Role.BOARD), PATH)["true_numbers"] is True


PARTS = ("wanted", "partly", "none", "unknown", "running")


def test_what_came_of_measures_is_no_sum_minus_its_parts() -> None:
    """A part that is hidden is no difference of how many were started and the parts shown, nor of
    the sums by area and by level and the rows shown."""
    dice = Random(2017)  # noqa: S311 - a repeatable die
    hidden = 0
    for _ in range(500):
        done = [_measured(dice, area, level) for area in "abc" for level in "xy"]
        true = {(one.focus_area, one.prevention_level): one.model_copy() for one in done}
        told = _without_small([one for one in done if one.started], THRESHOLD)
        for one in told:
            real = true[one.focus_area, one.prevention_level]
            parts = {part: getattr(one, part) for part in PARTS}
            assert all(many is None or not 0 < many < THRESHOLD for many in parts.values())
            assert all(many in {None, getattr(real, part)} for part, many in parts.items())
            if one.started is not None:
                assert one.started >= THRESHOLD
                assert list(parts.values()).count(None) != 1, "it would be what is left"
            else:
                assert set(parts.values()) == {None}
            assert one.late is None or one.running is not None
            hidden += list(parts.values()).count(None)
    assert hidden > 500


def _measured(dice: Random, area: str, level: str) -> DoneAnswer:
    parts = {part: dice.choice((0, 0, 1, 3, 5, 9)) for part in PARTS}
    late = dice.randint(0, parts["running"])
    return DoneAnswer(
        focus_area=area, prevention_level=level, started=sum(parts.values()), late=late, **parts
    )


def test_how_many_took_a_step_is_not_the_cases_without_the_others() -> None:
    """The size of each group is known, and so are the sums of all groups."""
    dice = Random(2018)  # noqa: S311 - a repeatable die
    hidden = 0
    for _ in range(300):
        roads = [_road(dice, organ) for organ in ("a", "b", "c")[: dice.randint(2, 3)]]
        true = [(one.cases or 0, one.steps[0].model_copy()) for one in roads]
        _leave_out(roads, THRESHOLD)
        table, told = dict[Cell, int](), dict[Cell, int | None]()
        for road, (cases, real) in zip(roads, true, strict=True):
            counts = {part: getattr(real, part) for part in _OF_A_STEP}
            counts["rest"] = cases - sum(counts.values())
            shown_ = {part: getattr(road.steps[0], part) for part in _OF_A_STEP} | {"rest": None}
            table |= {(road.key, part): many for part, many in counts.items() if many}
            told |= {(road.key, part): many for part, many in shown_.items()}
        small = {cell for cell, many in table.items() if many < THRESHOLD and cell[1] != "rest"}
        assert all(told[cell] is None for cell in small)
        assert recovered(table, told) & small <= given_away(table), table
        hidden += len(small)
    assert hidden > 300


def _road(dice: Random, organ: str) -> RoadsAnswer:
    numbers = {part: dice.choice((0, 0, 1, 2, 6, 12)) for part in _OF_A_STEP}
    took = {"median": 1.0, "p90": 2.0, "bins": []}
    steps = [StepAnswer.model_validate({"step": step, **numbers, **took}) for step in Step]
    cases = sum(numbers.values()) + dice.choice((0, 0, 2, 8))
    return RoadsAnswer(
        by="organ", key=organ, cases=cases, steps=steps, levels=[], returned=0, declined=0,
        reopened=0,
    )  # fmt: skip

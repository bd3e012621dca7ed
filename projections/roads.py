"""The report on flow: how long each step of the road takes, and how much goes back and forth."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import LiteralString

from pydantic import BaseModel, ConfigDict

from ledger.sight import Reads
from projections.asked import Asked, Places, placed
from projections.road import LEVELS, Step
from projections.tally import Cell, Counts, Tally

BINS = (0, 7, 14, 30, 60, 90, 180, 365)
"""The last day of each column of a distribution; a last one holds what took longer."""
EVERY = ("all", "")
REWORK = ("returned", "declined", "reopened")
_MEASURES: dict[str, LiteralString] = {
    "raised_to_discussed": "raised_to_discussed",
    "discussed_to_lifted": "discussed_to_lifted",
    "lifted_to_assigned": "lifted_to_assigned",
    "assigned_to_measure": "assigned_to_measure",
    "measure_to_answered": "measure_to_answered",
    "answered_to_closed": "answered_to_closed",
    "raised_to_measure": "raised_to_measure",
    "raised_to_answered": "raised_to_answered",
    "raised_to_closed": "raised_to_closed",
    "executing": "stays[1]",
    "coordinating": "stays[2]",
    "steering": "stays[3]",
}
"""What is measured in days, and where that stands in a row: steps, and stays at each level."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Spread(_Frozen):
    """How long something took, in days. `median` and `p90` are None where nothing is known of.
    `bins`: how many took up to 0, 7, 14, 30, 60, 90, 180 and 365 days, and longer."""

    count: int
    median: float | None
    p90: float | None
    bins: tuple[int, ...]


class StepTook(_Frozen):
    """`vague`: how many more took it, on days of which only the month or year is known; `astray`:
    the other way round. `waiting`: open cases that have come to its beginning and not to its
    end."""

    step: str
    took: Spread
    vague: int
    astray: int
    waiting: int


class Stay(_Frozen):
    """Days that cases spent at a level, in stays that are over."""

    level: str
    took: Spread
    vague: int


class Roads(_Frozen):
    """The roads of the cases that are counted together: all, or those of one organ or theme."""

    by: str
    key: str
    cases: int
    steps: tuple[StepTook, ...]
    levels: tuple[Stay, ...]
    returned: int
    declined: int
    reopened: int


class FlowReport(_Frozen):
    position: int
    roads: tuple[Roads, ...]
    """All together first, then by the organ that raised them, then by theme."""


def _sql(by: LiteralString, source: LiteralString, where: LiteralString) -> LiteralString:
    """How many rows have so many days, for each measure by one thing; and sums."""
    columns: LiteralString = ", ".join([f"{at} AS {name}" for name, at in _MEASURES.items()])
    names: LiteralString = ", ".join(list(_MEASURES))
    sets: LiteralString = ", ".join([f"(by_key, {name})" for name in _MEASURES])
    return (
        "SELECT by_key, GROUPING(" + names + "), " + names + ", count(*) FROM (SELECT " + by
        + " AS by_key, " + columns + " FROM " + source + " WHERE " + where + ") AS rows "
        "GROUP BY GROUPING SETS (" + sets + ")"
    )  # fmt: skip


def _sums(by: LiteralString, source: LiteralString, where: LiteralString) -> LiteralString:
    waiting: LiteralString = ", ".join(
        [
            "count(*) FILTER (WHERE status <> 'closed' AND positions["
            + _place(step.begin) + "] IS NOT NULL AND positions["
            + _place(step.end) + "] IS NULL)"
            for step in Step
        ]
    )  # fmt: skip
    return (
        "SELECT " + by + ", count(*), "
        "sum(cardinality(returned)), sum(cardinality(declined)), sum(cardinality(reopened)), "
        "count(*) FILTER (WHERE vague_stays[1]), count(*) FILTER (WHERE vague_stays[2]), "
        "count(*) FILTER (WHERE vague_stays[3]), " + waiting
        + " FROM " + source + " WHERE " + where + " GROUP BY 1"
    )  # fmt: skip


def _marked(by: LiteralString, source: LiteralString, where: LiteralString) -> LiteralString:
    return (
        "SELECT " + by + ", what, step, count(*) FROM " + source + ", LATERAL ("
        "SELECT 'vague' AS what, unnest(vague) AS step UNION ALL SELECT 'astray', unnest(astray)"
        ") AS marked WHERE (vague <> '{}' OR astray <> '{}') AND " + where + " GROUP BY 1, 2, 3"
    )


_PLACES: dict[str, LiteralString] = {
    "raised": "1", "discussed": "2", "lifted": "3", "assigned": "4", "measure": "5",
    "answered": "6", "closed": "7",
}  # fmt: skip


def _place(milestone: str) -> LiteralString:
    return _PLACES[milestone]


_BY: dict[str, tuple[LiteralString, LiteralString]] = {
    "organ": ("raised_by", "flow"),
    "theme": ("theme", "flow, unnest(themes) AS theme"),
}


def count(reads: Reads, asked: Asked) -> Counts:
    """By organ and theme, how many cases took how many days for each step and level, and the rest
    of what `Roads` tells."""
    counts: Counts = Counter()
    where, facts = asked.where, asked.facts
    for by, (key, source) in _BY.items():
        counts.update(dict(_days(by, reads.rows(_sql(key, source, where), **facts))))
        counts.update(dict(_summed(by, reads.rows(_sums(key, source, where), **facts))))
        for name, what, step, many in reads.rows(_marked(key, source, where), **facts):
            counts[by, name, f"{what}:{step}", 0] += many
    return counts


def _days(by: str, rows: Sequence[tuple[object, ...]]) -> Iterator[tuple[Cell, int]]:
    """The one column that a row is not grouped over is the one whose bit is not set."""
    names, every = list(_MEASURES), 2 ** len(_MEASURES) - 1
    places = {every - 2 ** (len(names) - 1 - n): n for n in range(len(names))}
    for key, grouping, *rest in rows:
        n = places[int(str(grouping))]
        if rest[n] is not None:
            yield (by, str(key), names[n], int(str(rest[n]))), int(str(rest[-1]))


def _summed(by: str, rows: Sequence[tuple[object, ...]]) -> Iterator[tuple[Cell, int]]:
    names = [
        "cases", *REWORK, *(f"vague:{level}" for level in LEVELS),
        *(f"waiting:{step}" for step in Step),
    ]  # fmt: skip
    for key, *sums in rows:
        for name, many in zip(names, sums, strict=True):
            yield (by, str(key), name, 0), int(str(many))


TALLY = Tally(count, "flow")


def report(reads: Reads, asked: Asked) -> FlowReport:
    """The report on the cases that are *asked* for."""
    position, counts = TALLY.of(reads, asked)
    return FlowReport(position=position, roads=tuple(_told(counts)))


def _told(counts: Counts) -> Iterator[Roads]:
    grouped: dict[tuple[str, str], dict[str, Counter[int]]] = defaultdict(_measures)
    for (by, key, what, days), many in counts.items():
        grouped[by, key][what][days] += many
        if by == "organ":
            grouped[EVERY][what][days] += many
    yield _roads(EVERY, grouped[EVERY])
    for place in sorted(grouped.keys() - {EVERY}):
        yield _roads(place, grouped[place])


def _measures() -> dict[str, Counter[int]]:
    return defaultdict(Counter)


def _roads(place: tuple[str, str], found: dict[str, Counter[int]]) -> Roads:
    sums = {what: its[0] for what, its in found.items() if what not in _MEASURES}
    steps = (
        StepTook(
            step=step,
            took=spread(found[step]),
            **{what: sums.get(f"{what}:{step}", 0) for what in ("vague", "astray", "waiting")},
        )
        for step in Step
    )
    levels = (
        Stay(level=level, took=spread(found[level]), vague=sums.get(f"vague:{level}", 0))
        for level in LEVELS
    )
    return Roads(
        by=place[0],
        key=place[1],
        cases=sums.get("cases", 0),
        steps=tuple(steps),
        levels=tuple(levels),
        **{what: sums.get(what, 0) for what in REWORK},
    )


def places(
    seen: Reads, every: Reads, asked: Asked, cell: str, *, after: int = 0, limit: int = 100
) -> Places | None:
    """The entries that a number counts, after position *after*. *cell*: `WHAT` of all together, or
    `WHAT/organ:KEY` or `WHAT/theme:KEY`; WHAT is `cases`, a step, `vague:STEP`, `astray:STEP`,
    `waiting:STEP`, a level, `returned`, `declined` or `reopened`. Of a step both ends; of a level
    all moves of the cases that have left it. None where there is no such cell. *seen*: as whoever
    asks reads; *every*: past that."""
    what, _, place = cell.partition("/")
    by, _, key = place.partition(":")
    if what not in _ENTRIES or by not in {"", *_BY} or bool(by) != bool(key):
        return None
    column, source = _BY.get(by, ("''", "flow"))
    return placed(
        seen, every, _ENTRIES[what], source, asked.where + " AND " + column + " = %(key)s",
        asked.facts | {"key": key}, after=after, limit=limit,
    )  # fmt: skip


def _ends(step: Step, where: LiteralString) -> LiteralString:
    """The positions of both ends of a step, as far as there are any, in the rows under *where*."""
    ends: LiteralString = "ARRAY[positions[" + _place(step.begin) + "], positions["
    return "CASE WHEN " + where + " THEN " + ends + _place(step.end) + "]] END"


def _of_step(step: Step) -> Iterator[tuple[str, LiteralString]]:
    name = _MEASURES[step]
    begin, end = _place(step.begin), _place(step.end)
    yield step, _ends(step, name + " IS NOT NULL")
    yield f"vague:{step}", _ends(step, "'" + name + "' = ANY(vague)")
    yield f"astray:{step}", _ends(step, "'" + name + "' = ANY(astray)")
    waits: LiteralString = (
        "status <> 'closed' AND positions[" + begin + "] IS NOT NULL AND positions["
        + end + "] IS NULL"
    )  # fmt: skip
    yield f"waiting:{step}", _ends(step, waits)


_ENTRIES: dict[str, LiteralString] = {
    "cases": "positions[1:1]",
    "returned": "returned",
    "declined": "declined",
    "reopened": "reopened",
    **{
        level: "CASE WHEN " + _MEASURES[level] + " IS NOT NULL THEN "
        "positions[1:1] || lifted || returned || positions[7:7] || reopened END"
        for level in LEVELS
    },
    **{name: entries for step in Step for name, entries in _of_step(step)},
}


def spread(days: Counter[int]) -> Spread:
    """Of so many cases that took so many days each."""
    bins = [0] * (len(BINS) + 1)
    for took, many in days.items():
        bins[next((n for n, most in enumerate(BINS) if took <= most), len(BINS))] += many
    known = sorted((took, many) for took, many in days.items() if many)
    return Spread(
        count=sum(bins),
        median=_percentile(known, 0.5),
        p90=_percentile(known, 0.9),
        bins=tuple(bins),
    )


def _percentile(known: Sequence[tuple[int, int]], part: float) -> float | None:
    """As PostgreSQL's percentile_cont has it: between the two nearest, in proportion."""
    total = sum(many for _, many in known)
    if not total:
        return None
    place = part * (total - 1)
    low, high = _nth(known, int(place)), _nth(known, min(int(place) + 1, total - 1))
    return round(low + (high - low) * (place - int(place)), 2)


def _nth(known: Sequence[tuple[int, int]], n: int) -> int:
    reached = 0
    for took, many in known:
        reached += many
        if reached > n:
            return took
    raise IndexError(n)

"""The report on how many cases there are of each kind, at any position."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import LiteralString

from pydantic import BaseModel, ConfigDict

from ledger.sight import Reads
from projections.asked import Asked, Places, placed
from projections.tally import Counts, Tally

COLUMNS: dict[str, LiteralString] = {
    "status": "status",
    "level": "level",
    "organ": "holder",
    "raised_by": "raised_by",
    "focus_area": "focus_area",
    "prevention_level": "prevention_level",
    "age_group": "ages",
    "service": "service",
    "month": "raised_month",
    "closed_month": "closed_month",
    "open_since": "CASE WHEN status <> 'closed' THEN raised_on END",
}
_BINS = {
    "0-30": (-(2**31) + 1, 30), "31-90": (31, 90), "91-180": (91, 180), "181-365": (181, 365),
    "older": (366, 2**31 - 1),
}  # fmt: skip
"""The first and the last day of each column of the ageing of open cases."""


class OverviewReport(BaseModel):
    """By dimension and key, how many cases. `organ`: that holds them; `month` and `closed_month`:
    what came in and went out; `ageing`: open cases, by days since they were raised."""

    model_config = ConfigDict(frozen=True)

    total: int
    counts: dict[str, dict[str, int]]


def count(reads: Reads, asked: Asked) -> Counts:
    """How many cases there are of each kind."""
    names: LiteralString = ", ".join([f"k{n}" for n in _NUMBERS])
    columns: LiteralString = ", ".join(
        [column + " AS k" + n for n, column in zip(_NUMBERS, COLUMNS.values(), strict=True)]
    )
    sets: LiteralString = ", ".join([f"(k{n})" for n in _NUMBERS])
    rows = reads.rows(
        "SELECT GROUPING(" + names + "), " + names + ", count(*) FROM (SELECT " + columns
        + " FROM flow WHERE " + asked.where + ") AS rows GROUP BY GROUPING SETS (" + sets + ", ())",
        **asked.facts,
    )  # fmt: skip
    counts: Counts = Counter()
    every = 2 ** len(COLUMNS) - 1
    places = {every - 2 ** (len(COLUMNS) - 1 - n): n for n in range(len(COLUMNS))}
    for grouping, *keys, many in rows:
        n = places.get(grouping)
        if n is None:
            counts["total", "cases", "cases", 0] += many
        elif keys[n] is not None:
            counts[list(COLUMNS)[n], str(keys[n]), "cases", 0] += many
    for theme, many in reads.rows(
        "SELECT theme, count(*) FROM flow, unnest(themes) AS theme WHERE " + asked.where
        + " GROUP BY theme ORDER BY theme",
        **asked.facts,
    ):  # fmt: skip
        counts["theme", theme, "cases", 0] += many
    return counts


_NUMBERS: tuple[LiteralString, ...] = (
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10",
)  # fmt: skip
TALLY = Tally(count, "flow")


def report(reads: Reads, asked: Asked) -> OverviewReport:
    """The counts of the cases that are *asked* for."""
    _, counts = TALLY.of(reads, asked)
    found: dict[str, dict[str, int]] = {name: {} for name in (*COLUMNS, "theme", "total")}
    for (dimension, key, _, _), many in sorted(counts.items()):
        found[dimension][key] = many
    total = found.pop("total").get("cases", 0)
    return OverviewReport(
        total=total, counts={**found, "ageing": ageing(found.pop("open_since"), asked.today)}
    )


def ageing(open_since: Mapping[str, int], today: date) -> dict[str, int]:
    """How many open cases are how old, by the first day on which they may have been raised."""
    bins = dict.fromkeys(_BINS, 0)
    for day, many in open_since.items():
        days = (today - date.fromisoformat(day)).days
        bins[next(name for name, (_, last) in _BINS.items() if days <= last)] += many
    return {name: many for name, many in bins.items() if many}


def places(
    seen: Reads,
    every: Reads,
    asked: Asked,
    cell: str,
    *,
    areas: Mapping[str, Sequence[str]],
    after: int = 0,
    limit: int = 100,
) -> Places | None:
    """Where the cases were raised that a number counts. *cell*: `total`, or `DIMENSION:KEY`.
    *areas*: by what it is called, the organs that work there. None where there is no such cell."""
    dimension, _, key = cell.partition(":")
    facts = asked.facts | {"key": key, "organs": areas.get(key, [])}
    if dimension == "theme":
        condition: LiteralString = "%(key)s = ANY(themes)"
    elif dimension == "ageing" and key in _BINS:
        condition = "status <> 'closed' AND %(today)s - raised_on BETWEEN %(low)s AND %(high)s"
        facts |= dict(zip(("low", "high"), _BINS[key], strict=True))
    elif dimension in COLUMNS and dimension != "open_since":
        condition = COLUMNS[dimension] + " = %(key)s"
    elif dimension == "area":
        condition = "raised_by = ANY(%(organs)s)"
    elif cell == "total":
        condition = "true"
    else:
        return None
    where = asked.where + " AND " + condition
    return placed(seen, every, "positions[1:1]", "flow", where, facts, after=after, limit=limit)

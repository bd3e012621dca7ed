"""What crosses an organ with something else, for those who are shown numbers alone.

A matter is counted here once: in the release that it first appears in, as it was then, by the organ
that raised it. So a table of a release never changes, and two of different times have no matter in
common. What is shown of all releases together is the sum of what is shown of each.
"""

from collections.abc import Sequence
from typing import LiteralString
from weakref import WeakKeyDictionary

from ledger.sight import Reads
from projections.releases import Release
from projections.shield import Cell, of_a_cross

ACROSS: dict[str, tuple[LiteralString, LiteralString]] = {
    "theme": ("theme", "flow, unnest(themes) AS theme"),
    "focus_area": ("focus_area", "flow"),
    "age_group": ("ages", "flow"),
    "prevention_level": ("prevention_level", "flow"),
}
"""What an organ is crossed with, and nothing with anything else: with the organ alone in common,
each table can look as it does whatever the others are."""
Cross = dict[Cell, int | None]
"""By organ and key, how many; None where that is left out."""
Releases = Sequence[tuple[Release, int]]
"""Each release, and the threshold that it was made under."""


def cross(reads: Reads, releases: Releases, across: str) -> Cross:
    """The table of organs and keys of all *releases* together. What is not in it is zero."""
    together: Cross = {}
    for release, threshold in releases:
        for cell, many in _of_release(reads, release, threshold, across).items():
            known = together.get(cell, 0)
            together[cell] = None if known is None or many is None else known + many
    return together


def _of_release(reads: Reads, release: Release, threshold: int, across: str) -> Cross:
    kept = _KEPT.setdefault(reads, {})
    ((table,),) = reads.rows("SELECT 'flow'::regclass::oid::bigint")
    key = (table, release.since, release.position, threshold, across)
    if key not in kept:
        kept[key] = shown(_counted(reads, release, across), threshold)
    return kept[key]


_KEPT: WeakKeyDictionary[Reads, dict[tuple[object, ...], Cross]] = WeakKeyDictionary()
"""By ledger: a release never changes."""


def shown(table: dict[Cell, int], threshold: int, *, complementary: bool = True) -> Cross:
    """The *table* without what is small, and what would give it away."""
    rows, columns = {row for row, _ in table}, {column for _, column in table}
    hidden = of_a_cross(table, rows, columns, threshold, complementary=complementary)
    return {cell: None if cell in hidden else table[cell] for cell in {*table, *hidden}}


def _counted(reads: Reads, release: Release, across: str) -> dict[Cell, int]:
    column, source = ACROSS[across]
    rows = reads.rows(
        "SELECT raised_by, " + column + ", count(*) FROM " + source + " WHERE "
        "from_position <= %(position)s AND (to_position IS NULL OR to_position > %(position)s) "
        "AND positions[1] > %(since)s AND " + column + " IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2",
        position=release.position,
        since=release.since,
    )  # fmt: skip
    return {(organ, key): many for organ, key, many in rows}

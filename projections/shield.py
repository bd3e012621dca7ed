"""Small numbers: which cells of a table are left out, so that none of them can be computed.

A cell that counts some matters, but fewer than the threshold, is left out. Whatever else is shown
could give it away, so more cells are left out beside it, until another table would look just the
same: one that has all the sums that are shown, and another number in that cell.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product

Cell = tuple[str, str]
"""A row and a column."""
Table = Mapping[Cell, int]


def small(count: int, threshold: int) -> bool:
    return 0 < count < threshold


def of_a_sum(counts: Mapping[str, int], threshold: int) -> frozenset[str]:
    """The keys that are left out of *counts* whose sum is known, and of which it is known that none
    is zero. Where there is nothing to hide them behind, all of them."""
    hidden = {key for key, count in counts.items() if small(count, threshold)}
    if not hidden:
        return frozenset()
    for key in sorted(counts.keys() - hidden, key=lambda one: (counts[one], one)):
        if len(hidden) > 1 and sum(counts[one] for one in hidden) >= len(hidden) + threshold - 1:
            break
        hidden.add(key)
    return frozenset(hidden)


def of_a_cross(
    table: Table,
    rows: Iterable[str],
    columns: Iterable[str],
    threshold: int,
    *,
    complementary: bool = True,
) -> frozenset[Cell]:
    """The cells that are left out of a table whose sums by row and by column are known. Cells that
    *table* lacks are zero, and may be left out too. Without *complementary* the small ones alone:
    only to show what that gives away."""
    rows, columns = sorted(set(rows)), sorted(set(columns))
    hidden = {cell for cell, count in table.items() if small(count, threshold)}
    for cell in sorted(hidden) if complementary else ():
        if not any(_hides(table, ring, hidden) for ring in _rings(cell, rows, columns)):
            rings = (ring for ring in _rings(cell, rows, columns) if _hides(table, ring, {*ring}))
            best = min(rings, key=lambda ring: _cost(table, ring, hidden), default=None)
            # Where no way round leaves the sums as they are, they alone give the cell away.
            hidden |= {*(best or way_round(table, cell, product(rows, columns)))}
    return frozenset(hidden)


def way_round(table: Table, cell: Cell, through: Iterable[Cell]) -> frozenset[Cell]:
    """The corners of a shortest way round, *through* these cells, on which one is added and taken
    off in turn, so that *cell* changes and no sum does. Empty where there is none: then sums and
    the other cells give it away."""
    through = frozenset(through) - {cell}
    (row, column), places = cell, _Places(table, through)
    found = places.way(("column", column), ("row", row))
    if found is None and table.get(cell, 0) > 0:
        found = places.way(("row", row), ("column", column))
    return frozenset({cell, *found}) if found is not None else frozenset()


class _Places:
    """Rows and columns, and the cells by which one comes from one to another: from a row by adding
    one to a cell, from a column by taking one off, where there is one."""

    def __init__(self, table: Table, through: Iterable[Cell]) -> None:
        self.onward: dict[Cell, list[tuple[Cell, Cell]]] = {}
        for row, column in sorted(through):
            cell = (row, column)
            self.onward.setdefault(("row", row), []).append((("column", column), cell))
            if table.get(cell, 0) > 0:
                self.onward.setdefault(("column", column), []).append((("row", row), cell))

    def way(self, begin: Cell, end: Cell) -> list[Cell] | None:
        """The cells of a shortest way."""
        ways: dict[Cell, list[Cell]] = {begin: []}
        waiting = [begin]
        while waiting:
            place = waiting.pop(0)
            for onward, cell in self.onward.get(place, ()):
                if onward not in ways:
                    ways[onward] = [*ways[place], cell]
                    waiting.append(onward)
        return ways.get(end)


Ring = tuple[Cell, Cell, Cell, Cell]


def _rings(cell: Cell, rows: Iterable[str], columns: Iterable[str]) -> Iterator[Ring]:
    """Rectangles with *cell* in a corner: one more in two opposite corners and one fewer in the
    others leaves every sum as it is."""
    row, column = cell
    for other_row, other_column in product(rows, columns):
        if other_row != row and other_column != column:
            yield (
                cell,
                (row, other_column),
                (other_row, other_column),
                (other_row, column),
            )


def _hides(table: Table, ring: Ring, hidden: set[Cell]) -> bool:
    """Whether all corners are hidden, and can be moved by one, one way or the other."""
    first, second, third, fourth = (table.get(cell, 0) for cell in ring)
    return hidden.issuperset(ring) and (min(first, third) > 0 or min(second, fourth) > 0)


def _cost(table: Table, ring: Ring, hidden: set[Cell]) -> tuple[int, int, Ring]:
    """How many cells and matters are left out besides."""
    more = [cell for cell in ring if cell not in hidden]
    return len(more), sum(table.get(cell, 0) for cell in more), ring

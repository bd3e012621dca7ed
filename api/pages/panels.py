"""The tables of a report: so many lines of each at a time, some with bars beside the numbers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, NamedTuple

from fastapi import Query

LINES = 40
"""So many of a table stand on a page."""
WIDTH = 340
"""Of the longest bar, in the units of the chart."""
Value = float | str | None


class Number(NamedTuple):
    """What stands in a table, and what it is called in its report where that leads back to the
    entries that it counts."""

    value: Value
    cell: str | None = None


@dataclass(frozen=True)
class Row:
    """`length`: of its bar, where it has one."""

    label: str
    values: list[Number]
    length: int = 0


@dataclass(frozen=True)
class Panel:
    """A table, and where `bars` a chart of its first column. A value of None was left out. `next`:
    the line from which the next ones stand, of which there are `more`."""

    name: str
    title: str
    columns: list[str]
    rows: list[Row]
    bars: bool = False
    next: int = 0
    more: int = 0

    @property
    def height(self) -> int:
        return 40 * len(self.rows)

    @property
    def is_broad(self) -> bool:
        """Whether it needs more room than most: for many columns, or for words."""
        return len(self.columns) > 2 or any(
            isinstance(cell.value, str) and " " in cell.value
            for row in self.rows
            for cell in row.values
        )


def panel(
    name: str,
    title: str,
    columns: list[str],
    rows: Iterable[tuple[str, Sequence[Value | Number]]],
    *,
    bars: bool = False,
) -> Panel:
    found = [
        (label, [one if isinstance(one, Number) else Number(one) for one in values])
        for label, values in rows
    ]
    firsts = [values[0].value for _, values in found]
    most = max((one for one in firsts if isinstance(one, int | float)), default=0) or 1

    def length(first: Value) -> int:
        return round(WIDTH * first / most) if isinstance(first, int | float) else 0

    made = [Row(label, values, length(values[0].value)) for label, values in found]
    return Panel(name, title, columns, made, bars)


@dataclass(frozen=True)
class Part:
    """What is looked at of a report: the first lines of every table, or one table from a line
    on."""

    name: str | None = None
    line: int = 0

    def of(self, panels: Iterable[Panel]) -> list[Panel]:
        """Empty where there is no such table."""
        return [
            _cut(one, self.line) for one in panels if self.name is None or one.name == self.name
        ]


def part_asked(
    table: Annotated[str | None, Query(max_length=40)] = None,
    line: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Part:
    return Part(table or None, line if table else 0)


def _cut(whole: Panel, line: int) -> Panel:
    end = line + LINES
    return replace(whole, rows=whole.rows[line:end], next=end, more=max(0, len(whole.rows) - end))

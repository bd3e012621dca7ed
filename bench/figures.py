"""What the benchmarks find: figures side by side, and the table that shows them."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

ROUNDS = 5
"""How often the contestants take turns. The machine may be shared: the median round counts."""


@dataclass(frozen=True)
class Aim:
    """What is aimed at, for the ratio where there is one, else for the figure itself."""

    at_least: float | None = None
    at_most: float | None = None

    def is_met(self, value: float) -> bool:
        return (self.at_least is None or value >= self.at_least) and (
            self.at_most is None or value <= self.at_most
        )

    def __str__(self) -> str:
        least = f"≥ {self.at_least:,g}" if self.at_least is not None else ""
        return least + (f"≤ {self.at_most:,g}" if self.at_most is not None else "")


@dataclass(frozen=True)
class Figure:
    """*measured* is Løft's, *beside* what it is compared with, both in *unit*."""

    what: str
    measured: float
    unit: str
    beside: float | None = None
    ratio: float | None = None
    aim: Aim | None = None

    @property
    def is_met(self) -> bool | None:
        """Whether the aim was met in this run; None where nothing is aimed at."""
        value = self.measured if self.ratio is None else self.ratio
        return None if self.aim is None else self.aim.is_met(value)


def take_turns(contestants: Mapping[str, Callable[[], float]]) -> dict[str, list[float]]:
    """What each contestant reached in each round; who begins changes from round to round."""
    reached: dict[str, list[float]] = {name: [] for name in contestants}
    order = list(contestants)
    for _ in range(ROUNDS):
        for name in order:
            reached[name].append(contestants[name]())
        order = [*order[1:], order[0]]
    return reached


def compared(
    what: str, ours: Sequence[float], theirs: Sequence[float], unit: str, aim: Aim | None
) -> Figure:
    """The medians, and the median of the ratios of each round."""
    ratio = median(our / their for our, their in zip(ours, theirs, strict=True))
    return Figure(what, median(ours), unit, median(theirs), ratio, aim)


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that *percent* of *values* do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def show(figures: Sequence[Figure]) -> None:
    table = Table(title="Løft, and what it is measured against")
    table.add_column("what")
    for heading in ("Løft", "beside it", "ratio", "aim", "met"):
        table.add_column(heading, justify="right")
    for figure in figures:
        table.add_row(*_cells(figure))
    Console(width=max(100, Console().width)).print(table)


def save(figures: Sequence[Figure], file: Path) -> None:
    rows = [asdict(figure) | {"met": figure.is_met} for figure in figures]
    file.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n")


def _cells(figure: Figure) -> tuple[str, ...]:
    return (
        figure.what,
        _written(figure.measured, figure.unit),
        "" if figure.beside is None else _written(figure.beside, figure.unit),
        "" if figure.ratio is None else f"{figure.ratio:.2f}",
        "" if figure.aim is None else str(figure.aim),
        {True: "yes", False: "no", None: ""}[figure.is_met],
    )


def _written(value: float, unit: str) -> str:
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:,.2f} {unit}"

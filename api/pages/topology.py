"""The structure as a picture, drawn from the data: a row for each level, and arrows to where each
organ lifts to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

from api.organ_answers import OrganAnswer
from domain.topology import Level

WIDTH, HEIGHT = 168, 72
GAP, ROW = 20, 64
"""Between boxes, and between rows: arrows need room."""
ACROSS = 6
"""How many boxes stand beside each other."""
MARGIN = 24


@dataclass(frozen=True)
class Box:
    """An organ. `lines`: its name, in lines short enough for the box."""

    key: str
    lines: Sequence[str]
    x: int
    y: int

    @property
    def middle(self) -> int:
        return self.x + WIDTH // 2

    @property
    def first_line(self) -> int:
        return self.y + HEIGHT // 2 + 5 - 9 * (len(self.lines) - 1)


@dataclass(frozen=True)
class Band:
    """What is of one level, from the top to the bottom of its rows."""

    level: Level
    y: int
    height: int


@dataclass(frozen=True)
class Picture:
    """`arrows`: each as the path of an SVG."""

    width: int
    height: int
    bands: Sequence[Band]
    boxes: Sequence[Box]
    arrows: Sequence[str]


def drawn(organs: Sequence[OrganAnswer]) -> Picture:
    """Those that have not been dissolved."""
    living = [one for one in organs if not one.dissolved]
    boxes, bands, y = dict[str, Box](), list[Band](), 0
    widest = max((len(row) for level in Level for row in _rows(living, level)), default=1)
    width = 2 * MARGIN + widest * (WIDTH + GAP) - GAP
    for level in reversed(Level):
        top, rows = y, _rows(living, level)
        if not rows:
            continue
        y += 36
        for row in rows:
            left = (width - len(row) * (WIDTH + GAP) + GAP) // 2
            for n, one in enumerate(row):
                boxes[one.key] = Box(one.key, _lines(one), left + n * (WIDTH + GAP), y)
            y += HEIGHT + ROW
        y -= ROW - MARGIN
        bands.append(Band(level, top, y - top))
        y += ROW // 2
    arrows = [
        _arrow(boxes[one.key], boxes[key])
        for one in living
        for key in one.lifts_to
        if key in boxes
    ]  # fmt: skip
    return Picture(width, max(0, y - ROW // 2), bands, list(boxes.values()), arrows)


def _rows(organs: Sequence[OrganAnswer], level: Level) -> list[list[OrganAnswer]]:
    """Those that lift stand above those that do not, so that no arrow runs behind a box."""
    of_level = sorted((one for one in organs if one.level is level), key=lambda o: not o.lifts_to)
    return [of_level[at : at + ACROSS] for at in range(0, len(of_level), ACROSS)]


def _lines(organ: OrganAnswer) -> list[str]:
    lines = wrap(organ.name or organ.key, 20, break_long_words=True)
    return lines if len(lines) <= 3 else [*lines[:2], f"{lines[2][:19]}…"]


def _arrow(one: Box, other: Box) -> str:
    """Up from the top of a box to the bottom of another; along a row, in a bow above it."""
    if other.y < one.y:
        bend, end = (one.y - other.y - HEIGHT) // 2, other.y + HEIGHT
        down = f"{other.middle} {end + bend} {other.middle} {end + 7}"
    else:
        bend, down = 30, f"{other.middle} {other.y - 30} {other.middle} {other.y - 7}"
    return f"M{one.middle} {one.y} C{one.middle} {one.y - bend} {down}"


def lifted_from(organs: Sequence[OrganAnswer]) -> Mapping[str, list[str]]:
    """Which organs lift to each, by key."""
    found: dict[str, list[str]] = {one.key: [] for one in organs}
    for one in organs:
        for key in one.lifts_to:
            if not one.dissolved and key in found:
                found[key].append(one.key)
    return found

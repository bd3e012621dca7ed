"""The picture at a glance: how many cases there are, where they are, and when they came."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api import reports
from api.desk import Desk
from api.language import say, spoken_to
from domain.terms import Status
from domain.topology import Level

WIDTH = 200
"""Of the longest bar, in the units of the chart."""
MONTHS = 12


@dataclass(frozen=True)
class Bar:
    """`at`: where the cases that it counts are listed; None where there is no such list."""

    label: str
    count: int
    length: int
    at: str | None


@dataclass(frozen=True)
class Chart:
    """Bars, from the top down, and the same as a table. `title` and `what` in English."""

    name: str
    title: str
    what: str
    bars: Sequence[Bar]

    @property
    def height(self) -> int:
        return 26 * len(self.bars)


def glance(desk: Desk) -> list[Chart]:
    """By status, by level, and by the month in which they were raised."""
    found, tongue = reports.everything(desk), spoken_to(desk.request)
    status = {one.value: found.status.get(one.value) or 0 for one in Status}
    level = {one.value: found.level.get(one.value) or 0 for one in reversed(Level)}
    months = {month: many or 0 for month, many in sorted(found.month.items())[-MONTHS:]}
    # Of some only the year is known.
    named = {one: tongue.moment(f"{one}-01", "month") if "-" in one else one for one in months}
    return [
        _chart("status", say("Cases by status"), say("Status"), status,
               {one: tongue.gettext(one) for one in status}, "/cases?status="),
        _chart("level", say("Cases by level"), say("Level"), level,
               {one: tongue.gettext(one) for one in level}, "/cases?level="),
        _chart("month", say("Cases by the month in which they were raised"), say("Month"), months,
               named, None),
    ]  # fmt: skip


def _chart(
    name: str,
    title: str,
    what: str,
    counts: Mapping[str, int],
    labels: Mapping[str, str],
    at: str | None,
) -> Chart:
    most = max(counts.values(), default=0) or 1
    bars = [
        Bar(labels[key], count, round(WIDTH * count / most), f"{at}{key}" if at else None)
        for key, count in counts.items()
    ]
    return Chart(name, title, what, bars)

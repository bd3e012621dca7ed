"""What every report is asked for."""

from datetime import date
from typing import LiteralString

from pydantic import BaseModel, ConfigDict

from ledger.sight import Reads
from projections.view import at


class Asked(BaseModel):
    """`since` and `until`: the first and the last day on which what is counted was raised, by the
    first day on which that may have been; `organ`: the one that raised it. `as_of`: as it was at
    that position (None: now), on the day `today`. `only`: the ids of the cases that are looked at,
    where that is known beforehand."""

    model_config = ConfigDict(frozen=True)

    today: date
    since: date | None = None
    until: date | None = None
    organ: str | None = None
    focus_area: str | None = None
    as_of: int | None = None
    only: tuple[str, ...] | None = None

    @property
    def is_everything(self) -> bool:
        """Whether it is narrowed to nothing."""
        return all(getattr(self, name) is None for name in _NARROW)

    @property
    def where(self) -> LiteralString:
        """The rows of `flow` that are asked for, under the facts of `facts`."""
        condition = at(self.as_of)
        for name, narrow in _NARROW.items():
            if getattr(self, name) is not None:
                condition += narrow
        return condition

    @property
    def facts(self) -> dict[str, object]:
        return self.model_dump() | {"only": list(self.only or ())}


_NARROW: dict[str, LiteralString] = {
    "since": " AND raised_on >= %(since)s",
    "until": " AND raised_on <= %(until)s",
    "organ": " AND raised_by = %(organ)s",
    "only": " AND case_id = ANY(%(only)s)",
    "focus_area": " AND focus_area = %(focus_area)s",
}


class Places(BaseModel):
    """A page of the entries that a number counts, by position, and how many there are in all.
    `hidden`: how many more are of cases that are restricted and not for whoever asks."""

    model_config = ConfigDict(frozen=True)

    positions: tuple[int, ...]
    count: int
    hidden: int


def placed(
    seen: Reads,
    every: Reads,
    entries: LiteralString,
    source: LiteralString,
    where: LiteralString,
    facts: dict[str, object],
    *,
    after: int,
    limit: int,
) -> Places:
    """A page of the *entries*, an array of positions in each row of *source* under *where*."""
    listed: LiteralString = (
        "WITH entries AS MATERIALIZED (SELECT DISTINCT unnest(" + entries + ") AS position FROM "
        + source + " WHERE " + where + ") SELECT "
    )  # fmt: skip
    ((count, positions),) = seen.rows(
        listed + "count(position), ARRAY(SELECT position FROM entries WHERE position > %(after)s "
        "ORDER BY position LIMIT %(limit)s) FROM entries",
        **facts,
        after=after,
        limit=limit,
    )
    ((total,),) = every.rows(listed + "count(position) FROM entries", **facts)
    return Places(positions=tuple(positions), count=count, hidden=total - count)

"""Which organs met as often as they were to, for the report on channels."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import LiteralString

from pydantic import BaseModel, ConfigDict

from domain.cadence import Period, rhythm_of
from domain.organ import Organ, organ_id
from ledger.sight import Reads
from projections import meetings
from projections.asked import Asked, Places, placed
from projections.view import at


class Meets(BaseModel):
    """Periods in which an organ met as often as it was to, and in which it did not."""

    model_config = ConfigDict(frozen=True)

    organ: str
    kept: int
    missed: int


def meets(reads: Reads, asked: Asked, organs: Sequence[Organ]) -> Iterator[Meets]:
    """Of those of *organs* that are *asked* for and have a cadence."""
    wanted = [one for one in organs if one.cadences and asked.organ in {None, one.key}]
    held = meetings.days_held(reads, [one.key for one in wanted], as_of=asked.as_of)
    for organ in wanted:
        within = _periods(organ, held[organ.key], asked)
        yield Meets(
            organ=organ.key,
            kept=sum(one.kept is True for one in within),
            missed=sum(one.kept is False for one in within),
        )


def _periods(organ: Organ, held: Sequence[date], asked: Asked) -> list[Period]:
    found = rhythm_of(organ, held, today=asked.today)
    return [
        one for one in found.periods
        if (asked.until is None or one.begin <= asked.until)
        and (asked.since is None or one.until > asked.since)
    ]  # fmt: skip


def places(
    seen: Reads, every: Reads, asked: Asked, organ: Organ, what: str, *, after: int, limit: int
) -> Places:
    """*what*: `kept`, where the meetings were closed that kept a period of the *organ*; or
    `missed`, of which no entry tells, so where it was decided how often the organ is to meet."""
    facts: dict[str, object] = {
        "as_of": asked.as_of, "organ": organ.key, "stream": organ_id(organ.key),
        "begins": [], "ends": [],
    }  # fmt: skip
    if what == "missed":
        return placed(
            seen, every, "ARRAY[position]", "events", _DECIDED, facts, after=after, limit=limit
        )
    held = meetings.days_held(every, [organ.key], as_of=asked.as_of)[organ.key]
    kept = [one for one in _periods(organ, held, asked) if one.kept] if organ.cadences else []
    facts |= {"begins": [one.begin for one in kept], "ends": [one.until for one in kept]}
    where = at(asked.as_of) + _WITHIN
    return placed(
        seen, every, "ARRAY[closed_position]", "meetings", where, facts, after=after, limit=limit
    )


_DECIDED: LiteralString = (
    "stream_id = %(stream)s AND name = 'CadenceSet' "
    "AND (%(as_of)s::bigint IS NULL OR position <= %(as_of)s)"
)
_WITHIN: LiteralString = (
    " AND organ = %(organ)s AND status = 'held' AND EXISTS (SELECT FROM "
    "unnest(%(begins)s::date[], %(ends)s::date[]) AS period (begin, until) "
    "WHERE (starts_at AT TIME ZONE 'Europe/Oslo')::date >= begin "
    "AND (starts_at AT TIME ZONE 'Europe/Oslo')::date < until)"
)

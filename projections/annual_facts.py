"""What a year's report says, written down: each line with the entry that it tells.

Words are told by their texts, so that the same facts can be held against what was frozen, whatever
has been erased since.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from hashlib import sha256

import orjson
from pydantic import BaseModel, ConfigDict

from domain.plan import Degree, Direction, Observer
from domain.terms import AnnualSection
from domain.text import Text
from domain.topology import Level

FORM = 1
"""Of `Facts`, as they are written down for their digest. A frozen report is held against its own
form for ever: where `Facts` change, the older form must still be made."""


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True)


class SeatFact(_Fact):
    """Without the person who sits in it."""

    n: int
    role: str
    represents: Text | None
    service: str | None
    taken_on: date | None
    left_on: date | None


class OrganFact(_Fact):
    """An organ that was there in the year, with the seats that were taken in it."""

    key: str
    name: Text
    level: Level
    kind: str
    seats: tuple[SeatFact, ...]


class HeldFact(_Fact):
    """A meeting that was held, and where it was closed."""

    on: date
    position: int


class Span(_Fact):
    """The first and the last day."""

    begin: date
    last: date


class MeetingsFact(_Fact):
    """How an organ has met. `wanted`: how often its cadence asks for in the periods that end in the
    year; None where it has none; `missed`: those of them with too few meetings."""

    organ: str
    held: tuple[HeldFact, ...]
    cancelled: int
    wanted: int | None
    missed: tuple[Span, ...]


class MatterFact(_Fact):
    """A case, and where it came before the organ. `title`: as the organ knows it; None where it
    was restricted to named people."""

    position: int
    case: str
    number: str
    organ: str
    title: Text | None


class WorkFact(_Fact):
    position: int
    focus_area: str
    what: Text


class ObservationFact(_Fact):
    position: int
    observer: Observer
    what: Text
    theme: str | None
    direction: Direction | None
    confidence: Degree | None
    dark_figure: Degree | None


class FeedbackFact(_Fact):
    position: int
    service: str
    what_works: Text | None
    what_does_not: Text | None
    what_to_change: Text | None


class SectionFact(_Fact):
    position: int
    section: AnnualSection
    text: Text


class AreaFact(_Fact):
    """A focus area; without a year it stands until the board says otherwise."""

    key: str
    name: Text
    year: int | None


class Named(_Fact):
    key: str
    name: Text


class Facts(_Fact):
    """All that the report of a year says. `areas`: every focus area that it names; `services`:
    every service."""

    year: int
    as_of: int
    sections: tuple[SectionFact, ...]
    organs: tuple[OrganFact, ...]
    meetings: tuple[MeetingsFact, ...]
    in_the_teams: tuple[MatterFact, ...]
    in_the_group: tuple[MatterFact, ...]
    done: tuple[WorkFact, ...]
    challenges: tuple[ObservationFact, ...]
    feedback: tuple[FeedbackFact, ...]
    next_year: tuple[AreaFact, ...]
    areas: tuple[Named, ...]
    services: tuple[Named, ...]

    @property
    def texts(self) -> list[Text]:
        """Every text that it tells."""
        return list(_texts(self))

    @property
    def how_many(self) -> dict[AnnualSection, dict[str, int]]:
        """How many matters each section tells of each organ."""
        return {
            AnnualSection.IN_THE_TEAMS: Counter(one.organ for one in self.in_the_teams),
            AnnualSection.IN_THE_GROUP: Counter(one.organ for one in self.in_the_group),
        }

    def first(self, most: int) -> "Facts":
        """The same with so many matters of each organ."""
        lists = {
            "in_the_teams": _first(self.in_the_teams, most),
            "in_the_group": _first(self.in_the_group, most),
        }
        return self.model_copy(update=lists)

    @property
    def positions(self) -> list[int]:
        """Every entry that it tells by its position."""
        lines = (self.sections, self.in_the_teams, self.in_the_group, self.done, self.challenges,
                 self.feedback, *(one.held for one in self.meetings))  # fmt: skip
        return sorted({line.position for its in lines for line in its})  # type: ignore[attr-defined]

    @property
    def digest(self) -> str:
        """SHA-256, in hex, over all of it as JSON with sorted keys: each text by its own id and
        digest, never by its words, which could else be guessed once they are erased."""
        said = orjson.dumps(self.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)
        return sha256(said).hexdigest()


def _first(matters: Iterable[MatterFact], most: int) -> tuple[MatterFact, ...]:
    seen: Counter[str] = Counter()
    found = []
    for one in matters:
        seen[one.organ] += 1
        if seen[one.organ] <= most:
            found.append(one)
    return tuple(found)


def _texts(value: object) -> Iterator[Text]:
    match value:
        case Text():
            yield value
        case BaseModel():
            for name in type(value).model_fields:
                yield from _texts(getattr(value, name))
        case tuple():
            for one in value:
                yield from _texts(one)

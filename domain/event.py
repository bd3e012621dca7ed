"""What every event carries, and the register of their stored names."""

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from eventsourcing.utils import register_topic
from pydantic import AwareDatetime, BaseModel, ConfigDict

from domain.actor import Actor
from domain.errors import InTheFuture
from domain.text import Text

OSLO = ZoneInfo("Europe/Oslo")


class Precision(StrEnum):
    """How exactly it is known when something occurred."""

    MINUTE = "minute"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class Source(StrEnum):
    """Where an event comes from: somebody entered it, a report told it, or it is an example."""

    ENTERED = "entered"
    REPORT = "report"
    EXAMPLE = "example"


def day_in_oslo(moment: datetime) -> date:
    """The day that it is in Norway at that *moment*."""
    return moment.astimezone(OSLO).date()


class Occurred(BaseModel):
    """When something occurred: a moment with a time zone, how exactly it is known, and whence."""

    model_config = ConfigDict(frozen=True)

    at: AwareDatetime
    precision: Precision = Precision.MINUTE
    source: Source = Source.ENTERED

    @property
    def begins(self) -> datetime:
        """The first moment of the minute, day, month or year in Oslo that *at* lies in, in UTC:
        two times of one zone would be compared by the wall clock, which runs twice in October."""
        return self._begins_in_oslo().astimezone(UTC)

    @property
    def ends(self) -> datetime:
        """The first moment after it, in UTC."""
        begins = self._begins_in_oslo()
        match self.precision:
            case Precision.MINUTE:
                return begins.astimezone(UTC) + timedelta(minutes=1)
            case Precision.DAY:
                return (begins + timedelta(days=1)).astimezone(UTC)
            case Precision.MONTH:
                return (begins + timedelta(days=32)).replace(day=1).astimezone(UTC)
            case Precision.YEAR:
                return begins.replace(year=begins.year + 1).astimezone(UTC)

    def _begins_in_oslo(self) -> datetime:
        local = self.at.astimezone(OSLO).replace(second=0, microsecond=0)
        match self.precision:
            case Precision.MINUTE:
                return local
            case Precision.DAY:
                return local.replace(hour=0, minute=0, fold=0)
            case Precision.MONTH:
                return local.replace(day=1, hour=0, minute=0, fold=0)
            case Precision.YEAR:
                return local.replace(month=1, day=1, hour=0, minute=0, fold=0)

    def not_after(self, now: datetime) -> Self:
        """Itself, unless it begins after *now*."""
        if self.begins > now:
            raise InTheFuture
        return self


class Event(BaseModel):
    """What happened: appended once, never changed.

    `not_about_individual`: why its words are kept though the gate asked whether they point at a
    person. Only where it asked; it is not written down otherwise. `meeting` and `item`: in which
    meeting an event of a case was logged, and on which item of its agenda.

    Its stored name is its class name, for ever. `VERSION` is raised when the stored form changes;
    `ledger/stored.py` reads the older forms.
    """

    model_config = ConfigDict(frozen=True)

    VERSION: ClassVar[int] = 1
    DECISION: ClassVar[bool] = False
    LATER: ClassVar[frozenset[str]] = frozenset({"not_about_individual", "meeting", "item"})
    """Fields that came later. Unless they say something they are not written down, so that an
    event that has no use for them is written as it always was."""
    TOPIC: ClassVar[str]

    originator_id: str
    originator_version: int
    actor: Actor
    occurred_at: datetime
    precision: Precision = Precision.MINUTE
    source: Source = Source.ENTERED
    not_about_individual: Text | None = None
    meeting: str | None = None
    item: int | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:  # noqa: ANN401 - as pydantic has it
        super().__init_subclass__(**kwargs)
        cls.TOPIC = cls.__name__
        register_topic(cls.TOPIC, cls)

    @property
    def is_decision(self) -> bool:
        """Whether it belongs in the board's register of decisions."""
        return self.DECISION


def envelope(stream_id: str, version: int, by: Actor, at: Occurred) -> dict[str, Any]:
    """What every event carries beside its own fields, as keyword arguments for its class."""
    return {
        "originator_id": stream_id,
        "originator_version": version,
        "actor": by,
        "occurred_at": at.at,
        "precision": at.precision,
        "source": at.source,
    }


def utc(moment: datetime) -> str:
    """RFC 3339 in UTC with six decimals: the one form in which times are hashed."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")

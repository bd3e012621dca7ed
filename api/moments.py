"""The moments that a read asks for: a position, or a time."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from pydantic import TypeAdapter, ValidationError

from api.fields import Moment
from domain.errors import Invalid
from domain.event import OSLO, day_in_oslo
from ledger.recorder import Recorder


class AsOfMalformed(Invalid):
    """The moment asked for cannot be understood. Give a position, or a time such as
    2026-11-22T10:00:00Z."""


class AsOfUnknown(Invalid):
    """The ledger has not come that far yet. Leave "as_of" out to see it as it is now."""


class KnownAtDiffers(Invalid):
    """ "known_at" is another name for "as_of", and the two say different things. Give one of
    them."""


class TrueAtMalformed(Invalid):
    """The moment at which it was true cannot be understood. Give "true_at" a time such as
    2026-11-22T10:00:00Z."""


class TrueAtUnknown(Invalid):
    """Nobody knows yet what will be true then. Give "true_at" a time that has come."""


class FromAfterTo(Invalid):
    """ "from" comes after "to". Turn them round."""


@dataclass(frozen=True)
class AsOf:
    """What a read asks for: a position (None: now), and the moment that judges what is late."""

    position: int | None
    moment: datetime

    @property
    def bound(self) -> int:
        return self.position if self.position is not None else 2**62

    @property
    def today(self) -> date:
        return day_in_oslo(self.moment)

    def is_after(self, other: "AsOf") -> bool:
        return (self.bound, self.moment) > (other.bound, other.moment)


def asked(ledger: Recorder, written: str, now: datetime) -> AsOf:
    """The position or time that is *written*. Refuses with `AsOfMalformed`, `AsOfUnknown`."""
    if is_position(written):
        return _at_position(ledger, int(written))
    moment = _time(written)
    if moment is None:
        raise AsOfMalformed
    if moment > now:
        raise AsOfUnknown
    return AsOf(ledger.position_at(moment), moment)


def true_at(written: str, now: datetime) -> datetime:
    """The time that is *written*. Refuses with `TrueAtMalformed`, `TrueAtUnknown`."""
    moment = _time(written)
    if moment is None:
        raise TrueAtMalformed
    if moment > now:
        raise TrueAtUnknown
    return moment


def is_position(written: str) -> bool:
    """Whether this is a whole number, and not absurdly long."""
    return written.isascii() and written.isdigit() and len(written) <= 30


def _at_position(ledger: Recorder, position: int) -> AsOf:
    moment = ledger.moment(position) if 0 < position < 2**62 else None
    if moment is None:
        raise AsOfUnknown
    return AsOf(position, moment)


_MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment)


def _time(written: str) -> datetime | None:
    """An RFC 3339 time, if it is one. A plus sign that a query turned into a space is read as
    one."""
    try:
        return _MOMENT.validate_python(written.replace(" ", "+") if "T" in written else written)
    except ValidationError:
        return None


def begins(day: date | datetime | None) -> datetime | None:
    """A moment as it is, and a day from its first moment in Oslo on."""
    if day is None or isinstance(day, datetime):
        return day
    return datetime.combine(day, time(), OSLO)


def ends(day: date | datetime | None) -> datetime | None:
    """A moment as it is, and a day until its last moment in Oslo."""
    begin = begins(day)
    return begin if begin is None or isinstance(day, datetime) else begin + timedelta(days=1)

"""The life of an organ: constituted, given a mandate and a cadence, seated, renamed, dissolved."""

from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar, Literal, Self, assert_never

from pydantic import BaseModel, ConfigDict

from domain import errors
from domain.actor import Actor
from domain.entries import TextErased
from domain.event import Event, Occurred, Precision, day_in_oslo, envelope
from domain.seat import Seat, SeatRole, leaving, left, period_of
from domain.text import Text
from domain.topology import Level, Topology


class Cadence(BaseModel):
    """How often an organ meets: every so many weeks, or at least so often a month or a year."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    every_weeks: int | None = None
    at_least: int | None = None
    per: Literal["month", "year"] | None = None

    def possible(self) -> Self:
        """Itself, if an organ can meet like this."""
        by_weeks = self.every_weeks is not None
        by_count = self.at_least is not None and self.per is not None
        number = self.every_weeks if by_weeks else self.at_least
        half = (self.at_least is None) != (self.per is None)
        if by_weeks == by_count or half or number is None or number < 1:
            raise errors.CadenceImpossible
        return self


class InForce(BaseModel):
    """A cadence and the day in Oslo from which on it is in force. `surely`: from which on it surely
    is, where it is only known in which month or year it was set; else the same day."""

    model_config = ConfigDict(frozen=True)

    cadence: Cadence
    since: date
    surely: date

    @classmethod
    def of(cls, cadence: Cadence, at: Occurred) -> Self:
        since, until = (day_in_oslo(moment) for moment in (at.begins, at.ends))
        vague = at.precision in {Precision.MONTH, Precision.YEAR}
        return cls(cadence=cadence, since=since, surely=until if vague else since)

    def says_no_more_than(self, other: "InForce") -> bool:
        """Whether *other* says the same already, or knows it to be older."""
        later = self.since >= other.since and self.surely >= other.surely
        return self.cadence == other.cadence and later


class OrganConstituted(Event):
    """`constituted_on` and `first_meeting_on` are missing where nobody knows."""

    key: str
    name: Text
    level: Level
    kind: str
    parent: str | None = None
    lifts_to: tuple[str, ...] = ()
    area: Text | None = None
    ages: tuple[int, int] | None = None
    police_station: Text | None = None
    note: Text | None = None
    constituted_on: date | None = None
    first_meeting_on: date | None = None
    first_meeting_precision: Precision = Precision.DAY


class MandateGiven(Event):
    mandate: Text


class CadenceSet(Event):
    """In force from the day on which it occurred."""

    cadence: Cadence


class QuorumSet(Event):
    """How many seats must be there for the organ to decide."""

    seats: int


class SeatTaken(Event):
    """A seat represents a service, or an office in words. Whoever sits in it is let in by it."""

    LATER: ClassVar[frozenset[str]] = Event.LATER | {"person", "until"}

    n: int
    role: SeatRole
    represents: Text | None = None
    service: str | None = None
    taken_on: date | None = None
    person: str | None = None
    until: date | None = None


class SeatLeft(Event):
    n: int
    left_on: date


class OrganPlaced(Event):
    parent: str | None
    lifts_to: tuple[str, ...]


class OrganRenamed(Event):
    name: Text


class OrganDissolved(Event):
    reason: Text


OrganEvent = (
    OrganConstituted | MandateGiven | CadenceSet | QuorumSet | SeatTaken | SeatLeft | OrganPlaced
    | OrganRenamed | OrganDissolved | TextErased
)  # fmt: skip


class Organ(BaseModel):
    """An organ as its events so far have made it. `cadences`: each that was in force, in order."""

    model_config = ConfigDict(frozen=True)

    id: str
    version: int
    key: str
    name: Text
    level: Level
    kind: str
    parent: str | None
    lifts_to: tuple[str, ...]
    area: Text | None
    ages: tuple[int, int] | None
    police_station: Text | None
    note: Text | None
    constituted_on: date | None
    first_meeting_on: date | None
    first_meeting_precision: Precision
    mandate: Text | None = None
    cadences: tuple[InForce, ...] = ()
    quorum: int | None = None
    seats: tuple[Seat, ...] = ()
    dissolved: bool = False
    erased: tuple[str, ...] = ()

    @property
    def cadence(self) -> Cadence | None:
        return self.cadences[-1].cadence if self.cadences else None

    def is_quorate(self, there: Iterable[int], on: date) -> bool | None:
        """Whether the seats that are *there* may decide on that day: as many as the quorum, by
        default more than half of those taken. None where none is: nobody knows who belongs to it.
        Guests count neither way."""
        taken = {s.n for s in self.seats if s.is_taken(on) and s.role is not SeatRole.GUEST}
        if not taken:
            return None
        needed = self.quorum if self.quorum is not None else len(taken) // 2 + 1
        return len(taken & set(there)) >= needed

    @classmethod
    def constitute(
        cls,
        *,
        key: str,
        topology: Topology,
        by: Actor,
        at: Occurred,
        ages: tuple[int, int] | None = None,
        parent: str | None = None,
        lifts_to: tuple[str, ...] = (),
        **facts: Any,  # noqa: ANN401 - the other fields of OrganConstituted, which checks them
    ) -> OrganConstituted:
        if key in topology.organs or key in topology.services:
            raise errors.OrganExists
        if ages is not None and ages[0] > ages[1]:
            raise errors.AgesTurnedRound
        return OrganConstituted(
            **envelope(organ_id(key), 1, by, at),
            key=key,
            ages=ages,
            parent=topology.living_organ(parent).key if parent else None,
            lifts_to=tuple(topology.living_organ(to).key for to in lifts_to),
            **facts,
        )

    def give_mandate(self, *, mandate: Text, by: Actor, at: Occurred) -> MandateGiven:
        return MandateGiven(**self._next(by, at), mandate=mandate)

    def set_cadence(self, *, cadence: Cadence, by: Actor, at: Occurred) -> CadenceSet:
        """From the day of *at* on, whatever was said of the days after it before. The same cadence
        is set again only to say that it is older than was known."""
        new = InForce.of(cadence, at)
        if self.cadences and new.says_no_more_than(self.cadences[-1]):
            raise errors.NothingChanged
        return CadenceSet(**self._next(by, at), cadence=cadence.possible())

    def set_quorum(self, *, seats: int, by: Actor, at: Occurred) -> QuorumSet:
        if seats < 1:
            raise errors.QuorumImpossible
        if seats == self.quorum:
            raise errors.NothingChanged
        return QuorumSet(**self._next(by, at), seats=seats)

    def take_seat(
        self,
        *,
        role: SeatRole,
        represents: Text | None = None,
        service: str | None = None,
        taken_on: date | None = None,
        person: str | None = None,
        until: date | None = None,
        topology: Topology,
        by: Actor,
        at: Occurred,
    ) -> SeatTaken:
        """*person*: an id that the ledger knows. *until*: the last day of the seat."""
        period_of(role, taken_on, until)
        return SeatTaken(
            **self._next(by, at),
            n=len(self.seats) + 1,
            role=role,
            represents=represents,
            service=topology.living_service(service) if service else None,
            taken_on=taken_on,
            person=person,
            until=until,
        )

    def leave_seat(self, n: int, *, left_on: date, by: Actor, at: Occurred) -> SeatLeft:
        return SeatLeft(**self._next(by, at), n=leaving(self.seats, n, left_on), left_on=left_on)

    def place(
        self,
        *,
        parent: str | None,
        lifts_to: tuple[str, ...],
        topology: Topology,
        by: Actor,
        at: Occurred,
    ) -> OrganPlaced:
        if (parent, lifts_to) == (self.parent, self.lifts_to):
            raise errors.NothingChanged
        return OrganPlaced(
            **self._next(by, at),
            parent=topology.living_organ(parent).key if parent else None,
            lifts_to=tuple(topology.living_organ(to).key for to in lifts_to),
        )

    def rename(self, *, name: Text, by: Actor, at: Occurred) -> OrganRenamed:
        return OrganRenamed(**self._next(by, at), name=name)

    def dissolve(self, *, reason: Text, by: Actor, at: Occurred) -> OrganDissolved:
        return OrganDissolved(**self._next(by, at), reason=reason)

    def known_seats(self, numbers: tuple[int, ...]) -> tuple[int, ...]:
        """*numbers* of seats, each once, that it has had. Refuses with `SeatUnknown`."""
        for n in numbers:
            if not 1 <= n <= len(self.seats):
                raise errors.SeatUnknown(n=n)
        return tuple(sorted(set(numbers)))

    def _next(self, by: Actor, at: Occurred) -> dict[str, Any]:
        if self.dissolved:
            raise errors.OrganIsDissolved
        return envelope(self.id, self.version + 1, by, at)


def organ_id(key: str) -> str:
    """The stream of the organ with this key."""
    return f"organ:{key}"


def evolve(organ: Organ | None, event: OrganEvent) -> Organ:
    """What *organ* becomes once *event* has happened."""
    if organ is None:
        assert isinstance(event, OrganConstituted), "an organ begins by being constituted"  # noqa: S101
        fields = event.model_dump(exclude={"originator_id", "originator_version", "actor"})
        return Organ(id=event.originator_id, version=event.originator_version, **fields)
    return organ.model_copy(
        update={"version": event.originator_version, **_changes(organ, event)},
    )


def _changes(organ: Organ, event: OrganEvent) -> dict[str, object]:  # noqa: C901 - one life
    match event:
        case OrganConstituted():
            raise AssertionError("an organ is constituted once")
        case MandateGiven(mandate=mandate):
            return {"mandate": mandate}
        case CadenceSet(cadence=cadence, occurred_at=at, precision=precision):
            new = InForce.of(cadence, Occurred(at=at, precision=precision))
            return {"cadences": (*(c for c in organ.cadences if c.since < new.since), new)}
        case QuorumSet(seats=seats):
            return {"quorum": seats}
        case SeatTaken():
            taken = Seat.model_validate(event.model_dump())
            return {"seats": (*organ.seats, taken)}
        case SeatLeft(n=n, left_on=left_on):
            return {"seats": left(organ.seats, n, left_on)}
        case OrganPlaced(parent=parent, lifts_to=lifts_to):
            return {"parent": parent, "lifts_to": lifts_to}
        case OrganRenamed(name=name):
            return {"name": name}
        case OrganDissolved():
            return {"dissolved": True}
        case TextErased(text_id=text_id):
            return {"erased": (*organ.erased, text_id)}
    assert_never(event)

"""The life of a service: registered, staffed, renamed, merged into another."""

from datetime import date
from typing import Any, assert_never

from pydantic import BaseModel, ConfigDict

from domain import errors
from domain.actor import Actor
from domain.entries import TextErased
from domain.event import Event, Occurred, envelope
from domain.seat import Seat, SeatRole, leaving, left, period_of
from domain.text import Text
from domain.topology import Topology


class ServiceRegistered(Event):
    key: str
    name: Text


class ServiceRenamed(Event):
    name: Text


class ServiceMerged(Event):
    into: str


class ServiceSeatTaken(Event):
    """Somebody works for the service: what it is asked, they answer."""

    n: int
    role: SeatRole
    person: str
    taken_on: date | None = None
    until: date | None = None


class ServiceSeatLeft(Event):
    n: int
    left_on: date


ServiceEvent = (
    ServiceRegistered | ServiceRenamed | ServiceMerged | ServiceSeatTaken | ServiceSeatLeft
    | TextErased
)  # fmt: skip


class Service(BaseModel):
    """A service as its events so far have made it. Its key says nothing; its name is words."""

    model_config = ConfigDict(frozen=True)

    id: str
    version: int
    key: str
    name: Text
    merged_into: str | None = None
    seats: tuple[Seat, ...] = ()
    erased: tuple[str, ...] = ()

    @classmethod
    def register(
        cls, *, key: str, name: Text, topology: Topology, by: Actor, at: Occurred
    ) -> ServiceRegistered:
        if key in topology.services or key in topology.organs:
            raise errors.ServiceExists
        return ServiceRegistered(**envelope(service_id(key), 1, by, at), key=key, name=name)

    def rename(self, *, name: Text, by: Actor, at: Occurred) -> ServiceRenamed:
        return ServiceRenamed(**self._next(by, at), name=name)

    def merge(self, *, into: str, topology: Topology, by: Actor, at: Occurred) -> ServiceMerged:
        if into == self.key:
            raise errors.NothingChanged
        return ServiceMerged(**self._next(by, at), into=topology.living_service(into))

    def take_seat(
        self,
        *,
        role: SeatRole,
        person: str,
        taken_on: date | None = None,
        until: date | None = None,
        by: Actor,
        at: Occurred,
    ) -> ServiceSeatTaken:
        """*person*: an id that the ledger knows. *until*: the last day of the seat."""
        period_of(role, taken_on, until)
        return ServiceSeatTaken(
            **self._next(by, at),
            n=len(self.seats) + 1,
            role=role,
            person=person,
            taken_on=taken_on,
            until=until,
        )

    def leave_seat(self, n: int, *, left_on: date, by: Actor, at: Occurred) -> ServiceSeatLeft:
        """Also of a service that has been merged: whoever sits there must be able to leave."""
        n = leaving(self.seats, n, left_on)
        return ServiceSeatLeft(**envelope(self.id, self.version + 1, by, at), n=n, left_on=left_on)

    def _next(self, by: Actor, at: Occurred) -> dict[str, Any]:
        if self.merged_into is not None:
            raise errors.ServiceIsMerged
        return envelope(self.id, self.version + 1, by, at)


def service_id(key: str) -> str:
    """The stream of the service with this key."""
    return f"service:{key}"


def evolve(service: Service | None, event: ServiceEvent) -> Service:
    """What *service* becomes once *event* has happened."""
    if service is None:
        assert isinstance(event, ServiceRegistered), "a service begins by being registered"  # noqa: S101
        return Service(id=event.originator_id, version=1, key=event.key, name=event.name)
    service = service.model_copy(update={"version": event.originator_version})
    match event:
        case ServiceRegistered():
            raise AssertionError("a service is registered once")
        case ServiceRenamed(name=name):
            return service.model_copy(update={"name": name})
        case ServiceMerged(into=into):
            return service.model_copy(update={"merged_into": into})
        case ServiceSeatTaken():
            taken = Seat.model_validate(event.model_dump())
            return service.model_copy(update={"seats": (*service.seats, taken)})
        case ServiceSeatLeft(n=n, left_on=left_on):
            return service.model_copy(update={"seats": left(service.seats, n, left_on)})
        case TextErased(text_id=text_id):
            return service.model_copy(update={"erased": (*service.erased, text_id)})
    assert_never(event)

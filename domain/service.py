"""The life of a service: registered, renamed, merged into another."""

from typing import Any, assert_never

from pydantic import BaseModel, ConfigDict

from domain import errors
from domain.actor import Actor
from domain.event import Event, Occurred, envelope
from domain.text import Text
from domain.topology import Topology


class ServiceRegistered(Event):
    key: str
    name: Text


class ServiceRenamed(Event):
    name: Text


class ServiceMerged(Event):
    into: str


ServiceEvent = ServiceRegistered | ServiceRenamed | ServiceMerged


class Service(BaseModel):
    """A service as its events so far have made it. Its key says nothing; its name is words."""

    model_config = ConfigDict(frozen=True)

    id: str
    version: int
    key: str
    name: Text
    merged_into: str | None = None

    @classmethod
    def register(
        cls, *, key: str, name: Text, topology: Topology, by: Actor, at: Occurred
    ) -> ServiceRegistered:
        if key in topology.services:
            raise errors.ServiceExists
        return ServiceRegistered(**envelope(service_id(key), 1, by, at), key=key, name=name)

    def rename(self, *, name: Text, by: Actor, at: Occurred) -> ServiceRenamed:
        return ServiceRenamed(**self._next(by, at), name=name)

    def merge(self, *, into: str, topology: Topology, by: Actor, at: Occurred) -> ServiceMerged:
        if into == self.key:
            raise errors.NothingChanged
        return ServiceMerged(**self._next(by, at), into=topology.living_service(into))

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
    assert_never(event)

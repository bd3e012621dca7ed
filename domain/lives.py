"""The register of lives: which events belong to which, and what each makes of its state."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel

from domain import (
    access,
    annual_report,
    case,
    credential,
    keeping,
    meeting,
    municipality,
    order,
    organ,
    person,
    plan,
    service,
)
from domain.entries import EntryWithdrawn
from domain.event import Event
from domain.topology import Topology


class Life(NamedTuple):
    """One kind of stream."""

    stream_type: str
    events: tuple[type[Event], ...]
    state: type[BaseModel]
    evolve: Callable[[Any, Any], Any]


LIVES = (
    Life("case", get_args(case.CaseEvent), case.Case, case.evolve),
    Life("organ", get_args(organ.OrganEvent), organ.Organ, organ.evolve),
    Life("meeting", get_args(meeting.MeetingEvent), meeting.Meeting, meeting.evolve),
    Life("order", get_args(order.OrderEvent), order.Order, order.evolve),
    Life("service", get_args(service.ServiceEvent), service.Service, service.evolve),
    Life("person", get_args(person.PersonEvent), person.Person, person.evolve),
    Life(
        "municipality",
        get_args(municipality.MunicipalityEvent),
        municipality.Municipality,
        municipality.evolve,
    ),
    Life("plan", get_args(plan.PlanEvent), plan.Plan, plan.evolve),
    Life(
        "annual",
        get_args(annual_report.AnnualReportEvent),
        annual_report.AnnualReport,
        annual_report.evolve,
    ),
    Life("keeping", (keeping.KeepingEvent,), keeping.Keeping, keeping.evolve),
    Life("access", get_args(access.AccessEvent), access.Access, access.evolve),
    Life(
        "credential",
        get_args(credential.CredentialEvent),
        credential.Credential,
        credential.evolve,
    ),
)

EVENTS: Mapping[str, type[Event]] = {e.__name__: e for life in LIVES for e in life.events}
_OF_TYPE: Mapping[str, Life] = {life.stream_type: life for life in LIVES}


def life_of(event: Event) -> Life:
    """The life that *event* belongs to. Its stream says so: what may happen to the entries of any
    life (`entries.py`) belongs to several. A case's stream is a bare id."""
    return life_at(event.originator_id)


def life_at(stream: str) -> Life:
    """The life that is lived on this stream, by its id."""
    return _OF_TYPE.get(stream.partition(":")[0], _OF_TYPE["case"])


def survey(topology: Topology, event: Event) -> Topology:
    """What *topology* becomes once *event* has happened, whichever life it belongs to."""
    match event:
        case organ.OrganConstituted():
            return topology.with_organ(
                event.key, level=event.level, parent=event.parent, lifts_to=event.lifts_to
            )
        case organ.OrganPlaced():
            key = event.originator_id.removeprefix("organ:")
            return topology.with_organ(key, parent=event.parent, lifts_to=event.lifts_to)
        case organ.OrganDissolved():
            return topology.with_organ(event.originator_id.removeprefix("organ:"), dissolved=True)
        case service.ServiceRegistered():
            return topology.with_service(event.key)
        case service.ServiceMerged():
            return topology.with_service(event.originator_id.removeprefix("service:"), event.into)
        case municipality.MunicipalityRegistered() | municipality.ThemesSet():
            return topology.model_copy(update={"themes": frozenset(event.themes)})
        case plan.FocusAreaSet():
            return topology.model_copy(update={"focus_areas": topology.focus_areas | {event.key}})
        case EntryWithdrawn(focus_area=str(key)):
            return topology.model_copy(update={"focus_areas": topology.focus_areas - {key}})
        case _:
            return topology

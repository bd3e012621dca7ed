"""Services: registered, renamed, merged into another, and who works there. Each change an event."""

import secrets
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel

from api import bodies
from api.answers import Page, Wording
from api.cases import AsOfQuery, Cursor, Limit
from api.cursors import after_key
from api.desk import Desk
from api.organ_answers import SeatAnswer, seat_answers
from api.organs import PROBLEMS, known_person
from api.seating import commanded, opened
from domain.errors import ServiceExists
from domain.event import Event
from domain.rights import Action
from domain.service import Service, service_id
from ledger.engine import Seen
from projections import structure

router = APIRouter(prefix="/api", tags=["organs"], responses=PROBLEMS)

ReadingPlan = Annotated[Desk, opened(Action.READ_PLAN)]
Changing = Annotated[Desk, commanded(Action.STRUCTURE)]
ServiceKey = Annotated[str, Path(max_length=100, description="Its key, or its name.")]


class ServiceAnswer(BaseModel):
    key: str
    name: str | None
    merged_into: str | None
    seats: list[SeatAnswer]
    version: int


class ServicePage(Page[ServiceAnswer]):
    pass


@router.get("/services")
def services(
    desk: ReadingPlan, _as_of: AsOfQuery = None, limit: Limit = 100, cursor: Cursor = None
) -> ServicePage:
    """All services, also those that were merged into another."""
    begin, every = after_key(cursor), structure.services(desk.database, as_of=desk.as_of.position)
    found = [one for one in every if one.key > begin][:limit]
    wording = desk.wording([one.name for one in found])
    items = [_service_answer(one, wording) for one in found]
    last = found[-1].key if len(found) == limit else None
    return ServicePage(items=items, next=desk.page(last))


SERVICE: dict[int | str, dict[str, Any]] = {201: {"model": ServiceAnswer}}


@router.post("/services", status_code=201, response_class=Response, responses=SERVICE)
def register(body: bodies.Naming, desk: Changing) -> Response:
    """Register a service. It goes by its name; its key says nothing."""
    at, name, key = desk.at(body), desk.write(body.name, body), f"s{secrets.token_hex(4)}"

    def decide() -> Any:  # noqa: ANN401 - a ServiceRegistered
        if desk.structure.service_named(body.name) is not None:
            raise ServiceExists
        return Service.register(key=key, name=name, topology=desk.topology, by=desk.by(body), at=at)

    seen = desk.engine.begin(
        Service, service_id(key), decide, command=desk.command, drafts=desk.pen.drafts
    )
    return _answer_service(desk, seen)


@router.post(
    "/services/{service}/renaming", status_code=201, response_class=Response, responses=SERVICE
)
def rename_service(service: ServiceKey, body: bodies.Naming, desk: Changing) -> Response:
    """Give a service another name. What it did under the old one stays."""
    name, at = desk.write(body.name, body), desk.at(body)
    return _act_on_service(
        desk, service, lambda life: life.rename(name=name, by=desk.by(body), at=at)
    )


@router.post(
    "/services/{service}/merger", status_code=201, response_class=Response, responses=SERVICE
)
def merge(service: ServiceKey, body: bodies.Merging, desk: Changing) -> Response:
    """Merge a service into another. History is not rewritten."""
    at = desk.at(body)
    return _act_on_service(
        desk,
        service,
        lambda life: life.merge(
            into=desk.structure.service(body.into),
            topology=desk.topology,
            by=desk.by(body),
            at=at,
        ),
    )


@router.post(
    "/services/{service}/seats", status_code=201, response_class=Response, responses=SERVICE
)
def take_a_seat_in_a_service(
    service: ServiceKey, body: bodies.ServiceSeating, desk: Changing
) -> Response:
    """Somebody works for a service from now on: they read its cases, and answer for it."""
    at = desk.at(body)
    return _act_on_service(
        desk,
        service,
        lambda life: life.take_seat(
            role=body.role,
            person=known_person(desk, body.person),
            taken_on=body.taken_on,
            until=body.until,
            by=desk.by(body),
            at=at,
        ),
    )


@router.post(
    "/services/{service}/seats/{n}/departure",
    status_code=201,
    response_class=Response,
    responses=SERVICE,
)
def leave_a_seat_in_a_service(
    service: ServiceKey,
    n: Annotated[int, Path(ge=1, le=100_000)],
    body: bodies.Departure,
    desk: Changing,
) -> Response:
    """Somebody works for a service no longer."""
    at = desk.at(body)
    return _act_on_service(
        desk,
        service,
        lambda life: life.leave_seat(n, left_on=body.left_on, by=desk.by(body), at=at),
    )


def _act_on_service(desk: Desk, service: str, decide: Callable[[Service], Event]) -> Response:
    seen = desk.engine.act(
        Service,
        service_id(desk.structure.service(service)),
        decide,
        command=desk.command,
        drafts=desk.pen.drafts,
    )
    return _answer_service(desk, seen)


def _answer_service(desk: Desk, seen: Seen[Service]) -> Response:
    wording = desk.wording([seen.state.name])
    return desk.answer(_service_answer(seen.state, wording), seen)


def _service_answer(one: Service, wording: Wording) -> ServiceAnswer:
    return ServiceAnswer(
        key=one.key,
        name=wording.of(one.name),
        merged_into=one.merged_into,
        seats=seat_answers(one.seats, wording, None),
        version=one.version,
    )

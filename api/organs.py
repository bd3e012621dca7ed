"""The municipality's structure: organs with their seats, and services. Each change an event."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel

from api import bodies
from api.cases import AsOfQuery, Cursor, Limit
from api.cursors import after_key
from api.desk import Desk
from api.fields import Day
from api.meeting_bodies import QuorumChange
from api.organ_answers import OrganAnswer, OrganPage, organ_answer, organ_texts
from api.problems import NotFound, declared
from api.seating import commanded, opened
from domain.errors import PersonUnknown
from domain.municipality import MUNICIPALITY, Municipality
from domain.organ import Organ, organ_id
from domain.rights import Action
from ledger.engine import Seen
from projections import structure

PROBLEMS: dict[int | str, dict[str, Any]] = declared(401, 403, 404, 409, 412, 413, 422, 503)
router = APIRouter(prefix="/api", tags=["organs"], responses=PROBLEMS)

Reading = Annotated[Desk, opened(Action.READ_ORGANS)]
ReadingPlan = Annotated[Desk, opened(Action.READ_PLAN)]
Changing = Annotated[Desk, commanded(Action.STRUCTURE)]
OrganKey = Annotated[str, Path(max_length=100)]
OnDay = Annotated[
    Day | None, Query(alias="on", description="Only seats that are taken on this day.")
]
CREATED: dict[int | str, dict[str, Any]] = {201: {"model": OrganAnswer}}


@router.get("/organs")
def organs(
    desk: Reading,
    on: OnDay = None,
    _as_of: AsOfQuery = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> OrganPage:
    """All organs, with where they lift to and who sits in them."""
    found = structure.organs(
        desk.database, as_of=desk.as_of.position, after=after_key(cursor), limit=limit
    )
    wording = desk.wording([text for one in found for text in organ_texts(one)])
    items = [organ_answer(one, wording, on) for one in found]
    return OrganPage(items=items, next=desk.page(found[-1].key if len(found) == limit else None))


@router.get("/organs/{key}")
def organ(key: OrganKey, desk: Reading, on: OnDay = None, _as_of: AsOfQuery = None) -> OrganAnswer:
    """One organ."""
    found = None
    if "\x00" not in key:
        found = structure.organ(desk.database, key, as_of=desk.as_of.position)
    if found is None:
        raise NotFound
    return organ_answer(found, desk.wording(organ_texts(found)), on)


@router.post("/organs", status_code=201, response_class=Response, responses=CREATED)
def constitute(body: bodies.Constitution, desk: Changing) -> Response:
    """Constitute an organ."""
    at = desk.at(body)
    name, area = desk.write(body.name, body), desk.write_if(body.area, body)
    note = desk.write_if(body.note, body)
    seen = desk.engine.begin(
        Organ,
        organ_id(body.key),
        lambda: Organ.constitute(
            key=body.key,
            name=name,
            level=body.level,
            kind=body.kind,
            parent=body.parent,
            lifts_to=tuple(body.lifts_to),
            area=area,
            ages=body.ages,
            note=note,
            topology=desk.topology,
            by=desk.by(body),
            at=at,
        ),
        command=desk.command,
        drafts=desk.pen.drafts,
    )
    return _answer(desk, seen, {"Location": f"/api/organs/{body.key}"})


@router.post("/organs/{key}/seats", status_code=201, response_class=Response, responses=CREATED)
def take_a_seat(key: OrganKey, body: bodies.Seating, desk: Changing) -> Response:
    """Somebody takes a seat: on behalf of a service, or of an office in words."""
    represents = desk.write_if(body.represents, body)
    return _act(
        desk,
        key,
        body,
        lambda life, **who: life.take_seat(
            role=body.role,
            represents=represents,
            service=desk.structure.service(body.service) if body.service else None,
            person=known_person(desk, body.person) if body.person else None,
            taken_on=body.taken_on,
            until=body.until,
            topology=desk.topology,
            **who,
        ),
    )


@router.post(
    "/organs/{key}/seats/{n}/departure",
    status_code=201,
    response_class=Response,
    responses=CREATED,
)
def leave_a_seat(
    key: OrganKey,
    n: Annotated[int, Path(ge=1, le=100_000)],
    body: bodies.Departure,
    desk: Changing,
) -> Response:
    """A seat is left on a day."""
    return _act(
        desk, key, body, lambda life, **who: life.leave_seat(n, left_on=body.left_on, **who)
    )


@router.post("/organs/{key}/mandate", status_code=201, response_class=Response, responses=CREATED)
def give_a_mandate(key: OrganKey, body: bodies.Mandate, desk: Changing) -> Response:
    """Give an organ its mandate."""
    mandate = desk.write(body.mandate, body)
    return _act(desk, key, body, lambda life, **who: life.give_mandate(mandate=mandate, **who))


@router.post("/organs/{key}/cadence", status_code=201, response_class=Response, responses=CREATED)
def set_the_cadence(key: OrganKey, body: bodies.CadenceChange, desk: Changing) -> Response:
    """Say how often an organ meets."""
    cadence = body.cadence.plain
    return _act(desk, key, body, lambda life, **who: life.set_cadence(cadence=cadence, **who))


@router.post("/organs/{key}/quorum", status_code=201, response_class=Response, responses=CREATED)
def set_the_quorum(key: OrganKey, body: QuorumChange, desk: Changing) -> Response:
    """Say how many seats must be there for an organ to decide."""
    return _act(desk, key, body, lambda life, **who: life.set_quorum(seats=body.seats, **who))


@router.post("/organs/{key}/placement", status_code=201, response_class=Response, responses=CREATED)
def place(key: OrganKey, body: bodies.Placement, desk: Changing) -> Response:
    """Say which organ stands above this one, and where it lifts to."""
    return _act(
        desk,
        key,
        body,
        lambda life, **who: life.place(
            parent=body.parent, lifts_to=tuple(body.lifts_to), topology=desk.topology, **who
        ),
    )


@router.post("/organs/{key}/renaming", status_code=201, response_class=Response, responses=CREATED)
def rename(key: OrganKey, body: bodies.Naming, desk: Changing) -> Response:
    """Give an organ another name."""
    name = desk.write(body.name, body)
    return _act(desk, key, body, lambda life, **who: life.rename(name=name, **who))


@router.post(
    "/organs/{key}/dissolution", status_code=201, response_class=Response, responses=CREATED
)
def dissolve(key: OrganKey, body: bodies.Reasoned, desk: Changing) -> Response:
    """Dissolve an organ. Its cases and its history stay."""
    reason = desk.write(body.reason, body)
    return _act(desk, key, body, lambda life, **who: life.dissolve(reason=reason, **who))


class MunicipalityAnswer(BaseModel):
    """The municipality, and the keys of the themes that cases may have."""

    name: str | None
    number: str | None
    language: str
    themes: list[str]
    version: int


@router.get("/municipality")
def municipality(desk: ReadingPlan, _as_of: AsOfQuery = None) -> MunicipalityAnswer:
    """The municipality that this ledger is of."""
    seen = desk.engine.load(Municipality, MUNICIPALITY, desk.as_of.position)
    if seen is None:
        raise NotFound
    return _municipality(desk, seen.state)


@router.post(
    "/municipality/themes",
    status_code=201,
    response_class=Response,
    responses={201: {"model": MunicipalityAnswer}},
)
def set_themes(body: bodies.ThemeList, desk: Changing) -> Response:
    """Set the list of themes. One that is taken off it stays on the cases that have it."""
    at = desk.at(body)
    desk.pass_gate(body)
    seen = desk.engine.act(
        Municipality,
        MUNICIPALITY,
        lambda life: life.set_themes(themes=tuple(body.themes), by=desk.by(body), at=at),
        command=desk.command,
        drafts=desk.pen.drafts,
    )
    return desk.answer(_municipality(desk, seen.state), seen)


def _municipality(desk: Desk, state: Municipality) -> MunicipalityAnswer:
    return MunicipalityAnswer(
        name=desk.wording([state.name]).of(state.name),
        number=state.number,
        language=state.language,
        themes=list(state.themes),
        version=state.version,
    )


def known_person(desk: Desk, person: str) -> str:
    """The id itself, of somebody who is registered here. Refuses with `PersonUnknown`."""
    if person not in desk.structure.roster.roles:
        raise PersonUnknown
    return person


def _act(desk: Desk, key: str, body: bodies.Command, decide: Any) -> Response:  # noqa: ANN401
    """*decide* is called with the organ, `by` and `at`."""
    at = desk.at(body)
    if "\x00" in key:
        raise NotFound
    seen = desk.engine.act(
        Organ,
        organ_id(key),
        lambda life: decide(life, by=desk.by(body), at=at),
        command=desk.command,
        drafts=desk.pen.drafts,
    )
    return _answer(desk, seen)


def _answer(desk: Desk, seen: Seen[Organ], headers: dict[str, str] | None = None) -> Response:
    wording = desk.wording(organ_texts(seen.state))
    return desk.answer(organ_answer(seen.state, wording, None), seen, headers)

"""The municipality's plan: focus areas, plans, work done and the challenge picture."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from api import bodies
from api.answers import EntryAnswer, EntryPage, entry_fields
from api.cases import AsOfQuery, Cursor, Limit
from api.cursors import after_position
from api.desk import Desk
from api.problems import declared
from api.seating import commanded, opened
from domain import plan
from domain.event import Event
from domain.plan import PLAN, Plan
from domain.rights import Action
from ledger.texts import texts_in
from projections import structure

PROBLEMS: dict[int | str, dict[str, Any]] = declared(401, 403, 404, 409, 412, 413, 422, 503)
router = APIRouter(prefix="/api", tags=["plan"], responses=PROBLEMS)

Reading = Annotated[Desk, opened(Action.READ_PLAN)]
Planning = Annotated[Desk, commanded(Action.PLAN)]
AreaKey = Annotated[str, Path(max_length=100)]
CREATED: dict[int | str, dict[str, Any]] = {201: {"model": EntryAnswer}}


@router.get("/focus-areas")
def focus_areas(
    desk: Reading, _as_of: AsOfQuery = None, limit: Limit = 100, cursor: Cursor = None
) -> EntryPage:
    """The focus areas that the board has set, for a year or until it says otherwise."""
    return _page(desk, plan.FocusAreaSet, limit, cursor)


@router.get("/plans")
def plans(
    desk: Reading, _as_of: AsOfQuery = None, limit: Limit = 100, cursor: Cursor = None
) -> EntryPage:
    """The plans that have been adopted, with their periods."""
    return _page(desk, plan.PlanAdopted, limit, cursor)


@router.get("/work")
def work(
    desk: Reading, _as_of: AsOfQuery = None, limit: Limit = 100, cursor: Cursor = None
) -> EntryPage:
    """What was done, by focus area and year."""
    return _page(desk, plan.WorkReported, limit, cursor)


@router.get("/observations")
def observations(
    desk: Reading, _as_of: AsOfQuery = None, limit: Limit = 100, cursor: Cursor = None
) -> EntryPage:
    """The challenge picture: what has been observed, and by whom."""
    return _page(desk, plan.ObservationMade, limit, cursor)


@router.get("/methods")
def methods(
    desk: Reading, _as_of: AsOfQuery = None, limit: Limit = 100, cursor: Cursor = None
) -> EntryPage:
    """Ways of working that the municipality uses again and again."""
    return _page(desk, plan.MethodDescribed, limit, cursor)


@router.post("/focus-areas", status_code=201, response_class=Response, responses=CREATED)
def set_focus_area(body: bodies.FocusAreaSetting, desk: Planning) -> Response:
    """Set a focus area on behalf of the board (`acting_for`)."""
    name = desk.write(body.name, body)
    return act(
        desk,
        body,
        lambda life, by, at: life.set_focus_area(
            key=body.key,
            name=name,
            year=body.year,
            ages=body.ages,
            topology=desk.topology,
            by=by,
            at=at,
        ),
    )


@router.post(
    "/focus-areas/{key}/renaming", status_code=201, response_class=Response, responses=CREATED
)
def rename_focus_area(key: AreaKey, body: bodies.FocusAreaNaming, desk: Planning) -> Response:
    """Give a focus area of a year another name."""
    name = desk.write(body.name, body)
    return act(
        desk,
        body,
        lambda life, by, at: life.rename_focus_area(
            key=key, year=body.year, name=name, topology=desk.topology, by=by, at=at
        ),
    )


@router.post("/focus-areas/{key}/work", status_code=201, response_class=Response, responses=CREATED)
def report_work(key: AreaKey, body: bodies.WorkReport, desk: Planning) -> Response:
    """Record what was done in a focus area."""
    what = desk.write(body.what, body)
    return act(
        desk,
        body,
        lambda life, by, at: life.report_work(
            focus_area=key, year=body.year, what=what, by=by, at=at
        ),
    )


@router.post("/plans", status_code=201, response_class=Response, responses=CREATED)
def adopt_plan(body: bodies.PlanAdoption, desk: Planning) -> Response:
    """Record that the board adopted a plan (`acting_for`)."""
    name = desk.write(body.name, body)
    return act(
        desk,
        body,
        lambda life, by, at: life.adopt(
            name=name,
            from_year=body.from_,
            to_year=body.to,
            topology=desk.topology,
            by=by,
            at=at,
        ),
    )


@router.post("/observations", status_code=201, response_class=Response, responses=CREATED)
def observe(body: bodies.Observing, desk: Planning) -> Response:
    """Record an observation for the challenge picture."""
    what = desk.write(body.text, body)
    return act(
        desk,
        body,
        lambda life, by, at: life.observe(
            observer=body.source,
            what=what,
            theme=body.theme,
            direction=body.direction,
            confidence=body.confidence,
            dark_figure=body.dark_figure,
            topology=desk.topology,
            by=by,
            at=at,
        ),
    )


def _page(desk: Desk, kind: type[Event], limit: int, cursor: str | None) -> EntryPage:
    found = structure.plan_entries(
        desk.database,
        kind.TOPIC,
        as_of=desk.as_of.position,
        after=after_position(cursor),
        limit=limit,
    )
    wording = desk.wording(texts_in(found))
    items = [EntryAnswer.model_validate(entry_fields(one, wording)) for one in found]
    return EntryPage(items=items, next=desk.page(found[-1].id if len(found) == limit else None))


def act(desk: Desk, body: bodies.Command, decide: Any) -> Response:  # noqa: ANN401
    """*decide* is called with the plan, who and when. Answers with the entry that it made."""
    at = desk.at(body)

    def decided(life: Plan) -> Event:
        desk.sits_there(None, at)
        event: Event = decide(life, desk.by(body), at)
        return event

    seen = desk.engine.act(
        Plan,
        PLAN,
        decided,
        command=desk.command,
        drafts=desk.pen.drafts,
        absent=Plan(),
    )
    return desk.answer_entry(seen)

"""Whether organs meet as often as they are to, and when they are due."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.answers import Page
from api.cases import AsOfQuery, Cursor, Limit
from api.cursors import after_key
from api.desk import Desk
from api.fields import Day
from api.organs import OrganKey
from api.problems import NotFound, declared
from api.seating import opened
from domain.cadence import Period, Rhythm, rhythm_of
from domain.organ import Cadence, Organ
from domain.rights import Action
from projections import meetings, structure

PROBLEMS: dict[int | str, dict[str, Any]] = declared(401, 403, 404, 422, 503)
router = APIRouter(prefix="/api", tags=["meetings"], responses=PROBLEMS)
Reading = Annotated[Desk, opened(Action.READ_ORGANS)]
SinceQuery = Annotated[
    Day | None,
    Query(description="Leave out the periods that were over by this day. Default: all of them."),
]


class PeriodAnswer(BaseModel):
    """A period, or the part of one in which the cadence was in force. `to`: its last day. `wanted`:
    of a part its share, rounded down. `kept` is null while it lasts and too few were held, and
    where none was wanted and none held."""

    from_: date = Field(alias="from")
    to: date
    wanted: int
    held: int
    kept: bool | None


class CadenceAnswer(BaseModel):
    """How an organ has kept its cadences, each while it was in force; without one there is nothing
    to keep. `next_due_on`: the day, or where it is enough to meet so often the last day, of the
    next meeting that keeps it."""

    cadence: Cadence | None
    periods: list[PeriodAnswer]
    missed: int
    last_held_on: date | None
    next_due_on: date | None


class OrganCadence(CadenceAnswer):
    organ: str


class CadencePage(Page[OrganCadence]):
    pass


@router.get("/cadences")
def read_cadences(
    desk: Reading,
    since: SinceQuery = None,
    _as_of: AsOfQuery = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> CadencePage:
    """How all organs that are not dissolved keep their cadences, which missed theirs, and when each
    is to meet next."""
    found = structure.organs(
        desk.database, as_of=desk.as_of.position, after=after_key(cursor), limit=limit
    )
    living = [organ for organ in found if not organ.dissolved]
    held = _held(desk, living)
    items = [
        OrganCadence(organ=organ.key, **dict(_cadence(desk, organ, held[organ.key], since)))
        for organ in living
    ]
    return CadencePage(items=items, next=desk.page(found[-1].key if len(found) == limit else None))


@router.get("/organs/{key}/cadence")
def read_cadence(
    key: OrganKey, desk: Reading, since: SinceQuery = None, _as_of: AsOfQuery = None
) -> CadenceAnswer:
    """Which periods kept an organ's cadence, which missed it, and when it is to meet next."""
    organ = None
    if "\x00" not in key:
        organ = structure.organ(desk.database, key, as_of=desk.as_of.position)
    if organ is None:
        raise NotFound
    return _cadence(desk, organ, _held(desk, [organ])[organ.key], since)


def _held(desk: Desk, organs: Sequence[Organ]) -> dict[str, list[date]]:
    keys = [organ.key for organ in organs]
    return meetings.days_held(desk.database, keys, as_of=desk.as_of.position)


def _cadence(desk: Desk, organ: Organ, held: Sequence[date], since: date | None) -> CadenceAnswer:
    found = None
    if organ.cadences and not organ.dissolved:
        found = rhythm_of(organ, held, today=desk.as_of.today)
    periods = _periods(found, since)
    return CadenceAnswer(
        cadence=organ.cadence,
        periods=[_period(period) for period in periods],
        missed=sum(period.kept is False for period in periods),
        last_held_on=held[-1] if held else None,
        next_due_on=found.next_due_on if found is not None else None,
    )


def _periods(found: Rhythm | None, since: date | None) -> list[Period]:
    every = found.periods if found is not None else ()
    return [period for period in every if since is None or since < period.until]


def _period(period: Period) -> PeriodAnswer:
    return PeriodAnswer.model_validate(
        {
            "from": period.begin,
            "to": period.until - timedelta(days=1),
            "wanted": period.wanted,
            "held": period.held,
            "kept": period.kept,
        }
    )

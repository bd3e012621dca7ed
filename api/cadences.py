"""Whether an organ meets as often as it is to, and when it is due."""

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.cases import AsOfQuery
from api.desk import Desk
from api.fields import Day
from api.organs import OrganKey
from api.problems import NotFound, declared
from api.seating import opened
from domain.cadence import Period, rhythm
from domain.organ import Cadence, Organ
from domain.rights import Action
from projections import meetings, structure

PROBLEMS: dict[int | str, dict[str, Any]] = declared(401, 403, 404, 422, 503)
router = APIRouter(prefix="/api/organs", tags=["meetings"], responses=PROBLEMS)
Reading = Annotated[Desk, opened(Action.READ_ORGANS)]
SinceQuery = Annotated[
    Day | None, Query(description="Judge from this day on. Default: from the first meeting.")
]


class PeriodAnswer(BaseModel):
    """`to`: its last day. `kept` is null while it lasts and too few were held."""

    from_: date = Field(alias="from")
    to: date
    wanted: int
    held: int
    kept: bool | None


class CadenceAnswer(BaseModel):
    """How an organ has kept its cadence; without one there is nothing to keep. `next_due_on`: the
    day, or where it is enough to meet so often the last day, of the next meeting that keeps it."""

    cadence: Cadence | None
    periods: list[PeriodAnswer]
    missed: int
    last_held_on: date | None
    next_due_on: date | None


@router.get("/{key}/cadence")
def read_cadence(
    key: OrganKey, desk: Reading, since: SinceQuery = None, _as_of: AsOfQuery = None
) -> CadenceAnswer:
    """Which periods kept an organ's cadence, which missed it, and when it is to meet next."""
    as_of = desk.as_of
    organ = None
    if "\x00" not in key:
        organ = structure.organ(desk.database, key, as_of=as_of.position)
    if organ is None:
        raise NotFound
    held = meetings.days_held(desk.database, organ.key, as_of=as_of.bound)
    if organ.cadence is None or organ.dissolved:
        return CadenceAnswer(
            cadence=organ.cadence, periods=[], missed=0, last_held_on=_last(held), next_due_on=None
        )
    begin = since or _begin(organ, held, as_of.today)
    found = rhythm(organ.cadence, held, begin=begin, today=max(begin, as_of.today))
    return CadenceAnswer(
        cadence=organ.cadence,
        periods=[_period(period) for period in found.periods],
        missed=len(found.missed),
        last_held_on=_last(held),
        next_due_on=found.next_due_on,
    )


def _begin(organ: Organ, held: list[date], today: date) -> date:
    """The first meeting that is known of. What was held before it stands in no ledger, and is
    not called missed."""
    known = [day for day in (organ.first_meeting_on, *held[:1]) if day is not None]
    return min(known, default=today)


def _last(held: list[date]) -> date | None:
    return held[-1] if held else None


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

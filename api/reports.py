"""Reports: numbers, and no words."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel

from api.cases import AsOfQuery
from api.desk import Desk
from api.problems import declared
from api.seating import opened
from domain.rights import Action
from projections import overview

PROBLEMS: dict[int | str, dict[str, Any]] = declared(401, 403, 422, 503)
router = APIRouter(prefix="/api/reports", tags=["reports"], responses=PROBLEMS)


class OverviewAnswer(BaseModel):
    """How many cases there are, in all and by each key. `organ` counts by holder, `month` by the
    month in which a case was raised."""

    total: int
    status: dict[str, int]
    level: dict[str, int]
    organ: dict[str, int]
    theme: dict[str, int]
    focus_area: dict[str, int]
    month: dict[str, int]


@router.get("/overview")
def counts(
    desk: Annotated[Desk, opened(Action.READ_REPORTS)], _as_of: AsOfQuery = None
) -> OverviewAnswer:
    """Counts by status, level, organ, theme, focus area and month, as of any moment."""
    found = overview.counts(desk.database, as_of=desk.as_of.position)
    total = found.pop("total").get("cases", 0)
    return OverviewAnswer(total=total, **found)

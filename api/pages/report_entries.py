"""What a number of a report counts: each entry, with the way to its case."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import ValidationError

from api.cursors import cursor
from api.desk import Desk
from api.page import Page
from api.pages.desks import looking
from api.pages.reports import asked_for
from api.pages.shell import case_numbers, shown
from api.report_query import CellUnknown, ReportQuery, sitting
from domain.rights import Action
from projections import audit_trail, channels, measures, overview, roads

router = APIRouter(prefix="/reports", route_class=Page, include_in_schema=False)
Looking = Annotated[Desk, looking(Action.READ_REPORTS)]
Report = Literal["overview", "flow", "channels", "measures"]
Written = Annotated[str | None, Query(max_length=300)]
Cell = Annotated[str, Query(max_length=300)]
From = Annotated[str | None, Query(max_length=300, alias="from")]
To = Annotated[str | None, Query(max_length=300, alias="to")]
PLACES = {
    "overview": overview.places,
    "flow": roads.places,
    "channels": channels.places,
    "measures": measures.places,
}
A_PAGE = 50


@router.get("/{report}/entries")
def read_entries(
    report: Report, desk: Looking, explain: Cell, since: From = None, until: To = None,
    organ: Written = None, focus_area: Written = None, as_of: Written = None,
    after: Written = None,
) -> Response:  # fmt: skip
    asked = asked_for(since, until, organ, focus_area, as_of)
    try:
        query = ReportQuery.model_validate(asked | {"explain": explain, "cursor": after})
    except ValidationError:
        raise CellUnknown from None
    asking = sitting(query, desk)
    found = PLACES[report](
        desk.sight, desk.database, asking.asked, asking.cell or "", after=asking.after, limit=A_PAGE
    )
    if found is None:
        raise CellUnknown
    entries = audit_trail.entries(desk.sight, found.positions)
    more = cursor(found.positions[-1]) if len(found.positions) == A_PAGE else None
    return shown(
        desk,
        "report_entries",
        report=report,
        found=found,
        entries=entries,
        numbers=case_numbers(desk, {str(one.originator_id) for one in entries}),
        asked=asked,
        next=asked | {"explain": explain, "after": more} if more else None,
    )

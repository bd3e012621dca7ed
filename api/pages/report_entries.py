"""What a number of a report counts: each entry, with the way to its case."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import ValidationError

from api.cursors import cursor
from api.desk import Desk
from api.page import Page
from api.pages.desks import looking
from api.pages.reports import Asked
from api.pages.shell import case_numbers, shown
from api.report_query import Asking, CellUnknown, Listing, ReportQuery, sitting
from api.reports import places
from domain.rights import Action
from projections import audit_trail, channels, measures, roads
from projections.asked import Places

router = APIRouter(prefix="/reports", route_class=Page, include_in_schema=False)
Looking = Annotated[Desk, looking(Action.READ_REPORTS)]
Report = Literal["overview", "flow", "channels", "measures"]
Written = Annotated[str | None, Query(max_length=300)]
Cell = Annotated[str, Query(max_length=300)]
LISTINGS: dict[str, Listing] = {
    "flow": roads.places,
    "channels": channels.places,
    "measures": measures.places,
}
A_PAGE = 50


@router.get("/{report}/entries")
def read_entries(
    report: Report, desk: Looking, explain: Cell, asked: Asked, after: Written = None
) -> Response:
    try:
        query = ReportQuery.model_validate(asked | {"explain": explain, "cursor": after})
    except ValidationError:
        raise CellUnknown from None
    asking = sitting(query, desk)
    found = _found(asking, report)
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
        is_missing=explain.startswith("missed/"),
        next=asked | {"explain": explain, "after": more} if more else None,
    )


def _found(asking: Asking, report: Report) -> Places:
    """Refuses with `CellUnknown`, and with `NotForNumbersAlone`."""
    cell = asking.cell or ""
    if report == "overview":
        found = places(asking, cell, A_PAGE)
    else:
        found = asking.listed(LISTINGS[report], cell, A_PAGE)
    if found is None:
        raise CellUnknown
    return found

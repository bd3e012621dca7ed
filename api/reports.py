"""The overview: how many cases there are of each kind. Numbers, and no words of cases."""

from collections.abc import Iterator, Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.desk import Desk
from api.problems import declared
from api.report_lines import Line
from api.report_query import FORMATS, Asking, Head, Reporting, ReportQuery, sitting
from ledger.texts import words_of
from projections import crosses, overview, structure
from projections.asked import Places

router = APIRouter(prefix="/api/reports", tags=["reports"], responses=declared(401, 403, 422, 503))
Numbers = dict[str, int | None]


class OverviewAnswer(Head):
    """How many cases there are, in all and by each key. `organ` counts by holder, `raised_by` and
    `area` by the organ that raised them and where that works; `month` by the month in which a case
    was raised, and `closed_month` by that in which it was closed; `ageing`: open cases, by days
    since they were raised. A number is null where it is small, and what is named in `left_out` is
    not told at all to those who are shown numbers alone."""

    total: int | None
    status: Numbers
    level: Numbers
    organ: Numbers
    theme: Numbers
    focus_area: Numbers
    month: Numbers
    raised_by: Numbers
    prevention_level: Numbers
    age_group: Numbers
    service: Numbers
    area: Numbers
    closed_month: Numbers
    ageing: Numbers
    left_out: list[str]


DIMENSIONS = tuple(
    name for name in OverviewAnswer.model_fields
    if name not in {*Head.model_fields, "total", "left_out"}
)  # fmt: skip


@router.get("/overview", response_model=OverviewAnswer, responses=FORMATS)
def counts(query: Annotated[ReportQuery, Query()], desk: Reporting) -> Response:
    """Counts of cases by whatever they have, what came in and went out by month, and how old the
    open ones are, as of any moment."""
    asking = sitting(query, desk)
    cell = asking.cell
    if cell is not None:
        return asking.explained(places(asking, cell, query.limit))
    answer = told(asking)
    return asking.answered("overview", answer, list(_lines(answer)))


def told(asking: Asking) -> OverviewAnswer:
    """The report as whoever asks is shown it."""
    if not asking.is_true and not asking.asked.is_everything:
        return _crossed(asking)
    found = overview.report(asking.desk.database, asking.fixed)
    by_area = _by_area(asking, found.counts["raised_by"])
    every: dict[str, Mapping[str, int]] = {**found.counts, "area": by_area}
    return OverviewAnswer(
        **dict(asking.head),
        total=found.total,
        **{name: dict(every[name]) for name in DIMENSIONS},
        left_out=[],
    )


def places(asking: Asking, cell: str, limit: int) -> Places | None:
    """Where the cases were raised that a number of this report counts."""
    return overview.places(
        asking.desk.sight,
        asking.desk.database,
        asking.asked,
        cell,
        areas=_areas(asking),
        after=asking.after,
        limit=limit,
    )


def _areas(asking: Asking) -> dict[str, list[str]]:
    """The organs by where they work. Two areas that are called alike are one."""
    desk = asking.desk
    organs = structure.organs(desk.database, as_of=asking.fixed.as_of)
    texts = {one.key: one.area.id for one in organs if one.area is not None}
    words = words_of(desk.database, list(texts.values())) if texts else {}
    found: dict[str, list[str]] = {}
    for organ, text in texts.items():
        if text in words:
            found.setdefault(words[text], []).append(organ)
    return dict(sorted(found.items()))


def _by_area(asking: Asking, raised_by: Mapping[str, int]) -> dict[str, int]:
    counts = {
        area: sum(raised_by.get(organ, 0) for organ in organs)
        for area, organs in _areas(asking).items()
    }
    return {area: many for area, many in counts.items() if many}


def _crossed(asking: Asking) -> OverviewAnswer:
    """What those who are shown numbers alone are told of an organ or a focus area: a line of a
    protected table. A period, and whatever else would cross more, is left out."""
    asked, told = asking.asked, dict[str, Numbers]()
    total: int | None = None
    if asked.since is None and asked.until is None:
        if asked.focus_area is None:
            told = {
                across: {key: many for (organ, key), many in _table(asking, across).items()
                         if organ == asked.organ}
                for across in crosses.ACROSS
            }  # fmt: skip
        else:
            table = _table(asking, "focus_area")
            line = {organ: many for (organ, key), many in table.items() if key == asked.focus_area}
            if asked.organ is None:
                told = {"raised_by": line}
            else:
                total = line.get(asked.organ, 0)
    return OverviewAnswer(
        **dict(asking.head),
        total=total,
        **{name: dict(sorted(told.get(name, {}).items())) for name in DIMENSIONS},
        left_out=[name for name in DIMENSIONS if name not in told],
    )


def _table(asking: Asking, across: str) -> crosses.Cross:
    return crosses.cross(asking.desk.database, asking.releases, across)


def everything(desk: Desk) -> OverviewAnswer:
    """The overview without any filter, for the picture at a glance."""
    return told(sitting(ReportQuery(), desk))


def _lines(answer: OverviewAnswer) -> Iterator[Line]:
    yield Line("total", "", "", "cases", answer.total, answer.total is None)
    for name in DIMENSIONS:
        for key, many in getattr(answer, name).items():
            yield Line(name, name, key, "cases", many, many is None)

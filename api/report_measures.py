"""The report on measures and focus areas: what was done, and what came of it."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from api.problems import declared
from api.report_lines import Line
from api.report_query import FORMATS, Asking, Head, Reporting, ReportQuery, sitting
from domain.rights import Action, hat
from ledger.texts import words_of
from projections import measures
from projections.shield import of_a_cross, small

router = APIRouter(prefix="/api/reports", tags=["reports"], responses=declared(401, 403, 422, 503))


class DoneAnswer(BaseModel):
    """The measures of a focus area (null: of cases without one) at a level of prevention: how many
    were started, what effect was found where one was expected, and how many are not evaluated yet,
    or late."""

    focus_area: str | None
    prevention_level: str
    started: int | None
    wanted: int | None
    partly: int | None
    none: int | None
    unknown: int | None
    running: int | None
    late: int | None


class WorkDone(BaseModel):
    """What was done in a focus area in a year: an entry of the plan, by its position. `what` is
    null for those who do not read the plan, and where it was erased."""

    position: int
    focus_area: str
    year: int
    what: str | None


class PlanPeriod(BaseModel):
    """A plan, the years that it is for, and how many measures it says it has."""

    position: int
    n: int
    name: str | None
    from_year: int = Field(alias="from")
    to_year: int | None = Field(alias="to")
    measures: int | None


class MeasuresAnswer(Head):
    """`left_out`: narrowed like this, those who are shown numbers alone are told of no cases."""

    measures: list[DoneAnswer]
    work: list[WorkDone]
    plans: list[PlanPeriod]
    left_out: bool


_PARTS = ("wanted", "partly", "none", "unknown", "running")
_COUNTS = ("started", *_PARTS, "late")


@router.get("/measures", response_model=MeasuresAnswer, responses=FORMATS)
def read_measures(query: Annotated[ReportQuery, Query()], desk: Reporting) -> Response:
    """By focus area and level of prevention, what was done, what effect was expected and found, and
    the plans with their periods."""
    asking = sitting(query, desk)
    cell = asking.cell
    if cell is not None:
        return asking.explained(asking.listed(measures.places, cell, query.limit))
    answer = told(asking)
    return asking.answered("measures", answer, list(_lines(answer)))


def told(asking: Asking) -> MeasuresAnswer:
    """The report as whoever asks is shown it."""
    desk = asking.desk
    found, head = measures.report(desk.database, asking.fixed), asking.head
    reads_plan = hat(desk.standing, Action.READ_PLAN) is not None
    texts = [*(one.text for one in found.work), *(one.text for one in found.plans)]
    words = words_of(desk.database, texts) if reads_plan else {}
    left_out = not asking.is_true and not asking.asked.is_everything
    done = [DoneAnswer(**dict(one)) for one in found.measures]
    if not asking.is_true:
        done = _without_small(done, head.threshold)
    return MeasuresAnswer(
        **dict(head),
        measures=[] if left_out else done,
        work=[
            WorkDone(
                position=one.position,
                focus_area=one.focus_area,
                year=one.year,
                what=words.get(one.text),
            )
            for one in found.work
        ],
        plans=[
            PlanPeriod.model_validate(
                {**dict(one), "name": words.get(one.text), "from": one.from_year, "to": one.to_year}
            )
            for one in found.plans
        ],
        left_out=left_out,
    )


def _without_small(done: list[DoneAnswer], threshold: int) -> list[DoneAnswer]:
    """Without small numbers of measures, and what would give them away: how many were started is
    known by its sums, and is itself the sum of what came of them."""
    rows = {(one.focus_area or "", one.prevention_level): one for one in done}
    started = {place: one.started or 0 for place, one in rows.items()}
    areas, levels = {area for area, _ in rows}, {level for _, level in rows}
    hidden = of_a_cross(started, areas, levels, threshold)
    names = {f"{area}/{level}": place for place in rows for area, level in [place]}
    parts = {
        (name, part): many for name, place in names.items() for part in _PARTS
        if (many := getattr(rows[place], part))
    }  # fmt: skip
    for name, part in of_a_cross(parts, names, _PARTS, threshold):
        setattr(rows[names[name]], part, None)
    for one in done:
        if one.running is None or small(one.late or 0, threshold):
            one.late = None
    for area, level in hidden:
        rows[area, level] = DoneAnswer(
            focus_area=area or None, prevention_level=level, **dict.fromkeys(_COUNTS)
        )
    return [rows[place] for place in sorted(rows, key=lambda one: (not one[0], one))]


def _lines(answer: MeasuresAnswer) -> Iterator[Line]:
    for done in answer.measures:
        for name in _COUNTS:
            value = getattr(done, name)
            key = done.focus_area or ""
            yield Line("measures", done.prevention_level, key, name, value, value is None)
    for work in answer.work:
        yield Line("work", str(work.year), work.focus_area, "what", work.what)
    for plan in answer.plans:
        until = plan.to_year or ""
        yield Line("plans", f"{plan.from_year}-{until}", plan.name or "", "measures", plan.measures)

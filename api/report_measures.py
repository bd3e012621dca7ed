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
from projections.shield import of_a_cross

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


_COUNTS = ("started", "wanted", "partly", "none", "unknown", "running", "late")


@router.get("/measures", response_model=MeasuresAnswer, responses=FORMATS)
def read_measures(query: Annotated[ReportQuery, Query()], desk: Reporting) -> Response:
    """By focus area and level of prevention, what was done, what effect was expected and found, and
    the plans with their periods."""
    asking = sitting(query, desk)
    cell = asking.cell
    if cell is not None:
        found = measures.places(
            desk.sight, desk.database, asking.asked, cell, after=asking.after, limit=query.limit
        )
        return asking.explained(found)
    answer = told(asking)
    return asking.answered("measures", answer, list(_lines(answer)))


def told(asking: Asking) -> MeasuresAnswer:
    """The report as whoever asks is shown it."""
    desk = asking.desk
    found, head = measures.report(desk.database, asking.asked), asking.head
    reads_plan = hat(desk.standing, Action.READ_PLAN) is not None
    texts = [*(one.text for one in found.work), *(one.text for one in found.plans)]
    words = words_of(desk.database, texts) if reads_plan else {}
    left_out = not asking.is_true and not asking.asked.is_everything
    done = [DoneAnswer(**dict(one)) for one in found.measures]
    if not asking.is_true:
        _leave_out(done, head.threshold)
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


def _leave_out(done: list[DoneAnswer], threshold: int) -> None:
    """Small numbers of measures, and what would give them away."""
    rows = {(one.focus_area or "", one.prevention_level): one for one in done}
    for name in _COUNTS:
        table = {cell: getattr(one, name) for cell, one in rows.items() if getattr(one, name)}
        hidden = of_a_cross(table, {a for a, _ in rows}, {p for _, p in rows}, threshold)
        for cell in hidden & rows.keys():
            setattr(rows[cell], name, None)


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

"""The report on flow: from concern to action."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from api.problems import declared
from api.report_lines import Line
from api.report_query import FORMATS, Asking, Head, Reporting, ReportQuery, sitting
from projections import roads
from projections.road import Step
from projections.roads import BINS, FlowReport, Roads, Spread
from projections.shield import of_a_cross, of_a_sum

router = APIRouter(prefix="/api/reports", tags=["reports"], responses=declared(401, 403, 422, 503))


class TookAnswer(BaseModel):
    """Of how many cases it is known how many days it took, the median, what nine in ten did not
    exceed, and how many took up to 0, 7, 14, 30, 60, 90, 180 and 365 days, and longer. Days on
    which a case was paused or closed do not count. Null where it is small."""

    count: int | None
    median: float | None
    p90: float | None
    bins: list[int] | None


class StepAnswer(TookAnswer):
    """`vague`: how many more, on days of which only the month or the year is known; `astray`: the
    other way round; `waiting`: open cases that have come to its beginning and not to its end."""

    step: Step
    vague: int | None
    astray: int | None
    waiting: int | None


class StayAnswer(TookAnswer):
    """At a level, in stays that are over."""

    level: str
    vague: int | None


class RoadsAnswer(BaseModel):
    """`by`: `all`, `organ` (that raised them) or `theme`."""

    by: str
    key: str
    cases: int | None
    steps: list[StepAnswer]
    levels: list[StayAnswer]
    returned: int | None
    declined: int | None
    reopened: int | None


class FlowAnswer(Head):
    roads: list[RoadsAnswer]


@router.get("/flow", response_model=FlowAnswer, responses=FORMATS)
def read_flow(query: Annotated[ReportQuery, Query()], desk: Reporting) -> Response:
    """How long it takes from concern to action, step by step, at each level, and what goes back and
    forth: of all cases, by organ and by theme."""
    asking = sitting(query, desk)
    cell = asking.cell
    if cell is not None:
        return asking.explained(asking.listed(roads.places, cell, query.limit))
    answer = flow(asking)
    return asking.answered("flow", answer, list(_lines(answer)))


def flow(asking: Asking) -> FlowAnswer:
    """The report as whoever asks is shown it."""
    found = roads.report(asking.desk.database, asking.fixed)
    told = [_whole(one) for one in found.roads]
    if not asking.is_true:
        told = _shielded(asking, found)
    return FlowAnswer(**dict(asking.head), roads=told)


def _whole(one: Roads) -> RoadsAnswer:
    return RoadsAnswer(
        by=one.by,
        key=one.key,
        cases=one.cases,
        steps=[
            StepAnswer(
                step=s.step, vague=s.vague, astray=s.astray, waiting=s.waiting, **_took(s.took)
            )
            for s in one.steps
        ],
        levels=[StayAnswer(level=s.level, vague=s.vague, **_took(s.took)) for s in one.levels],
        returned=one.returned,
        declined=one.declined,
        reopened=one.reopened,
    )


def _took(took: Spread) -> dict[str, object]:
    return {**dict(took), "bins": list(took.bins)}


def _shielded(asking: Asking, found: FlowReport) -> list[RoadsAnswer]:
    """Without what is small. Narrowed to a theme or a period everything is a cross, and left out;
    narrowed to an organ it is that organ's line of the whole."""
    asked = asking.fixed
    if asked.focus_area is not None or asked.since is not None or asked.until is not None:
        return []
    if asked.organ is not None:
        found = roads.report(asking.desk.database, asked.model_copy(update={"organ": None}))
    told = [_whole(one) for one in found.roads]
    for by in ("organ", "theme"):
        _leave_out([one for one in told if one.by == by], asking.threshold)
    if asked.organ is not None:
        return [one for one in told if (one.by, one.key) == ("organ", asked.organ)]
    _leave_out_small(told[0], asking.threshold)
    return told


_NUMBERS = ("cases", "returned", "declined", "reopened")
_OF_A_STEP = ("count", "vague", "astray", "waiting")
_OF_A_STAY = ("count", "vague")
_REST = "rest"
"""The cases that are none of these: it is not told, but follows where all others are."""


def _leave_out(told: Sequence[RoadsAnswer], threshold: int) -> None:
    """Of groups of cases whose sizes are known, and whose sums are: small numbers, and what gives
    them away."""
    sizes = {one.key: one.cases or 0 for one in told}
    for n in range(len(Step)):
        _cross({one.key: one.steps[n] for one in told}, _OF_A_STEP, sizes, threshold)
    for n in range(len(told[0].levels) if told else 0):
        _cross({one.key: one.levels[n] for one in told}, _OF_A_STAY, sizes, threshold)
    for name in _NUMBERS:
        _blank([(one, name) for one in told], threshold)
    for one in told:
        for took in (*one.steps, *one.levels):
            took.bins = None
            if took.count is None:
                took.median = took.p90 = None


def _cross(
    groups: Mapping[str, TookAnswer], parts: Sequence[str], sizes: Mapping[str, int], threshold: int
) -> None:
    table = {(key, part): getattr(one, part) for key, one in groups.items() for part in parts}
    for key, size in sizes.items():
        table[key, _REST] = size - sum(table[key, part] for part in parts)
    counts = {cell: many for cell, many in table.items() if many > 0}
    for key, part in of_a_cross(counts, groups, (*parts, _REST), threshold):
        if part != _REST:
            setattr(groups[key], part, None)


def _blank(places: Iterable[tuple[BaseModel, str]], threshold: int) -> None:
    holders = {str(n): (model, name) for n, (model, name) in enumerate(places)}
    counts = {n: getattr(model, name) for n, (model, name) in holders.items()}
    for n in of_a_sum({n: count for n, count in counts.items() if count}, threshold):
        setattr(*holders[n], None)


def _leave_out_small(every: RoadsAnswer, threshold: int) -> None:
    """Of all together: how long it took, where that is the time of few."""
    for took in (*every.steps, *every.levels):
        if took.count is not None and took.count < threshold:
            took.median = took.p90 = took.bins = None


def _lines(answer: FlowAnswer) -> Iterator[Line]:
    for one in answer.roads:
        for name in _NUMBERS:
            value = getattr(one, name)
            yield Line("roads", one.by, one.key, name, value, value is None)
    for one in answer.roads:
        for step in one.steps:
            yield from _took_lines("steps", one, step.step, step)
    for one in answer.roads:
        for stay in one.levels:
            yield from _took_lines("levels", one, stay.level, stay)


def _took_lines(table: str, one: RoadsAnswer, what: str, took: TookAnswer) -> Iterator[Line]:
    for name, value in took:
        if name in {"step", "level", "bins"}:
            continue
        left_out = value is None and (took.count is None or name not in {"median", "p90"})
        yield Line(table, one.by, one.key, f"{what} {name}", value, left_out)
    for most, many in zip((*map(str, BINS), "longer"), took.bins or (), strict=False):
        yield Line(table, one.by, one.key, f"{what} days {most}", many)

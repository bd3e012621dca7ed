"""The reports as pages: each a few tables, with bars where one looks at shares. What is shown is
what the API answers to whoever looks."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response
from pydantic import ValidationError

from api import report_channels, report_flow, report_measures
from api import reports as overview
from api.desk import Desk
from api.language import say, spoken_to
from api.page import Page
from api.pages.desks import looking
from api.pages.forms import Choice
from api.pages.shell import Names, shown
from api.report_query import Asking, Head, ReportQuery, sitting
from domain.errors import Refusal
from domain.rights import Action

router = APIRouter(route_class=Page, include_in_schema=False)
Looking = Annotated[Desk, looking(Action.READ_REPORTS)]
Written = Annotated[str | None, Query(max_length=300)]
From = Annotated[str | None, Query(max_length=300, alias="from")]
To = Annotated[str | None, Query(max_length=300, alias="to")]
LINES = 40
"""So many of a table stand on the page; all of them in the files."""
WIDTH = 340
"""Of the longest bar, in the units of the chart."""
NO_FILTER = say("There is no such filter here. Choose among these.")
Value = float | str | None


class Number(NamedTuple):
    """What stands in a table, and what it is called in its report where that leads back to the
    entries that it counts."""

    value: Value
    cell: str | None = None


@dataclass(frozen=True)
class Row:
    """`length`: of its bar, where it has one."""

    label: str
    values: list[Number]
    length: int = 0


@dataclass(frozen=True)
class Panel:
    """A table, and where `bars` a chart of its first column. A value of None was left out. `more`:
    lines that are in the files alone."""

    name: str
    title: str
    columns: list[str]
    rows: list[Row]
    bars: bool = False
    more: int = 0

    @property
    def height(self) -> int:
        return 40 * len(self.rows)

    @property
    def is_broad(self) -> bool:
        """Whether it needs more room than most: for many columns, or for words."""
        return len(self.columns) > 2 or any(
            isinstance(cell.value, str) and " " in cell.value
            for row in self.rows
            for cell in row.values
        )


@dataclass(frozen=True)
class Tongue:
    """What things are called to whoever looks."""

    names: Names
    say: Callable[[str], str]

    def of(self, kind: str, key: str) -> str:
        if kind in {"organ", "raised_by"}:
            return self.names.organ(key)
        if kind == "service":
            return self.names.place(key)
        if kind == "focus_area":
            return self.names.focus_area(key) or self.say("(none)")
        if kind == "ageing":
            return self.say(AGES[key])
        return self.say(key) if key else self.say("All cases")


@router.get("/reports")
def read_overview(
    desk: Looking, since: From = None, until: To = None, organ: Written = None,
    focus_area: Written = None, as_of: Written = None,
) -> Response:  # fmt: skip
    """How many cases there are of each kind."""
    asked = asked_for(since, until, organ, focus_area, as_of)
    return _shown(desk, "overview", asked, _overview)


@router.get("/reports/flow")
def read_flow(
    desk: Looking, since: From = None, until: To = None, organ: Written = None,
    focus_area: Written = None, as_of: Written = None,
) -> Response:  # fmt: skip
    """From concern to action."""
    asked = asked_for(since, until, organ, focus_area, as_of)
    return _shown(desk, "flow", asked, _flow)


@router.get("/reports/channels")
def read_channels(
    desk: Looking, since: From = None, until: To = None, organ: Written = None,
    focus_area: Written = None, as_of: Written = None,
) -> Response:  # fmt: skip
    """Whether something is clogged, and where."""
    asked = asked_for(since, until, organ, focus_area, as_of)
    return _shown(desk, "channels", asked, _channels)


@router.get("/reports/measures")
def read_measures(
    desk: Looking, since: From = None, until: To = None, organ: Written = None,
    focus_area: Written = None, as_of: Written = None,
) -> Response:  # fmt: skip
    """What was done, and what came of it."""
    asked = asked_for(since, until, organ, focus_area, as_of)
    return _shown(desk, "measures", asked, _measures)


def asked_for(
    since: str | None,
    until: str | None,
    organ: str | None,
    focus_area: str | None,
    as_of: str | None,
) -> dict[str, str]:
    """What a form left empty is not asked for."""
    asked = {"from": since, "to": until, "organ": organ, "focus_area": focus_area, "as_of": as_of}
    return {name: value for name, value in asked.items() if value}


Made = tuple[Head, list[Panel]]


def _shown(
    desk: Desk, report: str, asked: Mapping[str, str], make: Callable[[Asking, Tongue], Made]
) -> Response:
    names, tongue = Names(desk.structure.names), spoken_to(desk.request)
    head, panels, sentence = None, list[Panel](), None
    try:
        query = ReportQuery.model_validate(asked)
        head, panels = make(sitting(query, desk), Tongue(names, tongue.gettext))
    except ValidationError:
        sentence = NO_FILTER
    except Refusal as refusal:
        sentence = refusal.sentence
    topology = desk.topology
    return shown(
        desk,
        "reports",
        200 if sentence is None else 422,
        report=report,
        head=head,
        panels=panels,
        sentence=sentence,
        asked=asked,
        kept=urlencode(asked),
        organs=[Choice(key, names.organ(key)) for key in sorted(topology.organs)],
        focus_areas=[Choice(key, names.focus_area(key)) for key in sorted(topology.focus_areas)],
    )


def _panel(
    name: str,
    title: str,
    columns: list[str],
    rows: Iterable[tuple[str, Sequence[Value | Number]]],
    *,
    bars: bool = False,
) -> Panel:
    found = [
        (label, [one if isinstance(one, Number) else Number(one) for one in values])
        for label, values in rows
    ]
    firsts = [values[0].value for _, values in found]
    most = max((one for one in firsts if isinstance(one, int | float)), default=0) or 1

    def length(first: Value) -> int:
        return round(WIDTH * first / most) if isinstance(first, int | float) else 0

    made = [Row(label, values, length(values[0].value)) for label, values in found]
    return Panel(name, title, columns, made[:LINES], bars, max(0, len(made) - LINES))


TITLES = {
    "status": say("Cases by status"),
    "level": say("Cases by level"),
    "organ": say("Cases by the organ that has them"),
    "raised_by": say("Cases by the organ that raised them"),
    "theme": say("Cases by theme"),
    "focus_area": say("Cases by focus area"),
    "prevention_level": say("Cases by level of prevention"),
    "age_group": say("Cases by age group"),
    "area": say("Cases by area"),
    "service": say("Cases by the service that raised them"),
    "month": say("Cases by the month in which they were raised"),
    "closed_month": say("Cases by the month in which they were closed"),
    "ageing": say("Open cases by days since they were raised"),
}


AGES = {
    "0-30": say("At most 30 days"),
    "31-90": say("31–90 days"),
    "91-180": say("91–180 days"),
    "181-365": say("181–365 days"),
    "older": say("More than a year"),
}


def _overview(asking: Asking, tongue: Tongue) -> Made:
    answer = overview.told(asking)
    panels = [
        _panel(
            name,
            title,
            [say("Number of cases")],
            (
                (tongue.of(name, key), [Number(many, f"{name}:{key}")])
                for key, many in getattr(answer, name).items()
            ),
            bars=True,
        )
        for name, title in TITLES.items()
    ]
    return answer, panels


def _flow(asking: Asking, tongue: Tongue) -> Made:
    answer = report_flow.flow(asking)
    panels = list[Panel]()
    for by, title in (
        ("all", say("From concern to action: days for each step")),
        ("organ", say("By the organ that raised them")),
        ("theme", say("By theme")),
    ):
        roads = [one for one in answer.roads if one.by == by]
        panels.append(_panel(f"{by}-steps", title, _DAYS, _steps(roads, tongue), bars=by == "all"))
    roads = [one for one in answer.roads if one.by == "all"]
    levels = (
        (tongue.say(stay.level),
         [stay.median, stay.p90, Number(stay.count, stay.level), stay.vague])
        for one in roads
        for stay in one.levels
    )  # fmt: skip
    panels.append(_panel("levels", say("Days at each level"), _DAYS[:4], levels, bars=True))
    rework = (
        (tongue.of(one.by, one.key),
         [Number(getattr(one, what), what + _of(one)) for what in ("returned", "declined",
                                                                   "reopened")])
        for one in answer.roads
    )  # fmt: skip
    columns = [say("Sent down"), say("Declined"), say("Reopened")]
    panels.append(_panel("rework", say("Back and forth"), columns, rework))
    return answer, panels


STEPS = {
    "raised_to_discussed": say("From raised to discussed"),
    "discussed_to_lifted": say("From discussed to lifted"),
    "lifted_to_assigned": say("From lifted to assigned"),
    "assigned_to_measure": say("From assigned to a measure"),
    "measure_to_answered": say("From a measure to an answer"),
    "answered_to_closed": say("From an answer to closed"),
    "raised_to_measure": say("From raised to a measure"),
    "raised_to_answered": say("From raised to an answer"),
    "raised_to_closed": say("From raised to closed"),
}
_DAYS = [
    say("Median, days"),
    say("Nine in ten within, days"),
    say("Number of cases"),
    say("Not known"),
    say("Still waiting"),
]


def _steps(
    roads: Iterable[report_flow.RoadsAnswer], tongue: Tongue
) -> Iterator[tuple[str, list[Value | Number]]]:
    for one in roads:
        prefix = "" if one.by == "all" else f"{tongue.of(one.by, one.key)}: "
        for step in one.steps:
            if one.by == "all" or step.count != 0:
                yield (
                    prefix + tongue.say(STEPS[step.step]),
                    [step.median, step.p90, Number(step.count, step.step + _of(one)),
                     Number(step.vague, f"vague:{step.step}{_of(one)}"),
                     Number(step.waiting, f"waiting:{step.step}{_of(one)}")],
                )  # fmt: skip


def _of(one: report_flow.RoadsAnswer) -> str:
    """What follows the name of a number of these cases."""
    return "" if one.by == "all" else f"/{one.by}:{one.key}"


def _channels(asking: Asking, tongue: Tongue) -> Made:
    answer, names = report_channels.told(asking), tongue.names
    panels = [
        _panel("held", say("Where matters stand still"),
               [say("Open cases"), say("Standing still"), say("Longest, days")],
               ((names.organ(o.organ), [Number(o.open, f"held/{o.organ}"),
                                        Number(o.still, f"still/{o.organ}"), o.longest])
                for o in answer.held),
               bars=True),
        _panel("waits", say("Who waits for whom"),
               [say("How many"), say("Overdue"), say("Longest, days")],
               ((_waiting(one, tongue), [Number(one.count, f"{one.kind}/{one.of}/{one.to}"),
                                          Number(one.overdue,
                                                 f"{one.kind}/{one.of}/{one.to}/overdue"),
                                          one.longest])
                for one in answer.waits)),
        _panel("answers", say("Answers owed and given"),
               [say("Owes"), say("Is owed"), say("Got")],
               ((names.organ(o.organ), _numbers(o, ("owes", "owed", "got"), o.organ))
                for o in answer.answers)),
        _panel("services", say("Services"),
               [say("Raised"), say("Was made responsible"), say("Has not answered")],
               ((names.place(o.service), _numbers(o, ("raised", "assigned", "unanswered"),
                                                     o.service))
                for o in answer.services)),
        _panel("meetings", say("Meetings"), [say("Periods kept"), say("Periods missed")],
               ((names.organ(o.organ), _numbers(o, ("kept", "missed"), o.organ))
                for o in answer.meetings)),
        _panel("unseated", say("Services in the teams that are not in the group"),
               [say("Sits in")],
               ((names.place(o.service), [", ".join(map(names.organ, o.sits_in))])
                for o in answer.unseated)),
    ]  # fmt: skip
    return answer, panels


def _numbers(told: object, names: Iterable[str], of: str) -> list[Number]:
    return [Number(getattr(told, name), f"{name}/{of}") for name in names]


_WAITS = {
    "answer": say("%(to)s waits for an answer from %(of)s"),
    "acceptance": say("%(to)s waits for %(of)s to accept"),
    "assignment": say("%(to)s waits for %(of)s to complete an assignment"),
}


def _waiting(one: report_channels.WaitAnswer, tongue: Tongue) -> str:
    names = {"to": tongue.names.place(one.to), "of": tongue.names.place(one.of)}
    return tongue.say(_WAITS[one.kind]) % names


DONE = ("started", "wanted", "partly", "none", "unknown", "running", "late")


def _measures(asking: Asking, tongue: Tongue) -> Made:
    answer, names = report_measures.told(asking), tongue.names
    panels = [
        _panel("measures", say("Measures by focus area and level of prevention"),
               [say("Started"), say("Wanted effect"), say("Some of it"), say("No effect"),
                say("Effect not known"), say("Not evaluated yet"), say("Overdue")],
               ((f"{tongue.of('focus_area', o.focus_area or '')}, {tongue.say(o.prevention_level)}",
                 _numbers(o, DONE, f"{o.prevention_level}/{o.focus_area or ''}"))
                for o in answer.measures),
               bars=True),
        _panel("work", say("What was done"), [say("Year"), say("What")],
               ((names.focus_area(o.focus_area), [str(o.year), o.what]) for o in answer.work)),
        _panel("plans", say("Plans"), [say("Years"), say("Number of measures")],
               ((o.name or "", [f"{o.from_year}–{o.to_year or ''}", o.measures])
                for o in answer.plans)),
    ]  # fmt: skip
    return answer, panels

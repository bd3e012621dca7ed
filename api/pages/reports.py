"""The reports as pages: each a few tables, with bars where one looks at shares. What is shown is
what the API answers to whoever looks."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Response
from pydantic import ValidationError

from api import report_channels, report_flow, report_measures
from api import reports as overview
from api.desk import Desk
from api.language import say, spoken_to
from api.page import Page
from api.pages.desks import looking
from api.pages.forms import Choice
from api.pages.panels import Number, Panel, Part, Value, panel, part_asked
from api.pages.shell import Names, shown
from api.report_query import Asking, Head, ReportQuery, sitting
from domain.errors import Refusal
from domain.rights import Action

router = APIRouter(route_class=Page, include_in_schema=False)
Looking = Annotated[Desk, looking(Action.READ_REPORTS)]
Written = Annotated[str | None, Query(max_length=300)]
From = Annotated[str | None, Query(max_length=300, alias="from")]
To = Annotated[str | None, Query(max_length=300, alias="to")]
NO_FILTER = say("There is no such filter here. Choose among these.")


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


def asked_for(
    since: From = None,
    until: To = None,
    organ: Written = None,
    focus_area: Written = None,
    as_of: Written = None,
) -> dict[str, str]:
    """What a form left empty is not asked for."""
    asked = {"from": since, "to": until, "organ": organ, "focus_area": focus_area, "as_of": as_of}
    return {name: value for name, value in asked.items() if value}


Asked = Annotated[dict[str, str], Depends(asked_for)]
Parted = Annotated[Part, Depends(part_asked)]


@router.get("/reports")
def read_overview(desk: Looking, asked: Asked, part: Parted) -> Response:
    """How many cases there are of each kind."""
    return _shown(desk, "overview", asked, part, _overview)


@router.get("/reports/flow")
def read_flow(desk: Looking, asked: Asked, part: Parted) -> Response:
    """From concern to action."""
    return _shown(desk, "flow", asked, part, _flow)


@router.get("/reports/channels")
def read_channels(desk: Looking, asked: Asked, part: Parted) -> Response:
    """Whether something is clogged, and where."""
    return _shown(desk, "channels", asked, part, _channels)


@router.get("/reports/measures")
def read_measures(desk: Looking, asked: Asked, part: Parted) -> Response:
    """What was done, and what came of it."""
    return _shown(desk, "measures", asked, part, _measures)


Made = tuple[Head, list[Panel]]


def _shown(
    desk: Desk,
    report: str,
    asked: Mapping[str, str],
    part: Part,
    make: Callable[[Asking, Tongue], Made],
) -> Response:
    names, tongue = Names(desk.structure.names), spoken_to(desk.request)
    head, panels, sentence = None, list[Panel](), None
    try:
        query = ReportQuery.model_validate(asked)
        head, every = make(sitting(query, desk), Tongue(names, tongue.gettext))
        panels = part.of(every)
        sentence = None if panels else NO_FILTER
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
        part=part,
        sentence=sentence,
        asked=asked,
        kept=urlencode(asked),
        organs=[Choice(key, names.organ(key)) for key in sorted(topology.organs)],
        focus_areas=[Choice(key, names.focus_area(key)) for key in sorted(topology.focus_areas)],
    )


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
        panel(
            name,
            title,
            [say("Number of cases")],
            (
                (tongue.of(name, key), [Number(many, f"{name}:{key}")])
                for key, many in _in_order(name, getattr(answer, name))
            ),
            bars=True,
        )
        for name, title in TITLES.items()
    ]
    return answer, panels


def _in_order(name: str, counts: Mapping[str, int | None]) -> list[tuple[str, int | None]]:
    """Months with the newest first: of many, these are looked for."""
    told = list(counts.items())
    return told[::-1] if name in {"month", "closed_month"} else told


def _flow(asking: Asking, tongue: Tongue) -> Made:
    answer = report_flow.flow(asking)
    panels = list[Panel]()
    for by, title in (
        ("all", say("From concern to action: days for each step")),
        ("organ", say("By the organ that raised them")),
        ("theme", say("By theme")),
    ):
        roads = [one for one in answer.roads if one.by == by]
        panels.append(panel(f"{by}-steps", title, _DAYS, _steps(roads, tongue), bars=by == "all"))
    roads = [one for one in answer.roads if one.by == "all"]
    levels = (
        (tongue.say(stay.level),
         [stay.median, stay.p90, Number(stay.count, stay.level), stay.vague])
        for one in roads
        for stay in one.levels
    )  # fmt: skip
    panels.append(panel("levels", say("Days at each level"), _DAYS[:4], levels, bars=True))
    rework = (
        (tongue.of(one.by, one.key),
         [Number(getattr(one, what), what + _of(one)) for what in ("returned", "declined",
                                                                   "reopened")])
        for one in answer.roads
    )  # fmt: skip
    columns = [say("Sent down"), say("Declined"), say("Reopened")]
    panels.append(panel("rework", say("Back and forth"), columns, rework))
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
        panel("held", say("Where matters stand still"),
               [say("Open cases"), say("Standing still"), say("Longest, days")],
               ((names.organ(o.organ), [Number(o.open, f"held/{o.organ}"),
                                        Number(o.still, f"still/{o.organ}"), o.longest])
                for o in answer.held),
               bars=True),
        panel("waits", say("Who waits for whom"),
               [say("How many"), say("Overdue"), say("Longest, days")],
               ((_waiting(one, tongue), [Number(one.count, f"{one.kind}/{one.of}/{one.to}"),
                                          Number(one.overdue,
                                                 f"{one.kind}/{one.of}/{one.to}/overdue"),
                                          one.longest])
                for one in sorted(answer.waits, key=_pressing))),
        panel("answers", say("Answers owed and given"),
               [say("Owes"), say("Is owed"), say("Got")],
               ((names.organ(o.organ), _numbers(o, ("owes", "owed", "got"), o.organ))
                for o in answer.answers)),
        panel("services", say("Services"),
               [say("Raised"), say("Was made responsible"), say("Has not answered")],
               ((names.place(o.service), _numbers(o, ("raised", "assigned", "unanswered"),
                                                     o.service))
                for o in answer.services)),
        panel("meetings", say("Meetings"), [say("Periods kept"), say("Periods missed")],
               ((names.organ(o.organ), _numbers(o, ("kept", "missed"), o.organ))
                for o in answer.meetings)),
        panel("unseated", say("Services in the teams that are not in the group"),
               [say("Sits in")],
               ((names.place(o.service), [", ".join(map(names.organ, o.sits_in))])
                for o in answer.unseated)),
    ]  # fmt: skip
    return answer, panels


def _pressing(one: report_channels.WaitAnswer) -> tuple[int, int]:
    """What is overdue most often first."""
    return -(one.overdue or 0), -(one.count or 0)


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
        panel("measures", say("Measures by focus area and level of prevention"),
               [say("Started"), say("Wanted effect"), say("Some of it"), say("No effect"),
                say("Effect not known"), say("Not evaluated yet"), say("Overdue")],
               ((f"{tongue.of('focus_area', o.focus_area or '')}, {tongue.say(o.prevention_level)}",
                 _numbers(o, DONE, f"{o.prevention_level}/{o.focus_area or ''}"))
                for o in answer.measures),
               bars=True),
        panel("work", say("What was done"), [say("Year"), say("What")],
               ((names.focus_area(o.focus_area), [str(o.year), o.what]) for o in answer.work)),
        panel("plans", say("Plans"), [say("Years"), say("Number of measures")],
               ((o.name or "", [f"{o.from_year}–{o.to_year or ''}", o.measures])
                for o in answer.plans)),
    ]  # fmt: skip
    return answer, panels

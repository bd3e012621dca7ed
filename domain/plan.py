"""The life of the municipality's plan: focus areas, plans, work done, the challenge picture."""

from enum import StrEnum
from typing import Any, ClassVar, assert_never

from pydantic import BaseModel, ConfigDict

from domain import errors
from domain.actor import Actor
from domain.entries import EntryWithdrawn, TextErased
from domain.event import Event, Occurred, envelope
from domain.text import Text
from domain.topology import Level, Topology

PLAN = "plan"


class Direction(StrEnum):
    UP = "up"
    DOWN = "down"
    STEADY = "steady"


class Degree(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Observer(StrEnum):
    """Who observed a challenge: closed, so that it names no person."""

    POLICE = "police"
    SCHOOL = "school"
    YOUTH_TEAM = "youth_team"
    SERVICE = "service"
    SURVEY = "survey"
    YOUTH = "youth"
    OTHER = "other"


class FocusAreaSet(Event):
    """`year` is missing where it stands until the board says otherwise."""

    DECISION: ClassVar[bool] = True
    key: str
    name: Text
    year: int | None = None
    ages: tuple[int, int] | None = None


class FocusAreaRenamed(Event):
    key: str
    year: int | None
    name: Text


class PlanAdopted(Event):
    """`from_year` to `to_year`, both included; an open end has no `to_year`."""

    DECISION: ClassVar[bool] = True
    n: int
    name: Text
    from_year: int
    to_year: int | None = None
    measures: int | None = None


class WorkReported(Event):
    """What was done in a focus area in a year."""

    focus_area: str
    year: int
    what: Text


class ObservationMade(Event):
    n: int
    observer: Observer
    what: Text
    theme: str | None = None
    direction: Direction | None = None
    confidence: Degree | None = None
    dark_figure: Degree | None = None


class MethodDescribed(Event):
    """A way of working that the municipality uses again and again, such as a rapid assessment."""

    name: Text
    since: int | None = None
    count: int | None = None
    developed_by: tuple[Text, ...] = ()
    builds_on: Text | None = None
    mandate: Text | None = None


PlanEvent = (
    FocusAreaSet | FocusAreaRenamed | PlanAdopted | WorkReported | ObservationMade | MethodDescribed
    | EntryWithdrawn | TextErased
)  # fmt: skip


class FocusArea(BaseModel):
    model_config = ConfigDict(frozen=True)

    key: str
    name: Text
    year: int | None
    ages: tuple[int, int] | None


class Logged(BaseModel):
    """An entry that was logged in a meeting, by its version, and the plan before it."""

    model_config = ConfigDict(frozen=True)

    version: int
    meeting: str
    before: "Plan"


class Plan(BaseModel):
    """The plan as its events so far have made it. `logged`: the newest entries, as far as they were
    logged in one meeting, so that they may be withdrawn there."""

    model_config = ConfigDict(frozen=True)

    id: str = PLAN
    version: int = 0
    focus_areas: tuple[FocusArea, ...] = ()
    plans: int = 0
    observations: int = 0
    logged: tuple[Logged, ...] = ()
    erased: tuple[str, ...] = ()

    def set_focus_area(
        self,
        *,
        key: str,
        name: Text,
        year: int | None = None,
        ages: tuple[int, int] | None = None,
        topology: Topology,
        by: Actor,
        at: Occurred,
    ) -> FocusAreaSet:
        _by_the_board(by, topology)
        if self._find(key, year) is not None:
            raise errors.FocusAreaExists
        return FocusAreaSet(**self._next(by, at), key=key, name=name, year=year, ages=ages)

    def rename_focus_area(
        self,
        *,
        key: str,
        year: int | None,
        name: Text,
        topology: Topology,
        by: Actor,
        at: Occurred,
    ) -> FocusAreaRenamed:
        _by_the_board(by, topology)
        if self._find(key, year) is None:
            raise errors.FocusAreaUnknown
        return FocusAreaRenamed(**self._next(by, at), key=key, year=year, name=name)

    def adopt(
        self,
        *,
        name: Text,
        from_year: int,
        to_year: int | None,
        measures: int | None = None,
        topology: Topology,
        by: Actor,
        at: Occurred,
    ) -> PlanAdopted:
        _by_the_board(by, topology)
        if to_year is not None and to_year < from_year:
            raise errors.PeriodTurnedRound
        return PlanAdopted(
            **self._next(by, at),
            n=self.plans + 1,
            name=name,
            from_year=from_year,
            to_year=to_year,
            measures=measures,
        )

    def report_work(
        self, *, focus_area: str, year: int, what: Text, by: Actor, at: Occurred
    ) -> WorkReported:
        if not any(area.key == focus_area for area in self.focus_areas):
            raise errors.FocusAreaUnknown
        return WorkReported(**self._next(by, at), focus_area=focus_area, year=year, what=what)

    def observe(
        self,
        *,
        observer: Observer,
        what: Text,
        theme: str | None = None,
        direction: Direction | None = None,
        confidence: Degree | None = None,
        dark_figure: Degree | None = None,
        topology: Topology,
        by: Actor,
        at: Occurred,
    ) -> ObservationMade:
        if theme is not None:
            topology.known_themes((theme,))
        return ObservationMade(
            **self._next(by, at),
            n=self.observations + 1,
            observer=observer,
            what=what,
            theme=theme,
            direction=direction,
            confidence=confidence,
            dark_figure=dark_figure,
        )

    def describe_method(
        self,
        *,
        name: Text,
        since: int | None,
        count: int | None,
        developed_by: tuple[Text, ...],
        builds_on: Text | None,
        mandate: Text | None,
        by: Actor,
        at: Occurred,
    ) -> MethodDescribed:
        return MethodDescribed(
            **self._next(by, at),
            name=name,
            since=since,
            count=count,
            developed_by=developed_by,
            builds_on=builds_on,
            mandate=mandate,
        )

    def withdraw(
        self,
        *,
        position: int,
        withdraws: int,
        meeting: str,
        reason: Text | None = None,
        by: Actor,
        at: Occurred,
    ) -> EntryWithdrawn:
        """*withdraws*: the version of the plan at *position*: its newest entry, logged in the
        *meeting*, which is still open."""
        newest = self.logged[-1] if self.logged else None
        if newest is None or (newest.version, newest.meeting) != (withdraws, meeting):
            raise errors.NotLoggedHere
        gone = self.area_keys - newest.before.area_keys
        return EntryWithdrawn(
            **self._next(by, at),
            position=position,
            withdraws=withdraws,
            reason=reason,
            focus_area=next(iter(gone), None),
        )

    @property
    def area_keys(self) -> frozenset[str]:
        return frozenset(area.key for area in self.focus_areas)

    def _find(self, key: str, year: int | None) -> FocusArea | None:
        return next((a for a in self.focus_areas if (a.key, a.year) == (key, year)), None)

    def _next(self, by: Actor, at: Occurred) -> dict[str, Any]:
        return envelope(self.id, self.version + 1, by, at)


def _by_the_board(by: Actor, topology: Topology) -> None:
    if by.organ is None or topology.living_organ(by.organ).level is not Level.STEERING:
        raise errors.OnlyTheBoardSets


def evolve(plan: Plan | None, event: PlanEvent) -> Plan:
    """What *plan* becomes once *event* has happened."""
    plan = plan or Plan()
    changes = {**_changes(plan, event), "version": event.originator_version}
    if not isinstance(event, EntryWithdrawn):
        changes["logged"] = _logged(plan, event)
    return plan.model_copy(update=changes)


def _changes(plan: Plan, event: PlanEvent) -> dict[str, object]:
    match event:
        case FocusAreaSet(key=key, name=name, year=year, ages=ages):
            area = FocusArea(key=key, name=name, year=year, ages=ages)
            return {"focus_areas": (*plan.focus_areas, area)}
        case FocusAreaRenamed(key=key, year=year, name=name):
            renamed = tuple(
                a.model_copy(update={"name": name}) if (a.key, a.year) == (key, year) else a
                for a in plan.focus_areas
            )
            return {"focus_areas": renamed}
        case PlanAdopted():
            return {"plans": event.n}
        case ObservationMade():
            return {"observations": event.n}
        case WorkReported() | MethodDescribed():
            return {}
        case EntryWithdrawn():
            before = plan.logged[-1].before
            return {name: getattr(before, name) for name in _UNDONE} | {"logged": plan.logged[:-1]}
        case TextErased(text_id=text_id):
            return {"erased": (*plan.erased, text_id)}
    assert_never(event)


_UNDONE = ("focus_areas", "plans", "observations")


def _logged(plan: Plan, event: PlanEvent) -> tuple[Logged, ...]:
    """What may be withdrawn after *event*. A plan as it was holds no older ones in turn."""
    if event.meeting is None:
        return ()
    before = plan.model_copy(update={"logged": ()})
    newest = Logged(version=event.originator_version, meeting=event.meeting, before=before)
    return (*(one for one in plan.logged if one.meeting == event.meeting), newest)

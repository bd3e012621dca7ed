"""The form of a municipality's file, as `loft import` reads it. Only an organ's key, name, level
and kind are required; whatever else is missing or null is not known."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails, from_json

from api.bodies import Rhythm
from api.fields import Age, Key, Title, Words, Year
from api.problems import said
from domain.errors import AgesTurnedRound, CadenceImpossible, PeriodTurnedRound
from domain.event import Precision
from domain.seat import SeatRole
from domain.topology import THEMES, Level


class FileRefused(Exception):
    """The file cannot be imported. Nothing was changed."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__(f"{self.__doc__} {' '.join(errors)}")


Number = Annotated[int, Field(ge=0, le=1_000_000)]


def _youngest_first(ages: tuple[int, int]) -> tuple[int, int]:
    if ages[0] > ages[1]:
        raise ValueError(AgesTurnedRound().sentence)
    return ages


def _possible(cadence: Rhythm) -> Rhythm:
    try:
        cadence.plain.possible()
    except CadenceImpossible as error:
        raise ValueError(error.sentence) from error
    return cadence


Ages = Annotated[tuple[Age, Age], AfterValidator(_youngest_first)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SeatPart(_Part):
    role: SeatRole
    represents: Title | None = None
    from_: date | None = Field(None, alias="from")


class OrganPart(_Part):
    key: Key
    name: Title
    level: Level
    kind: Key
    parent: Key | None = None
    lifts_to: list[Key] = []
    area: Title | None = None
    ages: Ages | None = None
    police_station: Title | None = None
    note: Words | None = None
    mandate: Words | None = None
    constituted_on: date | None = None
    first_meeting_on: date | None = None
    first_meeting_precision: Precision = Precision.DAY
    cadence: Annotated[Rhythm, AfterValidator(_possible)] | None = None
    seats: list[SeatPart] = []
    services: list[Title] = []


class MunicipalityPart(_Part):
    name: Title
    number_2016: Annotated[str, StringConstraints(pattern=r"^\d{4}$")] | None = None
    number_2024: Annotated[str, StringConstraints(pattern=r"^\d{4}$")] | None = None
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{1,8})*$")] = "nb"


class FocusAreaPart(_Part):
    key: Key
    name: Title
    ages: Ages | None = None


class PlanPart(_Part):
    name: Title
    from_: Year = Field(alias="from")
    to: Year | None = None
    measures: Number | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.to is not None and self.to < self.from_:
            raise ValueError(PeriodTurnedRound().sentence)
        return self


class SamePart(_Part):
    """A matter that stands in both lists, under a title of each one's own."""

    team: Title
    group: Title


class MethodPart(_Part):
    name: Title
    since: Year | None = None
    developed_by: list[Title] = []
    builds_on: Title | None = None
    count: Number | None = None
    mandate_2023: Title | None = None


class MunicipalityFile(BaseModel):
    """A whole file. Lists by year keep their year in `by_year`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: Words | None = None
    municipality: MunicipalityPart
    themes: list[Key] = list(THEMES)
    organs: list[OrganPart]
    team_services: list[Title] = []
    focus_areas: dict[str, list[FocusAreaPart | Title]] = {}
    prevention_levels: list[str] = []
    raised_in_youth_teams: dict[int, list[Title]] = {}
    in_coordination_group: dict[int, list[Title]] = {}
    same_matter_at_two_levels: list[SamePart] = []
    done: dict[int, dict[str, list[Words]]] = {}
    plans: list[PlanPart] = []
    police_challenges: dict[int, list[Words]] = {}
    rapid_assessment: MethodPart | None = None

    @model_validator(mode="before")
    @classmethod
    def _gather_years(cls, fields: object) -> object:
        """`done_in_2016` and its like name their year in their key."""
        if not isinstance(fields, dict):
            return fields
        gathered: dict[str, object] = {}
        by_year: dict[str, dict[int, object]] = {}
        for name, value in fields.items():
            stem, year = _stem(str(name))
            if year is None:
                gathered[str(name)] = value
            else:
                by_year.setdefault(stem, {})[year] = value
        return gathered | by_year

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """What would be refused half-way is refused before anything is written."""
        for wrong in (_organs_refer, _plan_refers, _matters_refer):
            for sentence in wrong(self):
                raise ValueError(sentence)
        return self

    @property
    def board(self) -> str | None:
        """The organ that sets focus areas and plans: the first at its level."""
        return next((o.key for o in self.organs if o.level is Level.STEERING), None)

    @property
    def group(self) -> str | None:
        """The coordination group, else the first organ at its level."""
        level = [o for o in self.organs if o.level is Level.COORDINATING]
        named = [o.key for o in level if o.kind == "coordination_group"]
        return next(iter([*named, *(o.key for o in level)]), None)

    @property
    def teams(self) -> list[OrganPart]:
        return [organ for organ in self.organs if organ.kind == "youth_team"]


def _organs_refer(file: MunicipalityFile) -> Iterator[str]:
    keys = [organ.key for organ in file.organs]
    if len(set(keys)) < len(keys):
        yield "Two organs have the same key."
    for organ in file.organs:
        if not {organ.parent, *organ.lifts_to} - {None} <= set(keys):
            yield f"The organ {organ.key} refers to one that is not in the file."


def _plan_refers(file: MunicipalityFile) -> Iterator[str]:
    if (file.focus_areas or file.plans) and file.board is None:
        yield "Focus areas and plans are set by a board, and there is none at the steering level."
    for areas in file.focus_areas.values():
        names = [area if isinstance(area, str) else area.key for area in areas]
        if len(set(names)) < len(names):
            yield "A focus area is set twice for one year."
    every = [area for areas in file.focus_areas.values() for area in areas]
    known = {area.key for area in every if isinstance(area, FocusAreaPart)}
    if any(not known.issuperset(by_area) for by_area in file.done.values()):
        yield "Something was done in a focus area that is not in the file."


def _matters_refer(file: MunicipalityFile) -> Iterator[str]:
    teams = {title for titles in file.raised_in_youth_teams.values() for title in titles}
    group = {title for titles in file.in_coordination_group.values() for title in titles}
    if group and file.group is None:
        yield "There are matters of a coordination group, and none at the coordinating level."
    if not all(s.team in teams and s.group in group for s in file.same_matter_at_two_levels):
        yield "A matter at two levels is missing in one of the lists."
    lifts_to = {to for team in file.teams for to in team.lifts_to}
    if file.same_matter_at_two_levels and file.group not in lifts_to:
        yield "A matter was lifted, but no youth team lifts to the coordination group."


_STEMS = {
    "raised_in_youth_teams_autumn": "raised_in_youth_teams",
    "raised_in_youth_teams": "raised_in_youth_teams",
    "in_coordination_group": "in_coordination_group",
    "done_in": "done",
    "police_challenges": "police_challenges",
}


def _stem(name: str) -> tuple[str, int | None]:
    stem, _, year = name.rpartition("_")
    known = _STEMS.get(stem)
    return (known, int(year)) if known and year.isdigit() else (name, None)


def parse(content: bytes) -> MunicipalityFile:
    """Refuses with `FileRefused`, saying where; no words of the file are repeated."""
    try:
        return MunicipalityFile.model_validate(_known(from_json(content, allow_inf_nan=False)))
    except ValidationError as error:
        raise FileRefused([_sentence(one) for one in error.errors()[:5]]) from error
    except ValueError as error:
        raise FileRefused(["It is not JSON in UTF-8."]) from error


def _known(part: object) -> object:
    """*part* without what is null in it: that is not known, as if it were missing."""
    if isinstance(part, dict):
        return {name: _known(value) for name, value in part.items() if value is not None}
    return [_known(one) for one in part] if isinstance(part, list) else part


def _sentence(error: ErrorDetails) -> str:
    where = ".".join(str(part) for part in error["loc"])
    match error["type"]:
        case "missing":
            sentence = "This is missing."
        case "extra_forbidden":
            sentence = "This is not known."
        case _:
            sentence = said(error)
    return f"{where}: {sentence}" if where else sentence

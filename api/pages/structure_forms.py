"""What can be done with the structure and the plan, as forms: one for each command."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Response
from pydantic import Field as Bounded

from api import bodies, organs, people, plan, services
from api.desk import Desk
from api.fields import Age, Day, Key, Reference, Title, Words, Year
from api.language import say
from api.meeting_bodies import QuorumChange
from api.pages.forms import Field, Form
from domain.rights import Action
from domain.topology import Level

Run = Callable[[str, Any, Desk], Response]
"""Does what was filled in, to what goes by this key."""


@dataclass(frozen=True)
class ActForm(Form):
    """`run` is called with the key of what is changed; of what there is one of, with none."""

    action: Action = Action.STRUCTURE
    run: Run = organs.rename


class NewOrgan(bodies.Command):
    """As `Constitution`. A form's own key has the name `key` already."""

    short: Key
    name: Title
    level: Level
    kind: Key
    parent: Reference | None = None
    lifts_to: Annotated[tuple[Reference, ...], Bounded(max_length=50)] = ()
    area: Title | None = None
    ages: tuple[Age, Age] | None = None
    note: Words | None = None


class NewFocusArea(bodies.Command):
    short: Key
    name: Title
    year: Year | None = None
    ages: tuple[Age, Age] | None = None


class Meets(bodies.Command):
    """As `CadenceChange`, in one row."""

    every_weeks: Annotated[int, Bounded(ge=1, le=1_000)] | None = None
    at_least: Annotated[int, Bounded(ge=1, le=1_000)] | None = None
    per: Literal["month", "year"] | None = None


class Themes(bodies.Command):
    """Those that are kept, and one more."""

    themes: list[Key]
    another: Key | None = None


class Of(bodies.Command):
    """A seat or a focus area, by its number or key."""

    n: Annotated[int, Bounded(ge=1, le=100_000)]
    left_on: Day


class Renamed(bodies.FocusAreaNaming):
    area: Key


class Reported(bodies.WorkReport):
    area: Key


class Adopted(bodies.Command):
    name: Title
    from_year: Year
    to_year: Year | None = None


def _as(kind: type[bodies.Command], body: bodies.Command, **also: object) -> Any:  # noqa: ANN401
    """*body* as the API has it: what both have, and what is given beside. As JSON: a day of the
    API's is read from what is written."""
    fields = kind.model_fields
    given = {n: v for n, v in body.model_dump(mode="json").items() if n in fields}
    return kind.model_validate({fields[n].alias or n: v for n, v in {**given, **also}.items()})


NAME = Field("name", say("Name"))
KIND_HINT = say("Small letters, digits and hyphens, such as ungdomsteam.")
SEAT = (
    Field("role", say("As"), "choice", choices="seat_roles"),
    Field("person", say("Who"), "choice", required=False, choices="people",
          hint=say("Without anybody it is an office that nobody is let in by.")),
    Field("service", say("On behalf of the service"), "choice", required=False,
          choices="services"),
    Field("represents", say("Or on behalf of"), required=False),
    Field("taken_on", say("From"), "day", required=False),
    Field("until", say("Until, that day included"), "day", required=False),
)  # fmt: skip
SHORT = Field("short", say("Key"), hint=say("A short name that never changes: small letters, "
              "digits and hyphens."))  # fmt: skip
LEAVE = (Field("n", say("Seat"), "choice", choices="seats"),
         Field("left_on", say("Left on"), "day"))  # fmt: skip

CONSTITUTE = ActForm(
    "constitution", say("Constitute an organ"), say("Constitute it"), NewOrgan,
    (
        NAME,
        SHORT,
        Field("level", say("Level"), "choice", choices="levels"),
        Field("kind", say("Kind"), hint=KIND_HINT),
        Field("parent", say("The organ above it"), "choice", required=False, choices="organs"),
        Field("lifts_to", say("Lifts to"), "many", required=False, choices="organs"),
        Field("area", say("Where"), required=False),
        Field("ages", say("Ages"), "ages", required=False),
    ),
    run=lambda _, body, desk: organs.constitute(
        _as(bodies.Constitution, body, key=body.short), desk
    ),
)  # fmt: skip
TAKE_A_SEAT = ActForm(
    "seats", say("Give a seat"), say("Give the seat"), bodies.Seating, SEAT,
    run=organs.take_a_seat,
)  # fmt: skip
LEAVE_A_SEAT = ActForm(
    "departure", say("End a seat"), say("End the seat"), Of, LEAVE,
    run=lambda key, body, desk: organs.leave_a_seat(key, body.n, _as(bodies.Departure, body), desk),
)  # fmt: skip
MANDATE = ActForm(
    "mandate", say("Give a mandate"), say("Give the mandate"), bodies.Mandate,
    (Field("mandate", say("Mandate"), "words"),),
    run=organs.give_a_mandate,
)  # fmt: skip
CADENCE = ActForm(
    "cadence", say("Say how often it meets"), say("Set how often it meets"), Meets,
    (
        Field("every_weeks", say("Every so many weeks"), "number", required=False),
        Field("at_least", say("Or at least so many times"), "number", required=False),
        Field("per", say("In each"), "choice", required=False, choices="periods"),
    ),
    hint=say("Either every so many weeks, or at least so many times in a month or a year."),
    run=lambda key, body, desk: organs.set_the_cadence(key, bodies.CadenceChange(
        cadence=bodies.Rhythm(
            every_weeks=body.every_weeks, at_least=body.at_least, per=body.per
        )
    ), desk),
)  # fmt: skip
QUORUM = ActForm(
    "quorum", say("Set the quorum"), say("Set it"), QuorumChange,
    (Field("seats", say("So many seats must be there to decide"), "number"),),
    run=organs.set_the_quorum,
)  # fmt: skip
PLACE = ActForm(
    "placement", say("Place it in the structure"), say("Place it"), bodies.Placement,
    (
        Field("parent", say("The organ above it"), "choice", required=False, choices="organs"),
        Field("lifts_to", say("Lifts to"), "many", required=False, choices="organs"),
    ),
    run=organs.place,
)  # fmt: skip
RENAME = ActForm(
    "renaming", say("Rename"), say("Rename it"), bodies.Naming, (NAME,), run=organs.rename,
)  # fmt: skip
DISSOLVE = ActForm(
    "dissolution", say("Dissolve"), say("Dissolve the organ"), bodies.Reasoned,
    (Field("reason", say("Why"), "words"),),
    hint=say("Its cases and its history stay."),
    run=organs.dissolve,
)  # fmt: skip

REGISTER = ActForm(
    "service", say("Register a service"), say("Register it"), bodies.Naming, (NAME,),
    run=lambda _, body, desk: services.register(body, desk),
)  # fmt: skip
RENAME_SERVICE = ActForm(
    "renaming", say("Rename"), say("Rename it"), bodies.Naming, (NAME,),
    hint=say("What it did under the old name stays."),
    run=services.rename_service,
)  # fmt: skip
MERGE = ActForm(
    "merger", say("Merge into another"), say("Merge it"), bodies.Merging,
    (Field("into", say("Into"), "choice", choices="services"),),
    hint=say("History is not rewritten."),
    run=services.merge,
)  # fmt: skip
WORK_THERE = ActForm(
    "seats", say("Give a seat"), say("Give the seat"), bodies.ServiceSeating,
    (SEAT[0], Field("person", say("Who"), "choice", choices="people"), *SEAT[4:]),
    hint=say("They read the service's cases, and answer for it."),
    run=services.take_a_seat_in_a_service,
)  # fmt: skip
LEAVE_A_SERVICE = ActForm(
    "departure", say("End a seat"), say("End the seat"), Of, LEAVE,
    run=lambda key, body, desk: services.leave_a_seat_in_a_service(
        key, body.n, _as(bodies.Departure, body), desk
    ),
)  # fmt: skip

REGISTER_PERSON = ActForm(
    "person", say("Register a person"), say("Register them"), bodies.Registration,
    (Field("name", say("Name"), required=False,
           hint=say("Seats and roles let them in; an invitation lets them sign in.")),),
    run=lambda _, body, desk: people.register_a_person(body, desk),
)  # fmt: skip
GIVE_ROLE = ActForm(
    "roles", say("Give a role"), say("Give the role"), bodies.RoleChange,
    (Field("role", say("Role"), "choice", choices="roles"),),
    run=people.give_a_role,
)  # fmt: skip
WITHDRAW_ROLE = ActForm(
    "withdrawal", say("Withdraw a role"), say("Withdraw the role"), bodies.RoleChange,
    (Field("role", say("Role"), "choice", choices="own_roles"),),
    run=people.withdraw_a_role,
)  # fmt: skip

SET_THEMES = ActForm(
    "themes", say("Change the themes"), say("Keep these themes"), Themes,
    (
        Field("themes", say("Themes"), "many", required=False, choices="themes"),
        Field("another", say("One more"), required=False,
              hint=say("Small letters, digits and hyphens.")),
    ),
    hint=say("One that is taken off the list stays on the cases that have it."),
    run=lambda _, body, desk: organs.set_themes(
        bodies.ThemeList(themes=[*body.themes, *([body.another] if body.another else [])]), desk
    ),
)  # fmt: skip
WORD = ActForm(
    "confidentiality", say("Word the duty of confidentiality"), say("Put it in force"),
    bodies.Wording, (Field("text", say("The text"), "words"),),
    hint=say("Everybody confirms it anew."),
    run=lambda _, body, desk: people.word_confidentiality(body, desk),
)  # fmt: skip

ON_BEHALF = Field("acting_for", say("Decided by"), "choice", choices="organs")
AREA = Field("area", say("Focus area"), "choice", choices="focus_areas")
YEAR = Field("year", say("Year"), "number", required=False,
             hint=say("Without a year it holds until it is changed."))  # fmt: skip
SET_AREA = ActForm(
    "area", say("Set a focus area"), say("Set it"), NewFocusArea,
    (NAME, SHORT, YEAR, Field("ages", say("Ages"), "ages", required=False), ON_BEHALF),
    action=Action.PLAN,
    run=lambda _, body, desk: plan.set_focus_area(
        _as(bodies.FocusAreaSetting, body, key=body.short), desk
    ),
)  # fmt: skip
RENAME_AREA = ActForm(
    "naming", say("Rename a focus area"), say("Rename it"), Renamed,
    (AREA, NAME, YEAR, ON_BEHALF),
    action=Action.PLAN,
    run=lambda _, body, desk: plan.rename_focus_area(
        body.area, _as(bodies.FocusAreaNaming, body), desk
    ),
)  # fmt: skip
REPORT_WORK = ActForm(
    "work", say("Note what was done"), say("Keep it"), Reported,
    (AREA, Field("year", say("Year"), "number"), Field("what", say("What was done"), "words")),
    action=Action.PLAN,
    run=lambda _, body, desk: plan.report_work(body.area, _as(bodies.WorkReport, body), desk),
)  # fmt: skip
ADOPT = ActForm(
    "adoption", say("Record that a plan was adopted"), say("Record it"), Adopted,
    (
        NAME,
        Field("from_year", say("From the year"), "number"),
        Field("to_year", say("To the year"), "number", required=False),
        ON_BEHALF,
    ),
    action=Action.PLAN,
    run=lambda _, body, desk: plan.adopt_plan(
        _as(bodies.PlanAdoption, body, from_=body.from_year, to=body.to_year), desk
    ),
)  # fmt: skip
OBSERVE = ActForm(
    "observation", say("Note an observation"), say("Keep the observation"), bodies.Observing,
    (
        Field("source", say("Who has observed it"), "choice", choices="observers"),
        Field("text", say("What has been observed"), "words"),
        Field("theme", say("Theme"), "choice", required=False, choices="themes"),
        Field("direction", say("Which way it goes"), "choice", required=False,
              choices="directions"),
        Field("confidence", say("How sure it is"), "choice", required=False, choices="degrees"),
        Field("dark_figure", say("How much is not seen"), "choice", required=False,
              choices="degrees"),
    ),
    action=Action.PLAN,
    run=lambda _, body, desk: plan.observe(body, desk),
)  # fmt: skip


def _named(*forms: ActForm) -> Mapping[str, ActForm]:
    return {form.name: form for form in forms}


ORGAN_FORMS = _named(TAKE_A_SEAT, LEAVE_A_SEAT, MANDATE, CADENCE, QUORUM, PLACE, RENAME, DISSOLVE)
SERVICE_FORMS = _named(WORK_THERE, LEAVE_A_SERVICE, RENAME_SERVICE, MERGE)
PERSON_FORMS = _named(GIVE_ROLE, WITHDRAW_ROLE)
PLAN_FORMS = _named(OBSERVE, REPORT_WORK, SET_AREA, RENAME_AREA, ADOPT)
MUNICIPALITY_FORMS = _named(SET_THEMES, WORD)

"""The structure: organs as a picture and a table, services, people, the plan and the municipality.
Each has a page with its history, and with what can be done with it."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Path, Response

from api import histories, organs, services
from api.desk import Desk
from api.language import say, spoken_to
from api.organ_answers import OrganAnswer
from api.page import Page
from api.pages import choices, structure_told, topology
from api.pages.cadence_words import meets
from api.pages.desks import Sent, fresh_key, looking, sending
from api.pages.forms import Choice, Refused
from api.pages.shell import Names, shown
from api.pages.structure_forms import (
    CONSTITUTE,
    MUNICIPALITY_FORMS,
    ORGAN_FORMS,
    REGISTER,
    SERVICE_FORMS,
    ActForm,
)
from api.pages.structure_parts import Fact, Life, deal_with, life_page, places, structure_choices
from api.problems import NotFound
from domain.rights import Action, hat
from domain.topology import THEMES, Level

router = APIRouter(prefix="/structure", route_class=Page, include_in_schema=False)
Looking = Annotated[Desk, looking(Action.READ_ORGANS)]
Reading = Annotated[Desk, looking(Action.READ_PLAN)]
Changing = Annotated[Sent, sending(Action.STRUCTURE)]
Key = Annotated[str, Path(max_length=100)]
FormName = Annotated[str, Path(max_length=40)]


# Organs.
KINDS = {
    "board": say("a board"),
    "closed_group": say("a closed group"),
    "coordination_group": say("a coordination group"),
    "focus_group": say("a focus group"),
    "local_police_council": say("a local police council"),
    "programme": say("a programme"),
    "working_group": say("a working group"),
    "youth_team": say("a youth team"),
}
"""What the kinds of organs in the shipped files are called; others go by their own word."""


@router.get("")
def overview(desk: Looking) -> Response:
    """The levels, and who lifts to whom."""
    return _overview(desk)


@router.post("/constitution")
def constitute(sent: Changing) -> Response:
    return deal_with(sent, CONSTITUTE, "", lambda: f"/structure/organs/{sent.one('short')}",
                     _overview)  # fmt: skip


def _overview(desk: Desk, refused: Refused | None = None) -> Response:
    found, tongue = organs.organs(desk, limit=1000).items, spoken_to(desk.request)
    order = {level: n for n, level in enumerate(reversed(Level))}
    found.sort(key=lambda one: (order[one.level], one.key))
    lifted = topology.lifted_from(found)
    taken = {one.key: len(list(structure_told.standing(one.seats, desk.today))) for one in found}
    return shown(
        desk,
        "structure",
        refused.status if refused else 200,
        organs=found,
        picture=topology.drawn(found),
        lifted=lifted,
        taken=taken,
        meets={one.key: meets(one.cadence, tongue) for one in found},
        tabs=places(desk),
        form=CONSTITUTE if hat(desk.standing, Action.STRUCTURE) else None,
        choices={**structure_choices(desk), "organs": choices.everywhere(desk)["organs"]},
        refused=refused,
        key=fresh_key(),
    )


@router.get("/organs/{key}")
def organ(key: Key, desk: Looking) -> Response:
    return _organ(desk, key)


@router.post("/organs/{key}/{form}")
def change_an_organ(key: Key, form: FormName, sent: Changing) -> Response:
    return deal_with(sent, _form(ORGAN_FORMS, form), key, lambda: f"/structure/organs/{key}",
                     lambda desk, refused: _organ(desk, key, refused))  # fmt: skip


def _organ(desk: Desk, key: str, refused: Refused | None = None) -> Response:
    one = organs.organ(key, desk)
    others = [each for each in choices.everywhere(desk)["organs"] if each.value != key]
    filled = {
        "placement": {"parent": [one.parent or ""], "lifts_to": one.lifts_to},
        "renaming": {"name": [one.name or ""]},
        "mandate": {"mandate": [one.mandate or ""]},
    }
    told = []
    if hat(desk.standing, Action.READ_PLAN):
        told = structure_told.history(
            desk, lambda: histories.of_an_organ(key, desk, limit=structure_told.MOST)
        )
    forms = [] if one.dissolved else [*ORGAN_FORMS.values()]
    return life_page(desk, _life(desk, one), told, forms, {"organs": others}, filled, refused)


def _life(desk: Desk, one: OrganAnswer) -> Life:
    names, tongue = Names(desk.structure.names), spoken_to(desk.request)
    return Life(
        title=one.name or one.key,
        back="/structure",
        at=f"/structure/organs/{one.key}",
        facts=[
            Fact(say("Level"), tongue.gettext(one.level.value)),
            Fact(say("Kind"), tongue.gettext(KINDS.get(one.kind, one.kind))),
            Fact(say("The organ above it"), names.organ(one.parent) if one.parent else None),
            Fact(say("Lifts to"), ", ".join(names.organ(key) for key in one.lifts_to)),
            Fact(say("Where"), one.area),
            Fact(say("Ages"), f"{one.ages[0]}–{one.ages[1]}" if one.ages else None),
            Fact(say("Mandate"), one.mandate),
            Fact(say("Meets"), meets(one.cadence, tongue)),
            Fact(
                say("So many seats must be there to decide"),
                str(one.quorum) if one.quorum else None,
            ),
            Fact(say("Constituted"), tongue.day(one.constituted_on)),
            Fact(say("Note"), one.note),
        ],
        seats=one.seats,
        is_over=one.dissolved,
        over=say("Dissolved"),
    )


# Services.


@router.get("/services")
def all_services(desk: Reading) -> Response:
    return _services(desk)


@router.post("/service")
def register(sent: Changing) -> Response:
    return deal_with(sent, REGISTER, "", lambda: "/structure/services", _services)


def _services(desk: Desk, refused: Refused | None = None) -> Response:
    found = services.services(desk, limit=1000).items
    found.sort(key=lambda one: (one.merged_into is not None, (one.name or one.key).casefold()))
    return shown(
        desk,
        "services",
        refused.status if refused else 200,
        services=found,
        taken={one.key: len(list(structure_told.standing(one.seats, desk.today))) for one in found},
        tabs=places(desk),
        form=REGISTER if hat(desk.standing, Action.STRUCTURE) else None,
        choices={},
        refused=refused,
        key=fresh_key(),
    )


@router.get("/services/{key}")
def service(key: Key, desk: Reading) -> Response:
    return _service(desk, key)


@router.post("/services/{key}/{form}")
def change_a_service(key: Key, form: FormName, sent: Changing) -> Response:
    return deal_with(sent, _form(SERVICE_FORMS, form), key, lambda: f"/structure/services/{key}",
                     lambda desk, refused: _service(desk, key, refused))  # fmt: skip


def _service(desk: Desk, key: str, refused: Refused | None = None) -> Response:
    one = next((s for s in services.services(desk, limit=1000).items if s.key == key), None)
    if one is None:
        raise NotFound
    into = desk.structure.name_of(one.merged_into)
    life = Life(
        title=one.name or one.key,
        back="/structure/services",
        at=f"/structure/services/{key}",
        facts=[Fact(say("Merged into"), into)],
        seats=one.seats,
        is_over=one.merged_into is not None,
        over=say("Merged into another"),
    )
    told = structure_told.history(
        desk, lambda: histories.of_a_service(key, desk, limit=structure_told.MOST)
    )
    others = [each for each in choices.everywhere(desk)["services"] if each.value != key]
    filled = {"renaming": {"name": [one.name or ""]}}
    return life_page(desk, life, told, [] if life.is_over else [*SERVICE_FORMS.values()],
                     {"services": others}, filled, refused)  # fmt: skip


# The municipality.


@router.get("/municipality")
def municipality(desk: Reading) -> Response:
    return _municipality(desk)


@router.post("/municipality/{form}")
def change_the_municipality(form: FormName, sent: Changing) -> Response:
    return deal_with(sent, _form(MUNICIPALITY_FORMS, form), "", lambda: "/structure/municipality",
                     _municipality)  # fmt: skip


def _municipality(desk: Desk, refused: Refused | None = None) -> Response:
    one, tongue = organs.municipality(desk), spoken_to(desk.request)
    life = Life(
        title=one.name or "",
        back="/structure",
        at="/structure/municipality",
        facts=[
            Fact(say("Number"), one.number),
            Fact(say("Themes"), ", ".join(tongue.gettext(theme) for theme in one.themes)),
        ],
    )
    told = structure_told.history(
        desk, lambda: histories.of_the_municipality(desk, limit=structure_told.MOST)
    )
    offered = [*one.themes, *(theme for theme in THEMES if theme not in one.themes)]
    of_themes = [Choice(theme, tongue.gettext(theme)) for theme in offered]
    return life_page(desk, life, told, [*MUNICIPALITY_FORMS.values()], {"themes": of_themes},
                     {"themes": {"themes": one.themes}}, refused)  # fmt: skip


def _form(forms: Mapping[str, ActForm], name: str) -> ActForm:
    if name not in forms:
        raise NotFound
    return forms[name]

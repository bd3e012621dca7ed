"""People, their roles, and inviting them."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from api import histories, people
from api.bodies import Invitation
from api.desk import Desk
from api.language import say, spoken_to
from api.page import Page
from api.pages import structure_told
from api.pages.desks import Sent, fresh_key, looking, sending
from api.pages.forms import Choice, Refused
from api.pages.shell import Names, shown
from api.pages.structure_forms import PERSON_FORMS, REGISTER_PERSON
from api.pages.structure_parts import Fact, Life, deal_with, life_page, places
from api.people import InvitationAnswer, PersonAnswer
from api.problems import NotFound
from domain.rights import Action, hat

router = APIRouter(prefix="/structure", route_class=Page, include_in_schema=False)
Reading = Annotated[Desk, looking(Action.READ_PEOPLE)]
Changing = Annotated[Sent, sending(Action.STRUCTURE)]
Id = Annotated[str, Path(max_length=100)]
FormName = Annotated[str, Path(max_length=40)]


@router.get("/people")
def everybody(desk: Reading) -> Response:
    return _everybody(desk)


@router.post("/person")
def register(sent: Changing) -> Response:
    return deal_with(sent, REGISTER_PERSON, "", lambda: "/structure/people", _everybody)


def _everybody(desk: Desk, refused: Refused | None = None) -> Response:
    found = people.persons(desk, limit=1000).items
    found.sort(key=lambda one: ((one.name or one.id).casefold(), one.id))
    return shown(
        desk,
        "people",
        refused.status if refused else 200,
        people=found,
        seats={one.id: _seats(desk, one.id) for one in found},
        tabs=places(desk),
        form=REGISTER_PERSON if hat(desk.standing, Action.STRUCTURE) else None,
        choices={},
        refused=refused,
        key=fresh_key(),
    )


def _seats(desk: Desk, person: str) -> list[str]:
    """Where somebody has a seat today, by name."""
    names = Names(desk.structure.names)
    standing = desk.structure.roster.standing(person, on=desk.today)
    return sorted(names.place(key) for key in standing.organs | standing.services)


@router.get("/people/{person}")
def somebody(person: Id, desk: Reading) -> Response:
    return _person(desk, person)


@router.post("/people/{person}/invitation")
def invite(person: Id, sent: Changing) -> Response:
    """The code is on the page that answers, this once, and nowhere else."""
    made = people.invite_a_person(person, Invitation(), sent.desk.request, sent.desk)
    return _person(sent.desk.looking(), person, made=made)


@router.post("/people/{person}/{form}")
def change_a_person(person: Id, form: FormName, sent: Changing) -> Response:
    if form not in PERSON_FORMS:
        raise NotFound
    return deal_with(sent, PERSON_FORMS[form], person, lambda: f"/structure/people/{person}",
                     lambda desk, refused: _person(desk, person, refused))  # fmt: skip


def _person(
    desk: Desk,
    person: str,
    refused: Refused | None = None,
    made: InvitationAnswer | None = None,
) -> Response:
    one = _known(desk, person)
    tongue = spoken_to(desk.request)
    roles = [Choice(role.value, tongue.gettext(role.value)) for role in one.roles]
    life = Life(
        title=one.name or one.id,
        back="/structure/people",
        at=f"/structure/people/{one.id}",
        facts=[
            Fact(say("Id"), one.id),
            Fact(say("Roles"), ", ".join(role.label for role in roles)),
            Fact(say("Seats"), ", ".join(_seats(desk, one.id))),
        ],
        invites=hat(desk.standing, Action.STRUCTURE) is not None,
        invitation=made,
    )
    told = structure_told.history(
        desk, lambda: histories.of_a_person(person, desk, limit=structure_told.MOST)
    )
    return life_page(desk, life, told, [*PERSON_FORMS.values()], {"own_roles": roles}, {}, refused)


def _known(desk: Desk, person: str) -> PersonAnswer:
    found = people.persons(desk, limit=1000).items
    one = next((one for one in found if one.id == person), None)
    if one is None:
        raise NotFound
    return one

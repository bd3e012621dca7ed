"""People and their roles, the tokens of machines, and those who say who somebody is."""

from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import Field as Bounded

from api import bodies, histories, kept_tokens, people, tokens
from api.bodies import Invitation
from api.desk import Desk
from api.fields import Key, Reference
from api.language import say, spoken_to
from api.page import Page
from api.pages import choices, structure_told
from api.pages.desks import Sent, fresh_key, looking, sending
from api.pages.forms import Choice, Field, Refused, tried
from api.pages.shell import Names, shown
from api.pages.structure_forms import PERSON_FORMS, REGISTER_PERSON, ActForm
from api.pages.structure_parts import Fact, Life, deal_with, life_page, places
from api.people import InvitationAnswer, PersonAnswer
from api.problems import NotFound
from api.tokens import TokenMade
from domain.actor import Role
from domain.rights import Action, hat, may_let_in

router = APIRouter(prefix="/structure", route_class=Page, include_in_schema=False)
Reading = Annotated[Desk, looking(Action.READ_PEOPLE)]
Changing = Annotated[Sent, sending(Action.STRUCTURE)]
Administering = Annotated[Desk, looking(Action.TOKENS)]
Giving = Annotated[Sent, sending(Action.TOKENS)]
Structuring = Annotated[Desk, looking(Action.STRUCTURE)]
Id = Annotated[str, Path(max_length=100)]
FormName = Annotated[str, Path(max_length=40)]


# People.


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


# Tokens.


class NewToken(bodies.Command):
    """As `tokens.Giving`."""

    name: Key
    role: Role
    organ: Reference | None = None
    days: Annotated[int, Bounded(ge=1, le=3650)] | None = None


GIVE_TOKEN = ActForm(
    "token", say("Give out a token"), say("Give it out"), NewToken,
    (
        Field("name", say("What it is for"),
              hint=say("A system's name in small letters, digits and hyphens; never a person's.")),
        Field("role", say("Role"), "choice", choices="roles"),
        Field("organ", say("A member's organ or service"), "choice", required=False,
              choices="places"),
        Field("days", say("Holds for so many days"), "number", required=False,
              hint=say("Without a number it holds until it is ended.")),
    ),
    action=Action.TOKENS,
)  # fmt: skip


@router.get("/tokens")
def all_tokens(desk: Administering) -> Response:
    return _tokens(desk)


@router.post("/tokens")
def give(sent: Giving) -> Response:
    """The token is on the page that answers, this once, and nowhere else."""
    made: list[TokenMade] = []

    def run(body: NewToken) -> Response:
        asked = tokens.Giving(name=body.name, role=body.role, organ=body.organ, scope=None,
                              days=body.days)  # fmt: skip
        made.append(tokens.give(asked, sent.desk))
        return Response()

    refused = tried(GIVE_TOKEN, sent, run)
    return _tokens(sent.desk.looking(), refused, made[0] if made else None)


@router.post("/tokens/{token}/revocation")
def revoke(token: Id, sent: Giving) -> Response:
    tokens.revoke(token, sent.desk)
    return _tokens(sent.desk.looking())


def _tokens(desk: Desk, refused: Refused | None = None, made: TokenMade | None = None) -> Response:
    tongue, there = spoken_to(desk.request), choices.everywhere(desk)
    roles = [Choice(one.value, tongue.gettext(one.value)) for one in Role
             if may_let_in(desk.standing, one)]  # fmt: skip
    found = kept_tokens.listed(desk.database, limit=1000)
    found.sort(key=lambda one: not one.valid)
    return shown(
        desk,
        "tokens",
        refused.status if refused else 200,
        tokens=found,
        made=made,
        tabs=places(desk),
        form=GIVE_TOKEN,
        choices={"roles": roles, "places": [*there["organs"], *there["services"]]},
        refused=refused,
        key=fresh_key(),
    )


@router.get("/sign-in")
def providers(desk: Structuring) -> Response:
    """Those who say who somebody is. They stand in a file on the server."""
    asked = desk.request.app.state.sign_in
    return shown(
        desk,
        "providers",
        providers=[one.provider for one in asked.providers.values()],
        guests=bool(asked.guests),
        tabs=places(desk),
    )

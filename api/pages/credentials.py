"""What lets other systems in: tokens, those who say who somebody is, and the record of both."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field as Bounded

from api import bodies, credential_record, kept_tokens, tokens
from api.answers import EntryAnswer
from api.credential_record import CredentialEntry
from api.demo import HOST
from api.desk import Desk
from api.exports import CONSOLE
from api.fields import Key, Reference
from api.language import say, spoken_to
from api.page import Page
from api.pages import choices, timeline
from api.pages.desks import Sent, fresh_key, looking, sending
from api.pages.forms import Choice, Field, Refused, tried
from api.pages.shell import Names, person_names, shown
from api.pages.structure_forms import ActForm
from api.pages.structure_parts import places
from api.tokens import TokenMade
from domain.actor import Role
from domain.rights import Action, may_let_in

router = APIRouter(prefix="/structure", route_class=Page, include_in_schema=False)
Administering = Annotated[Desk, looking(Action.TOKENS)]
Giving = Annotated[Sent, sending(Action.TOKENS)]
Structuring = Annotated[Desk, looking(Action.STRUCTURE)]
Auditing = Annotated[Desk, looking(Action.READ_CREDENTIALS)]
Id = Annotated[str, Path(max_length=100)]
MANY = 50
"""How many changes a page shows."""
FIELDS: timeline.Fields = {
    "name": (say("Name"), "words"),
    "credential": (say("Id"), "words"),
    "role": (say("Role"), "word"),
    "organ": (say("A member's organ or service"), "place"),
    "person": (say("Who"), "person"),
    "scope": (say("May only"), "themes"),
    "expires_at": (say("Holds until"), "moment"),
    "kinds": (say("Events"), "themes"),
    "former_until": (say("The secret before signs too until"), "moment"),
    "roles": (say("Roles that it may give"), "themes"),
    "newcomers": (say("Whoever is new"), "word"),
    "changed": (say("Settings that are other than before"), "themes"),
}
"""The fields of a change that people read, in this order."""
NEWCOMERS = {
    "registered": say("is registered, without a seat or role"),
    "invited": say("must have been invited"),
}
NOBODY = {
    CONSOLE.id: say("Somebody on the server"),
    HOST.id: say("The demonstration"),
}
"""Who acts and is no person: what they are called."""


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


@router.get("/credentials")
def credentials(
    desk: Auditing, cursor: Annotated[str | None, Query(max_length=300)] = None
) -> Response:
    """Each change of what lets somebody in, the newest first."""
    found = credential_record.changes(desk, limit=MANY, cursor=cursor or None)
    return shown(
        desk,
        "credentials",
        told=_told(desk, found.items),
        next=found.next,
        tabs=places(desk),
    )


def _told(desk: Desk, changes: Sequence[CredentialEntry]) -> list[timeline.Told]:
    """In their order. Whoever has no name goes by their id: it is told in any case who it was."""
    tongue, names = spoken_to(desk.request), Names(desk.structure.names)
    ids = {one.actor.id for one in changes} | {str(_own(one).get("person")) for one in changes}
    tokens = credential_record.names_of(desk, ids)
    people = {one: f"{tokens[one]} ({one})" if one in tokens else one for one in ids}
    people |= person_names(desk, ids)
    people |= {own: tongue.gettext(said) for own, said in NOBODY.items()}
    return timeline.told([_said(one) for one in changes], names, people, tongue, FIELDS)


def _said(change: CredentialEntry) -> EntryAnswer:
    """With words for people in place of those for programs; at first all is new."""
    fields = change.model_dump()
    if "newcomers" in fields:
        fields["newcomers"] = NEWCOMERS.get(fields["newcomers"], fields["newcomers"])
    if change.version == 1:
        fields.pop("changed", None)
    return EntryAnswer.model_validate(fields)


def _own(change: CredentialEntry) -> Mapping[str, Any]:
    return change.model_extra or {}

"""People: registered, given roles, and bound to confidentiality. Seats are given by the organs."""

import secrets
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel

from api import bodies
from api.answers import Page, Wording
from api.cases import AsOfQuery, Cursor, Limit
from api.confidentiality import in_force
from api.cursors import after_key
from api.desk import Desk
from api.identities import invite
from api.organs import PROBLEMS
from api.seating import commanded, opened
from domain.actor import Role
from domain.errors import StreamUnknown
from domain.municipality import MUNICIPALITY, Municipality
from domain.person import Person, person_id
from domain.rights import Action, Standing
from ledger.engine import Seen
from projections import structure

router = APIRouter(prefix="/api", tags=["people"], responses=PROBLEMS)

Changing = Annotated[Desk, commanded(Action.STRUCTURE)]
PersonRef = Annotated[str, Path(max_length=100)]


class PersonAnswer(BaseModel):
    """`confirmed`: the newest text on confidentiality that they have confirmed."""

    id: str
    name: str | None
    roles: list[Role]
    confirmed: int | None
    version: int


class PersonPage(Page[PersonAnswer]):
    pass


class ConfidentialityAnswer(BaseModel):
    """The text that is in force. `confirmed`: whether whoever asks has confirmed it."""

    text_version: int
    text: str | None
    confirmed: bool


class WordedAnswer(ConfidentialityAnswer):
    """A text that has just been put in force; `version` is the municipality's."""

    version: int


class InvitationAnswer(BaseModel):
    """`link`: where the person signs in with the `code`."""

    code: str
    link: str
    expires_at: datetime


class MeAnswer(BaseModel):
    """Who whoever asks is to the municipality just now: by their roles, and by their seats in
    organs and services."""

    id: str
    roles: list[Role]
    organs: list[str]
    services: list[str]
    confidentiality: ConfidentialityAnswer


PERSON: dict[int | str, dict[str, Any]] = {201: {"model": PersonAnswer}}


@router.get("/persons")
def persons(
    desk: Annotated[Desk, opened(Action.READ_PEOPLE)],
    _as_of: AsOfQuery = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> PersonPage:
    """Everybody who is registered here, with their roles. Seats stand with organs and services."""
    found = structure.people(
        desk.database, as_of=desk.as_of.position, after=after_key(cursor), limit=limit
    )
    wording = desk.wording([one.name for one in found if one.name is not None])
    last = found[-1].person if len(found) == limit else None
    return PersonPage(items=[_person(one, wording) for one in found], next=desk.page(last))


@router.post("/persons", status_code=201, response_class=Response, responses=PERSON)
def register_a_person(body: bodies.Registration, desk: Changing) -> Response:
    """Register a person. They are let in by the roles and the seats that they are given."""
    at, name = desk.at(body), desk.write_if(body.name, body)
    person = f"p-{secrets.token_hex(6)}"
    seen = desk.engine.begin(
        Person,
        person_id(person),
        lambda: Person.register(person=person, name=name, by=desk.by(body), at=at),
        command=desk.command,
        drafts=desk.pen.drafts,
    )
    return _answer(desk, seen)


@router.post("/persons/{person}/roles", status_code=201, response_class=Response, responses=PERSON)
def give_a_role(person: PersonRef, body: bodies.RoleChange, desk: Changing) -> Response:
    """Give a person a role: coordinator, board, auditor, reporter or admin."""
    at = desk.at(body)
    return _act(desk, person, lambda life: life.give_role(role=body.role, by=desk.by(body), at=at))


@router.post(
    "/persons/{person}/roles/withdrawal",
    status_code=201,
    response_class=Response,
    responses=PERSON,
)
def withdraw_a_role(person: PersonRef, body: bodies.RoleChange, desk: Changing) -> Response:
    """Withdraw a role from a person, at once."""
    at = desk.at(body)
    return _act(
        desk, person, lambda life: life.withdraw_role(role=body.role, by=desk.by(body), at=at)
    )


@router.post("/persons/{person}/invitation", status_code=201)
def invite_a_person(
    person: PersonRef,
    _body: bodies.Invitation,
    request: Request,
    desk: Annotated[Desk, opened(Action.STRUCTURE)],
) -> InvitationAnswer:
    """Let a person who is registered sign in: whoever signs in next with this code is them. It is
    shown this once, holds for seven days, and is used once."""
    if person not in desk.structure.roster.roles:
        raise StreamUnknown
    code, until = invite(desk.database, person, by=desk.standing.id, now=desk.now)
    base = request.app.state.sign_in.public_url.rstrip("/")
    return InvitationAnswer(code=code, link=f"{base}/sign-in?invitation={code}", expires_at=until)


@router.get("/me")
def me(
    desk: Annotated[Desk, opened(Action.BE_KNOWN, bound=False)], _as_of: AsOfQuery = None
) -> MeAnswer:
    """Who one is here, or was, and the text on confidentiality that is in force."""
    who = _then(desk)
    return MeAnswer(
        id=who.id,
        roles=sorted(who.roles),
        organs=sorted(who.organs),
        services=sorted(who.services),
        confidentiality=_confidentiality(desk),
    )


@router.post("/me/confidentiality", status_code=201, response_class=Response, responses=PERSON)
def confirm_confidentiality(
    body: bodies.Confirmation,
    desk: Annotated[Desk, commanded(Action.BE_KNOWN, bound=False)],
) -> Response:
    """Confirm the duty of confidentiality, in the words that are in force."""
    at = desk.at(body)
    return _act(
        desk,
        desk.standing.id,
        lambda life: life.confirm_confidentiality(
            text_version=body.text_version,
            in_force=desk.structure.roster.confidentiality,
            by=desk.by(body),
            at=at,
        ),
    )


@router.post(
    "/municipality/confidentiality",
    status_code=201,
    response_class=Response,
    responses={201: {"model": WordedAnswer}},
)
def word_confidentiality(body: bodies.Wording, desk: Changing) -> Response:
    """Word the duty of confidentiality. Everybody confirms it anew."""
    at, text = desk.at(body), desk.write(body.text, body)
    seen = desk.engine.act(
        Municipality,
        MUNICIPALITY,
        lambda life: life.word_confidentiality(text=text, by=desk.by(body), at=at),
        command=desk.command,
        drafts=desk.pen.drafts,
    )
    worded = WordedAnswer(**dict(_confidentiality(desk)), version=seen.state.version)
    return desk.answer(worded, seen)


def _then(desk: Desk) -> Standing:
    """A person's standing as of the moment asked about. A machine's token is what it was made."""
    then, who = desk.as_of, desk.standing
    if then.position is None or who.id not in desk.structure.roster.roles:
        return who
    return desk.structure.roster_at(then.bound).standing(who.id, on=then.today)


def _confidentiality(desk: Desk) -> ConfidentialityAnswer:
    text = in_force(desk.engine)
    return ConfidentialityAnswer(
        text_version=text.version,
        text=text.words,
        confirmed=desk.structure.roster.has_confirmed(desk.standing.id),
    )


def _act(desk: Desk, person: str, decide: Any) -> Response:  # noqa: ANN401 - called with the Person
    if "\x00" in person:
        raise StreamUnknown
    return _answer(desk, desk.engine.act(Person, person_id(person), decide, command=desk.command))


def _answer(desk: Desk, seen: Seen[Person]) -> Response:
    name = seen.state.name
    return desk.answer(_person(seen.state, desk.wording([name] if name else [])), seen)


def _person(one: Person, wording: Wording) -> PersonAnswer:
    return PersonAnswer(
        id=one.person,
        name=wording.of(one.name),
        roles=sorted(one.roles),
        confirmed=one.confirmed,
        version=one.version,
    )

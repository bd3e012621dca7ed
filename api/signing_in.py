"""Signing in and out, and the pages on the way."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api import demo, identities, page, sessions, sign_ins
from api.auth import signed_in
from api.confidentiality import in_force
from api.discovery import Connected
from api.jwts import TokenRefused
from api.page import (
    CutShort,
    NoSuchProvider,
    NotBegunHere,
    NotSureEnough,
    NotVouchedFor,
    Page,
    PageTooOld,
)
from api.problems import Unauthenticated
from api.providers import ClaimsRefused, Identity, identity
from api.sessions import Session
from api.sign_ins import Back, SignIn
from domain.actor import Actor
from domain.errors import ConfidentialityTextReplaced, NothingChanged
from domain.event import Occurred, day_in_oslo
from domain.person import Person, person_id
from domain.rights import Action, hat
from ledger.commands import Command
from ledger.engine import Engine

router = APIRouter(route_class=Page, include_in_schema=False)

Form = Annotated[dict[str, str], Depends(page.form)]
ProviderKey = Annotated[str, Path(max_length=40)]
Said = Annotated[str | None, Query(max_length=4000)]


def _engine(request: Request) -> Engine:
    engine: Engine = request.app.state.ledger.engine
    return engine


def _sign_in(request: Request) -> SignIn:
    there: SignIn = request.app.state.sign_in
    return there


def _session(request: Request) -> Session:
    """Whoever is signed in. Refuses with `Unauthenticated`."""
    secret = request.cookies.get(sessions.COOKIE)
    if secret is None:
        raise Unauthenticated
    return signed_in(_engine(request), _sign_in(request), secret)


SignedIn = Annotated[Session, Depends(_session)]


def _asked_here(session: SignedIn, fields: Form) -> Session:
    """Whoever is signed in, where a page of ours asks. Refuses with `PageTooOld`."""
    if not sessions.same(session.csrf, fields.get("csrf", "")):
        raise PageTooOld
    return session


Asking = Annotated[Session, Depends(_asked_here)]


# Signing in.


@router.get("/sign-in")
def choose(
    request: Request,
    invitation: Said = None,
    return_to: Said = None,
) -> Response:
    """By which provider: they stand side by side."""
    kept = {"invitation": invitation, "return_to": return_to}
    asked = urlencode({name: value for name, value in kept.items() if value})
    choices = [
        {"name": one.provider.name, "address": f"/sign-in/{key}" + (f"?{asked}" if asked else "")}
        for key, one in _sign_in(request).providers.items()
    ]
    guests = [{"id": id_, "name": name} for id_, name in _sign_in(request).guests.items()]
    return page.shown(
        request,
        "sign_in",
        choices=choices,
        invited=bool(invitation),
        guests=guests,
        return_to=sign_ins.local(return_to),
    )


@router.post("/sign-in-as")
def sign_in_as(request: Request, fields: Form) -> Response:
    """In a demonstration anybody is whom they choose to be."""
    person = fields.get("person", "")
    if person not in _sign_in(request).guests:
        raise NoSuchProvider
    demo.invite(_engine(request), person)
    return_to = sign_ins.local(fields.get("return_to"))
    return _let_in(request, person, sign_ins.GUESTS, return_to, datetime.now(UTC))


@router.get("/sign-in/{provider}")
def go(
    provider: ProviderKey, request: Request, invitation: Said = None, return_to: Said = None
) -> Response:
    """On to the provider."""
    connected = _connected(request, provider)
    begun = sign_ins.begin(
        _engine(request).database,
        provider=provider,
        return_to=sign_ins.local(return_to),
        invitation=invitation,
        now=datetime.now(UTC),
    )
    onward = page.to(
        connected.address(
            redirect=_sign_in(request).redirect(provider),
            state=begun.state,
            nonce=begun.nonce,
            verifier=begun.verifier,
        )
    )
    lasts = int(sign_ins.LASTS.total_seconds())
    page.give_cookie(onward, sign_ins.COOKIE, begun.browser, lasts)
    return onward


@router.get("/sign-in/{provider}/callback")
def back(
    provider: ProviderKey,
    request: Request,
    state: Said = None,
    code: Said = None,
    iss: Said = None,
) -> Response:
    """Back from the provider, once, in the browser that set out. Whatever session the browser had
    ends, and a new one begins."""
    connected, now = _connected(request, provider), datetime.now(UTC)
    come = sign_ins.come_back(
        _engine(request).database,
        state=state or "",
        browser=request.cookies.get(sign_ins.COOKIE, ""),
        provider=provider,
        now=now,
    )
    if come is None or not connected.comes_from(iss):
        raise NotBegunHere
    if code is None:
        raise CutShort
    who = _vouched_for(connected, code, come, _sign_in(request).redirect(provider), now)
    person = identities.arrive(
        _engine(request),
        connected.provider,
        who,
        invitation=come.invitation,
        gate=request.app.state.gate,
        now=now,
    )
    return _let_in(request, person, provider, come.return_to, now)


def _vouched_for(
    connected: Connected, code: str, come: Back, redirect: str, now: datetime
) -> Identity:
    try:
        claims = connected.redeem(
            code=code,
            redirect=redirect,
            nonce=come.begun.nonce,
            verifier=come.begun.verifier,
            now=now,
        )
        return identity(connected.provider, claims)
    except TokenRefused as error:
        raise NotVouchedFor from error
    except ClaimsRefused as error:
        raise NotSureEnough from error


def _let_in(
    request: Request, person: str, provider: str, return_to: str, now: datetime
) -> Response:
    engine = _engine(request)
    before = request.cookies.get(sessions.COOKIE)
    if before is not None:
        sessions.end(engine.database, before, now)
    session = sessions.begin(
        engine.database,
        person=person,
        provider=provider,
        roster=engine.structure.roster,
        today=day_in_oslo(now),
        now=now,
        lengths=_sign_in(request).lengths,
    )
    onward = page.to(return_to)
    page.give_cookie(onward, sessions.COOKIE, session.secret)
    page.take_cookie(onward, sign_ins.COOKIE)
    return onward


def _connected(request: Request, provider: str) -> Connected:
    connected = _sign_in(request).providers.get(provider)
    if connected is None:
        raise NoSuchProvider
    return connected


# Signed in.


@router.post("/sign-out")
def sign_out(request: Request, session: Asking) -> Response:
    """The session ends here, whoever may have its cookie."""
    sessions.end(_engine(request).database, session.secret, datetime.now(UTC))
    onward = page.to("/sign-in")
    page.take_cookie(onward, sessions.COOKIE)
    return onward


@router.get("/confidentiality")
def read_confidentiality(request: Request, session: SignedIn, return_to: Said = None) -> Response:
    """The duty of confidentiality, in the words that are in force."""
    text = in_force(_engine(request))
    return page.shown(
        request,
        "confidentiality",
        text=text.words,
        text_version=text.version,
        csrf=session.csrf,
        return_to=sign_ins.local(return_to),
    )


@router.post("/confidentiality")
def confirm_confidentiality(request: Request, session: Asking, fields: Form) -> Response:
    """Confirm it, and go on. Once is enough; a text that has been replaced is read anew."""
    engine, now = _engine(request), datetime.now(UTC)
    standing = engine.structure.roster.standing(session.person, on=day_in_oslo(now))
    role, version = hat(standing, Action.BE_KNOWN), fields.get("text_version", "")
    if role is None or not version.isascii() or not version.isdigit() or len(version) > 9:
        raise PageTooOld
    command = Command(Actor(id=session.person, role=role), correlation_id=request.state.request_id)
    try:
        _confirm(engine, command, int(version), Occurred(at=now))
    except ConfidentialityTextReplaced:
        return page.to("/confidentiality")
    return page.to(sign_ins.local(fields.get("return_to")))


def _confirm(engine: Engine, command: Command, text_version: int, at: Occurred) -> None:
    with suppress(NothingChanged):
        engine.act(
            Person,
            person_id(command.actor.id),
            lambda life: life.confirm_confidentiality(
                text_version=text_version,
                in_force=engine.structure.roster.confidentiality,
                by=command.actor,
                at=at,
            ),
            command=command,
        )

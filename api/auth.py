"""Who is let in: by a token, a session or a provider's word, and which roles each door is for."""

from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Self

from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from starlette.concurrency import run_in_threadpool

from api import sessions
from api.identities import person_of
from api.jwts import TokenRefused, access_token, claimed
from api.kept_tokens import digest
from api.last_used import Uses
from api.problems import ConfidentialityFirst, Forbidden, NotAskedHere, Unauthenticated
from api.providers import ClaimsRefused, identity
from api.sign_ins import SignIn
from domain.actor import Actor, Role
from domain.event import day_in_oslo
from domain.rights import Action, Standing, hat, scope
from ledger.engine import Engine

BEARER = HTTPBearer(auto_error=False, description="A token, as `loft token create` prints it.")
"""For the documentation: `authenticate` is what lets in."""


def machines(engine: Engine, at: datetime) -> list[Standing]:
    """Whom the tokens let in that were valid at the moment *at*, but for people's own."""
    rows = engine.database.rows(
        "SELECT id, role, organ, scope FROM tokens WHERE person IS NULL AND created_at <= %(at)s "
        "AND (revoked_at IS NULL OR revoked_at > %(at)s) "
        "AND (expires_at IS NULL OR expires_at > %(at)s) ORDER BY created_at, id",
        at=at,
    )
    return [_of_a_machine(token_id, Role(role), place, words, engine)
            for token_id, role, place, words in rows]  # fmt: skip


def known_ids(engine: Engine) -> frozenset[str]:
    """The ids of all who can be named: people, and tokens."""
    tokens_there = engine.database.rows("SELECT id FROM tokens WHERE person IS NULL ORDER BY id")
    return frozenset({*engine.structure.roster.roles, *(row[0] for row in tokens_there)})


@dataclass(frozen=True)
class Admitted:
    """Who is let in through a door: who they are to the municipality, and as whom they act."""

    standing: Standing
    actor: Actor


QUIET = "loft-quiet"
"""The header of what an open page asks by itself."""


@dataclass(frozen=True)
class Shown:
    """What a request shows to be let in. `csrf`: that a page of ours asks, in a header or in the
    form that it sent. `changes`: it asks for more than to read; `is_quiet`: a page asks by itself,
    while nobody does anything: no sign that somebody is there."""

    authorization: str | None
    session: str | None
    csrf: str | None
    changes: bool
    is_quiet: bool

    @classmethod
    def of(cls, request: Request) -> Self:
        return cls(
            request.headers.get("authorization"),
            request.cookies.get(sessions.COOKIE),
            request.headers.get(sessions.CSRF_HEADER) or getattr(request.state, "csrf", None),
            request.method not in {"GET", "HEAD", "OPTIONS"},
            QUIET in request.headers or "text/event-stream" in request.headers.get("accept", ""),
        )


def authenticate(
    engine: Engine, sign_in: SignIn, shown: Shown, uses: Uses | None = None
) -> Standing:
    """Who it is that has *shown* this. *uses*: where it is noted that a token was used. Refuses
    with `Unauthenticated`, and with `NotAskedHere` where a session changes something without its
    page's word."""
    if shown.authorization is None and shown.session is not None:
        session = signed_in(engine, sign_in, shown.session, notes=not shown.is_quiet)
        if shown.changes and not sessions.same(session.csrf, shown.csrf or ""):
            raise NotAskedHere
        return _of_a_person(session.person, engine)
    scheme, _, token = (shown.authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated
    if claims := claimed(token.strip()):
        return _of_a_person(_vouched_for(engine, sign_in, token.strip(), claims), engine)
    return _by_token(engine, token.strip(), uses)


def signed_in(
    engine: Engine, sign_in: SignIn, secret: str, *, notes: bool = True
) -> sessions.Session:
    """The session with this *secret*; *notes* that somebody is there. Refuses with
    `Unauthenticated` where none holds."""
    now = datetime.now(UTC)
    session = sessions.found(
        engine.database,
        secret,
        roster=engine.structure.roster,
        today=day_in_oslo(now),
        now=now,
        lengths=sign_in.lengths,
        providers=sign_in.asked,
        notes=notes,
    )
    if session is None:
        raise Unauthenticated
    return session


def _vouched_for(engine: Engine, sign_in: SignIn, token: str, claims: Mapping[str, Any]) -> str:
    """The person whom a provider's *token* is about, which claims what stands in *claims*. They
    have signed in here before."""
    for connected in sign_in.providers.values():
        its = connected.provider
        if its.audience is None or its.issuer != claims.get("iss"):
            continue
        with suppress(TokenRefused, ClaimsRefused):
            checked = access_token(
                token,
                connected.keys,
                issuer=its.issuer,
                audience=its.audience,
                now=datetime.now(UTC),
            )
            person = person_of(engine.database, its.key, identity(its, checked).subject)
            if person is not None:
                return person
    raise Unauthenticated


def _by_token(engine: Engine, token: str, uses: Uses | None) -> Standing:
    """Whom one of our own tokens lets in."""
    rows = engine.database.rows(
        "SELECT id, role, organ, person, scope, "
        "coalesce(last_used_at < clock_timestamp() - interval '1 minute', true) FROM tokens "
        "WHERE digest = %(digest)s AND revoked_at IS NULL "
        "AND (expires_at IS NULL OR expires_at > clock_timestamp())",
        digest=digest(token),
    )
    if not rows:
        raise Unauthenticated
    token_id, role, place, person, words, is_news = rows[0]
    if is_news and uses is not None:
        uses.note(token_id)
    if person is None:
        return _of_a_machine(token_id, Role(role), place, words, engine)
    return _of_a_person(person, engine).model_copy(update={"only": _narrowed(words)})


def _of_a_person(person: str, engine: Engine) -> Standing:
    return engine.structure.roster.standing(person, on=day_in_oslo(datetime.now(UTC)))


def _of_a_machine(
    token_id: str, role: Role, place: str | None, words: list[str] | None, engine: Engine
) -> Standing:
    own = frozenset({place} if place is not None else ())
    if place in engine.topology.organs and engine.topology.organs[place].dissolved:
        own = frozenset()
    services = own & engine.topology.services.keys()
    return Standing(
        id=token_id, roles=frozenset({role}), organs=own - services, services=services,
        only=_narrowed(words),
    )  # fmt: skip


def _narrowed(words: list[str] | None) -> frozenset[Action] | None:
    return None if words is None else scope(words)


def admitted(
    action: Action, *, bound: bool = True
) -> Callable[[Request], Coroutine[Any, Any, Admitted]]:
    """The door that lets in whoever may do *action*, and tells who it is. *bound*: a person must
    have confirmed the duty of confidentiality."""

    async def admit(
        request: Request, _shown: Annotated[object, Depends(BEARER)] = None
    ) -> Admitted:
        engine: Engine = request.app.state.ledger.engine
        state = request.app.state
        standing = await run_in_threadpool(
            authenticate, engine, state.sign_in, Shown.of(request), state.uses
        )
        request.state.actor = standing
        role = hat(standing, action)
        if role is None:
            raise Forbidden
        roster = engine.structure.roster
        if bound and standing.id in roster.roles and not roster.has_confirmed(standing.id):
            raise ConfidentialityFirst
        return Admitted(standing, Actor(id=standing.id, role=role, organ=_only_one(standing)))

    return admit


def _only_one(standing: Standing) -> str | None:
    """The organ or service of whoever has just one."""
    own = (*standing.organs, *standing.services)
    return own[0] if len(own) == 1 else None

"""Who is let in: tokens, and the roles that each door is for. Sign-in belongs here too."""

import hashlib
import secrets
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from starlette.concurrency import run_in_threadpool

from api.answers import day_in_oslo
from api.problems import ConfidentialityFirst, Forbidden, Unauthenticated
from domain.actor import Actor, Role
from domain.rights import Action, Standing, hat
from ledger.database import Database
from ledger.engine import Engine

BEARER = HTTPBearer(auto_error=False, description="A token, as `loft token create` prints it.")
"""For the documentation: `authenticate` is what lets in."""


def create_token(
    database: Database,
    name: str,
    role: Role,
    organ: str | None = None,
    person: str | None = None,
) -> str:
    """A new token. It is shown this once; only its SHA-256 is kept. *organ*: a member's organ or
    service, by its key. *person*: whose seats and roles it lets in by, instead of a *role*."""
    token = f"loft_{secrets.token_urlsafe(32)}"
    with database.connection() as connection:
        connection.execute(
            "INSERT INTO tokens (id, name, role, organ, person, digest) "
            "VALUES (%s, %s, %s, %s, %s, %s)",
            (f"token-{secrets.token_hex(6)}", name, role.value, organ, person, _digest(token)),
        )
    return token


def revoke_tokens(database: Database, name: str) -> int:
    """End every token of this *name*; gives how many there were."""
    with database.connection() as connection:
        return connection.execute(
            "UPDATE tokens SET revoked_at = clock_timestamp() "
            "WHERE name = %s AND revoked_at IS NULL",
            (name,),
        ).rowcount


def end_tokens(database: Database, ended: Sequence[str]) -> None:
    """End these very tokens."""
    with database.connection() as connection:
        connection.execute(
            "UPDATE tokens SET revoked_at = clock_timestamp() WHERE digest = ANY(%s)",
            ([_digest(token) for token in ended],),
        )


def tokens(database: Database) -> list[tuple[str, str, str | None, bool]]:
    """Each token's name, role, organ, and whether it still lets in."""
    rows = database.rows(
        "SELECT name, role, organ, revoked_at IS NULL FROM tokens ORDER BY created_at, id"
    )
    return [(name, role, organ, valid) for name, role, organ, valid in rows]


def machines(engine: Engine, at: datetime) -> list[Standing]:
    """Whom the tokens let in that were valid at the moment *at*, but for people's own."""
    rows = engine.database.rows(
        "SELECT id, role, organ FROM tokens WHERE person IS NULL AND created_at <= %(at)s "
        "AND (revoked_at IS NULL OR revoked_at > %(at)s) ORDER BY created_at, id",
        at=at,
    )
    return [_of_a_machine(token_id, Role(role), place, engine) for token_id, role, place in rows]


def known_ids(engine: Engine) -> frozenset[str]:
    """The ids of all who can be named: people, and tokens."""
    tokens_there = engine.database.rows("SELECT id FROM tokens WHERE person IS NULL ORDER BY id")
    return frozenset({*engine.structure.roster.roles, *(row[0] for row in tokens_there)})


@dataclass(frozen=True)
class Admitted:
    """Who is let in through a door: who they are to the municipality, and as whom they act."""

    standing: Standing
    actor: Actor


def authenticate(engine: Engine, header: str | None) -> Standing:
    """Who sends this `Authorization` header. Refuses with `Unauthenticated`."""
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated
    rows = engine.database.rows(
        "SELECT id, role, organ, person FROM tokens "
        "WHERE digest = %(digest)s AND revoked_at IS NULL",
        digest=_digest(token.strip()),
    )
    if not rows:
        raise Unauthenticated
    token_id, role, place, person = rows[0]
    if person is not None:
        return engine.structure.roster.standing(person, on=day_in_oslo(datetime.now(UTC)))
    return _of_a_machine(token_id, Role(role), place, engine)


def _of_a_machine(token_id: str, role: Role, place: str | None, engine: Engine) -> Standing:
    own = frozenset({place} if place is not None else ())
    services = own & engine.topology.services.keys()
    return Standing(id=token_id, roles=frozenset({role}), organs=own - services, services=services)


def admitted(
    action: Action, *, bound: bool = True
) -> Callable[[Request], Coroutine[Any, Any, Admitted]]:
    """The door that lets in whoever may do *action*, and tells who it is. *bound*: a person must
    have confirmed the duty of confidentiality."""

    async def admit(
        request: Request, _shown: Annotated[object, Depends(BEARER)] = None
    ) -> Admitted:
        engine: Engine = request.app.state.ledger.engine
        header = request.headers.get("authorization")
        standing = await run_in_threadpool(authenticate, engine, header)
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


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()

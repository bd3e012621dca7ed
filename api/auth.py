"""Who is let in: tokens, and the roles that each door is for. Sign-in belongs here too."""

import hashlib
import secrets
from collections.abc import Callable, Coroutine, Sequence
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from starlette.concurrency import run_in_threadpool

from api.problems import Forbidden, Unauthenticated
from domain.actor import Actor, Role
from domain.rights import Action, may
from ledger.database import Database

BEARER = HTTPBearer(auto_error=False, description="A token, as `loft token create` prints it.")
"""For the documentation: `authenticate` is what lets in."""


def create_token(database: Database, name: str, role: Role, organ: str | None = None) -> str:
    """A new token. It is shown this once; only its SHA-256 is kept."""
    token = f"loft_{secrets.token_urlsafe(32)}"
    with database.connection() as connection:
        connection.execute(
            "INSERT INTO tokens (id, name, role, organ, digest) VALUES (%s, %s, %s, %s, %s)",
            (f"token-{secrets.token_hex(6)}", name, role.value, organ, _digest(token)),
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


def authenticate(database: Database, header: str | None) -> Actor:
    """Who sends this `Authorization` header. Refuses with `Unauthenticated`."""
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated
    rows = database.rows(
        "SELECT id, role, organ FROM tokens WHERE digest = %(digest)s AND revoked_at IS NULL",
        digest=_digest(token.strip()),
    )
    if not rows:
        raise Unauthenticated
    actor_id, role, organ = rows[0]
    return Actor(id=actor_id, role=Role(role), organ=organ)


def admitted(action: Action) -> Callable[[Request], Coroutine[Any, Any, Actor]]:
    """The door that lets in whoever may do *action*, and tells who it is."""

    async def admit(request: Request, _shown: Annotated[object, Depends(BEARER)] = None) -> Actor:
        database: Database = request.app.state.ledger.database
        header = request.headers.get("authorization")
        actor = await run_in_threadpool(authenticate, database, header)
        request.state.actor = actor
        if not may(actor.role, action):
            raise Forbidden
        return actor

    return admit


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()

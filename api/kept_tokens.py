"""What is kept of the tokens that let clients in, which is never their letters."""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import LiteralString

from psycopg.rows import class_row
from pydantic import BaseModel

from domain.actor import Role
from domain.credential import TOKEN
from domain.errors import Invalid, OrganUnknown, ServiceUnknown
from domain.rights import RIGHTS, Action
from ledger.database import Connection, Database
from ledger.structure import Structure

WORDS = [action.word for action in Action]
"""What a scope may name."""


class MemberWithoutOrgan(Invalid):
    """A member belongs to an organ. Say which one in organ."""


class NothingAllowed(Invalid):
    """This token could do nothing: its role allows nothing of what its scope names."""


class TokenAnswer(BaseModel):
    """A token, never its letters. `role`: null where it is a `person`'s, who is let in by their
    seats and roles. `scope`: what it is narrowed to; null is all that its role
    allows. `last_used_at` is exact to the minute. `created_by`: an actor's id; null is the command
    line."""

    id: str
    name: str
    role: Role | None
    organ: str | None
    person: str | None
    scope: list[str] | None
    created_at: datetime
    created_by: str | None
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    valid: bool


def create_token(
    database: Database,
    name: str,
    role: Role,
    organ: str | None = None,
    person: str | None = None,
    *,
    only: Collection[Action] | None = None,
    expires_at: datetime | None = None,
    by: str | None = None,
    token_id: str | None = None,
) -> str:
    """A new token. It is shown this once; only its SHA-256 is kept, which is enough: it holds 256
    random bits, so there is nothing to guess. *organ*: a member's organ or service, by its key.
    *person*: whose seats and roles it lets in by, instead of a *role*. *only*: what it is narrowed
    to; *by*: whose id. Nothing is recorded of it here: see `credentials.give_token`."""
    token = f"loft_{secrets.token_urlsafe(32)}"
    words = None if only is None else sorted(action.word for action in only)
    with database.connection() as connection:
        connection.execute(
            "INSERT INTO tokens "
            "(id, name, role, organ, person, digest, scope, expires_at, created_by) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                token_id or new_id(), name, role.value, organ, person, digest(token),
                words, expires_at, by,
            ),
        )  # fmt: skip
    return token


def new_id() -> str:
    """What a token is known by, which says nothing of its letters."""
    return f"{TOKEN}{secrets.token_hex(6)}"


def named(database: Database, name: str) -> list[str]:
    """The ids of the tokens of this *name* that nobody has ended."""
    rows = database.rows(
        "SELECT id FROM tokens WHERE name = %(name)s AND revoked_at IS NULL ORDER BY id", name=name
    )
    return [str(own) for (own,) in rows]


def end_tokens(database: Database, ids: Sequence[str], by: str | None = None) -> None:
    """End those of these tokens that still let in. *by*: whose id; None is the command line."""
    with database.connection() as connection:
        connection.execute(
            "UPDATE tokens SET revoked_at = clock_timestamp(), revoked_by = %s "
            "WHERE id = ANY(%s) AND revoked_at IS NULL",
            (by, list(ids)),
        )


def checked(
    role: Role, organ: str | None, only: frozenset[Action] | None, structure: Structure
) -> str | None:
    """The key of the *organ* or service, by its key or name. Refuses with `OrganUnknown`,
    `MemberWithoutOrgan` and `NothingAllowed` what would be a token of nobody."""
    if role is Role.MEMBER and organ is None:
        raise MemberWithoutOrgan
    if only is not None and not any(role in RIGHTS[action] for action in only):
        raise NothingAllowed
    try:
        return None if organ is None else structure.service(organ)
    except ServiceUnknown as error:
        raise OrganUnknown from error


COLUMNS: LiteralString = """
    SELECT id, name, CASE WHEN person IS NULL THEN role END AS role, organ, person, scope,
        created_at, created_by, expires_at, last_used_at, revoked_at,
        revoked_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp()) AS valid
    FROM tokens
"""


def listed(database: Database, *, after: str = "", limit: int | None = None) -> list[TokenAnswer]:
    """The tokens in the order in which they were made, after the one with the id *after*."""
    return read(
        database,
        COLUMNS + "WHERE %(after)s = '' OR (created_at, id) > "
        "(SELECT t.created_at, t.id FROM tokens t WHERE t.id = %(after)s) "
        "ORDER BY created_at, id LIMIT %(limit)s",
        after=after,
        limit=limit,
    )


def read(database: Database, sql: LiteralString, **facts: object) -> list[TokenAnswer]:
    def look(connection: Connection) -> list[TokenAnswer]:
        with connection.cursor(row_factory=class_row(TokenAnswer)) as cursor:
            return cursor.execute(sql, facts).fetchall()

    return database.read(look)


def digest(token: str) -> bytes:
    """What is kept of a *token*."""
    return hashlib.sha256(token.encode()).digest()

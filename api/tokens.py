"""The tokens of machines: given out, listed and ended by an admin."""

import re
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from api import credentials
from api.answers import Page
from api.cases import Cursor, Limit
from api.cursors import after_key
from api.desk import Desk
from api.fields import Key, Reference
from api.gate import Gate
from api.kept_tokens import COLUMNS, WORDS, TokenAnswer, checked, listed, read
from api.problems import Forbidden, NotFound, about_a_person, declared
from api.seating import opened
from domain.actor import Role
from domain.rights import Action, may_give, may_let_in, scope

PROBLEMS: dict[int | str, dict[str, Any]] = declared(401, 403, 404, 422, 503)
router = APIRouter(prefix="/api/tokens", tags=["tokens"], responses=PROBLEMS)

Administering = Annotated[Desk, opened(Action.TOKENS)]
TokenId = Annotated[str, Path(max_length=100)]


def _known(word: str) -> str:
    if word not in WORDS:
        raise ValueError(f"Choose from {', '.join(WORDS)}.")
    return word


class Giving(BaseModel):
    """What a new token is asked for with."""

    model_config = ConfigDict(extra="forbid")

    name: Key = Field(description="What it is for: a system's name, never a person's.")
    role: Role
    organ: Reference | None = Field(
        None, description="A member's organ or service, by its key or name."
    )
    scope: (
        list[Annotated[str, AfterValidator(_known), Field(json_schema_extra={"enum": WORDS})]]
        | None
    ) = Field(
        None,
        min_length=1,
        max_length=len(WORDS),
        description="Narrows it to some of what its role allows. Default: all of it.",
    )
    days: int | None = Field(
        None, ge=1, le=3650, description="It expires after so many days. Default: never."
    )


class TokenMade(TokenAnswer):
    """The only answer that holds the `token` itself."""

    token: str


class TokenPage(Page[TokenAnswer]):
    pass


@router.get("")
def tokens(desk: Administering, limit: Limit = 100, cursor: Cursor = None) -> TokenPage:
    """All tokens, oldest first: what each may do, until when, and when it was last used."""
    found = listed(desk.database, after=after_key(cursor), limit=limit)
    return TokenPage(items=found, next=desk.page(found[-1].id if len(found) == limit else None))


@router.post("", status_code=201)
def give(body: Giving, desk: Administering) -> TokenMade:
    """Give out a token. It is shown in this answer and never again, so nothing repeats it: no
    `Idempotency-Key`. Whoever has a narrowed token gives out no wider one; whoever reads no cases
    none that does: that is for `loft token create`, on the server."""
    gate: Gate = desk.request.app.state.gate
    if found := gate.look_at_keys({"name": body.name}):
        raise about_a_person(found, confirmable=False)
    only = None if body.scope is None else scope(body.scope)
    organ = checked(body.role, body.organ, only, desk.structure)
    if not (may_give(desk.standing.only, only) and may_let_in(desk.standing, body.role)):
        raise Forbidden
    until = None if body.days is None else desk.now + timedelta(days=body.days)
    given = credentials.give_token(
        desk.ledger, body.name, body.role, organ,
        only=only, expires_at=until, by=desk.actor, at=desk.now,
    )  # fmt: skip
    (made,) = read(desk.database, COLUMNS + "WHERE id = %(id)s", id=given.id)
    return TokenMade(**made.model_dump(), token=given.secret)


@router.post("/{token}/revocation", status_code=201)
def revoke(token: TokenId, desk: Administering) -> TokenAnswer:
    """End a token, by its id, at once. One that has ended stays as it is."""
    if not re.fullmatch("[a-z0-9-]+", token):
        raise NotFound
    found = read(desk.database, COLUMNS + "WHERE id = %(id)s", id=token)
    if not found:
        raise NotFound
    credentials.end_tokens(desk.ledger, [token], by=desk.actor, at=desk.now)
    (ended,) = read(desk.database, COLUMNS + "WHERE id = %(id)s", id=token)
    return ended

"""Webhooks: systems that are told what happens, signed as Standard Webhooks says, in CloudEvents,
and without words."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request, Response
from pydantic import AnyUrl, BaseModel, ConfigDict, Field, TypeAdapter

from api import credentials, hooks
from api.answers import Page
from api.cases import Cursor, Limit
from api.cursors import after_key
from api.desk import Desk
from api.hooks import Hook
from api.mail_choices import WORDS, NoticeKind
from api.outgoing import admitted
from api.problems import NotFound, declared
from api.rounds import Means
from api.seating import opened
from domain.rights import Action
from ledger.database import Connection

PROBLEMS: dict[int | str, dict[str, Any]] = declared(401, 403, 404, 413, 422, 503)
router = APIRouter(prefix="/api/webhooks", tags=["notices"], responses=PROBLEMS)

Administering = Annotated[Desk, opened(Action.DELIVER)]
HookId = Annotated[str, Path(pattern="^w-[0-9a-f]{1,40}$", max_length=50)]
State = Literal["active", "failing", "parked"]


class Hooking(BaseModel):
    """What a new webhook is asked for with."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(
        min_length=1, max_length=2_000, description="Where it leads, beginning with https://."
    )
    events: list[NoticeKind] = Field(
        WORDS,
        min_length=1,
        max_length=len(WORDS),
        description="Which events it is told of. Default: all that people are told of.",
    )


class Rotation(BaseModel):
    """How long the present secret still signs beside the new one."""

    model_config = ConfigDict(extra="forbid")

    hours: int = Field(24, ge=0, le=24 * 30, description="So many hours.")


class Nothing(BaseModel):
    """There is nothing to say."""

    model_config = ConfigDict(extra="forbid")


class HookAnswer(BaseModel):
    """A webhook, never its secret. `state`: failing is tried again, longer apart each time; parked
    was given up after a day (or holds still after a restore) until it is released. `failing`: how
    often in a row it was not reached, and `problem` why. `waiting`: how much is to be sent there.
    `former_until`: until when the secret before this one signs too."""

    id: str
    url: str
    events: list[str]
    state: State
    failing: int
    problem: str | None
    waiting: int
    created_at: datetime
    created_by: str
    last_sent_at: datetime | None
    parked_at: datetime | None
    former_until: datetime | None


class HookMade(HookAnswer):
    """The only answer that holds the `secret` itself."""

    secret: str


class HookPage(Page[HookAnswer]):
    pass


@router.get("")
def webhooks(desk: Administering, limit: Limit = 100, cursor: Cursor = None) -> HookPage:
    """All webhooks, and how each has gone lately."""
    after = after_key(cursor)
    found = desk.database.read(lambda connection: hooks.hooks(connection, after=after, limit=limit))
    last = found[-1].id if len(found) == limit else None
    return HookPage(items=[_answer(one) for one in found], next=desk.page(last))


@router.post("", status_code=201)
def hook_up(body: Hooking, desk: Administering, request: Request) -> HookMade:
    """Let a system be told, from now on. The secret that signs is shown in this answer and never
    again, so nothing repeats it: no `Idempotency-Key`."""
    means: Means = request.app.state.means
    admitted(body.url, private=means.private)
    url = str(TypeAdapter(AnyUrl).validate_python(body.url))
    given = credentials.add_webhook(
        desk.ledger, means.seal, url, body.events, by=desk.actor, at=desk.now
    )
    return HookMade(**_one(desk, given.id).model_dump(), secret=given.secret)


@router.get("/{webhook}")
def webhook(webhook: HookId, desk: Administering) -> HookAnswer:
    """One webhook, and how it has gone lately."""
    return _one(desk, webhook)


@router.post("/{webhook}/rotation", status_code=201)
def rotate(webhook: HookId, body: Rotation, desk: Administering, request: Request) -> HookMade:
    """Give it a new secret, shown this once. The present one signs beside it for some hours, so
    that the receiver can change over."""
    means: Means = request.app.state.means
    _one(desk, webhook)
    beside = timedelta(hours=body.hours)
    secret = credentials.change_secret(
        desk.ledger, means.seal, webhook, beside=beside, by=desk.actor, at=desk.now
    )
    return HookMade(**_one(desk, webhook).model_dump(), secret=secret)


@router.post("/{webhook}/release", status_code=201)
def release(webhook: HookId, _body: Nothing, desk: Administering) -> HookAnswer:
    """Try it again at once, with all that waits for it."""
    _one(desk, webhook)
    with desk.database.connection() as connection, connection.transaction():
        hooks.release(connection, webhook)
    return _one(desk, webhook)


@router.delete("/{webhook}", status_code=204, response_class=Response)
def delete(webhook: HookId, desk: Administering) -> Response:
    """Let it be told of nothing more. Its secrets are erased."""
    _one(desk, webhook)
    credentials.end_webhook(desk.ledger, webhook, by=desk.actor, at=desk.now)
    return Response(status_code=204)


def _one(desk: Desk, hook_id: str) -> HookAnswer:
    def look(connection: Connection) -> Hook | None:
        return hooks.hook(connection, hook_id)

    found = desk.database.read(look)
    if found is None:
        raise NotFound
    return _answer(found)


def _answer(one: Hook) -> HookAnswer:
    state: State = "active" if one.failing == 0 else "failing"
    if one.parked_at is not None:
        state = "parked"
    return HookAnswer(**one.model_dump(include=set(HookAnswer.model_fields)), state=state)

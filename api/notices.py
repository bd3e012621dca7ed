"""What whoever asks is told of, what of it they have read, and what could not be sent."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.answers import ActorAnswer, Page
from api.cases import AsOfQuery, Cursor, Limit
from api.cursors import after_key, after_position
from api.desk import Desk
from api.fields import Position, Reference
from api.problems import declared
from api.seating import opened
from domain.notice import KINDS
from domain.rights import Action
from projections import notices, outbox
from projections.outbox import Stuck
from projections.readership import hidden_from

PROBLEMS: dict[int | str, dict[str, Any]] = declared(401, 403, 422, 503)
router = APIRouter(prefix="/api/notices", tags=["notices"], responses=PROBLEMS)


class NoticeAnswer(BaseModel):
    """What happened, in which case or meeting and by whom. No words but fixed ones: `says`."""

    position: int
    event: str
    says: str
    case: str
    number: str | None
    actor: ActorAnswer
    recorded_at: datetime
    read: bool


class NoticePage(Page[NoticeAnswer]):
    pass


class Read(BaseModel):
    """How far whoever asks has read."""

    model_config = ConfigDict(extra="forbid")

    position: Position = Field(description="All up to this position is read.")


class ReadAnswer(BaseModel):
    """All up to this `position` is read."""

    position: int


class StuckAnswer(BaseModel):
    """What was not sent: `parked` after a day of trying, with the last `problem`, or `restored`:
    it waited in a backup that was put back, so that it may have been sent since."""

    position: int
    event: str
    case: str
    number: str | None
    recipient: str
    channel: Literal["mail", "webhook"]
    state: Literal["parked", "restored"]
    attempts: int
    problem: str | None
    settled_at: datetime | None


class StuckPage(Page[StuckAnswer]):
    pass


class Release(BaseModel):
    """What is tried again."""

    model_config = ConfigDict(extra="forbid")

    channel: Literal["mail", "webhook"] = Field("mail", description="What went out by it.")
    recipient: Reference | None = Field(None, description="Only to this one. Default: to all.")


class Released(BaseModel):
    """How many are tried again."""

    released: int


Unread = Annotated[bool, Query(description="Only what has not been read.")]


@router.get("")
def told(
    desk: Annotated[Desk, opened(Action.BE_KNOWN)],
    _as_of: AsOfQuery = None,
    unread: Unread = False,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> NoticePage:
    """What one has been told, oldest first, and what of it one has read by now."""
    found = notices.notices(
        desk.database,
        desk.standing.id,
        as_of=desk.as_of.bound,
        after=after_position(cursor),
        limit=limit,
        hidden=hidden_from(desk.database, sorted(desk.marks)),
        unread=unread,
    )
    items = [
        NoticeAnswer(
            position=one.entry.id,
            event=one.entry.topic,
            says=KINDS[one.entry.topic].sentence(one.number),
            case=str(one.entry.originator_id),
            number=one.number,
            actor=ActorAnswer.model_validate(one.entry.actor),
            recorded_at=one.entry.recorded_at,
            read=one.read,
        )
        for one in found
    ]
    last = items[-1].position if len(items) == limit else None
    return NoticePage(items=items, next=desk.page(last))


@router.post("/read", status_code=201)
def read(body: Read, desk: Annotated[Desk, opened(Action.BE_KNOWN)]) -> ReadAnswer:
    """Say that one has read all up to a position. It never goes back."""
    size = desk.engine.ledger.size()
    position = min(body.position, size)
    return ReadAnswer(position=notices.mark_read(desk.database, desk.standing.id, position))


@router.get("/parked")
def parked(
    desk: Annotated[Desk, opened(Action.DELIVER)], limit: Limit = 100, cursor: Cursor = None
) -> StuckPage:
    """What could not be sent to anybody and is not tried any more, oldest first."""
    position, _, rest = after_key(cursor).partition("_")
    recipient, _, channel = rest.rpartition("_")
    after = (int(position) if position.isdecimal() else 0, recipient, channel)
    found = desk.database.read(
        lambda connection: outbox.stuck(connection, after=after, limit=limit)
    )
    items = [StuckAnswer.model_validate(one.model_dump()) for one in found]
    return StuckPage(items=items, next=desk.page(_key(found[-1]) if len(found) == limit else None))


@router.post("/parked/release", status_code=201)
def release(body: Release, desk: Annotated[Desk, opened(Action.DELIVER)]) -> Released:
    """Try again what was given up or held back, at once."""
    with desk.database.connection() as connection:
        number = outbox.release(connection, channel=body.channel, recipient=body.recipient)
    return Released(released=number)


def _key(one: Stuck) -> str:
    return f"{one.position}_{one.recipient}_{one.channel}"

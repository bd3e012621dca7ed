"""What whoever asks is told of: for now, that the glass of a case was broken on which they are
named."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel

from api.answers import ActorAnswer, Page
from api.cases import AsOfQuery, Cursor, Limit
from api.cursors import after_position
from api.desk import Desk
from api.problems import declared
from api.seating import opened
from domain.rights import Action
from projections import notices

PROBLEMS: dict[int | str, dict[str, Any]] = declared(401, 403, 422, 503)
router = APIRouter(prefix="/api/notices", tags=["notices"], responses=PROBLEMS)


class NoticeAnswer(BaseModel):
    """What happened, in which case and by whom. No words."""

    position: int
    event: str
    case: str
    number: str | None
    actor: ActorAnswer
    recorded_at: datetime


class NoticePage(Page[NoticeAnswer]):
    pass


@router.get("")
def told(
    desk: Annotated[Desk, opened(Action.BE_KNOWN)],
    _as_of: AsOfQuery = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> NoticePage:
    """What one has been told, oldest first."""
    found = notices.notices(
        desk.database,
        desk.standing.id,
        as_of=desk.as_of.bound,
        after=after_position(cursor),
        limit=limit,
    )
    items = [
        NoticeAnswer(
            position=one.entry.id,
            event=one.entry.topic,
            case=str(one.entry.originator_id),
            number=one.number,
            actor=ActorAnswer.model_validate(one.entry.actor),
            recorded_at=one.entry.recorded_at,
        )
        for one in found
    ]
    last = items[-1].position if len(items) == limit else None
    return NoticePage(items=items, next=desk.page(last))

"""The access log, for whoever audits it: who was shown the words of which cases, and when."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.answers import Page
from api.cases import Cursor, Limit, overseen
from api.cursors import after_position
from api.desk import Desk
from api.fields import Day, Moment
from api.moments import begins, ends
from api.problems import declared
from api.seating import opened
from domain.access import EVERY
from domain.actor import Actor
from domain.event import OSLO
from domain.rights import Action, oversees
from ledger.accesses import AccessFilter
from ledger.stored import Entry
from projections import readership

PROBLEMS: dict[int | str, dict[str, Any]] = declared(401, 403, 404, 422, 503)
router = APIRouter(prefix="/api/audit", tags=["audit"], responses=PROBLEMS)

_HOW: dict[str, Literal["read", "found", "exported"]] = {
    "WordsRead": "read",
    "WordsFound": "found",
    "WordsExported": "exported",
}


class AccessAnswer(BaseModel):
    """Somebody was shown the words of cases, by an operation of the API or a command, `door`. Of
    its cases those are named that whoever asks may read themselves. `position`: its place in the
    access log, which is a ledger of its own."""

    position: int
    at: datetime
    actor: Actor
    how: Literal["read", "found", "exported"]
    door: str
    cases: list[str] | None = Field(description="By id; null: every case.")
    leaf_hash: str


class AccessPage(Page[AccessAnswer]):
    pass


@router.get("/accesses")
def accesses(
    desk: Annotated[Desk, opened(Action.READ_ACCESSES)],
    case: Annotated[str | None, Query(description="An id or a number.", max_length=40)] = None,
    person: Annotated[
        str | None, Query(description="The id of whoever read.", max_length=100)
    ] = None,
    organ: Annotated[
        str | None, Query(description="Whose cases: held or raised by it.", max_length=100)
    ] = None,
    since: Annotated[Moment | Day | None, Query(alias="from")] = None,
    until: Annotated[
        Moment | Day | None, Query(alias="to", description="A day counts whole.")
    ] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> AccessPage:
    """Who was shown the words of which cases, the newest first. A member sees this of the cases
    that they read themselves. Of a restricted case those who may read it see it, the board, and an
    auditor."""
    mine, hidden = _told_of(desk)
    asked = AccessFilter(
        case=overseen(case, desk).case.id if case is not None else None,
        person=person.replace("\x00", "") if person is not None else None,
        cases=_of_organ(organ, desk) if organ is not None else None,
        since=begins(since),
        until=ends(until),
        mine=mine,
        hidden=hidden,
    )
    before = after_position(cursor) or 2**62
    found = desk.ledger.accesses.found(asked, before=before, limit=limit)
    last = found[-1].id if len(found) == limit else None
    items = [_answer(one, asked) for one in found]
    return AccessPage(items=items, next=desk.page(last))


def _told_of(desk: Desk) -> tuple[set[str] | None, set[str]]:
    """The only cases that whoever asks is told of (None: all), and those that they are not."""
    if oversees(desk.standing):
        return None, set()
    mine = readership.looked_through(desk.database, desk.standing, desk.marks)
    hidden = set(readership.hidden_from(desk.database, sorted(desk.marks)))
    return set(mine) if mine is not None else None, hidden


def _of_organ(key: str, desk: Desk) -> list[str]:
    return readership.read_by(desk.database, [desk.topology.organ(key).key])


def _answer(one: Entry, asked: AccessFilter) -> AccessAnswer:
    cases = one.data["cases"]
    return AccessAnswer(
        position=one.id,
        at=one.recorded_at.astimezone(OSLO),
        actor=Actor.model_validate(one.actor),
        how=_HOW[one.topic],
        door=one.data["door"],
        cases=None if EVERY in cases else [case for case in cases if asked.shows(case)],
        leaf_hash=one.leaf_hash.hex(),
    )

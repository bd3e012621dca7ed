"""The record of what lets other systems in, for whoever audits it."""

from collections.abc import Collection
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter

from api.answers import EntryAnswer, Page, Wording, entry_fields
from api.cases import Cursor, Limit
from api.cursors import after_position
from api.desk import Desk
from api.problems import declared
from api.seating import opened
from domain.rights import Action
from ledger import credentials
from ledger.stored import Entry

PROBLEMS: dict[int | str, dict[str, Any]] = declared(401, 403, 422, 503)
router = APIRouter(prefix="/api/audit", tags=["audit"], responses=PROBLEMS)


class CredentialEntry(EntryAnswer):
    """A change of what lets somebody in: `credential` is its id. `name`: what a token is for, or
    where a webhook leads; null where that is not known. `position`: its place in the access log,
    which is a ledger of its own."""

    credential: str
    name: str | None


class CredentialPage(Page[CredentialEntry]):
    pass


@router.get("/credentials")
def changes(
    desk: Annotated[Desk, opened(Action.READ_CREDENTIALS)],
    limit: Limit = 100,
    cursor: Cursor = None,
) -> CredentialPage:
    """Which systems were let in or told of what happens, and who vouches for people: each change,
    the newest first."""
    before = after_position(cursor) or 2**62
    found = credentials.found(desk.ledger.accesses, before=before, limit=limit)
    names = names_of(desk, {_id(one) for one in found})
    wording = Wording({}, {}, desk.structure)  # nothing that somebody typed is part of them
    items = [
        CredentialEntry(**entry_fields(one, wording), credential=_id(one), name=names.get(_id(one)))
        for one in found
    ]
    last = items[-1].position if len(items) == limit else None
    return CredentialPage(items=items, next=desk.page(last))


def _id(one: Entry) -> str:
    return str(one.originator_id).removeprefix("credential:")


def names_of(desk: Desk, ids: Collection[str]) -> dict[str, str]:
    """What tokens and webhooks are called, by id. Of a webhook only the host: the rest of an
    address may let in whoever knows it."""
    rows = desk.database.rows(
        "SELECT id, name, false FROM tokens WHERE id = ANY(%(ids)s) "
        "UNION ALL SELECT id, url, true FROM webhooks WHERE id = ANY(%(ids)s)",
        ids=sorted(ids),
    )
    return {
        str(own): (urlsplit(name).hostname or "") if is_address else str(name)
        for own, name, is_address in rows
    }

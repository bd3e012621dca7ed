"""Webhooks as they are kept: where each leads, what it is told, and how it has gone lately."""

import base64
import secrets
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import LiteralString

from psycopg.rows import class_row
from pydantic import BaseModel, ConfigDict
from standardwebhooks import Webhook

from api.sealing import CannotBeOpened, Seal
from ledger.database import Connection
from projections import outbox
from projections.outbox import Receiver

_COLUMNS: LiteralString = """
    SELECT w.id, w.url, w.events, w.secret, w.former_secret, w.former_until, w.created_at,
        w.created_by, w.failing, w.problem, w.last_sent_at, w.parked_at,
        (SELECT count(*) FROM outbox o WHERE o.state = 'pending' AND o.channel = 'webhook'
            AND o.recipient = w.id) AS waiting
    FROM webhooks w WHERE w.deleted_at IS NULL
"""


class Hook(BaseModel):
    """A webhook. Its secrets are sealed."""

    model_config = ConfigDict(frozen=True)

    id: str
    url: str
    events: list[str]
    secret: bytes
    former_secret: bytes | None
    former_until: datetime | None
    created_at: datetime
    created_by: str
    failing: int
    problem: str | None
    last_sent_at: datetime | None
    parked_at: datetime | None
    waiting: int

    def signers(self, seal: Seal, now: datetime) -> list[Webhook]:
        """Its secret, and the one before as long as that signs beside it: unless it was lost, which
        is why there is a new one. Fails with `CannotBeOpened`."""
        opened = [seal.open(self.secret, self.id)]
        if self.former_secret is not None and self.former_until and now < self.former_until:
            with suppress(CannotBeOpened):
                opened.append(seal.open(self.former_secret, self.id))
        return [Webhook(one) for one in opened]


def hook(connection: Connection, hook_id: str) -> Hook | None:
    found = _read(connection, _COLUMNS + " AND w.id = %(id)s", {"id": hook_id})
    return found[0] if found else None


def hooks(connection: Connection, *, after: str = "", limit: int = 100) -> list[Hook]:
    """In the order of their ids, after the one with that id."""
    query = _COLUMNS + " AND w.id > %(after)s ORDER BY w.id LIMIT %(limit)s"
    return _read(connection, query, {"after": after, "limit": limit})


def standing(connection: Connection, ids: Sequence[str]) -> list[str]:
    """Those of these webhooks that nobody has ended."""
    rows = connection.execute(
        "SELECT id FROM webhooks WHERE id = ANY(%s) AND deleted_at IS NULL", (list(ids),)
    )
    return [str(own) for (own,) in rows.fetchall()]


def _read(connection: Connection, query: LiteralString, facts: dict[str, object]) -> list[Hook]:
    with connection.cursor(row_factory=class_row(Hook)) as cursor:
        return cursor.execute(query, facts).fetchall()


def new_id() -> str:
    return f"w-{secrets.token_hex(6)}"


def register(
    connection: Connection,
    seal: Seal,
    *,
    url: str,
    events: list[str],
    by: str,
    hook_id: str | None = None,
) -> tuple[str, str]:
    """A new webhook: its id and its secret, which nobody is shown again. It is told of what happens
    from now on. Nothing is recorded of it here: see `credentials.add_webhook`."""
    hook_id, secret = hook_id or new_id(), secrets.token_bytes(32)
    connection.execute(
        "INSERT INTO webhooks (id, url, events, secret, created_by, since) "
        "SELECT %(id)s, %(url)s, %(events)s, %(secret)s, %(by)s, size FROM head",
        {
            "id": hook_id,
            "url": url,
            "events": events,
            "secret": seal.close(secret, hook_id),
            "by": by,
        },
    )
    return hook_id, written(secret)


def rotate(
    connection: Connection, seal: Seal, hook_id: str, *, now: datetime, beside: timedelta
) -> str:
    """A new secret; the present one signs *beside* it for so long."""
    secret = secrets.token_bytes(32)
    connection.execute(
        "UPDATE webhooks SET former_secret = secret, former_until = %(until)s, "
        "secret = %(secret)s WHERE id = %(id)s AND deleted_at IS NULL",
        {"id": hook_id, "secret": seal.close(secret, hook_id), "until": now + beside},
    )
    return written(secret)


def written(secret: bytes) -> str:
    """As Standard Webhooks writes it."""
    return f"whsec_{base64.b64encode(secret).decode()}"


def delete(connection: Connection, hook_id: str) -> None:
    """It is told of nothing more, and its secrets are gone."""
    connection.execute(
        "UPDATE webhooks SET deleted_at = clock_timestamp(), secret = '', former_secret = NULL "
        "WHERE id = %(id)s AND deleted_at IS NULL",
        {"id": hook_id},
    )
    outbox.wake(connection, [Receiver("webhook", hook_id)], hurry=True)


def release(connection: Connection, hook_id: str) -> None:
    """Try it again at once, with all that waits for it and was held back."""
    connection.execute(
        "UPDATE webhooks SET parked_at = NULL, failing = 0, problem = NULL WHERE id = %(id)s",
        {"id": hook_id},
    )
    outbox.release(connection, channel="webhook", recipient=hook_id)
    outbox.wake(connection, [Receiver("webhook", hook_id)], hurry=True)


def note_success(connection: Connection, hook_id: str) -> None:
    connection.execute(
        "UPDATE webhooks SET failing = 0, problem = NULL, last_sent_at = clock_timestamp() "
        "WHERE id = %s AND parked_at IS NULL",
        (hook_id,),
    )


def note_failure(connection: Connection, hook_id: str, problem: str, *, park_at: int) -> int:
    """How often in a row it has failed by now. From *park_at* times on it is parked."""
    row = connection.execute(
        "UPDATE webhooks SET failing = failing + 1, problem = %(problem)s, parked_at = "
        "CASE WHEN failing + 1 >= %(park_at)s THEN clock_timestamp() ELSE parked_at END "
        "WHERE id = %(id)s RETURNING failing",
        {"id": hook_id, "problem": problem, "park_at": park_at},
    ).fetchone()
    return int(row[0]) if row else park_at

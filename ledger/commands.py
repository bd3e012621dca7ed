"""Commands: who asks, what makes a repeat of it recognisable, and what became of it."""

import hashlib
import hmac
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from domain.actor import Actor
from domain.errors import Refusal
from domain.text import Text
from ledger.database import Database


class KeyUsedForAnother(Refusal):
    """This Idempotency-Key was used before, for another request. Use a new key for each command."""


@dataclass(frozen=True)
class Command:
    """`key` and `request_hash` recognise a repeat; `if_version` is the version decided on.
    `not_about_individual`: why its words are kept though the gate asked; the event says so too.
    `meeting` and `item`: where it is logged; the event says so too."""

    actor: Actor
    key: str | None = None
    request_hash: str = ""
    if_version: int | None = None
    command_id: UUID = field(default_factory=uuid4)
    causation_id: UUID | None = None
    correlation_id: UUID | None = None
    not_about_individual: Text | None = None
    meeting: str | None = None
    item: int | None = None


def request_hash(secret: bytes, *parts: bytes) -> str:
    """HMAC-SHA256 over the request, each part with its length: only who has the secret can
    guess at the words in it."""
    code = hmac.new(secret, digestmod=hashlib.sha256)
    for part in parts:
        code.update(len(part).to_bytes(8, "big") + part)
    return code.hexdigest()


def answered(database: Database, command: Command) -> list[int] | None:
    """The positions of the first answer to this command, if it was answered before.

    Refuses a key that was used for another request.
    """
    if command.key is None:
        return None
    rows = database.rows(
        "SELECT request_hash, positions FROM commands WHERE key = %(key)s AND actor_id = %(actor)s",
        key=command.key,
        actor=command.actor.id,
    )
    if not rows:
        return None
    first_hash, positions = rows[0]
    if first_hash != command.request_hash:
        raise KeyUsedForAnother
    return list(positions)

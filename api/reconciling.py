"""Tokens and webhooks as they are kept, held against their record when a server starts: neither
says what the other does not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from api import hooks, kept_tokens
from api.credentials import Decide, token_ended, token_given, webhook_added, webhook_ended
from api.exports import CONSOLE
from api.installation import OpenLedger
from domain.credential import PROVIDER, TOKEN, TokenEnded, WebhookEnded, credential_id
from domain.rights import scope
from ledger import credentials
from ledger.stored import Entry

OVER = {TokenEnded.TOPIC, WebhookEnded.TOPIC}
UNDER_WAY = timedelta(minutes=1)
"""So long, what is on record may be about to be made."""


def end_what_is_over(ledger: OpenLedger) -> None:
    """What has ended by the record lets in no more, though a backup was put back that is older than
    its end."""
    last = credentials.last_changes(ledger.accesses)
    over = [_id(stream) for stream, change in last.items() if change.topic in OVER]
    kept_tokens.end_tokens(ledger.database, over)
    with ledger.database.connection() as connection, connection.transaction():
        for own in hooks.standing(connection, over):
            hooks.delete(connection, own)


def make_up_for(ledger: OpenLedger, at: datetime) -> None:
    """Record what is in force and not on record, since it is older than the record or was put there
    past it; and that something is over, where that does not stand there or it was never made."""
    last, log = credentials.last_changes(ledger.accesses), ledger.accesses
    kept = {one.stream: one for one in _kept(ledger, at)}
    going_on = {stream: change for stream, change in last.items() if change.topic not in OVER}
    for stream, one in kept.items():
        if one.stands and stream not in last:
            credentials.record(log, stream, one.begun)
        if not one.stands and stream in going_on:
            credentials.record(log, stream, one.ended)
    for stream in _lost(going_on, kept, at):
        of_token = _id(stream).startswith(TOKEN)
        ended = token_ended(CONSOLE, at) if of_token else webhook_ended(CONSOLE, at)
        credentials.record(log, stream, ended)


@dataclass(frozen=True)
class _Kept:
    """A token or a webhook that is kept; `stands`: nobody has ended it."""

    stream: str
    stands: bool
    begun: Decide
    ended: Decide


def _kept(ledger: OpenLedger, at: datetime) -> Iterator[_Kept]:
    for one in kept_tokens.listed(ledger.database):
        only = None if one.scope is None else scope(one.scope)
        begun = token_given(
            one.role, one.organ, one.person,
            only=only, expires_at=one.expires_at, by=CONSOLE, at=at,
        )  # fmt: skip
        stands = one.revoked_at is None
        yield _Kept(credential_id(one.id), stands, begun, token_ended(CONSOLE, at))
    rows = ledger.database.rows("SELECT id, events, deleted_at IS NULL FROM webhooks")
    for own, kinds, stands in rows:
        begun = webhook_added(kinds, CONSOLE, at)
        yield _Kept(credential_id(str(own)), bool(stands), begun, webhook_ended(CONSOLE, at))


def _lost(going_on: Mapping[str, Entry], kept: Mapping[str, _Kept], at: datetime) -> Iterator[str]:
    """What goes on by the record and was never made, or went with a backup that was put back."""
    for stream, change in going_on.items():
        is_old = change.recorded_at < at - UNDER_WAY
        if stream not in kept and not _id(stream).startswith(PROVIDER) and is_old:
            yield stream


def _id(stream: str) -> str:
    return stream.removeprefix(credential_id(""))

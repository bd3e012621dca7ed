"""What lets other systems in, and who vouches for people: changed here, and on record.

What is to count is recorded first, so that nothing counts that is not on record; what is to end
ends first, so that nothing goes on because it could not be recorded. What was cut short between
the two is made up for when a server starts (`reconciling.py`).
"""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from api import hooks, kept_tokens
from api.exports import CONSOLE
from api.installation import OpenLedger
from api.providers import Provider
from api.sealing import Seal
from domain.actor import Actor, Role
from domain.credential import Credential, ProviderListed, credential_id, provider_id
from domain.event import Event, Occurred
from domain.rights import Action
from ledger import credentials
from ledger.stored import canonical

Decide = Callable[[Credential], Event]


class Given(NamedTuple):
    """A token or a webhook's secret, and the id of what it is of."""

    id: str
    secret: str


# Tokens.


def give_token(
    ledger: OpenLedger,
    name: str,
    role: Role,
    organ: str | None = None,
    person: str | None = None,
    *,
    only: Collection[Action] | None = None,
    expires_at: datetime | None = None,
    by: Actor,
    at: datetime,
) -> Given:
    """As `kept_tokens.create_token`, and on record."""
    token_id = kept_tokens.new_id()
    shown = role if person is None else None
    given = token_given(shown, organ, person, only=only, expires_at=expires_at, by=by, at=at)
    credentials.record(ledger.accesses, credential_id(token_id), given)
    token = kept_tokens.create_token(
        ledger.database, name, role, organ, person,
        only=only, expires_at=expires_at, by=_known_as(by), token_id=token_id,
    )  # fmt: skip
    return Given(token_id, token)


def token_given(
    role: Role | None,
    organ: str | None,
    person: str | None,
    *,
    only: Collection[Action] | None,
    expires_at: datetime | None,
    by: Actor,
    at: datetime,
) -> Decide:
    return lambda credential: credential.give_token(
        role=role,
        organ=organ,
        person=person,
        scope=None if only is None else tuple(sorted(action.word for action in only)),
        expires_at=expires_at,
        by=by,
        at=Occurred(at=at),
    )


def end_tokens(ledger: OpenLedger, ids: Sequence[str], *, by: Actor, at: datetime) -> None:
    """End those of these tokens that still let in."""
    kept_tokens.end_tokens(ledger.database, ids, _known_as(by))
    for token_id in ids:
        credentials.record(ledger.accesses, credential_id(token_id), token_ended(by, at))


def token_ended(by: Actor, at: datetime) -> Decide:
    return lambda credential: credential.end_token(by=by, at=Occurred(at=at))


def _known_as(by: Actor) -> str | None:
    return None if by == CONSOLE else by.id


# Webhooks.


def add_webhook(
    ledger: OpenLedger, seal: Seal, url: str, kinds: Sequence[str], *, by: Actor, at: datetime
) -> Given:
    """As `hooks.register`, and on record."""
    hook_id = hooks.new_id()
    credentials.record(ledger.accesses, credential_id(hook_id), webhook_added(kinds, by, at))
    with ledger.database.connection() as connection:
        _, secret = hooks.register(
            connection, seal, url=url, events=list(kinds), by=by.id, hook_id=hook_id
        )
    return Given(hook_id, secret)


def webhook_added(kinds: Sequence[str], by: Actor, at: datetime) -> Decide:
    return lambda credential: credential.add_webhook(kinds=tuple(kinds), by=by, at=Occurred(at=at))


def change_secret(
    ledger: OpenLedger, seal: Seal, hook_id: str, *, beside: timedelta, by: Actor, at: datetime
) -> str:
    """As `hooks.rotate`, and on record."""
    credentials.record(
        ledger.accesses,
        credential_id(hook_id),
        lambda credential: credential.change_secret(
            former_until=at + beside, by=by, at=Occurred(at=at)
        ),
    )
    with ledger.database.connection() as connection:
        return hooks.rotate(connection, seal, hook_id, now=at, beside=beside)


def end_webhook(ledger: OpenLedger, hook_id: str, *, by: Actor, at: datetime) -> None:
    with ledger.database.connection() as connection, connection.transaction():
        hooks.delete(connection, hook_id)
    credentials.record(ledger.accesses, credential_id(hook_id), webhook_ended(by, at))


def webhook_ended(by: Actor, at: datetime) -> Decide:
    return lambda credential: credential.end_webhook(by=by, at=Occurred(at=at))


# Providers.


def note_providers(ledger: OpenLedger, listed: Mapping[str, Provider], at: datetime) -> None:
    """Record what has changed in the file of providers since it was last looked at."""
    log, when = ledger.accesses, Occurred(at=at)
    for key, provider in listed.items():
        credentials.record(log, provider_id(key), _listing(provider, when))
    for stream in credentials.last_changes(log):
        if stream.startswith(provider_id("")) and stream not in {*map(provider_id, listed)}:
            credentials.record(
                log, stream, lambda credential: credential.unlist_provider(by=CONSOLE, at=when)
            )


def _listing(provider: Provider, at: Occurred) -> Callable[[Credential], ProviderListed]:
    settings = provider.model_dump(mode="json", exclude={"client_secret"}, exclude_none=True)
    return lambda credential: credential.list_provider(
        profile=provider.profile.value,
        roles=tuple(sorted({*provider.roles.values()})),
        newcomers=provider.newcomers,
        settings={
            name: hashlib.sha256(canonical(value).encode()).hexdigest()
            for name, value in settings.items()
        },
        by=CONSOLE,
        at=at,
    )

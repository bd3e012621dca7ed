"""What lets other systems in, and who vouches for people: each change is recorded, then made."""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from api import hooks, kept_tokens
from api.exports import CONSOLE
from api.installation import OpenLedger
from api.providers import Provider
from domain.actor import Actor, Role
from domain.credential import Credential, ProviderListed, credential_id, provider_id
from domain.event import Event, Occurred
from domain.rights import Action
from ledger import credentials
from ledger.stored import canonical


class Given(NamedTuple):
    """A token, and what it is known by."""

    id: str
    token: str


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
    words = None if only is None else tuple(sorted(action.word for action in only))

    def decide(credential: Credential) -> Event:
        return credential.give_token(
            role=role if person is None else None,
            organ=organ,
            person=person,
            scope=words,
            expires_at=expires_at,
            by=by,
            at=Occurred(at=at),
        )

    credentials.record(ledger.accesses, credential_id(token_id), decide)
    token = kept_tokens.create_token(
        ledger.database, name, role, organ, person,
        only=only, expires_at=expires_at, by=_known_as(by), token_id=token_id,
    )  # fmt: skip
    return Given(token_id, token)


def end_tokens(ledger: OpenLedger, ids: Sequence[str], *, by: Actor, at: datetime) -> None:
    """End those of these tokens that still let in, on record."""
    for token_id in ids:
        credentials.record(
            ledger.accesses,
            credential_id(token_id),
            lambda credential: credential.end_token(by=by, at=Occurred(at=at)),
        )
    kept_tokens.end_tokens(ledger.database, ids, _known_as(by))


def _known_as(by: Actor) -> str | None:
    return None if by == CONSOLE else by.id


def add_webhook(ledger: OpenLedger, kinds: Sequence[str], *, by: Actor, at: datetime) -> str:
    """The id of a webhook that is about to be told of these *kinds* of events."""
    hook_id = hooks.new_id()
    credentials.record(
        ledger.accesses,
        credential_id(hook_id),
        lambda credential: credential.add_webhook(kinds=tuple(kinds), by=by, at=Occurred(at=at)),
    )
    return hook_id


def change_secret(
    ledger: OpenLedger, hook_id: str, *, former_until: datetime, by: Actor, at: datetime
) -> None:
    credentials.record(
        ledger.accesses,
        credential_id(hook_id),
        lambda credential: credential.change_secret(
            former_until=former_until, by=by, at=Occurred(at=at)
        ),
    )


def end_webhook(ledger: OpenLedger, hook_id: str, *, by: Actor, at: datetime) -> None:
    credentials.record(
        ledger.accesses,
        credential_id(hook_id),
        lambda credential: credential.end_webhook(by=by, at=Occurred(at=at)),
    )


def note_providers(ledger: OpenLedger, listed: Mapping[str, Provider], at: datetime) -> None:
    """Record what has changed in the file of providers since it was last looked at."""
    log, when = ledger.accesses, Occurred(at=at)
    for key, provider in listed.items():
        credentials.record(log, provider_id(key), _listing(provider, when))
    for stream in credentials.providers(log):
        if stream not in {provider_id(key) for key in listed}:
            credentials.record(
                log, stream, lambda credential: credential.unlist_provider(by=CONSOLE, at=when)
            )


def _listing(provider: Provider, at: Occurred) -> Callable[[Credential], ProviderListed]:
    settings = provider.model_dump(mode="json", exclude={"client_secret"}, exclude_none=True)
    return lambda credential: credential.list_provider(
        profile=provider.profile.value,
        roles=tuple(sorted({*provider.roles.values()})),
        newcomers=provider.newcomers,
        settings=hashlib.sha256(canonical(settings).encode()).hexdigest(),
        by=CONSOLE,
        at=at,
    )

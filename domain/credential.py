"""The life of a credential: a token, which lets another system in, a webhook, whose secret signs to
one, or a provider, who vouches for people. Its secrets and its name are kept elsewhere."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, assert_never

from pydantic import BaseModel, ConfigDict

from domain import errors
from domain.actor import Actor, Role
from domain.event import Event, Occurred, envelope

TOKEN, PROVIDER = "token-", "provider-"
"""How their ids begin."""


class TokenGiven(Event):
    """A token lets in from now on, as a `role` or by the seats and roles of a `person` (id).
    `organ`: a member's organ or service, by key; `scope`: what it is narrowed to (None: all that
    it allows); `expires_at`: None is never."""

    role: Role | None
    organ: str | None
    person: str | None
    scope: tuple[str, ...] | None
    expires_at: datetime | None


class TokenEnded(Event):
    pass


class WebhookAdded(Event):
    """A system is told of these `kinds` of events from now on."""

    kinds: tuple[str, ...]


class WebhookSecretChanged(Event):
    """A new secret signs. `former_until`: how long the one before signs beside it."""

    former_until: datetime


class WebhookEnded(Event):
    pass


class ProviderListed(Event):
    """From now on people sign in by what this provider says of them; also where that has changed.
    `roles`: those that it may give; `newcomers`: whether whoever is new is registered, or must have
    been invited; `settings`: the SHA-256 (hex) of each that is set of it, but for its secret;
    `changed`: which of them are other than before."""

    profile: str
    roles: tuple[Role, ...]
    newcomers: str
    settings: dict[str, str]
    changed: tuple[str, ...]


class ProviderUnlisted(Event):
    pass


CredentialEvent = (
    TokenGiven | TokenEnded | WebhookAdded | WebhookSecretChanged | WebhookEnded
    | ProviderListed | ProviderUnlisted
)  # fmt: skip


class Credential(BaseModel):
    """A credential as its events so far have made it. One may be there of whose beginning nothing
    is known: it is older than its record. `settings`: of a provider that is listed."""

    model_config = ConfigDict(frozen=True)

    id: str
    version: int = 0
    is_over: bool = False
    settings: Mapping[str, str] | None = None

    def give_token(
        self,
        *,
        role: Role | None,
        organ: str | None,
        person: str | None,
        scope: tuple[str, ...] | None,
        expires_at: datetime | None,
        by: Actor,
        at: Occurred,
    ) -> TokenGiven:
        return TokenGiven(
            **self._next(by, at),
            role=role,
            organ=organ,
            person=person,
            scope=scope,
            expires_at=expires_at,
        )

    def end_token(self, *, by: Actor, at: Occurred) -> TokenEnded:
        return TokenEnded(**self._next(by, at))

    def add_webhook(self, *, kinds: tuple[str, ...], by: Actor, at: Occurred) -> WebhookAdded:
        return WebhookAdded(**self._next(by, at), kinds=kinds)

    def change_secret(
        self, *, former_until: datetime, by: Actor, at: Occurred
    ) -> WebhookSecretChanged:
        return WebhookSecretChanged(**self._next(by, at), former_until=former_until)

    def end_webhook(self, *, by: Actor, at: Occurred) -> WebhookEnded:
        return WebhookEnded(**self._next(by, at))

    def list_provider(
        self,
        *,
        profile: str,
        roles: tuple[Role, ...],
        newcomers: str,
        settings: dict[str, str],
        by: Actor,
        at: Occurred,
    ) -> ProviderListed:
        """Also after it was unlisted: the file names it again."""
        before = self.settings or {}
        changed = dict(before.items() ^ settings.items())
        if not changed:
            raise errors.NothingChanged
        return ProviderListed(
            **envelope(self.id, self.version + 1, by, at),
            profile=profile,
            roles=roles,
            newcomers=newcomers,
            settings=settings,
            changed=tuple(sorted(changed)),
        )

    def unlist_provider(self, *, by: Actor, at: Occurred) -> ProviderUnlisted:
        return ProviderUnlisted(**self._next(by, at))

    def _next(self, by: Actor, at: Occurred) -> dict[str, Any]:
        if self.is_over:
            raise errors.NothingChanged
        return envelope(self.id, self.version + 1, by, at)


def credential_id(key: str) -> str:
    """The stream of the credential with this id."""
    return f"credential:{key}"


def provider_id(key: str) -> str:
    """The stream of the provider with this key."""
    return credential_id(f"{PROVIDER}{key}")


def evolve(credential: Credential | None, event: CredentialEvent) -> Credential:
    """What *credential* becomes once *event* has happened."""
    before = credential or Credential(id=event.originator_id)
    before = before.model_copy(update={"version": event.originator_version})
    match event:
        case TokenGiven() | WebhookAdded() | WebhookSecretChanged():
            return before
        case TokenEnded() | WebhookEnded():
            return before.model_copy(update={"is_over": True})
        case ProviderListed(settings=settings):
            return before.model_copy(update={"is_over": False, "settings": settings})
        case ProviderUnlisted():
            return before.model_copy(update={"is_over": True, "settings": None})
    assert_never(event)

"""A provider over the network: where it is, which keys it signs with, what it gives for a code."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from threading import Lock
from typing import Any

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, ConfigDict, ValidationError

from api import jwts
from api.jwts import TokenRefused
from api.providers import Provider
from domain.errors import Refusal

PATIENCE = 5.0
"""Seconds that a provider has to answer."""
FRESH = 600.0
"""Seconds after which what a provider says of itself is asked for anew."""
COOLING = 5.0
"""Seconds between two such questions, however many tokens name a key that is not known."""


class ProviderAway(Refusal):
    """Whoever vouches for this does not answer just now. Try again in a moment."""


class Metadata(BaseModel):
    """What OpenID Connect Discovery 1.0 calls a provider's metadata, as far as it is used."""

    model_config = ConfigDict(frozen=True)

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    authorization_response_iss_parameter_supported: bool = False
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class Connected:
    """A *provider* that is asked. What it says of itself is remembered for a while. *cooling*: see
    `COOLING`."""

    def __init__(self, provider: Provider, *, cooling: float = COOLING) -> None:
        self.provider = provider
        self._cooling = cooling
        self._lock = Lock()
        self._known: tuple[float, Metadata, KeySet] | None = None
        self._failed = -cooling

    @property
    def metadata(self) -> Metadata:
        return self._ask(FRESH)[0]

    def keys(self, anew: bool = False) -> KeySet:
        """Those that it signs with."""
        return self._ask(self._cooling if anew else FRESH)[1]

    def address(self, *, redirect: str, state: str, nonce: str, verifier: str) -> str:
        """Where the browser is sent to sign in: code flow with PKCE (RFC 7636, S256)."""
        acr = {"acr_values": " ".join(self.provider.acr_values)} if self.provider.acr_values else {}
        with self._client(redirect) as client:
            address, _ = client.create_authorization_url(
                self.metadata.authorization_endpoint,
                state=state,
                code_verifier=verifier,
                nonce=nonce,
                **acr,
            )
        return str(address)

    def redeem(
        self, *, code: str, redirect: str, nonce: str, verifier: str, now: datetime
    ) -> Mapping[str, Any]:
        """The checked claims of the ID token that is given for *code*. Refuses with `TokenRefused`
        and `ProviderAway`."""
        with self._client(redirect) as client, _reaching():
            try:
                given = client.fetch_token(
                    self.metadata.token_endpoint, code=code, code_verifier=verifier
                )
            except OAuthError as error:
                raise TokenRefused from error
        if not isinstance(token := given.get("id_token"), str):
            raise TokenRefused
        return jwts.id_token(
            token,
            self.keys,
            issuer=self.provider.issuer,
            client_id=self.provider.client_id,
            nonce=nonce,
            now=now,
        )

    def comes_from(self, iss: str | None) -> bool:
        """Whether an answer that names *iss* as its sender is this provider's (RFC 9207)."""
        if iss is None:
            return not self.metadata.authorization_response_iss_parameter_supported
        return iss == self.provider.issuer

    def _client(self, redirect: str) -> OAuth2Client:
        secret = self.provider.client_secret
        known = self.metadata.token_endpoint_auth_methods_supported
        basic = "client_secret_basic" in known
        method = "client_secret_basic" if basic else "client_secret_post"
        return OAuth2Client(
            client_id=self.provider.client_id,
            client_secret=secret.get_secret_value() if secret else None,
            token_endpoint_auth_method=method if secret else "none",
            scope=self.provider.scope,
            redirect_uri=redirect,
            code_challenge_method="S256",
            timeout=PATIENCE,
            trust_env=False,
        )

    def _ask(self, oldest: float) -> tuple[Metadata, KeySet]:
        """What it says of itself, not older than *oldest* seconds; a little older while somebody
        else is asking, since a provider may be slow."""
        known = self._known
        if known is not None and time.monotonic() - known[0] <= oldest:
            return known[1:]
        if known is not None and self._lock.locked():
            return known[1:]
        with self._lock:
            return self._asked(oldest)

    def _asked(self, oldest: float) -> tuple[Metadata, KeySet]:
        """One that did not answer is left alone for a moment, so that nobody waits for it in a
        row."""
        now = time.monotonic()
        if self._known is None or now - self._known[0] > oldest:
            if now - self._failed < self._cooling:
                raise ProviderAway
            self._failed = now
            self._known = (now, *self._fetched())
            self._failed = -self._cooling
        return self._known[1:]

    def _fetched(self) -> tuple[Metadata, KeySet]:
        where = self.provider.issuer.removesuffix("/") + "/.well-known/openid-configuration"
        with httpx2.Client(timeout=PATIENCE, trust_env=False) as client, _reaching():
            told = Metadata.model_validate(client.get(where).raise_for_status().json())
            if told.issuer != self.provider.issuer:
                raise ProviderAway
            return told, KeySet.import_key_set(client.get(told.jwks_uri).raise_for_status().json())


@contextmanager
def _reaching() -> Iterator[None]:
    """What goes wrong on the way is `ProviderAway`."""
    try:
        yield
    except (httpx2.HTTPError, ValidationError, JoseError, ValueError, KeyError) as error:
        raise ProviderAway from error

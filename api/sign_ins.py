"""What signing in is set up as, and the sign-ins that have begun and not come back."""

import base64
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from api import providers
from api.discovery import Connected
from api.sessions import Lengths, digest
from api.settings import Settings
from ledger.database import Database

COOKIE = "__Host-loft-sign-in"
"""Its value binds a sign-in to the browser that began it."""
GUESTS = "demonstration"
"""Who vouches for the guests of a demonstration: nobody."""
LASTS = timedelta(minutes=10)
"""How long a sign-in may take."""


@dataclass(frozen=True)
class SignIn:
    """Nobody signs in without a provider. `public_url`: this server, as browsers know it. `guests`:
    whom a demonstration lets anybody be, by id, and what they are called."""

    providers: Mapping[str, Connected] = field(default_factory=dict)
    public_url: str = ""
    lengths: Lengths = field(default_factory=Lengths)
    guests: Mapping[str, str] = field(default_factory=dict)

    @property
    def asked(self) -> frozenset[str]:
        """By whom sessions are vouched for."""
        return frozenset({*self.providers, *([GUESTS] if self.guests else [])})

    def redirect(self, provider: str) -> str:
        """Where a provider sends the browser back to. Each has an address of its own, so that an
        answer of one is never taken for another's."""
        return f"{self.public_url.rstrip('/')}/sign-in/{provider}/callback"


def set_up(settings: Settings) -> SignIn:
    """How people sign in here. ValueError if the file has become unsound since."""
    found = {} if settings.sign_in is None else providers.read(settings.sign_in)
    return SignIn(
        {key: Connected(provider) for key, provider in found.items()},
        settings.public_url or "",
        Lengths(
            timedelta(hours=settings.session_idle_hours), timedelta(hours=settings.session_hours)
        ),
    )


@dataclass(frozen=True)
class Begun:
    """A sign-in that has begun. `browser` is the cookie; the nonce and the verifier are made from
    it, so that nobody can go on with a sign-in who has read the database."""

    state: str
    browser: str

    @property
    def nonce(self) -> str:
        return _made(self.browser, b"nonce")

    @property
    def verifier(self) -> str:
        """43 characters (RFC 7636, section 4.1)."""
        return _made(self.browser, b"verifier")


@dataclass(frozen=True)
class Back:
    """A sign-in that has come back, once. `invitation`: the digest of a code."""

    begun: Begun
    return_to: str
    invitation: bytes | None


def begin(
    database: Database, *, provider: str, return_to: str, invitation: str | None, now: datetime
) -> Begun:
    """A new sign-in. Those that took too long are forgotten."""
    begun = Begun(secrets.token_urlsafe(32), secrets.token_urlsafe(32))
    with database.connection() as connection, connection.transaction():
        connection.execute("DELETE FROM sign_ins WHERE begun_at < %s", (now - LASTS,))
        connection.execute(
            "INSERT INTO sign_ins (state, browser, provider, return_to, invitation, begun_at) "
            "VALUES (%s, %s, %s, %s, %s, %s)",
            (
                digest(begun.state),
                digest(begun.browser),
                provider,
                return_to,
                digest(invitation) if invitation else None,
                now,
            ),
        )
    return begun


def come_back(
    database: Database, *, state: str, browser: str, provider: str, now: datetime
) -> Back | None:
    """The sign-in that *state* belongs to, begun with this *provider* by this *browser*. It comes
    back once; None for any other."""
    with database.connection() as connection:
        row = connection.execute(
            "DELETE FROM sign_ins WHERE state = %s AND browser = %s AND provider = %s "
            "AND begun_at > %s RETURNING return_to, invitation",
            (digest(state), digest(browser), provider, now - LASTS),
        ).fetchone()
    return None if row is None else Back(Begun(state, browser), row[0], row[1])


def local(return_to: str | None) -> str:
    """An address of this server; the first page for any other."""
    if return_to and re.fullmatch(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,500}", return_to):
        return return_to
    return "/"


def _made(browser: str, purpose: bytes) -> str:
    made = hmac.digest(browser.encode(), b"loft " + purpose, "sha256")
    return base64.urlsafe_b64encode(made).decode().rstrip("=")

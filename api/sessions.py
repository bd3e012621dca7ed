"""Who is signed in: sessions on the server, of which the browser has nothing but a secret."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.actor import Role
from domain.roster import Roster
from ledger.database import Database

COOKIE = "__Host-loft"
"""Its value is the session's secret. The prefix binds it to this very host, over TLS, for all
paths (RFC 6265bis, 4.1.3.2)."""
CSRF_HEADER = "Loft-CSRF"
"""The header, or the field `csrf` of a form, that shows that a page of ours asks."""
KEPT = timedelta(days=30)
"""How long a session that has ended is kept."""
_NOTED = timedelta(minutes=1)
"""How exactly it is known when a session was last used."""


@dataclass(frozen=True)
class Lengths:
    """How long a session lasts unused, and at most."""

    idle: timedelta = timedelta(hours=8)
    at_most: timedelta = timedelta(hours=12)


@dataclass(frozen=True)
class Session:
    """A session that holds, with its secret."""

    secret: str
    person: str
    provider: str

    @property
    def csrf(self) -> str:
        """What a page of ours sends along with whatever changes something. It is made from the
        secret, which no other site can read, and is kept nowhere."""
        return csrf_of(self.secret)


def begin(
    database: Database,
    *,
    person: str,
    provider: str,
    roster: Roster,
    today: date,
    now: datetime,
    lengths: Lengths,
) -> Session:
    """A new session, bound to the seats and the roles that the person has by now."""
    session = Session(secrets.token_urlsafe(32), person, provider)
    with database.connection() as connection, connection.transaction():
        connection.execute("DELETE FROM sessions WHERE expires_at < %s", (now - KEPT,))
        connection.execute(
            "INSERT INTO sessions (digest, person, provider, seats, roles, created_at, "
            "last_seen_at, expires_at) VALUES (%(digest)s, %(person)s, %(provider)s, %(seats)s, "
            "%(roles)s, %(now)s, %(now)s, %(expires)s)",
            {
                "digest": digest(session.secret),
                "person": person,
                "provider": provider,
                "seats": _seats(roster, person, today),
                "roles": sorted(roster.roles.get(person, frozenset())),
                "now": now,
                "expires": now + lengths.at_most,
            },
        )
    return session


def found(
    database: Database,
    secret: str,
    *,
    roster: Roster,
    today: date,
    now: datetime,
    lengths: Lengths,
    providers: Iterable[str],
    notes: bool = True,
) -> Session | None:
    """The session with this *secret*, if it holds; *notes* that it is used. One that has lost a
    seat or a role that it began with is ended, and so is one of a provider that is asked no more.
    """
    key = digest(secret)
    rows = database.rows(
        "SELECT person, provider, seats, roles, last_seen_at FROM sessions "
        "WHERE digest = %(key)s AND ended_at IS NULL AND expires_at > %(now)s "
        "AND last_seen_at > %(oldest)s",
        key=key,
        now=now,
        oldest=now - lengths.idle,
    )
    if not rows:
        return None
    person, provider, seats, roles, seen = rows[0]
    kept = set(seats) <= set(_seats(roster, person, today)) and {
        Role(one) for one in roles
    } <= roster.roles.get(person, frozenset())
    if not kept or provider not in set(providers):
        end(database, secret, now)
        return None
    if notes and now - seen > _NOTED:
        _note(database, key, now)
    return Session(secret, person, provider)


def end(database: Database, secret: str, now: datetime) -> None:
    """End the session with this *secret*, if there is one."""
    with database.connection() as connection:
        connection.execute(
            "UPDATE sessions SET ended_at = %s WHERE digest = %s AND ended_at IS NULL",
            (now, digest(secret)),
        )


def csrf_of(secret: str) -> str:
    made = hmac.digest(secret.encode(), b"loft csrf", "sha256")
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def digest(secret: str) -> bytes:
    """What is kept of a secret: 256 random bits need no salt."""
    return hashlib.sha256(secret.encode()).digest()


def same(one: str, other: str) -> bool:
    """Compared in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())


def _seats(roster: Roster, person: str, today: date) -> list[str]:
    return sorted(f"{stream}#{n}" for stream, n in roster.seats_of(person, today))


def _note(database: Database, key: bytes, now: datetime) -> None:
    with database.connection() as connection:
        connection.execute(
            "UPDATE sessions SET last_seen_at = %s WHERE digest = %s AND last_seen_at < %s",
            (now, key, now),
        )

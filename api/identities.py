"""From somebody whom a provider knows to a person who is registered here."""

import secrets
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from api.gate import Gate
from api.page import SignInRefused
from api.providers import Identity, Provider
from api.sessions import digest
from domain.actor import Actor, Role
from domain.errors import NothingChanged
from domain.event import Event, Occurred
from domain.person import Person, RoleGiven, RoleWithdrawn, person_id
from ledger.commands import Command
from ledger.database import Connection, Database
from ledger.engine import Engine
from ledger.texts import Pen

INVITED_FOR = timedelta(days=7)
"""How long an invitation stands."""


class NotInvited(SignInRefused):
    """You are not registered here. Ask whoever administers Løft for an invitation, and use the link
    in it."""


class InvitationUnknown(SignInRefused):
    """The invitation has been used, or is too old. Ask whoever administers Løft for a new one."""


class BoundToAnother(SignInRefused):
    """This sign-in belongs to another person here than the one who is invited. Ask whoever
    administers Løft for help."""


@dataclass(frozen=True)
class _Invited:
    """Whom an invitation is for, and whose it is."""

    person: str
    by: str


def person_of(database: Database, provider: str, subject: str) -> str | None:
    """Who signs in with *provider* as *subject*."""
    rows = database.rows(
        "SELECT person FROM identities WHERE provider = %(provider)s AND subject = %(subject)s",
        provider=provider,
        subject=subject,
    )
    return rows[0][0] if rows else None


def invite(database: Database, person: str, *, by: str, now: datetime) -> tuple[str, datetime]:
    """A code that binds whoever signs in with it next to *person*, and until when it stands. It is
    shown this once; only its digest is kept."""
    code, until = secrets.token_urlsafe(24), now + INVITED_FOR
    with database.connection() as connection, connection.transaction():
        connection.execute("DELETE FROM invitations WHERE expires_at < %s", (now,))
        connection.execute(
            "INSERT INTO invitations (digest, person, invited_by, expires_at) "
            "VALUES (%s, %s, %s, %s)",
            (digest(code), person, by, until),
        )
    return code, until


def arrive(
    engine: Engine,
    provider: Provider,
    who: Identity,
    *,
    invitation: bytes | None,
    gate: Gate,
    now: datetime,
) -> str:
    """The person that *who* is here, with the roles that the provider gives them. Somebody new is
    bound by the *invitation*, else registered, if that is what becomes of newcomers; a name that
    the *gate* does not let through is not kept. Refuses with `NotInvited`, `InvitationUnknown`,
    `BoundToAnother` and `GateBroken`."""
    by, at = Actor(id=f"sign-in-{provider.key}", role=Role.ADMIN), Occurred(at=now)
    with engine.database.connection() as connection, connection.transaction():
        invited = _invited(connection, invitation, now)
        person = _known(connection, who)
        if person is None:
            if invited is None and provider.newcomers == "invited":
                raise NotInvited
            person = _bind(connection, engine, _named(who, gate), invited, by, at)
        if invited is not None and person != invited.person:
            raise BoundToAnother
    _sync_roles(engine, person, who.roles, by, at)
    return person


def _named(who: Identity, gate: Gate) -> Identity:
    """The same, by no name where it says more than a name does: some put a number there."""
    if who.name is None or gate.may_be_called(who.name):
        return who
    return who.model_copy(update={"name": None})


def _bind(
    connection: Connection,
    engine: Engine,
    who: Identity,
    invited: _Invited | None,
    by: Actor,
    at: Occurred,
) -> str:
    """Bound once: of two that come at the same time, one waits for the other here. The ledger says
    so before the binding holds."""
    person = invited.person if invited is not None else f"p-{secrets.token_hex(6)}"
    inviter = invited.by if invited is not None else None
    bound = connection.execute(
        "INSERT INTO identities (provider, subject, person, invited_by) "
        "VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (who.provider, who.subject, person, inviter),
    )
    if bound.rowcount == 0:
        return _known(connection, who) or person
    if invited is None:
        _register(engine, person, who.name, by, at)
    binding = partial(Person.bind_sign_in, provider=who.provider, invited_by=inviter, by=by, at=at)
    engine.act(Person, person_id(person), binding, command=Command(by))
    return person


def _invited(connection: Connection, invitation: bytes | None, now: datetime) -> _Invited | None:
    """It is used up, unless what follows is refused."""
    if invitation is None:
        return None
    row = connection.execute(
        "DELETE FROM invitations WHERE digest = %s AND expires_at > %s "
        "RETURNING person, invited_by",
        (invitation, now),
    ).fetchone()
    if row is None:
        raise InvitationUnknown
    return _Invited(*row)


def _known(connection: Connection, who: Identity) -> str | None:
    row = connection.execute(
        "SELECT person FROM identities WHERE provider = %s AND subject = %s",
        (who.provider, who.subject),
    ).fetchone()
    return row[0] if row is not None else None


def _register(engine: Engine, person: str, name: str | None, by: Actor, at: Occurred) -> None:
    pen = Pen()
    words = pen.write_if(name)
    engine.begin(
        Person,
        person_id(person),
        lambda: Person.register(person=person, name=words, by=by, at=at),
        command=Command(by),
        drafts=pen.drafts,
    )


def _sync_roles(
    engine: Engine, person: str, roles: frozenset[Role], by: Actor, at: Occurred
) -> None:
    """Give the *roles* that the provider names, and withdraw those that it gave and names no
    more. What somebody else gave stays as it is."""
    stream = person_id(person)
    entries = engine.ledger.life(stream)
    givers = givers_of(engine.written.to_domain_event(entry) for entry in entries)
    gone = {role for role, giver in givers.items() if giver == by.id} - roles
    for role in sorted(roles - givers.keys()):
        _change(engine, stream, partial(Person.give_role, role=role, by=by, at=at), by)
    for role in sorted(gone):
        _change(engine, stream, partial(Person.withdraw_role, role=role, by=by, at=at), by)


def _change(engine: Engine, stream: str, decide: Callable[[Person], Event], by: Actor) -> None:
    """Another sign-in of theirs may just have done it."""
    with suppress(NothingChanged):
        engine.act(Person, stream, decide, command=Command(by))


def givers_of(events: Iterable[Event]) -> dict[Role, str]:
    """Each role that a person has by these events of their life, and the id of who gave it."""
    givers: dict[Role, str] = {}
    for event in events:
        match event:
            case RoleGiven(role=role):
                givers[role] = event.actor.id
            case RoleWithdrawn(role=role):
                givers.pop(role, None)
    return givers

"""The part of the command line that is about tokens: `loft token …`."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from api.console import Data, Municipality, fail, installed, opened, opened_in
from api.credentials import end_tokens, give_token
from api.exports import CONSOLE
from api.installation import OpenLedger
from api.kept_tokens import WORDS, MemberWithoutOrgan, checked, listed, named
from api.notary import at_work
from domain.actor import Role
from domain.errors import PersonUnknown
from domain.rights import Action, scope

token = typer.Typer(help="Tokens that let clients in.", no_args_is_help=True)

Scope = Annotated[
    list[str] | None,
    typer.Option("--scope", help="Narrows it to this action; may be given several times."),
]
Days = Annotated[
    int | None, typer.Option(min=1, max=3650, help="It expires after so many days. Default: never.")
]


commands = typer.Typer()
commands.add_typer(token, name="token")


@token.command("create")
def create(
    name: str,
    role: Annotated[Role, typer.Option(help="What the token lets in as.")],
    organ: Annotated[
        str | None, typer.Option(help="A member's organ or service, by its key or name.")
    ] = None,
    only: Scope = None,
    days: Days = None,
    data: Data = None,
    municipality: Municipality = None,
) -> None:
    """Print a new token. It is shown this once."""
    narrowed = _narrowed(only)
    with recording(data, municipality) as ledger:
        try:
            place = checked(role, organ, narrowed, ledger.engine.structure)
        except MemberWithoutOrgan:
            fail("A member belongs to an organ. Say which one with --organ KEY.")
        given = give_token(
            ledger, name, role, place,
            only=narrowed, expires_at=_until(days), by=CONSOLE, at=datetime.now(UTC),
        )  # fmt: skip
        typer.echo(given.secret)


@token.command("person")
def person_(
    person: Annotated[str, typer.Argument(help="The person's id, as /api/persons has it.")],
    name: Annotated[str, typer.Option(help="What the token is called.")] = "person",
    only: Scope = None,
    days: Days = None,
    data: Data = None,
    municipality: Municipality = None,
) -> None:
    """Print a new token that lets in by a person's own roles and seats. It is shown this once."""
    narrowed = _narrowed(only)
    with recording(data, municipality) as ledger:
        if person not in ledger.engine.structure.roster.roles:
            raise PersonUnknown
        given = give_token(
            ledger, name, Role.MEMBER, person=person,
            only=narrowed, expires_at=_until(days), by=CONSOLE, at=datetime.now(UTC),
        )  # fmt: skip
        typer.echo(given.secret)


@contextmanager
def recording(data: Path | None, municipality: str | None) -> Iterator[OpenLedger]:
    """The ledger, at work on which nobody puts a backup back, and whose access log takes entries in
    only if it holds all that was signed."""
    with installed(data) as installation, opened_in(installation, municipality) as ledger:
        at_work(installation, ledger)
        yield ledger


def _narrowed(words: list[str] | None) -> frozenset[Action] | None:
    if unknown := [word for word in words or () if word not in WORDS]:
        fail(f"There is no such scope: {', '.join(unknown)}. There are: {', '.join(WORDS)}.")
    return scope(words) if words else None


def _until(days: int | None) -> datetime | None:
    return datetime.now(UTC) + timedelta(days=days) if days is not None else None


@token.command("revoke")
def revoke(name: str, data: Data = None, municipality: Municipality = None) -> None:
    """End every token of this name, at once."""
    with recording(data, municipality) as ledger:
        ids = named(ledger.database, name)
        if not ids:
            fail("There is no such token, or it has been revoked already.")
        end_tokens(ledger, ids, by=CONSOLE, at=datetime.now(UTC))


@token.command("list")
def list_(data: Data = None, municipality: Municipality = None) -> None:
    """List the tokens: name, role, organ, scope, until when, when last used, and whether they
    still let in."""
    with opened(data, municipality) as ledger:
        for one in listed(ledger.database):
            scoped = ",".join(one.scope) if one.scope is not None else "-"
            until, used = _minute(one.expires_at), _minute(one.last_used_at)
            state = "valid" if one.valid else "revoked" if one.revoked_at else "expired"
            facts = (
                one.name,
                one.role or "person",
                one.organ or one.person or "-",
                scoped,
                until,
                used,
                state,
            )
            typer.echo("\t".join(facts))


def _minute(moment: datetime | None) -> str:
    """To the minute, in UTC."""
    return "-" if moment is None else f"{moment.astimezone(UTC):%Y-%m-%dT%H:%MZ}"

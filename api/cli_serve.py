"""`loft demo`, `serve` and `deliver`: what goes on until it is told to stop."""

import gc
import signal
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from types import FrameType
from typing import Annotated

import typer
import uvicorn

from api.app import create_app
from api.cli_import import import_into, key_of
from api.connections import serving
from api.console import Data, Municipality, fail, installed
from api.credentials import end_tokens, give_token, note_providers
from api.delivery import Delivery
from api.demo import GUESTS, HOST
from api.gate import found_gate
from api.imported import parse
from api.installation import Installation, OpenLedger
from api.notary import at_work
from api.reconciling import end_what_is_over, make_up_for
from api.rounds import means
from api.sign_ins import SignIn, set_up
from domain.actor import Role

commands = typer.Typer()

Port = Annotated[int, typer.Option(help="On which port of this machine.")]
Host = Annotated[str, typer.Option(help="On which address of this machine.")]

PORT = 8000
SWITCHING = 0.0005
"""Seconds after which another thread has its turn. Whoever waits for the database, or a receiver,
is a moment from being answered: sooner than after the usual 5 ms."""
DEMO = "demo"
"""What the tokens of the demonstration are called."""


@commands.command()
def demo(
    port: Port = PORT,
    host: Host = "127.0.0.1",
    data: Data = None,
    municipality: Municipality = None,
) -> None:
    """Start with Bærum's structure and matters of 2016, and print a token for each role."""
    with installed(data) as installation, _listening(host, port) as listening:
        file = parse((files("api") / "examples" / "baerum-2016.json").read_bytes())
        chosen = installation.claim(key_of(file, municipality))
        import_into(installation, chosen, file, once=True)
        with installation.ledger(chosen) as ledger:
            at_work(installation, ledger)
            with _demo_tokens(ledger) as lines:
                _serve(installation, ledger, listening, lines, GUESTS)


@commands.command()
def serve(
    port: Port = PORT,
    host: Host = "127.0.0.1",
    data: Data = None,
    municipality: Municipality = None,
) -> None:
    """Serve the API."""
    with (
        installed(data) as installation,
        _listening(host, port) as listening,
        installation.ledger(installation.choose(municipality)) as ledger,
    ):
        _serve(installation, ledger, listening, [])


@commands.command()
def deliver(data: Data = None, municipality: Municipality = None) -> None:
    """Send notices as `serve` does, beside it: for more than one process can send."""
    with (
        installed(data) as installation,
        installation.ledger(installation.choose(municipality)) as ledger,
    ):
        ledger.presence.hold()
        delivery = Delivery(ledger, means(installation))
        signal.signal(signal.SIGTERM, lambda _signal, _frame: delivery.end())
        typer.echo("Løft: delivering")
        sys.stdout.flush()
        sys.setswitchinterval(SWITCHING)
        delivery.run()


@contextmanager
def _demo_tokens(ledger: OpenLedger) -> Iterator[list[str]]:
    """A line with a fresh token for each role. They end with the demonstration."""
    organs = ledger.engine.topology.organs
    team = next((key for key in sorted(organs) if organs[key].level == "executing"), None)
    team = "vestre-13-16" if "vestre-13-16" in organs else team
    made = {
        role: give_token(
            ledger, DEMO, role, team if role is Role.MEMBER else None,
            by=HOST, at=datetime.now(UTC),
        )
        for role in Role
    }  # fmt: skip
    try:
        yield [f"{role.value}: {given.secret}" for role, given in made.items()]
    finally:
        ids = [given.id for given in made.values()]
        end_tokens(ledger, ids, by=HOST, at=datetime.now(UTC))


def _serve(
    installation: Installation,
    ledger: OpenLedger,
    listening: socket.socket,
    lines: list[str],
    guests: Mapping[str, str] | None = None,
) -> None:
    """*guests*: whom anybody may be, in a demonstration."""
    at_work(installation, ledger)
    gate, bounds = found_gate(installation.settings.listed), installation.settings.bounds
    sign_in = replace(set_up(installation.settings), guests=guests or {})
    _reconcile(ledger, sign_in)
    app = create_app(
        ledger,
        secret=installation.secret,
        notary=installation.notary(ledger.database),
        access_notary=installation.notary(ledger.accesses.database),
        erasures=installation.erasures(ledger.database.schema),
        logs=installation.logs,
        checkpoint_seconds=installation.settings.checkpoint_seconds,
        guarded=installation.is_guarded,
        gate=gate,
        bounds=bounds,
        sign_in=sign_in,
        delivering=means(installation),
    )
    host, port = listening.getsockname()[:2]
    typer.echo(f"Løft: http://{host}:{port} (API: /api/docs)")
    for line in lines:
        typer.echo(line)
    sys.stdout.flush()
    signal.signal(signal.SIGTERM, _stop)
    # What is there by now stays: the collector need not look through it again and again.
    gc.collect()
    gc.freeze()
    uvicorn.Server(serving(app, bounds)).run(sockets=[listening])


def _reconcile(ledger: OpenLedger, sign_in: SignIn) -> None:
    """What lets anybody in is what the record says: before anybody comes in."""
    end_what_is_over(ledger)
    if ledger.accesses.engine.ledger.closed is None:
        now = datetime.now(UTC)
        make_up_for(ledger, now)
        listed = {key: one.provider for key, one in sign_in.providers.items()}
        note_providers(ledger, listed, now)


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """The port is taken before anything else is done."""
    try:
        listening = socket.create_server((host, port), backlog=512)
    except OSError:
        fail(f"Port {port} is taken, perhaps by another Løft. Choose one with --port.")
    with listening:
        yield listening


def _stop(_signal: int, _frame: FrameType | None) -> None:
    """For a server, being told to stop is how it ends well."""
    raise SystemExit(0)

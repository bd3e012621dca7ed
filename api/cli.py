"""The command line: `loft demo`, `serve`, `deliver`, `import`, `token`, `rebuild`, `status`."""

import gc
import signal
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
import uvicorn
from rich.progress import Progress as ProgressBar

from api import auth, cli_backup, cli_proof, cli_token
from api.app import create_app
from api.connections import serving
from api.console import Data, Municipality, err, fail, installed, opened
from api.delivery import Delivery
from api.demo import GUESTS
from api.gate import Gate, found_gate
from api.import_gate import hits, in_keys
from api.imported import MunicipalityFile, parse
from api.importing import Importer
from api.installation import Installation, OpenLedger
from api.notary import look
from domain.actor import Role
from ledger import schema
from ledger.recorder import POLL
from ledger.structure import slug
from projections import VIEWS
from projections.build import Builder
from projections.follow import Fenced
from projections.place import followed

main = typer.Typer(
    help="Løft: case escalation for the SLT model.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # they show what variables hold
)
cli_proof.register(main)
cli_backup.register(main)
cli_token.register(main)

Port = Annotated[int, typer.Option(help="On which port of this machine.")]
Host = Annotated[str, typer.Option(help="On which address of this machine.")]

PORT = 8000
SWITCHING = 0.0005
"""Seconds after which another thread has its turn. Whoever waits for the database, or a receiver,
is a moment from being answered: sooner than after the usual 5 ms."""
DEMO = "demo"
"""What the tokens of the demonstration are called."""


@main.command()
def demo(
    port: Port = PORT,
    host: Host = "127.0.0.1",
    data: Data = None,
    municipality: Municipality = None,
) -> None:
    """Start with Bærum's structure and matters of 2016, and print a token for each role."""
    with installed(data) as installation, _listening(host, port) as listening:
        file = parse((files("api") / "examples" / "baerum-2016.json").read_bytes())
        chosen = installation.claim(_key(file, municipality))
        _import(installation, chosen, file, once=True)
        with installation.ledger(chosen) as ledger, _demo_tokens(ledger) as lines:
            _serve(installation, ledger, listening, lines, GUESTS)


@main.command()
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


@main.command()
def deliver(data: Data = None, municipality: Municipality = None) -> None:
    """Send notices as `serve` does, beside it: for more than one process can send."""
    with (
        installed(data) as installation,
        installation.ledger(installation.choose(municipality)) as ledger,
    ):
        ledger.presence.hold()
        delivery = Delivery(ledger, installation.means)
        signal.signal(signal.SIGTERM, lambda _signal, _frame: delivery.end())
        typer.echo("Løft: delivering")
        sys.stdout.flush()
        sys.setswitchinterval(SWITCHING)
        delivery.run()


@main.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A municipality's file.")],
    data: Data = None,
    municipality: Municipality = None,
) -> None:
    """Take in a municipality's structure, focus areas and matters. A repeat changes nothing."""
    try:
        content = file.read_bytes()
    except OSError as error:
        fail(f"The file cannot be read: {error.strerror}.")
    with installed(data) as installation:
        parsed = parse(content)
        _tell_hits(parsed, found_gate(installation.settings.listed))
        _import(installation, installation.claim(_key(parsed, municipality)), parsed)


@main.command()
def rebuild(
    view: Annotated[str | None, typer.Argument(help="Only this view.")] = None,
    data: Data = None,
    municipality: Municipality = None,
) -> None:
    """Build the views anew beside those in use, compare, and switch. Readers go on meanwhile."""
    chosen = [v for v in VIEWS if view in {None, v.name}]
    if not chosen:
        fail(f"There is no such view. The views: {', '.join(v.name for v in VIEWS)}.")
    with opened(data, municipality) as ledger:
        for one in chosen:
            with ProgressBar(console=err) as bar:
                task = bar.add_task(one.name, total=None)
                differing = Builder(ledger.engine.ledger, one).build(
                    lambda position, goal: bar.update(task, completed=position, total=goal)  # noqa: B023
                )
            typer.echo(f"{one.name}: {_compared(differing)}")


@main.command()
def status(data: Data = None, municipality: Municipality = None) -> None:
    """List the municipalities here: how many events, how far the views are, what is parked."""
    with installed(data) as installation:
        for chosen, key in schema.ledgers(installation.owner_url).items():
            if municipality not in {None, key}:
                continue
            with installation.ledger(chosen) as ledger:
                size = ledger.engine.ledger.size()
                position = ledger.database.read(followed)
                ((parked,),) = ledger.database.rows("SELECT count(*) FROM parked")
                typer.echo(f"{key or '(none imported yet)'}\t{size} events\tviews at {position}\t"
                           f"{parked} parked")  # fmt: skip


def _compared(differing: int | None) -> str:
    if differing is None:
        return "built"
    return "rebuilt, and the same" if differing == 0 else f"rebuilt; {differing} rows differ"


def _key(file: MunicipalityFile, asked: str | None) -> str:
    """The key of the municipality that *file* is of, which must be the one *asked* for, if any."""
    key = slug(file.municipality.name)
    if not key:
        fail("The municipality's name holds no letter that a key can be made of.")
    if asked not in {None, key}:
        fail(f"This is the file of the municipality {key}.")
    return key


def _import(
    installation: Installation, chosen: str, file: MunicipalityFile, *, once: bool = False
) -> None:
    """Returns when the views have caught up. *once*: what came in whole is not looked at again,
    so that what people have changed since stays as it is."""
    with installation.ledger(chosen) as ledger, ProgressBar(console=err) as bar:
        ledger.presence.hold()
        notary = installation.notary(ledger.database)
        look(ledger.engine, notary)
        importer = Importer(ledger.engine, file, installation.secret)
        before = ledger.engine.ledger.size()
        steps = [] if once and importer.is_done else list(importer.steps())
        for step in bar.track(steps, description=file.municipality.name):
            step()
        size = ledger.engine.ledger.size()
        _wait_for_views(ledger, size)
        if steps:
            notary.sign(datetime.now(UTC))
        err.print(f"{file.municipality.name}: added {size - before}, {size} events in all.")


def _tell_hits(file: MunicipalityFile, gate: Gate) -> None:
    """A published report is quoted as it stands, so what may point at a person stops nothing: it
    is told, and whoever imports the file judges. Keys quote nothing."""
    found, keys = hits(file, gate), in_keys(file, gate)
    gate.close()
    if keys:
        fail(f"These keys point out a person, and keys cannot be erased: {', '.join(keys[:20])}.")
    if found:
        err.print(
            f"{len(found)} texts of this file may point out a person: {'; '.join(found[:20])}. "
            "They are taken in as they stand. Look at them, and erase what does.",
            highlight=False,
            markup=False,
        )


def _wait_for_views(ledger: OpenLedger, position: int) -> None:
    """Follow, unless another process does."""
    while ledger.database.read(followed) < position:
        try:
            ledger.follower.catch_up()
        except Fenced:
            time.sleep(POLL)


@contextmanager
def _demo_tokens(ledger: OpenLedger) -> Iterator[list[str]]:
    """A line with a fresh token for each role. They end with the demonstration."""
    organs = ledger.engine.topology.organs
    team = next((key for key in sorted(organs) if organs[key].level == "executing"), None)
    team = "vestre-13-16" if "vestre-13-16" in organs else team
    made = {
        role: auth.create_token(ledger.database, DEMO, role, team if role is Role.MEMBER else None)
        for role in Role
    }
    try:
        yield [f"{role.value}: {token}" for role, token in made.items()]
    finally:
        auth.end_tokens(ledger.database, list(made.values()))


def _serve(
    installation: Installation,
    ledger: OpenLedger,
    listening: socket.socket,
    lines: list[str],
    guests: Mapping[str, str] | None = None,
) -> None:
    """*guests*: whom anybody may be, in a demonstration."""
    ledger.presence.hold()
    gate, bounds = found_gate(installation.settings.listed), installation.settings.bounds
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
        sign_in=replace(installation.settings.sign_in_with, guests=guests or {}),
        delivering=installation.means,
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


if __name__ == "__main__":
    main()

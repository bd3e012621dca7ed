"""The command line: `loft demo`, `serve`, `import`, `token`, `rebuild`, `status`."""

import gc
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import psycopg
import typer
import uvicorn
from pydantic import ValidationError
from rich.console import Console
from rich.progress import Progress as ProgressBar

from api import auth
from api.app import create_app
from api.imported import FileRefused, MunicipalityFile, parse
from api.importing import Importer
from api.installation import Installation, OpenLedger
from api.observe import configure_logs
from api.settings import Settings
from domain.actor import Role
from domain.errors import OrganUnknown, Refusal
from ledger import schema
from ledger.database import Unavailable
from ledger.ground import EmbeddedFailed
from ledger.recorder import POLL
from ledger.structure import slug
from projections import VIEWS
from projections.build import Builder
from projections.follow import Fenced, NewerVersion
from projections.lives import LifeFailed
from projections.place import followed

main = typer.Typer(
    help="Løft: case escalation for the SLT model.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # they show what variables hold
)
token = typer.Typer(help="Tokens that let clients in.", no_args_is_help=True)
main.add_typer(token, name="token")

Data = Annotated[Path | None, typer.Option(help="Where the embedded database lies.")]
Municipality = Annotated[str | None, typer.Option(help="Which one, where there are several.")]
Port = Annotated[int, typer.Option(help="On which port of this machine.")]
Host = Annotated[str, typer.Option(help="On which address of this machine.")]

err = Console(stderr=True)

PORT = 8000
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
    with _installed(data) as installation, _listening(host, port) as listening:
        file = parse((files("api") / "examples" / "baerum-2016.json").read_bytes())
        chosen = installation.claim(_key(file, municipality))
        _import(installation, chosen, file, once=True)
        with installation.ledger(chosen) as ledger, _demo_tokens(ledger) as lines:
            _serve(installation, ledger, listening, lines)


@main.command()
def serve(
    port: Port = PORT,
    host: Host = "127.0.0.1",
    data: Data = None,
    municipality: Municipality = None,
) -> None:
    """Serve the API."""
    with (
        _installed(data) as installation,
        _listening(host, port) as listening,
        installation.ledger(installation.choose(municipality)) as ledger,
    ):
        _serve(installation, ledger, listening, [])


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
        _fail(f"The file cannot be read: {error.strerror}.")
    with _installed(data) as installation:
        parsed = parse(content)
        _import(installation, installation.claim(_key(parsed, municipality)), parsed)


@token.command("create")
def create_token(
    name: str,
    role: Annotated[Role, typer.Option(help="What the token lets in as.")],
    organ: Annotated[str | None, typer.Option(help="A member's organ, by its key.")] = None,
    data: Data = None,
    municipality: Municipality = None,
) -> None:
    """Print a new token. It is shown this once."""
    with _opened(data, municipality) as ledger:
        if organ is not None and organ not in ledger.engine.topology.organs:
            raise OrganUnknown
        if role is Role.MEMBER and organ is None:
            _fail("A member belongs to an organ. Say which one with --organ KEY.")
        typer.echo(auth.create_token(ledger.database, name, role, organ))


@token.command("revoke")
def revoke_token(name: str, data: Data = None, municipality: Municipality = None) -> None:
    """End every token of this name, at once."""
    with _opened(data, municipality) as ledger:
        if auth.revoke_tokens(ledger.database, name) == 0:
            _fail("There is no such token, or it has been revoked already.")


@token.command("list")
def list_tokens(data: Data = None, municipality: Municipality = None) -> None:
    """List the tokens: name, role, organ, and whether they still let in."""
    with _opened(data, municipality) as ledger:
        for name, role, organ, valid in auth.tokens(ledger.database):
            typer.echo(f"{name}\t{role}\t{organ or '-'}\t{'valid' if valid else 'revoked'}")


@main.command()
def rebuild(
    view: Annotated[str | None, typer.Argument(help="Only this view.")] = None,
    data: Data = None,
    municipality: Municipality = None,
) -> None:
    """Build the views anew beside those in use, compare, and switch. Readers go on meanwhile."""
    chosen = [v for v in VIEWS if view in {None, v.name}]
    if not chosen:
        _fail(f"There is no such view. The views: {', '.join(v.name for v in VIEWS)}.")
    with _opened(data, municipality) as ledger:
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
    with _installed(data) as installation:
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
        _fail("The municipality's name holds no letter that a key can be made of.")
    if asked not in {None, key}:
        _fail(f"This is the file of the municipality {key}.")
    return key


def _import(
    installation: Installation, chosen: str, file: MunicipalityFile, *, once: bool = False
) -> None:
    """Returns when the views have caught up. *once*: what came in whole is not looked at again,
    so that what people have changed since stays as it is."""
    with installation.ledger(chosen) as ledger, ProgressBar(console=err) as bar:
        importer = Importer(ledger.engine, file, installation.secret)
        before = ledger.engine.ledger.size()
        steps = [] if once and importer.is_done else list(importer.steps())
        for step in bar.track(steps, description=file.municipality.name):
            step()
        size = ledger.engine.ledger.size()
        _wait_for_views(ledger, size)
        err.print(f"{file.municipality.name}: added {size - before}, {size} events in all.")


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
    installation: Installation, ledger: OpenLedger, listening: socket.socket, lines: list[str]
) -> None:
    app = create_app(ledger, secret=installation.secret, guarded=installation.is_guarded)
    host, port = listening.getsockname()[:2]
    typer.echo(f"Løft: http://{host}:{port} (API: /api/docs)")
    for line in lines:
        typer.echo(line)
    sys.stdout.flush()
    signal.signal(signal.SIGTERM, _stop)
    # What is there by now stays: the collector need not look through it again and again.
    gc.collect()
    gc.freeze()
    settings = uvicorn.Config(
        app, log_config=None, access_log=False, timeout_graceful_shutdown=3, lifespan="on"
    )
    uvicorn.Server(settings).run(sockets=[listening])


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """The port is taken before anything else is done."""
    try:
        listening = socket.create_server((host, port), backlog=512)
    except OSError:
        _fail(f"Port {port} is taken, perhaps by another Løft. Choose one with --port.")
    with listening:
        yield listening


@contextmanager
def _installed(data: Path | None) -> Iterator[Installation]:
    """The installation, with what can go wrong told in one sentence and exit code 1."""
    settings = _settings(data)
    gc.set_threshold(50_000, 20, 20)  # the states of lives are many objects without a cycle
    configure_logs(settings.log_level)
    signal.signal(signal.SIGTERM, _cut_short)
    try:
        with Installation(settings) as installation:
            yield installation
    except (
        EmbeddedFailed, FileRefused, Refusal, schema.NoSuchLedger, schema.SeveralLedgers,
        NewerVersion, LifeFailed,
    ) as error:  # fmt: skip
        _fail(str(error) or " ".join((error.__doc__ or "").split()))
    except (psycopg.OperationalError, psycopg.ProgrammingError, Unavailable) as error:
        _fail(_about_database(error))
    except (typer.Exit, typer.Abort):
        raise
    except Exception as error:
        # Its text may quote what was sent, or a file.
        _fail(
            f"Something went wrong ({type(error).__name__}). What was recorded before it stays; "
            "run the command again."
        )


def _settings(data: Path | None) -> Settings:
    try:
        return Settings() if data is None else Settings(data=data)
    except ValidationError as error:
        names = ", ".join(f"LOFT_{str(one['loc'][0]).upper()}" for one in error.errors())
        _fail(f"These settings cannot be understood: {names}.")


def _about_database(error: Exception) -> str:
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return (
            "The database role may not change the tables. Name the one that owns them in "
            "LOFT_OWNER_DATABASE_URL."
        )
    if isinstance(error, psycopg.ProgrammingError):
        return "The database's address cannot be understood, or it holds something else than Løft."
    return "The database cannot be reached. Is the server running, and its address right?"


@contextmanager
def _opened(data: Path | None, municipality: str | None) -> Iterator[OpenLedger]:
    with (
        _installed(data) as installation,
        installation.ledger(installation.choose(municipality)) as ledger,
    ):
        yield ledger


def _cut_short(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + signal.SIGTERM)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    """For a server, being told to stop is how it ends well."""
    raise SystemExit(0)


def _fail(sentence: str) -> NoReturn:
    err.print(sentence, style="red", highlight=False, markup=False)
    raise typer.Exit(1)


if __name__ == "__main__":
    main()

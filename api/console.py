"""What every command of the command line stands on: the installation, and how it fails."""

import gc
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import psycopg
import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import Progress as ProgressBar

from api.installation import Installation, OpenLedger
from api.logs import configure_logs
from api.providers import FileUnsound
from api.settings import Settings
from domain.errors import Refusal
from ledger import schema
from ledger.checkpoints import LedgerBehind
from ledger.database import Unavailable
from ledger.ground import EmbeddedFailed
from ledger.presence import BeingRestored
from projections.follow import NewerVersion
from projections.lives import LifeFailed

Data = Annotated[Path | None, typer.Option(help="Where the embedded database lies.")]
Municipality = Annotated[str | None, typer.Option(help="Which one, where there are several.")]
err = Console(stderr=True)
"""Where people are told how it goes; what a program reads goes to standard output."""


@contextmanager
def installed(data: Path | None, *, exit_code: int = 1) -> Iterator[Installation]:
    """The installation, with what can go wrong told in one sentence and by *exit_code*."""
    settings = _settings(data)
    gc.set_threshold(50_000, 20, 20)  # the states of lives are many objects without a cycle
    configure_logs(settings.log_level)
    signal.signal(signal.SIGTERM, _cut_short)
    try:
        with Installation(settings) as installation:
            yield installation
    except (
        EmbeddedFailed, Refusal, schema.NoSuchLedger, schema.SeveralLedgers,
        NewerVersion, LifeFailed, LedgerBehind, BeingRestored,
    ) as error:  # fmt: skip
        fail(str(error) or told(error), exit_code)
    except (psycopg.OperationalError, psycopg.ProgrammingError, Unavailable) as error:
        fail(_about_database(error), exit_code)
    except (typer.Exit, typer.Abort):
        raise
    except Exception as error:
        # Its text may quote what was sent, or a file.
        fail(
            f"Something went wrong ({type(error).__name__}). What was recorded before it stays; "
            "run the command again.",
            exit_code,
        )


def _settings(data: Path | None) -> Settings:
    try:
        return Settings() if data is None else Settings(data=data)
    except ValidationError as error:
        fail(_about_settings(error))


def _about_settings(error: ValidationError) -> str:
    """Only of the file of providers more is told than the name: a setting may be a secret."""
    reasons = [one.get("ctx", {}).get("error") for one in error.errors()]
    names = [f"LOFT_{str(one['loc'][0]).upper()}" for one in error.errors() if one["loc"]]
    told = [str(reason) for reason in reasons if isinstance(reason, FileUnsound)]
    listed = f"These settings cannot be understood: {', '.join(names)}." if names else ""
    return " ".join([listed, *told]).strip()


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
def opened(data: Path | None, municipality: str | None) -> Iterator[OpenLedger]:
    """The ledger of that municipality, for as long as the `with` block lasts."""
    with installed(data) as installation, opened_in(installation, municipality) as ledger:
        yield ledger


def opened_in(installation: Installation, municipality: str | None) -> OpenLedger:
    """The same in an installation that is open."""
    return installation.ledger(installation.choose(municipality))


def _cut_short(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + signal.SIGTERM)


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], object]]:
    """A progress bar, as a function of how many of how many."""
    with ProgressBar(console=err, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def told(error: Exception) -> str:
    """The sentence of an error: its docstring."""
    return " ".join((error.__doc__ or "").split())


def fail(sentence: str, exit_code: int = 1) -> NoReturn:
    err.print(sentence, style="red", highlight=False, markup=False)
    raise typer.Exit(exit_code)

"""One PostgreSQL server a run, one template database, one database a test."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from itertools import count
from pathlib import Path

import psycopg
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from filelock import FileLock
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from api import kept_tokens
from api.app import create_app
from api.bounds import Bounds
from api.imported import parse
from api.importing import Importer
from api.installation import WRITER, OpenLedger
from api.sign_ins import SignIn
from domain.actor import Role
from ledger import schema
from ledger.accesses import AccessLog
from ledger.checkpoints import Notary
from ledger.database import Database
from ledger.embedded import Embedded
from ledger.erasures import ErasureList
from ledger.signing import SigningKey

pytest_plugins = ("tests.browser",)
pytest.register_assert_rewrite("tests.domain.scenario")  # before the first that imports it
pytest.register_assert_rewrite("tests.receivers")

MEMORY, ROOM = Path("/dev/shm"), 2 * 1024**3  # noqa: S108 - a folder of its own is made there
if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
    # A database a test is some seven hundred files, made and thrown away. On a disk that others use
    # too, that is most of what a run takes.
    os.environ["TMPDIR"] = str(MEMORY)
    tempfile.tempdir = None

SECRET = b"the secret of the tests"
SCHEMA = "municipality"
_numbers = count(1)


@dataclass(frozen=True)
class Server:
    """The run's server, and the folder that it lives in."""

    embedded: Embedded
    folder: Path

    def url(self, database: str, user: str = WRITER) -> str:
        return self.embedded.url(user, database)

    def execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url("postgres", "postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def copy(self, template: str) -> str:
        """A new database like *template*."""
        name = f"test_{os.getpid()}_{next(_numbers)}"
        with FileLock(self.folder / f"{template}.lock"):
            self.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
        return name

    def drop(self, name: str) -> None:
        self.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def template(self, name: str, fill: Callable[[str], None]) -> str:
        """The template *name*, made once a run, by whichever worker comes first."""
        with FileLock(self.folder / f"{name}.lock"):
            done = self.folder / f"{name}.done"
            if not done.exists():
                self.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
                fill(name)
                done.touch()
        return name

    @contextmanager
    def opened(self, name: str, heal: Callable[[], object] = lambda: None) -> Iterator[OpenLedger]:
        with OpenLedger(Database(self.url(name), SCHEMA, heal=heal)) as ledger:
            yield ledger

    @contextmanager
    def copied(self, template: str) -> Iterator[OpenLedger]:
        """A new ledger like *template*, which is gone afterwards."""
        name = self.copy(template)
        with self.opened(name) as ledger:
            yield ledger
        self.drop(name)


def _folder() -> Path:
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"alone-{os.getpid()}")
    return Path(tempfile.gettempdir()) / f"loft-tests-{run}"


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Shared by all workers of a run; the last one stops it."""
    folder = _folder()
    folder.mkdir(exist_ok=True)
    folder.chmod(0o711)
    embedded = Embedded(folder / "data")
    embedded.start()
    try:
        made = Server(embedded, folder)
        for setting in ("fsync", "full_page_writes"):
            # What a power cut would leave is not tested here, and the disk is shared.
            made.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        made.execute(sql.SQL("SELECT pg_reload_conf()"))
        schema.create_writer(embedded.url("postgres", "postgres"), WRITER)
        yield made
    finally:
        embedded.release()
        if not embedded.running:
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def bare_template(server: Server) -> str:
    """A ledger without an event, which nobody has followed yet."""

    def fill(name: str) -> None:
        schema.migrate(server.url(name, "postgres"), SCHEMA, WRITER)

    return server.template("template_bare", fill)


@pytest.fixture(scope="session")
def empty_template(server: Server) -> str:
    """A ledger without an event, with all views in their places."""

    def fill(name: str) -> None:
        schema.migrate(server.url(name, "postgres"), SCHEMA, WRITER)
        with server.opened(name) as ledger:
            ledger.follower.catch_up()
            ledger.follower.release()

    return server.template("template_empty", fill)


@pytest.fixture(scope="session")
def baerum_template(server: Server) -> str:
    """Bærum 2016, imported, with all views caught up."""

    def fill(name: str) -> None:
        schema.migrate(server.url(name, "postgres"), SCHEMA, WRITER)
        with server.opened(name) as ledger:
            import_example(ledger, "baerum-2016.json")

    return server.template("template_baerum", fill)


def import_example(ledger: OpenLedger, file: str) -> None:
    """Import one of the examples that come with Løft, and catch up."""
    content = (files("api") / "examples" / file).read_bytes()
    for step in Importer(ledger.engine, parse(content), SECRET).steps():
        step()
    ledger.follower.catch_up()
    ledger.follower.release()


@pytest.fixture
def ledger(server: Server, empty_template: str) -> Iterator[OpenLedger]:
    """An empty ledger."""
    with server.copied(empty_template) as opened:
        yield opened


@pytest.fixture
def unfollowed(server: Server, bare_template: str) -> Iterator[OpenLedger]:
    """An empty ledger without views."""
    with server.copied(bare_template) as opened:
        yield opened


@pytest.fixture
def baerum(server: Server, baerum_template: str) -> Iterator[OpenLedger]:
    """Bærum's ledger as the demonstration begins."""
    with server.copied(baerum_template) as opened:
        yield opened


class Client(TestClient):
    """A client of the API. `as_` gives one that is let in as a role. `id`: a person's."""

    ledger: OpenLedger
    id: str

    def as_(self, role: Role | str, organ: str | None = None) -> "Client":
        token = kept_tokens.create_token(self.ledger.database, "test", Role(role), organ)
        other = Client(self.app, headers={"Authorization": f"Bearer {token}"})
        other.ledger = self.ledger
        other.portal = self.portal
        return other


KEY = SigningKey.from_seed(bytes(range(32)))
"""Signs the checkpoints of the tests."""


def notary_of(ledger: OpenLedger | AccessLog) -> Notary:
    """Who signs for *ledger*, and keeps its newest checkpoint in the folder of this run."""
    name = conninfo_to_dict(ledger.database.url)["dbname"]
    file = f"{name}.{ledger.database.schema}.note"
    return Notary(ledger.database, KEY, _folder() / "checkpoints" / file)


UNBOUND = Bounds(failed_requests=100_000)
"""Tests knock with many a wrong token."""


def app_over(
    ledger: OpenLedger, bounds: Bounds = UNBOUND, sign_in: SignIn | None = None
) -> FastAPI:
    """The API over *ledger*. Nothing is recorded by itself, but where a test looks at that."""
    notary = notary_of(ledger)
    erasures = ErasureList(notary.outside.with_suffix(".erasures"))
    return create_app(
        ledger,
        secret=SECRET,
        notary=notary,
        access_notary=notary_of(ledger.accesses),
        erasures=erasures,
        bounds=bounds,
        sign_in=sign_in,
        clock_seconds=None,
    )


@pytest.fixture
def client(baerum: OpenLedger) -> Iterator[Client]:
    """An anonymous client of Bærum's API, with the worker running."""
    with Client(app_over(baerum)) as anonymous:
        anonymous.ledger = baerum
        yield anonymous


@pytest.fixture
def coordinator(client: Client) -> Client:
    return client.as_(Role.COORDINATOR)

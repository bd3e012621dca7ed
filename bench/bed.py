"""What every benchmark stands on: one embedded server, and databases of its own in it."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql

from api.imported import parse
from api.importing import Importer
from api.installation import WRITER, OpenLedger
from ledger import schema
from ledger.database import Database
from ledger.embedded import Embedded

SECRET = b"the secret of the benchmarks"
SCHEMA = "municipality"
OWNER = "postgres"
_TEMPLATE = "baerum"
_STILL = 10.0
"""Seconds in which nothing was recorded."""


class Bed:
    """The server, with a template database that holds Bærum's structure and matters of 2016."""

    def __init__(self, embedded: Embedded, folder: Path) -> None:
        self.embedded = embedded
        self.folder = folder

    def prepare(self) -> None:
        schema.create_writer(self.url("postgres", OWNER), WRITER)
        self.create(_TEMPLATE, "template1")
        schema.migrate(self.url(_TEMPLATE, OWNER), SCHEMA, WRITER)
        with self.opened(_TEMPLATE) as ledger:
            content = (files("api") / "examples" / "baerum-2016.json").read_bytes()
            for step in Importer(ledger.engine, parse(content), SECRET).steps():
                step()
            ledger.follower.catch_up()

    def url(self, database: str, user: str = WRITER) -> str:
        return self.embedded.url(user, database)

    def create(self, name: str, template: str = _TEMPLATE) -> str:
        """A new database like *template*, and its name."""
        new = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template)
        )
        with psycopg.connect(self.url("postgres", OWNER), autocommit=True) as connection:
            connection.execute(new)
        return name

    def own(self, database: str, *statements: LiteralString) -> None:
        """Run *statements* as the owner, each in a transaction of its own."""
        options = f"-c search_path={SCHEMA}"
        with psycopg.connect(
            self.url(database, OWNER), autocommit=True, options=options
        ) as connection:
            for statement in statements:
                connection.execute(statement)

    @contextmanager
    def hasty(self, database: str) -> Iterator[None]:
        """Connections made meanwhile do not wait for the disk: for filling, never for measuring."""
        name = {"name": sql.Identifier(database)}
        with psycopg.connect(self.url("postgres", OWNER), autocommit=True) as owner:
            owner.execute(
                sql.SQL("ALTER DATABASE {name} SET synchronous_commit = off").format(**name)
            )
            try:
                yield
            finally:
                owner.execute(
                    sql.SQL("ALTER DATABASE {name} RESET synchronous_commit").format(**name)
                )

    @contextmanager
    def opened(self, database: str) -> Iterator[OpenLedger]:
        with OpenLedger(Database(self.url(database), SCHEMA)) as ledger:
            yield ledger

    def wait_for_the_clock(self, database: str) -> None:
        """Until a server has recorded all deadlines that have passed: in a new ledger there are
        many."""
        with self.opened(database) as ledger:
            before = -1
            while (size := ledger.engine.ledger.size()) != before:
                before = size
                time.sleep(_STILL)

    def settings(self, database: str) -> dict[str, str]:
        """The environment in which `loft serve` serves *database*."""
        return {
            "LOFT_DATABASE_URL": self.url(database),
            "LOFT_OWNER_DATABASE_URL": self.url(database, OWNER),
            "LOFT_SECRET": SECRET.decode(),
            "LOFT_DATA": str(self.folder / f"{database}.data"),
        }


@contextmanager
def made() -> Iterator[Bed]:
    """A bed in a temporary folder, for as long as the `with` block lasts."""
    with tempfile.TemporaryDirectory(prefix="loft-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # as root, PostgreSQL runs as another user, who passes through here
        embedded = Embedded(folder / "data")
        embedded.start()
        try:
            bed = Bed(embedded, folder)
            bed.prepare()
            yield bed
        finally:
            embedded.release()

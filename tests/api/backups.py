"""Installations on databases of the run's server, and backups that are mended with malice."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count
from os import getpid
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import psycopg
from psycopg import sql
from pydantic import SecretStr

from api.app import create_app
from api.installation import Installation, OpenLedger
from api.restoring import Restored, Restoring, Wishes
from api.settings import Settings
from domain.actor import Role
from ledger import live
from ledger.archive import TABLES, Archive, Manifest
from ledger.backup import write
from ledger.live import Progress
from ledger.verifier import Verdict
from tests.conftest import SCHEMA, SECRET, Client, Server

_numbers = count(1)
Members = dict[str, bytes]


def no_bar(_name: str) -> AbstractContextManager[Progress]:
    return nullcontext(lambda _done, _of: None)


@dataclass(frozen=True)
class Home:
    """An installation with a data directory and a database of its own."""

    server: Server
    installation: Installation
    database: str

    @property
    def data(self) -> Path:
        return self.installation.data

    def opened(self, schema: str = SCHEMA) -> OpenLedger:
        return self.installation.ledger(schema)

    def signs(self, at: datetime | None = None) -> str:
        """Sign all that there is; the short form that minutes print."""
        with self.opened() as ledger:
            notary = self.installation.notary(ledger.database)
            return notary.sign(at or datetime.now(UTC))[1].checkpoint.short

    def backs_up(self, file: Path, *, signs: bool = True) -> Manifest:
        if signs:
            self.signs()
        with self.opened() as ledger:
            notary = self.installation.notary(ledger.database)
            accesses = self.installation.notary(ledger.accesses.database)
            if signs:
                accesses.sign(datetime.now(UTC))
            return write(notary, accesses, file, municipality="baerum", at=datetime.now(UTC))

    def restores(self, file: Path, **wishes: Any) -> Restored:
        with Archive(file) as archive:
            return Restoring(self.installation, archive, Wishes(**wishes), no_bar).run()

    def verdict(self, checkpoint: str | None = None) -> Verdict:
        """What `loft verify` says."""
        with self.opened() as ledger:
            notary = self.installation.notary(ledger.database)
            listed = self.installation.erasures(SCHEMA).all()
            erased = [(one.case_id, one.text_id) for one in listed]
            return live.verify(notary, checkpoint=checkpoint, language="en", erased=erased)

    @contextmanager
    def served(self) -> Iterator[Client]:
        """A coordinator of the API over what is there now."""
        with self.opened() as ledger:
            app = create_app(
                ledger,
                secret=SECRET,
                notary=self.installation.notary(ledger.database),
                access_notary=self.installation.notary(ledger.accesses.database),
                erasures=self.installation.erasures(SCHEMA),
            )
            with Client(app) as anonymous:
                anonymous.ledger = ledger
                yield anonymous.as_(Role.COORDINATOR)

    def rows(self, table: str, schema: str = SCHEMA) -> list[str]:
        """Every row of a table, as text."""
        query = sql.SQL("SELECT t::text FROM {} t ORDER BY 1").format(sql.Identifier(schema, table))
        with psycopg.connect(self.installation.owner_url) as connection:
            return [row for (row,) in connection.execute(query).fetchall()]

    def contents(self) -> dict[str, list[str]]:
        return {table: self.rows(table) for table in TABLES}

    def schemas(self) -> list[str]:
        with psycopg.connect(self.installation.owner_url) as connection:
            rows = connection.execute(
                "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' "
                "AND nspname NOT IN ('public', 'information_schema') ORDER BY 1"
            )
            return [name for (name,) in rows.fetchall()]

    def execute(self, statement: str, *facts: Any, schema: str = SCHEMA) -> None:
        """As the owner."""
        options = f"-c search_path={schema}"
        with psycopg.connect(self.installation.owner_url, options=options) as connection:
            connection.execute(statement, facts)


@contextmanager
def home(server: Server, folder: Path, template: str | None = None) -> Iterator[Home]:
    """One with the ledger of *template*, else with none."""
    database = f"home_{getpid()}_{next(_numbers)}"
    like = sql.SQL("TEMPLATE {}").format(sql.Identifier(template)) if template else sql.SQL("")
    server.execute(sql.SQL("CREATE DATABASE {} {}").format(sql.Identifier(database), like))
    settings = Settings(
        data=folder,
        database_url=SecretStr(server.url(database)),
        owner_database_url=SecretStr(server.url(database, "postgres")),
    )
    folder.mkdir(parents=True, exist_ok=True)
    try:
        made = Home(server, Installation(settings), database)
        if template is not None:
            made.execute("UPDATE loft.ledgers SET key = 'baerum'")
        yield made
    finally:
        server.drop(database)


def moved(origin: Home, to: Home, *what: str) -> None:
    """Copy these files and folders of a data directory to another's."""
    for name in what:
        source = origin.data / name
        if source.is_dir():
            shutil.copytree(source, to.data / name, dirs_exist_ok=True)
        elif source.exists():
            shutil.copy2(source, to.data / name)


def members_of(file: Path) -> Members:
    with ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(members: Members, file: Path) -> Path:
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file


def rehashed(members: Members, **facts: Any) -> None:
    """Let the manifest say what the members now are, as who alters a backup with skill does, and
    these *facts*."""
    manifest = json.loads(members["manifest.json"]) | facts
    beside = manifest["accesses"]["members"] if manifest["accesses"] else []
    for one in (*manifest["members"], *beside):
        content = members[f"{one['folder']}{one['table']}.copy"]
        one["rows"], one["bytes"] = content.count(b"\n"), len(content)
        one["sha256"] = sha256(content).hexdigest()
    members["manifest.json"] = json.dumps(manifest).encode()


def manifest_with(**facts: Any) -> Callable[[Members], None]:
    def mend(members: Members) -> None:
        members["manifest.json"] = json.dumps(json.loads(members["manifest.json"]) | facts).encode()

    return mend

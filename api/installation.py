"""Where Løft lives: the database server, the secret and the ledgers of one data directory."""

import os
import secrets
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg.conninfo import conninfo_to_dict

from api.settings import Settings, signing_key
from ledger import schema
from ledger.accesses import AccessLog
from ledger.checkpoints import Notary, write_whole
from ledger.database import Database, Unavailable
from ledger.embedded import Embedded, default_data
from ledger.engine import Engine
from ledger.erasures import ErasureList
from ledger.presence import Presence
from ledger.sight import Sight, reading
from ledger.signing import SigningKey
from projections import VIEWS, outbox
from projections.follow import Follower

SIGNING_KEY = "signing-key.pem"
"""The file in the data directory that holds the key that signs checkpoints."""
WRITER = "loft_app"
"""The application's role in an embedded server: it adds and reads, and owns nothing but views."""


class Installation:
    """Opens what *settings* name, for as long as the `with` block lasts."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.data = settings.data or default_data()
        self.embedded = None if settings.database_url else Embedded(self.data)

    def __enter__(self) -> Self:
        if self.embedded is not None:
            self.embedded.start()
            schema.create_writer(self.owner_url, WRITER)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.embedded is not None:
            self.embedded.release()

    @property
    def url(self) -> str:
        if self.settings.database_url is not None:
            return self.settings.database_url.get_secret_value()
        assert self.embedded is not None  # noqa: S101 - one of the two is there
        return self.embedded.url(WRITER)

    @property
    def owner_url(self) -> str:
        if self.settings.owner_database_url is not None:
            return self.settings.owner_database_url.get_secret_value()
        return self.embedded.url("postgres") if self.embedded is not None else self.url

    @property
    def is_guarded(self) -> bool:
        """Whether the role that writes is another than the one that owns the tables. Where it is
        not, the trigger alone refuses changes to what is recorded."""
        return self.writer != conninfo_to_dict(self.owner_url).get("user")

    @property
    def writer(self) -> str:
        """The role that serves."""
        named = conninfo_to_dict(self.url).get("user")
        if named:
            return str(named)
        with psycopg.connect(self.url, connect_timeout=5) as connection:
            return connection.info.user

    @property
    def secret(self) -> bytes:
        """What keys the hashes of requests: the setting's, else a file's that is made once."""
        if self.settings.secret is not None:
            return self.settings.secret.get_secret_value().encode()
        file = self.data / "secret"
        if not file.exists():
            made_once(file, secrets.token_bytes(32))
        return file.read_bytes()

    @property
    def signing_key(self) -> SigningKey:
        """What signs checkpoints: the setting's, else a file's that is made once."""
        if self.settings.signing_key is not None:
            return signing_key(self.settings.signing_key.get_secret_value())
        file = self.data / SIGNING_KEY
        if not file.exists():
            made_once(file, SigningKey.from_seed(secrets.token_bytes(32)).pem)
        return SigningKey.from_pem(file.read_bytes())

    @property
    def signing_keys(self) -> list[SigningKey]:
        """The keys that signed here one after the other, as far as they are kept, oldest first;
        the last one signs now."""
        kept = [(one.stat().st_mtime, one) for one in self.data.glob(f"{SIGNING_KEY}.until-*")]
        earlier = [SigningKey.from_pem(file.read_bytes()) for _, file in sorted(kept)]
        return [*earlier, self.signing_key]

    def rotate_key(self) -> None:
        """Let a new key sign for every ledger here. Cut short, it is finished by a repeat: the new
        key is kept before any ledger lists it."""
        present, following = self.signing_key, self.data / f"{SIGNING_KEY}.next"
        if not following.exists():
            made_once(following, SigningKey.from_seed(secrets.token_bytes(32)).pem)
        successor = SigningKey.from_pem(following.read_bytes())
        for listed in schema.ledgers(self.owner_url):
            schema.migrate(self.owner_url, listed, self.writer)
            with self.ledger(listed) as ledger:
                for database in (ledger.database, ledger.accesses.database):
                    self.notary(database).rotate(successor)
        kept = self.data / f"{SIGNING_KEY}.until-{present.verifier('loft').key_id.hex()}"
        write_whole(kept, present.pem)
        following.replace(self.data / SIGNING_KEY)

    def notary(
        self, database: Database, name: str | None = None, key: SigningKey | None = None
    ) -> Notary:
        """Who signs for the ledger in *database*. Its newest checkpoint is kept here too. *name*:
        the ledger's, where it lies in another schema for now; *key*: an earlier one."""
        outside = self.data / "checkpoints" / f"{name or database.schema}.note"
        return Notary(database, key or self.signing_key, outside, name)

    def erasures(self, chosen: str) -> ErasureList:
        """What was erased from the ledger in the schema *chosen*."""
        return ErasureList(self.data / "erasures" / f"{chosen}.jsonl")

    @property
    def logs(self) -> list[Path]:
        """The logs that Løft itself keeps: those of an embedded server."""
        log = self.data / "postgres.log"
        return [log] if self.embedded is not None and log.exists() else []

    def choose(self, key: str | None = None) -> str:
        """The schema of the ledger asked for, brought up to date; see `schema.choose`."""
        chosen = schema.choose(self.owner_url, key or self.settings.municipality)
        schema.migrate(self.owner_url, chosen, self.writer)
        return chosen

    def claim(self, key: str) -> str:
        """The schema for the municipality with this *key*, made where there is none."""
        claimed = schema.claim(self.owner_url, key)
        schema.migrate(self.owner_url, claimed, self.writer)
        return claimed

    def ledger(self, chosen: str) -> "OpenLedger":
        return OpenLedger(Database(self.url, chosen, heal=self._heal))

    def _heal(self) -> None:
        if self.embedded is not None:
            self.embedded.ensure_running()


def made_once(file: Path, content: bytes) -> None:
    """It is there whole or not at all, readable to its owner alone, and of two who make it at
    once one is heard."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    try:
        with os.fdopen(descriptor, "wb") as new:
            new.write(content)
            new.flush()
            os.fsync(new.fileno())
        with suppress(FileExistsError):
            os.link(name, file)
    finally:
        Path(name).unlink()


class OpenLedger:
    """One ledger with its engine and its follower, open for as long as the `with` block lasts.
    `bounded`: the same, for reads of which the database shows only what `seen_by` may."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.bounded = reading(database)
        self.engine = Engine(database)
        self.follower = Follower(self.engine.ledger, VIEWS, announce=outbox.fill)
        self.accesses = AccessLog(database)
        self.presence = Presence(database)
        """Whoever serves or imports holds it."""

    def seen_by(self, marks: Iterable[str]) -> Sight:
        """The ledger as whoever has these *marks* sees it."""
        return Sight(self.bounded, marks)

    def __enter__(self) -> Self:
        self.database.open()
        self.bounded.open()
        self.accesses.open()
        with suppress(Unavailable):
            self.engine.structure.refresh()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.follower.release()
        self.presence.release()
        self.accesses.close()
        self.engine.close()
        self.bounded.close()
        self.database.close()

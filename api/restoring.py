"""Putting a backup back into an installation, step by step, and accepting what it lacks."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg

from api.installation import Installation, OpenLedger
from domain.errors import NothingLost
from domain.event import Occurred
from ledger import loss, restore, schema
from ledger.archive import Archive, Held, Manifest
from ledger.checkpoints import LedgerBehind, Notary, Standing, write_whole
from ledger.database import Database, Unavailable
from ledger.erasures import ErasedText
from ledger.live import Progress
from ledger.presence import alone
from ledger.restore import Found
from ledger.verifier import Checkpoint
from projections.follow import Fenced

Bar = Callable[[str], AbstractContextManager[Progress]]
"""A progress bar with that name."""


@dataclass(frozen=True)
class Wishes:
    """What whoever restores has asked for beside the file. `listed`: erasures that are listed
    elsewhere."""

    replace: bool = False
    accept_loss: bool = False
    listed: Sequence[ErasedText] = ()


@dataclass(frozen=True)
class Restored:
    """What came of it. `kept_as`: where the ledgers now lie that were there; `dropped`: how many
    events they hold beyond the backup's; `erased`: how many texts were erased again; `promised`:
    what was signed beyond it, if that is so; `lost_accesses`: how many accesses were signed that
    are not in the log any more."""

    manifest: Manifest
    standing: Standing
    kept_as: Sequence[str]
    dropped: int
    erased: int
    promised: Checkpoint | None
    lost_accesses: int


class NotSettled(Exception):
    """The backup is in its place, but what belongs to it outside the database could not be written.
    See that the data directory is writable, and start the server: `/readyz` says how it stands."""


class Restoring:
    """One backup on its way into *installation*. Until it is switched in, nothing is changed."""

    def __init__(
        self, installation: Installation, archive: Archive, wishes: Wishes, bar: Bar
    ) -> None:
        self.installation = installation
        self.archive = archive
        self.manifest = archive.manifest
        self.wishes = wishes
        self.bar = bar
        self.at = datetime.now(UTC)
        self.erased = 0
        self.accesses: str | None = None
        self.lost_accesses = 0
        self.promised: Checkpoint | None = None

    def run(self) -> Restored:
        restore.refuse_newer(self.manifest)
        owner_url, staged = self.installation.owner_url, restore.staging(self.manifest.ledger)
        found = self._in_the_way()
        with alone(owner_url, {self.manifest.ledger, *(one.schema for one in found)}) as connection:
            found = self._in_the_way()
            try:
                self._make()
                self._make_access_log()
                kept = restore.switch(
                    connection, staged, self.manifest, found, self.at, accesses=self.accesses
                )
            finally:
                for left in (staged, restore.staging(schema.beside(self.manifest.ledger))):
                    with suppress(psycopg.Error):
                        restore.discard(owner_url, left)
            return self._restored(found, kept, self._settle())

    def _in_the_way(self) -> list[Found]:
        return restore.in_the_way(
            self.installation.owner_url, self.manifest, replace=self.wishes.replace
        )

    def _make(self) -> None:
        """The ledger in a schema of its own: checked, without what was erased, with its views."""
        url, staged = self.installation.owner_url, restore.staging(self.manifest.ledger)
        self._load(self.manifest, staged)
        with closing(Database(self.installation.url, staged)) as database:
            database.open()
            self._check(database)
        own = self.installation.erasures(self.manifest.ledger)
        loss.remember(own, self.wishes.listed)
        listed = own.all()
        self.erased = restore.wipe(url, staged, [one.text_id for one in listed])
        self._go_on(staged, listed)

    def _load(self, held: Held, staged: str) -> None:
        url, writer = self.installation.owner_url, self.installation.writer
        with self.bar("reading") as progress:
            restore.load(url, self.archive, held, staged, writer, progress)

    def _make_access_log(self) -> None:
        """The backup's, unless the one here goes on from it: no access is forgotten by a restore
        of something older."""
        held, name = self.manifest.accesses, schema.beside(self.manifest.ledger)
        if held is None:
            return
        self.archive.read_through(held)
        with closing(Database(self.installation.url, name)) as database:
            database.open()
            if restore.goes_on_from(self.installation.notary(database), held):
                return
        self.accesses = restore.staging(name)
        self._load(held, self.accesses)
        with closing(Database(self.installation.url, self.accesses)) as database:
            database.open()
            self._examine(database, name, held)

    def _go_on(self, staged: str, listed: Sequence[ErasedText]) -> None:
        """What is recorded of this, and the views."""
        with self.installation.ledger(staged) as ledger:
            at = Occurred(at=self.at)
            if self.promised is not None and self.wishes.accept_loss:
                loss.accept(ledger.engine, self.promised, at)
            if self.promised is None or self.wishes.accept_loss:
                loss.erase_again(ledger.engine, listed, at)
            with self.bar("views") as progress:
                follow(ledger, progress)

    def _check(self, database: Database) -> None:
        notary = self._examine(database, self.manifest.ledger, self.manifest)
        self.promised = restore.beyond(notary, self.manifest.size)
        if self.promised is None and self.wishes.accept_loss:
            raise NothingLost

    def _examine(self, database: Database, name: str, held: Held) -> Notary:
        notary = self.installation.notary(database, name)
        keys = self.installation.signing_keys
        restore.hand_over(lambda key: self.installation.notary(database, name, key), keys)
        with self.bar("checking") as progress:
            restore.examine(notary, held.size, progress)
        return notary

    def _settle(self) -> Standing:
        """What is kept outside the database, once the ledger is in its place."""
        try:
            return self._kept_outside()
        except (OSError, psycopg.Error, Unavailable) as error:
            raise NotSettled from error

    def _kept_outside(self) -> Standing:
        owner_url, writer = self.installation.owner_url, self.installation.writer
        schema.migrate(owner_url, self.manifest.ledger, writer)  # the queue beside it
        with self.installation.ledger(self.manifest.ledger) as ledger:
            notary = self.installation.notary(ledger.database)
            if self.promised is not None and self.wishes.accept_loss:
                notary.forget(self.promised)
            if notary.promised() is None:
                write_whole(notary.outside, self.manifest.checkpoint.encode())
            if self.accesses is not None:
                self.lost_accesses = access_loss(self.installation, ledger, self.at)
            return _signed(self.installation, ledger, notary)

    def _restored(
        self, found: Sequence[Found], kept: Sequence[str], standing: Standing
    ) -> Restored:
        beyond = max((one.size or 0 for one in found), default=0) - self.manifest.size
        return Restored(
            manifest=self.manifest,
            standing=standing,
            kept_as=kept,
            dropped=max(0, beyond),
            erased=self.erased,
            promised=self.promised,
            lost_accesses=self.lost_accesses,
        )


def accept_loss(installation: Installation, chosen: str, listed: Sequence[ErasedText]) -> int:
    """Let the ledger in the schema *chosen* go on without what was signed and is lost; gives how
    many events it is known to lack. Cut short, it is finished by a repeat."""
    own = installation.erasures(chosen)
    with installation.ledger(chosen) as ledger:
        notary, now = installation.notary(ledger.database), datetime.now(UTC)
        lost_accesses = access_loss(installation, ledger, now)
        promised = restore.promise(notary)
        if lost_accesses and notary.standing() is Standing.WHOLE:
            return lost_accesses
        if promised is None:
            raise NothingLost
        if not loss.is_accepted(ledger.engine, promised):
            _refuse_other_than_loss(notary)
        at = Occurred(at=now)
        loss.remember(own, listed)
        lost = lost_accesses + loss.accept(ledger.engine, promised, at)
        loss.erase_again(ledger.engine, own.all(), at)
        notary.forget(promised)
        _signed(installation, ledger, notary)
        with suppress(Fenced):  # a server follows
            ledger.follower.catch_up()
    return lost


def access_loss(installation: Installation, ledger: OpenLedger, now: datetime) -> int:
    """Let the access log go on without what was signed of it and is lost; gives how many accesses
    it lacks. Without a log nothing could be read."""
    notary = installation.notary(ledger.accesses.database)
    notary.tree.grow()
    promised = restore.promise(notary)
    if promised is None or notary.standing() is not Standing.BEHIND:
        return 0
    lost = loss.accept(ledger.accesses.engine, promised, Occurred(at=now))
    notary.forget(promised)
    with suppress(LedgerBehind):
        notary.sign(now)
    return lost


def _refuse_other_than_loss(notary: Notary) -> None:
    notary.tree.grow()
    standing = notary.standing()
    if standing is Standing.ALTERED:
        raise loss.NothingButABackupHelps
    if standing is not Standing.BEHIND:
        raise NothingLost


def _signed(installation: Installation, ledger: OpenLedger, notary: Notary) -> Standing:
    """Sign what is there, if that may be, and list what was erased."""
    installation.erasures(ledger.database.schema).follow(ledger.database)
    with suppress(LedgerBehind):
        notary.sign(datetime.now(UTC))
    return notary.standing()


def follow(ledger: OpenLedger, progress: Progress) -> None:
    """Build the views of a ledger that nobody else follows."""
    size = ledger.engine.ledger.size()
    while (position := ledger.follower.catch_up(most=1)) < size:
        progress(position, size)
    ledger.follower.release()

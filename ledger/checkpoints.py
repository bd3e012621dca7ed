"""Signed checkpoints: what the ledger has promised to begin with, and whether it still does."""

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from threading import Lock

from psycopg.rows import TupleRow

from ledger.database import Connection, Database, Unavailable
from ledger.signing import SigningKey
from ledger.tree import Tree, sealed
from ledger.verifier import Checkpoint, VerifierKey, open_note

FRESH = timedelta(hours=1)
"""For so long a checkpoint over as much as there is now is as good as a new one."""


class LedgerBehind(Unavailable):
    """The ledger does not hold all that was signed before: an older backup seems to have been put
    back, or something was altered. Nothing can be recorded until an administrator has looked at it
    (`loft verify`, `loft restore --accept-loss`)."""


class Standing(StrEnum):
    """How the ledger stands to the newest checkpoint that is kept outside the database."""

    WHOLE = "whole"
    BEHIND = "behind"
    """It holds fewer events than were signed."""
    ALTERED = "altered"
    """It holds as many, but others."""
    UNREADABLE = "unreadable"
    """That checkpoint cannot be read."""
    KEY_UNKNOWN = "key unknown"
    """This installation's key is not the ledger's newest one, or the checkpoint outside was signed
    by a key that the ledger does not list."""


@dataclass(frozen=True)
class ListedKey:
    """A key that signs or signed checkpoints; `introduced`: the note by which the one before it
    introduced it."""

    vkey: str
    introduced: str | None
    since: datetime


@dataclass(frozen=True)
class Signed:
    """A checkpoint with the note that it was signed as."""

    checkpoint: Checkpoint
    note: str


Numbered = tuple[int, Signed]
"""A signed checkpoint with its number: in the order in which they were signed, from 1."""


class Notary:
    """Signs checkpoints of one ledger, each consistent with every earlier one.

    *outside* is the file in which the newest is kept too: whoever can change the database cannot
    make it forget that one. *name*: the ledger's, where it lies in a schema of another for now.
    """

    def __init__(
        self, database: Database, key: SigningKey, outside: Path, name: str | None = None
    ) -> None:
        self.database = database
        self.tree = Tree(database)
        self.outside = outside
        self.name = name or database.schema
        self._key = key
        self._signing = Lock()

    @property
    def origin(self) -> str:
        """The name of the ledger on its checkpoints, and of its keys."""
        return f"loft/{self.name}"

    def without_promise(self) -> "Notary":
        """The same, for whom nothing is kept outside the database."""
        return Notary(self.database, self._key, self.outside.with_suffix(".none"), self.name)

    # Keys.

    def listed_keys(self) -> list[ListedKey]:
        """Oldest first."""
        rows = self.database.rows(
            "SELECT vkey, introduced, since FROM signing_keys ORDER BY number"
        )
        return [ListedKey(*row) for row in rows]

    def rotate(self, successor: SigningKey) -> None:
        """Let *successor* sign from now on, introduced by the present key. Fails with
        `LedgerBehind` where the present key is not the ledger's newest one."""
        vkey = successor.vkey(self.origin)
        with self._signing:
            if [key.vkey for key in self.listed_keys()][-1:] != [vkey]:
                if not self._has_key():
                    raise LedgerBehind
                self._list_key(vkey, self._key.introduce(vkey))
            self._key = successor

    def _has_key(self) -> bool:
        """Whether the key here is the ledger's newest one; the first one ever becomes that."""
        own, keys = self._key.vkey(self.origin), self.listed_keys()
        if not keys:
            self._list_key(own, None)
            keys = self.listed_keys()
        return keys[-1].vkey == own

    def _list_key(self, vkey: str, introduced: str | None) -> None:
        self.database.rows(
            "INSERT INTO signing_keys (number, vkey, introduced) "
            "SELECT 1 + count(*), %(vkey)s, %(introduced)s FROM signing_keys "
            "ON CONFLICT DO NOTHING RETURNING number",
            vkey=vkey,
            introduced=introduced,
        )

    # Checkpoints.

    def sign(self, at: datetime) -> Numbered:
        """A checkpoint over all that the ledger holds by now, signed at the moment *at*; the newest
        one, where that is over as much and not older than `FRESH`. Fails with `LedgerBehind` where
        it would contradict an earlier one."""
        with self._signing:
            self.tree.grow()
            return self.database.read(lambda connection: self._sign(connection, at))

    def _sign(self, connection: Connection, at: datetime) -> Numbered:
        """The tree's row is held meanwhile, so that those who sign come one after the other, and
        what is outside is always the newest."""
        with connection.transaction():
            size = sealed(connection)
            if self.standing() is not Standing.WHOLE:
                raise LedgerBehind
            newest = self.newest()
            if newest is not None and not self._begins_with(newest[1].checkpoint):
                raise LedgerBehind
            if newest is not None and self._is_fresh(newest[1], size, at):
                self._promise(newest[1])
                return newest
            note = self._key.checkpoint_note(self.origin, size, self.tree.root(size), at)
            row = connection.execute(
                "INSERT INTO checkpoints (size, note) VALUES (%s, %s) RETURNING number",
                (size, note),
            ).fetchone()
            assert row is not None  # noqa: S101 - an INSERT that returns
            write_whole(self.outside, note.encode())
        return int(row[0]), self._read(note)

    def _promise(self, signed: Signed) -> None:
        if self.promised() != signed.checkpoint:
            write_whole(self.outside, signed.note.encode())

    def _is_fresh(self, signed: Signed, size: int, at: datetime) -> bool:
        checkpoint = signed.checkpoint
        if checkpoint.size != size or at - checkpoint.signed_at >= FRESH:
            return False
        try:
            return bool(open_note(signed.note, [self._key.verifier(self.origin)]))
        except ValueError:
            return False  # another key signed it

    def newest(self) -> Numbered | None:
        """The checkpoint that was signed last, if any."""
        rows = self.database.rows("SELECT number, note FROM checkpoints ORDER BY 1 DESC LIMIT 1")
        return (rows[0][0], self._read(rows[0][1])) if rows else None

    def signed(self, *, after: int = 0, limit: int = 100) -> list[Numbered]:
        """At most *limit* checkpoints, oldest first, after number *after*."""
        rows = self.database.rows(
            "SELECT number, note FROM checkpoints WHERE number > %(after)s "
            "ORDER BY number LIMIT %(limit)s",
            after=after,
            limit=limit,
        )
        return self._numbered(rows)

    def signed_over(self, size: int) -> list[Numbered]:
        """The checkpoints over so many events, oldest first."""
        rows = self.database.rows(
            "SELECT number, note FROM checkpoints WHERE size = %(size)s ORDER BY number", size=size
        )
        return self._numbered(rows)

    def _numbered(self, rows: Sequence[TupleRow]) -> list[Numbered]:
        keys = self._verifiers()
        return [
            (number, Signed(Checkpoint.parse(open_note(note, keys)), note)) for number, note in rows
        ]

    def _read(self, note: str) -> Signed:
        return Signed(Checkpoint.parse(open_note(note, self._verifiers())), note)

    def _verifiers(self) -> Sequence[VerifierKey]:
        return [VerifierKey.parse(key.vkey) for key in self.listed_keys()]

    def _begins_with(self, checkpoint: Checkpoint) -> bool:
        """A tree with a hole in it begins with nothing."""
        try:
            return self.tree.root(checkpoint.size) == checkpoint.root
        except KeyError:
            return False

    # Whether the ledger is still what was signed.

    def standing(self) -> Standing:
        """How the ledger stands to the newest checkpoint outside the database. What is not sealed
        yet is not looked into."""
        try:
            outside = self.promised()
        except (ValueError, OSError):
            return Standing.UNREADABLE
        if outside is not None:
            ((size,),) = self.database.rows("SELECT size FROM head")
            if outside.size > size:
                return Standing.BEHIND
            if outside.size <= self.tree.sealed() and not self._begins_with(outside):
                return Standing.ALTERED
        return Standing.WHOLE if self._knows_keys(outside) else Standing.KEY_UNKNOWN

    def _knows_keys(self, outside: Checkpoint | None) -> bool:
        """Whether the ledger lists the key that signed the checkpoint outside, and ours last."""
        try:
            if outside is not None:
                self._read(self.outside.read_text())
        except ValueError:
            return False
        return self._has_key()

    def promised(self) -> Checkpoint | None:
        """The checkpoint outside the database, whoever signed it; None where there is none.
        ValueError or OSError where it cannot be read."""
        try:
            note = self.outside.read_text()
        except FileNotFoundError:
            return None
        return Checkpoint.parse(note.partition("\n\n")[0] + "\n")

    def forget(self, checkpoint: Checkpoint) -> None:
        """After a loss was accepted: what was promised is laid aside, beside the file."""
        self.outside.replace(self.outside.with_suffix(f".lost-{checkpoint.size}"))


def write_whole(file: Path, content: bytes) -> None:
    """It is there whole, and on the disk, or the one before it is."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".new-")
    with os.fdopen(descriptor, "wb") as new:
        new.write(content)
        new.flush()
        os.fsync(new.fileno())
    Path(name).replace(file)

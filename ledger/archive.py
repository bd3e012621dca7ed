"""A backup's file: a zip with one member a table, in PostgreSQL's COPY text, and a manifest.

Whoever hands it in may have made it with malice: nothing is unpacked to the disk, and what a member
holds is read no further than its manifest says.
"""

import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from io import BufferedWriter
from pathlib import Path
from types import TracebackType
from typing import Annotated, Literal, Self
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, NonNegativeInt, model_validator

from ledger.ground import open_file, takes

FORMAT: Literal[1] = 1
"""Of the file as a whole. What the tables look like is told by the number of the migration."""
TABLES = {
    "events": "position",
    "texts": "position, id",
    "commands": "key, actor_id",
    "head": "singleton",
    "tokens": "id",
    "identities": "provider, subject",
    "subtrees": "level, place",
    "tree": "singleton",
    "checkpoints": "number",
    "signing_keys": "number",
    "certificates": "position",
    "outbox": "position, recipient, channel",
    "webhooks": "id",
    "notice_choices": "person",
    "notices_read": "person",
}
"""The tables that a backup holds, and by what their rows are ordered."""
MADE_ANEW = frozenset(
    {"migrations", "follower", "views", "parked", "restrictions", "invitations", "sign_ins",
     "sessions", "calendars", "outbox_begins"}
)  # fmt: skip
"""The tables that it leaves out: a restore makes them, and whoever was signed in does so again. The
address of a calendar is asked for anew: an older one that was renewed must not come back. All
others are views."""
MANIFEST = "manifest.json"

_MANIFEST_BYTES = 1_000_000
_CHUNK = 256_000
_BROKEN = (
    OSError, EOFError, ValueError, RuntimeError, NotImplementedError, zlib.error, BadZipFile,
)  # fmt: skip
"""How zipfile says that a member cannot be read."""
_FOLDS = 200
"""How many times its packed size a member may have. What a ledger holds packs to a tenth."""

Name = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,52}$")]


class BackupRefused(Exception):
    """This backup cannot be put back."""


class NotABackup(BackupRefused):
    """This is not a backup from Løft, or it is not all there."""


class MadeByNewer(BackupRefused):
    """This backup was made by a newer version of Løft. Put it back with that one."""


class Damaged(BackupRefused):
    """The backup is damaged, or was altered after it was made."""

    def __init__(self, table: str) -> None:
        super().__init__(
            f"The backup is damaged, or was altered after it was made: {table} is not what its "
            "manifest says."
        )


class TooLarge(BackupRefused):
    """The file would unpack to far more than a ledger does. It is not taken in."""


class BeingWritten(Exception):
    """Another process is writing a backup to this file just now."""


Folder = Literal["", "accesses/"]
"""Where in the zip the tables of a ledger lie: those of the cases, and of the access log."""


class Member(BaseModel):
    """One table: its columns in the order in which they were copied, how many rows and bytes, and
    the SHA-256 over these bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: Folder = ""
    table: Name
    columns: tuple[Name, ...]
    rows: NonNegativeInt
    bytes: NonNegativeInt
    sha256: str

    @property
    def name(self) -> str:
        return f"{self.folder}{self.table}.copy"


class Held(BaseModel):
    """One ledger of a backup. *migration*: how many migrations it had; *size*: how many events;
    *checkpoint*: the newest signed one, as a note."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    migration: NonNegativeInt
    size: NonNegativeInt
    checkpoint: str
    members: tuple[Member, ...]

    @property
    def bytes(self) -> int:
        return sum(member.bytes for member in self.members)


class Manifest(Held):
    """What a backup holds. *ledger* is the schema, which its checkpoints name. *accesses*: the
    access log; older backups have none."""

    format: Literal[1] = FORMAT
    municipality: str | None
    ledger: Name
    made_at: AwareDatetime
    accesses: Held | None = None

    @model_validator(mode="after")
    def _each_in_its_folder(self) -> Self:
        beside = self.accesses.members if self.accesses is not None else ()
        if any(one.folder for one in self.members) or not all(one.folder for one in beside):
            raise ValueError("a table of the other ledger")
        return self

    @property
    def every_member(self) -> tuple[Member, ...]:
        return (*self.members, *(self.accesses.members if self.accesses is not None else ()))


class _Format(BaseModel):
    format: int


# Writing.


class Packing:
    """A backup on its way into a file."""

    def __init__(self, out: BufferedWriter) -> None:
        self._zip = ZipFile(out, "w", ZIP_DEFLATED)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._zip.close()

    def take(
        self, folder: Folder, table: str, columns: tuple[str, ...], lines: Iterator[bytes]
    ) -> Member:
        """Put a table in; *lines* holds its rows, each ended by a line break."""
        digest, rows, size = sha256(), 0, 0
        with self._zip.open(f"{folder}{table}.copy", "w", force_zip64=True) as member:
            for line in lines:
                member.write(line)
                digest.update(line)
                rows += line.count(b"\n")
                size += len(line)
        return Member(
            folder=folder,
            table=table,
            columns=columns,
            rows=rows,
            bytes=size,
            sha256=digest.hexdigest(),
        )

    def end(self, manifest: Manifest) -> None:
        self._zip.writestr(MANIFEST, manifest.model_dump_json(indent=1))


@contextmanager
def written(file: Path) -> Iterator[BufferedWriter]:
    """Where to write *file*, which is then there whole, on the disk and readable to its owner
    alone; or the one before it is. What a killed process has left is written over by the next."""
    new = file.with_name(f".{file.name}.new")
    with os.fdopen(open_file(new, os.O_NOFOLLOW), "wb") as out:
        if not takes(out.fileno()) or not os.path.samestat(os.fstat(out.fileno()), new.stat()):
            raise BeingWritten
        try:
            os.fchmod(out.fileno(), 0o600)
            out.truncate(0)
            yield out
            out.flush()
            os.fsync(out.fileno())
            new.replace(file)
        except BaseException:
            new.unlink(missing_ok=True)
            raise
    _sync(file.parent)


def _sync(folder: Path) -> None:
    """Or a power cut could take a new name in it back."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# Reading.


class Archive:
    """A backup's file, open for as long as the `with` block lasts. Refuses with `BackupRefused`."""

    def __init__(self, file: Path) -> None:
        try:
            self._size = file.stat().st_size
            self._zip = ZipFile(file)
        except OSError as error:
            raise BackupRefused(f"The file cannot be read: {error.strerror}.") from None
        except Exception:  # zipfile has a dozen ways to say that a file is broken
            raise NotABackup from None
        try:
            self.manifest = self._manifest()
            self._refuse_strange()
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._zip.close()

    def chunks(self, member: Member) -> Iterator[bytes]:
        """All that a member holds. Fails with `Damaged` where that is not what was put in."""
        digest = sha256()
        try:
            with self._zip.open(member.name) as opened:
                while chunk := opened.read(_CHUNK):
                    digest.update(chunk)
                    yield chunk
        except _BROKEN:
            raise Damaged(member.table) from None
        if digest.hexdigest() != member.sha256:
            raise Damaged(member.table)

    def read_through(self, held: Held) -> None:
        """Fails with `Damaged` where anything in it is not what was put in."""
        for member in held.members:
            for _ in self.chunks(member):
                pass

    def _manifest(self) -> Manifest:
        try:
            info = self._zip.getinfo(MANIFEST)
            plain = _is_plain(info) and info.file_size <= _MANIFEST_BYTES
            content = self._zip.read(info) if plain else b""
            newer = _Format.model_validate_json(content).format > FORMAT
            manifest = None if newer else Manifest.model_validate_json(content)
        except Exception:  # as above
            raise NotABackup from None
        if manifest is None:
            raise MadeByNewer
        return manifest

    def _refuse_strange(self) -> None:
        """Whatever else lies in the file, or lies there in another way than it was put in."""
        infos = {info.filename: info for info in self._zip.infolist()}
        expected = {member.name: member for member in self.manifest.every_member}
        packed = sum(info.compress_size for info in infos.values())
        if infos.keys() != {MANIFEST, *expected} or len(infos) != len(self._zip.infolist()):
            raise NotABackup
        if packed > self._size:  # members that lie over each other
            raise NotABackup
        for name, member in expected.items():
            info = infos[name]
            if not _is_plain(info) or member.table not in TABLES:
                raise NotABackup
            if info.file_size > max(_CHUNK, info.compress_size * _FOLDS):
                raise TooLarge
            if info.file_size != member.bytes:
                raise Damaged(member.table)


def _is_plain(info: ZipInfo) -> bool:
    """Packed as we pack, so that no unpacking takes more memory than a chunk does."""
    return info.compress_type in {ZIP_STORED, ZIP_DEFLATED} and not info.flag_bits & 1

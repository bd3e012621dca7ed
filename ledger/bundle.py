"""A bundle: what somebody else needs to check the ledger, or a part of it, on a machine of theirs.

What its members hold, and how they are checked: `ledger/verifier.py`.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import LiteralString
from zipfile import ZIP_DEFLATED, ZipFile

from psycopg.rows import TupleRow

from ledger import verifier
from ledger.checkpoints import Notary, Signed
from ledger.database import Connection
from ledger.recorder import ENTRY, entry
from ledger.stored import canonical, leaf

CHECKPOINTS = 1_000
"""How many of the newest checkpoints a bundle of a part holds; one of everything holds them all."""
_ROWS = 2_000
"""Rows fetched at once."""

Progress = Callable[[int, int], object]
"""Told how many events have been written, and how many there are."""


class NothingSigned(Exception):
    """There is no signed checkpoint yet, so nobody could check a bundle. Start the server once."""


class NothingInIt(Exception):
    """There is nothing that such a bundle would hold."""


class ErasedSince(Exception):
    """Words were erased after the newest checkpoint was signed, so a bundle would look as if they
    were missing. Sign a checkpoint, or try again in a moment."""


_ERASED_SINCE = "SELECT position FROM events WHERE name = 'TextErased' AND position > %s LIMIT 1"


@dataclass(frozen=True)
class Part:
    """What a bundle holds: the case with this id and number, else the events from one position to
    another, else (all None) everything. A part also holds the checkpoint of the size *kept*, for
    whoever kept that one."""

    case_id: str | None = None
    number: str | None = None
    first: int | None = None
    last: int | None = None
    kept: int | None = None

    @property
    def holds(self) -> str:
        if self.case_id is not None:
            return "case"
        return "everything" if self.first is None else "period"


def write(
    notary: Notary,
    file: Path,
    part: Part,
    *,
    words: bool = True,
    progress: Progress = lambda _written, _of: None,
) -> int:
    """Write the bundle to *file*, whole or not at all; gives how many events it holds. Without
    *words*, those that people typed are left out."""
    checkpoints = [signed for _, signed in _checkpoints(notary, part)]
    if not checkpoints:
        raise NothingSigned
    new = file.with_name(f".{file.name}.new")
    try:
        with notary.database.connection() as connection, still(connection):
            size = checkpoints[-1].checkpoint.size
            if connection.execute(_ERASED_SINCE, (size,)).fetchone():
                raise ErasedSince
            with ZipFile(new, "w", ZIP_DEFLATED) as archive:
                writer = _Writer(connection, notary, archive, part, size)
                count = writer.write(checkpoints, words, progress)
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)
    return count


def _checkpoints(notary: Notary, part: Part) -> list[tuple[int, Signed]]:
    newest, everything = notary.newest(), part.holds == "everything"
    after = 0 if newest is None or everything else max(0, newest[0] - CHECKPOINTS)
    kept = notary.signed_over(part.kept) if part.kept is not None and not everything else []
    found: list[tuple[int, Signed]] = []
    while page := notary.signed(after=found[-1][0] if found else after, limit=10_000):
        found += page
    return [one for one in kept if one[0] <= after][:1] + found


@contextmanager
def still(connection: Connection) -> Iterator[None]:
    """All that is read is of one moment, so that no text goes between its event and its words."""
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


class _Writer:
    def __init__(
        self, connection: Connection, notary: Notary, archive: ZipFile, part: Part, size: int
    ) -> None:
        self.connection = connection
        self.notary = notary
        self.archive = archive
        self.part = part
        self.size = size
        self.last = min(size, part.last) if part.last is not None else size

    def write(self, checkpoints: list[Signed], words: bool, progress: Progress) -> int:
        self._lines("bundle.json", [self._manifest(words)])
        positions = self._events(progress)
        if not positions:
            raise NothingInIt
        if self.part.holds != "everything":
            self._lines("proofs.jsonl", map(self._proof, positions))
        else:
            self._lines("hashes.jsonl", self._hashes())
        if words:
            self._lines("texts.jsonl", self._texts())
        self._lines("checkpoints.jsonl", self._notes(checkpoints))
        self._lines("keys.jsonl", self._keys())
        return len(positions)

    def _manifest(self, words: bool) -> dict[str, object]:
        span = (self.part.first, self.last) if self.part.holds == "period" else (None, None)
        return {
            "format": 1,
            "origin": self.notary.origin,
            "holds": self.part.holds,
            "case": self.part.number,
            "from": span[0],
            "to": span[1],
            "size": self.size,
            "words": words,
        }

    def _events(self, progress: Progress) -> list[int]:
        positions: list[int] = []
        with self._member("events.jsonl") as out:
            for row in self._rows("SELECT " + ENTRY + " FROM events e", "e."):
                read = entry(row)
                out.write(leaf(read)[1:].decode() + "\n")
                positions.append(read.id)
                if len(positions) % _ROWS == 0:
                    progress(len(positions), self.size)
        progress(len(positions), len(positions))
        return positions

    def _hashes(self) -> Iterator[dict[str, object]]:
        for position, digest in self._rows("SELECT e.position, e.leaf_hash FROM events e", "e."):
            yield {"leaf_hash": verifier.base64(digest), "position": position}

    def _texts(self) -> Iterator[dict[str, object]]:
        query: LiteralString = "SELECT t.id::text, t.position, t.salt, t.words FROM texts t"
        for text_id, position, salt, words in self._rows(query, "t."):
            yield {"id": text_id, "position": position, "salt": salt.hex(), "words": words}

    def _rows(self, query: LiteralString, alias: LiteralString) -> Iterator[TupleRow]:
        """The rows of this part, by position, without holding them all."""
        where: LiteralString = (
            " WHERE " + alias + "position BETWEEN %(first)s AND %(last)s "
            "AND (%(case)s::text IS NULL OR " + alias + "stream_id = %(case)s)"
            " ORDER BY " + alias + "position"
        )
        facts = {"first": self.part.first or 1, "last": self.last, "case": self.part.case_id}
        with self.connection.cursor("bundle") as cursor:
            cursor.itersize = _ROWS
            yield from cursor.execute(query + where, facts)

    def _proof(self, position: int) -> dict[str, object]:
        proof = self.notary.tree.inclusion_proof(position, self.size)
        return {"position": position, "proof": [verifier.base64(one) for one in proof]}

    def _notes(self, checkpoints: Iterable[Signed]) -> Iterator[dict[str, object]]:
        before: int | None = None
        for signed in checkpoints:
            row: dict[str, object] = {"note": signed.note}
            size = signed.checkpoint.size
            if before is not None and self.part.holds != "everything":
                proof = self.notary.tree.consistency_proof(before, size)
                row["consistency"] = [verifier.base64(one) for one in proof]
            before = size
            yield row

    def _keys(self) -> Iterator[dict[str, object]]:
        for key in self.notary.listed_keys():
            yield {"vkey": key.vkey, "introduced": key.introduced}

    def _lines(self, member: str, rows: Iterable[dict[str, object]]) -> None:
        with self._member(member) as out:
            for row in rows:
                out.write(canonical(row) + "\n")

    @contextmanager
    def _member(self, name: str) -> Iterator[TextIOWrapper]:
        with (
            self.archive.open(name, "w", force_zip64=True) as raw,
            TextIOWrapper(raw, "utf-8", newline="\n") as out,
        ):
            yield out

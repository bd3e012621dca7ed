"""Whether a bundle from a Løft ledger is complete and unaltered, checked by this one file.

    python verifier.py BUNDLE [--checkpoint FILE] [--key VKEY] [--json] [--language nb|en]

It needs Python 3.11 and `cryptography`, and nothing else of Løft. It ends with 0 if the bundle is
intact, 1 if something was altered, 2 if it cannot be checked. Read it from top to bottom: the tree,
the signatures, the bundle, the checks, the sentences.

Positions are those of the ledger, 1, 2, 3; a leaf's index in the tree is its position less one.
"""

import argparse
import json
import re
import sys
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from hashlib import sha256
from io import BufferedReader, RawIOBase, TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO, Generic, NamedTuple, Self, TypeVar, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

# ---- The tree: RFC 9162, section 2.1. A hash is 32 bytes. ----------------------------------------

EMPTY_ROOT = sha256().digest()


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf that holds *data* (2.1.1)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over two others (2.1.1)."""
    return sha256(b"\x01" + left + right).digest()


def root_from(peaks: Sequence[bytes]) -> bytes:
    """The root over the complete subtrees that a tree consists of, largest and leftmost first."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


class Frontier:
    """A tree that grows leaf by leaf and keeps only its peaks: log2(size) hashes."""

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        self.size = size
        self.peaks = list(peaks)

    def add(self, leaf: bytes) -> list[bytes]:
        """Take in a leaf's hash. The subtrees that it completes, from itself at level 0 upwards."""
        completed = [leaf]
        while self.size >> (len(completed) - 1) & 1:
            completed.append(node_hash(self.peaks.pop(), completed[-1]))
        self.peaks.append(completed[-1])
        self.size += 1
        return completed

    def root(self) -> bytes:
        return root_from(self.peaks)


def inclusion_root(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """The root that *proof* leads to from the leaf at *index* in a tree of *size* (2.1.3.2).
    ValueError if the proof is not as long as it must be."""
    if not 0 <= index < size:
        raise ValueError("no such leaf")
    root, last = leaf, size - 1
    for beside in proof:
        if last == 0:
            raise ValueError("too long")
        if index & 1 or index == last:
            root = node_hash(beside, root)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            root = node_hash(root, beside)
        index, last = index >> 1, last >> 1
    if last:
        raise ValueError("too short")
    return root


def includes(root: bytes, leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bool:
    """Whether *proof* shows that the tree of *size* with this *root* holds *leaf* at *index*."""
    try:
        return inclusion_root(leaf, index, size, proof) == root
    except ValueError:
        return False


def is_consistent(
    first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether *proof* shows that a tree of size *second* begins with one of *first* (2.1.4.2)."""
    if first == second:
        return first_root == second_root and not proof
    if first == 0:
        return first_root == EMPTY_ROOT and not proof
    path = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    if not 0 < first < second or not path:
        return False
    index, last = first - 1, second - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    old = new = path[0]
    for beside in path[1:]:
        if last == 0:
            return False
        if index & 1 or index == last:
            old, new = node_hash(beside, old), node_hash(beside, new)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            new = node_hash(new, beside)
        index, last = index >> 1, last >> 1
    return last == 0 and (old, new) == (first_root, second_root)


# ---- The signatures: c2sp.org/signed-note and c2sp.org/tlog-checkpoint. --------------------------

NOTE_BYTES = 1_000_000
"""A longer note is refused."""
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_NAME = re.compile(r"[^\s+\x00-\x1f]{1,255}")


def base64(data: bytes) -> str:
    return b64encode(data).decode()


def from_base64(text: str, length: int | None = None) -> bytes:
    """The *length* bytes that *text* writes. ValueError if it is not exactly their base64."""
    data = b64decode(text, validate=True)
    if base64(data) != text or length not in {None, len(data)}:
        raise ValueError("not base64")
    return data


@dataclass(frozen=True)
class VerifierKey:
    """An Ed25519 public key (32 bytes) and the name under which it signs."""

    name: str
    public: bytes

    @classmethod
    def parse(cls, vkey: str) -> Self:
        """From `name+key id in hex+base64(0x01 || public key)`. ValueError if it is not that."""
        name, _, rest = vkey.partition("+")
        key = cls(name, from_base64(rest.partition("+")[2], 33)[1:])
        if not _NAME.fullmatch(name) or key.vkey != vkey:
            raise ValueError("not a verifier key")
        return key

    @property
    def key_id(self) -> bytes:
        return sha256(self.name.encode() + b"\n\x01" + self.public).digest()[:4]

    @property
    def vkey(self) -> str:
        material = base64(b"\x01" + self.public)
        return f"{self.name}+{self.key_id.hex()}+{material}"

    @property
    def introduction(self) -> str:
        """What the key before it signs, so that this one may take over."""
        return f"loft key\n{self.vkey}\n"

    def signed(self, body: str, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, body.encode())
        except InvalidSignature:
            return False
        return True


def open_note(note: str, keys: Sequence[VerifierKey]) -> str:
    """The body of a note that at least one of *keys* signed. Signatures of other keys are ignored.
    ValueError if the note is ill-formed, none of *keys* signed, or a signature of theirs fails."""
    head, blank, tail = note.rpartition("\n\n")
    if not blank or not tail.endswith("\n") or _CONTROL.search(note) or len(note) > NOTE_BYTES:
        raise ValueError("not a signed note")
    known = {(key.name, key.key_id): key for key in keys}
    signers = 0
    for line in tail[:-1].split("\n"):
        dash, name, signature = line.split(" ")
        made = from_base64(signature)
        if dash != "—" or not _NAME.fullmatch(name) or len(made) <= 4:
            raise ValueError("not a signature")
        if key := known.get((name, made[:4])):
            signers += 1
            if not key.signed(head + "\n", made[4:]):
                raise ValueError("a signature that fails")
    if not signers:
        raise ValueError("signed by no known key")
    return head + "\n"


@dataclass(frozen=True)
class TreeHead:
    """How many events a ledger held, and the root over them: a checkpoint's short, printed form."""

    origin: str
    size: int
    root: bytes

    @property
    def short(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64(self.root)}\n"

    @staticmethod
    def parse_short(text: str) -> "TreeHead":
        """From three lines, with any space around each. ValueError if they are not that."""
        origin, size, root = (line.strip() for line in text.strip().split("\n"))
        head = TreeHead(origin, whole(int(size)), from_base64(root, 32))
        empty = (head.size == 0, head.root == EMPTY_ROOT)
        if not 0 < len(origin) < 256 or str(head.size) != size or len(set(empty)) == 2:
            raise ValueError("not a checkpoint")
        return head


@dataclass(frozen=True)
class Checkpoint(TreeHead):
    """A tree head and when it was signed: UTC, to the second, in one extension line."""

    signed_at: datetime

    @property
    def body(self) -> str:
        time = self.signed_at.astimezone(UTC).isoformat(timespec="seconds")
        return f"{self.short}time {time.replace('+00:00', 'Z')}\n"

    @classmethod
    def parse(cls, body: str) -> Self:
        """From a note's body. ValueError if that is not exactly a checkpoint with its time."""
        short, _, time = body.removesuffix("\n").rpartition("\n")
        head, signed_at = TreeHead.parse_short(short), moment(time.removeprefix("time "))
        checkpoint = cls(head.origin, head.size, head.root, signed_at)
        if checkpoint.body != body:
            raise ValueError("not a checkpoint")
        return checkpoint


# ---- The bundle: a zip of lines of JSON. Whoever made it may have made it with malice. -----------

LINE_BYTES = 4_000_000
"""A bundle with a longer line is refused."""
MOST = 300_000
"""A bundle with more keys, checkpoints or erasures is refused: these are held in memory."""

Json = dict[str, Any]
T = TypeVar("T")


def _refuse(number: str) -> object:
    raise ValueError(f"{number} is not a whole number")


_decode = json.JSONDecoder(parse_float=_refuse, parse_constant=_refuse).decode
_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode


def parse(line: bytes, read: Callable[[bytes, Json], T]) -> T | None:
    """What *read* makes of the object in *line*. None unless it is one, with the fields that it
    must have, and in canonical JSON (RFC 8785: without floats and with ASCII keys, it is this)."""
    try:
        row = _decode(line.decode())
        return read(line, row) if _encode(row).encode() == line else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def whole(value: Any) -> int:  # noqa: ANN401 - whatever JSON holds
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError("not a count")
    return value


def string(value: Any, longest: int = 1000) -> str:  # noqa: ANN401 - whatever JSON holds
    if type(value) is not str or len(value) > longest:
        raise ValueError("not a string")
    return value


def moment(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    if time.tzinfo is not UTC or not 1 < time.year < 9999:
        raise ValueError("not a time in UTC")
    return time


class Manifest(NamedTuple):
    """`bundle.json`: what the bundle says that it holds. Nobody signs it, so all is checked."""

    origin: str
    holds: str
    case: str
    first: int
    last: int
    size: int
    words: bool

    @classmethod
    def read(cls, _: bytes, row: Json) -> Self:
        holds, words, size = row["holds"], row["words"], whole(row["size"])
        if row["format"] != 1 or holds not in {"everything", "case", "period"}:
            raise ValueError("another format")
        case = string(row["case"]) if holds == "case" else ""
        span = (row["from"], row["to"]) if holds == "period" else (1, size)
        first, last = whole(span[0]), whole(span[1])
        if type(words) is not bool or not 1 <= first <= last <= size:
            raise ValueError("not a bundle")
        return cls(string(row["origin"]), holds, case, first, last, size, words)


class Event(NamedTuple):
    """A line of `events.jsonl`. *line* is what was hashed, *texts* the digests by text id."""

    position: int
    line: bytes
    name: str
    stream_id: str
    stream_type: str
    version: int
    occurred_at: datetime
    request: str
    data: Json
    texts: dict[str, str]

    @classmethod
    def read(cls, line: bytes, row: Json) -> Self:
        data, request = row["data"], row["correlation_id"] or row["command_id"]
        if type(data) is not dict:
            raise ValueError("no data")
        return cls(
            position=whole(row["position"]),
            line=line,
            name=string(row["name"]),
            stream_id=string(row["stream_id"]),
            stream_type=string(row["stream_type"]),
            version=whole(row["version"]),
            occurred_at=moment(row["occurred_at"]),
            request=string(request),
            data=data,
            texts=dict(texts_in(data)),
        )


def texts_in(value: object) -> Iterator[tuple[str, str]]:
    """Every `{"digest": …, "id": …}` in an event's data: it stands for words that lie elsewhere."""
    if isinstance(value, dict) and value.keys() == {"id", "digest"}:
        yield string(value["id"]), string(value["digest"])
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts_in(inner)


class Beside(NamedTuple, Generic[T]):
    """A line of another member that belongs to the event at *position*."""

    position: int
    what: T


def _words(_: bytes, row: Json) -> Beside[tuple[str, str]]:
    """`texts.jsonl`: a text's id, and the digest of the words that stand there."""
    digest = sha256(bytes.fromhex(row["salt"]) + row["words"].encode()).hexdigest()
    return Beside(whole(row["position"]), (string(row["id"]), digest))


def _proof(_: bytes, row: Json) -> Beside[list[bytes]]:
    """`proofs.jsonl`: that the newest checkpoint's tree holds the event."""
    return Beside(whole(row["position"]), [from_base64(one, 32) for one in row["proof"]])


def _kept(_: bytes, row: Json) -> Beside[bytes]:
    """`hashes.jsonl`, if there is one: the leaf hash that the ledger keeps beside the event."""
    return Beside(whole(row["position"]), from_base64(row["leaf_hash"], 32))


def _key(_: bytes, row: Json) -> tuple[VerifierKey, str]:
    """`keys.jsonl`: a key, and the note with which the key before it introduced it."""
    return VerifierKey.parse(row["vkey"]), string(row["introduced"] or "", NOTE_BYTES)


def _note(_: bytes, row: Json) -> tuple[str, list[bytes]]:
    """`checkpoints.jsonl`: a note, and the proof that it continues the one before."""
    proof = [from_base64(one, 32) for one in row.get("consistency", [])]
    return string(row["note"], NOTE_BYTES), proof


class Bundle:
    """The zip, read line by line. What is missing or broken raises a `Finding`."""

    def __init__(self, file: str | Path | BinaryIO) -> None:
        try:
            self._zip = ZipFile(file)
        except Exception:  # zipfile has a dozen ways to say that a file is broken
            raise Finding("no_bundle") from None
        self.members = self._zip.namelist()
        if len(set(self.members)) < len(self.members):
            raise Finding("no_bundle")

    def close(self) -> None:
        self._zip.close()

    def holds_nothing_but(self, manifest: Manifest) -> None:
        """What nobody checks is not to be read beside what was checked."""
        known = {"bundle.json", "events.jsonl", "checkpoints.jsonl", "keys.jsonl"}
        known |= {"hashes.jsonl" if manifest.holds == "everything" else "proofs.jsonl"}
        known |= {"texts.jsonl"} if manifest.words else set()
        for member in set(self.members) - known:
            raise Finding("unknown_member", member=member)

    def lines(self, member: str) -> Iterator[bytes]:
        lines = self._lines(member)
        while True:
            try:
                line = next(lines, b"")
            except Exception:  # as above
                raise Finding("member", member=member) from None
            if not line:
                return
            if len(line) > LINE_BYTES:
                raise Finding("large", member=member)
            yield line.removesuffix(b"\n")

    def _lines(self, member: str) -> Iterator[bytes]:
        if self._zip.getinfo(member).compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
            raise ValueError("not a compression that every machine knows")
        with self._zip.open(member) as opened, BufferedReader(cast("RawIOBase", opened)) as lines:
            while line := lines.readline(LINE_BYTES + 1):
                yield line

    def rows(self, member: str, read: Callable[[bytes, Json], T]) -> Iterator[T]:
        for number, line in enumerate(self.lines(member), 1):
            if (row := parse(line, read)) is None:
                raise Finding("line", line=number, member=member)
            yield row

    def few(self, member: str, read: Callable[[bytes, Json], T]) -> Iterator[T]:
        for number, row in enumerate(self.rows(member, read)):
            if number == MOST:
                raise Finding("large", member=member)
            yield row

    def named(self, name: str) -> Iterator[Event]:
        """The events of this name, and no look at any other. Broken lines are passed over."""
        sign = f'"name":"{name}"'.encode()
        likely = (line for line in self.lines("events.jsonl") if sign in line)
        events = (parse(line, Event.read) for line in likely)
        return (event for event in events if event and event.name == name)


class InStep(Generic[T]):
    """Lines that are read in step with the events: no more than one is held."""

    def __init__(self, rows: Iterator[Beside[T]]) -> None:
        self._rows, self._next = rows, next(rows, None)

    def upto(self, position: int) -> Iterator[Beside[T]]:
        """The lines not yet read that belong to *position* or to one before it."""
        while self._next and self._next.position <= position:
            row, self._next = self._next, next(self._rows, None)
            yield row

    def at(self, position: int, otherwise: T) -> T:
        """What belongs to *position*; the lines before it are passed over."""
        while self._next and self._next.position < position:
            self._next = next(self._rows, None)
        if self._next is None or self._next.position > position:
            return otherwise
        row, self._next = self._next, next(self._rows, None)
        return row.what


# ---- The checks. What is found is raised, by the name of its sentence below. ---------------------


class Outcome(Enum):
    """What came of a check. The value is the exit code."""

    INTACT = 0
    ALTERED = 1
    UNCHECKED = 2


class Finding(Exception):
    """What was found: the name of a sentence, the first position that it touches, and its facts."""

    def __init__(self, name: str, position: int | None = None, **facts: object) -> None:
        super().__init__(name)
        self.name, self.position, self.facts = name, position, facts

    @classmethod
    def at(cls, event: Event, name: str, **facts: object) -> Self:
        return cls(name, event.position, event=event, **facts)


class Check:
    """One check of a bundle. What is wrong with it is raised as a `Finding`."""

    def __init__(self, bundle: Bundle, given: str | None, vkey: str | None) -> None:
        """*given*: a checkpoint that somebody kept. *vkey*: the key the ledger began with."""
        self.bundle = bundle
        manifest = next(bundle.rows("bundle.json", Manifest.read), None)
        if manifest is None:
            raise Finding("member", member="bundle.json")
        self.manifest = manifest
        self.whole = self.manifest.holds == "everything"
        bundle.holds_nothing_but(self.manifest)
        self.keys = self._keys(vkey)
        self.checkpoints = self._checkpoints()
        self.newest = self.checkpoints[-1]
        self.given_text = given
        self.given = None if given is None else self._given(given)
        self.erased: set[tuple[str, str]] = set()
        self.requests: set[str] = set()
        self.absent = 0
        self.other: Event | None = None
        """An event that is signed, and has another hash beside it all the same."""
        lines = bundle.rows("texts.jsonl", _words) if self.manifest.words else iter(())
        self.words = InStep(lines)

    def _keys(self, vkey: str | None) -> list[VerifierKey]:
        keys: list[VerifierKey] = []
        for key, word in self.bundle.few("keys.jsonl", _key):
            if not keys and vkey not in {None, key.vkey}:
                raise Finding("first_key")
            if keys and not _says(word, keys[-1:], key.introduction):
                raise Finding("key", number=len(keys) + 1)
            keys.append(key)
        return keys

    def _checkpoints(self) -> list[Checkpoint]:
        found: list[Checkpoint] = []
        keys = self.keys
        for note, consistency in self.bundle.few("checkpoints.jsonl", _note):
            try:
                checkpoint = Checkpoint.parse(open_note(note, keys))
            except ValueError:
                raise Finding("checkpoint", number=len(found) + 1) from None
            while not _says(note, keys[:1], None):
                keys = keys[1:]  # a key that was replaced signs nothing more
            if found and not self._continues(found[-1], checkpoint, consistency):
                raise Finding("branch", size=checkpoint.size, signed=checkpoint.signed_at)
            found.append(checkpoint)
            self._of_this_ledger(checkpoint)
        if not found or found[-1].size != self.manifest.size:
            raise Finding("unsigned")
        return found

    def _continues(self, old: Checkpoint, new: Checkpoint, proof: list[bytes]) -> bool:
        """Where the bundle holds everything, each root is computed from the events instead."""
        if self.whole and old.size < new.size:
            return True
        return is_consistent(old.size, new.size, old.root, new.root, proof)

    def _of_this_ledger(self, head: TreeHead) -> None:
        if head.origin != self.manifest.origin:
            raise Finding("other_ledger", found=head.origin, origin=self.manifest.origin)

    def _given(self, text: str) -> TreeHead:
        try:
            lines = [line for line in text.split("\n") if line.strip()]
            head = TreeHead.parse_short("\n".join(lines[:3]))
        except ValueError:
            raise Finding("given_unreadable") from None
        self._of_this_ledger(head)
        if head.size > self.newest.size:
            raise Finding("given_newer", size=head.size, last=self.newest.size)
        return head

    def run(self) -> Finding:
        """What is said of a bundle in which nothing is wrong."""
        for event in self.bundle.named("TextErased"):
            self.erased.add((event.stream_id, str(event.data.get("text_id"))[:1000]))
            self.requests.add(event.request)
            if len(self.erased) > MOST:
                raise Finding("large", member="events.jsonl")
        count = self._whole_ledger() if self.whole else self._part()
        self._is_signed_if_it_says_so()
        for stray in self.words.upto(self.newest.size):
            raise Finding("stray", stray.position, at=stray.position)
        facts = self.manifest._asdict() | {"count": count, "signed": self.newest.signed_at}
        return Finding(self.manifest.holds, **facts)

    def _events(self) -> Iterator[Event]:
        for number, line in enumerate(self.bundle.lines("events.jsonl"), 1):
            event = parse(line, Event.read)
            if event is None:
                raise Finding("broken", number if self.whole else None, line=number)
            yield event

    def _whole_ledger(self) -> int:
        """Each event has its place, and each checkpoint the root over the events up to it."""
        walk = Walk(self)
        for event in self._events():
            if event.position != walk.tree.size + 1:
                raise misplaced(event, walk.tree.size + 1)
            if event.position > self.newest.size:
                raise Finding.at(event, "unproven")
            walk.take(event)
        if walk.tree.size < self.newest.size:
            raise _missing(walk.tree.size + 1, self.newest.size)
        self.other = walk.other
        return walk.tree.size

    def _part(self) -> int:
        """Each event is in the newest checkpoint's tree, and follows the one before it."""
        count, before = 0, None
        proofs = InStep(self.bundle.rows("proofs.jsonl", _proof))
        for event in self._events():
            self._is_proven(event, next(proofs.upto(event.position), None))
            self._follows(event, before)
            if found := self.wrong_words(event):
                raise found
            count, before = count + 1, event
        for left in proofs.upto(self.newest.size):
            raise _missing(left.position, left.position)
        if before is None:
            raise Finding("member", member="events.jsonl")
        if self.manifest.holds == "period" and before.position < self.manifest.last:
            raise _missing(before.position + 1, self.manifest.last)
        self._fits_given()
        return count

    def _is_proven(self, event: Event, proof: Beside[list[bytes]] | None) -> None:
        if proof is None:
            raise Finding.at(event, "unproven")
        if proof.position < event.position:
            raise _missing(proof.position, proof.position)
        size, root, leaf = self.newest.size, self.newest.root, leaf_hash(event.line)
        if not includes(root, leaf, event.position - 1, size, proof.what):
            raise Finding.at(event, "event")

    def _follows(self, event: Event, before: Event | None) -> None:
        """A period has every position, a case every version from the raising on."""
        m = self.manifest
        if m.holds == "period":
            expected = before.position + 1 if before else m.first
            if event.position != expected:
                raise misplaced(event, expected)
            return
        same = event.stream_id == before.stream_id if before else event.data.get("number") == m.case
        if not same:
            raise Finding.at(event, "elsewhere", case=m.case)
        expected = before.version + 1 if before else 1
        if event.version != expected:
            raise Finding.at(event, "skipped", version=event.version, expected=expected)

    def _fits_given(self) -> None:
        if self.given is None:
            return
        same = [one for one in self.checkpoints if one.size == self.given.size]
        if not same:
            raise Finding("given_unknown", size=self.given.size)
        if same[0].root != self.given.root:
            raise Finding("given", 1, size=self.given.size)

    def _is_signed_if_it_says_so(self) -> None:
        note = (self.given_text or "").replace("\r\n", "\n").strip() + "\n"
        if "\n— " in note and not _says(note, self.keys, None):
            raise Finding("given_unsigned")

    def wrong_words(self, event: Event) -> Finding | None:
        """What is wrong with the words that stand beside an event, and with those that do not."""
        if not self.manifest.words:
            return None
        digests = dict(event.texts)
        for position, (text_id, digest) in self.words.upto(event.position):
            if position < event.position or text_id not in digests:
                return Finding("stray", position, at=position)
            if digests.pop(text_id) != digest:
                return Finding.at(event, "words")
            if (event.stream_id, text_id) in self.erased:
                return Finding.at(event, "undead")
        gone = [one for one in digests if (event.stream_id, one) not in self.erased]
        if gone and self.manifest.holds != "period":
            return Finding.at(event, "gone")
        self.absent += len(gone)
        return None


class Walk:
    """All events, one after the other, held against the checkpoints as they are passed."""

    def __init__(self, check: Check) -> None:
        self.check, self.tree, self.kept, self.sound = check, Frontier(), Frontier(), 0
        given = [] if check.given is None else [check.given]
        self.heads = deque(sorted([*check.checkpoints, *given], key=lambda head: head.size))
        has = "hashes.jsonl" in check.bundle.members
        self.hashes = InStep(check.bundle.rows("hashes.jsonl", _kept) if has else iter(()))
        self.other: Event | None = None
        """The first event since the last checkpoint that is not what its kept hash says."""
        self.wrong: Finding | None = None
        """The first wrong words since the last checkpoint. An altered event comes before them."""
        self._compare()

    def take(self, event: Event) -> None:
        leaf = leaf_hash(event.line)
        kept = self.hashes.at(event.position, leaf)
        if kept != leaf and not self.other:
            self.other, self.kept = event, Frontier(self.tree.size, self.tree.peaks)
        if self.other:
            self.kept.add(kept)
        self.tree.add(leaf)
        self.wrong = self.wrong or self.check.wrong_words(event)
        self._compare(event)

    def _compare(self, event: Event | None = None) -> None:
        while self.heads and self.heads[0].size == self.tree.size:
            head = self.heads.popleft()
            if head.root != self.tree.root():
                raise self._altered(head, event)
            self.sound = head.size
            if self.wrong:
                raise self.wrong

    def _altered(self, head: TreeHead, event: Event | None) -> Finding:
        """Where it is, as exactly as can be known: kept hashes tell, if the root is theirs."""
        if not isinstance(head, Checkpoint):
            return Finding("given", 1, size=head.size)
        if self.other and self.kept.root() == head.root:
            return Finding.at(self.other, "event")
        if event and event.position == self.sound + 1:
            return Finding.at(event, "event")
        first, last, signed = self.sound + 1, head.size, head.signed_at
        return Finding("among", first, first=first, last=last, signed=signed)


def _says(note: str, keys: Sequence[VerifierKey], body: str | None) -> bool:
    """Whether one of *keys* signed *note*, and it says *body* (or anything, if that is None)."""
    try:
        said = open_note(note, keys)
    except ValueError:
        return False
    return body in {None, said}


def misplaced(event: Event, expected: int) -> Finding:
    return Finding("misplaced", expected, event=event, expected=expected)


def _missing(first: int, last: int) -> Finding:
    return Finding("missing" if first == last else "missing_some", first, first=first, last=last)


# ---- The sentences: of each finding its outcome, and how it is said in Norwegian and English. ----

# fmt: off
INTACT = {
    "everything": ("Komplett og uendret fra hendelse 1 til {last}, som signert {signed}{rest}.",
        "Complete and unaltered from event 1 to {last} as signed on {signed}{rest}."),
    "case": ("Sak {case} er uendret fra sin hendelse 1 til {count}, som signert {signed}{rest}.",
        "Case {case} is unaltered from its event 1 to {count} as signed on {signed}{rest}."),
    "period": ("Komplett og uendret fra hendelse {first} til {last}, som signert {signed}{rest}.",
        "Complete and unaltered from event {first} to {last} as signed on {signed}{rest}."),
}
ALTERED = {
    "event": ("Hendelse {event} er endret etter at den ble signert.",
        "Event {event} was altered after it was signed."),
    "among": ("Noe blant hendelse {first} til {last} er endret etter at det ble signert {signed}.",
        "Something among events {first} to {last} was altered after signing on {signed}."),
    "broken": ("Linje {line} i events.jsonl er endret: slik skriver ikke journalen en hendelse.",
        "Line {line} of events.jsonl was altered: the ledger writes no event so."),
    "misplaced": ("Hendelse {expected} mangler på sin plass: der står hendelse {event}.",
        "Event {expected} is missing from its place: event {event} stands there."),
    "missing": ("Hendelse {first} mangler.",
        "Event {first} is missing."),
    "missing_some": ("Hendelse {first} til {last} mangler.",
        "Events {first} to {last} are missing."),
    "unproven": ("Ingenting viser at hendelse {event} noen gang er signert.",
        "Nothing shows that event {event} was ever signed."),
    "elsewhere": ("Hendelse {event} hører ikke hjemme i sak {case}.",
        "Event {event} does not belong to case {case}."),
    "skipped": ("Hendelse {event} er nummer {version} i sin sak, der {expected} skulle stått.",
        "Event {event} is number {version} of its case, where number {expected} should stand."),
    "words": ("Ordene i hendelse {event} er endret etter at de ble signert.",
        "The words of event {event} were altered after they were signed."),
    "gone": ("Ord i hendelse {event} mangler uten at de er slettet etter krav.",
        "Words of event {event} are missing without an erasure."),
    "undead": ("Ord i hendelse {event} er slettet etter krav, men står her likevel.",
        "Words of event {event} were erased, and yet they are here."),
    "stray": ("Det er lagt til ord som ikke hører til hendelse {at} eller noen annen.",
        "Words were added that do not belong to event {at} or any other."),
    "unknown_member": ("Pakken holder {member}, som ingen pakke har, og som ikke kontrolleres.",
        "The bundle holds {member}, which no bundle has, and which is not checked."),
    "key": ("Nøkkel nummer {number} er byttet ut: nøkkelen før den går ikke god for den.",
        "Key number {number} was replaced: the key before it does not vouch for it."),
    "first_key": ("Journalen begynner med en annen nøkkel enn den oppgitte.",
        "The ledger begins with another key than the given one."),
    "checkpoint": ("Sjekkpunkt nummer {number} er endret eller ikke signert med journalens nøkkel.",
        "Checkpoint number {number} was altered, or not signed with the ledger's key."),
    "branch": ("Sjekkpunktet på {size} hendelser fra {signed} bygger ikke videre på det før seg.",
        "The checkpoint of {size} events from {signed} does not continue the one before it."),
    "given": ("Noe blant hendelse 1 til {size} er endret siden det oppgitte sjekkpunktet.",
        "Something among events 1 to {size} was altered since the given checkpoint."),
}
UNCHECKED = {
    "no_bundle": ("Dette er ikke en pakke fra Løft, eller den kan ikke leses.",
        "This is no bundle from Løft, or it cannot be read."),
    "member": ("Pakken mangler {member}, eller den kan ikke leses.",
        "The bundle has no {member}, or it cannot be read."),
    "line": ("Linje {line} i {member} kan ikke leses.",
        "Line {line} of {member} cannot be read."),
    "large": ("{member} er større enn det som kan kontrolleres.",
        "{member} is larger than what can be checked."),
    "unsigned": ("Pakken har ikke det sjekkpunktet som den sier at den slutter med.",
        "The bundle does not have the checkpoint that it says it ends with."),
    "other_ledger": ("Et sjekkpunkt hører til {found}, ikke til {origin}.",
        "A checkpoint belongs to {found}, not to {origin}."),
    "given_unreadable": ("Det oppgitte sjekkpunktet kan ikke leses.",
        "The given checkpoint cannot be read."),
    "given_unsigned": ("Det oppgitte sjekkpunktet er ikke signert med journalens nøkkel.",
        "The given checkpoint is not signed with the ledger's key."),
    "given_newer": ("Det oppgitte sjekkpunktet har {size} hendelser; pakken slutter ved {last}.",
        "The given checkpoint has {size} events, but the bundle ends at {last}."),
    "given_unknown": ("Pakken har ikke noe sjekkpunkt på {size} hendelser som det oppgitte.",
        "The bundle has no checkpoint of {size} events, as the given one is."),
}
RESTS = {
    "erased": ("; {texts} er slettet etter {requests}", "; {texts} erased under {requests}"),
    "absent": ("; {texts} er ikke med i pakken", "; {texts} not in the bundle"),
    "wordless": ("; ordene er ikke med i pakken", "; the words are not in the bundle"),
    "given": ("; det oppgitte sjekkpunktet stemmer", "; the given checkpoint fits"),
}
NOUNS = {"texts": (("tekst", "tekster"), ("text", "texts")),
         "requests": (("krav", "krav"), ("request", "requests"))}
CASE = ("sak", "case")
LANGUAGES = ("nb", "en")
MONTHS = (("januar", "februar", "mars", "april", "mai", "juni", "juli", "august", "september",
           "oktober", "november", "desember"),
          ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December"))
# fmt: on
TABLES = {Outcome.INTACT: INTACT, Outcome.ALTERED: ALTERED, Outcome.UNCHECKED: UNCHECKED}


class Teller:
    """Tells a finding in a language."""

    def __init__(self, bundle: Bundle | None, language: str) -> None:
        self.bundle, self.language = bundle, LANGUAGES.index(language)

    def sentence(self, finding: Finding, rest: str = "") -> str:
        table = INTACT | ALTERED | UNCHECKED
        facts = {name: self._fact(fact) for name, fact in finding.facts.items()}
        return table[finding.name][self.language].format(**facts, rest=rest)

    def rest(self, check: Check) -> str:
        """What is said beside it of a bundle that is intact."""
        erased = {"texts": len(check.erased), "requests": len(check.requests)}
        parts = {
            "erased": erased if check.erased else None,
            "absent": {"texts": check.absent} if check.absent else None,
            "wordless": None if check.manifest.words else {},
            "given": None if check.given is None else {},
        }
        return "".join(self._part(*part) for part in parts.items())

    def _part(self, name: str, counts: dict[str, int] | None) -> str:
        if counts is None:
            return ""
        nouns = {what: NOUNS[what][self.language][n != 1] for what, n in counts.items()}
        told = {what: f"{self._fact(n)} {nouns[what]}" for what, n in counts.items()}
        return RESTS[name][self.language].format(**told)

    def _fact(self, fact: object) -> str:
        if isinstance(fact, Event):
            when = self._date(fact.occurred_at, str(fact.data.get("precision")))
            return f"{self._fact(fact.position)} ({self._life(fact)}, {when})"
        if isinstance(fact, datetime):
            return self._date(fact)
        if type(fact) is int:
            return f"{fact:,}".replace(",", ("\N{NO-BREAK SPACE}", ",")[self.language])
        return "".join(c for c in str(fact) if c.isprintable())[:80]

    def _life(self, event: Event) -> str:
        """A case by its number, if its raising is in the bundle; else by its name in the ledger."""
        if event.stream_type != "case":
            return self._fact(event.stream_id)
        try:
            raised = self.bundle.named("CaseRaised") if self.bundle else iter(())
            same = (one.data.get("number") for one in raised if one.stream_id == event.stream_id)
            number = next(same, None)
        except Finding:
            number = None
        return f"{CASE[self.language]} {self._fact(number or event.stream_id)}"

    def _date(self, moment: datetime, precision: str = "day") -> str:
        day = oslo(moment)
        month = MONTHS[self.language][day.month - 1]
        if precision in {"month", "year"}:
            return f"{month} {day.year}" if precision == "month" else f"{day.year}"
        return f"{day.day}{('.', '')[self.language]} {month} {day.year}"


def oslo(moment: datetime) -> datetime:
    """In Norwegian time, by the rule since 1996: summer time from the last Sunday of March to the
    last of October, 01:00 UTC. (Python's own tables of zones are not on every machine.)"""

    def turn(month: int) -> datetime:
        last = datetime(moment.year, month, 31, 1, tzinfo=UTC)
        return last - timedelta(days=last.isoweekday() % 7)

    return moment + timedelta(hours=2 if turn(3) <= moment < turn(10) else 1)


# ---- The verdict, and the command line. ----------------------------------------------------------


@dataclass(frozen=True)
class Verdict:
    """*size*: of the newest checkpoint, 0 if none was read. *position*: the first event that is
    touched, if it is known. *what*: one sentence."""

    outcome: Outcome
    size: int
    position: int | None
    what: str

    @property
    def ok(self) -> bool:
        return self.outcome is Outcome.INTACT


def verify(
    file: str | Path | BinaryIO,
    *,
    checkpoint: str | None = None,
    vkey: str | None = None,
    language: str = "nb",
) -> Verdict:
    """The verdict on the bundle in *file*. *checkpoint*: a note or a short form that somebody kept.
    *vkey*: the verifier key that the ledger is known to have begun with. Without either, a ledger
    rewritten from its first event and signed anew with another key looks whole."""
    try:
        bundle = Bundle(file)
    except Finding as finding:
        return _verdict(finding, Teller(None, language))
    with closing(bundle):
        teller, size, rest = Teller(bundle, language), 0, ""
        try:
            check = Check(bundle, checkpoint, vkey)
            size = check.newest.size
            found = check.run()
            rest = teller.rest(check)
        except Finding as finding:
            found = finding.with_traceback(None)  # it would hold on to what was being read
        return _verdict(found, teller, size, rest)


def _verdict(finding: Finding, teller: Teller, size: int = 0, rest: str = "") -> Verdict:
    (outcome,) = (one for one, table in TABLES.items() if finding.name in table)
    return Verdict(outcome, size, finding.position, teller.sentence(finding, rest))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Is this bundle complete and unaltered?")
    parser.add_argument("bundle", type=Path, help="the zip")
    parser.add_argument("--checkpoint", type=Path, help="a file with a checkpoint from the minutes")
    parser.add_argument("--key", help="the verifier key that the ledger began with")
    parser.add_argument("--json", action="store_true", help="the verdict as JSON")
    parser.add_argument("--language", choices=LANGUAGES, default="nb")
    asked = parser.parse_args(arguments)
    try:
        kept = asked.checkpoint.read_bytes().decode("utf-8-sig") if asked.checkpoint else None
    except (OSError, ValueError):
        kept = ""
    verdict = verify(asked.bundle, checkpoint=kept, vkey=asked.key, language=asked.language)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a console that cannot write a letter says ?
    fields = {"ok": verdict.ok, "outcome": verdict.outcome.name.lower(), "size": verdict.size}
    fields |= {"position": verdict.position, "what": verdict.what}
    print(json.dumps(fields) if asked.json else verdict.what)  # noqa: T201 - what it is for
    return verdict.outcome.value


if __name__ == "__main__":
    sys.exit(main())

"""Bundles for the tests of the verifier, made without a ledger: a dict of lines, and its zip."""

import json
import zipfile
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from uuid import UUID

from ledger import merkle
from ledger.signing import SigningKey
from ledger.verifier import EMPTY_ROOT, Frontier, base64, leaf_hash

ORIGIN = "loft/baerum"
KEY = SigningKey.from_seed(bytes(range(32)))
NEXT_KEY = SigningKey.from_seed(bytes(range(1, 33)))
STRANGER = SigningKey.from_seed(bytes(range(2, 34)))
START = datetime(2016, 11, 1, 9, 0, tzinfo=UTC)
Lines = dict[str, list[str]]


def line(row: object) -> str:
    return json.dumps(row, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


class Book:
    """A small ledger: its events and texts as rows, and its tree."""

    def __init__(self) -> None:
        self.events: list[dict] = []
        self.texts: list[dict] = []
        self.erased: set[str] = set()

    def happens(self, stream: str, name: str, *words: str, **data: object) -> int:
        """Append an event, with a text for each of *words*. Its position."""
        position = len(self.events) + 1
        version = 1 + sum(event["stream_id"] == stream for event in self.events)
        texts = [self._text(position, n, one) for n, one in enumerate(words)]
        at = (START + timedelta(hours=6 * position)).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
        self.events.append({
            "actor": {"id": "token-1", "organ": "gruppen", "role": "coordinator"},
            "causation_id": None,
            "command_id": str(UUID(int=position)),
            "correlation_id": None,
            "data": {"precision": "day", "texts": texts, **data},
            "name": name,
            "occurred_at": at,
            "position": position,
            "recorded_at": at,
            "schema_version": 1,
            "stream_id": stream,
            "stream_type": "case" if stream.startswith("c") else "organ",
            "version": version,
        })  # fmt: skip
        return position

    def _text(self, position: int, n: int, words: str) -> dict:
        salt = sha256(f"{position} {n}".encode()).digest()
        text_id = str(UUID(int=position * 1000 + n))
        self.texts.append({"id": text_id, "position": position, "salt": salt.hex(), "words": words})
        return {"digest": sha256(salt + words.encode()).hexdigest(), "id": text_id}

    def erases(self, position: int) -> None:
        """Append the erasure of the first text of the event at *position*."""
        event = self.events[position - 1]
        text_id = event["data"]["texts"][0]["id"]
        self.happens(event["stream_id"], "TextErased", "fordi", text_id=text_id)
        self.erased.add(text_id)

    def leaves(self) -> list[bytes]:
        return [leaf_hash(line(event).encode()) for event in self.events]

    def nodes(self) -> dict[merkle.Subtree, bytes]:
        leaves = self.leaves()
        whole = {merkle.Subtree(0, n): leaf for n, leaf in enumerate(leaves)}
        return whole | dict(merkle.completed(0, [], leaves))

    def root(self, size: int) -> bytes:
        tree = Frontier()
        for leaf in self.leaves()[:size]:
            tree.add(leaf)
        return tree.root() if size else EMPTY_ROOT

    def note(self, size: int, key: SigningKey = KEY) -> str:
        signed_at = START + timedelta(hours=6 * size, minutes=1)
        return key.checkpoint_note(ORIGIN, size, self.root(size), signed_at)

    def text_lines(self, first: int = 1, last: int | None = None, stream: str = "") -> list[str]:
        streams = {event["position"]: event["stream_id"] for event in self.events}
        return [
            line(text)
            for text in self.texts
            if text["id"] not in self.erased
            and first <= text["position"] <= (last or len(self.events))
            and stream in {"", streams[text["position"]]}
        ]

    def everything(self, *sizes: int, hashes: bool = False, key: SigningKey = KEY) -> Lines:
        size = len(self.events)
        lines = {
            "bundle.json": [line(manifest(size))],
            "events.jsonl": [line(event) for event in self.events],
            "texts.jsonl": self.text_lines(),
            "checkpoints.jsonl": [line({"note": self.note(n, key)}) for n in (*sizes, size)],
            "keys.jsonl": [line({"introduced": None, "vkey": key.vkey(ORIGIN)})],
        }
        if hashes:
            lines["hashes.jsonl"] = [
                line({"leaf_hash": base64(leaf), "position": n})
                for n, leaf in enumerate(self.leaves(), 1)
            ]
        return lines

    def case(self, stream: str, *sizes: int) -> Lines:
        positions = [e["position"] for e in self.events if e["stream_id"] == stream]
        number = self.events[positions[0] - 1]["data"]["number"]
        about = manifest(len(self.events)) | {"holds": "case", "case": number}
        texts = self.text_lines(stream=stream)
        return self._part(about, positions, texts, sizes)

    def period(self, first: int, last: int, *sizes: int) -> Lines:
        about = manifest(len(self.events)) | {"holds": "period", "from": first, "to": last}
        texts = self.text_lines(first, last)
        return self._part(about, list(range(first, last + 1)), texts, sizes)

    def _part(self, about: dict, positions: list[int], texts: list[str], sizes) -> Lines:
        size, nodes = len(self.events), self.nodes()

        def proof(made: merkle.Proof) -> list[str]:
            return [base64(one) for one in made.assemble(nodes)]

        notes, before = [], 0
        for n in (*sizes, size):
            row = {"note": self.note(n)}
            if before:
                row["consistency"] = proof(merkle.consistency(before, n))
            notes.append(line(row))
            before = n
        return {
            "bundle.json": [line(about)],
            "events.jsonl": [line(self.events[p - 1]) for p in positions],
            "proofs.jsonl": [
                line({"position": p, "proof": proof(merkle.inclusion(p - 1, size))})
                for p in positions
            ],
            "texts.jsonl": texts,
            "checkpoints.jsonl": notes,
            "keys.jsonl": [line({"introduced": None, "vkey": KEY.vkey(ORIGIN)})],
        }


def manifest(size: int) -> dict:
    return {
        "case": None, "format": 1, "from": None, "holds": "everything", "origin": ORIGIN,
        "size": size, "to": None, "words": True,
    }  # fmt: skip


def book() -> Book:
    """Twelve events of two cases and an organ; one text is erased."""
    made = Book()
    made.happens("organ:g", "OrganConstituted", "Gruppen")
    made.happens("c1", "CaseRaised", "Uro på stasjonen", number="2016-0001")
    made.happens("c2", "CaseRaised", "Rus i parken", number="2016-0002")
    made.happens("c1", "CaseDiscussed", "Snakket", "Vedtatt")
    made.happens("c2", "ProgressNoted", "Navnet på en gutt")
    made.happens("c1", "CaseEscalated", "Får det ikke til")
    made.happens("c2", "ProgressNoted", "Bedre nå")
    made.happens("c1", "CaseAssigned", "Rydd opp", n=1)
    made.erases(5)
    made.happens("c2", "ProgressNoted", "Enda bedre")
    made.happens("c1", "AssignmentCompleted", "Ryddet", n=1)
    made.happens("c2", "CaseClosed")
    return made


def zipped(lines: Lines, compression: int = zipfile.ZIP_DEFLATED) -> BytesIO:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for member, rows in lines.items():
            archive.writestr(member, "".join(f"{row}\n" for row in rows))
    file.seek(0)
    return file

"""The check of a living ledger, where it lies: the same as that of a bundle, on the tables."""

from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice, tee
from typing import Any, LiteralString

import orjson
from psycopg.rows import TupleRow

from ledger import verifier
from ledger.checkpoints import Notary
from ledger.database import Connection
from ledger.stored import canonical
from ledger.texts import is_text
from ledger.verifier import (
    TABLES,
    Beside,
    Bundle,
    Check,
    Checkpoint,
    Event,
    Finding,
    Manifest,
    Outcome,
    Teller,
    Verdict,
    VerifierKey,
    leaf_hash,
    open_note,
)

Progress = Callable[[int, int], object]
"""Told how many events have been looked at, and how many there are."""

_ROWS = 5_000
"""Rows fetched at once."""
_TIME: LiteralString = '\'BCYYYY-MM-DD"T"HH24:MI:SS.US"Z"\''
_EVENTS: LiteralString = (
    "SELECT position, leaf_hash, actor::text, causation_id::text, command_id::text, "
    "correlation_id::text, data::text, name, to_char(occurred_at AT TIME ZONE 'UTC', "
    + _TIME
    + "), to_char(recorded_at AT TIME ZONE 'UTC', "
    + _TIME
    + "), schema_version, stream_id, stream_type, version FROM events "
)
"""Times and JSON as text: whatever stands there can be read and held against its hash."""
_TEXTS: LiteralString = (
    "SELECT t.position, t.id::text, t.salt, t.words, e.stream_id = t.stream_id "
    "FROM texts t LEFT JOIN events e ON e.position = t.position ORDER BY t.position"
)
_CROOKED: LiteralString = """
    SELECT (s.place << s.level) + 1 FROM subtrees s
    WHERE s.hash IS DISTINCT FROM CASE s.level WHEN 1 THEN sha256('\\x01'
            || (SELECT l.leaf_hash FROM events l WHERE l.position = s.place * 2 + 1)
            || (SELECT r.leaf_hash FROM events r WHERE r.position = s.place * 2 + 2))
        ELSE sha256('\\x01'
            || (SELECT l.hash FROM subtrees l WHERE l.level = s.level - 1 AND l.place = s.place * 2)
            || (SELECT r.hash FROM subtrees r
                WHERE r.level = s.level - 1 AND r.place = s.place * 2 + 1)) END
    ORDER BY s.level, s.place LIMIT 1
"""
"""The first event under the lowest subtree that is not made of what stands below it."""
_HOLES: LiteralString = """
    SELECT 1 + least((coalesce(s.kept, 0) << l.level), h.size)
    FROM tree t CROSS JOIN head h CROSS JOIN generate_series(1, 40) AS l (level)
    LEFT JOIN (SELECT level, count(*) AS kept FROM subtrees GROUP BY level) s ON s.level = l.level
    WHERE coalesce(s.kept, 0) <> t.size >> l.level OR t.size > h.size
    ORDER BY l.level LIMIT 1
"""
"""The first event over which there are fewer or more subtrees than in a tree of its size."""

_SENTENCES = {
    "unreadable": (
        "Sjekkpunktet som er lagret utenfor databasen kan ikke leses.",
        "The checkpoint that is kept outside the database cannot be read.",
    ),
    "nothing_signed": (
        "Ingenting er signert ennå, så ingenting kan kontrolleres. Start tjeneren én gang.",
        "Nothing is signed yet, so nothing can be checked. Start the server once.",
    ),
    "tree": (
        "Treet som bevisene lages av stemmer ikke med hendelsene fra {first} av.",
        "The tree that proofs are made of does not agree with the events from {first} on.",
    ),
    "hash": (
        "Avtrykket som journalen har ved siden av hendelse {event} er endret.",
        "The hash that the ledger keeps beside event {event} was altered.",
    ),
    "counter": (
        "Telleren sier {size} hendelser, men journalen slutter ved {last}.",
        "The counter says {size} events, but the ledger ends at {last}.",
    ),
}
_TAIL = (
    "; de siste {count} er ikke signert ennå, og stemmer med sine avtrykk",
    "; the last {count} are not signed yet, and agree with their hashes",
)


class Live(Bundle):
    """What a bundle would hold, read from the tables as it is asked for."""

    members = ("hashes.jsonl",)  # type: ignore[assignment]  # all that `Walk` asks about

    def __init__(
        self,
        connection: Connection,
        notary: Notary,
        progress: Progress,
        outside: Checkpoint | None = None,
    ) -> None:
        """*outside*: what was promised outside the database, read before anything in it was, so
        that all of it must be there."""
        self.connection = connection
        self.notary = notary
        self.outside = outside
        row = connection.execute("SELECT size FROM head").fetchone()
        assert row is not None  # noqa: S101 - the migration made the row
        self.size = int(row[0])
        rows = self._watched(self._rows("events", _EVENTS + "ORDER BY position"), progress)
        self.events, self._hashes = tee(rows)

    def rows(self, member: str, _read: object) -> Iterator[Any]:
        match member:
            case "keys.jsonl":
                for key in self.notary.listed_keys():
                    yield VerifierKey.parse(key.vkey), key.introduced or ""
            case "checkpoints.jsonl":
                rows = self.connection.execute("SELECT note FROM checkpoints ORDER BY number")
                yield from ((note, []) for (note,) in rows)
            case "hashes.jsonl":
                yield from (Beside(row[0], row[1]) for row in self._hashes)
            case "texts.jsonl":
                for position, text_id, salt, words, at_home in self._rows("texts", _TEXTS):
                    digest = sha256(salt + words.encode()).hexdigest() if at_home else ""
                    yield Beside(position, (text_id, digest))
            case _:
                yield Manifest(self.notary.origin, "everything", "", 1, self.size, self.size, True)

    def holds_nothing_but(self, manifest: Manifest) -> None:
        """Tables that are not checked are not in the way."""

    def few(self, member: str, read: object) -> Iterator[Any]:
        return self.rows(member, read)

    def named(self, name: str) -> Iterator[Event]:
        query: LiteralString = _EVENTS + "WHERE name = %s ORDER BY position"
        for row in self.connection.execute(query, (name,)):
            yield event(row)

    def crooked(self) -> int | None:
        """The first event whose place in the kept tree is not what it should be."""
        for query in (_CROOKED, _HOLES):
            if row := self.connection.execute(query).fetchone():
                return int(row[0])
        return None

    def _rows(self, name: str, query: LiteralString) -> Iterator[TupleRow]:
        with self.connection.cursor(name) as cursor:
            cursor.execute(query)
            while rows := cursor.fetchmany(_ROWS):
                yield from rows

    def _watched(self, rows: Iterator[TupleRow], progress: Progress) -> Iterator[TupleRow]:
        for number, row in enumerate(rows, 1):
            if number % _ROWS == 0:
                progress(number, self.size)
            yield row
        progress(self.size, self.size)


class LiveCheck(Check):
    """Beside what is checked of a bundle: the checkpoint outside the database, the events that are
    not signed yet, the counter, and the tree that proofs are made of."""

    bundle: Live
    listed: Collection[tuple[str, str]] = ()
    """What the list outside the database says was erased: streams and texts."""

    def _checkpoints(self) -> list[Checkpoint]:
        size, outside = self._signed_size(), self.bundle.outside
        if size is None and outside is None:
            raise Finding("nothing_signed")
        self.manifest = self.manifest._replace(size=size or 0)
        found = super()._checkpoints() if size is not None else []
        if outside is not None and outside not in found:
            self._is_genuine(len(found) + 1)
            found = sorted([*found, outside], key=lambda one: one.size)
        self.manifest = self.manifest._replace(size=found[-1].size, last=found[-1].size)
        return found

    def _signed_size(self) -> int | None:
        row = self.bundle.connection.execute(
            "SELECT size FROM checkpoints ORDER BY number DESC LIMIT 1"
        ).fetchone()
        return int(row[0]) if row else None

    def _is_genuine(self, number: int) -> None:
        """What is outside may be newer by now, which is as good."""
        try:
            open_note(self.bundle.notary.outside.read_text(), self.keys)
        except (ValueError, OSError):
            raise Finding("checkpoint", number=number) from None

    def run(self) -> Finding:
        if self.newest.size > self.bundle.size:
            # The events that say so are among those that are missing, which is what is told then.
            self.erased.update(self.listed)
        try:
            found = super().run()
        except Finding as finding:
            raise self._narrowed(finding) from None
        if self.other:
            raise Finding.at(self.other, "hash")
        if (first := self.bundle.crooked()) is not None:
            raise Finding("tree", first, first=first)
        return found

    def _beside(self, first: int, name: str) -> Finding | None:
        """That one of two events is not what the hash beside it says, by the *name* of it."""
        query: LiteralString = _EVENTS + "WHERE position BETWEEN %s AND %s ORDER BY position"
        for row in self.bundle.connection.execute(query, (first, first + 1)):
            if leaf_hash((one := event(row)).line) != row[1]:
                return Finding.at(one, name)
        return None

    def _events(self) -> Iterator[Event]:
        return (event(row) for row in islice(self.bundle.events, self.newest.size))

    def _whole_ledger(self) -> int:
        count = super()._whole_ledger()
        self.unsigned = 0
        for row in self.bundle.events:
            one = event(row)
            if one.position != count + 1:
                raise verifier.misplaced(one, count + 1)
            if leaf_hash(one.line) != row[1]:
                raise Finding.at(one, "event")
            if found := self.wrong_words(one):
                raise found
            count, self.unsigned = count + 1, self.unsigned + 1
        if count != self.bundle.size:
            raise Finding("counter", count + 1, size=self.bundle.size, last=count)
        return count

    def _narrowed(self, finding: Finding) -> Finding:
        """Whoever has changed an event and its hash may have left the tree above it as it was."""
        first = self.bundle.crooked() if finding.name == "among" else None
        if first is None:
            return finding
        return self._beside(first, "event") or Finding(
            "among", first, **finding.facts | {"first": first, "last": first + 1}
        )


class LiveTeller(Teller):
    def sentence(self, finding: Finding, rest: str = "") -> str:
        if finding.name not in _SENTENCES:
            return super().sentence(finding, rest)
        facts = {name: self._fact(fact) for name, fact in finding.facts.items()}
        return _SENTENCES[finding.name][self.language].format(**facts)

    def rest(self, check: Check) -> str:
        said = super().rest(check)
        assert isinstance(check, LiveCheck)  # noqa: S101 - it tells of nothing else
        if check.unsigned:
            said += _TAIL[self.language].format(count=self._fact(check.unsigned))
        return said


def verify(
    notary: Notary,
    *,
    checkpoint: str | None = None,
    vkey: str | None = None,
    language: str = "nb",
    progress: Progress = lambda _looked, _of: None,
    erased: Collection[tuple[str, str]] = (),
) -> Verdict:
    """The verdict on the ledger as it stands, read once through in constant memory. *checkpoint*:
    a note or a short form that somebody kept. *vkey*: the key that it is known to have begun with.
    *erased*: streams and texts of which it is known elsewhere that they were erased; they are only
    asked for where the ledger's end is missing."""
    try:
        outside = notary.promised()
    except (ValueError, OSError):
        return _verdict(Finding("unreadable"), LiveTeller(None, language))
    with notary.database.connection() as connection, connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        live = Live(connection, notary, progress, outside)
        teller, size, rest = LiveTeller(live, language), 0, ""
        try:
            check = LiveCheck(live, checkpoint, vkey)
            check.listed = erased
            size = check.newest.size
            found = check.run()
            rest = teller.rest(check)
        except Finding as finding:
            found = finding
        return _verdict(found, teller, size, rest)


def _verdict(finding: Finding, teller: Teller, size: int = 0, rest: str = "") -> Verdict:
    sentence = teller.sentence(finding, rest)
    return Verdict(_outcome(finding), size, finding.position, sentence)


def _outcome(finding: Finding) -> Outcome:
    if finding.name in {"hash", "tree", "counter"}:
        return Outcome.ALTERED
    if finding.name in {"nothing_signed", "unreadable"}:
        return Outcome.UNCHECKED
    (outcome,) = (one for one, table in TABLES.items() if finding.name in table)
    return outcome


def event(row: TupleRow) -> Event:
    """A row of `_EVENTS`, with the bytes that should have been hashed: none where it holds what
    the ledger never writes."""
    (
        position, _, actor, causation, command, correlation, data, name, occurred, recorded,
        schema_version, stream_id, stream_type, version,
    ) = row  # fmt: skip
    try:
        known, moment = orjson.loads(data), datetime.fromisoformat(_of_our_era(occurred))
        line = canonical(
            {
                "actor": orjson.loads(actor),
                "causation_id": causation,
                "command_id": command,
                "correlation_id": correlation,
                "data": known,
                "name": name,
                "occurred_at": _of_our_era(occurred),
                "position": position,
                "recorded_at": _of_our_era(recorded),
                "schema_version": schema_version,
                "stream_id": stream_id,
                "stream_type": stream_type,
                "version": version,
            }
        ).encode()
    except (ValueError, TypeError):
        known, moment, line = {}, datetime(2, 1, 1, tzinfo=UTC), b""
    return Event(
        position, line, name, stream_id, stream_type, version, moment, correlation or command,
        known, _texts(known),
    )  # fmt: skip


def _of_our_era(written: str | None) -> str:
    """A time as it is hashed. Fails with ValueError before the year 1, and where it is no time."""
    if written is None or not written.startswith("AD"):
        raise ValueError("no time that the ledger writes")
    return written[2:]


def _texts(data: dict[str, Any]) -> dict[str, str]:
    """As `verifier.texts_in`, for data that this ledger has written: a text stands by itself or in
    a list."""
    texts = {}
    for value in data.values():
        if type(value) is dict and is_text(value):
            texts[value["id"]] = value["digest"]
        elif type(value) is list:
            texts |= {one["id"]: one["digest"] for one in value if is_text(one)}
    return texts

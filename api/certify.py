"""The certifier at work: one thread that looks for what was erased, one erasure after the other."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Literal

import structlog
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb
from pydantic import BaseModel, Field

from ledger.database import Connection, Database
from ledger.erasures import NO_LOG, STILL_IN, Looked, clean, look
from projections.place import followed

log = structlog.get_logger()

PAUSE = 1.0
"""Seconds between looks for erasures without a certificate."""
ORPHANED = timedelta(minutes=1)
"""After so long nobody has the words of an erasure any more: its server was killed."""
_WITHOUT = """
    SELECT e.position, e.stream_type, e.stream_id, r.data ->> 'number', e.data ->> 'text_id',
        e.data ->> 'legal_basis', e.data ->> 'asked_by', e.recorded_at
    FROM events e LEFT JOIN events r ON r.stream_id = e.stream_id AND r.version = 1
        AND r.name = 'CaseRaised'
    LEFT JOIN certificates c ON c.position = e.position
    WHERE e.name = 'TextErased' AND c.position IS NULL ORDER BY e.position LIMIT 100
"""


class Remains(BaseModel):
    """A place where erased words live on for a while."""

    place: str
    until: str


class Certificate(BaseModel):
    """What was erased at `position`, on which legal basis and at whose request, where it was looked
    for afterwards, and where it lives on for a while. `looked_for`: the whole text word for word,
    or only its id, where the server was killed before it had looked. `cleaned`: whether its place
    on the disk was swept at once; otherwise the database does it by itself soon."""

    case: str | None = None
    number: str | None = None
    stream_type: str = Field(
        "case", description="What the text belonged to: a case, a meeting, an organ and so on."
    )
    position: int
    text_id: str
    legal_basis: str
    asked_by: str
    erased_at: datetime
    looked_at: datetime
    looked_for: Literal["words", "id"] = "words"
    cleaned: bool
    places: list[Looked]
    still_in: list[Remains]


class Certifier:
    """Makes the certificate of each erasure once the views have it. The words are held in memory
    until then, and nowhere else."""

    def __init__(self, database: Database, logs: Sequence[Path]) -> None:
        self.database = database
        self.logs = logs
        self._words: dict[int, str] = {}
        self._wanted = Event()
        self._stopping = False
        self._thread = Thread(target=self._run, name="loft-certifier", daemon=True)

    def look_for(self, position: int, words: str) -> None:
        """Words that were erased at *position*."""
        self._words[position] = words
        self._wanted.set()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._wanted.set()
        self._thread.join(timeout=30)

    def _run(self) -> None:
        while not self._stopping:
            try:
                self._round()
            except Exception as error:
                # Kind only: the error's text might hold words.
                log.warning("no certificate", kind=type(error).__name__)
            self._wanted.clear()
            self._wanted.wait(PAUSE)

    def _round(self) -> None:
        rows = self.database.rows(_WITHOUT)
        if not rows:
            return
        there, now = self.database.read(followed), datetime.now(UTC)
        for row in rows:
            position, recorded_at = row[0], row[-1]
            known = position in self._words or now - recorded_at > ORPHANED
            if known and position <= there and not self._stopping:
                self._certify(row)

    def _certify(self, row: TupleRow) -> None:
        position, stream_type, stream, number, text_id, legal_basis, asked_by, recorded_at = row
        words = self._words.get(position)
        remains = (*STILL_IN, *([] if self.logs else [NO_LOG]))
        cleaned = clean(self.database)
        made = Certificate(
            case=stream if stream_type == "case" else None,
            number=number,
            stream_type=stream_type,
            position=position,
            text_id=text_id,
            legal_basis=legal_basis,
            asked_by=asked_by,
            erased_at=recorded_at,
            looked_at=datetime.now(UTC),
            looked_for="id" if words is None else "words",
            cleaned=cleaned,
            places=look(self.database, text_id, words, self.logs),
            still_in=[Remains(place=place, until=until) for place, until in remains],
        )
        self.database.read(_keeping(made))
        self._words.pop(position, None)


def _keeping(made: Certificate) -> Callable[[Connection], object]:
    return lambda connection: connection.execute(
        "INSERT INTO certificates VALUES (%s, %s) ON CONFLICT DO NOTHING",
        (made.position, Jsonb(made.model_dump(mode="json"))),
    )

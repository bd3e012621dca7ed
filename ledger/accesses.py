"""The access log: who was shown the words of which cases. It is a ledger like that of the cases, in
a schema beside it, so that whatever shows that nothing was altered there shows it here."""

from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from domain.access import EVERY, AccessEvent
from ledger.commands import Command
from ledger.database import Database
from ledger.engine import Engine
from ledger.recorder import ENTRY, entry
from ledger.schema import beside
from ledger.stored import Entry

WRITERS = 32
"""How many accesses may wait at once to be on the disk; those that do share a transaction."""


@dataclass(frozen=True)
class AccessFilter:
    """Which accesses are asked for. `mine`: the only cases that whoever asks reads at all (None:
    all but the `hidden` ones); ids all."""

    case: str | None = None
    person: str | None = None
    cases: Collection[str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    mine: Collection[str] | None = None
    hidden: Collection[str] = frozenset()

    @property
    def among(self) -> list[str] | None:
        """The only cases that an access may be told for; None: all but the hidden ones."""
        asked = None if self.case is None else {self.case}
        narrow = [set(one) for one in (asked, self.cases, self.mine) if one is not None]
        return sorted(set.intersection(*narrow) - set(self.hidden)) if narrow else None

    def shows(self, case: str) -> bool:
        """Whether whoever asks may be told of *case*."""
        return case not in self.hidden and (self.mine is None or case in self.mine)


class AccessLog:
    """What is written before any words go out, and read by those who audit."""

    def __init__(self, database: Database) -> None:
        self.database = Database(database.url, beside(database.schema), heal=database.heal)
        self.engine = Engine(self.database)
        self._writers = ThreadPoolExecutor(WRITERS, "loft-accesses")

    def open(self) -> None:
        self.database.open()

    def close(self) -> None:
        self._writers.shutdown()
        self.engine.close()
        self.database.close()

    def write(self, access: AccessEvent, correlation_id: UUID | None = None) -> None:
        """It is on the disk once this returns. Fails with `Unavailable`: then nothing may be
        shown."""
        command = Command(actor=access.actor, correlation_id=correlation_id)
        self.engine.ledger.append([self.engine.written.to_stored_event(access)], command=command)

    def begin(self, access: AccessEvent, correlation_id: UUID | None = None) -> Future[None]:
        """The same meanwhile: what comes of it is the outcome of `write`."""
        return self._writers.submit(self.write, access, correlation_id)

    def found(self, asked: AccessFilter, *, before: int, limit: int) -> list[Entry]:
        """At most *limit* accesses before position *before*, the newest first."""
        rows = self.database.rows(
            _FOUND,
            person=asked.person,
            among=None if asked.among is None else [*asked.among, EVERY],
            hidden=list(asked.hidden),
            since=asked.since,
            until=asked.until,
            before=before,
            limit=limit,
        )
        return [entry(row) for row in rows]


_FOUND: LiteralString = (
    "SELECT " + ENTRY + " FROM events e WHERE stream_type = 'access' AND position < %(before)s "
    "AND (%(person)s::text IS NULL OR actor ->> 'id' = %(person)s) "
    "AND (%(among)s::text[] IS NULL OR data -> 'cases' ?| %(among)s::text[]) "
    "AND NOT data -> 'cases' <@ to_jsonb(%(hidden)s::text[]) "
    "AND (%(since)s::timestamptz IS NULL OR recorded_at >= %(since)s) "
    "AND (%(until)s::timestamptz IS NULL OR recorded_at < %(until)s) "
    "ORDER BY position DESC LIMIT %(limit)s"
)

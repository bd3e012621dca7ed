"""The access log: who was shown the words of which cases. It is a ledger like that of the cases, in
a schema beside it, so that whatever shows that nothing was altered there shows it here."""

from collections import deque
from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from domain.access import EVERY, AccessEvent
from ledger.commands import Command
from ledger.database import Database
from ledger.engine import Engine
from ledger.recorder import ENTRY, entry
from ledger.schema import beside
from ledger.stored import Entry

FEW = 200
"""Cases that are looked up by the index. Of whoever reads more themselves the accesses are gone
through, the newest first: theirs are found soon."""
AT_ONCE = 64
"""How many accesses share a transaction at most."""


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
        self._waiting: deque[tuple[AccessEvent, Future[None]]] = deque()
        self._writer = ThreadPoolExecutor(1, "loft-accesses")

    def open(self) -> None:
        self.database.open()

    def close(self) -> None:
        self._writer.shutdown()
        self.engine.close()
        self.database.close()

    def begin(self, access: AccessEvent) -> Future[None]:
        """Write it, together with whatever else waits; done once it is on the disk. Fails with
        `Unavailable`: then nothing may be shown."""
        written: Future[None] = Future()
        self._waiting.append((access, written))
        self._writer.submit(self._write_those_that_wait)
        return written

    def write(self, access: AccessEvent) -> None:
        """The same, and wait for it."""
        self.begin(access).result()

    def _write_those_that_wait(self) -> None:
        """One thread does, so that those who ask meanwhile make up the next batch."""
        taken = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
        asked = [(access, it) for access, it in taken if it.set_running_or_notify_cancel()]
        if not asked:
            return
        try:
            events = [self.engine.written.to_stored_event(access) for access, _ in asked]
            self.engine.ledger.append(events, command=Command(actor=asked[0][0].actor))
        except Exception as error:
            for _, written in asked:
                written.set_exception(error)
        else:
            for _, written in asked:
                written.set_result(None)

    def found(self, asked: AccessFilter, *, before: int, limit: int) -> list[Entry]:
        """At most *limit* accesses before position *before*, the newest first."""
        among = asked.among
        few = among is None or len(among) <= FEW or asked.cases is not None
        rows = self.database.rows(
            _FOUND + (_LOOKED_UP if few else _GONE_THROUGH) + _PAGE,
            person=asked.person,
            among=None if among is None else [*among, EVERY],
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
    "AND NOT data -> 'cases' <@ to_jsonb(%(hidden)s::text[]) "
    "AND (%(since)s::timestamptz IS NULL OR recorded_at >= %(since)s) "
    "AND (%(until)s::timestamptz IS NULL OR recorded_at < %(until)s) "
)
_LOOKED_UP: LiteralString = (
    "AND (%(among)s::text[] IS NULL OR data -> 'cases' ?| %(among)s::text[]) "
)
_GONE_THROUGH: LiteralString = (
    "AND EXISTS (SELECT FROM jsonb_array_elements_text(data -> 'cases') AS shown "
    "WHERE (shown IN (SELECT unnest(%(among)s::text[]))) IS TRUE) "
)
"""IS TRUE keeps the planner from a join for each access: many cases are then hashed once."""
_PAGE: LiteralString = "ORDER BY position DESC LIMIT %(limit)s"

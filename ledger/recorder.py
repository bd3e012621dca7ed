"""The ledger's recorder: gapless positions, metadata, texts and commands in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Condition, Lock
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from eventsourcing.persistence import ApplicationRecorder, StoredEvent, Subscription
from psycopg.rows import TupleRow

from domain.errors import Refusal
from ledger.commands import Command, KeyUsedForAnother
from ledger.database import Connection, Database, Unavailable
from ledger.groupcommit import GroupCommit
from ledger.members import Member, Part, member_of, numbered
from ledger.stored import Entry, Written
from ledger.texts import Draft

POLL = 0.05
"""Seconds between looks at the counter row for what other processes have appended."""

ENTRY: LiteralString = (
    "e.position, e.stream_id, e.stream_type, e.version, e.name, e.schema_version, e.data, e.actor, "
    "e.occurred_at, e.recorded_at, e.command_id, e.causation_id, e.correlation_id, e.leaf_hash"
)
"""The columns of `events e` that `entry` reads."""
_FIELDS = (
    "id", "originator_id", "stream_type", "originator_version", "topic", "schema_version", "data",
    "actor", "occurred_at", "recorded_at", "command_id", "causation_id", "correlation_id",
    "leaf_hash",
)  # fmt: skip
"""The fields of `Entry` in the order of these columns."""
_SELECT: LiteralString = "SELECT " + ENTRY + " FROM events e WHERE "
_APPEND: LiteralString = (
    "SELECT member, outcome, position, recorded_at, number FROM append(%s, %s, %s)"
)


class StreamMovedOn(Refusal):
    """Somebody else has written to this stream since it was read."""


class StructureMovedOn(Refusal):
    """The municipality's structure has changed since it was read."""


@dataclass(frozen=True)
class Receipt:
    """What came of an append: where it stands, since when, and the case number it was given.

    Of several events, the last. `repeated`: it had been appended before, under the same
    idempotency key.
    """

    position: int
    recorded_at: datetime
    number: str | None = None
    repeated: bool = False


class Recorder(ApplicationRecorder):
    """Appends to one ledger and reads it. Safe for many threads; several processes may append."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._group = GroupCommit[Member, TupleRow | psycopg.Error](
            self._write, lambda member: member.names
        )
        self._writer: Connection | None = None
        self._closing = Lock()
        self.grown = Condition()
        """Notified after each append of this process."""
        self.last_position = 0
        """The last position that this process has appended at."""
        self.closed: Unavailable | None = None
        """Why nothing may be appended, if so."""

    # Appending.

    def append(
        self,
        events: Sequence[Written],
        *,
        command: Command,
        drafts: Sequence[Draft] = (),
        erases: Sequence[str] = (),
        seen: int = 0,
        structure_seen: int | None = None,
    ) -> Receipt:
        """Append *events* of one stream, with the words that belong to them. The texts that they
        erase are deleted: *erases* are the ids.

        *seen* is the last position of the stream's life that was read before deciding,
        *structure_seen* that of the municipality's structure (None: it was not asked).
        """
        part = Part(events, drafts, erases, seen)
        return self.append_together([part], command=command, structure_seen=structure_seen)

    def append_together(
        self, parts: Sequence[Part], *, command: Command, structure_seen: int | None = None
    ) -> Receipt:
        """Append to several streams: all of it, in the order of *parts*, or nothing. No two of them
        are of the same stream."""
        if self.closed is not None:
            raise self.closed
        row = self._group.submit(member_of(parts, command, structure_seen))
        if isinstance(row, psycopg.Error):
            raise row
        _, outcome, position, recorded_at, number = row
        match outcome:
            case "conflict":
                raise StreamMovedOn
            case "structure_moved":
                raise StructureMovedOn
            case "other_request":
                raise KeyUsedForAnother
        return Receipt(position, recorded_at, number, outcome == "repeated")

    def _write(self, members: Sequence[Member]) -> list[TupleRow | psycopg.Error]:
        """One round trip for the whole batch. A lost answer is never followed by a second try:
        whether it was committed is told by the idempotency key of a repeat."""
        batch = (
            numbered([member.asked for member in members]),
            numbered([member.happened for member in members]),
            numbered([member.said for member in members]),
        )
        connection = self._writing()
        try:
            rows = connection.execute(_APPEND, batch, prepare=True).fetchall()
        except psycopg.OperationalError as error:
            self._drop_writer()
            raise Unavailable from error
        except psycopg.Error as error:
            # All of it was rolled back, so each is tried by itself: only one of them is at fault.
            return [error] if len(members) == 1 else [self._write([m])[0] for m in members]
        with self.grown:
            self.last_position = max(self.last_position, *(row[2] or 0 for row in rows))
            self.grown.notify_all()
        return [*rows]

    def _writing(self) -> Connection:
        if self._writer is None or self._writer.broken:
            try:
                self._writer = self.database.connect(plan_cache_mode="force_generic_plan")
            except psycopg.OperationalError as error:
                raise Unavailable from error
        return self._writer

    def _drop_writer(self) -> None:
        with self._closing:
            if self._writer is not None:
                self._writer.close()
                self._writer = None

    def close(self) -> None:
        self._drop_writer()

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int]:  # noqa: ANN401 - the library's protocol
        """The library's way in. *kwargs*: those of `append`."""
        kwargs.pop("tracking", None)
        written = [event for event in stored_events if isinstance(event, Written)]
        if not written:
            return []
        receipt = self.append(written, **kwargs)
        return range(receipt.position - len(written) + 1, receipt.position + 1)

    # Reading.

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[Entry]:
        """The events of one stream by version, as the library asks for them."""
        newest_first: LiteralString = (
            "stream_id = %(stream)s AND version > %(gt)s AND version <= %(lte)s "
            "ORDER BY version DESC LIMIT %(limit)s"
        )
        oldest_first: LiteralString = (
            "stream_id = %(stream)s AND version > %(gt)s AND version <= %(lte)s "
            "ORDER BY version LIMIT %(limit)s"
        )
        return self._entries(
            newest_first if desc else oldest_first,
            stream=str(originator_id),
            gt=gt or 0,
            lte=lte if lte is not None else 2**31 - 1,
            limit=limit,
        )

    def life(self, stream_id: str, until: int | None = None) -> Sequence[Entry]:
        """All that belongs to one life up to position *until* (None: now), in order: the events
        of its stream, and the closing of each case that was merged into it."""
        return self.lives([stream_id], until if until is not None else 2**62)

    def lives(self, stream_ids: Sequence[str], until: int) -> Sequence[Entry]:
        """All that belongs to these lives up to position *until*, in order."""
        return self._entries(
            "position <= %(until)s AND (stream_id = ANY(%(streams)s) "
            "OR (name = 'CaseClosed' AND data ->> 'merged_into' IS NOT NULL "
            "AND data ->> 'merged_into' = ANY(%(streams)s))) ORDER BY position",
            streams=list(stream_ids),
            until=until,
        )

    def structure(self, after: int) -> Sequence[Entry]:
        """What happened to the municipality's structure after position *after*."""
        return self._entries(
            "stream_type <> 'case' AND position > %(after)s ORDER BY position",
            after=after,
        )

    def structure_at(self) -> int:
        """The position of the newest of these; 0 where there is none."""
        return int(self.database.rows("SELECT structure_at FROM head")[0][0])

    def case_id(self, number: str) -> str | None:
        """The id of the case with this number."""
        rows = self.database.rows(
            "SELECT stream_id FROM events WHERE name = 'CaseRaised' "
            "AND data ->> 'number' = %(number)s",
            number=number,
        )
        return rows[0][0] if rows else None

    def moment(self, position: int) -> datetime | None:
        """When *position* was recorded; None where there is no such position."""
        rows = self.database.rows(
            "SELECT recorded_at FROM events WHERE position = %(position)s", position=position
        )
        return rows[0][0] if rows else None

    def leaf_hash(self, position: int) -> bytes:
        """The hash of the event at *position*, which must be there."""
        ((leaf,),) = self.database.rows(
            "SELECT leaf_hash FROM events WHERE position = %(position)s", position=position
        )
        return bytes(leaf)

    def position_at(self, moment: datetime) -> int:
        """The last position recorded at *moment* or before; 0 where there was none yet. Waits for
        the append that is under way: it may have its time already."""
        self.database.rows("SELECT size FROM head FOR SHARE")
        rows = self.database.rows(
            "SELECT position FROM events WHERE recorded_at <= %(moment)s "
            "ORDER BY recorded_at DESC, position DESC LIMIT 1",
            moment=moment,
        )
        return rows[0][0] if rows else 0

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Entry]:
        """The ledger from *start* to *stop*, both included unless told otherwise."""
        first = (start or 1) if inclusive_of_start else (start or 0) + 1
        return self._entries(
            "position >= %(first)s AND position <= %(stop)s "
            "AND (%(all)s OR name = ANY(%(topics)s)) ORDER BY position LIMIT %(limit)s",
            first=first,
            stop=stop if stop is not None else 2**62,
            all=not topics,
            topics=list(topics),
            limit=limit,
        )

    def max_notification_id(self) -> int | None:
        return self.size() or None

    def size(self) -> int:
        """The last position, which is also the number of events; 0 for an empty ledger."""
        return int(self.database.rows("SELECT size FROM head")[0][0])

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription["Recorder"]:
        return Tail(self, gt=gt, topics=topics)

    def _entries(self, where: LiteralString, **facts: object) -> list[Entry]:
        return [entry(row) for row in self.database.rows(_SELECT + where, **facts)]


class Tail(Subscription[Recorder]):
    """The ledger's events one by one, in order, waiting for the next at its end."""

    _ahead: Sequence[Entry] = ()

    def __next__(self) -> Entry:
        while not self._has_been_stopped:
            if self._ahead:
                following, *rest = self._ahead
                self._ahead = rest
                self._last_notification_id = following.id
                return following
            self._ahead = self._recorder.select_notifications(
                self._last_notification_id, 500, topics=self._topics, inclusive_of_start=False
            )
            if not self._ahead:
                with self._recorder.grown:
                    self._recorder.grown.wait(POLL)
        raise StopIteration


def entry(row: TupleRow) -> Entry:
    """A row of the columns `ENTRY`. Filled directly: a frozen dataclass sets its fields one by
    one, which is a third of the time that reading a row takes."""
    read = object.__new__(Entry)
    read.__dict__.update(zip(_FIELDS, row, strict=True), state=b"")
    return read

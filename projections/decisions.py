"""The board's register of decisions: who decided what, when, on whose behalf, and what stands."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import LiteralString

from psycopg import sql
from pydantic import BaseModel, ConfigDict

from domain.case import CaseClosed, CaseEscalated, DecisionReversed
from domain.entries import EntryWithdrawn
from domain.event import Occurred, Source
from domain.meeting import MeetingClosed
from ledger.database import Connection, Database
from ledger.recorder import ENTRY, entry
from ledger.sight import Reads
from ledger.stored import Entry
from projections.view import Change, View, put

LATE = timedelta(days=2)
"""What is recorded so long after it occurred is late: minutes are written up within that."""


class RuleException(StrEnum):
    """What a decision did not do as the rules ask, though they allow it."""

    URGENT = "urgent"
    """Lifted without having been discussed."""
    UNEVALUATED = "unevaluated"
    """Closed with a measure that nobody has evaluated."""
    LATE = "late"
    """Recorded long after it occurred. What a report tells is old by its nature, and is not."""


class Decisions(View):
    """A row for each decision. `reversed_by` and `withdrawn_by`: the position that did so;
    `inquorate_at`: that at which its `meeting` was closed, where too few were there to decide;
    `exceptions`: those of `RuleException`, known when it was recorded."""

    name = "decisions"
    version = 5
    ddl = """
        CREATE TABLE {table} (
            position bigint PRIMARY KEY,
            stream_id text COLLATE "C" NOT NULL,
            kind text COLLATE "C" NOT NULL,
            organ text COLLATE "C",
            actor_id text COLLATE "C" NOT NULL,
            occurred_at timestamptz NOT NULL,
            reversed_by bigint,
            withdrawn_by bigint,
            meeting text COLLATE "C",
            inquorate_at bigint,
            exceptions text[] NOT NULL
        );
        CREATE INDEX ON {table} (position) WHERE exceptions <> '{{}}';
        CREATE INDEX ON {table} (meeting) WHERE meeting IS NOT NULL;
        CREATE INDEX ON {table} (organ, position);
        CREATE INDEX ON {table} (actor_id, position);
        CREATE INDEX ON {table} (kind, position);
        GRANT SELECT ON {table} TO loft_reader;
    """

    def write(
        self, connection: Connection, table: sql.Identifier, changes: Sequence[Change]
    ) -> None:
        decided = [c for c in changes if c.event.is_decision and c.is_own]
        put(connection, table, map(_row, decided))
        reversals = {c.event.position: c.position for c in decided
                     if isinstance(c.event, DecisionReversed)}  # fmt: skip
        _mark(connection, table, "reversed_by", reversals)
        withdrawals = {c.event.position: c.position for c in changes
                       if c.is_own and isinstance(c.event, EntryWithdrawn)}  # fmt: skip
        _mark(connection, table, "withdrawn_by", withdrawals)
        closings = {c.stream_id: c.position for c in changes
                    if isinstance(c.event, MeetingClosed) and c.event.quorate is False}  # fmt: skip
        _mark_inquorate(connection, table, closings)


def _row(change: Change) -> tuple[object, ...]:
    event = change.event
    return (
        change.position, change.stream_id, event.TOPIC, event.actor.organ, event.actor.id,
        event.occurred_at, None, None, event.meeting, None,
        [one.value for one in _exceptions(change)],
    )  # fmt: skip


def _exceptions(change: Change) -> Iterator[RuleException]:
    event = change.event
    if isinstance(event, CaseEscalated) and event.urgent:
        yield RuleException.URGENT
    if isinstance(event, CaseClosed) and any(
        one.effect is None and not one.withdrawn for one in change.after.measures
    ):
        yield RuleException.UNEVALUATED
    occurred = Occurred(at=event.occurred_at, precision=event.precision)
    if event.source is Source.ENTERED and change.entry.recorded_at - occurred.ends > LATE:
        yield RuleException.LATE


def _mark_inquorate(
    connection: Connection, table: sql.Identifier, closings: dict[str, int]
) -> None:
    if closings:
        connection.execute(
            sql.SQL(
                "UPDATE {table} t SET inquorate_at = c.at "
                "FROM unnest(%s::text[], %s::bigint[]) AS c (meeting, at) "
                "WHERE t.meeting = c.meeting"
            ).format(table=table),
            (list(closings), list(closings.values())),
        )


def _mark(
    connection: Connection, table: sql.Identifier, column: str, undone: dict[int, int]
) -> None:
    if undone:
        connection.execute(
            sql.SQL(
                "UPDATE {table} t SET {column} = u.by "
                "FROM unnest(%s::bigint[], %s::bigint[]) AS u (position, by) "
                "WHERE t.position = u.position"
            ).format(table=table, column=sql.Identifier(column)),
            (list(undone), list(undone.values())),
        )


class DecisionFilter(BaseModel):
    """What the register is narrowed to; `since` and `until` are moments at which it occurred.
    `exception`: one of `RuleException`; `only`: the positions of those that are looked through,
    where that is known beforehand."""

    model_config = ConfigDict(frozen=True)

    organ: str | None = None
    actor: str | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    exception: RuleException | None = None
    only: list[int] | None = None


class Decision(BaseModel):
    """A decision with the entry that made it, the number of its case if it is about one, and
    the positions of the corrections to it, of its reversal, and of its withdrawal: then it was
    logged by mistake. `without_quorum`: in a meeting in which too few were there to decide."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    entry: Entry
    number: str | None
    reversed_by: int | None
    withdrawn_by: int | None
    without_quorum: bool
    exceptions: list[RuleException]
    corrections: list[int]


_CONDITIONS: dict[str, LiteralString] = {
    "organ": " AND d.organ = %(organ)s",
    "actor": " AND d.actor_id = %(actor)s",
    "kind": " AND d.kind = %(kind)s",
    "since": " AND d.occurred_at >= %(since)s",
    "until": " AND d.occurred_at < %(until)s",
    "exception": " AND d.exceptions <> '{}' AND %(exception)s = ANY(d.exceptions)",
    "only": " AND d.position = ANY(%(only)s)",
}

_REGISTER: LiteralString = (
    "SELECT "
    + ENTRY
    + """, r.data ->> 'number', CASE WHEN d.reversed_by <= %(as_of)s THEN d.reversed_by END,
        CASE WHEN d.withdrawn_by <= %(as_of)s THEN d.withdrawn_by END,
        coalesce(d.inquorate_at <= %(as_of)s, false), d.exceptions,
        ARRAY(SELECT c.position FROM audit_trail c
              WHERE c.corrects = d.position AND c.position <= %(as_of)s ORDER BY c.position)
    FROM decisions d JOIN events e USING (position)
    CROSS JOIN LATERAL (SELECT coalesce(e.data ->> 'case', d.stream_id) AS stream OFFSET 0) own
    LEFT JOIN events r ON r.stream_id = own.stream AND r.version = 1 AND r.name = 'CaseRaised'
    WHERE d.position > %(after)s AND d.position < %(before)s AND d.position <= %(as_of)s
        AND (e.stream_type <> 'case' OR EXISTS (
            SELECT FROM case_status s WHERE s.case_id = e.stream_id
            AND s.from_position <= %(as_of)s
            AND (s.to_position IS NULL OR s.to_position > %(as_of)s)))
    """
)
"""`own` stands by itself: a condition with `->>` in it is tried on each event after row-level
security has passed it, and with a plain column an index leads to the one."""


def register(
    reads: Reads,
    narrow: DecisionFilter,
    *,
    as_of: int,
    after: int = 0,
    before: int | None = None,
    limit: int = 100,
) -> list[Decision]:
    """At most *limit* decisions after position *after*, as they stood *as_of* a position; with
    *before*, those before that position instead, the newest first. Of a case that whoever asks may
    not have read then there is none."""
    facts = narrow.model_dump(exclude_none=True)
    query = _REGISTER
    for name in facts:
        query += _CONDITIONS[name]
    query += " ORDER BY d.position"
    query += " LIMIT %(limit)s" if before is None else " DESC LIMIT %(limit)s"
    until = before if before is not None else 2**62
    rows = reads.rows(query, **facts, as_of=as_of, after=after, before=until, limit=limit)
    return [
        Decision(
            entry=entry(r[:-6]),
            number=r[-6],
            reversed_by=r[-5],
            withdrawn_by=r[-4],
            without_quorum=r[-3],
            exceptions=r[-2],
            corrections=r[-1],
        )
        for r in rows
    ]


def with_words(database: Database, words: str, cases: Sequence[str] | None = None) -> list[int]:
    """The positions of the decisions that have *words* in what was typed with them, or as their
    case was raised, as far as the words still stand; of these *cases* alone, where that is known
    (ids). Asked past the bounds: see `cases_with`."""
    rows = database.rows(
        "WITH found AS MATERIALIZED (SELECT x.case_id, x.position FROM search x "
        "JOIN texts t ON t.id = x.text_id "
        "WHERE x.lexemes @@ websearch_to_tsquery('norwegian', %(words)s)), "
        "raised AS MATERIALIZED (SELECT f.case_id FROM found f JOIN events e USING (position) "
        "WHERE e.name = 'CaseRaised') "
        "SELECT position FROM decisions WHERE (position IN (SELECT position FROM found) "
        "OR stream_id IN (SELECT case_id FROM raised)) "
        "AND (%(cases)s::text[] IS NULL OR stream_id = ANY(%(cases)s)) ORDER BY position",
        words=words,
        cases=list(cases) if cases is not None else None,
    )
    return [position for (position,) in rows]

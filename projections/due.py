"""What is due when, and who waits for whose answer: what is asked of the deadlines."""

from dataclasses import dataclass
from datetime import date
from typing import LiteralString

from psycopg.rows import TupleRow
from pydantic import BaseModel, ConfigDict

from domain.clock import Clock
from domain.terms import DeadlineKind
from ledger.sight import Reads
from projections.deadlines import BEGIN, CLOCK, After


@dataclass(frozen=True)
class DeadlineRow:
    """A clock of a case, or of an order, which has no number, and by when it is due. `passed_at`:
    where that it passed is recorded."""

    stream_id: str
    number: str | None
    clock: Clock
    due_on: date | None
    warn_on: date | None
    passed_at: int | None


class DeadlineFilter(BaseModel):
    """What a list of deadlines is narrowed to; None is everything. `before`: due before that day;
    `of`: who must act; `to`: who waits for the answer; `case`: its id; `only`: the ids of those
    that are looked through, where that is known beforehand; `but`: every kind other than this."""

    model_config = ConfigDict(frozen=True)

    before: date | None = None
    kind: DeadlineKind | None = None
    but: DeadlineKind | None = None
    of: str | None = None
    to: str | None = None
    case: str | None = None
    overdue: bool | None = None
    only: list[str] | None = None


_CONDITIONS: dict[str, LiteralString] = {
    "before": " AND d.due_on < %(before)s",
    "kind": " AND d.kind = %(kind)s",
    "but": " AND d.kind <> %(but)s",
    "of": " AND d.responsible = %(of)s",
    "to": " AND d.waiting = %(to)s",
    "case": " AND d.stream_id = %(case)s",
    "overdue": " AND (d.due_on >= %(today)s OR d.due_on IS NULL)",
    "only": " AND d.stream_id = ANY(%(only)s)",
}
_OVERDUE: LiteralString = " AND d.due_on IS NOT NULL AND d.due_on < %(today)s"
_CURRENT: dict[bool, LiteralString] = {
    True: "d.to_position IS NULL",
    False: "d.from_position <= %(as_of)s AND (d.to_position IS NULL OR d.to_position > %(as_of)s)",
}
_COLUMNS: LiteralString = (
    "SELECT d.stream_id, (SELECT e.data ->> 'number' FROM events e "
    "WHERE e.stream_id = d.stream_id AND e.version = 1), d.clock, d.due_on, d.warn_on, "
    "(SELECT e.position FROM events e "
    "WHERE e.stream_id = d.stream_id AND e.version = d.passed_version) FROM deadlines d WHERE "
)
_BY_DATE: LiteralString = (
    " AND d.due_on IS NOT NULL AND (d.due_on, d.stream_id, d.clock_name) "
    "> (%(day)s, %(stream)s, %(name)s) ORDER BY d.due_on, d.stream_id, d.clock_name LIMIT %(limit)s"
)
_BY_AGE: LiteralString = (
    " AND d.kind = 'answer' AND (d.began_on, d.stream_id, d.clock_name) "
    "> (%(day)s, %(stream)s, %(name)s) "
    "ORDER BY d.began_on, d.stream_id, d.clock_name LIMIT %(limit)s"
)


def listed(
    reads: Reads,
    narrow: DeadlineFilter,
    *,
    today: date,
    as_of: int | None = None,
    after: After = BEGIN,
    limit: int = 100,
) -> list[DeadlineRow]:
    """At most *limit* deadlines as they were *as_of* a position (None: now), those due first before
    the others. *today* judges what is overdue: what is not begins today, and the rest is not looked
    through."""
    begin = max(after, (today, "", "")) if narrow.overdue is False else after
    return _asked(reads, narrow, _BY_DATE, today, as_of, begin, limit)


def answers_owed(
    reads: Reads,
    narrow: DeadlineFilter,
    *,
    today: date,
    as_of: int | None = None,
    after: After = BEGIN,
    limit: int = 100,
) -> list[DeadlineRow]:
    """The same of the answers that are owed, also of those that are not due on any day; who has
    waited longest comes first."""
    return _asked(reads, narrow, _BY_AGE, today, as_of, after, limit)


def how_many(reads: Reads, narrow: DeadlineFilter, *, today: date, most: int) -> int:
    """How many there are now, those that are due on no day among them, counted as far as
    *most*."""
    facts = narrow.model_dump(exclude_none=True)
    counted: LiteralString = (
        "SELECT count(*) FROM (SELECT FROM deadlines d WHERE "
        + _CURRENT[True]
        + _conditions(narrow)
        + " LIMIT %(most)s) found"
    )
    ((found,),) = reads.rows(counted, **facts, today=today, most=most)
    return int(found)


def _asked(
    reads: Reads,
    narrow: DeadlineFilter,
    order: LiteralString,
    today: date,
    as_of: int | None,
    after: After,
    limit: int,
) -> list[DeadlineRow]:
    facts = narrow.model_dump(exclude_none=True)
    query = _COLUMNS + _CURRENT[as_of is None] + _conditions(narrow)
    day, stream, name = after
    rows = reads.rows(
        query + order, **facts, today=today, as_of=as_of, day=day, stream=stream, name=name,
        limit=limit,
    )  # fmt: skip
    return [_row(row) for row in rows]


def _conditions(narrow: DeadlineFilter) -> LiteralString:
    """What is overdue is asked for by its index."""
    found: LiteralString = ""
    for name in narrow.model_dump(exclude_none=True):
        found += _OVERDUE if name == "overdue" and narrow.overdue else _CONDITIONS[name]
    return found


def _row(row: TupleRow) -> DeadlineRow:
    stream_id, number, clock, due_on, warn_on, passed_at = row
    return DeadlineRow(stream_id, number, CLOCK.validate_python(clock), due_on, warn_on, passed_at)

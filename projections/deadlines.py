"""What is due when: a row for each clock that runs, reckoned anew when the policy changes.

Whatever life has clocks takes part: `TICKING` says which. A row keeps what its clock is made of, so
that another policy is a matter of this table alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from psycopg import sql
from pydantic import TypeAdapter

from domain.case import Case
from domain.clock import Clock
from domain.municipality import MUNICIPALITY, PolicySet
from domain.order import Order
from domain.policy import SHIPPED, Policy
from ledger.database import Connection
from ledger.sight import Reads
from projections.view import Change, View, put

TICKING = (Case, Order)
"""The lives that have clocks."""
CLOCK = TypeAdapter(Clock)
CHUNK = 20_000
"""Rows that are reckoned anew at a time."""


class Deadlines(View):
    """A row for each clock as it runs, current from one position to another. `due_on` is missing
    where nothing is due: it stands still, or the policy gives no days for it. `next_on`: the day
    from which something is to be recorded of it."""

    name = "deadlines"
    version = 3
    ddl = """
        CREATE TABLE {table} (
            stream_id text COLLATE "C" NOT NULL,
            clock_name text COLLATE "C" NOT NULL,
            kind text COLLATE "C" NOT NULL,
            responsible text COLLATE "C" NOT NULL,
            waiting text COLLATE "C",
            began_on date NOT NULL,
            due_on date,
            warn_on date,
            next_on date,
            passed_version int,
            clock jsonb NOT NULL,
            from_position bigint NOT NULL,
            to_position bigint
        );
        CREATE UNIQUE INDEX ON {table} (stream_id, clock_name, from_position);
        CREATE INDEX ON {table} (due_on, stream_id, clock_name)
            WHERE to_position IS NULL AND due_on IS NOT NULL;
        CREATE INDEX ON {table} (next_on, stream_id, clock_name)
            WHERE to_position IS NULL AND next_on IS NOT NULL;
        CREATE INDEX ON {table} (began_on, stream_id, clock_name)
            WHERE to_position IS NULL AND kind = 'answer';
        -- What a case is waited for by first, for the agenda of whoever holds it.
        CREATE INDEX ON {table} (stream_id, due_on)
            WHERE to_position IS NULL AND kind = 'assignment';
        -- As of earlier too, it is read by whoever may read the case now.
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        CREATE POLICY reader ON {table} FOR SELECT TO loft_reader
            USING ((SELECT all_are_read()) OR is_read(stream_id));
        GRANT SELECT ON {table} TO loft_reader;
    """

    def write(
        self, connection: Connection, table: sql.Identifier, changes: Sequence[Change]
    ) -> None:
        policy, since = _policy_before(connection, changes[0].position), 0
        for n, change in enumerate(changes):
            if isinstance(change.event, PolicySet):
                _follow(connection, table, changes[since:n], policy)
                policy, since = change.event.policy, n + 1
                _reckon_anew(connection, table, policy, change.position)
        _follow(connection, table, changes[since:], policy)


def _policy_before(connection: Connection, position: int) -> Policy:
    """The policy that holds as the event at *position* happens."""
    row = connection.execute(
        "SELECT data -> 'policy' FROM events WHERE stream_id = %s AND name = %s AND position < %s "
        "ORDER BY version DESC LIMIT 1",
        (MUNICIPALITY, PolicySet.TOPIC, position),
    ).fetchone()
    return SHIPPED.policy if row is None else Policy.model_validate(row[0])


@dataclass
class _Row:
    """A clock of a stream, current from one position to another."""

    stream_id: str
    clock: Clock
    begin: int
    end: int | None = None

    def written(self, policy: Policy) -> tuple[object, ...]:
        clock, reckoned = self.clock, _reckoned(self.clock, policy)
        return (
            self.stream_id, clock.name, clock.kind.value, clock.of, clock.to, clock.began.on,
            *reckoned, CLOCK.dump_json(clock).decode(), self.begin, self.end,
        )  # fmt: skip


def _reckoned(
    clock: Clock, policy: Policy
) -> tuple[date | None, date | None, date | None, int | None]:
    """`due_on`, `warn_on`, `next_on` and `passed_version` of a row."""
    deadline = clock.deadline(policy)
    if deadline is None:
        return None, None, None, None
    told, next_on = clock.told(deadline.due_on), clock.next_on(deadline, policy)
    return deadline.due_on, deadline.warn_on, next_on, told.passed if told is not None else None


def _follow(
    connection: Connection, table: sql.Identifier, changes: Sequence[Change], policy: Policy
) -> None:
    """What *changes* make of the clocks, as long as this *policy* holds."""
    ended: dict[tuple[str, str], int] = {}
    begun: dict[tuple[str, str], _Row] = {}
    rows: list[_Row] = []
    for change, gone, new in _moves(changes):
        for clock in gone:
            key = (change.stream_id, clock.name)
            if key in begun:
                begun.pop(key).end = change.position
            else:
                ended[key] = change.position
        for clock in new:
            row = _Row(change.stream_id, clock, change.position)
            begun[change.stream_id, clock.name] = row
            rows.append(row)
    _end(connection, table, ended)
    put(connection, table, (row.written(policy) for row in rows))


def _moves(
    changes: Sequence[Change],
) -> Iterator[tuple[Change, list[Clock], list[Clock]]]:
    """Each change with the clocks that it stops and those that it starts."""
    known: dict[str, tuple[Clock, ...]] = {}
    for change in changes:
        life, earlier = change.after, change.before
        if not isinstance(life, TICKING) or (earlier is not None and life.clocks_as(earlier)):
            continue
        before = known.get(change.stream_id)
        if before is None:
            before = earlier.clocks if earlier is not None else ()
        after = known[change.stream_id] = life.clocks
        if before != after:
            yield (
                change,
                [clock for clock in before if clock not in after],
                [clock for clock in after if clock not in before],
            )


def _end(
    connection: Connection, table: sql.Identifier, ended: Mapping[tuple[str, str], int]
) -> None:
    if ended:
        connection.execute(
            sql.SQL(
                "UPDATE {table} t SET to_position = e.at FROM "
                "unnest(%s::text[], %s::text[], %s::bigint[]) AS e (stream_id, clock_name, at) "
                "WHERE t.stream_id = e.stream_id AND t.clock_name = e.clock_name "
                "AND t.to_position IS NULL"
            ).format(table=table),
            ([s for s, _ in ended], [name for _, name in ended], list(ended.values())),
        )


def _reckon_anew(
    connection: Connection, table: sql.Identifier, policy: Policy, position: int
) -> None:
    """All rows by another *policy*, from *position* on: those that become different end, and go on
    as new ones, which are behind those that are still to be read."""
    after = ("", "")
    while True:
        found = connection.execute(
            sql.SQL(
                "SELECT stream_id, clock_name, due_on, warn_on, next_on, passed_version, "
                "clock::text FROM {table} "
                "WHERE to_position IS NULL AND (stream_id, clock_name) > (%s, %s) "
                "ORDER BY stream_id, clock_name LIMIT %s"
            ).format(table=table),
            (*after, CHUNK),
        ).fetchall()
        if not found:
            return
        after = found[-1][:2]
        moved = []
        for stream_id, name, *before, clock in found:
            reckoned = _reckoned(CLOCK.validate_json(clock), policy)
            if tuple(before) != reckoned:
                moved.append((stream_id, name, *reckoned))
        if moved:
            connection.execute(_MOVE.format(table=table), [*map(list, zip(*moved, strict=True)),
                                                           position, position])  # fmt: skip


_MOVE = sql.SQL(
    """
    WITH moved AS (
        SELECT * FROM unnest(%s::text[], %s::text[], %s::date[], %s::date[], %s::date[], %s::int[])
            AS m (stream_id, clock_name, due_on, warn_on, next_on, passed_version)
    ), ended AS (
        UPDATE {table} t SET to_position = %s FROM moved m WHERE t.stream_id = m.stream_id
            AND t.clock_name = m.clock_name AND t.to_position IS NULL RETURNING t.*
    )
    INSERT INTO {table}
    SELECT stream_id, clock_name, e.kind, e.responsible, e.waiting, e.began_on, m.due_on, m.warn_on,
        m.next_on, m.passed_version, e.clock, %s, NULL
    FROM ended e JOIN moved m USING (stream_id, clock_name)
    """
)


# What is to be recorded by now.

After = tuple[date, str, str]
"""The day, stream and name of the clock after which a page begins."""
BEGIN: After = (date.min, "", "")


class ToRecord(NamedTuple):
    """A clock of which something is to be recorded by now. A tuple, and without what the clock is
    made of: after a standstill there are very many."""

    next_on: date
    stream_id: str
    name: str


def to_record(
    reads: Reads, *, today: date, after: After = BEGIN, limit: int = 500
) -> list[ToRecord]:
    """At most *limit* of them, those that have waited longest first."""
    day, stream, name = after
    rows = reads.rows(
        "SELECT next_on, stream_id, clock_name FROM deadlines "
        "WHERE to_position IS NULL "
        "AND next_on <= %(today)s AND (next_on, stream_id, clock_name) > "
        "(%(day)s, %(stream)s, %(name)s) ORDER BY next_on, stream_id, clock_name LIMIT %(limit)s",
        today=today,
        day=day,
        stream=stream,
        name=name,
        limit=limit,
    )
    return [ToRecord(*row) for row in rows]


def running(reads: Reads, one: ToRecord) -> Clock | None:
    """The clock as it runs now."""
    rows = reads.rows(
        "SELECT clock FROM deadlines WHERE to_position IS NULL "
        "AND stream_id = %(stream)s AND clock_name = %(name)s",
        stream=one.stream_id,
        name=one.name,
    )
    return CLOCK.validate_python(rows[0][0]) if rows else None

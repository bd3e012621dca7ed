"""Each order as it is and was: the list, every filter on it, one order and its history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import LiteralString

from psycopg import sql
from psycopg.rows import TupleRow
from pydantic import BaseModel, ConfigDict

from domain.order import Order
from domain.rights import marks_on
from ledger.database import Connection
from ledger.recorder import ENTRY, entry
from ledger.sight import Reads
from ledger.stored import Entry
from projections.view import Change, View, at, by_life, put, spans


class Orders(View):
    """A row for each state of each order, current from one position to another."""

    name = "orders"
    ddl = """
        CREATE TABLE {table} (
            order_id text COLLATE "C" NOT NULL,
            placed_position bigint NOT NULL,
            stage text COLLATE "C" NOT NULL,
            is_open boolean NOT NULL,
            kind text COLLATE "C" NOT NULL,
            ordered_by text COLLATE "C" NOT NULL,
            ordered_from text COLLATE "C" NOT NULL,
            due_on date NOT NULL,
            marks text[] NOT NULL,
            state jsonb NOT NULL,
            from_position bigint NOT NULL,
            to_position bigint
        );
        CREATE UNIQUE INDEX ON {table} (placed_position, from_position);
        CREATE UNIQUE INDEX ON {table} (order_id, from_position);
        CREATE UNIQUE INDEX ON {table} (placed_position) WHERE to_position IS NULL;
        CREATE INDEX ON {table} (ordered_from, due_on) WHERE to_position IS NULL AND is_open;
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        -- Who ordered it and whom it was ordered from never changes, so neither do its marks.
        CREATE POLICY reader ON {table} FOR SELECT TO loft_reader
            USING (marks && (SELECT marks()));
        GRANT SELECT ON {table} TO loft_reader;
    """

    def write(
        self, connection: Connection, table: sql.Identifier, changes: Sequence[Change]
    ) -> None:
        lives = {i: its for i, its in by_life(changes).items() if isinstance(its[0].after, Order)}
        firsts = {order_id: its[0].position for order_id, its in lives.items()}
        placed = firsts | _end(connection, table, firsts)
        put(
            connection,
            table,
            (
                _row(change.after, placed[order_id], begin, end)
                for order_id, its in lives.items()
                for change, begin, end in spans(its)
            ),
        )


def _end(connection: Connection, table: sql.Identifier, ends: dict[str, int]) -> dict[str, int]:
    """End the current rows of these orders; gives where each of them was placed."""
    if not ends:
        return {}
    rows = connection.execute(
        sql.SQL(
            "UPDATE {table} t SET to_position = ended.at "
            "FROM unnest(%s::text[], %s::bigint[]) AS ended (order_id, at) "
            "WHERE t.order_id = ended.order_id AND t.to_position IS NULL "
            "RETURNING t.order_id, t.placed_position"
        ).format(table=table),
        (list(ends), list(ends.values())),
    )
    return dict(rows.fetchall())


def _row(order: Order, placed: int, begin: int, end: int | None) -> tuple[object, ...]:
    return (
        order.id,
        placed,
        order.state.value,
        order.is_open,
        order.kind.value,
        order.ordered_by,
        order.to,
        order.due_on,
        sorted(marks_on(order.id, order.readers)),
        order.model_dump_json(),
        begin,
        end,
    )


@dataclass(frozen=True)
class OrderRow:
    """An order at a position, and where it was placed."""

    order: Order
    position: int
    placed_position: int


class OrderFilter(BaseModel):
    """What a list of orders is narrowed to; None is everything. `overdue`: it is open, and was due
    before today."""

    model_config = ConfigDict(frozen=True)

    state: str | None = None
    kind: str | None = None
    ordered_by: str | None = None
    to: str | None = None
    overdue: bool | None = None


_CONDITIONS: dict[str, LiteralString] = {
    "state": " AND stage = %(state)s",
    "kind": " AND kind = %(kind)s",
    "ordered_by": " AND ordered_by = %(ordered_by)s",
    "to": " AND ordered_from = %(to)s",
    "overdue": " AND (is_open AND due_on < %(today)s) = %(overdue)s",
}
_COLUMNS: LiteralString = "SELECT state, from_position, placed_position FROM orders WHERE "


def listed(
    reads: Reads,
    narrow: OrderFilter,
    *,
    today: date,
    as_of: int | None = None,
    after: int = 0,
    limit: int = 100,
) -> list[OrderRow]:
    """At most *limit* orders as they were *as_of* a position (None: now), in the order in which
    they were placed, from the one placed after position *after* on. *today* judges what is
    overdue."""
    facts = narrow.model_dump(exclude_none=True)
    query = _COLUMNS + at(as_of) + " AND placed_position > %(after)s"
    for name in facts:
        query += _CONDITIONS[name]
    query += " ORDER BY placed_position LIMIT %(limit)s"
    rows = reads.rows(query, **facts, today=today, as_of=as_of, after=after, limit=limit)
    return [_order_row(row) for row in rows]


def one(reads: Reads, order_id: str, *, as_of: int | None = None) -> OrderRow | None:
    """The order of this stream, as it was *as_of* a position (None: now)."""
    rows = reads.rows(_COLUMNS + at(as_of) + " AND order_id = %(id)s", id=order_id, as_of=as_of)
    return _order_row(rows[0]) if rows else None


def open_for(reads: Reads, keys: Sequence[str]) -> list[OrderRow]:
    """The open orders from these organs and services, the soonest due first."""
    rows = reads.rows(
        _COLUMNS + "to_position IS NULL AND is_open AND ordered_from = ANY(%(keys)s) "
        "ORDER BY due_on, placed_position",
        keys=list(keys),
    )
    return [_order_row(row) for row in rows]


def changed(reads: Reads, *, after: int, until: int) -> list[str]:
    """The streams of the orders to which something has happened after one position, until
    another."""
    rows = reads.rows(
        "SELECT DISTINCT o.order_id FROM events e "
        "JOIN orders o ON o.order_id = e.stream_id AND o.from_position = e.position "
        "WHERE e.position > %(after)s AND e.position <= %(until)s ORDER BY o.order_id",
        after=after,
        until=until,
    )
    return [stream for (stream,) in rows]


def history(
    reads: Reads, order_id: str, *, as_of: int, after: int = 0, limit: int = 100
) -> list[Entry]:
    """The entries of an order after position *after*, up to *as_of*."""
    rows = reads.rows(
        "SELECT " + ENTRY + " FROM events e WHERE e.stream_id = %(order)s "
        "AND e.position > %(after)s AND e.position <= %(as_of)s "
        "ORDER BY e.position LIMIT %(limit)s",
        order=order_id,
        as_of=as_of,
        after=after,
        limit=limit,
    )
    return [entry(row) for row in rows]


def _order_row(row: TupleRow) -> OrderRow:
    state, position, placed = row
    return OrderRow(Order.model_validate(state), position, placed)

"""How many cases there are of each kind, now and at any position."""

from collections import Counter
from collections.abc import Iterator, Sequence

from psycopg import sql

from domain.case import Case
from domain.event import OSLO, Precision
from ledger.database import Connection, Database
from projections.view import Change, View, at

Cell = tuple[str, str]
"""A dimension and a key in it, as in ("status", "raised")."""

DIMENSIONS = ("status", "level", "organ", "theme", "focus_area", "month")


def cells(case: Case | None) -> Counter[Cell]:
    """What a case counts in. `organ` is its holder, `month` the one in which it was raised."""
    if case is None:
        return Counter()
    return Counter(
        [
            ("total", "cases"),
            ("status", case.status.value),
            ("level", case.level.value),
            ("organ", case.holder),
            ("month", _month(case)),
            *(("theme", theme) for theme in case.themes),
            *([("focus_area", case.focus_area)] if case.focus_area else []),
        ]
    )


def _month(case: Case) -> str:
    """YYYY-MM; only YYYY where no more is known."""
    form = "%Y" if case.raised_precision is Precision.YEAR else "%Y-%m"
    return case.raised_at.astimezone(OSLO).strftime(form)


def _counts_alike(before: Case | None, after: Case) -> bool:
    """Whether a case counts in the same cells as before, without building them."""
    return before is not None and (
        (before.status, before.holder, before.level) == (after.status, after.holder, after.level)
        and (before.themes, before.focus_area) == (after.themes, after.focus_area)
    )


class Overview(View):
    """A row for each count of each cell, current from one position to another."""

    name = "overview"
    ddl = """
        CREATE TABLE {table} (
            dimension text COLLATE "C" NOT NULL,
            key text COLLATE "C" NOT NULL,
            count bigint NOT NULL,
            from_position bigint NOT NULL,
            to_position bigint,
            PRIMARY KEY (dimension, key, from_position)
        );
        CREATE UNIQUE INDEX ON {table} (dimension, key) WHERE to_position IS NULL;
    """

    def write(
        self, connection: Connection, table: sql.Identifier, changes: Sequence[Change]
    ) -> None:
        moves = list(_moves(changes))
        if not moves:
            return
        _follow(connection, table, moves)


def _moves(changes: Sequence[Change]) -> Iterator[tuple[int, Cell, int]]:
    """Position, cell and by how much its count changes there."""
    for change in changes:
        if isinstance(change.after, Case) and not _counts_alike(change.before, change.after):
            before, after = cells(change.before), cells(change.after)
            for cell in before.keys() | after.keys():
                if before[cell] != after[cell]:
                    yield change.position, cell, after[cell] - before[cell]


def _follow(
    connection: Connection, table: sql.Identifier, moves: Sequence[tuple[int, Cell, int]]
) -> None:
    """Counts that go on from the newest ones."""
    rows = connection.execute(
        sql.SQL("SELECT dimension, key, count FROM {table} WHERE to_position IS NULL").format(
            table=table
        )
    )
    counts: Counter[Cell] = Counter({(d, k): count for d, k, count in rows.fetchall()})
    steps: dict[Cell, list[tuple[int, int]]] = {}
    for position, cell, by in moves:
        counts[cell] += by
        steps.setdefault(cell, []).append((position, counts[cell]))
    connection.execute(
        sql.SQL(
            "UPDATE {table} t SET to_position = e.at "
            "FROM unnest(%s::text[], %s::text[], %s::bigint[]) AS e (dimension, key, at) "
            "WHERE t.dimension = e.dimension AND t.key = e.key AND t.to_position IS NULL"
        ).format(table=table),
        ([d for d, _ in steps], [k for _, k in steps], [its[0][0] for its in steps.values()]),
    )
    into = sql.SQL("COPY {table} FROM STDIN").format(table=table)
    with connection.cursor() as cursor, cursor.copy(into) as copy:
        for cell, its in steps.items():
            ends = [position for position, _ in its[1:]]
            for (position, count), end in zip(its, [*ends, None], strict=True):
                copy.write_row((*cell, count, position, end))


def counts(database: Database, *, as_of: int | None = None) -> dict[str, dict[str, int]]:
    """By dimension and key, how many cases there were *as_of* a position (None: now)."""
    rows = database.rows(
        "SELECT dimension, key, count FROM overview WHERE count > 0 AND "
        + at(as_of)
        + " ORDER BY dimension, key",
        as_of=as_of,
    )
    found: dict[str, dict[str, int]] = {dimension: {} for dimension in ("total", *DIMENSIONS)}
    for dimension, key, count in rows:
        found[dimension][key] = count
    return found

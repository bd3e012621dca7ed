"""How many cases there are of each kind, now and at any position."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import LiteralString

from psycopg import sql
from pydantic import BaseModel, ConfigDict

from domain.case import Case
from domain.event import OSLO, Precision
from ledger.database import Connection, Database
from ledger.sight import Reads
from projections.asked import Asked, Places, placed
from projections.tally import Counts, Tally
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


# What is asked of the roads: the same and more, narrowed to a period, an organ or a focus area.

COLUMNS: dict[str, LiteralString] = {
    "status": "status",
    "level": "level",
    "organ": "holder",
    "raised_by": "raised_by",
    "focus_area": "focus_area",
    "prevention_level": "prevention_level",
    "age_group": "ages",
    "service": "service",
    "month": "raised_month",
    "closed_month": "closed_month",
    "open_since": "CASE WHEN status <> 'closed' THEN raised_on END",
}
AGES = (30, 90, 180, 365)
"""The last day of each column of the ageing of open cases; a last one holds the older ones."""


class OverviewReport(BaseModel):
    """By dimension and key, how many cases. `organ`: that holds them; `month` and `closed_month`:
    what came in and went out; `ageing`: open cases, by days since they were raised."""

    model_config = ConfigDict(frozen=True)

    total: int
    counts: dict[str, dict[str, int]]


def count(reads: Reads, where: LiteralString, facts: dict[str, object]) -> Counts:
    """How many of the rows of `flow` under *where* there are of each kind."""
    names: LiteralString = ", ".join([f"k{n}" for n in _NUMBERS])
    columns: LiteralString = ", ".join(
        [column + " AS k" + n for n, column in zip(_NUMBERS, COLUMNS.values(), strict=True)]
    )
    sets: LiteralString = ", ".join([f"(k{n})" for n in _NUMBERS])
    rows = reads.rows(
        "SELECT GROUPING(" + names + "), " + names + ", count(*) FROM (SELECT " + columns
        + " FROM flow WHERE " + where + ") AS rows GROUP BY GROUPING SETS (" + sets + ", ())",
        **facts,
    )  # fmt: skip
    counts: Counts = Counter()
    every = 2 ** len(COLUMNS) - 1
    places = {every - 2 ** (len(COLUMNS) - 1 - n): n for n in range(len(COLUMNS))}
    for grouping, *keys, many in rows:
        n = places.get(grouping)
        if n is None:
            counts["total", "cases", "cases", 0] += many
        elif keys[n] is not None:
            counts[list(COLUMNS)[n], str(keys[n]), "cases", 0] += many
    for theme, many in reads.rows(
        "SELECT theme, count(*) FROM flow, unnest(themes) AS theme WHERE " + where
        + " GROUP BY theme ORDER BY theme",
        **facts,
    ):  # fmt: skip
        counts["theme", theme, "cases", 0] += many
    return counts


_NUMBERS: tuple[LiteralString, ...] = (
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10",
)  # fmt: skip
TALLY = Tally(count)


def report(reads: Reads, asked: Asked) -> OverviewReport:
    """The counts of the cases that are *asked* for."""
    if asked.is_everything_now:
        _, counts = TALLY.now(reads)
    elif asked.is_everything:
        counts = TALLY.then(reads, asked.as_of or 0)
    else:
        counts = count(reads, asked.where, asked.facts)
    found: dict[str, dict[str, int]] = {name: {} for name in (*COLUMNS, "theme", "total")}
    for (dimension, key, _, _), many in sorted(counts.items()):
        found[dimension][key] = many
    total = found.pop("total").get("cases", 0)
    return OverviewReport(
        total=total, counts={**found, "ageing": ageing(found.pop("open_since"), asked.today)}
    )


def ageing(open_since: Mapping[str, int], today: date) -> dict[str, int]:
    """How many open cases are how old, by the first day on which they may have been raised."""
    names = [*(f"{low + 1}-{high}" for low, high in zip((-1, *AGES), AGES, strict=False)), "older"]
    bins = dict.fromkeys(names, 0)
    for day, many in open_since.items():
        days = (today - date.fromisoformat(day)).days
        place = next((n for n, most in enumerate(AGES) if days <= most), len(AGES))
        bins[names[place]] += many
    return {name: many for name, many in bins.items() if many}


def places(
    seen: Reads, every: Reads, asked: Asked, cell: str, *, after: int = 0, limit: int = 100
) -> Places | None:
    """Where the cases were raised that a number counts. *cell*: `total`, or `DIMENSION:KEY` but for
    `ageing` and `area`. None where there is no such cell."""
    dimension, _, key = cell.partition(":")
    if dimension == "theme":
        condition: LiteralString = "%(key)s = ANY(themes)"
    elif dimension in COLUMNS and dimension != "open_since":
        condition = COLUMNS[dimension] + " = %(key)s"
    elif cell == "total":
        condition = "true"
    else:
        return None
    where, facts = asked.where + " AND " + condition, asked.facts | {"key": key}
    return placed(seen, every, "positions[1:1]", "flow", where, facts, after=after, limit=limit)

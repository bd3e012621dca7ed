"""Each case as it is and was: the list of cases, every filter on it, at any position."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import LiteralString

from psycopg import sql
from psycopg.rows import TupleRow
from pydantic import BaseModel, ConfigDict

from domain.case import Case
from domain.rights import marks_on
from ledger.database import Connection
from ledger.sight import Reads
from projections.view import Change, View, at, by_life, put, spans


class CaseStatus(View):
    """A row for each state of each case, current from one position to another."""

    name = "case_status"
    version = 7
    ddl = """
        CREATE TABLE {table} (
            case_id text COLLATE "C" NOT NULL,
            number text COLLATE "C" NOT NULL,
            raised_position bigint NOT NULL,
            status text COLLATE "C" NOT NULL,
            level text COLLATE "C" NOT NULL,
            holder text COLLATE "C" NOT NULL,
            raised_by text COLLATE "C" NOT NULL,
            focus_area text COLLATE "C",
            themes text[] NOT NULL,
            services text[] NOT NULL,
            marks text[] NOT NULL,
            restricted boolean NOT NULL,
            owed text[] NOT NULL,
            state jsonb NOT NULL,
            recorded_at timestamptz NOT NULL,
            from_position bigint NOT NULL,
            to_position bigint
        );
        -- Each case at any position: the one index that serves `as_of`, in the order of the list.
        CREATE UNIQUE INDEX ON {table} (raised_position, from_position);
        CREATE UNIQUE INDEX ON {table} (case_id, from_position);
        CREATE INDEX ON {table} (number, from_position);
        -- The cases as they are now, in the order of the list, and by what is asked for most.
        CREATE UNIQUE INDEX ON {table} (raised_position) WHERE to_position IS NULL;
        CREATE UNIQUE INDEX ON {table} (case_id) WHERE to_position IS NULL;
        CREATE INDEX ON {table} (holder, status, raised_position) WHERE to_position IS NULL;
        CREATE INDEX ON {table} (status, raised_position) WHERE to_position IS NULL;
        -- What has changed last.
        CREATE INDEX ON {table} (from_position) WHERE to_position IS NULL;
        -- A case as it was is read by whoever may read it now, unless it was restricted then.
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        CREATE POLICY reader ON {table} FOR SELECT TO loft_reader USING (
            CASE WHEN to_position IS NULL THEN marks && (SELECT marks())
                AND ((SELECT none_is_shut()) OR NOT is_shut(case_id))
            ELSE (NOT restricted OR marks && (SELECT marks()))
                AND ((SELECT all_are_read()) OR is_read(case_id)) END
        );
        GRANT SELECT ON {table} TO loft_reader;
    """

    def write(
        self, connection: Connection, table: sql.Identifier, changes: Sequence[Change]
    ) -> None:
        lives = {
            case_id: its
            for case_id, its in by_life(changes).items()
            if isinstance(its[0].after, Case)
        }
        firsts = {case_id: its[0].position for case_id, its in lives.items()}
        raised = firsts | _end(connection, table, firsts)
        put(
            connection,
            table,
            (
                _row(change, raised[case_id], begin, end)
                for case_id, its in lives.items()
                for change, begin, end in spans(its)
            ),
        )


def _end(connection: Connection, table: sql.Identifier, ends: dict[str, int]) -> dict[str, int]:
    """End the current rows of these cases; gives where each of them was raised."""
    if not ends:
        return {}
    rows = connection.execute(
        sql.SQL(
            "UPDATE {table} t SET to_position = ended.at "
            "FROM unnest(%s::text[], %s::bigint[]) AS ended (case_id, at) "
            "WHERE t.case_id = ended.case_id AND t.to_position IS NULL "
            "RETURNING t.case_id, t.raised_position"
        ).format(table=table),
        (list(ends), list(ends.values())),
    )
    return dict(rows.fetchall())


def _row(change: Change, raised_position: int, begin: int, end: int | None) -> tuple[object, ...]:
    case: Case = change.after
    services = [a.service for a in case.assignments] + ([case.service] if case.service else [])
    return (
        case.id,
        case.number or "",
        raised_position,
        case.status.value,
        case.level.value,
        case.holder,
        case.raised_by,
        case.focus_area,
        _array(case.themes),
        _array(services),
        _array(sorted(marks_on(case.id, case.readers))),
        case.restricted_to is not None,
        _array(case.owed),
        case.model_dump_json(),
        change.entry.recorded_at,
        begin,
        end,
    )


def _array(keys: Iterable[str]) -> str:
    """A text[] in PostgreSQL's own writing: keys hold neither quotes nor backslashes."""
    return "{" + ",".join([f'"{key}"' for key in keys]) + "}"


@dataclass(frozen=True)
class CaseRow:
    """A case at a position, and when its last event was recorded."""

    case: Case
    position: int
    recorded_at: datetime
    raised_position: int


class CaseFilter(BaseModel):
    """What a list of cases is narrowed to; None is everything. `owed`: some organ waits for an
    answer; `owed_to`: this one does. `overdue`: an assignment was due before the day that it is."""

    model_config = ConfigDict(frozen=True)

    status: str | None = None
    level: str | None = None
    holder: str | None = None
    raised_by: str | None = None
    theme: str | None = None
    focus_area: str | None = None
    service: str | None = None
    overdue: bool | None = None
    owed: bool | None = None
    owed_to: str | None = None
    q: str | None = None


_CONDITIONS: dict[str, LiteralString] = {
    "status": "status = %(status)s",
    "level": "level = %(level)s",
    "holder": "holder = %(holder)s",
    "raised_by": "raised_by = %(raised_by)s",
    "theme": "%(theme)s = ANY(themes)",
    "focus_area": "focus_area = %(focus_area)s",
    "service": "%(service)s = ANY(services)",
    "overdue": (
        "(case_id IN (SELECT d.stream_id FROM deadlines d WHERE d.kind = 'assignment' "
        "AND d.due_on < %(today)s AND d.from_position <= %(known)s "
        "AND (d.to_position IS NULL OR d.to_position > %(known)s))) = %(overdue)s"
    ),
    "owed": "(owed <> '{{}}') = %(owed)s",
    "owed_to": "%(owed_to)s = ANY(owed)",
    "q": (
        # OFFSET 0: first the case's own texts, by its index, rather than all that match.
        "EXISTS (SELECT FROM (SELECT text_id, lexemes FROM search x WHERE x.case_id = "
        "case_status.case_id AND x.position <= %(known)s OFFSET 0) own "
        "WHERE own.lexemes @@ websearch_to_tsquery('norwegian', %(q)s) "
        "AND EXISTS (SELECT FROM texts t WHERE t.id = own.text_id) OFFSET 0)"
    ),
}

_COLUMNS: LiteralString = (
    "SELECT state, from_position, recorded_at, raised_position FROM case_status "
)


def listed(
    reads: Reads,
    narrow: CaseFilter,
    *,
    today: date,
    only: Sequence[str] | None = None,
    as_of: int | None = None,
    after: int = 0,
    limit: int = 100,
) -> list[CaseRow]:
    """At most *limit* cases as they were *as_of* a position (None: now), in the order in which
    they were raised, from the one raised after position *after* on. *today* judges what is
    overdue. *only*: the ids of those that are looked through, where that is known beforehand."""
    facts = narrow.model_dump(exclude_none=True)
    query = _COLUMNS + "WHERE raised_position > %(after)s AND " + at(as_of)
    for name in facts:
        query += " AND " + _CONDITIONS[name].replace("{{}}", "{}")
    known = as_of if as_of is not None else 2**62
    if only is not None:
        query += " AND case_id = ANY(%(only)s)"
    query += " ORDER BY raised_position LIMIT %(limit)s"
    rows = reads.rows(
        query, **facts, today=today, only=only, as_of=as_of, known=known, after=after, limit=limit
    )
    return [_case_row(row) for row in rows]


def one(reads: Reads, ref: str, *, as_of: int | None = None) -> CaseRow | None:
    """The case with this id or number, as it was *as_of* a position (None: now)."""
    by: LiteralString = "number = %(ref)s AND " if _is_number(ref) else "case_id = %(ref)s AND "
    rows = reads.rows(_COLUMNS + "WHERE " + by + at(as_of), ref=ref, as_of=as_of)
    return _case_row(rows[0]) if rows else None


def assigned_to(reads: Reads, keys: Sequence[str], *, only: Sequence[str]) -> list[CaseRow]:
    """The cases with an assignment of one of these services and organs, closed ones apart, in the
    order in which they were raised. *only*: the ids of those that are looked through."""
    rows = reads.rows(
        _COLUMNS + "WHERE to_position IS NULL AND case_id = ANY(%(only)s) AND status <> 'closed' "
        "AND services && %(keys)s::text[] ORDER BY raised_position",
        only=list(only),
        keys=list(keys),
    )
    return [_case_row(row) for row in rows]


def _is_number(ref: str) -> bool:
    """Numbers are YYYY-NNNN; ids have five parts."""
    return ref.count("-") == 1


def _case_row(row: TupleRow) -> CaseRow:
    state, position, recorded_at, raised_position = row
    return CaseRow(Case.model_validate(state), position, recorded_at, raised_position)

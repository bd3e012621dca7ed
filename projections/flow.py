"""The road of each case from concern to action: how long it takes, and what goes back and forth."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import compress
from typing import LiteralString, NamedTuple

from psycopg import sql

from domain.case import (
    AnswerGiven,
    AssignmentAccepted,
    AssignmentCompleted,
    AssignmentDeclined,
    Case,
    CaseAssigned,
    CaseClosed,
    CaseDiscussed,
    CaseEscalated,
    CaseRaised,
    CaseReclassified,
    CaseReopened,
    CaseReturned,
    DeadlinePaused,
    DeadlineResumed,
    DecisionReversed,
    MeasureStarted,
)
from domain.entries import EntryWithdrawn
from domain.event import OSLO, Event, Precision, Source
from domain.terms import AssignmentState
from domain.topology import Level
from ledger.database import Connection
from ledger.recorder import ENTRY, entry
from ledger.stored import EventMapper
from projections.road import STEPS, Mark, Road, begun, earliest, road_of
from projections.view import Change, View, by_life, put, spans

TAKEN_IN = (
    CaseRaised, CaseDiscussed, CaseEscalated, CaseReturned, CaseAssigned, AssignmentAccepted,
    AssignmentDeclined, AssignmentCompleted, MeasureStarted, AnswerGiven, CaseClosed, CaseReopened,
    CaseReclassified, DeadlinePaused, DeadlineResumed, DecisionReversed, EntryWithdrawn,
)  # fmt: skip
"""What can change a row, beside what changes the status of a case."""
_ROAD: LiteralString = (
    "positions, days, level, level_since, stays, vague_stays, still_from, still_until, "
    "paused_since, closed_since, closed_month, lifted, returned, declined, reopened, assigned_at, "
    "measures_at, answered_at"
)


class Flow(View):
    """A row for each state of each case, current from one position to another: what it is counted
    by, and its road so far. `positions` and `days`: of its milestones, in the order in which these
    are declared; then for each step how many days it took. `vague`: the steps of which a day is not
    known; `astray`: those that were gone the other way round. `assigned`: the services
    and organs that were made responsible; `unanswered`: those that have said nothing to it;
    `answered`: the organs that got an answer, each as often. `assigned_at`, `unanswered_at`,
    `measures_at` and `answered_at`: where these stand. `raised_on`: the first day on which it may
    have been; `recorded_at`: when that was recorded; `reported`: only a report tells of what made
    the row. Restricted cases count like all others: a number shows nobody's words."""

    name = "flow"
    version = 4
    ddl = """
        CREATE TABLE {table} (
            case_id text COLLATE "C" NOT NULL,
            raised_by text COLLATE "C" NOT NULL,
            holder text COLLATE "C" NOT NULL,
            status text COLLATE "C" NOT NULL,
            themes text[] NOT NULL,
            focus_area text COLLATE "C",
            prevention_level text COLLATE "C",
            area text COLLATE "C",
            ages text COLLATE "C",
            service text COLLATE "C",
            assigned text[] NOT NULL,
            unanswered text[] NOT NULL,
            unanswered_at bigint[] NOT NULL,
            answered text[] NOT NULL,
            raised_on date NOT NULL,
            raised_month text COLLATE "C" NOT NULL,
            recorded_at timestamptz NOT NULL,
            reported boolean NOT NULL,
            positions bigint[] NOT NULL,
            days date[] NOT NULL,
            level text COLLATE "C" NOT NULL,
            level_since date,
            stays int[] NOT NULL,
            vague_stays boolean[] NOT NULL,
            still_from date[] NOT NULL,
            still_until date[] NOT NULL,
            paused_since date,
            closed_since date,
            closed_month text COLLATE "C",
            lifted bigint[] NOT NULL,
            returned bigint[] NOT NULL,
            declined bigint[] NOT NULL,
            reopened bigint[] NOT NULL,
            assigned_at bigint[] NOT NULL,
            measures_at bigint[] NOT NULL,
            answered_at bigint[] NOT NULL,
            raised_to_discussed int,
            discussed_to_lifted int,
            lifted_to_assigned int,
            assigned_to_measure int,
            measure_to_answered int,
            answered_to_closed int,
            raised_to_measure int,
            raised_to_answered int,
            raised_to_closed int,
            vague text[] NOT NULL,
            astray text[] NOT NULL,
            from_position bigint NOT NULL,
            to_position bigint,
            PRIMARY KEY (case_id, from_position)
        );
        CREATE UNIQUE INDEX ON {table} (case_id) WHERE to_position IS NULL;
        CREATE INDEX ON {table} (raised_by, raised_on) WHERE to_position IS NULL;
        CREATE INDEX ON {table} (focus_area, raised_on) WHERE to_position IS NULL;
        CREATE INDEX ON {table} (raised_on) WHERE to_position IS NULL;
        -- What is released: since when anybody enters anything, and how many cases in a month.
        CREATE INDEX ON {table} (from_position) WHERE NOT reported;
        CREATE INDEX ON {table} (recorded_at)
            WHERE NOT reported AND from_position = positions[1];
        -- Numbers are counted past this; what they count is shown to whoever may read the case now.
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        CREATE POLICY reader ON {table} FOR SELECT TO loft_reader
            USING ((SELECT all_are_read()) OR is_read(case_id));
        GRANT SELECT ON {table} TO loft_reader;
    """

    def write(
        self, connection: Connection, table: sql.Identifier, changes: Sequence[Change]
    ) -> None:
        lives = by_life([change for change in changes if _moves(change)])
        begun_before = [own for own, its in lives.items() if its[0].before is not None]
        known = _end(connection, table, {own: lives[own][0].position for own in begun_before})
        rows = [row for own, its in lives.items() for row in _rows(connection, its, known.get(own))]
        put(connection, table, rows)


def _moves(change: Change) -> bool:
    if not isinstance(change.after, Case) or not change.is_own:
        return False
    before: Case | None = change.before
    return isinstance(change.event, TAKEN_IN) or before is None or (
        before.status is not change.after.status
    )  # fmt: skip


class Origin(NamedTuple):
    """What stays the same in all rows of a case."""

    raised_on: date
    raised_month: str
    recorded_at: datetime


class Known(NamedTuple):
    """What the row of a case says that its state does not, or not at once."""

    origin: Origin
    road: Road


def _end(
    connection: Connection, table: sql.Identifier, ends: Mapping[str, int]
) -> dict[str, Known]:
    """End the current rows of these cases; gives what they said."""
    if not ends:
        return {}
    rows = connection.execute(
        sql.SQL(
            "UPDATE {table} t SET to_position = ended.at "
            "FROM unnest(%s::text[], %s::bigint[]) AS ended (case_id, at) "
            "WHERE t.case_id = ended.case_id AND t.to_position IS NULL "
            "RETURNING t.case_id, t.raised_on, t.raised_month, t.recorded_at, " + _ROAD
        ).format(table=table),
        (list(ends), list(ends.values())),
    )
    return {
        case_id: Known(Origin(raised_on, month, recorded_at), _road(*road))
        for case_id, raised_on, month, recorded_at, *road in rows.fetchall()
    }


def _road(
    positions: Sequence[int | None],
    days: Sequence[date | None],
    level: str,
    level_since: date | None,
    stays: Sequence[int | None],
    vague_stays: Sequence[bool],
    still_from: Sequence[date],
    still_until: Sequence[date],
    paused_since: date | None,
    closed_since: date | None,
    closed_month: str | None,
    *places: Sequence[int],
) -> Road:
    marks = (None if at is None else Mark(at, on) for at, on in zip(positions, days, strict=True))
    still = tuple(zip(still_from, still_until, strict=True))
    return Road(
        tuple(marks), Level(level), level_since, tuple(stays), tuple(vague_stays), still,
        paused_since, closed_since, closed_month, *(tuple(positions) for positions in places),
    )  # fmt: skip


def _rows(
    connection: Connection, its: Sequence[Change], known: Known | None
) -> Iterator[tuple[object, ...]]:
    """A row for each of these changes of one case."""
    road = known.road if known is not None else None
    origin = known.origin if known is not None else _origin(its[0])
    for change, begin, end in spans(its):
        road = _gone_on(connection, road, change)
        yield _row(change, road, origin, begin, end)


def _origin(raised: Change) -> Origin:
    case: Case = raised.after
    raised_on = earliest(case.raised_at, case.raised_precision)
    return Origin(raised_on, raised_month(case), raised.entry.recorded_at)


def _gone_on(connection: Connection, road: Road | None, change: Change) -> Road:
    """The road after *change*. Where that undoes something, it is walked again from the beginning:
    that is seldom, and what it was before is told by the ledger alone."""
    event = change.event
    if road is None:
        assert isinstance(event, CaseRaised)  # noqa: S101 - a case begins by being raised
        return begun(change.position, event)
    if isinstance(event, DecisionReversed | EntryWithdrawn):
        return road_of(_life(connection, change))
    return road.past(change.position, event)


def _life(connection: Connection, change: Change) -> list[tuple[int, Event]]:
    mapper = EventMapper()
    rows = connection.execute(
        "SELECT " + ENTRY + " FROM events e WHERE e.stream_id = %s AND e.position <= %s "
        "ORDER BY e.position",
        (change.stream_id, change.position),
    )
    entries = [entry(row) for row in rows.fetchall()]
    return [(one.id, mapper.to_domain_event(one)) for one in entries]


def _row(
    change: Change, road: Road, origin: Origin, begin: int, end: int | None
) -> tuple[object, ...]:
    case: Case = change.after
    took = road.took()
    offered = [one.state is AssignmentState.OFFERED for one in case.assignments]
    return (
        case.id,
        case.raised_by,
        case.holder,
        case.status.value,
        _array(case.themes),
        case.focus_area,
        case.prevention_level.value if case.prevention_level else None,
        case.area.id if case.area else None,
        f"{case.ages[0]}-{case.ages[1]}" if case.ages else None,
        case.service,
        _array(one.service for one in case.assignments),
        _array(compress([one.service for one in case.assignments], offered)),
        _array(compress(road.assigned, offered)),
        _array(one.to for one in case.answers),
        *origin,
        change.event.source is not Source.ENTERED,
        *_written(road),
        *[one.days if one is not None else None for one in took],
        _array([step for step, one in zip(STEPS, took, strict=True) if one and one.vague]),
        _array([step for step, one in zip(STEPS, took, strict=True) if one and one.astray]),
        begin,
        end,
    )


def _written(road: Road) -> tuple[object, ...]:
    """In the order of `_ROAD`."""
    return (
        _array(mark and mark.position for mark in road.marks),
        _array(mark and mark.on for mark in road.marks),
        road.level.value,
        road.level_since,
        _array(road.stays),
        _array(road.vague_stays),
        _array(begin for begin, _ in road.still),
        _array(until for _, until in road.still),
        road.paused_since,
        road.closed_since,
        road.closed_month,
        *[
            _array(positions)
            for positions in (
                road.lifted,
                road.returned,
                road.declined,
                road.reopened,
                road.assigned,
                road.measures,
                road.answered,
            )
        ],
    )


def _array(values: Iterable[object]) -> str:
    """An array in PostgreSQL's own writing: what stands in one here needs no quotes."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def raised_month(case: Case) -> str:
    """YYYY-MM; only YYYY where no more is known."""
    form = "%Y" if case.raised_precision is Precision.YEAR else "%Y-%m"
    return case.raised_at.astimezone(OSLO).strftime(form)

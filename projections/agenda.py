"""What waits for an organ's meeting, by itself: one question of the list of cases."""

from collections.abc import Sequence
from datetime import date
from typing import LiteralString

from psycopg.rows import TupleRow
from pydantic import BaseModel, ConfigDict

from domain.agenda import Waits
from domain.topology import Topology
from ledger.sight import Reads
from ledger.texts import words_of
from projections.view import at

MOST = 1_000
"""Cases that are told of at once."""


class WaitingCase(BaseModel):
    """A case and why it waits, the most pressing reason first. `due_on`: its earliest deadline."""

    model_config = ConfigDict(frozen=True)

    case: str
    number: str
    title: str | None
    status: str
    holder: str
    owed: list[str]
    due_on: date | None
    why: list[Waits]


_TITLE: LiteralString = (
    "coalesce(state -> 'titles_there' -> %(organ)s ->> 'id', state -> 'title' ->> 'id')"
)
"""The id of the words by which the organ knows a case."""
_RANK: LiteralString = (
    "array_position('{overdue,lifted,returned,answer_owed,assigned,held}'::text[], why[1])"
)

# Narrow rows are sorted, and each deadline is looked up once: the words of a title lie in a wide
# column, which is read of those alone that are told of.
_HELD: LiteralString = """
    WITH mine AS MATERIALIZED (
        SELECT case_id, from_position, raised_position, number, status, holder, owed,
            holder = %(organ)s AS held, (
            SELECT min(d.due_on) FROM deadlines d WHERE d.stream_id = case_id
                AND d.kind = 'assignment' AND """
_MINE: LiteralString = """
        ) AS next_due_on, %(organ)s = ANY(services) AND EXISTS (
            SELECT FROM jsonb_array_elements(state -> 'footing' -> 'assignments') AS a
            WHERE a ->> 'service' = %(organ)s AND a ->> 'state' IN ('offered', 'accepted')
        ) AS assigned
        FROM case_status
        WHERE (holder = %(organ)s AND (status <> 'closed' OR owed <> '{}')
            OR %(organ)s = ANY(services) AND status <> 'closed') AND """
_WHY: LiteralString = (
    """
    ), waiting AS (
        SELECT *, array_remove(ARRAY[
            CASE WHEN (held OR assigned) AND next_due_on < %(today)s THEN 'overdue' END,
            CASE WHEN held AND status = 'escalated' THEN 'lifted' END,
            CASE WHEN held AND status = 'returned' THEN 'returned' END,
            CASE WHEN held AND owed <> '{}' THEN 'answer_owed' END,
            CASE WHEN assigned THEN 'assigned' END,
            CASE WHEN held AND status NOT IN ('closed', 'escalated', 'returned') THEN 'held' END
        ], NULL) AS why
        FROM mine WHERE held OR assigned
    ), pressing AS (
        SELECT *, """
    + _RANK
    + """ AS rank FROM waiting ORDER BY rank, next_due_on, raised_position LIMIT %(most)s
    )
    SELECT case_id, number, """
    + _TITLE
    + """, p.status, p.holder, p.owed, next_due_on, why
    FROM pressing p JOIN case_status c USING (case_id, from_position, number)
    ORDER BY rank, next_due_on, p.raised_position"""
)


def waiting(
    reads: Reads, organ: str, *, today: date, as_of: int | None = None, most: int = MOST
) -> list[WaitingCase]:
    """The cases that wait for *organ*, or waited *as_of* a position, the *most* pressing first:
    overdue ones, those that were lifted or sent to it, those of which somebody waits for its
    answer, those that it was made responsible for, and all others that it holds."""
    query = _HELD + at(as_of) + _MINE + at(as_of) + _WHY
    rows = reads.rows(query, organ=organ, today=today, as_of=as_of, most=most)
    return _cases(reads, rows)


def news(
    reads: Reads,
    organ: str,
    topology: Topology,
    *,
    since: int,
    as_of: int | None = None,
    limit: int = 100,
) -> list[WaitingCase]:
    """The cases at the levels below *organ* in which something happened after position *since*, as
    they were *as_of* a position (None: now), the newest first."""
    below = [key for key in topology.organs if topology.is_below(key, organ)]
    rows = reads.rows(
        "SELECT case_id, number, " + _TITLE + ", status, holder, owed, "
        "(SELECT min(d.due_on) FROM deadlines d WHERE d.stream_id = case_id "
        "AND d.kind = 'assignment' AND d.from_position <= %(known)s "
        "AND (d.to_position IS NULL OR d.to_position > %(known)s)), '{news}'::text[] "
        "FROM (SELECT * FROM case_status "
        "WHERE holder = ANY(%(below)s) AND from_position > %(since)s AND "
        + at(as_of)
        + " ORDER BY from_position DESC LIMIT %(limit)s) newest ORDER BY from_position DESC",
        below=below,
        organ=organ,
        since=since,
        as_of=as_of,
        known=as_of if as_of is not None else 2**62,
        limit=limit,
    )
    return _cases(reads, rows)


def _cases(reads: Reads, rows: Sequence[TupleRow]) -> list[WaitingCase]:
    """With their titles: asked for all at once, so that who reads what is judged once (0026)."""
    titles = words_of(reads, [row[2] for row in rows])
    return [
        WaitingCase.model_validate(
            dict(
                zip(WaitingCase.model_fields, (*row[:2], titles.get(row[2]), *row[3:]), strict=True)
            )
        )
        for row in rows
    ]

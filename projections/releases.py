"""What has been released to those who are shown numbers alone, and when.

Between two releases at least as many new matters were raised as are not few, and a release is made
at the end of a calendar month in Oslo, so that the difference of two does not single out one
matter. What an import told is released with it: it stood in a report before. The first release
reaches up to the first thing that anybody entered.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import LiteralString, NamedTuple

from domain.event import OSLO, day_in_oslo
from domain.policy import SHIPPED, InForce
from ledger.recorder import Recorder
from ledger.sight import Reads

Policies = Sequence[tuple[int, InForce]]
"""Each policy that was set, and at which position."""


class Release(NamedTuple):
    """`since`: the position of the release before it, or 0. `day`: that it was made on."""

    position: int
    since: int
    day: date


def every(reads: Reads, ledger: Recorder, policies: Policies) -> list[Release]:
    """All that were made, in order."""
    ((reached, now, first),) = reads.rows(
        "SELECT f.position, now(), (SELECT min(e.position) FROM events e WHERE e.stream_type IN "
        "('case', 'meeting', 'order') AND e.data ->> 'source' = 'entered' "
        "AND e.position <= f.position) FROM follower f"
    )
    begin = reached if first is None else min(first - 1, reached)
    moment = ledger.moment(begin) if begin else None
    made = [Release(begin, 0, day_in_oslo(moment or now))]
    if first is None:
        return made
    waiting = 0
    for month, many in _months(reads, _largest(policies)):
        waiting += many
        end = _after(month)
        if end > now:
            break
        position = ledger.position_at(end)
        if position > reached:
            break  # it is released once the views hold all of it
        if waiting >= _threshold(policies, position):
            made.append(Release(position, made[-1].position, end.date()))
            waiting = 0
    return made


def _months(reads: Reads, enough: int) -> list[tuple[date, int]]:
    """How many matters were entered in each month in which any was, in order; no more than *enough*
    are counted. Each month is two looks into an index, however many matters there are."""
    entered: LiteralString = "FROM flow WHERE NOT reported AND from_position = positions[1]"
    month: LiteralString = "date_trunc('month', {at} AT TIME ZONE 'Europe/Oslo')"
    after: LiteralString = (
        "(" + month.replace("{at}", "m.first") + " + interval '1 month') AT TIME ZONE 'Europe/Oslo'"
    )
    rows = reads.rows(
        "WITH RECURSIVE months AS (SELECT min(recorded_at) AS first " + entered
        + " UNION ALL SELECT (SELECT min(recorded_at) " + entered + " AND recorded_at >= " + after
        + ") FROM months m WHERE m.first IS NOT NULL) "
        "SELECT " + month.replace("{at}", "m.first") + "::date, (SELECT count(*) FROM (SELECT "
        + entered + " AND recorded_at >= m.first AND recorded_at < " + after
        + " LIMIT %(enough)s) AS few) FROM months m WHERE m.first IS NOT NULL ORDER BY m.first",
        enough=enough,
    )  # fmt: skip
    return [(begin, many) for begin, many in rows]


def _after(month: date) -> datetime:
    """The first moment after a month."""
    year, number = month.year + month.month // 12, month.month % 12 + 1
    return datetime(year, number, 1, tzinfo=OSLO)


def _threshold(policies: Policies, position: int) -> int:
    known = (one.policy for at, one in reversed(policies) if at <= position)
    return next(known, SHIPPED.policy).small_numbers


def _largest(policies: Policies) -> int:
    return max(
        policy.small_numbers for policy in [SHIPPED.policy, *(p.policy for _, p in policies)]
    )


def begins_on(reads: Reads, position: int) -> date | None:
    """The first day on which anything that is known at *position* was raised."""
    rows = reads.rows(
        "SELECT raised_on FROM flow WHERE to_position IS NULL AND positions[1] <= %(position)s "
        "ORDER BY raised_on LIMIT 1",
        position=position,
    )
    return rows[0][0] if rows else None

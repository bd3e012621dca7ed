"""The report on channels: where matters stand still, who waits for whom, who never answers.

Of organs and services, never of people.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import LiteralString

from pydantic import BaseModel, ConfigDict

from domain.cadence import rhythm
from domain.event import Precision
from domain.organ import Organ
from domain.seat import SeatRole
from domain.topology import Level
from ledger.database import Database
from ledger.sight import Reads
from projections import meetings, structure
from projections.asked import Asked, Places, placed
from projections.view import at


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Held(_Frozen):
    """The open cases that an organ holds. `still`: those that have stood as they do for longer than
    the policy lets them; `longest`: days that the one has stood that has stood longest."""

    organ: str
    open: int
    still: int
    longest: int


class Wait(_Frozen):
    """`to` waits for `of`. `kind`: `answer` (of those that raised or held a case), `acceptance` or
    `assignment` (of the holder, for the one that was made responsible)."""

    kind: str
    of: str
    to: str
    count: int
    overdue: int
    longest: int


class Answers(_Frozen):
    """Answers on cases: those that an organ owes others, that others owe it, and that it got."""

    organ: str
    owes: int
    owed: int
    got: int


class Serves(_Frozen):
    """What a service, or an organ that was made responsible, has to do with cases: how many were
    raised by it, how many assignments it got, and to how many it has said nothing."""

    service: str
    raised: int
    assigned: int
    unanswered: int

    @property
    def never_raises(self) -> bool:
        return self.raised == 0

    @property
    def never_answers(self) -> bool:
        return 0 < self.assigned == self.unanswered


class Meets(_Frozen):
    """Periods in which an organ met as often as it was to, and in which it did not."""

    organ: str
    kept: int
    missed: int


class Unseated(_Frozen):
    """A service that sits in these organs, and in none of the coordinating level."""

    service: str
    sits_in: tuple[str, ...]


class ChannelsReport(_Frozen):
    held: tuple[Held, ...]
    waits: tuple[Wait, ...]
    answers: tuple[Answers, ...]
    services: tuple[Serves, ...]
    meetings: tuple[Meets, ...]
    unseated: tuple[Unseated, ...]


def report(database: Database, asked: Asked) -> ChannelsReport:
    """Of the cases that are *asked* for; meetings and seats of the *asked* organ, else of all."""
    waits = tuple(_waits(database, asked))
    organs = [one for one in structure.organs(database, as_of=asked.as_of) if not one.dissolved]
    return ChannelsReport(
        held=tuple(_held(database, asked)),
        waits=waits,
        answers=tuple(_answers(database, asked, waits)),
        services=tuple(_services(database, asked)),
        meetings=tuple(_meetings(database, asked, organs)),
        unseated=tuple(_unseated(organs, asked)),
    )


def _every_clock(asked: Asked) -> LiteralString:
    return (
        "(SELECT stream_id, kind, responsible, waiting, began_on, due_on FROM deadlines WHERE "
        + at(asked.as_of) + ") AS d "
    )  # fmt: skip


def _clocks(asked: Asked) -> LiteralString:
    """The clocks of the cases that are asked for, each with its case's holder."""
    cases: LiteralString = "SELECT case_id, holder FROM flow WHERE " + asked.where
    return _every_clock(asked) + "JOIN (" + cases + ") AS f ON f.case_id = d.stream_id"


_LATE: LiteralString = "count(*) FILTER (WHERE d.due_on < %(today)s)"
_LONGEST: LiteralString = "max(%(today)s::date - d.began_on)"


def _held(reads: Reads, asked: Asked) -> Iterator[Held]:
    """A case stands with its holder, so where all are asked for nothing else need be looked up."""
    clocks = _every_clock(asked) if asked.is_everything else _clocks(asked)
    rows = reads.rows(
        "SELECT d.responsible, count(*), " + _LATE + ", " + _LONGEST + " FROM " + clocks
        + " WHERE d.kind = 'standing' GROUP BY d.responsible ORDER BY d.responsible",
        **asked.facts,
    )  # fmt: skip
    for organ, many, still, longest in rows:
        yield Held(organ=organ, open=many, still=still, longest=max(longest, 0))


def _waits(reads: Reads, asked: Asked) -> Iterator[Wait]:
    rows = reads.rows(
        "SELECT d.kind, d.responsible, coalesce(d.waiting, f.holder) AS waiting, count(*), "
        + _LATE + ", " + _LONGEST + " FROM " + _clocks(asked)
        + " WHERE d.kind IN ('answer', 'acceptance', 'assignment') "
        "GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        **asked.facts,
    )  # fmt: skip
    for kind, of, to, many, overdue, longest in rows:
        yield Wait(kind=kind, of=of, to=to, count=many, overdue=overdue, longest=max(longest, 0))


def _answers(reads: Reads, asked: Asked, waits: Iterable[Wait]) -> Iterator[Answers]:
    rows = reads.rows(
        "SELECT organ, count(*) FROM flow, unnest(answered) AS organ WHERE answered <> '{}' AND "
        + asked.where + " GROUP BY organ ORDER BY organ",
        **asked.facts,
    )  # fmt: skip
    owing = [one for one in waits if one.kind == "answer"]
    got = {organ: int(many) for organ, many in rows}
    for organ in sorted({*got, *(one.of for one in owing), *(one.to for one in owing)}):
        yield Answers(
            organ=organ,
            owes=sum(one.count for one in owing if one.of == organ),
            owed=sum(one.count for one in owing if one.to == organ),
            got=got.get(organ, 0),
        )


def _services(database: Database, asked: Asked) -> Iterator[Serves]:
    """All services that stand on their own, and whoever else was made responsible."""
    rows = database.rows(
        "SELECT key, sum(raised), sum(assigned), sum(unanswered) FROM ("
        "SELECT service AS key, count(*) AS raised, 0 AS assigned, 0 AS unanswered FROM flow "
        "WHERE service IS NOT NULL AND " + asked.where + " GROUP BY service UNION ALL "
        "SELECT key, 0, count(*), 0 FROM flow, unnest(assigned) AS key "
        "WHERE assigned <> '{}' AND " + asked.where + " GROUP BY key UNION ALL "
        "SELECT key, 0, 0, count(*) FROM flow, unnest(unanswered) AS key "
        "WHERE unanswered <> '{}' AND " + asked.where + " GROUP BY key) AS parts GROUP BY key",
        **asked.facts,
    )
    known = {key: tuple(map(int, sums)) for key, *sums in rows}
    every = structure.services(database, as_of=asked.as_of)
    living = {one.key for one in every if one.merged_into is None}
    for key in sorted({*known, *living}):
        raised, assigned, unanswered = known.get(key, (0, 0, 0))
        yield Serves(service=key, raised=raised, assigned=assigned, unanswered=unanswered)


def _meetings(reads: Reads, asked: Asked, organs: Sequence[Organ]) -> Iterator[Meets]:
    wanted = [one for one in organs if one.cadences and asked.organ in {None, one.key}]
    held = meetings.days_held(reads, [one.key for one in wanted], as_of=asked.as_of)
    for organ in wanted:
        is_known = organ.first_meeting_precision is Precision.DAY
        first = organ.first_meeting_on if is_known else None
        found = rhythm(organ.cadences, held[organ.key], first=first, today=asked.today)
        within = [one for one in found.periods if _overlaps(one.begin, one.until, asked)]
        yield Meets(
            organ=organ.key,
            kept=sum(one.kept is True for one in within),
            missed=sum(one.kept is False for one in within),
        )


def _overlaps(begin: date, until: date, asked: Asked) -> bool:
    return (asked.until is None or begin <= asked.until) and (
        asked.since is None or until > asked.since
    )


def _unseated(organs: Sequence[Organ], asked: Asked) -> Iterator[Unseated]:
    seated: dict[str, set[str]] = {}
    coordinating = set[str]()
    for organ in organs:
        for seat in organ.seats:
            if (
                seat.service is None
                or seat.role is SeatRole.GUEST
                or not seat.is_taken(asked.today)
            ):
                continue
            if organ.level is Level.COORDINATING:
                coordinating.add(seat.service)
            elif organ.level is Level.EXECUTING and asked.organ in {None, organ.key}:
                seated.setdefault(seat.service, set()).add(organ.key)
    for service in sorted(seated.keys() - coordinating):
        yield Unseated(service=service, sits_in=tuple(sorted(seated[service])))


def places(
    seen: Reads, every: Reads, asked: Asked, cell: str, *, after: int = 0, limit: int = 100
) -> Places | None:
    """Where the cases were raised that a number counts, after position *after*. *cell*:
    `held/ORGAN`, `still/ORGAN`, `answer/OF/TO`, `acceptance/OF/TO`, `assignment/OF/TO`,
    `raised/SERVICE`, `assigned/SERVICE` or `unanswered/SERVICE`. None where there is no such
    cell."""
    what, *keys = cell.split("/")
    condition = _CELLS.get((what, len(keys)))
    if condition is None:
        return None
    facts = asked.facts | dict(zip(("key", "to"), keys, strict=False))
    if what in _OF_CLOCKS:
        clocks: LiteralString = (
            "(SELECT f.positions FROM (SELECT stream_id, kind, responsible, waiting, due_on "
            "FROM deadlines WHERE " + at(asked.as_of) + ") AS d JOIN "
            "(SELECT case_id, holder, positions FROM flow WHERE " + asked.where + ") AS f "
            "ON f.case_id = d.stream_id WHERE " + condition + ") AS found"
        )
        return placed(
            seen, every, "positions[1:1]", clocks, "true", facts, after=after, limit=limit
        )
    where = asked.where + " AND " + condition
    return placed(seen, every, "positions[1:1]", "flow", where, facts, after=after, limit=limit)


_STANDING: LiteralString = "d.kind = 'standing' AND f.holder = %(key)s"
_OWED: LiteralString = " AND d.responsible = %(key)s AND coalesce(d.waiting, f.holder) = %(to)s"
_OF_CLOCKS = {"held", "still", "answer", "acceptance", "assignment"}
_CELLS: dict[tuple[str, int], LiteralString] = {
    ("held", 1): _STANDING,
    ("still", 1): _STANDING + " AND d.due_on < %(today)s",
    ("answer", 2): "d.kind = 'answer'" + _OWED,
    ("acceptance", 2): "d.kind = 'acceptance'" + _OWED,
    ("assignment", 2): "d.kind = 'assignment'" + _OWED,
    ("raised", 1): "service = %(key)s",
    ("assigned", 1): "%(key)s = ANY(assigned)",
    ("unanswered", 1): "%(key)s = ANY(unanswered)",
}

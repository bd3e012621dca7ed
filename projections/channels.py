"""The report on channels: where matters stand still, who waits for whom, who never answers.

Of organs and services, never of people.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import LiteralString, NamedTuple

from pydantic import BaseModel, ConfigDict

from domain.organ import Organ
from domain.seat import SeatRole
from domain.topology import Level
from ledger.database import Database
from ledger.sight import Reads
from projections import rhythms, structure
from projections.asked import Asked, Places, placed
from projections.rhythms import Meets
from projections.tally import Counts, Tally
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
    _, counts = TALLY.of(database, asked)
    waits = tuple(_waits(counts, asked.today))
    organs = [one for one in structure.organs(database, as_of=asked.as_of) if not one.dissolved]
    return ChannelsReport(
        held=tuple(_held(counts, asked.today)),
        waits=waits,
        answers=tuple(_answers(counts, waits)),
        services=tuple(_services(database, counts, asked)),
        meetings=tuple(rhythms.meets(database, asked, organs)),
        unseated=tuple(_unseated(organs, asked)),
    )


def count(reads: Reads, asked: Asked) -> Counts:
    """By kind of clock, and by who must act and who waits, how many began and how many are due on
    which day (0: on none); by service, how many cases it raised, was made responsible for and has
    said nothing to; by organ, how many answers it got."""
    counts: Counts = Counter()
    for kind, of, to, due_on, began_on, many in reads.rows(_clocks(asked), **asked.facts):
        what, day = ("due", due_on) if began_on is None else ("began", began_on)
        counts[kind, f"{of}/{to}", what, day.toordinal() if day is not None else 0] += many
    for what, key, many in reads.rows(_said(asked), **asked.facts):
        counts["said", key, what, 0] += many
    return counts


TALLY = Tally(count, "flow", "deadlines")


def _clocks(asked: Asked) -> LiteralString:
    """Of the cases that are asked for. Where nobody else waits for what is to be done, the one that
    holds the case does."""
    only: LiteralString = " AND stream_id = ANY(%(only)s)" if asked.only is not None else ""
    return (
        "SELECT d.kind, d.responsible, coalesce(d.waiting, f.holder) AS awaiting, d.due_on, "
        "d.began_on, count(*) FROM (SELECT stream_id, kind, responsible, waiting, began_on, due_on "
        "FROM deadlines WHERE kind IN ('standing', 'acceptance', 'answer', 'assignment') AND "
        + at(asked.as_of) + only + ") AS d JOIN (SELECT case_id, holder FROM flow WHERE "
        + asked.where + ") AS f ON f.case_id = d.stream_id GROUP BY GROUPING SETS "
        "((d.kind, d.responsible, awaiting, d.due_on), "
        "(d.kind, d.responsible, awaiting, d.began_on))"
    )  # fmt: skip


def _said(asked: Asked) -> LiteralString:
    columns: LiteralString = ", ".join(["service", *_LISTS])
    cases: LiteralString = "WITH cases AS MATERIALIZED (SELECT " + columns + " FROM flow WHERE "
    raised: LiteralString = (
        ") SELECT 'raised', service, count(*) FROM cases WHERE service IS NOT NULL GROUP BY service"
    )
    lists: LiteralString = "".join(
        [
            " UNION ALL SELECT '" + name + "', key, count(*) FROM cases, unnest(" + name
            + ") AS key WHERE " + name + " <> '{}' GROUP BY key"
            for name in _LISTS
        ]
    )  # fmt: skip
    return cases + asked.where + raised + lists


_LISTS: tuple[LiteralString, ...] = ("assigned", "unanswered", "answered")


class _Clocks(NamedTuple):
    """Some that one must act on, and another waits for: how many, how many of them are overdue, and
    how many days the one has run that has run longest."""

    of: str
    to: str
    many: int
    late: int
    longest: int


def _running(counts: Counts, kind: str, today: date) -> Iterator[_Clocks]:
    days: dict[str, dict[str, Counter[int]]] = {}
    for (its, pair, what, day), many in counts.items():
        if its == kind:
            known = days.setdefault(pair, {"due": Counter(), "began": Counter()})
            known[what][day] += many
    now = today.toordinal()
    for pair in sorted(days):
        of, _, to = pair.partition("/")
        due, began = days[pair]["due"], days[pair]["began"]
        late = sum(many for day, many in due.items() if 0 < day < now)
        yield _Clocks(of, to, began.total(), late, max(now - min(began), 0))


def _held(counts: Counts, today: date) -> Iterator[Held]:
    """A case stands with its holder."""
    for one in _running(counts, "standing", today):
        yield Held(organ=one.of, open=one.many, still=one.late, longest=one.longest)


def _waits(counts: Counts, today: date) -> Iterator[Wait]:
    for kind in ("acceptance", "answer", "assignment"):
        for of, to, many, overdue, longest in _running(counts, kind, today):
            yield Wait(kind=kind, of=of, to=to, count=many, overdue=overdue, longest=longest)


def _answers(counts: Counts, waits: Iterable[Wait]) -> Iterator[Answers]:
    owing = [one for one in waits if one.kind == "answer"]
    got = _of(counts, "answered")
    for organ in sorted({*got, *(one.of for one in owing), *(one.to for one in owing)}):
        yield Answers(
            organ=organ,
            owes=sum(one.count for one in owing if one.of == organ),
            owed=sum(one.count for one in owing if one.to == organ),
            got=got.get(organ, 0),
        )


def _services(database: Database, counts: Counts, asked: Asked) -> Iterator[Serves]:
    """All services that stand on their own, and whoever else was made responsible."""
    raised, assigned, unanswered = (
        _of(counts, what) for what in ("raised", "assigned", "unanswered")
    )
    every = structure.services(database, as_of=asked.as_of)
    living = {one.key for one in every if one.merged_into is None}
    for key in sorted({*raised, *assigned, *unanswered, *living}):
        yield Serves(
            service=key,
            raised=raised.get(key, 0),
            assigned=assigned.get(key, 0),
            unanswered=unanswered.get(key, 0),
        )


def _of(counts: Counts, what: str) -> dict[str, int]:
    """By service or organ."""
    return {key: many for (by, key, it, _), many in counts.items() if (by, it) == ("said", what)}


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
    seen: Reads, database: Database, asked: Asked, cell: str, *, after: int = 0, limit: int = 100
) -> Places | None:
    """The entries that a number counts, after position *after*. *cell*: `held/ORGAN`,
    `still/ORGAN`, `owes/ORGAN`, `owed/ORGAN`, `answer/OF/TO`, `acceptance/OF/TO` or
    `assignment/OF/TO`, also of those that are overdue as in `answer/OF/TO/overdue`: where each of
    these waits began; `got/ORGAN`: the answers;
    `raised/SERVICE`: where the cases were raised; `assigned/SERVICE` or `unanswered/SERVICE`: where
    the service was made responsible; `kept/ORGAN` and `missed/ORGAN`: see `rhythms.places`. None
    where there is no such cell."""
    what, *keys = cell.split("/")
    if what in {"kept", "missed"} and len(keys) == 1:
        organ = structure.organ(database, keys[0], as_of=asked.as_of)
        if organ is None:
            return None
        return rhythms.places(seen, database, asked, organ, what, after=after, limit=limit)
    facts = asked.facts | dict(zip(("key", "to", "late"), keys, strict=False))
    if (what, len(keys)) in _WAITS:
        source, counted, where = _waits_of(asked, _WAITS[what, len(keys)]), _ONE, _ALL
    elif (what, len(keys)) in _ENTRIES:
        source, counted, where = _FLOW, _ENTRIES[what, len(keys)], asked.where
    else:
        return None
    return placed(seen, database, counted, source, where, facts, after=after, limit=limit)


_FLOW: LiteralString = "flow"
_ONE: LiteralString = "ARRAY[position]"
_ALL: LiteralString = "true"


def _waits_of(asked: Asked, which: LiteralString) -> LiteralString:
    """Where each of these clocks began, however it was paused and reckoned since."""
    return (
        "(SELECT (SELECT min(b.from_position) FROM deadlines b WHERE b.stream_id = d.stream_id "
        "AND b.clock_name = d.clock_name AND b.began_on = d.began_on) AS position FROM "
        "(SELECT stream_id, clock_name, kind, responsible, waiting, began_on, due_on "
        "FROM deadlines WHERE " + at(asked.as_of) + ") AS d JOIN (SELECT case_id, holder FROM flow "
        "WHERE " + asked.where + ") AS f ON f.case_id = d.stream_id WHERE " + which + ") AS found"
    )


_OWED: LiteralString = " AND d.responsible = %(key)s AND coalesce(d.waiting, f.holder) = %(to)s"
_LATE: LiteralString = " AND d.due_on < %(today)s AND %(late)s = 'overdue'"
_STANDING: LiteralString = "d.kind = 'standing' AND f.holder = %(key)s"
_WAITS: dict[tuple[str, int], LiteralString] = {
    ("held", 1): _STANDING,
    ("still", 1): _STANDING + " AND d.due_on < %(today)s",
    ("owes", 1): "d.kind = 'answer' AND d.responsible = %(key)s",
    ("owed", 1): "d.kind = 'answer' AND d.waiting = %(key)s",
    ("answer", 2): "d.kind = 'answer'" + _OWED,
    ("acceptance", 2): "d.kind = 'acceptance'" + _OWED,
    ("assignment", 2): "d.kind = 'assignment'" + _OWED,
    ("answer", 3): "d.kind = 'answer'" + _OWED + _LATE,
    ("acceptance", 3): "d.kind = 'acceptance'" + _OWED + _LATE,
    ("assignment", 3): "d.kind = 'assignment'" + _OWED + _LATE,
}
_ENTRIES: dict[tuple[str, int], LiteralString] = {
    ("raised", 1): "CASE WHEN service = %(key)s THEN positions[1:1] END",
    ("assigned", 1): (
        "ARRAY(SELECT at FROM unnest(assigned, assigned_at) AS its (key, at) WHERE key = %(key)s)"
    ),
    ("unanswered", 1): (
        "ARRAY(SELECT at FROM unnest(unanswered, unanswered_at) AS its (key, at) "
        "WHERE key = %(key)s)"
    ),
    ("got", 1): (
        "ARRAY(SELECT at FROM unnest(answered, answered_at) AS its (key, at) WHERE key = %(key)s)"
    ),
}

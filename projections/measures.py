"""The report on measures and focus areas: what was done, at which level of prevention, and whether
it had the effect that was expected."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from typing import LiteralString

from pydantic import BaseModel, ConfigDict

from domain.plan import PlanAdopted, WorkReported
from ledger.database import Database
from ledger.sight import Reads
from ledger.stored import EventMapper
from projections import structure
from projections.asked import Asked, Places, placed
from projections.tally import Counts, Tally
from projections.view import at


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Done(_Frozen):
    """The measures of one focus area (None: of cases that have none) and level of prevention.
    `wanted`, `partly`, `none` and `unknown`: the effect that they were found to have, where one was
    expected of each; `running`: not evaluated yet, `late`: though the day for it has passed."""

    focus_area: str | None
    prevention_level: str
    started: int
    wanted: int
    partly: int
    none: int
    unknown: int
    running: int
    late: int


class Work(_Frozen):
    """What was done in a focus area in a year, as an entry of the plan. `text`: the id of its
    words."""

    position: int
    focus_area: str
    year: int
    text: str


class Period(_Frozen):
    """A plan, by the id of the words that name it. An open end has no `to_year`."""

    position: int
    n: int
    text: str
    from_year: int
    to_year: int | None
    measures: int | None


class MeasuresReport(_Frozen):
    measures: tuple[Done, ...]
    work: tuple[Work, ...]
    plans: tuple[Period, ...]


def report(database: Database, asked: Asked) -> MeasuresReport:
    """Of the cases that are *asked* for; work and plans of the years of the period."""
    _, counts = TALLY.of(database, asked)
    return MeasuresReport(
        measures=tuple(_done(counts, asked.today)),
        work=tuple(_work(database, asked)),
        plans=tuple(_plans(database, asked)),
    )


def _started(asked: Asked) -> LiteralString:
    """The measures of the cases that are asked for, which nobody has withdrawn."""
    only: LiteralString = " AND case_id = ANY(%(only)s)" if asked.only is not None else ""
    return (
        "(SELECT f.focus_area, f.measures_at[n] AS position, "
        "m ->> 'prevention_level' AS prevention_level, "
        "m ->> 'effect' AS effect, (m ->> 'evaluate_on')::date AS evaluate_on FROM "
        "(SELECT case_id, focus_area, measures_at FROM flow "
        "WHERE positions[5] IS NOT NULL AND " + asked.where + ") AS f JOIN "
        "(SELECT case_id, state FROM case_status WHERE " + at(asked.as_of) + only + ") AS c "
        "USING (case_id), "
        "jsonb_array_elements(c.state -> 'measures') WITH ORDINALITY AS its (m, n) "
        "WHERE NOT (m ->> 'withdrawn')::boolean) AS started"
    )


def count(reads: Reads, asked: Asked) -> Counts:
    """By focus area and level of prevention, how many measures there are of each effect; of those
    that have not been evaluated, by the day for that."""
    counts: Counts = Counter()
    rows = reads.rows(
        "SELECT focus_area, prevention_level, effect, "
        "CASE WHEN effect IS NULL THEN evaluate_on END, count(*) FROM "
        + _started(asked) + " GROUP BY 1, 2, 3, 4",
        **asked.facts,
    )  # fmt: skip
    for area, level, effect, evaluate_on, many in rows:
        day = evaluate_on.toordinal() if evaluate_on is not None else 0
        counts[area or "", level, effect or RUNNING, day] += many
    return counts


TALLY = Tally(count, "flow", "case_status")
RUNNING = "running"


def _done(counts: Counts, today: date) -> Iterator[Done]:
    """Without a focus area last."""
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for (area, level, effect, day), many in counts.items():
        its = found[area, level]
        its["started"] += many
        its[effect] += many
        if effect == RUNNING and day < today.toordinal():
            its["late"] += many
    for area, level in sorted(found, key=lambda place: (not place[0], place)):
        named = {"focus_area": area or None, "prevention_level": level}
        sums = {name: found[area, level][name] for name in Done.model_fields if name not in named}
        yield Done.model_validate(named | sums)


def _work(database: Database, asked: Asked) -> Iterator[Work]:
    entries = structure.plan_entries(database, WorkReported.TOPIC, as_of=asked.as_of, limit=_MANY)
    for entry in entries:
        event = _MAPPER.to_domain_event(entry)
        assert isinstance(event, WorkReported)  # noqa: S101 - no others were asked for
        if _is_within(event.year, event.year, asked) and asked.focus_area in {
            None, event.focus_area,
        }:  # fmt: skip
            yield Work(
                position=entry.id,
                focus_area=event.focus_area,
                year=event.year,
                text=event.what.id,
            )


def _plans(database: Database, asked: Asked) -> Iterator[Period]:
    entries = structure.plan_entries(database, PlanAdopted.TOPIC, as_of=asked.as_of, limit=_MANY)
    for entry in entries:
        event = _MAPPER.to_domain_event(entry)
        assert isinstance(event, PlanAdopted)  # noqa: S101 - no others were asked for
        if _is_within(event.from_year, event.to_year, asked):
            yield Period(
                position=entry.id,
                n=event.n,
                text=event.name.id,
                from_year=event.from_year,
                to_year=event.to_year,
                measures=event.measures,
            )


_MANY = 10_000
_MAPPER = EventMapper()


def _is_within(begin: int, end: int | None, asked: Asked) -> bool:
    return (asked.until is None or begin <= asked.until.year) and (
        asked.since is None or end is None or end >= asked.since.year
    )


def places(
    seen: Reads, every: Reads, asked: Asked, cell: str, *, after: int = 0, limit: int = 100
) -> Places | None:
    """Where the measures that a number counts were started. *cell*: `WHAT/LEVEL` or
    `WHAT/LEVEL/FOCUS_AREA`, where WHAT is a field of `Done`. None where there is no such cell."""
    what, _, place = cell.partition("/")
    level, _, area = place.partition("/")
    if what not in _CELLS or not level:
        return None
    where: LiteralString = (
        _CELLS[what] + " AND prevention_level = %(level)s "
        "AND focus_area IS NOT DISTINCT FROM nullif(%(area)s, '')"
    )
    facts = asked.facts | {"level": level, "area": area}
    source = _started(asked)
    return placed(seen, every, "ARRAY[position]", source, where, facts, after=after, limit=limit)


_CELLS: dict[str, LiteralString] = {
    "started": "true",
    "wanted": "effect = 'wanted'",
    "partly": "effect = 'partly'",
    "none": "effect = 'none'",
    "unknown": "effect = 'unknown'",
    "running": "effect IS NULL",
    "late": "effect IS NULL AND evaluate_on < %(today)s",
}

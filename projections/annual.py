"""What a year's report is filled with, as of a position."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from domain.annual_report import AnnualReport, report_id
from domain.cadence import DAY, rhythm_of
from domain.event import OSLO, day_in_oslo
from domain.organ import Organ
from domain.plan import PLAN, FocusArea, Plan
from domain.seat import Seat, SeatRole
from domain.terms import AnnualSection
from domain.topology import Level
from ledger.database import Database
from ledger.sight import Reads
from ledger.stored import Entry
from projections import meetings, releases, structure
from projections.annual_facts import (
    AreaFact,
    Facts,
    FeedbackFact,
    HeldFact,
    MeetingsFact,
    Named,
    ObservationFact,
    OrganFact,
    SeatFact,
    SectionFact,
    Span,
    WorkFact,
)
from projections.annual_matters import came_before
from projections.view import at

LEVELS = (Level.STEERING, Level.COORDINATING, Level.EXECUTING)


def facts(
    database: Database, year: int, *, as_of: int, today: date, most: int | None = None
) -> Facts:
    """What the report of *year* says *as_of* a position. *today* judges which periods are over;
    *most*: so many matters of each organ alone (None: all of them)."""
    organs, areas = _organs(database, year, as_of), _plan(database, as_of).focus_areas
    told = structure.history(database, report_id(year), as_of=as_of, limit=100_000)
    own = [one.entry for one in told]
    feedback = [_feedback(one) for one in own if one.topic == "FeedbackGiven"]
    done = tuple(_done(database, year, as_of))
    return Facts(
        year=year,
        as_of=as_of,
        sections=tuple(_sections(own)),
        organs=tuple(_organ(then, year) for then in organs),
        meetings=tuple(_meetings(database, [o.organ for o in organs], year, as_of, today)),
        in_the_teams=came_before(database, AnnualSection.IN_THE_TEAMS, year, as_of, most),
        in_the_group=came_before(database, AnnualSection.IN_THE_GROUP, year, as_of, most),
        done=done,
        challenges=tuple(_challenges(database, year, as_of)),
        feedback=tuple(feedback),
        next_year=tuple(
            AreaFact(key=one.key, name=one.name, year=one.year)
            for one in areas
            if one.year in {None, year + 1}
        ),
        areas=tuple(_worked_for(areas, done)),
        services=tuple(_taking_part(database, as_of, organs, feedback)),
    )


def _worked_for(areas: Iterable[FocusArea], done: Iterable[WorkFact]) -> Iterator[Named]:
    """The focus areas that something was done for, each once."""
    called = {area.key: area.name for area in areas}
    for key in dict.fromkeys(one.focus_area for one in done):
        if key in called:
            yield Named(key=key, name=called[key])


def _taking_part(
    database: Database,
    as_of: int,
    organs: Iterable["_OrganThen"],
    feedback: Iterable[FeedbackFact],
) -> Iterator[Named]:
    """The services that have a seat, or that have said something."""
    used = {seat.service for then in organs for seat in then.organ.seats}
    used |= {one.service for one in feedback}
    for one in structure.services(database, as_of=as_of):
        if one.key in used:
            yield Named(key=one.key, name=one.name)


def report(database: Database, year: int, *, as_of: int | None = None) -> AnnualReport:
    """The life of the year's report as it was *as_of* a position (None: now)."""
    rows = database.rows(
        "SELECT state FROM structure WHERE stream_id = %(stream)s AND " + at(as_of),
        stream=report_id(year),
        as_of=as_of,
    )
    return AnnualReport.model_validate(rows[0][0]) if rows else AnnualReport.of(year)


def open_cases(reads: Reads, facts: Facts) -> frozenset[str]:
    """The ids of those of its cases that are not restricted now, as far as *reads* reads them."""
    rows = reads.rows(
        "SELECT case_id FROM case_status WHERE to_position IS NULL AND case_id = ANY(%(cases)s) "
        "ORDER BY case_id",
        cases=[one.case for one in (*facts.in_the_teams, *facts.in_the_group)],
    )
    return frozenset(case_id for (case_id,) in rows)


def first_year(database: Database, *, as_of: int | None = None) -> int | None:
    """The first year that anything is told of: of the municipality's structure and plan, or of a
    case. None in an empty ledger."""
    ((begun,),) = database.rows(
        "SELECT min(occurred_at) FROM events WHERE stream_type <> 'case' AND position <= %(as_of)s",
        as_of=as_of if as_of is not None else 2**62,
    )
    if begun is None:
        return None
    raised = releases.begins_on(database, as_of if as_of is not None else 2**62)
    years = [begun.astimezone(OSLO).year, *([raised.year] if raised is not None else [])]
    return min(years, default=None)


# Organs and their meetings.


@dataclass(frozen=True)
class _OrganThen:
    """An organ, and when each of its seats was said to be taken, by its number."""

    organ: Organ
    seated: Mapping[int, date]


def _organs(database: Database, year: int, as_of: int) -> list[_OrganThen]:
    """Those that were there in the year: the board first, each level in the order in which they
    were constituted."""
    rows = database.rows(
        "SELECT stream_id, name, (data ->> 'n')::int, occurred_at FROM events "
        "WHERE stream_type <> 'case' AND position <= %(as_of)s "
        "AND name IN ('OrganConstituted', 'OrganDissolved', 'SeatTaken') ORDER BY position",
        as_of=as_of,
    )
    when = {(stream, name, n): day_in_oslo(moment) for stream, name, n, moment in rows}
    found = []
    for organ in structure.organs(database, as_of=as_of, limit=100_000):
        begun = organ.constituted_on or when[organ.id, "OrganConstituted", None]
        ended = when.get((organ.id, "OrganDissolved", None))
        if begun.year <= year and (ended is None or ended.year >= year):
            seated = {seat.n: when[organ.id, "SeatTaken", seat.n] for seat in organ.seats}
            found.append(_OrganThen(organ, seated))
    places = [stream for stream, name, _ in when if name == "OrganConstituted"]
    return sorted(found, key=lambda o: (LEVELS.index(o.organ.level), places.index(o.organ.id)))


def _organ(then: _OrganThen, year: int) -> OrganFact:
    organ = then.organ
    seats = [seat for seat in organ.seats if _was_taken(seat, then.seated[seat.n], year)]
    return OrganFact(
        key=organ.key,
        name=organ.name,
        level=organ.level,
        kind=organ.kind,
        seats=tuple(_seat(seat) for seat in seats),
    )


def _was_taken(seat: Seat, said: date, year: int) -> bool:
    """On some day of the year; where it was not said since when, since it was *said*. A guest
    belongs to nobody's organ."""
    ended = min((day for day in (seat.until, seat.left_on) if day is not None), default=None)
    begun = (seat.taken_on or said).year <= year
    return seat.role is not SeatRole.GUEST and begun and (ended is None or ended.year >= year)


def _seat(seat: Seat) -> SeatFact:
    return SeatFact(
        n=seat.n,
        role=seat.role.value,
        represents=seat.represents,
        service=seat.service,
        taken_on=seat.taken_on,
        left_on=min((d for d in (seat.until, seat.left_on) if d is not None), default=None),
    )


def _meetings(
    database: Database, organs: Sequence[Organ], year: int, as_of: int, today: date
) -> Iterator[MeetingsFact]:
    """Of the organs that have met, or were to meet."""
    rows = database.rows(
        "SELECT organ, starts_at, status, closed_position FROM meetings "
        "WHERE starts_at >= %(since)s AND starts_at < %(until)s AND "
        + at(as_of)
        + " ORDER BY starts_at, meeting_id",
        since=_begins(year),
        until=_begins(year + 1),
        as_of=as_of,
    )
    days = meetings.days_held(database, [organ.key for organ in organs], as_of=as_of)
    for organ in organs:
        own = [row[1:] for row in rows if row[0] == organ.key]
        told = _told(organ, days[organ.key], own, year, today)
        if told.held or told.cancelled or told.wanted:
            yield told


def _told(
    organ: Organ, days: Sequence[date], own: Sequence[Any], year: int, today: date
) -> MeetingsFact:
    inside = []
    if organ.cadences:
        found = rhythm_of(organ, days, today=today)
        inside = [one for one in found.periods if (one.until - DAY).year == year]
    return MeetingsFact(
        organ=organ.key,
        held=tuple(
            HeldFact(on=day_in_oslo(moment), position=closed)
            for moment, status, closed in own
            if status == "held"
        ),
        cancelled=sum(status == "cancelled" for _, status, _ in own),
        wanted=sum(one.wanted for one in inside) if organ.cadences else None,
        missed=tuple(Span(begin=o.begin, last=o.until - DAY) for o in inside if o.kept is False),
    )


# The plan, and what the report's own life says.


def _plan(database: Database, as_of: int) -> Plan:
    rows = database.rows(
        "SELECT state FROM structure WHERE stream_id = %(plan)s AND " + at(as_of),
        plan=PLAN,
        as_of=as_of,
    )
    return Plan.model_validate(rows[0][0]) if rows else Plan()


def _done(database: Database, year: int, as_of: int) -> Iterator[WorkFact]:
    for one in structure.plan_entries(database, "WorkReported", as_of=as_of, limit=100_000):
        if one.data["year"] == year:
            yield WorkFact(
                position=one.id, focus_area=one.data["focus_area"], what=one.data["what"]
            )


def _challenges(database: Database, year: int, as_of: int) -> Iterator[ObservationFact]:
    for one in structure.plan_entries(database, "ObservationMade", as_of=as_of, limit=100_000):
        if one.occurred_at.astimezone(OSLO).year == year:
            names = ("observer", "what", "theme", "direction", "confidence", "dark_figure")
            yield ObservationFact(position=one.id, **{name: one.data[name] for name in names})


def _feedback(one: Entry) -> FeedbackFact:
    names = ("service", "what_works", "what_does_not", "what_to_change")
    return FeedbackFact(position=one.id, **{name: one.data[name] for name in names})


def _sections(own: Iterable[Entry]) -> Iterator[SectionFact]:
    """The newest of each, in the order in which they stand."""
    newest = {one.data["section"]: one for one in own if one.topic == "SectionWritten"}
    for section in AnnualSection:
        if (one := newest.get(section)) is not None:
            yield SectionFact(position=one.id, section=section, text=one.data["text"])


def _begins(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=OSLO)

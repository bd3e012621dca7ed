"""What a year's report says, as JSON: with the words that still stand."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

from api.answers import Wording, in_oslo
from api.minutes_answers import PrintedCheckpoint
from domain.annual_report import Freezing
from domain.plan import Degree, Direction, Observer
from domain.seat import SeatRole
from domain.terms import AnnualSection
from domain.topology import Level
from ledger.verifier import TreeHead
from projections.annual_facts import Facts, MatterFact, MeetingsFact, OrganFact, WorkFact

POSITION = Field(description="The entry that it counts.")


class SectionAnswer(BaseModel):
    """What was written to introduce a section."""

    section: AnnualSection
    text: str | None
    position: int = POSITION


class SeatInYear(BaseModel):
    """A seat that was taken in the year. Who sat there is not told."""

    n: int
    role: SeatRole
    represents: str | None
    service: str | None
    taken_on: date | None
    left_on: date | None


class OrganInYear(BaseModel):
    key: str
    name: str | None
    level: Level
    kind: str
    seats: list[SeatInYear]


class HeldMeeting(BaseModel):
    held_on: date
    position: int = POSITION


class MissedPeriod(BaseModel):
    """`to`: its last day."""

    from_: date = Field(alias="from")
    to: date


class MeetingsInYear(BaseModel):
    """How an organ has met. `wanted`: how often its cadence asks for, null where it has none."""

    organ: str
    held: list[HeldMeeting]
    cancelled: int
    wanted: int | None
    missed: list[MissedPeriod] = Field(description="Periods that had too few meetings.")


class MatterInYear(BaseModel):
    """A case by the title that the organ knows it by, in the order in which they came there."""

    case: str | None
    number: str | None
    organ: str
    title: str | None
    withheld: bool = Field(
        description="Restricted to named people: nobody is told more than that it came there."
    )
    position: int | None = POSITION


class WorkDone(BaseModel):
    focus_area: str
    name: str | None
    what: str | None
    position: int = POSITION


class ChallengeAnswer(BaseModel):
    observer: Observer
    what: str | None
    theme: str | None
    direction: Direction | None
    confidence: Degree | None
    dark_figure: Degree | None
    position: int = POSITION


class FeedbackAnswer(BaseModel):
    """What a service or an organ has said. What it left out is null, as what is erased."""

    service: str
    name: str | None
    what_works: str | None
    what_does_not: str | None
    what_to_change: str | None
    erased: list[str] = Field(description="Which of these have been erased.")
    position: int = POSITION


class AreaNextYear(BaseModel):
    key: str
    name: str | None
    year: int | None = Field(description="Null where it stands until the board says otherwise.")


class AnnualAnswer(BaseModel):
    """The report of a year. `frozen` as it was at `position`, but for words that have been erased
    and cases that have been restricted since; a `draft` until then."""

    year: int
    state: Literal["draft", "frozen"]
    position: int
    frozen_at: datetime | None
    signed: PrintedCheckpoint | None
    sections: list[SectionAnswer]
    organs: list[OrganInYear]
    meetings: list[MeetingsInYear]
    in_the_teams: list[MatterInYear]
    in_the_group: list[MatterInYear]
    done: list[WorkDone]
    challenges: list[ChallengeAnswer]
    feedback: list[FeedbackAnswer]
    next_year: list[AreaNextYear]


class YearAnswer(BaseModel):
    """A year of which there is a report. `state`: a `draft` until it is frozen."""

    year: int
    state: Literal["draft", "frozen"]


class YearsAnswer(BaseModel):
    items: list[YearAnswer]


def annual_answer(
    facts: Facts,
    words: Wording,
    *,
    told: Collection[str],
    freezing: Freezing | None,
    head: TreeHead | None,
) -> AnnualAnswer:
    """*told*: the ids of the cases whose titles are."""
    services = {one.key: words.of(one.name) or one.key for one in facts.services}
    organs = {one.key: words.of(one.name) or one.key for one in facts.organs}
    areas = {one.key: words.of(one.name) or one.key for one in facts.areas}
    return AnnualAnswer(
        year=facts.year,
        state="draft" if freezing is None else "frozen",
        position=facts.as_of,
        frozen_at=in_oslo(freezing.at) if freezing is not None else None,
        signed=PrintedCheckpoint(size=head.size, root=head.root.hex(), short=head.short)
        if head is not None
        else None,
        sections=[
            SectionAnswer(section=one.section, text=words.of(one.text), position=one.position)
            for one in facts.sections
        ],
        organs=[_organ(one, words, services) for one in facts.organs],
        meetings=[_meetings(one) for one in facts.meetings],
        in_the_teams=_matters(facts.in_the_teams, words, told),
        in_the_group=_matters(facts.in_the_group, words, told),
        done=[_done(one, words, areas) for one in facts.done],
        challenges=[
            ChallengeAnswer(**dict(one) | {"what": words.of(one.what)}) for one in facts.challenges
        ],
        feedback=list(_feedback(facts, words, services | organs)),
        next_year=[
            AreaNextYear(key=one.key, name=words.of(one.name), year=one.year)
            for one in facts.next_year
        ],
    )


def _done(work: WorkFact, words: Wording, areas: dict[str, str]) -> WorkDone:
    return WorkDone(
        focus_area=work.focus_area,
        name=areas.get(work.focus_area),
        what=words.of(work.what),
        position=work.position,
    )


def _organ(organ: OrganFact, words: Wording, services: dict[str, str]) -> OrganInYear:
    return OrganInYear(
        key=organ.key,
        name=words.of(organ.name),
        level=organ.level,
        kind=organ.kind,
        seats=[
            SeatInYear(
                n=seat.n,
                role=SeatRole(seat.role),
                represents=words.of(seat.represents),
                service=services.get(seat.service or "", seat.service),
                taken_on=seat.taken_on,
                left_on=seat.left_on,
            )
            for seat in organ.seats
        ],
    )


def _meetings(told: MeetingsFact) -> MeetingsInYear:
    return MeetingsInYear(
        organ=told.organ,
        held=[HeldMeeting(held_on=one.on, position=one.position) for one in told.held],
        cancelled=told.cancelled,
        wanted=told.wanted,
        missed=[
            MissedPeriod.model_validate({"from": one.begin, "to": one.last}) for one in told.missed
        ],
    )


def _matters(
    matters: Iterable[MatterFact], words: Wording, told: Collection[str]
) -> list[MatterInYear]:
    found = []
    for one in matters:
        withheld = one.title is None or one.case not in told
        found.append(
            MatterInYear(
                case=None if withheld else one.case,
                number=None if withheld else one.number,
                organ=one.organ,
                title=None if withheld else words.of(one.title),
                withheld=withheld,
                position=None if withheld else one.position,
            )
        )
    return found


_SAID = ("what_works", "what_does_not", "what_to_change")


def _feedback(facts: Facts, words: Wording, names: dict[str, str]) -> Iterable[FeedbackAnswer]:
    for one in facts.feedback:
        said = {name: words.of(getattr(one, name)) for name in _SAID}
        yield FeedbackAnswer(
            service=one.service,
            name=names.get(one.service, one.service),
            erased=[n for n in _SAID if getattr(one, n) is not None and said[n] is None],
            position=one.position,
            **said,
        )

"""What is answered: cases, entries and organs as JSON, with the words that still stand."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from domain.case import Answer, Assignment, Case, Measure
from domain.event import OSLO, Precision, Source
from domain.organ import Cadence, Organ, SeatRole
from domain.terms import (
    AssignmentState,
    Effect,
    LinkKind,
    Outcome,
    PreventionLevel,
    Status,
)
from domain.text import Text
from domain.topology import Level
from ledger.stored import Entry
from ledger.structure import Structure
from ledger.texts import is_text

T = TypeVar("T")


class AssignmentAnswer(BaseModel):
    n: int
    service: str | None
    expectation: str | None
    due_on: date | None
    state: AssignmentState
    overdue: bool


class MeasureAnswer(BaseModel):
    n: int
    title: str | None
    prevention_level: PreventionLevel
    expected_effect: str | None
    evaluate_on: date
    service: str | None
    effect: Effect | None
    withdrawn: bool = Field(description="The decision to start it has been reversed.")


class GivenAnswer(BaseModel):
    n: int
    to: str
    message: str | None
    acknowledged: bool


class LinkAnswer(BaseModel):
    other: str
    kind: LinkKind


class CaseAnswer(BaseModel):
    """A case. Words that have been erased are null; `erased` says which, and at what position."""

    id: str
    number: str
    title: str | None
    titles_there: dict[str, str | None]
    description: str | None
    status: Status
    level: Level
    holder: str
    raised_by: str
    themes: list[str]
    focus_area: str | None
    prevention_level: PreventionLevel | None
    area: str | None
    ages: tuple[int, int] | None
    service: str | None
    assignments: list[AssignmentAnswer]
    measures: list[MeasureAnswer]
    answers: list[GivenAnswer]
    answer_owed: list[str]
    links: list[LinkAnswer]
    outcome: Outcome | None
    merged_into: str | None
    raised_at: datetime
    raised_precision: Precision
    source: Source = Field(
        description="`report`: imported; `example`: made up for a demonstration."
    )
    last_recorded_at: datetime
    closed_at: datetime | None
    paused_since: datetime | None
    erased: dict[str, int]
    version: int
    position: int


def texts_of(case: Case) -> dict[str, Text]:
    """Every text of a case by its place in the answer."""
    places: dict[str, Text | None] = {
        "title": case.title,
        "description": case.description,
        "area": case.area,
        **{f"titles_there.{organ}": text for organ, text in case.titles_there.items()},
        **{f"assignments.{a.n}.expectation": a.expectation for a in case.assignments},
        **{f"measures.{m.n}.title": m.title for m in case.measures},
        **{f"measures.{m.n}.expected_effect": m.expected_effect for m in case.measures},
        **{f"answers.{a.n}.message": a.message for a in case.answers},
    }
    return {place: text for place, text in places.items() if text is not None}


_AS_THEY_ARE = (
    "id", "number", "status", "level", "holder", "raised_by", "themes", "focus_area",
    "prevention_level", "ages", "raised_precision", "source", "version",
)  # fmt: skip
"""The fields of an answer that are those of the case."""


class Wording:
    """The words of the texts that are about to be answered, and where the others were erased."""

    def __init__(
        self, words: Mapping[str, str], erased: Mapping[str, int], structure: Structure
    ) -> None:
        self.words = words
        self.erased = erased
        self.structure = structure

    def of(self, text: Text | None) -> str | None:
        return None if text is None else self.words.get(text.id)

    def case(self, case: Case, *, position: int, recorded_at: datetime, today: date) -> CaseAnswer:
        """*case* as JSON; *today* judges what is overdue."""
        return CaseAnswer(
            **{name: getattr(case, name) for name in _AS_THEY_ARE},
            **self._worded(case),
            **self._work(case, today),
            answer_owed=case.owed,
            outcome=case.footing.outcome,
            merged_into=case.footing.merged_into,
            raised_at=case.raised_at.astimezone(OSLO),
            last_recorded_at=recorded_at,
            closed_at=in_oslo(case.footing.closed_at),
            paused_since=in_oslo(case.paused_since),
            position=position,
        )

    def _worded(self, case: Case) -> dict[str, Any]:
        return {
            "title": self.of(case.title),
            "titles_there": {organ: self.of(text) for organ, text in case.titles_there.items()},
            "description": self.of(case.description),
            "area": self.of(case.area),
            "service": self.structure.name_of(case.service),
            "erased": {
                place: self.erased[text.id]
                for place, text in (texts_of(case).items() if case.erased else ())
                if text.id in self.erased
            },
        }

    def _work(self, case: Case, today: date) -> dict[str, Any]:
        stands = case.paused_since is not None or case.status is Status.CLOSED
        return {
            "assignments": [
                self._assignment(a, None if stands else today) for a in case.assignments
            ],
            "measures": [self._measure(measure) for measure in case.measures],
            "answers": [self._answer(answer) for answer in case.answers],
            "links": [LinkAnswer(other=link.other, kind=link.kind) for link in case.links],
        }

    def _measure(self, measure: Measure) -> MeasureAnswer:
        return MeasureAnswer(
            n=measure.n,
            title=self.of(measure.title),
            prevention_level=measure.prevention_level,
            expected_effect=self.of(measure.expected_effect),
            evaluate_on=measure.evaluate_on,
            service=self.structure.name_of(measure.service),
            effect=measure.effect,
            withdrawn=measure.withdrawn,
        )

    def _answer(self, answer: Answer) -> GivenAnswer:
        message = self.of(answer.message)
        return GivenAnswer(
            n=answer.n, to=answer.to, message=message, acknowledged=answer.acknowledged
        )

    def _assignment(self, assignment: Assignment, today: date | None) -> AssignmentAnswer:
        due = assignment.due_on
        late = bool(assignment.is_open and due and today and due < today)
        return AssignmentAnswer(
            n=assignment.n,
            service=self.structure.name_of(assignment.service),
            expectation=self.of(assignment.expectation),
            due_on=due,
            state=assignment.state,
            overdue=late,
        )

    def fields(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """An event's own fields, each text with its words or the position of its erasure, and
        each service by its name."""
        own = {_shown(n): self._field(value) for n, value in data.items() if n != "precision"}
        named = {n: self.structure.name_of(own[n]) for n in ("service", "to", "into") if n in own}
        return own | named

    def _field(self, value: Any) -> Any:  # noqa: ANN401 - JSON
        if is_text(value):
            text_id = value["id"]
            return {
                "text_id": text_id,
                "words": self.words.get(text_id),
                "erased_at": self.erased.get(text_id),
            }
        return [self._field(one) for one in value] if isinstance(value, list) else value


def _shown(name: str) -> str:
    """An entry has a position of its own; the one that it is about is `refers_to`."""
    return "refers_to" if name == "position" else name


class ActorAnswer(BaseModel):
    id: str
    role: str
    organ: str | None


class EntryAnswer(BaseModel):
    """An entry of the ledger, with the fields of its event beside these. A text among them is
    `{"text_id", "words", "erased_at"}`."""

    model_config = ConfigDict(extra="allow")

    position: int
    version: int
    event: str = Field(description="The stored name of the event.")
    actor: ActorAnswer
    occurred_at: datetime
    precision: Precision
    recorded_at: datetime
    leaf_hash: str
    corrections: list[int]


class DecisionAnswer(EntryAnswer):
    """A decision, with the case that it is about, if any, and what reversed it, if anything."""

    case: str | None
    number: str | None
    reversed_by: int | None


class Page(BaseModel, Generic[T]):
    """One page of a list; `next` is the address of the next one."""

    items: list[T]
    next: str | None


class CasePage(Page[CaseAnswer]):
    pass


class EntryPage(Page[EntryAnswer]):
    pass


class DecisionPage(Page[DecisionAnswer]):
    pass


def entry_fields(entry: Entry, corrections: list[int], wording: Wording) -> dict[str, Any]:
    """What `EntryAnswer` is made of."""
    return {
        **wording.fields(entry.data),
        "position": entry.id,
        "version": entry.originator_version,
        "event": entry.topic,
        "actor": ActorAnswer.model_validate(entry.actor),
        "occurred_at": entry.occurred_at.astimezone(OSLO),
        "precision": entry.data["precision"],
        "recorded_at": entry.recorded_at,
        "leaf_hash": entry.leaf_hash.hex(),
        "corrections": corrections,
    }


class SeatAnswer(BaseModel):
    n: int
    role: SeatRole
    represents: str | None
    service: str | None
    taken_on: date | None
    left_on: date | None


class OrganAnswer(BaseModel):
    key: str
    name: str | None
    level: Level
    kind: str
    parent: str | None
    lifts_to: list[str]
    area: str | None
    ages: tuple[int, int] | None
    police_station: str | None
    note: str | None
    mandate: str | None
    cadence: Cadence | None
    constituted_on: date | None
    first_meeting_on: date | None
    seats: list[SeatAnswer]
    dissolved: bool
    version: int


class OrganPage(Page[OrganAnswer]):
    pass


def organ_texts(organ: Organ) -> list[str]:
    texts = [organ.name, organ.area, organ.police_station, organ.note, organ.mandate]
    texts += [seat.represents for seat in organ.seats]
    return [text.id for text in texts if text is not None]


def organ_answer(organ: Organ, wording: Wording, on: date | None) -> OrganAnswer:
    """*organ* with the seats that are taken *on* a day (None: all that ever were)."""
    return OrganAnswer(
        key=organ.key,
        name=wording.of(organ.name),
        level=organ.level,
        kind=organ.kind,
        parent=organ.parent,
        lifts_to=list(organ.lifts_to),
        area=wording.of(organ.area),
        ages=organ.ages,
        police_station=wording.of(organ.police_station),
        note=wording.of(organ.note),
        mandate=wording.of(organ.mandate),
        cadence=organ.cadence,
        constituted_on=organ.constituted_on,
        first_meeting_on=organ.first_meeting_on,
        seats=[
            SeatAnswer(
                n=seat.n,
                role=seat.role,
                represents=wording.of(seat.represents),
                service=wording.structure.name_of(seat.service),
                taken_on=seat.taken_on,
                left_on=seat.left_on,
            )
            for seat in organ.seats
            if on is None or seat.is_taken(on)
        ],
        dissolved=organ.dissolved,
        version=organ.version,
    )


def in_oslo(moment: datetime | None) -> datetime | None:
    """Times that people gave are shown on their own clock: 2016 begins in 2016."""
    return None if moment is None else moment.astimezone(OSLO)


def day_in_oslo(moment: datetime) -> date:
    return moment.astimezone(OSLO).date()

"""What is answered: cases, entries and organs as JSON, with the words that still stand."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Generic, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from api.corrected import CaseCorrection, EntryCorrection, fields_of
from domain.case import Answer, Assignment, Case, Measure
from domain.event import OSLO, Precision, Source
from domain.policy import Policy
from domain.terms import (
    AssignmentState,
    DeadlineKind,
    Effect,
    LinkKind,
    Outcome,
    PreventionLevel,
    Status,
)
from domain.text import Text
from domain.topology import Level
from ledger.stored import Entry
from ledger.texts import is_text
from projections.corrections import Correction
from projections.decisions import RuleException

T = TypeVar("T")


class AssignmentAnswer(BaseModel):
    n: int
    service: str | None
    expectation: str | None
    due_on: date | None
    state: AssignmentState
    overdue: bool
    responsible: str | None = Field(description="The person who sees to it, by id.")


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
    """A case. Words that have been erased are null; `erased` says which, and at what position.
    What has been corrected stays as it was; `corrections` says which fields, and what they should
    have said."""

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
    restricted_to: list[str] | None = Field(
        description="Who may read it, by id; null where it is for its organs and services."
    )
    erased: dict[str, int]
    corrections: list[CaseCorrection]
    version: int
    position: int


class CaseTold(BaseModel):
    """What a command answers to a token that reads no cases."""

    id: str
    number: str
    position: int


class CaseThen(CaseAnswer):
    """A case as it was true at a moment, as far as it was known at a position."""

    known_at: int
    true_at: datetime | None


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


def due_days(case: Case, policy: Policy) -> dict[int, date]:
    """The days on which open assignments are due, by their number."""
    clocks = (clock for clock in case.clocks if clock.kind is DeadlineKind.ASSIGNMENT)
    deadlines = [clock.deadline(policy) for clock in clocks]
    return {one.n: one.due_on for one in deadlines if one is not None and one.n is not None}


_AS_THEY_ARE = (
    "id", "number", "status", "level", "holder", "raised_by", "themes", "focus_area",
    "prevention_level", "ages", "raised_precision", "source", "restricted_to", "version",
)  # fmt: skip
"""The fields of an answer that are those of the case."""


class Names(Protocol):
    """What services are called."""

    def name_of(self, key: str | None) -> str | None: ...


class Wording:
    """The words of the texts that are about to be answered, and where the others were erased."""

    def __init__(
        self, words: Mapping[str, str], erased: Mapping[str, int], structure: Names
    ) -> None:
        self.words = words
        self.erased = erased
        self.structure = structure

    def of(self, text: Text | None) -> str | None:
        return None if text is None else self.words.get(text.id)

    def case(
        self,
        case: Case,
        *,
        position: int,
        recorded_at: datetime,
        today: date,
        policy: Policy,
        corrections: Sequence[Correction] = (),
    ) -> CaseAnswer:
        """*case* as JSON; *today* judges what is overdue by the *policy*."""
        return CaseAnswer(
            **{name: getattr(case, name) for name in _AS_THEY_ARE},
            **self._worded(case),
            **self._work(case, today, policy),
            answer_owed=case.owed,
            outcome=case.footing.outcome,
            merged_into=case.footing.merged_into,
            raised_at=case.raised_at.astimezone(OSLO),
            last_recorded_at=recorded_at,
            closed_at=in_oslo(case.footing.closed_at),
            paused_since=in_oslo(case.paused_since),
            corrections=[self._correction(one, case) for one in corrections],
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
                for place, text in (texts_of(case).items() if self.erased else ())
                if text.id in self.erased
            },
        }

    def _work(self, case: Case, today: date, policy: Policy) -> dict[str, Any]:
        due = due_days(case, policy)
        return {
            "assignments": [self._assignment(a, due.get(a.n), today) for a in case.assignments],
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

    def _assignment(
        self, assignment: Assignment, due: date | None, today: date
    ) -> AssignmentAnswer:
        """*due*: None where nothing of it is due; it is then shown as it was given."""
        return AssignmentAnswer(
            n=assignment.n,
            service=self.structure.name_of(assignment.service),
            expectation=self.of(assignment.expectation),
            due_on=due or assignment.due_on,
            state=assignment.state,
            overdue=due is not None and due < today,
            responsible=assignment.responsible,
        )

    def _correction(self, made: Correction, case: Case) -> CaseCorrection:
        return CaseCorrection(
            position=made.position,
            refers_to=made.event.position,
            event=made.corrected.TOPIC,
            fields=fields_of(made.corrected, case),
            correction=self.of(made.event.correction),
            reason=self.of(made.event.reason),
        )

    def correction(self, made: Entry) -> EntryCorrection:
        """What is shown beside an entry that *made* corrects."""
        said = {name: self._text(made.data[name]) for name in ("correction", "reason")}
        return EntryCorrection.model_validate({"position": made.id, **said})

    def fields(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """An event's own fields, each text with its words or the position of its erasure, and
        each service by its name."""
        own = {_shown(n): self._field(value) for n, value in data.items() if n != "precision"}
        keys = ("service", "to", "into", "of")
        named = {n: self.structure.name_of(own[n]) for n in keys if n in own}
        met = {"meeting": own["meeting"].removeprefix("meeting:")} if "meeting" in own else {}
        return own | named | met

    def _field(self, value: Any) -> Any:  # noqa: ANN401 - JSON
        if is_text(value):
            return self._text(value)
        return [self._field(one) for one in value] if isinstance(value, list) else value

    def _text(self, reference: Mapping[str, str]) -> dict[str, Any]:
        own = reference["id"]
        return {
            "text_id": own, "words": self.words.get(own), "erased_at": self.erased.get(own),
        }  # fmt: skip


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
    corrections: list[int] = Field(description="The positions of the corrections to this entry.")
    corrections_in_words: list[EntryCorrection]
    reversed_by: int | None
    withdrawn_by: int | None = Field(description="Logged by mistake: the entry that says so.")


class DecisionAnswer(EntryAnswer):
    """A decision, with the case that it is about and the order that it is part of, if any."""

    case: str | None
    order: str | None
    number: str | None
    without_quorum: bool = Field(description="In a meeting in which too few were there to decide.")
    exceptions: list[RuleException] = Field(
        description="What it did not do as the rules ask: `urgent`: lifted without a discussion; "
        "`unevaluated`: closed with a measure that was not evaluated; `late`: recorded late."
    )


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


def entry_fields(
    entry: Entry,
    wording: Wording,
    *,
    corrections: Sequence[Entry] = (),
    reversed_by: int | None = None,
    withdrawn_by: int | None = None,
) -> dict[str, Any]:
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
        "corrections": [one.id for one in corrections],
        "corrections_in_words": [wording.correction(one) for one in corrections],
        "reversed_by": reversed_by,
        "withdrawn_by": withdrawn_by,
    }


def about(entry: Entry) -> dict[str, str | None]:
    """The case that an entry is about, if any, and its order if it is one of an order."""
    stream, kind = str(entry.originator_id), entry.stream_type
    return {
        "case": stream if kind == "case" else entry.data.get("case"),
        "order": stream.removeprefix("order:") if kind == "order" else None,
    }


def in_oslo(moment: datetime | None) -> datetime | None:
    """Times that people gave are shown on their own clock: 2016 begins in 2016."""
    return None if moment is None else moment.astimezone(OSLO)

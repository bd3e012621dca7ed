"""What commands are sent with: the body of each `POST`, and nothing beside it."""

from functools import cache
from typing import Annotated, Any, Literal, get_type_hints
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
)

from api.fields import (
    AS_OF,
    Age,
    Day,
    Key,
    Moment,
    PersonName,
    Position,
    Reason,
    Reference,
    Title,
    Words,
    Year,
    without_nul,
)
from api.gate import Typed
from domain.actor import Role
from domain.event import Precision
from domain.organ import Cadence
from domain.plan import Degree, Direction, Observer
from domain.seat import SeatRole
from domain.terms import (
    Conclusion,
    Effect,
    LegalBasis,
    LinkKind,
    Outcome,
    PreventionLevel,
    ReferralReason,
    Requester,
    Why,
)
from domain.topology import Level


class Command(BaseModel):
    """What every command takes beside its own fields."""

    model_config = ConfigDict(extra="forbid")

    occurred_at: Moment | None = Field(None, description="RFC 3339 with a time zone. Default: now.")
    precision: Precision = Field(Precision.MINUTE, description="How exactly that is known.")
    acting_for: Reference | None = Field(
        None, description="Key of the organ that decided. Default: the one that holds the case."
    )
    not_about_individual: Reason | None = Field(
        None,
        description="Why the words are not about one person, where that was asked "
        "(`confirmable`): in two words or more, and without a name. Kept with the event.",
    )

    @property
    def typed(self) -> Typed:
        """What a person typed that may be kept."""
        keys = self._of(Key, list[Key])
        said = {name: str(words) for name, words in self._of(Words, Title).items()}
        listed = {
            f"{name}.{n}": str(words)
            for name, several in self._of(list[Title]).items()
            for n, words in enumerate(several)
        }
        return Typed(
            words=said | listed,
            names={name: str(called) for name, called in self._of(PersonName).items()},
            keys={
                name if isinstance(key, str) else f"{name}.{n}": one
                for name, key in keys.items()
                for n, one in enumerate([key] if isinstance(key, str) else key)
            },
            reason=self.not_about_individual,
        )

    def _of(self, *types: object) -> dict[str, Any]:
        """The fields of these types that are filled in."""
        values = {name: getattr(self, name) for name in _fields(type(self), types)}
        return {name: value for name, value in values.items() if value is not None}


@cache
def _fields(kind: type[BaseModel], types: tuple[Any, ...]) -> tuple[str, ...]:
    """The fields of these types, filled in or not."""
    hints = get_type_hints(kind, include_extras=True)
    wanted = [*types, *(one | None for one in types)]
    return tuple(
        name
        for name in kind.model_fields
        if hints[name] in wanted or getattr(hints[name], "__origin__", None) in wanted
    )


class Raising(Command):
    raised_by: Reference
    title: Title
    description: Words | None = None
    themes: Annotated[list[Reference], Field(max_length=20)] = []
    focus_area: Reference | None = None
    prevention_level: PreventionLevel | None = None
    area: Title | None = None
    ages: tuple[Age, Age] | None = None
    service: Reference | None = None


class Discussion(Command):
    summary: Words
    conclusion: Conclusion
    decision: Words | None = None


class Escalation(Command):
    to: Reference
    why: Why
    reason: Words
    tried: Words
    urgent: bool = False
    title_there: Title | None = None


class Returning(Command):
    to: Reference
    expectation: Words


class Referral(Command):
    to: Reference
    reason_code: ReferralReason


class Assigning(Command):
    service: Reference
    expectation: Words
    due_on: Day


class Acceptance(Command):
    pass


class Reasoned(Command):
    reason: Words


class Completion(Command):
    report: Words


class Measuring(Command):
    title: Title
    prevention_level: PreventionLevel
    expected_effect: Words
    evaluate_on: Day
    service: Reference | None = None


class Evaluation(Command):
    effect: Effect
    note: Words


class Answering(Command):
    to: Reference
    message: Words


class Acknowledgement(Command):
    ask_again: Words | None = Field(None, description="What is still unanswered, if anything.")


class Noting(Command):
    text: Words


class Closure(Command):
    outcome: Outcome
    reason: Words
    merged_into: Reference | None = None


class Reclassification(Command):
    themes: Annotated[list[Reference], Field(max_length=20)]
    focus_area: Reference | None
    prevention_level: PreventionLevel | None
    reason: Words


class Linking(Command):
    other: Reference
    kind: LinkKind


class Correction(Command):
    position: Position
    correction: Words
    reason: Words


class Reversal(Command):
    position: Position
    reason: Words


class Erasure(Command):
    """`asked_by`: at whose request. Never a name."""

    text_id: UUID
    legal_basis: LegalBasis
    reason: Words
    asked_by: Requester = Requester.OWN_INITIATIVE


class Restriction(Command):
    people: Annotated[list[Reference], Field(max_length=100)] = Field(
        description="Who may read it from now on, by their ids, beside the one who restricts it."
    )
    reason: Words


class Registration(Command):
    name: PersonName | None = None


class RoleChange(Command):
    role: Role


class Confirmation(Command):
    text_version: Annotated[int, Field(ge=0, le=1_000_000)] = Field(
        description="The version of the text on confidentiality that was read."
    )


class Wording(Command):
    text: Words


class Constitution(Command):
    key: Key
    name: Title
    level: Level
    kind: Key
    parent: Reference | None = None
    lifts_to: Annotated[list[Reference], Field(max_length=50)] = []
    area: Title | None = None
    ages: tuple[Age, Age] | None = None
    note: Words | None = None


class Seating(Command):
    role: SeatRole
    represents: Title | None = None
    service: Reference | None = None
    person: Reference | None = Field(None, description="Who sits there, by the person's id.")
    taken_on: Day | None = None
    until: Day | None = Field(None, description="The last day of it. A guest's is the meeting's.")


class ServiceSeating(Command):
    role: SeatRole
    person: Reference
    taken_on: Day | None = None
    until: Day | None = None


class Departure(Command):
    left_on: Day


class Mandate(Command):
    mandate: Words


class Rhythm(Cadence):
    """A cadence in numbers that the ledger can keep."""

    every_weeks: Annotated[int, Field(le=1_000)] | None = None
    at_least: Annotated[int, Field(le=1_000)] | None = None

    @property
    def plain(self) -> Cadence:
        return Cadence(**self.model_dump())


class CadenceChange(Command):
    cadence: Rhythm


class Placement(Command):
    parent: Reference | None = None
    lifts_to: Annotated[list[Reference], Field(max_length=50)]


class Naming(Command):
    name: Title


class Merging(Command):
    into: Reference


class FocusAreaSetting(Command):
    key: Key
    name: Title
    year: Year | None = None
    ages: tuple[Age, Age] | None = None


class FocusAreaNaming(Command):
    name: Title
    year: Year | None = None


class ThemeList(Command):
    themes: Annotated[list[Key], Field(min_length=1, max_length=100)]


class WorkReport(Command):
    year: Year
    what: Words


class PlanAdoption(Command):
    name: Title
    from_: Year = Field(alias="from")
    to: Year | None = Field(None, description="The last year, included. Missing: open end.")


class Observing(Command):
    source: Observer
    text: Words
    theme: Reference | None = None
    direction: Direction | None = None
    confidence: Degree | None = None
    dark_figure: Degree | None = None


class Invitation(BaseModel):
    """Nothing is said in it."""

    model_config = ConfigDict(extra="forbid")


class CaseQuery(BaseModel):
    """The filters of the list of cases, and its pages."""

    model_config = ConfigDict(extra="forbid")

    status: Literal["raised", "discussed", "escalated", "returned", "assigned", "closed"] | None = (
        None
    )
    level: Level | None = None
    holder: Reference | None = None
    raised_by: Reference | None = None
    theme: Reference | None = None
    focus_area: Reference | None = None
    service: Reference | None = None
    overdue: bool | None = None
    answer_owed: Reference | None = Field(
        None, description="true, false, or the key of the organ that waits for an answer."
    )
    q: Annotated[str, StringConstraints(max_length=200), AfterValidator(without_nul)] | None = (
        Field(None, description="Words, searched in Norwegian.")
    )
    as_of: Reference | None = Field(None, description=AS_OF)
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    cursor: Reference | None = None

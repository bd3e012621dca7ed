"""What has been corrected, as it is answered: beside what it corrects, never instead of it."""

from collections.abc import Mapping

from pydantic import BaseModel, Field

from domain.case import (
    AnswerAcknowledged,
    AnswerGiven,
    AssignmentAccepted,
    AssignmentCompleted,
    AssignmentDeclined,
    AssignmentPassedOn,
    Case,
    CaseAssigned,
    CaseClosed,
    CaseEscalated,
    CaseEvent,
    CaseLinked,
    CaseRaised,
    CaseReclassified,
    CaseReturned,
    DeadlinePaused,
    MeasureEvaluated,
    MeasureStarted,
)
from domain.event import Event


class TextAnswer(BaseModel):
    """Words in a history, and where they were erased, if they were."""

    text_id: str
    words: str | None
    erased_at: int | None


class EntryCorrection(BaseModel):
    """A correction to an entry, in its own words."""

    position: int
    correction: TextAnswer
    reason: TextAnswer


class CaseCorrection(BaseModel):
    """A correction to an entry of a case. Words that have been erased are null."""

    position: int
    refers_to: int
    event: str = Field(description="The stored name of the event that is corrected.")
    fields: list[str] = Field(
        description="The fields of this answer that say what the corrected entry said."
    )
    correction: str | None
    reason: str | None


_OF_A_LIST: Mapping[type[Event], str] = {
    CaseAssigned: "assignments",
    AssignmentAccepted: "assignments",
    AssignmentDeclined: "assignments",
    AssignmentCompleted: "assignments",
    AssignmentPassedOn: "assignments",
    MeasureStarted: "measures",
    MeasureEvaluated: "measures",
    AnswerGiven: "answers",
    AnswerAcknowledged: "answers",
}
"""The list in a case's answer that holds what an event with a number is about."""

_SAME_NAME = (
    "title", "description", "area", "raised_by", "themes", "focus_area", "prevention_level",
    "ages", "service",
)  # fmt: skip
"""What events say of a case under the name that the answer has for it."""


def fields_of(event: CaseEvent, case: Case) -> list[str]:
    """The places in the answer of *case* that still say what *event* said."""
    numbered = _OF_A_LIST.get(type(event))
    if numbered is not None:
        n = getattr(event, "n", None)
        return [f"{numbered}.{n}" for one in getattr(case, numbered) if one.n == n]
    match event:
        case CaseRaised():
            return [*_still_said(event, case), "raised_at"]
        case CaseReclassified():
            return _still_said(event, case)
        case CaseEscalated(to=to, title_there=title):
            named = title is not None and case.titles_there.get(to) == title
            return ["holder"] * (case.holder == to) + [f"titles_there.{to}"] * named
        case CaseReturned(to=to):
            return ["holder"] * (case.holder == to)
        case CaseClosed(occurred_at=at):
            return ["outcome", "closed_at"] if case.footing.closed_at == at else []
        case CaseLinked():
            return ["links"]
        case DeadlinePaused(occurred_at=at):
            return ["paused_since"] * (case.paused_since == at)
    return []


def _still_said(event: CaseEvent, case: Case) -> list[str]:
    said = {name: getattr(event, name, None) for name in _SAME_NAME}
    return [name for name, what in said.items() if what and getattr(case, name) == what]

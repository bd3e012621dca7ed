"""What became different in a case between two moments."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.answers import CaseAnswer


class MomentAnswer(BaseModel):
    """A moment that was asked for: the last position that was known then, and its time."""

    position: int
    at: datetime


class ChangeAnswer(BaseModel):
    """A field of a case's answer that became different. Before the case was raised: null."""

    field: str
    before: Any
    after: Any


class ChangesAnswer(BaseModel):
    """What became different, and the positions of the entries between that made it so. Without
    an entry something may have become late."""

    model_config = ConfigDict(populate_by_name=True)

    from_: MomentAnswer = Field(alias="from")
    to: MomentAnswer
    changes: list[ChangeAnswer]
    entries: list[int]


def differences(before: CaseAnswer | None, after: CaseAnswer) -> list[ChangeAnswer]:
    """The fields in which two answers differ, in the order in which an answer has them."""
    then: dict[str, Any] = before.model_dump(mode="json") if before is not None else {}
    return [
        ChangeAnswer(field=field, before=then.get(field), after=value)
        for field, value in after.model_dump(mode="json").items()
        if then.get(field) != value
    ]

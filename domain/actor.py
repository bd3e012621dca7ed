"""Who acts, in which role, and on whose behalf."""

from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict


class Role(StrEnum):
    """What a person or a client is let in as. What each may do: `domain/rights.py`."""

    COORDINATOR = "coordinator"
    MEMBER = "member"
    BOARD = "board"
    AUDITOR = "auditor"
    REPORTER = "reporter"
    ADMIN = "admin"


class Actor(BaseModel):
    """`id` is stable and says nothing of the person; `organ` is the organ acted for, if any."""

    model_config = ConfigDict(frozen=True)

    id: str
    role: Role
    organ: str | None = None

    def acting_for(self, organ: str | None) -> Self:
        """The same actor on behalf of *organ*."""
        return self.model_copy(update={"organ": organ})

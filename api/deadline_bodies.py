"""What the policy on deadlines is set with."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.bodies import Command
from api.fields import Day
from domain.policy import DayCount, Policy, StandingLimit
from domain.terms import Status
from domain.topology import Level

Days = Annotated[int, Field(ge=1, le=1000)]
SmallNumbers = Annotated[int, Field(ge=-1000, le=1000)]
"""That less than 2 protects nobody is told by the policy itself."""


class StandingDays(BaseModel):
    model_config = ConfigDict(extra="forbid")

    status: Status
    level: Level
    days: Days


class PolicySetting(Command):
    """All of it: what is left out or null has no deadline."""

    standing: Annotated[list[StandingDays], Field(max_length=100)] = Field(
        default_factory=list,
        description="How long cases may stand; what is not listed, for ever.",
    )
    acceptance_days: Days | None = None
    assignment_days: Days | None = None
    answer_days: Days | None = None
    warn_days: Days | None = None
    nudge_days: Days | None = None
    counts: DayCount
    july_stands_still: bool
    free_days: Annotated[list[Day], Field(max_length=400)] = Field(default_factory=list)
    small_numbers: SmallNumbers = Field(
        5, description="Fewer matters than this are few. At least 2."
    )

    @property
    def policy(self) -> Policy:
        own = self.model_dump(include=set(Policy.model_fields) - {"standing", "free_days"})
        standing = (StandingLimit(**dict(one)) for one in self.standing)
        return Policy(**own, standing=tuple(standing), free_days=tuple(sorted({*self.free_days})))

"""What a report is asked for, and by whom: what they may be shown follows from it."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal, Protocol

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from api.answers import Page
from api.cursors import after_position
from api.desk import Desk
from api.fields import AS_OF, Day, Reference
from api.moments import FromAfterTo
from api.problems import Forbidden
from api.report_lines import Line, Ways, as_csv, as_xlsx
from api.seating import opened
from domain.errors import Invalid
from domain.rights import Action, hat
from ledger.database import Database
from ledger.sight import Reads
from projections import releases
from projections.asked import Asked, Places
from projections.releases import Release

Reporting = Annotated[Desk, opened(Action.READ_REPORTS)]
FORMATS: dict[int | str, dict[str, Any]] = {
    200: {"content": {one.media_type: {"schema": {"type": "string"}} for one in Ways}}
}


class CellUnknown(Invalid):
    """This report has no such number. Name one as the report itself does."""


class NotForNumbersAlone(Forbidden):
    """Which entries a number counts is shown to those who read all cases. You are shown the numbers
    alone, and small ones are left out."""


class ReportQuery(BaseModel):
    """What every report takes."""

    model_config = ConfigDict(extra="forbid")

    since: Day | None = Field(None, alias="from", description="Raised on this day or later.")
    until: Day | None = Field(None, alias="to", description="Raised on this day or earlier.")
    organ: Reference | None = Field(None, description="The organ that raised it.")
    focus_area: Reference | None = None
    as_of: Reference | None = Field(None, description=AS_OF)
    form: Literal["json", "csv", "xlsx"] | None = Field(
        None, alias="format", description="Default: what the header Accept asks for, else JSON."
    )
    explain: Reference | None = Field(
        None, description="A number of this report: list the entries that it counts instead."
    )
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    cursor: Reference | None = None


class Listing(Protocol):
    """How a report finds the entries that one of its numbers counts."""

    def __call__(
        self, seen: Reads, database: Database, asked: Asked, cell: str, /, *, after: int, limit: int
    ) -> Places | None: ...


class Head(BaseModel):
    """What every report says of itself. `as_of`: the position that it is counted at.
    `true_numbers`: nothing is left out; else small numbers are null, as are those that would give
    them away, and what is counted is what was last released (`threshold`: fewer are small).
    `begins_on`: the first day on which anything was raised; a period that was over before it is
    `before_the_ledger`, and all is zero."""

    as_of: int
    true_numbers: bool
    threshold: int
    begins_on: date | None
    before_the_ledger: bool


class ExplainPage(Page[int]):
    """The positions of the entries that a number counts. `hidden`: how many more there are, of
    cases that are restricted to others."""

    count: int
    hidden: int


@dataclass(frozen=True)
class Asking:
    """Somebody asks for a report. Whoever reads all cases is shown true numbers as of any moment;
    all others what was released, without what is small."""

    desk: Desk
    query: ReportQuery

    @property
    def is_true(self) -> bool:
        desk = self.desk
        return desk.standing.is_wide and hat(desk.standing, Action.READ_CASES) is not None

    @cached_property
    def releases(self) -> list[tuple[Release, int]]:
        """All that had been made by what is asked for, each with the threshold of then."""
        asked, desk = self.desk.as_far_as_known, self.desk
        made = releases.every(desk.database, desk.engine.ledger, desk.structure.policies)
        return [
            (one, desk.structure.policy_at(one.position)[1].policy.small_numbers)
            for one in made
            if one.position <= asked.bound
        ]

    @cached_property
    def release(self) -> Release:
        """The last one; nothing is released before the first."""
        return self.releases[-1][0] if self.releases else Release(0, 0, self.desk.as_of.today)

    @cached_property
    def asked(self) -> Asked:
        """Refuses with `FromAfterTo`, `OrganUnknown` and `FocusAreaUnknown`."""
        query, desk = self.query, self.desk
        if query.since and query.until and query.since > query.until:
            raise FromAfterTo
        topology = desk.topology
        return Asked(
            since=query.since,
            until=query.until,
            organ=topology.organ(query.organ).key if query.organ is not None else None,
            focus_area=topology.known_focus_area(query.focus_area),
            as_of=desk.as_of.position if self.is_true else self.release.position,
            today=desk.as_of.today if self.is_true else self.release.day,
        )

    @cached_property
    def fixed(self) -> Asked:
        """The same, at one position: what a report reads one after the other fits together."""
        return self.asked.model_copy(update={"as_of": self.head.as_of})

    @cached_property
    def threshold(self) -> int:
        """Fewer matters than this are few: as the policy had it when it was released."""
        at = self.desk.as_of.position if self.is_true else self.release.position
        return self.desk.structure.policy_at(at)[1].policy.small_numbers

    @cached_property
    def head(self) -> Head:
        asked = self.asked
        at = self.desk.as_far_as_known.bound if self.is_true else self.release.position
        begins_on = releases.begins_on(self.desk.database, at)
        over = asked.until is not None and (begins_on is None or asked.until < begins_on)
        return Head(
            as_of=at,
            true_numbers=self.is_true,
            threshold=self.threshold,
            begins_on=begins_on,
            before_the_ledger=over,
        )

    def listed(self, places: Listing, cell: str, limit: int) -> Places | None:
        """A page of the entries that a number counts, if there is such a number."""
        desk = self.desk
        return places(desk.sight, desk.database, self.asked, cell, after=self.after, limit=limit)

    def explained(self, found: Places | None) -> Response:
        """A page of entries. Refuses with `CellUnknown`."""
        if found is None:
            raise CellUnknown
        last = found.positions[-1] if len(found.positions) == self.query.limit else None
        page = ExplainPage(
            items=list(found.positions),
            next=self.desk.page(last),
            count=found.count,
            hidden=found.hidden,
        )
        return Response(page.model_dump_json(), media_type="application/json")

    @property
    def cell(self) -> str | None:
        """The number that is to be explained. Refuses with `NotForNumbersAlone`."""
        if self.query.explain is not None and not self.is_true:
            raise NotForNumbersAlone
        return self.query.explain

    @property
    def after(self) -> int:
        return after_position(self.query.cursor)

    def answered(self, name: str, answer: BaseModel, lines: list[Line]) -> Response:
        """In the form that is asked for."""
        match self.form:
            case "csv":
                return as_csv(name, lines)
            case "xlsx":
                return as_xlsx(name, lines)
            case _:
                return Response(
                    answer.model_dump_json(by_alias=True), media_type="application/json"
                )

    @property
    def form(self) -> str:
        if self.query.form is not None:
            return self.query.form
        accepted = self.desk.request.headers.get("accept", "")
        return next((way.name for way in Ways if way.media_type in accepted), "json")


def sitting(query: ReportQuery, desk: Desk) -> Asking:
    """All that is asked is understood before anything is counted."""
    asking = Asking(desk, query)
    assert asking.asked  # noqa: S101 - refused here where it cannot be understood
    assert asking.after >= 0  # noqa: S101 - and here a cursor
    return asking

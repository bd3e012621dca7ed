"""The life of a year's report: what services say of the year, what is written, and its freezing."""

from datetime import UTC, datetime
from typing import Any, assert_never

from pydantic import BaseModel, ConfigDict

from domain import errors
from domain.actor import Actor
from domain.entries import TextErased
from domain.event import OSLO, Event, Occurred, envelope
from domain.terms import AnnualSection
from domain.text import Text
from domain.topology import Topology


class FeedbackGiven(Event):
    """In the year's round: `service` is the service or the organ that says it, by key."""

    service: str
    what_works: Text | None = None
    what_does_not: Text | None = None
    what_to_change: Text | None = None


class SectionWritten(Event):
    """What introduces a section. It takes the place of what was written there before."""

    section: AnnualSection
    text: Text


class AnnualReportFrozen(Event):
    """From now on it is told as of the `signed_size` first events of the ledger. `digest`: of what
    it then said, in hex, with each text by its own digest, so that it tells nothing of words that
    are erased later; `form`: in which form that was written down."""

    form: int
    digest: str
    signed_size: int
    signed_root: str


AnnualReportEvent = FeedbackGiven | SectionWritten | AnnualReportFrozen | TextErased


class Freezing(BaseModel):
    """When it was frozen, as of how many events, and what it then said."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    form: int
    digest: str
    signed_size: int
    signed_root: str


class AnnualReport(BaseModel):
    """A year's report as its events so far have made it. What it is filled with comes from the rest
    of the ledger."""

    model_config = ConfigDict(frozen=True)

    id: str
    year: int
    version: int = 0
    feedback: int = 0
    sections: frozenset[AnnualSection] = frozenset()
    freezing: Freezing | None = None
    erased: tuple[str, ...] = ()

    @classmethod
    def of(cls, year: int) -> "AnnualReport":
        """Of which nothing has been said yet."""
        return cls(id=report_id(year), year=year)

    # What may be decided.

    def give_feedback(
        self,
        *,
        service: str,
        what_works: Text | None,
        what_does_not: Text | None,
        what_to_change: Text | None,
        topology: Topology,
        by: Actor,
        at: Occurred,
    ) -> FeedbackGiven:
        """On behalf of the *service*, or the organ. It may say more than once."""
        if not (what_works or what_does_not or what_to_change):
            raise errors.FeedbackEmpty
        known = topology.responsible(topology.successor(service))
        return FeedbackGiven(
            **self._next(by.acting_for(known), at),
            service=known,
            what_works=what_works,
            what_does_not=what_does_not,
            what_to_change=what_to_change,
        )

    def write(
        self, *, section: AnnualSection, text: Text, by: Actor, at: Occurred
    ) -> SectionWritten:
        return SectionWritten(**self._next(by, at), section=section, text=text)

    def freeze(
        self,
        *,
        form: int,
        digest: str,
        signed_size: int,
        signed_root: str,
        by: Actor,
        at: Occurred,
    ) -> AnnualReportFrozen:
        """Once the year is over: what happened in the rest of it would be missing for ever."""
        event = self._next(by, at)
        if at.begins < _begins(self.year + 1):
            raise errors.YearIsNotOver
        return AnnualReportFrozen(
            **event, form=form, digest=digest, signed_size=signed_size, signed_root=signed_root
        )

    def _next(self, by: Actor, at: Occurred) -> dict[str, Any]:
        if self.freezing is not None:
            raise errors.AnnualReportIsFrozen
        if at.ends <= _begins(self.year):
            raise errors.YearLiesAhead
        return envelope(self.id, self.version + 1, by, at)


def report_id(year: int) -> str:
    """The stream of this year's report."""
    return f"annual:{year}"


def _begins(year: int) -> datetime:
    """The first moment of a year in Oslo."""
    return datetime(year, 1, 1, tzinfo=OSLO).astimezone(UTC)


def evolve(report: AnnualReport | None, event: AnnualReportEvent) -> AnnualReport:
    """What *report* becomes once *event* has happened."""
    report = report or AnnualReport.of(int(event.originator_id.removeprefix("annual:")))
    changes = {**_changes(report, event), "version": event.originator_version}
    return report.model_copy(update=changes)


def _changes(report: AnnualReport, event: AnnualReportEvent) -> dict[str, object]:
    match event:
        case FeedbackGiven():
            return {"feedback": report.feedback + 1}
        case SectionWritten(section=section):
            return {"sections": report.sections | {section}}
        case AnnualReportFrozen(occurred_at=at):
            said = event.model_dump(include={"form", "digest", "signed_size", "signed_root"})
            return {"freezing": Freezing(at=at, **said)}
        case TextErased(text_id=text_id):
            return {"erased": (*report.erased, text_id)}
    assert_never(event)

"""Who is told of which event, and in which fixed words. Pure.

A new event is told of by one line in `TOLD`.
"""

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

from domain.case import (
    AnswerAcknowledged,
    AnswerGiven,
    AssignmentAccepted,
    AssignmentCompleted,
    AssignmentDeclined,
    Case,
    CaseAssigned,
    CaseClosed,
    CaseEscalated,
    CaseRaised,
    CaseReferred,
    CaseReopened,
    CaseReturned,
    DecisionReversed,
    GlassBroken,
)
from domain.event import Event
from domain.meeting import MeetingCancelled, MeetingConvened, MeetingMoved
from domain.roster import Roster


class Happening(NamedTuple):
    """An event, its life before and after it, and who sat where on that day."""

    event: Any
    before: Any
    after: Any
    roster: Roster
    on: date

    def sitting(self, *places: str | None) -> frozenset[str]:
        """Who sits in one of these organs and services, by id."""
        return self.roster.sitting_in(frozenset(place for place in places if place), self.on)


Audience = Callable[[Happening], frozenset[str]]


def concerned(it: Happening) -> frozenset[str]:
    """Those that raised the case, hold it or have held it."""
    case: Case = it.before or it.after
    return it.sitting(case.raised_by, case.service, *case.held_by)


def holder(it: Happening) -> frozenset[str]:
    """Those that hold it now: they got it, made somebody responsible, or gave an answer."""
    return it.sitting(it.after.holder)


def responsible(it: Happening) -> frozenset[str]:
    """Those that were made responsible."""
    return it.sitting(it.event.service)


def answered(it: Happening) -> frozenset[str]:
    """Those that were given an answer."""
    return it.sitting(it.event.to)


def invited(it: Happening) -> frozenset[str]:
    """Those that are invited to a meeting: by their seats, by name, and as guests."""
    meeting = it.after
    organ = it.roster.places.get(f"organ:{meeting.organ}")
    seats = organ.seats if organ is not None else ()
    seated = {seat.person for seat in seats if seat.n in meeting.seats and seat.is_taken(it.on)}
    return frozenset({*seated, *meeting.persons, *meeting.guests} - {None})


def named(it: Happening) -> frozenset[str]:
    """Those that a restricted case is restricted to."""
    return frozenset(it.before.restricted_to or ())


class Told(NamedTuple):
    """What is said, in Norwegian; `{}` is the case's number. And to whom."""

    says: str
    to: tuple[Audience, ...]


TOLD: dict[type[Event], Told] = {
    CaseRaised: Told("Sak {} er meldt inn.", (concerned,)),
    CaseEscalated: Told("Sak {} er løftet.", (concerned, holder)),
    CaseReturned: Told("Sak {} er sendt ned.", (concerned, holder)),
    CaseReferred: Told("Sak {} er henvist til et annet sted.", (concerned,)),
    CaseAssigned: Told("Det er tildelt ansvar i sak {}.", (concerned, responsible)),
    AssignmentAccepted: Told("En tildeling i sak {} er tatt imot.", (holder,)),
    AssignmentDeclined: Told("En tildeling i sak {} er avslått.", (holder,)),
    AssignmentCompleted: Told("En tildeling i sak {} er fullført.", (holder,)),
    AnswerGiven: Told("Det er gitt tilbakemelding i sak {}.", (concerned, answered)),
    AnswerAcknowledged: Told("En tilbakemelding i sak {} er besvart.", (holder,)),
    CaseClosed: Told("Sak {} er avsluttet.", (concerned,)),
    CaseReopened: Told("Sak {} er gjenåpnet.", (concerned,)),
    DecisionReversed: Told("En beslutning i sak {} er omgjort.", (concerned, holder)),
    GlassBroken: Told("Den skjermede saken {} er åpnet av en som ikke er navngitt.", (named,)),
    MeetingConvened: Told("Du er innkalt til et møte.", (invited,)),
    MeetingMoved: Told("Et møte du er innkalt til, er flyttet.", (invited,)),
    MeetingCancelled: Told("Et møte du er innkalt til, er avlyst.", (invited,)),
}
"""The order in which they are listed."""
KINDS: dict[str, Told] = {event.TOPIC: told for event, told in TOLD.items()}
"""The same by the events' stored names."""


def hearers(it: Happening) -> frozenset[str]:
    """Who is told, by id: never whoever did it; of a restricted case only who is named on it."""
    told = TOLD.get(type(it.event))
    if told is None:
        return frozenset()
    people = frozenset[str]().union(*(audience(it) for audience in told.to))
    people -= {it.event.actor.id}
    return people if is_open(it.after) else people & frozenset(it.after.restricted_to)


def is_open(life: Any) -> bool:  # noqa: ANN401 - a case can be restricted, other lives cannot
    """Whether others may hear of it than those named on it."""
    return not isinstance(life, Case) or life.restricted_to is None

"""Who is told of which event, and in which fixed words. Pure.

A new event is told of by one line in `TOLD`.
"""

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

from domain.actor import Role
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
    CaseRaised,
    CaseReferred,
    CaseReopened,
    CaseReturned,
    DecisionReversed,
    GlassBroken,
)
from domain.event import Event
from domain.meeting import MeetingCancelled, MeetingConvened, MeetingMoved
from domain.noticing import DeadlineNeared, DeadlinePassed, DeadlineStillPassed
from domain.order import (
    OrderAccepted,
    OrderApproved,
    OrderDeclined,
    OrderDelivered,
    OrderPassedOn,
    OrderPlaced,
    OrderSentBack,
    OrderWithdrawn,
)
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


def must_act(it: Happening) -> frozenset[str]:
    """Those that a deadline is for."""
    return it.sitting(it.event.of)


def handed_to(it: Happening) -> frozenset[str]:
    """The one person that something was passed on to."""
    return frozenset({it.event.to})


def coordinators(it: Happening) -> frozenset[str]:
    """Those that see to it that nothing waits unseen."""
    return frozenset(who for who, roles in it.roster.roles.items() if Role.COORDINATOR in roles)


def ordered_by(it: Happening) -> frozenset[str]:
    """Those that placed an order."""
    return it.sitting(it.after.ordered_by)


def ordered_from(it: Happening) -> frozenset[str]:
    """Those that it was placed with."""
    return it.sitting(it.after.to)


def named(it: Happening) -> frozenset[str]:
    """Those that a restricted case is restricted to."""
    return frozenset(it.before.restricted_to or ())


class Told(NamedTuple):
    """What is said, in Norwegian; `{}` is the case's number. And to whom. `of_an_order`: what is
    said where it is about an order, which has no number."""

    says: str
    to: tuple[Audience, ...]
    of_an_order: str | None = None

    def sentence(self, number: str | None) -> str:
        return self.of_an_order if self.of_an_order and not number else self.says.format(number)


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
    AssignmentPassedOn: Told("Du har fått ansvaret for en tildeling i sak {}.", (handed_to,)),
    DeadlineNeared: Told(
        "En frist i sak {} nærmer seg.", (must_act,), "En frist på en bestilling nærmer seg."
    ),
    DeadlinePassed: Told(
        "En frist i sak {} er gått ut.",
        (must_act, coordinators),
        "En frist på en bestilling er gått ut.",
    ),
    DeadlineStillPassed: Told(
        "Sak {} står fremdeles over fristen.",
        (must_act, coordinators),
        "En bestilling står fremdeles over fristen.",
    ),
    GlassBroken: Told("Den skjermede saken {} er åpnet av en som ikke er navngitt.", (named,)),
    MeetingConvened: Told("Du er innkalt til et møte.", (invited,)),
    MeetingMoved: Told("Et møte du er innkalt til, er flyttet.", (invited,)),
    MeetingCancelled: Told("Et møte du er innkalt til, er avlyst.", (invited,)),
    OrderPlaced: Told("Dere har fått en bestilling.", (ordered_from,)),
    OrderAccepted: Told("En bestilling er godtatt.", (ordered_by,)),
    OrderDeclined: Told("En bestilling er avslått.", (ordered_by,)),
    OrderPassedOn: Told("Du har fått ansvaret for en bestilling.", (handed_to,)),
    OrderDelivered: Told("En bestilling er levert.", (ordered_by,)),
    OrderApproved: Told("Det dere leverte på en bestilling, er godkjent.", (ordered_from,)),
    OrderSentBack: Told("En bestilling er sendt tilbake: noe mangler.", (ordered_from,)),
    OrderWithdrawn: Told("En bestilling er trukket.", (ordered_from,)),
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

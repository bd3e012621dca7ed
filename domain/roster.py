"""Who sits where, and in which roles people are let in: data that the rights are judged by."""

from datetime import date, timedelta
from typing import Self

from pydantic import BaseModel, ConfigDict

from domain import meeting, municipality, organ, person, service
from domain.actor import Role
from domain.event import Event, day_in_oslo
from domain.rights import Standing
from domain.seat import Seat, SeatRole, left
from domain.topology import Level


class Place(BaseModel):
    """An organ or a service with its seats. `level`: an organ's."""

    model_config = ConfigDict(frozen=True)

    key: str
    level: Level | None = None
    seats: tuple[Seat, ...] = ()
    dissolved: bool = False

    def has(self, who: str, on: date) -> bool:
        """Whether *who* sits here on that day. Nobody is let in by an organ that is dissolved."""
        return not self.dissolved and any(s.person == who and s.is_taken(on) for s in self.seats)


OVERTIME = timedelta(days=7)
"""How long after its day the guests of a meeting read it that nobody has closed."""


class Gathering(BaseModel):
    """A meeting that is not closed: whose it is, its day in Oslo, and its guests."""

    model_config = ConfigDict(frozen=True)

    organ: str
    day: date
    guests: frozenset[str] = frozenset()

    def has(self, who: str, on: date) -> bool:
        """Whether *who* is a guest that may still read it on that day: where nobody closes it, for
        a week."""
        return who in self.guests and on <= self.day + OVERTIME


class Roster(BaseModel):
    """All persons, with their roles and what they have confirmed, all places with seats, and the
    meetings that are open."""

    model_config = ConfigDict(frozen=True)

    roles: dict[str, frozenset[Role]] = {}
    """Each person's, by id."""
    confirmed: dict[str, int] = {}
    places: dict[str, Place] = {}
    """By stream: an organ and a service may never share a key, but nobody needs to rely on it."""
    gatherings: dict[str, Gathering] = {}
    """By stream."""
    confidentiality: int = 0
    """The version of the text that is to be confirmed."""

    def standing(self, who: str, *, on: date) -> Standing:
        """Who the person *who* is on that day, by the roles given to them and by their seats. A
        seat at the steering level makes a board member, any other a member."""
        held = [(stream, place) for stream, place in self.places.items() if place.has(who, on)]
        by_seat = {
            Role.BOARD if place.level is Level.STEERING else Role.MEMBER for _, place in held
        }
        return Standing(
            id=who,
            roles=self.roles.get(who, frozenset()) | by_seat,
            organs=frozenset(p.key for s, p in held if s.startswith("organ:")),
            services=frozenset(p.key for s, p in held if s.startswith("service:")),
            guest_of=frozenset(s for s, open_ in self.gatherings.items() if open_.has(who, on)),
        )

    def has_confirmed(self, who: str) -> bool:
        """Whether the person has confirmed the text on confidentiality that is in force."""
        return self.confirmed.get(who, -1) >= self.confidentiality

    def seats_of(self, who: str, on: date) -> frozenset[tuple[str, int]]:
        """Each seat that lets the person in on that day: its organ's or service's stream, and its
        number."""
        return frozenset(
            (stream, seat.n)
            for stream, place in self.places.items()
            if place.has(who, on)
            for seat in place.seats
            if seat.person == who and seat.is_taken(on)
        )

    def has_anybody(self, service: str, on: date) -> bool:
        """Whether somebody sits in the service on that day."""
        place = self.places.get(f"service:{service}")
        return place is not None and any(seat.is_taken(on) for seat in place.seats)

    def sitting_in(self, keys: frozenset[str], on: date) -> frozenset[str]:
        """Who has a seat on that day in one of these organs and services."""
        return frozenset(
            seat.person
            for place in self.places.values()
            if place.key in keys and not place.dissolved
            for seat in place.seats
            if seat.person is not None and seat.is_taken(on)
        )

    # Growing.

    def enrolled(self, event: Event) -> Self:
        """What the roster becomes once *event* has happened, whichever life it belongs to."""
        own = event.originator_id
        match event:
            case person.PersonRegistered():
                return self._but(roles={**self.roles, event.person: frozenset()})
            case person.RoleGiven() | person.RoleWithdrawn():
                who = own.removeprefix("person:")
                given = isinstance(event, person.RoleGiven)
                roles = self.roles[who] | {event.role} if given else self.roles[who] - {event.role}
                return self._but(roles={**self.roles, who: roles})
            case person.ConfidentialityConfirmed():
                who = own.removeprefix("person:")
                return self._but(confirmed={**self.confirmed, who: event.text_version})
            case municipality.ConfidentialityWorded():
                return self._but(confidentiality=event.text_version)
            case organ.OrganConstituted():
                return self._placed(own, Place(key=event.key, level=event.level))
            case organ.OrganDissolved():
                return self._placed(own, self.places[own].model_copy(update={"dissolved": True}))
            case service.ServiceRegistered():
                return self._placed(own, Place(key=event.key))
            case _:
                return self._met(event)

    def _met(self, event: Event) -> Self:
        own, gatherings = event.originator_id, self.gatherings
        match event:
            case meeting.MeetingConvened():
                new = Gathering(organ=event.organ, day=day_in_oslo(event.starts_at))
                return self._but(gatherings={**gatherings, own: new})
            case meeting.MeetingMoved():
                moved = gatherings[own].model_copy(update={"day": day_in_oslo(event.starts_at)})
                return self._but(gatherings={**gatherings, own: moved})
            case meeting.GuestAdmitted():
                guests = gatherings[own].guests | {event.person}
                more = gatherings[own].model_copy(update={"guests": guests})
                return self._but(gatherings={**gatherings, own: more})
            case meeting.GuestDismissed():
                fewer = gatherings[own].guests - {event.person}
                left_over = gatherings[own].model_copy(update={"guests": fewer})
                return self._but(gatherings={**gatherings, own: left_over})
            case meeting.MeetingClosed() | meeting.MeetingCancelled():
                others = {stream: one for stream, one in gatherings.items() if stream != own}
                return self._but(gatherings=others)._guests_gone(gatherings[own])
            case _:
                return self._seated(event)

    def _guests_gone(self, over: Gathering) -> Self:
        """The seats that guests have for the day of a meeting end with it."""
        stream = f"organ:{over.organ}"
        place = self.places[stream]
        seats = tuple(
            seat.model_copy(update={"left_on": seat.until})
            if seat.role is SeatRole.GUEST and seat.left_on is None and seat.until == over.day
            else seat
            for seat in place.seats
        )
        return self._placed(stream, place.model_copy(update={"seats": seats}))

    def _seated(self, event: Event) -> Self:
        place = self.places.get(event.originator_id)
        if place is None:
            return self
        match event:
            case organ.SeatTaken() | service.ServiceSeatTaken():
                seats = (*place.seats, Seat.model_validate(event.model_dump()))
            case organ.SeatLeft() | service.ServiceSeatLeft():
                seats = left(place.seats, event.n, event.left_on)
            case _:
                return self
        return self._placed(event.originator_id, place.model_copy(update={"seats": seats}))

    def _placed(self, stream: str, place: Place) -> Self:
        return self._but(places={**self.places, stream: place})

    def _but(self, **changes: object) -> Self:
        return self.model_copy(update=changes)

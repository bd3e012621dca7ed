"""The life of a meeting: convened, prepared, attended, closed, and its minutes approved."""

from datetime import datetime
from typing import Any, ClassVar, assert_never

from pydantic import AwareDatetime, BaseModel, ConfigDict

from domain import errors
from domain.actor import Actor
from domain.agenda import Item, Waits, added, arranged, item_of
from domain.entries import EntryWithdrawn, TextErased
from domain.event import Event, Occurred, Precision, day_in_oslo, envelope
from domain.organ import Organ
from domain.rights import Readers
from domain.terms import Conclusion
from domain.text import Text
from domain.topology import Topology


class MeetingConvened(Event):
    """`seats`: those of the organ that are invited, by number; `persons`: who else is, by id.
    `ends_at`: when it is meant to end, if that was said."""

    VERSION: ClassVar[int] = 2

    organ: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime | None = None
    place: Text | None = None
    seats: tuple[int, ...] = ()
    persons: tuple[str, ...] = ()


class MeetingMoved(Event):
    VERSION: ClassVar[int] = 2

    starts_at: AwareDatetime
    ends_at: AwareDatetime | None = None
    place: Text | None = None


class MeetingCancelled(Event):
    reason: Text


class AgendaDrawnUp(Event):
    """What waited for the organ was put on the agenda, each with why."""

    items: tuple[Item, ...]


class ItemAdded(Event):
    """By hand: about cases, or what its title says."""

    n: int
    cases: tuple[str, ...] = ()
    title: Text | None = None


class ItemTakenOff(Event):
    n: int


class AgendaArranged(Event):
    order: tuple[int, ...]


class ItemPostponed(Event):
    """To the organ's next meeting."""

    n: int
    reason: Text | None = None


class ItemTakenUp(Event):
    """There is time for it after all: it is no longer postponed."""

    n: int


class ItemDiscussed(Event):
    """An item that is about no case. What is decided there is the organ's own decision."""

    n: int
    summary: Text
    conclusion: Conclusion
    decision: Text | None = None

    @property
    def is_decision(self) -> bool:
        return self.conclusion is Conclusion.DECIDED


class AttendanceTaken(Event):
    """Who is there: seats by number, others by id. What is taken again takes the place of it."""

    seats: tuple[int, ...]
    persons: tuple[str, ...] = ()


class GuestAdmitted(Event):
    """Somebody reads this meeting, and no other, until it closes."""

    person: str


class GuestDismissed(Event):
    """They read it no more."""

    person: str


class MeetingClosed(Event):
    """`quorate`: whether enough seats were there to decide; missing where the organ has none. What
    the ledger held then was signed as a checkpoint: so many events, under this root (base64)."""

    quorate: bool | None
    signed_size: int
    signed_root: str


class MinutesApproved(Event):
    """`at_meeting`: the later meeting of the organ that approved them."""

    at_meeting: str


class RemarkMade(Event):
    """On minutes that are frozen; it is shown beside. `n`: the item that it is about, if one."""

    n: int | None
    text: Text


MeetingEvent = (
    MeetingConvened | MeetingMoved | MeetingCancelled | AgendaDrawnUp | ItemAdded | ItemTakenOff
    | AgendaArranged | ItemPostponed | ItemTakenUp | ItemDiscussed | AttendanceTaken
    | GuestAdmitted | GuestDismissed | MeetingClosed | MinutesApproved | RemarkMade
    | EntryWithdrawn | TextErased
)  # fmt: skip


class Closing(BaseModel):
    """How a meeting ended, and what was signed then."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    quorate: bool | None
    signed_size: int
    signed_root: str


class Remark(BaseModel):
    model_config = ConfigDict(frozen=True)

    n: int | None
    text: Text
    at: datetime
    by: Actor


class Meeting(BaseModel):
    """A meeting as its events so far have made it. `items` stand in the order of the agenda;
    `numbered`: the highest number that an item has had. `attended`: who was there is known.
    `discussed`: the versions of it at which an item was discussed, and that was not withdrawn."""

    model_config = ConfigDict(frozen=True)

    id: str
    version: int
    organ: str
    starts_at: datetime
    ends_at: datetime | None = None
    place: Text | None
    seats: tuple[int, ...]
    persons: tuple[str, ...]
    items: tuple[Item, ...] = ()
    numbered: int = 0
    attended: bool = False
    seats_there: tuple[int, ...] = ()
    persons_there: tuple[str, ...] = ()
    guests: tuple[str, ...] = ()
    cancelled: Text | None = None
    closing: Closing | None = None
    approved_at: str | None = None
    remarks: tuple[Remark, ...] = ()
    discussed: tuple[int, ...] = ()
    erased: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.closing is None and self.cancelled is None

    @property
    def readers(self) -> Readers:
        """Its organ, those who read everything, and until it is closed its guests."""
        guests = frozenset(self.guests if self.is_open else ())
        return Readers(parties=frozenset({self.organ}), guests=guests)

    # What may be decided.

    @classmethod
    def convene(
        cls,
        meeting_id: str,
        *,
        organ: Organ,
        starts_at: datetime,
        ends_at: datetime | None = None,
        place: Text | None = None,
        seats: tuple[int, ...] | None = None,
        persons: tuple[str, ...] = (),
        by: Actor,
        at: Occurred,
    ) -> MeetingConvened:
        """*seats*: None is all that are taken on the day of it."""
        if organ.dissolved:
            raise errors.OrganIsDissolved
        day = day_in_oslo(starts_at)
        taken = tuple(seat.n for seat in organ.seats if seat.is_taken(day))
        return MeetingConvened(
            **envelope(meeting_id, 1, by.acting_for(organ.key), at),
            organ=organ.key,
            starts_at=starts_at,
            ends_at=_after_it_begins(starts_at, ends_at),
            place=place,
            seats=taken if seats is None else organ.known_seats(seats),
            persons=tuple(dict.fromkeys(persons)),
        )

    def move(
        self,
        *,
        starts_at: datetime,
        ends_at: datetime | None = None,
        place: Text | None,
        topology: Topology,
        by: Actor,
        at: Occurred,
    ) -> MeetingMoved:
        """*ends_at*: None is as long after the beginning as before."""
        if ends_at is None and self.ends_at is not None:
            ends_at = starts_at + (self.ends_at - self.starts_at)
        ends_at = _after_it_begins(starts_at, ends_at)
        topology.living_organ(self.organ)
        event = self._next(by, at)
        if self.attended:
            raise errors.MeetingHasBegun
        return MeetingMoved(**event, starts_at=starts_at, ends_at=ends_at, place=place)

    def cancel(self, *, reason: Text, by: Actor, at: Occurred) -> MeetingCancelled:
        event = self._next(by, at)
        if self.attended:
            raise errors.MeetingHasBegun
        return MeetingCancelled(**event, reason=reason)

    def draw_up(self, *, waiting: tuple[Item, ...], by: Actor, at: Occurred) -> AgendaDrawnUp:
        """Put what is *waiting* on the agenda, as far as it is not there yet."""
        event, items = self._next(by, at), tuple(added(self.items, waiting, self.numbered))
        if not items:
            raise errors.NothingWaits
        return AgendaDrawnUp(**event, items=items)

    def add_item(
        self,
        *,
        cases: tuple[str, ...] = (),
        title: Text | None = None,
        by: Actor,
        at: Occurred,
    ) -> ItemAdded:
        event = self._next(by, at)
        if not cases and title is None:
            raise errors.ItemAboutNothing
        cases = tuple(dict.fromkeys(cases))
        if cases and any(set(item.cases) == set(cases) for item in self.items):
            raise errors.OnTheAgendaAlready
        return ItemAdded(**event, n=self.numbered + 1, cases=cases, title=title)

    def take_off(self, n: int, *, by: Actor, at: Occurred) -> ItemTakenOff:
        event = self._next(by, at)
        return ItemTakenOff(**event, n=item_of(self.items, n).n)

    def arrange(self, *, order: tuple[int, ...], by: Actor, at: Occurred) -> AgendaArranged:
        event = self._next(by, at)
        if arranged(self.items, order) == self.items:
            raise errors.NothingChanged
        return AgendaArranged(**event, order=order)

    def postpone(self, n: int, *, reason: Text | None, by: Actor, at: Occurred) -> ItemPostponed:
        event = self._next(by, at)
        if item_of(self.items, n).postponed:
            raise errors.ItemIsPostponed(n=n)
        return ItemPostponed(**event, n=n, reason=reason)

    def take_up(self, n: int, *, by: Actor, at: Occurred) -> ItemTakenUp:
        event = self._next(by, at)
        if not item_of(self.items, n).postponed:
            raise errors.ItemIsNotPostponed(n=n)
        return ItemTakenUp(**event, n=n)

    def discuss(
        self,
        n: int,
        *,
        summary: Text,
        conclusion: Conclusion,
        decision: Text | None = None,
        by: Actor,
        at: Occurred,
    ) -> ItemDiscussed:
        """Of an item without a case: one with a case is discussed on that."""
        if self.discusses(n, case=None, at=at).cases:
            raise errors.ItemAboutAnother(n=n)
        if conclusion not in {Conclusion.CONTINUE, Conclusion.DECIDED}:
            raise errors.NothingToLift
        if (conclusion is Conclusion.DECIDED) is not (decision is not None):
            raise errors.DecisionWordsUnwanted if decision else errors.DecisionWordsMissing
        return ItemDiscussed(
            **self._next(by, at), n=n, summary=summary, conclusion=conclusion, decision=decision
        )

    def withdraw(
        self,
        *,
        position: int,
        withdraws: int,
        meeting: str,
        reason: Text | None = None,
        by: Actor,
        at: Occurred,
    ) -> EntryWithdrawn:
        """*withdraws*: the version of this *meeting* at *position*, at which an item was discussed.
        Nothing rests on that, so it need not be the newest."""
        event = self._next(by, at)
        if meeting != self.id or withdraws not in self.discussed:
            raise errors.NotLoggedHere
        return EntryWithdrawn(**event, position=position, withdraws=withdraws, reason=reason)

    def attend(
        self,
        *,
        seats: tuple[int, ...],
        persons: tuple[str, ...] = (),
        organ: Organ,
        by: Actor,
        at: Occurred,
    ) -> AttendanceTaken:
        self._has_begun(at)
        return AttendanceTaken(
            **self._next(by, at),
            seats=organ.known_seats(seats),
            persons=tuple(dict.fromkeys(persons)),
        )

    def admit(self, person: str, *, by: Actor, at: Occurred) -> GuestAdmitted:
        event = self._next(by, at)
        if person in self.guests:
            raise errors.GuestAdmittedAlready
        return GuestAdmitted(**event, person=person)

    def dismiss(self, person: str, *, by: Actor, at: Occurred) -> GuestDismissed:
        event = self._next(by, at)
        if person not in self.guests:
            raise errors.NotAGuest
        return GuestDismissed(**event, person=person)

    def close(
        self, *, organ: Organ, signed_size: int, signed_root: str, by: Actor, at: Occurred
    ) -> MeetingClosed:
        event = self._next(by, at)
        self._has_begun(at)
        day = day_in_oslo(self.starts_at)
        return MeetingClosed(
            **event,
            quorate=organ.is_quorate(self.seats_there, day),
            signed_size=signed_size,
            signed_root=signed_root,
        )

    def approve(self, *, at_meeting: "Meeting", by: Actor, at: Occurred) -> MinutesApproved:
        self._is_closed()
        if self.approved_at is not None:
            raise errors.MinutesApprovedAlready
        later = at_meeting.starts_at > self.starts_at
        if at_meeting.organ != self.organ or not at_meeting.is_open or not later:
            raise errors.NotALaterMeeting
        at_meeting._has_begun(at)
        event = envelope(self.id, self.version + 1, by.acting_for(self.organ), at)
        return MinutesApproved(**event, at_meeting=at_meeting.id)

    def remark(self, *, n: int | None, text: Text, by: Actor, at: Occurred) -> RemarkMade:
        self._is_closed()
        if n is not None:
            item_of(self.items, n)
        event = envelope(self.id, self.version + 1, by.acting_for(self.organ), at)
        return RemarkMade(**event, n=n, text=text)

    def discusses(self, n: int, *, case: str | None, at: Occurred) -> Item:
        """The item on which something is logged, about this *case* (None: whichever). Refuses
        what cannot have happened in this meeting."""
        self.is_under_way(at)
        item = item_of(self.items, n)
        if item.postponed:
            raise errors.ItemIsPostponed(n=n)
        if case is not None and case not in item.cases:
            raise errors.ItemAboutAnother(n=n)
        return item

    def is_under_way(self, at: Occurred) -> None:
        """Refuses where nothing can be logged in it, or be withdrawn."""
        self._still_open()
        self._has_begun(at)

    # The rules that several decisions share.

    def _next(self, by: Actor, at: Occurred) -> dict[str, Any]:
        self._still_open()
        return envelope(self.id, self.version + 1, by.acting_for(self.organ), at)

    def _still_open(self) -> None:
        if self.cancelled is not None:
            raise errors.MeetingIsCancelled
        if self.closing is not None:
            raise errors.MeetingIsClosed

    def _is_closed(self) -> None:
        if self.closing is None:
            raise errors.MeetingIsNotClosed

    def _has_begun(self, at: Occurred) -> None:
        """From the day of it on: people begin a quarter of an hour early. What is only known to a
        month or a year may have been before that day, unless all of it comes after."""
        until = at.begins if at.precision in {Precision.MONTH, Precision.YEAR} else at.ends
        if until <= Occurred(at=self.starts_at, precision=Precision.DAY).begins:
            raise errors.MeetingLiesAhead


def meeting_id(number: str) -> str:
    """The stream of the meeting with this UUID."""
    return f"meeting:{number}"


def evolve(meeting: Meeting | None, event: MeetingEvent) -> Meeting:
    """What *meeting* becomes once *event* has happened."""
    if meeting is None:
        assert isinstance(event, MeetingConvened), "a meeting begins by being convened"  # noqa: S101
        fields = event.model_dump(exclude={"originator_id", "originator_version", "actor"})
        return Meeting(id=event.originator_id, version=event.originator_version, **fields)
    return meeting.model_copy(
        update={"version": event.originator_version, **_changes(meeting, event)},
    )


def _changes(meeting: Meeting, event: MeetingEvent) -> dict[str, object]:  # noqa: C901, PLR0912 - one life
    match event:
        case MeetingConvened():
            raise AssertionError("a meeting is convened once")
        case MeetingMoved(starts_at=starts_at, ends_at=ends_at, place=place):
            return {"starts_at": starts_at, "ends_at": ends_at, "place": place}
        case MeetingCancelled(reason=reason):
            return {"cancelled": reason}
        case AgendaDrawnUp(items=items):
            return {"items": (*meeting.items, *items), "numbered": items[-1].n}
        case ItemAdded(n=n, cases=cases, title=title):
            item = Item(n=n, why=(Waits.BY_HAND,), cases=cases, title=title)
            return {"items": (*meeting.items, item), "numbered": n}
        case ItemTakenOff(n=n):
            return {"items": tuple(item for item in meeting.items if item.n != n)}
        case AgendaArranged(order=order):
            return {"items": arranged(meeting.items, order)}
        case ItemPostponed(n=n, reason=reason):
            return {"items": tuple(_postponed(item, n, reason) for item in meeting.items)}
        case ItemTakenUp(n=n):
            return {"items": tuple(_taken_up(item, n) for item in meeting.items)}
        case ItemDiscussed():
            return {"discussed": (*meeting.discussed, event.originator_version)}
        case AttendanceTaken(seats=seats, persons=persons):
            return {"attended": True, "seats_there": seats, "persons_there": persons}
        case GuestAdmitted(person=person):
            return {"guests": (*meeting.guests, person)}
        case GuestDismissed(person=person):
            return {"guests": tuple(one for one in meeting.guests if one != person)}
        case MeetingClosed():
            closing = Closing(at=event.occurred_at, **event.model_dump(include=_SIGNED))
            return {"closing": closing}
        case MinutesApproved(at_meeting=at_meeting):
            return {"approved_at": at_meeting}
        case RemarkMade(n=n, text=text):
            made = Remark(n=n, text=text, at=event.occurred_at, by=event.actor)
            return {"remarks": (*meeting.remarks, made)}
        case EntryWithdrawn(withdraws=version):
            return {"discussed": tuple(one for one in meeting.discussed if one != version)}
        case TextErased(text_id=text_id):
            return {"erased": (*meeting.erased, text_id)}
    assert_never(event)


_SIGNED = {"quorate", "signed_size", "signed_root"}


def _postponed(item: Item, n: int, reason: Text | None) -> Item:
    said = {"postponed": True, "reason": reason}
    return item.model_copy(update=said) if item.n == n else item


def _taken_up(item: Item, n: int) -> Item:
    again = {"postponed": False, "reason": None}
    return item.model_copy(update=again) if item.n == n else item


def _after_it_begins(starts_at: datetime, ends_at: datetime | None) -> datetime | None:
    if ends_at is not None and ends_at <= starts_at:
        raise errors.MeetingEndsTooSoon
    return ends_at

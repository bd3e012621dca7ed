"""The steps of a meeting's life, with the facts that they usually have."""

from domain.agenda import Item, Waits
from domain.event import Occurred
from domain.meeting import Meeting
from domain.seat import SeatRole
from domain.terms import Conclusion
from domain.topology import Level, Topology
from tests.domain.organ_steps import constituted as an_organ
from tests.domain.organ_steps import seated
from tests.domain.scenario import (
    COORDINATOR,
    FRIDAY,
    MONDAY,
    NEXT_FRIDAY,
    TUESDAY,
    entry,
    given,
    oslo,
    words,
)
from tests.domain.topologies import BAERUM, GROUP

STREAM = "meeting:1"
CASE, OTHER = "case-1", "case-2"
PLACE = words("Rådhuset, rom 4")
REASON = words("Halve gruppen er syk")
THE_DAY = FRIDAY.at.date()
ROOT = "A" * 43 + "="
BEFORE = {"by": COORDINATOR, "at": MONDAY}
THERE = {"by": COORDINATOR, "at": FRIDAY}


def group(*seats: SeatRole):
    """The coordination group with these seats, numbered from 1."""
    constituted = an_organ(key=GROUP, level=Level.COORDINATING, topology=Topology())
    return given(constituted, *(seated(role=role, until=THE_DAY) for role in seats)).state


FIVE = group(*[SeatRole.MEMBER] * 5)
NOBODY = group()
GONE = FIVE.model_copy(update={"dissolved": True})


def after(version, at: Occurred = FRIDAY):
    """What the meeting's event of this version carries."""
    return entry(version, GROUP, of=STREAM, at=at)


def convened(of=STREAM, **facts):
    usual = {"organ": FIVE, "starts_at": FRIDAY.at, "place": PLACE} | BEFORE
    return lambda _: Meeting.convene(of, **(usual | facts))


def moved(**facts):
    usual = {"starts_at": NEXT_FRIDAY.at, "place": None, "topology": BAERUM} | BEFORE
    return lambda meeting: meeting.move(**(usual | facts))


def cancelled(meeting):
    return meeting.cancel(reason=REASON, **BEFORE)


def drawn_up(*items: Item):
    return lambda meeting: meeting.draw_up(waiting=items, by=COORDINATOR, at=TUESDAY)


def waiting(*cases: str, why: Waits = Waits.LIFTED) -> Item:
    """Something that waits: it has no number yet."""
    return Item(n=0, why=(why,), cases=cases)


def item_added(*cases: str, title=None):
    return lambda meeting: meeting.add_item(cases=cases, title=title, **BEFORE)


def taken_off(n):
    return lambda meeting: meeting.take_off(n, **BEFORE)


def arranged(*order: int):
    return lambda meeting: meeting.arrange(order=order, **BEFORE)


def postponed(n):
    return lambda meeting: meeting.postpone(n, reason=REASON, **THERE)


def attended(*seats: int, **facts):
    usual = {"seats": seats, "persons": ("p-1",), "organ": FIVE} | THERE
    return lambda meeting: meeting.attend(**(usual | facts))


def admitted(person="p-9"):
    return lambda meeting: meeting.admit(person, **BEFORE)


def closed(**facts):
    usual = {"organ": FIVE, "signed_size": 40, "signed_root": ROOT} | THERE
    return lambda meeting: meeting.close(**(usual | facts))


def approved(at_meeting, **facts):
    usual = {"at_meeting": at_meeting, "by": COORDINATOR, "at": oslo(2016, 10, 5, 12)}
    return lambda meeting: meeting.approve(**(usual | facts))


def remarked(n=None, **facts):
    usual = {"n": n, "text": words("Det var tre skoler"), "by": COORDINATOR, "at": NEXT_FRIDAY}
    return lambda meeting: meeting.remark(**(usual | facts))


def taken_up(n):
    return lambda meeting: meeting.take_up(n, **THERE)


def discussed_item(n, **facts):
    usual = {"summary": words("Alle vil bidra"), "conclusion": Conclusion.CONTINUE} | THERE
    return lambda meeting: meeting.discuss(n, **(usual | facts))


def withdrawn_item(version, **facts):
    usual = {"position": 40, "meeting": STREAM, "reason": REASON} | THERE
    return lambda meeting: meeting.withdraw(withdraws=version, **(usual | facts))


def dismissed(person="p-9"):
    return lambda meeting: meeting.dismiss(person, **BEFORE)

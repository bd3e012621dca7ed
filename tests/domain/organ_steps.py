"""The steps of an organ's life, with the facts that they usually have."""

from datetime import date

from domain.organ import Cadence, Organ
from domain.seat import SeatRole
from domain.topology import Level
from tests.domain.scenario import COORDINATOR, FRIDAY, MONDAY, entry, words
from tests.domain.topologies import BAERUM

KEY = "sondre-13-16"
STREAM = "organ:sondre-13-16"
NAME = words("Ungdomsteam søndre Bærum 13-16")
REASON = words("Slått sammen med vestre")
MONTHLY = Cadence(at_least=1, per="month")
SPRING, AUTUMN = date(2016, 3, 1), date(2016, 9, 1)
WHO = {"by": COORDINATOR, "at": FRIDAY}
REQUIRED = {"key": KEY, "name": NAME, "level": Level.EXECUTING, "kind": "youth_team"}


def after(version):
    """What the organ's event of this version carries."""
    return entry(version, None, of=STREAM)


def constituted(**facts):
    usual = REQUIRED | {"topology": BAERUM, "by": COORDINATOR, "at": MONDAY}
    return lambda _: Organ.constitute(**(usual | facts))


def seated(**facts):
    usual = {"role": SeatRole.MEMBER, "topology": BAERUM} | WHO
    return lambda organ: organ.take_seat(**(usual | facts))


def left(n, on):
    return lambda organ: organ.leave_seat(n, left_on=on, **WHO)


def placed(parent, *lifts_to):
    return lambda organ: organ.place(parent=parent, lifts_to=lifts_to, topology=BAERUM, **WHO)


def dissolved(organ):
    return organ.dissolve(reason=REASON, **WHO)


def cadence_set(cadence, at=FRIDAY):
    return lambda organ: organ.set_cadence(cadence=cadence, by=COORDINATOR, at=at)


def quorum_set(seats):
    return lambda organ: organ.set_quorum(seats=seats, **WHO)

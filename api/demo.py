"""The people of a demonstration: one of each kind, with the seats and roles that go with it."""

from collections.abc import Callable
from datetime import UTC, datetime

from domain.actor import Actor, Role
from domain.event import Event, Occurred
from domain.organ import Organ, organ_id
from domain.person import Person, person_id
from domain.seat import SeatRole
from ledger.commands import Command
from ledger.engine import Engine
from ledger.texts import Pen

HOST = Actor(id="demonstration", role=Role.ADMIN)
TEAM, BOARD = "vestre-13-16", "styret"
GUESTS = {
    "p-demo00000001": "SLT-koordinator",
    "p-demo00000002": "Medlem i et ungdomsteam",
    "p-demo00000003": "Styremedlem",
    "p-demo00000004": "Kommunerevisor",
    "p-demo00000005": "Administrator",
    "p-demo00000006": "Statistiker",
}
"""By id: what they are called."""
ROLES = {
    "p-demo00000001": Role.COORDINATOR,
    "p-demo00000004": Role.AUDITOR,
    "p-demo00000005": Role.ADMIN,
    "p-demo00000006": Role.REPORTER,
}
SEATS = {"p-demo00000002": TEAM, "p-demo00000003": BOARD}


def invite(engine: Engine, person: str) -> None:
    """Register the guest, once: nothing is recorded of one whom nobody wants to be."""
    if person not in engine.structure.roster.roles:
        _register(engine, person, GUESTS[person], Occurred(at=datetime.now(UTC)))


def _register(engine: Engine, person: str, name: str, at: Occurred) -> None:
    pen = Pen()
    text = pen.write(name)
    engine.begin(
        Person,
        person_id(person),
        lambda: Person.register(person=person, name=text, by=HOST, at=at),
        command=Command(HOST),
        drafts=pen.drafts,
    )
    if person in ROLES:
        given: Callable[[Person], Event] = lambda life: life.give_role(  # noqa: E731
            role=ROLES[person], by=HOST, at=at
        )
        engine.act(Person, person_id(person), given, command=Command(HOST))
    if person in SEATS:
        engine.act(
            Organ,
            organ_id(SEATS[person]),
            lambda life: life.take_seat(
                role=SeatRole.MEMBER, person=person, topology=engine.topology, by=HOST, at=at
            ),
            command=Command(HOST),
        )

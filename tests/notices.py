"""Builders: people who sit somewhere, and how they and systems want to be told."""

from psycopg.rows import dict_row

from domain.actor import Role
from domain.organ import Organ, organ_id
from domain.person import Person, person_id
from domain.seat import SeatRole
from domain.service import Service, service_id
from ledger.commands import Command
from ledger.database import Connection
from tests.domain.scenario import MONDAY
from tests.lives import ADMIN, Town

BY = {"by": ADMIN, "at": MONDAY}


def registered(town: Town, person: str, *roles: Role) -> str:
    """The person, in the ledger."""
    command = Command(ADMIN)
    town.engine.begin(
        Person,
        person_id(person),
        lambda: Person.register(person=person, name=None, **BY),
        command=command,
    )
    for role in roles:
        town.engine.act(
            Person, person_id(person), lambda life, r=role: life.give_role(role=r, **BY),
            command=command,
        )  # fmt: skip
    return person


def sits(town: Town, person: str, key: str) -> str:
    """A new person with a seat in an organ or a service."""
    registered(town, person)
    usual = {"role": SeatRole.MEMBER, "person": person, **BY}
    if key in town.topology.organs:
        own = {**usual, "topology": town.topology}
        stream, command = organ_id(key), Command(ADMIN)
        town.engine.act(Organ, stream, lambda organ: organ.take_seat(**own), command=command)
    else:
        stream, command = service_id(key), Command(ADMIN)
        town.engine.act(Service, stream, lambda it: it.take_seat(**usual), command=command)
    return person


def wants_mail(
    town: Town, person: str, mode: str = "at_once", hour: int = 15, off: tuple[str, ...] = ()
) -> None:
    with town.ledger.database.connection() as connection:
        connection.execute(
            "INSERT INTO notice_choices SELECT %s, %s, %s, %s, %s, size FROM head",
            (person, f"{person}@example.no", mode, hour, list(off)),
        )


def told(town: Town) -> dict[str, list[str]]:
    """What each person is told of in the view, by the names of the events."""
    rows = town.ledger.database.rows(
        "SELECT recipient, e.name FROM notices JOIN events e USING (position) "
        "ORDER BY recipient, position"
    )
    found: dict[str, list[str]] = {}
    for person, name in rows:
        found.setdefault(person, []).append(name)
    return found


def outbox(town: Town) -> list[dict]:
    """Every row, oldest first."""

    def look(connection: Connection) -> list[dict]:
        with connection.cursor(row_factory=dict_row) as cursor:
            cursor.execute(
                "SELECT o.*, e.name FROM outbox o JOIN events e USING (position) "
                "ORDER BY position, recipient, channel"
            )
            return cursor.fetchall()

    return town.ledger.database.read(look)


def queue(town: Town) -> Connection:
    """A connection of one's own to the queue."""
    return town.ledger.database.connect(search_path="municipality_jobs")


def jobs(town: Town) -> list[tuple[str, str]]:
    """The jobs of the queue: what they hold apart, and their states."""
    with queue(town) as connection:
        return connection.execute(
            "SELECT lock, status::text FROM procrastinate_jobs ORDER BY id"
        ).fetchall()

"""The eventsourcing library with its own PostgreSQL recorder, as it comes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from uuid import UUID, uuid4

from eventsourcing.application import Application
from eventsourcing.domain import DomainEvent
from psycopg.conninfo import conninfo_to_dict

CONNECTIONS = 32
"""As many as there are writers at most: its pool is no bottleneck."""


@dataclass(frozen=True)
class Noted(DomainEvent):
    """What an event of Løft holds, as far as the library has a place for it."""

    text: str
    actor: str
    precision: str = "minute"
    source: str = "entered"


@contextmanager
def recorder(url: str) -> Iterator[Application[UUID]]:
    """The library's application, over tables of its own in the database at *url*."""
    to = conninfo_to_dict(url)
    application: Application[UUID] = Application(
        {
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": str(to["dbname"]),
            "POSTGRES_HOST": str(to["host"]),
            "POSTGRES_PORT": "5432",
            "POSTGRES_USER": str(to["user"]),
            "POSTGRES_PASSWORD": "",
            "POSTGRES_POOL_SIZE": str(CONNECTIONS),
        }
    )
    try:
        yield application
    finally:
        application.close()


def writer(application: Application[UUID], words: str) -> Callable[[], object]:
    stream, versions = uuid4(), count(1)

    def write() -> None:
        event = Noted(
            originator_id=stream,
            originator_version=next(versions),
            timestamp=datetime.now(UTC),
            text=words,
            actor="token-0123456789ab",
        )
        application.recorder.insert_events([application.mapper.to_stored_event(event)])

    return write

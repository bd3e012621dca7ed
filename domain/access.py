"""An access: somebody was shown the words of cases. Each is a life of one event."""

from uuid import uuid4

from pydantic import BaseModel, ConfigDict

from domain.actor import Actor
from domain.event import Event, Occurred, envelope

EVERY = "*"
"""Stands for every case there is."""


class WordsRead(Event):
    """The words of *cases* (ids) were read, by the way that *door* names: an operation of the API
    or a command. It is a name of the program's own, never an address that somebody typed."""

    cases: tuple[str, ...]
    door: str


class WordsFound(Event):
    """The same, in a list or a search that showed them."""

    cases: tuple[str, ...]
    door: str


class WordsExported(Event):
    """The same, in a file to take along. `EVERY` instead of ids: all of them."""

    cases: tuple[str, ...]
    door: str


AccessEvent = WordsRead | WordsFound | WordsExported


class Access(BaseModel):
    """Nothing follows upon an access: it is all there is to it."""

    model_config = ConfigDict(frozen=True)

    id: str
    version: int
    cases: tuple[str, ...]


def accessed(
    how: type[AccessEvent],
    cases: tuple[str, ...],
    *,
    door: str,
    by: Actor,
    at: Occurred,
) -> AccessEvent:
    """That *by* was shown the words of *cases*."""
    return how(**envelope(f"access:{uuid4()}", 1, by, at), cases=cases, door=door)


def evolve(access: Access | None, event: AccessEvent) -> Access:
    """What an access is once *event* has happened."""
    assert access is None, "an access is one event"  # noqa: S101
    return Access(id=event.originator_id, version=event.originator_version, cases=event.cases)

"""What may happen to the entries of any life: words are erased, or an entry is withdrawn."""

from typing import ClassVar, Protocol

from domain import errors
from domain.actor import Actor
from domain.event import Event, Occurred, envelope
from domain.terms import LegalBasis
from domain.text import Text


class TextErased(Event):
    text_id: str
    legal_basis: LegalBasis
    reason: Text
    asked_by: str


class EntryWithdrawn(Event):
    """It was logged by mistake in a meeting that is still open: the life is as before it.
    `focus_area`: the key of the one that the plan knows no more."""

    LATER: ClassVar[frozenset[str]] = Event.LATER | {"focus_area"}

    position: int
    withdraws: int
    reason: Text | None = None
    focus_area: str | None = None


class Worded(Protocol):
    """A life in which words are kept. `erased`: the ids of the texts that are gone."""

    @property
    def id(self) -> str: ...

    @property
    def version(self) -> int: ...

    @property
    def erased(self) -> tuple[str, ...]: ...


def erase(
    life: Worded,
    *,
    text_id: str,
    legal_basis: LegalBasis,
    reason: Text,
    asked_by: str,
    by: Actor,
    at: Occurred,
) -> TextErased:
    """Also of a life that has ended. *asked_by*: at whose request; a stable id or one of
    `Requester`, never a name."""
    if text_id in life.erased:
        raise errors.TextUnknown
    return TextErased(
        **envelope(life.id, life.version + 1, by, at),
        text_id=text_id,
        legal_basis=legal_basis,
        reason=reason,
        asked_by=asked_by,
    )

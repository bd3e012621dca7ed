"""The life of the ledger itself: what became of it as a whole."""

from typing import assert_never

from pydantic import BaseModel, ConfigDict

from domain import errors
from domain.actor import Actor
from domain.event import Event, Occurred, envelope

KEEPING = "keeping"


class LossAccepted(Event):
    """An older backup was put back. A checkpoint had been signed over `signed_size` events, with
    the root `signed_root` (base64); the events after `kept` that it was over are lost."""

    kept: int
    signed_size: int
    signed_root: str


KeepingEvent = LossAccepted


class Loss(BaseModel):
    """What was lost once: the events from `kept` + 1 to `signed_size`."""

    model_config = ConfigDict(frozen=True)

    kept: int
    signed_size: int
    signed_root: str


class Keeping(BaseModel):
    """The ledger as what became of it as a whole has made it."""

    model_config = ConfigDict(frozen=True)

    id: str = KEEPING
    version: int = 0
    losses: tuple[Loss, ...] = ()

    def accept_loss(
        self, *, kept: int, signed_size: int, signed_root: str, by: Actor, at: Occurred
    ) -> LossAccepted:
        """Refused where nothing was signed that is not there: then nothing is lost."""
        if signed_size <= kept:
            raise errors.NothingLost
        return LossAccepted(
            **envelope(self.id, self.version + 1, by, at),
            kept=kept,
            signed_size=signed_size,
            signed_root=signed_root,
        )


def evolve(keeping: Keeping | None, event: KeepingEvent) -> Keeping:
    """What *keeping* becomes once *event* has happened."""
    before = keeping or Keeping()
    match event:
        case LossAccepted():
            loss = Loss(
                kept=event.kept, signed_size=event.signed_size, signed_root=event.signed_root
            )
            return before.model_copy(
                update={"version": event.originator_version, "losses": (*before.losses, loss)}
            )
    assert_never(event)

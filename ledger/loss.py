"""Accepting that a part of the ledger is lost, and erasing again what was erased in that part."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

from domain.actor import Actor, Role
from domain.case import Case
from domain.entries import TextErased, erase
from domain.event import Occurred
from domain.keeping import KEEPING, Keeping, LossAccepted
from domain.lives import life_at
from domain.terms import LegalBasis
from ledger.checkpoints import write_whole
from ledger.commands import Command
from ledger.engine import Engine
from ledger.erasures import ErasedText, ErasureList
from ledger.texts import Pen, texts_in
from ledger.verifier import Checkpoint, base64

RESTORER = Actor(id="restore", role=Role.ADMIN)
"""Who acts when a backup is put back."""
REASON = "Slettet på nytt: en eldre sikkerhetskopi er lagt tilbake."
"""Why a text is erased that had been erased before."""


class NothingButABackupHelps(Exception):
    """The ledger holds other events than those that were signed. That is no loss that can be
    accepted: `loft verify` says where it is, and only the right backup helps."""


class NoList(Exception):
    """The list of erasures cannot be read. Nothing was changed."""


def is_accepted(engine: Engine, promised: Checkpoint) -> bool:
    """Whether the newest loss that was accepted is that of *promised*."""
    seen = engine.load(Keeping, KEEPING)
    if seen is None or not seen.state.losses:
        return False
    last = seen.state.losses[-1]
    return (last.signed_size, last.signed_root) == (promised.size, base64(promised.root))


def accept(engine: Engine, promised: Checkpoint, at: Occurred) -> int:
    """Put on record that the ledger ends before *promised* does; gives how many events it lacks.
    Done before, it is not repeated; refused with `NothingLost` where it does not."""

    def decide(keeping: Keeping) -> LossAccepted:
        return keeping.accept_loss(
            kept=engine.ledger.size(),
            signed_size=promised.size,
            signed_root=base64(promised.root),
            by=RESTORER,
            at=at,
        )

    if not is_accepted(engine, promised):
        engine.act(Keeping, KEEPING, decide, command=Command(RESTORER), absent=Keeping())
    seen = engine.load(Keeping, KEEPING)
    assert seen is not None  # noqa: S101 - it has just been accepted, if not before
    return promised.size - seen.state.losses[-1].kept


def erase_again(engine: Engine, listed: Iterable[ErasedText], at: Occurred) -> int:
    """Erase what is *listed* as erased and stands in the history without that; gives how many."""
    lost = [one for one in listed if _is_lost(engine, one)]
    for one in lost:
        pen = Pen()
        reason = pen.write(REASON)
        facts = {
            "text_id": one.text_id,
            "legal_basis": LegalBasis(one.legal_basis),
            "reason": reason,
            "asked_by": one.asked_by,
            "by": RESTORER,
            "at": at,
        }
        engine.act(
            life_at(one.case_id).state,
            one.case_id,
            lambda life: _erased(life, **facts),  # noqa: B023 - called at once
            command=Command(RESTORER),
            drafts=pen.drafts,
            erases=[one.text_id],
        )
    return len(lost)


def _erased(life: Any, **facts: Any) -> TextErased:  # noqa: ANN401 - any life in which words are
    erased: TextErased = life.erase(**facts) if isinstance(life, Case) else erase(life, **facts)
    return erased


def _is_lost(engine: Engine, one: ErasedText) -> bool:
    life: Any = engine.load(life_at(one.case_id).state, one.case_id)
    if life is None or one.text_id in life.state.erased:
        return False
    return one.text_id in texts_in(engine.ledger.select_events(one.case_id))


def listed_in(file: Path) -> list[ErasedText]:
    """The erasures that *file* lists. Refuses a file that is no such list."""
    try:
        found = ErasureList(file.resolve(strict=True)).all()
        for one in found:
            UUID(one.text_id)
            LegalBasis(one.legal_basis)
    except (OSError, ValueError, TypeError, AttributeError):
        raise NoList from None
    return found


def remember(own: ErasureList, listed: Sequence[ErasedText]) -> None:
    """Keep in the list *own* what stands in another, for the next restore."""
    known = own.all()
    seen = {one.text_id for one in known}
    more = [one for one in listed if one.text_id not in seen]
    if more:
        lines = [json.dumps(asdict(one)) + "\n" for one in (*known, *more)]
        write_whole(own.file, "".join(lines).encode())

"""A case as it was true at a moment. No view holds that: it is replayed from the ledger."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from domain.true_at import as_true_at, since
from ledger.engine import Engine
from ledger.stored import Entry
from projections.case_status import CaseRow


def life_of(engine: Engine, row: CaseRow) -> Sequence[Entry]:
    """The entries that *row* was made of: none that came later, none that could not be taken in."""
    return engine.ledger.life(row.case.id, row.position)


def begins(engine: Engine, row: CaseRow) -> dict[int, datetime]:
    """From when on each entry takes part in what was true, by its position."""
    entries = life_of(engine, row)
    life: list[Any] = [engine.written.to_domain_event(entry) for entry in entries]
    return {entry.id: begin for entry, begin in zip(entries, since(life), strict=True)}


def true_row(engine: Engine, row: CaseRow, moment: datetime) -> CaseRow | None:
    """What was true of the case at *moment*, by what *row* knows of it; None before it was
    raised. Position and time of recording are those of the last entry that takes part."""
    entries = life_of(engine, row)
    life: list[Any] = [engine.written.to_domain_event(entry) for entry in entries]
    case = as_true_at(life, moment)
    if case is None:
        return None
    last = [one for one, begin in zip(entries, since(life), strict=True) if begin <= moment][-1]
    return CaseRow(case, last.id, last.recorded_at, row.raised_position)

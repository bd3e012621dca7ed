"""What has been corrected: each correction of some cases, beside the entry that it is about."""

from collections.abc import Collection
from typing import Any, NamedTuple

from domain.case import EntryCorrected
from ledger.engine import Engine
from ledger.recorder import ENTRY, entry
from ledger.stored import Entry


class Correction(NamedTuple):
    """A correction at its position, and the event that it corrects."""

    position: int
    event: EntryCorrected
    corrected: Any


def corrections(engine: Engine, cases: Collection[str], *, as_of: int) -> list[Correction]:
    """The corrections to entries of these cases that had been recorded *as_of* a position."""
    if not cases:
        return []
    rows = engine.database.rows(
        "SELECT " + ENTRY + " FROM events e WHERE e.stream_id = ANY(%(cases)s) "
        "AND e.name = 'EntryCorrected' AND e.position <= %(as_of)s ORDER BY e.position",
        cases=list(cases),
        as_of=as_of,
    )
    made: list[Any] = [engine.written.to_domain_event(entry(row)) for row in rows]
    found = entries_at(engine, {event.position for event in made})
    corrected = {at: engine.written.to_domain_event(one) for at, one in found.items()}
    return [Correction(row[0], e, corrected[e.position]) for row, e in zip(rows, made, strict=True)]


def entries_at(engine: Engine, positions: Collection[int]) -> dict[int, Entry]:
    """The entries at these positions."""
    if not positions:
        return {}
    rows = engine.database.rows(
        "SELECT " + ENTRY + " FROM events e WHERE e.position = ANY(%(positions)s)",
        positions=list(positions),
    )
    return {row[0]: entry(row) for row in rows}

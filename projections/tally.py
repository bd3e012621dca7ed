"""Counts of many rows, kept at hand and brought up to date from the rows that changed since.

Counting a hundred thousand roads anew takes the database a second, and a report is asked for often
while little changes. What is kept is exact, and belongs to the position that it was counted at: the
rows that began since are counted on top, those that ended since are taken off.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import LiteralString
from weakref import WeakKeyDictionary

from ledger.sight import Reads
from projections.view import at

Cell = tuple[str, str, str, int]
"""By what and by which key it is counted, what is counted, and how many days it took."""
Counts = Counter[Cell]
Count = Callable[[Reads, LiteralString, dict[str, object]], Counts]
"""Counts the rows of `flow` under a condition, with its facts."""
FAR = 20_000
"""Positions after which counting anew is no slower."""

FEW = 4
"""Positions in the past of which the counts are kept."""


@dataclass
class _Kept:
    position: int
    table: int
    counts: Counts


class Tally:
    """What one *count* gives of all rows as they are now, for each ledger. Two that ask at once may
    both count: nobody waits for another's question, and what they find is the same."""

    def __init__(self, count: Count) -> None:
        self._count = count
        self._kept: WeakKeyDictionary[Reads, _Kept] = WeakKeyDictionary()
        self._past: WeakKeyDictionary[Reads, OrderedDict[tuple[int, int], Counts]] = (
            WeakKeyDictionary()
        )
        self._lock = Lock()

    def then(self, reads: Reads, position: int) -> Counts:
        """What was counted at *position*. A few are kept: those of a release are asked for until
        the next one."""
        key = (reads.rows("SELECT 'flow'::regclass::oid::bigint")[0][0], position)
        with self._lock:
            known = self._past.setdefault(reads, OrderedDict()).get(key)
        if known is not None:
            return known
        counted = self._count(reads, at(position), {"as_of": position})
        with self._lock:
            kept = self._past[reads]
            kept[key] = counted
            while len(kept) > FEW:
                kept.popitem(last=False)
        return counted

    def now(self, reads: Reads) -> tuple[int, Counts]:
        """The position that the views have reached, and what is counted there."""
        kept = self._known(reads)  # before the position, which it then is not beyond
        ((position, table),) = reads.rows(
            "SELECT position, 'flow'::regclass::oid::bigint FROM follower"
        )
        if kept is None or kept.table != table or not 0 <= position - kept.position <= FAR:
            kept = _Kept(position, table, self._count(reads, at(position), {"as_of": position}))
        elif position > kept.position:
            kept = self._moved_on(reads, kept, position)
        with self._lock:
            self._kept[reads] = kept
        return kept.position, kept.counts

    def _known(self, reads: Reads) -> _Kept | None:
        with self._lock:
            return self._kept.get(reads)

    def _moved_on(self, reads: Reads, kept: _Kept, position: int) -> _Kept:
        facts: dict[str, object] = {"before": kept.position, "as_of": position}
        begun = self._count(
            reads,
            "from_position > %(before)s AND from_position <= %(as_of)s "
            "AND (to_position IS NULL OR to_position > %(as_of)s)",
            facts,
        )
        ended = self._count(
            reads,
            "from_position <= %(before)s AND to_position > %(before)s AND to_position <= %(as_of)s",
            facts,
        )
        counts = kept.counts.copy()
        counts.update(begun)
        counts.subtract(ended)
        gone = [cell for cell, count in counts.items() if not count]
        for cell in gone:
            del counts[cell]
        return _Kept(position, kept.table, counts)

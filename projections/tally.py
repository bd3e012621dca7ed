"""Counts of many cases, kept at hand and brought up to date from the cases that changed since.

Counting a hundred thousand roads anew takes the database a second, and a report is asked for often
while little changes. What is kept is exact, and belongs to the position that it was counted at: the
cases that something happened to since are taken off as they were, and counted on top as they are.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from threading import Lock
from weakref import WeakKeyDictionary

from domain.municipality import PolicySet
from ledger.sight import Reads
from projections.asked import Asked

Cell = tuple[str, str, str, int]
"""By what and by which key it is counted, what is counted, and a number of days: that it took, or
that it is from the first day of all."""
Counts = Counter[Cell]
Count = Callable[[Reads, Asked], Counts]
"""Counts the cases that are asked for. What is the same on any day: *today* is not looked at."""
FAR = 20_000
"""Positions after which counting anew is no slower."""

FEW = 12
"""Questions of which the counts are kept, those that were put last."""


@dataclass
class _Kept:
    position: int
    tables: list[int]
    counts: Counts


class Tally:
    """What one *count* gives of all cases or of some, for each ledger. *tables*: the views that it
    reads. Two that ask at once may both count: nobody waits for another's question, and what they
    find is the same."""

    def __init__(self, count: Count, *tables: str) -> None:
        self._count = count
        self._tables = list(tables)
        self._kept: WeakKeyDictionary[Reads, OrderedDict[Asked, _Kept]] = WeakKeyDictionary()
        self._lock = Lock()

    def of(self, reads: Reads, asked: Asked) -> tuple[int, Counts]:
        """The position, and what is counted there of the cases that are *asked* for."""
        newest, then = (
            asked.model_copy(update={"today": date.min, "as_of": as_of})
            for as_of in (None, asked.as_of)
        )
        known = self._known(reads, newest), self._known(reads, then)
        reached, tables = self._places(reads)  # later than what is known, so not behind it
        position = reached if asked.as_of is None else asked.as_of
        for kept in known:
            moved = self._moved_on(reads, asked, kept, position, tables)
            if moved is not None:
                break
        else:
            at = asked.model_copy(update={"as_of": position})
            moved = _Kept(position, tables, self._count(reads, at))
        if position <= reached:  # else the views hold but a part of it
            self._keep(reads, newest if position == reached else then, moved)
        return position, moved.counts

    def _known(self, reads: Reads, question: Asked) -> _Kept | None:
        with self._lock:
            return self._kept.setdefault(reads, OrderedDict()).get(question)

    def _keep(self, reads: Reads, question: Asked, kept: _Kept) -> None:
        with self._lock:
            known = self._kept[reads]
            known[question] = kept
            known.move_to_end(question)
            while len(known) > FEW:
                known.popitem(last=False)

    def _places(self, reads: Reads) -> tuple[int, list[int]]:
        """The position that the views have reached, and what stands for each of the tables, which
        are others once they are built anew."""
        ((position, tables),) = reads.rows(
            "SELECT position, ARRAY(SELECT to_regclass(name)::oid::bigint "
            "FROM unnest(%(tables)s::text[]) AS name) FROM follower",
            tables=self._tables,
        )
        return position, tables

    def _moved_on(
        self, reads: Reads, asked: Asked, kept: _Kept | None, position: int, tables: list[int]
    ) -> _Kept | None:
        """What was kept, at *position*, which may be before it; None where counting anew is
        better."""
        if kept is None or kept.tables != tables or abs(position - kept.position) > FAR:
            return None
        changed = _changed(reads, *sorted((kept.position, position)))
        if not changed:
            return _Kept(position, tables, kept.counts) if changed is not None else None
        then, now = (
            asked.model_copy(update={"as_of": at, "only": changed})
            for at in (kept.position, position)
        )
        counts = kept.counts.copy()
        counts.update(self._count(reads, now))
        counts.subtract(self._count(reads, then))
        gone = [cell for cell, count in counts.items() if not count]
        for cell in gone:
            del counts[cell]
        return _Kept(position, tables, counts)


def _changed(reads: Reads, before: int, position: int) -> tuple[str, ...] | None:
    """The cases that something happened to after one position, up to another. None where that may
    be all of them: under another policy, every clock may be another."""
    rows = reads.rows(
        "SELECT stream_id, name, data ->> 'merged_into' FROM events "
        "WHERE position > %(before)s AND position <= %(as_of)s "
        "AND (stream_type = 'case' OR name = %(policy)s)",
        before=before,
        as_of=position,
        policy=PolicySet.TOPIC,
    )
    if any(name == PolicySet.TOPIC for _, name, _ in rows):
        return None
    changed = {case for own, _, into in rows for case in (own, into) if case is not None}
    return tuple(sorted(changed))

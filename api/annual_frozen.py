"""Frozen reports, each held against the ledger whenever it is read."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from threading import Lock

import structlog

from api.desk import Desk
from domain.annual_report import Freezing
from domain.errors import Refusal
from domain.event import day_in_oslo
from domain.terms import AnnualSection
from ledger.beginning import begins_with, differing
from ledger.checkpoints import Notary, Standing
from ledger.texts import words_of
from ledger.verifier import TreeHead
from projections import annual
from projections.annual_facts import FORM, Facts
from projections.audit_trail import erasures

KEPT = 8
"""Reports that are remembered."""
Key = tuple[int, int, int, str]
log = structlog.get_logger()


class ReportNoLongerHolds(Refusal):
    """This report is frozen, but what is recorded here is not what it was made of any more:
    something has been altered. It is not shown. Tell the auditor, and have everything verified."""


class FrozenFacts:
    """The facts of reports that this process has held against the whole ledger, so that a page
    need not make all of them to show a first part."""

    def __init__(self) -> None:
        self._facts: OrderedDict[Key, Facts] = OrderedDict()
        self._lock = Lock()

    def of(self, key: Key) -> Facts | None:
        with self._lock:
            return self._facts.get(key)

    def keep(self, key: Key, facts: Facts) -> None:
        with self._lock:
            self._facts[key] = facts
            self._facts.move_to_end(key)
            while len(self._facts) > KEPT:
                self._facts.popitem(last=False)

    def forget(self, key: Key) -> None:
        with self._lock:
            self._facts.pop(key, None)


@dataclass(frozen=True)
class Held:
    """What is shown of a report, and how many matters it has in all."""

    shown: Facts
    counts: Mapping[AnnualSection, Mapping[str, int]]


def held(desk: Desk, year: int, frozen: Freezing, head: TreeHead, most: int | None) -> Held:
    """A report as it was frozen; with *most*, the first so many matters of each organ.

    All of it is made of the same events as then, which are read again, and says the same. A first
    part of what this process has held like that before is held by itself. Refuses, loudly, with
    `ReportNoLongerHolds`.
    """
    remembered: FrozenFacts = desk.request.app.state.frozen
    key = (year, head.size, frozen.form, frozen.digest)
    known = remembered.of(key) if most is not None else None
    every = known or facts_then(desk, year, head.size)
    shown = every.first(most) if most is not None else every
    says_the_same = known is not None or (frozen.form, frozen.digest) == (FORM, every.digest)
    whole = known is None
    if not says_the_same or not _stands(desk, head, every if whole else shown, whole=whole):
        remembered.forget(key)
        log.error("a frozen report no longer holds", year=year, signed_size=head.size)
        raise ReportNoLongerHolds
    remembered.keep(key, every)
    return Held(shown, every.how_many)


def facts_then(desk: Desk, year: int, size: int) -> Facts:
    """As of so many events, and as late as it then was."""
    moment = desk.engine.ledger.moment(size)
    today: date = day_in_oslo(moment or desk.now)
    return annual.facts(desk.database, year, as_of=size, today=today)


def _stands(desk: Desk, head: TreeHead, facts: Facts, *, whole: bool) -> bool:
    """Whether what *facts* tell are the events of then, in words that are those that were written
    or whose erasure is recorded. *whole*: and all other events with them."""
    notary: Notary = desk.request.app.state.notary
    texts = facts.texts
    there = words_of(desk.database, [text.id for text in texts]).keys()
    gone = {text.id for text in texts} - there
    return (
        notary.standing() in {Standing.WHOLE, Standing.KEY_UNKNOWN}
        and begins_with(notary.tree, head.size, head.root, facts.positions, whole=whole)
        and not differing(desk.database, texts)
        and gone <= erasures(desk.database, sorted(gone)).keys()
    )

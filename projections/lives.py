"""The states of lives as the ledger is taken in, entry by entry."""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from domain.case import CaseClosed
from domain.event import Event
from domain.lives import life_of
from domain.roster import Roster
from ledger.recorder import Recorder
from ledger.stored import Entry, EventMapper
from projections.view import Change

REMEMBERED = 20_000
"""Lives whose state is kept between batches; the others are read from the ledger when needed."""
_NOBODY: Mapping[str, int] = {}


class LifeFailed(Exception):
    """An event that a view, or the life itself, could not take in. Only the kind of error is
    kept: its text might hold words."""

    def __init__(self, stream_id: str, position: int, error: Exception) -> None:
        self.stream_id = stream_id
        self.position = position
        self.reason = type(error).__name__
        super().__init__(f"The event {position} could not be taken in ({self.reason}).")


class OutOfOrder(Exception):
    """An event is not the next one of the life as it is known."""


@dataclass
class Lives:
    """The states of lives as of the last entry taken in."""

    recorder: Recorder
    mapper: EventMapper = field(default_factory=EventMapper)
    states: OrderedDict[str, Any] = field(default_factory=OrderedDict)
    roster: Roster = field(default_factory=Roster)
    enrolled: int = 0
    """The position up to which the roster has taken the structure in."""

    def changes(
        self, entries: Sequence[Entry], parked: Mapping[str, int] = _NOBODY
    ) -> list[Change]:
        """What *entries* make of the lives that they touch, except of those that are *parked*,
        each from its position on. Fails with `LifeFailed`."""
        touches = [(entry, touched(entry, parked)) for entry in entries]
        self._read_missing(touches)
        self._enrol_before(entries, parked)
        made: list[Change] = []
        for entry, lives in touches:
            try:
                made += self._evolved(entry, lives)
            except Exception as error:
                raise LifeFailed(str(entry.originator_id), entry.id, error) from error
        while len(self.states) > REMEMBERED:
            self.states.popitem(last=False)
        return made

    def forget(self) -> None:
        """After a batch that was rolled back, what is kept is ahead of what was written."""
        self.states.clear()
        self.roster, self.enrolled = Roster(), 0

    def _evolved(self, entry: Entry, lives: Sequence[str]) -> Iterable[Change]:
        if not lives:
            return
        event = self.mapper.to_domain_event(entry)
        self._enrol(event)
        self.enrolled = entry.id
        for stream_id in lives:
            before = self.states.get(stream_id)
            if stream_id == entry.originator_id and entry.originator_version != _next(before):
                raise OutOfOrder
            after = life_of(event).evolve(before, event)
            self.states[stream_id] = after
            self.states.move_to_end(stream_id)
            yield Change(entry, event, stream_id, before, after, self.roster)

    def _enrol_before(self, entries: Sequence[Entry], parked: Mapping[str, int]) -> None:
        """Who sits where before the first of *entries*: read where that does not follow on from
        what was taken in last."""
        if not entries or entries[0].id == self.enrolled + 1:
            return
        for entry in self.recorder.structure(self.enrolled):
            if entry.id >= entries[0].id:
                break
            if touched(entry, parked):
                with suppress(Exception):  # then its life is parked when it is taken in
                    self._enrol(self.mapper.to_domain_event(entry))
        self.enrolled = entries[0].id - 1

    def _enrol(self, event: Event) -> None:
        """What hangs on an organ that is parked is as if that were not there."""
        with suppress(KeyError):
            self.roster = self.roster.enrolled(event)

    def _read_missing(self, touches: Sequence[tuple[Entry, Sequence[str]]]) -> None:
        begun = {entry.originator_id for entry, _ in touches if entry.originator_version == 1}
        wanted = {stream_id for _, lives in touches for stream_id in lives}
        missing = wanted - begun - self.states.keys()
        if missing:
            for entry in self.recorder.lives(list(missing), touches[0][0].id - 1):
                self._replay(entry, missing)

    def _replay(self, entry: Entry, missing: Collection[str]) -> None:
        try:
            event = self.mapper.to_domain_event(entry)
            for stream_id in touched(entry):
                if stream_id in missing:
                    before = self.states.get(stream_id)
                    self.states[stream_id] = life_of(event).evolve(before, event)
        except Exception as error:
            raise LifeFailed(str(entry.originator_id), entry.id, error) from error


def _next(state: Any | None) -> int:  # noqa: ANN401 - any life has a version
    return 1 if state is None else int(state.version) + 1


def touched(entry: Entry, parked: Mapping[str, int] = _NOBODY) -> tuple[str, ...]:
    """The lives that an entry belongs to: its own, and that of the case it was merged into.
    Those that are *parked* from an earlier position on are left out."""
    own = str(entry.originator_id)
    into = entry.data.get("merged_into") if entry.topic == CaseClosed.TOPIC else None
    lives = (own, into) if into else (own,)
    if not parked:
        return lives
    return tuple(life for life in lives if entry.id < parked.get(life, entry.id + 1))

"""Load, decide, append: the one way in."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock
from typing import Any, Generic, TypeVar

from eventsourcing.application import Application
from pydantic import BaseModel

from domain.errors import Refusal, StaleVersion, StreamUnknown
from domain.event import Event
from domain.lives import LIFE_OF
from domain.topology import Topology
from ledger.commands import Command, answered
from ledger.database import Database, Unavailable
from ledger.recorder import Receipt, Recorder, StreamMovedOn, StructureMovedOn
from ledger.stored import EventMapper
from ledger.structure import Structure
from ledger.texts import Draft

S = TypeVar("S", bound=BaseModel)

TRIES = 10
"""How often a command is decided anew when somebody else was quicker."""
REMEMBERED = 10_000
"""States kept in memory, so that a command need not read the life that it acts on."""


@dataclass(frozen=True)
class Seen(Generic[S]):
    """A life as it is at *position*, the last that changed it. `repeated`: as the first answer to
    the same command left it."""

    state: S
    position: int
    recorded_at: datetime
    repeated: bool = False


@dataclass(frozen=True)
class _Decided:
    """An event, and what was looked at to decide it: the life (None: a new one), and the structure
    up to a position that was read before it was looked at."""

    event: Event
    seen: Seen[Any] | None
    structure_seen: int


class Busy(Unavailable):
    """Too many are writing to this at once. Nothing was recorded; try again in a moment."""


class Engine(Application[str]):
    """One municipality's ledger, with the municipality's structure always at hand."""

    name = "loft"

    def __init__(self, database: Database) -> None:
        self.database = database
        self.ledger = Recorder(database)
        super().__init__()
        self.structure = Structure(self.ledger, self.written)
        self._states: OrderedDict[str, Seen[Any]] = OrderedDict()
        self._states_lock = Lock()

    def construct_mapper(self) -> EventMapper:
        self.written = EventMapper()
        return self.written

    def construct_recorder(self) -> Recorder:
        return self.ledger

    @property
    def topology(self) -> Topology:
        return self.structure.topology

    def close(self) -> None:
        super().close()
        self.ledger.close()

    def act(
        self,
        kind: type[S],
        stream_id: str,
        decide: Callable[[S], Event],
        *,
        command: Command,
        drafts: Sequence[Draft] = (),
        erases: Sequence[str] = (),
        absent: S | None = None,
        admit: Callable[[S], object] = lambda _: None,
    ) -> Seen[S]:
        """Let *decide* look at the life *stream_id* as it is now, and append what it decides. The
        texts that it *erases* (ids) are deleted in the same transaction. *admit* refuses whoever
        may know nothing of the life, before anything else of it is told.

        A repeat of a command (same key) gives the life as its first answer left it. Refuses what
        *decide* refuses, `StaleVersion` where `command.if_version` is not the present one, and
        `StreamUnknown` where there is no such life and no state *absent* to begin from.
        """

        def decided() -> _Decided:
            seen = self._recall(kind, stream_id)
            state = seen.state if seen is not None else absent
            if state is None:
                raise StreamUnknown
            admit(state)
            _check_version(command, state)
            structure_seen = self.structure.position
            return _Decided(decide(state), seen, structure_seen)

        return self._do(kind, stream_id, decided, command, drafts, erases)

    def begin(
        self,
        kind: type[S],
        stream_id: str,
        decide: Callable[[], Event],
        *,
        command: Command,
        drafts: Sequence[Draft] = (),
    ) -> Seen[S]:
        """Append the first event of a new life. Refuses what *decide* refuses."""

        def decided() -> _Decided:
            structure_seen = self.structure.position
            return _Decided(decide(), None, structure_seen)

        return self._do(kind, stream_id, decided, command, drafts)

    def load(self, kind: type[S], stream_id: str, until: int | None = None) -> Seen[S] | None:
        """The life *stream_id* as it was at position *until* (None: now), read from the ledger."""
        entries = self.ledger.life(stream_id, until)
        state = None
        for entry in entries:
            event = self.written.to_domain_event(entry)
            state = LIFE_OF[type(event)].evolve(state, event)
        if state is None or not isinstance(state, kind):
            return None
        return Seen(state, entries[-1].id, entries[-1].recorded_at)

    def _do(
        self,
        kind: type[S],
        stream_id: str,
        decided: Callable[[], "_Decided"],
        command: Command,
        drafts: Sequence[Draft],
        erases: Sequence[str] = (),
    ) -> Seen[S]:
        """Decide on what is remembered; only where that ends in a refusal or a conflict is the
        ledger read first. A repeated key goes before every refusal."""
        for attempt in range(TRIES):
            try:
                made = _confirmed(decided(), command)
                receipt = self._append(made, command, drafts, erases)
            except (StreamMovedOn, StructureMovedOn):
                self._refresh(stream_id)
            except Refusal:
                first = answered(self.database, command)
                if first is not None:
                    return self._as_at(kind, first)
                if attempt > 0:
                    raise
                self._refresh(stream_id)
            else:
                if receipt.repeated:
                    return self._as_at(kind, receipt.position)
                return self._remember(stream_id, made, receipt)
        raise Busy

    def _append(
        self,
        made: "_Decided",
        command: Command,
        drafts: Sequence[Draft],
        erases: Sequence[str],
    ) -> Receipt:
        return self.ledger.append(
            [self.written.to_stored_event(made.event)],
            command=command,
            drafts=drafts,
            erases=erases,
            seen=made.seen.position if made.seen is not None else 0,
            structure_seen=made.structure_seen,
        )

    def _as_at(self, kind: type[S], position: int) -> Seen[S]:
        """The life that *position* belongs to, as it was right after it."""
        (entry,) = self.ledger.select_notifications(position, 1)
        seen = self.load(kind, str(entry.originator_id), position)
        if seen is None:
            raise StreamUnknown
        return replace(seen, repeated=True)

    # What is remembered.

    def _recall(self, kind: type[S], stream_id: str) -> Seen[S] | None:
        with self._states_lock:
            seen = self._states.get(stream_id)
            if seen is not None:
                self._states.move_to_end(stream_id)
        if seen is None:
            seen = self.load(kind, stream_id)
            if seen is not None:
                self._keep(stream_id, seen)
        return seen if seen is None or isinstance(seen.state, kind) else None

    def _remember(self, stream_id: str, made: "_Decided", receipt: Receipt) -> Seen[Any]:
        """The state after an append is made of the very one that was decided on: the ledger has
        judged that nothing came between."""
        event = made.event
        if receipt.number is not None:
            event = event.model_copy(update={"number": receipt.number})
        life = LIFE_OF[type(event)]
        before = made.seen.state if made.seen is not None else None
        seen = Seen(life.evolve(before, event), receipt.position, receipt.recorded_at)
        self._keep(stream_id, seen)
        if life.stream_type != "case":
            self.structure.refresh()
        self._forget(getattr(event, "merged_into", None))
        return seen

    def _keep(self, stream_id: str, seen: Seen[Any]) -> None:
        with self._states_lock:
            kept = self._states.get(stream_id)
            if kept is None or kept.position < seen.position:
                self._states[stream_id] = seen
            while len(self._states) > REMEMBERED:
                self._states.popitem(last=False)

    def _forget(self, stream_id: str | None) -> None:
        if stream_id is not None:
            with self._states_lock:
                self._states.pop(stream_id, None)

    def _refresh(self, stream_id: str) -> None:
        self._forget(stream_id)
        self.structure.refresh()


def _confirmed(made: _Decided, command: Command) -> _Decided:
    """With why its words are kept in the event, where *command* says why."""
    why = command.not_about_individual
    if why is None:
        return made
    return replace(made, event=made.event.model_copy(update={"not_about_individual": why}))


def _check_version(command: Command, state: Any) -> None:  # noqa: ANN401 - any life has a version
    if command.if_version is not None and command.if_version != state.version:
        raise StaleVersion

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
from domain.lives import life_of
from domain.topology import Topology
from ledger.commands import Command, answered
from ledger.database import Database, Unavailable
from ledger.members import Part
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
class Act(Generic[S]):
    """What is decided on one of several lives at once, with the words that belong to it."""

    stream_id: str
    decide: Callable[[S], Event]
    drafts: Sequence[Draft] = ()


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

        def decided() -> list[_Decided]:
            return [self._decided(kind, stream_id, decide, absent, admit, command)]

        (seen,) = self._do(kind, [stream_id], decided, command, [drafts], erases)
        return seen

    def act_together(
        self,
        kind: type[S],
        acts: Sequence[Act[S]],
        *,
        command: Command,
        admit: Callable[[S], object] = lambda _: None,
    ) -> list[Seen[S]]:
        """The same on several lives at once, one event on each: all of it, or nothing."""

        def decided() -> list[_Decided]:
            return [
                self._decided(kind, act.stream_id, act.decide, None, admit, command) for act in acts
            ]

        stream_ids, drafts = [act.stream_id for act in acts], [act.drafts for act in acts]
        return self._do(kind, stream_ids, decided, command, drafts)

    def _decided(
        self,
        kind: type[S],
        stream_id: str,
        decide: Callable[[S], Event],
        absent: S | None,
        admit: Callable[[S], object],
        command: Command,
    ) -> _Decided:
        seen = self._recall(kind, stream_id)
        state = seen.state if seen is not None else absent
        if state is None:
            raise StreamUnknown
        admit(state)
        _check_version(command, state)
        structure_seen = self.structure.position
        return _Decided(decide(state), seen, structure_seen)

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

        def decided() -> list[_Decided]:
            structure_seen = self.structure.position
            return [_Decided(decide(), None, structure_seen)]

        (seen,) = self._do(kind, [stream_id], decided, command, [drafts])
        return seen

    def load(self, kind: type[S], stream_id: str, until: int | None = None) -> Seen[S] | None:
        """The life *stream_id* as it was at position *until* (None: now), read from the ledger."""
        entries = self.ledger.life(stream_id, until)
        state = None
        for entry in entries:
            event = self.written.to_domain_event(entry)
            state = life_of(event).evolve(state, event)
        if state is None or not isinstance(state, kind):
            return None
        return Seen(state, entries[-1].id, entries[-1].recorded_at)

    def _do(
        self,
        kind: type[S],
        stream_ids: Sequence[str],
        decided: Callable[[], "list[_Decided]"],
        command: Command,
        drafts: Sequence[Sequence[Draft]],
        erases: Sequence[str] = (),
    ) -> list[Seen[S]]:
        """Decide on what is remembered; only where that ends in a refusal or a conflict is the
        ledger read first. A repeated key goes before every refusal."""
        for attempt in range(TRIES):
            try:
                made = [_confirmed(one, command) for one in decided()]
                receipt = self._append(made, command, drafts, erases)
            except (StreamMovedOn, StructureMovedOn):
                self._refresh(stream_ids)
            except Refusal:
                first = answered(self.database, command)
                if first is not None:
                    return [self._as_at(kind, position) for position in first]
                if attempt > 0:
                    raise
                self._refresh(stream_ids)
            else:
                if receipt.repeated:
                    first = answered(self.database, command) or [receipt.position]
                    return [self._as_at(kind, position) for position in first]
                return self._remember(stream_ids, made, receipt)
        raise Busy

    def _append(
        self,
        made: "Sequence[_Decided]",
        command: Command,
        drafts: Sequence[Sequence[Draft]],
        erases: Sequence[str],
    ) -> Receipt:
        parts = [
            Part(
                [self.written.to_stored_event(one.event)],
                its,
                erases,
                one.seen.position if one.seen is not None else 0,
            )
            for one, its in zip(made, drafts, strict=True)
        ]
        return self.ledger.append_together(
            parts, command=command, structure_seen=made[0].structure_seen
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

    def _remember(
        self, stream_ids: Sequence[str], made: "Sequence[_Decided]", receipt: Receipt
    ) -> list[Seen[Any]]:
        """The state after an append is made of the very one that was decided on: the ledger has
        judged that nothing came between."""
        first = receipt.position - len(made) + 1
        return [
            self._remember_one(stream_id, one, replace(receipt, position=position))
            for position, (stream_id, one) in enumerate(
                zip(stream_ids, made, strict=True), start=first
            )
        ]

    def _remember_one(self, stream_id: str, made: "_Decided", receipt: Receipt) -> Seen[Any]:
        event = made.event
        if receipt.number is not None:
            event = event.model_copy(update={"number": receipt.number})
        life = life_of(event)
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

    def _refresh(self, stream_ids: Sequence[str]) -> None:
        for stream_id in stream_ids:
            self._forget(stream_id)
        self.structure.refresh()


def _confirmed(made: _Decided, command: Command) -> _Decided:
    """With what *command* says of the event beside what was decided: why its words are kept, and
    in which meeting it was logged."""
    said = {name: getattr(command, name) for name in ("not_about_individual", "meeting", "item")}
    beside = {name: what for name, what in said.items() if what is not None}
    return replace(made, event=made.event.model_copy(update=beside)) if beside else made


def _check_version(command: Command, state: Any) -> None:  # noqa: ANN401 - any life has a version
    if command.if_version is not None and command.if_version != state.version:
        raise StaleVersion

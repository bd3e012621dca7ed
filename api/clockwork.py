"""The clockwork: records by itself that a deadline nears, passes, and is still passed.

What is recorded is decided on the case or order as it is; the view only says where to look. So
nothing is recorded twice, whoever looks and whenever: not after a restart, nor by two processes at
once, nor when the clock is set back.
"""

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from threading import Event
from threading import Thread as PythonThread
from typing import Any

import structlog

from domain.actor import Actor, Role
from domain.clock import Deadline, Stage
from domain.errors import Refusal
from domain.event import Occurred, day_in_oslo
from domain.lives import life_at
from domain.noticing import notice
from ledger.commands import Command
from ledger.engine import Engine
from projections.deadlines import BEGIN, After, ToRecord, running, to_record
from projections.place import followed

log = structlog.get_logger()

ITSELF = Actor(id="clock", role=Role.ADMIN)
"""Nobody: it became known by the passing of time."""
PAGE = 2_000
"""Clocks that are looked up at a time."""


def now() -> datetime:
    return datetime.now(UTC)


class Clockwork:
    """Looks every *seconds*, while this process follows the ledger."""

    def __init__(
        self,
        engine: Engine,
        leads: Callable[[], bool],
        *,
        seconds: float = 1.0,
        now: Callable[[], datetime] = now,
    ) -> None:
        self.engine = engine
        self.leads = leads
        self.seconds = seconds
        self.now = now
        self._recorded_at = 0
        """The last position that was recorded here: before the views are there, they name again
        what has been recorded already."""
        self._stop = Event()
        self._problem: str | None = None
        self._thread = PythonThread(target=self._run, name="loft-clockwork", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stop.wait(self.seconds):
            try:
                if self.leads():
                    self.step()
                self._problem = None
            except Exception as error:
                if self._problem != type(error).__name__:
                    self._problem = type(error).__name__
                    log.warning("deadlines are not looked at", kind=self._problem)

    def step(self) -> int:
        """Record what is to be recorded by now; gives how much it was."""
        if self.engine.database.read(followed) < self._recorded_at:
            return 0
        self.engine.structure.refresh()
        moment = min(self.now(), self._database_s_now())
        return sum(self._record(one, moment) for one in self._due(moment))

    def _database_s_now(self) -> datetime:
        """Nothing has come before both clocks say so: what is recorded too early stays."""
        ((moment,),) = self.engine.database.rows("SELECT clock_timestamp()")
        assert isinstance(moment, datetime)  # noqa: S101 - it is one
        return moment

    def _due(self, moment: datetime) -> Iterator[ToRecord]:
        after: After = BEGIN
        while not self._stop.is_set():
            found = to_record(
                self.engine.database, today=day_in_oslo(moment), after=after, limit=PAGE
            )
            yield from found
            if len(found) < PAGE:
                return
            after = found[-1]

    def _record(self, one: ToRecord, moment: datetime) -> bool:
        """False where the case or order says that there is nothing to record: it has moved on."""
        policy = self.engine.structure.policy
        clock = running(self.engine.database, one)
        deadline = clock.deadline(policy) if clock is not None else None
        stage = clock.stage(policy, day_in_oslo(moment)) if clock is not None else None
        if clock is None or deadline is None or stage is None:
            return False
        kind: type[Any] = life_at(one.stream_id).state
        told = clock.told(deadline.due_on)
        nudge = told.nudge if told is not None else 0
        try:
            seen = self.engine.act(
                kind,
                one.stream_id,
                lambda life: notice(
                    life, stage, deadline, policy=policy, by=ITSELF, at=Occurred(at=moment)
                ),
                command=_command(one.stream_id, stage, deadline, nudge),
            )
        except Refusal:
            return False
        self._recorded_at = max(self._recorded_at, seen.position)
        return not seen.repeated


def _command(stream_id: str, stage: Stage, deadline: Deadline, nudge: int) -> Command:
    """The same one wherever and whenever it is recorded."""
    facts = (stream_id, stage, deadline.kind, deadline.n, deadline.of, deadline.to,
             deadline.due_on, nudge)  # fmt: skip
    key = hashlib.sha256("|".join(map(str, facts)).encode()).hexdigest()
    return Command(actor=ITSELF, key=key, request_hash=key)

"""The worker: one thread that keeps the views up to date, and tells who waits how far they are."""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from threading import Event, Thread

import structlog

from api.installation import OpenLedger
from ledger.recorder import POLL
from projections.place import followed

log = structlog.get_logger()

PACE = 0.03
"""Seconds between steps while nobody waits for one: events are cheaper taken in together."""


class Progress:
    """The position that the views have reached, for coroutines to wait at without a thread."""

    def __init__(self) -> None:
        self.position = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._moved: asyncio.Event | None = None
        self.wanted = Event()
        """Set while somebody waits for a position."""
        self._waiting = 0

    def attach(self) -> None:
        """Belong to the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._moved = asyncio.Event()

    def publish(self, position: int) -> None:
        """From any thread: the views have reached *position*."""
        if position != self.position and self._loop is not None:
            self._loop.call_soon_threadsafe(self._publish, position)

    def _publish(self, position: int) -> None:
        self.position = position
        if self._moved is not None:
            self._moved.set()
            self._moved = asyncio.Event()

    async def reached(self, position: int, seconds: float) -> bool:
        """Wait until the views are at *position*; False where they are not there in time."""
        if self.position < position:
            with contextlib.suppress(TimeoutError), self._hurrying():
                async with asyncio.timeout(seconds):
                    await self.moved(position - 1)
        return self.position >= position

    async def moved(self, beyond: int) -> None:
        """Wait until the views have moved *beyond* a position, at whatever pace they do."""
        while self.position <= beyond:
            assert self._moved is not None  # noqa: S101 - attached at the start
            await self._moved.wait()

    @contextlib.contextmanager
    def _hurrying(self) -> Iterator[None]:
        self._waiting += 1
        self.wanted.set()
        try:
            yield
        finally:
            self._waiting -= 1
            if self._waiting == 0:
                self.wanted.clear()


class Worker:
    """Follows the ledger in a thread of its own, or watches whoever does."""

    def __init__(self, ledger: OpenLedger, progress: Progress) -> None:
        self.ledger = ledger
        self.progress = progress
        self.problem: str | None = None
        """Why the views stand still, by the kind of error; None while they move."""
        self.caught_up = False
        """Whether the views have once had all that the ledger then held."""
        self._stop = Event()
        self._stepped = 0.0
        self._thread = Thread(target=self._run, name="loft-worker", daemon=True)

    @property
    def leads(self) -> bool:
        """Whether it is this process that follows the ledger."""
        return self.ledger.follower.epoch is not None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        with self.ledger.engine.ledger.grown:
            self.ledger.engine.ledger.grown.notify_all()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.progress.publish(self._step())
                self.problem = None
            except Exception as error:
                self._rest(error)
            self._wait()
        self.ledger.follower.release()

    def _step(self) -> int:
        """Follow if nobody else does; else only look how far the leader is."""
        self._stepped = time.monotonic()
        self._keep_structure()
        follower = self.ledger.follower
        if follower.lead():
            position = follower.catch_up(most=1)
        else:
            position = self.ledger.database.read(followed)
        if not self.caught_up:
            self.caught_up = position >= self.ledger.engine.ledger.size()
        return position

    def _keep_structure(self) -> None:
        """Rights end here though another process recorded it, and though the views stand still."""
        engine = self.ledger.engine
        if engine.ledger.structure_at() > engine.structure.position:
            engine.structure.refresh()

    def _wait(self) -> None:
        """Until this process has appended something, or for as long as a look may be late; a step
        at a time, unless somebody waits for the next."""
        self.progress.wanted.wait(PACE - min(PACE, time.monotonic() - self._stepped))
        ledger = self.ledger.engine.ledger
        with ledger.grown:
            if not self._stop.is_set() and ledger.last_position <= self.progress.position:
                ledger.grown.wait(POLL)

    def _rest(self, error: Exception) -> None:
        if self.problem != type(error).__name__:
            self.problem = type(error).__name__
            log.warning("views stand still", kind=self.problem)
        with contextlib.suppress(Exception):  # the next round says whether it helped
            self.ledger.database.mend()
        self._stop.wait(0.2)

"""Delivery: a thread, or a process of its own, that sends what the outbox holds. There may be
several: a receiver has one at a time, and what one that died had begun another ends."""

import asyncio
import contextlib
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any

import structlog
from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job

from api.installation import OpenLedger
from api.rounds import Means, Round, TryLater
from ledger.database import jobs_of
from projections import outbox
from projections.outbox import TASK, Receiver
from projections.place import locked, unlock

log = structlog.get_logger()

AT_ONCE = 6
"""Receivers that one process delivers to at a time."""
HEARTBEAT, DEAD = 2.0, 8.0
"""Seconds between two signs of life, and without one after which a process is held to be dead."""
SWEEP = 2.0
"""Seconds between two looks for what nobody was woken for."""
BUSY = 2.0
"""Seconds until a receiver is tried again that another delivers to just now."""
BROKEN = 10.0
"""Seconds after something that should not happen."""


class _Later(BaseRetryStrategy):
    """Whatever goes wrong, the receiver is tried again: what is given up stands in the outbox."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:  # noqa: ARG002
        seconds = exception.seconds if isinstance(exception, TryLater) else BROKEN
        return RetryDecision(retry_at=datetime.now(UTC) + timedelta(seconds=seconds))


class Delivery:
    """Delivers for *ledger*, with these *means*."""

    def __init__(self, ledger: OpenLedger, means: Means) -> None:
        self.ledger = ledger
        self.means = means
        self.problem: str | None = None
        """Why nothing is delivered, by the kind of error; None while it is."""
        self._stop = Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._work: asyncio.Task[None] | None = None
        self._thread = Thread(target=self.run, name="loft-delivery", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """What is being sent is ended first."""
        self.end()
        self._thread.join(timeout=15)

    def end(self) -> None:
        """Let `run` return, from whichever thread."""
        self._stop.set()
        loop, work = self._loop, self._work
        if loop is not None and work is not None:
            with contextlib.suppress(RuntimeError):  # it has just ended by itself
                loop.call_soon_threadsafe(work.cancel)

    def run(self) -> None:
        """Until it is ended; begins anew where the database was away."""
        while not self._stop.is_set():
            try:
                asyncio.run(self._deliver_all())
                self.problem = None
            except Exception as error:
                self._rest(error)
            self._stop.wait(0.5)

    def _rest(self, error: Exception) -> None:
        if self.problem != type(error).__name__:
            self.problem = type(error).__name__
            log.warning("delivery stands still", kind=self.problem)
        self._stop.wait(1)

    async def _deliver_all(self) -> None:
        """Until it is ended, or one of its parts has."""
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(AT_ONCE + 2, "loft-delivering"))
        app = App(connector=self._connector())
        app.task(name=TASK, queue=TASK, retry=_Later())(self._deliver)
        async with app.open_async():
            self._loop, self._work = loop, asyncio.create_task(self._parts(app))
            if self._stop.is_set():
                self._work.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._work

    async def _parts(self, app: App) -> None:
        self.problem = None
        working = app.run_worker_async(
            queues=[TASK],
            concurrency=AT_ONCE,
            fetch_job_polling_interval=1.0,
            delete_jobs="always",
            install_signal_handlers=False,
            update_heartbeat_interval=HEARTBEAT,
            stalled_worker_timeout=DEAD,
        )
        await _first_of(working, self._sweep(app))

    def _connector(self) -> PsycopgConnector:
        database = self.ledger.database
        options = f"-c search_path={jobs_of(database.schema)} -c timezone=UTC"
        return PsycopgConnector(
            conninfo=database.url,
            min_size=1,
            max_size=4,
            timeout=5.0,
            kwargs={"options": options, "connect_timeout": 3},
        )

    async def _sweep(self, app: App) -> None:
        """Who died has let go of what it did, and nobody who is owed something is forgotten."""
        while True:
            manager = app.job_manager
            await manager.prune_stalled_workers(DEAD)
            for job in await manager.get_stalled_jobs(seconds_since_heartbeat=DEAD):
                with contextlib.suppress(ConnectorException):  # another was faster
                    await manager.retry_job(job)
            await asyncio.to_thread(self._wake_the_forgotten)
            await asyncio.sleep(SWEEP)

    def _wake_the_forgotten(self) -> None:
        with self.ledger.database.connection() as connection:
            found = outbox.forgotten(connection, self.means.channels)
            outbox.wake(connection, found)

    def _deliver(self, receiver: str) -> None:
        """One round. The lock is the database's, so that even one who is only held to be dead
        sends nothing beside another."""
        with self.ledger.database.connect() as connection:
            if not locked(connection, f"deliver {receiver}"):
                raise TryLater(BUSY)
            try:
                there = Receiver.of(receiver)
                more = Round(connection, there, self.means, self._stop.is_set).run()
            finally:
                unlock(connection, f"deliver {receiver}")
            if more:
                outbox.wake(connection, [there])


async def _first_of(*parts: Coroutine[Any, Any, None]) -> None:
    """Until one of *parts* ends; the others are then ended too, and waited for."""
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    for one in ended:
        if isinstance(one, Exception):
            raise one

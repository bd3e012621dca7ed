"""Group commit: those who wait to write are written together by the one whose turn it is."""

from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from time import monotonic, sleep
from typing import Generic, TypeVar

M = TypeVar("M")
R = TypeVar("R")

MOST = 64
"""Members written in one transaction."""
PATIENCE = 0.001
"""Seconds that a leader waits at most for as many members as there were last time."""


class _Waiting(Generic[M, R]):
    """A member in the queue. Its turn comes with a result, an error, or the lead."""

    def __init__(self, member: M) -> None:
        self.member = member
        self.result: R | None = None
        self.error: BaseException | None = None
        self.done = False
        self.turn = Lock()
        self.turn.acquire()


class GroupCommit(Generic[M, R]):
    """Drains concurrent `submit` calls into batches for *write*.

    *write* takes distinct members and returns a result for each; what it raises is raised to
    every member of the batch. *names* says what a member must not share with another of its batch.
    """

    def __init__(
        self, write: Callable[[Sequence[M]], Sequence[R]], names: Callable[[M], set[str]]
    ) -> None:
        self._write = write
        self._names = names
        self._queue: deque[_Waiting[M, R]] = deque()
        self._mutex = Lock()
        self._led = False
        self._usual = 1

    def _gather(self) -> None:
        """Those who were written together last time are likely to come again together: their
        threads are just waking up. Waiting for them a moment makes full batches of small ones."""
        until = monotonic() + PATIENCE
        while len(self._queue) < self._usual and monotonic() < until:
            sleep(PATIENCE / 20)

    def submit(self, member: M) -> R:
        """Write *member*, together with others that wait just now."""
        waiting = _Waiting[M, R](member)
        with self._mutex:
            self._queue.append(waiting)
            leads, self._led = not self._led, True
        if not leads:
            waiting.turn.acquire()
        if not waiting.done:
            self._lead()
        if waiting.error is not None:
            raise waiting.error
        return waiting.result  # type: ignore[return-value]  # done without error has a result

    def _lead(self) -> None:
        self._gather()
        batch = self._drain()
        self._usual = len(batch)
        try:
            results = self._write([waiting.member for waiting in batch])
            for waiting, result in zip(batch, results, strict=True):
                waiting.result = result
        except BaseException as error:
            for waiting in batch:
                waiting.error = error
        self._hand_over(batch)

    def _hand_over(self, batch: Sequence[_Waiting[M, R]]) -> None:
        with self._mutex:
            successor = self._queue[0] if self._queue else None
            self._led = successor is not None
        for waiting in batch:
            waiting.done = True
            waiting.turn.release()
        if successor is not None:
            successor.turn.release()

    def _drain(self) -> list[_Waiting[M, R]]:
        """The oldest members, as many as fit and share nothing; the others keep their order."""
        taken: set[str] = set()
        batch: list[_Waiting[M, R]] = []
        left: deque[_Waiting[M, R]] = deque()
        with self._mutex:
            for waiting in self._queue:
                names = self._names(waiting.member)
                if len(batch) < MOST and taken.isdisjoint(names):
                    batch.append(waiting)
                else:
                    left.append(waiting)
                taken |= names
            self._queue = left
        return batch

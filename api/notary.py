"""The notary at work: one thread that seals what was recorded, and signs checkpoints of it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event, Thread

import structlog

from api.installation import Installation, OpenLedger
from ledger.checkpoints import LedgerBehind, Notary, Standing
from ledger.database import Unavailable
from ledger.engine import Engine
from ledger.presence import BeingRestored

log = structlog.get_logger()

SEALING = 1.0
"""Seconds between looks at what is to be sealed."""


def look(engine: Engine, notary: Notary) -> Standing:
    """Whether the ledger of *engine* still begins with what was signed. Where it does not, it is
    closed to commands."""
    standing = notary.standing()
    broken = standing in {Standing.BEHIND, Standing.ALTERED, Standing.UNREADABLE}
    engine.ledger.closed = LedgerBehind() if broken else None
    return standing


def at_work(installation: Installation, ledger: OpenLedger) -> None:
    """Before anything is recorded of who is let in: nobody puts a backup back meanwhile, and the
    access log is closed unless it holds all that was signed."""
    ledger.presence.hold()
    look(ledger.accesses.engine, installation.notary(ledger.accesses.database))


def _nothing() -> None:
    """There is nothing to do."""


class Sealing:
    """Seals every second, signs every *every* seconds if the ledger has grown, and closes the
    ledger to commands for as long as it does not hold what was signed before. Each second it
    *holds* the ledger's presence; whenever it has *grown*, that is told."""

    def __init__(
        self,
        engine: Engine,
        notary: Notary,
        every: float,
        *,
        hold: Callable[[], None] = _nothing,
        grown: Callable[[], object] = _nothing,
    ) -> None:
        self.engine = engine
        self.notary = notary
        self.every = every
        self._hold = hold
        self._grown = grown
        self.standing: Standing | None = None
        """None as long as the database could not be asked."""
        self._problem: str | None = None
        self._stop = Event()
        self._size = -1
        self._signed_at = float("-inf")
        self._signed_size = -1
        self._thread = Thread(target=self._run, name="loft-notary", daemon=True)

    def start(self) -> None:
        """Before anything is let in, it is known whether anything may be recorded; nothing is
        recorded until it is."""
        self.engine.ledger.closed = Unavailable()
        self._try(self.look)
        self._thread.start()

    def stop(self) -> None:
        """What was recorded last is signed too."""
        self._stop.set()
        self._thread.join(timeout=10)
        self._try(self._sign)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._try(self.step)
            self._stop.wait(SEALING)

    def step(self) -> None:
        """Seal, look, and sign when it is time."""
        if self._has_lost_its_place():
            return
        self.look()
        size = self.notary.tree.grow()
        if size != self._size:
            self._grown()
            self._size = size
        if time.monotonic() - self._signed_at >= self.every:
            self._sign()

    def _sign(self) -> None:
        if self.notary.tree.grow() != self._signed_size and self.standing is Standing.WHOLE:
            self._signed_size = self.notary.sign(datetime.now(UTC))[1].checkpoint.size
            self._signed_at = time.monotonic()

    def _has_lost_its_place(self) -> bool:
        """Whether a backup was put back while the connection that says that somebody is at work
        here was lost. What this process remembers is then of another ledger: it records nothing
        more."""
        if isinstance(self.engine.ledger.closed, BeingRestored):
            return True
        try:
            self._hold()
        except BeingRestored as error:
            self.engine.ledger.closed, self.standing = error, None
            return True
        return False

    def look(self) -> None:
        self.standing = look(self.engine, self.notary)

    def _try(self, work: Callable[[], None]) -> None:
        """The next round says whether it was for good; only what has changed is logged."""
        try:
            work()
            self._problem = None
        except Exception as error:
            if self._problem != type(error).__name__:
                self._problem = type(error).__name__
                log.warning("not sealed", kind=self._problem)

"""The notary at work: one thread that seals what was recorded, and signs checkpoints of it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event, Thread

import structlog

from api.installation import OpenLedger
from ledger.checkpoints import LedgerBehind, Notary, Standing
from ledger.database import Unavailable
from ledger.erasures import ErasureList
from ledger.presence import BeingRestored

log = structlog.get_logger()

SEALING = 1.0
"""Seconds between looks at what is to be sealed."""


def look(ledger: OpenLedger, notary: Notary) -> Standing:
    """Whether *ledger* still begins with what was signed. Where it does not, it is closed to
    commands."""
    standing = notary.standing()
    broken = standing in {Standing.BEHIND, Standing.ALTERED, Standing.UNREADABLE}
    ledger.engine.ledger.closed = LedgerBehind() if broken else None
    return standing


class Sealing:
    """Seals every second, signs every *every* seconds if the ledger has grown, and closes the
    ledger to commands for as long as it does not hold what was signed before."""

    def __init__(
        self, ledger: OpenLedger, notary: Notary, erasures: ErasureList, every: float
    ) -> None:
        self.ledger = ledger
        self.notary = notary
        self.erasures = erasures
        self.every = every
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
        self.ledger.engine.ledger.closed = Unavailable()
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
            self.erasures.follow(self.ledger.database)
            self._size = size
        if time.monotonic() - self._signed_at >= self.every:
            self._sign()

    def _sign(self) -> None:
        if self._size != self._signed_size and self.standing is Standing.WHOLE:
            self._signed_size = self.notary.sign(datetime.now(UTC))[1].checkpoint.size
            self._signed_at = time.monotonic()

    def _has_lost_its_place(self) -> bool:
        """Whether a backup was put back while the connection that says that somebody is at work
        here was lost. What this process remembers is then of another ledger: it records nothing
        more."""
        if isinstance(self.ledger.engine.ledger.closed, BeingRestored):
            return True
        try:
            self.ledger.presence.hold()
        except BeingRestored as error:
            self.ledger.engine.ledger.closed, self.standing = error, None
            return True
        return False

    def look(self) -> None:
        self.standing = look(self.ledger, self.notary)

    def _try(self, work: Callable[[], None]) -> None:
        """The next round says whether it was for good; only what has changed is logged."""
        try:
            work()
            self._problem = None
        except Exception as error:
            if self._problem != type(error).__name__:
                self._problem = type(error).__name__
                log.warning("not sealed", kind=self._problem)

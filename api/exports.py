"""Words that leave by the command line: written down in the access log before they do."""

from collections.abc import Sequence
from datetime import UTC, datetime

from api.installation import OpenLedger
from domain.access import EVERY, WordsExported, accessed
from domain.actor import Actor, Role
from domain.event import Occurred

CONSOLE = Actor(id="console", role=Role.ADMIN)
"""Whoever has the data directory in their hands."""


def exported(ledger: OpenLedger, command: str, cases: Sequence[str] = (EVERY,)) -> None:
    """That *command* takes the words of *cases* along. Fails with `Unavailable`, and then nothing
    may be taken."""
    at = Occurred(at=datetime.now(UTC))
    ledger.accesses.write(accessed(WordsExported, tuple(cases), door=command, by=CONSOLE, at=at))

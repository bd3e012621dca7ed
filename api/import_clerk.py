"""What every step of an import carries: the file, who acts, when it occurred, and its key."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from api.imported import MunicipalityFile
from domain.actor import Actor, Role
from domain.event import OSLO, Occurred, Precision, Source
from ledger.commands import Command, request_hash
from ledger.engine import Engine

NOT_STATED = "ikke-oppgitt"
"""The organ that raises what a report does not say who raised."""
COORDINATOR = Actor(id="import", role=Role.COORDINATOR)
ADMIN = Actor(id="import", role=Role.ADMIN)

Step = Callable[[], None]
"""Appends one event, or none."""


class Clerk:
    """Imports *file* through *engine*. A step's idempotency key is made of what it is about, so
    that a repeat changes nothing; *secret* keeps it from telling what that is."""

    def __init__(self, engine: Engine, file: MunicipalityFile, secret: bytes) -> None:
        self.engine = engine
        self.file = file
        self.secret = secret
        self.now = datetime.now(UTC)
        years = [*file.raised_in_youth_teams, *file.in_coordination_group, *file.done]
        self.year = min(years, default=None)
        """The year that the file tells of; None where it does not say."""

    def command(self, actor: Actor, *about: str) -> Command:
        if not about:
            return Command(actor=actor)
        key = self.about(*about)
        return Command(actor=actor, key=f"import-{key}", request_hash=key)

    def about(self, *about: str) -> str:
        return request_hash(self.secret, *(part.encode() for part in about))

    def admin(self) -> dict[str, Any]:
        return {"by": ADMIN, "at": self.today()}

    def today(self) -> Occurred:
        """When the import tells it: the file does not say since when."""
        if self.year is not None:
            return self.in_year(self.year)
        return Occurred(at=self.now, precision=Precision.YEAR, source=Source.REPORT)

    def in_year(self, year: int | None) -> Occurred:
        if year is None:
            return self.today()
        begin = datetime(min(year, self.now.year), 1, 1, tzinfo=OSLO)
        return Occurred(at=begin, precision=Precision.YEAR, source=Source.REPORT)

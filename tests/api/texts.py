"""A new text in each life that is no case, typed through the engine, so that it can be erased."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from api.installation import OpenLedger
from domain.event import Event, Occurred
from domain.lives import life_at
from domain.municipality import MUNICIPALITY
from domain.organ import Organ, organ_id
from domain.person import Person, person_id
from domain.plan import PLAN, Observer, Plan
from domain.service import Service, service_id
from domain.topology import Level
from ledger.commands import Command
from ledger.texts import Pen
from tests.lives import ADMIN

SAID = "Nattvandrerne"


def typed(ledger: OpenLedger, kind: str, key: str) -> str:
    """The id of the name of a new organ, service or person with this *key*; of another text of the
    municipality or the plan, which are there."""
    pen = Pen()
    text, who = pen.write(SAID), {"by": ADMIN, "at": Occurred(at=datetime.now(UTC))}
    topology = ledger.engine.topology
    of_one = {"key": key, "name": text, "topology": topology, **who}
    stream, decide = {
        "organs": (
            organ_id(key),
            lambda _: Organ.constitute(level=Level.EXECUTING, kind="team", **of_one),
        ),
        "services": (service_id(key), lambda _: Service.register(**of_one)),
        "persons": (person_id(key), lambda _: Person.register(person=key, name=text, **who)),
        "municipality": (MUNICIPALITY, lambda life: life.word_confidentiality(text=text, **who)),
        "plan": (
            PLAN,
            lambda life: life.observe(
                observer=Observer.POLICE, what=text, topology=topology, **who
            ),
        ),
    }[kind]
    _record(ledger, stream, decide, pen)
    return text.id


def _record(ledger: OpenLedger, stream: str, decide: Callable[[Any], Event], pen: Pen) -> None:
    command, kind = Command(ADMIN), life_at(stream).state
    if ":" in stream:
        ledger.engine.begin(kind, stream, lambda: decide(None), command=command, drafts=pen.drafts)
    else:
        ledger.engine.act(
            kind,
            stream,
            decide,
            command=command,
            drafts=pen.drafts,
            absent=Plan() if stream == PLAN else None,
        )

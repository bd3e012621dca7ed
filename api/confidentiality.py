"""The text on confidentiality that is in force: the municipality's own, else the shipped one."""

from dataclasses import dataclass

from domain.municipality import MUNICIPALITY, Municipality
from ledger.engine import Engine
from ledger.texts import words_of

SHIPPED_TEXT = (
    "Jeg har taushetsplikt etter forvaltningsloven § 13 om det jeg får vite her om noens "
    "personlige forhold. Jeg leser bare det jeg trenger i mitt arbeid, skriver ikke inn noe som "
    "peker ut enkeltpersoner, og vet at det loggføres hva jeg leser. Plikten gjelder også etter at "
    "jeg har sluttet."
)
"""What is confirmed as long as the municipality has worded none of its own: version 0."""


@dataclass(frozen=True)
class InForce:
    """`words` are None where they have been erased."""

    version: int
    words: str | None


def in_force(engine: Engine) -> InForce:
    version = engine.structure.roster.confidentiality
    seen = engine.load(Municipality, MUNICIPALITY)
    own = seen.state.confidentiality if seen is not None else None
    if own is None:
        return InForce(version, SHIPPED_TEXT)
    return InForce(version, words_of(engine.database, [own]).get(own.id))

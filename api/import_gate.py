"""What the gate says of a municipality's file: told to whoever imports it, and stopping nothing."""

from collections.abc import Iterator, Mapping

from api.gate import Gate
from api.imported import MunicipalityFile

_KEYS = {"key", "kind", "parent", "lifts_to", "level", "language", "themes", "role", "per"}
"""Fields that hold no words."""


def hits(file: MunicipalityFile, gate: Gate) -> list[str]:
    """Where in *file* something points at a person, or may: `organs.2.note (phone)`. Refuses with
    `GateBroken`."""
    names = {organ.name for organ in file.organs} | {file.municipality.name, *file.team_services}
    names |= {service for organ in file.organs for service in organ.services}
    found = gate.look(dict(_words(file.model_dump(mode="json"))), frozenset(names))
    return [
        f"{place} ({', '.join(sorted({span.kind.value for span in findings.spans}))})"
        for place, findings in found.items()
    ]


def _words(part: object, place: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(part, str):
        yield place, part
    elif isinstance(part, Mapping):
        for name, value in part.items():
            if name not in _KEYS:
                yield from _words(value, f"{place}.{name}".lstrip("."))
    elif isinstance(part, list):
        for n, value in enumerate(part):
            yield from _words(value, f"{place}.{n}")

"""What the gate says of a municipality's file: its words are told to whoever imports it."""

from collections.abc import Iterator, Mapping

from api.gate import Gate
from api.imported import MunicipalityFile

_KEYS = {"key", "kind", "parent", "lifts_to", "level", "language", "themes", "role", "per"}
"""Fields that hold no words, but keys."""


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


def in_keys(file: MunicipalityFile, gate: Gate) -> list[str]:
    """Which keys of *file* hold what certainly points at a person. A key stands in events and can
    never be erased, so such a file is not taken in. Refuses with `GateBroken`."""
    found = gate.look_at_keys(dict(_keys(file)))
    return [place for place, findings in found.items() if findings.is_certain]


def _keys(file: MunicipalityFile) -> Iterator[tuple[str, str]]:
    for n, theme in enumerate(file.themes):
        yield f"themes.{n}", theme
    for n, organ in enumerate(file.organs):
        yield f"organs.{n}.key", organ.key
        yield f"organs.{n}.kind", organ.kind
    for year, areas in file.focus_areas.items():
        for n, area in enumerate(areas):
            if not isinstance(area, str):
                yield f"focus_areas.{year}.{n}.key", area.key


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

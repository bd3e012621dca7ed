"""The list of all that a release brings along (CycloneDX), and what it must hold."""

import json
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

Bom = dict[str, Any]


def missing(bom: Bom, requirements: list[str]) -> list[str]:
    """Which of the *requirements* no component of *bom* meets, in name and version."""
    there = {canonicalize_name(c["name"]): c["version"] for c in bom.get("components", [])}
    wanted = [Requirement(one) for one in requirements]
    return sorted(
        one.name
        for one in wanted
        if (one.marker is None or one.marker.evaluate())
        and there.get(canonicalize_name(one.name), "") not in one.specifier
    )


def without_places(bom: Bom) -> Bom:
    """Without the addresses of this machine's files: they tell who built, and nothing else."""
    for component in (bom["metadata"]["component"], *bom.get("components", [])):
        kept = [
            one
            for one in component.get("externalReferences", [])
            if not one["url"].startswith("file:")
        ]
        component["externalReferences"] = kept
    return bom


def read(file: Path) -> Bom:
    return dict(json.loads(file.read_text(encoding="utf-8")))


def write(file: Path, bom: Bom) -> None:
    file.write_text(json.dumps(bom, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

"""The list of what a release brings along holds all that the project asks for."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from release import sbom

HOUSE = Path(__file__).parent.parent


def requirements() -> list[str]:
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text())["project"]
    return list(project["dependencies"])


@pytest.fixture(scope="module")
def bom(tmp_path_factory: pytest.TempPathFactory) -> sbom.Bom:
    """The list of the environment that the tests run in."""
    file = tmp_path_factory.mktemp("release") / "bom.json"
    subprocess.run(
        [sys.executable, "-m", "cyclonedx_py", "environment", sys.executable,
         "--pyproject", HOUSE / "pyproject.toml", "--output-reproducible", "-o", file],
        check=True, capture_output=True,
    )  # fmt: skip
    return sbom.without_places(sbom.read(file))


def test_every_dependency_is_listed_with_a_version_that_fits(bom: sbom.Bom) -> None:
    assert bom["bomFormat"] == "CycloneDX"
    assert bom["metadata"]["component"]["name"] == "loft"
    assert sbom.missing(bom, requirements()) == []


def test_what_is_not_listed_or_too_old_is_told(bom: sbom.Bom) -> None:
    for one in bom["components"]:
        if one["name"] == "fastapi":
            one["version"] = "0.1"
    listed = [one for one in bom["components"] if one["name"] != "psycopg"]
    assert sbom.missing(bom | {"components": listed}, requirements()) == ["fastapi", "psycopg"]


def test_no_place_on_this_machine_is_listed(bom: sbom.Bom) -> None:
    written = json.dumps(bom)
    assert "file:" not in written
    assert str(HOUSE) not in written

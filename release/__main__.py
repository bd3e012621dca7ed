"""Makes `dist/`: the wheel, the list of what it brings along, and what is known against that."""

import shutil
import subprocess
import sys
import tempfile
import tomllib
import venv
from importlib.util import find_spec
from pathlib import Path

from release import sbom

HOUSE = Path(__file__).parent.parent
DIST = HOUSE / "dist"


def run(*command: str | Path) -> None:
    """Ends everything where *command* fails."""
    subprocess.run([str(part) for part in command], check=True, cwd=HOUSE)


def wheel() -> Path:
    shutil.rmtree(DIST, ignore_errors=True)
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    run(*pip, "wheel", "--no-deps", "--wheel-dir", DIST, ".")
    (made,) = DIST.glob("*.whl")
    return made


def installed(made: Path, folder: Path) -> Path:
    """The interpreter of an environment that holds the wheel, what it needs, and nothing else."""
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    run(*pip, "--python", python, "install", made)
    return python


def listed(made: Path, python: Path) -> Path:
    """The list beside the wheel. Ends everything where it lacks what the project asks for."""
    file = made.with_suffix(".cdx.json")
    run(
        sys.executable, "-m", "cyclonedx_py", "environment", python,
        "--pyproject", "pyproject.toml", "--output-reproducible", "-o", file,
    )  # fmt: skip
    bom = sbom.without_places(sbom.read(file))
    sbom.write(file, bom)
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    if lacking := sbom.missing(bom, project["dependencies"]):
        sys.exit(f"The list lacks what the project asks for: {', '.join(lacking)}.")
    return file


def audited(made: Path, python: Path) -> str:
    """A sentence on what is known against what it brings along. It stops no release: whoever
    releases reads the report, and judges."""
    report = made.with_suffix(".audit.json")
    (packages,) = python.parent.parent.glob("lib/python*/site-packages")
    asked = subprocess.run(
        [sys.executable, "-m", "pip_audit", "--path", str(packages), "--progress-spinner", "off",
         "--format", "json", "--output", str(report)],
        capture_output=True, text=True, check=False, cwd=HOUSE,
    )  # fmt: skip
    if not report.exists():
        return "Nothing could be asked about known vulnerabilities: run `pip-audit` by hand."
    told = "VULNERABILITIES ARE KNOWN" if asked.returncode else "no vulnerability is known"
    return f"{report.name}: {told}; {_skipped(report)} packages could not be asked about"


def _skipped(report: Path) -> int:
    """This wheel itself is one of them until it is published."""
    return sum("skip_reason" in one for one in sbom.read(report)["dependencies"])


def main() -> None:
    if find_spec("cyclonedx_py") is None:
        sys.exit("cyclonedx-bom is missing: `make clean` and begin again.")
    made = wheel()
    with tempfile.TemporaryDirectory(prefix="loft-release-") as folder:
        python = installed(made, Path(folder))
        bom = listed(made, python)
        said = audited(made, python)
    for line in (made.name, f"{bom.name}: {len(sbom.read(bom)['components'])} components", said):
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()

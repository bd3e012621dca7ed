"""Real processes of `loft`, each test with a data directory of its own."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from ledger.embedded import Embedded
from tests.api.conftest import until

LOFT = (sys.executable, "-m", "api.cli")
PATIENCE = 120.0
"""Seconds within which a server is ready, or has stopped."""


def environment(**settings: str) -> dict[str, str]:
    """Ours, without settings of Løft but those given."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("LOFT_")}
    return ours | settings


@contextmanager
def data_directory() -> Iterator[Path]:
    """An empty data directory; whatever lives in it at the end is stopped."""
    folder = Path(tempfile.mkdtemp(prefix="loft-cli-"))
    folder.chmod(0o711)
    data = folder / "data"
    try:
        yield data
    finally:
        embedded = Embedded(data)
        if embedded.running:
            embedded.start()
            embedded.release()
        shutil.rmtree(folder, ignore_errors=True)


def loft(
    data: Path, *arguments: str, typed: str | None = None, **settings: str
) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself."""
    return subprocess.run(
        [*LOFT, *arguments, "--data", str(data)],
        capture_output=True,
        text=True,
        input=typed,
        timeout=PATIENCE,
        env=environment(**settings),
        check=False,
    )


@contextmanager
def under_way(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A command under way, with what it says in pipes; it is gone at the end."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([*LOFT, *arguments], env=environment(), **pipes) as process:
        try:
            yield process
        finally:
            process.kill()


@dataclass(frozen=True)
class Running:
    """A server process. What it says lands in files, so that it never waits for a reader."""

    process: subprocess.Popen[bytes]
    out: Path
    err: Path

    @property
    def said(self) -> list[str]:
        return self.out.read_text().splitlines()

    @property
    def logged(self) -> str:
        return self.err.read_text()

    @property
    def url(self) -> str:
        address = self.said[0].split()[1]
        assert address.startswith("http://127.0.0.1:")
        return address

    @property
    def tokens(self) -> dict[str, str]:
        """The lines `ROLE: TOKEN`."""
        return dict(line.split(": ") for line in self.said[1:])

    def client(self, role: str = "coordinator") -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.tokens[role]}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=PATIENCE)

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.logged
        if not self.said:
            return False
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """The exit code after the signal *how*."""
        self.process.send_signal(how)
        return self.process.wait(timeout=PATIENCE)


@contextmanager
def serving(data: Path, *arguments: str, ready: bool = True, **settings: str) -> Iterator[Running]:
    """A server process, once it is ready; it is gone at the end."""
    with tempfile.TemporaryDirectory(prefix="loft-said-") as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        with out.open("wb") as to_out, err.open("wb") as to_err:
            process = subprocess.Popen(
                [*LOFT, *arguments, "--data", str(data)],
                stdin=subprocess.DEVNULL,
                stdout=to_out,
                stderr=to_err,
                env=environment(**settings),
            )
        running = Running(process, out, err)
        try:
            if ready:
                until(running.is_ready, PATIENCE)
            yield running
        finally:
            if process.poll() is None:
                process.terminate()
            try:
                process.wait(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

"""A server in a process of its own, from its start until nobody needs it any more."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.bed import Bed
from bench.wire import Line

_PATIENCE = 120  # seconds


@dataclass(frozen=True)
class Served:
    """Where it listens, and how many seconds it took until it said that it was ready."""

    port: int
    pid: int
    seconds: float


@contextmanager
def served(
    *arguments: str, log: Path, settings: dict[str, str] | None = None, ready: str = "/readyz"
) -> Iterator[Served]:
    """`python -m ARGUMENTS --port PORT`, ready."""
    port = _free_port()
    command = (sys.executable, "-m", *arguments, "--port", str(port))
    with log.open("ab") as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=output, stderr=output, env=os.environ | (settings or {})
        )
        try:
            _wait_until_ready(process, port, ready, log)
            yield Served(port, process.pid, time.perf_counter() - began)
        finally:
            process.terminate()
            process.wait(60)


@contextmanager
def loft(bed: Bed, database: str) -> Iterator[Served]:
    """`loft serve` over one of the bed's databases."""
    log = bed.folder / f"{database}.log"
    with served("api.cli", "serve", log=log, settings=bed.settings(database)) as server:
        yield server


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, path: str, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not _is_ready(port, path):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(log.read_text()[-2000:])
        time.sleep(0.02)


def _is_ready(port: int, path: str) -> bool:
    try:
        with Line(port) as line:
            return line.ask("GET", path)[0] == 200
    except OSError:
        return False

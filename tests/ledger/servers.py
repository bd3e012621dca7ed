"""Embedded servers of a test's own, and other processes that use them."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg

from ledger.embedded import Embedded

ROOT = Path(__file__).parents[2]
USER = """
import sys
from pathlib import Path
from ledger.embedded import Embedded
server = Embedded(Path(sys.argv[1]))
server.start()
print("started", flush=True)
sys.stdin.readline()
server.release()
"""


def copied(made: Path, data: Path) -> Path:
    data.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", made, data], check=True)
    return data


def ask(server: Embedded, question: str) -> object:
    with psycopg.connect(server.url()) as connection:
        row = connection.execute(question).fetchone()
    return row and row[0]


def answers(server: Embedded) -> bool:
    with contextlib.suppress(psycopg.OperationalError):
        return ask(server, "SELECT 1") == 1
    return False


def postmaster(data: Path) -> psutil.Process:
    return psutil.Process(int((data / "postgres" / "postmaster.pid").read_text().splitlines()[0]))


@contextlib.contextmanager
def another_process(data: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that uses the server until it is sent a line, or killed."""
    with subprocess.Popen(
        [sys.executable, "-c", USER, data],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        try:
            yield process
        finally:
            process.kill()

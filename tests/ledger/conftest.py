"""Data directories for embedded servers of a test's own."""

import contextlib
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from ledger.embedded import Embedded
from tests.ledger.servers import copied


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that any user can pass through, as pytest's own is not; servers in it are ended."""
    folder = Path(tempfile.mkdtemp(prefix="loft-test-"))
    folder.chmod(0o711)
    yield folder
    for pid_file in [*folder.rglob("postmaster.pid")]:
        with contextlib.suppress(psutil.Error, ValueError):
            left = psutil.Process(int(pid_file.read_text().splitlines()[0]))
            if left.name() == "postgres" and left.cwd() == str(pid_file.parent):
                left.send_signal(signal.SIGQUIT)
                left.wait(10)
    for link in [path for path in folder.rglob("run") if path.is_symlink()]:
        shutil.rmtree(link.readlink(), ignore_errors=True)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A data directory with a stopped server, to copy: initdb is the slow part."""
    folder = Path(tempfile.mkdtemp(prefix="loft-made-"))
    folder.chmod(0o711)
    server = Embedded(folder / "data")
    server.start()
    server.release()
    yield folder / "data"
    shutil.rmtree(folder)


@pytest.fixture
def data(home: Path, made: Path) -> Path:
    return copied(made, home / "data")

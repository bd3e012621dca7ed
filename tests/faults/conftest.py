"""Bærum in a data directory of its own, to break."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.served import Made, folder, made


@pytest.fixture(scope="module")
def baerum() -> Iterator[Made]:
    with made() as ready:
        yield ready


@pytest.fixture
def data(baerum: Made) -> Iterator[Path]:
    """A copy of it."""
    with folder() as home:
        subprocess.run(["cp", "-a", baerum.data, home / "data"], check=True)
        yield home / "data"

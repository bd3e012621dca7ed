"""kill -9 of a backup or a restore: a whole file or none, the old ledger or the new one."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from ledger.archive import Archive
from ledger.embedded import Embedded
from ledger.schema import choose
from tests.faults.served import LOFT, ROOT, Made, loft, opened
from tests.lives import Town

KILLS = 6
"""Of each, at moments that are spread over the time that it takes."""


@pytest.fixture(scope="module")
def home(baerum: Made) -> Iterator[Path]:
    """A data directory whose database runs, and in which 170 events stand that nobody signed."""
    embedded = Embedded(baerum.data)
    embedded.start()
    loft("backup", baerum.data.parent / "before", data=baerum.data)
    with opened(baerum.data) as ledger:
        Town(ledger).raised(raised_by="vestre-13-16", title="Etter sikkerhetskopien")
    shutil.rmtree(baerum.data / "checkpoints")
    yield baerum.data
    embedded.release()


def killed_after(seconds: float, *arguments: str | Path, data: Path) -> bool:
    """Whether the command was killed before it was done."""
    command = [*LOFT, *map(str, arguments), "--data", str(data)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            return True
    assert process.returncode == 0
    return False


def lasts(*arguments: str | Path, data: Path) -> float:
    begun = time.monotonic()
    loft(*arguments, data=data)
    return time.monotonic() - begun


def test_a_killed_backup_leaves_no_half_file(home: Path) -> None:
    file = home.parent / "killed"
    whole = lasts("backup", file, data=home)
    file.unlink()
    for n in range(KILLS):
        killed_after(whole * (0.4 + 0.6 * n / KILLS), "backup", file, data=home)
        if file.exists():
            assert_is_whole(file)
            file.unlink()
    loft("backup", file, data=home)
    assert_is_whole(file)
    assert list(home.parent.glob(".*.new")) == []


def assert_is_whole(file: Path) -> None:
    with Archive(file) as archive:
        for member in archive.manifest.members:
            for _ in archive.chunks(member):
                pass


def test_a_killed_restore_leaves_the_old_ledger_or_the_new_one(home: Path) -> None:
    file = home.parent / "before"
    make_old(home)
    whole = lasts("restore", file, "--replace", data=home)
    restored = dict.fromkeys(("old", "new"), 0)
    for n in range(KILLS):
        make_old(home)
        killed_after(whole * (0.35 + 0.65 * n / KILLS), "restore", file, "--replace", data=home)
        (size,) = sizes(home).values()
        assert size in {169, 170}
        restored["old" if size == 170 else "new"] += 1
        assert_is_sound(home, size)
    assert restored["old"] > 0
    make_old(home)
    loft("restore", file, "--replace", data=home)
    assert sizes(home) == {"baerum": 169}
    assert [name for name in schemas(home) if name.endswith("_restoring")] == []


def make_old(home: Path) -> None:
    """A ledger with one event more than the backup, that nobody signed."""
    if sizes(home) == {"baerum": 169}:
        with opened(home) as ledger:
            Town(ledger).raised(raised_by="vestre-13-16", title="Etter sikkerhetskopien")
    shutil.rmtree(home / "checkpoints", ignore_errors=True)


def sizes(home: Path) -> dict[str, int]:
    """The ledgers that there are, and how many events each holds."""
    lines = [line.split("\t") for line in loft("status", data=home).splitlines()]
    return {key: int(events.removesuffix(" events")) for key, events, *_ in lines}


def schemas(home: Path) -> list[str]:
    with psycopg.connect(Embedded(home).url()) as connection:
        return [name for (name,) in connection.execute("SELECT nspname FROM pg_namespace")]


def assert_is_sound(home: Path, size: int) -> None:
    """The ledger that is there is whole, in its place, and takes writes."""
    assert choose(Embedded(home).url(), "baerum") == "baerum"
    assert loft("verify", data=home).startswith("Complete and unaltered")
    with opened(home) as ledger:
        assert ledger.engine.ledger.size() == size
        ledger.presence.hold()

"""`loft backup` and `restore`, as real processes."""

import stat
import subprocess
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import httpx
import psycopg
import pytest

from ledger.embedded import Embedded
from tests.api.backups import manifest_with, members_of, packed
from tests.api.processes import data_directory, loft, serving
from tests.api.story import RAISING

BAERUM = str(files("api") / "examples" / "baerum-2016.json")


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A data directory with Bærum in it, whose database runs all the time."""
    with data_directory() as folder:
        embedded = Embedded(folder)
        embedded.start()
        assert loft(folder, "import", BAERUM).returncode == 0
        yield folder
        embedded.release()


@pytest.fixture
def data() -> Iterator[Path]:
    with data_directory() as folder:
        yield folder


@pytest.fixture(scope="module")
def backup(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("backup") / "baerum.loft"
    ran = loft(made, "backup", str(file))
    assert ran.returncode == 0, ran.stderr
    assert said(ran) == "baerum.loft: 169 events."
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    return file


def said(ran: subprocess.CompletedProcess[str]) -> str:
    """What is printed on standard error, without its line breaks."""
    assert "Traceback" not in ran.stderr
    assert ran.stdout == ""
    return " ".join(ran.stderr.split())


def test_a_backup_is_put_back_on_another_machine(made: Path, data: Path, backup: Path) -> None:
    data.mkdir()
    (data / "signing-key.pem").write_bytes((made / "signing-key.pem").read_bytes())
    ran = loft(data, "restore", str(backup))
    assert (ran.returncode, said(ran)) == (0, "baerum: 169 events put back.")
    assert loft(data, "verify").returncode == 0
    again = loft(data, "restore", str(backup))
    assert again.returncode == 1
    assert said(again).startswith("This municipality has a ledger here. Say --replace")
    with serving(data, "serve", "--port", "0") as running:
        token = loft(data, "token", "create", "me", "--role", "coordinator").stdout.strip()
        headers = {"Authorization": f"Bearer {token}"}
        assert httpx.get(f"{running.url}/readyz").json()["views_position"] == 169
        answer = httpx.post(f"{running.url}/api/cases", json=RAISING, headers=headers)
        assert answer.status_code == 201
        kept = backup.with_name("served")
        assert loft(data, "backup", str(kept)).returncode == 0
        refused = loft(data, "restore", str(backup), "--replace")
        assert refused.returncode == 1
        assert said(refused).startswith("A server, an import or another restore is at work")
        assert running.stop() == 0
    older = loft(data, "restore", str(backup), "--replace")
    assert older.returncode == 3, older.stderr
    assert "Lost: 1 event, by the checkpoint of 170 events" in said(older)
    missing = loft(data, "verify")
    assert (missing.returncode, missing.stdout.strip()) == (1, "Event 170 is missing.")
    accepted = loft(data, "restore", "--accept-loss")
    assert accepted.returncode == 0
    assert said(accepted) == "The loss of 1 event is accepted, and the ledger open."
    assert loft(data, "verify").returncode == 0
    nothing = loft(data, "restore", "--accept-loss")
    assert nothing.returncode == 1
    assert said(nothing) == "Nothing that was signed is missing. There is no loss to accept."


def test_the_ledger_that_was_there_is_kept_aside(made: Path, backup: Path) -> None:
    ran = loft(made, "restore", str(backup), "--replace")
    assert ran.returncode == 0, ran.stderr
    assert "What was there is kept in the schema baerum_before_" in said(ran)
    assert loft(made, "status").stdout.count("\n") == 1
    with psycopg.connect(Embedded(made).url()) as connection:
        kept = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ '_before_'")
        assert len(kept.fetchall()) == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "Which backup? Say its file."),
        (("/nowhere/b.loft",), "The file cannot be read: No such file or directory."),
        ((BAERUM,), "This is not a backup from Løft, or it is not all there."),
    ],
)
def test_what_cannot_be_put_back_is_refused_in_a_sentence(
    made: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    ran = loft(made, "restore", "--replace", *arguments)
    assert (ran.returncode, said(ran)) == (1, sentence)


def test_it_must_be_the_right_municipality_s(made: Path, backup: Path) -> None:
    ran = loft(made, "restore", str(backup), "--replace", "--municipality", "bergen")
    assert (ran.returncode, said(ran)) == (1, "This is a backup of baerum.")


def test_one_by_a_newer_version_is_refused(made: Path, backup: Path, tmp_path: Path) -> None:
    members = members_of(backup)
    manifest_with(migration=99)(members)
    ran = loft(made, "restore", "--replace", str(packed(members, tmp_path / "newer")))
    assert ran.returncode == 1
    assert "made by a newer version of Løft" in said(ran)


def test_a_list_of_erasures_must_be_one(made: Path, backup: Path) -> None:
    ran = loft(made, "restore", "--replace", str(backup), "--erasures", str(backup))
    assert ran.returncode == 1
    assert said(ran) == "The list of erasures cannot be read. Nothing was changed."


def test_a_backup_that_cannot_be_written_says_so(made: Path, tmp_path: Path) -> None:
    ran = loft(made, "backup", str(tmp_path / "none" / "file"))
    assert (ran.returncode, said(ran)) == (
        1,
        "The file cannot be written: No such file or directory.",
    )
    ran = loft(made, "backup", str(tmp_path))
    assert (ran.returncode, said(ran)) == (1, "The file cannot be written: Is a directory.")
    assert list(tmp_path.parent.glob(".*.new")) == []

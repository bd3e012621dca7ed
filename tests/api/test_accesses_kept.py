"""The access log outlives backups, restores and losses, and tells of what leaves by the command
line."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from api.restoring import accept_loss
from domain.access import EVERY
from domain.errors import NothingLost
from ledger import live, schema
from ledger.archive import Archive, BackupRefused, NotABackup
from ledger.checkpoints import Standing
from ledger.embedded import Embedded
from tests.api.backups import Home, home, members_of, moved, packed, rehashed
from tests.api.processes import data_directory, loft
from tests.api.test_cli_proof import EXAMPLE, said
from tests.conftest import SCHEMA, Server
from tests.lives import until

LOG = schema.beside(SCHEMA)


@pytest.fixture
def origin(server: Server, baerum_template: str, tmp_path: Path) -> Iterator[Home]:
    with home(server, tmp_path / "origin", baerum_template) as made:
        yield made


@pytest.fixture
def other(server: Server, tmp_path: Path) -> Iterator[Home]:
    """Another machine, on which nothing is."""
    with home(server, tmp_path / "other") as made:
        yield made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "baerum.loft"


def reads(at: Home, times: int) -> None:
    """Somebody reads the list of cases so many times."""
    with at.served() as client:
        for _ in range(times):
            assert client.get("/api/cases").status_code == 200


def log_at(at: Home) -> list[str]:
    return at.rows("events", LOG)


def empties(at: Home) -> None:
    """Leave the log as it was before anybody read anything."""
    for statement in (
        "DELETE FROM events",
        "DELETE FROM subtrees",
        "DELETE FROM checkpoints",
        "UPDATE head SET size = 0, structure_at = 0",
        "UPDATE tree SET size = 0",
    ):
        at.execute(f"SET session_replication_role = replica; {statement}", schema=LOG)


def verdict_at(at: Home) -> live.Verdict:
    with at.opened() as ledger:
        return live.verify(at.installation.notary(ledger.accesses.database), language="en")


def test_a_backup_brings_the_log_along(origin: Home, other: Home, file: Path) -> None:
    reads(origin, 3)
    origin.backs_up(file)
    moved(origin, other, "signing-key.pem")
    restored = other.restores(file)
    assert log_at(other) == log_at(origin)
    assert len(log_at(other)) == 3
    assert (restored.lost_accesses, restored.kept_as) == (0, [])
    reads(other, 1)
    assert len(log_at(other)) == 4
    assert verdict_at(other).ok


def test_an_older_backup_makes_no_access_forgotten(origin: Home, file: Path) -> None:
    reads(origin, 2)
    origin.backs_up(file)
    reads(origin, 5)
    before = log_at(origin)
    (kept,) = origin.restores(file, replace=True).kept_as
    assert kept.startswith(f"{SCHEMA}_before_")
    assert log_at(origin) == before
    assert len(before) == 7
    reads(origin, 1)
    assert verdict_at(origin).ok


def test_a_log_that_says_otherwise_is_kept_aside(origin: Home, file: Path) -> None:
    reads(origin, 2)
    origin.backs_up(file)
    backed_up = log_at(origin)
    empties(origin)
    reads_again = origin.restores(file, replace=True)
    assert log_at(origin) == backed_up
    assert len(reads_again.kept_as) == 1, "an empty log is not kept"
    assert verdict_at(origin).ok


def test_what_was_signed_and_is_lost_is_told_and_reading_goes_on(origin: Home, file: Path) -> None:
    reads(origin, 2)
    origin.backs_up(file)
    reads(origin, 3)
    origin.execute(f"DROP SCHEMA {LOG} CASCADE")
    restored = origin.restores(file, replace=True)
    assert (restored.standing, restored.lost_accesses) == (Standing.WHOLE, 3)
    reads(origin, 1)
    assert len(log_at(origin)) == 4, "two were in the backup, one says what is lost, one is new"
    assert verdict_at(origin).ok


def test_a_log_that_is_behind_shows_nothing_until_its_loss_is_accepted(origin: Home) -> None:
    reads(origin, 3)
    origin.signs()
    with origin.opened() as ledger:
        origin.installation.notary(ledger.accesses.database).sign(datetime.now(UTC))
    empties(origin)
    with origin.served() as client:
        until(lambda: client.get("/readyz").json()["access_log"] == "behind")
        assert client.get("/readyz").status_code == 503
        assert client.get("/api/cases").status_code == 503
        assert client.get("/api/organs").status_code == 200
    assert accept_loss(origin.installation, SCHEMA, []) == 3
    reads(origin, 1)
    with pytest.raises(NothingLost):
        accept_loss(origin.installation, SCHEMA, [])


def test_a_backup_without_a_log_leaves_the_one_that_is_there(origin: Home, file: Path) -> None:
    """Those made before there was one have none."""
    origin.backs_up(file)
    members = members_of(file)
    old = {name: content for name, content in members.items() if not name.startswith("accesses/")}
    rehashed(old, accesses=None)
    reads(origin, 2)
    origin.restores(packed(old, file), replace=True)
    assert len(log_at(origin)) == 2
    reads(origin, 1)


def test_a_log_that_was_altered_in_the_backup_is_refused(
    origin: Home, other: Home, file: Path
) -> None:
    reads(origin, 2)
    origin.backs_up(file)
    members = members_of(file)
    members["accesses/events.copy"] = members["accesses/events.copy"].replace(
        b"GET /api/cases", b"GET /api/xases"
    )
    rehashed(members)
    with pytest.raises(BackupRefused, match="altered"):
        other.restores(packed(members, file))
    assert other.schemas() in ([], ["loft"])


def test_a_manifest_that_mixes_the_two_up_is_no_backup(origin: Home, file: Path) -> None:
    origin.backs_up(file)
    members = members_of(file)
    members["manifest.json"] = members["manifest.json"].replace(b'"accesses/"', b'""')
    with pytest.raises(NotABackup):
        Archive(packed(members, file))


# By the command line.


@pytest.fixture
def data() -> Iterator[Path]:
    """A data directory with Bærum in it."""
    with data_directory() as folder:
        assert loft(folder, "import", str(EXAMPLE)).returncode == 0
        yield folder


def entries(data: Path) -> list[tuple[str, list[str], str]]:
    embedded = Embedded(data)
    embedded.start()
    with psycopg.connect(embedded.url("postgres")) as owner:
        rows = owner.execute(
            "SELECT name, data -> 'cases', data ->> 'door' FROM baerum_accesses.events ORDER BY 1"
        ).fetchall()
    embedded.release()
    return rows


def test_what_leaves_by_the_command_line_is_in_the_log_which_is_verified_and_bundled(
    data: Path, tmp_path: Path
) -> None:
    assert loft(data, "bundle", str(tmp_path / "all.zip")).returncode == 0
    one = loft(data, "bundle", str(tmp_path / "one.zip"), "--case", "2026-0001")
    assert one.returncode == 0, one.stderr
    assert loft(data, "bundle", str(tmp_path / "bare.zip"), "--no-words").returncode == 0
    assert loft(data, "backup", str(tmp_path / "backup")).returncode == 0
    log = entries(data)
    assert sorted((cases == [EVERY], door) for _, cases, door in log) == [
        (False, "loft bundle"), (True, "loft backup"), (True, "loft bundle"),
    ]  # fmt: skip
    assert {name for name, _, _ in log} == {"WordsExported"}
    assert "from event 1 to 3" in said(loft(data, "verify", "--accesses"), 0)
    log_file = str(tmp_path / "log.zip")
    assert loft(data, "bundle", log_file, "--accesses").returncode == 0
    assert "from event 1 to 3" in said(loft(data, "verify", log_file), 0)
    assert "no cases" in loft(data, "bundle", log_file, "--accesses", "--case", "1").stderr
    embedded = Embedded(data)
    embedded.start()
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute("UPDATE baerum_accesses.events SET actor = '{}' WHERE position = 2")
    embedded.release()
    assert "Event 2" in said(loft(data, "verify", "--accesses"), 1)

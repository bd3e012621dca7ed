"""The embedded PostgreSQL, with real servers: it comes up, is shared, and survives being killed."""

import contextlib
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from ledger.embedded import Embedded
from tests.ledger.servers import another_process, answers, ask, postmaster
from tests.lives import until


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
        until(lambda: not server.running)
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
        until(lambda: any(data.glob(".*/PG_VERSION")))
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
    until(lambda: answers(server))
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

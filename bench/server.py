"""A server as it is installed: how soon it is ready, and how much memory it takes."""

import subprocess
import sys
import time
from importlib.resources import as_file, files
from pathlib import Path
from statistics import median
from threading import Event, Thread

import psutil

from bench import http, load
from bench.bed import Bed
from bench.figures import Aim, Figure
from bench.load import Job
from bench.served import served

_MEGA = 1024 * 1024
_STARTS = 3
_CLIENTS, _SECONDS = 32, 10


def run(bed: Bed) -> list[Figure]:
    data = bed.folder / "installed"
    log = bed.folder / "installed.log"
    cold = _start(data, log)
    warm = median([_start(data, log) for _ in range(_STARTS)])
    return [
        Figure("start to ready, new data directory (initdb)", cold, "s"),
        Figure("start to ready, warm embedded database", warm, "s", aim=Aim(at_most=3)),
        *_memory(data, log),
    ]


def _start(data: Path, log: Path) -> float:
    """Seconds; PostgreSQL does not run before, and is stopped again."""
    with served("api.cli", "serve", "--data", str(data), log=log) as server:
        return server.seconds


def _memory(data: Path, log: Path) -> list[Figure]:
    with as_file(files("api") / "examples" / "baerum-2016.json") as file:
        _command("import", str(file), data=data)
    with served("api.cli", "serve", "--data", str(data), log=log) as server:
        token = _command("token", "create", "bench", "--role", "coordinator", data=data)
        time.sleep(1)
        idle = (_resident(server.pid), _postgres(data))
        cases = http.raise_cases(server, token, 2 * _CLIENTS)
        job = Job(server.port, token, http.discussions(cases, _CLIENTS), http.DISCUSSION, _SECONDS)
        busy = _under_load(job, server.pid, data)
    load_of = f"{_CLIENTS} clients"
    return [
        Figure("memory of the server process, idle (RSS)", idle[0], "MB"),
        Figure(f"memory of the server process, {load_of} (RSS)", busy[0], "MB"),
        Figure("memory of PostgreSQL, idle (PSS)", idle[1], "MB"),
        Figure(f"memory of PostgreSQL, {load_of} (PSS)", busy[1], "MB"),
    ]


def _command(*arguments: str, data: Path) -> str:
    """What `loft ARGUMENTS` prints."""
    command = (sys.executable, "-m", "api.cli", *arguments, "--data", str(data))
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _under_load(job: Job, pid: int, data: Path) -> tuple[float, float]:
    """The most that the server and PostgreSQL took while *job* was done."""
    seen: list[tuple[float, float]] = []
    enough = Event()

    def watch() -> None:
        while not enough.wait(0.5):
            seen.append((_resident(pid), _postgres(data)))

    watcher = Thread(target=watch)
    watcher.start()
    try:
        load.put(job)
    finally:
        enough.set()
        watcher.join()
    return max(server for server, _ in seen), max(postgres for _, postgres in seen)


def _resident(pid: int) -> float:
    return float(psutil.Process(pid).memory_info().rss) / _MEGA


def _postgres(data: Path) -> float:
    """All processes of the server under *data*; what they share, its buffers too, counts once."""
    pid = int((data / "postgres" / "postmaster.pid").read_text().split()[0])
    postmaster = psutil.Process(pid)
    return sum(_share(process.pid) for process in [postmaster, *postmaster.children()])


def _share(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:  # it has just ended
        return 0.0
    kilobytes = next((line.split()[1] for line in lines if line.startswith("Pss:")), "0")
    return int(kilobytes) / 1024

"""A real `loft serve` on data of its own, and clients that write to it until it is killed."""

import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import psutil

from api.installation import WRITER, OpenLedger
from ledger.database import Database
from ledger.embedded import Embedded
from ledger.schema import choose
from tests.domain.topologies import TEAM
from tests.lives import until

ROOT = Path(__file__).parents[2]
FILE = ROOT / "api" / "examples" / "baerum-2016.json"
LOFT = (sys.executable, "-m", "api.cli")


def loft(*arguments: str | Path, data: Path) -> str:
    """What `loft` prints; it must succeed."""
    command = [*LOFT, *map(str, arguments), "--data", str(data)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@dataclass(frozen=True)
class Made:
    """A data directory with Bærum in it, to copy, and the token of a coordinator."""

    data: Path
    token: str


@contextmanager
def made() -> Iterator[Made]:
    with folder() as home:
        loft("import", FILE, data=home / "data")
        token = loft("token", "create", "test", "--role", "coordinator", data=home / "data")
        yield Made(home / "data", token)


@contextmanager
def folder() -> Iterator[Path]:
    """One that any user can pass through, as pytest's own is not. A server in it is ended."""
    home = Path(tempfile.mkdtemp(prefix="loft-test-"))
    home.chmod(0o711)
    try:
        yield home
    finally:
        for pid_file in home.glob("*/postgres/postmaster.pid"):
            end_postmaster(pid_file.parents[1])
        shutil.rmtree(home)


def postmaster(data: Path) -> psutil.Process:
    return psutil.Process(int((data / "postgres" / "postmaster.pid").read_text().splitlines()[0]))


def end_postmaster(data: Path) -> None:
    try:
        left = postmaster(data)
        if left.cwd() == str(data / "postgres"):
            left.send_signal(signal.SIGQUIT)
            left.wait(10)
    except (psutil.Error, ValueError, OSError, IndexError):
        pass


@dataclass
class Served:
    """A process that serves *data* at `url`."""

    data: Path
    token: str
    process: subprocess.Popen[str]
    url: str

    def client(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)

    @property
    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=10).status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """Without a chance to say good-bye."""
        self.process.kill()
        self.process.wait(30)

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(30)


@contextmanager
def serving(data: Path, token: str) -> Iterator[Served]:
    """`loft serve` on a free port, ready."""
    with (
        (data.parent / "serve.log").open("a") as log,
        subprocess.Popen(
            [*LOFT, "serve", "--data", str(data), "--port", "0"],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True,
        ) as process,
    ):  # fmt: skip
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert "http://" in line, (data.parent / "serve.log").read_text()[-2000:]
            served = Served(data, token, process, line.split()[1])
            until(lambda: served.is_ready, seconds=30)
            yield served
        finally:
            process.kill()


@contextmanager
def opened(data: Path) -> Iterator[OpenLedger]:
    """The ledger in *data*, past the server, whose database must be running."""
    embedded = Embedded(data)
    until(lambda: embedded.running)
    with OpenLedger(Database(embedded.url(WRITER), choose(embedded.url(), None))) as ledger:
        yield ledger


# Clients.


@dataclass
class Sent:
    """A command that was sent, and its answer if there was one."""

    key: str
    path: str
    body: dict[str, Any]
    answer: dict[str, Any] | None = None
    position: int | None = None
    problems: list[httpx.Response] = field(default_factory=list)
    dropped: int = 0
    """How often the connection ended without an answer."""

    def to(self, client: httpx.Client) -> bool:
        """Send it, once more if it was sent before. Whether it was answered for good."""
        headers = {"Idempotency-Key": self.key}
        try:
            answer = client.post(self.path, json=self.body, headers=headers)
        except httpx.TransportError:
            self.dropped += 1
            return False
        if answer.status_code != 201:
            self.problems.append(answer)
            return False
        self.answer = answer.json()
        self.position = int(answer.headers["Loft-Position"])
        return True


def a_life(client: httpx.Client, name: str, try_on: Callable[[Sent], bool]) -> Iterator[Sent]:
    """Raise a case, discuss it, note something; ends at the first command without an answer."""
    told = " ".join(name.split("-")[1:])  # an address with a port may look like a phone number
    raised = Sent(f"{name}-raise", "/api/cases", {"raised_by": TEAM, "title": f"Sak {told}"})
    yield raised
    if not (raised.to(client) or try_on(raised)):
        return
    assert raised.answer is not None
    case = f"/api/cases/{raised.answer['id']}"
    for what, path, body in (
        ("discuss", "discussions", {"summary": f"Drøftet {told}", "conclusion": "continue"}),
        ("note", "notes", {"text": f"Notert {told}"}),
    ):
        sent = Sent(f"{name}-{what}", f"{case}/{path}", body)
        yield sent
        if not (sent.to(client) or try_on(sent)):
            return


@contextmanager
def writing(
    served: Served,
    clients: int,
    try_on: Callable[[Served, Sent], bool] = lambda _served, _sent: False,
) -> Iterator[list[Sent]]:
    """Sixteen clients, say, that write while the block runs: all that they sent. A client without
    an answer stops, unless *try_on* gets it one."""
    all_sent: list[Sent] = []
    stop = Event()

    def write(name: str) -> None:
        with served.client() as client:
            n = 0
            while not stop.is_set():
                n += 1
                sent = None
                for sent in a_life(client, f"{name}-{n}", lambda one: try_on(served, one)):
                    all_sent.append(sent)  # noqa: PERF402 - each before it is answered
                if sent is None or sent.answer is None:
                    return

    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(clients))
        stack.callback(stop.set)
        futures: list[Future[None]] = [
            pool.submit(write, f"{served.url}-{n}") for n in range(clients)
        ]
        yield all_sent
        stop.set()
        for future in futures:
            future.result(60)


def answered(sent: list[Sent]) -> list[Sent]:
    return [one for one in list(sent) if one.answer is not None]

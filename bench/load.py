"""Load on an HTTP server, from a process of its own: `python -m bench.load` with a job on stdin."""

import asyncio
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from itertools import count, cycle
from uuid import uuid4

import orjson
import uvloop

from bench.figures import percentile
from bench.wire import END, head, status_and_length


@dataclass(frozen=True)
class Job:
    """Each client asks its own paths in turn, with *body* if it is a command's, as fast as it is
    answered, or so that all together reach *rate* requests a second."""

    port: int
    token: str
    paths: list[list[str]]
    body: str
    seconds: float
    rate: float | None = None
    method: str = "POST"


@dataclass(frozen=True)
class Answered:
    """How many answers there were, how many of them not a success, and how long they took."""

    count: int
    wrong: int
    seconds: float
    p50: float
    p99: float

    @property
    def rate(self) -> float:
        """A second."""
        return self.count / self.seconds


def put(job: Job) -> Answered:
    """Do *job* in another process."""
    command = (sys.executable, "-m", "bench.load")
    done = subprocess.run(command, input=orjson.dumps(job), stdout=subprocess.PIPE, check=True)
    answered = Answered(**orjson.loads(done.stdout))
    assert answered.wrong == 0, answered
    return answered


async def _do(job: Job) -> Answered:
    took: list[float] = []
    lines = [await asyncio.open_connection("127.0.0.1", job.port) for _ in job.paths]
    began = time.perf_counter()
    wrong = await asyncio.gather(
        *(_client(job, number, *line, began, took) for number, line in enumerate(lines))
    )
    seconds = time.perf_counter() - began
    return Answered(len(took), sum(wrong), seconds, percentile(took, 50), percentile(took, 99))


async def _client(
    job: Job,
    number: int,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    began: float,
    took: list[float],
) -> int:
    """Gives how many answers were not a success; adds each one's seconds to *took*."""
    body, run, wrong = job.body.encode(), str(uuid4()).encode(), 0
    heads = [
        head(job.method, path, token=job.token, length=len(body)) for path in job.paths[number]
    ]
    for turn, first in zip(count(), cycle(heads)):
        await _slot(job, number, turn, began)
        asked = time.perf_counter()
        if asked - began >= job.seconds:
            break
        writer.write(b"%b\r\nIdempotency-Key: %b-%d%b%b" % (first, run, turn, END, body))
        status, length = status_and_length(await reader.readuntil(END))
        await reader.readexactly(length)
        took.append(time.perf_counter() - asked)
        wrong += status not in {200, 201}
    writer.close()
    return wrong


async def _slot(job: Job, number: int, turn: int, began: float) -> None:
    """Wait for the moment at which this client is due, where there is a rate."""
    if job.rate is not None:
        due = began + (turn * len(job.paths) + number) / job.rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))


if __name__ == "__main__":
    given = Job(**orjson.loads(sys.stdin.buffer.read()))
    sys.stdout.buffer.write(orjson.dumps(asdict(uvloop.run(_do(given)))))

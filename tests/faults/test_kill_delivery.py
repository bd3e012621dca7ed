"""kill -9 in the middle of sending: all of it arrives, and what comes twice has the same id."""

import os
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from psycopg.conninfo import make_conninfo

from api import hooks
from api.delivery import AT_ONCE
from api.installation import OpenLedger
from api.sealing import Seal
from tests.conftest import SECRET
from tests.faults.served import LOFT
from tests.lives import Town, in_threads, settled
from tests.receivers import Receiver, receiving, wait_for

HOOKS, CASES = 10, 1_000
QUEUED = HOOKS * CASES


@contextmanager
def deliver(ledger: OpenLedger, data: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that does nothing else."""
    url = ledger.database.url
    settings = {
        "LOFT_DATABASE_URL": url,
        "LOFT_OWNER_DATABASE_URL": make_conninfo(url, user="postgres"),
        "LOFT_SECRET": SECRET.decode(),
        "LOFT_WEBHOOK_PRIVATE": "true",
    }
    command = [*LOFT, "deliver", "--data", str(data)]
    with subprocess.Popen(command, env=os.environ | settings, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "Løft: delivering\n".encode()
            yield process
        finally:
            process.kill()


def queued(town: Town, receiver: Receiver) -> None:
    """Ten webhooks, and a thousand cases raised."""
    town.ledger.follower.catch_up()
    with town.ledger.database.connection() as connection:
        for n in range(HOOKS):
            url = f"{receiver.url}/{n}"
            seal = Seal(SECRET, "webhooks")
            hooks.register(connection, seal, url=url, events=["CaseRaised"], by="a-5")
    in_threads(*[lambda: [town.raised() for _ in range(CASES // 10)]] * 10)
    town.ledger.follower.catch_up()


def left(town: Town) -> int:
    ((pending,),) = town.ledger.database.rows("SELECT count(*) FROM outbox WHERE state <> 'sent'")
    return int(pending)


def test_ten_thousand_notices_arrive_though_one_of_two_workers_is_killed(
    ledger: OpenLedger, tmp_path: Path
) -> None:
    """A notice that is under way at the kill may come twice, under the same `webhook-id`: each
    receiver has one in flight at most, and a worker so many receivers at once."""
    town = settled(ledger)
    with receiving() as receiver:
        queued(town, receiver)
        assert left(town) == QUEUED
        with deliver(ledger, tmp_path / "a") as killed, deliver(ledger, tmp_path / "b") as other:
            wait_for(lambda: len(receiver.posted) >= QUEUED // 2)
            killed.send_signal(signal.SIGKILL)
            killed.wait()
            assert left(town) > QUEUED // 4, "it was killed half way"
            wait_for(lambda: left(town) == 0, seconds=120)
            other.send_signal(signal.SIGTERM)
            assert other.wait(timeout=120) == 0
    came = Counter(receiver.ids)
    assert len(came) == QUEUED, "none is lost, and none has two ids"
    twice = sum(times - 1 for times in came.values())
    assert twice <= AT_ONCE, "only what was in flight"
    for path in {one.path for one in receiver.posted}:
        own = [int(one.id.partition(".")[2]) for one in receiver.posted if one.path == path]
        assert own == sorted(own), "each receiver is told in order"

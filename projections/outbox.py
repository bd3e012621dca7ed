"""What is to go out of the house: filled as the ledger is followed, emptied by those who deliver.

It is no view. A row is there once for each event, receiver and channel, whatever is rebuilt,
replayed or restored; whoever delivers it is woken by a job in the same transaction.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import LiteralString, NamedTuple

from procrastinate import App, SyncPsycopgConnector
from psycopg.types.json import Jsonb
from pydantic import BaseModel, ConfigDict

from domain.event import Source
from domain.notice import TOLD, is_open
from domain.rights import EVERYBODY
from ledger.database import Connection, jobs_of
from projections.notices import told
from projections.view import Change

TASK = "deliver"
_QUEUE = App(connector=SyncPsycopgConnector())
"""Only to put jobs in, on a connection of ours."""


class Receiver(NamedTuple):
    """Where something goes: to a person by mail, or to a webhook; by id."""

    channel: str
    recipient: str

    @property
    def lock(self) -> str:
        """What the jobs that deliver there are held apart by."""
        return f"{self.channel}:{self.recipient}"

    @classmethod
    def of(cls, lock: str) -> "Receiver":
        channel, _, recipient = lock.partition(":")
        return cls(channel, recipient)


# Filling.


def fill(connection: Connection, changes: Sequence[Change]) -> None:
    """Take down what *changes* are to send, in the transaction in which they are taken in. What a
    report or an example told is no news."""
    news = [
        change
        for change in changes
        if change.is_own and type(change.event) in TOLD and change.event.source is Source.ENTERED
    ]
    if not news:
        return
    filled = [*_for_people(connection, news), *_for_webhooks(connection, news)]
    wake(connection, {Receiver(*row) for row in filled})


def _for_people(connection: Connection, news: Sequence[Change]) -> list[tuple[str, str]]:
    """Those who are woken at once. A digest is due at its hour in Oslo: the next one there is."""
    rows = [
        {"position": change.position, "person": person, "kind": change.event.TOPIC}
        for change in news
        for person in told(change)
    ]
    filled = connection.execute(
        """
        INSERT INTO outbox (position, recipient, channel, digest, due_at)
        SELECT t.position, t.person, 'mail', c.mode = 'daily',
            CASE WHEN c.mode = 'daily' THEN
                (d.today + make_interval(hours => c.hour, days => (d.hour >= c.hour)::int))
                AT TIME ZONE 'Europe/Oslo'
            ELSE clock_timestamp() END
        FROM jsonb_to_recordset(%(rows)s) AS t(position bigint, person text, kind text)
        JOIN notice_choices c ON c.person = t.person AND c.mode <> 'none'
            AND t.kind <> ALL(c.kinds_off) AND t.position > c.since,
        LATERAL (SELECT date_trunc('day', n.now) AS today, extract(hour FROM n.now) AS hour
            FROM (SELECT clock_timestamp() AT TIME ZONE 'Europe/Oslo' AS now) n) d
        WHERE t.position > (SELECT b.position FROM outbox_begins b)
        ON CONFLICT DO NOTHING RETURNING channel, recipient, digest
        """,
        {"rows": Jsonb(rows)},
    )
    return [(channel, recipient) for channel, recipient, digest in filled if not digest]


def _for_webhooks(connection: Connection, news: Sequence[Change]) -> list[tuple[str, str]]:
    """Of a restricted case only those who are named on it are told, and no system is."""
    rows = [
        {"position": change.position, "kind": change.event.TOPIC}
        for change in news
        if is_open(change.after)
    ]
    return connection.execute(
        """
        INSERT INTO outbox (position, recipient, channel)
        SELECT t.position, w.id, 'webhook'
        FROM jsonb_to_recordset(%(rows)s) AS t(position bigint, kind text)
        JOIN webhooks w ON w.deleted_at IS NULL AND t.kind = ANY(w.events) AND t.position > w.since
        WHERE t.position > (SELECT b.position FROM outbox_begins b)
        ON CONFLICT DO NOTHING RETURNING channel, recipient
        """,
        {"rows": Jsonb(rows)},
    ).fetchall()


def wake(connection: Connection, receivers: Iterable[Receiver], *, hurry: bool = False) -> None:
    """Let somebody look what there is for *receivers*. A job that waits already is held until this
    transaction ends, so that it sees what was written here; *hurry*: also where it waits to try
    again later."""
    locks = sorted({one.lock for one in receivers})
    if not locks:
        return
    with connection.transaction():
        _reach_jobs(connection)
        if hurry:
            connection.execute(
                "UPDATE procrastinate_jobs SET scheduled_at = NULL "
                "WHERE status = 'todo' AND lock = ANY(%s)",
                (locks,),
            )
        waiting = connection.execute(
            "SELECT lock FROM procrastinate_jobs WHERE status = 'todo' AND lock = ANY(%s) "
            "ORDER BY id FOR NO KEY UPDATE",
            (locks,),
        ).fetchall()
        for lock in locks:
            if (lock,) not in waiting:
                job = _QUEUE.configure_task(TASK, lock=lock, queue=TASK, connection=connection)
                job.defer(receiver=lock)


def _reach_jobs(connection: Connection) -> None:
    """Until this transaction ends, the tables of the queue are found after those of the ledger."""
    row = connection.execute("SELECT current_schema()").fetchone()
    assert row is not None  # noqa: S101 - there is always one
    connection.execute(
        "SELECT set_config('search_path', format('%%I, %%I', %(own)s::text, %(jobs)s::text), true)",
        {"own": row[0], "jobs": jobs_of(row[0])},
    )


def forgotten(connection: Connection, channels: Sequence[str]) -> list[Receiver]:
    """The receivers of *channels* for whom something is due and nobody is woken: a digest whose
    hour has come, or whose job is gone."""
    with connection.transaction():
        _reach_jobs(connection)
        rows = connection.execute(
            """
            SELECT DISTINCT channel, recipient FROM outbox o
            WHERE state = 'pending' AND due_at <= clock_timestamp() AND channel = ANY(%(channels)s)
                AND NOT EXISTS (SELECT FROM procrastinate_jobs j WHERE
                    j.lock = o.channel || ':' || o.recipient AND j.status IN ('todo', 'doing'))
                AND NOT EXISTS (SELECT FROM webhooks w
                    WHERE o.channel = 'webhook' AND w.id = o.recipient
                        AND w.parked_at IS NOT NULL)
            ORDER BY channel, recipient
            """,
            {"channels": list(channels)},
        ).fetchall()
    return [Receiver(*row) for row in rows]


# Emptying.


class Due(BaseModel):
    """Something that is to be sent now. `marks`: those that its case or meeting bears by now."""

    model_config = ConfigDict(frozen=True)

    position: int
    kind: str
    stream: str
    number: str | None
    recorded_at: datetime
    digest: bool
    due_at: datetime
    attempts: int
    marks: list[str] | None

    @property
    def borne(self) -> frozenset[str]:
        """The marks by which it is read. Lives of which no readers are kept, as they are of cases
        and meetings, everybody reads who is told of them."""
        kept = self.number is not None or self.stream.startswith("meeting:")
        return frozenset(self.marks or (() if kept else (EVERYBODY,)))


_DUE: LiteralString = """
    SELECT o.position, e.name, e.stream_id, r.data ->> 'number', e.recorded_at, o.digest, o.due_at,
        o.attempts, b.marks
    FROM outbox o JOIN events e USING (position)
    LEFT JOIN events r ON r.stream_id = e.stream_id AND r.version = 1
    LEFT JOIN readership b ON b.case_id = e.stream_id
    WHERE o.state = 'pending' AND o.channel = %(channel)s AND o.recipient = %(recipient)s
        AND o.due_at <= clock_timestamp()
    ORDER BY o.position LIMIT %(limit)s
"""


def due(connection: Connection, receiver: Receiver, limit: int) -> list[Due]:
    """At most *limit* of what *receiver* is to be sent by now, oldest first."""
    rows = connection.execute(_DUE, {**receiver._asdict(), "limit": limit}).fetchall()
    names = Due.model_fields
    return [Due(**dict(zip(names, row, strict=True))) for row in rows]


def settle(
    connection: Connection,
    receiver: Receiver,
    positions: Sequence[int],
    state: str,
    problem: str | None = None,
) -> None:
    """What became of *positions*: `sent`, `parked` or `withheld`."""
    connection.execute(
        "UPDATE outbox SET state = %(state)s, problem = %(problem)s, attempts = attempts + 1, "
        "settled_at = clock_timestamp() WHERE state = 'pending' AND channel = %(channel)s "
        "AND recipient = %(recipient)s AND position = ANY(%(positions)s)",
        {
            **receiver._asdict(),
            "positions": list(positions),
            "state": state,
            "problem": problem,
        },
    )


def put_off(
    connection: Connection, receiver: Receiver, positions: Sequence[int], problem: str
) -> None:
    """It did not go out this time."""
    connection.execute(
        "UPDATE outbox SET attempts = attempts + 1, problem = %(problem)s "
        "WHERE state = 'pending' AND channel = %(channel)s AND recipient = %(recipient)s "
        "AND position = ANY(%(positions)s)",
        {**receiver._asdict(), "positions": list(positions), "problem": problem},
    )


# What is stuck.


class Stuck(BaseModel):
    """Something that was not sent and is not tried any more."""

    model_config = ConfigDict(frozen=True)

    position: int
    recipient: str
    channel: str
    state: str
    event: str
    case: str
    number: str | None
    attempts: int
    problem: str | None
    settled_at: datetime | None


def stuck(
    connection: Connection, *, after: tuple[int, str, str] = (0, "", ""), limit: int = 100
) -> list[Stuck]:
    """What is parked or was restored, oldest first, after the one with that key."""
    rows = connection.execute(
        """
        SELECT o.position, o.recipient, o.channel, o.state, e.name, e.stream_id,
            r.data ->> 'number', o.attempts, o.problem, o.settled_at
        FROM outbox o JOIN events e USING (position)
        LEFT JOIN events r ON r.stream_id = e.stream_id AND r.version = 1
        WHERE o.state IN ('parked', 'restored')
            AND (o.position, o.recipient, o.channel) > (%(position)s, %(recipient)s, %(channel)s)
        ORDER BY o.position, o.recipient, o.channel LIMIT %(limit)s
        """,
        {"position": after[0], "recipient": after[1], "channel": after[2], "limit": limit},
    ).fetchall()
    names = Stuck.model_fields
    return [Stuck(**dict(zip(names, row, strict=True))) for row in rows]


def how_many(connection: Connection) -> tuple[int, int]:
    """How much waits to be sent by now, and how much is stuck."""
    row = connection.execute(
        "SELECT (SELECT count(*) FROM outbox WHERE state = 'pending' "
        "AND due_at <= clock_timestamp()), "
        "(SELECT count(*) FROM outbox WHERE state IN ('parked', 'restored'))"
    ).fetchone()
    assert row is not None  # noqa: S101 - counts
    return int(row[0]), int(row[1])


def release(connection: Connection, *, channel: str, recipient: str | None) -> int:
    """Let what is stuck in *channel* be tried again, for one *recipient* or all; gives how much."""
    with connection.transaction():
        rows = connection.execute(
            "UPDATE outbox SET state = 'pending', attempts = 0, problem = NULL, settled_at = NULL "
            "WHERE state IN ('parked', 'restored') AND channel = %(channel)s "
            "AND (%(recipient)s::text IS NULL OR recipient = %(recipient)s) "
            "RETURNING channel, recipient",
            {"channel": channel, "recipient": recipient},
        ).fetchall()
        wake(connection, {Receiver(*row) for row in rows}, hurry=True)
    return len(rows)

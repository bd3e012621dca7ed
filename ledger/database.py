"""The way to one municipality's schema in PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, LiteralString, TypeVar

import orjson
import psycopg
from psycopg.rows import TupleRow
from psycopg.types.json import set_json_loads
from psycopg_pool import ConnectionPool, PoolTimeout

Connection = psycopg.Connection[TupleRow]
T = TypeVar("T")

POOL = 12
"""Connections that reads share. Appends have one of their own, and so does the follower."""
PATIENCE = 5.0
"""Seconds that a question waits for a connection, be they all taken or the server away."""
READER = "loft_reader"
"""The role whose reads the database bounds, row by row. Nobody signs in as it."""
KNOCK = 0.5
"""Seconds between tries to reach a server that is away."""


def jobs_of(schema: str) -> str:
    """The schema of the queue that belongs to the ledger in *schema*."""
    return f"{schema}_jobs"


class Unavailable(Exception):
    """The database cannot be reached just now. Nothing of this was recorded that is not answered
    for: send the same command again, with the same Idempotency-Key, and it is done once."""


class Database:
    """Connections to *url* that see one schema and nothing else.

    `heal` is called when a connection fails, before each further try: an embedded server is
    started again by it. *role*: whose rights these connections have, if not those of whoever
    signs in.
    """

    def __init__(
        self,
        url: str,
        schema: str,
        *,
        heal: Callable[[], object] = lambda: None,
        role: str | None = None,
        connection_class: type[Connection] = psycopg.Connection,
    ) -> None:
        self.url = url
        self.schema = schema
        self.heal = heal
        self.role = role
        self._pool = ConnectionPool(
            url,
            min_size=1,
            max_size=POOL,
            timeout=PATIENCE,
            reconnect_timeout=KNOCK,
            reconnect_failed=self._knock_again,
            kwargs=self._arguments(),
            configure=_read_json,
            connection_class=connection_class,
            open=False,
            name=f"loft-{schema}",
        )

    def open(self) -> None:
        self._pool.open()

    def close(self) -> None:
        self._pool.close()

    def _arguments(self, **settings: str) -> dict[str, Any]:
        # Compiling a report's statement takes longer than the report.
        usual = {"search_path": self.schema, "timezone": "UTC", "lock_timeout": "10s", "jit": "off"}
        settings = usual | settings
        if self.role is not None:
            settings["role"] = self.role
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        return {"autocommit": True, "options": options, "connect_timeout": 3}

    def connect(self, **settings: str) -> Connection:
        """A connection of one's own, in autocommit mode, with further server *settings*."""
        try:
            connection = psycopg.connect(self.url, **self._arguments(**settings))
        except psycopg.OperationalError:
            self._heal()
            connection = psycopg.connect(self.url, **self._arguments(**settings))
        _read_json(connection)
        return connection

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection from the pool. Refuses with `Unavailable` when there is none to be had."""
        try:
            with self._pool.connection() as connection:
                yield connection
        except (psycopg.OperationalError, PoolTimeout) as error:
            raise Unavailable from error

    def read(self, query: Callable[[Connection], T]) -> T:
        """What *query* reads. A lost connection is replaced and the question asked once more.

        Refuses with `Unavailable`, after one wait of `PATIENCE` at most: whatever can be done to
        reach the server again is done by the pool meanwhile.
        """
        try:
            with self._pool.connection() as connection:
                return query(connection)
        except PoolTimeout as error:
            raise Unavailable from error
        except psycopg.OperationalError:
            self._pool.check()
            with self.connection() as connection:
                return query(connection)

    def _knock_again(self, pool: ConnectionPool) -> None:
        """Start what can be started, and try anew. By itself the pool waits twice as long after
        each try, and finds a server that was away for three seconds after seven."""
        with suppress(Unavailable):
            self._heal()
        pool.check()

    def mend(self) -> None:
        """Start what can be started, and throw away the connections that are gone."""
        self._heal()
        self._pool.check()

    def _heal(self) -> None:
        try:
            self.heal()
        except Exception as error:
            raise Unavailable from error

    def rows(self, sql: LiteralString, **facts: object) -> list[TupleRow]:
        """All rows of one query."""
        return self.read(lambda connection: connection.execute(sql, facts).fetchall())


def _read_json(connection: Connection) -> None:
    """Rows are mostly JSON, and this reads it three times as fast."""
    set_json_loads(orjson.loads, connection)

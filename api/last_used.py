"""When each token was last used, to the minute: a forgotten one shows, and so does a stolen one."""

from contextlib import suppress
from threading import Event, Lock, Thread

from ledger.database import Database, Unavailable


class Uses:
    """A thread that writes down which tokens were used, so that no request waits for it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._noted: set[str] = set()
        self._lock, self._news = Lock(), Event()
        self._stopping = False
        self._thread = Thread(target=self._run, name="last used", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._news.set()
        self._thread.join()

    def note(self, token_id: str) -> None:
        """That this token was used just now."""
        with self._lock:
            self._noted.add(token_id)
        self._news.set()

    def write(self) -> None:
        """Write down what was noted. That it could not be written keeps nobody out: the next use
        is noted anew."""
        with self._lock:
            noted, self._noted = sorted(self._noted), set()
        if noted:
            with suppress(Unavailable):
                _write(self._database, noted)

    def _run(self) -> None:
        while not self._stopping:
            self._news.wait()
            self._news.clear()
            self.write()


def _write(database: Database, ids: list[str]) -> None:
    """Of several servers that write at once the first does, and the others go on."""
    with database.connection() as connection:
        connection.execute(
            "UPDATE tokens SET last_used_at = date_trunc('minute', clock_timestamp()) "
            "WHERE id IN (SELECT id FROM tokens WHERE id = ANY(%(ids)s) AND coalesce("
            "last_used_at < clock_timestamp() - interval '1 minute', true) "
            "ORDER BY id FOR UPDATE SKIP LOCKED)",
            {"ids": ids},
        )

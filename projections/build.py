"""Building a view from nothing beside the one in use, and letting it take its place."""

import time
from collections.abc import Callable, Mapping, Sequence

import psycopg
from psycopg import sql

from ledger.database import Connection, Unavailable
from ledger.recorder import Recorder
from ledger.stored import Entry
from projections.lives import LifeFailed, Lives
from projections.place import BATCH, followed, locked, locked_position, write
from projections.view import View

PASSING = "100ms"
"""How long the switch may wait for a reader who holds on: others wait behind it meanwhile."""


class Builder:
    """Builds *view*. *skipped* are the lives that stay parked, from which position on."""

    def __init__(
        self, recorder: Recorder, view: View, skipped: Mapping[str, int] | None = None
    ) -> None:
        self.recorder = recorder
        self.view = view
        self.skipped = skipped or {}
        self.table = f"{view.name}_next"
        self.lives = Lives(recorder)
        self.position = 0

    def build(
        self, progress: Callable[[int, int], object] = lambda _position, _goal: None
    ) -> int | None:
        """Fails fast with `LifeFailed`. Gives the number of rows in which the new one differs
        from the one that it replaced; None where there was none of the same version.

        *progress* is called with the position reached and the one to reach.
        """
        with self.recorder.database.connect() as connection:
            while not locked(connection, f"build {self.view.name}"):
                time.sleep(0.1)
            self.view.create(connection, self.table)
            while (goal := followed(connection)) - self.position > BATCH:
                self._take_in(connection, self.position + BATCH)
                progress(self.position, goal)
            while True:
                try:
                    differing = self._finish(connection)
                except psycopg.errors.LockNotAvailable:
                    time.sleep(0.2)
                else:
                    progress(self.position, self.position)
                    return differing

    def _finish(self, connection: Connection) -> int | None:
        """Take in the rest and switch, while the follower holds still; readers go on. Where a
        reader holds on to the old one, all of it is undone, to be tried again."""
        before = self.position
        try:
            with connection.transaction():
                goal = locked_position(connection)
                while self.position < goal:
                    self._take_in(connection, min(goal, self.position + BATCH))
                differing = self._compare(connection)
                self._switch(connection)
        except BaseException:
            self.position = before
            self.lives.forget()
            raise
        return differing

    def _take_in(self, connection: Connection, to: int) -> None:
        entries = [
            entry
            for entry in self.recorder.select_notifications(self.position + 1, BATCH, stop=to)
            if entry.id < self.skipped.get(str(entry.originator_id), entry.id + 1)
        ]
        try:
            with connection.transaction():
                self._write(connection, entries)
        except (psycopg.OperationalError, Unavailable, LifeFailed):
            raise
        except Exception:
            self._name_the_poison(connection, entries)
            raise
        self.position = to

    def _write(self, connection: Connection, entries: Sequence[Entry]) -> None:
        changes = self.lives.changes(entries, self.skipped)
        write(connection, [self.view], changes, suffix="_next")

    def _name_the_poison(self, connection: Connection, entries: Sequence[Entry]) -> None:
        """Fails with the first of *entries* that the view cannot take in."""
        self.lives.forget()
        with connection.transaction(force_rollback=True):
            for entry in entries:
                try:
                    self._write(connection, [entry])
                except Exception as error:
                    raise LifeFailed(str(entry.originator_id), entry.id, error) from error

    def _compare(self, connection: Connection) -> int | None:
        if self._version(connection) != self.view.version:
            return None
        row = connection.execute(
            sql.SQL(
                "SELECT count(*) FROM ((TABLE {old} EXCEPT ALL TABLE {new}) "
                "UNION ALL (TABLE {new} EXCEPT ALL TABLE {old})) AS differing"
            ).format(old=sql.Identifier(self.view.name), new=sql.Identifier(self.table))
        ).fetchone()
        return int(row[0]) if row else None

    def _switch(self, connection: Connection) -> None:
        """A leader of another version is fenced by the new epoch."""
        names = {"old": sql.Identifier(self.view.name), "new": sql.Identifier(self.table)}
        connection.execute(f"SET LOCAL lock_timeout = '{PASSING}'")
        if self._version(connection) not in {None, self.view.version}:
            connection.execute("UPDATE follower SET epoch = epoch + 1")
        connection.execute(sql.SQL("DROP TABLE IF EXISTS {old}").format(**names))
        connection.execute(sql.SQL("ALTER TABLE {new} RENAME TO {old}").format(**names))
        connection.execute(
            "INSERT INTO views VALUES (%(name)s, %(version)s) "
            "ON CONFLICT (name) DO UPDATE SET version = %(version)s",
            {"name": self.view.name, "version": self.view.version},
        )

    def _version(self, connection: Connection) -> int | None:
        row = connection.execute(
            "SELECT version FROM views WHERE name = %s", (self.view.name,)
        ).fetchone()
        return row[0] if row else None

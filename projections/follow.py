"""The follower: takes the ledger into all views, exactly once, and in order."""

from collections.abc import Callable, Sequence

import psycopg

from ledger.database import Connection, Database, Unavailable
from ledger.recorder import Recorder
from ledger.stored import Entry
from projections.build import Builder
from projections.lives import LifeFailed, Lives, touched
from projections.place import BATCH, followed, locked, parked, unlock, write
from projections.view import Change, View

Announce = Callable[[Connection, Sequence[Change]], object]
"""What is done once for what is taken in, and not again where a view is built anew."""

PASSES = (psycopg.OperationalError, Unavailable)
"""What has nothing to do with the event that is taken in: the database is away just now."""


class Fenced(Exception):
    """Another process has taken over following this ledger."""


class NewerVersion(Exception):
    """The views here were made by a newer version of Løft. Run that one."""


class Follower:
    """Follows one ledger for all *views*. One of them leads at a time: the others are fenced."""

    def __init__(
        self,
        recorder: Recorder,
        views: Sequence[View],
        announce: Announce = lambda _connection, _changes: None,
    ) -> None:
        self.recorder = recorder
        self.announce = announce
        self.database: Database = recorder.database
        self.views = views
        self.lives = Lives(recorder)
        self.epoch: int | None = None
        self._connection: Connection | None = None

    # Leading.

    def lead(self) -> bool:
        """Try to become the one that follows; True also when it is already. Then every view is
        there in its present version, with all that was parked and can be taken in by now."""
        if self.epoch is not None:
            return True
        connection = self._connect()
        if not locked(connection, "follower"):
            return False
        try:
            self._make_views(connection)
            self.epoch = self._take_over(connection)
        except BaseException:
            self.release()
            raise
        return True

    def release(self) -> None:
        """Stop leading; somebody else may, from the moment that this returns."""
        self.epoch = None
        self.lives.forget()
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                unlock(connection, "follower")
            finally:
                connection.close()

    def _connect(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = self.database.connect()
        return self._connection

    def _take_over(self, connection: Connection) -> int:
        """A new epoch: whoever led before is fenced."""
        row = connection.execute("UPDATE follower SET epoch = epoch + 1 RETURNING epoch").fetchone()
        assert row is not None  # noqa: S101 - the migration made the row
        return int(row[0])

    def _make_views(self, connection: Connection) -> None:
        """Build the views whose version is another; all of them where a parked life has healed,
        since what came after it in other lives may hang on it."""
        made: dict[str, int] = dict(
            connection.execute("SELECT name, version FROM views").fetchall()
        )
        if any(made.get(view.name, 0) > view.version for view in self.views):
            raise NewerVersion
        ill = parked(connection)
        healed = [stream_id for stream_id in ill if self._has_healed(connection, stream_id)]
        still_ill = {stream_id: at for stream_id, at in ill.items() if stream_id not in healed}
        for view in self.views:
            if healed or made.get(view.name) != view.version:
                Builder(self.recorder, view, still_ill).build()
        connection.execute("DELETE FROM parked WHERE stream_id = ANY(%s)", (healed,))

    def _has_healed(self, connection: Connection, stream_id: str) -> bool:
        """Whether a parked life can be taken in by now: tried on tables that nobody sees."""
        entries = self.recorder.life(stream_id, followed(connection))
        own = [entry for entry in entries if entry.originator_id == stream_id]
        try:
            with connection.transaction(force_rollback=True):
                for view in self.views:
                    view.create(connection, f"{view.name}_tried")
                others = {life for entry in own for life in touched(entry)} - {stream_id}
                changes = Lives(self.recorder).changes(own, dict.fromkeys(others, 0))
                write(connection, self.views, changes, suffix="_tried")
        except PASSES:
            raise
        except Exception:
            return False
        return True

    # Following.

    def catch_up(self, most: int | None = None) -> int:
        """Take in all that the ledger holds, or *most* batches of it; gives the position reached.

        Fails with `Fenced` when another process leads, and parks a life that fails.
        """
        if not self.lead():
            raise Fenced
        batches = 0
        while True:
            connection = self._connect()
            position = followed(connection)
            entries = self.recorder.select_notifications(position + 1, BATCH)
            if not entries or batches == most:
                return position
            self._take_in(connection, position, entries)
            batches += 1

    def _take_in(self, connection: Connection, position: int, entries: Sequence[Entry]) -> None:
        """All of *entries* in one transaction; where that fails, event by event."""
        ill = parked(connection)
        try:
            with connection.transaction():
                self._advance(connection, position, entries[-1].id)
                waiting = [entry for entry in entries if entry.originator_id not in ill]
                self._write(connection, self.lives.changes(waiting, ill))
        except (*PASSES, Fenced):
            self.release()
            raise
        except Exception:
            self.lives.forget()
            try:
                self._take_in_singly(connection, position, entries, ill)
            except BaseException:
                self.release()  # what is remembered may be ahead of what was rolled back
                raise

    def _take_in_singly(
        self,
        connection: Connection,
        position: int,
        entries: Sequence[Entry],
        ill: dict[str, int],
    ) -> None:
        with connection.transaction():
            self._advance(connection, position, entries[-1].id)
            for entry in entries:
                if entry.originator_id in ill:
                    continue
                try:
                    with connection.transaction():
                        self._write(connection, self.lives.changes([entry], ill))
                except PASSES:
                    raise
                except Exception as error:
                    self.lives.forget()
                    ill[str(entry.originator_id)] = entry.id
                    _park(connection, entry, error)

    def _write(self, connection: Connection, changes: Sequence[Change]) -> None:
        write(connection, self.views, changes)
        self.announce(connection, changes)

    def _advance(self, connection: Connection, position: int, to: int) -> None:
        moved = connection.execute(
            "UPDATE follower SET position = %s WHERE epoch = %s AND position = %s",
            (to, self.epoch, position),
        )
        if moved.rowcount != 1:
            raise Fenced


def _park(connection: Connection, entry: Entry, error: Exception) -> None:
    """Only the kind of error is kept: its text might hold words."""
    reason = error.reason if isinstance(error, LifeFailed) else type(error).__name__
    connection.execute(
        "INSERT INTO parked (stream_id, position, reason) VALUES (%s, %s, %s)",
        (entry.originator_id, entry.id, reason),
    )

"""What people are told of, without words: for whom, of which entry."""

from collections.abc import Sequence
from typing import LiteralString

from psycopg import sql
from psycopg.rows import TupleRow
from pydantic import BaseModel, ConfigDict

from domain.event import day_in_oslo
from domain.notice import Happening, hearers
from ledger.database import Connection, Database
from ledger.recorder import ENTRY, entry
from ledger.stored import Entry
from projections.view import Change, View, put


class Notices(View):
    """A row for each person and each entry that they are told of."""

    name = "notices"
    version = 2
    ddl = """
        CREATE TABLE {table} (
            recipient text COLLATE "C" NOT NULL,
            position bigint NOT NULL,
            PRIMARY KEY (recipient, position)
        );
    """

    def write(
        self, connection: Connection, table: sql.Identifier, changes: Sequence[Change]
    ) -> None:
        rows = ((who, change.position) for change in changes for who in sorted(told(change)))
        put(connection, table, rows)


def told(change: Change) -> frozenset[str]:
    """Who is told of it, by id."""
    if not change.is_own:
        return frozenset()
    on = day_in_oslo(change.entry.recorded_at)
    return hearers(Happening(change.event, change.before, change.after, change.roster, on))


class Notice(BaseModel):
    """An entry that somebody is told of, with the number of its case, and whether they have read
    it."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    entry: Entry
    number: str | None
    read: bool


def notices(
    database: Database,
    recipient: str,
    *,
    as_of: int,
    after: int = 0,
    limit: int = 100,
    hidden: Sequence[str] = (),
    unread: bool = False,
) -> list[Notice]:
    """What *recipient* had been told *as_of* a position, oldest first, after position *after*.
    Without what is *hidden* from them by now; *unread*: only what they have not read."""
    rows = database.rows(
        _COLUMNS
        + _OWN
        + "AND n.position > %(after)s AND n.position <= %(as_of)s ORDER BY n.position"
        + _JOINED
        + " LIMIT %(limit)s",
        recipient=recipient,
        after=after,
        as_of=as_of,
        limit=limit,
        hidden=list(hidden),
        unread=unread,
    )
    return [_notice(row) for row in rows]


def newest(
    database: Database,
    recipient: str,
    *,
    before: int,
    limit: int,
    hidden: Sequence[str],
    unread: bool = False,
) -> list[Notice]:
    """The same, the newest first, from the one before a position on."""
    rows = database.rows(
        _COLUMNS
        + _OWN
        + "AND n.position < %(before)s ORDER BY n.position DESC"
        + _JOINED
        + " DESC LIMIT %(limit)s",
        recipient=recipient,
        before=before,
        limit=limit,
        hidden=list(hidden),
        unread=unread,
    )
    return [_notice(row) for row in rows]


def unread(database: Database, recipient: str, *, hidden: Sequence[str], most: int) -> int:
    """How many *recipient* has not read, counted up to *most*."""
    rows = database.rows(
        "SELECT count(*) FROM (SELECT FROM notices n JOIN events e USING (position) "
        "WHERE n.recipient = %(recipient)s AND NOT e.stream_id = ANY(%(hidden)s) "
        "AND n.position > coalesce("
        "(SELECT position FROM notices_read WHERE person = %(recipient)s), 0) "
        "LIMIT %(most)s) AS few",
        recipient=recipient,
        hidden=list(hidden),
        most=most,
    )
    return int(rows[0][0])


_COLUMNS: LiteralString = "SELECT " + ENTRY + ", r.data ->> 'number', n.is_read FROM ("
_OWN: LiteralString = (
    "SELECT n.position, n.position <= coalesce(k.position, 0) AS is_read FROM notices n "
    "LEFT JOIN notices_read k ON k.person = n.recipient WHERE n.recipient = %(recipient)s "
    "AND (NOT %(unread)s OR n.position > coalesce(k.position, 0)) "
)
"""Whoever is told of much is read a page of it, and not all of it to be sorted: so these few stand
by themselves, in their order."""
_JOINED: LiteralString = (
    " OFFSET 0) n JOIN events e USING (position) "
    "LEFT JOIN events r ON r.stream_id = e.stream_id AND r.version = 1 "
    "WHERE NOT e.stream_id = ANY(%(hidden)s) ORDER BY n.position"
)


def _notice(row: TupleRow) -> Notice:
    return Notice(entry=entry(row[:-2]), number=row[-2], read=row[-1])


def mark_read(database: Database, recipient: str, position: int) -> int:
    """*recipient* has read all up to *position*, and never less than before; gives how far."""
    with database.connection() as connection:
        row = connection.execute(
            "INSERT INTO notices_read AS k VALUES (%(person)s, %(position)s) "
            "ON CONFLICT (person) DO UPDATE SET position = greatest(k.position, excluded.position) "
            "RETURNING position",
            {"person": recipient, "position": position},
        ).fetchone()
    return int(row[0]) if row else position

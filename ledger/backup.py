"""A backup: one municipality's ledger as it is at one moment, in one file.

What the file is like: `ledger/archive.py`; how it is put back: `ledger/restore.py`.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import LiteralString

from psycopg import sql

from ledger.archive import TABLES, Folder, Held, Manifest, Member, Packing, written
from ledger.bundle import NothingSigned, still
from ledger.checkpoints import Notary
from ledger.database import Connection

STEP = 5_000
"""Rows between two words about how far it has come."""
FORMS = ("SET LOCAL client_encoding = 'UTF8'", "SET LOCAL datestyle = 'ISO'")
"""What makes the same row the same bytes on every server."""

Progress = Callable[[int, int], object]
"""Told how much is done, and how much there is to do."""


def write(
    notary: Notary,
    accesses: Notary,
    file: Path,
    *,
    municipality: str | None,
    at: datetime,
    progress: Progress = lambda _done, _of: None,
) -> Manifest:
    """Write the ledger of *notary*, and the access log of *accesses*, to *file*, whole or not at
    all, in constant memory, while others write to them. Refuses with `NothingSigned` where nobody
    could check what is in it."""
    with written(file) as out, Packing(out) as packing:
        beside = _pack(accesses, packing, "accesses/", progress)
        manifest = Manifest(
            municipality=municipality,
            ledger=notary.name,
            made_at=at,
            accesses=beside,
            **dict(_pack(notary, packing, "", progress)),
        )
        packing.end(manifest)
    return manifest


def _pack(notary: Notary, packing: Packing, folder: Folder, progress: Progress) -> Held:
    """Put one ledger in, as it is at one moment."""
    with notary.database.connection() as connection, still(connection):
        for form in FORMS:
            connection.execute(form)
        return Held(
            checkpoint=_newest_note(connection),
            members=_copy_all(connection, packing, folder, progress),
            migration=_one(connection, "SELECT max(number) FROM migrations"),
            size=_one(connection, "SELECT size FROM head"),
        )


def _newest_note(connection: Connection) -> str:
    row = connection.execute("SELECT note FROM checkpoints ORDER BY number DESC LIMIT 1").fetchone()
    if row is None:
        raise NothingSigned
    return str(row[0])


def _copy_all(
    connection: Connection, packing: Packing, folder: Folder, progress: Progress
) -> tuple[Member, ...]:
    count = sql.SQL("SELECT count(*) FROM {}")
    rows = {name: _one(connection, count.format(sql.Identifier(name))) for name in TABLES}
    done, total = 0, sum(rows.values())
    members = []
    for table in TABLES:
        columns = columns_of(connection, table)
        lines = _lines(connection, table, columns, done, total, progress)
        members.append(packing.take(folder, table, columns, lines))
        done += rows[table]
    progress(total, total)
    return tuple(members)


def _lines(
    connection: Connection,
    table: str,
    columns: tuple[str, ...],
    done: int,
    total: int,
    progress: Progress,
) -> Iterator[bytes]:
    query = sql.SQL("COPY (SELECT {columns} FROM {table} ORDER BY {order}) TO STDOUT").format(
        columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
        table=sql.Identifier(table),
        order=sql.SQL(TABLES[table]),
    )
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        for number, line in enumerate(copy, 1):
            if number % STEP == 0:
                progress(done + number, total)
            yield bytes(line)


def columns_of(connection: Connection, table: str) -> tuple[str, ...]:
    """The columns of *table* in the schema on the search path, in their order; none where there is
    no such table."""
    rows = connection.execute(
        "SELECT column_name FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND table_name = %s ORDER BY ordinal_position",
        (table,),
    )
    return tuple(name for (name,) in rows.fetchall())


def _one(connection: Connection, query: sql.Composed | LiteralString) -> int:
    row = connection.execute(query).fetchone()
    assert row is not None  # noqa: S101 - a count, or a row that the migration made
    return int(row[0])

"""What was erased, kept outside the database too, and what was found when it was looked for."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock

import psycopg
from psycopg import sql
from pydantic import BaseModel, ConfigDict

from domain.event import utc
from ledger.checkpoints import write_whole
from ledger.database import Connection, Database

TEXTUAL = ("text", "jsonb", "json", "ARRAY", "character varying")
"""Types of columns that words could stand in."""
NO_LOG = ("the database server's own log", "as long as whoever runs that server keeps it")
"""Said where the log is not ours to look through."""
STILL_IN = (
    ("write-ahead log", "until PostgreSQL has recycled its files, and their archive has ended"),
    ("backups", "until they have expired; a restore erases again what this ledger's list names"),
    ("bundles and lists", "as long as those keep them who got them before"),
    ("free space in data files", "until PostgreSQL or the disk has written over it"),
)
"""Where erased words live on for a while, and until when."""


@dataclass(frozen=True)
class ErasedText:
    """That a text was erased. `case_id`: the stream that it belonged to, a case's or another's;
    `erased_at`: the time of recording, RFC 3339."""

    position: int
    case_id: str
    text_id: str
    legal_basis: str
    asked_by: str
    erased_at: str


class ErasureList:
    """The erasures of one ledger in a file of its own, so that restoring an older backup does not
    bring back what was erased since."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._writing = Lock()

    def all(self) -> list[ErasedText]:
        """Oldest first."""
        try:
            lines = self.file.read_text().splitlines()
        except FileNotFoundError:
            return []
        return [ErasedText(**json.loads(line)) for line in lines]

    def follow(self, database: Database) -> int:
        """Take in what was erased since; gives how many erasures the list then holds."""
        with self._writing:
            known = self.all()
            seen = {(one.position, one.text_id) for one in known}
            since = [one for one in _recorded(database) if (one.position, one.text_id) not in seen]
            if since:
                lines = [json.dumps(asdict(one)) + "\n" for one in (*known, *since)]
                write_whole(self.file, "".join(lines).encode())
            return len(known) + len(since)


def _recorded(database: Database) -> Iterator[ErasedText]:
    rows = database.rows(
        "SELECT position, stream_id, data ->> 'text_id', data ->> 'legal_basis', "
        "data ->> 'asked_by', recorded_at FROM events WHERE name = 'TextErased' ORDER BY position"
    )
    return (
        ErasedText(position, case_id, text_id, basis, asked_by, utc(recorded_at))
        for position, case_id, text_id, basis, asked_by, recorded_at in rows
    )


# Looking for what was erased.


class Looked(BaseModel):
    """A place that was looked at, and how often the words were found there."""

    model_config = ConfigDict(frozen=True)

    place: str
    found: int


def clean(database: Database) -> bool:
    """Sweep the rows of erased words, and build the indexes of words anew, since an index keeps
    words after their rows are gone. False where that could not be done just now, or where this
    server lets only an owner sweep (before PostgreSQL 17): then autovacuum does, within minutes."""
    with database.connect(lock_timeout="3s") as connection:
        try:
            for table in _indexed(connection):
                name = sql.Identifier(table)
                connection.execute(sql.SQL("VACUUM (ANALYZE) {}").format(name))
                connection.execute(sql.SQL("REINDEX TABLE {}").format(name))
            connection.execute("VACUUM (ANALYZE) texts")
        except (psycopg.errors.LockNotAvailable, psycopg.errors.UndefinedTable):
            return False  # somebody holds on to it, or a view was built anew in its place
        return _may_sweep(connection)


def _may_sweep(connection: Connection) -> bool:
    """Where the right is missing, VACUUM only warns."""
    asked = "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = 'texts'::regclass"
    row = connection.execute(asked).fetchone()
    if connection.info.server_version >= 170000 and not (row and row[0]):
        row = connection.execute("SELECT has_table_privilege('texts', 'MAINTAIN')").fetchone()
    return bool(row and row[0])


def _indexed(connection: Connection) -> list[str]:
    """The tables by which words are found: they name the text."""
    rows = connection.execute(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = current_schema() "
        "AND column_name = 'text_id' AND data_type = 'uuid' ORDER BY 1"
    )
    return [name for (name,) in rows.fetchall()]


def look(database: Database, text_id: str, words: str | None, logs: Sequence[Path]) -> list[Looked]:
    """Look for a text everywhere: by its id where words are kept and indexed, and by its *words*,
    if they are still known, in every column of every table that could hold some, in the planner's
    statistics and in *logs*."""
    with database.connection() as connection:
        by_id = {"texts": "id", **dict.fromkeys(_indexed(connection), "text_id")}
        found = [_by_id(connection, *where, text_id) for where in by_id.items()]
        if words is None:
            return found
        found += filter(None, (_in_table(connection, one, words) for one in _tables(connection)))
        found.append(_in_statistics(connection, words))
    return found + [_in_log(log, words) for log in logs]


def _by_id(connection: Connection, table: str, column: str, text_id: str) -> Looked:
    query = sql.SQL("SELECT count(*) FROM {} WHERE {} = %s").format(
        sql.Identifier(table), sql.Identifier(column)
    )
    row = connection.execute(query, (text_id,)).fetchone()
    return Looked(place=f"{table}, by the text's id", found=row[0] if row else 0)


def _tables(connection: Connection) -> list[str]:
    rows = connection.execute(
        "SELECT table_name FROM information_schema.tables "
        "WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY 1"
    )
    return [name for (name,) in rows.fetchall()]


def _in_table(connection: Connection, table: str, words: str) -> Looked | None:
    """None where words cannot stand. In JSON they may stand escaped, so that form is looked for
    too."""
    columns = connection.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() "
        "AND table_name = %s AND data_type = ANY(%s) ORDER BY 1",
        (table, list(TEXTUAL)),
    ).fetchall()
    if not columns:
        return None
    holds = sql.SQL(" OR ").join(
        sql.SQL("strpos({c}::text, %(words)s) > 0 OR strpos({c}::text, %(escaped)s) > 0").format(
            c=sql.Identifier(column)
        )
        for (column,) in columns
    )
    query = sql.SQL("SELECT count(*) FROM {} WHERE {}").format(sql.Identifier(table), holds)
    escaped = json.dumps(words, ensure_ascii=False)[1:-1]
    row = connection.execute(query, {"words": words, "escaped": escaped}).fetchone()
    return Looked(place=table, found=row[0] if row else 0)


def _in_statistics(connection: Connection, words: str) -> Looked:
    row = connection.execute(
        "SELECT count(*) FROM pg_stats WHERE schemaname = current_schema() AND strpos(concat("
        "most_common_vals::text, histogram_bounds::text, most_common_elems::text), %s) > 0",
        (words,),
    ).fetchone()
    return Looked(place="planner statistics", found=row[0] if row else 0)


def _in_log(log: Path, words: str) -> Looked:
    """Line by line, as a log writes what has several. A line may lie across the border of two
    pieces, so each is read with the end of the last."""
    lines = [line.strip().encode() for line in words.splitlines() if line.strip()]
    longest, kept, found = max(map(len, lines), default=1), b"", 0
    with log.open("rb") as opened:
        while piece := opened.read(1_000_000):
            found += sum((kept + piece).count(one) - kept.count(one) for one in lines)
            kept = (kept + piece)[-longest + 1 :] if longest > 1 else b""
    return Looked(place=f"log {log.name}", found=found)

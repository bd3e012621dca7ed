"""What was erased, kept outside the database too, and what was found when it was looked for."""

import json
from collections.abc import Iterator, Mapping, Sequence
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
STILL_IN = (
    ("write-ahead log", "until PostgreSQL has recycled its files, and their archive has ended"),
    ("backups", "until they have expired; a restore erases again what this ledger's list names"),
    ("free space in data files", "until PostgreSQL or the disk has written over it"),
)
"""Where erased words live on for a while, and until when."""


@dataclass(frozen=True)
class ErasedText:
    """That a text of a case was erased. `erased_at` is the time of recording, RFC 3339."""

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


def clean(database: Database, index_of: Sequence[str]) -> bool:
    """Sweep the rows of erased words, and build the indexes of the tables *index_of* anew, since an
    index keeps words after their rows are gone. False where this server lets only an owner sweep
    (before PostgreSQL 17): its autovacuum then does, within minutes."""
    with database.connect() as connection:
        for table in index_of:
            name = sql.Identifier(table)
            connection.execute(sql.SQL("VACUUM (ANALYZE) {}").format(name))
            connection.execute(sql.SQL("REINDEX TABLE CONCURRENTLY {}").format(name))
        try:
            connection.execute("VACUUM (ANALYZE) texts")
        except psycopg.errors.InsufficientPrivilege:
            return False
    return True


def look(
    database: Database,
    text_id: str,
    words: str,
    *,
    indexes: Mapping[str, str],
    logs: Sequence[Path],
) -> list[Looked]:
    """Look for a text everywhere: by its id in `texts` and where words are indexed (*indexes*: the
    column of the text's id by table), and by its *words* in every column of every table, in the
    planner's statistics and in *logs*."""
    with database.connection() as connection:
        by_id = {"texts": "id", **indexes}
        found = [_by_id(connection, *where, text_id) for where in by_id.items()]
        found += [_in_table(connection, table, words) for table in _tables(connection)]
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


def _in_table(connection: Connection, table: str, words: str) -> Looked:
    """In JSON a word may stand escaped, so it is looked for in that form too."""
    columns = connection.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() "
        "AND table_name = %s AND data_type = ANY(%s) ORDER BY 1",
        (table, list(TEXTUAL)),
    ).fetchall()
    if not columns:
        return Looked(place=table, found=0)
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
    """A word may lie across the border of two pieces, so each is read with the end of the last."""
    wanted, kept, found = words.encode(), b"", 0
    with log.open("rb") as opened:
        while piece := opened.read(1_000_000):
            found += (kept + piece).count(wanted) - kept.count(wanted)
            kept = piece[-len(wanted) + 1 :] if len(wanted) > 1 else b""
    return Looked(place=f"log {log.name}", found=found)

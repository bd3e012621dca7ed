"""Putting a backup back: it is made whole beside what is there, checked, and then switched in.

Until the switch, which is one transaction, nothing that was there is touched. What a killed restore
leaves is a schema that no registry lists; the next restore of that ledger drops it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count, pairwise
from typing import LiteralString

import psycopg
from psycopg import sql

from domain.lives import EVENTS
from ledger import live, schema
from ledger.archive import (
    TABLES,
    Archive,
    BackupRefused,
    Damaged,
    Held,
    MadeByNewer,
    Manifest,
    Member,
    NotABackup,
)
from ledger.backup import FORMS, columns_of
from ledger.checkpoints import Notary
from ledger.database import jobs_of
from ledger.live import Progress
from ledger.presence import InUse
from ledger.signing import SigningKey
from ledger.verifier import Checkpoint


class LedgerExists(BackupRefused):
    """This municipality has a ledger here. Say --replace to put the backup in its place: the
    present one is then kept beside it, under another name."""


class AnotherMunicipality(BackupRefused):
    """The ledger of another municipality has the name here that this backup's must have."""


class PromiseUnreadable(BackupRefused):
    """The checkpoint in the data directory cannot be read, so nobody can tell what is lost. Put it
    back from a copy, or the newest one that somebody kept in its place."""


@dataclass(frozen=True)
class Found:
    """A ledger in whose place the backup's goes. `size`: None where it cannot be read."""

    schema: str
    size: int | None


def staging(name: str) -> str:
    """The schema in which the ledger *name* is made."""
    return f"{name}_restoring"


def refuse_newer(manifest: Manifest) -> None:
    held = [manifest, *([manifest.accesses] if manifest.accesses is not None else [])]
    if any(one.migration > schema.newest() for one in held):
        raise MadeByNewer
    if any(one.migration < 1 for one in held) or schema.is_reserved(manifest.ledger):
        raise NotABackup


def in_the_way(owner_url: str, manifest: Manifest, *, replace: bool) -> list[Found]:
    """The ledgers in whose place the backup's goes: that of its municipality, and an empty one
    that waits for a name. Refuses, unless it may *replace*, where anything was recorded in one."""
    there = schema.ledgers(owner_url)
    if there.get(manifest.ledger) not in {None, manifest.municipality}:
        raise AnotherMunicipality
    with psycopg.connect(owner_url, autocommit=True, connect_timeout=5) as connection:
        found = [Found(name, _size(connection, name)) for name in there]
    named = {manifest.ledger} | {
        name for name, key in there.items() if key is not None and key == manifest.municipality
    }
    displaced = [
        one for one in found if one.schema in named or (there[one.schema] is None and one.size == 0)
    ]
    if any(one.size != 0 for one in displaced) and not replace:
        raise LedgerExists
    return displaced


def _size(connection: psycopg.Connection, name: str) -> int | None:
    query = sql.SQL("SELECT size FROM {}.head").format(sql.Identifier(name))
    try:
        with connection.transaction():
            row = connection.execute(query).fetchone()
    except psycopg.ProgrammingError:
        return None
    return int(row[0]) if row else None


# Making it.


def load(
    owner_url: str, archive: Archive, held: Held, staged: str, writer: str, progress: Progress
) -> None:
    """Make one ledger of the backup in the schema *staged*, brought up to date. Refuses a file that
    is not what its manifest says."""
    if staged in schema.ledgers(owner_url):
        raise AnotherMunicipality
    options = {"options": "-c timezone=UTC", "connect_timeout": 5}
    with psycopg.connect(owner_url, **options) as connection:  # type: ignore[arg-type]
        schema.stage(connection, staged, held.migration)
        for form in FORMS:
            connection.execute(form)
        _refuse_other_tables(connection, held)
        done = 0
        for member in held.members:
            _copy_in(connection, member, _told(archive.chunks(member), done, held, progress))
            done += member.bytes
        _refuse_other_contents(connection, held)
        _count_on(connection)
        schema.bring_up(connection, staged, writer)
        for held_back in HELD_BACK:
            connection.execute(held_back)


HELD_BACK: tuple[LiteralString, ...] = (
    "UPDATE outbox SET state = 'restored', settled_at = clock_timestamp() WHERE state = 'pending'",
    "UPDATE webhooks SET parked_at = now(), problem = 'restored' WHERE deleted_at IS NULL",
    "UPDATE outbox_begins SET position = (SELECT size FROM head)",
)
"""Nothing goes out by itself of what the backup holds: it may have been sent since, and a webhook
may have been deleted. Whoever administers it looks, and releases it."""


def _told(chunks: Iterator[bytes], done: int, held: Held, progress: Progress) -> Iterator[bytes]:
    for chunk in chunks:
        yield chunk
        done += len(chunk)
        progress(done, held.bytes)


def _refuse_other_tables(connection: psycopg.Connection, held: Held) -> None:
    """The tables and columns must be those that its migration made."""
    there = {table: columns_of(connection, table) for table in TABLES}
    made = {table: columns for table, columns in there.items() if columns}
    if {member.table: member.columns for member in held.members} != made:
        raise NotABackup


def _copy_in(connection: psycopg.Connection, member: Member, chunks: Iterator[bytes]) -> None:
    table = sql.Identifier(member.table)
    if member.table in {"head", "tree"}:
        connection.execute(sql.SQL("DELETE FROM {}").format(table))  # the migration made a row
    query = sql.SQL("COPY {table} ({columns}) FROM STDIN").format(
        table=table, columns=sql.SQL(", ").join(map(sql.Identifier, member.columns))
    )
    with connection.cursor() as cursor:
        try:
            with cursor.copy(query) as copy:
                for chunk in chunks:
                    copy.write(chunk)
        except (psycopg.DataError, psycopg.IntegrityError):
            raise Damaged(member.table) from None
        if cursor.rowcount != member.rows:
            raise Damaged(member.table)
    connection.execute(sql.SQL("ANALYZE {}").format(table))


_COUNTER = """
SELECT (SELECT count(*) FROM head) = 1 AND h.size = %(size)s
    AND h.size = (SELECT count(*) FROM events)
    AND h.recorded_at >= coalesce((SELECT max(recorded_at) FROM events), 'epoch')
    AND h.structure_at = coalesce((SELECT max(position) FROM events WHERE stream_type <> 'case'), 0)
    AND ARRAY[h.numbered_year, h.last_number] = coalesce((
        SELECT string_to_array(data ->> 'number', '-')::int[] FROM events
        WHERE name = 'CaseRaised' ORDER BY position DESC LIMIT 1), '{0,0}')
FROM head h
"""
"""Whether the counter row is what the events say."""
_TREE = """
SELECT (SELECT count(*) FROM tree) = 1
    AND (SELECT count(*) FROM subtrees) = t.size - length(replace(t.size::bit(63)::text, '0', ''))
FROM tree t
"""
"""Whether there are as many complete subtrees as a tree of that size has."""
_NEWEST = "SELECT note = %(note)s FROM checkpoints ORDER BY number DESC LIMIT 1"
_FORMS = "SELECT name, max(schema_version) FROM events GROUP BY name"


def _refuse_other_contents(connection: psycopg.Connection, held: Held) -> None:
    """What the proof does not cover: the counter, how full the tree is, and which checkpoint the
    manifest says is the newest. And events that only a newer version can read."""
    facts = {"size": held.size, "note": held.checkpoint}
    for query, table in ((_COUNTER, "head"), (_TREE, "tree"), (_NEWEST, "checkpoints")):
        row = connection.execute(query, facts).fetchone()
        if row is None or not row[0]:
            raise Damaged(table)
    for name, version in connection.execute(_FORMS).fetchall():
        if name not in EVENTS or version > EVENTS[name].VERSION:
            raise MadeByNewer


def _count_on(connection: psycopg.Connection) -> None:
    """Numbers that PostgreSQL gives go on after those that were copied."""
    counted = connection.execute(
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND is_identity = 'YES'"
    ).fetchall()
    for table, column in counted:
        query = sql.SQL(
            "SELECT setval(pg_get_serial_sequence(%s, %s), "
            "(SELECT coalesce(max({column}), 0) + 1 FROM {table}), false)"
        ).format(column=sql.Identifier(column), table=sql.Identifier(table))
        connection.execute(query, (table, column))


# Checking it.


def hand_over(notary_of: Callable[[SigningKey], Notary], keys: Sequence[SigningKey]) -> None:
    """A backup from before the key was changed lists only keys of that time: let each of *keys*
    (oldest first) that came later be introduced again by the one before it."""
    origin = notary_of(keys[-1]).origin
    listed = notary_of(keys[-1]).listed_keys()
    own = [key.vkey(origin) for key in keys]
    if listed and listed[-1].vkey in own:
        for key, successor in pairwise(keys[own.index(listed[-1].vkey) :]):
            notary_of(key).rotate(successor)


def promise(notary: Notary) -> Checkpoint | None:
    """The checkpoint that is kept outside the database."""
    try:
        return notary.promised()
    except ValueError:
        raise PromiseUnreadable from None


def beyond(notary: Notary, size: int) -> Checkpoint | None:
    """The same, where it is over more than a ledger of *size* holds."""
    promised = promise(notary)
    return promised if promised is not None and promised.size > size else None


def examine(notary: Notary, size: int, progress: Progress) -> None:
    """Check the whole ledger against its own checkpoints, and the one outside the database. That
    one may be over more than the ledger's *size*; what it holds must be unaltered all the same."""
    judge = notary if beyond(notary, size) is None else notary.without_promise()
    verdict = live.verify(judge, language="en", progress=progress)
    if not verdict.ok:
        raise BackupRefused(f"{verdict.what} The backup was not put back.")


def goes_on_from(notary: Notary, held: Held) -> bool:
    """Whether the log of *notary* begins with all that the backup *held* had signed."""
    signed = Checkpoint.parse(held.checkpoint.partition("\n\n")[0] + "\n")
    try:
        return notary.tree.grow() >= signed.size and notary.tree.root(signed.size) == signed.root
    except (psycopg.errors.UndefinedTable, KeyError):
        return False


def wipe(owner_url: str, staged: str, text_ids: Sequence[str]) -> int:
    """Delete these texts before anybody can read them; gives how many were there."""
    query = sql.SQL("DELETE FROM {}.texts WHERE id = ANY(%s)").format(sql.Identifier(staged))
    with psycopg.connect(owner_url, connect_timeout=5) as connection:
        return connection.execute(query, (list(text_ids),)).rowcount


# Switching.


def switch(
    connection: psycopg.Connection,
    staged: str,
    manifest: Manifest,
    displaced: Sequence[Found],
    at: datetime,
    *,
    accesses: str | None,
) -> list[str]:
    """Let *staged* take its place, in one transaction; gives the schemas in which those are kept
    that were there. *accesses*: the schema of the access log that comes with it; None where the one
    that is there goes on. *connection* is the one by which nobody else is at work there: where it
    is lost, nothing happens."""
    own = schema.beside(manifest.ledger)
    logs = [schema.beside(one.schema) for one in displaced]
    with schema.registering(connection):
        kept = [_lay_aside(connection, one, at) for one in displaced]
        aside = {*logs, own} - ({own} if accesses is None else set())
        kept += [_lay_log_aside(connection, log, at) for log in sorted(aside)]
        _rename(connection, staged, manifest.ledger)
        if accesses is not None:
            _rename(connection, accesses, own)
        connection.execute(
            "INSERT INTO loft.ledgers (schema, key) VALUES (%s, %s)",
            (manifest.ledger, manifest.municipality),
        )
    return [name for name in kept if name is not None]


def _lay_aside(connection: psycopg.Connection, one: Found, at: datetime) -> str | None:
    """The name under which it is kept from now on; None for an empty one, which is not."""
    if _size(connection, one.schema) != one.size:
        raise InUse
    connection.execute("DELETE FROM loft.ledgers WHERE schema = %s", (one.schema,))
    discard_in(connection, jobs_of(one.schema))
    if one.size == 0:
        discard_in(connection, one.schema)
        return None
    kept = _free_name(connection, f"{one.schema[:36]}_before_{at:%Y%m%dt%H%M%S}")
    _rename(connection, one.schema, kept)
    return kept


def _lay_log_aside(connection: psycopg.Connection, log: str, at: datetime) -> str | None:
    """The same of an access log, which may not be there."""
    size = _size(connection, log)
    if size is None:
        return None
    if size == 0:
        discard_in(connection, log)
        return None
    kept = _free_name(connection, f"{log[:45]}_before_{at:%Y%m%d}")
    _rename(connection, log, kept)
    return kept


def _rename(connection: psycopg.Connection, present: str, following: str) -> None:
    connection.execute(
        sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(
            sql.Identifier(present), sql.Identifier(following)
        )
    )


def _free_name(connection: psycopg.Connection, wanted: str) -> str:
    rows = connection.execute("SELECT nspname FROM pg_namespace").fetchall()
    names = chain([wanted], (f"{wanted}_{n}" for n in count(2)))
    return next(name for name in names if (name,) not in rows)


def discard(owner_url: str, staged: str) -> None:
    """Drop what was made, where it was not switched in."""
    with psycopg.connect(owner_url, autocommit=True, connect_timeout=5) as connection:
        discard_in(connection, staged)


def discard_in(connection: psycopg.Connection, name: str) -> None:
    connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(name)))

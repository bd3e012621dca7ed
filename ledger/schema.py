"""The installation's ledgers, and the migrations that bring their schemas up to date."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import LiteralString

import psycopg
from psycopg import sql

from ledger import jobs
from ledger.database import READER

REGISTRY = "loft"
"""The schema that lists the ledgers."""
UNNAMED = "municipality"
"""The schema of a ledger into which nothing has been imported yet."""


def beside(schema: str) -> str:
    """The schema of the access log that belongs to the ledger in *schema*."""
    return f"{schema}_accesses"


class NoSuchLedger(Exception):
    """There is no municipality with this key here. `loft status` lists those that there are."""


class SeveralLedgers(Exception):
    """Several municipalities live here. Say which one with --municipality KEY."""


@contextmanager
def _alone(owner_url: str) -> Iterator[psycopg.Connection]:
    """A transaction that no other migration runs beside."""
    with psycopg.connect(owner_url, connect_timeout=5) as connection, registering(connection):
        yield connection


def ledgers(owner_url: str) -> dict[str, str | None]:
    """Each ledger's schema, and its municipality's key once one has been imported."""
    with _alone(owner_url) as connection:
        _migrate_registry(connection)
        rows = connection.execute("SELECT schema, key FROM loft.ledgers ORDER BY schema")
        return dict(rows.fetchall())


def choose(owner_url: str, key: str | None) -> str:
    """The schema of the ledger to open: the one asked for, else the only one, else a new one."""
    there = ledgers(owner_url)
    if key is not None:
        found = [schema for schema, name in there.items() if name == key]
        if not found:
            raise NoSuchLedger
        return found[0]
    if len(there) > 1:
        raise SeveralLedgers
    return next(iter(there), UNNAMED)


def claim(owner_url: str, key: str) -> str:
    """The schema of municipality *key*: its own, else the one that waits for a name, else new."""
    with _alone(owner_url) as connection:
        _migrate_registry(connection)
        row = connection.execute(
            "SELECT schema FROM loft.ledgers WHERE key = %(key)s OR key IS NULL "
            "ORDER BY key NULLS LAST, schema LIMIT 1",
            {"key": key},
        ).fetchone()
        schema = row[0] if row else _schema_for(key)
        connection.execute(
            "INSERT INTO loft.ledgers (schema, key) VALUES (%(schema)s, %(key)s) "
            "ON CONFLICT (schema) DO UPDATE SET key = %(key)s",
            {"schema": schema, "key": key},
        )
        return schema


def _schema_for(key: str) -> str:
    name = re.sub(r"[^a-z0-9]", "_", key)[:50]
    return f"m_{name}" if name == UNNAMED or is_reserved(name) else name


def is_reserved(name: str) -> bool:
    """A name of PostgreSQL's own, or of this registry's, is no municipality's."""
    return name in {REGISTRY, "public", "information_schema"} or name.startswith("pg_")


def migrate(owner_url: str, schema: str, writer: str) -> None:
    """Bring *schema* and the access log beside it up to date, and let the role *writer* append to
    them and read them."""
    with _alone(owner_url) as connection:
        _migrate_registry(connection)
        connection.execute(
            "INSERT INTO loft.ledgers (schema) VALUES (%s) ON CONFLICT DO NOTHING", (schema,)
        )
        bring_up(connection, schema, writer)
        bring_up(connection, beside(schema), writer)
        jobs.bring_up(connection, schema, writer)


def is_current(connection: psycopg.Connection) -> bool:
    """Whether the schema on the search path has every migration that this version knows."""
    row = connection.execute("SELECT max(number) FROM migrations").fetchone()
    return row is not None and row[0] == newest()


def newest() -> int:
    """The number of the last migration that this version knows."""
    return len(_steps("ledger"))


def stage(connection: psycopg.Connection, schema: str, number: int) -> None:
    """An empty ledger in *schema*, whatever was there, as it was after migration *number*. No
    registry lists it."""
    connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema)))
    _migrate(connection, schema, "ledger", upto=number)


def bring_up(connection: psycopg.Connection, schema: str, writer: str) -> None:
    """Bring a staged ledger up to date, with the rights that *writer* has in any."""
    _migrate(connection, schema, "ledger")
    _grant(connection, schema, writer)


@contextmanager
def registering(connection: psycopg.Connection) -> Iterator[None]:
    """A transaction in which the list of ledgers may be changed: no other changes it meanwhile."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('loft migrations'))")
        yield


def create_writer(owner_url: str, writer: str) -> None:
    """The role that the application uses in an embedded server."""
    with _alone(owner_url) as connection:
        known = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (writer,)).fetchone()
        if known is None:
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(writer)))


def _create_reader(connection: psycopg.Connection) -> None:
    """The role that reads are bounded by. It is the server's, so another database may just have
    made it."""
    connection.execute(
        sql.SQL(
            "DO $$ BEGIN IF to_regrole({name}) IS NULL THEN CREATE ROLE {role} NOLOGIN; END IF; "
            "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        ).format(name=sql.Literal(READER), role=sql.Identifier(READER))
    )


def _migrate_registry(connection: psycopg.Connection) -> None:
    _migrate(connection, REGISTRY, "installation")


def _migrate(
    connection: psycopg.Connection, schema: str, kind: str, upto: int | None = None
) -> None:
    name = sql.Identifier(schema)
    if kind == "ledger":
        _create_reader(connection)
    connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(name))
    connection.execute(sql.SQL("SET LOCAL search_path = {}").format(name))
    connection.execute(
        "CREATE TABLE IF NOT EXISTS migrations (number int PRIMARY KEY, name text NOT NULL, "
        "applied_at timestamptz NOT NULL DEFAULT clock_timestamp())"
    )
    done = {row[0] for row in connection.execute("SELECT number FROM migrations").fetchall()}
    for number, (title, statements) in enumerate(_steps(kind)[:upto], start=1):
        if number not in done:
            connection.execute(statements)
            connection.execute("INSERT INTO migrations VALUES (%s, %s)", (number, title))


def _steps(kind: str) -> list[tuple[str, LiteralString]]:
    """Each migration's name and statements, in order. They are files of this package."""
    folder = files("ledger") / "migrations" / kind
    found = [file for file in folder.iterdir() if file.name.endswith(".sql")]
    found.sort(key=lambda file: file.name)
    return [(file.name, file.read_text()) for file in found]


def _grant(connection: psycopg.Connection, schema: str, writer: str) -> None:
    """What is recorded: read and add. Words: also delete, for erasure. Never update any. The
    writer sees all rows, and may read as one who sees few."""
    names = {
        "schema": sql.Identifier(schema),
        "writer": sql.Identifier(writer),
        "reader": sql.Identifier(READER),
    }
    grants: tuple[LiteralString, ...] = (
        "GRANT USAGE, CREATE ON SCHEMA {schema} TO {writer}",
        "GRANT SELECT, INSERT ON {schema}.events, {schema}.commands TO {writer}",
        "GRANT SELECT, INSERT, DELETE ON {schema}.texts TO {writer}",
        "GRANT SELECT, UPDATE ON {schema}.head, {schema}.tree TO {writer}",
        "GRANT SELECT, INSERT ON {schema}.subtrees, {schema}.checkpoints TO {writer}",
        "GRANT SELECT, INSERT ON {schema}.signing_keys, {schema}.certificates TO {writer}",
        "GRANT SELECT, INSERT, UPDATE ON {schema}.tokens TO {writer}",
        "GRANT SELECT, INSERT ON {schema}.identities TO {writer}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.calendars TO {writer}",
        "GRANT SELECT, INSERT, DELETE ON {schema}.invitations, {schema}.sign_ins TO {writer}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.sessions TO {writer}",
        "GRANT SELECT, UPDATE ON {schema}.follower TO {writer}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.views, {schema}.parked TO {writer}",
        "GRANT SELECT, INSERT, UPDATE ON {schema}.restrictions TO {writer}",
        "GRANT SELECT ON {schema}.migrations, {schema}.outbox_begins TO {writer}",
        "GRANT SELECT, INSERT, UPDATE ON {schema}.outbox, {schema}.webhooks TO {writer}",
        "GRANT SELECT, INSERT, UPDATE ON {schema}.notices_read TO {writer}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.notice_choices TO {writer}",
        "GRANT USAGE ON SCHEMA {schema} TO {reader}",
        "GRANT SELECT ON {schema}.events, {schema}.texts TO {reader}",
        "GRANT SELECT ON {schema}.restrictions, {schema}.follower, {schema}.parked TO {reader}",
    )
    if connection.info.server_version >= 170000:  # before, only an owner vacuums
        grants += ("GRANT MAINTAIN ON {schema}.texts TO {writer}",)
    for grant in grants:
        connection.execute(sql.SQL(grant).format(**names))
    _let_read(connection, schema, writer)


def _let_read(connection: psycopg.Connection, schema: str, writer: str) -> None:
    """Only what is missing is added: each of these waits for whoever is at work."""
    names = {"writer": sql.Identifier(writer), "reader": sql.Identifier(READER)}
    known = connection.execute(
        "SELECT FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid "
        "JOIN pg_roles w ON w.oid = m.member WHERE r.rolname = %s AND w.rolname = %s",
        (READER, writer),
    ).fetchone()
    if known is None:
        connection.execute(sql.SQL("GRANT {reader} TO {writer}").format(**names))
    for table in ("events", "texts"):
        sees_all = connection.execute(
            "SELECT FROM pg_policies WHERE schemaname = %s AND tablename = %s "
            "AND policyname = 'writer' AND %s = ANY(roles)",
            (schema, table, writer),
        ).fetchone()
        if sees_all is None:
            on = sql.Identifier(schema, table)
            connection.execute(sql.SQL("DROP POLICY IF EXISTS writer ON {}").format(on))
            connection.execute(
                sql.SQL(
                    "CREATE POLICY writer ON {on} TO {writer} USING (true) WITH CHECK (true)"
                ).format(on=on, **names)
            )

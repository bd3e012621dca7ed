"""The queue of procrastinate beside a ledger. Its jobs only wake those who look into the outbox, so
it holds nothing that could not be made anew: no backup has it, and a newer version replaces it."""

from importlib.metadata import version
from importlib.resources import files

import psycopg
from psycopg import sql

from ledger.database import jobs_of

LIBRARY = "procrastinate"


def bring_up(connection: psycopg.Connection, schema: str, writer: str) -> None:
    """The queue beside the ledger in *schema*, as the library that is installed wants it, for the
    role *writer* to work with."""
    name = jobs_of(schema)
    made_by = f"{LIBRARY} {version(LIBRARY)}"
    if _comment(connection, name) != made_by:
        _make(connection, name, made_by)
    names = {"jobs": sql.Identifier(name), "writer": sql.Identifier(writer)}
    for grant in (
        "GRANT USAGE ON SCHEMA {jobs} TO {writer}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {jobs} TO {writer}",
        "GRANT USAGE ON ALL SEQUENCES IN SCHEMA {jobs} TO {writer}",
    ):
        connection.execute(sql.SQL(grant).format(**names))


def _comment(connection: psycopg.Connection, name: str) -> str | None:
    row = connection.execute(
        "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = %s", (name,)
    ).fetchone()
    return row[0] if row else None


def _make(connection: psycopg.Connection, name: str, made_by: str) -> None:
    names = {"jobs": sql.Identifier(name), "made_by": sql.Literal(made_by)}
    connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {jobs} CASCADE").format(**names))
    connection.execute(sql.SQL("CREATE SCHEMA {jobs}").format(**names))
    connection.execute(sql.SQL("COMMENT ON SCHEMA {jobs} IS {made_by}").format(**names))
    connection.execute(sql.SQL("SET LOCAL search_path = {jobs}").format(**names))
    connection.execute((files(LIBRARY) / "sql" / "schema.sql").read_bytes())

"""What is recorded is never changed: by the application's role, nor by who owns the tables."""

from collections.abc import Iterator
from functools import partial

import psycopg
import pytest
from psycopg import errors, sql

from api.installation import WRITER, OpenLedger
from ledger import schema
from ledger.database import READER, Database
from tests.conftest import SCHEMA, Server
from tests.lives import Town, as_owner, in_threads, settled

GRANTED = {
    "events": {"SELECT", "INSERT"},
    "commands": {"SELECT", "INSERT"},
    "texts": {"SELECT", "INSERT", "DELETE", "MAINTAIN"},
    "head": {"SELECT", "UPDATE"},
    "tree": {"SELECT", "UPDATE"},
    "subtrees": {"SELECT", "INSERT"},
    "checkpoints": {"SELECT", "INSERT"},
    "signing_keys": {"SELECT", "INSERT"},
    "certificates": {"SELECT", "INSERT"},
    "tokens": {"SELECT", "INSERT", "UPDATE"},
    "identities": {"SELECT", "INSERT"},
    "invitations": {"SELECT", "INSERT", "DELETE"},
    "sign_ins": {"SELECT", "INSERT", "DELETE"},
    "sessions": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "calendars": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "follower": {"SELECT", "UPDATE"},
    "views": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "parked": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "restrictions": {"SELECT", "INSERT", "UPDATE"},
    "migrations": {"SELECT"},
    "outbox": {"SELECT", "INSERT", "UPDATE"},
    "outbox_begins": {"SELECT"},
    "webhooks": {"SELECT", "INSERT", "UPDATE"},
    "notices_read": {"SELECT", "INSERT", "UPDATE"},
    "notice_choices": {"SELECT", "INSERT", "UPDATE", "DELETE"},
}
PRIVILEGES = (
    "SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN",
)  # fmt: skip
LEDGER = [
    (1, "0001_ledger.sql"), (2, "0002_proof.sql"), (3, "0003_readers.sql"),
    (4, "0004_accesses.sql"), (5, "0005_tokens.sql"), (6, "0006_sign_in.sql"),
    (7, "0007_restrictions.sql"), (8, "0008_meetings.sql"), (9, "0009_orders.sql"),
    (10, "0010_notices.sql"), (11, "0011_append.sql"),
]  # fmt: skip
"""The migrations of a ledger."""
UPDATES = (
    "UPDATE events SET actor = actor",
    "UPDATE events SET leaf_hash = leaf_hash WHERE false",
    "UPDATE commands SET status = 200",
    "UPDATE texts SET words = 'noe annet'",
)
REMOVALS = (
    "DELETE FROM events",
    "DELETE FROM events WHERE position = 1",
    "TRUNCATE events",
    "DELETE FROM commands",
    "TRUNCATE commands",
    "TRUNCATE texts",
)

REFUSE_NOTHING = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql
AS 'BEGIN RETURN OLD; END'
"""
WRITE_NOTHING = """
CREATE OR REPLACE FUNCTION append(asked jsonb, happened jsonb, said jsonb) RETURNS TABLE (
    member int, outcome text, "position" bigint, recorded_at timestamptz, number text
) LANGUAGE sql AS 'SELECT 0, ''appended'', 1::bigint, now(), NULL'
"""


@pytest.fixture
def lived_in(ledger: OpenLedger) -> Town:
    town = settled(ledger)
    town.whole_life()
    return town


def test_the_application_s_role_changes_nothing_that_is_recorded(lived_in: Town) -> None:
    before = lived_in.entries()
    with as_owner(lived_in.ledger, WRITER) as connection:
        for statement in (*UPDATES, *REMOVALS, "DROP TABLE events", "DROP TABLE texts"):
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(statement)
    assert lived_in.entries() == before


def test_a_trigger_refuses_the_owner_too(lived_in: Town) -> None:
    before = lived_in.entries()
    with as_owner(lived_in.ledger) as connection:
        for statement in (*UPDATES, *REMOVALS):
            with pytest.raises(errors.InsufficientPrivilege, match="never changed"):
                connection.execute(statement)
        connection.execute("SET session_replication_role = origin")
        with pytest.raises(errors.InsufficientPrivilege, match="never changed"):
            connection.execute("TRUNCATE events, texts, commands CASCADE")
    assert lived_in.entries() == before


def test_the_application_s_role_cannot_take_the_guard_away(lived_in: Town) -> None:
    with as_owner(lived_in.ledger, WRITER) as connection:
        for statement in (
            "ALTER TABLE events DISABLE TRIGGER ALL",
            "DROP TRIGGER events_are_never_changed ON events",
            "ALTER TABLE events RENAME TO other",
            "ALTER TABLE events OWNER TO loft_app",
            REFUSE_NOTHING,
            WRITE_NOTHING,
            "CREATE TRIGGER mine BEFORE INSERT ON events EXECUTE FUNCTION refuse_change()",
            "CREATE RULE mine AS ON INSERT TO events DO INSTEAD NOTHING",
            "SET session_replication_role = replica",
            "SET ROLE postgres",
            "CREATE ROLE mine SUPERUSER",
        ):
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(statement)


def test_the_grants_are_these_and_no_others(unfollowed: OpenLedger) -> None:
    """On tables that the application's role does not own: it owns its views, and no more."""
    with as_owner(unfollowed) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
        ).fetchall()
        found = {table: _privileges(connection, f"{SCHEMA}.{table}") for (table,) in tables}
        columns = connection.execute(
            "SELECT count(*) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
            "WHERE a.attacl IS NOT NULL AND c.relnamespace = current_schema()::regnamespace"
        ).fetchone()
    assert found == GRANTED
    assert columns == (0,)


def _privileges(connection: psycopg.Connection, table: str) -> set[str]:
    asked = "SELECT p FROM unnest(%s::text[]) AS p WHERE has_table_privilege(%s, %s, p)"
    rows = connection.execute(asked, (list(PRIVILEGES), WRITER, table)).fetchall()
    return {row[0] for row in rows}


def test_the_application_s_role_owns_its_views_and_nothing_else(baerum: OpenLedger) -> None:
    with as_owner(baerum) as connection:
        owned = connection.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner "
            "WHERE r.rolname = %s AND c.relkind IN ('r', 'v', 'm', 'S') ORDER BY 1",
            (WRITER,),
        ).fetchall()
        role = connection.execute(
            "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls "
            "FROM pg_roles WHERE rolname = %s",
            (WRITER,),
        ).fetchone()
        member_of = connection.execute(
            "SELECT g.rolname, g.rolcanlogin FROM pg_auth_members m "
            "JOIN pg_roles r ON r.oid = m.member JOIN pg_roles g ON g.oid = m.roleid "
            "WHERE r.rolname = %s",
            (WRITER,),
        ).fetchall()
    assert [name for (name,) in owned] == [
        "audit_trail", "case_status", "deadlines", "decisions", "flow", "matters", "meetings",
        "notices", "orders", "readership", "search", "structure",
    ]  # fmt: skip
    assert role == (False,) * 5
    assert member_of == [(READER, False)], "the role that reads are bounded by, and no other"


# Migrations.


@pytest.fixture
def bare(server: Server) -> Iterator[str]:
    """A database without any schema of Løft's, by name."""
    name = server.copy("template1")
    yield name
    server.drop(name)


def applied(url: str, name: str) -> list[tuple[int, str]]:
    with psycopg.connect(url) as connection:
        query = sql.SQL("SELECT number, name FROM {}.migrations ORDER BY 1")
        return connection.execute(query.format(sql.Identifier(name))).fetchall()


def test_migrations_are_applied_once_however_often_they_are_asked_for(
    server: Server, bare: str
) -> None:
    url = server.url(bare, "postgres")
    schema.migrate(url, SCHEMA, WRITER)
    with server.opened(bare) as ledger:
        case = settled(ledger).raised()
        schema.migrate(url, SCHEMA, WRITER)
        assert Town(ledger).case(case).version == 1
        assert ledger.database.read(schema.is_current)
    assert applied(url, SCHEMA) == LEDGER
    assert applied(url, "loft") == [(1, "0001_ledgers.sql")]


def test_migrations_may_be_asked_for_at_once(server: Server, bare: str) -> None:
    url = server.url(bare, "postgres")
    migrate = partial(schema.migrate, url, SCHEMA, WRITER)
    assert in_threads(*[migrate] * 4) == [None] * 4
    assert applied(url, SCHEMA) == LEDGER
    with server.opened(bare) as ledger:
        assert settled(ledger).raises().position == 8


def test_a_migration_that_fails_leaves_nothing(
    server: Server, bare: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.url(bare, "postgres")
    steps = {kind: schema._steps(kind) for kind in ("installation", "ledger")}
    steps["ledger"].append(("0099_bad.sql", "CREATE TABLE half (n int); SELECT 1/0"))
    with monkeypatch.context() as patch:
        patch.setattr(schema, "_steps", steps.__getitem__)
        with pytest.raises(errors.DivisionByZero):
            schema.migrate(url, SCHEMA, WRITER)
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT to_regnamespace('municipality')").fetchone() == (None,)
    schema.migrate(url, SCHEMA, WRITER)
    assert applied(url, SCHEMA) == LEDGER


# Several ledgers.


def test_two_municipalities_have_two_ledgers_that_never_meet(server: Server, bare: str) -> None:
    url = server.url(bare, "postgres")
    schemas = [schema.claim(url, key) for key in ("baerum", "bergen")]
    for one in schemas:
        schema.migrate(url, one, WRITER)
    assert len(set(schemas)) == 2
    first, second = (OpenLedger(Database(server.url(bare), one)) for one in schemas)
    with first, second:
        here, there = settled(first), settled(second)
        case = here.whole_life()
        other = there.raises()
        assert other.position == 8
        assert other.state.number == here.case(case).number
        assert here.engine.ledger.size() == 16
        assert there.engine.load(type(other.state), case) is None
        assert first.follower.lead()
        assert second.follower.lead()
        assert (first.follower.catch_up(), second.follower.catch_up()) == (16, 8)
        assert second.database.rows("SELECT count(*) FROM case_status") == [(1,)]


def test_a_ledger_is_chosen_by_its_municipality(server: Server, bare: str) -> None:
    url = server.url(bare, "postgres")
    assert schema.choose(url, None) == "municipality"
    schema.migrate(url, "municipality", WRITER)
    assert schema.ledgers(url) == {"municipality": None}
    assert schema.claim(url, "baerum") == "municipality"
    assert schema.claim(url, "baerum") == "municipality"
    assert schema.choose(url, None) == "municipality"
    second = schema.claim(url, "nordre-follo")
    schema.migrate(url, second, WRITER)
    assert schema.ledgers(url) == {"municipality": "baerum", second: "nordre-follo"}
    assert schema.choose(url, "baerum") == "municipality"
    assert schema.choose(url, "nordre-follo") == second
    with pytest.raises(schema.SeveralLedgers):
        schema.choose(url, None)
    with pytest.raises(schema.NoSuchLedger):
        schema.choose(url, "oslo")


@pytest.mark.parametrize("key", ["loft", "public", "municipality", "pg-catalog", "7-fjell"])
def test_no_municipality_s_name_gets_in_the_way(server: Server, bare: str, key: str) -> None:
    """Of what lists the ledgers, of PostgreSQL's own, or of a ledger that is there already."""
    url = server.url(bare, "postgres")
    first = schema.claim(url, "baerum")
    schema.migrate(url, first, WRITER)
    second = schema.claim(url, key)
    schema.migrate(url, second, WRITER)
    assert schema.ledgers(url) == {first: "baerum", second: key}
    with OpenLedger(Database(server.url(bare), second)) as ledger:
        assert settled(ledger).raises().position == 8

"""A backup, put back: the same ledger, which goes on."""

import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Event

import psycopg
import pytest

from api import kept_tokens
from api.installation import WRITER
from domain.actor import Role
from ledger import presence, schema
from ledger.archive import MADE_ANEW, TABLES, Archive, BeingWritten, written
from ledger.bundle import NothingSigned
from ledger.commands import Command
from ledger.database import jobs_of
from ledger.presence import BeingRestored, InUse, Presence
from ledger.restore import AnotherMunicipality, LedgerExists
from projections import VIEWS
from tests.api.backups import Home, home, moved
from tests.api.story import RAISING
from tests.conftest import SCHEMA, Server
from tests.domain.scenario import COORDINATOR
from tests.faults.judging import assert_nothing_is_half
from tests.lives import Town, until
from tests.projections.rebuilding import assert_views_equal_a_rebuild, tables

OF_A_SCHEMA = (
    "SELECT c.relname, c.relacl::text, c.relowner, c.relkind FROM pg_class c "  # noqa: ISC004
    "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE nspname = 'municipality'",
    "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal",
    "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'municipality'",
    "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'municipality'::regnamespace",
    "SELECT nspacl::text FROM pg_namespace WHERE nspname = 'municipality'",
)
"""What makes a schema what it is, beside its rows."""


@pytest.fixture
def origin(server: Server, baerum_template: str, tmp_path: Path) -> Iterator[Home]:
    with home(server, tmp_path / "origin", baerum_template) as made:
        yield made


@pytest.fixture
def other(server: Server, tmp_path: Path, origin: Home) -> Iterator[Home]:
    """An installation without a ledger, that has the key of the first."""
    with home(server, tmp_path / "other") as made:
        assert origin.installation.signing_key
        moved(origin, made, "signing-key.pem")
        yield made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "baerum.loft"


def test_what_is_put_back_is_the_same(origin: Home, other: Home, file: Path) -> None:
    manifest = origin.backs_up(file)
    restored = other.restores(file)
    assert (restored.standing, restored.kept_as, restored.erased) == ("whole", [], 0)
    before, after = origin.contents(), other.contents()
    signed = before.pop("checkpoints")
    assert set(signed) <= set(after.pop("checkpoints"))
    assert before == after
    assert manifest.size == len(before["events"]) == 169
    with origin.opened() as old, other.opened() as new:
        assert tables(old) == tables(new)
        assert_views_equal_a_rebuild(new)
    assert other.verdict().ok
    assert schema.ledgers(other.installation.owner_url) == {SCHEMA: "baerum"}


def test_the_file_is_its_owner_s_alone(origin: Home, file: Path) -> None:
    origin.backs_up(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in file.parent.glob("*.new")] == []


def test_the_ledger_goes_on_where_it_ended(origin: Home, other: Home, file: Path) -> None:
    with origin.opened() as ledger:
        Town(ledger).raised(raised_by="vestre-13-16")
    origin.backs_up(file)
    other.restores(file)
    for at in (origin, other):
        with at.opened() as ledger:
            town = Town(ledger)
            seen = town.raises(raised_by="vestre-13-16")
            assert seen.position == 171
            assert seen.state.number.endswith("-0040"), seen.state.number
            town.does(seen.state.id, "discuss")
    other.signs()
    assert other.verdict().ok


def test_tokens_and_idempotency_keys_still_hold(origin: Home, other: Home, file: Path) -> None:
    keyed = {"Idempotency-Key": "once"}
    with origin.served() as coordinator:
        first = coordinator.post("/api/cases", json=RAISING, headers=keyed)
        assert first.status_code == 201
        token = coordinator.headers["Authorization"]
        revoked = kept_tokens.create_token(coordinator.ledger.database, "gone", Role.BOARD, None)
        database = coordinator.ledger.database
        kept_tokens.end_tokens(database, kept_tokens.named(database, "gone"))
    origin.backs_up(file)
    other.restores(file)
    with other.served() as client:
        headers = {"Authorization": token} | keyed
        again = client.post("/api/cases", json=RAISING, headers=headers)
        assert (again.status_code, again.json()) == (201, first.json())
        same = client.post("/api/cases", json=RAISING | {"title": "Annet"}, headers=headers)
        assert same.status_code == 422
        refused = client.get("/api/cases", headers={"Authorization": f"Bearer {revoked}"})
        assert refused.status_code == 401
        until(lambda: client.get("/readyz").status_code == 200)


def test_a_backup_beside_eight_writers_is_of_one_moment(
    origin: Home, other: Home, file: Path
) -> None:
    with origin.opened() as ledger:
        town, stop = Town(ledger), Event()
        begin = ledger.engine.ledger.size()

        def write(name: int) -> None:
            for n in range(10_000):
                if stop.is_set():
                    return
                command = Command(COORDINATOR, key=f"{name}-{n}", request_hash="h")
                town.raises(raised_by="vestre-13-16", title=f"Sak {name} {n}", command=command)

        with ThreadPoolExecutor(8) as pool:
            writers = [pool.submit(write, name) for name in range(8)]
            until(lambda: ledger.engine.ledger.size() > begin + 50)
            manifest = origin.backs_up(file)
            until(lambda: ledger.engine.ledger.size() > manifest.size + 50)
            stop.set()
            for writer in writers:
                writer.result(30)
    assert other.restores(file).manifest.size == manifest.size
    with other.opened() as ledger:
        assert ledger.engine.ledger.size() == manifest.size
        assert_nothing_is_half(ledger, begin)
    assert other.verdict().ok


def test_an_empty_ledger_is_backed_up_too(
    server: Server, empty_template: str, other: Home, file: Path, tmp_path: Path
) -> None:
    with home(server, tmp_path / "empty", empty_template) as empty:
        moved(other, empty, "signing-key.pem")
        assert empty.backs_up(file).size == 0
    assert other.restores(file).standing == "whole"


def test_what_nobody_can_check_is_not_backed_up(origin: Home, file: Path) -> None:
    with pytest.raises(NothingSigned):
        origin.backs_up(file, signs=False)
    assert not file.exists()


def test_two_do_not_write_one_file(file: Path) -> None:
    with written(file) as first:
        with pytest.raises(BeingWritten), written(file):
            pass
        first.write(b"whole")
    assert file.read_bytes() == b"whole"


def test_a_backup_that_fails_leaves_the_one_before_it(file: Path) -> None:
    file.write_bytes(b"before")
    with suppress(KeyboardInterrupt), written(file) as out:
        out.write(bytes(1_000_000))
        raise KeyboardInterrupt
    assert file.read_bytes() == b"before"
    assert list(file.parent.iterdir()) == [file]


# Where it is put.


def test_a_ledger_is_replaced_only_when_that_is_said(origin: Home, file: Path) -> None:
    origin.backs_up(file)
    before = origin.contents()
    with pytest.raises(LedgerExists):
        origin.restores(file)
    assert origin.contents() == before
    (kept,) = origin.restores(file, replace=True).kept_as
    assert kept.startswith(f"{SCHEMA}_before_")
    assert origin.rows("events", kept) == before["events"] == origin.rows("events")
    assert origin.schemas() == ["loft", SCHEMA, schema.beside(SCHEMA), kept, jobs_of(SCHEMA)]
    assert schema.ledgers(origin.installation.owner_url) == {SCHEMA: "baerum"}


def test_the_ledger_beside_it_may_be_beyond_reading(origin: Home, file: Path) -> None:
    origin.backs_up(file)
    origin.execute("DROP TABLE head, events CASCADE")
    assert origin.restores(file, replace=True).standing == "whole"
    assert origin.verdict().ok


def test_what_the_ledger_beside_it_holds_more_is_told(origin: Home, file: Path) -> None:
    origin.backs_up(file)
    with origin.opened() as ledger:
        Town(ledger).raised(raised_by="vestre-13-16")
    restored = origin.restores(file, replace=True)
    assert (restored.dropped, restored.promised) == (1, None)


def test_an_empty_ledger_that_waits_for_a_name_gives_way(
    origin: Home, other: Home, file: Path
) -> None:
    origin.backs_up(file)
    schema.migrate(other.installation.owner_url, "waiting", WRITER)
    assert other.restores(file).kept_as == []
    assert other.schemas() == ["loft", SCHEMA, schema.beside(SCHEMA), jobs_of(SCHEMA)]


def test_another_municipality_s_ledger_does_not_give_way(
    origin: Home, other: Home, file: Path
) -> None:
    origin.backs_up(file)
    url = other.installation.owner_url
    schema.migrate(url, SCHEMA, WRITER)
    assert schema.claim(url, "bergen") == SCHEMA
    with pytest.raises(AnotherMunicipality):
        other.restores(file, replace=True)


def test_rights_and_triggers_are_those_of_a_migrated_ledger(
    origin: Home, other: Home, file: Path
) -> None:
    origin.backs_up(file)
    other.restores(file)
    for question in OF_A_SCHEMA:
        there = []
        for at in (origin, other):
            with psycopg.connect(at.installation.owner_url) as connection:
                there.append(sorted(connection.execute(question).fetchall()))
        assert there[0] == there[1]
        assert there[0]
    with other.opened() as ledger, ledger.database.connection() as connection:
        for change in ("UPDATE events SET actor = actor", "DELETE FROM events"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(change)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        other.execute("DELETE FROM events")


def test_every_table_of_a_ledger_is_in_a_backup_or_is_made_anew(origin: Home) -> None:
    with psycopg.connect(origin.installation.owner_url) as connection:
        rows = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'municipality'"
        ).fetchall()
    views = {view.name for view in VIEWS}
    assert {name for (name,) in rows} - views == {*TABLES} | MADE_ANEW


def test_an_older_backup_is_brought_up_to_date(
    origin: Home, other: Home, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin.backs_up(file)
    steps = schema._steps
    more = ("9999_more.sql", "ALTER TABLE tokens ADD COLUMN seen_at timestamptz")
    monkeypatch.setattr(
        schema, "_steps", lambda kind: steps(kind) + ([more] if kind == "ledger" else [])
    )
    other.restores(file)
    with other.opened() as ledger, ledger.database.connection() as connection:
        assert schema.is_current(connection)
        connection.execute("SELECT seen_at FROM tokens")
    assert other.rows("events") == origin.rows("events")


# Who is at work there.


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "PATIENCE", 0.2)


@pytest.mark.usefixtures("hasty")
def test_a_ledger_that_is_served_is_not_replaced(origin: Home, file: Path) -> None:
    origin.backs_up(file)
    with origin.served() as coordinator:
        until(lambda: coordinator.ledger.presence._connection is not None)
        with pytest.raises(InUse):
            origin.restores(file, replace=True)
    assert origin.restores(file, replace=True).standing == "whole"


@pytest.mark.usefixtures("hasty")
def test_while_a_backup_is_put_back_nobody_serves(origin: Home) -> None:
    with (
        presence.alone(origin.installation.owner_url, [SCHEMA]),
        origin.opened() as ledger,
        pytest.raises(BeingRestored),
    ):
        ledger.presence.hold()
    with origin.opened() as ledger:
        ledger.presence.hold()


@pytest.mark.usefixtures("hasty")
def test_a_server_whose_place_was_taken_records_nothing_more(origin: Home) -> None:
    """PostgreSQL was restarted under it, and a restore was quicker to come back."""
    with origin.served() as coordinator:
        held = coordinator.ledger.presence
        until(lambda: held._connection is not None)
        with held.database.connection() as connection:
            connection.execute(
                "SELECT pg_terminate_backend(%s)", (held._connection.info.backend_pid,)
            )
        with presence.alone(origin.installation.owner_url, [SCHEMA]):
            until(lambda: coordinator.post("/api/cases", json=RAISING).status_code == 503)
        answer = coordinator.post("/api/cases", json=RAISING)
        assert answer.status_code == 503
        assert "A backup is being put back" in answer.json()["detail"]
        assert coordinator.get("/readyz").status_code == 503
        assert coordinator.get("/api/cases").status_code == 200


def test_presence_comes_back_after_a_lost_connection(origin: Home) -> None:
    with origin.opened() as ledger:
        held: Presence = ledger.presence
        held.hold()
        with ledger.database.connection() as connection:
            connection.execute(
                "SELECT pg_terminate_backend(%s)", (held._connection.info.backend_pid,)
            )
        held.hold()
        held.hold()


def test_a_manifest_says_what_is_in_it(origin: Home, file: Path) -> None:
    made = origin.backs_up(file)
    with Archive(file) as archive:
        assert archive.manifest == made
        for member in archive.manifest.members:
            content = b"".join(archive.chunks(member))
            assert content.count(b"\n") == member.rows
    assert made.checkpoint.startswith("loft/municipality\n169\n")

"""The command line, as real processes."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import httpx
import psycopg
import pytest

from api import kept_tokens
from api.installation import WRITER
from domain.actor import Role
from ledger import schema
from ledger.database import Database
from ledger.embedded import Embedded
from projections import VIEWS
from tests.api.conftest import until
from tests.api.processes import PATIENCE, data_directory, environment, loft, serving, under_way
from tests.api.story import RAISING

EXAMPLES = Path(str(files("api") / "examples"))
BAERUM, BERGEN = str(EXAMPLES / "baerum-2016.json"), str(EXAMPLES / "bergen.json")


@pytest.fixture
def data() -> Iterator[Path]:
    with data_directory() as folder:
        yield folder


@pytest.fixture(scope="module")
def two() -> Iterator[Path]:
    """A data directory with two municipalities, whose database runs all the time."""
    with data_directory() as folder:
        embedded = Embedded(folder)
        embedded.start()
        for file in (BAERUM, BERGEN):
            assert loft(folder, "import", file).returncode == 0
        yield folder
        embedded.release()


def new_token(data: Path) -> str:
    """A coordinator's token for Bærum, without a process of its own."""
    database = Database(Embedded(data).url(WRITER), "baerum")
    database.open()
    try:
        return kept_tokens.create_token(database, "test", Role.COORDINATOR)
    finally:
        database.close()


def sizes(data: Path) -> list[tuple[object, ...]]:
    """How many events each ledger of *data* holds."""
    with psycopg.connect(Embedded(data).url()) as connection:
        return connection.execute(
            "SELECT b.size, n.size FROM baerum.head b, bergen.head n"
        ).fetchall()


def in_one_sentence(said: str) -> str:
    """What is printed on standard error, without its line breaks."""
    assert "Traceback" not in said
    return " ".join(said.split())


def test_demo_prints_its_address_and_a_token_for_each_role(data: Path) -> None:
    with serving(data, "demo", "--port", "0") as running:
        assert running.said[0].startswith("Løft: http://127.0.0.1:")
        assert running.tokens.keys() == set(Role)
        for role, token in running.tokens.items():
            headers = {"Authorization": f"Bearer {token}"}
            answer = httpx.get(f"{running.url}/api/organs", headers=headers)
            assert answer.status_code == 200, role
        with running.client() as coordinator:
            assert len(coordinator.get("/api/cases").json()["items"]) == 38
        with running.client("member") as member:
            body = RAISING | {"raised_by": "vestre-13-16"}
            assert member.post("/api/cases", json=body).status_code == 201
        with running.client("admin") as admin:
            renamed = admin.post("/api/organs/styret/renaming", json={"name": "Politirådet"})
            assert renamed.status_code == 201
        first, size = running.tokens, httpx.get(f"{running.url}/readyz").json()["ledger_size"]
        assert running.stop() == 0
    with serving(data, "demo", "--port", "0") as running:
        assert httpx.get(f"{running.url}/readyz").json()["ledger_size"] == size
        with running.client() as coordinator:
            assert len(coordinator.get("/api/cases").json()["items"]) == 39
            board = coordinator.get("/api/organs/styret").json()
            assert board["name"] == "Politirådet", "Bærum is loaded once"
        headers = {"Authorization": f"Bearer {first['coordinator']}"}
        old = httpx.get(f"{running.url}/api/cases", headers=headers)
        assert old.status_code == 401, "those of the last demonstration end"
        assert running.stop(signal.SIGINT) in {0, 130}
        assert "Traceback" not in running.logged


def test_serve_is_ready_when_empty_and_picks_up_an_import(data: Path) -> None:
    with serving(data, "serve", "--port", "0") as running:
        ready = httpx.get(f"{running.url}/readyz").json()
        assert (ready["ready"], ready["ledger_size"]) == (True, 0)
        token = loft(data, "token", "create", "me", "--role", "coordinator").stdout.strip()
        imported = loft(data, "import", BAERUM)
        assert imported.returncode == 0, imported.stderr
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=running.url, headers=headers) as client:
            assert len(client.get("/api/cases").json()["items"]) == 38, "it waited for the views"
            until(lambda: client.post("/api/cases", json=RAISING).status_code == 201)
        second = loft(data, "serve", "--port", running.url.rpartition(":")[2])
        assert second.returncode == 1
        assert "is taken" in in_one_sentence(second.stderr)
        assert running.stop() == 0
        assert not Embedded(data).running, "the last one out stops the database"


def test_a_second_server_on_the_same_data_joins(data: Path) -> None:
    with (
        serving(data, "demo", "--port", "0") as one,
        serving(data, "serve", "--port", "0") as other,
    ):
        made = loft(data, "token", "create", "me", "--role", "coordinator").stdout.strip()
        headers = {"Authorization": f"Bearer {made}"}
        for there, elsewhere in ((one, other), (other, one)):
            answer = httpx.post(f"{there.url}/api/cases", json=RAISING, headers=headers)
            waits = headers | {"Loft-Position": answer.headers["Loft-Position"]}
            case = httpx.get(f"{elsewhere.url}{answer.headers['Location']}", headers=waits)
            assert case.json() == answer.json()
        assert one.stop() == 0, "the other one goes on, and follows"
        answer = httpx.post(f"{other.url}/api/cases", json=RAISING, headers=headers)
        waits = headers | {"Loft-Position": answer.headers["Loft-Position"]}
        url = f"{other.url}{answer.headers['Location']}"
        assert httpx.get(url, headers=waits, timeout=10).status_code == 200


def test_an_open_stream_does_not_keep_a_server_from_stopping(two: Path) -> None:
    with serving(two, "serve", "--port", "0", "--municipality", "baerum") as running:
        headers = {"Authorization": f"Bearer {new_token(two)}"}
        with httpx.stream("GET", f"{running.url}/api/stream", headers=headers) as stream:
            assert stream.status_code == 200
            assert running.stop() == 0
        assert "Traceback" not in running.logged


def test_a_token_is_printed_alone_and_lets_in_until_it_is_revoked(two: Path) -> None:
    at = ("--municipality", "baerum")
    made = loft(two, "token", "create", "anne", "--role", "member", "--organ", "styret", *at)
    assert made.returncode == 0, made.stderr
    (token,) = made.stdout.splitlines()
    assert token.startswith("loft_")
    with serving(two, "serve", "--port", "0", *at) as running:
        headers = {"Authorization": f"Bearer {token}"}
        assert httpx.get(f"{running.url}/api/cases", headers=headers).status_code == 200
        assert loft(two, "token", "revoke", "anne", *at).returncode == 0
        assert httpx.get(f"{running.url}/api/cases", headers=headers).status_code == 401
    listed = loft(two, "token", "list", *at).stdout
    (line,) = [one.split("\t") for one in listed.splitlines() if one.startswith("anne")]
    assert line[:5] == ["anne", "member", "styret", "-", "-"]
    assert line[5].endswith("Z"), "when it was last used"
    assert line[6] == "revoked"
    assert token not in listed


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("create", "x", "--role", "member", "--organ", "atlantis"), "no organ with this key"),
        (("create", "x", "--role", "member"), "Say which one with --organ"),
        (("create", "x", "--role", "board", "--scope", "everything"), "There is no such scope"),
        (("create", "x", "--role", "board", "--scope", "casework"), "could do nothing"),
        (("revoke", "nobody"), "no such token"),
    ],
)
def test_a_token_of_nobody_is_refused(arguments: tuple[str, ...], sentence: str, two: Path) -> None:
    made = loft(two, "token", *arguments, "--municipality", "bergen")
    assert made.returncode == 1
    assert made.stdout == ""
    assert sentence in in_one_sentence(made.stderr)


def test_of_several_municipalities_one_must_be_named(two: Path) -> None:
    unnamed = loft(two, "serve", "--port", "0")
    assert unnamed.returncode == 1
    assert "Say which one with --municipality KEY" in in_one_sentence(unnamed.stderr)
    unknown = loft(two, "token", "list", "--municipality", "atlantis")
    assert unknown.returncode == 1
    assert "no municipality with this key" in in_one_sentence(unknown.stderr)
    assert loft(two, "token", "list", LOFT_MUNICIPALITY="bergen").returncode == 0


def test_status_lists_the_municipalities(two: Path) -> None:
    ran = loft(two, "status")
    assert ran.returncode == 0
    lines = [line.split("\t") for line in ran.stdout.splitlines()]
    assert [line[0] for line in lines] == ["baerum", "bergen"]
    for _, events, views, parked in lines:
        assert views == f"views at {events.removesuffix(' events')}"
        assert parked == "0 parked"
    assert lines[0][1] == "169 events"


def test_rebuilding_gives_the_same_views(two: Path) -> None:
    every = loft(two, "rebuild", "--municipality", "baerum")
    assert every.returncode == 0, every.stderr
    lines = every.stdout.splitlines()
    assert lines == [f"{view.name}: rebuilt, and the same" for view in VIEWS]
    none = loft(two, "rebuild", "horoscope", "--municipality", "baerum")
    assert none.returncode == 1
    assert "There is no such view. The views: " in in_one_sentence(none.stderr)


def test_importing_again_changes_nothing_and_says_so(two: Path) -> None:
    before = sizes(two)
    ran = loft(two, "import", BAERUM)
    assert ran.returncode == 0
    assert "Bærum: added 0, 169 events in all." in in_one_sentence(ran.stderr)
    assert sizes(two) == before


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "The file cannot be read"),
        (
            json.dumps({"municipality": {"name": "Bergen"}, "organs": [{"key": "a"}]}),
            "The file cannot be imported. Nothing was changed. organs.0.name: This is missing.",
        ),
        (
            json.dumps(
                {
                    "municipality": {"name": "Bergen"},
                    "organs": [
                        {"key": "storgata-12", "name": "A", "level": "executing", "kind": "team"}
                    ],
                }
            ),
            "These keys point out a person, and keys cannot be erased: organs.0.key.",
        ),
    ],
)
def test_a_file_that_cannot_be_imported_is_refused_in_a_sentence(
    content: str | None, sentence: str, two: Path, tmp_path: Path
) -> None:
    file = tmp_path / "os.json"
    if content is not None:
        file.write_text(content)
    before = sizes(two)
    ran = loft(two, "import", str(file))
    assert ran.returncode == 1
    assert sentence in in_one_sentence(ran.stderr)
    assert sizes(two) == before


def test_an_import_that_is_cut_short_says_so_by_its_exit_code_and_is_done_by_the_next(
    data: Path,
) -> None:
    """It is stopped while it waits for somebody else to append."""
    embedded = Embedded(data)
    embedded.start()
    schema.create_writer(embedded.url(), WRITER)
    schema.migrate(embedded.url(), schema.claim(embedded.url(), "baerum"), WRITER)
    with psycopg.connect(embedded.url()) as holding:
        holding.execute("SELECT FROM baerum.head FOR UPDATE")
        with under_way("import", BAERUM, "--data", str(data)) as process:
            until(lambda: waits_for_a_lock(embedded) or process.poll() is not None)
            process.terminate()
            _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 128 + signal.SIGTERM
    assert "Traceback" not in said
    again = loft(data, "import", BAERUM)
    assert again.returncode == 0
    assert "169 events in all." in in_one_sentence(again.stderr)
    embedded.release()
    assert not embedded.running


def waits_for_a_lock(embedded: Embedded) -> bool:
    with psycopg.connect(embedded.url()) as connection:
        waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        return connection.execute(waiting).fetchone() is not None


BREAKING = """
from api import cli, cli_import

def breaks(*_args, **_facts):
    raise ValueError("Xyzzyplugh")

cli_import.import_into = breaks
cli.main()
"""


def test_what_nobody_thought_of_is_told_by_its_kind_without_its_words(two: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", BREAKING, "import", BAERUM, "--data", str(two)],
        capture_output=True, text=True, timeout=PATIENCE, env=environment(), check=False,
    )  # fmt: skip
    assert ran.returncode == 1
    assert "Something went wrong (ValueError)." in in_one_sentence(ran.stderr)
    assert "Xyzzyplugh" not in ran.stdout + ran.stderr


def test_a_database_of_ones_own_is_used_when_it_is_named(two: Path) -> None:
    embedded = Embedded(two)
    settings = {
        "LOFT_DATABASE_URL": embedded.url(WRITER),
        "LOFT_OWNER_DATABASE_URL": embedded.url(),
    }
    with data_directory() as elsewhere:
        ran = loft(elsewhere, "status", **settings)
        assert [line.split("\t")[0] for line in ran.stdout.splitlines()] == ["baerum", "bergen"]
        assert not (elsewhere / "postgres").exists()
        nowhere = "postgresql://nobody@127.0.0.1:1/x"
        gone = loft(elsewhere, "status", LOFT_DATABASE_URL=nowhere)
        assert gone.returncode == 1
        assert "The database cannot be reached" in in_one_sentence(gone.stderr)

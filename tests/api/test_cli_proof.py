"""`loft verify`, `bundle` and `key rotate`, as real processes: exit codes, one sentence, files."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

import ledger.verifier
from ledger.embedded import Embedded
from tests.api.processes import data_directory, environment, loft, serving

EXAMPLE = Path(__file__).parents[2] / "api" / "examples" / "baerum-2016.json"
INTACT = "Complete and unaltered from event 1 to 169"


@pytest.fixture
def data() -> Iterator[Path]:
    """A data directory with Bærum in it."""
    with data_directory() as folder:
        assert loft(folder, "import", str(EXAMPLE)).returncode == 0
        yield folder


def said(done: subprocess.CompletedProcess[str], code: int) -> str:
    assert done.returncode == code, done.stderr
    (sentence,) = done.stdout.splitlines()
    return sentence


def test_the_ledger_is_verified_where_it_lies(data: Path) -> None:
    assert INTACT in said(loft(data, "verify"), 0)
    assert "Komplett og uendret" in said(loft(data, "verify", "--language", "nb"), 0)
    verdict = json.loads(said(loft(data, "verify", "--json"), 0))
    assert (verdict["ok"], verdict["size"], verdict["position"]) == (True, 169, None)
    assert INTACT in verdict["what"]
    assert verdict.keys() == {"ok", "size", "position", "what"}


def test_an_altered_ledger_is_told_with_its_first_bad_event(data: Path) -> None:
    embedded = Embedded(data)
    embedded.start()
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute("UPDATE baerum.events SET version = 77 WHERE position = 100")
    embedded.release()
    verdict = json.loads(said(loft(data, "verify", "--json"), 1))
    assert (verdict["ok"], verdict["position"]) == (False, 100)


def test_nothing_to_check_is_exit_code_2(tmp_path: Path) -> None:
    with data_directory() as empty:
        assert "Nothing is signed yet" in said(loft(empty, "verify"), 2)
        file = tmp_path / "no.zip"
        file.write_text("no")
        assert "no bundle" in said(loft(empty, "verify", str(file)), 2)
        assert loft(empty, "verify", str(tmp_path / "gone.zip")).returncode == 2
        missing = loft(empty, "verify", "--checkpoint", str(tmp_path / "gone.txt"))
        assert missing.returncode == 2
        assert "checkpoint cannot be read" in missing.stderr
        away = {"LOFT_DATABASE_URL": "postgresql://127.0.0.1:1/nowhere"}
        assert loft(empty, "verify", **away).returncode == 2


def test_a_bundle_is_verified_without_a_database(data: Path, tmp_path: Path) -> None:
    files = {name: str(tmp_path / f"{name}.zip") for name in ("all", "case", "period")}
    assert loft(data, "bundle", files["all"]).returncode == 0
    assert loft(data, "bundle", files["case"], "--case", "2026-0001").returncode == 0
    assert loft(data, "bundle", files["period"], "--from", "10", "--to", "20").returncode == 0
    with data_directory() as elsewhere:
        for file in files.values():
            assert loft(elsewhere, "verify", file).returncode == 0
        assert not elsewhere.exists(), "a bundle needs no installation"
        minutes = tmp_path / "minutes.txt"
        minutes.write_text((data / "checkpoints" / "baerum.note").read_text())
        kept = loft(elsewhere, "verify", files["all"], "--checkpoint", str(minutes))
        assert "the given checkpoint fits" in said(kept, 0)
        pasted = loft(elsewhere, "verify", files["all"], "--checkpoint", minutes.read_text())
        assert said(pasted, 0) == said(kept, 0)
        typed = loft(
            elsewhere, "verify", files["all"], "--checkpoint", "-", typed=minutes.read_text()
        )
        assert said(typed, 0) == said(kept, 0)
        lines = minutes.read_text().splitlines()
        minutes.write_text("\n".join([lines[0], "100", lines[2]]))
        other = loft(elsewhere, "verify", files["all"], "--checkpoint", str(minutes))
        assert "since the given checkpoint" in said(other, 1)


def test_the_verifier_is_one_file_that_needs_nothing_of_ours(data: Path, tmp_path: Path) -> None:
    alone = tmp_path / "verifier.py"
    alone.write_text(Path(ledger.verifier.__file__).read_text())
    bundle = tmp_path / "all.zip"
    assert loft(data, "bundle", str(bundle)).returncode == 0
    done = subprocess.run(
        [sys.executable, "-I", alone, bundle, "--language", "en"],
        capture_output=True, text=True, check=False, cwd=tmp_path, env=environment(),
    )  # fmt: skip
    assert INTACT in said(done, 0)


def test_what_cannot_be_bundled_is_told_in_a_sentence(data: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "bundle.zip")
    for arguments, sentence in (
        ((out, "--case", "2026-9999"), "There is no such case."),
        ((out, "--case", "2026-0001", "--from", "1"), "Either a case or a period"),
        ((out, "--from", "500", "--to", "600"), "nothing that such a bundle would hold"),
        ((str(tmp_path / "no" / "where.zip"),), "The file cannot be written"),
    ):
        done = loft(data, "bundle", *arguments)
        assert done.returncode == 1, arguments
        assert sentence in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_key_is_rotated_and_both_are_listed(data: Path) -> None:
    before = (data / "signing-key.pem").read_bytes()
    assert loft(data, "key", "rotate").returncode == 0
    key = data / "signing-key.pem"
    assert key.read_bytes() != before
    assert key.stat().st_mode & 0o777 == 0o600
    assert INTACT in said(loft(data, "verify"), 0)
    with serving(data, "serve", "--port", "0") as server:
        token = loft(data, "token", "create", "a", "--role", "auditor").stdout.strip()
        assert "standing" in httpx.get(f"{server.url}/readyz").text
        headers = {"Authorization": f"Bearer {token}"}
        listed = httpx.get(f"{server.url}/api/ledger/keys", headers=headers).json()
        assert [bool(one["introduced"]) for one in listed["items"]] == [False, True]


def test_a_key_in_the_environment_is_used_and_a_wrong_one_refused(data: Path) -> None:
    done = loft(data, "status", LOFT_SIGNING_KEY="no key")
    assert done.returncode == 1
    assert "LOFT_SIGNING_KEY" in done.stderr
    assert "no key" not in done.stderr.replace("LOFT_SIGNING_KEY", "")
    pem = (data / "signing-key.pem").read_text()
    assert loft(data, "verify", LOFT_SIGNING_KEY=pem).returncode == 0
    assert "LOFT_SIGNING_KEY" in loft(data, "key", "rotate", LOFT_SIGNING_KEY=pem).stderr

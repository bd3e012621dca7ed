"""Secrets come from the environment or from files, and go nowhere."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError

from api import cli
from api.installation import WRITER
from api.settings import SECRETS, Settings
from ledger import schema
from ledger.embedded import Embedded
from tests.api.processes import Running, data_directory, loft, serving

PASSWORD, SECRET = "Xyzzyplugh-password", "Xyzzyplugh-secret-long-enough"
KEY = base64.b64encode(b"Xyzzyplugh" + bytes(22)).decode()
URL = f"postgresql://loft:{PASSWORD}@127.0.0.1:1/loft"
GIVEN = {"database_url": URL, "owner_database_url": URL, "secret": SECRET, "signing_key": KEY,
         "smtp_password": PASSWORD}  # fmt: skip
WRONG = "loft_Xyzzyplugh-wrong"


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SECRETS:
        monkeypatch.delenv(f"LOFT_{name.upper()}", raising=False)


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_read_from_a_file(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / name
    file.write_text(f"{GIVEN[name]}\n")
    monkeypatch.setenv(f"LOFT_{name.upper()}_FILE", str(file))
    assert getattr(Settings(), name).get_secret_value() == GIVEN[name]
    monkeypatch.setenv(f"LOFT_{name.upper()}", GIVEN[name])
    with pytest.raises(ValidationError):
        Settings()


def test_a_file_that_is_not_there_is_told_by_the_setting_s_name(tmp_path: Path) -> None:
    told = loft(tmp_path / "data", "status", LOFT_SECRET_FILE=str(tmp_path / "Xyzzyplugh"))
    assert told.returncode == 1
    assert "LOFT_SECRET_FILE" in told.stderr
    assert "Xyzzyplugh" not in told.stdout + told.stderr


def test_a_file_with_something_else_in_it_is_not_repeated(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("Xyzzyplugh is no key")
    told = loft(tmp_path / "data", "status", LOFT_SIGNING_KEY_FILE=str(file))
    assert told.returncode == 1
    assert "LOFT_SIGNING_KEY" in told.stderr
    assert "Xyzzyplugh" not in told.stdout + told.stderr


def test_settings_show_no_secret() -> None:
    settings = Settings.model_validate(GIVEN)
    for shown in (repr(settings), str(settings), settings.model_dump_json(), repr(settings.bounds)):
        assert "Xyzzyplugh" not in shown
        assert KEY not in shown


def test_what_is_wrong_with_a_secret_is_told_without_it() -> None:
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate({"secret": "Xyzzyplugh", "signing_key": "Xyzzyplugh"})
    assert "Xyzzyplugh" not in str(caught.value)


def test_no_option_of_the_command_line_takes_a_secret() -> None:
    source = Path(cli.__file__).parent
    options = {
        option
        for file in source.glob("cli*.py")
        for option in re.findall(r'"--([a-z-]+)"', file.read_text())
    }
    assert not options & {"secret", "password", "signing-key", "database-url", "token"}


@pytest.fixture(scope="module")
def told() -> Iterator[tuple[Running, list[str]]]:
    """A server at DEBUG that was given secrets, with what it answered to those who err."""
    with data_directory() as data, data_directory() as elsewhere:
        embedded = Embedded(data)
        embedded.start()
        schema.create_writer(embedded.url(), WRITER)
        settings = {
            "LOFT_DATABASE_URL": with_password(embedded.url(WRITER), WRITER),
            "LOFT_OWNER_DATABASE_URL": with_password(embedded.url(), "postgres"),
            "LOFT_SECRET": SECRET, "LOFT_SIGNING_KEY": KEY, "LOFT_LOG_LEVEL": "DEBUG",
        }  # fmt: skip
        with serving(elsewhere, "demo", "--port", "0", **settings) as running:
            yield running, list(answers_to_errors(running))
        embedded.release()


def with_password(url: str, role: str) -> str:
    """The server on this machine asks for none, and takes any."""
    assert f"{role}@" in url
    return url.replace(f"{role}@", f"{role}:{PASSWORD}@")


def answers_to_errors(running: Running) -> Iterator[str]:
    wrong = {"Authorization": f"Bearer {WRONG}"}
    with running.client() as client:
        right = dict(client.headers)
        for headers in (wrong, right):
            for path in (
                "/api/cases",
                "/api/nowhere",
                "/api/cases?cursor=x",
                "/readyz",
                "/metrics",
            ):
                yield httpx.get(f"{running.url}{path}", headers=headers).text
            yield httpx.post(f"{running.url}/api/cases", headers=headers, content="{").text


def test_no_secret_stands_in_a_log_at_debug(told: tuple[Running, list[str]]) -> None:
    running, _ = told
    assert '"request"' in running.logged
    for secret in (PASSWORD, SECRET, KEY, WRONG, *running.tokens.values()):
        assert secret not in running.logged


def test_no_secret_stands_in_an_answer_to_an_error(told: tuple[Running, list[str]]) -> None:
    running, answers = told
    assert len(answers) == 12
    for secret in (PASSWORD, SECRET, KEY, WRONG, *running.tokens.values()):
        assert not any(secret in answer for answer in answers)


def test_no_secret_stands_in_what_the_command_line_says(tmp_path: Path) -> None:
    gone = loft(tmp_path, "status", LOFT_DATABASE_URL=URL, LOFT_LOG_LEVEL="DEBUG")
    assert gone.returncode == 1
    assert PASSWORD not in gone.stdout + gone.stderr
    odd = loft(tmp_path, "status", LOFT_DATABASE_URL=f"what:{PASSWORD}", LOFT_LOG_LEVEL="DEBUG")
    assert odd.returncode == 1
    assert PASSWORD not in odd.stdout + odd.stderr

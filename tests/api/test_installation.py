"""What lies in the data directory beside the database."""

import os
import secrets
from pathlib import Path

import pytest

from api.installation import Installation
from api.settings import Settings
from tests.lives import in_threads


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.delenv("LOFT_SECRET", raising=False)
    return Settings(data=tmp_path / "data")


def test_a_secret_is_made_once_and_for_the_owner_only(settings: Settings) -> None:
    secret = Installation(settings).secret
    assert len(secret) == 32
    assert Installation(settings).secret == secret
    assert settings.data is not None
    assert [file.name for file in settings.data.iterdir()] == ["secret"]
    assert (settings.data / "secret").stat().st_mode & 0o777 == 0o600


def test_those_who_make_the_secret_at_once_agree_on_it(settings: Settings) -> None:
    came = in_threads(*[lambda: Installation(settings).secret] * 8)
    assert set(came) == {Installation(settings).secret}


def test_who_comes_second_with_a_secret_takes_the_first(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process has made it while this one was drawing its own."""
    draw, others = secrets.token_bytes, list[bytes]()

    def late(count: int) -> bytes:
        monkeypatch.setattr(secrets, "token_bytes", draw)
        others.append(Installation(settings).secret)
        return draw(count)

    monkeypatch.setattr(secrets, "token_bytes", late)
    assert Installation(settings).secret == others[0]
    assert Installation(settings).secret == others[0]


def test_half_a_secret_is_never_there(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full just as it is written."""

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            _ = Installation(settings).secret
    assert settings.data is not None
    assert not (settings.data / "secret").exists()
    assert len(Installation(settings).secret) == 32

"""A database that cannot be reached, and cannot be started again either."""

import pytest

from ledger.database import Database, Unavailable
from ledger.ground import EmbeddedFailed
from tests.conftest import SCHEMA, Server

NOWHERE = "postgresql://nobody@127.0.0.1:1/x"


def fails() -> None:
    raise EmbeddedFailed(what="It did not start.")


def test_what_cannot_be_started_again_is_unavailable() -> None:
    database = Database(NOWHERE, SCHEMA, heal=fails)
    with pytest.raises(Unavailable) as told:
        database.connect()
    assert isinstance(told.value.__cause__, EmbeddedFailed)
    with pytest.raises(Unavailable):
        database.mend()


def test_a_question_to_what_cannot_be_started_again_is_refused_as_unavailable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    database = Database(NOWHERE, SCHEMA, heal=fails)
    monkeypatch.setattr(database._pool, "timeout", 0.2)
    database.open()
    with pytest.raises(Unavailable):
        database.rows("SELECT 1")
    database.close()


def test_what_is_started_again_is_connected_to(server: Server) -> None:
    """The one further try comes after it."""
    healed: list[str] = []
    database = Database(NOWHERE, SCHEMA)

    def heal() -> None:
        healed.append("once")
        database.url = server.url("postgres")

    database.heal = heal
    with database.connect() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert healed == ["once"]

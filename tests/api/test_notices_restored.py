"""A backup that is put back in the middle of a digest: nothing is sent twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.installation import OpenLedger
from projections import outbox as out
from tests.api.backups import Home, home
from tests.api.test_delivery import delivering, is_settled, means, states
from tests.conftest import Server
from tests.lives import Town
from tests.notices import sits, wants_mail
from tests.receivers import mail_server, wait_for

TEAM = "vestre-13-16"
EARLY, LATE = "p-early", "p-late"


@pytest.fixture
def origin(server: Server, baerum_template: str, tmp_path: Path) -> Iterator[Home]:
    with home(server, tmp_path / "origin", baerum_template) as made:
        yield made


def followed(ledger: OpenLedger) -> Town:
    ledger.follower.catch_up()
    ledger.follower.release()
    return Town(ledger)


def hour_has_come(town: Town) -> None:
    with town.ledger.database.connection() as connection:
        connection.execute("UPDATE outbox SET due_at = '2026-01-01 07:00+01'")


def test_a_restore_in_the_middle_of_a_digest_sends_nothing_twice(
    origin: Home, tmp_path: Path
) -> None:
    file = tmp_path / "backup.loft"
    with mail_server() as box:
        with origin.opened() as ledger:
            town = followed(ledger)
            for person in (EARLY, LATE):
                sits(town, person, TEAM)
                wants_mail(town, person, mode="daily", hour=7)
            town.raised(raised_by=TEAM)
            followed(ledger)
            assert states(town) == ["pending", "pending"]
        origin.backs_up(file)
        with origin.opened() as ledger:
            town = Town(ledger)
            hour_has_come(town)
            with delivering(town, means(box)):
                wait_for(lambda: is_settled(town))
        assert len(box.taken) == 2
        origin.restores(file, replace=True)
        with origin.opened() as ledger:
            town = followed(ledger)
            assert states(town) == ["restored", "restored"]
            hour_has_come(town)
            with delivering(town, means(box)):
                with ledger.database.connection() as connection:
                    assert out.forgotten(connection, ["mail"]) == []
                    assert out.release(connection, channel="mail", recipient=LATE) == 1
                wait_for(lambda: states(town) == ["restored", "sent"])
            town.raised(raised_by=TEAM)
            followed(ledger)
            assert states(town)[2:] == ["pending", "pending"], "it goes on from here"
    assert [str(one["To"]) for one in box.taken[2:]] == [f"{LATE}@example.no"]
    assert box.ids[2] in box.ids[:2], "whoever has it already recognises it"

"""Words lie in one table and nowhere else, and can be taken out of it without a trace of harm."""

import hashlib

import psycopg
import pytest

from api.installation import OpenLedger
from domain.text import SALT_BYTES
from ledger.commands import Command, request_hash
from ledger.database import Unavailable
from ledger.texts import Pen, words_of
from tests.domain.scenario import COORDINATOR, TUESDAY
from tests.ledger.leaves import wrong_leaves
from tests.lives import Town, as_owner, settled

SAID = "Ryktet om Storgata, æøå og 😀"


@pytest.fixture
def town(ledger: OpenLedger) -> Town:
    return settled(ledger)


def test_a_text_is_known_by_its_salted_digest(town: Town) -> None:
    case = town.raised(title=SAID)
    title = town.case(case).title
    ((words, salt),) = town.ledger.database.rows(
        "SELECT words, salt FROM texts WHERE id = %(id)s", id=title.id
    )
    assert words == SAID
    assert len(salt) == SALT_BYTES == 32
    assert title.digest == hashlib.sha256(salt + SAID.encode()).hexdigest()


def test_the_same_words_have_another_digest_each_time() -> None:
    pen = Pen()
    first, second = pen.write(SAID), pen.write(SAID)
    assert first.id != second.id
    assert first.digest != second.digest
    assert len({draft.salt for draft in pen.drafts}) == 2


def test_a_text_lies_with_the_event_that_it_came_with(town: Town) -> None:
    case = town.raised(title=SAID, description="Mer om det")
    seen = town.does(case, "discuss", summary="Vi drøftet")
    rows = town.ledger.database.rows(
        "SELECT words, position FROM texts WHERE stream_id = %(case)s ORDER BY position, words",
        case=case,
    )
    raised = town.position(case, 1)
    assert rows == [("Mer om det", raised), (SAID, raised), ("Vi drøftet", seen.position)]


def test_words_are_nowhere_but_in_the_table_of_texts(town: Town) -> None:
    """Not in the views either, nor in what is remembered of commands."""
    command = Command(COORDINATOR, key="k", request_hash=request_hash(b"s", SAID.encode()))
    case = town.raised(title=SAID, area=SAID, description=SAID, command=command)
    town.does(case, "discuss", summary=SAID)
    town.does(case, "escalate", reason=SAID, tried=SAID, title_there=SAID)
    town.does(case, "assign", expectation=SAID)
    town.does(case, "start_measure", title=SAID, expected_effect=SAID)
    town.does(case, "close", reason=SAID)
    town.registers("s-9", SAID)
    town.ledger.follower.catch_up()
    assert tables_with(town, "Storgata") == {"texts"}


def tables_with(town: Town, word: str) -> set[str]:
    with as_owner(town.ledger) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
        ).fetchall()
        return {
            table
            for (table,) in tables
            if connection.execute(
                f"SELECT 1 FROM {table} AS t WHERE t::text ILIKE %s LIMIT 1", (f"%{word}%",)
            ).fetchone()
        }


def test_words_that_are_deleted_leave_every_leaf_right(town: Town) -> None:
    """By the application's role, as an erasure does it."""
    case = town.raised(title=SAID)
    title = town.case(case).title
    before = town.entries()
    with as_owner(town.ledger, "loft_app") as connection:
        assert connection.execute("DELETE FROM texts WHERE id = %s", (title.id,)).rowcount == 1
    assert wrong_leaves(town.ledger) == []
    assert town.entries() == before
    assert town.case(case).title == title
    assert words_of(town.ledger.database, [title]) == {}
    assert tables_with(town, "Storgata") == set()
    assert town.does(case, "note").state.version == 2


def test_words_of_gives_what_still_has_words(town: Town) -> None:
    first, second = town.raised(title="Den ene"), town.raised(title="Den andre")
    texts = [town.case(case).title for case in (first, second)]
    found = words_of(town.ledger.database, [texts[0], texts[1].id, texts[0]])
    assert found == {texts[0].id: "Den ene", texts[1].id: "Den andre"}
    assert words_of(town.ledger.database, []) == {}


def test_a_refused_command_leaves_no_words(town: Town) -> None:
    before = town.ledger.database.rows("SELECT count(*) FROM texts")
    with pytest.raises(Exception, match="no organ"):
        town.raised(title=SAID, raised_by="nobody")
    assert town.ledger.database.rows("SELECT count(*) FROM texts") == before


def test_an_event_and_its_words_are_written_together_or_not_at_all(town: Town) -> None:
    """The words are refused: their id is taken."""
    case, size = town.raised(), town.engine.ledger.size()
    pen = Pen()
    text = pen.write("Møte avtalt")
    with as_owner(town.ledger) as connection:
        connection.execute(
            "INSERT INTO texts VALUES (%s, 'x', 1, 'i veien', ''::bytea)", (text.id,)
        )
    with pytest.raises((psycopg.Error, Unavailable)):
        town.engine.ledger.append(
            [
                town.engine.written.to_stored_event(
                    town.case(case).note(text=text, by=COORDINATOR, at=TUESDAY)
                )
            ],
            command=Command(COORDINATOR),
            drafts=pen.drafts,
            seen=size,
        )
    assert town.engine.ledger.size() == size
    assert len(town.entries(case)) == 1
    assert town.does(case, "note").position == size + 1

"""Whether a ledger is whole, and holds exactly what clients were told."""

import hashlib
from collections.abc import Iterator
from typing import Any

from api.installation import OpenLedger
from projections.follow import followed
from tests.faults.served import Sent
from tests.ledger.leaves import rows, wrong_leaves
from tests.lives import as_owner, until
from tests.projections.rebuilding import assert_views_equal_a_rebuild


def assert_every_answer_is_true(ledger: OpenLedger, sent: list[Sent]) -> None:
    """Each answered command stands there once, at the position that was told, with its words."""
    kept = dict(ledger.database.rows("SELECT key, positions FROM commands"))
    with as_owner(ledger) as connection:
        events = {row["position"]: row for row in rows(connection)}
    words = dict(ledger.database.rows("SELECT position, words FROM texts"))
    for one in sent:
        assert one.answer is not None
        assert kept[one.key] == [one.position]
        event = events[one.position]
        assert event["stream_id"] == one.answer["id"]
        assert event["version"] == one.answer["version"]
        said = one.body.get("title") or one.body.get("summary") or one.body.get("text")
        assert words[one.position] == said
    assert len({one.position for one in sent}) == len(sent)


def assert_nothing_is_half(ledger: OpenLedger, begin: int) -> None:
    """After position *begin*, where every command had a key and words: events, texts and commands
    agree, positions have no gap, leaves are right, numbers have none either."""
    with as_owner(ledger) as connection:
        events = rows(connection)
        texts = connection.execute("SELECT id::text, position, words, salt FROM texts").fetchall()
        commands = connection.execute("SELECT key, positions FROM commands").fetchall()
        head = connection.execute("SELECT size, last_number FROM head").fetchone()
    size = len(events)
    assert [event["position"] for event in events] == list(range(1, size + 1))
    assert head is not None
    assert head[0] == size
    of_commands = [position for _, positions in commands for position in positions]
    assert len(of_commands) == len(set(of_commands))
    assert sorted(p for p in of_commands if p > begin) == list(range(begin + 1, size + 1))
    digests = {
        (text_id, position): hashlib.sha256(salt + words.encode()).hexdigest()
        for text_id, position, words, salt in texts
    }
    referred = {
        (text["id"], event["position"]): text["digest"]
        for event in events
        for text in texts_in(event["data"])
    }
    assert referred == digests
    numbers = [event["data"]["number"] for event in events if event["name"] == "CaseRaised"]
    assert [int(number.split("-")[1]) for number in numbers] == list(range(1, len(numbers) + 1))
    assert head[1] == len(numbers)
    assert wrong_leaves(ledger) == []


def texts_in(value: Any) -> Iterator[dict[str, str]]:
    """The references to words in an event's data."""
    if isinstance(value, dict):
        if value.keys() == {"id", "digest"}:
            yield value
        for inner in value.values():
            yield from texts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_in(inner)


def assert_views_are_right(ledger: OpenLedger) -> None:
    """Once the server has followed to the end."""
    size = ledger.engine.ledger.size()
    until(lambda: ledger.database.read(followed) >= size)
    assert ledger.database.rows("SELECT count(*) FROM parked") == [(0,)]
    assert_views_equal_a_rebuild(ledger)

"""The check of a living ledger: what was tampered with is found and named."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from api.installation import OpenLedger
from ledger import bundle, live, verifier
from ledger.bundle import ErasedSince, NothingSigned, Part, write
from ledger.checkpoints import Notary
from ledger.signing import SigningKey
from ledger.verifier import Checkpoint, Outcome, Verdict
from tests.conftest import KEY
from tests.ledger.tampering import rehashed, tampered
from tests.lives import Town, settled

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
MINE = SigningKey.from_seed(bytes(range(9, 41)))
"""Of somebody who would sign a ledger of their own making."""


@pytest.fixture
def town(ledger: OpenLedger) -> Town:
    town = settled(ledger)
    town.whole_life()
    return town


@pytest.fixture
def notary(town: Town, tmp_path: Path) -> Notary:
    """With a checkpoint in the middle of the ledger, and one at its end."""
    notary = Notary(town.ledger.database, KEY, tmp_path / "newest.note")
    notary.sign(NOW)
    town.whole_life()
    notary.sign(NOW)
    return notary


def verdict(notary: Notary, **more: Any) -> Verdict:
    return live.verify(notary, language="en", **more)


def test_a_ledger_that_nobody_touched_is_intact(town: Town, notary: Notary) -> None:
    found = verdict(notary)
    assert (found.outcome, found.size) == (Outcome.INTACT, town.engine.ledger.size())
    assert found.what == (
        f"Complete and unaltered from event 1 to {found.size} as signed on 22 November 2026."
    )


def test_it_tells_how_far_it_is(town: Town, notary: Notary) -> None:
    told: list[tuple[int, int]] = []
    assert verdict(notary, progress=lambda done, of: told.append((done, of))).ok
    assert told[-1] == (town.engine.ledger.size(),) * 2


def test_what_is_not_signed_yet_is_told_and_looked_at(town: Town, notary: Notary) -> None:
    case = town.raised()
    town.does(case, "note")
    found = verdict(notary)
    assert found.ok
    assert "the last 2 are not signed yet" in found.what
    with tampered(town.ledger) as owner:
        owner.execute("UPDATE events SET actor = '{}' WHERE stream_id = %s", (case,))
    found = verdict(notary)
    assert (found.outcome, found.position) == (Outcome.ALTERED, town.position(case, 1))


def test_a_ledger_without_a_checkpoint_cannot_be_checked(
    ledger: OpenLedger, tmp_path: Path
) -> None:
    settled(ledger)
    notary = Notary(ledger.database, KEY, tmp_path / "newest.note")
    assert verdict(notary).outcome is Outcome.UNCHECKED
    with pytest.raises(NothingSigned):
        write(notary, tmp_path / "bundle.zip", Part())


# What somebody with the database to themselves might do.

Tamper = Callable[[psycopg.Connection], object]
CHANGES: dict[str, str] = {
    "data": """data || '{"precision": "day"}'""",
    "actor": """actor || '{"role": "board"}'""",
    "name": "'ProgressNoted'",
    "schema_version": "2",
    "occurred_at": "occurred_at - interval '1 day'",
    "recorded_at": "recorded_at + interval '1 microsecond'",
    "stream_id": "'another'",
    "stream_type": "'organ'",
    "version": "version + 100",
    "command_id": "gen_random_uuid()",
    "causation_id": "gen_random_uuid()",
    "correlation_id": "gen_random_uuid()",
    "leaf_hash": "sha256(leaf_hash)",
}
ODD: dict[str, str] = {
    "recorded_at": "the same before Christ",
    "occurred_at": "'infinity'",
    "data": """data || '{"x": 1e999}'""",
    "actor": "'[]'",
}
"""What the ledger never writes."""


@pytest.mark.parametrize("column", CHANGES)
def test_a_column_that_was_changed_is_found_and_named(
    town: Town, notary: Notary, column: str
) -> None:
    with tampered(town.ledger) as owner:
        owner.execute(f"UPDATE events SET {column} = {CHANGES[column]} WHERE position = 12")  # type: ignore[call-overload]
    found = verdict(notary)
    assert (found.outcome, found.position) == (Outcome.ALTERED, 12), found.what


@pytest.mark.parametrize("column", ODD)
def test_what_the_ledger_never_writes_is_found_and_named(
    town: Town, notary: Notary, column: str
) -> None:
    with tampered(town.ledger) as owner:
        if column == "recorded_at":
            row = owner.execute("SELECT recorded_at::text FROM events WHERE position = 12")
            before_christ = row.fetchone()[0] + " BC"  # type: ignore[index]
            owner.execute(
                "UPDATE events SET recorded_at = %s WHERE position = 12", (before_christ,)
            )
        else:
            owner.execute(f"UPDATE events SET {column} = {ODD[column]} WHERE position = 12")  # type: ignore[call-overload]
    found = verdict(notary)
    assert (found.outcome, found.position) == (Outcome.ALTERED, 12), found.what


def test_every_column_has_such_a_test(town: Town) -> None:
    columns = town.ledger.database.rows(
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'events' "
        "AND table_schema = current_schema()"
    )
    assert {name for (name,) in columns} == CHANGES.keys() | {"position"}


SWAP = """
UPDATE events SET position = CASE position WHEN 12 THEN -13 WHEN 13 THEN -12 END
WHERE position IN (12, 13);
UPDATE events SET position = -position WHERE position < 0
"""
INSERTED = """
UPDATE events SET position = -position - 1 WHERE position >= 12;
UPDATE events SET position = -position WHERE position < 0;
INSERT INTO events SELECT 12, stream_id, stream_type, 99, name, schema_version, data, actor,
    occurred_at, recorded_at, command_id, causation_id, correlation_id, leaf_hash
FROM events WHERE position = 11;
UPDATE head SET size = size + 1
"""
TAMPERINGS: dict[str, tuple[str, int | None]] = {
    "a middle event is deleted": ("DELETE FROM events WHERE position = 12", 12),
    "two events are swapped": (SWAP, 12),
    "an event is put between": (INSERTED, 12),
    "the tree is changed": ("UPDATE subtrees SET hash = sha256(hash) WHERE level = 1 AND place = 5",
                            11),
    "a text is changed": ("UPDATE texts SET words = 'noe annet' WHERE position = 9", 9),
    "a salt is changed": ("UPDATE texts SET salt = sha256(salt) WHERE position = 9", 9),
    "a text is deleted": ("DELETE FROM texts WHERE position = 9", 9),
    "the tree's top is deleted": (
        "DELETE FROM subtrees WHERE level = (SELECT max(level) FROM subtrees)", 1),
    "the tree is said to be larger": ("UPDATE tree SET size = size + 1000", None),
    "a text is put under another stream": ("UPDATE texts SET stream_id = 'x' WHERE position = 9",
                                           9),
    "the last hash is changed": (
        "UPDATE events SET leaf_hash = sha256(leaf_hash) WHERE position = (SELECT size FROM tree)",
        None),
    "a text is moved": ("UPDATE texts SET position = 3 WHERE position = 9", 3),
    "a text is added": (
        "INSERT INTO texts SELECT gen_random_uuid(), stream_id, 9, 'mer', salt FROM texts LIMIT 1",
        9),
}  # fmt: skip


@pytest.mark.parametrize("how", TAMPERINGS)
def test_what_was_done_to_it_is_found_and_named(town: Town, notary: Notary, how: str) -> None:
    statements, position = TAMPERINGS[how]
    with tampered(town.ledger) as owner:
        owner.execute(statements)  # type: ignore[call-overload]
    found = verdict(notary)
    assert found.outcome is Outcome.ALTERED, found.what
    assert position in {None, found.position}, found.what


@pytest.mark.parametrize("counted", [True, False])
def test_a_last_event_that_is_deleted_is_missed(town: Town, notary: Notary, counted: bool) -> None:
    """Also where the counter was set back."""
    size = town.engine.ledger.size()
    with tampered(town.ledger) as owner:
        owner.execute("DELETE FROM events WHERE position = %s", (size,))
        if counted:
            owner.execute("UPDATE head SET size = size - 1")
    found = verdict(notary)
    assert (found.outcome, found.position) == (Outcome.ALTERED, size), found.what


def test_a_last_event_that_was_not_signed_yet_is_missed_by_the_counter(
    town: Town, notary: Notary
) -> None:
    case = town.raised()
    with tampered(town.ledger) as owner:
        owner.execute("DELETE FROM events WHERE stream_id = %s", (case,))
        owner.execute("DELETE FROM texts WHERE stream_id = %s", (case,))
    found = verdict(notary)
    assert (found.outcome, found.position) == (Outcome.ALTERED, town.engine.ledger.size())
    assert "counter" in found.what


def test_an_event_and_its_hash_changed_is_found_by_the_tree(town: Town, notary: Notary) -> None:
    with tampered(town.ledger) as owner:
        owner.execute("UPDATE events SET name = 'X', leaf_hash = sha256('x') WHERE position = 12")
    found = verdict(notary)
    assert (found.outcome, found.position) == (Outcome.ALTERED, 12)


def test_everything_hashed_anew_is_found_by_an_older_checkpoint(town: Town, notary: Notary) -> None:
    """Between which checkpoints it lies is all that can be known then."""
    first = notary.signed()[0][1].checkpoint
    with tampered(town.ledger) as owner:
        owner.execute("""UPDATE events SET actor = '{"id": "x"}' WHERE position = %s""",
                      (first.size + 2,))  # fmt: skip
        rehashed(town.ledger, owner)
    found = verdict(notary)
    assert (found.outcome, found.position) == (Outcome.ALTERED, first.size + 1)
    assert f"among events {first.size + 1} to {town.engine.ledger.size()}" in found.what


def test_everything_signed_anew_is_found_by_what_lies_outside(town: Town, notary: Notary) -> None:
    """Whoever has all of the database, and makes a ledger, a key and checkpoints of their own."""
    printed = notary.signed()[0][1].checkpoint.short
    with tampered(town.ledger) as owner:
        owner.execute("""UPDATE events SET actor = '{"id": "x"}' WHERE position = 3""")
        rehashed(town.ledger, owner)
        owner.execute("DELETE FROM checkpoints; DELETE FROM signing_keys")
    theirs = Notary(notary.database, MINE, notary.outside.with_name("theirs.note"))
    theirs.sign(NOW)
    assert verdict(theirs).ok, "from the inside nothing is to be seen"
    assert verdict(notary).outcome is Outcome.ALTERED
    found = verdict(theirs, checkpoint=printed)
    assert (found.outcome, found.position) == (Outcome.ALTERED, 1)


def test_a_ledger_without_checkpoints_is_held_against_the_one_outside(
    town: Town, notary: Notary
) -> None:
    with tampered(town.ledger) as owner:
        owner.execute("DELETE FROM checkpoints")
        owner.execute("UPDATE events SET version = 77 WHERE position = 3")
    assert verdict(notary).outcome is Outcome.ALTERED


def test_a_key_that_is_known_is_held_against_the_first(notary: Notary) -> None:
    assert verdict(notary, vkey=KEY.vkey(notary.origin)).ok
    found = verdict(notary, vkey=MINE.vkey(notary.origin))
    assert found.outcome is Outcome.ALTERED
    assert "another key" in found.what


def test_a_promise_that_cannot_be_read_is_told(notary: Notary) -> None:
    notary.outside.write_text("no")
    found = verdict(notary)
    assert found.outcome is Outcome.UNCHECKED
    assert "outside the database cannot be read" in found.what


def test_what_is_signed_while_it_looks_is_no_alarm(town: Town, notary: Notary) -> None:
    """The promise is read before the ledger is."""
    server = Notary(notary.database, KEY, notary.outside)
    real = notary.promised

    def and_then_the_server_signs() -> Checkpoint | None:
        found = real()
        town.raised()
        server.sign(NOW)
        return found

    notary.promised = and_then_the_server_signs  # type: ignore[method-assign]
    assert verdict(notary).ok


def test_an_old_key_signs_nothing_more(town: Town, notary: Notary) -> None:
    notary.rotate(MINE)
    notary.sign(NOW)
    town.raised()
    size, root = notary.tree.grow(), notary.tree.root(notary.tree.grow())
    note = KEY.checkpoint_note(notary.origin, size, root, NOW)
    with tampered(town.ledger) as owner:
        owner.execute("INSERT INTO checkpoints (size, note) VALUES (%s, %s)", (size, note))
    found = verdict(notary)
    assert found.outcome is Outcome.ALTERED
    assert "not signed with the ledger's key" in found.what


def test_a_checkpoint_that_was_altered_is_found(town: Town, notary: Notary) -> None:
    with tampered(town.ledger) as owner:
        owner.execute("UPDATE checkpoints SET note = replace(note, 'time 2026', 'time 2025')")
    assert verdict(notary).outcome is Outcome.ALTERED


def test_checkpoints_that_were_deleted_are_missed_by_the_one_outside(
    town: Town, notary: Notary
) -> None:
    with tampered(town.ledger) as owner:
        owner.execute("DELETE FROM checkpoints WHERE number > 1")
        owner.execute("DELETE FROM events WHERE position = %s", (town.engine.ledger.size(),))
        owner.execute("UPDATE head SET size = size - 1")
    found = verdict(notary)
    assert (found.outcome, found.position) == (Outcome.ALTERED, town.engine.ledger.size() + 1)


def test_a_board_member_s_printed_checkpoint_of_last_year_fits_today_s_ledger(
    town: Town, notary: Notary, tmp_path: Path
) -> None:
    printed = notary.signed()[0][1].checkpoint.short
    for _ in range(5):
        town.whole_life()
    notary.sign(NOW.replace(year=2027))
    found = verdict(notary, checkpoint=printed)
    assert found.ok
    assert found.what.endswith("the given checkpoint fits.")
    write(notary, tmp_path / "bundle.zip", Part())
    assert verifier.verify(tmp_path / "bundle.zip", checkpoint=printed).ok
    other = printed.replace(printed.split()[2][:4], "AAAA")
    assert verdict(notary, checkpoint=other).outcome is Outcome.ALTERED


# Bundles of a real ledger.


@pytest.mark.parametrize("words", [True, False])
def test_bundles_of_a_real_ledger_verify(
    town: Town, notary: Notary, tmp_path: Path, words: bool
) -> None:
    case = town.whole_life()
    town.does(case, "reopen")
    notary.sign(NOW)
    number = town.case(case).number
    size = town.engine.ledger.size()
    for part, count in (
        (Part(), size),
        (Part(first=5, last=20), 16),
        (Part(first=5), size - 4),
        (Part(case_id=case, number=number), town.case(case).version),
    ):
        file = tmp_path / "bundle.zip"
        assert write(notary, file, part, words=words) == count
        found = verifier.verify(file, language="en")
        assert found.ok, found.what
        assert ("the words are not in the bundle" in found.what) == (not words)
        assert [one.name for one in tmp_path.iterdir() if "bundle" in one.name] == ["bundle.zip"]


def test_a_bundle_is_not_written_over_an_erasure_that_is_not_signed(
    town: Town, notary: Notary, tmp_path: Path
) -> None:
    case = town.raised()
    notary.sign(NOW)
    town.does(case, "erase", text_id=town.case(case).title.id)
    with pytest.raises(ErasedSince):
        write(notary, tmp_path / "bundle.zip", Part())
    notary.sign(NOW)
    write(notary, tmp_path / "bundle.zip", Part())
    assert verifier.verify(tmp_path / "bundle.zip").ok


def test_a_part_is_held_against_an_old_printed_checkpoint(
    notary: Notary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle, "CHECKPOINTS", 1)
    printed = notary.signed()[0][1].checkpoint
    file = tmp_path / "bundle.zip"
    write(notary, file, Part(first=2))
    assert verifier.verify(file, checkpoint=printed.short).outcome is Outcome.UNCHECKED
    write(notary, file, Part(first=2, kept=printed.size))
    assert verifier.verify(file, checkpoint=printed.short).ok


def test_an_altered_event_is_named_in_a_bundle_made_afterwards(
    town: Town, notary: Notary, tmp_path: Path
) -> None:
    with tampered(town.ledger) as owner:
        owner.execute("UPDATE events SET actor = '{}' WHERE position = 12")
    file = tmp_path / "bundle.zip"
    write(notary, file, Part())
    found = verifier.verify(file, language="en")
    assert (found.outcome, found.position) == (Outcome.ALTERED, 12), found.what

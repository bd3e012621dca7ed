"""A checkpoint is a promise: none is made that contradicts another, and a broken one is noticed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.installation import OpenLedger
from api.notary import look
from ledger import live
from ledger.checkpoints import FRESH, LedgerBehind, Notary, Standing, write_whole
from ledger.signing import SigningKey
from ledger.verifier import Checkpoint, VerifierKey, open_note
from tests.conftest import KEY
from tests.ledger.tampering import tampered
from tests.lives import Town, another, in_threads, settled

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
OTHER_KEY = SigningKey.from_seed(bytes(range(1, 33)))


@pytest.fixture
def town(ledger: OpenLedger) -> Town:
    town = settled(ledger)
    town.whole_life()
    return town


@pytest.fixture
def notary(town: Town, tmp_path: Path) -> Notary:
    return Notary(town.ledger.database, KEY, tmp_path / "checkpoints" / "newest.note")


def test_a_checkpoint_is_over_all_that_is_recorded(town: Town, notary: Notary) -> None:
    number, signed = notary.sign(NOW)
    size = town.engine.ledger.size()
    assert (number, signed.checkpoint.size, signed.checkpoint.signed_at) == (1, size, NOW)
    assert signed.checkpoint.root == notary.tree.root(size)
    assert signed.checkpoint.origin == "loft/municipality"
    verifier = VerifierKey.parse(KEY.vkey("loft/municipality"))
    assert Checkpoint.parse(open_note(signed.note, [verifier])) == signed.checkpoint


def test_the_newest_is_kept_outside_the_database_too(town: Town, notary: Notary) -> None:
    for _ in range(2):
        town.raised()
        _, signed = notary.sign(NOW)
        assert notary.outside.read_text() == signed.note
        assert notary.promised() == signed.checkpoint
    assert notary.outside.stat().st_mode & 0o077 == 0
    assert [file.name for file in notary.outside.parent.iterdir()] == ["newest.note"]


def test_all_that_were_signed_are_listed_in_pages(town: Town, notary: Notary) -> None:
    made = [(town.raised(), notary.sign(NOW + timedelta(minutes=n)))[1] for n in range(5)]
    assert notary.signed(limit=3) == made[:3]
    assert notary.signed(after=3, limit=3) == made[3:]
    assert notary.newest() == made[-1]
    assert notary.signed_over(made[2][1].checkpoint.size) == [made[2]]


def test_the_newest_is_given_again_for_an_hour_while_nothing_happens(
    town: Town, notary: Notary
) -> None:
    first = notary.sign(NOW)
    assert notary.sign(NOW + FRESH - timedelta(seconds=1)) == first
    later = notary.sign(NOW + FRESH)
    assert (later[0], later[1].checkpoint.size) == (2, first[1].checkpoint.size)
    town.raised()
    assert notary.sign(NOW + FRESH)[0] == 3


def test_those_who_sign_at_once_while_others_write_sign_one_after_the_other(
    town: Town, notary: Notary
) -> None:
    """As two servers and a `loft bundle` do."""
    others = [another(town.ledger) for _ in range(2)]
    for other in others:
        other.database.open()
    notaries = [notary, *(Notary(other.database, KEY, notary.outside) for other in others)]

    def sign(one: Notary) -> None:
        for _ in range(15):
            town.raised()
            one.sign(NOW)

    assert in_threads(*[lambda one=one: sign(one) for one in notaries]) == [None] * 3
    sizes = [signed.checkpoint.size for _, signed in notary.signed()]
    assert sizes == sorted(sizes)
    assert len(set(sizes)) > 3
    newest = notary.newest()
    assert newest is not None
    assert notary.promised() == newest[1].checkpoint
    assert len(notary.listed_keys()) == 1
    assert live.verify(notary).ok
    for other in others:
        other.database.close()


# A ledger that does not hold what was signed.


def test_a_ledger_that_is_behind_is_closed(town: Town, notary: Notary) -> None:
    size = town.engine.ledger.size()
    write_whole(notary.outside, KEY.checkpoint_note(
        notary.origin, size + 3, bytes(range(32)), NOW).encode())  # fmt: skip
    assert look(town.engine, notary) is Standing.BEHIND
    with pytest.raises(LedgerBehind):
        town.raised()
    with pytest.raises(LedgerBehind):
        notary.sign(NOW)
    assert (town.engine.ledger.size(), notary.newest()) == (size, None)


def test_a_ledger_that_was_altered_is_closed(town: Town, notary: Notary) -> None:
    notary.sign(NOW)
    size = town.engine.ledger.size()
    write_whole(notary.outside, KEY.checkpoint_note(
        notary.origin, size - 1, bytes(range(32)), NOW).encode())  # fmt: skip
    assert look(town.engine, notary) is Standing.ALTERED
    with pytest.raises(LedgerBehind):
        town.raised()
    with pytest.raises(LedgerBehind):
        notary.sign(NOW)


def test_a_ledger_that_is_whole_again_is_open_again(town: Town, notary: Notary) -> None:
    _, signed = notary.sign(NOW)
    write_whole(notary.outside, KEY.checkpoint_note(
        notary.origin, signed.checkpoint.size + 1, bytes(range(32)), NOW).encode())  # fmt: skip
    look(town.engine, notary)
    write_whole(notary.outside, signed.note.encode())
    assert look(town.engine, notary) is Standing.WHOLE
    assert town.raised()


def test_nothing_is_signed_that_contradicts_the_newest_in_the_database(
    town: Town, notary: Notary
) -> None:
    """Also where the file outside is gone."""
    notary.sign(NOW)
    notary.outside.unlink()
    with tampered(town.ledger) as owner:
        owner.execute("UPDATE subtrees SET hash = sha256(hash) WHERE level = 1")
        owner.execute("UPDATE subtrees SET hash = sha256(hash) WHERE level = 2")
        owner.execute("UPDATE subtrees SET hash = sha256(hash) WHERE level = 3")
        owner.execute("UPDATE subtrees SET hash = sha256(hash) WHERE level = 4")
    with pytest.raises(LedgerBehind):
        notary.sign(NOW)


@pytest.mark.parametrize("content", ["", "loft", "loft/municipality\n1\nAA==\n\n— x y\n"])
def test_a_promise_that_cannot_be_read_is_not_passed_over(
    town: Town, notary: Notary, content: str
) -> None:
    notary.sign(NOW)
    notary.outside.write_text(content)
    assert look(town.engine, notary) is Standing.UNREADABLE
    with pytest.raises(LedgerBehind):
        notary.sign(NOW)
    with pytest.raises(LedgerBehind):
        town.raised()


# Keys.


def test_a_key_is_introduced_by_the_one_before_it(notary: Notary) -> None:
    notary.sign(NOW)
    notary.rotate(OTHER_KEY)
    _, signed = notary.sign(NOW)
    old, new = (VerifierKey.parse(key.vkey) for key in notary.listed_keys())
    first, second = notary.listed_keys()
    assert (first.introduced, open_note(second.introduced or "", [old])) == (None, new.introduction)
    assert open_note(signed.note, [new]) == signed.checkpoint.body
    assert [one.checkpoint.size for _, one in notary.signed()] == [signed.checkpoint.size] * 2


def test_a_rotation_that_was_cut_short_is_finished_by_a_repeat(town: Town, notary: Notary) -> None:
    notary.sign(NOW)
    notary.rotate(OTHER_KEY)
    again = Notary(town.ledger.database, KEY, notary.outside)
    again.rotate(OTHER_KEY)
    assert len(notary.listed_keys()) == 2
    assert again.sign(NOW)


def test_a_key_that_nobody_introduced_signs_nothing(town: Town, notary: Notary) -> None:
    notary.sign(NOW)
    stranger = Notary(town.ledger.database, OTHER_KEY, notary.outside)
    assert stranger.standing() is Standing.KEY_UNKNOWN
    with pytest.raises(LedgerBehind):
        stranger.sign(NOW)
    with pytest.raises(LedgerBehind):
        stranger.rotate(SigningKey.from_seed(bytes(32)))
    assert len(notary.listed_keys()) == 1
    assert notary.standing() is Standing.WHOLE


def test_a_promise_that_was_lost_is_made_again(notary: Notary) -> None:
    """As on another machine, where a backup was put back."""
    first = notary.sign(NOW)
    notary.outside.unlink()
    assert notary.sign(NOW) == first
    assert notary.promised() == first[1].checkpoint

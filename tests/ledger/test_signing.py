"""Signed notes and checkpoints, against the published example and by their rules."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
import segno
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.signing import SigningKey, qr_svg
from ledger.verifier import (
    EMPTY_ROOT,
    NOTE_BYTES,
    Checkpoint,
    TreeHead,
    VerifierKey,
    base64,
    from_base64,
    open_note,
)
from tests.ledger.bundles import KEY, NEXT_KEY, ORIGIN, STRANGER

# The example of golang.org/x/mod/sumdb/note, from which C2SP's signed-note comes.
VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SEED = from_base64("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
SIGNATURE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6"
    "KE6RyyBwJnAM=\n"
)
ENOCH_VKEY = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
ENOCH = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33"
    "WWd1RvMc+QQ=\n"
)
NOTE = f"{TEXT}\n{SIGNATURE}"
PETER = VerifierKey.parse(VKEY)
MOMENT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
ROOT = bytes(range(32))


# Notes.


def test_the_published_note_opens():
    assert open_note(NOTE, [PETER]) == TEXT


def test_our_key_signs_the_published_note_byte_for_byte():
    peter = SigningKey.from_seed(SEED)
    assert peter.vkey("PeterNeumann") == VKEY
    assert peter.sign("PeterNeumann", TEXT) == NOTE


def test_a_note_that_two_have_signed_opens_with_the_key_of_either():
    both = NOTE + ENOCH
    for vkey in (VKEY, ENOCH_VKEY):
        assert open_note(both, [VerifierKey.parse(vkey)]) == TEXT


def test_a_stranger_s_signature_is_ignored_and_a_known_key_s_must_hold():
    spoilt = NOTE + ENOCH.replace("Xm2/", "Xm3/")
    assert open_note(spoilt, [PETER]) == TEXT
    with pytest.raises(ValueError, match="fails"):
        open_note(spoilt, [PETER, VerifierKey.parse(ENOCH_VKEY)])


def test_a_note_holds_at_least_sixteen_signatures():
    strangers = [SigningKey.from_seed(bytes([n]) * 32) for n in range(15)]
    lines = [one.sign("x", TEXT).rpartition("\n\n")[2] for one in strangers]
    assert open_note("".join((TEXT, "\n", *lines, SIGNATURE)), [PETER]) == TEXT


def test_the_last_empty_line_ends_the_body():
    body = "a\n\n\nb\n\n"
    assert open_note(KEY.sign("x", body), [KEY.verifier("x")]) == body


def test_a_key_of_the_same_name_is_another_key():
    with pytest.raises(ValueError, match="no known key"):
        open_note(NOTE, [STRANGER.verifier("PeterNeumann")])


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n",
        TEXT,
        f"{TEXT}\n",
        f"{TEXT}{SIGNATURE}",
        f"{TEXT}\n{SIGNATURE}"[:-1],
        f"{TEXT}\n{SIGNATURE}\n",
        f"{TEXT}\n{SIGNATURE}".replace("\n", "\r\n"),
        f"{TEXT}\n{SIGNATURE}".replace("—", "-"),
        f"{TEXT}\n{SIGNATURE}".replace("— ", "—  "),
        f"{TEXT}\n{SIGNATURE}".replace("=\n", "\n"),
        f"{TEXT}\n{SIGNATURE}".replace("AM=\n", "AN=\n"),
        f"{TEXT}\n{SIGNATURE}".replace("x08go", "x08g!"),
        f"{TEXT}\n{SIGNATURE}".replace("Neumann ", "+Neumann "),
        f"{TEXT}\n{SIGNATURE}".replace("problem", "Problem"),
        f"{TEXT}\n{SIGNATURE}".replace("problem", "\tproblem"),
        f"{TEXT}\n{SIGNATURE}".replace("problem", "\x00problem"),
        f"{TEXT}\n— PeterNeumann {base64(PETER.key_id)}\n",
        f"{TEXT}\n— x \n{SIGNATURE}",
        f"\ud800{TEXT}\n{SIGNATURE}",
        f"{TEXT}\n{SIGNATURE}" + ENOCH * (NOTE_BYTES // len(ENOCH)),
    ],
)
def test_what_is_not_a_signed_note_is_refused(note):
    with pytest.raises(ValueError, match=r".+"):
        open_note(note, [PETER])


@settings(deadline=None)
@given(st.integers(0, len(NOTE) - 1), st.characters(codec="utf-8"))
def test_a_note_with_another_character_anywhere_does_not_open(at, character):
    changed = NOTE[:at] + character + NOTE[at + 1 :]
    if changed != NOTE:
        with pytest.raises(ValueError, match=r".+"):
            open_note(changed, [PETER])


@settings(deadline=None)
@given(st.text())
def test_no_text_makes_a_note_fail_otherwise(text):
    with pytest.raises(ValueError, match=r".+"):
        open_note(text, [PETER])


# Keys.


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "PeterNeumann",
        VKEY.replace("c74f20a3", "c74f20a4"),
        VKEY.replace("c74f20a3", "C74F20A3"),
        VKEY.replace("PeterNeumann", "Peter Neumann"),
        VKEY.replace("PeterNeumann", ""),
        VKEY.replace("+ARpc", "+ARpd"),
        VKEY.replace("+ARpc", "+ZRpc"),
        VKEY[:-4],
        VKEY + "\n",
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_what_is_not_a_verifier_key_is_refused(vkey):
    with pytest.raises(ValueError, match=r".+"):
        VerifierKey.parse(vkey)


def test_a_name_is_not_long():
    assert VerifierKey.parse(KEY.vkey("x" * 255)).name == "x" * 255
    with pytest.raises(ValueError, match="not a verifier key"):
        VerifierKey.parse(KEY.vkey("x" * 256))


def test_a_key_comes_from_a_seed_base64_or_pem():
    assert VerifierKey.parse(KEY.vkey(ORIGIN)) == KEY.verifier(ORIGIN)
    assert SigningKey.from_pem(KEY.pem).vkey("x") == KEY.vkey("x")
    assert SigningKey.from_base64(base64(bytes(range(32))) + "\n").vkey("x") == KEY.vkey("x")


def test_what_is_not_a_signing_key_is_refused():
    other = Ed448PrivateKey.generate()
    unlocked = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    lock = BestAvailableEncryption(b"secret")
    locked = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock)
    for pem in (b"", b"-----BEGIN", unlocked, locked):
        with pytest.raises(ValueError, match=r".+"):
            SigningKey.from_pem(pem)
    for seed in ("", base64(bytes(31)), "!" * 44):
        with pytest.raises(ValueError, match=r".+"):
            SigningKey.from_base64(seed)


def test_a_signing_key_does_not_print_itself():
    assert bytes(range(32)).hex() not in repr(KEY)
    assert repr(KEY) == "SigningKey()"


def test_a_body_that_no_note_can_hold_is_not_signed():
    for name, body in (
        ("x", "no end"),
        ("x", "a\tb\n"),
        ("x y", "a\n"),
        ("x+y", "a\n"),
        ("", "a\n"),
    ):
        with pytest.raises(ValueError, match=r".+"):
            KEY.sign(name, body)


def test_a_key_introduces_the_next_one():
    note = KEY.introduce(NEXT_KEY.vkey(ORIGIN))
    assert open_note(note, [KEY.verifier(ORIGIN)]) == f"loft key\n{NEXT_KEY.vkey(ORIGIN)}\n"


# Checkpoints.


def test_a_checkpoint_is_four_lines_and_a_signature():
    note = KEY.checkpoint_note(ORIGIN, 48210, ROOT, MOMENT.replace(microsecond=7))
    body = open_note(note, [KEY.verifier(ORIGIN)])
    assert body == f"{ORIGIN}\n48210\n{base64(ROOT)}\ntime 2026-11-22T10:00:00Z\n"
    assert Checkpoint.parse(body) == Checkpoint(ORIGIN, 48210, ROOT, MOMENT)


def test_a_checkpoint_s_time_is_in_utc_whatever_zone_it_was_signed_in():
    oslo = MOMENT.astimezone(timezone(timedelta(hours=1)))
    assert KEY.checkpoint_note(ORIGIN, 1, ROOT, oslo) == KEY.checkpoint_note(
        ORIGIN, 1, ROOT, MOMENT
    )


@settings(deadline=None)
@given(st.integers(1, 2**63 - 1), st.binary(min_size=32, max_size=32), st.datetimes(
    datetime(1990, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  # fmt: skip
def test_every_checkpoint_reads_as_it_was_written(size, root, moment):
    checkpoint = Checkpoint(ORIGIN, size, root, moment.replace(microsecond=0))
    assert Checkpoint.parse(checkpoint.body) == checkpoint
    assert TreeHead.parse_short(checkpoint.short) == TreeHead(ORIGIN, size, root)


BODY = Checkpoint(ORIGIN, 10, ROOT, MOMENT).body


@pytest.mark.parametrize(
    "body",
    [
        "",
        BODY[:-1],
        BODY + "\n",
        BODY + "more\n",
        "\n" + BODY,
        BODY.replace("10\n", "010\n", 1),
        BODY.replace("10\n", "-10\n", 1),
        BODY.replace("10\n", "1_0\n", 1),
        BODY.replace("10\n", "\u0661\u0660\n", 1),
        BODY.replace("10\n", f"{2**63}\n", 1),
        BODY.replace("10\n", "9" * 5000 + "\n", 1),
        BODY.replace("10\n", "0\n", 1),
        BODY.replace("=\n", "\n"),
        BODY.replace(base64(ROOT), base64(ROOT[:31])),
        BODY.replace(base64(ROOT), base64(EMPTY_ROOT)),
        BODY.replace("time ", ""),
        BODY.replace("time ", "clock "),
        BODY.replace("Z\n", "\n"),
        BODY.replace("Z\n", "+01:00\n"),
        BODY.replace("-22T", "-32T"),
        BODY.replace("2026", "0001"),
        BODY.replace(ORIGIN, ""),
        BODY.replace("\n", "\r\n"),
    ],
)
def test_what_is_not_exactly_a_checkpoint_is_refused(body):
    with pytest.raises(ValueError, match=r".+"):
        Checkpoint.parse(body)


def test_a_checkpoint_of_nothing_has_the_empty_root():
    checkpoint = Checkpoint(ORIGIN, 0, EMPTY_ROOT, MOMENT)
    assert Checkpoint.parse(checkpoint.body) == checkpoint


# The printed form.


def test_the_qr_code_holds_the_short_form():
    head = TreeHead(ORIGIN, 48210, ROOT)
    svg = qr_svg(head)
    assert svg.startswith("<svg")
    assert svg.endswith("</svg>")
    assert re.findall(r'd="[^"]+"', svg) == re.findall(
        r'd="[^"]+"', segno.make(head.short, error="m", micro=False).svg_inline(scale=3)
    )
    assert qr_svg(TreeHead(ORIGIN, 48211, ROOT)) != svg


def test_the_qr_code_is_the_same_for_a_checkpoint():
    assert qr_svg(Checkpoint(ORIGIN, 7, ROOT, MOMENT)) == qr_svg(TreeHead(ORIGIN, 7, ROOT))

"""The verifier finds what was done to keys, checkpoints and parts of a ledger."""

import json

import pytest

from ledger import verifier
from tests.ledger.bundles import (
    KEY,
    NEXT_KEY,
    ORIGIN,
    STRANGER,
    Book,
    Lines,
    book,
    line,
    manifest,
)
from tests.ledger.judging import BOOK, KEPT, altered, edit, rename, told, unchecked

# Tampering with keys and checkpoints.


def with_two_keys() -> Lines:
    lines = BOOK.everything(4)
    word = KEY.introduce(NEXT_KEY.vkey(ORIGIN))
    lines["keys.jsonl"].append(line({"introduced": word, "vkey": NEXT_KEY.vkey(ORIGIN)}))
    lines["checkpoints.jsonl"][1] = line({"note": BOOK.note(12, NEXT_KEY)})
    return lines


def test_a_key_that_its_predecessor_introduced_signs_on():
    assert told(with_two_keys()).ok


@pytest.mark.parametrize("word", [
    None,
    "",
    NEXT_KEY.introduce(NEXT_KEY.vkey(ORIGIN)),
    STRANGER.introduce(NEXT_KEY.vkey(ORIGIN)),
    KEY.introduce(STRANGER.vkey(ORIGIN)),
    KEY.sign(ORIGIN, NEXT_KEY.vkey(ORIGIN) + "\n"),
])  # fmt: skip
def test_a_replaced_key(word):
    lines = with_two_keys()
    edit(lines, "keys.jsonl", 2, lambda row: row.update(introduced=word))
    assert altered(lines) == (
        None,
        "Key number 2 was replaced: the key before it does not vouch for it.",
    )


def test_another_key_in_place_of_the_ledger_s():
    lines = BOOK.everything(4)
    lines["keys.jsonl"] = [line({"introduced": None, "vkey": STRANGER.vkey(ORIGIN)})]
    assert altered(lines)[1] == (
        "Checkpoint number 1 was altered, or not signed with the ledger's key."
    )


def test_a_ledger_signed_anew_with_another_key_is_found_by_the_known_key():
    lines = BOOK.everything(4, key=STRANGER)
    assert told(lines).ok
    assert altered(lines, vkey=KEY.vkey(ORIGIN))[1] == (
        "The ledger begins with another key than the given one."
    )
    assert told(BOOK.everything(4), vkey=KEY.vkey(ORIGIN)).ok


def test_an_altered_checkpoint():
    lines = BOOK.everything(4, 8)
    edit(
        lines,
        "checkpoints.jsonl",
        2,
        lambda row: row.update(note=row["note"].replace("\n8\n", "\n9\n")),
    )
    assert altered(lines)[1].startswith("Checkpoint number 2 was altered")


def test_checkpoints_out_of_order():
    lines = BOOK.everything(8, 4)
    assert altered(lines)[1] == (
        "The checkpoint of 4 events from 2 November 2016 does not continue the one before it."
    )


def test_two_checkpoints_of_one_size_that_tell_of_different_events():
    lines = BOOK.everything(4, 12)
    lines["checkpoints.jsonl"][1] = line({"note": rewritten().note(12)})
    assert altered(lines)[1] == (
        "The checkpoint of 12 events from 4 November 2016 does not continue the one before it."
    )


def test_a_signed_checkpoint_with_another_root():
    lines = BOOK.everything(4)
    other = book()
    rename(other.events[1])
    lines["checkpoints.jsonl"][0] = line({"note": other.note(4)})
    assert altered(lines)[0] == 1


def rewritten() -> Book:
    made = book()
    rename(made.events[5])
    return made


def test_all_rewritten_and_signed_anew_but_an_older_checkpoint_left():
    lines = rewritten().everything(4, 8)
    lines["checkpoints.jsonl"].insert(1, line({"note": BOOK.note(7)}))
    position, what = altered(lines)
    assert position == 5
    assert what == ("Something among events 5 to 7 was altered after signing on 3 November 2016.")


def test_all_rewritten_and_signed_anew_is_found_by_a_kept_checkpoint():
    lines = rewritten().everything(4, 8)
    assert told(lines).ok
    kept = verifier.TreeHead(ORIGIN, 7, BOOK.root(7)).short
    for given_text in (kept, BOOK.note(7)):
        assert altered(lines, checkpoint=given_text) == (
            1,
            "Something among events 1 to 7 was altered since the given checkpoint.",
        )


def test_the_part_of_a_case_after_a_rewrite_does_not_continue_what_was_signed():
    lines = rewritten().case("c1", 4)
    lines["checkpoints.jsonl"].insert(1, line({"consistency": [], "note": BOOK.note(7)}))
    assert altered(lines)[1].startswith("The checkpoint of 7 events")


# A checkpoint that somebody kept.


@pytest.mark.parametrize("text", [
    KEPT,
    KEPT.strip(),
    f"\n\n  {KEPT}".replace("\n", " \r\n "),
    BOOK.note(7),
    BOOK.note(7).replace("\n", "\r\n"),
    f"  {BOOK.note(7)}\n\n",
    KEPT + "time 2016-11-03T00:00:00Z\n",
])  # fmt: skip
def test_a_kept_checkpoint_that_fits(text):
    verdict = told(BOOK.everything(4), checkpoint=text)
    assert verdict.ok
    assert verdict.what.endswith("; the given checkpoint fits.")


def test_a_kept_checkpoint_fits_a_part_that_has_it():
    assert told(BOOK.case("c1", 4, 7), checkpoint=KEPT).ok
    assert unchecked(BOOK.case("c1", 4), checkpoint=KEPT) == (
        "The bundle has no checkpoint of 7 events, as the given one is."
    )
    assert altered(rewritten().case("c1", 4, 7), checkpoint=KEPT)[0] == 1


@pytest.mark.parametrize(("text", "what"), [
    ("", "The given checkpoint cannot be read."),
    ("hello", "The given checkpoint cannot be read."),
    (KEPT.replace("=", ""), "The given checkpoint cannot be read."),
    (KEPT.replace("7", "999999"), "The given checkpoint has 999,999 events"),
    (KEPT.replace("baerum", "asker"), "A checkpoint belongs to loft/asker, not to loft/baerum."),
    (BOOK.note(7, STRANGER), "The given checkpoint is not signed with the ledger's key."),
    (BOOK.note(7)[:-9] + "AAAAAAA=\n", "The given checkpoint is not signed with"),
])  # fmt: skip
def test_a_kept_checkpoint_that_nothing_can_be_held_against(text, what):
    assert unchecked(BOOK.everything(4), checkpoint=text).startswith(what)


def test_a_bundle_cut_off_before_the_kept_checkpoint():
    short = book()
    del short.events[6:]
    short.texts = [text for text in short.texts if text["position"] <= 6]
    short.erased.clear()
    lines = short.everything(4)
    assert told(lines).ok
    assert unchecked(lines, checkpoint=KEPT) == (
        "The given checkpoint has 7 events, but the bundle ends at 6."
    )


# Tampering with a part.


@pytest.mark.parametrize("made", [lambda: BOOK.case("c1"), lambda: BOOK.period(4, 9)])
def test_an_event_of_a_part_altered(made):
    lines = made()
    edit(lines, "events.jsonl", 3, rename)
    position, what = altered(lines)
    assert position == 6
    assert what.startswith("Event 6 (")
    assert what.endswith("was altered after it was signed.")


def test_an_event_s_life_is_its_stream_where_the_raising_is_not_in_the_bundle():
    lines = BOOK.period(4, 9)
    edit(lines, "events.jsonl", 3, rename)
    assert altered(lines)[1].startswith("Event 6 (case c1, 2 November 2016)")


@pytest.mark.parametrize("n", range(5))
def test_an_event_of_a_case_gone_with_its_proof(n):
    lines = BOOK.case("c1")
    lines["texts.jsonl"] = BOOK.text_lines(stream="c1")
    for member in ("events.jsonl", "proofs.jsonl"):
        del lines[member][n]
    if n < 4:
        altered(lines)
    else:
        assert altered(lines)[1].startswith("Words were added")


def test_a_middle_event_of_a_case_gone_with_its_proof_is_named():
    lines = BOOK.case("c1")
    for member in ("events.jsonl", "proofs.jsonl"):
        del lines[member][2]
    position, what = altered(lines)
    assert position == 8
    assert what == (
        "Event 8 (case 2016-0001, 3 November 2016) is number 4 of its case, "
        "where number 3 should stand."
    )


def test_an_event_gone_whose_proof_is_left():
    for n, position in ((1, 4), (4, 11)):
        lines = BOOK.case("c1")
        del lines["events.jsonl"][n]
        assert altered(lines) == (position, f"Event {position} is missing.")


def test_an_event_without_a_proof():
    lines = BOOK.case("c1")
    del lines["proofs.jsonl"][2]
    assert altered(lines)[0] == 6


def test_an_event_of_another_case():
    lines = BOOK.case("c1")
    other = BOOK.case("c2")
    for member in ("events.jsonl", "proofs.jsonl"):
        lines[member].insert(2, other[member][1])
    position, what = altered(lines)
    assert position == 5
    assert what.endswith("does not belong to case 2016-0001.")


def test_a_case_under_another_s_number():
    lines = BOOK.case("c1")
    edit(lines, "bundle.json", 1, lambda row: row.update(case="2016-0002"))
    assert altered(lines)[0] == 2


def test_a_period_with_a_hole_or_an_end_cut_off():
    for n, position in ((0, 4), (2, 6), (5, 9)):
        lines = BOOK.period(4, 9)
        for member in ("events.jsonl", "proofs.jsonl"):
            del lines[member][n]
        lines["texts.jsonl"] = [
            row for row in lines["texts.jsonl"] if json.loads(row)["position"] != position
        ]
        assert altered(lines)[0] == position


def test_a_part_said_to_be_everything():
    lines = BOOK.period(4, 9)
    lines["bundle.json"] = [line(manifest(12))]
    assert "proofs.jsonl" in altered(lines)[1]
    del lines["proofs.jsonl"]
    assert altered(lines)[0] == 1

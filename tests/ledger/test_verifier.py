"""The verifier: what is whole is told to be, and each way of tampering is found and named."""

import json
import re
import subprocess
import sys
import tracemalloc
import zipfile
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.text import Text
from ledger import verifier
from ledger.stored import EventMapper, canonical
from ledger.verifier import ALTERED, INTACT, LINE_BYTES, UNCHECKED, Outcome, Verdict, verify
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
    zipped,
)
from tests.ledger.examples import EXAMPLES

BOOK = book()
CASE_1 = "case 2016-0001, 2 November 2016"


def told(lines: Lines, **asked: str) -> Verdict:
    return verify(zipped(lines), language="en", **asked)


def altered(lines: Lines, **asked: str) -> tuple[int | None, str]:
    verdict = told(lines, **asked)
    assert verdict.outcome is Outcome.ALTERED, verdict
    assert not verdict.ok
    return verdict.position, verdict.what


def unchecked(lines: Lines, **asked: str) -> str:
    verdict = told(lines, **asked)
    assert verdict.outcome is Outcome.UNCHECKED, verdict
    assert not verdict.ok
    return verdict.what


def edit(lines: Lines, member: str, n: int, change) -> None:
    """Change line *n* (from 1) of a member, and write it as it should be written."""
    row = json.loads(lines[member][n - 1])
    change(row)
    lines[member][n - 1] = line(row)


def rename(row: dict) -> None:
    row["actor"]["id"] = "somebody else"


# What is whole.


def test_a_whole_ledger_is_complete_and_unaltered():
    assert told(BOOK.everything(4, 8)) == Verdict(
        Outcome.INTACT,
        12,
        None,
        "Complete and unaltered from event 1 to 12 as signed on 4 November 2016; "
        "1 text erased under 1 request.",
    )


def test_it_says_so_in_norwegian():
    assert verify(zipped(BOOK.everything(4, 8))).what == (
        "Komplett og uendret fra hendelse 1 til 12, som signert 4. november 2016; "
        "1 tekst er slettet etter 1 krav."
    )


def test_large_numbers_are_grouped():
    told = verifier.Teller(None, "nb"), verifier.Teller(None, "en")
    finding = verifier.Finding("missing", first=48210)
    assert [one.sentence(finding) for one in told] == [
        "Hendelse 48\N{NO-BREAK SPACE}210 mangler.",
        "Event 48,210 is missing.",
    ]


def test_a_request_may_erase_several_texts():
    lived = book()
    lived.erases(7)
    lived.erases(10)
    lived.events[-1]["correlation_id"] = lived.events[-2]["command_id"]
    assert "; 3 texts erased under 2 requests." in told(lived.everything()).what


def test_a_ledger_with_one_checkpoint_is_checked():
    assert told(BOOK.everything()).ok


def test_the_same_checkpoint_may_be_signed_twice():
    assert told(BOOK.everything(4, 4, 12)).ok


def test_without_words_it_says_that_they_are_not_there():
    lines = BOOK.everything(4)
    lines["bundle.json"] = [line(manifest(12) | {"words": False})]
    del lines["texts.jsonl"]
    assert told(lines).what.endswith("; the words are not in the bundle.")


def test_a_case_is_unaltered():
    assert told(BOOK.case("c1", 4, 8)) == Verdict(
        Outcome.INTACT,
        12,
        None,
        "Case 2016-0001 is unaltered from its event 1 to 5 as signed on 4 November 2016.",
    )
    assert "; 1 text erased under 1 request." in told(BOOK.case("c2")).what


def test_a_period_is_complete_and_unaltered():
    assert told(BOOK.period(6, 9)).what.startswith(
        "Complete and unaltered from event 6 to 9 as signed on 4 November 2016; 1 text erased"
    )


def test_words_erased_after_a_period_are_told_not_judged():
    verdict = told(BOOK.period(4, 6))
    assert verdict.ok
    assert verdict.what.endswith("; 1 text not in the bundle.")


def test_kept_hashes_change_nothing_for_what_is_whole():
    assert told(BOOK.everything(4, hashes=True)) == told(BOOK.everything(4))


@settings(deadline=None)
@given(st.integers(1, 12), st.integers(1, 12))
def test_every_period_is_whole(first, last):
    if first <= last:
        assert told(BOOK.period(first, last)).ok


# Tampering with events.


def test_an_altered_field_is_among_the_events_of_its_checkpoint():
    lines = BOOK.everything(4, 8)
    edit(lines, "events.jsonl", 6, rename)
    position, what = altered(lines)
    assert position == 5
    assert what == ("Something among events 5 to 8 was altered after signing on 3 November 2016.")


def test_an_altered_field_is_named_where_the_hashes_are_kept():
    lines = BOOK.everything(4, 8, hashes=True)
    edit(lines, "events.jsonl", 6, rename)
    assert altered(lines) == (6, f"Event 6 ({CASE_1}) was altered after it was signed.")


def test_hashes_kept_to_fit_the_alteration_do_not_hide_it():
    lines = BOOK.everything(4, 8, hashes=True)
    edit(lines, "events.jsonl", 6, rename)
    forged = verifier.base64(verifier.leaf_hash(lines["events.jsonl"][5].encode()))
    edit(lines, "hashes.jsonl", 6, lambda row: row.update(leaf_hash=forged))
    assert altered(lines)[0] == 5


def test_an_alteration_between_two_checkpoints_is_named():
    lines = BOOK.everything(5, 6, 8)
    edit(lines, "events.jsonl", 6, rename)
    assert altered(lines) == (6, f"Event 6 ({CASE_1}) was altered after it was signed.")


@pytest.mark.parametrize("position", range(1, 13))
def test_each_event_is_found_when_altered(position):
    lines = BOOK.everything(*range(1, 12))
    edit(lines, "events.jsonl", position, rename)
    assert altered(lines)[0] == position


def test_the_last_event_gone():
    lines = BOOK.everything(4, 8)
    lines["events.jsonl"].pop()
    assert altered(lines) == (12, "Event 12 is missing.")


def test_the_last_events_gone():
    lines = BOOK.everything(4, 8)
    del lines["events.jsonl"][9:]
    assert altered(lines) == (10, "Events 10 to 12 are missing.")


def test_a_middle_event_gone():
    lines = BOOK.everything(4, 8)
    del lines["events.jsonl"][4]
    position, what = altered(lines)
    assert position == 5
    assert what == f"Event 5 is missing from its place: event 6 ({CASE_1}) stands there."


def test_a_middle_event_gone_and_the_rest_moved_up():
    lines = BOOK.everything(4, 8)
    del lines["events.jsonl"][4]
    for n in range(5, 12):
        edit(lines, "events.jsonl", n, lambda row: row.update(position=row["position"] - 1))
    for n in range(6, len(lines["texts.jsonl"]) + 1):
        edit(lines, "texts.jsonl", n, lambda row: row.update(position=row["position"] - 1))
    assert altered(lines) == (
        5,
        "Something among events 5 to 8 was altered after signing on 3 November 2016.",
    )


def test_two_events_swapped():
    lines = BOOK.everything(4, 8)
    events = lines["events.jsonl"]
    events[5], events[6] = events[6], events[5]
    assert altered(lines)[0] == 6


def test_two_events_swapped_with_their_positions():
    lines = BOOK.everything(4, 8, hashes=True)
    events = lines["events.jsonl"]
    events[5], events[6] = events[6], events[5]
    edit(lines, "events.jsonl", 6, lambda row: row.update(position=6))
    edit(lines, "events.jsonl", 7, lambda row: row.update(position=7))
    assert altered(lines)[0] == 6


def test_an_event_put_in():
    lines = BOOK.everything(4, 8)
    lines["events.jsonl"].insert(6, lines["events.jsonl"][5])
    position, what = altered(lines)
    assert position == 7
    assert what.startswith("Event 7 is missing from its place: event 6 (")


def test_an_event_moved_past_the_end():
    for position in (13, 2**62):
        lines = BOOK.everything(4, 8)
        edit(lines, "events.jsonl", 6, lambda row, at=position: row.update(position=at))
        assert altered(lines)[0] == 6


def test_an_event_put_at_the_end():
    later = book()
    later.happens("c1", "ProgressNoted", "I ettertid")
    lines = BOOK.everything(4, 8)
    lines["events.jsonl"].append(later.everything()["events.jsonl"][12])
    position, what = altered(lines)
    assert position == 13
    assert what == "Nothing shows that event 13 (case 2016-0001, 4 November 2016) was ever signed."


@pytest.mark.parametrize("spoil", [
    lambda row: row.replace(',"data"', ', "data"'),
    lambda row: row[:-1],
    lambda row: f"{row}\r",
    lambda _: "",
    lambda _: "[]",
    lambda row: row.replace('"version":', '"version":1,"version":'),
    lambda row: row.replace('"position":6', '"position":6.0'),
    lambda row: row.replace('"position":6', '"position":true'),
    lambda row: row.replace('"position":6', '"position":NaN'),
    lambda row: row.replace('"position":6', '"position":' + "9" * 5000),
    lambda row: row.replace('"position":6', '"position":-6'),
    lambda row: row.replace('"version":3', f'"version":{2**64}'),
    lambda row: row.replace("case", "\\ud800"),
    lambda row: row.replace("case", "\\u0063ase"),
    lambda row: row.replace("2016", "0000"),
    lambda row: row.replace('"data":{', '"data":' + "[" * 100_000 + '{'),
    lambda _: "[" * 1_000_000,
])  # fmt: skip
def test_a_line_that_the_ledger_does_not_write(spoil):
    lines = BOOK.everything(4, 8)
    lines["events.jsonl"][5] = spoil(lines["events.jsonl"][5])
    position, what = altered(lines)
    assert position == 6
    assert what == "Line 6 of events.jsonl was altered: the ledger writes no event so."


@settings(deadline=None)
@given(st.integers(0, 5000), st.binary(min_size=1, max_size=1))
def test_no_byte_of_the_events_can_be_another(at, byte):
    lines = BOOK.everything(*range(1, 12))
    written = "".join(f"{row}\n" for row in lines["events.jsonl"]).encode()
    at %= len(written) - 1
    changed = written[:at] + byte + written[at + 1 :]
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for member, rows in lines.items():
            data = "".join(f"{row}\n" for row in rows).encode()
            archive.writestr(member, changed if member == "events.jsonl" else data)
    verdict = verify(file, language="en")
    if changed != written:
        assert verdict.outcome is Outcome.ALTERED
        assert verdict.position is not None
        assert verdict.position <= written[:at].count(b"\n") + 1


# Tampering with words.


def test_changed_words():
    lines = BOOK.everything(4, 8)
    edit(lines, "texts.jsonl", 4, lambda row: row.update(words="Snakket ikke"))
    position, what = altered(lines)
    assert position == 4
    assert what == f"The words of event 4 ({CASE_1}) were altered after they were signed."


def test_changed_words_whose_event_was_changed_with_them():
    lines = BOOK.everything(3, 4)
    other = book()
    other.texts.clear()
    digest = other._text(4, 0, "Snakket ikke")["digest"]
    edit(lines, "texts.jsonl", 4, lambda row: row.update(words="Snakket ikke"))
    edit(lines, "events.jsonl", 4, lambda row: row["data"]["texts"][0].update(digest=digest))
    position, what = altered(lines)
    assert position == 4
    assert what.startswith("Event 4 (")


def test_an_altered_event_comes_before_wrong_words_later_on():
    lines = BOOK.everything(4, 8)
    edit(lines, "events.jsonl", 5, rename)
    edit(lines, "texts.jsonl", 8, lambda row: row.update(words="Noe annet"))
    assert altered(lines)[0] == 5


def test_words_gone_without_an_erasure():
    lines = BOOK.everything(4, 8)
    del lines["texts.jsonl"][3]
    position, what = altered(lines)
    assert position == 4
    assert what == f"Words of event 4 ({CASE_1}) are missing without an erasure."


def test_an_erasure_in_another_case_explains_nothing():
    lived = book()
    text_id = lived.events[3]["data"]["texts"][0]["id"]
    lived.happens("c2", "TextErased", text_id=text_id)
    lived.erased.add(text_id)
    assert altered(lived.everything())[0] == 4


def test_words_that_were_erased_and_are_still_there():
    lines = BOOK.everything(4, 8)
    kept = book()
    kept.erased.clear()
    lines["texts.jsonl"] = kept.everything()["texts.jsonl"]
    position, what = altered(lines)
    assert position == 5
    assert (
        what
        == "Words of event 5 (case 2016-0002, 2 November 2016) were erased, and yet they are here."
    )


def test_words_put_in():
    for position in (1, 4, 12):
        lines = BOOK.everything(4, 8)
        text = {"id": "x", "position": position, "salt": "", "words": "Lagt til"}
        lines["texts.jsonl"] = sorted(
            [*lines["texts.jsonl"], line(text)], key=lambda row: json.loads(row)["position"]
        )
        at, what = altered(lines)
        assert at == position
        assert what == f"Words were added that do not belong to event {position} or any other."


def test_words_twice():
    lines = BOOK.everything(4, 8)
    lines["texts.jsonl"].insert(3, lines["texts.jsonl"][3])
    assert altered(lines)[0] == 4


def test_words_in_a_case_are_checked_too():
    lines = BOOK.case("c1")
    edit(lines, "texts.jsonl", 1, lambda row: row.update(words="Ro på stasjonen"))
    assert altered(lines)[0] == 2
    lines = BOOK.case("c1")
    lines["texts.jsonl"].pop()
    assert altered(lines)[0] == 11
    lines = BOOK.period(6, 9)
    lines["texts.jsonl"].append(BOOK.everything()["texts.jsonl"][-1])
    assert altered(lines)[1].startswith("Words were added")


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


KEPT = verifier.TreeHead(ORIGIN, 7, BOOK.root(7)).short


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


# What cannot be checked.


@pytest.mark.parametrize("member", [
    "bundle.json", "events.jsonl", "texts.jsonl", "checkpoints.jsonl", "keys.jsonl", "proofs.jsonl",
])  # fmt: skip
def test_a_missing_member(member):
    lines = BOOK.case("c1", 4)
    del lines[member]
    assert unchecked(lines) == f"The bundle has no {member}, or it cannot be read."


@pytest.mark.parametrize("member", [
    "bundle.json", "events.jsonl", "texts.jsonl", "checkpoints.jsonl", "keys.jsonl", "proofs.jsonl",
])  # fmt: skip
def test_an_empty_member(member):
    whole, case, period = BOOK.everything(4), BOOK.case("c1", 4), BOOK.period(4, 9)
    for lines in (whole, case, period):
        if member in lines and (lines is not period or member != "texts.jsonl"):
            lines[member] = []
            assert not told(lines).ok


@pytest.mark.parametrize("member", [
    "bundle.json", "texts.jsonl", "checkpoints.jsonl", "keys.jsonl", "proofs.jsonl",
])  # fmt: skip
@pytest.mark.parametrize("text", [
    "", "{", "{}", "[]", "null", '{"a":1e9}', "\x00", "[" * 100_000, '{"a": 1}',
])  # fmt: skip
def test_a_line_that_cannot_be_read(member, text):
    lines = BOOK.case("c1", 4)
    lines[member][0] = text
    assert unchecked(lines) == f"Line 1 of {member} cannot be read."


@pytest.mark.parametrize(("member", "change"), [
    ("bundle.json", {"format": 2}),
    ("bundle.json", {"holds": "something"}),
    ("bundle.json", {"size": 0}),
    ("bundle.json", {"size": -1}),
    ("bundle.json", {"size": 2**63}),
    ("bundle.json", {"size": True}),
    ("bundle.json", {"words": 1}),
    ("bundle.json", {"origin": None}),
    ("bundle.json", {"case": None}),
    ("bundle.json", {"holds": "period"}),
    ("bundle.json", {"holds": "period", "from": 5, "to": 4}),
    ("bundle.json", {"holds": "period", "from": 0, "to": 4}),
    ("bundle.json", {"holds": "period", "from": 1, "to": 13}),
    ("texts.jsonl", {"salt": "zz"}),
    ("texts.jsonl", {"words": None}),
    ("texts.jsonl", {"position": "4"}),
    ("proofs.jsonl", {"proof": ["AA=="]}),
    ("proofs.jsonl", {"proof": [1]}),
    ("proofs.jsonl", {"proof": None}),
    ("checkpoints.jsonl", {"note": None}),
    ("checkpoints.jsonl", {"consistency": [None]}),
    ("keys.jsonl", {"vkey": "x"}),
    ("keys.jsonl", {"vkey": None}),
])  # fmt: skip
def test_a_field_that_cannot_be_read(member, change):
    lines = BOOK.case("c1", 4)
    edit(lines, member, 1, lambda row: row.update(change))
    assert unchecked(lines) == f"Line 1 of {member} cannot be read."


def test_a_bundle_without_a_checkpoint_or_without_its_newest():
    for rows in ([], BOOK.everything(4)["checkpoints.jsonl"][:1]):
        lines = BOOK.everything(4)
        lines["checkpoints.jsonl"] = rows
        assert unchecked(lines) == (
            "The bundle does not have the checkpoint that it says it ends with."
        )


def test_a_bundle_of_another_ledger():
    lines = BOOK.everything(4)
    edit(lines, "bundle.json", 1, lambda row: row.update(origin="loft/asker\x1b[31m" + "x" * 200))
    what = unchecked(lines)
    assert what.startswith("A checkpoint belongs to loft/baerum, not to loft/asker[31mxxx")
    assert len(what) < 150


@pytest.mark.parametrize("content", [
    b"", b"PK", b"hello", b"PK\x03\x04" + bytes(100), b"PK\x05\x06" + bytes(18),
])  # fmt: skip
def test_what_is_no_zip(content):
    verdict = verify(BytesIO(content), language="en")
    assert verdict.outcome is Outcome.UNCHECKED
    assert verdict.size == 0


def test_what_is_no_file(tmp_path):
    for path in (tmp_path, tmp_path / "nothing"):
        assert verify(path).outcome is Outcome.UNCHECKED


def test_a_zip_with_two_members_of_one_name():
    file = zipped(BOOK.everything())
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(file, "a") as archive:
        archive.writestr("events.jsonl", "{}\n")
    assert verify(file).outcome is Outcome.UNCHECKED


def test_a_compression_that_not_every_machine_knows():
    file = zipped(BOOK.everything(), zipfile.ZIP_LZMA)
    assert verify(file, language="en").what.startswith("The bundle has no bundle.json")


@settings(deadline=None)
@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=4))
def test_a_zip_spoilt_anywhere_gets_a_verdict(at, spoilt):
    content = zipped(BOOK.everything(4)).getvalue()
    at %= len(content)
    changed = content[:at] + spoilt + content[at + len(spoilt) :]
    verdict = verify(BytesIO(changed), language="en")
    assert verdict.what == told(BOOK.everything(4)).what or not verdict.ok


@settings(deadline=None)
@given(st.integers(1, 10_000))
def test_a_zip_cut_off_anywhere_gets_a_verdict(length):
    content = zipped(BOOK.everything(4)).getvalue()
    assert not verify(BytesIO(content[: length % len(content)])).ok


@pytest.mark.parametrize(
    "member", ["events.jsonl", "texts.jsonl", "checkpoints.jsonl", "bundle.json"]
)
def test_a_line_without_end_is_not_read_to_its_end(member):
    lines = BOOK.everything(4)
    lines[member] = ["x" * (LINE_BYTES * 10)]
    file = zipped(lines)
    tracemalloc.start()
    verdict = verify(file, language="en")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert verdict.what == f"{member} is larger than what can be checked."
    assert verdict.outcome is Outcome.UNCHECKED
    assert peak < LINE_BYTES * 5


def test_more_keys_checkpoints_or_erasures_than_are_held(monkeypatch):
    monkeypatch.setattr(verifier, "MOST", 2)
    assert told(BOOK.everything(4)).ok
    assert (
        unchecked(BOOK.everything(4, 8)) == "checkpoints.jsonl is larger than what can be checked."
    )
    lived = book()
    lived.erases(7)
    lived.erases(10)
    assert unchecked(lived.everything()) == "events.jsonl is larger than what can be checked."


def test_a_large_ledger_is_checked_in_little_memory():
    made = Book()
    for n in range(3000):
        made.events.append(BOOK.events[5] | {"position": n + 1, "version": n + 1})
    lines = made.everything(1000, 2000, hashes=True)
    edit(lines, "bundle.json", 1, lambda row: row.update(words=False))
    del lines["texts.jsonl"]
    file = zipped(lines)
    size = sum(len(line(event)) for event in made.events)
    tracemalloc.start()
    verdict = verify(file)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert verdict.ok
    assert peak < size / 3


# The ledger's own events.


@pytest.mark.parametrize("event", EXAMPLES.values(), ids=EXAMPLES)
def test_every_event_that_the_ledger_writes_is_read_with_its_texts(event):
    written = EventMapper().to_stored_event(event)
    row = BOOK.events[0] | {
        "actor": written.actor,
        "data": written.data,
        "name": written.topic,
        "stream_id": written.originator_id,
        "stream_type": written.stream_type,
        "version": written.originator_version,
    }
    read = verifier.parse(canonical(row).encode(), verifier.Event.read)
    fields = [getattr(event, name) for name in type(event).model_fields]
    values = [one for field in fields for one in (field if isinstance(field, tuple) else (field,))]
    assert read is not None
    assert read.texts == {one.id: one.digest for one in values if isinstance(one, Text)}


def test_the_events_that_the_verifier_knows_by_name_are_there():
    assert EXAMPLES["TextErased"].text_id
    assert EXAMPLES["CaseRaised"].number


# The sentences.


def test_every_finding_is_told_in_both_languages_with_the_same_facts():
    for norwegian, english in (INTACT | ALTERED | UNCHECKED | verifier.RESTS).values():
        assert norwegian != english
        assert set(re.findall(r"{\w+}", norwegian)) == set(re.findall(r"{\w+}", english))
    for sentence in (s for both in (INTACT | ALTERED | UNCHECKED).values() for s in both):
        assert sentence.endswith(".")
    assert len(INTACT | ALTERED | UNCHECKED) == len(INTACT) + len(ALTERED) + len(UNCHECKED)


def test_every_finding_that_is_raised_has_a_sentence():
    source = Path(verifier.__file__).read_text()
    raised = set(re.findall(r'Finding(?:\.at)?\((?:event, |self\.other, )?"(\w+)"', source))
    assert raised == set(ALTERED | UNCHECKED) - {"missing_some"}


@settings(deadline=None)
@given(st.datetimes(datetime(1996, 1, 1), datetime(2036, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001
def test_norwegian_time_is_that_of_the_tables(moment):
    there = moment.astimezone(ZoneInfo("Europe/Oslo"))
    assert verifier.oslo(moment).replace(tzinfo=None) == there.replace(tzinfo=None)


@pytest.mark.parametrize("turn", ["2016-03-27T01:00", "2016-10-30T01:00", "2021-10-31T01:00"])
def test_summer_time_turns_to_the_minute(turn):
    for shift in (-1, 0, 1):
        moment = datetime.fromisoformat(turn + "Z").replace(minute=0) + shift * (
            datetime.resolution * 60_000_000
        )
        there = moment.astimezone(ZoneInfo("Europe/Oslo"))
        assert verifier.oslo(moment).replace(tzinfo=None) == there.replace(tzinfo=None)


@pytest.mark.parametrize(("precision", "when"), [
    ("minute", "3 November 2016"), ("month", "November 2016"), ("year", "2016"),
    (None, "3 November 2016"),
])  # fmt: skip
def test_a_time_is_told_as_exactly_as_it_is_known(precision, when):
    made = book()
    made.events[7]["data"]["precision"] = precision
    lines = made.everything(7, 8)
    edit(lines, "events.jsonl", 8, rename)
    assert altered(lines)[1] == f"Event 8 (case 2016-0001, {when}) was altered after it was signed."


# As a program.


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The one file, started alone: without the project on its path."""
    return subprocess.run(
        [sys.executable, "-I", verifier.__file__, *map(str, arguments)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_file_runs_alone(tmp_path):
    whole, cut, kept = tmp_path / "whole.zip", tmp_path / "cut.zip", tmp_path / "kept.txt"
    whole.write_bytes(zipped(BOOK.everything(4)).getvalue())
    lines = BOOK.everything(4)
    lines["events.jsonl"].pop()
    cut.write_bytes(zipped(lines).getvalue())
    kept.write_text("\ufeff" + KEPT)

    intact = run(whole, "--checkpoint", kept, "--language", "en", "--key", KEY.vkey(ORIGIN))
    assert (intact.returncode, intact.stderr) == (0, "")
    assert intact.stdout.endswith("the given checkpoint fits.\n")

    found = run(cut, "--json")
    assert (found.returncode, found.stderr) == (1, "")
    assert json.loads(found.stdout) == {
        "ok": False, "outcome": "altered", "size": 12, "position": 12,
        "what": "Hendelse 12 mangler.",
    }  # fmt: skip

    for arguments in ([tmp_path / "none.zip"], [whole, "--checkpoint", tmp_path / "none.txt"], []):
        assert run(*arguments).returncode == 2


def test_the_file_imports_nothing_of_the_project():
    imports = re.findall(
        r"^(?:from|import) (\w+)", Path(verifier.__file__).read_text(), re.MULTILINE
    )
    assert set(imports) <= sys.stdlib_module_names | {"cryptography"}

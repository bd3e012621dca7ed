"""The verifier finds what was done to events and words, and names it."""

import json
import zipfile
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import verifier
from ledger.verifier import Outcome, verify
from tests.ledger.bundles import (
    book,
    line,
)
from tests.ledger.judging import BOOK, CASE_1, altered, edit, rename

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

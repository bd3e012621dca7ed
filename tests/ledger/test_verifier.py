"""The verifier: what is whole is told to be, in which words, and what cannot be checked."""

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
    ORIGIN,
    Book,
    book,
    line,
    manifest,
    zipped,
)
from tests.ledger.examples import EXAMPLES
from tests.ledger.judging import BOOK, KEPT, altered, edit, rename, told, unchecked

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

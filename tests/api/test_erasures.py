"""Words that are erased are gone from everywhere at once, and everything else stays proven."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pytest

from api import certify
from ledger import live, verifier
from ledger.bundle import Part, write
from ledger.erasures import ErasureList
from tests.api.asserting import assert_refused, nothing_changes
from tests.api.conftest import until
from tests.api.story import Story, read, titles
from tests.conftest import Client, notary_of
from tests.lives import as_owner, everything, in_threads

NAME = "Kristoffer Brattvær-Nygård"
SAID = f'Det er "{NAME}" som selger,\nsier naboen'
WHY = {"not_about_individual": "Et navn som ingen har."}
"""The gate asks about the name, and must let it through: else there were nothing to erase."""
ERASE = {"legal_basis": "right_to_erasure", "reason": "Et navn", "asked_by": "guardian"}


@pytest.fixture
def story(client: Client) -> Story:
    """A case with a name in a note, and the same name in nothing else."""
    return Story(client.as_("coordinator")).does("notes", text=SAID, **WHY)


def erased(story: Story, entry: int = -1, field: str = "text") -> dict[str, Any]:
    """Erase the text in *field* of an entry; gives what is told of that text afterwards."""
    text_id = story.history()[entry][field]["text_id"]
    story.does("erasures", **ERASE, text_id=text_id)
    (found,) = [e for e in story.history() if e.get(field, {}) and _id(e, field) == text_id]
    return dict(found[field])


def _id(entry: dict[str, Any], field: str) -> Any:
    return entry[field].get("text_id") if isinstance(entry[field], dict) else None


def test_erased_words_read_null_with_the_position_of_the_erasure(story: Story) -> None:
    text = erased(story)
    assert text["words"] is None
    assert text["erased_at"] == story.case["position"]
    assert NAME not in json.dumps(story.history(), ensure_ascii=False)


def test_a_title_that_is_erased_reads_null_in_the_case_and_the_list(story: Story) -> None:
    erased(story, entry=0, field="title")
    at = story.case["position"]
    assert (story.now()["title"], story.now()["erased"]) == (None, {"title": at})
    assert None in titles(story.client)
    assert story.now(as_of=at - 1)["title"] is None


def test_no_table_holds_a_word_of_it(story: Story) -> None:
    assert NAME in everything(story.client.ledger)
    erased(story)
    assert NAME not in everything(story.client.ledger)
    assert "brattvær" not in everything(story.client.ledger).lower()


def test_the_search_does_not_find_it(story: Story) -> None:
    story.now()
    assert len(titles(story.client, q="Brattvær")) == 1
    erased(story)
    assert titles(story.client, q="Brattvær") == []


def test_the_event_says_what_and_why_and_never_the_words(story: Story) -> None:
    erased(story)
    last = story.history()[-1]
    assert last["event"] == "TextErased"
    assert (last["legal_basis"], last["asked_by"]) == ("right_to_erasure", "guardian")
    assert last["reason"]["words"] == "Et navn"


def certificate(story: Story) -> dict[str, Any]:
    """Of the last erasure, once it is there."""
    path = f"{story.path}/erasures/{story.case['position']}/certificate"
    until(lambda: story.client.get(path).status_code == 200)
    return dict(read(story.client, path))


def test_the_certificate_tells_where_the_words_were_looked_for(story: Story) -> None:
    erased(story)
    told = certificate(story)
    path = f"{story.path}/erasures/{told['position']}/certificate"
    found = {one["place"]: one["found"] for one in told["places"]}
    assert {"texts", "events", "commands", "planner statistics"} <= found.keys()
    assert {"texts, by the text's id", "search, by the text's id"} <= found.keys()
    assert (told["looked_for"], told["cleaned"]) == ("words", True)
    assert set(found.values()) == {0}
    assert told["asked_by"] == "guardian"
    assert {one["place"] for one in told["still_in"]} >= {"write-ahead log", "backups"}
    page = story.client.get(path, params={"format": "print"})
    assert page.headers["content-type"].startswith("text/html")
    assert "Sletteattest" in page.text
    assert NAME not in page.text


def test_the_certificate_counts_the_same_words_in_another_text(story: Story) -> None:
    Story(story.client).does("notes", text=f"Også her: {SAID}", **WHY)
    erased(story)
    told = certificate(story)
    found = {one["place"]: one["found"] for one in told["places"]}
    assert (found["texts"], found["texts, by the text's id"]) == (1, 0)


def test_erasures_at_once_are_each_certified(story: Story) -> None:
    stories = [Story(story.client).does("notes", text=SAID, **WHY) for _ in range(4)]
    texts = [one.history()[-1]["text"]["text_id"] for one in stories]
    erase = [
        lambda one=one, text=text: one.tries("erasures", **ERASE, text_id=text)
        for one, text in zip(stories, texts, strict=True)
    ]
    for one, answer in zip(stories, in_threads(*erase), strict=True):
        assert answer.status_code == 201, answer.text
        one.last = answer
        assert certificate(one)["text_id"] in texts


def test_who_reads_at_length_does_not_hold_an_erasure_up(story: Story) -> None:
    """As `loft verify` does, which looks at one moment of the ledger."""
    with as_owner(story.client.ledger) as reader:
        reader.autocommit = False
        reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        reader.execute("SELECT count(*) FROM texts, search")
        erased(story)
        told = certificate(story)
    assert {one["found"] for one in told["places"] if "by the text" in one["place"]} == {0}
    ((invalid,),) = story.client.ledger.database.rows(
        "SELECT count(*) FROM pg_index WHERE NOT indisvalid"
    )
    assert invalid == 0


def test_an_erasure_whose_words_are_forgotten_is_certified_by_its_text(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a `kill -9` right behind the commit."""
    monkeypatch.setattr(certify, "ORPHANED", timedelta(0))
    monkeypatch.setattr(certify.Certifier, "look_for", lambda *_: None)
    erased(story)
    told = certificate(story)
    assert told["looked_for"] == "id"
    assert {one["place"] for one in told["places"]} == {
        "texts, by the text's id", "search, by the text's id",
    }  # fmt: skip
    page = story.client.get(
        f"{story.path}/erasures/{told['position']}/certificate", params={"format": "print"}
    )
    assert "søkt etter nummeret sitt" in page.text


def test_a_certificate_that_is_being_made_is_worth_waiting_for(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certify.Certifier, "look_for", lambda *_: None)
    erased(story)
    path = f"{story.path}/erasures/{story.case['position']}/certificate"
    answer = story.client.get(path)
    assert_refused(answer, 503, "unavailable", "Ask again in a moment")
    assert answer.headers["Retry-After"] == "1"


def test_a_certificate_is_of_its_own_case(story: Story) -> None:
    erased(story)
    other = Story(story.client)
    for path in (
        f"{other.path}/erasures/{story.case['position']}/certificate",
        f"{story.path}/erasures/{story.case['position'] - 1}/certificate",
    ):
        assert_refused(story.client.get(path), 404, "not-found", "nothing here")


def test_a_text_is_erased_once_and_only_in_its_own_case(story: Story) -> None:
    text_id, other = story.history()[-1]["text"]["text_id"], Story(story.client)
    with nothing_changes(story.client.ledger):
        for case, asked in ((other, text_id), (story, str(uuid4()))):
            answer = case.tries("erasures", **ERASE, text_id=asked)
            assert_refused(answer, 409, "refused", "no such text")
    story.does("erasures", **ERASE, text_id=text_id)
    with nothing_changes(story.client.ledger):
        answer = story.tries("erasures", **ERASE, text_id=text_id)
    assert_refused(answer, 409, "refused", "no such text")


def test_a_repeat_with_its_key_gives_the_first_answer_again(story: Story) -> None:
    text_id = story.history()[-1]["text"]["text_id"]
    headers = {"Idempotency-Key": "erase-1"}
    story.does("erasures", headers, **ERASE, text_id=text_id)
    with nothing_changes(story.client.ledger):
        again = story.tries("erasures", headers, **ERASE, text_id=text_id)
    assert again.json() == story.last.json()


def test_a_closed_case_s_words_are_erased_too(story: Story) -> None:
    story.does("closure")
    assert erased(story, entry=-2)["words"] is None


def test_the_repeat_of_the_command_that_said_it_does_not_say_it_again(client: Client) -> None:
    story = Story(client.as_("coordinator"))
    headers = {"Idempotency-Key": "said-1"}
    story.does("measures", headers, title=NAME, **WHY)
    erased(story, field="title")
    again = story.tries("measures", headers, title=NAME, **WHY)
    assert again.status_code == 201
    assert NAME not in again.text


def test_every_checkpoint_still_verifies_and_no_bundle_holds_the_words(
    story: Story, tmp_path: Path
) -> None:
    notary = notary_of(story.client.ledger)
    _, before = notary.sign(datetime.now(UTC))
    erased(story)
    _, after = notary.sign(datetime.now(UTC))
    for note in (before.note, after.note, before.checkpoint.short):
        assert live.verify(notary, checkpoint=note).ok
    for part in (Part(), Part(case_id=story.case["id"], number=story.number), Part(first=2)):
        file = tmp_path / "bundle.zip"
        write(notary, file, part)
        verdict = verifier.verify(file, checkpoint=before.note, language="en")
        assert verdict.ok, verdict.what
        with ZipFile(file) as archive:
            assert NAME.encode() not in archive.read("texts.jsonl")
    assert "1 text erased under 1 request" in live.verify(notary, language="en").what


def test_words_that_go_without_an_erasure_are_missed(story: Story) -> None:
    notary = notary_of(story.client.ledger)
    notary.sign(datetime.now(UTC))
    story.client.ledger.database.read(
        lambda c: c.execute("DELETE FROM texts WHERE position = %s", (story.case["position"],))
    )
    verdict = live.verify(notary, language="en")
    assert (verdict.ok, verdict.position) == (False, story.case["position"])
    assert "missing without an erasure" in verdict.what


def test_what_was_erased_is_listed_outside_the_database(story: Story) -> None:
    outside = notary_of(story.client.ledger).outside.with_suffix(".erasures")
    erased(story)
    (listed,) = ErasureList(outside).all()
    assert (listed.case_id, listed.position) == (story.case["id"], story.case["position"])
    assert NAME not in outside.read_text()


def test_an_erasure_that_was_not_listed_is_listed_later(story: Story) -> None:
    outside = notary_of(story.client.ledger).outside.with_suffix(".erasures")
    erased(story)
    outside.unlink()
    story.does("notes")
    until(lambda: len(ErasureList(outside).all()) == 1)

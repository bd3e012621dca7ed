"""What is no case has a history too, and words that were typed there can be erased."""

import json
from secrets import choice
from string import ascii_lowercase

import pytest

from tests.api import texts
from tests.api.asserting import assert_refused, nothing_changes
from tests.api.conftest import until
from tests.api.meeting import Table, text_of
from tests.api.story import read
from tests.conftest import Client
from tests.lives import everything

NAME = "Kristoffer Brattvær-Nygård"
WHY = {"not_about_individual": "Et navn som ingen har."}
ERASE = {"legal_basis": "right_to_erasure", "reason": "Et navn", "asked_by": "guardian"}


@pytest.fixture
def table(caseworker: Client) -> Table:
    """A meeting with a name in it: said on an item without a case."""
    table = Table(caseworker).does("agenda/items", title="Julebordet")
    return table.does("items/1/discussions", summary=f"{NAME} ordner maten", **WHY,
                      conclusion="decided", decision="Vi holder det i år")  # fmt: skip


def test_what_was_said_on_an_item_without_a_case_stands_in_minutes_and_register(
    table: Table,
) -> None:
    table.does("closure")
    (item,) = table.now("/minutes")["items"]
    (entry,) = item["entries"]
    assert (entry["event"], entry["case"]) == ("ItemDiscussed", None)
    assert entry["summary"]["words"] == f"{NAME} ordner maten"
    page = table.client.get(f"{table.path}/minutes", params={"format": "html"}).text
    assert "Vi holder det i år" in page
    register = table.client.get("/api/audit/decisions", params={"kind": "ItemDiscussed"}).json()
    assert register["items"][-1]["decision"]["words"] == "Vi holder det i år"


def test_words_of_a_meeting_are_erased_everywhere_and_frozen_minutes_say_so(table: Table) -> None:
    alone = f"{NAME} {''.join(choice(ascii_lowercase) for _ in range(30))}"
    table.does("items/1/discussions", summary=alone, **WHY, conclusion="continue").does("closure")
    before = table.now("/minutes")
    assert alone in everything(table.client.ledger)
    erased = table.does("erasures", **ERASE, text_id=text_of(table, "summary")).last
    assert alone not in everything(table.client.ledger)
    after = table.now("/minutes")
    gone = after["items"][0]["entries"][1].pop("summary")
    assert (gone["words"], gone["erased_at"]) == (None, erased.json()["position"])
    before["items"][0]["entries"][1].pop("summary")
    assert after == before
    page = table.client.get(f"{table.path}/minutes", params={"format": "html"}).text
    assert "[slettet]" in page
    assert alone not in json.dumps(table.now("/history"), ensure_ascii=False)


def test_the_erasure_has_a_certificate(table: Table) -> None:
    position = table.does("erasures", **ERASE, text_id=text_of(table, "summary")).last.json()[
        "position"
    ]
    path = f"/api/erasures/{position}/certificate"
    until(lambda: table.client.get(path).status_code == 200)
    told = read(table.client, path)
    assert (told["case"], told["number"], told["stream_type"]) == (None, None, "meeting")
    by_id = {one["place"]: one["found"] for one in told["places"]}["texts, by the text's id"]
    assert (told["looked_for"], by_id) == ("words", 0)
    printed = table.client.get(path, params={"format": "print"}).text
    assert "Et møte: en tekst er slettet" in printed
    other = table.client.get(f"/api/erasures/{position - 1}/certificate")
    assert_refused(other, 404, "not-found", "")


def test_a_text_is_erased_where_it_belongs_and_once(table: Table) -> None:
    text_id, other = text_of(table, "summary"), Table(table.client)
    with nothing_changes(table.client.ledger):
        answer = other.tries("erasures", **ERASE, text_id=text_id)
    assert_refused(answer, 409, "refused", "text")
    table.does("erasures", **ERASE, text_id=text_id)
    with nothing_changes(table.client.ledger):
        answer = table.tries("erasures", **ERASE, text_id=text_id)
    assert_refused(answer, 409, "refused", "text")


@pytest.mark.parametrize("kind", ["organs", "services"])
def test_a_name_that_is_erased_is_gone_at_once_and_the_key_stands_in_for_it(
    kind: str, administrator: Client
) -> None:
    key = f"natt-{kind}"
    text_id = texts.typed(administrator.ledger, kind, key)
    assert texts.SAID in administrator.ledger.engine.structure.names.values()
    answer = administrator.post(f"/api/{kind}/{key}/erasures", json={**ERASE, "text_id": text_id})
    assert answer.status_code == 201, answer.text
    assert texts.SAID not in administrator.ledger.engine.structure.names.values()
    assert texts.SAID not in everything(administrator.ledger)
    (first, *_) = read(administrator, f"/api/{kind}/{key}/history", answer)["items"]
    assert (first["name"]["words"], first["name"]["erased_at"]) == (
        None, answer.json()["position"],
    )  # fmt: skip


def test_a_person_s_name_that_is_erased_is_on_no_page(administrator: Client) -> None:
    name = "Navnløs Etterpåsen"
    made = administrator.post("/api/persons", json={"name": name})
    person = made.json()["id"]
    seen = {"Loft-Position": made.headers["Loft-Position"]}
    assert name in administrator.get("/structure/people", headers=seen).text
    (first, *_) = read(administrator, f"/api/persons/{person}/history", made)["items"]
    gone = administrator.post(
        f"/api/persons/{person}/erasures",
        json={**ERASE, "text_id": first["name"]["text_id"]},
    )
    assert gone.status_code == 201, gone.text
    seen = {"Loft-Position": gone.headers["Loft-Position"]}
    page = administrator.get("/structure/people", headers=seen).text
    assert person in page
    assert name not in page


def test_a_history_is_read_page_by_page_and_as_of_a_moment(table: Table) -> None:
    every = table.now("/history")
    assert [one["event"] for one in every["items"]] == [
        "MeetingConvened", "ItemAdded", "ItemDiscussed",
    ]  # fmt: skip
    assert every["next"] is None
    first = table.now("/history", limit=2)
    rest = table.client.get(first["next"]).json()
    assert first["items"] + rest["items"] == every["items"]
    then = table.now("/history", as_of=every["items"][1]["position"])
    assert then["items"] == every["items"][:2]


def test_there_is_no_history_of_what_is_not_there(caseworker: Client) -> None:
    for path in ("organs/nowhere", "persons/p-nobody", "services/nobody"):
        answer = caseworker.get(f"/api/{path}/history")
        assert answer.status_code == 404, path

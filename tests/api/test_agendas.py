"""An agenda builds itself from what waits, and what is postponed waits for the next meeting."""

from typing import Any

import pytest

from api import kept_tokens
from domain.actor import Role
from domain.rights import Action
from tests.api.asserting import assert_refused, nothing_changes
from tests.api.meeting import EARLIER, LATER, NOW, Table, at_the_group
from tests.api.story import BOARD, GROUP, Story, read
from tests.conftest import Client

ORGAN = {"level": "coordinating", "kind": "group"}


@pytest.fixture
def own(administrator: Client, request: pytest.FixtureRequest) -> str:
    """An organ that nothing waits for, with a team below it."""
    key = f"g{abs(hash(request.node.name)) % 10**9}"
    for body in (
        {"key": key, "name": "Gruppen", "lifts_to": [BOARD]} | ORGAN,
        {"key": f"{key}-team", "name": "Teamet", "parent": key, "lifts_to": [key]} | ORGAN,
    ):
        assert administrator.post("/api/organs", json=body).status_code == 201
    return key


def agenda(table: Table) -> dict[str, Any]:
    return dict(table.now("/agenda"))


def test_what_waits_stands_beside_the_agenda_until_it_is_put_on_it(
    caseworker: Client, own: str
) -> None:
    held = Story(caseworker, raised_by=own, title="Ligger her")
    lifted = Story(caseworker, raised_by=f"{own}-team", title="Løftet hit")
    lifted.does("discussions").does("escalations", to=own)
    table = Table(caseworker, own)
    told = agenda(table)
    assert told["items"] == []
    assert [one["why"] for one in told["waiting"]] == [
        ["news"], ["lifted", "answer_owed"], ["held"],
    ]  # fmt: skip
    assert [one["cases"][0]["title"] for one in told["waiting"][1:]] == ["Løftet hit", "Ligger her"]
    table.does("agenda")
    drawn = agenda(table)
    assert drawn["waiting"] == []
    assert [one["n"] for one in drawn["items"]] == [1, 2, 3]
    assert [c["number"] for one in drawn["items"] for c in one["cases"]] == [
        lifted.number, held.number,
    ]  # fmt: skip
    with nothing_changes(caseworker.ledger):
        assert_refused(table.tries("agenda"), 409, "refused", "already")


def test_only_what_is_about_a_case_is_put_on_it(caseworker: Client, own: str) -> None:
    first, second = (Story(caseworker, raised_by=own) for _ in range(2))
    table = Table(caseworker, own)
    agenda(table)
    table.does("agenda", cases=[second.number])
    assert [one["cases"][0]["number"] for one in agenda(table)["items"]] == [second.number]
    assert agenda(table)["items"][0]["why"] == ["held"]
    assert [one["cases"][0]["number"] for one in agenda(table)["waiting"][1:]] == [first.number]
    assert_refused(table.tries("agenda", cases=["2099-1"]), 404, "not-found")
    assert_refused(table.tries("agenda", cases=[second.number]), 409, "refused", "already")


def test_only_what_waits_for_a_reason_is_put_on_it(caseworker: Client, own: str) -> None:
    Story(caseworker, raised_by=own)
    table = Table(caseworker, own)
    agenda(table)
    table.does("agenda", why=["held"])
    assert [one["why"] for one in agenda(table)["items"]] == [["held"]]
    assert [one["why"] for one in agenda(table)["waiting"]] == [["news"]]
    assert_refused(table.tries("agenda", why=["whatever"]), 422, "invalid")


def test_the_news_are_of_the_level_below_since_the_last_meeting(
    caseworker: Client, own: str
) -> None:
    old = Story(caseworker, raised_by=f"{own}-team")
    first = Table(caseworker, own)
    assert [one["number"] for one in agenda(first)["news"]] == [old.number]
    first.does("closure")
    second = Table(caseworker, own, starts_at=NOW.isoformat())
    assert agenda(second)["news"] == []
    new = Story(caseworker, "notes", raised_by=f"{own}-team")
    second.last = new.last
    assert [one["number"] for one in agenda(second)["news"]] == [new.number]
    assert [one["number"] for one in first.now("/minutes")["news"]] == [old.number]


def test_what_is_postponed_is_carried_over_with_its_title_and_its_case(
    caseworker: Client, own: str
) -> None:
    story = Story(caseworker, raised_by=own)
    first = Table(caseworker, own)
    first.does("agenda/items", title="Julebordet")
    n = first.takes_up(story)
    first.does("items/1/postponement").does(f"items/{n}/postponement")
    with nothing_changes(caseworker.ledger):
        assert_refused(first.tries("items/1/postponement"), 409, "refused", "postponed")
        assert_refused(first.tries(f"items/{n}/notes"), 409, "refused", "postponed")
    assert [one["reason"] for one in agenda(first)["items"]] == ["Tiden gikk."] * 2
    first.does("closure")
    second = Table(caseworker, own, starts_at=LATER)
    waiting = {tuple(one["why"]): one for one in agenda(second)["waiting"]}
    assert waiting["carried_over",]["title"] == "Julebordet"
    assert waiting["carried_over",]["carried"] == {"meeting": first.id, "n": 1}
    assert waiting["carried_over", "held"]["cases"][0]["number"] == story.number
    second.does("agenda")
    titles = [one["title"] for one in agenda(second)["items"]]
    assert titles.count("Julebordet") == 1
    carried = next(one["n"] for one in agenda(second)["items"] if one["title"] == "Julebordet")
    second.does(f"items/{carried}/postponement").does("closure")
    assert first.now()["items"][0]["reason"] == "Tiden gikk."
    third = Table(caseworker, own, starts_at=NOW.isoformat())
    third_titles = [one["title"] for one in agenda(third)["waiting"] if one["title"]]
    assert third_titles == ["Julebordet"]


def test_an_agenda_and_a_pack_are_read_as_they_were(caseworker: Client, own: str) -> None:
    first = Table(caseworker, own).does("closure")
    story = Story(caseworker, raised_by=own, title="Ligger her")
    second = Table(caseworker, own, starts_at=NOW.isoformat())
    pack = second.now("/pack")
    then = second.last.headers["Loft-Position"]
    second.does("agenda").last = story.does("notes").last
    second.does("agenda/items", title="Julebordet")
    assert agenda(second)["waiting"] == []
    assert second.now("/agenda", as_of=then) == pack["agenda"]
    assert [one["why"] for one in pack["agenda"]["waiting"]] == [["news"], ["held"]]
    as_of_then = second.now("/pack", as_of=then)
    assert as_of_then["agenda"] == pack["agenda"]
    assert as_of_then["last"]["now_size"] == int(then) < second.now("/pack")["last"]["now_size"]
    assert as_of_then["last"]["consistent"]
    before = str(int(first.last.headers["Loft-Position"]) - 1)
    for path in ("/agenda", "/pack"):
        answer = caseworker.get(f"{second.path}{path}", params={"as_of": before})
        assert_refused(answer, 404, "not-found")


def test_an_agenda_shows_a_token_that_reads_no_cases_only_their_ids(
    caseworker: Client, own: str
) -> None:
    """In the agenda, what waits, the news, the pack and the minutes."""
    story = Story(caseworker, raised_by=own, title="Hemmelig tittel")
    below = Story(caseworker, raised_by=f"{own}-team", title="Hemmelig nyhet")
    table = Table(caseworker, own).does("agenda/items", title="Julebordet")
    n = table.takes_up(story)
    table.tries(f"items/{n}/notes", text="Hemmelig notat.")
    waits = Story(caseworker, raised_by=own, title="Hemmelig sak som venter")
    table.last = waits.last
    made = kept_tokens.create_token(
        caseworker.ledger.database, "m", Role.COORDINATOR,
        only={Action.MEET, Action.READ_MEETINGS},
    )  # fmt: skip
    narrow = Client(caseworker.app, headers={"Authorization": f"Bearer {made}"})
    shown = ["", "/agenda", "/pack", "/minutes"]
    told = {path: read(narrow, f"{table.path}{path}", table.last) for path in shown}
    assert "hemmelig" not in str(told).lower()
    assert "hemmelig" in str(table.now("/agenda")).lower()
    title, case = told["/agenda"]["items"]
    assert title["title"] == "Julebordet"
    assert case["cases"] == [
        {"id": story.case["id"], "number": None, "title": None, "status": None, "holder": None,
         "answer_owed": [], "due_on": None},
    ]  # fmt: skip
    waiting = [c["id"] for one in told["/agenda"]["waiting"] for c in one["cases"]]
    assert waiting == [waits.case["id"]]
    assert [one["id"] for one in told["/agenda"]["news"]] == [below.case["id"]]
    assert [one["entries"] for one in told["/minutes"]["items"]] == [[], []]


def test_an_item_is_put_on_it_by_hand_and_taken_off(caseworker: Client, own: str) -> None:
    story, table = Story(caseworker, raised_by=own), Table(caseworker, own)
    table.does("agenda/items", title=None, cases=[story.number])
    with nothing_changes(caseworker.ledger):
        again = table.tries("agenda/items", title=None, cases=[story.number])
        assert_refused(again, 409, "refused", "already")
        assert_refused(table.tries("agenda/items", title=None), 422, "invalid", "what the item")
        nowhere = table.tries("agenda/items", title=None, cases=["2016-9999"])
        assert_refused(nowhere, 404, "not-found")
        assert_refused(table.tries("items/2/removal"), 404, "not-found")
    assert table.does("items/1/removal").meeting["items"] == []
    assert table.does("agenda/items").meeting["items"][0]["n"] == 2


def test_a_closed_meeting_waits_for_nothing(caseworker: Client, own: str) -> None:
    Story(caseworker, raised_by=own)
    told = agenda(Table(caseworker, own).does("closure"))
    assert told["waiting"] == []


def test_the_pack_says_whether_the_ledger_still_holds_what_the_last_minutes_print(
    caseworker: Client, own: str
) -> None:
    first = Table(caseworker, own)
    assert first.now("/pack")["last"] is None
    first.does("closure")
    Story(caseworker, raised_by=own)
    second = Table(caseworker, own, starts_at=NOW.isoformat())
    last = second.now("/pack")["last"]
    signed = first.now("/minutes")["signed"]
    assert (last["meeting"], last["consistent"]) == (first.id, True)
    assert (last["size"], last["root"]) == (signed["size"], signed["root"])
    assert last["now_size"] > last["size"]
    query = {"from": last["size"], "to": last["now_size"]}
    proof = read(caseworker, "/api/ledger/proofs/consistency", **query)
    assert (proof["proof"], proof["to_root"]) == (last["proof"], last["now_root"])
    noted = read(caseworker, "/api/ledger/checkpoints", limit=1000)["items"]
    assert last["root"] in {one["root"] for one in noted}
    assert second.now("/pack")["agenda"] == agenda(second)


def test_a_ledger_that_was_altered_is_told_of(caseworker: Client, own: str) -> None:
    """As if somebody had put other events where the old ones were: the root is another."""
    first = Table(caseworker, own).does("closure")
    second = Table(caseworker, own, starts_at=NOW.isoformat())
    before = second.now("/pack")["last"]
    view = caseworker.ledger.database
    with view.connection() as connection:
        connection.execute(
            "UPDATE meetings SET state = jsonb_set(state, '{closing,signed_root}', %s::jsonb) "
            "WHERE meeting_id = %s",
            ('"' + "A" * 43 + '="', f"meeting:{first.id}"),
        )
    after = second.now("/pack")["last"]
    assert (before["consistent"], after["consistent"], after["proof"]) == (True, False, [])


def test_what_was_lifted_from_elsewhere_waits_for_the_group(caseworker: Client) -> None:
    story = at_the_group(caseworker)
    table = Table(caseworker, GROUP, starts_at=EARLIER)
    waiting = {c["number"] for one in agenda(table)["waiting"] for c in one["cases"]}
    assert story.number in waiting

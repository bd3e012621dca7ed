"""What was logged by mistake in a meeting that is still open is taken back."""

import pytest

from api import kept_tokens
from domain.actor import Role
from domain.rights import Action
from tests.api.asserting import assert_refused, nothing_changes
from tests.api.meeting import Table, at_the_group
from tests.api.story import BOARD, Story, read
from tests.api.test_tokens import client_with
from tests.conftest import Client


@pytest.fixture
def table(caseworker: Client) -> Table:
    return Table(caseworker)


def test_what_was_logged_by_mistake_is_withdrawn_and_the_state_is_as_before(table: Table) -> None:
    story = at_the_group(table.client)
    n = table.takes_up(story)
    before = story.now()
    mistake = table.tries(f"items/{n}/escalations", to=BOARD, urgent=True).json()
    back = table.tries(f"items/{n}/withdrawal", position=mistake["position"])
    assert back.status_code == 201, back.text
    moving = {"version", "position", "last_recorded_at"}
    after = {k: v for k, v in back.json().items() if k not in moving}
    assert after == {k: v for k, v in before.items() if k not in moving}
    history = read(story.client, f"{story.path}/history", back)["items"]
    assert [one["withdrawn_by"] for one in history][-2:] == [back.json()["position"], None]
    assert history[-1]["refers_to"] == mistake["position"]
    again = table.tries(f"items/{n}/withdrawal", position=mistake["position"])
    assert_refused(again, 409, "refused", "newest entry")


def test_what_was_logged_elsewhere_or_is_of_another_case_is_not_withdrawn(table: Table) -> None:
    story, other = at_the_group(table.client), at_the_group(table.client)
    n = table.takes_up(story)
    with nothing_changes(table.client.ledger):
        answer = table.tries(f"items/{n}/withdrawal", position=story.case["position"])
        assert_refused(answer, 409, "refused", "newest entry")
        answer = table.tries(f"items/{n}/withdrawal", position=other.case["position"])
        assert_refused(answer, 409, "refused", "newest entry")


def test_nothing_is_withdrawn_once_the_meeting_is_closed(table: Table) -> None:
    story = at_the_group(table.client)
    n = table.takes_up(story)
    logged = table.tries(f"items/{n}/notes").json()
    table.does("closure")
    with nothing_changes(table.client.ledger):
        answer = table.tries(f"items/{n}/withdrawal", position=logged["position"])
    assert_refused(answer, 409, "refused", "is closed")


def test_a_merge_that_was_logged_is_reversed_and_not_withdrawn(table: Table) -> None:
    story, other = at_the_group(table.client), at_the_group(table.client)
    n = table.takes_up(story)
    merged = {"outcome": "merged", "merged_into": other.number}
    logged = table.tries(f"items/{n}/closure", **merged).json()
    assert logged["status"] == "closed"
    with nothing_changes(table.client.ledger):
        answer = table.tries(f"items/{n}/withdrawal", position=logged["position"])
    assert_refused(answer, 409, "refused", "Reverse the closing")


def test_it_is_taken_back_though_its_item_was_postponed_or_taken_off(table: Table) -> None:
    for step in ("postponement", "removal"):
        story = at_the_group(table.client)
        n = table.takes_up(story)
        logged = table.tries(f"items/{n}/notes").json()
        table.does(f"items/{n}/{step}")
        back = table.tries(f"items/{n}/withdrawal", position=logged["position"])
        assert back.status_code == 201, back.text
        minutes = read(table.client, f"{table.path}/minutes", back)
        assert [entry for item in minutes["items"] for entry in item["entries"]] == []


def test_what_was_said_on_an_item_without_a_case_is_taken_back(table: Table) -> None:
    table.does("agenda/items", title="Julebordet")
    said = table.tries("items/1/discussions", conclusion="continue")
    assert (said.status_code, said.json()["event"]) == (201, "ItemDiscussed"), said.text
    back = table.tries("items/1/withdrawal", position=said.json()["position"])
    assert (back.status_code, back.json()["event"]) == (201, "EntryWithdrawn"), back.text
    history = read(table.client, f"{table.path}/history", back)["items"]
    assert history[-2]["withdrawn_by"] == back.json()["position"]
    assert table.now("/minutes", as_of=back.json()["position"])["items"][0]["entries"] == []
    again = table.tries("items/1/withdrawal", position=said.json()["position"])
    assert_refused(again, 409, "refused", "newest entry")


def test_a_focus_area_that_the_board_logged_by_mistake_is_taken_back(caseworker: Client) -> None:
    table = Table(caseworker, organ=BOARD).does("agenda/items", title="Innsatsområder")

    def known(after: object) -> list[str]:
        items = read(caseworker, "/api/focus-areas", after)["items"]
        return [one["key"] for one in items]

    set_ = table.tries("items/1/focus-areas", key="dag", year=2031)
    assert known(set_)[-1] == "dag"
    back = table.tries("items/1/withdrawal", position=set_.json()["position"])
    assert (back.status_code, back.json()["event"]) == (201, "EntryWithdrawn"), back.text
    assert "dag" not in known(back)
    assert known_then(caseworker, set_.json()["position"])[-1] == "dag"
    refused = Story(caseworker, focus_area=None).tries("reclassification", focus_area="dag")
    assert_refused(refused, 422, "invalid", "focus area")
    register = read(caseworker, "/api/audit/decisions", back, limit=1000)["items"]
    (there,) = [one for one in register if one["position"] == set_.json()["position"]]
    assert there["withdrawn_by"] == back.json()["position"]
    assert table.tries("items/1/focus-areas", key="dag", year=2031).status_code == 201


def known_then(client: Client, position: int) -> list[str]:
    return [one["key"] for one in read(client, "/api/focus-areas", as_of=position)["items"]]


def test_a_token_that_may_not_plan_takes_nothing_of_the_plan_back(caseworker: Client) -> None:
    table = Table(caseworker, organ=BOARD).does("agenda/items", title="Innsatsområder")
    set_ = table.tries("items/1/focus-areas", key="kveld", year=2031).json()
    only = {Action.CASEWORK, Action.MEET}
    token = kept_tokens.create_token(
        caseworker.ledger.database, "narrow", Role.COORDINATOR, only=only
    )
    narrow = client_with(token, caseworker)
    with nothing_changes(caseworker.ledger):
        body = {"position": set_["position"]}
        answer = narrow.post(f"{table.path}/items/1/withdrawal", json=body)
    assert_refused(answer, 403, "forbidden")

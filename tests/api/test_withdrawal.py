"""What was logged by mistake in a meeting that is still open is taken back."""

import pytest

from tests.api.asserting import assert_refused, nothing_changes
from tests.api.meeting import Table, at_the_group
from tests.api.story import BOARD, read
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
        assert_refused(answer, 409, "refused", "no entry at this position")


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

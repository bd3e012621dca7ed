"""Cases that are merged: what they owe goes along, and both remember it."""

from tests.api.asserting import assert_refused, nothing_changes
from tests.api.story import GROUP, OTHER_TEAM, TEAM, Story, titles
from tests.conftest import Client


def merged(client: Client) -> tuple[Story, Story]:
    """A lifted case of one team that was merged into one of another."""
    into = Story(client, title="Den som blir", raised_by=OTHER_TEAM)
    story = Story(client, "discussions", "escalations", title="Den som går opp i den")
    return story.does("closure", outcome="merged", merged_into=into.number), into


def test_a_merged_case_names_the_one_that_it_went_into(caseworker: Client) -> None:
    story, into = merged(caseworker)
    assert (story.case["status"], story.case["outcome"]) == ("closed", "merged")
    assert story.case["merged_into"] == into.case["id"]
    assert story.history()[-1]["merged_into"] == into.case["id"]


def test_what_it_owes_goes_along(caseworker: Client) -> None:
    story, into = merged(caseworker)
    assert story.case["answer_owed"] == []
    into.last = story.last
    assert into.now()["answer_owed"] == [TEAM]
    assert into.now()["version"] == 1
    assert "Den som blir" in titles(caseworker, answer_owed=TEAM, limit=1000)
    into.does("answers", to=TEAM, message="Vi tok det sammen med en annen sak.")
    assert into.case["answer_owed"] == []


def test_before_the_merger_it_owed_nothing(caseworker: Client) -> None:
    story, into = merged(caseworker)
    into.last = story.last
    assert into.now(as_of=story.case["position"] - 1)["answer_owed"] == []
    assert into.now(as_of=story.case["position"])["answer_owed"] == [TEAM]


def test_a_case_is_not_merged_into_a_closed_one_nor_into_itself(caseworker: Client) -> None:
    story, other = Story(caseworker), Story(caseworker, "closure")
    with nothing_changes(caseworker.ledger):
        closed = story.tries("closure", outcome="merged", merged_into=other.number)
        itself = story.tries("closure", outcome="merged", merged_into=story.number)
    assert_refused(closed, 409, "refused", "The other case is closed")
    assert_refused(itself, 409, "refused", "the same case")


def test_the_holder_of_the_other_case_answers_whoever_waited(caseworker: Client) -> None:
    _, into = merged(caseworker)
    into.does("discussions", acting_for=OTHER_TEAM).does("escalations", to=GROUP)
    assert into.case["answer_owed"] == [TEAM, OTHER_TEAM]
    into.does("answers", to=TEAM).does("answers", to=OTHER_TEAM)
    assert into.case["answer_owed"] == []

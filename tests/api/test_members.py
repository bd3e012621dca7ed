"""Members act for their own organ; tokens let in until they are revoked."""

import pytest

from api import kept_tokens
from domain.actor import Role
from tests.api.asserting import assert_refused, nothing_changes
from tests.api.story import GROUP, OTHER_TEAM, RAISING, SERVICE, TEAM, Story
from tests.conftest import Client


@pytest.fixture
def member(shared: Client) -> Client:
    return shared.as_(Role.MEMBER, TEAM)


def test_a_member_raises_for_their_own_organ(member: Client) -> None:
    story = Story(member)
    assert story.case["raised_by"] == TEAM
    (entry,) = story.history()
    assert entry["actor"]["role"] == "member"
    assert entry["actor"]["organ"] == TEAM


def test_a_member_raises_for_another_organ_and_is_refused(member: Client) -> None:
    with nothing_changes(member.ledger):
        answer = member.post("/api/cases", json=RAISING | {"raised_by": OTHER_TEAM})
    assert_refused(answer, 403, "forbidden", "your own organ only")


def test_a_member_acts_for_another_organ_and_is_refused(member: Client, caseworker: Client) -> None:
    given = Story(caseworker, "assignments")
    given.client = member
    with nothing_changes(member.ledger):
        raised = member.post("/api/cases", json=RAISING | {"acting_for": GROUP})
        accepted = given.tries("assignments/1/acceptance", acting_for=GROUP)
    assert_refused(raised, 403, "forbidden", "your own organ only")
    assert_refused(accepted, 403, "forbidden", "your own organ only")


def test_a_member_answers_what_their_organ_was_asked(member: Client, caseworker: Client) -> None:
    for step in ("acceptance", "refusal", "completion"):
        story = Story(caseworker)
        story.does("assignments", service=TEAM)
        story.client = member
        story.does(f"assignments/1/{step}")
        assert story.history()[-1]["actor"]["organ"] == TEAM


def test_a_member_answers_for_a_service(member: Client, caseworker: Client) -> None:
    story = Story(caseworker)
    story.does("assignments", service=SERVICE)
    story.client = member
    assert story.tries("assignments/1/acceptance").status_code == 201


def test_a_member_answers_what_another_organ_was_asked_and_is_refused(
    member: Client, caseworker: Client
) -> None:
    story = Story(caseworker)
    story.does("assignments", service=OTHER_TEAM)
    story.client = member
    for step in ("acceptance", "refusal", "completion"):
        with nothing_changes(member.ledger):
            answer = story.tries(f"assignments/1/{step}")
        assert_refused(answer, 403, "forbidden", "your own organ only")


def test_a_member_acknowledges_what_their_organ_was_told(
    member: Client, caseworker: Client
) -> None:
    story = Story(caseworker, "discussions", "escalations", "answers")
    story.client = member
    story.does("answers/1/acknowledgement", ask_again="Og hvem tar fredagene?")
    assert story.case["answer_owed"] == [TEAM]
    assert story.history()[-1]["asks_again"]["words"] == "Og hvem tar fredagene?"


def test_a_member_acknowledges_what_another_organ_was_told_and_is_refused(
    member: Client, caseworker: Client
) -> None:
    story = Story(caseworker, "discussions", "escalations").does("answers", to=GROUP)
    story.client = member
    with nothing_changes(member.ledger):
        answer = story.tries("answers/1/acknowledgement")
    assert_refused(answer, 409, "refused", "another organ")


def test_a_member_acts_in_a_case_of_another_organ_as_if_there_were_none(
    member: Client, caseworker: Client
) -> None:
    story = Story(caseworker, raised_by=OTHER_TEAM)
    story.does("answers", to=OTHER_TEAM).does("assignments", service=SERVICE)
    story.client = member
    for step in ("answers/1/acknowledgement", "assignments/1/acceptance"):
        with nothing_changes(member.ledger):
            assert_refused(story.tries(step), 404, "not-found")


def test_a_coordinator_logs_what_another_organ_decided(caseworker: Client) -> None:
    story = Story(caseworker, "discussions", "escalations")
    story.does("returns", acting_for=GROUP).does("notes", acting_for=OTHER_TEAM)
    organs = [entry["actor"]["organ"] for entry in story.history()]
    assert organs == [TEAM, TEAM, TEAM, GROUP, OTHER_TEAM]
    assert {entry["actor"]["role"] for entry in story.history()} == {"coordinator"}


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Bearer loft_wrong", "Basic bG9mdDpsb2Z0", "loft_wrong"],
)
def test_a_missing_or_wrong_token_lets_nobody_in(header: str | None, shared: Client) -> None:
    headers = {} if header is None else {"Authorization": header}
    with nothing_changes(shared.ledger):
        answers = [
            shared.get("/api/cases", headers=headers),
            shared.post("/api/cases", headers=headers, json=RAISING),
        ]
    for answer in answers:
        assert_refused(answer, 401, "unauthenticated", "missing, unknown, revoked or")
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_revoked_token_lets_nobody_in(shared: Client) -> None:
    database = shared.ledger.database
    token = kept_tokens.create_token(database, "borrowed", Role.COORDINATOR)
    headers = {"Authorization": f"Bearer {token}"}
    assert shared.get("/api/cases", headers=headers).status_code == 200
    (own,) = kept_tokens.named(database, "borrowed")
    kept_tokens.end_tokens(database, [own])
    with nothing_changes(shared.ledger):
        answer = shared.post("/api/cases", headers=headers, json=RAISING)
    assert_refused(answer, 401, "unauthenticated")
    assert kept_tokens.named(database, "borrowed") == []


def test_only_a_digest_of_a_token_is_kept(shared: Client) -> None:
    token = kept_tokens.create_token(shared.ledger.database, "kept", Role.BOARD)
    rows = shared.ledger.database.rows("SELECT tokens::text FROM tokens")
    kept = "\n".join(row[0] for row in rows)
    assert "kept" in kept
    assert token not in kept
    assert token.removeprefix("loft_") not in kept

"""A case's history and its answer: who, on whose behalf, when, in which words, and corrections."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from domain.case import CaseEvent
from domain.noticing import DeadlineNeared, DeadlinePassed, DeadlineStillPassed
from ledger.stored import canonical
from tests.api.story import BODIES, GROUP, TEAM, Story, read
from tests.conftest import Client

ENVELOPE = {"position", "version", "event", "actor", "occurred_at", "precision", "recorded_at",
            "leaf_hash", "corrections"}  # fmt: skip
CASE = {"id", "number", "title", "description", "status", "level", "holder", "raised_by",
        "themes", "focus_area", "prevention_level", "area", "ages", "service", "assignments",
        "measures", "answer_owed", "outcome", "raised_at", "last_recorded_at", "closed_at",
        "version", "position"}  # fmt: skip
WHOLE = (
    "discussions", "escalations", "assignments", "assignments/1/acceptance",
    "assignments/1/completion", "assignments", "assignments/2/refusal", "measures",
    "measures/1/evaluation", "answers", "answers/1/acknowledgement", "referrals", "links",
    "pause", "resumption", "reclassification", "returns", "notes", "restriction",
    "restriction/lifting", "corrections", "closure",
    "reopening", "reversals",
)  # fmt: skip


BY_THE_CLOCK = (DeadlineNeared, DeadlinePassed, DeadlineStillPassed)


@pytest.fixture(scope="module")
def whole(caseworker: Client) -> Story:
    """A case to which everything has happened that has a door."""
    return Story(
        caseworker,
        *WHOLE,
        description="Hver fredag",
        area="Sandvika",
        ages=[13, 16],
        themes=["vold"],
        focus_area="rus",
        prevention_level="universal",
        service="NAV",
    )


def test_every_event_that_has_a_door_is_there(whole: Story) -> None:
    events = {entry["event"] for entry in whole.history()}
    assert events == {event.__name__ for event in CaseEvent.__args__} - {
        "TextErased",
        "GlassBroken",
        "EntryWithdrawn",  # only what was logged in a meeting is
        "AssignmentPassedOn",  # to somebody who sits there: see test_work.py
        *(kind.__name__ for kind in BY_THE_CLOCK),
    }


def test_an_entry_has_the_fields_that_are_relied_on(whole: Story) -> None:
    entries = whole.history()
    assert [entry["version"] for entry in entries] == list(range(1, len(WHOLE) + 2))
    for entry in entries:
        assert entry.keys() >= ENVELOPE
        assert entry["actor"].keys() == {"id", "role", "organ"}
        assert entry["actor"]["role"] == "coordinator"
        assert entry["precision"] == "minute"
        assert "originator_id" not in entry
        recorded = datetime.fromisoformat(entry["recorded_at"])
        assert datetime.fromisoformat(entry["occurred_at"]) <= recorded


def test_each_text_of_an_entry_has_its_words(whole: Story) -> None:
    said = [
        value
        for entry in whole.history()
        for value in entry.values()
        if isinstance(value, dict) and "text_id" in value
    ]
    assert len({text["text_id"] for text in said}) == len(said) > 20
    for text in said:
        assert text.keys() == {"text_id", "words", "erased_at"}
        assert text["erased_at"] is None
    words = {text["words"] for text in said}
    for body in (b for step, b in BODIES.items() if step not in {"erasures", "break-glass"}):
        for value in body.values():
            if isinstance(value, str) and value.endswith("."):
                assert value in words


def test_the_leaf_hash_is_that_of_the_stored_row(whole: Story) -> None:
    rows = whole.client.ledger.database.rows(
        "SELECT jsonb_build_object('position', position, 'stream_id', stream_id, 'stream_type', "
        "stream_type, 'version', version, 'name', name, 'schema_version', schema_version, 'data', "
        "data, 'actor', actor, 'command_id', command_id, 'causation_id', causation_id, "
        "'correlation_id', correlation_id), occurred_at, recorded_at FROM events "
        "WHERE position = %(position)s",
        position=whole.history()[1]["position"],
    )
    leaf, occurred_at, recorded_at = rows[0]
    for name, moment in (("occurred_at", occurred_at), ("recorded_at", recorded_at)):
        leaf[name] = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    digest = hashlib.sha256(b"\x00" + canonical(leaf).encode()).hexdigest()
    assert whole.history()[1]["leaf_hash"] == digest


def test_the_case_has_the_fields_that_are_relied_on(whole: Story) -> None:
    case = whole.now()
    assert case.keys() >= CASE
    assert case["description"] == "Hver fredag"
    assert case["area"] == "Sandvika"
    assert case["ages"] == [13, 16]
    assert case["service"] == "NAV"
    assert case["focus_area"] == "vold"
    assert [a.keys() for a in case["assignments"]] == [
        {"n", "service", "expectation", "due_on", "state", "overdue", "responsible"}
    ] * 2
    assert [a["state"] for a in case["assignments"]] == ["completed", "declined"]
    assert [m["effect"] for m in case["measures"]] == ["wanted"]
    assert case["links"][0]["kind"] == "relates"
    assert case["erased"] == {}
    assert case["source"] == "entered"


def test_a_correction_stands_beside_the_entry_which_stays(caseworker: Client) -> None:
    story = Story(caseworker).does("notes", text="Det var på onsdag.")
    noted = story.case["position"]
    story.does("corrections", position=noted).does("corrections", position=noted)
    raised, note, *corrections = story.history()
    assert note["text"]["words"] == "Det var på onsdag."
    assert note["corrections"] == [entry["position"] for entry in corrections]
    assert raised["corrections"] == []
    assert [entry["corrects"] for entry in corrections] == [2, 2]
    assert corrections[0]["correction"]["words"] == BODIES["corrections"]["correction"]
    before = story.history(as_of=noted + 1)
    assert before[1]["corrections"] == [noted + 1]


def test_a_correction_points_at_an_entry_of_this_very_case(caseworker: Client) -> None:
    other = Story(caseworker)
    story = Story(caseworker)
    answer = story.tries("corrections", position=other.case["position"])
    assert answer.status_code == 409


def test_when_it_occurred_and_when_it_was_recorded_differ(caseworker: Client) -> None:
    began = datetime.now(UTC) - timedelta(seconds=5)
    story = Story(caseworker, occurred_at="2026-03-01T00:00:00+01:00", precision="month")
    story.does("notes", occurred_at="2026-03-29T13:00:00Z", precision="day")
    raised, noted = story.history()
    assert (raised["occurred_at"], raised["precision"]) == ("2026-03-01T00:00:00+01:00", "month")
    assert (noted["occurred_at"], noted["precision"]) == ("2026-03-29T15:00:00+02:00", "day")
    assert datetime.fromisoformat(raised["recorded_at"]) > began
    assert story.case["raised_at"] == "2026-03-01T00:00:00+01:00"
    assert datetime.fromisoformat(story.case["last_recorded_at"]) > began


def test_a_reversed_lift_gives_back_what_was_before(caseworker: Client) -> None:
    story = Story(caseworker, "discussions", "escalations")
    lifted = story.case["position"]
    story.does("reversals", position=lifted)
    assert (story.case["status"], story.case["holder"]) == ("discussed", TEAM)
    assert story.history()[-1]["position"] == lifted + 1
    then = story.now(as_of=lifted)
    assert (then["status"], then["holder"]) == ("escalated", GROUP)


def test_a_case_is_read_as_it_was(caseworker: Client) -> None:
    story = Story(caseworker)
    steps = ("discussions", "escalations", "assignments", "answers", "closure")
    answers = [story.case, *(story.does(step).case for step in steps)]
    story.now()
    for then in answers:
        assert story.now(as_of=then["position"]) == then
        assert story.now(as_of=then["last_recorded_at"]) == then
        assert [e["version"] for e in story.history(as_of=then["position"])] == list(
            range(1, then["version"] + 1)
        )
    earlier = {"as_of": answers[0]["position"] - 1}
    assert caseworker.get(story.path, params=earlier).status_code == 404
    assert caseworker.get(f"{story.path}/history", params=earlier).status_code == 404
    assert read(caseworker, story.path)["version"] == 6


def test_numbers_of_cases_have_no_gap_and_carry_the_year(caseworker: Client) -> None:
    first, second = Story(caseworker), Story(caseworker)
    year, number = first.number.split("-")
    assert second.number == f"{year}-{int(number) + 1:04}"


def test_a_correction_tells_which_entry_it_is_about(caseworker: Client) -> None:
    story = Story(caseworker).does("corrections")
    url = f"{story.path}/history"
    items = read(story.client, url, story.last)["items"]
    assert items[-1]["event"] == "EntryCorrected"
    assert items[-1]["refers_to"] in {item["position"] for item in items[:-1]}

"""What every event is: a stored name, a decision or not, and words only by reference."""

import hashlib
from typing import get_args

import pytest
from eventsourcing.utils import TopicError, resolve_topic
from pydantic import BaseModel, ValidationError

from domain import (
    actor,
    case,
    entries,
    event,
    municipality,
    order,
    organ,
    plan,
    service,
    text,
    topology,
)  # fmt: skip
from domain.case import ProgressNoted
from domain.event import Event, Precision, Source
from domain.lives import EVENTS, LIVES, life_of
from domain.noticing import Noticing
from domain.terms import Conclusion
from domain.text import SALT_BYTES, Text
from tests.domain.scenario import CASE, COORDINATOR, TUESDAY, given, words
from tests.domain.steps import decided, discussed, noted, raised


@pytest.mark.parametrize("name", EVENTS)
def test_the_stored_name_of_an_event_is_its_class_name(name):
    assert name == EVENTS[name].TOPIC
    assert resolve_topic(name) is EVENTS[name]


def test_two_events_never_share_a_name():
    with pytest.raises(TopicError):

        class CaseRaised(Event):
            pass


def test_each_event_belongs_to_one_life():
    noticing = get_args(Noticing)
    of_any = {entries.TextErased, entries.EntryWithdrawn, *noticing}
    of_one = [each for life in LIVES for each in life.events if each not in of_any]
    assert len(of_one) == len(set(of_one)) == len(EVENTS) - len(of_any)


@pytest.mark.parametrize(
    ("stream", "kind"),
    [(CASE, "case"), ("meeting:1", "meeting"), ("plan", "plan"), ("municipality", "municipality")],
)
def test_the_stream_says_which_life_an_event_belongs_to(stream, kind):
    gone = entries.EntryWithdrawn(
        originator_id=stream,
        originator_version=2,
        actor=COORDINATOR,
        occurred_at=TUESDAY.at,
        position=1,
        withdraws=1,
    )
    assert life_of(gone).stream_type == kind


def test_an_event_is_exact_to_the_minute_and_entered_unless_it_says_otherwise():
    note = ProgressNoted(
        originator_id=CASE,
        originator_version=2,
        actor=COORDINATOR,
        occurred_at=TUESDAY.at,
        text=words("Møte avtalt"),
    )
    assert (note.precision, note.source) == (Precision.MINUTE, Source.ENTERED)


MODELS = {
    model
    for module in (
        actor,
        case,
        entries,
        event,
        municipality,
        order,
        organ,
        plan,
        service,
        text,
        topology,
    )
    for model in vars(module).values()
    if isinstance(model, type) and issubclass(model, BaseModel) and model is not BaseModel
}


@pytest.mark.parametrize("model", sorted(MODELS, key=lambda model: model.__name__))
def test_what_happened_and_what_came_of_it_is_never_changed(model):
    (field, *_) = model.model_fields or ["nothing"]
    with pytest.raises(ValidationError, match="frozen"):
        setattr(model.model_construct(), field, None)


DECISIONS = {
    "CaseEscalated", "CaseReturned", "CaseReferred", "CaseAssigned", "MeasureStarted",
    "CaseClosed", "CaseReopened", "DecisionReversed", "FocusAreaSet", "PlanAdopted",
    "OrderPlaced", "OrderSentBack", "OrderApproved", "OrderWithdrawn",
}  # fmt: skip


@pytest.mark.parametrize("name", [n for n in EVENTS if n not in {"CaseDiscussed", "ItemDiscussed"}])
def test_the_register_of_decisions_holds_what_was_decided_and_nothing_else(name):
    assert EVENTS[name].model_construct().is_decision is (name in DECISIONS)


@pytest.mark.parametrize(
    ("step", "is_decision"),
    [
        (decided(), True),
        (discussed(conclusion=Conclusion.HANDLE_LOCALLY), True),
        (discussed(conclusion=Conclusion.CONTINUE), False),
        (discussed(conclusion=Conclusion.ASK_TO_LIFT), False),
    ],
)
def test_a_discussion_is_a_decision_when_it_decided_or_handles_the_case_locally(step, is_decision):
    *_, discussion = given(raised(), step).events
    assert discussion.is_decision is is_decision


def test_every_decision_on_a_case_stands_until_it_is_reversed():
    life = given(raised(), discussed(), decided(), noted())
    assert [standing.version for standing in life.state.standing] == [3]


# Words.


def test_a_text_is_a_name_and_a_digest_over_salt_and_words():
    salt = bytes(range(SALT_BYTES))
    assert Text.of("t-1", "på skolen", salt) == Text(
        id="t-1", digest=hashlib.sha256(salt + b"p\xc3\xa5 skolen").hexdigest()
    )


def test_the_salt_is_as_long_as_the_digest():
    assert hashlib.sha256().digest_size == SALT_BYTES == 32


def test_the_same_words_with_another_salt_have_another_digest():
    assert Text.of("t-1", "rus", bytes(32)).digest != Text.of("t-1", "rus", b"1" * 32).digest


def test_no_words_are_in_an_event():
    (raising,) = given(raised(title=words("Salg utenfor senteret"))).events
    assert set(raising.model_dump()["title"]) == {"id", "digest"}

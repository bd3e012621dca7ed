"""The ledger as the `eventsourcing` library asks it: recorder, repository, save, subscription."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import pytest
from eventsourcing.application import AggregateNotFoundError
from eventsourcing.persistence import ApplicationRecorder

from api.installation import OpenLedger
from domain.case import Case, CaseEvent, evolve
from domain.errors import Refusal
from ledger.commands import Command
from ledger.recorder import Recorder
from ledger.texts import Pen
from tests.domain.scenario import COORDINATOR, TUESDAY
from tests.lives import Town, settled


@pytest.fixture
def town(ledger: OpenLedger) -> Town:
    return settled(ledger)


@pytest.fixture
def recorder(town: Town) -> Recorder:
    return town.engine.ledger


def projected(case: Case | None, events: Iterable[CaseEvent]) -> Case | None:
    for event in events:
        case = evolve(case, event)
    return case


def test_it_is_a_recorder_of_the_library(town: Town, recorder: Recorder) -> None:
    assert isinstance(recorder, ApplicationRecorder)
    assert town.engine.recorder is recorder


def test_the_events_of_a_stream_are_selected(town: Town, recorder: Recorder) -> None:
    case = town.whole_life()
    town.raised()
    for asked, versions in (
        ({}, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ({"gt": 6}, [7, 8, 9]),
        ({"gt": 0, "lte": 2}, [1, 2]),
        ({"lte": 0}, []),
        ({"gt": 9}, []),
        ({"desc": True}, [9, 8, 7, 6, 5, 4, 3, 2, 1]),
        ({"limit": 2}, [1, 2]),
        ({"limit": 0}, []),
        ({"desc": True, "limit": 2}, [9, 8]),
        ({"gt": 2, "lte": 7, "desc": True, "limit": 3}, [7, 6, 5]),
    ):
        found = recorder.select_events(case, **asked)
        assert [entry.originator_version for entry in found] == versions, asked
        assert {entry.originator_id for entry in found} <= {case}


def test_notifications_are_selected(town: Town, recorder: Recorder) -> None:
    """Seven events of structure, then a whole life: 8 to 16."""
    town.whole_life()
    ends = {"topics": ["CaseRaised", "CaseClosed"]}
    for start, limit, asked, positions in (
        (1, 3, {}, [1, 2, 3]),
        (None, 3, {}, [1, 2, 3]),
        (None, 2, {"inclusive_of_start": False}, [1, 2]),
        (4, 2, {}, [4, 5]),
        (4, 2, {"inclusive_of_start": False}, [5, 6]),
        (2, 100, {"stop": 4}, [2, 3, 4]),
        (5, 100, {"stop": 4}, []),
        (17, 100, {}, []),
        (1, 100, ends, [8, 16]),
        (8, 100, {**ends, "inclusive_of_start": False}, [16]),
        (1, 1, {"topics": ["CaseClosed"]}, [16]),
        (1, 100, {"topics": ["ProgressNoted"]}, []),
        (1, 100, {**ends, "stop": 15}, [8]),
    ):
        found = recorder.select_notifications(start, limit, **asked)
        assert [entry.id for entry in found] == positions, (start, limit, asked)


def test_the_last_notification_is_that_of_the_last_position(ledger: OpenLedger) -> None:
    assert ledger.engine.ledger.max_notification_id() is None
    assert ledger.engine.ledger.size() == 0
    seen = settled(ledger).raises()
    assert ledger.engine.ledger.max_notification_id() == seen.position == 8


def test_the_library_s_notification_log_reads_it_in_sections(town: Town) -> None:
    town.whole_life()
    section = town.engine.notification_log["1,10"]
    assert [item.id for item in section.items] == list(range(1, 11))
    assert section.next_id == "11,20"
    assert [entry.id for entry in town.engine.notification_log.select(15, 10)] == [15, 16]


def test_a_subscription_gives_what_is_there_and_then_waits_for_more(town: Town) -> None:
    with town.engine.ledger.subscribe(gt=5) as tail:
        assert [entry.id for entry in islice(tail, 2)] == [6, 7]
        with ThreadPoolExecutor(1) as pool:
            following = pool.submit(next, tail)
            seen = town.raises()
            assert following.result(20).id == seen.position
        tail.stop()
        assert list(tail) == []


def test_a_subscription_may_be_to_some_topics_only(town: Town) -> None:
    case = town.whole_life()
    with town.engine.ledger.subscribe(topics=["CaseEscalated", "CaseClosed"]) as tail:
        assert [entry.topic for entry in islice(tail, 2)] == ["CaseEscalated", "CaseClosed"]
        with ThreadPoolExecutor(1) as pool:
            following = pool.submit(next, tail)
            town.does(case, "reopen")
            town.does(case, "close")
            assert following.result(20).id == town.engine.ledger.size()


def test_a_subscription_that_is_stopped_while_it_waits_ends(town: Town) -> None:
    with ThreadPoolExecutor(1) as pool, town.engine.ledger.subscribe(gt=7) as tail:
        waiting = pool.submit(list, tail)
        tail.stop()
        assert waiting.result(20) == []


def test_the_library_s_repository_gives_the_state_of_a_case(town: Town) -> None:
    case = town.whole_life()
    got = town.engine.repository.get(case, projector_func=projected)
    assert got == town.case(case)
    assert got.version == 9
    assert town.engine.repository.get(case, version=4, projector_func=projected) == town.case(
        case, town.position(case, 4)
    )
    with pytest.raises(AggregateNotFoundError):
        town.engine.repository.get("nobody", projector_func=projected)


def test_the_library_s_save_appends_what_was_decided(town: Town) -> None:
    case, pen = town.raised(), Pen()
    event = town.case(case).note(text=pen.write("Møte avtalt"), by=COORDINATOR, at=TUESDAY)
    command = Command(COORDINATOR)
    (recording,) = town.engine.save(
        event, command=command, drafts=pen.drafts, seen=town.engine.ledger.size()
    )
    (entry,) = town.engine.ledger.select_events(case, gt=1)
    assert recording.domain_event == event
    assert recording.notification.id == entry.id == town.engine.ledger.size()
    assert town.engine.mapper.to_domain_event(entry) == event
    assert entry.command_id == command.command_id
    with pytest.raises(Refusal):
        town.engine.save(event, command=command, seen=town.engine.ledger.size())
    assert len(town.entries(case)) == 2


def test_several_events_of_a_case_may_be_saved_at_once(town: Town) -> None:
    """All or none, one behind the other."""
    case, pen = town.raised(), Pen()
    who = {"by": COORDINATOR, "at": TUESDAY}
    first = town.case(case).note(text=pen.write("Møte avtalt"), **who)
    second = evolve(town.case(case), first).pause(reason=pen.write("Venter"), **who)
    command = Command(COORDINATOR, key="k", request_hash="h")
    size = town.engine.ledger.size()
    facts = {"command": command, "drafts": pen.drafts, "seen": size}
    told = town.engine.save(first, second, **facts)
    assert [one.notification.id for one in told] == [size + 1, size + 2]
    again = town.engine.save(first, second, **facts)
    assert [one.notification.id for one in again] == [size + 1, size + 2]
    assert [entry.topic for entry in town.entries(case)][1:] == ["ProgressNoted", "DeadlinePaused"]
    assert town.engine.ledger.size() == size + 2


def test_saving_nothing_appends_nothing(town: Town) -> None:
    size = town.engine.ledger.size()
    assert town.engine.save(command=Command(COORDINATOR)) == []
    assert town.engine.ledger.size() == size


def test_a_life_is_loaded_as_it_was_at_any_position(town: Town) -> None:
    case = town.whole_life()
    raised = town.position(case, 1)
    assert town.engine.load(Case, case, raised - 1) is None
    for version in range(1, 10):
        seen = town.engine.load(Case, case, raised + version - 1)
        assert seen is not None
        assert seen.state.version == version
        assert seen.position == raised + version - 1
    assert town.engine.load(Case, "organ:styret") is None
    assert town.engine.load(Case, "nobody") is None


def test_a_case_is_found_by_its_number(town: Town) -> None:
    seen = town.raises()
    assert town.engine.ledger.case_id(seen.state.number) == seen.state.id
    assert town.engine.ledger.case_id("1999-0001") is None

"""What has been corrected, by case and as of any position."""

from projections.corrections import corrections, entries_at
from tests.lives import Town


def test_each_correction_stands_with_the_event_that_it_corrects(followed: Town) -> None:
    case = followed.cases()[-1]
    (made,) = corrections(followed.engine, [case], as_of=2**62)
    assert made.event.TOPIC == "EntryCorrected"
    assert made.event.originator_id == case
    assert made.corrected.TOPIC == "CaseEscalated"
    assert followed.position(case, made.event.corrects) == made.event.position < made.position
    assert followed.case(case).corrected == (2,)


def test_it_is_told_as_of_any_position_and_of_those_cases_alone(followed: Town) -> None:
    cases = followed.cases()
    (made,) = corrections(followed.engine, cases, as_of=2**62)
    assert corrections(followed.engine, cases, as_of=made.position) == [made]
    assert corrections(followed.engine, cases, as_of=made.position - 1) == []
    assert corrections(followed.engine, cases[:-1], as_of=2**62) == []
    assert corrections(followed.engine, [], as_of=2**62) == []


def test_entries_are_found_by_their_positions(followed: Town) -> None:
    entries = {entry.id: entry for entry in followed.entries()}
    assert entries_at(followed.engine, {3, 5}) == {3: entries[3], 5: entries[5]}
    assert entries_at(followed.engine, []) == {}


def test_several_corrections_of_one_entry_come_in_order(followed: Town) -> None:
    case = followed.cases()[0]
    seen = [followed.corrected(case, 2).position for _ in range(2)]
    assert [one.position for one in corrections(followed.engine, [case], as_of=2**62)] == seen

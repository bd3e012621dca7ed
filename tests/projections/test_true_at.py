"""A case as it was true at a moment, replayed from the ledger as far as a view knows of it."""

from datetime import timedelta

from domain.true_at import took_place
from projections.case_status import one
from projections.true_at import life_of, true_row
from tests.domain.scenario import FRIDAY, MONDAY, TUESDAY, oslo
from tests.domain.topologies import GROUP, TEAM
from tests.lives import Town

LONG_AFTER = oslo(2026, 1, 1).at


def test_at_any_position_all_that_was_known_is_true_in_the_end(followed: Town) -> None:
    for case in followed.cases():
        for position in range(followed.engine.ledger.size() + 1):
            row = one(followed.ledger.database, case, as_of=position)
            if row is not None:
                assert true_row(followed.engine, row, LONG_AFTER) == row


def test_before_it_was_raised_it_was_not_there(followed: Town) -> None:
    for case in followed.cases():
        row = one(followed.ledger.database, case)
        assert row is not None
        raised = took_place(followed.engine.written.to_domain_event(followed.entries(case)[0]))
        assert true_row(followed.engine, row, raised - timedelta(microseconds=1)) is None
        told = true_row(followed.engine, row, raised)
        assert told is not None
        assert (told.case.id, told.raised_position) == (case, row.raised_position)


def test_it_says_where_the_last_entry_stands_that_takes_part(followed: Town) -> None:
    case = followed.raised(at=MONDAY)
    late = [
        followed.does(case, "note", at=FRIDAY),
        followed.does(case, "escalate", urgent=True, at=TUESDAY),
        followed.does(case, "note", at=FRIDAY),
    ]
    followed.ledger.follower.catch_up()
    row = one(followed.ledger.database, case)
    assert row is not None
    told = true_row(followed.engine, row, TUESDAY.at)
    assert told is not None
    assert (told.case.holder, told.case.version) == (GROUP, 3)
    assert (told.position, told.recorded_at) == (late[1].position, late[1].recorded_at)
    known = one(followed.ledger.database, case, as_of=late[0].position)
    assert known is not None
    then = true_row(followed.engine, known, TUESDAY.at)
    assert then is not None
    assert (then.case.holder, then.case.version) == (TEAM, 1)


def test_a_view_that_lags_knows_no_more_than_it_has_taken_in(followed: Town) -> None:
    case = followed.cases()[0]
    row = one(followed.ledger.database, case)
    assert row is not None
    followed.does(case, "answer")
    assert [entry.id for entry in life_of(followed.engine, row)][-1] == row.position
    assert true_row(followed.engine, row, LONG_AFTER) == row

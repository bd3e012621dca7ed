"""What was wrong stays, and what puts it right stands beside it."""

import pytest

from domain import errors
from domain.case import DecisionReversed, EntryCorrected, TextErased
from domain.terms import AssignmentState, Conclusion, LegalBasis, Outcome, Status
from domain.topology import Level
from tests.domain.scenario import COORDINATOR, FRIDAY, OTHER_CASE, entry, given, words
from tests.domain.steps import (
    REASON,
    TITLE,
    accepted,
    answered,
    assigned,
    closed,
    completed,
    corrected,
    decided,
    discussed,
    erased,
    lifted,
    linked,
    measure_evaluated,
    measure_started,
    noted,
    paused,
    raised,
    reclassified,
    referred,
    reopened,
    resumed,
    returned,
    undone,
)
from tests.domain.topologies import GROUP, TEAM

RIGHT = words("Det var i østre Bærum")
AT_GROUP = (raised(), discussed(), lifted())


# Correcting.


def test_an_entry_is_corrected_and_stays():
    life = given(*AT_GROUP)
    after = life.when(
        lambda c: c.correct(
            position=12, corrects=1, correction=RIGHT, reason=REASON, by=COORDINATOR, at=FRIDAY
        )
    ).then(
        EntryCorrected(**entry(4, GROUP), position=12, corrects=1, correction=RIGHT, reason=REASON)
    )
    assert after.state == life.state.model_copy(
        update={"version": 4, "corrected": (1,), "active_on": FRIDAY.at.date()}
    )


def test_an_entry_is_corrected_as_often_as_it_takes():
    given(raised(), corrected(1)).when(corrected(1)).allowed()


def test_a_correction_is_corrected():
    given(raised(), corrected(1)).when(corrected(2)).allowed()


# Reversing the newest standing decision.


def test_a_reversal_points_at_the_decision_and_says_why():
    given(*AT_GROUP).when(
        lambda c: c.reverse(position=14, reverses=3, reason=REASON, by=COORDINATOR, at=FRIDAY)
    ).then(
        DecisionReversed(**entry(4, GROUP), position=14, reverses=3, newest=True, reason=REASON)
    ).is_now(status=Status.DISCUSSED, holder=TEAM, level=Level.EXECUTING, reversed=(3,))


DECISIONS = {
    "decided": decided(),
    "handle_locally": discussed(conclusion=Conclusion.HANDLE_LOCALLY),
    "lifted": lifted(),
    "returned": returned(to=GROUP),
    "referred": referred(),
    "assigned": assigned(),
    "measure": measure_started(),
    "closed": closed(),
}


@pytest.mark.parametrize("decision", DECISIONS.values(), ids=DECISIONS)
def test_a_case_is_what_it_was_before_a_decision_that_was_reversed(decision):
    life = given(raised(raised_by=GROUP), returned(), assigned(), discussed())
    before = life.state
    life.further(decision, undone(5)).is_now(footing=before.footing, version=6, reversed=(5,))


def test_a_reversed_close_leaves_a_case_that_goes_on():
    life = given(raised(), assigned(), closed(), undone(3))
    life.is_now(status=Status.ASSIGNED)
    assert life.state.footing.closed_at is None
    life.when(completed(1)).allowed()


def test_a_reversed_merge_leaves_a_case_of_its_own():
    other = given(raised(OTHER_CASE)).state
    merged = closed(outcome=Outcome.MERGED, merged_into=other)
    footing = given(raised(), merged, undone(2)).state.footing
    assert (footing.merged_into, footing.outcome) == (None, None)


def test_a_reversed_reopening_leaves_the_case_closed():
    life = given(raised(), closed(outcome=Outcome.NO_ACTION), reopened(), undone(3))
    life.is_now(status=Status.CLOSED)
    assert life.state.footing.outcome is Outcome.NO_ACTION
    life.when(noted()).refused(errors.CaseIsClosed)


def test_a_reversed_assignment_is_gone():
    life = given(raised(), assigned(), assigned(), undone(3))
    assert [a.n for a in life.state.assignments] == [1]
    life.when(accepted(2)).refused(errors.AssignmentUnknown)


def test_the_number_of_a_reversed_assignment_is_never_reused():
    life = given(raised(), assigned(), undone(2), assigned())
    assert [a.n for a in life.state.assignments] == [2]


def test_assignments_become_what_they_were_before_the_decision():
    life = given(raised(), assigned(), accepted(1), lifted(urgent=True), completed(1), undone(4))
    assert [a.state for a in life.state.assignments] == [AssignmentState.ACCEPTED]
    life.is_now(status=Status.ASSIGNED)


def test_a_reversed_measure_is_withdrawn_and_keeps_its_evaluation():
    life = given(raised(), measure_started(), measure_evaluated(1), undone(2))
    assert [(m.withdrawn, m.effect is None) for m in life.state.measures] == [(True, False)]


def test_an_older_measure_that_was_reversed_still_runs():
    life = given(raised(), measure_started(), referred()).further(undone(2))
    assert not life.state.measures[0].withdrawn
    life.when(measure_evaluated(1)).allowed()


def test_what_was_discussed_since_stays_discussed():
    life = given(raised(), decided(), discussed()).further(undone(2))
    life.when(lifted()).allowed()


def test_a_decision_that_was_the_only_discussion_leaves_the_case_undiscussed():
    given(raised(), decided()).further(undone(2)).when(lifted()).refused(errors.NotDiscussed)


def test_a_correction_is_about_an_entry_that_is_there():
    given(*AT_GROUP).when(corrected(4)).refused(errors.EntryUnknown)


def test_a_case_whose_lift_was_reversed_did_not_come_from_there():
    given(raised(), lifted(urgent=True), undone(2)).when(returned(to=GROUP)).refused(
        errors.NotBelowNorBefore
    )


def test_decisions_are_undone_one_by_one_from_the_newest():
    life = given(*AT_GROUP, decided(), assigned())
    life = life.further(undone(5)).is_now(status=Status.DISCUSSED, holder=GROUP)
    life = life.further(undone(4)).is_now(status=Status.ESCALATED, holder=GROUP)
    life.further(undone(3)).is_now(status=Status.DISCUSSED, holder=TEAM, reversed=(5, 4, 3))


def test_what_is_decided_after_a_reversal_is_the_newest():
    life = given(*AT_GROUP, undone(3), assigned()).when(undone(5)).allowed()
    assert life.events[-1].newest
    life.is_now(status=Status.DISCUSSED, holder=TEAM, assignments=())


def test_what_is_no_decision_does_not_stand_in_the_way():
    life = given(*AT_GROUP, noted(), answered(), paused()).when(undone(3)).allowed()
    assert life.events[-1].newest
    life.is_now(holder=TEAM)


# Reversing an older decision.


@pytest.mark.parametrize("newer", [decided(), assigned(), referred(), measure_started(), closed()])
def test_an_older_decision_is_only_marked(newer):
    life = given(*AT_GROUP, newer)
    after = life.when(undone(3, at=FRIDAY)).then(
        DecisionReversed(**entry(5, GROUP), position=30, reverses=3, newest=False, reason=REASON)
    )
    after.is_now(footing=life.state.footing, reversed=(3,))


def test_an_older_assignment_that_was_reversed_still_runs():
    given(raised(), assigned(), measure_started(), undone(2)).when(accepted(1)).allowed()


def test_the_newest_decision_is_still_undone_after_an_older_one_was_marked():
    life = given(*AT_GROUP, decided(), undone(3)).when(undone(4)).allowed()
    assert life.events[-1].newest
    life.is_now(status=Status.ESCALATED, holder=GROUP)


def test_an_older_decision_becomes_the_newest_when_those_after_it_are_reversed():
    life = given(*AT_GROUP, decided(), undone(4)).when(undone(3)).allowed()
    assert life.events[-1].newest


# What is not reversed.


@pytest.mark.parametrize("between", [(), (assigned(),)])
def test_a_decision_is_reversed_once(between):
    given(*AT_GROUP, *between, undone(3)).when(undone(3)).refused(
        errors.ReversedAlready, position=30
    )


NO_DECISIONS = {
    "discussed": discussed(),
    "asked_to_lift": discussed(conclusion=Conclusion.ASK_TO_LIFT),
    "noted": noted(),
    "answered": answered(),
    "linked": linked(),
    "corrected": corrected(1),
    "reclassified": reclassified(),
    "erased": erased(),
    "paused": paused(),
}


@pytest.mark.parametrize("entered", NO_DECISIONS.values(), ids=NO_DECISIONS)
def test_what_is_no_decision_is_not_reversed(entered):
    given(raised(), entered).when(undone(2)).refused(errors.NotADecision, position=20)


@pytest.mark.parametrize("version", [0, 1, 4, 99])
def test_neither_the_raising_nor_what_never_happened_is_reversed(version):
    given(*AT_GROUP).when(undone(version)).refused(errors.NotADecision)


def test_a_reversal_is_not_reversed():
    given(*AT_GROUP, undone(3)).when(undone(4)).refused(errors.NotADecision)


def test_a_reversal_leaves_the_clock_and_the_answers_alone():
    before = given(*AT_GROUP, answered(), paused())
    before.further(undone(3)).is_now(
        paused_since=before.state.paused_since, answers=before.state.answers
    )
    before.further(undone(3)).when(resumed()).allowed()


# Erasing words.


@pytest.mark.parametrize("basis", LegalBasis)
def test_words_are_erased_on_a_legal_basis(basis):
    given(raised()).when(
        lambda c: c.erase(
            text_id=TITLE.id,
            legal_basis=basis,
            reason=REASON,
            asked_by="foresatt",
            by=COORDINATOR,
            at=FRIDAY,
        )
    ).then(
        TextErased(
            **entry(2, TEAM),
            text_id=TITLE.id,
            legal_basis=basis,
            reason=REASON,
            asked_by="foresatt",
        )
    ).is_now(title=TITLE, erased=(TITLE.id,))


def test_words_are_erased_once():
    given(raised(), erased()).when(erased()).refused(errors.TextUnknown)


def test_other_words_are_erased_too():
    given(raised(), erased()).when(erased(text_id="andre")).allowed()

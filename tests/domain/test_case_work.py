"""The work on a case: assignments that are given and answered, measures and their effect."""

from datetime import date

import pytest

from domain import errors
from domain.case import (
    AssignmentAccepted,
    AssignmentCompleted,
    AssignmentDeclined,
    AssignmentPassedOn,
    CaseAssigned,
    MeasureEvaluated,
    MeasureStarted,
)
from domain.terms import AssignmentState, Effect, PreventionLevel, Status
from tests.domain.policies import due
from tests.domain.scenario import COORDINATOR, FRIDAY, TUESDAY, entry, given, words
from tests.domain.steps import (
    EXPECTATION,
    REASON,
    accepted,
    assigned,
    closed,
    completed,
    declined,
    measure_evaluated,
    measure_started,
    passed_on,
    raised,
    undone,
)
from tests.domain.topologies import (
    BAERUM,
    CLUBS,
    DISSOLVED_GROUP,
    GROUP,
    MERGED_SERVICE,
    OUTREACH,
    TEAM,
    WORKING_GROUP,
)

SOON, LATER = date(2016, 9, 20), date(2016, 10, 20)
TITLE, HOPE, SEEN = words("Åpen hall"), words("Færre på senteret"), words("Litt roligere")


def states(life):
    return [assignment.state for assignment in life.state.assignments]


# Assignments.


def test_a_case_is_assigned_to_a_service():
    life = given(raised()).when(
        lambda c: c.assign(
            service=OUTREACH,
            expectation=EXPECTATION,
            due_on=SOON,
            topology=BAERUM,
            by=COORDINATOR,
            at=FRIDAY,
        )
    )
    after = life.then(
        CaseAssigned(**entry(2, TEAM), n=1, service=OUTREACH, expectation=EXPECTATION, due_on=SOON)
    ).is_now(status=Status.ASSIGNED, holder=TEAM)
    assert due(after) == [SOON]
    assert states(after) == [AssignmentState.OFFERED]


@pytest.mark.parametrize("organ", [TEAM, WORKING_GROUP, GROUP])
def test_a_case_is_assigned_to_an_organ(organ):
    after = given(raised()).when(assigned(service=organ)).allowed()
    assert [a.service for a in after.state.assignments] == [organ]


@pytest.mark.parametrize(
    ("service", "refusal"),
    [
        ("ukjent", errors.ServiceUnknown),
        (MERGED_SERVICE, errors.ServiceIsMerged),
        (DISSOLVED_GROUP, errors.OrganIsDissolved),
    ],
)
def test_nobody_who_is_not_there_is_given_a_responsibility(service, refusal):
    given(raised()).when(assigned(service=service)).refused(refusal)


def test_several_assignments_run_at_once_and_are_numbered():
    life = given(raised(), assigned(), assigned(service=CLUBS), accepted(2))
    assert [(a.n, a.service) for a in life.state.assignments] == [(1, OUTREACH), (2, CLUBS)]
    assert states(life) == [AssignmentState.OFFERED, AssignmentState.ACCEPTED]


def test_an_assignment_is_due_on_the_day_it_is_given_at_the_earliest():
    given(raised()).when(assigned(due_on=date(2016, 9, 6), at=TUESDAY)).allowed()


def test_an_assignment_is_not_due_before_it_is_given():
    given(raised()).when(assigned(due_on=date(2016, 9, 5), at=TUESDAY)).refused(
        errors.DueBeforeItBegan
    )


def test_an_assignment_is_accepted():
    after = (
        given(raised(), assigned())
        .when(lambda c: c.accept(1, by=COORDINATOR, at=FRIDAY))
        .then(AssignmentAccepted(**entry(3, TEAM), n=1))
    )
    assert states(after) == [AssignmentState.ACCEPTED]


def test_an_assignment_is_declined_with_a_reason():
    after = (
        given(raised(), assigned())
        .when(lambda c: c.decline(1, reason=REASON, by=COORDINATOR, at=FRIDAY))
        .then(AssignmentDeclined(**entry(3, TEAM), n=1, reason=REASON))
    )
    assert states(after) == [AssignmentState.DECLINED]


def test_an_assignment_is_not_declined_without_a_reason():
    life = given(raised(), assigned())
    with pytest.raises(ValueError, match="reason"):
        life.when(declined(1, reason=None))


def test_an_assignment_is_completed_with_a_report():
    after = (
        given(raised(), assigned(), accepted(1))
        .when(lambda c: c.complete(1, report=SEEN, by=COORDINATOR, at=FRIDAY))
        .then(AssignmentCompleted(**entry(4, TEAM), n=1, report=SEEN))
    )
    assert states(after) == [AssignmentState.COMPLETED]


def test_an_assignment_is_passed_on_to_one_person_and_the_service_stays_responsible():
    passed = given(raised(), assigned(), assigned(service=CLUBS), accepted(1)).when(
        passed_on(1, at=FRIDAY)
    )
    passed.then(AssignmentPassedOn(**entry(5, TEAM), n=1, to="p-1"))
    again = passed.allowed().when(passed_on(1, to="p-2")).allowed()
    assert [(a.service, a.responsible) for a in again.state.assignments] == [
        (OUTREACH, "p-2"),
        (CLUBS, None),
    ]
    assert states(again) == [AssignmentState.ACCEPTED, AssignmentState.OFFERED]


def test_an_assignment_is_passed_on_to_somebody_who_sits_there_and_has_it_not_yet():
    life = given(raised(), assigned(), passed_on(1))
    life.when(passed_on(1, to="p-3")).refused(errors.NoSeatThere)
    life.when(passed_on(1)).refused(errors.NothingChanged)
    life.when(passed_on(2)).refused(errors.AssignmentUnknown, n=2)
    life.further(completed(1)).when(passed_on(1, to="p-2")).refused(errors.AssignmentAnswered, n=1)


def test_an_accepted_assignment_is_still_declined():
    life = given(raised(), assigned(), accepted(1)).when(declined(1)).allowed()
    assert states(life) == [AssignmentState.DECLINED]


def test_work_that_was_never_formally_accepted_is_completed():
    life = given(raised(), assigned()).when(completed(1)).allowed()
    assert states(life) == [AssignmentState.COMPLETED]


@pytest.mark.parametrize("answer", [accepted, declined, completed])
@pytest.mark.parametrize("ended", [declined, completed])
def test_an_assignment_that_has_ended_is_not_answered_again(answer, ended):
    given(raised(), assigned(), ended(1)).when(answer(1)).refused(errors.AssignmentAnswered, n=1)


def test_an_assignment_is_accepted_once():
    given(raised(), assigned(), accepted(1)).when(accepted(1)).refused(
        errors.AssignmentAnswered, n=1
    )


@pytest.mark.parametrize("answer", [accepted, declined, completed])
@pytest.mark.parametrize("n", [0, 2])
def test_an_assignment_that_was_never_given_is_not_answered(answer, n):
    given(raised(), assigned()).when(answer(n)).refused(errors.AssignmentUnknown, n=n)


def test_open_assignments_are_due():
    both = given(raised(), assigned(due_on=LATER), assigned(due_on=SOON))
    assert due(both) == [LATER, SOON]
    assert due(both.further(completed(2))) == [LATER]
    assert due(both.further(completed(2), declined(1))) == []


def test_nothing_is_due_in_a_closed_case():
    assert due(given(raised(), assigned(due_on=SOON), closed())) == []


# Measures.


def test_a_measure_is_started_with_an_expected_effect_and_an_evaluation_date():
    given(raised()).when(
        lambda c: c.start_measure(
            title=TITLE,
            prevention_level=PreventionLevel.SELECTIVE,
            expected_effect=HOPE,
            evaluate_on=SOON,
            service=CLUBS,
            topology=BAERUM,
            by=COORDINATOR,
            at=FRIDAY,
        )
    ).then(
        MeasureStarted(
            **entry(2, TEAM),
            n=1,
            title=TITLE,
            prevention_level=PreventionLevel.SELECTIVE,
            expected_effect=HOPE,
            evaluate_on=SOON,
            service=CLUBS,
        )
    ).is_now(status=Status.RAISED)


def test_measures_are_numbered():
    life = given(raised(), measure_started(), measure_started(service=OUTREACH))
    assert [(m.n, m.service) for m in life.state.measures] == [(1, None), (2, OUTREACH)]


def test_the_number_of_a_measure_that_was_reversed_is_not_reused():
    life = given(raised(), measure_started(), undone(2), measure_started())
    assert [(m.n, m.withdrawn) for m in life.state.measures] == [(1, True), (2, False)]


@pytest.mark.parametrize(
    ("service", "refusal"),
    [("ukjent", errors.ServiceUnknown), (MERGED_SERVICE, errors.ServiceIsMerged)],
)
def test_nobody_who_is_not_there_runs_a_measure(service, refusal):
    given(raised()).when(measure_started(service=service)).refused(refusal)


def test_a_measure_is_evaluated_on_the_day_it_starts_at_the_earliest():
    given(raised()).when(measure_started(evaluate_on=date(2016, 9, 6))).allowed()


def test_a_measure_is_not_evaluated_before_it_starts():
    given(raised()).when(measure_started(evaluate_on=date(2016, 9, 5))).refused(
        errors.DueBeforeItBegan
    )


@pytest.mark.parametrize("effect", Effect)
def test_the_effect_of_a_measure_is_evaluated(effect):
    life = given(raised(), measure_started(), measure_started()).when(
        lambda c: c.evaluate_measure(2, effect=effect, note=SEEN, by=COORDINATOR, at=FRIDAY)
    )
    after = life.then(MeasureEvaluated(**entry(4, TEAM), n=2, effect=effect, note=SEEN))
    assert [m.effect for m in after.state.measures] == [None, effect]


def test_a_measure_is_evaluated_once():
    given(raised(), measure_started(), measure_evaluated(1)).when(measure_evaluated(1)).refused(
        errors.MeasureEvaluatedAlready, n=1
    )


def test_a_measure_is_evaluated_whether_or_not_others_were():
    given(raised(), measure_started(), measure_started(), measure_evaluated(1)).when(
        measure_evaluated(2)
    ).allowed()


@pytest.mark.parametrize("n", [0, 2])
def test_a_measure_that_was_never_started_is_not_evaluated(n):
    given(raised(), measure_started()).when(measure_evaluated(n)).refused(
        errors.MeasureUnknown, n=n
    )


def test_a_measure_whose_decision_was_reversed_is_not_evaluated():
    given(raised(), measure_started(), undone(2)).when(measure_evaluated(1)).refused(
        errors.MeasureWithdrawn, n=1
    )

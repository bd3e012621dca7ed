"""A case is closed, reopened, merged into another, linked with others and reclassified."""

import pytest

from domain import errors
from domain.case import CaseClosed, CaseLinked, CaseReclassified, CaseReopened, Link
from domain.clock import Start
from domain.terms import LinkKind, Outcome, PreventionLevel, Status
from tests.domain.scenario import (
    CASE,
    COORDINATOR,
    FRIDAY,
    OTHER_CASE,
    REPORTED,
    TUESDAY,
    entry,
    given,
    words,
)
from tests.domain.steps import (
    REASON,
    assigned,
    closed,
    discussed,
    lifted,
    linked,
    measure_evaluated,
    measure_started,
    raised,
    reclassified,
    reopened,
    undone,
)
from tests.domain.topologies import BAERUM, GROUP, TEAM

OTHER = given(raised(OTHER_CASE)).state
NEWS = words("Det har begynt igjen")


# Closing.


@pytest.mark.parametrize("outcome", [o for o in Outcome if o is not Outcome.MERGED])
def test_a_case_is_closed_with_an_outcome_and_a_reason(outcome):
    given(raised(), discussed()).when(
        lambda c: c.close(outcome=outcome, reason=REASON, by=COORDINATOR, at=FRIDAY)
    ).then(
        CaseClosed(**entry(3, TEAM), outcome=outcome, reason=REASON, merged_into=None, owed=())
    ).is_now(status=Status.CLOSED, holder=TEAM)


def test_a_closed_case_knows_when_and_how_it_ended():
    footing = given(raised(), closed(outcome=Outcome.NO_ACTION, at=FRIDAY)).state.footing
    assert (footing.outcome, footing.closed_at) == (Outcome.NO_ACTION, FRIDAY.at)


@pytest.mark.parametrize("before", [(), (discussed(), lifted()), (assigned(),)])
def test_a_case_is_closed_wherever_it_stands(before):
    given(raised(), *before).when(closed()).allowed().is_now(status=Status.CLOSED)


def test_a_case_is_not_closed_without_a_reason():
    given(raised()).when(closed(reason=None)).refused(errors.ReasonMissing)


def test_a_report_may_be_silent_on_why_a_case_was_closed():
    life = given(raised(at=REPORTED))
    life.when(closed(reason=None, at=REPORTED)).allowed().is_now(status=Status.CLOSED)


def test_a_report_too_says_why_a_measure_was_not_evaluated():
    life = given(raised(at=REPORTED), measure_started())
    life.when(closed(reason=None, at=REPORTED)).refused(errors.MeasuresUnevaluated)
    life.when(closed(at=REPORTED)).allowed()


def test_a_case_with_an_unevaluated_measure_is_closed_with_a_reason():
    given(raised(), measure_started()).when(closed()).allowed()


@pytest.mark.parametrize("others", [(), (measure_started(), measure_evaluated(1))])
def test_a_case_with_an_unevaluated_measure_is_not_closed_without_a_reason(others):
    given(raised(), *others, measure_started()).when(closed(reason=None)).refused(
        errors.MeasuresUnevaluated
    )


@pytest.mark.parametrize("settled", [measure_evaluated(1), undone(2)])
def test_a_measure_that_was_evaluated_or_reversed_is_nothing_to_wait_for(settled):
    given(raised(), measure_started(), settled).when(closed(reason=None)).refused(
        errors.ReasonMissing
    )


# Merging.


def test_a_case_is_merged_into_another():
    after = (
        given(raised(), discussed(), lifted())
        .when(
            lambda c: c.close(
                outcome=Outcome.MERGED, reason=REASON, merged_into=OTHER, by=COORDINATOR, at=FRIDAY
            )
        )
        .then(
            CaseClosed(
                **entry(4, GROUP),
                outcome=Outcome.MERGED,
                reason=REASON,
                merged_into=OTHER_CASE,
                into_version=OTHER.version,
                owed=(TEAM,),
                owed_since=(Start(on=TUESDAY.at.date()),),
            )
        )
    )
    assert after.state.footing.merged_into == OTHER_CASE


def test_a_merge_names_the_other_case():
    given(raised()).when(closed(outcome=Outcome.MERGED)).refused(errors.MergeTargetMissing)


@pytest.mark.parametrize("outcome", [o for o in Outcome if o is not Outcome.MERGED])
def test_only_a_merge_names_another_case(outcome):
    given(raised()).when(closed(outcome=outcome, merged_into=OTHER)).refused(
        errors.MergeTargetUnwanted
    )


def test_a_case_is_not_merged_into_itself():
    life = given(raised(), discussed())
    life.when(closed(outcome=Outcome.MERGED, merged_into=life.state)).refused(errors.SameCase)


def test_a_case_is_not_merged_into_a_closed_one():
    gone = given(raised(OTHER_CASE), closed()).state
    given(raised()).when(closed(outcome=Outcome.MERGED, merged_into=gone)).refused(
        errors.MergeTargetClosed, case=None
    )


def test_a_case_is_merged_into_one_that_was_reopened():
    back = given(raised(OTHER_CASE), closed(), reopened()).state
    given(raised()).when(closed(outcome=Outcome.MERGED, merged_into=back)).allowed()


# Reopening.


def test_a_closed_case_is_reopened_with_a_reason():
    after = (
        given(raised(), closed())
        .when(lambda c: c.reopen(reason=NEWS, by=COORDINATOR, at=FRIDAY))
        .then(CaseReopened(**entry(3, TEAM), reason=NEWS))
    )
    footing = after.is_now(status=Status.DISCUSSED, holder=TEAM).state.footing
    assert (footing.outcome, footing.closed_at) == (None, None)


def test_a_case_that_was_merged_is_reopened_on_its_own():
    merged = closed(outcome=Outcome.MERGED, merged_into=OTHER)
    after = given(raised(), merged, reopened())
    assert after.state.footing.merged_into is None


def test_a_case_is_not_reopened_without_a_reason():
    life = given(raised(), closed())
    with pytest.raises(ValueError, match="reason"):
        life.when(reopened(reason=None))


@pytest.mark.parametrize("before", [(), (closed(), reopened()), (closed(), undone(2))])
def test_a_case_that_is_not_closed_is_not_reopened(before):
    given(raised(), *before).when(reopened()).refused(errors.CaseIsNotClosed, case=None)


def test_a_case_is_closed_and_reopened_again_and_again():
    given(raised(), closed(), reopened(), closed()).when(reopened()).allowed().is_now(version=5)


# Linking.


@pytest.mark.parametrize("kind", LinkKind)
def test_a_case_is_linked_with_another(kind):
    given(raised()).when(
        lambda c: c.link(other=OTHER_CASE, kind=kind, by=COORDINATOR, at=FRIDAY)
    ).then(CaseLinked(**entry(2, TEAM), other=OTHER_CASE, kind=kind)).is_now(
        links=(Link(other=OTHER_CASE, kind=kind),)
    )


def test_two_cases_are_linked_in_several_ways():
    given(raised(), linked()).when(linked(kind=LinkKind.SPLIT_FROM)).allowed()


def test_a_case_is_linked_with_several_others():
    given(raised(), linked()).when(linked(other="case-3")).allowed()


def test_two_cases_are_linked_in_one_way_once():
    given(raised(), linked()).when(linked()).refused(errors.LinkedAlready)


def test_a_case_is_not_linked_with_itself():
    given(raised()).when(linked(other=CASE)).refused(errors.SameCase)


# Reclassifying.

NEW = {
    "themes": ("vold", "rus"),
    "focus_area": "vold",
    "prevention_level": PreventionLevel.INDICATED,
}


def test_a_case_is_reclassified_with_a_reason():
    given(raised(themes=("rus",))).when(
        lambda c: c.reclassify(**NEW, reason=REASON, topology=BAERUM, by=COORDINATOR, at=FRIDAY)
    ).then(CaseReclassified(**entry(2, TEAM), **NEW, reason=REASON)).is_now(**NEW)


def test_a_case_is_reclassified_as_nothing_yet():
    nothing = {"themes": (), "focus_area": None, "prevention_level": None}
    given(raised(**NEW)).when(reclassified(**nothing)).allowed().is_now(**nothing)


@pytest.mark.parametrize(
    "change", [{"themes": ("vold",)}, {"focus_area": "rus"}, NEW | {"prevention_level": None}]
)
def test_one_changed_fact_is_a_change(change):
    given(raised(**NEW)).when(reclassified(**(NEW | change))).allowed()


def test_a_case_is_not_reclassified_as_what_it_is():
    given(raised(**NEW)).when(reclassified(**NEW)).refused(errors.NothingChanged)


def test_a_theme_that_is_named_twice_is_no_change():
    given(raised(themes=("rus",))).when(reclassified(themes=("rus", "rus"))).refused(
        errors.NothingChanged
    )


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"themes": ("ukjent",)}, errors.ThemeUnknown),
        ({"focus_area": "ukjent"}, errors.FocusAreaUnknown),
    ],
)
def test_a_case_is_not_reclassified_as_what_does_not_exist(facts, refusal):
    given(raised()).when(reclassified(**facts)).refused(refusal)

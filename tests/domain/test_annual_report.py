"""A year's report: what may be said of it, and that it stands once it is frozen."""

import pytest

from domain import errors
from domain.annual_report import (
    AnnualReport,
    AnnualReportFrozen,
    FeedbackGiven,
    SectionWritten,
    report_id,
)
from domain.lives import life_at
from domain.terms import AnnualSection
from tests.domain.scenario import COORDINATOR, MEMBER, Given, entry, oslo, words
from tests.domain.topologies import BAERUM, DISSOLVED_GROUP, MERGED_SERVICE, OUTREACH, TEAM

NOTHING_SAID = Given(AnnualReport.of(2016))
IN_TIME = oslo(2017, 1, 10, 12)
WORKS, CHANGE, FOREWORD = words("Møtene"), words("Flere saker ned"), words("Et godt år")
SIGNED = {"form": 1, "digest": "f" * 64, "signed_size": 40, "signed_root": "A" * 43 + "="}


def feedback(service=OUTREACH, **said):
    facts = {"what_works": None, "what_does_not": None, "what_to_change": None, "by": COORDINATOR,
             "at": IN_TIME} | said  # fmt: skip
    return lambda report: report.give_feedback(service=service, topology=BAERUM, **facts)


def written(text=FOREWORD, at=IN_TIME):
    return lambda report: report.write(
        section=AnnualSection.FOREWORD, text=text, by=COORDINATOR, at=at
    )


def frozen(at=IN_TIME):
    return lambda report: report.freeze(**SIGNED, by=COORDINATOR, at=at)


def of_2016(organ=None):
    return entry(1, organ, at=IN_TIME, of="annual:2016")


def test_a_service_says_what_works_and_what_to_change():
    NOTHING_SAID.when(feedback(what_works=WORKS, what_to_change=CHANGE)).then(
        FeedbackGiven(
            **of_2016(OUTREACH),
            service=OUTREACH,
            what_works=WORKS,
            what_to_change=CHANGE,
        )
    ).is_now(feedback=1, version=1)


def test_an_organ_says_it_too_and_more_than_once():
    again = NOTHING_SAID.further(feedback(TEAM, what_works=WORKS, by=MEMBER))
    again.when(feedback(TEAM, what_to_change=CHANGE, by=MEMBER)).allowed().is_now(feedback=2)


def test_a_merged_service_speaks_as_the_one_that_it_became():
    said = NOTHING_SAID.when(feedback(MERGED_SERVICE, what_works=WORKS))
    said.allowed()
    assert said.event.service == BAERUM.successor(MERGED_SERVICE) != MERGED_SERVICE


def test_feedback_that_says_nothing_is_none():
    NOTHING_SAID.when(feedback()).refused(errors.FeedbackEmpty)


def test_nobody_speaks_for_a_dissolved_organ_or_one_that_is_not_there():
    NOTHING_SAID.when(feedback(DISSOLVED_GROUP, what_works=WORKS)).refused(errors.OrganIsDissolved)
    NOTHING_SAID.when(feedback("nobody", what_works=WORKS)).refused(errors.ServiceUnknown)


def test_a_section_is_written_and_written_anew():
    once = NOTHING_SAID.when(written()).then(
        SectionWritten(**of_2016(), section=AnnualSection.FOREWORD, text=FOREWORD)
    )
    once.when(written(CHANGE)).allowed().is_now(
        sections=frozenset({AnnualSection.FOREWORD}), version=2
    )


def test_it_is_frozen_with_what_was_signed():
    now = NOTHING_SAID.when(frozen()).then(AnnualReportFrozen(**of_2016(), **SIGNED)).state
    assert (now.freezing.at, now.freezing.signed_size) == (IN_TIME.at, 40)


@pytest.mark.parametrize("step", [feedback(what_works=WORKS), written(), frozen()])
def test_nothing_is_said_of_it_once_it_is_frozen(step):
    NOTHING_SAID.further(frozen()).when(step).refused(errors.AnnualReportIsFrozen)


def test_it_is_frozen_from_the_first_moment_of_the_next_year_on():
    NOTHING_SAID.when(frozen(at=oslo(2016, 12, 31, 23, 59))).refused(errors.YearIsNotOver)
    NOTHING_SAID.when(frozen(at=oslo(2017, 1, 1))).allowed()


def test_of_a_year_that_has_not_begun_there_is_nothing_to_say():
    for step in (written, lambda at: feedback(what_works=WORKS, at=at)):
        NOTHING_SAID.when(step(at=oslo(2015, 12, 31, 23, 59))).refused(errors.YearLiesAhead)
        NOTHING_SAID.when(step(at=oslo(2016, 1, 1))).allowed()


def test_each_year_is_a_life_of_its_own():
    assert report_id(2016) == "annual:2016"
    assert life_at(report_id(2016)).state is AnnualReport

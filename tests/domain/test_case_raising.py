"""A case is raised by an organ, with a title; all else can come later."""

import pytest

from domain import errors
from domain.case import Case, CaseRaised, evolve
from domain.terms import PreventionLevel, Status
from domain.topology import THEMES, Level
from tests.domain.scenario import (
    CASE,
    COORDINATOR,
    GROUP_MEMBER,
    MEMBER,
    MONDAY,
    REPORTED,
    entry,
    given,
    words,
)
from tests.domain.steps import TITLE, closed, discussed, raised
from tests.domain.topologies import (
    BAERUM,
    BOARD,
    CLUBS,
    DISSOLVED_GROUP,
    GROUP,
    MERGED_SERVICE,
    OUTREACH,
    TEAM,
)


def test_a_team_raises_a_case_with_a_title_and_nothing_else():
    given().when(
        lambda _: Case.raise_(
            CASE, raised_by=TEAM, title=TITLE, topology=BAERUM, by=MEMBER, at=MONDAY
        )
    ).then(
        CaseRaised(
            **entry(1, TEAM, by=MEMBER, at=MONDAY),
            number=None,
            raised_by=TEAM,
            level=Level.EXECUTING,
            title=TITLE,
            description=None,
            themes=(),
            focus_area=None,
            prevention_level=None,
            area=None,
            ages=None,
            service=None,
        )
    ).is_now(
        id=CASE,
        version=1,
        number=None,
        status=Status.RAISED,
        holder=TEAM,
        raised_by=TEAM,
        level=Level.EXECUTING,
        title=TITLE,
        raised_at=MONDAY.at,
        assignments=(),
        owed=(),
    )


def test_all_that_is_known_at_once_is_kept():
    facts = {
        "description": words("Selges utenfor senteret"),
        "themes": ("rus", "vinning"),
        "focus_area": "rus",
        "prevention_level": PreventionLevel.SELECTIVE,
        "area": words("Sandvika"),
        "ages": (13, 16),
        "service": OUTREACH,
    }
    given().when(raised(**facts)).then(
        CaseRaised(
            **entry(1, TEAM, by=MEMBER, at=MONDAY),
            raised_by=TEAM,
            level=Level.EXECUTING,
            title=TITLE,
            **facts,
        )
    ).is_now(**facts)


@pytest.mark.parametrize(
    ("organ", "level"),
    [(TEAM, Level.EXECUTING), (GROUP, Level.COORDINATING), (BOARD, Level.STEERING)],
)
def test_any_organ_raises_a_case_at_its_own_level(organ, level):
    given(raised(raised_by=organ)).is_now(raised_by=organ, holder=organ, level=level)


def test_whoever_acts_for_nobody_raises_for_the_raising_organ():
    given().when(raised(raised_by=GROUP, by=COORDINATOR)).then(
        CaseRaised(
            **entry(1, GROUP, at=MONDAY), raised_by=GROUP, level=Level.COORDINATING, title=TITLE
        )
    )


def test_whoever_acts_for_another_organ_raises_on_its_behalf():
    given().when(raised(by=GROUP_MEMBER)).then(
        CaseRaised(
            **entry(1, GROUP, by=GROUP_MEMBER, at=MONDAY),
            raised_by=TEAM,
            level=Level.EXECUTING,
            title=TITLE,
        )
    )


def test_a_report_raises_a_case_of_which_only_the_year_is_known():
    given().when(raised(by=COORDINATOR, at=REPORTED)).then(
        CaseRaised(
            **entry(1, TEAM, at=REPORTED), raised_by=TEAM, level=Level.EXECUTING, title=TITLE
        )
    ).is_now(source=REPORTED.source, raised_precision=REPORTED.precision)


def test_the_number_that_the_ledger_gives_is_kept():
    (raising,) = given(raised()).events
    numbered = given(raising.model_copy(update={"number": "2016-0001"}), closed())
    numbered.is_now(number="2016-0001")
    numbered.when(discussed()).refused(errors.CaseIsClosed, case="2016-0001")


def test_a_case_is_not_raised_without_a_title():
    with pytest.raises(ValueError, match="title"):
        raised(title=None)(None)


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"raised_by": "ukjent"}, errors.OrganUnknown),
        ({"raised_by": DISSOLVED_GROUP}, errors.OrganIsDissolved),
        ({"themes": ("rus", "ukjent")}, errors.ThemeUnknown),
        ({"focus_area": "ukjent"}, errors.FocusAreaUnknown),
        ({"service": "ukjent"}, errors.ServiceUnknown),
        ({"service": TEAM}, errors.ServiceUnknown),
        ({"service": MERGED_SERVICE}, errors.ServiceIsMerged),
        ({"ages": (16, 13)}, errors.AgesTurnedRound),
    ],
)
def test_a_case_is_not_raised_with_what_does_not_exist(facts, refusal):
    given().when(raised(**facts)).refused(refusal)


@pytest.mark.parametrize("theme", THEMES)
def test_every_theme_of_the_shipped_list_is_known(theme):
    given(raised(themes=(theme,))).is_now(themes=(theme,))


def test_a_theme_that_is_named_twice_counts_once():
    given(raised(themes=("vold", "rus", "vold"))).is_now(themes=("vold", "rus"))


def test_a_service_that_others_were_merged_into_raises():
    given(raised(service=CLUBS)).is_now(service=CLUBS)


def test_a_single_age_is_a_span_of_ages():
    given(raised(ages=(16, 16))).is_now(ages=(16, 16))


def test_no_case_begins_otherwise_than_by_being_raised():
    _, discussion = given(raised(), discussed()).events
    with pytest.raises(AssertionError, match="begins by being raised"):
        evolve(None, discussion)


def test_no_case_is_raised_twice():
    life = given(raised())
    with pytest.raises(AssertionError, match="raised once"):
        life.further(*life.events)

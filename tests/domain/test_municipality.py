"""A municipality is registered once, with a list of themes that may change."""

import pytest

from domain import errors
from domain.municipality import Municipality, MunicipalityRegistered, PolicySet, ThemesSet
from domain.policy import SHIPPED, InForce
from domain.terms import Status
from domain.topology import THEMES
from tests.domain.scenario import COORDINATOR, FRIDAY, entry, given, words

NAME = words("Bærum")
FACTS = {"name": NAME, "number": "0219", "language": "nb"}
WHO = {"by": COORDINATOR, "at": FRIDAY}


def after(version):
    return entry(version, None, of="municipality")


def registered(before=None, **facts):
    return lambda state: Municipality.register(before or state, **(FACTS | facts), **WHO)


def themes_set(*themes):
    return lambda m: m.set_themes(themes=themes, **WHO)


def test_a_municipality_is_registered_with_the_shipped_themes():
    given().when(registered()).then(
        MunicipalityRegistered(**after(1), **FACTS, themes=THEMES)
    ).is_now(id="municipality", version=1, **FACTS, themes=THEMES)


def test_a_municipality_may_bring_themes_of_its_own():
    given(registered(themes=("rus", "havn"))).is_now(themes=("rus", "havn"))


def test_a_municipality_need_not_know_its_number():
    given(registered(number=None)).is_now(number=None)


def test_a_municipality_is_registered_once():
    given(registered()).when(registered()).refused(errors.MunicipalityExists)


def test_its_list_of_themes_changes():
    given(registered()).when(themes_set("rus", "havn")).then(
        ThemesSet(**after(2), themes=("rus", "havn"))
    ).is_now(themes=("rus", "havn"), version=2, name=NAME)


@pytest.mark.parametrize("before", [(), (themes_set("rus"),)])
def test_a_list_of_themes_that_is_the_same_is_no_change(before):
    life = given(registered(), *before)
    life.when(themes_set(*life.state.themes)).refused(errors.NothingChanged)


def test_the_shipped_list_is_what_the_contract_names():
    assert " ".join(THEMES) == (
        "rus vold seksualitet nettvett mobbing utenforskap ekstremisme psykisk-helse overganger "
        "fritid vinning russetid trygghet struktur annet"
    )


# The policy on deadlines.


def policy_set(**changes):
    policy = SHIPPED.policy.model_copy(update=changes)
    return lambda m: m.set_policy(policy=policy, **WHO)


def test_the_shipped_policy_holds_until_another_is_set():
    policy = SHIPPED.policy.model_copy(update={"answer_days": 10})
    life = given(registered()).is_now(in_force=SHIPPED)
    life.when(policy_set(answer_days=10)).then(
        PolicySet(**after(2), policy_version=1, policy=policy)
    ).is_now(in_force=InForce(version=1, policy=policy), version=2)


def test_each_policy_is_a_version():
    life = given(registered(), policy_set(answer_days=10), policy_set(answer_days=12))
    assert life.state.in_force.version == 2


def test_the_shipped_policy_makes_sense():
    assert SHIPPED.policy.checked() == SHIPPED.policy


@pytest.mark.parametrize("name", ["acceptance_days", "assignment_days", "answer_days",
                                  "warn_days", "nudge_days"])  # fmt: skip
@pytest.mark.parametrize("days", [0, -1])
def test_a_number_of_days_is_at_least_one(name, days):
    given(registered()).when(policy_set(**{name: days})).refused(errors.DaysImpossible)


def test_a_case_stands_for_a_day_at_least():
    none = SHIPPED.policy.standing[0].model_copy(update={"days": 0})
    given(registered()).when(policy_set(standing=(none,))).refused(errors.DaysImpossible)


def test_a_warning_comes_after_the_beginning():
    given(registered()).when(policy_set(acceptance_days=3)).refused(errors.WarningTooEarly)
    given(registered()).when(policy_set(acceptance_days=4)).allowed()


def test_a_closed_case_may_stand_for_ever():
    limit = SHIPPED.policy.standing[0].model_copy(update={"status": Status.CLOSED})
    given(registered()).when(policy_set(standing=(limit,))).refused(errors.ClosedStandsForEver)


def test_a_status_at_a_level_is_given_days_once():
    limit = SHIPPED.policy.standing[0]
    given(registered()).when(policy_set(standing=(limit, limit))).refused(errors.StandingTwice)


def test_the_policy_that_holds_is_not_set_again():
    given(registered()).when(policy_set()).refused(errors.NothingChanged)


def test_a_policy_may_have_no_deadlines_at_all():
    names = ("acceptance_days", "assignment_days", "answer_days", "nudge_days")
    given(registered()).when(policy_set(standing=(), **dict.fromkeys(names))).allowed()

"""A municipality is registered once, with a list of themes that may change."""

import pytest

from domain import errors
from domain.municipality import Municipality, MunicipalityRegistered, ThemesSet
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

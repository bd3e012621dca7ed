"""Words are erased in every life in which some can be typed."""

import pytest

from domain import errors
from domain.annual_report import AnnualReport
from domain.entries import TextErased, erase
from domain.lives import LIVES, life_at
from domain.municipality import MUNICIPALITY, Municipality
from domain.organ import organ_id
from domain.person import Person, person_id
from domain.plan import PLAN, Plan
from domain.service import Service, service_id
from domain.terms import LegalBasis
from domain.topology import THEMES, Topology
from tests.domain.meeting_steps import convened
from tests.domain.order_steps import placed
from tests.domain.organ_steps import constituted
from tests.domain.scenario import COORDINATOR, FRIDAY, MONDAY, Given, given, words

BEFORE = {"by": COORDINATOR, "at": MONDAY}
NAME, REASON = words("Et navn"), words("Det er et navn")

LIVED = {
    "meeting": given(convened()),
    "organ": given(constituted(key="x", topology=Topology())),
    "service": given(
        lambda _: Service.register(key="ppt", name=NAME, topology=Topology(), **BEFORE)
    ),
    "person": given(lambda _: Person.register(person="p-1", name=NAME, **BEFORE)),
    "municipality": given(
        lambda _: Municipality.register(
            None, name=NAME, number=None, language="nb", themes=THEMES, **BEFORE
        )
    ),
    "order": given(placed()),
    "plan": Given(Plan()),
    "annual": Given(AnnualReport.of(2016)),
}


def gone(text_id="t-1"):
    return lambda life: erase(
        life,
        text_id=text_id,
        legal_basis=LegalBasis.CONFIDENTIALITY,
        reason=REASON,
        asked_by="guardian",
        by=COORDINATOR,
        at=FRIDAY,
    )


@pytest.mark.parametrize("kind", LIVED)
def test_words_are_erased_once(kind):
    erased = LIVED[kind].further(gone())
    assert (erased.state.erased, type(erased.events[-1])) == (("t-1",), TextErased)
    erased.when(gone()).refused(errors.TextUnknown)
    erased.when(gone("t-2")).allowed().is_now(erased=("t-1", "t-2"))


def test_every_life_in_which_words_are_typed_lets_them_be_erased():
    wordless = {"keeping", "access", "credential"}
    assert {*LIVED, "case", *wordless} == {life.stream_type for life in LIVES}
    assert {life.stream_type for life in LIVES if TextErased not in life.events} == wordless


@pytest.mark.parametrize(
    ("stream", "kind"),
    [
        (organ_id("x"), "organ"), (service_id("x"), "service"), (person_id("x"), "person"),
        (PLAN, "plan"), (MUNICIPALITY, "municipality"), ("0b0f5a3c-6c4e-4a52", "case"),
    ],
)  # fmt: skip
def test_a_stream_says_which_life_is_lived_on_it(stream, kind):
    assert life_at(stream).stream_type == kind

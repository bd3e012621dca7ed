"""A refusal is a sentence that a person reads, and facts."""

import pytest

from domain import errors
from domain.errors import Invalid, Refusal

REFUSALS = [
    each
    for each in vars(errors).values()
    if isinstance(each, type) and issubclass(each, Refusal) and each not in {Refusal, Invalid}
]


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refusal_is_a_sentence_on_one_line(refusal):
    sentence = str(refusal())
    assert sentence.endswith(".")
    assert sentence == " ".join(refusal.__doc__.split())


def test_no_two_refusals_say_the_same():
    assert len({refusal().sentence for refusal in REFUSALS}) == len(REFUSALS)


def test_a_refusal_keeps_its_facts():
    assert errors.LiftNotAllowed(holder="styret", to="team").facts == {
        "holder": "styret",
        "to": "team",
    }

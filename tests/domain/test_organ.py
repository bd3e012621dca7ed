"""An organ is constituted, given a mandate and a cadence, seated, moved, renamed, dissolved."""

from datetime import date, datetime

import pytest
from pydantic import ValidationError

from domain import errors
from domain.event import OSLO, Occurred, Precision
from domain.organ import (
    Cadence,
    CadenceSet,
    InForce,
    MandateGiven,
    Organ,
    OrganConstituted,
    OrganDissolved,
    OrganPlaced,
    OrganRenamed,
    QuorumSet,
    evolve,
    organ_id,
)
from tests.domain.organ_steps import (
    AUTUMN,
    KEY,
    MONTHLY,
    REASON,
    REQUIRED,
    SPRING,
    STREAM,
    WHO,
    after,
    cadence_set,
    constituted,
    dissolved,
    left,
    placed,
    quorum_set,
    seated,
)
from tests.domain.scenario import FRIDAY, given, words
from tests.domain.topologies import BAERUM, BOARD, DISSOLVED_GROUP, GROUP, PROGRAMME, TEAM

# Constituting.


def test_an_organ_needs_a_key_a_name_a_level_and_a_kind_and_nothing_else():
    given().when(lambda _: Organ.constitute(**REQUIRED, topology=BAERUM, **WHO)).then(
        OrganConstituted(**after(1), **REQUIRED, first_meeting_precision=Precision.DAY)
    ).is_now(id=STREAM, version=1, **REQUIRED, parent=None, lifts_to=(), seats=(), dissolved=False)


def test_all_that_is_known_of_an_organ_is_kept():
    facts = {
        "parent": GROUP,
        "lifts_to": (GROUP, PROGRAMME),
        "area": words("søndre Bærum"),
        "ages": (13, 16),
        "police_station": words("Bærum politistasjon"),
        "note": words("prøveår"),
        "constituted_on": SPRING,
        "first_meeting_on": AUTUMN,
        "first_meeting_precision": Precision.MONTH,
    }
    given().when(constituted(**facts, at=FRIDAY)).then(
        OrganConstituted(**after(1), **REQUIRED, **facts)
    ).is_now(**facts)


def test_the_kind_of_an_organ_is_open():
    given(constituted(kind="nattergaler")).is_now(kind="nattergaler")


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"key": TEAM}, errors.OrganExists),
        ({"key": DISSOLVED_GROUP}, errors.OrganExists),
        ({"parent": "ukjent"}, errors.OrganUnknown),
        ({"parent": DISSOLVED_GROUP}, errors.OrganIsDissolved),
        ({"lifts_to": (GROUP, "ukjent")}, errors.OrganUnknown),
        ({"lifts_to": (GROUP, DISSOLVED_GROUP)}, errors.OrganIsDissolved),
        ({"ages": (16, 13)}, errors.AgesTurnedRound),
    ],
)
def test_an_organ_is_new_and_stands_among_those_that_meet(facts, refusal):
    given().when(constituted(**facts)).refused(refusal)


def test_an_organ_for_a_single_age():
    given(constituted(ages=(16, 16))).is_now(ages=(16, 16))


def test_no_organ_begins_otherwise_and_none_is_constituted_twice():
    life = given(constituted())
    with pytest.raises(AssertionError, match="constituted once"):
        life.further(*life.events)
    with pytest.raises(AssertionError, match="begins by being constituted"):
        evolve(None, dissolved(life.state))


def test_the_stream_of_an_organ_is_named_for_its_key():
    assert organ_id(KEY) == STREAM


# Mandate, cadence, name, place.


def test_an_organ_is_given_a_mandate():
    mandate = words("Se ungdommen tidlig")
    given(constituted()).when(lambda o: o.give_mandate(mandate=mandate, **WHO)).then(
        MandateGiven(**after(2), mandate=mandate)
    ).is_now(mandate=mandate, version=2)


@pytest.mark.parametrize(
    "cadence", [Cadence(every_weeks=4), MONTHLY, Cadence(at_least=4, per="year")]
)
def test_an_organ_is_given_a_cadence(cadence):
    given(constituted()).when(lambda o: o.set_cadence(cadence=cadence, **WHO)).then(
        CadenceSet(**after(2), cadence=cadence)
    ).is_now(cadence=cadence)


@pytest.mark.parametrize(
    "cadence",
    [
        {},
        {"at_least": 4},
        {"per": "year"},
        {"every_weeks": 0},
        {"at_least": 0, "per": "month"},
        {"every_weeks": 4, "at_least": 1, "per": "month"},
        {"every_weeks": 4, "per": "month"},
        {"every_weeks": 4, "at_least": 1},
    ],
)
def test_an_organ_cannot_meet_like_this(cadence):
    given(constituted()).when(lambda o: o.set_cadence(cadence=Cadence(**cadence), **WHO)).refused(
        errors.CadenceImpossible
    )


def test_a_cadence_is_nothing_else():
    with pytest.raises(ValidationError, match="daily"):
        Cadence(daily=True)


def test_the_cadence_that_an_organ_has_is_not_set_again():
    given(constituted(), cadence_set(MONTHLY)).when(cadence_set(MONTHLY)).refused(
        errors.NothingChanged
    )
    given(constituted(), cadence_set(MONTHLY)).when(cadence_set(Cadence(every_weeks=4))).allowed()


def test_an_earlier_cadence_is_remembered_until_the_day_of_the_next():
    fortnight = Cadence(every_weeks=2)
    changed = given(constituted(), cadence_set(MONTHLY, on(2016, 3)), cadence_set(fortnight))
    friday = FRIDAY.at.astimezone(OSLO).date()
    march = InForce(cadence=MONTHLY, since=date(2016, 3, 1), surely=date(2016, 3, 1))
    changed.is_now(
        cadence=fortnight,
        cadences=(march, InForce(cadence=fortnight, since=friday, surely=friday)),
    )
    changed.when(cadence_set(MONTHLY, on(2016, 2))).allowed().is_now(
        cadences=(InForce(cadence=MONTHLY, since=date(2016, 2, 1), surely=date(2016, 2, 1)),)
    )


def test_a_cadence_is_said_to_be_older_or_to_be_known_better_than_it_was():
    vague = given(constituted(), cadence_set(MONTHLY, on(2016, 1, Precision.YEAR)))
    vague.is_now(
        cadences=(InForce(cadence=MONTHLY, since=date(2016, 1, 1), surely=date(2017, 1, 1)),)
    )
    vague.when(cadence_set(MONTHLY, on(2016, 1))).allowed()
    vague.when(cadence_set(MONTHLY, on(2016, 1, Precision.YEAR))).refused(errors.NothingChanged)
    known = given(constituted(), cadence_set(MONTHLY, on(2016, 3)))
    known.when(cadence_set(MONTHLY, on(2016, 2))).allowed()
    known.when(cadence_set(MONTHLY, on(2016, 4))).refused(errors.NothingChanged)


def on(year, month, precision=Precision.DAY):
    return Occurred(at=datetime(year, month, 1, 12, tzinfo=OSLO), precision=precision)


def test_an_organ_is_renamed_and_keeps_its_key():
    name = words("Ungdomsteam sør")
    given(constituted()).when(lambda o: o.rename(name=name, **WHO)).then(
        OrganRenamed(**after(2), name=name)
    ).is_now(name=name, key=KEY, id=STREAM)


def test_an_organ_is_moved_to_another_place():
    given(constituted(parent=GROUP, lifts_to=(GROUP,))).when(placed(BOARD, BOARD, GROUP)).then(
        OrganPlaced(**after(2), parent=BOARD, lifts_to=(BOARD, GROUP))
    ).is_now(parent=BOARD, lifts_to=(BOARD, GROUP))


def test_an_organ_is_taken_out_of_the_structure():
    given(constituted(parent=GROUP, lifts_to=(GROUP,))).when(placed(None)).allowed().is_now(
        parent=None, lifts_to=()
    )


@pytest.mark.parametrize(
    ("place", "refusal"),
    [
        ((GROUP, GROUP), errors.NothingChanged),
        (("ukjent", GROUP), errors.OrganUnknown),
        ((DISSOLVED_GROUP, GROUP), errors.OrganIsDissolved),
        ((GROUP, "ukjent"), errors.OrganUnknown),
        ((GROUP, DISSOLVED_GROUP), errors.OrganIsDissolved),
    ],
)
def test_an_organ_is_moved_only_to_another_place_that_is_there(place, refusal):
    given(constituted(parent=GROUP, lifts_to=(GROUP,))).when(placed(*place)).refused(refusal)


# Dissolving.

DECISIONS = {
    "mandate": lambda o: o.give_mandate(mandate=REASON, **WHO),
    "cadence": cadence_set(MONTHLY),
    "take_seat": seated(),
    "leave_seat": left(1, AUTUMN),
    "place": placed(BOARD),
    "rename": lambda o: o.rename(name=REASON, **WHO),
    "dissolve": dissolved,
}


def test_an_organ_is_dissolved_with_a_reason():
    given(constituted()).when(dissolved).then(OrganDissolved(**after(2), reason=REASON)).is_now(
        dissolved=True
    )


@pytest.mark.parametrize("decision", DECISIONS.values(), ids=DECISIONS)
def test_an_organ_that_meets_takes_every_decision(decision):
    given(constituted(), seated()).when(decision).allowed().is_now(version=3)


@pytest.mark.parametrize("decision", DECISIONS.values(), ids=DECISIONS)
def test_an_organ_that_was_dissolved_takes_none(decision):
    given(constituted(), seated(), dissolved).when(decision).refused(errors.OrganIsDissolved)


# Quorum.


def test_how_many_seats_decide_is_set():
    given(constituted()).when(quorum_set(3)).then(QuorumSet(**after(2), seats=3)).is_now(quorum=3)
    given(constituted(), quorum_set(3)).when(quorum_set(3)).refused(errors.NothingChanged)
    given(constituted()).when(quorum_set(0)).refused(errors.QuorumImpossible)
    given(constituted(), dissolved).when(quorum_set(3)).refused(errors.OrganIsDissolved)

"""The structure that rules read: who is below whom, who is still there, and how it comes about."""

import pytest

from domain import errors
from domain.lives import survey
from domain.municipality import Municipality
from domain.organ import Organ
from domain.plan import Plan
from domain.service import Service
from domain.topology import THEMES, Level, OutsidePlace, Post, Topology
from tests.domain.scenario import BOARD_MEMBER, COORDINATOR, FRIDAY, given, words
from tests.domain.steps import raised
from tests.domain.topologies import (
    BAERUM,
    BERGEN,
    BOARD,
    CENTRAL,
    CITY,
    CLOSED_GROUP,
    CLUBS,
    CONTACTS,
    DISSOLVED_GROUP,
    FOCUS,
    GROUP,
    MERGED_SERVICE,
    NORTH,
    OTHER_TEAM,
    OUTREACH,
    PROGRAMME,
    RUSS,
    TEAM,
    WORKING_GROUP,
)

NAME = words("Navn")
WHO = {"by": COORDINATOR, "at": FRIDAY}


# Below and above.


@pytest.mark.parametrize(
    ("topology", "key", "above"),
    [
        (BAERUM, TEAM, GROUP),
        (BAERUM, TEAM, BOARD),
        (BAERUM, TEAM, PROGRAMME),
        (BAERUM, GROUP, BOARD),
        (BAERUM, WORKING_GROUP, GROUP),
        (BAERUM, WORKING_GROUP, BOARD),
        (BERGEN, FOCUS, CITY),
        (BERGEN, FOCUS, CENTRAL),
        (BERGEN, RUSS, CENTRAL),
        (BERGEN, NORTH, CENTRAL),
    ],
)
def test_an_organ_is_below_those_that_it_reaches_upwards(topology, key, above):
    assert topology.is_below(key, above)
    assert not topology.is_below(above, key)


@pytest.mark.parametrize(
    ("topology", "key", "above"),
    [
        (BAERUM, TEAM, OTHER_TEAM),
        (BAERUM, TEAM, TEAM),
        (BAERUM, WORKING_GROUP, PROGRAMME),
        (BAERUM, PROGRAMME, BOARD),
        (BAERUM, CLOSED_GROUP, BOARD),
        (BAERUM, "ukjent", BOARD),
        (BAERUM, TEAM, "ukjent"),
        (BERGEN, FOCUS, NORTH),
        (BERGEN, RUSS, CITY),
        (BERGEN, CONTACTS, CENTRAL),
    ],
)
def test_an_organ_is_not_below_those_that_it_does_not_reach(topology, key, above):
    assert not topology.is_below(key, above)


def test_a_structure_that_goes_round_in_a_circle_is_survived():
    ring = Topology().with_organ("a", level=Level.EXECUTING, parent="b")
    ring = ring.with_organ("b", level=Level.EXECUTING, lifts_to=("c",))
    ring = ring.with_organ("c", level=Level.EXECUTING, parent="a")
    assert ring.is_below("a", "c")
    assert not ring.is_below("a", "a")
    assert not ring.is_below("a", "d")


# Who is there.


def test_an_organ_is_found_by_its_key():
    assert BAERUM.organ(GROUP).level is Level.COORDINATING
    assert BAERUM.living_organ(GROUP) == BAERUM.organ(GROUP)


@pytest.mark.parametrize("key", ["ukjent", "", None, OUTREACH])
def test_what_is_no_organ_is_not_found(key):
    for find in (BAERUM.organ, BAERUM.living_organ):
        with pytest.raises(errors.OrganUnknown):
            find(key)


def test_a_dissolved_organ_is_known_but_does_not_meet():
    assert BAERUM.organ(DISSOLVED_GROUP).dissolved
    with pytest.raises(errors.OrganIsDissolved):
        BAERUM.living_organ(DISSOLVED_GROUP)


@pytest.mark.parametrize("key", [OUTREACH, CLUBS, TEAM])
def test_a_service_or_an_organ_is_given_a_responsibility(key):
    assert BAERUM.responsible(key) == key


@pytest.mark.parametrize(
    ("key", "refusal"),
    [
        ("ukjent", errors.ServiceUnknown),
        (OutsidePlace.POLICE, errors.ServiceUnknown),
        (MERGED_SERVICE, errors.ServiceIsMerged),
        (DISSOLVED_GROUP, errors.OrganIsDissolved),
    ],
)
def test_nobody_else_is_given_a_responsibility(key, refusal):
    with pytest.raises(refusal):
        BAERUM.responsible(key)


@pytest.mark.parametrize("key", [*OutsidePlace, CLOSED_GROUP, OUTREACH])
def test_a_place_is_an_organ_a_service_or_outside(key):
    assert BAERUM.place(key) == key


def test_a_place_is_nothing_else():
    with pytest.raises(errors.PlaceUnknown):
        BAERUM.place("ukjent")


def test_themes_are_those_of_the_list_each_once():
    assert BAERUM.known_themes(("vold", "rus", "vold")) == ("vold", "rus")
    with pytest.raises(errors.ThemeUnknown):
        BAERUM.known_themes(("vold", "ukjent"))


def test_a_focus_area_is_one_that_was_set_or_none():
    assert (BAERUM.known_focus_area("rus"), BAERUM.known_focus_area(None)) == ("rus", None)
    with pytest.raises(errors.FocusAreaUnknown):
        BAERUM.known_focus_area("ukjent")


# How it comes about: what each event of a structure makes of it.


def organ(**facts):
    usual = {"key": "ny", "name": NAME, "level": Level.EXECUTING, "kind": "youth_team"}
    return lambda _: Organ.constitute(**(usual | facts), topology=BAERUM, **WHO)


def surveyed(*steps, topology=BAERUM):
    """*topology* after the last of these steps of one life, and after each before it."""
    for event in given(*steps).events:
        topology = survey(topology, event)
    return topology


NEW = Post(key="ny", level=Level.EXECUTING, parent=GROUP, lifts_to=(GROUP, PROGRAMME))
CONSTITUTED = organ(parent=GROUP, lifts_to=(GROUP, PROGRAMME))


def test_an_organ_that_was_constituted_has_its_place():
    after = surveyed(CONSTITUTED)
    assert after.organs == {**BAERUM.organs, "ny": NEW}
    assert "ny" not in BAERUM.organs


def test_an_organ_that_was_moved_has_another():
    moved = surveyed(
        CONSTITUTED, lambda o: o.place(parent=BOARD, lifts_to=(), topology=BAERUM, **WHO)
    )
    assert moved.organs["ny"] == Post(key="ny", level=Level.EXECUTING, parent=BOARD)


def test_an_organ_that_was_dissolved_keeps_its_place():
    gone = surveyed(CONSTITUTED, lambda o: o.dissolve(reason=NAME, **WHO))
    assert gone.organs["ny"] == NEW.model_copy(update={"dissolved": True})


def service(_):
    return Service.register(key="ppt", name=NAME, topology=BAERUM, **WHO)


def test_a_service_that_was_registered_is_there_and_one_that_was_merged_is_not():
    assert surveyed(service).living_service("ppt") == "ppt"
    merged = surveyed(service, lambda s: s.merge(into=OUTREACH, topology=BAERUM, **WHO))
    assert merged.services == {**BAERUM.services, "ppt": OUTREACH}


def test_a_municipality_brings_its_themes():
    def register(_):
        return Municipality.register(
            None, name=NAME, number=None, language="nb", themes=("rus", "havn"), **WHO
        )

    assert surveyed(register).themes == {"rus", "havn"}
    fewer = surveyed(register, lambda m: m.set_themes(themes=("havn",), **WHO))
    assert fewer.themes == {"havn"}
    assert Topology().themes == set(THEMES)


def test_a_focus_area_that_was_set_is_known():
    setting = Plan().set_focus_area(
        key="skole", name=NAME, topology=BAERUM, by=BOARD_MEMBER, at=FRIDAY
    )
    assert survey(BAERUM, setting).focus_areas == {"rus", "vold", "skole"}


@pytest.mark.parametrize(
    "step", [lambda o: o.rename(name=NAME, **WHO), lambda o: o.give_mandate(mandate=NAME, **WHO)]
)
def test_nothing_else_that_befalls_an_organ_changes_the_structure(step):
    assert surveyed(CONSTITUTED, step) == surveyed(CONSTITUTED)


def test_a_case_changes_no_structure():
    assert surveyed(raised()) == BAERUM

"""Services are registered, change names and are merged, without rewriting history."""

import pytest

from domain import errors
from domain.service import (
    Service,
    ServiceMerged,
    ServiceRegistered,
    ServiceRenamed,
    evolve,
    service_id,
)
from tests.domain.scenario import COORDINATOR, FRIDAY, entry, given, words
from tests.domain.topologies import BAERUM, CLUBS, MERGED_SERVICE, OUTREACH, TEAM

STREAM = "service:ppt"
NAME = words("Pedagogisk-psykologisk tjeneste")
WHO = {"by": COORDINATOR, "at": FRIDAY}


def after(version):
    return entry(version, None, of=STREAM)


def registered(key="ppt"):
    return lambda _: Service.register(key=key, name=NAME, topology=BAERUM, **WHO)


def renamed(service):
    return service.rename(name=words("PPT"), **WHO)


def merged(into=OUTREACH):
    return lambda service: service.merge(into=into, topology=BAERUM, **WHO)


def test_a_service_is_registered():
    given().when(registered()).then(ServiceRegistered(**after(1), key="ppt", name=NAME)).is_now(
        id=STREAM, version=1, key="ppt", name=NAME, merged_into=None
    )


@pytest.mark.parametrize("key", [OUTREACH, MERGED_SERVICE])
def test_a_service_is_registered_once(key):
    given().when(registered(key)).refused(errors.ServiceExists)


def test_a_service_changes_its_name_and_keeps_its_key():
    given(registered()).when(renamed).then(ServiceRenamed(**after(2), name=words("PPT"))).is_now(
        name=words("PPT"), key="ppt", version=2
    )


def test_a_service_is_merged_into_another():
    given(registered()).when(merged()).then(ServiceMerged(**after(2), into=OUTREACH)).is_now(
        merged_into=OUTREACH, name=NAME
    )


@pytest.mark.parametrize(
    ("into", "refusal"),
    [
        ("ppt", errors.NothingChanged),
        ("ukjent", errors.ServiceUnknown),
        (TEAM, errors.ServiceUnknown),
        (MERGED_SERVICE, errors.ServiceIsMerged),
    ],
)
def test_a_service_is_merged_only_into_another_that_stands(into, refusal):
    given(registered()).when(merged(into)).refused(refusal)


@pytest.mark.parametrize("decision", [renamed, merged(), merged(CLUBS)])
def test_a_service_that_was_merged_takes_no_decision(decision):
    given(registered(), merged()).when(decision).refused(errors.ServiceIsMerged)


def test_no_service_begins_otherwise_and_none_is_registered_twice():
    life = given(registered())
    with pytest.raises(AssertionError, match="registered once"):
        life.further(*life.events)
    with pytest.raises(AssertionError, match="begins by being registered"):
        evolve(None, renamed(life.state))


def test_the_stream_of_a_service_is_named_for_its_key():
    assert service_id("ppt") == STREAM

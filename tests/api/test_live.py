"""What pages that are open are told of, and who."""

import asyncio

import httpx
import pytest

from api.pages.live import WORDS
from domain.actor import Role
from tests.api.conftest import Live
from tests.api.meeting import Table
from tests.api.ordering import Ordered
from tests.api.paging import caught_up, past_the_socket, through_the_socket
from tests.api.story import OTHER_TEAM, TEAM, Story
from tests.api.test_stream import let_in
from tests.conftest import Client

QUIET = 2.0
"""Seconds in which a stream would have said something."""


async def words(answer: httpx.Response, number: int = 1) -> list[set[str]]:
    found = list[set[str]]()
    async for line in answer.aiter_lines():
        if line.startswith("data: "):
            found.append(set(line.removeprefix("data: ").split()))
        if len(found) == number:
            break
    return found


def test_each_hears_of_what_they_may_read_and_no_more(live: Live) -> None:
    caseworker = past_the_socket(live, Role.COORDINATOR)
    size = live.ledger.engine.ledger.size()
    story, order = Story(caseworker), Ordered(caseworker)
    case = story.now()["id"]
    caught_up(live)
    everything = {"cases", case, "orders", f"order:{order.id}"}

    async def hear(role: Role, organ: str | None = None) -> set[str]:
        at = f"/live?after={size}"
        async with let_in(live, role, organ) as client, client.stream("GET", at) as stream:
            assert stream.status_code == 200
            (heard,) = await asyncio.wait_for(words(stream), QUIET)
            return heard

    for role in (Role.COORDINATOR, Role.BOARD, Role.AUDITOR):
        assert asyncio.run(hear(role)) - {"notices"} == everything, role
    assert asyncio.run(hear(Role.MEMBER, TEAM)) - {"notices"} == everything
    for role in (Role.REPORTER, Role.ADMIN):
        with pytest.raises(TimeoutError):
            asyncio.run(hear(role))
    with pytest.raises(TimeoutError):
        asyncio.run(hear(Role.MEMBER, OTHER_TEAM))


def test_kinds_of_lives_are_told_of_to_those_who_may_read_them(live: Live) -> None:
    admin = past_the_socket(live, Role.ADMIN)
    size = live.ledger.engine.ledger.size()
    Table(past_the_socket(live, Role.COORDINATOR))
    assert admin.post("/api/persons", json={"name": "Kari"}).status_code == 201
    body = {"name": "Det lokale"}
    assert admin.post("/api/services", json=body).status_code == 201
    caught_up(live)

    async def hear(role: Role, organ: str | None = None) -> set[str]:
        at = f"/live?after={size}"
        async with let_in(live, role, organ) as client, client.stream("GET", at) as stream:
            (heard,) = await asyncio.wait_for(words(stream), QUIET)
            return heard & set(WORDS)

    assert asyncio.run(hear(Role.COORDINATOR)) == {"meetings", "structure", "people"}
    assert asyncio.run(hear(Role.ADMIN)) == {"structure", "people"}
    assert asyncio.run(hear(Role.MEMBER, OTHER_TEAM)) == {"structure"}
    assert asyncio.run(hear(Role.REPORTER)) == {"structure"}


def test_of_a_restricted_case_nothing_is_heard_by_others(live: Live) -> None:
    caseworker = past_the_socket(live, Role.COORDINATOR)
    story = Story(caseworker)
    case = story.now()["id"]
    size = live.ledger.engine.ledger.size()
    body = story.body("restriction")
    assert through_the_socket(live, f"{story.path}/restriction", body).status_code == 201
    other = Story(caseworker).now()["id"]
    caught_up(live)

    async def hear(role: Role) -> set[str]:
        at = f"/live?after={size}"
        async with let_in(live, role) as client, client.stream("GET", at) as stream:
            (heard,) = await asyncio.wait_for(words(stream), QUIET)
            return heard

    for role in (Role.BOARD, Role.AUDITOR):
        heard = asyncio.run(hear(role))
        assert other in heard
        assert case not in heard, role


def test_it_goes_on_after_what_was_heard_and_looks_anew_after_a_long_pause(live: Live) -> None:
    caseworker = past_the_socket(live, Role.COORDINATOR)
    first = Story(caseworker).now()
    last = Story(caseworker).now()
    caught_up(live)

    async def hear(heard: int) -> set[str]:
        headers = {"Last-Event-ID": str(heard)}
        async with let_in(live) as client, client.stream("GET", "/live", headers=headers) as told:
            return (await words(told))[0]

    assert first["id"] not in asyncio.run(hear(first["position"]))
    assert last["id"] in asyncio.run(hear(first["position"]))


@pytest.mark.parametrize("after", ["x", "-1", "1" * 40])
def test_a_position_that_is_none_is_refused(after: str, caseworker: Client) -> None:
    assert caseworker.get(f"/live?after={after}").status_code in {400, 422}

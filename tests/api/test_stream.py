"""What happens, as it happens; and waiting that takes nobody's thread."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import pytest

from api import kept_tokens, seating
from api.worker import Progress
from domain.actor import Role
from projections import audit_trail
from tests.api.conftest import Live, until
from tests.api.seats import confirm, leaves, person, sits
from tests.api.story import OTHER_TEAM, RAISING, TEAM
from tests.conftest import Client

MANY = 50
DEADLINE = 20.0
Event = tuple[int, str, dict[str, Any]]


@asynccontextmanager
async def let_in(
    live: Live, role: Role = Role.COORDINATOR, organ: str | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    token = kept_tokens.create_token(live.ledger.database, "stream", role, organ)
    limits = httpx.Limits(max_connections=None)
    async with (
        asyncio.timeout(DEADLINE),
        httpx.AsyncClient(
            base_url=live.url,
            headers={"Authorization": f"Bearer {token}"},
            limits=limits,
            timeout=DEADLINE,
        ) as client,
    ):
        yield client


async def events(answer: httpx.Response) -> AsyncIterator[Event]:
    """Each event's id, name and data."""
    fields: dict[str, str] = {}
    async for line in answer.aiter_lines():
        name, _, value = line.partition(": ")
        if name in {"id", "event", "data"}:
            fields[name] = value
        elif not line and fields:
            yield int(fields["id"]), fields["event"], json.loads(fields["data"])
            fields = {}


async def some(answer: httpx.Response, number: int) -> list[Event]:
    found = []
    async for event in events(answer):
        found.append(event)
        if len(found) == number:
            break
    return found


async def raised(client: httpx.AsyncClient, **changes: Any) -> httpx.Response:
    answer = await client.post("/api/cases", json=RAISING | changes)
    assert answer.status_code == 201, answer.text
    return answer


def test_a_live_event_arrives_without_words(live: Live) -> None:
    async def listen() -> None:
        async with let_in(live) as client, client.stream("GET", "/api/stream") as stream:
            assert stream.status_code == 200
            assert stream.headers["content-type"].startswith("text/event-stream")
            case = (await raised(client, title="Hemmelig")).json()
            (event,) = await some(stream, 1)
            entry = (await client.get(f"/api/cases/{case['id']}/history")).json()["items"][0]
            assert event == (
                case["position"],
                "CaseRaised",
                {
                    "position": case["position"],
                    "case": case["id"],
                    "version": 1,
                    "event": "CaseRaised",
                    "actor": entry["actor"],
                    "recorded_at": event[2]["recorded_at"],
                },
            )
            assert event[2]["recorded_at"][:19] == entry["recorded_at"][:19]
            assert "Hemmelig" not in str(event)

    asyncio.run(listen())


def test_a_stream_goes_on_after_the_last_event_that_was_had(live: Live) -> None:
    async def listen() -> None:
        async with let_in(live) as client:
            size = live.ledger.engine.ledger.size()
            headers = {"Last-Event-ID": str(size - 3)}
            async with client.stream("GET", "/api/stream", headers=headers) as stream:
                assert [event[0] for event in await some(stream, 3)] == [size - 2, size - 1, size]
            headers = {"Last-Event-ID": "0"}
            async with client.stream("GET", "/api/stream", headers=headers) as stream:
                every = await some(stream, 41)
            assert [event[1] for event in every].count("CaseRaised") == 38
            assert [event[1] for event in every].count("CaseEscalated") == 3
            assert [event[0] for event in every] == sorted(event[0] for event in every)
            await raised(client)
            headers = {"Last-Event-ID": str(size)}
            async with client.stream("GET", "/api/stream", headers=headers) as stream:
                assert [event[0] for event in await some(stream, 1)] == [size + 1]

    asyncio.run(listen())


def test_a_correction_and_a_reversal_say_what_they_refer_to(live: Live) -> None:
    async def listen() -> None:
        async with let_in(live) as client, client.stream("GET", "/api/stream") as stream:
            case = (await raised(client)).json()
            path, position = f"/api/cases/{case['id']}", case["position"]
            body = {"correction": "Hemmelig", "reason": "Hemmelig"}
            await client.post(f"{path}/corrections", json=body | {"position": position})
            await client.post(f"{path}/closure", json={"outcome": "no_action", "reason": "Nei"})
            body = {"position": position + 2, "reason": "Hemmelig"}
            await client.post(f"{path}/reversals", json=body)
            found = await some(stream, 4)
            assert [event[2].get("refers_to") for event in found] == [
                None, position, None, position + 2,
            ]  # fmt: skip
            assert "Hemmelig" not in str(found)

    asyncio.run(listen())


def test_a_stream_misses_and_repeats_nothing(live: Live) -> None:
    async def listen() -> None:
        async with let_in(live) as client, client.stream("GET", "/api/stream") as stream:
            async with asyncio.TaskGroup() as group:
                for _ in range(30):
                    group.create_task(raised(client))
            found = [event[0] for event in await some(stream, 30)]
            size = live.ledger.engine.ledger.size()
            assert found == list(range(size - 29, size + 1))

    asyncio.run(listen())


def test_what_happens_just_after_a_look_is_not_waited_for(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look that finds nothing is already old when the views move on before it is over."""
    token = kept_tokens.create_token(live.ledger.database, "meanwhile", Role.COORDINATOR)
    look, looks = audit_trail.news, []

    def slow_look(*args: Any, **asked: Any) -> list[Any]:
        found = look(*args, **asked)
        looks.append(found)
        if len(looks) == 1:
            headers = {"Authorization": f"Bearer {token}"}
            answer = httpx.post(f"{live.url}/api/cases", json=RAISING, headers=headers)
            until(lambda: live.app.state.progress.position >= answer.json()["position"])
        return found

    monkeypatch.setattr(audit_trail, "news", slow_look)

    async def listen() -> None:
        async with let_in(live) as client, client.stream("GET", "/api/stream") as stream:
            async with asyncio.timeout(5):
                assert [event[1] for event in await some(stream, 1)] == ["CaseRaised"]

    asyncio.run(listen())


def test_a_stream_ends_with_its_token(live: Live) -> None:
    async def listen() -> int:
        async with (
            let_in(live) as client,
            let_in(live) as other,
            client.stream("GET", "/api/stream") as stream,
        ):
            mine = kept_tokens.digest(client.headers["Authorization"].removeprefix("Bearer "))
            database = live.ledger.database
            found = database.rows("SELECT id FROM tokens WHERE digest = %(mine)s", mine=mine)
            kept_tokens.end_tokens(database, [str(own) for (own,) in found])
            await raised(other)
            return len([event async for event in events(stream)])

    assert asyncio.run(listen()) == 0


def test_a_stream_is_for_those_who_read_cases(live: Live) -> None:
    async def listen() -> None:
        async with let_in(live, Role.REPORTER) as client:
            assert (await client.get("/api/stream")).status_code == 403
            headers = {"Authorization": "Bearer loft_no"}
            assert (await client.get("/api/stream", headers=headers)).status_code == 401

    asyncio.run(listen())


def test_a_stream_tells_nobody_of_a_case_that_they_may_not_read(live: Live) -> None:
    """From the very beginning too; a restricted one is told to those who are named alone."""

    async def listen() -> None:
        async with (
            let_in(live) as coordinator,
            let_in(live, Role.MEMBER, OTHER_TEAM) as stranger,
            let_in(live, Role.BOARD) as board,
        ):
            theirs = (await raised(coordinator)).json()
            path = f"/api/cases/{theirs['id']}"
            restriction = {"people": [], "reason": "Den er følsom."}
            shut = (await raised(coordinator, raised_by=OTHER_TEAM)).json()
            answer = await coordinator.post(
                f"/api/cases/{shut['id']}/restriction", json=restriction
            )
            assert answer.status_code == 201
            last = (await raised(coordinator, raised_by=OTHER_TEAM)).json()
            assert await cases_until(coordinator, last) >= {theirs["id"], shut["id"]}
            assert theirs["id"] in await cases_until(board, last)
            assert shut["id"] not in await cases_until(board, last)
            told = await cases_until(stranger, last)
            assert last["id"] in told
            assert not {theirs["id"], shut["id"]} & told
            assert (await stranger.get(path)).status_code == 404

    asyncio.run(listen())


async def cases_until(client: httpx.AsyncClient, last: dict[str, Any]) -> set[str]:
    """Of which cases *client* is told from the beginning until *last* is raised."""
    found = set()
    async with client.stream("GET", "/api/stream", headers={"Last-Event-ID": "0"}) as stream:
        async for position, _, data in events(stream):
            found.add(data["case"])
            if position >= last["position"]:
                break
    return found


def test_a_stream_ends_with_a_seat(live: Live) -> None:
    """Of somebody who had no other."""
    administrator = Client(live.app)
    administrator.ledger, administrator.portal = live.ledger, None
    administrator = administrator.as_(Role.ADMIN)
    member = person(administrator)
    n = sits(administrator, member, f"organs/{TEAM}")
    confirm(member)

    async def listen() -> list[str]:
        async with (
            let_in(live) as coordinator,
            httpx.AsyncClient(base_url=live.url, headers=dict(member.headers)) as client,
            client.stream("GET", "/api/stream") as stream,
            asyncio.timeout(DEADLINE),
        ):
            assert stream.status_code == 200
            await raised(coordinator)
            heard = []
            async for _, name, _ in events(stream):
                heard.append(name)
                await asyncio.to_thread(leaves, administrator, f"organs/{TEAM}", n)
                await raised(coordinator)
            return heard

    assert asyncio.run(listen()) == ["CaseRaised"]


class Counted:
    """Counts those that wait for a position just now."""

    def __init__(self, progress: Progress) -> None:
        self.wait = progress.moved
        self.waiting = 0

    async def moved(self, beyond: int) -> None:
        self.waiting += 1
        try:
            await self.wait(beyond)
        finally:
            self.waiting -= 1


def test_those_who_wait_and_listen_hold_up_nobody(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More of each than there are threads: a command is answered all the same."""
    monkeypatch.setattr(seating, "PATIENCE", DEADLINE / 2)
    counted = Counted(live.app.state.progress)
    monkeypatch.setattr(live.app.state.progress, "moved", counted.moved)

    async def crowd() -> None:
        async with let_in(live) as client, AsyncExitStack() as open_streams:
            never = live.ledger.engine.ledger.size() + 2
            headers = {"Loft-Position": str(never)}
            for _ in range(MANY):
                stream = client.stream("GET", "/api/stream")
                await open_streams.enter_async_context(stream)
            waiting = [
                asyncio.create_task(client.get("/api/cases", headers=headers)) for _ in range(MANY)
            ]
            while counted.waiting < 2 * MANY:
                await asyncio.sleep(0.01)
            assert not any(task.done() for task in waiting)
            async with asyncio.timeout(5):
                assert (await client.get("/readyz")).status_code == 200
                await raised(client)
            assert not any(task.done() for task in waiting)
            await raised(client)
            for answer in await asyncio.gather(*waiting):
                assert answer.status_code == 200

    asyncio.run(crowd())

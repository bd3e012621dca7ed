"""Whatever the OpenAPI document allows to ask, or forbids, is answered as it says."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from httpx import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api import kept_tokens
from domain.actor import Role
from domain.rights import RIGHTS
from tests.api.conftest import listening
from tests.api.doors import DOORS, PERSON, Door, register
from tests.api.meeting import BODIES as AT_A_TABLE
from tests.api.meeting import Table, at_the_group
from tests.api.ordering import BODIES as ORDER_BODIES
from tests.api.ordering import MAPPING, Ordered
from tests.api.story import BODIES, Story
from tests.conftest import Server

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
FUZZED = [door for door in DOORS.values() if not door.never_ends]
EXAMPLES = 15
JITTER = "ignore:Do not use the .random. module inside strategies"
"""The server runs in a thread here, and its pool of connections draws its waiting at random."""


@dataclass(frozen=True)
class Fuzzed:
    document: schemathesis.BaseSchema
    coordinator: Client
    admin: Client

    def client(self, door: Door) -> Client:
        let_in = door.action is None or Role.COORDINATOR in RIGHTS[door.action]
        return self.coordinator if let_in else self.admin


@pytest.fixture(scope="module")
def fuzzed(server: Server, baerum_template: str) -> Iterator[Fuzzed]:
    def client(role: Role) -> Client:
        token = kept_tokens.create_token(ledger.database, "fuzz", role)
        return Client(base_url=live.url, headers={"Authorization": f"Bearer {token}"})

    name = server.copy(baerum_template)
    with (
        server.opened(name) as ledger,
        listening(ledger) as live,
        client(Role.COORDINATOR) as coordinator,
        client(Role.ADMIN) as admin,
    ):
        register(ledger)
        coordinator.ledger = admin.ledger = ledger
        coordinator.app = admin.app = live.app
        document = schemathesis.openapi.from_url(f"{live.url}/api/openapi.json")
        yield Fuzzed(document, coordinator, admin)
    server.drop(name)


def at_a_real_place(
    case: schemathesis.Case, door: Door, number: str, meeting: str | None, order: str | None
) -> None:
    """A path made up at random leads nowhere: let it lead to something that is there."""
    there = {
        "meeting": meeting, "order": order, "measure": 1, "secret": "x", "webhook": "x",
        "year": 2016, "section": "foreword",
        "case": number, "n": 1, "key": "arbeidsgruppe-hap", "service": "PPT", "position": 1,
        "person": PERSON, "token": "token-0123456789ab",
    }  # fmt: skip
    named = {name for name in there if f"{{{name}}}" in door.path}
    case.path_parameters = {name: there[name] for name in named}


def nearly_right(case: schemathesis.Case, right: dict[str, Any] | None, keep: int) -> None:
    """A body that is right but for one of the generated fields."""
    if isinstance(case.body, dict) and right is not None:
        odd = sorted(case.body)[keep % len(case.body)] if case.body else ""
        case.body = right | {name: v for name, v in case.body.items() if name == odd}


def _right(door: Door) -> dict[str, Any] | None:
    """A right body, as far as it does not point at something."""
    in_a_meeting = door.path.removeprefix("/api/meetings/{meeting}/")
    of_an_order = ORDER_BODIES.get(door.path.removeprefix("/api/orders/{order}/"))
    at_a_table = AT_A_TABLE.get(in_a_meeting)
    return door.body or BODIES.get(door.step.replace("1", "{n}")) or at_a_table or of_an_order


@pytest.mark.parametrize(
    "door", [door for door in FUZZED if door.by is None], ids=lambda door: door.name
)
def test_the_right_answer_is_as_the_document_says(door: Door, fuzzed: Fuzzed) -> None:
    answer = door.knock(fuzzed.client(door), fuzzed.coordinator)
    assert answer.status_code == door.opens, answer.text
    fuzzed.document[door.path][door.method].validate_response(answer)


@pytest.mark.filterwarnings(JITTER)
@pytest.mark.parametrize("door", FUZZED, ids=lambda door: door.name)
def test_every_answer_is_as_the_document_says(door: Door, fuzzed: Fuzzed) -> None:
    operation = fuzzed.document[door.path][door.method]
    number, meeting = Story(fuzzed.coordinator).number, None
    if "{meeting}" in door.path:
        table = Table(fuzzed.coordinator)
        table.takes_up(at_the_group(fuzzed.coordinator))
        meeting = table.id
    order = Ordered(fuzzed.coordinator, **MAPPING).id if "{order}" in door.path else None
    asked = st.one_of(
        operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=asked, real=st.booleans(), keep=st.none() | st.integers(0, 9))
    def ask(case: schemathesis.Case, real: bool, keep: int | None) -> None:
        case.headers.pop("loft-position", None)  # most lie ahead, and waiting for them takes 5 s
        if real:
            at_a_real_place(case, door, number, meeting, order)
        if keep is not None:
            nearly_right(case, _right(door), keep)
        case.call_and_validate(checks=CHECKS, headers=dict(fuzzed.client(door).headers))

    ask()

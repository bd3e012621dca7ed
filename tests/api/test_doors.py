"""Every door: what it answers to a right request, and whom it lets in."""

import re

import pytest

from api.app import ROUTERS
from domain.actor import Role
from domain.rights import RIGHTS, Action
from tests.api.asserting import assert_recorded, assert_refused, nothing_changes
from tests.api.doors import COMMANDS, DOORS, Door
from tests.api.story import TEAM, Story
from tests.conftest import Client

STRUCTURE = [door for door in COMMANDS if door.action is Action.STRUCTURE]
OTHERS = [d for d in COMMANDS if d.action is not Action.STRUCTURE and d.by is None]
FOR_SOME = [door for door in DOORS.values() if door.action is not None]


def named(door: Door) -> str:
    return door.name


def test_every_door_of_the_document_stands_in_the_table(shared: Client) -> None:
    paths = shared.get("/api/openapi.json").json()["paths"]
    documented = {f"{method.upper()} {path}" for path, ops in paths.items() for method in ops}
    assert documented == DOORS.keys()


OPEN_PAGES = {
    "GET /sign-in": 200,
    "GET /sign-in/{provider}": 404,
    "GET /sign-in/{provider}/callback": 404,
    "POST /sign-in-as": 404,
    "POST /language": 303,
    "POST /keys": 303,
}
"""What is for a browser, and not in the document, and for whoever is not signed in: with what they
get of it. All other pages send them to sign in."""


def pages() -> set[str]:
    return {
        f"{method} {route.path}"
        for door in ROUTERS
        for route in door.router.routes
        if not route.include_in_schema
        for method in route.methods
    }


def test_every_page_shows_a_stranger_nothing(shared: Client) -> None:
    assert OPEN_PAGES.keys() <= pages()
    for page in sorted(pages()):
        method, path = page.split()
        with nothing_changes(shared.ledger):
            answer = shared.request(
                method, re.sub(r"\{\w+\}", "1", path), follow_redirects=False, data={}
            )
        assert answer.status_code == OPEN_PAGES.get(page, 303), page
        if page not in OPEN_PAGES:
            assert answer.headers["Location"].startswith("/sign-in"), page
        assert "Choking game" not in answer.text


def test_every_action_has_a_door() -> None:
    assert {door.action for door in DOORS.values()} == {*Action, None}


@pytest.mark.parametrize("door", OTHERS, ids=named)
def test_a_right_command_records_one_event_and_answers_with_what_became_of_it(
    door: Door, caseworker: Client
) -> None:
    path, body = door.address(caseworker)
    before = caseworker.ledger.engine.ledger.size()
    answer = caseworker.post(path, json=body, headers=door.headers)
    assert_recorded(answer, caseworker.ledger, before)
    if door.is_about_a_case:
        assert answer.json()["number"] == path.split("/")[3]
        assert answer.json()["position"] == before + 1


def test_a_right_change_of_the_structure_records_one_event(administrator: Client) -> None:
    for door in STRUCTURE:
        path, body = door.address(administrator)
        before = administrator.ledger.engine.ledger.size()
        assert_recorded(administrator.post(path, json=body), administrator.ledger, before)


def test_a_new_case_says_where_it_is(caseworker: Client) -> None:
    answer = Story(caseworker).last
    location = answer.headers["Location"]
    assert location == f"/api/cases/{answer.json()['id']}"
    headers = {"Loft-Position": answer.headers["Loft-Position"]}
    assert caseworker.get(location, headers=headers).json() == answer.json()


def test_only_a_new_thing_has_a_location(caseworker: Client) -> None:
    assert "Location" not in Story(caseworker, "notes").last.headers


def test_a_new_organ_says_where_it_is(administrator: Client) -> None:
    body = {"key": "klubben", "name": "Klubben", "level": "executing", "kind": "club"}
    answer = administrator.post("/api/organs", json=body)
    assert answer.headers["Location"] == "/api/organs/klubben"


def test_nobody_is_let_in_without_a_token(shared: Client, caseworker: Client) -> None:
    for door in FOR_SOME:
        path, body = door.address(caseworker)
        with nothing_changes(shared.ledger):
            answer = shared.request(door.method, path, json=body)
        assert_refused(answer, 401, "unauthenticated", "not signed in")
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("role", Role)
def test_a_role_is_let_in_where_its_rights_say_so_and_nowhere_else(
    role: Role, client: Client, coordinator: Client
) -> None:
    somebody = client.as_(role, TEAM if role is Role.MEMBER else None)
    for door in FOR_SOME:
        assert door.action is not None
        if role in RIGHTS[door.action]:
            answer = door.knock(somebody, coordinator)
            assert answer.status_code == door.opens, f"{door.name}: {answer.text}"
        else:
            path, body = door.address(coordinator)
            with nothing_changes(client.ledger):
                answer = somebody.request(door.method, path, json=body)
            assert answer.status_code == 403, door.name
            assert_refused(answer, 403, "forbidden", "role does not allow")


def test_health_is_told_to_everybody(shared: Client) -> None:
    for door in DOORS.values():
        if door.action is None and "{secret}" not in door.path:
            assert shared.get(door.path).status_code == 200


def test_the_rights_are_those_of_the_issue() -> None:
    """A reporter reads reports and organs, no cases; a board or an auditor reads everything and
    changes nothing; a member raises and answers; a coordinator does all casework; an admin
    structure."""
    rights = {role: {action for action in Action if role in RIGHTS[action]} for role in Role}
    every = {Action.READ_ORGANS, Action.BE_KNOWN}
    reading = every | {
        Action.READ_MEETINGS,
        Action.READ_ORDERS,
        Action.READ_CASES,
        Action.READ_ACCESSES,
        Action.READ_PLAN,
        Action.READ_REPORTS,
        Action.READ_ANNUAL,
        Action.CHECK,
    }
    overseeing = reading | {
        Action.READ_READERS, Action.READ_PEOPLE, Action.READ_CREDENTIALS,
    }  # fmt: skip
    answering = {
        Action.RAISE, Action.ANSWER_ASSIGNMENT, Action.ANSWER_ORDER, Action.ACKNOWLEDGE,
        Action.GIVE_FEEDBACK,
    }  # fmt: skip
    assert rights[Role.REPORTER] == every | {Action.READ_REPORTS}
    assert rights[Role.BOARD] == rights[Role.AUDITOR] == overseeing
    assert rights[Role.MEMBER] == reading | answering
    assert rights[Role.COORDINATOR] == set(Action) - {
        Action.STRUCTURE, Action.TOKENS, Action.DELIVER,
    }  # fmt: skip
    assert rights[Role.ADMIN] == every | {
        Action.STRUCTURE, Action.SET_POLICY, Action.PLAN, Action.READ_PEOPLE, Action.READ_PLAN,
        Action.CHECK, Action.SIGN, Action.TOKENS, Action.DELIVER, Action.READ_CREDENTIALS,
    }  # fmt: skip

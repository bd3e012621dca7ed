"""The services' own side: their work in one place, one call for each answer, one responsible."""

from datetime import timedelta
from typing import Any

import pytest

from api import kept_tokens
from domain import errors
from domain.actor import Role
from domain.rights import Action
from tests.api.asserting import assert_refused, nothing_changes
from tests.api.ordering import MAPPING, Ordered
from tests.api.seats import confirm, leaves, person, sits, today
from tests.api.story import GROUP, OTHER_TEAM, TEAM, Story, read
from tests.conftest import Client

PATH = "/api/me/work"
DAYS = [str(today() + timedelta(days=n)) for n in range(1, 9)]


class Workplace:
    """A new service with people who sit in it."""

    def __init__(self, administrator: Client, coordinator: Client) -> None:
        self.administrator, self.coordinator = administrator, coordinator
        self.name = f"Vakta {administrator.ledger.engine.ledger.size()}"
        made = administrator.post("/api/services", json={"name": self.name})
        assert made.status_code == 201, made.text
        self.key = made.json()["key"]

    def hires(self) -> Client:
        somebody = person(self.administrator)
        sits(self.administrator, somebody, f"services/{self.key}")
        confirm(somebody)
        return somebody

    def is_assigned(self, due_on: str = DAYS[0], **facts: Any) -> Story:
        story = Story(self.coordinator, **facts)
        return story.does("assignments", service=self.name, due_on=due_on)

    def is_ordered(self, due_on: str = DAYS[0], **facts: Any) -> Ordered:
        return Ordered(self.coordinator, to=self.name, due_on=due_on, **facts)


@pytest.fixture
def place(administrator: Client, caseworker: Client) -> Workplace:
    return Workplace(administrator, caseworker)


def work(client: Client, **query: Any) -> list[dict[str, Any]]:
    """All that waits, once the views are there."""
    size = client.ledger.engine.ledger.size()
    answer = client.get(PATH, params=query, headers={"Loft-Position": str(size)})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def what(item: dict[str, Any]) -> list[str]:
    return [one["what"] for one in item["can"]]


def calls(client: Client, item: dict[str, Any], what: str, **body: Any) -> dict[str, Any]:
    """Do *what* can be done about *item*, by the call that it names."""
    (path,) = [one["path"] for one in item["can"] if one["what"] == what]
    answer = client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_what_a_service_was_asked_comes_the_soonest_due_first(place: Workplace) -> None:
    worker = place.hires()
    later, order = place.is_assigned(DAYS[2]), place.is_ordered(DAYS[1])
    sooner = place.is_assigned(DAYS[0])
    first, second, third = work(worker)
    assert (first["number"], third["number"]) == (sooner.number, later.number)
    assert (first["title"], first["n"]) == (sooner.case["title"], 1)
    assert first["expectation"] == sooner.case["assignments"][0]["expectation"]
    assert (second["order"], second["expectation"]) == (order.id, order.order["what"])
    assert second["expected_effect"] == order.order["expected_effect"]
    assert {item["service"] for item in (first, second, third)} == {place.name}
    assert [item["due_on"] for item in (first, second, third)] == DAYS[:3]
    assert not any(item["overdue"] for item in (first, second, third))


def test_an_assignment_is_answered_in_one_call_each(place: Workplace) -> None:
    worker = place.hires()
    place.is_assigned()
    (item,) = work(worker)
    assert what(item) == ["accept", "decline", "pass_on", "report"]
    calls(worker, item, "accept")
    (item,) = work(worker)
    assert (item["state"], what(item)) == ("accepted", ["decline", "pass_on", "report"])
    case = calls(worker, item, "report", report="Vi var der seks fredager.")
    assert case["assignments"][0]["state"] == "completed"
    assert work(worker) == []


def test_an_order_is_answered_in_one_call_each(place: Workplace) -> None:
    worker = place.hires()
    place.is_ordered(DAYS[7], **MAPPING | {"steps": ["Samtaler med skolene"]})
    (item,) = work(worker)
    assert what(item) == ["accept", "decline", "pass_on", "take_step", "report"]
    calls(worker, item, "accept")
    (item,) = work(worker)
    assert what(item) == ["decline", "pass_on", "take_step", "report"]
    calls(worker, item, "take_step", n=1)
    (item,) = work(worker)
    assert what(item) == ["decline", "pass_on", "report"]
    done = calls(worker, item, "report", report="Tre butikker.", action_plan="Plan for vest")
    assert done["state"] == "delivered"
    assert work(worker) == []


def test_what_is_declined_or_sent_back_goes_and_comes(place: Workplace) -> None:
    worker = place.hires()
    place.is_assigned()
    order = place.is_ordered(DAYS[1])
    assigned, ordered = work(worker)
    calls(worker, assigned, "decline", reason="Vi har ikke folk.")
    calls(worker, ordered, "report", report="Tre butikker.")
    assert work(worker) == []
    order.does("return", due_on=DAYS[3])
    (item,) = work(worker)
    assert (item["order"], item["state"], item["due_on"]) == (order.id, "sent_back", DAYS[3])


def test_what_is_late_says_so_unless_the_clock_stands(place: Workplace) -> None:
    worker, long_ago = place.hires(), "2025-12-01T10:00:00Z"
    story = Story(place.coordinator, occurred_at=long_ago)
    story.does("assignments", service=place.name, due_on="2026-01-01", occurred_at=long_ago)
    place.is_ordered("2026-01-02", occurred_at=long_ago)
    assert [item["overdue"] for item in work(worker)] == [True, True]
    story.does("pause")
    assert [item["overdue"] for item in work(worker)] == [False, True]


def test_each_assignment_of_a_case_is_told_by_itself(place: Workplace) -> None:
    worker = place.hires()
    story = place.is_assigned(DAYS[1])
    story.does("assignments", service=place.name, due_on=DAYS[0])
    story.does("assignments", service=GROUP, due_on=DAYS[0])
    assert [(item["case"], item["n"]) for item in work(worker)] == [
        (story.case["id"], 2),
        (story.case["id"], 1),
    ]
    story.does("closure")
    assert work(worker) == []


def test_nobody_sees_what_another_service_was_asked(
    place: Workplace, administrator: Client, caseworker: Client
) -> None:
    place.is_assigned()
    place.is_ordered()
    other = Workplace(administrator, caseworker).hires()
    assert work(other) == []
    assert work(caseworker) == [], "a coordinator has no seat there"


def test_somebody_who_has_left_sees_nothing_more(place: Workplace) -> None:
    worker = person(place.administrator)
    n = sits(place.administrator, worker, f"services/{place.key}")
    sits(place.administrator, worker, f"organs/{OTHER_TEAM}")
    confirm(worker)
    place.is_assigned()
    assert len(work(worker)) == 1
    leaves(place.administrator, f"services/{place.key}", n)
    assert place.name not in {item["service"] for item in work(worker)}


def test_a_restricted_case_is_told_to_who_is_named_alone(place: Workplace) -> None:
    named, other = place.hires(), place.hires()
    place.is_assigned().does("restriction", people=[named.id])
    assert len(work(named)) == 1
    assert work(other) == []


def test_those_who_only_read_are_told_of_nothing_to_do(
    caseworker: Client, administrator: Client
) -> None:
    board = person(administrator)
    sits(administrator, board, "organs/styret")
    confirm(board)
    Story(caseworker).does("assignments", service="styret")
    assert {tuple(item["can"]) for item in work(board)} == {()}


def test_a_token_that_reads_no_orders_is_told_of_none(place: Workplace) -> None:
    worker = place.hires()
    place.is_assigned()
    place.is_ordered()
    token = kept_tokens.create_token(
        worker.ledger.database, "narrow", Role.MEMBER, None, worker.id, only={Action.READ_CASES}
    )
    assert len(work(worker)) == 2
    answer = worker.get(PATH, headers={"Authorization": f"Bearer {token}"})
    (item,) = answer.json()["items"]
    assert (item["order"], item["can"]) == (None, [])


def test_the_words_that_are_shown_are_in_the_access_log(place: Workplace) -> None:
    worker, story = place.hires(), place.is_assigned()
    work(worker)
    accesses = place.coordinator.as_(Role.AUDITOR).get("/api/audit/accesses").json()["items"]
    assert any(
        one["actor"]["id"] == worker.id
        and one["door"] == f"GET {PATH}"
        and story.case["id"] in one["cases"]
        for one in accesses
    )


def test_it_has_pages(place: Workplace) -> None:
    worker = place.hires()
    for due_on in DAYS[:2]:
        place.is_assigned(due_on)
        place.is_ordered(due_on)
    whole = work(worker)
    path: str | None = f"{PATH}?limit=1"
    told = []
    while path is not None:
        page = read(worker, path)
        told += page["items"]
        path = page["next"]
    assert told == whole
    assert len(whole) == 4
    for cursor in ("x", "MTA", "b3JkZXI"):
        assert_refused(worker.get(PATH, params={"cursor": cursor}), 422, "invalid", "cursor")


# One responsible.


def test_an_assignment_is_passed_on_to_one_person_at_a_time(place: Workplace) -> None:
    first, second = place.hires(), place.hires()
    story = place.is_assigned()
    (item,) = work(first)
    assert item["responsible"] is None
    assert calls(first, item, "pass_on", to=second.id)["assignments"][0]["responsible"] == second.id
    (item,) = work(second)
    assert (item["responsible"], item["service"]) == (second.id, place.name)
    case = calls(second, item, "pass_on", to=first.id)
    assert [one["responsible"] for one in case["assignments"]] == [first.id]
    entry = story.does("notes").history()[-2]
    assert (entry["event"], entry["to"]) == ("AssignmentPassedOn", first.id)
    assert (entry["actor"]["id"], entry["actor"]["organ"]) == (second.id, place.key)
    assert case["status"] == "assigned"


def test_an_order_is_passed_on_too(place: Workplace) -> None:
    worker = place.hires()
    place.is_ordered()
    (item,) = work(worker)
    assert calls(worker, item, "pass_on", to=worker.id)["responsible"] == worker.id
    assert work(worker)[0]["responsible"] == worker.id


def test_it_is_passed_on_to_nobody_outside(
    place: Workplace, administrator: Client, caseworker: Client
) -> None:
    worker, other = place.hires(), Workplace(administrator, caseworker).hires()
    story = place.is_assigned()
    path = f"{story.path}/assignments/1/responsible"
    for to, status, kind, sentence in (
        (other.id, 409, "refused", errors.NoSeatThere().sentence),
        ("p-nobody", 422, "invalid", errors.PersonUnknown().sentence),
    ):
        with nothing_changes(caseworker.ledger):
            assert_refused(worker.post(path, json={"to": to}), status, kind, sentence)
    assert worker.post(path, json={"to": worker.id}).status_code == 201
    with nothing_changes(caseworker.ledger):
        again = worker.post(path, json={"to": worker.id})
    assert_refused(again, 409, "refused", errors.NothingChanged().sentence)


def test_only_those_who_were_asked_pass_it_on(place: Workplace, shared: Client) -> None:
    worker, story = place.hires(), place.is_assigned()
    path, body = f"{story.path}/assignments/1/responsible", {"to": worker.id}
    for client, status in ((shared.as_(Role.MEMBER, TEAM), 403), (shared.as_(Role.BOARD), 403),
                           (shared.as_(Role.MEMBER, OTHER_TEAM), 404)):  # fmt: skip
        with nothing_changes(shared.ledger):
            assert client.post(path, json=body).status_code == status
    with nothing_changes(shared.ledger):
        unknown = worker.post(f"{story.path}/assignments/2/responsible", json=body)
    assert_refused(unknown, 404, "not-found")
    assert place.coordinator.post(path, json=body).status_code == 201


def test_what_is_answered_is_not_passed_on(place: Workplace) -> None:
    worker, story = place.hires(), place.is_assigned()
    story.does("assignments/1/completion")
    with nothing_changes(worker.ledger):
        answer = worker.post(f"{story.path}/assignments/1/responsible", json={"to": worker.id})
    assert_refused(answer, 409, "refused", errors.AssignmentAnswered().sentence)


def test_who_was_responsible_is_read_as_of_then(place: Workplace) -> None:
    first, second = place.hires(), place.hires()
    story = place.is_assigned()
    path = f"{story.path}/assignments/1/responsible"
    begun = story.case["position"]
    passed = first.post(path, json={"to": first.id}).json()["position"]
    story.last = first.post(path, json={"to": second.id})
    told = [
        story.now(as_of=at)["assignments"][0]["responsible"]
        for at in (begun, passed, story.case["position"])
    ]
    assert told == [None, first.id, second.id]

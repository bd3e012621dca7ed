"""Orders over HTTP: from placing to approval, for those whom they concern, and in a meeting."""

import csv
import io
from typing import Any

import pytest

from api import kept_tokens
from domain import errors
from domain.actor import Role
from domain.errors import Invalid, Refusal
from domain.rights import Action
from tests.api.asserting import assert_recorded, assert_refused, nothing_changes
from tests.api.meeting import Table, at_the_group
from tests.api.ordering import MAPPING, ORDERING, SOON, Ordered
from tests.api.seats import confirm, person, sits
from tests.api.story import BOARD, GROUP, OTHER_TEAM, SERVICE, TEAM, Story, read
from tests.conftest import Client

NOBODY = "00000000-0000-4000-8000-000000000000"
PAST = "1999-01-01T00:00:00Z"


def test_an_order_is_accepted_delivered_sent_back_and_approved(
    caseworker: Client, member: Client
) -> None:
    order = Ordered(caseworker, focus_area="vold")
    assert order.last.headers["Location"] == order.path
    assert order.order["state"] == "placed"
    assert (order.order["ordered_by"], order.order["to"]) == (BOARD, TEAM)
    assert order.order["what"] == ORDERING["what"]
    order.does("acceptance", by=member)
    order.does("delivery", by=member)
    assert (order.order["state"], order.order["report"]) == ("delivered", "Det er tre butikker.")
    order.does("return")
    assert (order.order["state"], order.order["missing"]) == ("sent_back", "Hva med nettsalg?")
    order.does("delivery", by=member, report="Nettsalg er to av ti.").does("approval")
    told = order.now()
    assert told == order.order
    assert (told["state"], told["note"]) == ("approved", "Takk, dette bruker vi.")
    assert (told["report"], told["missing"]) == ("Nettsalg er to av ti.", None)
    assert told["focus_area"] == "vold"


def test_a_mapping_goes_step_by_step_to_its_action_plan(caseworker: Client, member: Client) -> None:
    order = Ordered(caseworker, **MAPPING)
    assert [step["what"] for step in order.order["steps"]] == MAPPING["steps"]
    order.does("steps", by=member, n=2)
    first, second = order.order["steps"]
    assert (first["taken_on"], first["note"]) == (None, None)
    assert second["note"] == "Ti skoler er med."
    assert second["taken_on"] is not None
    assert order.order["state"] == "accepted"
    order.does("delivery", by=member, action_plan="Plan for tryggere fredager")
    assert order.order["action_plan"] == "Plan for tryggere fredager"


def test_it_is_declined_with_a_reason(caseworker: Client, member: Client) -> None:
    order = Ordered(caseworker).does("refusal", by=member)
    assert (order.order["state"], order.order["reason"]) == ("declined", "Vi har ikke folk.")


def test_it_is_read_as_it_was(caseworker: Client) -> None:
    order = Ordered(caseworker)
    begun = order.order["position"]
    order.does("delivery")
    assert order.now()["state"] == "delivered"
    assert order.now(as_of=begun)["state"] == "placed"
    answer = caseworker.get(order.path, params={"as_of": begun - 1})
    assert_refused(answer, 404, "not-found")


def test_its_history_has_the_form_of_a_case_s(caseworker: Client, member: Client) -> None:
    order, case = Ordered(caseworker, **MAPPING), Story(caseworker, "notes")
    order.does("acceptance", by=member)
    placed, accepted = order.now("/history")["items"]
    noted = case.history()[-1]
    assert noted.keys() - {"text"} == accepted.keys()
    assert (placed["event"], accepted["event"]) == ("OrderPlaced", "OrderAccepted")
    assert [text["words"] for text in placed["steps"]] == MAPPING["steps"]
    assert placed["mandate"]["words"] == MAPPING["mandate"]
    assert (placed["actor"]["organ"], accepted["actor"]["organ"]) == (BOARD, TEAM)
    first = order.now("/history", limit=1)
    assert first["items"] == [placed]
    assert read(caseworker, first["next"])["items"] == [accepted]
    assert order.now("/history", as_of=placed["position"])["items"] == [placed]


# Who.


def test_it_is_there_for_nobody_else(caseworker: Client, stranger: Client) -> None:
    order = Ordered(caseworker)
    order.now()
    for what in ("", "/history"):
        assert_refused(stranger.get(order.path + what), 404, "not-found", "There is nothing")
    assert order.id not in {one["id"] for one in read(stranger, "/api/orders")["items"]}
    for step in ("acceptance", "refusal", "delivery"):
        for headers in ({}, {"If-Match": '"999"'}):
            with nothing_changes(caseworker.ledger):
                answer = order.tries(step, headers, by=stranger)
            assert_refused(answer, 404, "not-found", "There is nothing")


def test_those_who_ordered_it_read_it_and_do_not_answer_it(
    caseworker: Client, shared: Client
) -> None:
    order = Ordered(caseworker, acting_for=GROUP)
    of_the_group = shared.as_(Role.MEMBER, GROUP)
    assert order.now(by=of_the_group)["id"] == order.id
    with nothing_changes(caseworker.ledger):
        answer = order.tries("acceptance", by=of_the_group)
    assert_refused(answer, 403, "forbidden")


@pytest.mark.parametrize("role", [Role.BOARD, Role.AUDITOR, Role.COORDINATOR])
def test_those_who_read_everything_read_it(role: Role, caseworker: Client, shared: Client) -> None:
    order = Ordered(caseworker)
    assert order.now(by=shared.as_(role))["state"] == "placed"


def test_a_service_answers_for_itself(caseworker: Client, administrator: Client) -> None:
    worker = person(administrator)
    sits(administrator, worker, "services/utekontakt")
    confirm(worker)
    order = Ordered(caseworker, to="utekontakt")
    order.does("acceptance", by=worker)
    assert order.order["to"] == "utekontakt"
    entry = order.now("/history", by=worker)["items"][-1]
    assert entry["actor"]["id"] == worker.id
    order.does("responsible", by=worker, to=worker.id)
    assert order.now(by=worker)["responsible"] == worker.id


def test_a_token_that_only_orders_is_not_shown_the_order(caseworker: Client) -> None:
    token = kept_tokens.create_token(
        caseworker.ledger.database, "robot", Role.COORDINATOR, only={Action.ORDER}
    )
    headers = {"Authorization": f"Bearer {token}"}
    answer = caseworker.post("/api/orders", json=ORDERING, headers=headers)
    assert answer.status_code == 201, answer.text
    assert answer.json().keys() == {"id", "version", "position"}


# What is refused.


REFUSALS: list[tuple[type[Refusal], dict[str, Any]]] = [
    (errors.OnlyTheBoardOrTheGroupOrders, {"acting_for": None}),
    (errors.OnlyTheBoardOrTheGroupOrders, {"acting_for": OTHER_TEAM}),
    (errors.OrganUnknown, {"acting_for": "atlantis"}),
    (errors.OrderedFromItself, {"to": BOARD}),
    (errors.ServiceUnknown, {"to": "Sjarmørene"}),
    (errors.DueBeforeItBegan, {"due_on": "2026-01-01"}),
    (errors.FocusAreaUnknown, {"focus_area": "astrologi"}),
    (errors.InTheFuture, {"occurred_at": "2199-01-01T00:00:00Z"}),
    (errors.MandateMissing, {"kind": "mapping"}),
    (errors.MandateUnwanted, {"steps": ["Samtaler"]}),
    (errors.MappingTooShort, {**MAPPING, "steps": ["Samtaler"] * 20}),
]
ANSWERED: list[tuple[type[Refusal], tuple[str, ...], str, dict[str, Any]]] = [
    (errors.OrderAcceptedAlready, ("acceptance",), "acceptance", {}),
    (errors.OrderedFromAnother, (), "acceptance", {"acting_for": OTHER_TEAM}),
    (errors.NotYourOrder, ("delivery",), "approval", {"acting_for": GROUP}),
    (errors.NotYourOrder, (), "withdrawal", {"acting_for": TEAM}),
    (errors.OrderIsDelivered, ("delivery",), "delivery", {}),
    (errors.OrderIsDelivered, ("delivery",), "withdrawal", {}),
    (errors.OrderIsNotDelivered, ("acceptance",), "approval", {}),
    (errors.OrderIsEnded, ("refusal",), "acceptance", {}),
    (errors.OrderIsEnded, ("delivery", "approval"), "return", {}),
    (errors.BeforeTheOrder, (), "acceptance", {"occurred_at": PAST}),
    (errors.DueBeforeItBegan, ("delivery",), "return", {"due_on": "2026-01-01"}),
    (errors.ActionPlanUnwanted, (), "delivery", {"action_plan": "Plan"}),
    (errors.StepUnknown, (), "steps", {}),
    (errors.PersonUnknown, (), "responsible", {"to": "p-nobody"}),
]


def assert_says_no(answer: Any, error: type[Refusal]) -> None:
    status, kind = (422, "invalid") if issubclass(error, Invalid) else (409, "refused")
    assert_refused(answer, status, kind, error().sentence)


@pytest.mark.parametrize(("error", "changes"), REFUSALS)
def test_it_is_not_placed(
    error: type[Refusal], changes: dict[str, Any], caseworker: Client
) -> None:
    with nothing_changes(caseworker.ledger):
        answer = caseworker.post("/api/orders", json=ORDERING | changes)
    assert_says_no(answer, error)


@pytest.mark.parametrize(("error", "before", "step", "changes"), ANSWERED)
def test_a_rule_says_no(
    error: type[Refusal],
    before: tuple[str, ...],
    step: str,
    changes: dict[str, Any],
    caseworker: Client,
) -> None:
    order = Ordered(caseworker, *before)
    with nothing_changes(caseworker.ledger):
        answer = order.tries(step, **changes)
    assert_says_no(answer, error)


def test_a_mapping_says_no(caseworker: Client, administrator: Client) -> None:
    order = Ordered(caseworker, "steps", **MAPPING)
    assert_says_no(order.tries("steps"), errors.StepTakenAlready)
    assert_says_no(order.tries("delivery"), errors.ActionPlanMissing)
    elsewhere = person(administrator)
    sits(administrator, elsewhere, f"organs/{OTHER_TEAM}")
    assert_says_no(order.tries("responsible", to=elsewhere.id), errors.NoSeatThere)


def test_nothing_is_ordered_from_a_dissolved_organ(
    caseworker: Client, administrator: Client
) -> None:
    organ = {"key": "nattevakta", "name": "Nattevakta", "level": "executing", "kind": "group"}
    administrator.post("/api/organs", json=organ)
    order = Ordered(caseworker, to="nattevakta")
    administrator.post("/api/organs/nattevakta/dissolution", json={"reason": "Over."})
    with nothing_changes(caseworker.ledger):
        answer = caseworker.post("/api/orders", json=ORDERING | {"to": "nattevakta"})
    assert_says_no(answer, errors.OrganIsDissolved)
    assert order.does("refusal").order["state"] == "declined"


def test_a_merged_service_is_the_one_that_it_became(
    caseworker: Client, administrator: Client
) -> None:
    for name in ("Nattklubben", "Dagklubben"):
        administrator.post("/api/services", json={"name": name})
    merged = administrator.post("/api/services/nattklubben/merger", json={"into": "Dagklubben"})
    assert merged.status_code == 201, merged.text
    assert Ordered(caseworker, to="Nattklubben").order["to"] == "Dagklubben"


@pytest.mark.parametrize("ref", [NOBODY, "x", "2026-0001", f"order:{NOBODY}", "x" * 100])
def test_an_order_that_is_not_there_is_not_found(ref: str, caseworker: Client) -> None:
    for path in (f"/api/orders/{ref}", f"/api/orders/{ref}/history"):
        assert_refused(caseworker.get(path), 404, "not-found", "There is nothing")
    with nothing_changes(caseworker.ledger):
        answer = caseworker.post(f"/api/orders/{ref}/acceptance", json={})
    assert_refused(answer, 404, "not-found", "There is nothing")


def test_it_is_about_a_case_that_one_may_read(caseworker: Client, shared: Client) -> None:
    story = Story(caseworker)
    order = Ordered(caseworker, case=story.number)
    assert order.order["case"] == story.case["id"]
    story.does("restriction")
    other = shared.as_(Role.COORDINATOR)
    with nothing_changes(caseworker.ledger):
        hidden = other.post("/api/orders", json=ORDERING | {"case": story.number})
        missing = other.post("/api/orders", json=ORDERING | {"case": NOBODY})
    assert_refused(hidden, 403, "forbidden", "break the glass")
    assert_refused(missing, 404, "not-found")


@pytest.mark.parametrize("field", ["what", "expected_effect", "mandate", "steps"])
def test_what_points_at_a_person_is_not_kept(field: str, caseworker: Client) -> None:
    words = "Ring 15076500565 om dette"
    said = {field: [words, "Plan"] if field == "steps" else words}
    with nothing_changes(caseworker.ledger):
        answer = caseworker.post("/api/orders", json=ORDERING | MAPPING | said)
    assert_refused(answer, 422, "personal-data")
    (span,) = answer.json()["spans"]
    assert span["field"] == ("steps.0" if field == "steps" else field)


# Repeats, and what is decided on.


def test_a_repeat_is_done_once(caseworker: Client) -> None:
    headers = {"Idempotency-Key": "order-once"}
    first = caseworker.post("/api/orders", json=ORDERING, headers=headers)
    with nothing_changes(caseworker.ledger):
        second = caseworker.post("/api/orders", json=ORDERING, headers=headers)
        other = caseworker.post("/api/orders", json=ORDERING | {"what": "Noe"}, headers=headers)
    assert second.json() == first.json()
    assert second.headers["Loft-Position"] == first.headers["Loft-Position"]
    assert_refused(other, 422, "idempotency-conflict")


def test_a_repeat_after_it_went_on_tells_what_was_answered_first(caseworker: Client) -> None:
    order = Ordered(caseworker)
    headers = {"Idempotency-Key": f"accept {order.id}"}
    first = order.tries("acceptance", headers)
    order.does("delivery").does("approval")
    assert order.tries("acceptance", headers).json() == first.json()


def test_only_the_version_that_was_read_is_decided_on(caseworker: Client) -> None:
    order = Ordered(caseworker)
    order.now()
    etag = caseworker.get(order.path).headers["ETag"]
    assert etag == order.last.headers["ETag"]
    order.does("acceptance")
    with nothing_changes(caseworker.ledger):
        assert_refused(order.tries("refusal", {"If-Match": etag}), 412, "stale")
    newest = {"If-Match": order.last.headers["ETag"]}
    before = caseworker.ledger.engine.ledger.size()
    assert_recorded(order.tries("delivery", newest), caseworker.ledger, before)


# Lists and registers.


def listed(client: Client, order: Ordered, **query: Any) -> set[str]:
    items = read(client, "/api/orders", order.last, limit=1000, **query)["items"]
    return {one["id"] for one in items}


def test_orders_are_found_by_every_filter(caseworker: Client) -> None:
    first = Ordered(caseworker, "acceptance")
    second = Ordered(caseworker, acting_for=GROUP, to=SERVICE, **MAPPING)
    both, begun = {first.id, second.id}, second.order["position"]
    late = Ordered(
        caseworker, due_on="2026-01-01", occurred_at="2025-12-01T10:00:00Z", precision="day"
    )
    assert late.order["overdue"]
    for query, found in {
        ("state", "accepted"): {first.id},
        ("kind", "mapping"): {second.id},
        ("ordered_by", GROUP): {second.id},
        ("to", TEAM): {first.id},
        ("to", SERVICE): {second.id},
        ("overdue", "false"): both,
        ("overdue", "true"): set(),
        ("as_of", str(begun)): both,
        ("as_of", str(begun - 1)): {first.id},
    }.items():
        assert listed(caseworker, late, **dict([query])) & both == found, query
    assert late.id in listed(caseworker, late, overdue="true")


def test_what_is_not_known_is_not_looked_for(caseworker: Client) -> None:
    for query in ({"ordered_by": "atlantis"}, {"to": "Sjarmørene"}, {"state": "lost"},
                  {"kind": "wish"}, {"cursor": "x"}):  # fmt: skip
        assert_refused(caseworker.get("/api/orders", params=query), 422, "invalid")


def test_the_list_has_pages(caseworker: Client) -> None:
    first, second = Ordered(caseworker), Ordered(caseworker)
    path: str | None = "/api/orders?limit=1"
    seen = []
    while path is not None:
        page = read(caseworker, path, second.last)
        seen += [one["id"] for one in page["items"]]
        path = page["next"]
    assert seen[-2:] == [first.id, second.id]
    assert len(set(seen)) == len(seen)


def test_the_register_of_decisions_tells_of_it(caseworker: Client) -> None:
    story = Story(caseworker)
    order = Ordered(caseworker, case=story.number, to=SERVICE, **MAPPING)
    order.does("delivery", action_plan="Plan").does("return", due_on=None)
    items = read(caseworker, "/api/audit/decisions", order.last, organ=BOARD, limit=1000)["items"]
    placed, returned = [one for one in items if one["order"] == order.id]
    assert (placed["event"], returned["event"]) == ("OrderPlaced", "OrderSentBack")
    assert (placed["case"], placed["number"]) == (story.case["id"], story.number)
    assert (placed["to"], placed["ordered_by"], placed["due_on"]) == (SERVICE, BOARD, SOON)
    assert returned["missing"]["words"] == "Hva med nettsalg?"
    answer = caseworker.get(
        "/api/audit/decisions", params={"organ": BOARD, "limit": 1000, "format": "csv"}
    )
    (row, _) = [one for one in csv.DictReader(io.StringIO(answer.text)) if one["order"] == order.id]
    assert (row["number"], row["organ"]) == (story.number, BOARD)
    assert f"to={SERVICE}" in row["facts"]
    assert "kind=mapping" in row["facts"]
    for words in (ORDERING["what"], MAPPING["mandate"], *MAPPING["steps"]):
        assert words in row["words"]


# In a meeting.


def test_what_is_ordered_in_a_meeting_stands_in_its_minutes(caseworker: Client) -> None:
    story, table = at_the_group(caseworker), Table(caseworker)
    n = table.takes_up(story)
    ordering = MAPPING | {"acting_for": None, "to": SERVICE, "case": story.number}
    answer = table.tries(f"items/{n}/orders", **ordering)
    assert answer.status_code == 201, answer.text
    order = answer.json()
    assert answer.headers["Location"] == f"/api/orders/{order['id']}"
    assert (order["ordered_by"], order["placed_at"][:16]) == (
        GROUP, table.now()["starts_at"][:16],
    )  # fmt: skip
    table.last = answer
    table.does("closure")
    (item,) = [one for one in table.now("/minutes")["items"] if one["n"] == n]
    (entry,) = item["entries"]
    assert (entry["event"], entry["order"], entry["case"]) == (
        "OrderPlaced", order["id"], story.case["id"],
    )  # fmt: skip
    assert entry["item"] == n
    page = caseworker.get(f"{table.path}/minutes", params={"format": "html"}).text
    for said in (f"Bestilt fra {SERVICE}", "kartlegging", *MAPPING["steps"], ORDERING["what"]):
        assert said in page
    pdf = caseworker.get(f"{table.path}/minutes", params={"format": "pdf"})
    assert pdf.content.startswith(b"%PDF")


def test_nothing_is_ordered_in_a_meeting_that_is_over(caseworker: Client) -> None:
    table = Table(caseworker).does("agenda/items").does("closure")
    with nothing_changes(caseworker.ledger):
        answer = table.tries("items/1/orders")
    assert_says_no(answer, errors.MeetingIsClosed)

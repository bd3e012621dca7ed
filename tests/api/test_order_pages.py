"""Orders in a real browser: placed by a coordinator, answered by a team, and judged."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from domain.actor import Role
from tests.api.conftest import Live
from tests.api.ordering import MAPPING, ORDERING, SOON, Ordered
from tests.api.paging import (
    AUDITOR,
    COORDINATOR,
    MEMBER,
    Somebody,
    barriers,
    caught_up,
    past_the_socket,
    signed_in,
)
from tests.api.story import BOARD, GROUP, TEAM, Story, read
from tests.conftest import Client


@pytest.fixture
def coordinator(browser: Browser, demonstration: Live) -> Iterator[Somebody]:
    with signed_in(browser, demonstration, COORDINATOR) as somebody:
        yield somebody
        assert somebody.complaints == []


@pytest.fixture
def placed(demonstration: Live) -> Client:
    """A coordinator of the demonstration, past the socket."""
    return past_the_socket(demonstration, Role.COORDINATOR)


def does(who: Somebody, form: str, **values: str) -> None:
    """Open a form of an order, fill it in and send it."""
    around = who.page.locator(f"#do-{form}")
    if not around.locator("form").is_visible():
        around.locator("summary").click()
    for name, value in values.items():
        around.locator(f"[name={name}]").fill(value)
    around.locator("button").click()


def happened(who: Somebody) -> list[str]:
    return who.page.locator(".timeline h3").all_inner_texts()


def test_an_order_is_placed_answered_and_judged_without_scripts(
    browser: Browser, demonstration: Live
) -> None:
    with signed_in(browser, demonstration, COORDINATOR, scripts=False) as who:
        page = who.goes("/orders").page
        page.get_by_role("link", name="Bestill noe").click()
        form = page.locator("form#place")
        form.locator("[name=acting_for]").select_option(label="Styret for SLT Bærum")
        form.locator("[name=kind]").select_option("mapping")
        form.locator("[name=to]").select_option(TEAM)
        form.locator("[name=what]").fill("Hvordan er rusbildet i vest?")
        form.locator("[name=expected_effect]").fill("Vi vet hvor vi skal begynne.")
        form.locator("[name=due_on]").fill(SOON)
        form.locator("button").click()
        assert "mandat og trinn" in form.get_by_role("alert").inner_text()
        form.locator("[name=mandate]").fill("Kartlegg bruk og omsetning.")
        form.locator("[name=steps]").fill("Samtaler med skolene\n\n Møte med politiet ")
        form.locator("button").click()
        assert happened(who) == ["Bestilt"]
        assert page.locator(".steps li").count() == 2
        address = page.url.partition("#")[0].removeprefix(demonstration.url)
        with signed_in(browser, demonstration, MEMBER, scripts=False) as team:
            team.goes(f"/orders?to={TEAM}")
            team.page.get_by_role("link", name="Hvordan er rusbildet i vest?").click()
            does(team, "acceptance")
            team.page.locator("#do-steps summary").click()
            team.page.locator("#do-steps [name=n]").select_option("1")
            does(team, "steps", note="Tre skoler er med.")
            assert "Tre skoler er med." in team.page.locator(".steps").inner_text()
            does(team, "delivery", report="Mest på fredager.", action_plan="Tryggere fredager")
            assert happened(team)[-1] == "Bestilling levert"
            assert team.page.locator(".actions").count() == 0, "the others' turn"
        who.goes(address)
        who.complaints.clear()  # a browser says of a refused form that it was refused
        does(who, "return", missing="Hva med nettsalg?")
        assert "Hva med nettsalg?" in page.locator("dl.facts").first.inner_text()
        who.goes("/orders?state=sent_back")
        assert page.locator("tbody tr", has_text="rusbildet i vest").count() == 1
        assert who.complaints == []


def test_a_refusal_stands_beside_the_form_which_keeps_what_was_typed(
    coordinator: Somebody, placed: Client
) -> None:
    order = Ordered(placed)
    caught_up(coordinator.live)
    page = coordinator.goes(f"/orders/{order.id}").page
    page.locator("#do-refusal summary").click()
    order.does("withdrawal")
    does(coordinator, "refusal", reason="Vi har ikke folk.")
    page.get_by_role("alert").wait_for()
    assert happened(coordinator)[-1] == "Bestilling trukket"
    coordinator.complaints.clear()  # a browser says of a refused form that it was refused


def test_it_is_passed_on_to_somebody_by_name(coordinator: Somebody, placed: Client) -> None:
    order, admin = Ordered(placed), past_the_socket(coordinator.live, Role.ADMIN)
    one = admin.post("/api/persons", json={"name": "Mari Teigen"}).json()
    admin.post(f"/api/organs/{TEAM}/seats", json={"person": one["id"], "role": "member"})
    caught_up(coordinator.live)
    page = coordinator.goes(f"/orders/{order.id}").page
    page.locator("#do-responsible summary").click()
    page.locator("#do-responsible select").select_option(label="Mari Teigen")
    does(coordinator, "responsible")
    page.locator(".timeline h3", has_text="Bestilling gitt videre").wait_for()
    assert "Mari Teigen" in page.locator(".timeline > li").last.inner_text()
    assert "Mari Teigen" in page.locator(".side .ds-card").inner_text()


def test_one_in_a_case_leads_to_the_case_for_those_who_may_read_it(
    placed: Client, coordinator: Somebody
) -> None:
    case = Story(placed, raised_by="ostre-13-16")
    caught_up(coordinator.live)
    page = coordinator.goes(f"/cases/{case.number}").page
    page.get_by_role("link", name="Bestill noe i denne saken").click()
    assert page.locator("[name=case]").input_value() == case.number
    order = Ordered(placed, case=case.number)
    caught_up(coordinator.live)
    coordinator.goes(f"/orders/{order.id}")
    assert page.locator(f"a[href='/cases/{case.number}']").is_visible()
    team = past_the_socket(coordinator.live, Role.MEMBER, TEAM)
    told = team.get(f"/orders/{order.id}")
    assert told.status_code == 200
    assert case.number not in told.text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_kept_out_and_nothing_is_cut_off(
    scheme: str, coordinator: Somebody, placed: Client
) -> None:
    order = Ordered(placed, **MAPPING).does("steps")
    done = Ordered(placed).does("delivery")
    caught_up(coordinator.live)
    coordinator.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for path in ("/orders", "/orders?state=placed", "/orders?kind=none", "/orders/new",
                 f"/orders/{order.id}", f"/orders/{done.id}"):  # fmt: skip
        coordinator.page.set_viewport_size({"width": 320, "height": 800})
        coordinator.goes(path)
        for opened in coordinator.page.locator("details").all():
            opened.evaluate("e => { e.open = true }")
        assert barriers(coordinator.page) == [], path
        assert coordinator.page.evaluate("document.documentElement.scrollWidth") <= 320, path
    coordinator.complaints.clear()  # a filter that is not known is told of with 422


def test_an_auditor_reads_and_does_nothing(browser: Browser, demonstration: Live) -> None:
    with signed_in(browser, demonstration, AUDITOR) as who:
        page = who.goes("/orders").page
        assert page.get_by_role("link", name="Bestill noe").count() == 0
        page.locator("[data-row]").first.click()
        page.locator(".timeline").wait_for()
        assert page.locator(".actions").count() == 0


def test_strangers_are_sent_to_sign_in_and_others_are_refused(
    shared: Client, caseworker: Client, member: Client, stranger: Client
) -> None:
    order = Ordered(caseworker).does("delivery")
    order.now()
    at = f"/orders/{order.id}"
    for path in ("/orders", "/orders/new", at):
        assert shared.get(path, follow_redirects=False).headers["location"].startswith("/sign-in?")
    for path in ("/orders", at):
        assert shared.as_(Role.REPORTER).get(path).status_code == 403
    assert shared.as_(Role.BOARD).get("/orders/new").status_code == 403
    assert shared.as_(Role.BOARD).post("/orders", content="kind=action").status_code == 403
    assert member.get("/orders/new").status_code == 403
    assert stranger.get(at).status_code == 404
    assert stranger.post(f"{at}/delivery", content="report=x").status_code == 404
    assert member.post(f"{at}/approval", content="note=x").status_code == 403
    assert shared.as_(Role.AUDITOR).post(f"{at}/approval").status_code == 403
    assert caseworker.post(f"{at}/nothing").status_code == 404
    assert caseworker.get("/orders/no-such-id").status_code == 404
    of_the_group = shared.as_(Role.MEMBER, GROUP)
    own = Ordered(caseworker, acting_for=GROUP)
    own.now()
    assert 'id="do-delivery"' not in of_the_group.get(f"/orders/{own.id}").text
    assert of_the_group.post(f"/orders/{own.id}/delivery", content="report=x").status_code == 403


@pytest.mark.parametrize("filters", ["state=tull", "kind=tull", "to=nowhere", "ordered_by=nobody"])
def test_a_filter_that_is_none_is_told(filters: str, caseworker: Client) -> None:
    answer = caseworker.get(f"/orders?{filters}")
    assert answer.status_code == 422
    assert "finnes ikke" in answer.text


def test_only_who_may_order_is_led_to_what_they_have_ordered(shared: Client) -> None:
    for organ, orders in ((TEAM, False), (GROUP, True)):
        page = shared.as_(Role.MEMBER, organ).get("/orders").text
        assert f'href="/orders?to={organ}"' in page
        assert (f'href="/orders?ordered_by={organ}"' in page) == orders


def test_the_list_finds_what_the_api_finds(caseworker: Client) -> None:
    Ordered(caseworker, kind="action", acting_for=GROUP).does("acceptance").now()
    for query in ({}, {"state": "accepted"}, {"kind": "action"}, {"ordered_by": BOARD},
                  {"to": TEAM}, {"overdue": "true"}):  # fmt: skip
        found = read(caseworker, "/api/orders", limit=1000, **query)["items"]
        page = caseworker.get("/orders", params=query).text
        assert page.count("data-row") == len(found), query


def test_every_form_does_what_it_says(caseworker: Client) -> None:
    filled = {name: str(value) for name, value in ORDERING.items()}
    answer = caseworker.post("/orders", data=filled, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    at = answer.headers["location"]
    for form, said in (
        ("acceptance", {}), ("delivery", {"report": "Tre butikker."}),
        ("return", {"missing": "Nettsalg?", "due_on": SOON}),
        ("delivery", {"report": "Nettsalg er to av ti."}), ("approval", {"note": "Takk."}),
    ):  # fmt: skip
        answer = caseworker.post(f"{at}/{form}", data=said, follow_redirects=False)
        assert answer.status_code == 303, (form, answer.text)
    there = {"Loft-Position": answer.cookies["loft-position"]}
    assert caseworker.get(f"/api{at}", headers=there).json()["state"] == "approved"

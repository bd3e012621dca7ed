"""Pages that show what others do while they are open, and take nothing away."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from domain.actor import Role
from tests.api.conftest import Live
from tests.api.meeting import TOMORROW, Table
from tests.api.ordering import Ordered
from tests.api.paging import (
    ADMIN,
    COORDINATOR,
    MEMBER,
    Somebody,
    caught_up,
    past_the_socket,
    signed_in,
)
from tests.api.story import BOARD, Story
from tests.conftest import Client


@pytest.fixture
def coordinator(browser: Browser, demonstration: Live) -> Iterator[Somebody]:
    with signed_in(browser, demonstration, COORDINATOR) as somebody:
        yield somebody
        assert somebody.complaints == []


@pytest.fixture
def caseload(demonstration: Live) -> Client:
    """A coordinator of the demonstration, past the socket."""
    return past_the_socket(demonstration, Role.COORDINATOR)


def test_what_another_does_is_shown_where_it_is_listed(
    browser: Browser, demonstration: Live, caseload: Client, coordinator: Somebody
) -> None:
    order = Ordered(caseload, what="Hvem selger om natten?")
    caught_up(demonstration)
    asked = list[str]()
    cases = coordinator.goes("/cases?status=raised").page
    cases.on("request", lambda one: asked.append(one.url) if "/cases?" in one.url else None)
    context = cases.context
    # A browser has six connections to a server, and each of these pages takes one.
    pages = {
        at: context.new_page() for at in ("/waiting/answers", "/orders", f"/orders/{order.id}")
    }
    for at, page in pages.items():
        page.goto(f"{demonstration.url}{at}")
    with signed_in(browser, demonstration, MEMBER) as member:
        told = member.goes("/notices").page
        unread = told.locator("#told-of .count")
        before = unread.inner_text() if unread.count() else ""
        stories = [Story(caseload, title=f"Bråk {n}") for n in range(5)]
        expect(cases.get_by_role("link", name="Bråk 4")).to_be_visible()
        assert len(asked) < 4, "a burst is one fetch, or two where it is a long one"
        stories[0].does("escalations", urgent=True)
        expect(cases.get_by_role("link", name="Bråk 0")).to_have_count(0)
        line = told.get_by_role("link", name=f"Sak løftet · {stories[0].number}")
        expect(line).to_be_visible()
        expect(unread).not_to_have_text(before or "0")
        assert member.complaints == []
    expect(pages["/waiting/answers"].get_by_role("link", name="Bråk 0")).to_be_visible()
    order.does("acceptance")
    for at in ("/orders", f"/orders/{order.id}"):
        shown = pages[at].locator("main").get_by_text("Godtatt")
        expect(shown.first).to_be_attached()
    expect(pages[f"/orders/{order.id}"].locator("#live")).to_be_visible()


def test_lists_reports_and_the_structure_show_what_others_did(
    browser: Browser, demonstration: Live, caseload: Client
) -> None:
    admin = past_the_socket(demonstration, Role.ADMIN)
    with signed_in(browser, demonstration, ADMIN) as somebody:
        page = somebody.goes("/structure/people").page
        _post(admin, "/api/persons", name="Ida Nyregistrert")
        expect(page.get_by_role("link", name="Ida Nyregistrert")).to_be_visible()
        page = somebody.goes("/structure").page
        organ = {"key": "levende", "level": "coordinating", "kind": "group", "lifts_to": [BOARD]}
        _post(admin, "/api/organs", name="Gruppen som kom til", **organ)
        expect(page.get_by_role("link", name="Gruppen som kom til")).to_be_visible()
        page = somebody.goes("/structure/organs/levende").page
        page.locator("#do-renaming summary").click()
        page.locator("#do-renaming [name=name]").fill("Halvskrevet")
        _post(admin, "/api/organs/levende/renaming", name="Gruppen med nytt navn")
        expect(page.locator("h1")).to_have_text("Gruppen med nytt navn")
        expect(page.locator("#do-renaming [name=name]")).to_have_value("Halvskrevet")
        assert somebody.complaints == []
    with signed_in(browser, demonstration, COORDINATOR) as somebody:
        page = somebody.goes("/meetings").page
        ahead = page.locator("#found section").first.get_by_role("link")
        before = ahead.count()
        Table(caseload, starts_at=TOMORROW)
        expect(ahead).to_have_count(before + 1)
        page = somebody.goes("/decisions").page
        story = Story(caseload, title="Ses i registeret").does("escalations", urgent=True)
        expect(page.get_by_role("link", name="Ses i registeret")).to_be_visible()
        page = somebody.goes("/reports").page
        head = page.locator("#found .about").first
        counted = head.inner_text()
        story.does("returns")
        expect(head).not_to_have_text(counted)
        page = somebody.goes("/structure/plan").page
        area = {"key": "levende", "year": 2026, "acting_for": BOARD}
        _post(caseload, "/api/focus-areas", name="Nye netter", **area)
        expect(page.get_by_text("Nye netter").first).to_be_visible()
        assert somebody.complaints == []


def _post(client: Client, path: str, **body: object) -> None:
    answer = client.post(path, json=body)
    assert answer.status_code == 201, answer.text


def test_nothing_is_taken_from_somebody_at_work(coordinator: Somebody, caseload: Client) -> None:
    first, other = (
        Story(caseload, title=title).does("escalations", urgent=True)
        for title in ("Hærverk i parken", "Hærverk på skolen")
    )
    caught_up(coordinator.live)
    page = coordinator.goes("/waiting/answers").page
    line = page.locator("ul.lines > li", has_text=first.number)
    line.locator("summary").click()
    line.locator("[name=message]").fill("Natteravnene er")
    page.locator("h1").click()
    other.does("answers", to=other.now()["raised_by"])
    page.locator("#live").wait_for()
    expect(page.locator("ul.lines > li", has_text=other.number)).to_have_count(1)
    expect(line.locator("[name=message]")).to_have_value("Natteravnene er")
    page.locator("#live a").click()
    expect(page.locator("ul.lines > li", has_text=other.number)).to_have_count(0)
    expect(line.locator("[name=message]")).to_have_value("Natteravnene er")
    expect(line.locator("[name=message]")).to_be_focused()
    expect(page.locator("#live")).to_be_hidden()


def test_what_happens_while_nobody_listens_is_shown_afterwards(
    coordinator: Somebody, caseload: Client
) -> None:
    page = coordinator.goes("/cases?status=raised").page
    page.evaluate(
        "() => { Object.defineProperty(document, 'hidden', {value: true, configurable: true});"
        " document.dispatchEvent(new Event('visibilitychange')); }"
    )
    story = Story(caseload, title="Mens ingen så på")
    caught_up(coordinator.live)
    expect(page.get_by_role("link", name=story.number)).to_have_count(0)
    page.evaluate(
        "() => { delete document.hidden; document.dispatchEvent(new Event('visibilitychange')); }"
    )
    expect(page.get_by_role("link", name="Mens ingen så på")).to_be_visible()


def test_a_case_as_it_was_stays_as_it_was(coordinator: Somebody, caseload: Client) -> None:
    story = Story(caseload, title="Som den var")
    caught_up(coordinator.live)
    position = story.now()["position"]
    page = coordinator.goes(f"/cases/{story.number}?as_of={position}").page
    assert page.locator("main [data-live]").count() == 0

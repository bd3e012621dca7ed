"""Pages that show what others do while they are open, and take nothing away."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from domain.actor import Role
from tests.api.conftest import Live
from tests.api.ordering import Ordered
from tests.api.paging import (
    COORDINATOR,
    MEMBER,
    Somebody,
    caught_up,
    past_the_socket,
    signed_in,
)
from tests.api.story import Story
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

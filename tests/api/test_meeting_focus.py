"""Where somebody is on a meeting's page, when what others have done takes its place."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.api.conftest import Live
from tests.api.paging import COORDINATOR, Somebody, signed_in, through_the_socket
from tests.api.test_meeting_pages import adds, convenes, item


@pytest.fixture
def coordinator(browser: Browser, demonstration: Live) -> Iterator[Somebody]:
    with signed_in(browser, demonstration, COORDINATOR) as somebody:
        yield somebody
        assert somebody.complaints == []


@pytest.mark.parametrize("at", ["#do-closing > summary", "#all button", "#items-title"])
def test_whoever_has_read_on_stays_there_and_keeps_the_focus(
    at: str, coordinator: Somebody, demonstration: Live
) -> None:
    page, here = coordinator.page, convenes(coordinator)
    adds(coordinator, "Lyset")
    page.set_viewport_size({"width": 390, "height": 500})
    place = page.locator(at)
    place.focus()
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    before = page.evaluate("scrollY")
    assert before > 500
    added = through_the_socket(demonstration, f"/api{here}/agenda/items", {"title": "Fra en annen"})
    assert added.status_code == 201, added.text
    item(coordinator, "Fra en annen").wait_for()
    expect(place).to_be_focused()
    moved = page.evaluate("scrollY") - before
    assert abs(moved) < 200, "but for the line that has come"


def test_whoever_moves_an_item_by_its_button_goes_with_it(coordinator: Somebody) -> None:
    page = coordinator.page
    convenes(coordinator)
    for title in ("Første", "Andre", "Tredje"):
        adds(coordinator, title)
    up = item(coordinator, "Tredje").locator("button[value^=up]")
    for place in (1, 0):
        up.press("Enter")
        expect(page.locator("#agenda > li[data-n]").nth(place)).to_contain_text("Tredje")
        if place:
            expect(up).to_be_focused()
    expect(up).to_be_disabled()

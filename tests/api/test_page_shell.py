"""What stands around each page: keys, languages, and where whoever has little to do here is led."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from domain.actor import Role
from tests.api.conftest import Live
from tests.api.paging import COORDINATOR, Somebody, signed_in
from tests.conftest import Client


@pytest.fixture
def coordinator(browser: Browser, demonstration: Live) -> Iterator[Somebody]:
    with signed_in(browser, demonstration, COORDINATOR) as somebody:
        yield somebody
        assert somebody.complaints == []


def test_a_link_that_leads_nowhere_is_a_page_and_to_programs_a_problem(shared: Client) -> None:
    browser = {"Accept": "text/html,*/*;q=0.8", "Accept-Language": "nb"}
    nowhere = shared.get("/nowhere", headers=browser)
    assert (nowhere.status_code, nowhere.headers["content-type"]) == (
        404,
        "text/html; charset=utf-8",
    )
    assert "Det finnes ikke noe her" in nowhere.text
    assert "Til startsiden" in nowhere.text
    for path, headers in (("/nowhere", {}), ("/api/nowhere", browser), ("/static/no.css", browser)):
        answer = shared.get(path, headers=headers)
        assert answer.status_code == 404, path
        assert answer.headers["content-type"] == "application/problem+json", path


def test_whoever_has_no_cases_to_read_is_led_to_what_is_theirs(shared: Client) -> None:
    for role, theirs in (
        (Role.ADMIN, {"/structure", "/structure/people", "/structure/tokens", "/proof"}),
        (Role.REPORTER, {"/reports"}),
    ):
        page = shared.as_(role).get("/").text
        choices = page[page.index('class="choices"') :]
        assert {at for at in theirs if f'href="{at}"' in choices} == theirs, role
        assert "/cases" not in choices


def test_letters_alone_do_nothing_for_whoever_switches_them_off(coordinator: Somebody) -> None:
    page = coordinator.goes("/cases").page
    page.keyboard.press("j")
    expect(page.locator("[data-row]").first).to_be_focused()
    coordinator.goes("/me").page.get_by_role("button", name="Slå av bokstavene").click()
    page.get_by_text("En bokstav alene gjør ingenting her.").wait_for()
    coordinator.goes("/cases")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement === document.body")
    coordinator.goes("/me").page.get_by_role("button", name="Slå på bokstavene").click()
    coordinator.goes("/cases")
    page.keyboard.press("j")
    expect(page.locator("[data-row]").first).to_be_focused()


def test_another_language_takes_nothing_away(coordinator: Somebody) -> None:
    page = coordinator.goes("/cases/2026-0001?do=notes").page
    page.locator("#notes [name=text]").fill("Halvveis i en setning")
    page.get_by_role("button", name="English").click()
    page.get_by_role("link", name="Cases", exact=True).wait_for()
    expect(page.locator("#notes [name=text]")).to_have_value("Halvveis i en setning")
    page.locator("#notes [name=text]").fill("Ring Kari på 91234567 nå")
    page.locator("#notes button").click()
    page.locator("#notes [role=alert]").wait_for()
    page.get_by_role("button", name="Bokmål").click()
    page.get_by_role("link", name="Saker", exact=True).wait_for()
    assert "/cases/2026-0001" in page.url
    expect(page.locator("#notes [name=text]")).to_have_value("Ring Kari på 91234567 nå")
    coordinator.complaints.clear()  # a browser says of a refused form that it was refused

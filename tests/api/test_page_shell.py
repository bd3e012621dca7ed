"""What stands around each page: keys, languages, and where whoever has little to do here is led."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, expect

from api.bounds import Bounds
from api.installation import OpenLedger
from api.pages import start
from domain.actor import Role
from tests.api.asserting import assert_refused
from tests.api.conftest import Live
from tests.api.paging import COORDINATOR, Somebody, signed_in
from tests.conftest import Client, app_over

BROWSER = {"Accept": "text/html,*/*;q=0.8", "Accept-Language": "nb"}


def assert_page(answer: httpx.Response, status: int, sentence: str) -> None:
    said = (answer.status_code, answer.headers["content-type"])
    assert said == (status, "text/html; charset=utf-8")
    assert sentence in answer.text
    assert "Til startsiden" in answer.text


@pytest.fixture
def coordinator(browser: Browser, demonstration: Live) -> Iterator[Somebody]:
    with signed_in(browser, demonstration, COORDINATOR) as somebody:
        yield somebody
        assert somebody.complaints == []


def test_a_link_that_leads_nowhere_is_a_page_and_to_programs_a_problem(shared: Client) -> None:
    assert_page(shared.get("/nowhere", headers=BROWSER), 404, "Det finnes ikke noe her")
    for path, headers in (("/nowhere", {}), ("/api/nowhere", BROWSER), ("/static/no.css", BROWSER)):
        answer = shared.get(path, headers=headers)
        assert answer.status_code == 404, path
        assert answer.headers["content-type"] == "application/problem+json", path


def test_people_are_told_on_a_page_what_is_too_much_and_programs_by_a_problem(
    shared: Client,
) -> None:
    large = b"x=" + b"y" * 300_000
    answer = shared.post("/raise", content=large, headers=BROWSER)
    assert_page(answer, 413, "Dette er for mye på en gang")
    for headers in ({}, {"Accept": "application/json"}):
        assert_refused(shared.post("/raise", content=large, headers=headers), 413, "too-large")
    assert_refused(shared.post("/api/cases", content=large, headers=BROWSER), 413, "too-large")


def test_people_who_ask_too_often_are_told_on_a_page_when_to_go_on(baerum: OpenLedger) -> None:
    with Client(app_over(baerum, Bounds(address_requests=2))) as anonymous:
        asked = [
            anonymous.get("/cases", headers=BROWSER, follow_redirects=False) for _ in range(30)
        ]
    assert_page(asked[-1], 429, "Vent et øyeblikk")
    assert asked[-1].headers["Retry-After"] == "10"


def test_what_goes_wrong_without_a_name_is_a_page_that_tells_nothing_of_it(
    shared: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    class WordsOfSomebody(Exception):
        """Ola Nordmann bor i Storgata 1."""

    def fails(*_: object) -> None:
        raise WordsOfSomebody("Ola Nordmann")

    client = shared.as_(Role.COORDINATOR)
    monkeypatch.setattr(start, "shown", fails)
    answer = client.get("/", headers=BROWSER)
    assert_page(answer, 500, "Noe gikk galt")
    assert "Nordmann" not in answer.text
    assert_refused(client.get("/"), 500, "unavailable")


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

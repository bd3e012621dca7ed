"""Signing in in a real browser: Chromium, where it is installed."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from api import sessions
from tests.api.conftest import Stand
from tests.api.openid import Browser as Plain
from tests.browser import watched


@pytest.fixture
def visit(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """Of a browser that knows nobody: a page, and what goes wrong on it."""
    with watched(browser, "nb-NO") as both:
        yield both


@pytest.fixture
def page(visit: tuple[Page, list[str]]) -> Page:
    return visit[0]


@pytest.fixture
def complaints(visit: tuple[Page, list[str]]) -> list[str]:
    return visit[1]


def signs_in(page: Page, stand: Stand, with_: str, account: str, acr: str = "") -> None:
    page.goto(f"{stand.live.url}/")
    page.get_by_role("link", name=with_).click()
    page.get_by_label("Who").fill(account)
    page.get_by_label("Level").fill(acr)
    page.get_by_role("button", name="Sign in").click()


def secret(page: Page) -> str:
    held = {cookie["name"]: cookie for cookie in page.context.cookies()}
    cookie = held[sessions.COOKIE]
    assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (True, True, "Lax")
    return cookie["value"]


def test_somebody_signs_in_confirms_confidentiality_and_signs_out(
    page: Page, complaints: list[str], stand: Stand
) -> None:
    signs_in(page, stand, "Microsoft Entra ID", "kari")
    page.get_by_role("heading", name="Taushetsplikt").wait_for()
    assert "forvaltningsloven § 13" in page.locator("blockquote").inner_text()
    page.get_by_role("button", name="Jeg bekrefter").click()
    page.get_by_role("heading", name="Hei, Kari Nordmann").wait_for()
    kept = Plain(stand.live.url, {sessions.COOKIE: secret(page)})
    assert kept.ask("/api/me").status_code == 200
    page.get_by_role("button", name="Logg ut").click()
    page.get_by_role("heading", name="Logg inn").wait_for()
    assert sessions.COOKIE not in {cookie["name"] for cookie in page.context.cookies()}
    assert kept.ask("/api/me").status_code == 401
    assert complaints == []


def test_going_back_after_signing_out_shows_nothing(page: Page, stand: Stand) -> None:
    signs_in(page, stand, "Huset", "ola")
    page.get_by_role("button", name="Logg ut").click()
    page.get_by_role("heading", name="Logg inn").wait_for()
    page.go_back()
    page.reload()
    assert "Ola Nordmann" not in page.content()


def test_the_secret_changes_when_somebody_signs_in_anew(page: Page, stand: Stand) -> None:
    signs_in(page, stand, "Huset", "ola")
    page.get_by_role("button", name="Logg ut").wait_for()
    first = secret(page)
    page.goto(f"{stand.live.url}/sign-in")
    page.get_by_role("link", name="Huset").click()  # the provider still knows them
    page.get_by_role("button", name="Logg ut").wait_for()
    assert secret(page) != first


def test_a_callback_that_is_sent_twice_is_an_error_page(page: Page, stand: Stand) -> None:
    answered: list[str] = []
    page.on("request", lambda asked: answered.append(asked.url) if "/callback" in asked.url else 0)
    signs_in(page, stand, "Huset", "ola")
    page.get_by_role("button", name="Logg ut").wait_for()
    page.goto(answered[0])
    assert "Begynn på nytt" in page.get_by_role("alert").inner_text()
    page.get_by_role("link", name="Til innloggingen").click()
    page.get_by_role("heading", name="Logg inn").wait_for()


def test_a_level_that_is_too_low_is_told(page: Page, stand: Stand) -> None:
    signs_in(page, stand, "ID-porten", "police", "idporten-loa-low")
    assert "sikrere innlogging" in page.get_by_role("alert").inner_text()


def test_whoever_cancels_begins_anew(page: Page, stand: Stand) -> None:
    page.goto(f"{stand.live.url}/sign-in")
    page.get_by_role("link", name="Huset").click()
    page.get_by_role("button", name="Cancel").click()
    assert "avbrutt" in page.get_by_role("alert").inner_text()


def test_no_script_reads_the_cookies(page: Page, stand: Stand) -> None:
    signs_in(page, stand, "Huset", "ola")
    page.get_by_role("button", name="Logg ut").wait_for()
    assert "__Host-loft" not in page.evaluate("document.cookie")


def test_a_form_on_another_site_signs_nobody_out(page: Page, stand: Stand) -> None:
    signs_in(page, stand, "Huset", "ola")
    page.get_by_role("button", name="Logg ut").wait_for()
    kept = Plain(stand.live.url, {sessions.COOKIE: secret(page)})
    page.goto("about:blank")
    page.set_content(
        f'<form method="post" action="{stand.live.url}/sign-out"><button>Go</button></form>'
    )
    page.get_by_role("button", name="Go").click()
    page.wait_for_load_state()
    assert kept.ask("/").status_code == 200


def test_everything_is_reached_by_keyboard_and_said_to_a_screen_reader(
    page: Page, stand: Stand
) -> None:
    page.goto(f"{stand.live.url}/sign-in")
    assert page.locator("html").get_attribute("lang") == "nb"
    reached = []
    for _ in range(8):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent").strip())
    languages = ("Bokmål", "Nynorsk", "English")
    providers = ("Microsoft Entra ID", "ID-porten", "Huset")
    signs_in = [f"Logg inn med {name}" for name in providers]
    assert reached == ["Til innholdet", "Løft", *languages, *signs_in]
    assert page.locator("main h1").count() == 1

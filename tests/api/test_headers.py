"""What every answer tells a browser, and that pages work under it in a real one."""

import re

import pytest
from playwright.sync_api import Browser, expect

from api.headers import ALWAYS, OVER_HTTPS, POLICY
from api.printed import STYLE, printed
from domain.actor import Role
from tests.api.conftest import Live
from tests.browser import watched
from tests.conftest import Client

EVERYWHERE = (
    "/api/cases", "/api/openapi.json", "/api/docs", "/api/docs/own/docs.js", "/healthz", "/metrics",
    "/nowhere", "/api/cases?no=such", "/api/docs/assets/../../pyproject.toml",
)  # fmt: skip


@pytest.mark.parametrize("path", EVERYWHERE)
def test_every_answer_bears_the_headers(path: str, shared: Client) -> None:
    for headers in (shared.get(path).headers, shared.request("TRACE", path).headers):
        assert {name: headers[name] for name in ALWAYS} == ALWAYS
        assert "Strict-Transport-Security" not in headers


def test_what_breaks_bears_them_too(shared: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("api.auth.digest", breaks)
    broken = shared.get("/api/cases", headers={"Authorization": "Bearer loft_x"})
    assert broken.status_code == 500
    assert broken.headers["Content-Security-Policy"] == POLICY


def test_nothing_of_a_case_is_kept_by_a_browser_or_a_proxy(shared: Client) -> None:
    board = shared.as_(Role.BOARD)
    for path in ("/api/cases", "/api/organs", "/api/audit/decisions", "/api/openapi.json"):
        assert board.get(path).headers["Cache-Control"] == "no-store"
    assert "Cache-Control" not in shared.get("/api/docs/own/docs.js").headers


def test_only_https_is_promised_once_it_is_there(shared: Client) -> None:
    secure = shared.get("https://testserver/healthz")
    assert secure.headers["Strict-Transport-Security"] == OVER_HTTPS


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere() -> None:
    assert "unsafe" not in POLICY
    assert "http" not in POLICY
    assert "*" not in POLICY
    for directive in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"):
        assert directive in POLICY


def test_no_page_holds_a_script_or_a_style_of_its_own(shared: Client) -> None:
    page = shared.get("/api/docs").text
    assert not re.search(r"<script>|<style|\sstyle=|\son\w+=|javascript:", page)


def test_the_documentation_shows_itself_in_a_browser(live: Live, browser: Browser) -> None:
    with watched(browser) as (page, complaints):
        page.goto(f"{live.url}/api/docs")
        expect(page.locator("#page h1, #page h2").first).to_contain_text("Løft")
        page.get_by_role("link", name="reports", exact=True).first.click()
        page.get_by_text("/api/reports/overview", exact=True).first.click()
        expect(page.get_by_text("Try it out").first).to_be_visible()
        assert complaints == []


@pytest.mark.parametrize(("kind", "inline"), [("style", "body {}"), ("script", "window.ran = 1")])
def test_a_browser_stops_what_stands_inline(
    kind: str, inline: str, live: Live, browser: Browser
) -> None:
    """The other way round: the policy is in force, and complaints are heard."""
    add = "([kind, inline]) => document.head.append(Object.assign(document.createElement(kind), "
    with watched(browser) as (page, complaints):
        page.goto(f"{live.url}/api/docs")
        with page.expect_console_message(lambda said: said.text.startswith(f"{kind}-src")):
            page.evaluate(add + "{textContent: inline}))", [kind, inline])
        assert complaints
        assert page.evaluate("window.ran") is None


def test_a_printed_page_keeps_its_style_in_a_browser(live: Live, browser: Browser) -> None:
    with watched(browser) as (page, complaints):
        page.route("**/printed", lambda route: route.fulfill(
            body=printed("Sjekkpunkt 1", "<h1>Sjekkpunkt</h1>"), content_type="text/html",
            headers=ALWAYS,
        ))  # fmt: skip
        page.goto(f"{live.url}/printed")
        assert page.evaluate("getComputedStyle(document.body).fontFamily") == "sans-serif"
        assert complaints == []
    assert "sans-serif" in STYLE

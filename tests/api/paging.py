"""Pages in a real browser: somebody of the demonstration at work, and what each step costs them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import httpx
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import Browser, Error, Locator, Page

from api import kept_tokens
from domain.actor import Role
from tests.api.conftest import Live, until
from tests.browser import watched
from tests.conftest import Client

COORDINATOR, MEMBER, BOARD, AUDITOR, ADMIN = (f"p-demo0000000{n}" for n in range(1, 6))


class Somebody:
    """Somebody at a browser. `steps`: clicks, keys pressed, fields filled in and choices made, each
    one, since they last came to the start page."""

    def __init__(self, page: Page, live: Live, complaints: list[str]) -> None:
        self.page = page
        self.live = live
        self.complaints = complaints
        self.steps = 0

    def sees(self) -> str:
        """The address, what the browser complained of, and all that can be read."""
        try:
            words = self.page.inner_text("body", timeout=5_000)
        except Error as error:
            words = f"Nothing can be read: {error}"
        return "\n".join([self.page.url, *self.complaints, words])

    def starts(self) -> "Somebody":
        self.page.goto(f"{self.live.url}/")
        self.steps = 0
        return self

    def goes(self, path: str) -> "Somebody":
        self.page.goto(f"{self.live.url}{path}")
        return self

    def clicks(self, what: Locator) -> "Somebody":
        what.click()
        self.steps += 1
        return self

    def presses(self, key: str) -> "Somebody":
        self.page.keyboard.press(key)
        self.steps += 1
        return self

    def fills(self, where: Locator, words: str) -> "Somebody":
        where.fill(words)
        self.steps += 1
        return self

    def chooses(self, where: Locator, value: str) -> "Somebody":
        where.select_option(value)
        self.steps += 1
        return self

    @property
    def number(self) -> str:
        """Of the case on the page."""
        return self.page.locator("h1 .number").inner_text()


def through_the_socket(live: Live, path: str, body: dict[str, Any]) -> httpx.Response:
    """What a coordinator is answered who does something that waits for the views: in the thread of
    the server alone can it wait."""
    token = kept_tokens.create_token(live.ledger.database, "through", Role.COORDINATOR)
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.post(f"{live.url}{path}", json=body, headers=headers, timeout=60)


def past_the_socket(live: Live, role: Role, organ: str | None = None) -> Client:
    """A client of a server that listens, beside its browsers."""
    client = Client(live.app)
    client.ledger, client.portal = live.ledger, None
    return client.as_(role, organ)


def caught_up(live: Live | Client) -> None:
    """The views hold all that was recorded. A client past the socket cannot wait as a request does:
    the server's event loop is in another thread."""
    state = cast("FastAPI", live.app).state
    until(lambda: state.progress.position >= live.ledger.engine.ledger.size())


@contextmanager
def signed_in(
    browser: Browser, live: Live, who: str, locale: str = "nb-NO", *, scripts: bool = True
) -> Iterator[Somebody]:
    with watched(browser, locale, scripts=scripts) as (page, complaints):
        page.goto(f"{live.url}/")
        page.locator(f"button[value='{who}']").click()
        page.wait_for_load_state()
        if "/confidentiality" in page.url:
            page.locator("form[action='/confidentiality'] button").click()
        page.locator("main h1").wait_for()
        yield Somebody(page, live, complaints)


def barriers(page: Page) -> list[str]:
    """What axe finds that keeps somebody out (WCAG 2.1 A and AA), each with where."""
    asked = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
    found = Axe().run(page, options=asked).response["violations"]
    return [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]

"""What holds of every page whose address is known: it is small on the way, holds still as it loads,
and is no wider than a phone."""

from functools import partial
from typing import Any

from playwright.sync_api import Browser

from api.app import ROUTERS
from api.page import Page
from domain.actor import Role
from tests.api.conftest import Live
from tests.api.paging import ADMIN, COORDINATOR, signed_in
from tests.api.story import Story
from tests.conftest import Client

APART = {"/live", "/decisions/pdf", "/proof/verifier", "/sign-in"}
"""No pages: a stream, files, and the way in."""
LARGEST = 150_000
"""Bytes over the wire, with all that the page needs."""
SHIFTS = (
    "window.shifts = 0; new PerformanceObserver(list => { for (const one of list.getEntries())"
    " window.shifts += one.value; }).observe({type: 'layout-shift', buffered: true});"
)


def addresses() -> list[str]:
    return sorted(
        route.path
        for door in ROUTERS
        for route in door.router.routes
        if isinstance(route, Page) and "GET" in route.methods and "{" not in route.path
        and route.path not in APART
    )  # fmt: skip


def _weigh(sizes: list[float], told: dict[str, Any]) -> None:
    sizes.append(told["encodedDataLength"])


def test_every_page_is_small_holds_still_and_fits_a_phone(
    browser: Browser, demonstration: Live
) -> None:
    client = Client(demonstration.app)
    client.ledger, client.portal = demonstration.ledger, None
    story = Story(client.as_(Role.COORDINATOR), "discussions", "escalations")
    paths = [*addresses(), f"/cases/{story.number}", f"/cases/{story.number}?do=notes"]
    assert len(paths) > 25
    for who in (COORDINATOR, ADMIN):
        with signed_in(browser, demonstration, who) as somebody:
            page = somebody.page
            session = page.context.new_cdp_session(page)
            session.send("Network.enable")
            session.send("Network.setCacheDisabled", {"cacheDisabled": True})
            sizes = list[float]()
            session.on("Network.loadingFinished", partial(_weigh, sizes))
            page.add_init_script(SHIFTS)
            page.set_viewport_size({"width": 320, "height": 640})
            for path in paths:
                sizes.clear()
                somebody.goes(path)
                assert sum(sizes) <= LARGEST, (path, sum(sizes))
                assert page.evaluate("window.shifts") <= 0.1, path
                assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
            somebody.complaints.clear()  # of pages that are not for them

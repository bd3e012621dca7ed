"""A real browser for tests: Debian's Chromium, driven by Playwright."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
ABORTED = "net::ERR_ABORTED"
"""What the browser itself has broken off, since it went on to another page."""
PATIENCE = 90_000
"""Milliseconds for what a page does: that a machine is busy is no failure."""
expect.set_options(timeout=PATIENCE)
MISSING = f"There is no browser at {CHROMIUM}: apt-get install chromium"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Without one, the test is skipped with a sentence that says what is missing. For a module, and
    not for the run: until it is closed, nothing in this thread can use `asyncio.run`."""
    if not CHROMIUM.exists():
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield started
        with suppress(Error):
            started.close()


@contextmanager
def watched(
    browser: Browser, locale: str | None = None, *, scripts: bool = True
) -> Iterator[tuple[Page, list[str]]]:
    """A page with nothing remembered, and what it complains of: violations of the
    Content-Security-Policy, errors of scripts, files that did not come."""
    context = browser.new_context(locale=locale, java_script_enabled=scripts)
    context.set_default_timeout(PATIENCE)
    page, complaints = context.new_page(), list[str]()
    page.on("console", lambda said: said.type == "error" and complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(request.url)
            if request.failure != ABORTED else None)  # fmt: skip
    page.add_init_script(
        "addEventListener('securitypolicyviolation', "
        "e => console.error(e.violatedDirective + ' ' + e.blockedURI))"
    )
    try:
        yield page, complaints
    finally:
        context.close()

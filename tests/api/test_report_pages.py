"""The reports as pages: what the API says, for everybody who may, and nobody is kept out."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from playwright.sync_api import Browser

from api.pages import panels
from domain.actor import Role
from tests.api.conftest import Live
from tests.api.paging import BOARD, Somebody, barriers, signed_in
from tests.api.story import TEAM, Story, read
from tests.conftest import Client

PAGES = ("/reports", "/reports/flow", "/reports/channels", "/reports/measures")


@pytest.fixture
def board(browser: Browser, demonstration: Live) -> Iterator[Somebody]:
    with signed_in(browser, demonstration, BOARD) as somebody:
        yield somebody
        assert somebody.complaints == []


def test_the_table_says_what_the_api_says(board: Somebody) -> None:
    page = board.starts().page
    page.get_by_role("link", name="Rapporter", exact=True).click()
    page.wait_for_url("**/reports")
    rows = page.locator("figure", has_text="Saker etter status").locator("tbody tr")
    assert sum(int(cell) for cell in rows.locator("td").all_inner_texts()) == 38
    page.get_by_label("Meldt inn av").select_option(TEAM)
    page.get_by_role("button", name="Vis").click()
    page.wait_for_url(f"**organ={TEAM}**")
    page.get_by_role("link", name="Flyt", exact=True).click()
    page.wait_for_url(f"**/reports/flow?organ={TEAM}")
    assert page.get_by_label("Meldt inn av").input_value() == TEAM


def test_every_number_leads_to_what_it_counts(board: Somebody) -> None:
    for path in PAGES:
        page = board.goes(path).page
        links = page.locator("td a[href*=entries]")
        for n in range(links.count()):
            number, address = links.nth(n).inner_text(), links.nth(n).get_attribute("href")
            answer = page.request.get(f"{board.live.url}{address}")
            assert answer.status == 200, address
            if "missed/" in address:
                assert "hvor ofte organet skal møtes" in answer.text(), address
            elif "/flow/" not in address:
                assert f"{number} innførs" in answer.text(), address
    board.goes("/reports").page.locator("td a[href*=entries]", has_text="38").first.click()
    board.page.get_by_text("38 innførsler telles.").wait_for()
    assert barriers(board.page) == []
    board.page.locator("ol.lines a").first.click()
    board.page.locator(".timeline").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_kept_out_and_nothing_is_cut_off(scheme: str, board: Somebody) -> None:
    board.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for path in PAGES:
        board.page.set_viewport_size({"width": 320, "height": 800})
        board.goes(path)
        assert barriers(board.page) == [], path
        width = "document.documentElement.scrollWidth"
        assert board.page.evaluate(width) <= 320, path


def test_what_is_counted_is_for_whoever_reads_all_cases(shared: Client) -> None:
    path = "/reports/overview/entries?explain=total"
    assert shared.as_(Role.REPORTER).get(path).status_code == 403
    for odd in ("explain=nothing", "explain=total&from=x", "explain=total&after=x"):
        page = shared.as_(Role.AUDITOR).get(f"/reports/overview/entries?{odd}")
        assert page.status_code == 422, odd
    nothing = shared.as_(Role.AUDITOR).get("/reports/nothing/entries?explain=total")
    assert nothing.status_code == 400


@pytest.mark.parametrize("path", PAGES)
def test_they_are_for_whoever_reads_reports(path: str, shared: Client) -> None:
    assert shared.get(path, follow_redirects=False).status_code == 303
    assert shared.as_(Role.ADMIN).get(path).status_code == 403
    for role in (Role.REPORTER, Role.COORDINATOR, Role.AUDITOR):
        assert shared.as_(role).get(path).status_code == 200, role


@pytest.mark.parametrize(
    ("query", "status"),
    [("from=yesterday", 422), ("organ=nobody", 422), ("from=2026-02-01&to=2026-01-01", 422),
     ("as_of=999999", 422), ("from=&to=&organ=&focus_area=", 200)],
)  # fmt: skip
def test_a_filter_that_is_none_is_told(query: str, status: int, shared: Client) -> None:
    answer = shared.as_(Role.BOARD).get(f"/reports?{query}")
    assert answer.status_code == status
    assert ('role="alert"' in answer.text) == (status == 422)


def test_numbers_alone_say_so_and_true_ones_too(shared: Client) -> None:
    reporter = shared.as_(Role.REPORTER).get("/reports", headers={"Accept-Language": "en"}).text
    assert "Numbers that were released" in reporter
    board = shared.as_(Role.BOARD)
    assert "True numbers" in board.get("/reports", headers={"Accept-Language": "en"}).text
    assert read(board, "/api/reports/overview")["true_numbers"] is True


def test_a_long_table_is_read_part_by_part(
    shared: Client, caseworker: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for step in ("discussions", "pause"):
        Story(caseworker).does(step).now()
    board, path = shared.as_(Role.BOARD), "/reports"
    whole = tables(board.get(path).text)
    assert max(map(len, whole)) > 1
    monkeypatch.setattr(panels, "LINES", 1)
    page = board.get(path).text
    assert tables(page) == [lines[:1] for lines in whole]
    for address, found in zip(onward(page), [one for one in whole if len(one) > 1], strict=True):
        assert [*found[:1], *following(board, path, address)] == found
    assert board.get(f"{path}?table=none").status_code == 422


def following(client: Client, path: str, address: str) -> Iterator[str]:
    """The lines from that address on, page after page."""
    page = client.get(path + address).text
    (lines,) = tables(page)
    yield from lines
    for onwards in onward(page):
        yield from following(client, path, onwards)


def tables(page: str) -> list[list[str]]:
    """The lines of each."""
    return [re.findall(r'<th scope="row">(.*?)</tr>', part) for part in page.split("<tbody>")[1:]]


def onward(page: str) -> list[str]:
    """Where the next lines of a table are."""
    return [unescape(one) for one in re.findall(r'href="([^"]*)" rel="next"', page)]


def test_of_many_months_the_newest_stand_first(caseworker: Client, shared: Client) -> None:
    for year in (2019, 2021, 2020):
        Story(caseworker, occurred_at=f"{year}-05-05T10:00:00+02:00").now()
    page = shared.as_(Role.BOARD).get("/reports", headers={"Accept-Language": "en"}).text
    months = page[page.index('id="panel-month"') : page.index('id="panel-closed_month"')]
    years = [int(year) for year in re.findall(r'<th scope="row">[^<]*?(\d{4})', months)]
    assert {2019, 2020, 2021} <= set(years)
    assert years == sorted(years, reverse=True)

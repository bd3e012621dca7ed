"""The year's report in a browser: written in place, frozen, and read by whom it is for."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from api.pages import annual
from domain.actor import Role
from tests.api.annual import Year
from tests.api.conftest import Live, until
from tests.api.paging import BOARD, COORDINATOR, MEMBER, Somebody, barriers, signed_in
from tests.api.story import TEAM, Story
from tests.conftest import Client


@pytest.fixture
def caseworker(demonstration: Live) -> Client:
    """A coordinator, past the socket."""
    client = Client(demonstration.app)
    client.ledger, client.portal = demonstration.ledger, None
    return client.as_(Role.COORDINATOR)


@pytest.fixture
def coordinator(browser: Browser, demonstration: Live) -> Iterator[Somebody]:
    with signed_in(browser, demonstration, COORDINATOR) as somebody:
        yield somebody
        assert somebody.complaints == []


def introduces(who: Somebody, section: str, words: str) -> None:
    place = who.page.locator(f"#do-{section}")
    place.locator("summary").click()
    place.get_by_label("Innledning").fill(words)
    place.get_by_role("button", name="Lagre").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_report_is_introduced_said_something_to_and_frozen(
    browser: Browser, demonstration: Live, caseworker: Client, scripts: bool
) -> None:
    year = 2015 if scripts else 2014
    with signed_in(browser, demonstration, COORDINATOR, scripts=scripts) as who:
        page = who.starts().page
        page.get_by_role("link", name="Rapporter", exact=True).click()
        page.get_by_role("link", name="Årsrapporter").click()
        page.get_by_role("link", name=f"Årsrapport for SLT-arbeidet i {year}").click()
        assert "Utkast" in page.locator("main").inner_text()
        introduces(who, "in-the-teams", "Teamene møttes for første gang.")
        page.locator("section", has_text="Teamene møttes for første gang.").first.wait_for()
        introduces(who, "in-the-teams", "Teamene kom i gang.")
        page.get_by_text("Teamene kom i gang.").first.wait_for()
        page.locator("#do-round summary").click()
        page.get_by_label("På vegne av").select_option(label="PPT")
        page.get_by_label("Hva som bør endres").fill("Flere saker ned.")
        page.get_by_role("button", name="Send innspillet").click()
        page.get_by_text("Takk. Innspillet er tatt vare på.").wait_for()
        page.get_by_text("Hva som bør endres: Flere saker ned.").wait_for()
        page.locator("#do-freezing summary").click()
        page.get_by_role("button", name="Gjør den endelig").click()
        page.get_by_role("heading", name="Sjekkpunkt for journalen").wait_for()
        assert page.locator("main form").count() == 0
        assert who.complaints == []
    told = Year(caseworker, year).asks().json()
    assert [one["text"] for one in told["sections"]] == ["Teamene kom i gang."]
    assert (told["state"], told["feedback"][0]["name"]) == ("frozen", "PPT")


def test_a_member_gives_feedback_on_a_draft_that_they_do_not_see(
    browser: Browser, demonstration: Live, caseworker: Client
) -> None:
    with signed_in(browser, demonstration, MEMBER) as who:
        page = who.goes("/reports/annual/2018").page
        assert "fremdeles et utkast" in page.locator("main").inner_text()
        button = page.get_by_role("button", name="Send innspillet")
        button.click()
        assert "Her står det ingenting" in page.get_by_role("alert").inner_text()
        page.get_by_label("Hva som virker").fill("Vi møtes.")
        button.click()
        page.get_by_text("Takk. Innspillet er tatt vare på.").wait_for()
        assert "Vi møtes." not in page.content()
        who.complaints.clear()  # a browser says of a page that a form was refused
    (said,) = Year(caseworker, 2018).asks().json()["feedback"]
    assert (said["service"], said["what_works"]) == (TEAM, "Vi møtes.")


def test_what_points_at_somebody_is_asked_about_where_it_was_typed(coordinator: Somebody) -> None:
    page = coordinator.goes("/reports/annual/2019").page
    introduces(coordinator, "foreword", "Ring mor til gutten på 99 11 22 33.")
    form = page.locator("#do-foreword")
    assert form.get_by_label("Innledning").input_value().startswith("Ring mor")
    assert "99 11 22 33" in form.get_by_role("alert").locator("mark").all_inner_texts()
    coordinator.complaints.clear()  # a browser says of a page that a form was refused


def test_the_files_are_handed_out_to_whoever_is_signed_in(coordinator: Somebody) -> None:
    page = coordinator.goes("/reports/annual/2016").page
    for name, kind in {"til utskrift": "text/html", "DOCX": "wordprocessingml",
                       "PDF/A": "application/pdf"}.items():  # fmt: skip
        address = page.get_by_role("link", name=name).get_attribute("href")
        answer = page.request.get(f"{coordinator.live.url}{address}")
        assert answer.status == 200
        assert kind in answer.headers["content-type"]


def test_a_report_is_read_in_ones_own_language(browser: Browser, demonstration: Live) -> None:
    for locale, heading in {"nn-NO": "Saker i koordineringsgruppa",
                            "en-GB": "Matters in the coordination group"}.items():  # fmt: skip
        with signed_in(browser, demonstration, BOARD, locale) as who:
            page = who.goes("/reports/annual/2016").page
            page.get_by_role("heading", name=heading).wait_for()
            assert page.locator("main form").count() == 0, "a board writes nothing"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_kept_out_and_nothing_is_cut_off(
    scheme: str, coordinator: Somebody, caseworker: Client
) -> None:
    Story(caseworker, title="x" * 100, occurred_at="2016-12-30T10:00:00+01:00")
    page = coordinator.page
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for path in ("/reports/annual", "/reports/annual/2016"):
        page.set_viewport_size({"width": 320, "height": 800})
        coordinator.goes(path)
        for summary in page.locator("main summary").all():
            summary.click()
        assert barriers(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_on_paper_there_is_the_report_and_nothing_else(coordinator: Somebody) -> None:
    page = coordinator.goes("/reports/annual/2016").page
    page.emulate_media(media="print")
    assert page.locator("main form:visible, main summary:visible, .side a:visible").count() == 0
    assert page.get_by_text("Salg av e-sigaretter").is_visible()


@pytest.mark.parametrize("state", ["draft", "frozen"])
def test_of_a_long_list_a_first_part_is_shown_and_counted_and_the_rest_led_to(
    state: str, caseworker: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(annual, "LISTED", 2)
    occurred = f"{2017 if state == 'draft' else 2013}-03-01T10:00:00+01:00"
    titles = [f"{state} {nth}" for nth in ("første", "andre", "tredje", "fjerde")]
    for title in titles:
        Story(caseworker, title=title, occurred_at=occurred)
    year = Year(caseworker, int(occurred[:4]))
    if state == "frozen":
        year.does("freezing")
    path = year.path.removeprefix("/api")
    until(lambda: titles[0] in caseworker.get(path, headers=year.headers).text)
    shown = caseworker.get(path).text
    assert [title in shown for title in titles] == [True, True, False, False]
    assert "og 2 til" in shown
    (whole,) = re.findall(r'href="([^"]+)">Alle sammen, på en side til utskrift', shown)
    assert all(title in caseworker.get(whole).text for title in titles)


def test_strangers_are_sent_to_sign_in_and_others_are_refused(shared: Client) -> None:
    for path in ("/reports/annual", "/reports/annual/2016"):
        answer = shared.get(path, follow_redirects=False)
        assert answer.headers["location"].startswith("/sign-in?")
        assert shared.as_(Role.REPORTER).get(path).status_code == 403
        assert shared.as_(Role.BOARD).get(path).status_code == 200
    assert shared.as_(Role.BOARD).get("/reports/annual/2012").status_code == 404
    assert shared.as_(Role.BOARD).get("/reports/annual/2199").status_code == 422

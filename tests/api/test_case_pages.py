"""The pages of cases in a real browser: what people come for, and how many steps it takes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.sync_api import Browser, expect

from api.page import AGAIN
from api.pages import desks
from api.pages.shell import SEEN
from domain.actor import Role
from tests.api.conftest import Live
from tests.api.paging import (
    ADMIN,
    AUDITOR,
    BOARD,
    COORDINATOR,
    MEMBER,
    Somebody,
    barriers,
    caught_up,
    past_the_socket,
    signed_in,
)
from tests.api.story import Story
from tests.conftest import Client


@pytest.fixture
def member(browser: Browser, demonstration: Live) -> Iterator[Somebody]:
    with signed_in(browser, demonstration, MEMBER) as somebody:
        yield somebody
        assert somebody.complaints == []


@pytest.fixture
def coordinator(browser: Browser, demonstration: Live) -> Iterator[Somebody]:
    with signed_in(browser, demonstration, COORDINATOR) as somebody:
        yield somebody
        assert somebody.complaints == []


def raises(who: Somebody, title: str) -> str:
    """A matter, from the start page; gives its number."""
    who.starts().clicks(who.page.get_by_role("link", name="Meld inn en sak"))
    who.fills(who.page.get_by_label("Hva det gjelder"), title)
    if who.page.locator("select[name=raised_by]").input_value() == "":
        who.chooses(who.page.locator("select[name=raised_by]"), "vestre-13-16")
    who.clicks(who.page.locator("form.form button"))
    who.page.locator(".timeline").wait_for()
    return who.number


def discusses(who: Somebody, conclusion: str) -> None:
    """On the page of a case, where the form is open."""
    form = who.page.locator("#do-discussions")
    who.fills(form.locator("[name=summary]"), "Flere skoler ser det samme.")
    who.chooses(form.locator("[name=conclusion]"), conclusion)
    who.clicks(form.locator("button"))
    who.page.get_by_role("heading", name="Sak drøftet").wait_for()


def test_a_member_raises_a_matter_in_a_few_steps_and_reads_what_became_of_it(
    member: Somebody,
) -> None:
    number = raises(member, "Fest i skogen hver fredag")
    assert member.steps <= 12
    assert member.page.get_by_role("heading", name="Sak meldt inn").is_visible()
    member.starts()
    assert member.page.get_by_role("link", name=number).is_visible()


def test_a_coordinator_logs_a_discussion_with_a_lift_in_ten_steps(
    coordinator: Somebody,
) -> None:
    who = coordinator.starts()
    raised = who.page.locator("section", has_text="Meldt inn, og ikke drøftet ennå").last
    who.clicks(raised.get_by_role("link", name="Loggfør drøfting").first)
    discusses(who, "ask_to_lift")
    who.clicks(who.page.locator("#do-escalations > summary"))
    form = who.page.locator("#do-escalations")
    who.chooses(form.locator("[name=to]"), "koordineringsgruppen")
    who.chooses(form.locator("[name=why]"), "cannot")
    who.fills(form.locator("[name=reason]"), "Teamet har ikke midler.")
    who.fills(form.locator("[name=tried]"), "Foreldremøter.")
    who.clicks(form.locator("button"))
    who.page.get_by_role("heading", name="Sak løftet").wait_for()
    assert who.steps <= 10
    assert "SLT koordineringsgruppen" in who.page.locator(".facts h2").inner_text()
    road = who.page.locator(".road li").all_inner_texts()
    assert len(road) == 2
    assert who.page.locator(".road li[aria-current]").count() == 1


def test_a_refusal_stands_beside_the_form_which_keeps_what_was_typed(coordinator: Somebody) -> None:
    raises(coordinator, "Støy ved torget")
    who = coordinator
    who.clicks(who.page.locator("#do-escalations > summary"))
    form = who.page.locator("#do-escalations")
    who.chooses(form.locator("[name=to]"), "koordineringsgruppen")
    who.chooses(form.locator("[name=why]"), "cannot")
    who.fills(form.locator("[name=reason]"), "Vi rår ikke over det.")
    who.fills(form.locator("[name=tried]"), "Samtaler.")
    who.clicks(form.locator("button"))
    who.page.get_by_role("alert").wait_for()
    assert "drøftet" in who.page.get_by_role("alert").inner_text()
    assert form.locator("[name=reason]").input_value() == "Vi rår ikke over det."
    who.complaints.clear()  # a browser says of a refused form that it was refused


def test_whoever_was_signed_out_goes_on_typing_and_loses_nothing(coordinator: Somebody) -> None:
    raises(coordinator, "Lyset i gangen")
    page = coordinator.page
    page.locator("#do-notes > summary").click()
    window = page.context.new_page()
    window.goto(f"{coordinator.live.url}/")
    window.locator("form[action='/sign-out'] button").click()
    window.locator("h1").wait_for()
    typed = page.locator("#do-notes [name=text]")
    with page.expect_response("**/gate"):
        typed.fill("Det er mørkt der.")
    page.wait_for_load_state("networkidle")
    assert typed.input_value() == "Det er mørkt der."
    assert page.locator(".gate").count() == 0
    page.locator("#do-notes button").click()
    page.get_by_text("Du ble logget ut før dette ble sendt").wait_for()
    assert page.locator("blockquote").inner_text() == "Det er mørkt der."
    assert barriers(page) == []
    window.goto(f"{coordinator.live.url}/")
    window.locator(f"button[value='{COORDINATOR}']").click()
    window.locator(".who").first.wait_for()
    page.get_by_role("button", name="Send det nå").click()
    page.get_by_text("Du har logget inn på nytt").wait_for()
    page.get_by_role("button", name="Send det nå").click()
    page.get_by_role("heading", name="Oppfølging notert").wait_for()
    assert page.locator("dd", has_text="Det er mørkt der.").is_visible()
    coordinator.complaints.clear()  # a browser says of a page that a form was refused


def test_a_form_from_elsewhere_is_not_shown_as_if_somebody_had_typed_it(
    caseworker: Client,
) -> None:
    number = Story(caseworker).number
    for site in ("cross-site", "same-site", None):
        headers = {"Authorization": ""} | ({"Sec-Fetch-Site": site} if site else {})
        there = f"/cases/{number}/notes"
        answer = caseworker.post(
            there, data={"text": "Send penger"}, headers=headers, follow_redirects=False
        )
        assert answer.status_code == 303
        assert "Send penger" not in answer.text


def test_a_case_is_shown_as_it_was_known_at_an_entry(coordinator: Somebody) -> None:
    number = raises(coordinator, "Skoleveien er mørk")
    who = coordinator.goes(f"/cases/{number}?do=discussions")
    discusses(who, "continue")
    first = who.page.locator(".entry .position a").first
    who.clicks(first)
    who.page.get_by_text("Dette er det som var kjent").wait_for()
    assert who.page.locator(".entry").count() == 1
    assert who.page.locator(".actions").count() == 0
    who.clicks(who.page.get_by_role("link", name="Tilbake til nå"))
    assert who.page.locator(".entry").count() == 2
    slider = who.page.locator("#as-of")
    slider.focus()
    assert "Sak drøftet" in (slider.get_attribute("aria-valuetext") or "")
    who.presses("ArrowLeft")
    who.page.get_by_text("Dette er det som var kjent").wait_for()
    expect(slider).to_be_focused()
    assert "Sak meldt inn" in (slider.get_attribute("aria-valuetext") or "")


def test_what_was_true_is_not_what_was_known(coordinator: Somebody, demonstration: Live) -> None:
    """A lift of the day before yesterday that is logged after a note of yesterday: then it was true
    and not known."""
    today = datetime.now(UTC)
    ago = [{"occurred_at": (today - timedelta(days=n)).isoformat()} for n in range(4)]
    story = Story(past_the_socket(demonstration, Role.COORDINATOR), **ago[3])
    story.does("notes", **ago[1]).does("escalations", urgent=True, **ago[2])
    caught_up(demonstration)
    page = coordinator.goes(f"/cases/{story.number}").page
    stops = page.locator(".slider option").all()
    raised, noted, lifted = [one.get_attribute("value") for one in stops]
    assert "Oppfølging notert" in stops[1].inner_text()
    coordinator.goes(f"/cases/{story.number}?as_of={noted}")
    assert page.locator(".entry h2").all_inner_texts() == ["Sak meldt inn", "Oppfølging notert"]
    assert "Ungdomsteam vestre" in page.locator(".facts h2").inner_text()
    page.get_by_label("sant da").check()
    slider = page.locator("#as-of")
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url(f"**/cases/{story.number}")  # the last one is now
    coordinator.goes(f"/cases/{story.number}/then?at={lifted}&how=true")
    assert page.locator(".entry h2").count() == 2
    assert "SLT koordineringsgruppen" in page.locator(".facts h2").inner_text()
    assert page.get_by_text("Dette er det som var sant").is_visible()
    assert page.get_by_label("sant da").is_checked()
    assert page.locator(".actions, .entry details").count() == 0
    assert barriers(page) == []
    slider.focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(f"**/cases/{story.number}?true_at={noted}")
    assert page.locator(".entry h2").count() == 3
    coordinator.goes(f"/cases/{story.number}?true_at={raised}")
    assert page.locator(".entry h2").count() == 1


@pytest.mark.parametrize("at", ["1", "soon", "99999999"])
def test_an_entry_that_is_not_the_case_s_is_not_found(at: str, caseworker: Client) -> None:
    number = Story(caseworker, "notes").number
    page = caseworker.get(f"/cases/{number}?true_at={at}")
    assert page.status_code == 404
    onward = caseworker.get(f"/cases/{number}/then?how=true&at=soon", follow_redirects=False)
    assert onward.headers["location"] == f"/cases/{number}"


def test_two_people_on_one_case_see_each_other_and_lose_nothing(
    coordinator: Somebody, browser: Browser, demonstration: Live
) -> None:
    number = raises(coordinator, "To om én sak")
    first = coordinator
    first.clicks(first.page.locator("#do-notes > summary"))
    typed = first.page.locator("#do-notes [name=text]")
    first.fills(typed, "Halvveis i en setning")
    typed.focus()
    with signed_in(browser, demonstration, COORDINATOR) as second:
        second.goes(f"/cases/{number}?do=discussions")
        discusses(second, "continue")
    first.page.locator("#live").wait_for()
    assert first.page.get_by_role("heading", name="Sak drøftet").is_visible()
    assert typed.input_value() == "Halvveis i en setning"
    first.clicks(first.page.locator("#do-notes button"))
    alert = first.page.locator("#do-notes").get_by_role("alert")
    alert.wait_for()
    assert typed.input_value() == "Halvveis i en setning"
    first.page.locator("h1").click()
    with signed_in(browser, demonstration, COORDINATOR) as second:
        form = second.goes(f"/cases/{number}").page.locator("#do-notes")
        second.clicks(form.locator("summary"))
        second.fills(form.locator("[name=text]"), "En annen har skrevet noe.")
        second.clicks(form.locator("button"))
        second.page.get_by_role("heading", name="Oppfølging notert").wait_for()
    first.page.locator("#live").get_by_role("link").click()
    first.page.locator(".entry").nth(2).wait_for()
    assert typed.input_value() == "Halvveis i en setning"
    first.clicks(first.page.locator("#do-notes button"))
    first.page.locator("dd", has_text="Halvveis i en setning").wait_for()
    first.complaints.clear()


def test_a_form_that_is_sent_twice_counts_once(coordinator: Somebody) -> None:
    number = raises(coordinator, "Sendt to ganger")
    page = coordinator.page
    form = page.locator("#do-notes form")
    sent = form.evaluate(
        "form => { form.elements.text.value = 'Én gang';"
        " return new URLSearchParams(new FormData(form)).toString(); }"
    )
    post = (
        "body => fetch(location.pathname + '/notes', {method: 'POST', redirect: 'manual', body,"
        " headers: {'Content-Type': 'application/x-www-form-urlencoded'}}).then(a => a.type)"
    )
    assert [page.evaluate(post, sent) for _ in range(2)] == ["opaqueredirect"] * 2
    coordinator.goes(f"/cases/{number}")
    assert page.get_by_role("heading", name="Oppfølging notert").count() == 1


def test_everything_works_without_scripts(browser: Browser, demonstration: Live) -> None:
    with signed_in(browser, demonstration, COORDINATOR, scripts=False) as who:
        number = raises(who, "Uten skript")
        who.goes(f"/cases/{number}?do=discussions")
        discusses(who, "continue")
        who.goes("/cases?q=skript")
        assert who.page.get_by_role("link", name="Uten skript").count() == 1


@pytest.mark.parametrize(
    ("locale", "heading"), [("nb-NO", "Saker"), ("nn-NO", "Saker"), ("en-GB", "Cases")]
)
def test_pages_speak_the_language_of_the_browser(
    locale: str, heading: str, browser: Browser, demonstration: Live
) -> None:
    with signed_in(browser, demonstration, COORDINATOR, locale) as who:
        who.goes("/cases")
        assert who.page.locator("h1").inner_text() == heading
        assert who.page.locator("html").get_attribute("lang") == locale[:2]
        who.page.get_by_role("button", name="English").click()
        assert who.page.locator("h1").inner_text() == "Cases"


PAGES = ("/", "/cases", "/cases?view=lanes", "/cases?q=finnesikke", "/cases?status=tull", "/raise",
         "/cases/2026-0003?do=escalations", "/me", "/help")  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_kept_out(scheme: str, coordinator: Somebody) -> None:
    """WCAG 2.1 AA by axe, and no scrolling sideways on a narrow screen or at 400 %."""
    page = coordinator.page
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for path in PAGES:
        coordinator.goes(path)
        assert barriers(page) == [], path
    page.set_viewport_size({"width": 320, "height": 640})
    for path in PAGES:
        coordinator.goes(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
    coordinator.complaints.clear()  # a filter that is not known is told of with 422


def test_the_start_page_is_small_and_holds_still(coordinator: Somebody) -> None:
    page = coordinator.page
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
    page.add_init_script(
        "window.shifts = 0; new PerformanceObserver(list => { for (const one of list.getEntries())"
        " window.shifts += one.value; }).observe({type: 'layout-shift', buffered: true});"
    )
    coordinator.starts()
    page.wait_for_load_state("networkidle")
    assert sum(sizes) <= 150_000
    assert page.evaluate("window.shifts") <= 0.05


def test_keys_lead_through_the_list(coordinator: Somebody) -> None:
    who = coordinator.goes("/cases")
    who.presses("j").presses("j").presses("k").presses("Enter")
    who.page.locator(".timeline").wait_for()
    assert who.number == "2026-0001"
    who.presses("/")
    who.page.wait_for_url("**/cases")
    who.presses("/")
    assert who.page.evaluate("document.activeElement.id") == "q"


EVERYWHERE = {"Start", "Saker", "Møter", "Bestillinger", "Beslutninger", "Rapporter", "Bevis",
              "Struktur"}  # fmt: skip


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        (MEMBER, EVERYWHERE),
        (ADMIN, {"Start", "Bevis", "Struktur"}),
        (AUDITOR, EVERYWHERE),
        (BOARD, EVERYWHERE),
    ],
)
def test_each_is_shown_where_they_may_go(
    who: str, sees: set[str], browser: Browser, demonstration: Live
) -> None:
    with signed_in(browser, demonstration, who) as somebody:
        links = somebody.page.locator(".top nav a").all_inner_texts()
        assert set(links) == sees


PATHS = ("/", "/cases", "/raise", "/cases/2026-0003", "/me", "/help")


@pytest.mark.parametrize("path", PATHS)
def test_whoever_is_not_signed_in_is_sent_to_do_so_and_back(path: str, demonstration: Live) -> None:
    answer = httpx.get(f"{demonstration.url}{path}")
    assert answer.status_code == 303
    back = "" if path == "/" else "?return_to="
    assert answer.headers["Location"].startswith(f"/sign-in{back}")


@pytest.mark.parametrize(
    ("who", "path"), [(ADMIN, "/cases"), (ADMIN, "/cases/2026-0003"), (AUDITOR, "/raise")]
)
def test_whoever_may_not_is_told_so(
    who: str, path: str, browser: Browser, demonstration: Live
) -> None:
    with signed_in(browser, demonstration, who) as somebody:
        answer = somebody.page.goto(f"{demonstration.url}{path}")
        assert answer is not None
        assert answer.status == 403
        assert somebody.page.get_by_role("alert").is_visible()


def test_a_member_does_nothing_with_a_case_that_is_not_theirs_to_do(
    member: Somebody, demonstration: Live
) -> None:
    number = raises(member, "Bare lese")
    assert member.page.locator(".actions").count() == 0
    kept = {cookie["name"]: cookie["value"] for cookie in member.page.context.cookies()}
    answer = httpx.post(
        f"{demonstration.url}/cases/{number}/notes", data={"text": "x"}, cookies=kept
    )
    assert answer.status_code in {403, 409}


def test_a_page_that_what_was_recorded_does_not_stand_on_yet_asks_again_by_itself(
    caseworker: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desks, "PATIENCE", 0.05)
    never = caseworker.ledger.engine.ledger.size() + 1000
    page = caseworker.get("/cases", headers={"Cookie": f"{SEEN}={never}"})
    assert (page.status_code, page.headers["refresh"]) == (503, AGAIN)
    assert "Det du skrev, er registrert" in page.text


def test_days_that_are_not_known_are_not_counted(caseworker: Client) -> None:
    case = caseworker.get("/cases/2026-0003", headers={"Accept-Language": "nb"}).text
    road = case[case.index('class="road"') : case.index('class="slider"')]
    assert road.count(">2016<") == 2, "of a report that knows the year alone"
    assert "dager" not in road
    owed = caseworker.get("/waiting/answers", headers={"Accept-Language": "nb"}).text
    assert "siden 1. jan. 2016 eller senere" in owed

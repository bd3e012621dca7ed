"""The pages of meetings in a real browser: led from convening to closing, by two, and cut off."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from api import kept_tokens
from domain.actor import Role
from domain.event import OSLO
from tests.api.conftest import Live
from tests.api.paging import (
    ADMIN,
    AUDITOR,
    COORDINATOR,
    MEMBER,
    Somebody,
    barriers,
    signed_in,
    through_the_socket,
)

GROUP, BOARD = "koordineringsgruppen", "styret"


@pytest.fixture
def coordinator(browser: Browser, demonstration: Live) -> Iterator[Somebody]:
    with signed_in(browser, demonstration, COORDINATOR) as somebody:
        yield somebody
        assert somebody.complaints == []


def convenes(who: Somebody, organ: str = GROUP, days: int = 0) -> str:
    """A meeting that began *days* ago and an hour, through the form; gives its address."""
    begun = datetime.now(OSLO) - timedelta(hours=1, days=days)
    who.goes("/meetings")
    form = who.page.locator("#convening")
    form.locator("[name=organ]").select_option(organ)
    form.locator("[name=starts_at]").fill(begun.strftime("%Y-%m-%dT%H:%M"))
    form.locator("[name=place]").fill("Rådhuset")
    form.locator("button").click()
    who.page.locator("#agenda").wait_for()
    return who.page.url.removeprefix(who.live.url)


def adds(who: Somebody, title: str = "", cases: str = "") -> None:
    """An item by hand."""
    if not who.page.locator("#items").is_visible():
        who.page.locator("#do-items > summary").click()
    form = who.page.locator("#items")
    form.locator("[name=title]").fill(title)
    form.locator("[name=cases]").fill(cases)
    form.locator("button").click()
    item(who, title or cases.split(",", maxsplit=1)[0]).wait_for()


def item(who: Somebody, about: str) -> Locator:
    """An item of the agenda."""
    return who.page.locator("#agenda > li", has_text=about)


def chooses(who: Somebody, about: str) -> None:
    with who.page.expect_response("**?item=*"):
        item(who, about).locator("a").click()
    who.page.locator(".agenda .now", has_text=about).wait_for()
    who.page.locator("#item-title", has_text=about).wait_for()


def closes(page: Page) -> None:
    """It is asked once more before the minutes are signed."""
    if page.locator("#do-closing[open]").count() == 0:
        page.locator("#do-closing > summary").click()
    page.locator("#closing button").click()


def fills(who: Somebody, summary: str) -> Locator:
    """The form that logs a discussion, which is open; gives it."""
    form = who.page.locator("#logdiscussions")
    form.locator("[name=summary]").fill(summary)
    form.locator("[name=conclusion]").select_option("continue")
    return form


def order(who: Somebody) -> list[str]:
    texts = who.page.locator("#agenda > li .row a").all_inner_texts()
    return [re.sub(r"^\d+\s+", "", one) for one in texts]


def held_by_the_group(who: Somebody) -> list[str]:
    """The numbers of cases that wait for it."""
    rows = who.page.locator(".waiting li > div .number").all_inner_texts()
    assert len(rows) > 3
    return rows


def test_a_meeting_is_led_from_convening_to_closing(coordinator: Somebody) -> None:
    who, page = coordinator, coordinator.page
    earlier = convenes(who, days=1)
    closes(page)
    page.get_by_text("Referatet er ikke godkjent ennå.").wait_for()
    here = convenes(who)
    number = held_by_the_group(who)[2]
    page.locator("#all button").click()
    item(who, number).wait_for()
    assert page.locator(".waiting").count() == 0
    for seat in page.locator("#attendance [name=seats]").all():
        seat.check()
    page.locator("#attendance button").click()
    page.locator(".facts-line", has_text="Møtet er beslutningsdyktig.").wait_for()
    chooses(who, number)
    page.keyboard.press("d")
    page.locator("#logdiscussions [name=summary]:focus").wait_for()
    fills(who, "Flere skoler ser det samme.").locator("button").click()
    item(who, number).get_by_text("Flere skoler ser det samme.").wait_for()
    page.keyboard.press("Escape")
    page.locator("#item-title").focus()
    page.keyboard.press("a")
    form = page.locator("#logassignments")
    form.locator("[name=service]").select_option(index=1)
    form.locator("[name=expectation]").fill("Være der på fredager.")
    form.locator("[name=due_on]").fill("2030-01-31")
    form.locator("button").click()
    item(who, number).get_by_text("Være der på fredager.").wait_for()
    page.get_by_role("button", name=re.compile("Godkjenn referatet fra")).first.click()
    page.locator("form[action*=approvals]").first.wait_for(state="detached")
    closes(page)
    page.get_by_text("Referatet er ikke godkjent ennå.").wait_for()
    assert page.locator("#closing, #arrange, .outcomes").count() == 0
    printed = page.get_by_role("link", name="Referat til utskrift").get_attribute("href")
    assert "Flere skoler ser det samme." in page.request.get(f"{who.live.url}{printed}").text()
    who.goes(earlier)
    assert page.get_by_text("Referatet er godkjent.").is_visible()
    who.goes(f"{here}")
    page.locator("#do-remarks > summary").click()
    page.locator("#remarks [name=text]").fill("Det var tre skoler.")
    page.locator("#remarks button").click()
    page.locator(".beside", has_text="Det var tre skoler.").wait_for()


def test_the_agenda_is_arranged_by_keys_buttons_and_dragging(coordinator: Somebody) -> None:
    who, page = coordinator, coordinator.page
    convenes(who)
    for title in ("Alfa", "Beta", "Gamma"):
        adds(who, title)
    page.locator("#agenda a", has_text="Alfa").focus()
    page.keyboard.press("Alt+ArrowDown")
    page.get_by_role("status").get_by_text("Flyttet.").wait_for(state="attached")
    assert order(who) == ["Beta", "Alfa", "Gamma"]
    assert "Alfa" in page.evaluate("document.activeElement.textContent")
    page.get_by_role("button", name="Punkt 3 opp").click()
    item(who, "Gamma").get_by_text("2", exact=True).wait_for()
    assert order(who) == ["Beta", "Gamma", "Alfa"]
    with page.expect_response("**/arrangement"):
        item(who, "Alfa").locator(".grip").drag_to(item(who, "Beta").locator("a"),
                                                  target_position={"x": 5, "y": 2})  # fmt: skip
    item(who, "Alfa").get_by_text("1", exact=True).wait_for()
    page.reload()
    assert order(who) == ["Alfa", "Beta", "Gamma"]


def test_the_second_of_two_who_move_an_item_is_told(
    coordinator: Somebody, browser: Browser, demonstration: Live
) -> None:
    who, page = coordinator, coordinator.page
    here = convenes(who)
    for title in ("Alfa", "Beta"):
        adds(who, title)
    with signed_in(browser, demonstration, COORDINATOR, scripts=False) as other:
        other.goes(here)
        page.get_by_role("button", name="Punkt 2 opp").click()
        item(who, "Beta").get_by_text("1", exact=True).wait_for()
        other.page.get_by_role("button", name="Punkt 2 opp").click()
        assert other.page.get_by_role("alert").is_visible()
        assert order(other) == ["Beta", "Alfa"]


def test_two_people_on_one_meeting_see_each_other_and_lose_nothing(
    coordinator: Somebody, browser: Browser, demonstration: Live
) -> None:
    who, page = coordinator, coordinator.page
    here = convenes(who)
    number = held_by_the_group(who)[0]
    adds(who, cases=number)
    chooses(who, number)
    page.keyboard.press("d")
    form = fills(who, "Halvveis i en setning")
    form.locator("[name=summary]").focus()
    with signed_in(browser, demonstration, COORDINATOR) as other:
        other.goes(here)
        adds(other, "Fra den andre")
    page.evaluate("dispatchEvent(new Event('focus'))")
    item(who, "Fra den andre").wait_for()
    assert "Noen andre har nettopp endret" in page.locator("#heard").inner_text()
    typed = page.locator("#logdiscussions [name=summary]")
    assert typed.input_value() == "Halvveis i en setning"
    assert page.evaluate("document.activeElement.name") == "summary"
    chooses(who, "Fra den andre")
    chooses(who, number)
    assert typed.input_value() == "Halvveis i en setning"
    page.locator("#logdiscussions button").click()
    item(who, number).get_by_text("Halvveis i en setning").wait_for()
    assert typed.input_value() == ""


def test_a_lost_connection_is_shown_and_loses_nothing(coordinator: Somebody) -> None:
    who, page = coordinator, coordinator.page
    convenes(who)
    adds(who, "Budsjettet")
    chooses(who, "Budsjettet")
    page.keyboard.press("d")
    form = fills(who, "Vi venter på tallene.")
    page.context.set_offline(True)
    form.locator("button").click()
    page.get_by_role("alert", name="").get_by_text("Ingen forbindelse.").wait_for()
    assert form.locator("[name=summary]").input_value() == "Vi venter på tallene."
    page.context.set_offline(False)
    item(who, "Budsjettet").get_by_text("Vi venter på tallene.").wait_for()
    assert page.locator("#lost").is_hidden()
    page.reload()
    assert item(who, "Budsjettet").locator(".logged").count() == 1
    who.complaints.clear()  # that there was no connection


def test_an_answer_that_did_not_come_back_is_not_logged_twice(coordinator: Somebody) -> None:
    who, page = coordinator, coordinator.page
    convenes(who)
    adds(who, "Lokalet")
    chooses(who, "Lokalet")
    page.keyboard.press("d")
    form = fills(who, "Vi bytter rom.")
    page.route("**/items/*/discussions", lambda route: (route.fetch(max_redirects=0),
                                                         route.abort()))  # fmt: skip
    form.locator("button").click()
    page.locator("#lost").wait_for()
    page.unroute_all()
    page.get_by_role("button", name="Send på nytt").click()
    item(who, "Lokalet").get_by_text("Vi bytter rom.").wait_for()
    assert item(who, "Lokalet").locator(".logged").count() == 1
    who.complaints.clear()  # that an answer did not come


def test_whoever_was_signed_out_loses_nothing(coordinator: Somebody) -> None:
    who, page = coordinator, coordinator.page
    convenes(who)
    adds(who, "Kaffen")
    chooses(who, "Kaffen")
    page.keyboard.press("d")
    form = fills(who, "Den er svart.")
    window = page.context.new_page()
    window.goto(f"{who.live.url}/")
    window.locator("form[action='/sign-out'] button").click()
    form.locator("button").click()
    page.locator("#lost").get_by_text("Du er logget ut.").wait_for()
    window.locator(f"button[value='{COORDINATOR}']").click()
    window.locator("form[action='/sign-out']").wait_for()
    window.close()
    page.get_by_role("button", name="Send på nytt").click()
    item(who, "Kaffen").get_by_text("Den er svart.").wait_for()
    who.complaints.clear()  # a browser says of what was sent that it was refused


def test_what_was_logged_by_mistake_is_withdrawn(coordinator: Somebody) -> None:
    who, page = coordinator, coordinator.page
    convenes(who)
    number = held_by_the_group(who)[1]
    adds(who, cases=number)
    chooses(who, number)
    page.keyboard.press("n")
    page.locator("#lognotes [name=text]").fill("Feil sak.")
    page.locator("#lognotes button").click()
    item(who, number).get_by_text("Feil sak.").wait_for()
    page.get_by_text("Loggført ved en feil").click()
    page.locator("[id^=withdraw] button").click()
    item(who, number).locator(".logged").wait_for(state="detached")


def test_an_item_is_about_several_cases_or_none(coordinator: Somebody) -> None:
    who, page = coordinator, coordinator.page
    convenes(who)
    first, second = held_by_the_group(who)[2:4]
    adds(who, cases=f"{first}, {second}")
    chooses(who, first)
    page.keyboard.press("d")
    fills(who, "Begge drøftet.").locator("button").click()
    item(who, first).locator(".logged").nth(1).wait_for()
    page.locator("#item-title").focus()
    page.keyboard.press("n")
    form = page.locator("#lognotes")
    form.locator("[name=case]").select_option(second)
    form.locator("[name=text]").fill("Bare den ene.")
    form.locator("button").click()
    item(who, first).get_by_text("Bare den ene.").wait_for()
    adds(who, "Uten sak")
    chooses(who, "Uten sak")
    assert page.locator(".outcomes > details").count() == 3  # discuss, order, postpone
    page.keyboard.press("p")
    page.locator("#postponement button").click()
    item(who, "Uten sak").get_by_text("Utsatt til neste møte.").wait_for()
    page.get_by_role("button", name="Ta det opp likevel").click()
    page.locator("#do-discussions").wait_for()


def test_a_refusal_keeps_the_form_as_it_was_filled_in(coordinator: Somebody) -> None:
    who, page = coordinator, coordinator.page
    convenes(who)
    adds(who, "Navn")
    chooses(who, "Navn")
    page.keyboard.press("d")
    fills(who, "Det er Kristoffer Brattvær som bråker.").locator("button").click()
    form = page.locator("#logdiscussions")
    form.get_by_role("alert").wait_for()
    assert form.locator("mark").count() >= 1
    assert form.locator("[name=summary]").input_value().startswith("Det er Kristoffer")
    form.locator("[name=summary]").fill("Det er noen som bråker.")
    form.locator("button").click()
    item(who, "Navn").get_by_text("Det er noen som bråker.").wait_for()
    who.complaints.clear()  # a browser says of a refused form that it was refused


def test_what_is_too_much_for_the_server_is_told_and_stays(coordinator: Somebody) -> None:
    who, page = coordinator, coordinator.page
    convenes(who)
    adds(who, "Mye å si")
    chooses(who, "Mye å si")
    page.keyboard.press("d")
    fills(who, "Alt for mye. " * 25_000).locator("button").click()
    page.get_by_role("alert").get_by_text("Dette er for mye på en gang").wait_for()
    who.complaints.clear()  # the browser says that the answer was a refusal
    assert len(page.locator("#logdiscussions [name=summary]").input_value()) > 300_000
    fills(who, "Nå er det kort.").locator("button").click()
    item(who, "Mye å si").get_by_text("Nå er det kort.").wait_for()
    assert page.get_by_text("Dette er for mye på en gang").count() == 0


def test_the_board_adopts_a_plan_and_guests_come_and_go(coordinator: Somebody) -> None:
    who, page = coordinator, coordinator.page
    convenes(who, BOARD)
    adds(who, "Handlingsplan")
    chooses(who, "Handlingsplan")
    page.keyboard.press("v")
    page.locator("#logplans [name=name]").fill("Trygge netter")
    page.locator("#logplans [name=from_]").fill("2027")
    page.locator("#logplans button").click()
    item(who, "Handlingsplan").get_by_text("Trygge netter").wait_for()
    page.get_by_role("link", name="Slipp inn en gjest").click()
    page.locator("#guests [name=person]").select_option(COORDINATOR)
    page.locator("#guests button").click()
    page.get_by_role("button", name="Følg ut").click()
    page.get_by_role("button", name="Følg ut").wait_for(state="detached")


def test_a_meeting_is_led_without_scripts(browser: Browser, demonstration: Live) -> None:
    with signed_in(browser, demonstration, COORDINATOR, scripts=False) as who:
        page = who.page
        convenes(who)
        number = held_by_the_group(who)[0]
        page.locator(".waiting li", has_text=number).get_by_role("button").click()
        adds(who, "Til slutt")
        page.get_by_role("button", name="Punkt 2 opp").click()
        assert order(who)[0] == "Til slutt"
        chooses(who, "Til slutt")
        page.locator("#do-discussions > summary").click()
        fills(who, "Takk for i dag.").locator("button").click()
        item(who, "Til slutt").get_by_text("Takk for i dag.").wait_for()
        closes(page)
        page.get_by_text("Referatet er ikke godkjent ennå.").wait_for()


def test_what_is_typed_and_has_no_place_any_more_stays_to_be_read(
    coordinator: Somebody, demonstration: Live
) -> None:
    who, page = coordinator, coordinator.page
    here = convenes(who)
    adds(who, "Det som går bort")
    chooses(who, "Det som går bort")
    page.keyboard.press("d")
    fills(who, "Dette må ikke bli borte.")
    seen = httpx.get(
        f"{demonstration.url}/api{here}", headers=_as_a_coordinator(demonstration)
    ).json()
    (item_,) = seen["items"]
    gone = through_the_socket(demonstration, f"/api{here}/items/{item_['n']}/removal", {})
    assert gone.status_code == 201, gone.text
    kept = page.locator(".ds-alert", has_text="Dette kan ikke gjøres her lenger.")
    expect(kept.locator("[name=summary]")).to_have_value("Dette må ikke bli borte.")
    expect(page.locator("#agenda > li[data-n]")).to_have_count(0)
    page.on("dialog", lambda asked: asked.accept())


def test_a_meeting_is_not_closed_over_what_is_typed_and_not_sent(coordinator: Somebody) -> None:
    who, page = coordinator, coordinator.page
    convenes(who)
    adds(who, "Ikke sendt")
    chooses(who, "Ikke sendt")
    page.keyboard.press("d")
    form = fills(who, "Nesten glemt.")
    closes(page)
    expect(page.locator("#closing [role=alert]")).to_be_visible()
    assert page.locator("#arrange").count() == 1, "it is open still"
    form.locator("button").click()
    item(who, "Ikke sendt").get_by_text("Nesten glemt.").wait_for()
    closes(page)
    page.get_by_text("Referatet er ikke godkjent ennå.").wait_for()


def _as_a_coordinator(live: Live) -> dict[str, str]:
    token = kept_tokens.create_token(live.ledger.database, "looks", Role.COORDINATOR)
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_kept_out(scheme: str, coordinator: Somebody) -> None:
    """WCAG 2.1 AA by axe, and no scrolling sideways on a phone, a tablet or at 400 %."""
    who, page = coordinator, coordinator.page
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    here = convenes(who)
    number = held_by_the_group(who)[0]
    adds(who, cases=number)
    adds(who, "Budsjettet")
    chooses(who, "Budsjettet")
    page.keyboard.press("d")
    fills(who, "Et vedtak.").locator("button").click()
    item(who, "Budsjettet").get_by_text("Et vedtak.").wait_for()
    paths = ("/meetings", f"{here}?item=1", f"{here}?item=2&do=discussions", f"{here}?do=guests",
             f"{here}/pack")  # fmt: skip
    for path in paths:
        who.goes(path)
        assert barriers(page) == [], path
    for width in (320, 390, 768):
        page.set_viewport_size({"width": width, "height": 800})
        for path in paths:
            who.goes(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)


def test_a_meeting_prints_its_agenda_with_what_was_logged(coordinator: Somebody) -> None:
    who, page = coordinator, coordinator.page
    convenes(who)
    adds(who, "Skrives ut")
    chooses(who, "Skrives ut")
    page.keyboard.press("d")
    fills(who, "Står på papiret.").locator("button").click()
    item(who, "Skrives ut").get_by_text("Står på papiret.").wait_for()
    page.emulate_media(media="print")
    assert item(who, "Skrives ut").locator(".logged").is_visible()
    for part in (".outcomes", "#arrange", "#attendance", ".grip", ".moves", ".top", "#closing"):
        assert page.locator(part).first.is_hidden(), part


def test_the_list_is_narrowed_and_tells_how_organs_keep_their_cadence(
    coordinator: Somebody,
) -> None:
    who, page = coordinator, coordinator.page
    convenes(who, BOARD)
    who.goes(f"/meetings?organ={BOARD}&status=convened")
    links = page.locator("#ahead + ul a").all_inner_texts()
    assert links
    assert all(one.startswith("Styret for SLT Bærum") for one in links)
    rhythms = page.locator("#rhythms + ul").inner_text()
    assert "minst 4 ganger i året" in rhythms
    assert "innen" in rhythms
    who.goes(f"/meetings?organ={GROUP}&before=2016-01-01")
    assert page.locator("#over + ul a").count() == 0


def test_a_member_reads_their_own_meeting_and_changes_nothing(
    coordinator: Somebody, browser: Browser, demonstration: Live
) -> None:
    others, theirs = convenes(coordinator), convenes(coordinator, "vestre-13-16")
    with signed_in(browser, demonstration, MEMBER) as member:
        assert member.page.request.get(f"{demonstration.url}{others}").status == 404
        assert member.page.request.get(f"{demonstration.url}{others}/now").status == 404
        member.goes(theirs)
        assert member.page.locator("#agenda").is_visible()
        assert member.page.locator(".actions, #attendance, #arrange").count() == 0
        csrf = member.page.locator("[name=csrf]").first
        form = {"csrf": csrf.input_value() if csrf.count() else "", "title": "Nei"}
        for step in ("items", "closing", "arrangement", "items/1/notes", "items/1/agenda/removal"):
            refused = member.page.request.post(f"{demonstration.url}{theirs}/{step}", form=form)
            assert refused.status in {403, 409}, step


@pytest.mark.parametrize(
    "path", ["/meetings", "/meetings/0", "/meetings/0/now", "/meetings/0/pack"]
)
def test_whoever_is_not_signed_in_is_sent_to_do_so(path: str, demonstration: Live) -> None:
    answer = httpx.get(f"{demonstration.url}{path}")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/sign-in?return_to=")


def test_whoever_may_not_is_told_so(browser: Browser, demonstration: Live) -> None:
    nowhere = "/meetings/00000000-0000-4000-8000-000000000000"
    with signed_in(browser, demonstration, ADMIN) as admin:
        for path in ("/meetings", nowhere):
            assert admin.page.request.get(f"{demonstration.url}{path}").status == 403
    with signed_in(browser, demonstration, AUDITOR) as auditor:
        assert auditor.page.request.get(f"{demonstration.url}{nowhere}").status == 404
        auditor.goes("/meetings")
        assert auditor.page.locator("#convening").count() == 0

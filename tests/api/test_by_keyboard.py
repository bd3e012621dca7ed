"""The main tasks by keyboard alone: what is used is reached, in sight, and shown to be reached."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.api.conftest import Live
from tests.api.paging import BOARD, COORDINATOR, MEMBER, signed_in
from tests.api.story import GROUP

FAR = 120
"""So many presses of a key at most, to get to something."""
SEEN = """() => {
  const it = document.activeElement, style = getComputedStyle(it), at = it.getBoundingClientRect();
  const marked = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
    || style.boxShadow !== "none";
  const inside = at.bottom > 0 && at.top < innerHeight && at.right > 0 && at.left < innerWidth;
  return marked && inside;
}"""


class Hands:
    """Somebody who has no mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def reaches(self, what: Locator, key: str = "Tab") -> "Hands":
        """Go there by the *key*: Shift+Tab goes back."""
        what.wait_for(state="attached")
        for _ in range(FAR):
            self.page.keyboard.press(key)
            if what.evaluate("it => it === document.activeElement"):
                assert self.page.evaluate(SEEN), f"it is not seen that {what} is reached"
                return self
        raise AssertionError(f"{what} is not reached in {FAR} steps")

    def opens(self, what: Locator, key: str = "Tab") -> "Hands":
        self.reaches(what, key).page.keyboard.press("Enter")
        return self

    def writes(self, where: Locator, words: str) -> "Hands":
        self.reaches(where).page.keyboard.type(words)
        return self

    def chooses(self, where: Locator, value: str) -> "Hands":
        self.reaches(where)
        for _ in range(FAR):
            if where.input_value() == value:
                return self
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{value} is not among what can be chosen")


@pytest.fixture(params=[MEMBER, COORDINATOR, BOARD])
def hands(request: pytest.FixtureRequest, browser: Browser, demonstration: Live) -> Iterator[Hands]:
    with signed_in(browser, demonstration, request.param) as somebody:
        somebody.starts()
        yield Hands(somebody.page)
        assert somebody.complaints == []


def of(who: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("hands", [who], indirect=True)


@of(MEMBER)
def test_a_matter_is_raised(hands: Hands) -> None:
    page = hands.page
    hands.opens(page.locator("main").get_by_role("link", name="Meld inn en sak"))
    page.locator("form.form").wait_for()
    hands.writes(page.get_by_label("Hva det gjelder"), "Fest i skogen hver fredag")
    hands.opens(page.locator("form.form button"))
    expect(page.get_by_role("heading", name="Sak meldt inn")).to_be_visible()


@of(COORDINATOR)
def test_a_discussion_is_logged_and_the_matter_lifted(hands: Hands) -> None:
    page = hands.page
    raised = page.locator("section", has_text="Meldt inn, og ikke drøftet ennå").last
    hands.opens(raised.get_by_role("link", name="Loggfør drøfting").first)
    form = page.locator("#do-discussions")
    hands.writes(form.locator("[name=summary]"), "Flere skoler ser det samme.")
    hands.chooses(form.locator("[name=conclusion]"), "ask_to_lift")
    hands.opens(form.locator("button"))
    expect(page.get_by_role("heading", name="Sak drøftet")).to_be_visible()
    hands.opens(page.locator("#do-escalations > summary"))
    form = page.locator("#do-escalations")
    hands.chooses(form.locator("[name=to]"), "koordineringsgruppen")
    hands.chooses(form.locator("[name=why]"), "cannot")
    hands.writes(form.locator("[name=reason]"), "Teamet har ikke midler.")
    hands.writes(form.locator("[name=tried]"), "Foreldremøter.")
    hands.opens(form.locator("button"))
    expect(page.get_by_role("heading", name="Sak løftet")).to_be_visible()


@of(BOARD)
def test_who_decided_it_and_why_is_found(hands: Hands) -> None:
    page = hands.page
    hands.opens(page.get_by_role("link", name="Beslutninger", exact=True))
    page.locator(".register").wait_for()
    page.keyboard.press("/")
    expect(page.get_by_label("Søk")).to_be_focused()
    page.keyboard.type("løft")
    page.keyboard.press("Enter")
    page.wait_for_url("**/decisions?q=**")
    page.goto(page.url.split("?")[0])
    known = page.get_by_role("link", name="Hva man visste da det ble besluttet").first
    hands.opens(known)
    expect(page.get_by_text("Dette er det som var kjent")).to_be_visible()


@of(COORDINATOR)
def test_a_meeting_is_convened_led_and_closed(hands: Hands) -> None:
    page = hands.page
    hands.opens(page.get_by_role("link", name="Møter", exact=True))
    hands.chooses(page.locator("form[action='/meetings'] [name=organ]").last, GROUP)
    hands.reaches(page.locator("[name=starts_at]"))
    page.keyboard.type("01012026")
    page.keyboard.press("ArrowRight")
    page.keyboard.type("0900a")  # in the morning, where the clock has twelve hours
    hands.opens(page.locator("form.form[action='/meetings'] button"))
    page.locator("#agenda").wait_for(state="attached")
    hands.opens(page.locator("#all button"))
    expect(page.locator("#agenda > li").first).to_be_visible()
    hands.opens(page.locator("#agenda > li .row a").first)
    page.keyboard.press("d")
    form = page.locator("#logdiscussions")
    expect(form.locator("[name=summary]")).to_be_focused()
    page.keyboard.type("Natteravnene går fast.")
    hands.chooses(form.locator("[name=conclusion]"), "continue")
    hands.opens(form.locator("button"))
    expect(page.get_by_text("Natteravnene går fast.").first).to_be_visible()
    summary = page.locator("#do-discussions > summary")
    expect(summary).to_be_focused()
    hands.opens(page.locator("#do-closing > summary"), "Shift+Tab")
    hands.opens(page.locator("#closing button"))
    page.get_by_text("Referatet er ikke godkjent ennå.").wait_for()

"""What the gate says while one types, and the hand that is on its way to a button meanwhile."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Route

from tests.api.conftest import Live
from tests.api.paging import COORDINATOR, Somebody, signed_in
from tests.api.test_case_pages import raises


@pytest.fixture
def coordinator(browser: Browser, demonstration: Live) -> Iterator[Somebody]:
    with signed_in(browser, demonstration, COORDINATOR) as somebody:
        yield somebody
        assert somebody.complaints == []


def test_the_gate_marks_words_as_one_types_and_a_reason_lets_them_through(
    coordinator: Somebody,
) -> None:
    raises(coordinator, "Uro på bussen")
    who = coordinator
    who.clicks(who.page.locator("#do-notes > summary"))
    form = who.page.locator("#do-notes")
    who.fills(form.locator("[name=text]"), "Det er Kristoffer Brattvær som bråker.")
    form.locator(".gate mark").first.wait_for()
    assert "Kristoffer" in form.locator(".gate").inner_text()
    who.clicks(form.locator("button"))
    form.get_by_role("alert").wait_for()
    who.fills(form.locator("[name=not_about_individual]"), "Navnet på en buss.")
    who.clicks(form.locator("button"))
    who.page.get_by_role("heading", name="Oppfølging notert").wait_for()
    who.complaints.clear()


class Gate:
    """Holds back what the gate says of the words that somebody types in a note, until it is let
    go."""

    def __init__(self, who: Somebody) -> None:
        raises(who, "Gangen i kjelleren")
        self.page = who.page
        self.asked: list[Route] = []
        self.page.locator("#do-notes > summary").click()
        self.button = self.page.locator("#do-notes button")
        self.page.route("**/gate", self.hold)
        with self.page.expect_request("**/gate"):
            self.page.locator("#do-notes [name=text]").fill("Det er Kristoffer Brattvær.")

    def hold(self, route: Route) -> None:
        self.asked.append(route)

    def says(self) -> None:
        with self.page.expect_response("**/gate"):
            self.asked.pop().continue_()


def test_a_button_stays_under_the_hand_whatever_the_gate_says(coordinator: Somebody) -> None:
    gate = Gate(coordinator)
    gate.button.hover()
    before = gate.button.bounding_box()
    gate.says()
    gate.page.mouse.down()
    gate.page.wait_for_timeout(2_000)
    assert gate.button.bounding_box() == before
    gate.page.mouse.up()
    gate.page.locator("#do-notes [role=alert]").wait_for()
    coordinator.complaints.clear()  # a browser says of a refused form that it was refused


@pytest.mark.parametrize("goes", [True, False], ids=["goes away", "only rests"])
def test_the_gate_is_heard_though_a_hand_was_at_the_button(
    goes: bool, coordinator: Somebody
) -> None:
    gate = Gate(coordinator)
    gate.button.hover()
    gate.says()
    assert gate.page.locator("#do-notes .gate mark").count() == 0
    if goes:
        gate.page.mouse.move(0, 0)
    gate.page.locator("#do-notes .gate mark").first.wait_for()


def test_what_the_gate_has_nothing_to_say_of_moves_nothing(coordinator: Somebody) -> None:
    raises(coordinator, "Lyset i kjelleren")
    page = coordinator.page
    page.locator("#do-notes > summary").click()
    before = page.locator("#do-notes button").bounding_box()
    with page.expect_response("**/gate"):
        page.locator("#do-notes [name=text]").fill("Det er mørkt der.")
    page.locator("#do-notes .gate").wait_for(state="attached")
    assert page.locator("#do-notes button").bounding_box() == before

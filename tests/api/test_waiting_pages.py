"""What waits, in a real browser: on the start page of each role, and as lists."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser

from domain.actor import Role
from tests.api.conftest import Live
from tests.api.ordering import Ordered
from tests.api.paging import (
    BOARD,
    COORDINATOR,
    MEMBER,
    Somebody,
    barriers,
    caught_up,
    past_the_socket,
    signed_in,
)
from tests.api.story import GROUP, OTHER_TEAM, TEAM, Story, read
from tests.conftest import Client

LONG_AGO = {
    "occurred_at": (datetime.now(UTC) - timedelta(days=200)).isoformat(),
    "precision": "day",
}
"""More working days than a case may stand, whenever July lies among them."""


@pytest.fixture
def coordinator(browser: Browser, demonstration: Live) -> Iterator[Somebody]:
    with signed_in(browser, demonstration, COORDINATOR) as somebody:
        yield somebody
        assert somebody.complaints == []


@pytest.fixture
def caseload(demonstration: Live) -> Client:
    """A coordinator of the demonstration, past the socket."""
    return past_the_socket(demonstration, Role.COORDINATOR)


def test_a_coordinator_answers_from_the_start_page(coordinator: Somebody, caseload: Client) -> None:
    story = Story(caseload, title="Fest ved fjorden").does("escalations", urgent=True)
    caught_up(coordinator.live)
    page = coordinator.goes("/waiting/answers?to=vestre-13-16").page
    line = page.locator("ul.lines > li", has_text=story.number)
    assert "SLT koordineringsgruppen skylder Ungdomsteam vestre" in line.inner_text()
    line.locator("summary").click()
    line.locator("[name=message]").fill("Natteravnene er der nå.")
    line.locator("button").click()
    page.wait_for_url("**/waiting/answers?to=vestre-13-16")
    assert page.locator("ul.lines > li", has_text=story.number).count() == 0
    caught_up(coordinator.live)
    assert story.now()["answers"][0]["message"] == "Natteravnene er der nå."


def test_what_is_late_stands_first_with_what_to_do(coordinator: Somebody, caseload: Client) -> None:
    story = Story(caseload, title="Har ventet lenge", **LONG_AGO)
    caught_up(coordinator.live)
    page = coordinator.starts().page
    line = page.locator("section[aria-labelledby=late] li", has_text=story.number)
    assert "dager over" in line.inner_text()
    assert "Behandling av saken" in line.inner_text()
    line.get_by_role("link", name="Loggfør drøfting").click()
    page.locator("#do-discussions[open]").wait_for()


def test_orders_to_judge_are_there_too(coordinator: Somebody, caseload: Client) -> None:
    order = Ordered(caseload, what="Hva skjer på lørdager?").does("delivery")
    caught_up(coordinator.live)
    page = coordinator.starts().page
    page.locator("section[aria-labelledby=orders]").get_by_role(
        "link", name="Hva skjer på lørdager?"
    ).click()
    page.wait_for_url(f"**/orders/{order.id}")


def test_a_service_does_its_work_where_it_is_listed(
    browser: Browser, demonstration: Live, caseload: Client
) -> None:
    story = Story(caseload, title="Uro ved stasjonen").does("assignments", service=TEAM)
    order = Ordered(caseload, what="Tell hvor mange som er ute.")
    caught_up(demonstration)
    with signed_in(browser, demonstration, MEMBER, scripts=False) as who:
        page = who.starts().page
        line = page.locator("section[aria-labelledby=work] li", has_text=story.number)
        assert "Vær der på fredager." in line.inner_text()
        line.get_by_role("button", name="Godta ansvaret").click()
        assert page.url == f"{demonstration.url}/"
        assert "Godtatt" in line.inner_text()
        line.locator("summary", has_text="Meld fullført").click()
        line.locator("[name=report]").fill("Vi var der seks fredager.")
        line.get_by_role("button", name="Meld").click()
        assert line.count() == 0
        asked = page.locator("section[aria-labelledby=work] li", has_text="Tell hvor mange")
        asked.locator("summary", has_text="Avslå").click()
        asked.locator("[name=reason]").fill("Vi har ikke folk.")
        asked.get_by_role("button", name="Avslå bestillingen").click()
        assert asked.count() == 0
        assert who.complaints == []
    caught_up(demonstration)
    assert order.now()["state"] == "declined"
    assert story.now()["assignments"][0]["state"] == "completed"


def test_the_board_sees_how_much_waits(browser: Browser, demonstration: Live) -> None:
    with signed_in(browser, demonstration, BOARD) as who:
        page = who.starts().page
        owed = page.locator(".figures a").first
        count = int(owed.inner_text())
        owed.click()
        page.locator("h1", has_text="Skyldige tilbakemeldinger").wait_for()
        assert page.locator("ul.lines > li").count() == count > 0
        assert page.locator("ul.lines form").count() == 0, "it is the coordinator who answers"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_kept_out_and_nothing_is_cut_off(
    scheme: str, browser: Browser, demonstration: Live, caseload: Client
) -> None:
    Story(caseload, **LONG_AGO).does("assignments", service=TEAM)
    Ordered(caseload)
    caught_up(demonstration)
    for one in (COORDINATOR, MEMBER, BOARD):
        with signed_in(browser, demonstration, one) as who:
            who.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            who.page.set_viewport_size({"width": 320, "height": 800})
            for path in ("/", "/waiting", "/waiting?kind=none", "/waiting/answers"):
                who.goes(path)
                for opened in who.page.locator("details").all():
                    opened.evaluate("e => { e.open = true }")
                assert barriers(who.page) == [], path
                width = "document.documentElement.scrollWidth"
                assert who.page.evaluate(width) <= 320, path


def test_strangers_are_sent_to_sign_in_and_others_are_refused(
    shared: Client, caseworker: Client, stranger: Client
) -> None:
    story = Story(caseworker, title="Hos ett team", **LONG_AGO).does("escalations", urgent=True)
    story.now()
    for path in ("/waiting", "/waiting/answers"):
        assert shared.get(path, follow_redirects=False).headers["location"].startswith("/sign-in?")
        assert shared.as_(Role.REPORTER).get(path).status_code == 403
        assert story.number in caseworker.get(path).text
        assert story.number not in stranger.get(path).text


@pytest.mark.parametrize(
    "path", ["?of=nobody", "?kind=tull", "?before=tull", "?overdue=tull", "?cursor=tull",
             "/answers?of=nobody", "/answers?to=nobody", "/answers?cursor=tull"],
)  # fmt: skip
def test_a_filter_that_is_none_is_told(path: str, caseworker: Client) -> None:
    answer = caseworker.get(f"/waiting{path}")
    assert answer.status_code == 422
    assert "finnes ikke" in answer.text


def test_the_lists_find_what_the_api_finds(caseworker: Client) -> None:
    story = Story(caseworker, raised_by=OTHER_TEAM).does("escalations", urgent=True)
    story.does("assignments").now()
    soon = str(datetime.now(UTC).date() + timedelta(days=60))
    for at, door, filters in (
        ("/waiting", "/api/deadlines", ({}, {"of": GROUP}, {"kind": "standing"},
                                        {"before": soon}, {"overdue": "true"})),
        ("/waiting/answers", "/api/answers-owed", ({}, {"of": GROUP}, {"to": OTHER_TEAM})),
    ):  # fmt: skip
        for query in filters:
            found = read(caseworker, door, limit=50, **query)["items"]
            assert caseworker.get(at, params=query).text.count("data-row") == len(found), query


def test_nobody_is_led_to_another_server(caseworker: Client) -> None:
    story = Story(caseworker)
    for back, onward in (("/waiting?of=styret", "/waiting?of=styret"), ("//evil.example", "/")):
        said = {"text": "Ringte rektor.", "return_to": back}
        answer = caseworker.post(f"/cases/{story.number}/notes", data=said, follow_redirects=False)
        assert answer.headers["location"] == onward

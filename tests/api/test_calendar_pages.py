"""The addresses of calendars on the page of meetings: made, shown once, withdrawn."""

import re

import httpx
from playwright.sync_api import Browser

from domain.actor import Role
from tests.api.asserting import assert_refused
from tests.api.conftest import Live
from tests.api.paging import COORDINATOR, barriers, signed_in
from tests.api.seats import confirm, person, sits
from tests.api.story import GROUP, TEAM
from tests.conftest import Client

OWN, ORGANS = "/meetings/calendars/own", "/meetings/calendars/organs"


def path_in(page: httpx.Response) -> str:
    """The path of the one address that the page shows."""
    assert page.status_code == 200
    (found,) = re.findall(r"<code[^>]*>https?://[^/]+(/calendars/[^<]+)</code>", page.text)
    return str(found)


def sends(client: Client, address: str, **fields: str) -> httpx.Response:
    return client.post(address, data=fields, follow_redirects=False)


def test_one_s_own_address_is_made_shown_once_and_withdrawn(
    administrator: Client, shared: Client
) -> None:
    member = person(administrator)
    sits(administrator, member, f"organs/{TEAM}")
    confirm(member)
    before = member.get("/meetings").text
    assert f'action="{OWN}"' in before
    assert "withdrawal" not in before
    first = path_in(sends(member, OWN))
    assert shared.get(first).status_code == 200
    again = member.get("/meetings").text
    assert first not in again
    assert f'action="{OWN}/withdrawal"' in again
    second = path_in(sends(member, OWN))
    assert shared.get(first).status_code == 404
    assert sends(member, f"{OWN}/withdrawal").status_code == 303
    assert_refused(shared.get(second), 404, "not-found")
    assert "withdrawal" not in member.get("/meetings").text


def test_a_coordinator_makes_and_withdraws_those_of_organs(
    caseworker: Client, shared: Client
) -> None:
    path = path_in(sends(caseworker, ORGANS, organ=GROUP))
    assert shared.get(path).status_code == 200
    assert f'action="{ORGANS}/{GROUP}/withdrawal"' in caseworker.get("/meetings").text
    assert sends(caseworker, f"{ORGANS}/{GROUP}/withdrawal").status_code == 303
    assert shared.get(path).status_code == 404
    refused = sends(caseworker, ORGANS, organ="nobody")
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert "/calendars/own" not in caseworker.get("/meetings").text, "a machine has none of its own"
    assert sends(caseworker, OWN).status_code == 404


def test_others_are_not_shown_those_of_organs_and_may_not_send_them(
    caseworker: Client, member: Client, shared: Client
) -> None:
    path = path_in(sends(caseworker, ORGANS, organ=TEAM))
    for who in (member, shared.as_(Role.BOARD), shared.as_(Role.AUDITOR)):
        page = who.get("/meetings")
        assert page.status_code == 200
        assert "/meetings/calendars/" not in page.text
        assert sends(who, ORGANS, organ=TEAM).status_code == 403
        assert sends(who, f"{ORGANS}/{TEAM}/withdrawal").status_code == 403
    assert shared.get(path).status_code == 200


def test_an_address_is_made_and_withdrawn_in_a_browser(
    browser: Browser, demonstration: Live
) -> None:
    with signed_in(browser, demonstration, COORDINATOR) as who:
        page = who.goes("/meetings").page
        page.get_by_role("button", name="Lag en adresse").first.click()
        shown = page.get_by_role("status").filter(has_text="bare denne ene gangen")
        path = re.sub(r"^https?://[^/]+", "", shown.locator("code").inner_text())
        assert page.request.get(f"{demonstration.url}{path}").status == 200
        assert barriers(page) == []
        page.locator("form.form[action='/meetings/calendars/organs'] select").select_option(GROUP)
        page.locator("form.form[action='/meetings/calendars/organs'] button").click()
        since = page.locator(".lines .about", has_text="har hatt en adresse siden")
        since.wait_for()
        assert page.locator("code").inner_text() != path
        page.locator(f"form[action='/meetings/calendars/organs/{GROUP}/withdrawal'] button").click()
        since.wait_for(state="detached")
        page.locator(f"form[action='{OWN}/withdrawal'] button").click()
        page.get_by_text("Kalenderen din har ingen adresse.").wait_for()
        assert page.request.get(f"{demonstration.url}{path}").status == 404
        assert barriers(page) == []
        assert who.complaints == []

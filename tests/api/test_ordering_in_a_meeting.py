"""What is ordered on a meeting's page: by whom, and where it stands afterwards."""

import re

import httpx
import pytest
from playwright.sync_api import Browser

from api import kept_tokens
from domain.actor import Role
from domain.rights import Action
from tests.api.conftest import Live
from tests.api.meeting import Table, at_the_group
from tests.api.ordering import MAPPING, ORDERING
from tests.api.paging import COORDINATOR, barriers, caught_up, past_the_socket, signed_in
from tests.api.story import GROUP, SOON, TEAM
from tests.conftest import Client

FIELDS = {name: value for name, value in ORDERING.items() if name != "acting_for"}


def shown(client: Client, table: Table) -> httpx.Response:
    caught_up(client)
    return client.get(f"/meetings/{table.id}")


def orders(client: Client, table: Table, n: int, **fields: object) -> httpx.Response:
    caught_up(client)
    return client.post(
        f"/meetings/{table.id}/items/{n}/orders", data=FIELDS | fields, follow_redirects=False
    )


def test_what_is_ordered_on_the_page_stands_there_in_the_minutes_and_among_the_decisions(
    caseworker: Client,
) -> None:
    story, table = at_the_group(caseworker), Table(caseworker)
    n = table.takes_up(story)
    form = shown(caseworker, table).text
    assert f'action="/meetings/{table.id}/items/{n}/orders"' in form
    assert f'value="{story.number}" selected' in form, "the item's one case is the one it is about"
    mapping = MAPPING | {"steps": "\r\n".join(MAPPING["steps"]), "case": story.number}
    assert orders(caseworker, table, n, **mapping).status_code == 303
    page = shown(caseworker, table).text
    for said in (ORDERING["what"], "Type bestilling", *MAPPING["steps"]):
        assert said in page
    (order,) = set(re.findall(r'"/orders/([0-9a-f-]{36})"', page))
    told = caseworker.get(f"/api/orders/{order}").json()
    assert (told["ordered_by"], told["case"]) == (GROUP, story.case["id"])
    minutes = caseworker.get(f"{table.path}/minutes", params={"format": "html"}).text
    assert ORDERING["what"] in minutes
    decided = caseworker.get("/decisions").text
    assert MAPPING["steps"][0] in decided
    assert "Hvordan de hører sammen" not in decided


def test_a_refusal_stands_beside_the_form(caseworker: Client) -> None:
    table = Table(caseworker).does("agenda/items")
    refused = orders(caseworker, table, 1, to=GROUP, what="Noe helt annet")
    assert refused.status_code == 422
    assert 'id="do-orders" data-key="b" open' in refused.text
    assert "Noe helt annet" in refused.text
    table.does("closure")
    assert orders(caseworker, table, 1).status_code == 409
    assert "items/1/orders" not in shown(caseworker, table).text


def test_nobody_else_is_shown_the_form_or_may_send_it(
    caseworker: Client, member: Client, shared: Client
) -> None:
    table = Table(caseworker, TEAM).does("agenda/items")
    assert "items/1/orders" not in shown(caseworker, table).text, "a team orders nothing"
    group = Table(caseworker).does("agenda/items")
    narrowed = Client(caseworker.app, headers={"Authorization": f"Bearer {_narrow(caseworker)}"})
    narrowed.ledger, narrowed.portal = caseworker.ledger, caseworker.portal
    for who, where in ((member, table), (shared.as_(Role.BOARD), group), (narrowed, group)):
        page = shown(who, where)
        assert page.status_code == 200
        assert "items/1/orders" not in page.text
        assert orders(who, where, 1).status_code == 403


def _narrow(client: Client) -> str:
    """A coordinator's token that does casework in meetings, and orders nothing."""
    only = frozenset({Action.READ_MEETINGS, Action.MEET, Action.CASEWORK, Action.READ_CASES})
    return kept_tokens.create_token(
        client.ledger.database, "test", Role.COORDINATOR, None, only=only
    )


@pytest.mark.parametrize("scripts", [True, False])
def test_an_order_is_given_while_the_meeting_is_led(
    scripts: bool, browser: Browser, demonstration: Live
) -> None:
    table = Table(past_the_socket(demonstration, Role.COORDINATOR)).does("agenda/items")
    caught_up(demonstration)
    with signed_in(browser, demonstration, COORDINATOR, scripts=scripts) as who:
        page = who.goes(f"/meetings/{table.id}").page
        if scripts:
            page.locator("#item-title").focus()
            page.keyboard.press("b")
            page.locator("#logorders [name=kind]:focus").wait_for()
        else:
            page.locator("#do-orders > summary").click()
        form = page.locator("#logorders")
        form.locator("[name=kind]").select_option("action")
        form.locator("[name=to]").select_option(TEAM)
        form.locator("[name=what]").fill("Natteravner på fredager")
        form.locator("[name=expected_effect]").fill("Roligere fredager")
        form.locator("[name=due_on]").fill(SOON)
        if scripts:
            assert barriers(page) == []
        form.locator("button").click()
        page.get_by_role("heading", name="Bestilt").wait_for()
        assert "Natteravner på fredager" in page.locator("#agenda").inner_text()
        if scripts:
            assert barriers(page) == []
        page.get_by_role("link", name="Til bestillingen").click()
        page.locator("h1", has_text="Natteravner på fredager").wait_for()
        assert who.complaints == []

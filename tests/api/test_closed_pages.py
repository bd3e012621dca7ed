"""A case's page where it is closed to others: restricted, opened in an emergency, words erased."""

import re
from collections.abc import Iterator
from typing import get_args

import httpx
import pytest
from playwright.sync_api import Browser

from api.pages import timeline
from domain.actor import Role
from domain.case import CaseEvent
from domain.text import Text
from tests.api.conftest import Live
from tests.api.paging import (
    COORDINATOR,
    Somebody,
    barriers,
    caught_up,
    past_the_socket,
    signed_in,
    through_the_socket,
)
from tests.api.seats import person
from tests.api.story import Story
from tests.conftest import Client

WHY = {"reason": "Den gjelder få."}
ERASING = {"legal_basis": "confidentiality", "asked_by": "guardian", "reason": "Den peker ut noen."}


@pytest.fixture
def other(administrator: Client) -> Client:
    """A coordinator who is not named on anything."""
    return person(administrator, Role.COORDINATOR)


def page(client: Client, path: str) -> httpx.Response:
    caught_up(client)
    return client.get(path)


def sends(client: Client, path: str, **fields: object) -> httpx.Response:
    caught_up(client)
    return client.post(path, data=fields, follow_redirects=False)


def forms(answer: httpx.Response) -> set[str]:
    """The last part of where each form goes."""
    return set(re.findall(r'action="/cases/[^"]*/([a-z-]+)" class="form"', answer.text))


def text_of(story: Story, field: str = "title") -> str:
    return str(story.history()[0][field]["text_id"])


def test_a_case_is_restricted_and_the_restriction_lifted(
    caseworker: Client, other: Client, member: Client
) -> None:
    story = Story(caseworker)
    path = f"/cases/{story.number}"
    assert f"{path}?do=restriction#do-restriction" in page(caseworker, path).text
    opened = page(caseworker, f"{path}?do=restriction")
    assert f'name="people" value="{other.id}"' in opened.text
    named = sends(caseworker, f"{path}/restriction", people=[other.id], **WHY)
    assert named.status_code == 303
    assert page(member, path).status_code == 404
    assert "restriction" not in forms(page(other, path)), "the form is one click away"
    again = page(other, f"{path}?do=restriction")
    assert f'value="{other.id}" checked' not in again.text, "whoever asks is named all the same"
    assert {"restriction", "lifting"} <= forms(again)
    assert sends(other, f"{path}/lifting", **WHY).status_code == 303
    assert page(member, path).status_code == 200


def test_whoever_is_named_already_is_ticked(caseworker: Client, other: Client) -> None:
    story = Story(caseworker).does("restriction", people=[other.id])
    form = page(caseworker, f"/cases/{story.number}?do=restriction").text
    assert f'value="{other.id}" checked' in form
    same = sends(caseworker, f"/cases/{story.number}/restriction", people=[other.id], **WHY)
    assert same.status_code == 409
    assert 'id="do-restriction" open' in same.text


def test_nobody_else_is_shown_the_forms_or_may_send_them(
    caseworker: Client, member: Client, shared: Client
) -> None:
    story = Story(caseworker)
    path = f"/cases/{story.number}"
    closed = {"restriction", "lifting", "break-glass", "erasures"}
    for who in (member, shared.as_(Role.BOARD), shared.as_(Role.AUDITOR)):
        shown = page(who, f"{path}?do=restriction")
        assert shown.status_code == 200
        assert forms(shown).isdisjoint(closed)
        assert "do-restriction" not in shown.text
        for form in closed:
            assert sends(who, f"{path}/{form}", **WHY).status_code == 403, form
    assert "break-glass" not in forms(page(caseworker, path))


def test_whoever_may_break_the_glass_is_given_the_form_where_they_are_refused(
    caseworker: Client, other: Client, shared: Client
) -> None:
    story = Story(caseworker, "discussions", title="Bare for oss").does("restriction")
    path = f"/cases/{story.number}"
    refused = page(other, path)
    assert (refused.status_code, forms(refused)) == (403, {"break-glass"})
    assert "Bare for oss" not in refused.text
    at = story.case["position"]
    for way in (f"{path}?as_of={at}", f"{path}?true_at={at}"):
        assert page(other, way).status_code == 403
    refused = sends(other, f"{path}/notes", text="Hei på deg")
    assert forms(refused) == {"break-glass"}
    assert "<blockquote" in refused.text
    assert "Hei på deg" in refused.text, "what was typed is given back"
    empty = sends(other, f"{path}/break-glass")
    assert (empty.status_code, forms(empty)) == (422, {"break-glass"})
    assert page(shared.as_(Role.BOARD), path).status_code == 404
    assert sends(shared.as_(Role.BOARD), f"{path}/break-glass", **WHY).status_code == 403
    assert sends(other, f"{path}/break-glass", reason="Det haster.").status_code == 303
    shown = page(other, path)
    assert "Bare for oss" in shown.text
    assert "Det haster." in shown.text
    again = sends(other, f"{path}/break-glass", reason="Det haster.")
    assert again.status_code == 409
    assert 'id="do-break-glass" open' in again.text


def test_words_are_erased_once_it_is_said_that_it_cannot_be_undone(caseworker: Client) -> None:
    story = Story(caseworker, "notes", title="Hos naboen")
    path, text_id = f"/cases/{story.number}", text_of(story)
    position = story.history()[0]["position"]
    fields = {**ERASING, "text_id": text_id, "position": position}
    unsure = sends(caseworker, f"{path}/erasures", **fields)
    assert unsure.status_code == 422
    assert f'id="erasures-{position}-sure-wrong"' in unsure.text
    assert "Hos naboen" in page(caseworker, path).text
    assert sends(caseworker, f"{path}/erasures", **fields, sure="yes").status_code == 303
    shown = page(caseworker, path)
    assert "Hos naboen" not in shown.text
    at = Story.now(story)["erased"]["title"]
    assert shown.text.count(f"{path}/erasures/{at}") == 2, "beside the words, and at the erasure"
    gone = sends(caseworker, f"{path}/erasures", **fields, sure="yes")
    assert gone.status_code == 409
    assert "allerede slettet" in gone.text


def test_a_key_counts_once_and_a_version_that_has_passed_is_told_of(caseworker: Client) -> None:
    story = Story(caseworker)
    path, version = f"/cases/{story.number}", story.case["version"]
    for _ in range(2):
        sent = sends(caseworker, f"{path}/restriction", key="ab12", version=version, **WHY)
        assert sent.status_code == 303
    caught_up(caseworker)
    assert [one["event"] for one in story.history()].count("CaseRestricted") == 1
    late = sends(caseworker, f"{path}/lifting", version=version, **WHY)
    assert late.status_code == 412
    assert 'id="do-lifting" open' in late.text


def test_every_text_of_a_case_has_a_name_to_be_erased_by() -> None:
    known = timeline.SHOWN.keys() | timeline.BESIDES
    texts = {
        name
        for event in get_args(CaseEvent)
        for name, field in event.model_fields.items()
        if Text in {field.annotation, *get_args(field.annotation)}
    }
    assert texts - known == set()


# In a browser.


@pytest.fixture
def coordinator(browser: Browser, demonstration: Live) -> Iterator[Somebody]:
    with signed_in(browser, demonstration, COORDINATOR) as somebody:
        yield somebody
        assert somebody.complaints == []


def test_a_case_is_opened_in_an_emergency_restricted_anew_and_its_words_erased(
    coordinator: Somebody, demonstration: Live
) -> None:
    """Nobody is kept out of any page on the way."""
    story = Story(past_the_socket(demonstration, Role.COORDINATOR), title="Hos naboen")
    body = story.body("restriction")
    assert through_the_socket(demonstration, f"{story.path}/restriction", body).status_code == 201
    page = coordinator.goes(f"/cases/{story.number}").page
    assert barriers(page) == []
    coordinator.complaints.clear()  # a browser says of a page that refuses that it refused
    page.locator("[name=reason]").fill("Det haster i kveld.")
    page.get_by_role("button", name="Nødåpne saken").click()
    page.get_by_role("heading", name="Nødåpnet").wait_for()
    page.get_by_role("link", name="Begrens den til andre").click()
    form = page.locator("#do-restriction")
    form.locator("[name=reason]").fill("Flere må se den.")
    form.locator("[name=people]").first.check()
    assert barriers(page) == []
    form.locator("button").click()
    assert page.get_by_role("heading", name="Sak begrenset").count() == 2
    page.locator("#do-lifting summary").click()
    page.locator("#do-lifting [name=reason]").fill("Det er over.")
    page.locator("#do-lifting button").click()
    page.get_by_role("heading", name="Begrensning opphevet").wait_for()
    first = page.locator(".entry").first
    first.get_by_text("Slett ord", exact=True).click()
    erase = first.locator("form[action$='/erasures']")
    erase.locator("[name=legal_basis]").select_option("confidentiality")
    erase.locator("[name=asked_by]").select_option("own_initiative")
    erase.locator("[name=reason]").fill("Den peker ut noen.")
    erase.locator("[name=sure]").check()
    assert barriers(page) == []
    erase.locator("button").click()
    page.get_by_role("heading", name="Tekst slettet").wait_for()
    assert "tittelen er slettet" in page.locator("h1").inner_text()
    assert barriers(page) == []
    page.locator(".entry").first.get_by_role("link", name="sletteattest").click()
    page.get_by_role("heading", name="Sletteattest").wait_for()
    coordinator.complaints.clear()  # until it is there the page asks again

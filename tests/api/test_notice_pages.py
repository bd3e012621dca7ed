"""Notices, the choice of e-mail, webhooks and the policy on deadlines, as pages."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape

import httpx
import pytest
from playwright.sync_api import Browser
from standardwebhooks import Webhook

from api.deadline_bodies import PolicySetting
from api.delivery import Delivery
from api.pages import policy
from api.rounds import Means
from domain.actor import Role
from domain.notice import KINDS
from domain.policy import SHIPPED, Policy
from tests.api.conftest import Live
from tests.api.ordering import Ordered
from tests.api.paging import (
    ADMIN,
    COORDINATOR,
    MEMBER,
    Somebody,
    barriers,
    caught_up,
    past_the_socket,
    signed_in,
)
from tests.api.seats import confirm, person, sits
from tests.api.story import TEAM, Story, read
from tests.api.test_notices import OUTSIDE, a_server, with_means
from tests.conftest import SECRET, Client
from tests.receivers import mail_server, wait_for


@pytest.fixture
def member(browser: Browser, demonstration: Live) -> Iterator[Somebody]:
    with signed_in(browser, demonstration, MEMBER) as somebody:
        yield somebody
        assert somebody.complaints == []


def sent(client: Client, path: str, **fields: object) -> httpx.Response:
    answer: httpx.Response = client.post(path, data=fields, follow_redirects=False)
    return answer


# What one is told.


def test_a_member_is_told_reads_it_and_goes_to_what_it_is_about(
    member: Somebody, demonstration: Live
) -> None:
    caseworker = past_the_socket(demonstration, Role.COORDINATOR)
    story = Story(caseworker).does("escalations", urgent=True)
    order = Ordered(caseworker)
    caught_up(demonstration)
    page = member.starts().page
    page.locator(".who").get_by_role("link", name="Varsler").click()
    count = int(page.locator(".who .count").inner_text().split()[0])
    unread = page.locator("ul.lines > li.unread")
    assert unread.count() == count > 2
    assert "Bestilt" in unread.first.inner_text(), "the newest is the first"
    assert "ulest" in unread.first.inner_text()
    lifted = unread.filter(has_text=f"Sak løftet · {story.number}")
    assert "på vegne" not in lifted.inner_text()
    page.get_by_role("button", name="Jeg har lest alle disse").click()
    page.locator("ul.lines > li").first.wait_for()
    assert page.locator(".count, li.unread").count() == 0
    page.get_by_role("link", name="Bestilt").first.click()
    page.wait_for_url(f"**/orders/{order.id}")
    member.goes("/notices")
    page.get_by_role("link", name=f"Sak løftet · {story.number}").click()
    page.locator(".timeline").wait_for()
    assert member.number == story.number


def test_older_notices_stand_on_the_next_page(demonstration: Live, member: Somebody) -> None:
    caseworker = past_the_socket(demonstration, Role.COORDINATOR)
    story = Story(caseworker)
    for _ in range(13):
        story.does("closure").does("reopening").does("escalations", urgent=True)
        story.does("returns")
    caught_up(demonstration)
    page = member.goes("/notices").page
    seen = page.locator("ul.lines > li").count()
    page.get_by_role("link", name="Eldre").click()
    page.wait_for_url("**/notices?cursor=*")
    assert seen == 50
    assert page.locator("ul.lines > li").count() > 2


def test_how_one_hears_by_mail_is_chosen_changed_and_erased(
    browser: Browser, demonstration: Live
) -> None:
    client = past_the_socket(demonstration, Role.COORDINATOR)
    with signed_in(browser, demonstration, COORDINATOR, scripts=False) as who:
        page = who.goes("/notices").page
        assert page.locator("form#mail-form").count() == 0
        with with_means(client, mail=a_server()):
            form = who.goes("/notices").page.locator("form#mail-form")
            form.locator("[name=address]").fill("kari")
            form.locator("[name=mode]").select_option("daily")
            form.locator("button").click()
            assert form.locator("[name=address]").get_attribute("aria-invalid") == "true"
            assert form.locator("[name=address]").input_value() == "kari"
            who.complaints.clear()  # a browser says of a refused form that it was refused
            form.locator("[name=address]").fill("kari@example.no")
            form.get_by_label("Sak avsluttet").check()
            form.locator("button").click()
            assert form.locator("[name=address]").input_value() == "kari@example.no"
            assert form.locator("[name=mode]").input_value() == "daily"
            assert form.locator("input:checked").count() == 1
            page.get_by_role("button", name="Slett adressen min").click()
            assert form.locator("[name=address]").input_value() == ""
        assert who.complaints == []


def test_the_start_page_shows_the_newest_that_are_unread(
    administrator: Client, caseworker: Client
) -> None:
    reader = person(administrator)
    sits(administrator, reader, f"organs/{TEAM}")
    confirm(reader)
    assert "Hva er nytt" not in reader.get("/").text
    story, order = Story(caseworker), Ordered(caseworker)
    story.does("escalations", urgent=True)
    meets = caseworker.post(
        "/api/meetings", json={"organ": TEAM, "starts_at": "2030-01-10T12:00:00Z"}
    )
    there = {"Loft-Position": str(caseworker.get("/readyz").json()["ledger_size"])}
    page = reader.get("/", headers=there).text
    card = page[page.index('id="news"') : page.index("Alle varsler")]
    at = re.findall(r'<a href="([^"]+)"', card)
    case = f"/cases/{story.number}"
    assert at == [f"/meetings/{meets.json()['id']}", case, f"/orders/{order.id}", case]
    assert 'href="/notices"' in page[page.index("Sak løftet") :]
    sent(reader, "/notices/read", position=there["Loft-Position"])
    assert "Hva er nytt" not in reader.get("/").text


# Other systems.


def secret_on(answer: httpx.Response) -> str:
    found = re.search(r'id="made">([^<]+)<', answer.text)
    assert found, answer.text
    return unescape(found[1])


def hooks(administrator: Client) -> list[dict]:
    return list(administrator.get("/api/webhooks", params={"limit": 1000}).json()["items"])


def test_a_webhook_s_secret_is_shown_once_and_changed(administrator: Client) -> None:
    made = sent(administrator, "/structure/webhooks", url=OUTSIDE, events=["CaseRaised"])
    secret = secret_on(made)
    assert Webhook(secret)
    page = administrator.get("/structure/webhooks").text
    assert OUTSIDE in page
    assert secret not in page
    one = hooks(administrator)[-1]
    assert one["events"] == ["CaseRaised"]
    at = f"/structure/webhooks/{one['id']}"
    changed = secret_on(sent(administrator, f"{at}/rotation", hours="2"))
    assert changed != secret
    assert sent(administrator, f"{at}/rotation", hours="-1").status_code == 422
    assert sent(administrator, f"{at}/release").status_code == 303
    assert sent(administrator, f"{at}/deletion").status_code == 303
    assert OUTSIDE not in administrator.get("/structure/webhooks").text
    assert sent(administrator, f"{at}/deletion").status_code == 404


def test_without_events_it_is_told_of_all(administrator: Client) -> None:
    sent(administrator, "/structure/webhooks", url=f"{OUTSIDE}/all")
    one = hooks(administrator)[-1]
    assert one["events"] == list(KINDS)
    sent(administrator, f"/structure/webhooks/{one['id']}/deletion")


@pytest.mark.parametrize("url", ["http://192.0.32.8/", "https://localhost/", ""])
def test_one_that_leads_inside_is_refused_and_stays_filled_in(
    url: str, administrator: Client
) -> None:
    before = len(hooks(administrator))
    answer = sent(administrator, "/structure/webhooks", url=url)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert f'value="{url}"' in answer.text
    assert len(hooks(administrator)) == before


def test_what_was_given_up_is_shown_and_tried_again(
    administrator: Client, caseworker: Client
) -> None:
    reader = person(administrator)
    sits(administrator, reader, f"organs/{TEAM}")
    confirm(reader)
    says = iter(["550 No such mailbox"])
    with mail_server(lambda _: next(says, "250 OK")) as box:
        facts = {"mail": a_server(box), "first_wait": 0.1}
        with with_means(reader, **facts):
            body = {"address": "a@example.no", "mode": "at_once"}
            assert reader.put("/api/me/notices", json=body).status_code == 200
            delivery = Delivery(reader.ledger, Means(**({"secret": SECRET} | facts)))
            delivery.start()
            try:
                number = Story(caseworker).number
                wait_for(lambda: number in administrator.get("/structure/webhooks").text)
                page = administrator.get("/structure/webhooks").text
                assert "smtp-550" in page
                assert "gitt opp" in page
                again = sent(administrator, "/structure/webhooks/parked", recipient=reader.id)
                assert again.status_code == 303
                wait_for(lambda: box.taken)
            finally:
                delivery.stop()
    assert number not in administrator.get("/structure/webhooks").text
    (message,) = box.taken
    assert f"https://loft.example.no/cases/{number}" in str(message.get_content())


# The policy.


def filled(**changes: object) -> dict[str, object]:
    """The form as it stands where the shipped policy holds."""
    own = SHIPPED.policy
    cells = {policy.cell(one.status, one.level): one.days for one in own.standing}
    days = {name: getattr(own, name) for name in policy.DAYS}
    return {
        **cells,
        **days,
        "counts": "working",
        "july_stands_still": "yes",
        "small_numbers": "5",
        **changes,
    }


def test_all_of_a_policy_is_on_the_form() -> None:
    assert set(policy.SET.names) == set(policy.CELLS) | (set(Policy.model_fields) - {"standing"})
    assert set(Policy.model_fields) <= set(PolicySetting.model_fields)


def test_a_policy_is_set_and_what_held_before_is_still_read(caseworker: Client) -> None:
    first = filled(raised_executing="7", discussed_steering="", free_days="2026-12-24\n2026-12-31")
    answer = sent(caseworker, "/structure/policy", **first)
    assert answer.status_code == 303, answer.text
    set_at = int(answer.cookies["loft-position"])
    now = read(caseworker, "/api/policy")
    standing = {(one["status"], one["level"]): one["days"] for one in now["standing"]}
    assert standing[("raised", "executing")] == 7
    assert ("discussed", "steering") not in standing
    assert (now["free_days"], now["july_stands_still"]) == (["2026-12-24", "2026-12-31"], True)
    there = {"Loft-Position": str(set_at)}
    page = caseworker.get("/structure/policy", headers=there).text
    assert "Versjon 1 av kommunens" in page
    assert 'name="raised_executing" value="7"' in page
    assert "for alltid" in page
    assert f"/structure/policy?as_of={set_at}" in page
    before = caseworker.get(f"/structure/policy?as_of={set_at - 1}").text
    assert "ikke satt egne fristregler" in before
    assert '<form method="post" action="/structure/policy"' not in before


def test_july_counts_where_that_is_not_ticked(caseworker: Client) -> None:
    said = filled(counts="calendar")
    del said["july_stands_still"]
    assert sent(caseworker, "/structure/policy", **said).status_code == 303
    now = read(caseworker, "/api/policy")
    assert (now["counts"], now["july_stands_still"]) == ("calendar", False)


@pytest.mark.parametrize(
    ("wrong", "value"),
    [("raised_executing", "-1"), ("answer_days", "tull"), ("warn_days", "500"),
     ("counts", "moons"), ("free_days", "julaften")],
)  # fmt: skip
def test_a_policy_that_makes_no_sense_is_refused_and_stays_filled_in(
    wrong: str, value: str, caseworker: Client
) -> None:
    version = read(caseworker, "/api/policy")["policy_version"]
    answer = sent(caseworker, "/structure/policy", **filled(**{wrong: value}))
    assert answer.status_code in {409, 422}
    assert 'role="alert"' in answer.text
    assert wrong == "counts" or value in answer.text
    assert read(caseworker, "/api/policy")["policy_version"] == version


def test_holidays_are_told_by_the_year(caseworker: Client) -> None:
    sent(caseworker, "/structure/policy", **filled())
    page = caseworker.get("/structure/policy").text
    year = datetime.now(UTC).year
    assert f"Helligdager i {year}" in page
    assert f"17. mai {year + 1}" in page


# All of them.


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_kept_out_and_nothing_is_cut_off(
    scheme: str, browser: Browser, demonstration: Live
) -> None:
    admin = past_the_socket(demonstration, Role.ADMIN)
    Story(past_the_socket(demonstration, Role.COORDINATOR))
    admin.post("/api/webhooks", json={"url": f"{OUTSIDE}/{'long' * 30}"})
    caught_up(demonstration)
    pages = {
        MEMBER: ["/notices"],
        COORDINATOR: ["/structure/policy", "/structure/policy?as_of=2"],
        ADMIN: ["/notices", "/structure/webhooks"],
    }
    with with_means(admin, mail=a_server()):
        for one, paths in pages.items():
            with signed_in(browser, demonstration, one) as who:
                who.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
                who.page.set_viewport_size({"width": 320, "height": 800})
                for path in paths:
                    who.goes(path)
                    for opened in who.page.locator("details").all():
                        opened.evaluate("e => { e.open = true }")
                    assert barriers(who.page) == [], path
                    width = "document.documentElement.scrollWidth"
                    assert who.page.evaluate(width) <= 320, path
                assert who.complaints == []


def test_strangers_are_sent_to_sign_in_and_others_are_refused(
    shared: Client, caseworker: Client
) -> None:
    for path in ("/notices", "/structure/policy", "/structure/webhooks"):
        answer = shared.get(path, follow_redirects=False)
        assert answer.headers["location"].startswith("/sign-in?"), path
    for path in ("/notices/read", "/notices/mail", "/structure/policy", "/structure/webhooks"):
        assert sent(shared, path).headers["location"].startswith("/sign-in"), path
    assert shared.as_(Role.REPORTER).get("/structure/policy").status_code == 403
    member = shared.as_(Role.MEMBER, TEAM)
    assert sent(member, "/structure/policy", **filled()).status_code == 403
    assert "do-policy" not in member.get("/structure/policy").text
    for path in ("", "/w-1/rotation", "/w-1/release", "/w-1/deletion", "/parked"):
        assert sent(caseworker, f"/structure/webhooks{path}").status_code == 403, path
    assert caseworker.get("/structure/webhooks").status_code == 403

"""Sessions: how they end, and that a page of ours must ask for whatever they change."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from api import sessions
from domain.actor import Role
from tests.api.conftest import Stand
from tests.api.openid import Browser
from tests.api.seats import leaves, sits
from tests.api.story import OTHER_TEAM, RAISING, SERVICE, TEAM
from tests.api.test_sign_in import confirmed, me
from tests.conftest import Client
from tests.lives import as_owner, everything

HELD = sessions.COOKIE


@pytest.fixture
def signed_in(stand: Stand) -> Iterator[Browser]:
    """A coordinator, who has confirmed confidentiality once."""
    browser = stand.browser
    browser.sign_in("entra", "kari")
    if browser.ask("/").status_code == 303:
        confirmed(browser)
    yield browser
    ours(stand, "UPDATE sessions SET ended_at = now() WHERE ended_at IS NULL")


def ours(stand: Stand, statement: str) -> None:
    with as_owner(stand.ledger) as connection:
        connection.execute(statement)


def lets_in(browser: Browser) -> bool:
    status = browser.ask("/api/me").status_code
    assert status in {200, 401}
    return status == 200


class Known(Client):
    """Somebody with an id, for `seats.sits`."""

    def __init__(self, person: str) -> None:
        self.id = person


# How they end.


def test_signing_out_ends_the_session_on_the_server(stand: Stand, signed_in: Browser) -> None:
    kept = Browser(stand.live.url, dict(signed_in.cookies))
    assert lets_in(kept)
    answer = signed_in.ask("/sign-out", "POST", data={"csrf": signed_in.csrf})
    assert answer.headers["location"] == "/sign-in"
    assert HELD not in signed_in.cookies
    assert not lets_in(kept)
    assert kept.ask("/").headers["location"] == "/sign-in"


def test_another_session_of_theirs_goes_on(stand: Stand, signed_in: Browser) -> None:
    other = stand.browser
    other.sign_in("entra", "kari")
    signed_in.ask("/sign-out", "POST", data={"csrf": signed_in.csrf})
    assert lets_in(other)


def test_a_session_ends_unused_and_in_any_case(stand: Stand, signed_in: Browser) -> None:
    ours(stand, "UPDATE sessions SET last_seen_at = last_seen_at - interval '7.9 hours'")
    assert lets_in(signed_in)  # and was used just now
    ours(stand, "UPDATE sessions SET last_seen_at = last_seen_at - interval '7.9 hours'")
    assert lets_in(signed_in)
    ours(stand, "UPDATE sessions SET last_seen_at = last_seen_at - interval '8.1 hours'")
    assert not lets_in(signed_in)
    again = stand.browser
    again.sign_in("entra", "kari")
    ours(stand, "UPDATE sessions SET expires_at = expires_at - interval '12.1 hours'")
    assert not lets_in(again)


def test_what_an_open_page_asks_by_itself_does_not_keep_a_session(
    stand: Stand, signed_in: Browser
) -> None:
    ours(stand, "UPDATE sessions SET last_seen_at = last_seen_at - interval '7.9 hours'")
    for quiet in ({"Loft-Quiet": "1"}, {"Accept": "text/event-stream"}):
        assert signed_in.ask("/api/me", headers=quiet).status_code == 200
    ours(stand, "UPDATE sessions SET last_seen_at = last_seen_at - interval '0.2 hours'")
    assert not lets_in(signed_in)


def test_a_session_ends_with_a_seat_that_it_began_with(stand: Stand) -> None:
    admin, browser = stand.administrator, stand.browser
    browser.sign_in("entra", "ola")
    who = Known(person_of(browser))
    places = [f"organs/{TEAM}", f"organs/{OTHER_TEAM}", f"services/{SERVICE}"]
    taken = [sits(admin, who, place) for place in places[:2]]
    assert lets_in(browser)  # a new seat ends nothing
    browser.sign_in("entra", "ola")
    later = sits(admin, who, places[2])
    leaves(admin, places[2], later)
    assert lets_in(browser)  # it began without that one
    leaves(admin, places[0], taken[0])
    assert not lets_in(browser)
    browser.sign_in("entra", "ola")
    assert me(browser)["organs"] == [OTHER_TEAM]


def test_a_session_ends_with_a_role_that_is_withdrawn(stand: Stand) -> None:
    admin, browser = stand.administrator, stand.browser
    browser.sign_in("plain", "ola")
    person = person_of(browser)
    admin.post(f"/api/persons/{person}/roles", json={"role": "auditor"})
    browser.sign_in("plain", "ola")
    assert me(browser)["roles"] == ["auditor"]
    admin.post(f"/api/persons/{person}/roles/withdrawal", json={"role": "auditor"})
    assert not lets_in(browser)
    admin.post(f"/api/persons/{person}/roles", json={"role": "auditor"})
    assert not lets_in(browser)  # what has ended stays ended


def test_a_session_ends_with_its_provider(stand: Stand, signed_in: Browser) -> None:
    state = stand.live.app.state
    before = state.sign_in
    without = {key: one for key, one in before.providers.items() if key != "entra"}
    state.sign_in = replace(before, providers=without)
    try:
        assert not lets_in(signed_in)
    finally:
        state.sign_in = before
    assert not lets_in(signed_in)


def person_of(browser: Browser) -> str:
    return browser.ask("/").text.split("<code>")[1].split("<")[0]


# What is kept.


def test_no_secret_is_kept(stand: Stand, signed_in: Browser) -> None:
    other = stand.browser
    other.begin("entra")
    kept = everything(stand.ledger)
    for secret in (*signed_in.cookies.values(), *other.cookies.values(), signed_in.csrf):
        assert secret not in kept


@pytest.mark.usefixtures("signed_in")
def test_ended_sessions_are_swept(stand: Stand) -> None:
    ours(stand, "UPDATE sessions SET expires_at = expires_at - interval '31 days'")
    stand.browser.sign_in("entra", "kari")
    assert stand.ledger.database.rows("SELECT count(*) FROM sessions") == [(1,)]


# Asked by a page of ours.


@pytest.mark.parametrize("csrf", [None, "", "x", "of another session"])
def test_nothing_changes_that_no_page_of_ours_asks_for(
    stand: Stand, signed_in: Browser, csrf: str | None
) -> None:
    if csrf == "of another session":
        other = stand.browser
        other.sign_in("entra", "kari")
        csrf = other.csrf
    size = stand.ledger.engine.ledger.size()
    header = {} if csrf is None else {"Loft-CSRF": csrf}
    field = {} if csrf is None else {"csrf": csrf}
    answer = signed_in.ask("/api/cases", "POST", json=RAISING, headers=header)
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/forbidden")
    for path in ("/sign-out", "/confidentiality"):
        form = signed_in.ask(path, "POST", data=field | {"text_version": "0"})
        assert (form.status_code, "Last den på nytt" in form.text) == (403, True)
    assert lets_in(signed_in)
    assert stand.ledger.engine.ledger.size() == size


def test_what_a_page_of_ours_asks_for_is_done(signed_in: Browser) -> None:
    headers = {"Loft-CSRF": signed_in.csrf}
    answer = signed_in.ask("/api/cases", "POST", json=RAISING, headers=headers)
    assert answer.status_code == 201
    history = signed_in.ask(
        f"/api/cases/{answer.json()['id']}/history",
        headers={"Loft-Position": answer.headers["Loft-Position"]},
    ).json()["items"]
    assert history[0]["actor"]["id"] == me(signed_in)["id"]


def test_a_token_goes_before_a_session_and_needs_no_page(stand: Stand, signed_in: Browser) -> None:
    headers = {"Authorization": "Bearer loft_wrong"}
    assert signed_in.ask("/api/me", headers=headers).status_code == 401
    token = stand.administrator.as_(Role.COORDINATOR).headers["authorization"]
    answer = signed_in.ask("/api/cases", "POST", json=RAISING, headers={"Authorization": token})
    assert answer.status_code == 201


# Confidentiality.


def test_nothing_is_open_before_confidentiality_is_confirmed(stand: Stand) -> None:
    admin, browser = stand.administrator, stand.browser
    browser.sign_in("plain", "ida")
    sits(admin, Known(person_of(browser)), f"organs/{TEAM}")
    assert browser.ask("/").headers["location"] == "/confidentiality"
    refused = browser.ask("/api/cases")
    assert (refused.status_code, "confidentiality" in refused.json()["detail"]) == (403, True)
    page = browser.ask("/confidentiality")
    assert "forvaltningsloven § 13" in page.text
    for version in ("", "-1", "²", "9" * 30):
        form = {"csrf": browser.csrf, "text_version": version}
        assert browser.ask("/confidentiality", "POST", data=form).status_code == 403
    form = {"csrf": browser.csrf, "text_version": "0", "return_to": "//evil.example"}
    for _ in range(2):
        answer = browser.ask("/confidentiality", "POST", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert browser.ask("/api/cases").status_code == 200


def test_whoever_has_no_place_yet_is_told_so(stand: Stand) -> None:
    browser = stand.browser
    browser.sign_in("plain", "per")
    assert "ingen plass eller rolle ennå" in browser.ask("/").text
    form = {"csrf": browser.csrf, "text_version": "0"}
    assert browser.ask("/confidentiality", "POST", data=form).status_code == 403


def test_whoever_is_not_signed_in_is_sent_to_sign_in(stand: Stand) -> None:
    for path, method in (("/", "GET"), ("/confidentiality", "GET"), ("/sign-out", "POST")):
        answer = stand.browser.ask(path, method)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


def test_where_nobody_signs_in_the_page_says_so(shared: Client) -> None:
    assert "ikke satt opp" in shared.get("/sign-in").text
    assert shared.get("/", follow_redirects=False).headers["location"] == "/sign-in"
    headers = {"Cookie": f"{HELD}=x"}
    assert shared.get("/api/me", headers=headers).status_code == 401


def test_a_text_that_was_replaced_meanwhile_is_read_anew(stand: Stand) -> None:
    admin, browser = stand.administrator, stand.browser
    browser.sign_in("entra", "kari")
    old = {"csrf": browser.csrf, "text_version": "0"}
    text = "Vi tier om <b>alt</b> vi hører her."
    admin.post("/api/municipality/confidentiality", json={"text": text})
    answer = browser.ask("/confidentiality", "POST", data=old)
    assert (answer.status_code, answer.headers["location"]) == (303, "/confidentiality")
    assert "Vi tier om &lt;b&gt;alt&lt;/b&gt; vi hører her." in browser.ask("/confidentiality").text
    confirmed(browser)
    assert browser.ask("/").status_code == 200

"""Signing in with a real provider, over HTTP: the right way, and every wrong one."""

import re
from functools import partial

import pytest

from api import sessions, sign_ins
from domain.actor import Role
from tests.api.conftest import Stand
from tests.api.openid import PID, Browser, query_of
from tests.lives import as_owner, everything, in_threads

HELD = sessions.COOKIE


def me(browser: Browser) -> dict:
    answer = browser.ask("/api/me")
    assert answer.status_code == 200, answer.text
    return answer.json()


def confirmed(browser: Browser) -> None:
    page = browser.ask("/confidentiality").text
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page))
    answer = browser.ask("/confidentiality", "POST", data=fields)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def assert_wrong(answer, status: int, sentence: str) -> None:
    """A page in a sentence, and nobody is let in."""
    assert (answer.status_code, answer.headers["content-type"]) == (
        status, "text/html; charset=utf-8",
    )  # fmt: skip
    assert sentence in answer.text
    assert HELD not in answer.headers.get("set-cookie", "")


# The right way.


def test_somebody_new_is_registered_and_let_in_by_what_their_provider_says(stand: Stand) -> None:
    browser = stand.browser
    answer = browser.sign_in("entra", "kari")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert browser.ask("/").headers["location"] == "/confidentiality"
    assert browser.ask("/api/cases").status_code == 403
    confirmed(browser)
    home = browser.ask("/")
    assert "Kari Nordmann" in home.text
    assert "SLT-koordinator" in browser.ask("/me").text
    assert browser.ask("/api/cases").status_code == 200
    assert me(browser)["roles"] == ["coordinator"]


def test_a_name_that_says_more_than_a_name_is_not_kept(stand: Stand) -> None:
    browser = stand.browser
    assert browser.sign_in("entra", "numbered").status_code == 303
    confirmed(browser)
    assert me(browser)["roles"] == ["auditor"]
    assert PID not in everything(stand.ledger)
    assert "Nummer" not in browser.ask("/").text


def test_the_next_time_they_are_the_same_person(stand: Stand) -> None:
    first, second = stand.browser, stand.browser
    for browser in (first, second):
        browser.sign_in("entra", "kari")
    assert me(first)["id"] == me(second)["id"]


def test_providers_stand_side_by_side(stand: Stand) -> None:
    page = stand.browser.ask("/sign-in").text
    assert re.findall(r"Logg inn med ([^<]+)<", page) == [
        "Microsoft Entra ID",
        "ID-porten",
        "Huset",
    ]
    by_entra, by_house = stand.browser, stand.browser
    by_entra.sign_in("entra", "ola")
    by_house.sign_in("plain", "ola")
    ids = [re.search(r"<code>([^<]+)<", one.ask("/").text) for one in (by_entra, by_house)]
    assert None not in ids
    assert ids[0][1] != ids[1][1]  # another provider's name for somebody is another somebody


def test_the_code_flow_is_bound_to_its_browser_by_pkce_state_and_nonce(stand: Stand) -> None:
    first, second = (query_of(stand.browser.begin("entra")) for _ in range(2))
    assert first["code_challenge_method"] == "S256"
    assert first["response_type"] == "code"
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name]) >= 43
        assert first[name] != second[name]


def test_cookies_are_for_this_host_alone_and_for_no_script(stand: Stand) -> None:
    browser = stand.browser
    begun = browser.ask("/sign-in/entra").headers["set-cookie"]
    let_in = browser.sign_in("entra", "kari").headers["set-cookie"]
    for cookie in (begun, let_in):
        assert cookie.startswith("__Host-loft")
        assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
        assert "Domain" not in cookie


def test_somebody_goes_on_to_where_they_were(stand: Stand) -> None:
    answer = stand.browser.sign_in("entra", "kari", return_to="/confidentiality?x=1")
    assert answer.headers["location"] == "/confidentiality?x=1"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)",
     "/\t/evil.example", "\\\\evil.example", "/%0d\n/x", ""],
)  # fmt: skip
def test_nobody_is_sent_elsewhere(stand: Stand, elsewhere: str) -> None:
    assert stand.browser.sign_in("entra", "kari", return_to=elsewhere).headers["location"] == "/"


# Fixation, forgery and repetition.


def test_the_cookie_changes_at_sign_in_and_the_old_session_ends(stand: Stand) -> None:
    browser = stand.browser
    browser.sign_in("entra", "kari")
    before = browser.cookies[HELD]
    browser.sign_in("entra", "kari")
    assert browser.cookies[HELD] != before
    assert Browser(browser.loft, {HELD: before}).ask("/api/me").status_code == 401


def test_a_cookie_that_somebody_else_chose_is_never_a_session(stand: Stand) -> None:
    browser = Browser(stand.live.url, {HELD: "chosen-by-somebody-else"})
    browser.sign_in("entra", "kari")
    assert browser.cookies[HELD] != "chosen-by-somebody-else"
    chosen = Browser(stand.live.url, {HELD: "chosen-by-somebody-else"})
    assert chosen.ask("/api/me").status_code == 401


def test_a_callback_is_taken_once(stand: Stand) -> None:
    browser = stand.browser
    callback = browser.at_provider(browser.begin("entra"), "kari")
    kept = dict(browser.cookies)
    assert browser.ask(callback).status_code == 303
    assert_wrong(Browser(browser.loft, kept).ask(callback), 400, "Begynn på nytt")


def test_a_callback_in_another_browser_is_refused(stand: Stand) -> None:
    browser, other = stand.browser, stand.browser
    callback = browser.at_provider(browser.begin("entra"), "kari")
    assert_wrong(other.ask(callback), 400, "en annen nettleser")
    other.begin("entra")
    assert_wrong(other.ask(callback), 400, "en annen nettleser")


@pytest.mark.parametrize("query", ["", "?code=x", "?state=x", "?code=x&state=x", "?error=x"])
def test_a_forged_callback_is_refused(stand: Stand, query: str) -> None:
    browser = stand.browser
    browser.begin("entra")
    assert_wrong(browser.ask(f"/sign-in/entra/callback{query}"), 400, "Begynn på nytt")


def test_a_callback_that_took_too_long_is_refused(stand: Stand) -> None:
    browser = stand.browser
    callback = browser.at_provider(browser.begin("entra"), "kari")
    with as_owner(stand.ledger) as connection:
        connection.execute("UPDATE sign_ins SET begun_at = begun_at - interval '11 minutes'")
    assert_wrong(browser.ask(callback), 400, "for gammel")


def test_a_callback_to_another_provider_s_address_is_refused(stand: Stand) -> None:
    browser = stand.browser
    callback = browser.at_provider(browser.begin("entra"), "kari")
    assert_wrong(browser.ask(callback.replace("/entra/", "/plain/")), 400, "Begynn på nytt")


def test_an_answer_that_says_it_comes_from_another_is_refused(stand: Stand) -> None:
    for replaced in ("iss=https%3A%2F%2Fevil.example", "x=1"):
        browser = stand.browser
        callback = browser.at_provider(browser.begin("entra"), "kari")
        forged = re.sub(r"iss=[^&]+", replaced, callback)
        assert forged != callback
        assert_wrong(browser.ask(forged), 400, "Begynn på nytt")


def test_a_code_of_another_sign_in_is_refused(stand: Stand) -> None:
    """The code is good, but its verifier is another's: what PKCE is for."""
    victim, thief = stand.browser, stand.browser
    stolen = query_of(victim.at_provider(victim.begin("entra"), "kari"))["code"]
    own = thief.at_provider(thief.begin("entra"), "ola")
    forged = own.replace(query_of(own)["code"], stolen)
    assert_wrong(thief.ask(forged), 403, "ikke bekreftet hvem du er")


def test_a_code_is_used_once(stand: Stand) -> None:
    browser, again = stand.browser, stand.browser
    used = browser.at_provider(browser.begin("entra"), "kari")
    browser.ask(used)
    own = again.at_provider(again.begin("entra"), "kari")
    forged = own.replace(query_of(own)["code"], query_of(used)["code"])
    assert_wrong(again.ask(forged), 403, "ikke bekreftet hvem du er")


def test_a_nonce_of_another_sign_in_is_refused(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = stand.browser
    callback = browser.at_provider(browser.begin("entra"), "kari")
    monkeypatch.setattr(sign_ins.Begun, "nonce", "another")
    assert_wrong(browser.ask(callback), 403, "ikke bekreftet hvem du er")


def test_an_error_of_the_provider_is_told_without_its_words(stand: Stand) -> None:
    browser = stand.browser
    callback = browser.at_provider(browser.begin("entra"), "kari", do="not")
    assert query_of(callback)["error"] == "access_denied"
    answer = browser.ask(callback)
    assert_wrong(answer, 400, "avbrutt")
    assert "not today" not in answer.text


def test_a_provider_that_is_not_there_is_no_provider(stand: Stand) -> None:
    for path in ("/sign-in/nobody", "/sign-in/nobody/callback"):
        assert_wrong(stand.browser.ask(path), 404, "finnes ikke")


def test_what_is_too_long_is_an_error_page(stand: Stand) -> None:
    answer = stand.browser.ask("/sign-in/entra/callback", params={"state": "x" * 5000})
    assert_wrong(answer, 400, "Begynn på nytt")


# Whom the claims point at.


def test_a_level_that_is_too_low_or_missing_lets_nobody_in(stand: Stand) -> None:
    for acr in ("", "substantial", "idporten-loa-low"):
        answer = stand.browser.sign_in("idporten", "police", acr)
        assert_wrong(answer, 403, "sikrere innlogging")


def test_another_directory_s_user_is_nobody(stand: Stand) -> None:
    assert_wrong(stand.browser.sign_in("entra", "stranger"), 403, "kjenner ikke igjen kontoen")


def test_whoever_everybody_can_be_must_have_been_invited(stand: Stand) -> None:
    before = stand.ledger.engine.ledger.size()
    answer = stand.browser.sign_in("idporten", "police", "idporten-loa-high")
    assert_wrong(answer, 403, "invitasjon")
    assert stand.ledger.engine.ledger.size() == before


def test_an_invitation_binds_once_and_leaves_no_number_of_birth(
    stand: Stand, capsys: pytest.CaptureFixture[str]
) -> None:
    admin = stand.administrator
    person = admin.post("/api/persons", json={"name": "Politi Nordmann"}).json()["id"]
    made = admin.post(f"/api/persons/{person}/invitation", json={})
    assert made.status_code == 201
    code = made.json()["code"]
    assert made.json()["link"] == f"{stand.live.url}/sign-in?invitation={code}"
    assert f"invitation={code}" in stand.browser.ask(f"/sign-in?invitation={code}").text
    browser, again = stand.browser, stand.browser
    browser.sign_in("idporten", "police", "idporten-loa-substantial", invitation=code)
    assert person in browser.ask("/").text
    bound = stand.ledger.engine.ledger.life(f"person:{person}")[-1]
    assert (bound.topic, bound.data["provider"]) == ("SignInBound", "idporten")
    assert bound.data["invited_by"] == made_by(stand, person)
    refused = stand.browser.sign_in("entra", "ola", invitation=code)
    assert_wrong(refused, 403, "Invitasjonen er brukt")
    assert again.sign_in("idporten", "police", "idporten-loa-high").status_code == 303
    assert person in again.ask("/").text
    shown = capsys.readouterr()
    assert PID not in everything(stand.ledger) + shown.out + shown.err
    assert code not in everything(stand.ledger)


def made_by(stand: Stand, person: str) -> str:
    return str(stand.ledger.engine.ledger.life(f"person:{person}")[0].actor["id"])


def test_two_first_sign_ins_at_once_make_one_person(stand: Stand) -> None:
    browsers = [stand.browser for _ in range(4)]
    callbacks = [one.at_provider(one.begin("plain"), "twice") for one in browsers]
    ways = zip(browsers, callbacks, strict=True)
    answers = in_threads(*(partial(browser.ask, callback) for browser, callback in ways))
    assert [answer.status_code for answer in answers] == [303] * 4
    assert len({re.search(r"<code>([^<]+)<", one.ask("/").text)[1] for one in browsers}) == 1


def test_an_identity_that_is_somebody_s_is_not_bound_to_another(stand: Stand) -> None:
    stand.browser.sign_in("plain", "kari")
    admin = stand.administrator
    person = admin.post("/api/persons", json={}).json()["id"]
    code = admin.post(f"/api/persons/{person}/invitation", json={}).json()["code"]
    assert_wrong(stand.browser.sign_in("plain", "kari", invitation=code), 403, "en annen person")


def test_nobody_is_invited_who_is_not_registered(stand: Stand) -> None:
    answer = stand.administrator.post("/api/persons/p-000000000000/invitation", json={})
    assert answer.status_code == 404


def test_roles_follow_the_claim_and_those_that_an_admin_gave_stay(stand: Stand) -> None:
    browser, admin = stand.browser, stand.administrator
    browser.sign_in("entra", "changing")
    person = me(browser)["id"]
    assert me(browser)["roles"] == ["auditor"]
    given = admin.post(f"/api/persons/{person}/roles", json={"role": "reporter"})
    assert given.status_code == 201
    stand.provider.accounts["changing"]["roles"] = ["coordinator", "Global Reader", "member"]
    stand.provider.restart()
    assert_ended = stand.browser
    assert_ended.sign_in("entra", "changing")
    assert me(assert_ended)["roles"] == ["coordinator", "reporter"]
    assert browser.ask("/api/me").status_code == 401  # it began with a role that is gone
    entries = stand.ledger.engine.ledger.life(f"person:{person}")
    by_claim = [entry for entry in entries if entry.actor["id"] == "sign-in-entra"]
    assert [entry.topic for entry in by_claim] == [
        "PersonRegistered", "SignInBound", "RoleGiven", "RoleGiven", "RoleWithdrawn",
    ]  # fmt: skip


def test_a_role_that_the_claim_has_dropped_is_taken_though_no_other_is_given(stand: Stand) -> None:
    stand.provider.accounts["changing"]["roles"] = ["coordinator"]
    stand.provider.restart()
    before = stand.browser
    before.sign_in("entra", "changing")
    assert Role.COORDINATOR in me(before)["roles"]
    stand.provider.accounts["changing"].pop("roles", None)
    stand.provider.restart()
    browser = stand.browser
    browser.sign_in("entra", "changing")
    answer = browser.ask("/api/me")
    assert answer.status_code == 403 or Role.COORDINATOR not in answer.json()["roles"]

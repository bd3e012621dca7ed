"""Bearer tokens of the providers that people sign in with: good ones, and every forgery."""

import base64
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.api.conftest import Stand
from tests.api.openid import AUDIENCE, SECRET, TENANT, new_key, query_of
from tests.api.test_sessions import lets_in
from tests.api.test_sign_in import confirmed, me


def token(
    stand: Stand, key: Any = None, *, alg: str = "RS256", typ: str = "at+jwt", **claims: Any
) -> str:
    """One like the provider's own for Kari; a claim of None is left out."""
    now = int(datetime.now(UTC).timestamp())
    usual = {
        "iss": stand.provider.issuer, "aud": AUDIENCE, "sub": "kari", "oid": "oid-kari",
        "tid": TENANT, "iat": now, "exp": now + 600,
    }  # fmt: skip
    said = {name: value for name, value in (usual | claims).items() if value is not None}
    key = key or stand.provider.key
    header = {"alg": alg, "typ": typ, **({"kid": key.kid} if key.kid else {})}
    return jwt.encode(header, said, key, algorithms=[alg], default_type=None)


def ask(stand: Stand, bearer: str) -> httpx.Response:
    return stand.browser.ask("/api/me", headers={"Authorization": f"Bearer {bearer}"})


@pytest.fixture(autouse=True)
def kari(stand: Stand) -> str:
    """She has signed in before, and confirmed confidentiality; gives her id."""
    browser = stand.browser
    browser.sign_in("entra", "kari")
    if browser.ask("/").status_code == 303:
        confirmed(browser)
    return me(browser)["id"]


def test_a_token_of_the_provider_s_own_lets_in(stand: Stand, kari: str) -> None:
    """It comes with the ID token, and the client hands it on to the API."""
    browser = stand.browser
    begun = browser.begin("entra")
    code = query_of(browser.at_provider(begun, "kari"))["code"]
    verifier = verifier_of(browser.cookies["__Host-loft-sign-in"])
    given = httpx.post(
        f"{stand.provider.issuer}/token", auth=("entra", SECRET), trust_env=False,
        data={"grant_type": "authorization_code", "code": code, "code_verifier": verifier,
              "redirect_uri": query_of(begun)["redirect_uri"]},
    ).json()  # fmt: skip
    assert ask(stand, given["access_token"]).json()["id"] == kari
    assert ask(stand, given["id_token"]).status_code == 401


def verifier_of(cookie: str) -> str:
    from api.sign_ins import Begun  # noqa: PLC0415 - what the browser cannot know

    return Begun("", cookie).verifier


def test_one_that_is_signed_with_its_key_lets_in(stand: Stand, kari: str) -> None:
    for typ in ("at+jwt", "JWT"):
        answer = ask(stand, token(stand, typ=typ))
        assert (answer.status_code, answer.json().get("id")) == (200, kari)


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://another.test"},
        {"aud": None},
        {"aud": "entra"},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"exp": "never"},
        {"nbf": 4_000_000_000},
        {"iat": 4_000_000_000},
        {"oid": "oid-of-nobody-here"},
        {"oid": None},
        {"oid": 7},
        {"tid": TENANT.replace("1", "9")},
        {"tid": None},
        {"nonce": "of an ID token"},
        {"at_hash": "of an ID token"},
    ],
    ids=str,
)
def test_one_that_was_not_given_for_this_is_refused(stand: Stand, claims: dict[str, Any]) -> None:
    answer = ask(stand, token(stand, **claims))
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/unauthenticated")


def test_one_of_another_kind_is_refused(stand: Stand) -> None:
    for typ in ("logout+jwt", "dpop+jwt"):
        assert ask(stand, token(stand, typ=typ)).status_code == 401


def test_one_that_nobody_signed_is_refused(stand: Stand) -> None:
    _, payload, signature = token(stand).split(".")
    for alg in ("none", "None", "NONE", ""):
        for end in ("", signature):
            forged = f"{part({'alg': alg, 'typ': 'JWT'})}.{payload}.{end}"
            assert ask(stand, forged).status_code == 401
    changed = part({"iss": stand.provider.issuer, "aud": AUDIENCE, "oid": "oid-kari"})
    header, _, signature = token(stand).split(".")
    assert ask(stand, f"{header}.{changed}.{signature}").status_code == 401


def test_the_public_key_is_no_shared_secret(stand: Stand) -> None:
    """The confusion of RS256 with HS256: the public key is known to all."""
    public = stand.provider.key
    _, payload, _ = token(stand).split(".")
    signed = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': public.kid})}.{payload}"
    for secret in (public.as_pem(private=False), public.as_der(private=False)):
        mac = hmac.digest(secret, signed.encode(), "sha256")
        forged = f"{signed}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"
        assert ask(stand, forged).status_code == 401


def test_a_key_of_somebody_else_s_is_refused(stand: Stand) -> None:
    for name in ("first", "another"):
        assert ask(stand, token(stand, new_key(name))).status_code == 401


def test_a_key_that_the_token_brings_along_is_refused(stand: Stand) -> None:
    own = RSAKey.generate_key(2048)
    _, payload, _ = token(stand).split(".")
    header = {"alg": "RS256", "jwk": own.as_dict(private=False)}
    forged = jwt.encode(header, json.loads(decoded(payload)), own, algorithms=["RS256"])
    assert ask(stand, forged).status_code == 401


def test_keys_rotate(stand: Stand, kari: str) -> None:
    old, new = stand.provider.key, new_key("second")
    assert ask(stand, token(stand, old)).status_code == 200
    stand.provider.restart(new)
    assert ask(stand, token(stand, new)).json()["id"] == kari
    assert ask(stand, token(stand, old)).status_code == 401
    browser = stand.browser
    browser.sign_in("entra", "kari")
    assert lets_in(browser)


def test_a_provider_that_is_away_is_told_as_such(stand: Stand) -> None:
    stand.provider.stop()
    try:
        answer = ask(stand, token(stand, new_key("unknown")))
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")
        page = stand.browser.ask("/sign-in/idporten/callback", params={"state": "x", "code": "x"})
        assert page.status_code == 400
    finally:
        stand.provider.start()


def test_what_only_looks_like_a_token_is_refused(stand: Stand) -> None:
    for odd in ("a.b.c", "..", "e30.e30.", "x" * 20_000, f"a.{'[' * 9000}.c", f"a.{part([])}.c"):
        assert ask(stand, odd).status_code == 401


def test_a_session_that_is_kept_needs_no_provider(stand: Stand) -> None:
    browser = stand.browser
    browser.sign_in("entra", "kari")
    stand.provider.stop()
    try:
        assert lets_in(browser)
    finally:
        stand.provider.start()


def part(said: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

"""The file of providers, and whom their claims point at."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from api import providers
from api.providers import ClaimsRefused, FileUnsound, Identity, identity, read
from api.settings import Settings
from api.sign_ins import set_up
from domain.actor import Role
from tests.api.openid import PID, TENANT
from tests.api.processes import loft

ENTRA = f"""
[providers.kommunen]
profile = "entra"
tenant = "{TENANT}"
client_id = "loft"
client_secret_file = "entra-secret"
audience = "api://loft"
name = "Bærum kommune"
roles = {{ "SLT.Koordinator" = "coordinator" }}
"""
POLICE = """
[providers.politiet]
profile = "ansattporten"
client_id = "loft"
client_secret_env = "LOFT_TEST_POLICE"
"""
HIDDEN = "hemmelig-nok-til-en-prøve"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "entra-secret").write_text(f"{HIDDEN}\n", encoding="utf-8")
    monkeypatch.setenv("LOFT_TEST_POLICE", HIDDEN)
    return tmp_path


def file(folder: Path, content: str) -> Path:
    written = folder / "sign-in.toml"
    written.write_text(content, encoding="utf-8")
    return written


# The file.


def test_a_profile_fills_in_what_the_file_does_not_say(folder: Path) -> None:
    entra, police = read(file(folder, ENTRA + POLICE)).values()
    assert entra.issuer == f"https://login.microsoftonline.com/{TENANT}/v2.0"
    assert (entra.scope, entra.newcomers, entra.acr_values) == ("openid profile", "registered", ())
    assert entra.roles == {"SLT.Koordinator": Role.COORDINATOR}
    assert (police.issuer, police.name) == ("https://ansattporten.no", "Ansattporten")
    assert (police.scope, police.newcomers, police.acr_values) == ("openid", "invited", ("high",))


def test_secrets_come_from_a_file_or_the_environment_and_are_not_shown(folder: Path) -> None:
    for one in read(file(folder, ENTRA + POLICE)).values():
        assert one.client_secret is not None
        assert one.client_secret.get_secret_value() == HIDDEN
        assert HIDDEN not in f"{one!r}{one}{one.model_dump_json()}"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("[", "cannot be read as TOML"),
        ("", r"one table \[providers.KEY\]"),
        ("providers = 1", r"one table \[providers.KEY\]"),
        ('[providers.a]\nprofile = "google"', "Provider a: profile: "),
        ('[providers.a]\nprofile = "oidc"\nclient_id = "x"', "Provider a: issuer: "),
        (ENTRA.replace(TENANT, "baerum.kommune.no"), "Provider kommunen: tenant: "),
        (ENTRA.replace(f'tenant = "{TENANT}"', ""), "Provider kommunen: tenant: the directory"),
        (ENTRA.replace('"coordinator"', '"boss"'), "Provider kommunen: roles: "),
        (ENTRA.replace('"coordinator"', '"member"'), "by a seat, not by a role"),
        (ENTRA.replace("entra-secret", "nowhere"), "client_secret_file: the file cannot be read"),
        (POLICE.replace("POLICE", "NOBODY"), "the secret is empty"),
        (POLICE + 'client_secret = "abc"', "a secret stands in a file or in the environment"),
        (POLICE + "acr_values = []", "name the lowest level"),
        (POLICE + 'issuer = "http://ansattporten.no"', "begins with https://"),
        (POLICE + 'issuer = "http://localhost.evil.example"', "begins with https://"),
        (POLICE + "misspelt = 1", "Provider politiet: misspelt: "),
        (ENTRA + ENTRA.replace("kommunen", "nabo"), "the same issuer and audience"),
        ('[providers."A B"]\nprofile = "oidc"', "Provider A B: "),
    ],
)
def test_what_is_wrong_with_the_file_is_told(folder: Path, content: str, sentence: str) -> None:
    with pytest.raises(FileUnsound, match=sentence) as told:
        read(file(folder, content))
    assert HIDDEN not in str(told.value)


def test_the_settings_check_the_file_and_the_address(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOFT_SIGN_IN", str(file(folder, ENTRA)))
    with pytest.raises(ValidationError, match="LOFT_PUBLIC_URL"):
        Settings()
    for wrong in ("http://loft.example.no", "https://loft.example.no/path", "loft", "https://a b"):
        with pytest.raises(ValidationError):
            Settings(public_url=wrong)
    for right in ("https://loft.example.no", "http://127.0.0.1:8000"):
        sign_in = set_up(Settings(public_url=right, session_idle_hours=1))
        assert sign_in.redirect("kommunen") == f"{right}/sign-in/kommunen/callback"
        assert sign_in.lengths.idle.total_seconds() == 3600
        assert list(sign_in.providers) == ["kommunen"]


def test_the_command_line_says_what_is_wrong(folder: Path) -> None:
    wrong = file(folder, ENTRA.replace(TENANT, "x"))
    environment = {"LOFT_SIGN_IN": str(wrong), "LOFT_PUBLIC_URL": "https://loft.example.no"}
    ran = loft(folder / "data", "status", **environment)
    assert ran.returncode == 1
    assert "LOFT_SIGN_IN" in ran.stderr
    assert "Provider kommunen: tenant" in ran.stderr


# Claims.


def provider(**table: Any) -> providers.Provider:
    usual = {"key": "p", "profile": "oidc", "issuer": "https://p.example", "client_id": "loft"}
    return providers.Provider.model_validate(usual | table)


def test_in_entra_somebody_is_known_by_directory_and_object() -> None:
    entra = provider(profile="entra", tenant=TENANT)
    claims = {"sub": "s", "oid": "o", "tid": TENANT, "name": " Kari\x00  Nordmann ",
              "roles": ["auditor", "member", "Noe.Annet", 7]}  # fmt: skip
    assert identity(entra, claims) == Identity(
        provider="p", subject=f"{TENANT}:o", name="Kari Nordmann", roles=frozenset({Role.AUDITOR})
    )
    for wrong in ({"tid": "x"}, {"tid": None}, {"oid": None}, {"oid": ""}, {"oid": ["o"]}):
        with pytest.raises(ClaimsRefused):
            identity(entra, claims | wrong)


@pytest.mark.parametrize(
    ("profile", "lowest", "accepted", "refused"),
    [
        ("idporten", None, {"idporten-loa-high"}, {"idporten-loa-substantial", "high", "", None}),
        ("idporten", "idporten-loa-substantial",
         {"idporten-loa-substantial", "idporten-loa-high"}, {"idporten-loa-low", None, 4}),
        ("ansattporten", None, {"high"}, {"substantial", "entraid", "HIGH", None}),
        ("ansattporten", "substantial", {"substantial", "high"}, {"entraid", None}),
        ("ansattporten", "entraid", {"entraid"}, {"high", "substantial"}),
        ("oidc", None, {None, "anything"}, set()),
        ("oidc", "gold", {"gold"}, {"silver", None}),
    ],
)  # fmt: skip
def test_the_level_is_checked(
    profile: str, lowest: str | None, accepted: set[Any], refused: set[Any]
) -> None:
    one = provider(profile=profile, **({"acr_values": [lowest]} if lowest else {}))
    assert {acr for acr in accepted | refused if one.accepts(acr)} == accepted


def test_a_number_of_birth_is_left_behind() -> None:
    police = provider(profile="idporten")
    found = identity(police, {"sub": "pairwise", "pid": PID, "acr": "idporten-loa-high"})
    assert PID not in found.model_dump_json()
    with pytest.raises(ClaimsRefused):
        identity(police, {"sub": PID, "acr": "idporten-loa-high"})


def test_claims_of_the_wrong_kind_are_refused_or_left_out() -> None:
    for sub in (None, 7, "", "x" * 300, "a\x00b", ["x"]):
        with pytest.raises(ClaimsRefused):
            identity(provider(), {"sub": sub})
    odd = json.loads('{"sub": "x", "name": ["Kari"], "roles": "admin"}')
    assert identity(provider(), odd) == Identity(provider="p", subject="x")

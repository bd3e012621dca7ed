"""Those who say who somebody is: which there are, what is asked of each, and whom their claims
point at."""

import os
import re
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    model_validator,
)

from domain.actor import Role

Value = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
_GUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_LOOPBACK = ("http://127.0.0.1", "http://localhost", "http://[::1]")


class Profile(StrEnum):
    """What kind of provider it is: it fills in what the file does not say."""

    ENTRA = "entra"
    ANSATTPORTEN = "ansattporten"
    IDPORTEN = "idporten"
    OIDC = "oidc"


LEVELS: dict[Profile, tuple[str, ...]] = {
    Profile.ANSATTPORTEN: ("substantial", "high"),
    Profile.IDPORTEN: ("idporten-loa-substantial", "idporten-loa-high"),
}
"""What a provider calls its levels of assurance, the lowest first."""
_ISSUERS = {
    Profile.ANSATTPORTEN: "https://ansattporten.no",
    Profile.IDPORTEN: "https://idporten.no",
}
_SCOPES = {Profile.ANSATTPORTEN: "openid", Profile.IDPORTEN: "openid"}
_NAMES = {
    Profile.ENTRA: "Microsoft Entra ID",
    Profile.ANSATTPORTEN: "Ansattporten",
    Profile.IDPORTEN: "ID-porten",
    Profile.OIDC: "innlogging",
}
_OPEN_TO_ALL = frozenset(LEVELS)
"""Everybody in Norway can sign in there."""


class ClaimsRefused(Exception):
    """What the provider says does not tell who this is, or not surely enough."""


_OWN_ROLES = {role.value: role for role in Role if role is not Role.MEMBER}
"""Only of a directory that is the municipality's own is it believed without being told."""


class FileUnsound(ValueError):
    """The file of providers cannot be used. Its text says why, and holds no secret."""


class Provider(BaseModel):
    """One table of the file. `newcomers`: what becomes of somebody who signs in and is not known
    here: they are registered, or must have been invited."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,30}$")
    profile: Profile
    issuer: Value
    client_id: Value
    client_secret: SecretStr | None = None
    tenant: str | None = Field(None, pattern=f"^{_GUID}$")
    audience: Value | None = None
    acr_values: tuple[Value, ...] = ()
    roles: dict[str, Role] = {}
    name: Value
    scope: Value
    newcomers: Literal["registered", "invited"]

    @model_validator(mode="before")
    @classmethod
    def _filled_in(cls, given: dict[str, Any]) -> dict[str, Any]:
        profile = Profile(given["profile"]) if given.get("profile") in {*Profile} else None
        if profile is None:
            return given
        tenant = given.get("tenant")
        usual: dict[str, Any] = {
            "issuer": f"https://login.microsoftonline.com/{tenant}/v2.0"
            if profile is Profile.ENTRA
            else _ISSUERS.get(profile),
            "acr_values": LEVELS.get(profile, ())[-1:],
            "name": _NAMES[profile],
            "scope": _SCOPES.get(profile, "openid profile"),
            "newcomers": "invited" if profile in _OPEN_TO_ALL else "registered",
            "roles": _OWN_ROLES if profile is Profile.ENTRA else {},
        }
        return {name: value for name, value in usual.items() if value is not None} | given

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        if not self.issuer.startswith(("https://", *(f"{one}:" for one in _LOOPBACK))):
            raise ValueError("issuer: an address that begins with https://.")
        if self.profile is Profile.ENTRA and self.tenant is None:
            raise ValueError("tenant: the directory's id, 32 hexadecimal digits with hyphens.")
        if self.profile in LEVELS and not self.acr_values:
            raise ValueError("acr_values: name the lowest level that is accepted.")
        if Role.MEMBER in self.roles.values():
            raise ValueError("roles: a member is one by a seat, not by a role.")
        return self

    def accepts(self, acr: object) -> bool:
        """Whether somebody has been identified surely enough. Of levels that have an order, those
        above are accepted too."""
        if not self.acr_values:
            return True
        order = LEVELS.get(self.profile, ())
        ranks = [order.index(one) for one in self.acr_values if one in order]
        above = order[min(ranks) :] if ranks else ()
        return acr in {*self.acr_values, *above}


class Identity(BaseModel):
    """Whom a provider's claims point at. `roles`: what its application roles give them here."""

    model_config = ConfigDict(frozen=True)

    provider: str
    subject: str
    name: str | None = None
    roles: frozenset[Role] = frozenset()


def identity(provider: Provider, claims: Mapping[str, Any]) -> Identity:
    """Whom checked *claims* point at. All else that they say, a number of birth among it, is left
    behind here. Refuses with `ClaimsRefused`."""
    if not provider.accepts(claims.get("acr")):
        raise ClaimsRefused("acr")
    given = claims.get("roles")
    listed = given if isinstance(given, list) else []
    return Identity(
        provider=provider.key,
        subject=_subject(provider, claims),
        name=_name(claims.get("name")),
        roles=frozenset(provider.roles[one] for one in listed if one in provider.roles),
    )


def _subject(provider: Provider, claims: Mapping[str, Any]) -> str:
    """By `oid` and `tid` in Entra, where `sub` is another one for each application."""
    if provider.profile is not Profile.ENTRA:
        return _word(claims.get("sub"))
    if claims.get("tid") != provider.tenant:
        raise ClaimsRefused("tid")
    return f"{_word(claims.get('tid'))}:{_word(claims.get('oid'))}"


def _word(said: object) -> str:
    """The eleven digits of a number of birth are refused: some provider may be set up so."""
    if not isinstance(said, str) or not 0 < len(said) <= 255 or "\x00" in said:
        raise ClaimsRefused("subject")
    if re.fullmatch(r"\d{11}", said):
        raise ClaimsRefused("subject")
    return said


def _name(said: object) -> str | None:
    if not isinstance(said, str):
        return None
    return " ".join(said.replace("\x00", "").split())[:300] or None


# The file.


def read(file: Path) -> dict[str, Provider]:
    """The providers of *file*, by key, in its order. `FileUnsound` with a sentence where there is
    something wrong with it, without what stands there."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FileUnsound("The file of providers cannot be read as TOML in UTF-8.") from error
    tables = content.get("providers")
    if content.keys() != {"providers"} or not isinstance(tables, dict) or not tables:
        raise FileUnsound("The file of providers holds one table [providers.KEY] for each.")
    found = {key: _provider(key, table, file.parent) for key, table in tables.items()}
    heard = [(one.issuer, one.audience) for one in found.values() if one.audience is not None]
    if len(heard) > len(set(heard)):
        raise FileUnsound("Two providers have the same issuer and audience.")
    return found


def _provider(key: str, table: object, folder: Path) -> Provider:
    if not isinstance(table, dict) or table.keys() & {"key", "client_secret"}:
        raise FileUnsound(f"Provider {key}: a secret stands in a file or in the environment.")
    try:
        return Provider.model_validate({**_with_secret(table, folder), "key": key})
    except ValidationError as error:
        (first, *_) = error.errors(include_input=False, include_url=False)
        where = ".".join(str(part) for part in first["loc"][:1])
        what = str(first["msg"]).removeprefix("Value error, ")
        raise FileUnsound(f"Provider {key}: {f'{where}: ' if where else ''}{what}") from None
    except ValueError as error:
        raise FileUnsound(f"Provider {key}: {error}") from None


def _with_secret(table: dict[str, Any], folder: Path) -> dict[str, Any]:
    """With the secret itself, from where the table says that it lies."""
    rest = dict(table)
    file, variable = rest.pop("client_secret_file", None), rest.pop("client_secret_env", None)
    if file is not None:
        try:
            rest["client_secret"] = (folder / str(file)).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise ValueError("client_secret_file: the file cannot be read.") from None
    elif variable is not None:
        rest["client_secret"] = os.environ.get(str(variable))
    if "client_secret" in rest and not rest["client_secret"]:
        raise ValueError("the secret is empty.")
    return rest

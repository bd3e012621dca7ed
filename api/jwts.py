"""JSON Web Tokens of providers: who signed one, for whom, and for how long."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry, Token

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
              "EdDSA", "Ed25519")  # fmt: skip
"""With a private key of the provider's. Never `none`, and never one whose key is shared."""
LEEWAY = 60
"""Seconds that the provider's clock may differ from ours."""
LONGEST = 16_000
"""Characters of a token."""
_ONLY_IN_ID_TOKENS = ("nonce", "at_hash", "c_hash")

Keys = Callable[[bool], KeySet]
"""A provider's keys; fetched anew where that is asked for, as far as it may be."""


class TokenRefused(Exception):
    """This token was not given by the provider, or not for this, or it has expired."""


def id_token(
    token: str, keys: Keys, *, issuer: str, client_id: str, nonce: str, now: datetime
) -> dict[str, Any]:
    """What an ID token says, once it has been checked (OpenID Connect Core 1.0, 3.1.3.7). Refuses
    with `TokenRefused`."""
    read = _signed(token, keys)
    options: Any = {
        "iss": {"essential": True, "value": issuer},
        "aud": {"essential": True, "value": client_id},
    }
    params = {"nonce": nonce, "client_id": client_id}
    claims = CodeIDToken(read.claims, read.header, options, params)
    try:
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY)
    except (JoseError, TypeError, ValueError) as error:
        raise TokenRefused from error
    return dict(read.claims)


def access_token(
    token: str, keys: Keys, *, issuer: str, audience: str, now: datetime
) -> dict[str, Any]:
    """What a bearer token says, once it has been checked (RFC 9068, section 4). An ID token is
    none, even where its audience is the same. Refuses with `TokenRefused`."""
    read = _signed(token, keys)
    typ = read.header.get("typ", "JWT")
    if not isinstance(typ, str) or typ.lower() not in {"jwt", "at+jwt", "application/at+jwt"}:
        raise TokenRefused
    if any(name in read.claims for name in _ONLY_IN_ID_TOKENS):
        raise TokenRefused
    registry = JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": audience},
        exp={"essential": True},
    )
    try:
        registry.validate(read.claims)
    except (JoseError, TypeError, ValueError) as error:
        raise TokenRefused from error
    return read.claims


def claimed(token: str) -> Mapping[str, Any]:
    """What a token says of itself, unchecked: only to find out whose keys to ask. Empty where it
    is none."""
    parts = token.split(".")
    if len(parts) != 3 or len(token) > LONGEST:
        return {}
    try:
        said = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _signed(token: str, keys: Keys) -> Token:
    """The token, if one of the keys signed it. A key that is not known may be new."""
    if len(token) > LONGEST:
        raise TokenRefused
    try:
        try:
            return jwt.decode(token, keys(False), algorithms=ALGORITHMS)
        except InvalidKeyIdError:
            return jwt.decode(token, keys(True), algorithms=ALGORITHMS)
    except (JoseError, TypeError, ValueError, RecursionError) as error:
        raise TokenRefused from error

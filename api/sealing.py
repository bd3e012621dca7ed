"""Secrets that lie in the database, closed to whoever has only that: or only a backup of it."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12


class CannotBeOpened(Exception):
    """It was sealed under another secret than this installation has."""


class Seal:
    """Seals under the *secret* of the installation, for one use of it."""

    def __init__(self, secret: bytes, use: str) -> None:
        key = HKDF(SHA256(), 32, salt=None, info=f"loft {use}".encode()).derive(secret)
        self._cipher = AESGCM(key)

    def close(self, plain: bytes, name: str) -> bytes:
        """Sealed for *name*: it cannot be opened as that of another."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, plain, name.encode())

    def open(self, sealed: bytes, name: str) -> bytes:
        """Fails with `CannotBeOpened`."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], name.encode())
        except InvalidTag:
            raise CannotBeOpened from None

"""The ledger's signing key, and a checkpoint as it is printed."""

from base64 import b64decode
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

import segno
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from ledger.verifier import Checkpoint, TreeHead, VerifierKey, base64, open_note


@dataclass(frozen=True)
class SigningKey:
    """An Ed25519 private key (RFC 8032). It never shows itself when printed."""

    _private: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def from_seed(cls, seed: bytes) -> Self:
        """From its 32 bytes. ValueError if they are not 32."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def from_base64(cls, seed: str) -> Self:
        """From the base64 of its 32 bytes, with any space around. ValueError if it is not that."""
        return cls.from_seed(b64decode(seed.strip(), validate=True))

    @classmethod
    def from_pem(cls, pem: bytes) -> Self:
        """From PKCS #8 without a password. ValueError if it is not that, or no Ed25519 key."""
        try:
            key = load_pem_private_key(pem, password=None)
        except TypeError as locked:
            raise ValueError("the key is locked with a password") from locked
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError("not an Ed25519 key")  # noqa: TRY004 - a wrong value, not a wrong type
        return cls(key)

    @property
    def pem(self) -> bytes:
        """PKCS #8, unencrypted: for a file that nobody else may read."""
        return self._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def verifier(self, name: str) -> VerifierKey:
        public = self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return VerifierKey(name, public)

    def vkey(self, name: str) -> str:
        """The key by which others verify what this one signs under *name*."""
        return self.verifier(name).vkey

    def sign(self, name: str, body: str) -> str:
        """*body* as a signed note. ValueError if the body does not end its last line, or body or
        name hold what a note may not."""
        key = self.verifier(name)
        signature = base64(key.key_id + self._private.sign(body.encode()))
        note = f"{body}\n— {name} {signature}\n"
        if not body.endswith("\n") or open_note(note, [key]) != body:
            raise ValueError("not a body for a note")
        return note

    def checkpoint_note(self, origin: str, size: int, root: bytes, signed_at: datetime) -> str:
        """The signed checkpoint of a tree of *size* with this *root* (32 bytes). The key's name is
        *origin*; of *signed_at*, which knows its time zone, the whole seconds are kept."""
        moment = signed_at.replace(microsecond=0)
        checkpoint = Checkpoint(origin, size, root, moment)
        return self.sign(origin, Checkpoint.parse(checkpoint.body).body)

    def introduce(self, vkey: str) -> str:
        """This key's word that the one with *vkey* takes over. Both sign under the same name."""
        successor = VerifierKey.parse(vkey)
        return self.sign(successor.name, successor.introduction)


def qr_svg(head: TreeHead) -> str:
    """A QR code of a checkpoint's short form, as SVG to set into a page: some 3.5 cm wide, and
    readable with a seventh of it smudged (level M)."""
    code = segno.make(head.short, error="m", micro=False)
    return code.svg_inline(scale=3, title=f"{head.origin} {head.size}")

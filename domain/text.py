"""A word that a person typed, as an event knows it: a name and a digest, never the words."""

import hashlib
from typing import Self

from pydantic import BaseModel, ConfigDict

SALT_BYTES = 32


class Text(BaseModel):
    """A reference to words that lie in the ledger's table of texts.

    `digest` is SHA-256 over a random 32-byte salt and the words in UTF-8, in hex: it proves what
    the words were while they stand, and tells nothing about them once words and salt are gone.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    digest: str

    @classmethod
    def of(cls, text_id: str, words: str, salt: bytes) -> Self:
        """The reference to *words* under *text_id*."""
        return cls(id=text_id, digest=hashlib.sha256(salt + words.encode()).hexdigest())

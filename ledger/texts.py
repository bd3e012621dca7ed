"""The one place where the words lie that people type."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from domain.text import SALT_BYTES, Text
from ledger.sight import Reads
from ledger.stored import Entry, Written


@dataclass(frozen=True)
class Draft:
    """Words on their way into the ledger, with the salt of their digest."""

    text: Text
    words: str
    salt: bytes


@dataclass
class Pen:
    """Takes down the words of one command. What a person types over the API comes here through
    `Desk.write`, where the gate for personal data stands."""

    drafts: list[Draft] = field(default_factory=list)

    def write(self, words: str) -> Text:
        salt = secrets.token_bytes(SALT_BYTES)
        draft = Draft(Text.of(str(uuid4()), words, salt), words, salt)
        self.drafts.append(draft)
        return draft.text

    def write_if(self, words: str | None) -> Text | None:
        return None if words is None else self.write(words)


def words_of(reads: Reads, texts: Iterable[Text | str]) -> dict[str, str]:
    """The words of each text that still has them, by text id."""
    return {text_id: words for text_id, words, _ in words_and_streams(reads, texts)}


def words_and_streams(reads: Reads, texts: Iterable[Text | str]) -> Sequence[tuple[str, str, str]]:
    """The id of each text that still has its words, these, and the stream that they belong to."""
    ids = list({text if isinstance(text, str) else text.id for text in texts})
    return reads.rows(
        "SELECT id::text, words, stream_id FROM texts WHERE id = ANY(%(ids)s)", ids=ids
    )


def is_text(value: object) -> bool:
    """Whether this value of an event's stored data is a reference to words."""
    return isinstance(value, dict) and value.keys() == {"id", "digest"}


def texts_in(entries: Iterable[Entry | Written]) -> list[str]:
    """The ids of all texts in these entries."""
    values = (value for entry in entries for value in entry.data.values())
    ones = (one for value in values for one in (value if isinstance(value, list) else [value]))
    return [one["id"] for one in ones if is_text(one)]

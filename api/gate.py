"""The gate for personal data: what every text that a person types passes before it is kept."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import phonenumbers
import structlog
from phonenumbers import PhoneNumberMatcher, PhoneNumberType

from api import name_list
from api.apertium import Apertium, is_installed
from domain.names import Lexicon, Reading, Readings, words
from domain.personal_data import Findings, Kind, Known, Seen, as_read, look
from ledger.database import Unavailable

NOTHING: frozenset[Reading] = frozenset()
Name = Literal["apertium", "name list"]

NAMING = frozenset({Kind.NAME, Kind.NICKNAME, Kind.NUMBER})
"""What names somebody, among what is likely."""
_HYPHENS = re.compile("[-_]")
_OF_ORGANISATIONS = {
    PhoneNumberType.UAN, PhoneNumberType.TOLL_FREE, PhoneNumberType.SHARED_COST,
    PhoneNumberType.PREMIUM_RATE,
}  # fmt: skip
"""Only organisations have such numbers: 02800 and 800 33 321, for instance."""


class GateBroken(Unavailable):
    """The check for personal data does not work just now, so nothing was recorded. Try again in a
    moment; if that does not help, tell whoever runs Løft. Your text has not been kept: copy it
    somewhere safe before you leave the page."""


@dataclass(frozen=True)
class Typed:
    """What somebody typed, by field. `names`: of persons who work here; `keys`: of what is made
    anew, which stand in events and can never be erased; `reason`: why it is about nobody."""

    words: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    reason: str | None = None


REASON = "not_about_individual"
"""The field of the reason."""


@dataclass(frozen=True)
class Gate:
    """`lexicon` tells names from words; `name` says which one it is. `may_stand`: what the
    municipality lists itself."""

    name: Name = "name list"
    lexicon: Lexicon = name_list.readings
    may_stand: frozenset[str] = frozenset()
    close: Callable[[], None] = field(default=lambda: None)

    def look(self, texts: Mapping[str, str], names: frozenset[str]) -> dict[str, Findings]:
        """What each of *texts* that points at a person holds, by field. *names*: of the
        municipality's organs, services and focus areas. Refuses with `GateBroken`: what cannot be
        looked at is not kept."""
        known = Known(names, self.may_stand)
        try:
            found = {field: look(text, known, self._seen(text)) for field, text in texts.items()}
        except Exception as error:
            structlog.get_logger().error("gate broken", error=type(error).__name__)
            broken = True
        else:
            broken = False
        if broken:
            raise GateBroken
        return {field: findings for field, findings in found.items() if findings.spans}

    def inspect(self, typed: Typed, names: frozenset[str]) -> dict[str, Findings]:
        """What all of *typed* holds, by field: of a name what is no name, of a key what its words
        say, of the reason what names somebody, for it never needs to."""
        found = self.look(typed.words, names)
        for where, findings in self.look(typed.names, names).items():
            found[where] = findings.only(lambda kind: kind.is_certain or kind is Kind.NUMBER)
        found |= self.look_at_keys(typed.keys, names)
        for where, findings in self.look({REASON: typed.reason or ""}, names).items():
            found[where] = findings.only(lambda kind: kind.is_certain or kind in NAMING)
        return {where: findings for where, findings in found.items() if findings.spans}

    def look_at_keys(
        self, keys: Mapping[str, str], names: frozenset[str] = frozenset()
    ) -> dict[str, Findings]:
        """What each of *keys* holds, as it is written or with a space for every hyphen."""
        spaced = {where: _HYPHENS.sub(" ", key) for where, key in keys.items()}
        return self.look(spaced, names) | self.look(keys, names)

    def may_be_called(self, name: str) -> bool:
        """Whether *name*, which nobody typed here, is no more than a name."""
        return not self.inspect(Typed(names={"name": name}), frozenset())

    def _seen(self, text: str) -> Seen:
        read = as_read(text).text
        return Seen(_phones(read), self.lexicon(words(read)), name_list.COMMON)


def found_gate(may_stand: frozenset[str] = frozenset()) -> Gate:
    """The best one there is here: Apertium's, where it is installed."""
    if is_installed():
        apertium = Apertium()
        return Gate("apertium", beside_the_list(apertium), may_stand, apertium.close)
    return Gate(may_stand=may_stand)


def beside_the_list(lexicon: Lexicon) -> Lexicon:
    """What *lexicon* and the project's own list say together, so that it is never behind the list.
    A dictionary finds a word in most names (*anders*, *kari*): of those that are hardly ever
    anything else, the list's own reading stands."""

    def together(words: frozenset[str]) -> Readings:
        found, own = dict(lexicon(words)), name_list.readings(words)
        for word in words & (found.keys() | own.keys()):
            if word.capitalize() not in name_list.SURE:
                found[word] = found.get(word, NOTHING) | own.get(word, NOTHING)
            elif word in own:
                found[word] = own[word]
            else:
                found.pop(word)
        return found

    return together


def _phones(text: str) -> tuple[tuple[int, int], ...]:
    return tuple(
        (found.start, found.end)
        for found in PhoneNumberMatcher(text, "NO", max_tries=100_000)
        if phonenumbers.number_type(found.number) not in _OF_ORGANISATIONS
    )

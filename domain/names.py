"""Names of persons in a text, from what a lexicon says of its words."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise


class Reading(StrEnum):
    """What a word can be, by a lexicon."""

    GIVEN = "given"
    SURNAME = "surname"
    PLACE = "place"
    OTHER_NAME = "other name"
    WORD = "word"


Readings = Mapping[str, frozenset[Reading]]
"""What each word can be, by how it is written; a word that is missing is unknown."""
Hit = tuple[int, int, str]
AHEAD = 120
"""Characters after a name in which it may turn out to be an institution's."""

_WORD = re.compile(r"[^\W\d_]+")
_OPENS = re.compile(r"(?:^|[.!?:;\n(«»\"“”–•*]|\s-)\s*$")
_IN_OR_TO = re.compile(
    r"\b(?:i|på|ved|fra|frå|til|mot|langs|rundt|kring|rundtom|utanfor|utenfor|nær|over)\s$",
    re.IGNORECASE,
)
_INSTITUTION = re.compile(
    r"^(?:\s+(?:og\s+)?[A-ZÆØÅ][\w’'\-]+){0,2}?(?:s|’s)?(?:\s+|-)"
    r"(?:(?:videregående|vidaregåande|[Bb]arne|[Uu]ngdoms|[Mm]ontessori)?-?\s?(?:skole|skule|skolen|skulen)"
    r"|vgs|videregående|vidaregåande|gate|gata|gaten|vei|veg|plass|allé|torg|park|parken|hospital"
    r"|sykehus|sjukehus|sykehjem|stiftelse|stifting|senter|senteret|hall|hallen|hus|huset|tun|tunet"
    r"|kirke|kyrkje|minne|minnefond|universitet|folkehøgskole|folkehøgskule|barnehage|bibliotek"
    r"|fondet|prisen|stadion|teater|museum|institutt|kafe|kafé|bru)\b"
)
_DOES = re.compile(
    r"^\s(?:har|hadde|går|gjekk|gikk|bor|bur|kom|kjem|kommer|fikk|fekk|sa|seier|sier|ble|blei|vart"
    r"|slutta|slo|sel|selger|røyker|ringte|treng|trenger|slår|drikk|drikker|truer|trua|trugar|truga"
    r"|mobber|mobbar|mobbet|mobba|stel|stjeler|stjal|ruser|rusar|skulker|skulkar|sliter|slit|bærer"
    r"|ber|kaster|kastar|krangler|kranglar|skaffer|skaffar|skriver|skriv|sier|snakker|snakkar"
    r"|blir|rømte|rømde|rømmer|skader|skadar|henger|heng|spør)\b"
)
"""What persons do. Not `er`: bears are animals, and Bjørn means one."""
_SEASONS = frozenset({"mai", "vår", "august", "april", "juni", "sol", "sommer", "storm", "liv"})
_FAMILY = re.compile(
    r"^-(?:gutten|guten|jenta|jenten|familien|brødrene|brørne|søstrene|systrene|ungen|gutane|guttene)\b"
)


@dataclass(frozen=True)
class _Word:
    text: str
    start: int
    end: int
    opens: bool
    """It begins a sentence, so its capital says nothing."""
    after_place_word: bool

    @property
    def has_capital(self) -> bool:
        return self.text[0].isupper()


def words(text: str) -> frozenset[str]:
    """The forms of the words of *text* that a lexicon is asked about."""
    forms = {form for word in _words(text) for form in _forms(word.text)}
    return frozenset(form for form in forms if len(form) <= 40)


def names(text: str, readings: Readings, common: frozenset[str]) -> Iterator[Hit]:
    """Where persons are named. *common*: given names, in small letters, that are names however
    they are written, unless they are a word too."""
    found = list(_words(text))
    sure = [_is_name(word, text, readings, common) for word in found]
    for word, is_sure in zip(found, sure, strict=True):
        if is_sure:
            yield word.start, word.end, "name"
    for first, second in pairwise(found):
        together = text[first.end : second.start] == " " and _are_full_name(first, second, readings)
        if together and not _INSTITUTION.match(text[second.end : second.end + AHEAD]):
            yield first.start, second.end, "name"


def _words(text: str) -> Iterator[_Word]:
    for found in _WORD.finditer(text):
        before = text[max(0, found.start() - 20) : found.start()]
        opens = not before or _OPENS.search(before) is not None
        yield _Word(found[0], *found.span(), opens, _IN_OR_TO.search(before) is not None)


def _forms(word: str) -> set[str]:
    """As written, small, with a capital, and without the s of a genitive."""
    forms = {word, word.lower(), word.capitalize()}
    return forms | {form[:-1] for form in forms if form.endswith("s") and len(form) > 3}


def _read(word: str, readings: Readings) -> frozenset[Reading]:
    """Of *word* with a capital; of what stands before its s, where it is not known itself."""
    own = word.capitalize() if word.isupper() else word
    found = readings.get(own) or readings.get(word[:1].upper() + word[1:])
    if not found and own.endswith("s"):
        found = readings.get(own[:-1])
    return found or frozenset()


def _is_common(word: str, readings: Readings) -> bool:
    return Reading.WORD in readings.get(word.lower(), frozenset())


def _is_name(word: _Word, text: str, readings: Readings, common: frozenset[str]) -> bool:
    known, after = _read(word.text, readings), text[word.end : word.end + AHEAD]
    is_word = _is_common(word.text, readings)
    if not word.has_capital or word.text.isupper():
        return word.text.lower() in common and not is_word and not _INSTITUTION.match(after)
    if len(word.text) < 3 or not word.text[1:].islower() or _INSTITUTION.match(after):
        return False
    if _FAMILY.match(after):
        return Reading.PLACE not in known or Reading.SURNAME in known
    if is_word and word.opens:
        does = _DOES.match(after) and word.text.lower() not in _SEASONS
        return Reading.GIVEN in known and bool(does)
    if Reading.GIVEN in known:
        return not (word.after_place_word and known & {Reading.PLACE, Reading.SURNAME})
    return known == {Reading.SURNAME} and not is_word and not word.after_place_word


def _are_full_name(first: _Word, second: _Word, readings: Readings) -> bool:
    """A given name, if only perhaps, before a name or a word that is none."""
    if any(all(map(alike, (first.text, second.text))) for alike in (str.islower, str.isupper)):
        return _are_alike_name(first.text, second.text, readings)
    if not (first.has_capital and second.has_capital) or second.text.isupper():
        return False
    known, following = _read(first.text, readings), _read(second.text, readings)
    if Reading.GIVEN not in known:
        return False
    return bool(following & {Reading.GIVEN, Reading.SURNAME}) or (
        not following and not _is_common(second.text, readings)
    )


def _are_alike_name(first: str, second: str, readings: Readings) -> bool:
    """Both in small letters or in capitals: a given name before a surname that is no word."""
    return (
        Reading.GIVEN in _read(first, readings)
        and _read(second, readings) == {Reading.SURNAME}
        and not _is_common(second, readings)
    )


Lexicon = Callable[[frozenset[str]], Readings]
"""Says what words can be."""

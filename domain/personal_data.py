"""What points at a person in a text that somebody typed: where it stands, never the words."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from domain.certain import alike, certain
from domain.likely import likely
from domain.names import Readings, names
from domain.plain import Plain, plain


class Kind(StrEnum):
    """What was found. The first seven are certain, the others may be meant otherwise."""

    NATIONAL_ID = "national_id"
    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"
    ACCOUNT = "account"
    PLATE = "plate"
    HANDLE = "handle"
    NAME = "name"
    RELATION = "relation"
    INDIVIDUAL = "individual"
    ROLE = "role"
    NICKNAME = "nickname"
    SCHOOL_AGE_ACT = "school_age_act"
    NUMBER = "number"

    @property
    def is_certain(self) -> bool:
        return self in _CERTAIN


_CERTAIN = frozenset(list(Kind)[:7])


@dataclass(frozen=True, order=True)
class Span:
    """A place in a text, in characters: `start` is the first, `end` the one after the last."""

    start: int
    end: int
    kind: Kind


@dataclass(frozen=True)
class Known:
    """What may stand in a municipality's texts. `names`: of its organs, services and focus areas,
    in which a name may stand; `may_stand`: what it lists itself (numbers, mailboxes, addresses,
    institutions), which may stand whatever it looks like, but for a national id."""

    names: frozenset[str] = frozenset()
    may_stand: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Seen:
    """What only somebody else can see in a text: the places of phone numbers in it, and what its
    words can be. `common_names`: given names, in small letters, that are names however they are
    written."""

    phones: tuple[tuple[int, int], ...] = ()
    readings: Readings = field(default_factory=dict)
    common_names: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Findings:
    """Where a text points at a person, in order; nothing overlaps what is certain."""

    spans: tuple[Span, ...] = ()

    @property
    def is_certain(self) -> bool:
        """Whether there is a hit that nobody can confirm away."""
        return any(span.kind.is_certain for span in self.spans)

    def only(self, counts: Callable[[Kind], bool]) -> "Findings":
        """Those of a kind that *counts*."""
        return Findings(tuple(span for span in self.spans if counts(span.kind)))


INSTITUTIONS = frozenset(
    {
        "Amalie Skram", "Fridtjof Nansen", "Roald Amundsen", "Thor Heyerdahl", "Ole Vig",
        "Henrik Ibsen", "Ole Bull", "Edvard Grieg", "Anne Franks hus", "Marie Curie",
        "Kari Trestakk", "Olav Duun", "Rudolf Steiner", "Ivar Aasen", "Bjørnstjerne Bjørnson",
        "Kristin Lavransdatter", "Arne Næss", "Alf Prøysen", "Blå Kors", "Ole Brumm",
        "Peer Gynt", "St. Olav", "Sankthans", "St. Hans", "Maria kirke", "Lucia",
    }
)  # fmt: skip
"""Named after people who are no case: places and institutions may be called so."""


def look(text: str, known: Known = Known(), seen: Seen = Seen()) -> Findings:
    """Where *text* points at a person. *seen* is about `plain(text).text`."""
    shown = plain(text)
    sure = [Span(start, end, Kind(kind)) for start, end, kind in _surely(shown.text, seen)]
    maybe = [Span(start, end, Kind(kind)) for start, end, kind in _maybe(shown.text, seen)]
    hits = [span for span in sure if span.kind is Kind.NATIONAL_ID]
    hits += _but(shown.text, set(sure) - set(hits), known.may_stand)
    hits += _but(shown.text, maybe, known.may_stand | known.names | INSTITUTIONS)
    return Findings(tuple(Span(*shown.typed(s.start, s.end), s.kind) for s in _apart(hits)))


def as_read(text: str) -> Plain:
    """*text* as those who see what `Seen` holds are given it."""
    return plain(text)


def _surely(text: str, seen: Seen) -> Iterator[tuple[int, int, str]]:
    yield from certain(text)
    yield from _phones(text, seen)


def _maybe(text: str, seen: Seen) -> Iterator[tuple[int, int, str]]:
    yield from likely(text)
    yield from alike(text)
    yield from names(text, seen.readings, seen.common_names)


_NO_PHONE = re.compile(
    r"^\d{1,2}[.:]\d\d\s?[-–]\s?\d{1,2}[.:]\d\d$"  # from one time of day to another
    r"|^\d{1,2}[./]\d{1,2}[./]\d{4}$"  # a day
    r"|^(?:19|20)\d\d\s?[-–/]\s?(?:19|20)\d\d$"  # years
    r"|^\d{1,3}(?:[ .]000){2}$"  # a round amount
    r"|^\d{2,4}/\d{4,6}(?:-\d{1,4})?$"  # a document in an archive
)
_NAMED_PHONE = re.compile(
    r"\b(?:tlf|tel|telefon\w*|mob|mobil\w*|ring\w*|nummeret)\b[^\d\n]{0,15}?"
    r"((?<![\d/.,:])[2-79](?:[ \t./_\-–]{0,3}\d){7})(?![\d/]|[.,:]\d)",
    re.IGNORECASE,
)
_AMOUNT = re.compile(r"^\s?(?:kr\b|kroner|,-|NOK|mill|euro|%|prosent)", re.IGNORECASE)
_PRICE = re.compile(r"(?:\bkr\.?|NOK|€|\$)\s?$")


def _phones(text: str, seen: Seen) -> Iterator[tuple[int, int, str]]:
    named = [found.span(1) for found in _NAMED_PHONE.finditer(text)]
    for start, end in dict.fromkeys([*seen.phones, *named]):
        amount = _AMOUNT.match(text[end : end + 10]) or _PRICE.search(
            text[max(0, start - 5) : start]
        )
        if not _NO_PHONE.match(text[start:end]) and not amount:
            yield start, end, "phone"


def _allowed(text: str, phrases: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Where these stand as whole words, in capitals or not."""
    for phrase in phrases:
        if phrase.strip():
            ends = r"s?(?!\w)" if phrase[-1:].isalpha() else r"(?!\w)"
            wanted = r"\s+".join(re.escape(word) for word in phrase.split())
            for found in re.finditer(rf"(?<!\w){wanted}{ends}", text, re.IGNORECASE):
                yield found.span()


def _but(text: str, hits: Iterable[Span], phrases: Iterable[str]) -> list[Span]:
    """*hits* but for those that lie within one of the *phrases*."""
    found = list(hits)
    allowed = list(_allowed(text, phrases)) if found else []
    return [hit for hit in found if not any(a <= hit.start and hit.end <= b for a, b in allowed)]


def _apart(hits: Iterable[Span]) -> Iterator[Span]:
    """Certain ones before the others, longer before shorter; what overlaps one of them is left
    out. In order."""
    kept: list[Span] = []
    for span in sorted(hits, key=lambda s: (not s.kind.is_certain, s.start - s.end, s.start)):
        if all(span.end <= one.start or one.end <= span.start for one in kept):
            kept.append(span)
    yield from sorted(kept)

"""What pages say, in bokmål, nynorsk and English: sentences, names of things, days and numbers."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from importlib.resources import files

from babel import Locale, dates, numbers
from babel.core import negotiate_locale
from babel.messages.pofile import read_po
from fastapi import Request

from domain.event import OSLO, Precision

LANGUAGES: Mapping[str, str] = {"nb": "Bokmål", "nn": "Nynorsk", "en": "English"}
"""In their own words. The first is what everybody gets who asks for none of them."""
COOKIE = "loft-language"
_KNOWN_AS = {"no": "nb", "nb": "nb", "nn": "nn", "en": "en"}


def say(sentence: str) -> str:
    """Marks a *sentence* to be translated where it is shown."""
    return sentence


@cache
def _catalog(language: str) -> Mapping[str, str | tuple[str, ...]]:
    """Translations by what stands in the code: an English sentence, or the stored name of an event
    or a word of a closed list."""
    file = files("api") / "pages" / "locale" / f"{language}.po"
    with file.open("rb") as opened:
        messages = read_po(opened, locale=language, domain="loft")
    return {
        (one.id if isinstance(one.id, str) else one.id[0]): (
            one.string if isinstance(one.string, str) else tuple(one.string)
        )
        for one in messages
        if one.id and one.string
    }


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(language)


@lru_cache(maxsize=10_000)
def _number(language: str, number: float) -> str:
    """A report has hundreds of numbers, and most of them are small."""
    return str(numbers.format_decimal(number, locale=_locale(language)))


@dataclass(frozen=True)
class Tongue:
    """One language, and how it is spoken."""

    language: str

    @property
    def locale(self) -> Locale:
        return _locale(self.language)

    def gettext(self, sentence: str) -> str:
        found = _catalog(self.language).get(sentence)
        return sentence if found is None else found if isinstance(found, str) else found[0]

    def ngettext(self, one: str, several: str, n: int) -> str:
        found = _catalog(self.language).get(one)
        if isinstance(found, tuple) and len(found) > 1:
            return found[0] if n == 1 else found[1]
        return one if n == 1 else several

    def day(self, day: date | datetime | str | None) -> str:
        """Such as "7. september 2016"."""
        when = _read(day)
        return dates.format_date(when, "long", self.locale) if when is not None else ""

    def short_day(self, day: date | datetime | str | None) -> str:
        when = _read(day)
        return dates.format_skeleton("yMMMd", when, locale=self.locale) if when is not None else ""

    def moment(self, moment: datetime | str | None, precision: str = "minute") -> str:
        """As exactly as it is known."""
        when = _read(moment)
        if when is None:
            return ""
        match Precision(precision):
            case Precision.YEAR:
                return str(when.year)
            case Precision.MONTH:
                return dates.format_date(when, "LLLL y", self.locale)
            case Precision.DAY:
                return self.day(when)
        return f"{self.day(when)}, {when:%H:%M}"

    def number(self, number: float) -> str:
        return _number(self.language, number)


def _read(moment: date | datetime | str | None) -> date | datetime | None:
    """In Oslo, where it has a time zone."""
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        return moment.astimezone(OSLO)
    return moment


def spoken_to(request: Request) -> Tongue:
    """The language of whoever asks: the one that they have chosen, else what their browser asks
    for."""
    chosen = request.cookies.get(COOKIE, "")
    if chosen in LANGUAGES:
        return Tongue(chosen)
    asked = [one.partition(";")[0].strip() for one in
             request.headers.get("accept-language", "").split(",")]  # fmt: skip
    with suppress(ValueError):
        found = negotiate_locale(
            [part.replace("-", "_") for part in asked[:10]], list(_KNOWN_AS), sep="_"
        )
        if found is not None:
            return Tongue(_KNOWN_AS[found.lower()])
    return Tongue(next(iter(LANGUAGES)))

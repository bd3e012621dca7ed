"""What pages say in each language: all of it, nothing besides, and in the words of the glossary."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from fastapi import Request
from pydantic import TypeAdapter, ValidationError

from api.fields import Age, Day, Reason, Title
from api.language import COOKIE, LANGUAGES, Tongue, spoken_to
from api.page import rendered
from api.problems import said
from docs import sentences
from docs.sentences import labels
from tests.test_house import HOUSE, read

NORWEGIAN = ["nb", "nn"]
LOCALE = HOUSE / "api" / "pages" / "locale"
OTHER_WORDS: Mapping[str, str] = {"other": "Et annet sted"}
"""Labels in other words than the glossary's row, which is another list's too: `other` is shown of
an outside place that a matter is referred to."""


def messages(language: str) -> list[Message]:
    with (LOCALE / f"{language}.po").open("rb") as opened:
        return [one for one in read_po(opened, locale=language) if one.id]


@cache
def said_by(part: str) -> frozenset[str]:
    """All of *part*, which is a function of `docs.sentences`. Reading the code takes seconds."""
    return frozenset(getattr(sentences, part)())


def said_in(one: Message) -> str:
    """The message as it stands in the code, in the singular."""
    return one.id if isinstance(one.id, str) else one.id[0]


def forms(words: str | Iterable[str] | None) -> list[str]:
    """The singular and the plural, where there are both."""
    return [words or ""] if words is None or isinstance(words, str) else list(words)


def placeholders(words: str) -> list[str]:
    return sorted(re.findall(r"%\(\w+\)\w|\{\w+\}", words))


@pytest.mark.parametrize(
    "part", ["in_templates", "in_code", "labels", "refusals", "on_fields"], ids=str
)
@pytest.mark.parametrize("language", NORWEGIAN)
def test_every_sentence_is_translated(language: str, part: str) -> None:
    done = {said_in(one) for one in messages(language) if all(forms(one.string))}
    asked = said_by(part)
    assert asked
    assert sorted(asked - done) == []


def test_every_label_has_english_words() -> None:
    done = {said_in(one) for one in messages("en") if one.string}
    assert sorted(labels() - done) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_translated_that_nobody_says(language: str) -> None:
    spoken = said_by("everything")
    assert sorted({said_in(one) for one in messages(language)} - spoken) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_translated_twice_or_left_in_doubt(language: str) -> None:
    written = (LOCALE / f"{language}.po").read_text()
    ids = re.findall(r"^msgid (.+)$", written, re.MULTILINE)
    assert sorted({one for one in ids if ids.count(one) > 1}) == []
    assert [said_in(one) for one in messages(language) if one.fuzzy] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_put_into_a_sentence_is_put_into_its_translation(language: str) -> None:
    differ = [
        said
        for one in messages(language)
        for said, translation in zip(forms(one.id), forms(one.string), strict=True)
        if placeholders(translation) != placeholders(said)
    ]
    assert differ == []


@pytest.mark.parametrize("language", NORWEGIAN)
def test_no_page_tells_of_the_api(language: str) -> None:
    spoken = [words for one in messages(language) for words in forms(one.string)]
    of_the_api = re.compile(r"/api/|If-Match|ETag|Idempotency|Retry-After|Loft-|[a-z]_[a-z]")
    told = [w for w in spoken if of_the_api.search(re.sub(r"%\(\w+\)s|\{\w+\}", "", w))]
    assert told == []


def glossary_labels() -> dict[str, set[str]]:
    """Norwegian words by stored name, as the tables of events, closed lists and themes have it."""
    found: dict[str, set[str]] = {}
    for section in re.split(r"^## ", read("docs/glossary.md"), flags=re.MULTILINE):
        if section.partition("\n")[0] in {"Events", "Closed lists", "Themes"}:
            for name, words in re.findall(r"^\| `([\w -]+)` \| ([^|]+?) \|", section, re.MULTILINE):
                found.setdefault(name, set()).add(words)
    return found


def test_labels_are_the_words_of_the_glossary() -> None:
    rows = glossary_labels()
    spoken = {name: Tongue("nb").gettext(name) for name in labels()}
    assert sorted(spoken.keys() - rows.keys()) == []
    differ = {name: words for name, words in spoken.items() if words not in rows[name]}
    assert differ == OTHER_WORDS


@pytest.mark.parametrize(
    ("language", "one", "several"),
    [
        ("nb", "1 dag", "3 dager"), ("nn", "1 dag", "3 dagar"), ("en", "1 day", "3 days"),
    ],
)  # fmt: skip
def test_one_is_not_several(language: str, one: str, several: str) -> None:
    tongue = Tongue(language)
    for n, words in ((1, one), (3, several)):
        assert tongue.ngettext("%(num)s day", "%(num)s days", n) % {"num": n} == words


@pytest.mark.parametrize(
    ("kind", "value", "nb", "nn", "en"),
    [
        (Age, -1, "Minst 0.", "Minst 0.", "At least 0."),
        (Title, "x" * 301, "Høyst 300 tegn.", "Høgst 300 teikn.", "At most 300 characters."),
        (Title, " ", "Dette er tomt.", "Dette er tomt.", "This is empty."),
        (Day, "soon", "Oppgi en dag, som 2026-11-22.", "Oppgi ein dag, som 2026-11-22.",
         "Give a day such as 2026-11-22."),
        (Reason, "nei", "Skriv med minst to ord hvorfor dette ikke gjelder en enkeltperson.",
         "Skriv med minst to ord kvifor dette ikkje gjeld ein enkeltperson.",
         "Say in at least two words why this is not about one person."),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_field_is_told_in_ones_language(
    kind: Any, value: object, nb: str, nn: str, en: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(value)
    (error,) = refused.value.errors()
    assert [said(error, Tongue(one).gettext) for one in ("nb", "nn", "en")] == [nb, nn, en]


def asks(accept: str | None = None, cookie: str | None = None) -> Request:
    headers = [
        (name, value.encode())
        for name, value in (
            (b"accept-language", accept),
            (b"cookie", cookie and f"{COOKIE}={cookie}"),
        )
        if value is not None
    ]
    return Request({"type": "http", "method": "GET", "path": "/", "headers": headers})


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        (None, "nb"),
        ("", "nb"),
        ("nb-NO,nb;q=0.9,en;q=0.8", "nb"),
        ("no", "nb"),
        ("nn-NO,nn;q=0.9,nb;q=0.8", "nn"),
        ("NN", "nn"),
        ("en-GB,en;q=0.9", "en"),
        ("se-NO, en-US;q=0.5", "en"),
        ("de, fr;q=0.9", "nb"),
        ("*", "nb"),
        ("-,;;q=,_-_", "nb"),
        ("x" * 5000, "nb"),
    ],
)
def test_a_browser_asks_for_a_language(accept: str | None, language: str) -> None:
    assert spoken_to(asks(accept)).language == language


@pytest.mark.parametrize(
    ("accept", "cookie", "language"),
    [
        ("nb", "nn", "nn"),
        ("nn", "en", "en"),
        ("en", "nb", "nb"),
        ("en", "de", "en"),
        (None, "", "nb"),
    ],
)
def test_what_somebody_chose_comes_before_what_their_browser_asks(
    accept: str | None, cookie: str, language: str
) -> None:
    assert spoken_to(asks(accept, cookie)).language == language


@pytest.mark.parametrize(
    ("language", "heading"),
    [("nb", "Det gikk ikke"), ("nn", "Det gjekk ikkje"), ("en", "That did not work")],
)
def test_a_page_is_in_one_language(language: str, heading: str) -> None:
    page = rendered("wrong", Tongue(language), sentence="…")
    assert f'<html lang="{language}"' in page
    assert f">{heading}</h1>" in page


LATE = datetime(2016, 8, 31, 22, 30, tzinfo=UTC)
"""Half an hour into September in Oslo."""


@pytest.mark.parametrize(
    ("language", "minute", "day", "month"),
    [
        ("nb", "1. september 2016, 00:30", "1. september 2016", "september 2016"),
        ("nn", "1. september 2016, 00:30", "1. september 2016", "september 2016"),
        ("en", "September 1, 2016, 00:30", "September 1, 2016", "September 2016"),
    ],
)
def test_a_moment_is_told_in_oslo_as_exactly_as_it_is_known(
    language: str, minute: str, day: str, month: str
) -> None:
    tongue = Tongue(language)
    told = [tongue.moment(LATE, precision) for precision in ("minute", "day", "month", "year")]
    assert told == [minute, day, month, "2016"]
    assert tongue.moment(LATE.isoformat()) == minute


def test_winter_is_an_hour_from_greenwich() -> None:
    assert Tongue("nb").moment(datetime(2016, 12, 31, 23, 5, tzinfo=UTC)) == "1. januar 2017, 00:05"


@pytest.mark.parametrize(
    ("language", "long", "short", "number"),
    [
        ("nb", "7. september 2016", "7. sep. 2016", "1\xa0234,5"),
        ("nn", "7. september 2016", "7. sep. 2016", "1\xa0234,5"),
        ("en", "September 7, 2016", "Sep 7, 2016", "1,234.5"),
    ],
)
def test_a_day_and_a_number(language: str, long: str, short: str, number: str) -> None:
    tongue = Tongue(language)
    assert tongue.day(date(2016, 9, 7)) == tongue.day("2016-09-07") == long
    assert tongue.short_day("2016-09-07") == short
    assert tongue.number(1234.5) == number


def test_no_day_is_told_as_nothing() -> None:
    tongue = Tongue("nb")
    assert [tongue.day(None), tongue.short_day(None), tongue.moment(None)] == ["", "", ""]

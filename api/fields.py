"""What one field of a request may hold: words, keys, days and numbers."""

import re
from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints

from api.language import say


def without_nul(words: str) -> str:
    """Refused is a NUL character: the database keeps none."""
    if "\x00" in words:
        raise ValueError(say("The text holds a NUL character, which cannot be kept. Take it out."))
    return words


def _on_one_line(name: str) -> str:
    return " ".join(name.split())


def _of_substance(reason: str) -> str:
    if len(reason) < 8 or len(reason.split()) < 2:
        raise ValueError(say("Say in at least two words why this is not about one person."))
    return reason


def _as_a_day(day: object) -> object:
    """A number is no day, though pydantic would count it as seconds since 1970."""
    if not isinstance(day, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", day, re.ASCII):
        raise ValueError(say("Give a day such as 2026-11-22."))
    return day


def _as_a_moment(moment: object) -> object:
    if not isinstance(moment, str) or not re.match(r"\d{4}-\d\d-\d\d[Tt ]", moment, re.ASCII):
        raise ValueError(say("Give a time with its time zone, such as 2026-11-22T10:00:00+01:00."))
    return moment


def _from_years_that_count(moment: datetime) -> datetime:
    if not 1900 <= moment.year <= 2200:
        raise ValueError(say("The year lies outside 1900 to 2200."))
    return moment


def _of_years_that_count(day: date) -> date:
    if not 1900 <= day.year <= 2200:
        raise ValueError(say("The year lies outside 1900 to 2200."))
    return day


Words = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000),
    AfterValidator(without_nul),
]
Title = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=300),
    AfterValidator(without_nul),
]
PersonName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=300),
    AfterValidator(without_nul),
    AfterValidator(_on_one_line),
]
"""Of somebody who works here."""
Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000),
    AfterValidator(without_nul),
    AfterValidator(_of_substance),
]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,79}$")]
Reference = Annotated[
    str, StringConstraints(min_length=1, max_length=300), AfterValidator(without_nul)
]
"""A key, name, slug, number or id that is looked up and never kept."""
Age = Annotated[int, Field(ge=0, le=120)]
Year = Annotated[int, Field(ge=1900, le=2200)]
Day = Annotated[date, BeforeValidator(_as_a_day), AfterValidator(_of_years_that_count)]
Moment = Annotated[
    AwareDatetime, BeforeValidator(_as_a_moment), AfterValidator(_from_years_that_count)
]
Position = Annotated[int, Field(ge=1, le=2**62)]
AS_OF = "A position (the size of a checkpoint is one) or an RFC 3339 time."
"""What a read may be asked as of."""

"""Minutes as they are printed: sentences in Norwegian, the same on the page and in the PDF."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from api.minutes_answers import MinuteAnswer, MinutesAnswer, MinutesItem, PresentAnswer
from domain.agenda import Waits
from ledger.verifier import MONTHS

GONE = "[slettet]"
"""Where words stood that have been erased."""
WITHHELD = "Unntatt fra innsyn"
"""Where a case stands that is not for whoever reads."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Line(_Part):
    """Something that was said, under a label."""

    label: str
    words: str


class Logged(_Part):
    """An entry: what was done, what was said about it, and what was corrected later."""

    heading: str
    lines: list[Line]
    beside: list[Line]


class Point(_Part):
    """An item of the agenda. `note`: that it was postponed, or is not for whoever reads."""

    heading: str
    cases: list[str]
    note: str | None
    logged: list[Logged]


class Sheet(_Part):
    """All that is printed, in words. `day`: of the meeting; `code`: what is printed as a QR."""

    title: str
    facts: list[Line]
    points: list[Point]
    remarks: list[Line]
    checkpoint: list[str]
    day: str


_EVENTS: Mapping[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "CaseDiscussed": (
        "Drøftet",
        (("summary", "Oppsummering"), ("conclusion", "Konklusjon"), ("decision", "Beslutning")),
    ),
    "ItemDiscussed": (
        "Drøftet",
        (("summary", "Oppsummering"), ("conclusion", "Konklusjon"), ("decision", "Beslutning")),
    ),
    "CaseEscalated": ("Løftet til {to}", (("reason", "Begrunnelse"), ("tried", "Forsøkt"))),
    "CaseReturned": ("Sendt ned til {to}", (("expectation", "Forventning"),)),
    "CaseReferred": ("Henvist til {to}", (("reason_code", "Årsak"),)),
    "CaseAssigned": (
        "Ansvar tildelt: {service}",
        (("expectation", "Forventning"), ("due_on", "Frist")),
    ),
    "MeasureStarted": (
        "Tiltak satt i gang",
        (
            ("title", "Tiltak"),
            ("expected_effect", "Forventet effekt"),
            ("evaluate_on", "Evalueres"),
        ),
    ),
    "MeasureEvaluated": ("Tiltak evaluert", (("effect", "Effekt"), ("note", "Merknad"))),
    "ProgressNoted": ("Notert", (("text", "Notat"),)),
    "AnswerGiven": ("Tilbakemelding til {to}", (("message", "Tilbakemelding"),)),
    "FocusAreaSet": ("Innsatsområde vedtatt", (("name", "Navn"), ("year", "År"))),
    "PlanAdopted": (
        "Plan vedtatt",
        (("name", "Navn"), ("from_year", "Fra og med"), ("to_year", "Til og med")),
    ),
    "OrderPlaced": (
        "Bestilt fra {to}",
        (
            ("kind", "Slag"),
            ("what", "Bestilling"),
            ("mandate", "Mandat"),
            ("steps", "Trinn"),
            ("expected_effect", "Forventet effekt"),
            ("due_on", "Frist"),
        ),
    ),
    "CaseClosed": ("Avsluttet", (("outcome", "Utfall"), ("reason", "Begrunnelse"))),
}
"""How each event that is logged in a meeting is told: its heading, and the fields below it."""

_WORDS: Mapping[str, str] = {
    "continue": "følges videre", "handle_locally": "løses lokalt", "ask_to_lift": "ønskes løftet",
    "decided": "besluttet", "individual_case": "enkeltsak", "legal_duty": "lovpålagt plikt",
    "other_responsibility": "andres ansvar", "other_theme": "annet tema",
    "wanted": "ønsket effekt", "partly": "delvis effekt", "none": "ingen effekt",
    "unknown": "ukjent effekt", "resolved": "løst",
    "handed_over": "overført til ordinær drift", "no_action": "ingen tiltak",
    "referred": "henvist", "merged": "slått sammen med en annen sak",
    "police": "politiet", "child_welfare": "barneverntjenesten", "health": "helsetjenesten",
    "analysis": "analyse", "mapping": "kartlegging", "action": "handling",
    "school": "skolen", "county": "fylkeskommunen", "nav": "Nav",
    "other_municipality": "en annen kommune", "other": "annet sted",
}  # fmt: skip
"""The words of closed lists, as docs/glossary.md has them."""
_QUORUM = {
    True: "Møtet var beslutningsdyktig.",
    False: "Møtet var ikke beslutningsdyktig.",
    None: "Det er ikke kjent hvem som hører til organet.",
}


def sheet_of(told: MinutesAnswer, names: Mapping[str, str]) -> Sheet:
    """What is printed of these minutes. *names*: of organs and services as they were, by key."""
    numbers = {case.id: case.number or "unntatt" for item in told.items for case in item.cases}
    return Sheet(
        title=f"{_KIND[told.state]} – {told.organ_name or told.organ}",
        facts=list(_facts(told)),
        points=[_point(place, item, names, numbers) for place, item in enumerate(told.items, 1)],
        remarks=[
            Line(label=f"{_day(r.at)}{f', punkt {r.n}' if r.n else ''}", words=_said(r.text))
            for r in told.remarks
        ],
        checkpoint=told.signed.short.split() if told.signed is not None else [],
        day=told.starts_at.date().isoformat(),
    )


_KIND = {"frozen": "Referat", "draft": "Utkast til referat", "cancelled": "Avlyst møte"}


def _facts(told: MinutesAnswer) -> Iterator[Line]:
    when = f"{_day(told.starts_at)} kl. {told.starts_at:%H.%M}"
    yield Line(label="Tid", words=when)
    if told.place is not None:
        yield Line(label="Sted", words=told.place)
    there = ", ".join(_who(one) for one in told.present)
    yield Line(label="Til stede", words=there or "Ikke registrert")
    if told.guests:
        yield Line(label="Gjester", words=", ".join(told.guests))
    if told.state == "frozen":
        yield Line(label="Beslutningsdyktighet", words=_QUORUM[told.quorate])
    if told.approved_at is not None:
        yield Line(label="Godkjent", words="Referatet er godkjent i et senere møte.")


def _who(one: PresentAnswer) -> str:
    return one.represents or one.service or one.person or f"plass {one.seat}"


def _point(
    place: int, item: MinutesItem, names: Mapping[str, str], numbers: Mapping[str, str]
) -> Point:
    heading = item.title
    if heading is None and Waits.NEWS in item.why:
        heading = "Nytt fra nivået under siden sist"
    if heading is None and item.n is None:
        heading = "Utenom sakslisten"
    cases = [
        f"{case.number}: {_said(case.title)}" if case.number else WITHHELD for case in item.cases
    ]
    if heading is None and cases:
        heading, *cases = cases
    return Point(
        heading=f"{place}. {heading or GONE}",
        cases=cases,
        note=_postponed(item.reason) if item.postponed else None,
        logged=[
            _logged(entry, names, numbers if len(item.cases) != 1 else {}) for entry in item.entries
        ],
    )


def _postponed(reason: str | None) -> str:
    return "Utsatt til neste møte." + (f" Begrunnelse: {reason}" if reason else "")


def _logged(entry: MinuteAnswer, names: Mapping[str, str], numbers: Mapping[str, str]) -> Logged:
    """*numbers*: of cases, where it must be said which one it is about."""
    own = entry.model_extra or {}
    heading, fields = _EVENTS[entry.event]
    named = {
        name: names.get(str(key)) or _WORDS.get(str(key)) or str(key)
        for name, key in own.items()
        if name in {"to", "service"}
    }
    about = f"Sak {numbers[entry.case]}: " if entry.case and entry.case in numbers else ""
    marked = " (uten beslutningsdyktighet)" if entry.without_quorum else ""
    return Logged(
        heading=f"{about}{heading.format(**named)}{marked}",
        lines=[
            Line(label=label, words=_value(own[field]))
            for field, label in fields
            if own.get(field) not in (None, [])
        ],
        beside=[
            Line(
                label="Rettet etter møtet" if one.position in entry.late else "Rettet",
                words=f"{_said(one.correction.words)} ({_said(one.reason.words)})",
            )
            for one in entry.corrections_in_words
        ],
    )


def _value(value: Any) -> str:  # noqa: ANN401 - a field of an event, as JSON
    if isinstance(value, dict):
        return _said(value["words"])
    if isinstance(value, list):
        return " · ".join(_value(one) for one in value)
    if str(value) in _WORDS:
        return _WORDS[str(value)]
    if isinstance(value, int):
        return str(value)
    return _day(date.fromisoformat(str(value)))


def _said(words: str | None) -> str:
    return words if words is not None else GONE


def _day(moment: date | datetime) -> str:
    return f"{moment.day}. {MONTHS[0][moment.month - 1]} {moment.year}"

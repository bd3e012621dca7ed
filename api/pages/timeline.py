"""A case's life as people read it: its entries in words, and the road that it has taken."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from textwrap import shorten
from typing import Any, Literal

from api.answers import EntryAnswer
from api.language import Tongue, say
from api.pages.cadence_words import meets
from api.pages.forms import Choice
from api.pages.shell import Names
from domain.event import Precision, day_in_oslo
from domain.organ import Cadence
from ledger.stored import Entry
from projections.decisions import LATE

Kind = Literal[
    "words",
    "texts",
    "organ",
    "place",
    "places",
    "word",
    "day",
    "themes",
    "area",
    "person",
    "people",
    "moment",
    "cadence",
]
Fields = Mapping[str, tuple[str, Kind]]
SHOWN: Fields = {
    "title": (say("Title"), "words"),
    "name": (say("Name"), "words"),
    "description": (say("Description"), "words"),
    "summary": (say("What was said"), "words"),
    "conclusion": (say("Conclusion"), "word"),
    "decision": (say("Decision"), "words"),
    "to": (say("To"), "place"),
    "what": (say("What is ordered"), "words"),
    "why": (say("The holder"), "word"),
    "reason": (say("Why"), "words"),
    "reason_code": (say("Why"), "word"),
    "tried": (say("What was tried"), "words"),
    "service": (say("Responsible"), "place"),
    "expectation": (say("What is expected"), "words"),
    "due_on": (say("By"), "day"),
    "report": (say("What was done"), "words"),
    "expected_effect": (say("What it is expected to change"), "words"),
    "evaluate_on": (say("Evaluated on"), "day"),
    "effect": (say("Effect"), "word"),
    "note": (say("How one can tell"), "words"),
    "text": (say("What has happened"), "words"),
    "message": (say("What became of it"), "words"),
    "asks_again": (say("What is still unanswered"), "words"),
    "outcome": (say("Outcome"), "word"),
    "kind": (say("How they belong together"), "word"),
    "correction": (say("What it should have said"), "words"),
    "people": (say("Restricted to"), "people"),
    "until": (say("Open until"), "moment"),
    "legal_basis": (say("Legal basis"), "word"),
    "asked_by": (say("At whose request"), "word"),
    "themes": (say("Themes"), "themes"),
    "focus_area": (say("Focus area"), "area"),
    "prevention_level": (say("Prevention level"), "word"),
}
"""The fields of an event that people read, in this order: what they are called, and what stands in
them."""
BESIDES = {
    "area": say("Where"),
    "title_there": say("What it is to be called there"),
    "not_about_individual": say("Why this is not about one person"),
}
"""Words that an entry holds and does not show. They too can be erased."""
KINDS = {
    "OrderPlaced": say("Kind of order"),
    "DeadlineNeared": say("What is waited for"),
    "DeadlinePassed": say("What is waited for"),
    "DeadlineStillPassed": say("What is waited for"),
}
"""What the field `kind` is called in events where it is something else."""
DECIDES = {"CaseEscalated", "CaseReturned", "CaseReferred", "CaseAssigned", "MeasureStarted",
           "CaseClosed", "CaseReopened", "DecisionReversed"}  # fmt: skip
CONCLUDES = {"decided", "handle_locally"}


@dataclass(frozen=True)
class Line:
    """A field, in words; None where they were erased, and at what position, if that is known."""

    label: str
    words: str | None
    erased_at: int | None = None


@dataclass(frozen=True)
class Told:
    """An entry as it is read. `beside`: what was corrected later, each as a line with its reason
    below it; `on_behalf`: of which organ; `texts`: the words that
    still stand, by the ids of their texts, as they are chosen among."""

    position: int
    version: int
    event: str
    role: str
    person: str | None
    on_behalf: str
    occurred_at: datetime
    precision: str
    recorded_at: datetime
    is_late: bool
    is_decision: bool
    source: str
    lines: Sequence[Line]
    texts: Sequence[Choice]
    beside: Sequence[tuple[int, Line, Line]]
    reversed_by: int | None
    withdrawn_by: int | None
    meeting: str | None
    n: int | None
    leaf_hash: str


def told(
    entries: Iterable[EntryAnswer],
    names: Names,
    people: Mapping[str, str],
    tongue: Tongue,
    fields: Fields = SHOWN,
) -> list[Told]:
    """Each with those of its *fields* that people read."""
    return [_told(entry, names, people, tongue, fields) for entry in entries]


def _told(
    entry: EntryAnswer, names: Names, people: Mapping[str, str], tongue: Tongue, fields: Fields
) -> Told:
    own = entry.model_extra or {}
    return Told(
        position=entry.position,
        version=entry.version,
        event=entry.event,
        role=entry.actor.role,
        person=people.get(entry.actor.id),
        on_behalf=names.place(entry.actor.organ),
        occurred_at=entry.occurred_at,
        precision=entry.precision,
        recorded_at=entry.recorded_at,
        is_late=own.get("source") != "report" and entry.recorded_at - entry.occurred_at > LATE,
        is_decision=entry.event in DECIDES or own.get("conclusion") in CONCLUDES,
        source=str(own.get("source", "entered")),
        lines=list(_lines(own, names, people, tongue, _named(fields, entry.event))),
        texts=list(_texts(own, tongue, fields)),
        beside=[
            (
                one.position,
                Line(say("Corrected"), one.correction.words),
                Line(say("Why"), one.reason.words),
            )
            for one in entry.corrections_in_words
        ],
        reversed_by=entry.reversed_by,
        withdrawn_by=entry.withdrawn_by,
        meeting=own.get("meeting"),
        n=own.get("n"),
        leaf_hash=entry.leaf_hash,
    )


def _texts(own: Mapping[str, Any], tongue: Tongue, fields: Fields) -> Iterator[Choice]:
    labels = {name: label for name, (label, _) in fields.items()} | BESIDES
    for name, value in own.items():
        if name in labels and isinstance(value, dict) and value.get("words") is not None:
            begin = shorten(value["words"], width=60, placeholder=" …")
            yield Choice(value["text_id"], f"{tongue.gettext(labels[name])}: {begin}")


def _lines(
    own: Mapping[str, Any],
    names: Names,
    people: Mapping[str, str],
    tongue: Tongue,
    fields: Fields,
) -> Iterator[Line]:
    for field, (label, kind) in fields.items():
        value = own.get(field)
        if value in (None, [], False):
            continue
        if isinstance(value, dict) and kind == "words":
            yield Line(label, value["words"], value["erased_at"])
        elif kind == "texts":
            each = (f"{n}. {one['words'] or '–'}" for n, one in enumerate(value, start=1))
            yield Line(label, "\n".join(each))
        elif kind == "person":
            yield Line(label, people.get(value, value))
        elif kind == "people":
            yield Line(label, ", ".join(people.get(one, one) for one in value))
        elif kind == "cadence":
            yield Line(label, meets(Cadence.model_validate(value), tongue))
        else:
            yield Line(label, _in_words(kind, value, names, tongue))


def _named(fields: Fields, event: str) -> Fields:
    if event not in KINDS or fields is not SHOWN:
        return fields
    return {**fields, "kind": (KINDS[event], "word")}


def _in_words(kind: Kind, value: Any, names: Names, tongue: Tongue) -> str:  # noqa: ANN401 - JSON
    match kind:
        case "words":
            return str(value)
        case "organ" | "place":
            return names.of.get(f"organ:{value}") or tongue.gettext(str(value))
        case "places":
            return ", ".join(names.place(one) for one in value)
        case "day":
            return tongue.day(str(value))
        case "moment":
            return tongue.moment(str(value))
        case "themes":
            return ", ".join(tongue.gettext(one) for one in value)
        case "area":
            return names.focus_area(str(value))
        case _:
            return tongue.gettext(str(value))


@dataclass(frozen=True)
class Stop:
    """Where a case was, or what it led to, since when, and for how many days (None: it only
    passed, or the days are not known)."""

    place: str
    event: str
    since: datetime
    precision: Precision
    days: int | None
    is_now: bool = False


@dataclass(frozen=True)
class Moment:
    """Where the slider through time stops: after an entry, and in words which one."""

    position: int
    said: str


def moments(life: Iterable[Entry], tongue: Tongue) -> list[Moment]:
    """After each entry of a case's *life*."""
    return [
        Moment(
            one.id,
            f"{tongue.moment(one.occurred_at, one.data['precision'])} · "
            f"{tongue.gettext(one.topic)} · {one.id}",
        )
        for one in life
    ]


def road(entries: Sequence[EntryAnswer], names: Names, today: date) -> list[Stop]:
    """The stops of a case: from who raised it to its answer and its end. What was reversed or
    withdrawn is none."""
    moves = [(one, _place(one)) for one in entries if not (one.reversed_by or one.withdrawn_by)]
    kept = [(one, place) for one, place in moves if place]
    stops = []
    for (one, place), following in zip(kept, [*kept[1:], None], strict=True):
        ended = one.event == "CaseClosed"
        stops.append(
            Stop(
                place=names.place(place) if not ended else "",
                event=one.event,
                since=one.occurred_at,
                precision=one.precision,
                days=None if ended else _days(one, following[0] if following else None, today),
                is_now=following is None and not ended,
            )
        )
    return stops


def _days(since: EntryAnswer, until: EntryAnswer | None, today: date) -> int | None:
    """None where the day is not known on which it came or went."""
    if any(one and one.precision in {Precision.MONTH, Precision.YEAR} for one in (since, until)):
        return None
    last = day_in_oslo(until.occurred_at) if until else today
    return max(0, (last - day_in_oslo(since.occurred_at)).days)


def _place(entry: EntryAnswer) -> str | None:
    """Where the case goes with this entry."""
    own = entry.model_extra or {}
    match entry.event:
        case "CaseRaised":
            return str(own["raised_by"])
        case "CaseEscalated" | "CaseReturned" | "AnswerGiven":
            return str(own["to"])
        case "CaseAssigned":
            return str(own["service"])
        case "CaseClosed" | "CaseReopened":
            return entry.actor.organ or "-"
        case _:
            return None

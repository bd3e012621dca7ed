"""What a board and an auditor look at: the register of decisions, and who was shown what."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response

from api import accesses as access_log
from api import audit, people
from api.accesses import AccessAnswer
from api.answers import DecisionAnswer, EntryAnswer
from api.cursors import after_position
from api.desk import Desk
from api.language import say, spoken_to
from api.page import Page
from api.pages import choices, ordered, timeline
from api.pages.desks import looking
from api.pages.forms import Choice
from api.pages.shell import Names, case_numbers, person_names, shown
from domain.access import WordsFound
from domain.errors import Invalid, Refusal
from domain.lives import EVENTS
from domain.rights import Action, hat
from projections import case_status
from projections.case_status import CaseFilter
from projections.decisions import DecisionFilter, RuleException

router = APIRouter(route_class=Page, include_in_schema=False)
Searching = Annotated[Desk, looking(Action.READ_CASES, how=WordsFound)]
ReadingAccesses = Annotated[Desk, looking(Action.READ_ACCESSES)]
Asked = Annotated[str | None, Query(max_length=300)]
From = Annotated[str | None, Query(max_length=300, alias="from")]
To = Annotated[str | None, Query(max_length=300, alias="to")]
MANY = 30
"""How many a page shows."""
NO_FILTER = say("There is no such filter here. Choose among these.")


class DayUnclear(Invalid):
    """A day is written as 2026-11-22."""


@dataclass(frozen=True)
class Decided:
    """A decision as it is read: the entry, and its case's number and title, if it is about one.
    `before`: the position up to which those who decided can have known it."""

    told: timeline.Told
    actor: str
    number: str | None
    title: str | None
    without_quorum: bool
    exceptions: tuple[RuleException, ...]

    @property
    def before(self) -> int:
        return self.told.position - 1


@router.get("/decisions")
def register(
    desk: Searching,
    q: Asked = None,
    organ: Asked = None,
    kind: Asked = None,
    actor: Asked = None,
    since: From = None,
    until: To = None,
    exception: Asked = None,
    as_of: Asked = None,
    cursor: Asked = None,
) -> Response:
    """Every decision, the newest first, by any filter."""
    asked = asked_for(q, organ, kind, actor, since, until, exception, as_of)
    found, sentence = list[DecisionAnswer](), None
    try:
        before = after_position(cursor) or 2**62
        found = audit.decided(desk, narrowed(desk, asked), before=before, limit=MANY)
    except (ValueError, Refusal):
        sentence = NO_FILTER
    return shown(
        desk,
        "decisions",
        200 if sentence is None else 422,
        decisions=decided(desk, found),
        next=desk.page(found[-1].position) if len(found) == MANY else None,
        asked=asked,
        filters=_filters(desk, actor),
        exceptions=[one.value for one in RuleException],
        kept=urlencode(asked),
        sentence=sentence,
    )


_FILTERS = ("q", "organ", "kind", "actor", "from", "to", "exception", "as_of")


def asked_for(*values: str | None) -> dict[str, str]:
    """What a form left empty is not asked for; *values* in the order of the filters."""
    return {name: value for name, value in zip(_FILTERS, values, strict=True) if value}


def narrowed(desk: Desk, asked: Mapping[str, str]) -> DecisionFilter:
    """Refuses with `DayUnclear` and as the API does; fails with ValueError where there is no such
    exception."""
    get = asked.get
    exception = RuleException(asked["exception"]) if "exception" in asked else None
    return audit.narrowed(
        desk, get("organ"), get("actor"), get("kind"), _day(get("from")), _day(get("to")),
        exception, get("q"),
    )  # fmt: skip


def _day(written: str | None) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError as error:
        raise DayUnclear from error


def decided(desk: Desk, found: list[DecisionAnswer]) -> list[Decided]:
    names, tongue = Names(desk.structure.names), spoken_to(desk.request)
    known = person_names(desk, {one.actor.id for one in found})
    titles = _titles(desk, {one.case for one in found if one.case is not None})
    entries: list[EntryAnswer] = [*found]
    return [
        Decided(
            told=told,
            actor=one.actor.id,
            number=one.number,
            title=titles.get(one.case or ""),
            without_quorum=one.without_quorum,
            exceptions=tuple(one.exceptions),
        )
        for one, told in zip(found, ordered.told(entries, names, known, tongue), strict=True)
    ]


def _titles(desk: Desk, ids: Iterable[str]) -> dict[str, str | None]:
    """What cases are called now, by id."""
    only = sorted(ids)
    if not only:
        return {}
    rows = case_status.listed(
        desk.sight, CaseFilter(), today=desk.today, only=only, as_of=desk.as_of.position
    )
    return {one.id: one.title for one in desk.answers(rows, desk.as_of)}


def _filters(desk: Desk, actor: str | None) -> Mapping[str, list[Choice]]:
    names, tongue = Names(desk.structure.names), spoken_to(desk.request)
    kinds = sorted(name for name, kind in EVENTS.items() if kind.DECISION)
    return {
        "organ": [Choice(key, names.organ(key)) for key in sorted(desk.topology.organs)],
        "kind": [Choice(one, tongue.gettext(one)) for one in kinds],
        "actor": _people(desk, actor),
    }


def _people(desk: Desk, chosen: str | None) -> list[Choice]:
    """Everybody, for those who may read who is registered; else whom they have chosen already."""
    may = hat(desk.standing, Action.READ_PEOPLE) is not None
    known = choices.people(people.persons(desk, limit=1000).items) if may else []
    if chosen and chosen not in {one.value for one in known}:
        known.append(Choice(chosen, chosen))
    return known


@dataclass(frozen=True)
class Access:
    """Somebody was shown the words of cases. `numbers`: of some of these; `more`: how many others;
    None where it was every case."""

    said: AccessAnswer
    person: str | None
    numbers: list[str] | None
    more: int


@router.get("/accesses")
def accesses(
    desk: ReadingAccesses,
    case: Asked = None,
    person: Asked = None,
    organ: Asked = None,
    since: From = None,
    until: To = None,
    cursor: Asked = None,
) -> Response:
    """Who was shown the words of which cases, the newest first."""
    asked = {"case": case, "person": person, "organ": organ, "from": since, "to": until}
    asked = {name: value for name, value in asked.items() if value}
    found, following, sentence = list[AccessAnswer](), None, None
    try:
        page = access_log.accesses(
            desk, asked.get("case"), asked.get("person"), asked.get("organ"), _day(since),
            _day(until), limit=MANY, cursor=cursor or None,
        )  # fmt: skip
        found, following = page.items, page.next
    except Refusal:
        sentence = say("There is no such case, person or organ here.")
    return shown(
        desk,
        "accesses",
        200 if sentence is None else 422,
        accesses=_accesses(desk, found),
        audits=hat(desk.standing, Action.READ_CREDENTIALS) is not None,
        next=following,
        asked=asked,
        filters={"organ": _filters(desk, None)["organ"], "person": _people(desk, person)},
        sentence=sentence,
    )


FEW = 8
"""How many case numbers a line of the access log shows."""


def _accesses(desk: Desk, found: list[AccessAnswer]) -> list[Access]:
    wanted = {case for one in found for case in (one.cases or [])[:FEW]}
    numbers = case_numbers(desk, wanted)
    known = person_names(desk, {one.actor.id for one in found})
    return [
        Access(
            said=one,
            person=known.get(one.actor.id),
            numbers=None if one.cases is None else sorted(
                numbers[case] for case in one.cases[:FEW] if case in numbers
            ),
            more=max(0, len(one.cases or []) - FEW),
        )
        for one in found
    ]  # fmt: skip

"""A case: its whole life on one page, as of any moment, and what can be done with it."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from api import casework, erasures
from api.answers import CaseAnswer, EntryAnswer
from api.cases import entries_of, row_of
from api.desk import Desk
from api.fields import Position
from api.language import spoken_to
from api.moments import AsOf as Moment
from api.moments import is_position
from api.page import Page, told
from api.pages import choices, timeline
from api.pages.case_forms import (
    ACCEPT,
    ACKNOWLEDGE,
    BREAK_GLASS,
    CASE_FORMS,
    COMPLETE,
    CORRECT,
    DECLINE,
    ERASE,
    EVALUATE,
    LIFT,
    RESTRICT,
    REVERSE,
    CaseForm,
)
from api.pages.desks import Sent, fresh_key, looking, sending
from api.pages.forms import Refused, tried
from api.pages.shell import Names, person_names, shown, spoken, to
from api.problems import NotFound, NotOpenToYou
from domain.rights import Action, hat
from projections.case_status import CaseRow
from projections.true_at import begins, true_row

router = APIRouter(prefix="/cases", route_class=Page, include_in_schema=False)

CaseNumber = Annotated[str, Path(max_length=60)]
Number = Annotated[int, Path(ge=1, le=100_000)]
FormName = Annotated[str, Path(max_length=40)]
AsOf = Annotated[str | None, Query(max_length=40)]
Looking = Annotated[Desk, looking(Action.READ_CASES)]
Working = Annotated[Sent, sending(Action.CASEWORK)]
Answering = Annotated[Sent, sending(Action.ANSWER_ASSIGNMENT)]
Acknowledging = Annotated[Sent, sending(Action.ACKNOWLEDGE)]
Restricting = Annotated[Sent, sending(Action.RESTRICT)]
Breaking = Annotated[Sent, sending(Action.BREAK_GLASS)]

Run = Callable[[str, Any, Desk], Response]
ASSIGNMENTS: Mapping[str, tuple[CaseForm, Callable[..., Response]]] = {
    ACCEPT.name: (ACCEPT, casework.accept),
    DECLINE.name: (DECLINE, casework.decline),
    COMPLETE.name: (COMPLETE, casework.complete),
}
ENTRY_FORMS: Mapping[str, CaseForm] = {form.name: form for form in (CORRECT, REVERSE, ERASE)}
"""What is done with one entry of its life."""


@router.get("/{number}")
def one_case(
    number: CaseNumber,
    desk: Looking,
    as_of: AsOf = None,
    true_at: AsOf = None,
    do: AsOf = None,
) -> Response:
    """One case, as it is or as it was: *as_of* an entry as it was known then, or as it was true at
    the time of one, by all that is known now (*true_at*). *do*: the form that is open."""
    try:
        if true_at is not None and as_of is None:
            return _true(desk, number, true_at)
        return _shown(desk, number, then=as_of, do=do)
    except NotOpenToYou as closed:
        return _behind_glass(desk, number, closed)


@router.get("/{number}/then")
def then(number: CaseNumber, desk: Looking, at: AsOf = None, how: AsOf = None) -> Response:
    """Where the slider leads: to what was known at an entry, or what was true then."""
    if at is None or not is_position(at):
        return to(desk, f"/cases/{number}")
    return to(desk, f"/cases/{number}?{'true_at' if how == 'true' else 'as_of'}={at}")


@router.get("/{number}/erasures/{position}")
def certificate(number: CaseNumber, position: Position, desk: Looking) -> Response:
    """That of words which were erased. Until it is there the page asks again by itself."""
    answer = erasures.certificate(number, position, desk, form="print")
    assert isinstance(answer, Response)  # noqa: S101 - as it is printed
    return answer


@router.post("/{number}/assignments/{n}/{form}")
def answer_an_assignment(
    number: CaseNumber, n: Number, form: FormName, sent: Answering
) -> Response:
    """Whoever is responsible accepts, declines or reports."""
    if form not in ASSIGNMENTS:
        raise NotFound
    return _done(number, sent, *_numbered(n, *ASSIGNMENTS[form]))


@router.post("/{number}/measures/{n}/evaluation")
def evaluate(number: CaseNumber, n: Number, sent: Working) -> Response:
    return _done(number, sent, *_numbered(n, EVALUATE, casework.evaluate))


@router.post("/{number}/answers/{n}/acknowledgement")
def acknowledge(number: CaseNumber, n: Number, sent: Acknowledging) -> Response:
    return _done(number, sent, *_numbered(n, ACKNOWLEDGE, casework.acknowledge))


@router.post("/{number}/restriction")
def restrict(number: CaseNumber, sent: Restricting) -> Response:
    return _done(number, sent, RESTRICT, RESTRICT.run)


@router.post("/{number}/lifting")
def lift(number: CaseNumber, sent: Restricting) -> Response:
    return _done(number, sent, LIFT, LIFT.run)


@router.post("/{number}/break-glass")
def break_glass(number: CaseNumber, sent: Breaking) -> Response:
    return _done(number, sent, BREAK_GLASS, BREAK_GLASS.run)


@router.post("/{number}/{form}")
def work(number: CaseNumber, form: FormName, sent: Working) -> Response:
    """Whatever a coordinator does with a case."""
    asked = {**CASE_FORMS, **ENTRY_FORMS}.get(form)
    if asked is None:
        raise NotFound
    return _done(number, sent, asked, asked.run)


def _numbered(n: int, form: CaseForm, run: Callable[..., Response]) -> tuple[CaseForm, Run]:
    return form, lambda case, body, desk: run(case, n, body, desk)


def _done(number: str, sent: Sent, form: CaseForm, run: Run) -> Response:
    """Back to the case as it now is; where it was refused, with the form as it was filled in."""
    refused = tried(form, sent, lambda body: run(number, body, sent.desk))
    if refused is None:
        return to(sent.desk, sent.onward(f"/cases/{number}#last"))
    desk = sent.desk.looking()
    try:
        return _shown(desk, number, refused=refused)
    except NotOpenToYou as closed:
        return _behind_glass(desk, number, closed, refused)


def _behind_glass(
    desk: Desk, number: str, closed: NotOpenToYou, refused: Refused | None = None
) -> Response:
    """That the case is restricted, to whoever may break its glass, with the form that does."""
    status, sentence = told(closed)
    mine = refused if refused is not None and refused.name == BREAK_GLASS.name else None
    typed = refused.values.values() if refused is not None and mine is None else ()
    return shown(
        desk,
        "restricted",
        mine.status if mine else status,
        number=number,
        sentence=spoken(desk, sentence),
        form=BREAK_GLASS,
        refused=mine,
        words=[one for values in typed for one in values if " " in one.strip()],
        key=fresh_key(),
    )


def _true(desk: Desk, number: str, position: str) -> Response:
    """As it was true when the entry at this position occurred. An entry that rests on another takes
    part with that one at the earliest (decision 0023)."""
    now = row_of(number, desk)
    begun = begins(desk.engine, now)
    moment = begun.get(int(position)) if is_position(position) else None
    row = true_row(desk.engine, now, moment) if moment is not None else None
    if row is None or moment is None:
        raise NotFound
    part = {one for one, begin in begun.items() if begin <= moment}
    entries = [one for one in entries_of(desk, now) if one.position in part]
    return _drawn(desk, row, entries, Moment(row.position, moment), then=position, is_true=True)


def _shown(
    desk: Desk,
    number: str,
    then: str | None = None,
    do: str | None = None,
    refused: Refused | None = None,
) -> Response:
    row = row_of(number, desk)
    return _drawn(desk, row, entries_of(desk, row), desk.as_of, then=then, do=do, refused=refused)


def _drawn(
    desk: Desk,
    row: CaseRow,
    entries: list[EntryAnswer],
    as_of: Moment,
    *,
    then: str | None = None,
    is_true: bool = False,
    do: str | None = None,
    refused: Refused | None = None,
) -> Response:
    (case,) = desk.answers([row], as_of)
    names, tongue = Names(desk.structure.names), spoken_to(desk.request)
    people = person_names(desk, _named(case, entries))
    asked = refused.name if refused else do
    return shown(
        desk,
        "case",
        refused.status if refused else 200,
        case=case,
        entries=timeline.told(entries, names, people, tongue),
        road=timeline.road(entries, names, as_of.today),
        moments=timeline.moments(desk.engine.ledger.life(row.case.id), tongue),
        then=then,
        true_then=as_of.moment if is_true else None,
        do=do,
        correct=CORRECT,
        reverse=REVERSE,
        erase=ERASE,
        evaluate=EVALUATE,
        acknowledge=ACKNOWLEDGE,
        assignment_forms=[form for form, _ in ASSIGNMENTS.values()],
        forms=[] if then else _forms(desk, case, refused.name if refused else None),
        choices={} if then else _choices(desk, case, asked),
        now={RESTRICT.name: {"people": case.restricted_to or []}},
        people=people,
        own=desk.standing.organs | desk.standing.services,
        refused=refused,
        key=fresh_key(),
    )


def _named(case: CaseAnswer, entries: list[EntryAnswer]) -> set[str]:
    """Everybody whose name the page says, by id."""
    told_of = (person for one in entries for person in (one.model_extra or {}).get("people", ()))
    return {*(one.actor.id for one in entries), *told_of, *(case.restricted_to or ())}


def _forms(desk: Desk, case: CaseAnswer, refused: str | None) -> list[CaseForm]:
    """What whoever looks may do with the case as it is, and the form of this name that was
    *refused*: what was typed there is not lost when the case can take it no more."""
    return [
        form
        for form in (*CASE_FORMS.values(), RESTRICT, LIFT, BREAK_GLASS)
        if (form.when(case) or form.name == refused) and hat(desk.standing, form.action) is not None
    ]


def _choices(desk: Desk, case: CaseAnswer, asked: str | None) -> choices.Choices:
    """Everybody who is registered is looked up only where the form that names them is *asked*
    for."""
    there = dict(choices.of_a_case(desk, case))
    if asked == RESTRICT.name and hat(desk.standing, Action.RESTRICT) is not None:
        there["readers"] = choices.readers(desk, case.restricted_to or ())
    return there

"""A case: its whole life on one page, as of any moment, and what can be done with it."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from api import casework
from api.answers import CaseAnswer, EntryAnswer
from api.cases import entries_of, row_of
from api.desk import Desk
from api.language import spoken_to
from api.moments import AsOf as Moment
from api.moments import is_position
from api.page import Page
from api.pages import choices, timeline
from api.pages.case_forms import (
    ACCEPT,
    ACKNOWLEDGE,
    CASE_FORMS,
    COMPLETE,
    CORRECT,
    DECLINE,
    EVALUATE,
    REVERSE,
    CaseForm,
)
from api.pages.desks import Sent, fresh_key, looking, sending
from api.pages.forms import Refused, tried
from api.pages.shell import Names, person_names, shown, to
from api.problems import NotFound
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


Run = Callable[[str, Any, Desk], Response]
ASSIGNMENTS: Mapping[str, tuple[CaseForm, Callable[..., Response]]] = {
    ACCEPT.name: (ACCEPT, casework.accept),
    DECLINE.name: (DECLINE, casework.decline),
    COMPLETE.name: (COMPLETE, casework.complete),
}


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
    if true_at is not None and as_of is None:
        return _true(desk, number, true_at)
    return _shown(desk, number, then=as_of, do=do)


@router.get("/{number}/then")
def then(number: CaseNumber, desk: Looking, at: AsOf = None, how: AsOf = None) -> Response:
    """Where the slider leads: to what was known at an entry, or what was true then."""
    if at is None or not is_position(at):
        return to(desk, f"/cases/{number}")
    return to(desk, f"/cases/{number}?{'true_at' if how == 'true' else 'as_of'}={at}")


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


@router.post("/{number}/{form}")
def work(number: CaseNumber, form: FormName, sent: Working) -> Response:
    """Whatever a coordinator does with a case."""
    asked = {**CASE_FORMS, CORRECT.name: CORRECT, REVERSE.name: REVERSE}.get(form)
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
    return _shown(sent.desk.looking(), number, refused=refused)


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
    people = person_names(desk, {one.actor.id for one in entries})
    return shown(
        desk,
        "case",
        refused.status if refused else 200,
        case=case,
        entries=timeline.told(entries, names, people, tongue),
        road=timeline.road(entries, names, as_of.today),
        moments=_moments(desk, row.case.id),
        then=then,
        true_then=as_of.moment if is_true else None,
        do=do,
        correct=CORRECT,
        reverse=REVERSE,
        evaluate=EVALUATE,
        acknowledge=ACKNOWLEDGE,
        assignment_forms=[form for form, _ in ASSIGNMENTS.values()],
        forms=[] if then else _forms(desk, case),
        choices={} if then else choices.of_a_case(desk, case),
        own=desk.standing.organs | desk.standing.services,
        refused=refused,
        key=fresh_key(),
    )


def _moments(desk: Desk, case_id: str) -> list[int]:
    """The positions that the slider stops at: each entry of the whole life."""
    return [entry.id for entry in desk.engine.ledger.life(case_id)]


def _forms(desk: Desk, case: CaseAnswer) -> list[CaseForm]:
    """What whoever looks may do with the case as it is."""
    return [
        form
        for form in CASE_FORMS.values()
        if form.when(case) and hat(desk.standing, form.action) is not None
    ]

"""Reading cases: the list, one case, its history. All as of any position."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from api.answers import (
    CaseAnswer,
    CasePage,
    CaseThen,
    EntryAnswer,
    EntryPage,
    Wording,
    entry_fields,
    in_oslo,
)
from api.bodies import CaseQuery
from api.casework import CaseRef
from api.changes import ChangesAnswer, MomentAnswer, differences
from api.cursors import after_position
from api.desk import Desk, etag
from api.fields import AS_OF
from api.moments import AsOf, FromAfterTo, true_at
from api.problems import NotFound, NotOpenToYou, declared
from api.seating import opened
from domain.access import WordsFound
from domain.errors import OrganUnknown, Refusal
from domain.rights import Action, hat, oversees
from ledger.stored import Entry
from ledger.texts import texts_in
from projections import audit_trail, case_status
from projections.audit_trail import HistoryEntry
from projections.case_status import CaseFilter, CaseRow
from projections.corrections import entries_at
from projections.readership import looked_through
from projections.search import among, cases_with
from projections.true_at import life_of, true_row

PROBLEMS: dict[int | str, dict[str, Any]] = declared(401, 403, 404, 422, 503)

router = APIRouter(prefix="/api/cases", tags=["cases"], responses=PROBLEMS)

Reading = Annotated[Desk, opened(Action.READ_CASES)]
Searching = Annotated[Desk, opened(Action.READ_CASES, how=WordsFound)]
Comparing = Annotated[Desk, opened(Action.READ_CASES, asks=("from", "to"))]
AsOfQuery = Annotated[str | None, Query(alias="as_of", description=AS_OF, max_length=40)]
KnownAtQuery = Annotated[
    str | None, Query(alias="known_at", description="Another name for `as_of`.", max_length=40)
]
TrueAtQuery = Annotated[
    str | None,
    Query(
        alias="true_at",
        description="An RFC 3339 time: the case as it was true then, by what had occurred, as far "
        "as it was known at `known_at`. The answer has no `ETag`.",
        max_length=40,
    ),
]
FromQuery = Annotated[str, Query(alias="from", description=AS_OF, max_length=40)]
ToQuery = Annotated[
    str | None, Query(alias="to", description=f"{AS_OF} Default: now.", max_length=40)
]
Limit = Annotated[int, Query(ge=1, le=1000)]
Cursor = Annotated[str | None, Query(max_length=300)]


@router.get("")
def cases(query: Annotated[CaseQuery, Query()], desk: Searching) -> CasePage:
    """The cases in the order in which they were raised, by any filter, as of any moment."""
    as_of = desk.as_of
    rows = case_status.listed(
        desk.sight,
        _filter(query, desk),
        today=as_of.today,
        only=_only(query, desk),
        as_of=as_of.position,
        after=after_position(query.cursor),
        limit=query.limit,
    )
    last = rows[-1].raised_position if len(rows) == query.limit else None
    return CasePage(items=desk.answers(rows, desk.as_of), next=desk.page(last))


@router.get("/{case}", response_model=CaseAnswer | CaseThen)
def one_case(
    case: CaseRef,
    desk: Reading,
    _as_of: AsOfQuery = None,
    _known_at: KnownAtQuery = None,
    _true_at: TrueAtQuery = None,
) -> Response:
    """One case, as of any moment. With `known_at` or `true_at` the answer says both."""
    query = desk.request.query_params
    if "true_at" in query:
        return _as_true(case, desk, true_at(query["true_at"], desk.now))
    row = row_of(case, desk)
    (answer,) = desk.answers([row], desk.as_of)
    if "known_at" in query:
        answer = CaseThen(**dict(answer), known_at=desk.as_of.bound, true_at=None)
    headers = {"ETag": etag(row.case.version), "Loft-Position": str(row.position)}
    return Response(answer.model_dump_json(), headers=headers, media_type="application/json")


def _as_true(case: str, desk: Desk, moment: datetime) -> Response:
    """What is late is judged at *moment*. Nobody decides on a version that never was: no ETag."""
    known = desk.as_far_as_known
    row = true_row(desk.engine, row_of(case, desk, known), moment)
    if row is None:
        raise NotFound
    (answer,) = desk.answers([row], AsOf(known.position, moment))
    then = CaseThen(**dict(answer), known_at=known.bound, true_at=in_oslo(moment))
    headers = {"Loft-Position": str(row.position)}
    return Response(then.model_dump_json(), headers=headers, media_type="application/json")


@router.get("/{case}/changes")
def changes(case: CaseRef, desk: Comparing, _from: FromQuery, _to: ToQuery = None) -> ChangesAnswer:
    """What became different between two moments: each field of the case before and after, and the
    entries between. Words are shown as they are now."""
    begin = desk.moment("from")
    end = desk.moment("to") if "to" in desk.request.query_params else desk.as_far_as_known
    if begin.is_after(end):
        raise FromAfterTo
    before, row = _row_if(case, desk, begin), row_of(case, desk, end)
    if before is None and row.raised_position <= begin.bound:
        raise NotFound  # it was there, and not for whoever asks
    after = _answer_then(row, desk, end)
    return ChangesAnswer(
        from_=MomentAnswer(position=begin.bound, at=begin.moment),
        to=MomentAnswer(position=end.bound, at=end.moment),
        changes=differences(_answer_then(before, desk, begin) if before else None, after),
        entries=[entry.id for entry in life_of(desk.engine, row) if entry.id > begin.bound],
    )


def _answer_then(row: CaseRow, desk: Desk, then: AsOf) -> CaseAnswer:
    """Words are gone at every moment, but each moment tells only of the erasures before it."""
    (answer,) = desk.answers([row], then)
    erased = {place: at for place, at in answer.erased.items() if at <= then.bound}
    return answer.model_copy(update={"erased": erased})


@router.get("/{case}/history")
def history(
    case: CaseRef,
    desk: Reading,
    _as_of: AsOfQuery = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> EntryPage:
    """The audit trail: every entry with who, on whose behalf, when it occurred and when it was
    recorded, its words, its corrections and its leaf hash."""
    items = entries_of(desk, row_of(case, desk), after=after_position(cursor), limit=limit)
    last = items[-1].position if len(items) == limit else None
    return EntryPage(items=items, next=desk.page(last))


def entries_of(desk: Desk, row: CaseRow, *, after: int = 0, limit: int = 1000) -> list[EntryAnswer]:
    """At most *limit* entries of the case after a position, with their words."""
    desk.shows([row.case.id])
    found = audit_trail.history(
        desk.sight, row.case.id, as_of=desk.as_of.bound, after=after, limit=limit
    )
    corrected = entries_at(desk.engine, {at for one in found for at in one.corrections})
    wording = desk.wording(texts_in([*(one.entry for one in found), *corrected.values()]))
    return [_entry(one, corrected, wording) for one in found]


def _entry(one: HistoryEntry, corrected: Mapping[int, Entry], wording: Wording) -> EntryAnswer:
    corrections = [corrected[at] for at in one.corrections]
    return EntryAnswer.model_validate(
        entry_fields(
            one.entry,
            wording,
            corrections=corrections,
            reversed_by=one.reversed_by,
            withdrawn_by=one.withdrawn_by,
        )
    )


def row_of(ref: str, desk: Desk, then: AsOf | None = None) -> CaseRow:
    """The case with this id or number, as whoever asks may read it. Refuses with `NotFound`, and
    with `NotOpenToYou`."""
    row = _row_if(ref, desk, then or desk.as_of)
    if row is None:
        raise _not_there(ref, desk)
    return row


def overseen(ref: str, desk: Desk, then: AsOf | None = None) -> CaseRow:
    """The same, also a restricted one for those who audit. Its words are not for them."""
    if not oversees(desk.standing) or "\x00" in ref:
        return row_of(ref, desk, then)
    row = case_status.one(desk.database, ref, as_of=(then or desk.as_of).position)
    if row is None:
        raise NotFound
    return row


def _row_if(ref: str, desk: Desk, then: AsOf) -> CaseRow | None:
    if "\x00" in ref:
        return None
    return case_status.one(desk.sight, ref, as_of=then.position)


def _not_there(ref: str, desk: Desk) -> Refusal:
    """That a restricted case is there is told to those who could break its glass."""
    if hat(desk.standing, Action.BREAK_GLASS) is not None and "\x00" not in ref:
        hidden = case_status.one(desk.database, ref)
        if hidden is not None and hidden.case.restricted_to is not None:
            return NotOpenToYou()
    return NotFound()


def _only(query: CaseQuery, desk: Desk) -> list[str] | None:
    """The ids of the cases to look through, where they are few: by the words asked for, and by
    who asks. What is shown of them the database bounds all the same."""
    own = looked_through(desk.database, desk.standing, desk.marks)
    if own is None:
        return cases_with(desk.database, query.q) if query.q else None
    return among(desk.database, query.q, own) if query.q else own


def _filter(query: CaseQuery, desk: Desk) -> CaseFilter:
    """What is asked for, with each organ, theme and focus area known."""
    for key in (query.holder, query.raised_by):
        if key is not None:
            desk.topology.organ(key)
    if query.theme is not None:
        desk.topology.known_themes((query.theme,))
    owed = {"true": True, "false": False}.get(query.answer_owed or "")
    owed_to = query.answer_owed if owed is None else None
    if owed_to is not None and owed_to not in desk.topology.organs:
        raise OrganUnknown
    return CaseFilter(
        status=query.status,
        level=query.level,
        holder=query.holder,
        raised_by=query.raised_by,
        theme=query.theme,
        focus_area=desk.topology.known_focus_area(query.focus_area),
        service=desk.structure.service(query.service) if query.service else None,
        overdue=query.overdue,
        owed=owed,
        owed_to=owed_to,
        q=query.q or None,
    )

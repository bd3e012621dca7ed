"""Reading cases: the list, one case, its history. All as of any position."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from api.answers import (
    CaseAnswer,
    CasePage,
    EntryAnswer,
    EntryPage,
    entry_fields,
    texts_of,
)
from api.bodies import CaseQuery
from api.casework import CaseRef
from api.desk import Desk, after_position, etag, opened
from api.problems import NotFound, declared
from domain.errors import OrganUnknown
from domain.rights import Action
from ledger.texts import texts_in
from projections import audit_trail, case_status
from projections.case_status import CaseFilter, CaseRow

PROBLEMS: dict[int | str, dict[str, Any]] = declared(401, 403, 404, 422, 503)

router = APIRouter(prefix="/api/cases", tags=["cases"], responses=PROBLEMS)

Reading = Annotated[Desk, opened(Action.READ_CASES)]
AsOfQuery = Annotated[
    str | None, Query(alias="as_of", description="A position or an RFC 3339 time.", max_length=40)
]
Limit = Annotated[int, Query(ge=1, le=1000)]
Cursor = Annotated[str | None, Query(max_length=300)]


@router.get("")
def cases(query: Annotated[CaseQuery, Query()], desk: Reading) -> CasePage:
    """The cases in the order in which they were raised, by any filter, as of any moment."""
    as_of = desk.as_of
    rows = case_status.listed(
        desk.database,
        _filter(query, desk),
        today=as_of.today,
        as_of=as_of.position,
        after=after_position(query.cursor),
        limit=query.limit,
    )
    last = rows[-1].raised_position if len(rows) == query.limit else None
    return CasePage(items=_answers(rows, desk), next=desk.page(last))


@router.get("/{case}", response_model=CaseAnswer)
def one_case(case: CaseRef, desk: Reading, _as_of: AsOfQuery = None) -> Response:
    """One case, as of any moment."""
    row = _row(case, desk)
    (answer,) = _answers([row], desk)
    headers = {"ETag": etag(row.case.version), "Loft-Position": str(row.position)}
    return Response(answer.model_dump_json(), headers=headers, media_type="application/json")


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
    row = _row(case, desk)
    found = audit_trail.history(
        desk.database,
        row.case.id,
        as_of=desk.as_of.bound,
        after=after_position(cursor),
        limit=limit,
    )
    wording = desk.wording(texts_in([one.entry for one in found]))
    items = [
        EntryAnswer.model_validate(entry_fields(one.entry, one.corrections, wording))
        for one in found
    ]
    last = found[-1].entry.id if len(found) == limit else None
    return EntryPage(items=items, next=desk.page(last))


def _row(ref: str, desk: Desk) -> CaseRow:
    if "\x00" in ref:
        raise NotFound
    row = case_status.one(desk.database, ref, as_of=desk.as_of.position)
    if row is None:
        raise NotFound
    return row


def _answers(rows: list[CaseRow], desk: Desk) -> list[CaseAnswer]:
    """The words of all rows are read at once."""
    texts = [text for row in rows for text in texts_of(row.case).values()]
    wording = desk.wording(texts, erased=any(row.case.erased for row in rows))
    today = desk.as_of.today
    return [
        wording.case(row.case, position=row.position, recorded_at=row.recorded_at, today=today)
        for row in rows
    ]


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

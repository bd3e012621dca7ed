"""Erasing words, and the certificate of it."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from api import bodies
from api.answers import CaseAnswer
from api.cases import row_of
from api.casework import CaseRef
from api.certificate_page import printed_certificate
from api.certify import Certificate, Certifier
from api.desk import Desk
from api.fields import Position
from api.problems import NotFound, NotThereYet, declared
from api.seating import commanded, opened
from domain.errors import TextUnknown
from domain.rights import Action
from ledger.engine import Seen

router = APIRouter(prefix="/api", tags=["casework"])
Form = Annotated[Literal["json", "print"], Query(alias="format")]

ANSWERS: dict[int | str, dict[str, Any]] = {
    201: {"model": CaseAnswer, "description": "The case as it now is."},
    **declared(401, 403, 404, 409, 412, 413, 422, 503),
}
PAGE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/html": {"schema": {"type": "string"}}}},
    **declared(401, 403, 404, 422, 503),
}


@router.post("/cases/{case}/erasures", status_code=201, response_class=Response, responses=ANSWERS)
def erase(
    case: CaseRef,
    body: bodies.Erasure,
    request: Request,
    desk: Annotated[Desk, commanded(Action.CASEWORK)],
) -> Response:
    """Erase a text: its words are gone at once from every answer, and all proofs still hold."""
    case_id, text_id = desk.case_id(case), str(body.text_id)
    words, reason = words_of_text(desk, case_id, text_id), desk.write(body.reason, body)
    seen = desk.done(
        case_id,
        body,
        lambda life, by, at: life.erase(
            text_id=still_there(text_id, words),
            legal_basis=body.legal_basis,
            reason=reason,
            asked_by=body.asked_by,
            by=by,
            at=at,
        ),
        erases=[text_id],
    )
    erased(desk, request, seen, words)
    return desk.answer_case(seen)


@router.get(
    "/cases/{case}/erasures/{position}/certificate", response_model=Certificate, responses=PAGE
)
def certificate(
    case: CaseRef,
    position: Position,
    desk: Annotated[Desk, opened(Action.READ_CASES)],
    form: Form = "json",
) -> Certificate | Response:
    """What was found when the words that were erased at *position* were looked for everywhere. It
    is there some seconds after the erasure; before that, 503."""
    return _as_asked(_certificate(desk, position, row_of(case, desk).case.id), form)


@router.get("/erasures/{position}/certificate", response_model=Certificate, responses=PAGE)
def certificate_of_another(
    position: Position,
    desk: Annotated[Desk, opened(Action.READ_PEOPLE)],
    form: Form = "json",
) -> Certificate | Response:
    """The same of words that were erased elsewhere than in a case: in a meeting, an organ, a
    service, a person, the municipality's settings or the plan."""
    return _as_asked(_certificate(desk, position, None), form)


def _certificate(desk: Desk, position: int, case: str | None) -> Certificate:
    """*case*: its id; None for what was erased elsewhere. Refuses with `NotFound` and
    `NotThereYet`."""
    rows = desk.database.rows(
        "SELECT c.certificate FROM events e LEFT JOIN certificates c USING (position) "
        "WHERE e.position = %(position)s AND e.name = 'TextErased' "
        "AND CASE e.stream_type WHEN 'case' THEN e.stream_id = %(case)s "
        "ELSE %(case)s::text IS NULL END",
        position=position,
        case=case,
    )
    if not rows:
        raise NotFound
    if rows[0][0] is None:
        raise NotThereYet
    return Certificate.model_validate(rows[0][0])


def _as_asked(found: Certificate, form: str) -> Certificate | Response:
    if form == "print":
        return Response(printed_certificate(found), media_type="text/html; charset=utf-8")
    return found


# What the erasure of any words does.


def words_of_text(desk: Desk, stream: str, text_id: str) -> str | None:
    """What the text says, if it is one of this stream's and still stands."""
    rows = desk.database.rows(
        "SELECT words FROM texts WHERE id = %(text)s AND stream_id = %(stream)s",
        text=text_id,
        stream=stream,
    )
    return rows[0][0] if rows else None


def erased(desk: Desk, request: Request, seen: Seen[Any], words: str | None) -> None:
    """Have the *words* looked for, once, and put the erasure on the list that is kept outside."""
    if not seen.repeated and words is not None:
        certifier: Certifier = request.app.state.certifier
        certifier.look_for(seen.position, words)
        request.app.state.erasures.follow(desk.database)


def still_there(text_id: str, words: str | None) -> str:
    """Refuses with `TextUnknown`."""
    if words is None:
        raise TextUnknown
    return text_id

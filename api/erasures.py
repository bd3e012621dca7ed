"""Erasing words, and the certificate of it."""

from datetime import UTC, datetime
from html import escape
from typing import Annotated, Any, Literal

from anyio import from_thread
from fastapi import APIRouter, Query, Request, Response
from psycopg.types.json import Jsonb
from pydantic import BaseModel

from api import bodies
from api.answers import CaseAnswer
from api.casework import CaseRef
from api.desk import PATIENCE, Desk, commanded, opened
from api.problems import NotFound, declared
from domain.case import Case, TextErased
from domain.errors import TextUnknown
from domain.event import OSLO
from domain.rights import Action
from ledger.database import Connection
from ledger.erasures import STILL_IN, Looked, clean, look
from projections.search import Search

router = APIRouter(prefix="/api/cases", tags=["casework"])

ANSWERS: dict[int | str, dict[str, Any]] = {
    201: {"model": CaseAnswer, "description": "The case as it now is."},
    **declared(401, 403, 404, 409, 412, 413, 422, 503),
}
PAGE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/html": {"schema": {"type": "string"}}}},
    **declared(401, 403, 404, 422, 503),
}


class Remains(BaseModel):
    """A place where erased words live on for a while."""

    place: str
    until: str


class Certificate(BaseModel):
    """What was erased at `position`, on which legal basis and at whose request, where the words
    were looked for afterwards, and where they live on for a while. `cleaned`: whether their place
    on the disk was swept at once; otherwise the database does it by itself soon."""

    case: str
    number: str
    position: int
    text_id: str
    legal_basis: str
    asked_by: str
    erased_at: datetime
    looked_at: datetime
    cleaned: bool
    places: list[Looked]
    still_in: list[Remains]


@router.post("/{case}/erasures", status_code=201, response_class=Response, responses=ANSWERS)
def erase(
    case: CaseRef,
    body: bodies.Erasure,
    request: Request,
    desk: Annotated[Desk, commanded(Action.CASEWORK)],
) -> Response:
    """Erase a text: its words are gone at once from every answer, and all proofs still hold."""
    case_id, text_id = desk.case_id(case), str(body.text_id)
    words, reason = _words(desk, case_id, text_id), desk.write(body.reason)
    at = desk.at(body)
    seen = desk.engine.act(
        Case,
        case_id,
        lambda life: life.erase(
            text_id=_there(text_id, words),
            legal_basis=body.legal_basis,
            reason=reason,
            asked_by=body.asked_by,
            by=desk.by(body),
            at=at,
        ),
        command=desk.command,
        drafts=desk.pen.drafts,
        erases=[text_id],
    )
    if not seen.repeated and words is not None:
        request.app.state.erasures.follow(desk.database)
        _certify(request, desk, seen.position, words)
    return desk.answer_case(seen)


@router.get("/{case}/erasures/{position}/certificate", response_model=Certificate, responses=PAGE)
def certificate(
    case: CaseRef,
    position: bodies.Position,
    desk: Annotated[Desk, opened(Action.READ_CASES)],
    form: Annotated[Literal["json", "print"], Query(alias="format")] = "json",
) -> Certificate | Response:
    """What was found when the words that were erased at *position* were looked for everywhere."""
    rows = desk.database.rows(
        "SELECT certificate FROM certificates WHERE position = %(position)s "
        "AND certificate ->> 'case' = %(case)s",
        position=position,
        case=desk.case_id(case),
    )
    if not rows:
        raise NotFound
    found = Certificate.model_validate(rows[0][0])
    if form == "print":
        return Response(_printed(found), media_type="text/html; charset=utf-8")
    return found


def _words(desk: Desk, case_id: str, text_id: str) -> str | None:
    rows = desk.database.rows(
        "SELECT words FROM texts WHERE id = %(text)s AND stream_id = %(case)s",
        text=text_id,
        case=case_id,
    )
    return rows[0][0] if rows else None


def _there(text_id: str, words: str | None) -> str:
    if words is None:
        raise TextUnknown
    return text_id


def _certify(request: Request, desk: Desk, position: int, words: str) -> None:
    """Look for the words once the views are there, and keep what was found."""
    state = request.app.state
    from_thread.run(state.progress.reached, position, PATIENCE)
    cleaned = clean(desk.database, [Search.name])
    (entry,) = desk.engine.ledger.select_notifications(position, 1)
    event = desk.engine.written.to_domain_event(entry)
    assert isinstance(event, TextErased)  # noqa: S101 - it was appended just now
    made = Certificate(
        case=event.originator_id,
        number=desk.database.rows(
            "SELECT data ->> 'number' FROM events WHERE stream_id = %(case)s AND version = 1",
            case=event.originator_id,
        )[0][0],
        position=position,
        text_id=event.text_id,
        legal_basis=event.legal_basis,
        asked_by=event.asked_by,
        erased_at=entry.recorded_at,
        looked_at=datetime.now(UTC),
        cleaned=cleaned,
        places=look(
            desk.database,
            event.text_id,
            words,
            indexes={Search.name: "text_id"},
            logs=state.logs,
        ),
        still_in=[Remains(place=place, until=until) for place, until in STILL_IN],
    )

    def keep(connection: Connection) -> None:
        connection.execute(
            "INSERT INTO certificates VALUES (%s, %s) ON CONFLICT DO NOTHING",
            (position, Jsonb(made.model_dump(mode="json"))),
        )

    desk.database.read(keep)


_NORWEGIAN = {
    "confidentiality": "taushetsplikt (forvaltningsloven § 13)",
    "right_to_erasure": "rett til sletting (personvernforordningen artikkel 17)",
    "recorded_by_mistake": "registrert ved en feil",
    "data_subject": "den det gjelder",
    "guardian": "foresatt",
    "data_protection_officer": "personvernombudet",
    "authority": "en myndighet",
    "own_initiative": "eget tiltak",
    "write-ahead log": "databasens endringslogg: til filene er brukt på nytt",
    "backups": "sikkerhetskopier: til de er utløpt; en gjenoppretting sletter på nytt",
    "free space in data files": "ledig plass i datafilene: til den er overskrevet",
}


def _printed(found: Certificate) -> str:
    """A page to print: Norwegian, since it goes to the one who asked."""
    when = found.erased_at.astimezone(OSLO)
    rows = "".join(
        f"<tr><td>{escape(one.place)}</td><td>{one.found}</td></tr>" for one in found.places
    )
    remains = "".join(f"<li>{escape(_NORWEGIAN[one.place])}</li>" for one in found.still_in)
    return f"""<!doctype html>
<html lang="nb"><head><meta charset="utf-8"><title>Sletteattest</title>
<style>body {{ font: 11pt/1.4 sans-serif; max-width: 40em; margin: 2em auto; }}
td, th {{ text-align: left; padding: 0 2em 0 0; }}</style></head>
<body><h1>Sletteattest</h1>
<p>Sak {escape(found.number)}: en tekst er slettet {when.day}.{when.month}.{when.year}
kl. {when:%H.%M}, hendelse {found.position} i journalen. Hjemmel:
{_NORWEGIAN[found.legal_basis]}. Etter krav fra:
{_NORWEGIAN.get(found.asked_by, "saksbehandler")}.</p>
<p>Etterpå ble ordene søkt etter her. Tallet er hvor mange ganger de samme ordene sto der.</p>
<table><tr><th>Sted</th><th>Funnet</th></tr>{rows}</table>
<p>Ordene finnes fremdeles en tid her:</p><ul>{remains}</ul>
</body></html>
"""

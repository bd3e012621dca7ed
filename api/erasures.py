"""Erasing words, and the certificate of it."""

from html import escape
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from api import bodies
from api.answers import CaseAnswer
from api.cases import row_of
from api.casework import CaseRef
from api.certify import Certificate, Certifier
from api.desk import Desk
from api.fields import Position
from api.printed import printed
from api.problems import NotFound, NotThereYet, declared
from api.seating import commanded, opened
from domain.errors import TextUnknown
from domain.event import OSLO
from domain.rights import Action

router = APIRouter(prefix="/api/cases", tags=["casework"])

ANSWERS: dict[int | str, dict[str, Any]] = {
    201: {"model": CaseAnswer, "description": "The case as it now is."},
    **declared(401, 403, 404, 409, 412, 413, 422, 503),
}
PAGE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/html": {"schema": {"type": "string"}}}},
    **declared(401, 403, 404, 422, 503),
}


@router.post("/{case}/erasures", status_code=201, response_class=Response, responses=ANSWERS)
def erase(
    case: CaseRef,
    body: bodies.Erasure,
    request: Request,
    desk: Annotated[Desk, commanded(Action.CASEWORK)],
) -> Response:
    """Erase a text: its words are gone at once from every answer, and all proofs still hold."""
    case_id, text_id = desk.case_id(case), str(body.text_id)
    words, reason = _words(desk, case_id, text_id), desk.write(body.reason, body)
    seen = desk.done(
        case_id,
        body,
        lambda life, by, at: life.erase(
            text_id=_there(text_id, words),
            legal_basis=body.legal_basis,
            reason=reason,
            asked_by=body.asked_by,
            by=by,
            at=at,
        ),
        erases=[text_id],
    )
    if not seen.repeated and words is not None:
        certifier: Certifier = request.app.state.certifier
        certifier.look_for(seen.position, words)
        request.app.state.erasures.follow(desk.database)
    return desk.answer_case(seen)


@router.get("/{case}/erasures/{position}/certificate", response_model=Certificate, responses=PAGE)
def certificate(
    case: CaseRef,
    position: Position,
    desk: Annotated[Desk, opened(Action.READ_CASES)],
    form: Annotated[Literal["json", "print"], Query(alias="format")] = "json",
) -> Certificate | Response:
    """What was found when the words that were erased at *position* were looked for everywhere. It
    is there some seconds after the erasure; before that, 503."""
    row = row_of(case, desk)
    rows = desk.database.rows(
        "SELECT c.certificate FROM events e LEFT JOIN certificates c USING (position) "
        "WHERE e.position = %(position)s AND e.name = 'TextErased' AND e.stream_id = %(case)s",
        position=position,
        case=row.case.id,
    )
    if not rows:
        raise NotFound
    if rows[0][0] is None:
        raise NotThereYet
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
    "bundles and lists": "pakker og utskrifter: så lenge de som fikk dem før dette har dem",
    "the database server's own log": "databasetjenerens logg: så lenge den som driver den har den",
}
_PLACES = {
    "texts": "tekstene", "search": "søket", "events": "journalen", "commands": "kvitteringene",
    "case_status": "saksoversikten", "structure": "organer og tjenester", "tokens": "tilgangene",
    "identities": "innloggingene", "sessions": "øktene", "sign_ins": "påbegynte innlogginger",
    "invitations": "invitasjonene",
    "planner statistics": "databasens statistikk", "certificates": "sletteattestene",
}  # fmt: skip


def _place(place: str) -> str:
    """In Norwegian; what has no name there is a table or a log by its own."""
    name, by_id, _ = place.partition(", by the text's id")
    if name.startswith("log "):
        return f"loggen {name.removeprefix('log ')}"
    named = _PLACES.get(name) or f"tabellen {name}"
    return f"{named} (etter tekstens nummer)" if by_id else named


def _printed(found: Certificate) -> str:
    """A page to print: Norwegian, since it goes to the one who asked."""
    when = found.erased_at.astimezone(OSLO)
    rows = "".join(
        f"<tr><td>{escape(_place(one.place))}</td><td>{one.found}</td></tr>" for one in found.places
    )
    remains = "".join(f"<li>{escape(_NORWEGIAN[one.place])}</li>" for one in found.still_in)
    body = f"""<h1>Sletteattest</h1>
<p>Sak {escape(found.number)}: en tekst er slettet {when.day}.{when.month}.{when.year}
kl. {when:%H.%M}, hendelse {found.position} i journalen. Hjemmel:
{_NORWEGIAN[found.legal_basis]}. Etter krav fra:
{_NORWEGIAN.get(found.asked_by, "saksbehandler")}.</p>
<p>{_looked(found)}</p>
<table><tr><th>Sted</th><th>Funnet</th></tr>{rows}</table>
<p>Ordene finnes fremdeles en tid her:</p><ul>{remains}</ul>"""
    return printed("Sletteattest", body)


def _looked(found: Certificate) -> str:
    if found.looked_for == "id":
        said = "Tjeneren ble stanset før det ble søkt, så teksten ble søkt etter nummeret sitt."
    else:
        said = (
            "Etterpå ble hele teksten, ord for ord, søkt etter her. Tallet er hvor mange ganger "
            "den sto der: i tekstene er det andre som har skrevet det samme, ellers bare like "
            "ord. Enkelte navn fra teksten er ikke søkt etter i andre tekster."
        )
    if found.cleaned:
        return f"{said} Plassen på disken ble ryddet med en gang."
    return f"{said} Databasen rydder plassen på disken av seg selv i løpet av noen minutter."

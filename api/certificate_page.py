"""The certificate of an erasure as it is printed, for the one who asked for it."""

from html import escape

from api.certify import Certificate
from api.printed import printed
from domain.event import OSLO

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


def printed_certificate(found: Certificate) -> str:
    """A page to print: Norwegian, since it goes to the one who asked."""
    when = found.erased_at.astimezone(OSLO)
    rows = "".join(
        f"<tr><td>{escape(_place(one.place))}</td><td>{one.found}</td></tr>" for one in found.places
    )
    remains = "".join(f"<li>{escape(_NORWEGIAN[one.place])}</li>" for one in found.still_in)
    body = f"""<h1>Sletteattest</h1>
<p>{escape(_of(found))}: en tekst er slettet {when.day}.{when.month}.{when.year}
kl. {when:%H.%M}, hendelse {found.position} i journalen. Hjemmel:
{_NORWEGIAN[found.legal_basis]}. Etter krav fra:
{_NORWEGIAN.get(found.asked_by, "saksbehandler")}.</p>
<p>{_looked(found)}</p>
<table><tr><th>Sted</th><th>Funnet</th></tr>{rows}</table>
<p>Ordene finnes fremdeles en tid her:</p><ul>{remains}</ul>"""
    return printed("Sletteattest", body)


_LIVES = {
    "meeting": "Et møte", "order": "En bestilling", "organ": "Et organ", "service": "En tjeneste",
    "person": "En person",
    "municipality": "Kommunens innstillinger", "plan": "Planen",
    "annual": "En årsrapport",
}  # fmt: skip


def _of(found: Certificate) -> str:
    """What the text belonged to. Nothing but a case has a number."""
    return f"Sak {found.number}" if found.number is not None else _LIVES[found.stream_type]


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

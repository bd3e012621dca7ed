"""How whoever asks wants to be told by e-mail. Kept beside the ledger, since an address is personal
data: it can be changed and erased."""

from enum import StrEnum
from typing import Annotated, Any

from email_validator import EmailNotValidError, validate_email
from fastapi import APIRouter, Request, Response
from psycopg.rows import class_row
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from api.desk import Desk
from api.problems import NotFound, declared
from api.rounds import Means
from api.seating import opened
from domain.errors import Refusal
from domain.notice import KINDS
from domain.rights import Action
from ledger.database import Connection, Database

PROBLEMS: dict[int | str, dict[str, Any]] = declared(401, 403, 404, 409, 413, 422, 503)
router = APIRouter(prefix="/api/me/notices", tags=["notices"], responses=PROBLEMS)
Own = Annotated[Desk, opened(Action.BE_KNOWN)]
WORDS = list(KINDS)


class NoMail(Refusal):
    """No e-mail goes out from here: whoever runs the server has set up no mail server."""


class Mode(StrEnum):
    """When e-mail comes: for each notice at once, once a day, or not at all."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    NONE = "none"


def known_kind(kind: str) -> str:
    if kind not in KINDS:
        raise ValueError(f"Choose from {', '.join(WORDS)}.")
    return kind


NoticeKind = Annotated[str, AfterValidator(known_kind), Field(json_schema_extra={"enum": WORDS})]


def _as_an_address(written: str) -> str:
    """In the one form that it is kept in. Whether anybody reads it, nobody can tell by it."""
    try:
        return validate_email(written, check_deliverability=False).normalized
    except EmailNotValidError:
        raise ValueError("Give an e-mail address such as kari@example.no.") from None


Address = Annotated[str, AfterValidator(_as_an_address)]


class Choice(BaseModel):
    """How somebody wants to be told."""

    model_config = ConfigDict(extra="forbid")

    address: Address = Field(description="The e-mail address.", max_length=254)
    mode: Mode = Field(description="At once, once a day, or not at all.")
    hour: int = Field(15, ge=0, le=23, description="At which hour in Oslo, once a day.")
    kinds_off: list[NoticeKind] = Field(
        [], max_length=len(WORDS), description="Events that no e-mail is sent of."
    )


class ChoiceAnswer(BaseModel):
    """`address` is null for whoever has said nothing. `mail_goes_out`: whether this server sends
    any e-mail at all."""

    address: str | None = None
    mode: Mode = Mode.NONE
    hour: int = 15
    kinds_off: list[str] = []
    mail_goes_out: bool = False


@router.get("")
def choice(desk: Own, request: Request) -> ChoiceAnswer:
    """How one has chosen to be told by e-mail."""
    return _answer(desk, request)


@router.put("")
def choose(body: Choice, desk: Own, request: Request) -> ChoiceAnswer:
    """Choose how to be told by e-mail: of what happens from now on."""
    if desk.standing.id not in desk.structure.roster.roles:
        raise NotFound
    means: Means = request.app.state.means
    if means.mail is None and body.mode is not Mode.NONE:
        raise NoMail
    with desk.database.connection() as connection:
        connection.execute(
            "INSERT INTO notice_choices AS c (person, address, mode, hour, kinds_off, since) "
            "SELECT %(person)s, %(address)s, %(mode)s, %(hour)s, %(kinds_off)s, size FROM head "
            "ON CONFLICT (person) DO UPDATE SET address = excluded.address, "
            "mode = excluded.mode, hour = excluded.hour, kinds_off = excluded.kinds_off, "
            "since = CASE WHEN c.mode = 'none' THEN excluded.since ELSE c.since END",
            {"person": desk.standing.id, **body.model_dump(mode="json")},
        )
    return _answer(desk, request)


@router.delete("", status_code=204, response_class=Response)
def forget(desk: Own) -> Response:
    """Erase one's e-mail address. What waits for it is not sent."""
    with desk.database.connection() as connection:
        connection.execute("DELETE FROM notice_choices WHERE person = %s", (desk.standing.id,))
    return Response(status_code=204)


def _answer(desk: Desk, request: Request) -> ChoiceAnswer:
    found = _kept(desk.database, desk.standing.id) or ChoiceAnswer()
    means: Means = request.app.state.means
    return found.model_copy(update={"mail_goes_out": means.mail is not None})


def _kept(database: Database, person: str) -> ChoiceAnswer | None:
    def look(connection: Connection) -> ChoiceAnswer | None:
        with connection.cursor(row_factory=class_row(ChoiceAnswer)) as cursor:
            return cursor.execute(
                "SELECT address, mode, hour, kinds_off FROM notice_choices WHERE person = %s",
                (person,),
            ).fetchone()

    return database.read(look)

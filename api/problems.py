"""What goes wrong, as RFC 9457 problems. Each kind of error has its type and status here."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from api.discovery import ProviderAway
from api.language import say
from domain import errors
from domain.personal_data import Findings, Kind
from ledger.commands import KeyUsedForAnother
from ledger.database import Unavailable


class Unauthenticated(errors.Refusal):
    """You are not signed in: the token is missing, unknown, revoked or expired, or the session has
    ended. Send a token as "Authorization: Bearer TOKEN"."""


class Forbidden(errors.Refusal):
    """Your role does not allow this, or your token is narrowed to something else."""


class NotAskedHere(Forbidden):
    """This was not asked by a page of Løft: the header Loft-CSRF is missing, or not this
    session's."""


class NotYourOrgan(Forbidden):
    """You act for your own organ only."""


class ConfidentialityFirst(Forbidden):
    """Confirm the duty of confidentiality first: read the text at /api/me, and confirm it at
    /api/me/confidentiality."""


class NotOpenToYou(Forbidden):
    """This case is restricted to named people, and you are not one of them. If you must see it
    now, break the glass and say why: all who are named are told."""


class NotFound(errors.Refusal):
    """There is nothing here with that name or number."""


UNEXPECTED = 500
"""The status of what went wrong and has no name."""


class TooLarge(errors.Refusal):
    """This is too much at once: a request holds at most 256 kB."""


class TooSlow(errors.Refusal):
    """The request did not arrive in time, so nothing was kept. Send it again."""


class TooLong(errors.Refusal):
    """This took too long. A command may have been recorded all the same: send it again with the
    same Idempotency-Key, and it is done once."""


class TooMany(errors.Refusal):
    """You ask too often. Wait as long as Retry-After says, and ask again."""


class TooManyFailures(TooMany):
    """Too many requests with a wrong token came from your address. Wait as long as Retry-After
    says, and look at the token."""


class NotThereYet(errors.Refusal):
    """What you wrote is recorded, but not shown yet. Ask again in a moment."""


class ViewsBehind(NotThereYet):
    """Løft is still working through what was recorded before, so nothing was done. Try again in a
    moment."""


class PointsOutAPerson(errors.Refusal):
    """Here stands something that points out a person, so nothing was kept. Take it out, and say
    what happens rather than who does it. If this is about one person, it does not belong here:
    refer the matter to the right place, of which only a receipt without words remains."""

    confirmable = False

    def __init__(self, spans: Sequence["PersonalSpan"]) -> None:
        super().__init__()
        self.spans = list(spans)


class MayPointOutAPerson(PointsOutAPerson):
    """This may point out a person, so nothing was kept yet. If it does, refer the matter to the
    right place, of which only a receipt without words remains. If it does not, send it again and
    say why in not_about_individual, without a name."""

    confirmable = True


KINDS: tuple[tuple[type[Exception], str, int], ...] = (
    (errors.StaleVersion, "stale", 412),
    (errors.StreamUnknown, "not-found", 404),
    (errors.AssignmentUnknown, "not-found", 404),
    (errors.MeasureUnknown, "not-found", 404),
    (errors.AnswerUnknown, "not-found", 404),
    (errors.SeatUnknown, "not-found", 404),
    (errors.ItemUnknown, "not-found", 404),
    (NotFound, "not-found", 404),
    (PointsOutAPerson, "personal-data", 422),
    (errors.Invalid, "invalid", 422),
    (KeyUsedForAnother, "idempotency-conflict", 422),
    (Unauthenticated, "unauthenticated", 401),
    (Forbidden, "forbidden", 403),
    (TooLarge, "too-large", 413),
    (TooSlow, "invalid", 408),
    (TooMany, "too-many", 429),
    (TooLong, "unavailable", 503),
    (NotThereYet, "unavailable", 503),
    (ProviderAway, "unavailable", 503),
    (Unavailable, "unavailable", 503),
    (errors.Refusal, "refused", 409),
)
"""The first that fits."""

TITLES = {
    "invalid": "This cannot be understood",
    "personal-data": "This points out a person",
    "refused": "A rule says no",
    "stale": "This has changed since you read it",
    "idempotency-conflict": "This key was used for another command",
    "unauthenticated": "You are not signed in",
    "forbidden": "You may not do this",
    "not-found": "There is no such thing",
    "too-large": "This is too much at once",
    "too-many": "That was too often",
    "unavailable": "Løft cannot answer just now",
}


class FieldError(BaseModel):
    """What is wrong with one field of a request; `field` is its place in it."""

    field: str
    message: str


class PersonalSpan(BaseModel):
    """A place in a text that points out a person, in characters, after spaces around the text are
    gone: `start` is the first, `end` the one after the last. The words are never repeated."""

    field: str
    start: int
    end: int
    kind: Kind


class Problem(BaseModel):
    """An RFC 9457 problem. `type` is one of `/problems/…`, `detail` a sentence for people.
    `spans` and `confirmable` stand with `personal-data`: where, and whether
    `not_about_individual` helps."""

    type: str = Field(examples=["/problems/refused"])
    title: str
    status: int
    detail: str
    errors: list[FieldError] | None = None
    spans: list[PersonalSpan] | None = None
    confirmable: bool | None = None


def about_a_person(found: Mapping[str, Findings], *, confirmable: bool) -> PointsOutAPerson:
    """The refusal that says where in which field, of all that was *found*. *confirmable*: nothing
    of it is certain."""
    spans = [
        PersonalSpan(field=name, start=span.start, end=span.end, kind=span.kind)
        for name, findings in found.items()
        for span in findings.spans
    ]
    return MayPointOutAPerson(spans) if confirmable else PointsOutAPerson(spans)


def problem(
    kind: str,
    status: int,
    detail: str,
    errors: Sequence[FieldError] | None = None,
    about: PointsOutAPerson | None = None,
) -> JSONResponse:
    body = Problem(
        type=f"/problems/{kind}",
        title=TITLES[kind],
        status=status,
        detail=detail,
        errors=list(errors) if errors else None,
        spans=about.spans if about else None,
        confirmable=about.confirmable if about else None,
    )
    headers = {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if status == 503:
        headers["Retry-After"] = "1"
    return JSONResponse(
        body.model_dump(mode="json", exclude_none=True),
        status,
        headers=headers,
        media_type="application/problem+json",
    )


def of(error: Exception) -> JSONResponse:
    """The problem that *error* is told as: its docstring is the sentence."""
    for kind_of_error, kind, status in KINDS:
        if isinstance(error, kind_of_error):
            about = error if isinstance(error, PointsOutAPerson) else None
            return problem(kind, status, " ".join((error.__doc__ or "").split()), about=about)
    raise error


def status_of(error: Exception) -> int:
    return next((status for kind, _, status in KINDS if isinstance(error, kind)), UNEXPECTED)


def declared(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What an endpoint's documentation says of the problems that it may answer with."""
    schema = {"$ref": "#/components/schemas/Problem"}
    content = {"application/problem+json": {"schema": schema}}
    return {s: {"description": _description(s), "content": content} for s in sorted(statuses)}


def _description(status: int) -> str:
    kinds = dict.fromkeys(kind for _, kind, known in KINDS if known == status)
    return ", ".join(f"/problems/{kind}" for kind in kinds)


def install(app: FastAPI) -> None:
    """Let *app* answer every error as a problem, and none with what somebody typed."""
    for kind in (errors.Refusal, Unavailable):
        app.add_exception_handler(kind, lambda _request, error: of(error))
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it alone
    found = list({e.message: e for e in map(_field_error, error.errors())}.values())
    detail = "Some of this cannot be understood. " + " ".join(e.message for e in found[:3])
    return problem("invalid", 422, detail, found)


def _field_error(error: dict[str, Any]) -> FieldError:
    """Only places that this API has named itself are repeated: an unknown name was typed."""
    where = [str(part) for part in error["loc"] if "[" not in str(part)]
    match error["type"]:
        case "extra_forbidden":
            return FieldError(
                field=".".join([*where[:-1], "?"]), message="There is a field that is not known."
            )
        case "json_invalid":
            return FieldError(field="body", message="The body is not JSON in UTF-8.")
        case "missing":
            message = f"The field {where[-1]} is missing."
        case _:
            message = f"{'.'.join(where[1:]) or where[0]}: {said(error)}"
    return FieldError(field=".".join(where), message=message)


def said(error: Mapping[str, Any], translated: Callable[[str], str] = str) -> str:
    """What pydantic's *error* is told as. Numbers are put in once the sentence is *translated*."""
    if error["type"] == "value_error":
        return translated(str(error["ctx"]["error"]))
    told = (told for known, told in _SAID.items() if error["type"].startswith(known))
    sentence = next(told, say("This cannot be understood."))
    return translated(sentence).format(**error.get("ctx", {}))


_SAID = {
    "string_too_short": "This is empty.",
    "string_too_long": "At most {max_length} characters.",
    "string_pattern": "Small letters a to z, digits, hyphens and underscores, 80 at most.",
    "string_unicode": "The text holds characters that are not Unicode.",
    "string": "Give a text.",
    "int": "Give a whole number.",
    "greater_than_equal": "At least {ge}.",
    "less_than_equal": "At most {le}.",
    "bool": "Give true or false.",
    "timezone": "Give the time with its time zone, such as 2026-11-22T10:00:00+01:00.",
    "datetime": "Give a time with its time zone, such as 2026-11-22T10:00:00+01:00.",
    "date": "Give a day, such as 2026-11-22.",
    "enum": "Choose one of {expected}.",
    "literal_error": "Choose one of {expected}.",
    "list": "Give a list.",
    "tuple": "Give a list.",
    "too_short": "At least {min_length} of them.",
    "too_long": "At most {max_length} of them.",
    "model": "Give a JSON object, sent as application/json.",
}
"""By how pydantic's name for the error begins: the first that fits. None repeats the input."""


def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it alone
    if error.status_code == 400:
        return problem("invalid", 422, "The body is not JSON in UTF-8.")
    if error.status_code in {404, 405}:
        answer = problem("not-found", error.status_code, _sentence(error.status_code))
        answer.headers.update(error.headers or {})
        return answer
    return problem("invalid", error.status_code, "This cannot be understood.")


def _sentence(status: int) -> str:
    if status == 405:
        return "This address does not take that kind of request. See /api/docs."
    return "There is nothing at this address. See /api/docs."


def unexpected() -> JSONResponse:
    """What is answered where something went wrong that has no name."""
    detail = "Something went wrong here. Nothing was left half done; try again."
    return problem("unavailable", UNEXPECTED, detail)

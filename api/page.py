"""Pages for people: templates that escape all that they are given, and errors in a sentence."""

from collections.abc import Callable, Coroutine
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.staticfiles import StaticFiles

from api.discovery import ProviderAway
from api.problems import Unauthenticated
from domain.errors import Refusal
from ledger.database import Unavailable

_ENVIRONMENT = Environment(
    loader=PackageLoader("api", "pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TROUBLE = "Noe gikk galt hos oss. Prøv igjen om litt."
_AWAY = "Innloggingstjenesten svarer ikke. Prøv igjen om litt."
_NOT_UNDERSTOOD = "Adressen eller skjemaet er ikke til å forstå. Begynn på nytt."


class SignInRefused(Refusal):
    """Innloggingen ble ikke godkjent. Begynn på nytt."""

    status = 403
    """Of the page. Its sentence is the docstring, in the language of those who read it."""


class NotBegunHere(SignInRefused):
    """Innloggingen er brukt, for gammel, eller begynt i en annen nettleser. Begynn på nytt."""

    status = 400


class NotVouchedFor(SignInRefused):
    """Innloggingstjenesten har ikke bekreftet hvem du er. Begynn på nytt."""


class NotSureEnough(SignInRefused):
    """Løft krever en sikrere innlogging enn den du brukte, eller kjenner ikke igjen kontoen. Logg
    inn på et høyere nivå."""


class CutShort(SignInRefused):
    """Innloggingen ble avbrutt. Begynn på nytt."""

    status = 400


class NoSuchProvider(SignInRefused):
    """Denne innloggingen finnes ikke her. Velg en av dem som er satt opp."""

    status = 404


class PageTooOld(SignInRefused):
    """Siden var for gammel, så ingenting ble gjort. Last den på nytt og prøv igjen."""


class Page(APIRoute):
    """A route whose errors are pages. Whoever is not signed in is sent to do so."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await answer(request)
            except Unauthenticated:
                return to("/sign-in")
            except (Refusal, Unavailable, RequestValidationError) as error:
                return wrong(error)

        return answered


def shown(template: str, status: int = 200, **facts: object) -> HTMLResponse:
    """The page. It is nobody else's, so no cache keeps it."""
    return HTMLResponse(rendered(template, **facts), status, headers={"Cache-Control": "no-store"})


def rendered(template: str, **facts: object) -> str:
    """What a page is made of, without one around it."""
    return _ENVIRONMENT.get_template(f"{template}.html").render(facts)


def to(address: str) -> RedirectResponse:
    """On to another page, which is asked for by GET."""
    return RedirectResponse(address, 303, headers={"Cache-Control": "no-store"})


def wrong(error: Exception) -> HTMLResponse:
    """The page that says in a sentence what went wrong and what to do."""
    if isinstance(error, ProviderAway):
        return shown("wrong", 503, sentence=_AWAY)
    if isinstance(error, Unavailable):
        return shown("wrong", 503, sentence=_TROUBLE)
    if isinstance(error, RequestValidationError):
        return shown("wrong", 400, sentence=_NOT_UNDERSTOOD)
    if isinstance(error, SignInRefused):
        return shown("wrong", error.status, sentence=" ".join((error.__doc__ or "").split()))
    return shown("wrong", 409, sentence=_TROUBLE)


async def form(request: Request) -> dict[str, str]:
    """The fields of a form that was sent."""
    try:
        return dict(parse_qsl((await request.body()).decode(), max_num_fields=20))
    except ValueError:
        return {}


def give_cookie(response: Response, name: str, value: str, seconds: int | None = None) -> None:
    """A cookie that no script reads and no other site sends along."""
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="lax"
    )


def take_cookie(response: Response, name: str) -> None:
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="lax")


def static() -> StaticFiles:
    """What pages are drawn with."""
    return StaticFiles(directory=str(files("api") / "pages" / "static"))

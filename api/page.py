"""Pages for people: templates that escape all that they are given, and errors in a sentence."""

import hashlib
from collections.abc import Callable, Coroutine
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

from api.discovery import ProviderAway
from api.language import LANGUAGES, Tongue, say, spoken_to
from api.problems import (
    UNEXPECTED,
    ConfidentialityFirst,
    Forbidden,
    NotAskedHere,
    NotFound,
    NotThereYet,
    TooLarge,
    TooLong,
    TooMany,
    TooSlow,
    Unauthenticated,
    of,
    status_of,
    unexpected,
)
from api.sessions import COOKIE, csrf_of
from domain.errors import Refusal
from domain.rights import Standing
from ledger.database import Unavailable
from ledger.engine import Engine
from ledger.texts import words_of

KEYS = "__Host-loft-keys"
"""The cookie of whoever does not want that a letter alone does something."""
AGAIN = "2"
"""Seconds after which a page that is not there yet asks again by itself."""
_TROUBLE = say("Something went wrong at our end. Try again in a moment.")
_AWAY = say("The sign-in service does not answer. Try again in a moment.")
_NOT_UNDERSTOOD = say("The address or the form cannot be understood. Begin anew.")
_ON_PAGES: dict[type[Exception], str] = {
    TooLarge: say("This is too much at once. Go back, write less, and send it again."),
    TooSlow: say("It did not arrive in time, so nothing was kept. Go back, and send it again."),
    TooLong: say(
        "This took too long. It may have been done all the same: look first whether it was, before "
        "you do it again."
    ),
    TooMany: say("You ask too often. Wait a moment, and try again."),
}
"""What people are told in other words than programs."""


class SignInRefused(Refusal):
    """The sign-in was not approved. Begin anew."""

    status = 403
    """Of the page."""


class NotBegunHere(SignInRefused):
    """The sign-in has been used, is too old, or was begun in another browser. Begin anew."""

    status = 400


class NotVouchedFor(SignInRefused):
    """The sign-in service has not confirmed who you are. Begin anew."""


class NotSureEnough(SignInRefused):
    """Løft asks for a safer sign-in than the one you used, or does not recognise the account. Sign
    in at a higher level."""


class CutShort(SignInRefused):
    """The sign-in was broken off. Begin anew."""

    status = 400


class NoSuchProvider(SignInRefused):
    """There is no such sign-in here. Choose one of those that are set up."""

    status = 404


class PageTooOld(SignInRefused):
    """The page was too old, so nothing was done. Load it again and try once more."""


class Page(APIRoute):
    """A route whose errors are pages. Whoever is not signed in is sent to do so."""

    takes_any_query = True
    """Mail programs and others add something to the addresses of pages."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await answer(request)
            except Unauthenticated:
                if is_sent_here(request):
                    return await kept(request, 401)
                return to(_by_way_of("/sign-in", request))
            except NotAskedHere:
                return (
                    await kept(request, 403)
                    if is_sent_here(request)
                    else wrong(request, PageTooOld())
                )
            except ConfidentialityFirst:
                return to(_by_way_of("/confidentiality", request))
            except Forbidden as error:
                standing: Standing | None = getattr(request.state, "actor", None)
                if standing is not None and not (standing.roles or standing.guest_of):
                    return _nobody_yet(request, standing)
                return wrong(request, error)
            except (Refusal, Unavailable, RequestValidationError) as error:
                return wrong(request, error)

        return answered


def is_sent_here(request: Request) -> bool:
    """Whether a page of ours has sent a form, as the browser says: another's words are never shown
    as if somebody had typed them here."""
    return request.method == "POST" and request.headers.get("sec-fetch-site") == "same-origin"


async def kept(request: Request, status: int) -> HTMLResponse:
    """What was sent from a page whose session is over, to be sent again: nothing typed is lost."""
    sent = await fields(request)
    session = request.cookies.get(COOKIE, "") if status != 401 else ""
    asides = [(name, one) for name, values in sent.items() if name != "csrf" for one in values]
    return shown(
        request,
        "kept",
        status,
        csrf=csrf_of(session) if session else "",
        sent=asides,
        words=[one for _, one in asides if " " in one.strip()],
        action=request.url.path,
    )


def name_of(engine: Engine, person: str) -> str | None:
    """What somebody is called, as long as their name stands."""
    name = engine.structure.persons.get(person)
    return words_of(engine.database, [name.id]).get(name.id) if name is not None else None


def _nobody_yet(request: Request, standing: Standing) -> HTMLResponse:
    """What somebody is shown who has signed in, and has no seat and no role here."""
    csrf = csrf_of(request.cookies.get(COOKIE, ""))
    engine: Engine = request.app.state.ledger.engine
    name = name_of(engine, standing.id)
    return shown(request, "nobody_yet", id=standing.id, name=name, csrf=csrf)


def _by_way_of(address: str, request: Request) -> str:
    back = _way_back(request)
    return (
        address
        if back in {"/", "/confidentiality"}
        else f"{address}?{urlencode({'return_to': back})}"
    )


def _way_back(request: Request) -> str:
    """Where to go on once one is let in: nothing that was sent is sent again."""
    if request.method != "GET":
        return _sent_from(request)
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _sent_from(request: Request) -> str:
    """The page of ours that a form stood on, as the browser says; else the start page."""
    try:
        whence = urlsplit(request.headers.get("referer", ""))
    except ValueError:  # no browser says so
        return "/"
    if whence.netloc != request.url.netloc or whence.path.startswith("//"):
        return "/"
    return (whence.path or "/") + (f"?{whence.query}" if whence.query else "")


def shown(request: Request, template: str, status: int = 200, **facts: object) -> HTMLResponse:
    """The page, in the language of whoever asks. It is nobody else's, so no cache keeps it."""
    tongue = spoken_to(request)
    keys_off = request.cookies.get(KEYS) == "off"
    page = rendered(template, tongue, path=_way_back(request), keys_off=keys_off, **facts)
    headers = {"Cache-Control": "no-store", "Vary": "Accept-Language, Cookie"}
    return HTMLResponse(page, status, headers=headers)


def rendered(template: str, tongue: Tongue | None = None, **facts: object) -> str:
    """What a page is made of, without one around it: in bokmål unless told otherwise."""
    tongue = tongue or Tongue("nb")
    environment = _environment(tongue.language)
    return environment.get_template(f"{template}.html").render(facts, tongue=tongue)


@cache
def _environment(language: str) -> Environment:
    tongue = Tongue(language)
    environment = Environment(
        loader=PackageLoader("api", "pages/templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    speak: Any = environment  # the extension gives it a method more
    speak.install_gettext_callables(tongue.gettext, tongue.ngettext, newstyle=True)
    environment.filters |= {
        "day": tongue.day, "short_day": tongue.short_day, "number": tongue.number,
        "moment": tongue.moment, "label": tongue.gettext,
        "organ_name": lambda key, names: names.organ(key),
    }  # fmt: skip
    environment.globals |= {"languages": LANGUAGES, "version": static_version()}
    return environment


def to(address: str) -> RedirectResponse:
    """On to another page, which is asked for by GET."""
    return RedirectResponse(address, 303, headers={"Cache-Control": "no-store"})


def wrong(request: Request, error: Exception) -> HTMLResponse:
    """The page that says in a sentence what went wrong and what to do."""
    status, sentence = told(error)
    page = shown(request, "wrong", status, sentence=spoken_to(request).gettext(sentence))
    if isinstance(error, NotThereYet) and request.method == "GET":
        page.headers["Refresh"] = AGAIN
    return page


def is_for_people(request: Request) -> bool:
    """Whether a page is asked for, by a browser."""
    reads = "text/html" in request.headers.get("accept", "")
    return reads and not request.url.path.startswith(("/api/", "/static/"))


def refused(scope: Scope, error: Exception) -> Response:
    """What is answered before a request has come to its door, or where something went wrong that
    has no name: a page for people, a problem for programs."""
    request = Request(scope)
    if is_for_people(request):
        return wrong(request, error)
    return of(error) if status_of(error) != UNEXPECTED else unexpected()


def install(app: FastAPI) -> None:
    """Whoever follows a link that leads nowhere is shown a page; programs are told a problem."""
    problem: Any = app.exception_handlers[HTTPException]

    def answered(request: Request, error: HTTPException) -> Any:  # noqa: ANN401 - or a problem
        if not is_for_people(request) or error.status_code not in {404, 405}:
            return problem(request, error)
        if error.status_code == 405 and request.method == "GET":
            return to(request.url.path.rsplit("/", 1)[0] or "/")  # from where the form was sent
        return wrong(request, NotFound())

    app.exception_handler(HTTPException)(answered)


def told(error: Exception) -> tuple[int, str]:
    """The status and the sentence, in English, of what went wrong."""
    if isinstance(error, ProviderAway):
        return 503, _AWAY
    if isinstance(error, Unavailable):
        return 503, _TROUBLE
    if isinstance(error, RequestValidationError):
        return 400, _NOT_UNDERSTOOD
    status = error.status if isinstance(error, SignInRefused) else status_of(error)
    if status == UNEXPECTED:
        return status, _TROUBLE
    said = next((words for kind, words in _ON_PAGES.items() if isinstance(error, kind)), None)
    return status, said or " ".join((error.__doc__ or _TROUBLE).split())


async def form(request: Request) -> dict[str, str]:
    """The fields of a form that was sent, the last of each name."""
    return {name: values[-1] for name, values in (await fields(request)).items()}


async def fields(request: Request) -> dict[str, list[str]]:
    """The same with all that was sent under each name."""
    try:
        return parse_qs((await request.body()).decode(), max_num_fields=500)
    except ValueError:
        return {}


def give_cookie(response: Response, name: str, value: str, seconds: int | None = None) -> None:
    """A cookie that no script reads and no other site sends along."""
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="lax"
    )


def take_cookie(response: Response, name: str) -> None:
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="lax")


class Kept(StaticFiles):
    """Files that a browser keeps for a year: their address changes when they do."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:  # noqa: ANN401 - as Starlette has it
        answer = super().file_response(*args, **kwargs)
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return answer


def static() -> ASGIApp:
    """What pages are drawn with, small on the way. Pages themselves are not compressed: they hold
    secrets beside what somebody else may have typed."""
    return GZipMiddleware(Kept(directory=str(_STATIC)), minimum_size=1000)


_STATIC = Path(str(files("api") / "pages" / "static"))


@cache
def static_version() -> str:
    """Says in an address which files are meant."""
    made = hashlib.sha256()
    for file in sorted(one for one in _STATIC.rglob("*") if one.is_file()):
        made.update(file.read_bytes())
    return made.hexdigest()[:12]

"""How a request comes to its desk: let in, its headers understood, the views waited for."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from starlette.concurrency import run_in_threadpool

from api.auth import Admitted, admitted
from api.desk import KNOWN, Desk
from api.moments import is_position
from api.problems import NotThereYet
from domain.access import AccessEvent, WordsRead
from domain.errors import Invalid
from domain.rights import Action
from ledger.commands import Command, request_hash

PATIENCE = 5.0
"""Seconds that a read waits for the views to reach the position that it names."""
LOFT_POSITION = "Wait until the views have reached this position: read your own writes."
IDEMPOTENCY_KEY = "1 to 200 visible characters. A repeat with the same key gives the first answer."
IF_MATCH = "The ETag of the version decided on. Refused with 412 where there is a newer one."


class HeaderMalformed(Invalid):
    """A header cannot be understood. Idempotency-Key has 1 to 200 visible characters, If-Match is
    an ETag as this API gave it, Loft-Position and Last-Event-ID are positions."""


class QueryUnknown(Invalid):
    """There is something after the question mark of the address that is not known here, or it
    stands there twice. See /api/docs."""


def opened(
    action: Action,
    *,
    asks: Sequence[str] = KNOWN,
    bound: bool = True,
    how: type[AccessEvent] = WordsRead,
) -> Any:  # noqa: ANN401 - a FastAPI dependency
    """A desk to read at, for whoever may do *action*. *asks*: the parameters that name a moment
    which the views must have reached. *bound*: see `admitted`; *how*: see `Desk`."""

    async def sit(
        request: Request,
        who: Annotated[Admitted, Depends(admitted(action, bound=bound))],
        loft_position: Annotated[
            str | None, Header(alias="Loft-Position", description=LOFT_POSITION)
        ] = None,
    ) -> Desk:
        await _wait_for_views(request, loft_position)
        desk = desk_for(
            request, who, Command(actor=who.actor, correlation_id=request.state.request_id)
        )
        desk.how = how
        for name in asks:
            if name in request.query_params:
                await _wait_for_the_past(desk, name)
        return desk

    return Depends(sit)


def commanded(action: Action, *, bound: bool = True) -> Any:  # noqa: ANN401 - a FastAPI dependency
    """A desk for a command, for whoever may do *action*. *bound*: see `admitted`."""

    async def sit(
        request: Request,
        who: Annotated[Admitted, Depends(admitted(action, bound=bound))],
        idempotency_key: Annotated[
            str | None, Header(alias="Idempotency-Key", description=IDEMPOTENCY_KEY)
        ] = None,
        if_match: Annotated[str | None, Header(alias="If-Match", description=IF_MATCH)] = None,
    ) -> Desk:
        command = Command(
            actor=who.actor,
            key=_key(idempotency_key),
            request_hash=await signed(request) if idempotency_key is not None else "",
            if_version=_version(if_match),
            correlation_id=request.state.request_id,
        )
        return replace(desk_for(request, who, command), _commands=True)

    return Depends(sit)


def desk_for(request: Request, who: Admitted, command: Command) -> Desk:
    _check_query(request)
    ledger = request.app.state.ledger
    return Desk(ledger, who.standing, who.actor, datetime.now(UTC), command, request)


async def _wait_for_the_past(desk: Desk, name: str) -> None:
    """Until the views hold all that had happened then: asked again, the answer is the same."""
    then = (await run_in_threadpool(desk.moment, name)).position or 0
    if not await desk.request.app.state.progress.reached(then, PATIENCE):
        raise NotThereYet


def _check_query(request: Request) -> None:
    """What is not known would else be passed over in silence, and a filter with it."""
    asked = request.query_params
    if asked and not getattr(request.scope["route"], "takes_any_query", False):
        fields = request.scope["route"].dependant.query_params
        known = {name for field in fields for name in _names(field.field_info, field.alias)}
        if not known.issuperset(asked) or len(asked) < len(asked.multi_items()):
            raise QueryUnknown


def _names(info: FieldInfo, alias: str) -> Iterable[str]:
    """The parameters that a field takes: one, or each of its model."""
    model: Any = info.annotation
    is_model = isinstance(model, type) and issubclass(model, BaseModel)
    if is_model:
        return [its.alias or name for name, its in model.model_fields.items()]
    return [alias]


async def _wait_for_views(request: Request, asked: str | None) -> None:
    """Read your own writes. The wait holds no thread."""
    if asked is None:
        return
    if not is_position(asked):
        raise HeaderMalformed
    if not await request.app.state.progress.reached(int(asked), PATIENCE):
        raise NotThereYet


def _key(given: str | None) -> str | None:
    if given is not None and not (
        0 < len(given) <= 200 and given.isascii() and given.isprintable()
    ):
        raise HeaderMalformed
    return given


async def signed(request: Request) -> str:
    """What recognises a repeat: the same request, whatever it says."""
    parts = (request.method.encode(), request.url.path.encode(), await request.body())
    return request_hash(request.app.state.secret, *parts)


def _version(if_match: str | None) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    version = if_match.strip().removeprefix("W/").strip('"')
    if not (version.isascii() and version.isdigit()) or len(version) > 9:
        raise HeaderMalformed
    return int(version)

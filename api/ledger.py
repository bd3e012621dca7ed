"""The proof, for whoever wants to check: checkpoints, keys, and proofs from the Merkle tree."""

from datetime import UTC, datetime
from html import escape
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from api.cases import Cursor, Limit
from api.cursors import after_position
from api.desk import Desk
from api.printed import printed
from api.problems import NotFound, declared
from api.seating import opened
from domain.errors import Invalid
from domain.event import OSLO
from domain.rights import Action
from ledger.checkpoints import Notary, Signed
from ledger.signing import qr_svg
from ledger.verifier import VerifierKey

PROBLEMS: dict[int | str, dict[str, Any]] = declared(401, 403, 404, 422, 503)
router = APIRouter(prefix="/api/ledger", tags=["proof"], responses=PROBLEMS)

Checking = Annotated[Desk, opened(Action.CHECK)]
Position = Annotated[int, Query(ge=1, lt=2**62)]
Size = Annotated[int, Query(ge=0, lt=2**62)]


class NoSuchProof(Invalid):
    """There is no such proof: the first number must not be larger than the second."""


class NotRecordedYet(Invalid):
    """The ledger does not hold that many events."""


class CheckpointAnswer(BaseModel):
    """A promise: the ledger's first `size` events have this `root` (hex). `note` is what was
    signed, in the form of C2SP tlog-checkpoint; `short` is what minutes print. With the newest one:
    how many events are `sealed` in the tree by now, and how many are `recorded`."""

    number: int
    origin: str
    size: int
    root: str
    signed_at: datetime
    note: str
    short: str
    sealed: int | None = None
    recorded: int | None = None


class CheckpointPage(BaseModel):
    items: list[CheckpointAnswer]
    next: str | None


class InclusionAnswer(BaseModel):
    """That the event at `position` is one of the first `size` (RFC 9162, 2.1.3). Hashes in hex."""

    position: int
    size: int
    leaf_hash: str
    root: str
    proof: list[str]


class ConsistencyAnswer(BaseModel):
    """That a ledger of `to` events begins with one of `from` (RFC 9162, 2.1.4). Hashes in hex."""

    from_size: int
    from_root: str
    to_size: int
    to_root: str
    proof: list[str]


class KeyAnswer(BaseModel):
    """A key that signs or signed checkpoints, as a C2SP vkey. `introduced`: the note by which the
    key before it introduced it."""

    vkey: str
    key_id: str
    introduced: str | None
    since: datetime


class KeyPage(BaseModel):
    items: list[KeyAnswer]
    next: str | None = None


NOTE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}},
                      "text/html": {"schema": {"type": "string"}}}}
}  # fmt: skip


@router.get("/checkpoint", response_model=CheckpointAnswer, responses=NOTE)
def newest_checkpoint(
    request: Request,
    desk: Checking,
    form: Annotated[Literal["json", "note", "print"], Query(alias="format")] = "json",
) -> CheckpointAnswer | Response:
    """The newest signed checkpoint: as JSON, as the note itself, or to print into minutes."""
    found = _notary(request).newest()
    if found is None:
        raise NotFound
    number, signed = found
    match form:
        case "note":
            return Response(signed.note, media_type="text/plain; charset=utf-8")
        case "print":
            return Response(_printed(signed), media_type="text/html; charset=utf-8")
        case _:
            told = _checkpoint(number, signed)
            told.sealed, told.recorded = _notary(request).tree.sealed(), desk.engine.ledger.size()
            return told


@router.post("/checkpoints", status_code=201)
def sign(request: Request, _desk: Annotated[Desk, opened(Action.SIGN)]) -> CheckpointAnswer:
    """Sign a checkpoint over all that the ledger holds just now."""
    return _checkpoint(*_notary(request).sign(datetime.now(UTC)))


@router.get("/checkpoints")
def checkpoints(
    request: Request, desk: Checking, limit: Limit = 100, cursor: Cursor = None
) -> CheckpointPage:
    """Every checkpoint that was ever signed, oldest first."""
    found = _notary(request).signed(after=after_position(cursor), limit=limit)
    following = desk.page(found[-1][0] if len(found) == limit else None)
    return CheckpointPage(items=[_checkpoint(*one) for one in found], next=following)


@router.get("/proofs/inclusion")
def inclusion(
    request: Request,
    desk: Checking,
    position: Position,
    size: Annotated[
        int | None, Query(ge=1, lt=2**62, description="Default: the newest checkpoint's.")
    ] = None,
) -> InclusionAnswer:
    """That the event at *position* is one of the first *size*."""
    tree, within = _notary(request).tree, size if size is not None else _newest_size(request)
    _is_there(desk, within)
    try:
        proof = tree.inclusion_proof(position, within)
        root = tree.root(within)
    except ValueError as error:
        raise NoSuchProof from error
    leaf = desk.engine.ledger.leaf_hash(position)
    return InclusionAnswer(
        position=position,
        size=within,
        leaf_hash=leaf.hex(),
        root=root.hex(),
        proof=[one.hex() for one in proof],
    )


@router.get("/proofs/consistency")
def consistency(
    request: Request,
    desk: Checking,
    first: Annotated[int, Query(alias="from", ge=0, lt=2**62)],
    second: Annotated[
        int | None,
        Query(alias="to", ge=0, lt=2**62, description="Default: the newest checkpoint's."),
    ] = None,
) -> ConsistencyAnswer:
    """That a ledger of *to* events begins with one of *from* events."""
    tree, until = _notary(request).tree, second if second is not None else _newest_size(request)
    _is_there(desk, until)
    try:
        proof = tree.consistency_proof(first, until)
        roots = tree.root(first), tree.root(until)
    except ValueError as error:
        raise NoSuchProof from error
    return ConsistencyAnswer(
        from_size=first,
        from_root=roots[0].hex(),
        to_size=until,
        to_root=roots[1].hex(),
        proof=[one.hex() for one in proof],
    )


@router.get("/keys")
def keys(request: Request, _desk: Checking) -> KeyPage:
    """The keys that sign or signed checkpoints, oldest first."""
    return KeyPage(
        items=[
            KeyAnswer(
                vkey=key.vkey,
                key_id=VerifierKey.parse(key.vkey).key_id.hex(),
                introduced=key.introduced,
                since=key.since,
            )
            for key in _notary(request).listed_keys()
        ]
    )


def _notary(request: Request) -> Notary:
    notary: Notary = request.app.state.notary
    return notary


def _is_there(desk: Desk, size: int) -> None:
    if size > desk.engine.ledger.size():
        raise NotRecordedYet


def _newest_size(request: Request) -> int:
    found = _notary(request).newest()
    return found[1].checkpoint.size if found is not None else 0


def _checkpoint(number: int, signed: Signed) -> CheckpointAnswer:
    checkpoint = signed.checkpoint
    return CheckpointAnswer(
        number=number,
        origin=checkpoint.origin,
        size=checkpoint.size,
        root=checkpoint.root.hex(),
        signed_at=checkpoint.signed_at,
        note=signed.note,
        short=checkpoint.short,
    )


def _printed(signed: Signed) -> str:
    """A small page to print into minutes: Norwegian, since minutes are."""
    checkpoint = signed.checkpoint
    when = checkpoint.signed_at.astimezone(OSLO)
    body = f"""<h1>Sjekkpunkt for journalen</h1>
<p>Journalen hadde {checkpoint.size} hendelser da den ble signert
{when.day}.{when.month}.{when.year} kl. {when:%H.%M}. Ta vare på disse tre linjene: med dem kan hvem
som helst senere kontrollere at ingenting er endret.</p>
<pre>{escape(checkpoint.short)}</pre>
{qr_svg(checkpoint)}"""
    return printed(f"Sjekkpunkt {checkpoint.size}", body)

"""The proof: up to where the ledger is signed, and whether it still holds an old checkpoint."""

from dataclasses import dataclass
from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from api import ledger
from api.desk import Desk
from api.language import say
from api.page import Page
from api.pages.desks import Sent, fresh_key, looking, sending
from api.pages.shell import shown, to
from domain.rights import Action
from ledger.checkpoints import Notary, Standing
from ledger.signing import qr_svg
from ledger.verifier import TreeHead, VerifierKey, is_consistent, open_note

router = APIRouter(prefix="/proof", route_class=Page, include_in_schema=False)
Checking = Annotated[Desk, looking(Action.CHECK)]
Checked = Annotated[Sent, sending(Action.CHECK)]
Signing = Annotated[Sent, sending(Action.SIGN)]

STANDINGS = {
    Standing.WHOLE: say("It agrees with the checkpoint that is kept outside the database."),
    Standing.BEHIND: say("It holds fewer entries than were signed: an older copy seems to have "
                         "been put back. Nothing is recorded until an administrator has looked."),
    Standing.ALTERED: say("It holds other entries than those that were signed. Something has been "
                          "altered."),
    Standing.UNREADABLE: say("The checkpoint that is kept outside the database cannot be read."),
    Standing.KEY_UNKNOWN: say("The key of this installation is not the ledger's newest one."),
}  # fmt: skip
HOLDS = say("The ledger still begins with exactly these %(size)s entries. Nothing among them has "
            "been altered, removed or put in since.")  # fmt: skip
DIFFERS = say("The first %(size)s entries of the ledger are not those that this checkpoint was "
              "made of. Something has been altered. Keep the minutes, and tell the "
              "auditor.")  # fmt: skip
NEWER = say("The checkpoint is of %(size)s entries, and the ledger holds fewer. Either it was "
            "copied wrongly, or entries have been removed.")  # fmt: skip
OTHER = say("The checkpoint is of another ledger: %(origin)s.")
UNREADABLE = say("This is no checkpoint. It has three lines: the name of the ledger, a number, and "
                 "44 letters and digits that end in an equals sign.")  # fmt: skip
NOT_OURS = say("None of this ledger's keys has signed this note.")


@dataclass(frozen=True)
class Verdict:
    """What is said of a checkpoint that was pasted. `sentence` in English, with `size` and `origin`
    to be put in; `proof`: hashes in hex that lead from it to now (RFC 9162, 2.1.4)."""

    holds: bool
    sentence: str
    size: int = 0
    origin: str = ""
    proof: tuple[str, ...] = ()


@router.get("")
def proof(desk: Checking) -> Response:
    return _shown(desk)


@router.post("")
def hold_against(sent: Checked) -> Response:
    """Whether the ledger still holds what old minutes have printed. Nothing is kept of it."""
    written = sent.one("checkpoint")
    return _shown(sent.desk.looking(), written, judged(_notary(sent.desk.request), written))


@router.post("/signature")
def sign(sent: Signing) -> Response:
    """Sign all that there is just now."""
    ledger.sign(sent.desk.request, sent.desk)
    return to(sent.desk, "/proof")


@router.get("/verifier")
def verifier(_desk: Checking) -> Response:
    """The program that checks a bundle: one file, for any Python."""
    program = (files("ledger") / "verifier.py").read_bytes()
    headers = {"Content-Disposition": 'attachment; filename="loft_verifier.py"'}
    return Response(program, media_type="text/x-python; charset=utf-8", headers=headers)


def judged(notary: Notary, written: str) -> Verdict:
    """Whether the ledger begins with what *written* is a checkpoint of: the three lines that
    minutes print, or the signed note."""
    lines = [line.strip() for line in written.splitlines() if line.strip()]
    try:
        head = TreeHead.parse_short("\n".join(lines[:3]))
    except ValueError:
        return Verdict(holds=False, sentence=UNREADABLE)
    size, origin = head.size, head.origin
    if origin != notary.origin:
        return Verdict(False, OTHER, size, origin)
    if any(line.startswith("— ") for line in lines) and not _is_signed(notary, written):
        return Verdict(False, NOT_OURS, size, origin)
    now = notary.tree.grow()
    if size > now:
        return Verdict(False, NEWER, size, origin)
    hashes = notary.tree.consistency_proof(size, now)
    if not is_consistent(size, now, head.root, notary.tree.root(now), hashes):
        return Verdict(False, DIFFERS, size, origin)
    return Verdict(True, HOLDS, size, origin, tuple(one.hex() for one in hashes))


def _is_signed(notary: Notary, written: str) -> bool:
    """Forms send lines that end in CR LF."""
    note = "\n".join(written.strip().splitlines()) + "\n"
    keys = [VerifierKey.parse(one.vkey) for one in notary.listed_keys()]
    try:
        return bool(open_note(note, keys))
    except ValueError:
        return False


def _shown(desk: Desk, written: str = "", verdict: Verdict | None = None) -> Response:
    notary = _notary(desk.request)
    newest = notary.newest()
    checkpoint = newest[1].checkpoint if newest is not None else None
    return shown(
        desk,
        "proof",
        422 if verdict is not None and verdict.sentence == UNREADABLE else 200,
        checkpoint=checkpoint,
        number=newest[0] if newest is not None else None,
        # Made of digits and squares by a library, and of nothing that anybody typed.
        qr=Markup(qr_svg(checkpoint)) if checkpoint is not None else "",  # noqa: S704
        recorded=desk.engine.ledger.size(),
        standing=notary.standing(),
        standings=STANDINGS,
        keys=notary.listed_keys(),
        written=written,
        verdict=verdict,
        key=fresh_key(),
    )


def _notary(request: Request) -> Notary:
    notary: Notary = request.app.state.notary
    return notary

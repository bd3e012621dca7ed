"""`loft verify`, `bundle` and `key rotate`: what shows that nothing was altered."""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from api.console import Data, Municipality, err, fail, installed, opened_in, progress_bar, told
from api.exports import exported
from api.installation import Installation, OpenLedger
from domain.access import EVERY
from domain.case import Case
from ledger import live, verifier
from ledger.bundle import ErasedSince, NothingInIt, NothingSigned, Part, write
from ledger.checkpoints import LedgerBehind, Notary
from ledger.verifier import Outcome, Verdict

key = typer.Typer(help="The key that signs checkpoints.", no_args_is_help=True)

TRIES = 3

Language = Literal["nb", "en"]


commands = typer.Typer()
commands.add_typer(key, name="key")


@commands.command()
def verify(
    bundle: Annotated[Path | None, typer.Argument(help="A bundle. Default: the ledger.")] = None,
    checkpoint: Annotated[
        str | None,
        typer.Option(help="A checkpoint that you kept: a file, the text, or - for standard input."),
    ] = None,
    vkey: Annotated[
        str | None, typer.Option("--key", help="The key that you know the ledger began with.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The verdict as JSON.")] = False,
    language: Annotated[Language, typer.Option(help="In which language.")] = "en",
    accesses: Annotated[
        bool, typer.Option("--accesses", help="The access log instead of the ledger.")
    ] = False,
    data: Data = None,
    municipality: Municipality = None,
) -> None:
    """Check that nothing was altered. Exit 0: intact, 1: altered, 2: it cannot be checked."""
    kept = None if checkpoint is None else _kept(checkpoint)
    if bundle is not None:
        verdict = verifier.verify(bundle, checkpoint=kept, vkey=vkey, language=language)
    else:
        verdict = _verify_ledger(kept, vkey, language, data, municipality, accesses=accesses)
    typer.echo(_as_json(verdict) if as_json else verdict.what)
    raise typer.Exit(verdict.outcome.value)


def _verify_ledger(
    kept: str | None,
    vkey: str | None,
    language: Language,
    data: Path | None,
    municipality: str | None,
    *,
    accesses: bool,
) -> Verdict:
    with (
        installed(data, exit_code=Outcome.UNCHECKED.value) as installation,
        opened_in(installation, municipality) as ledger,
        progress_bar("events") as progress,
    ):
        notary = _notary(installation, ledger, accesses=accesses)
        listed = installation.erasures(ledger.database.schema).all()
        return live.verify(
            notary,
            checkpoint=kept,
            vkey=vkey,
            language=language,
            progress=progress,
            erased=[(one.case_id, one.text_id) for one in listed],
        )


def _notary(installation: Installation, ledger: OpenLedger, *, accesses: bool) -> Notary:
    """Who signs for the ledger, or for its access log."""
    return installation.notary(ledger.accesses.database if accesses else ledger.database)


def _kept(asked: str) -> str:
    """The checkpoint itself, or what stands in the file of that name, or on standard input."""
    if "\n" in asked.strip():
        return asked
    try:
        if asked == "-":
            return typer.get_text_stream("stdin").read()
        return Path(asked).read_bytes().decode("utf-8-sig")
    except (OSError, ValueError):
        fail("The checkpoint cannot be read.", Outcome.UNCHECKED.value)


def _as_json(verdict: Verdict) -> str:
    return json.dumps(
        {
            "ok": verdict.ok,
            "size": verdict.size,
            "position": verdict.position,
            "what": verdict.what,
        },
        ensure_ascii=False,
    )


@commands.command()
def bundle(
    out: Annotated[Path, typer.Argument(help="The file to write.")],
    case: Annotated[str | None, typer.Option(help="Only this case, by its id or number.")] = None,
    first: Annotated[int | None, typer.Option("--from", min=1, help="From this position.")] = None,
    last: Annotated[int | None, typer.Option("--to", min=1, help="To this position.")] = None,
    words: Annotated[bool, typer.Option(help="With the words that people typed.")] = True,
    checkpoint: Annotated[
        str | None, typer.Option(help="One that you kept, to hold a part against later.")
    ] = None,
    accesses: Annotated[
        bool, typer.Option("--accesses", help="Of the access log instead of the ledger.")
    ] = False,
    data: Data = None,
    municipality: Municipality = None,
) -> None:
    """Write a bundle that anybody can check without this ledger: everything, a case or a period."""
    if case is not None and (first or last):
        fail("Either a case or a period, not both.")
    if case is not None and accesses:
        fail("The access log has no cases. Say a period, or nothing.")
    with (
        installed(data) as installation,
        opened_in(installation, municipality) as ledger,
    ):
        part = _part(ledger, case, first, last)
        part = replace(part, kept=None if checkpoint is None else _size(_kept(checkpoint)))
        if words and not accesses:
            exported(ledger, "loft bundle", (EVERY,) if part.case_id is None else (part.case_id,))
        count = _write(_notary(installation, ledger, accesses=accesses), out, part, words)
    err.print(f"{out.name}: {count} events.", highlight=False, markup=False)


def _write(notary: Notary, out: Path, part: Part, words: bool) -> int:
    """Once more where words are erased between the signing and the reading."""
    for attempt in range(TRIES):
        with suppress(LedgerBehind):  # then it ends with what was signed before
            notary.sign(datetime.now(UTC))
        try:
            with progress_bar("events") as progress:
                return write(notary, out, part, words=words, progress=progress)
        except ErasedSince as error:
            if attempt == TRIES - 1:
                fail(told(error))
        except (NothingSigned, NothingInIt) as error:
            fail(told(error))
        except OSError as error:
            fail(f"The file cannot be written: {error.strerror}.")
    raise AssertionError  # the last try has failed or returned


def _size(kept: str) -> int:
    """How many events the checkpoint is over."""
    try:
        lines = [line for line in kept.split("\n") if line.strip()]
        return verifier.TreeHead.parse_short("\n".join(lines[:3])).size
    except ValueError:
        fail("The checkpoint cannot be read.")


def _part(ledger: OpenLedger, case: str | None, first: int | None, last: int | None) -> Part:
    if case is None:
        return Part(first=first or (1 if last else None), last=last)
    case_id = ledger.engine.ledger.case_id(case) or case
    seen = ledger.engine.load(Case, case_id)
    if seen is None:
        fail("There is no such case.")
    return Part(case_id=case_id, number=seen.state.number)


@key.command("rotate")
def rotate(data: Data = None) -> None:
    """Let a new key sign from now on, introduced by the present one. Restart the servers then."""
    with installed(data) as installation:
        if installation.settings.signing_key is not None:
            fail("The key stands in LOFT_SIGNING_KEY, so it cannot be changed from here.")
        installation.rotate_key()
    err.print("A new key signs from now on. Restart the servers.")

"""`loft backup` and `restore`: one file that holds a municipality's ledger, and the way back."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from api.console import Data, Municipality, err, fail, installed, opened_in, progress_bar, told
from api.exports import exported
from api.installation import Installation
from api.restoring import NotSettled, Restored, Restoring, Wishes, accept_loss
from ledger import schema
from ledger.archive import Archive, BackupRefused, BeingWritten
from ledger.backup import write
from ledger.bundle import NothingSigned
from ledger.checkpoints import LedgerBehind, Standing
from ledger.loss import NoList, NothingButABackupHelps, listed_in
from ledger.presence import InUse
from ledger.verifier import Checkpoint, oslo

CLOSED = 3
"""The exit code of a restore that is done, while the ledger takes no writes, or is not signed."""


commands = typer.Typer()


@commands.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where to write the backup.")],
    data: Data = None,
    municipality: Municipality = None,
) -> None:
    """Write a municipality's ledger to one file, also while it is served."""
    with (
        installed(data) as installation,
        opened_in(installation, municipality) as ledger,
    ):
        notary = installation.notary(ledger.database)
        accesses = installation.notary(ledger.accesses.database)
        key = schema.ledgers(installation.owner_url)[ledger.database.schema]
        try:
            exported(ledger, "loft backup")
            for one in (notary, accesses):
                with suppress(LedgerBehind):  # then it ends with what was signed before
                    one.sign(datetime.now(UTC))
            with progress_bar("rows") as progress:
                made = write(
                    notary,
                    accesses,
                    file,
                    municipality=key,
                    at=datetime.now(UTC),
                    progress=progress,
                )
        except (NothingSigned, BeingWritten) as error:
            fail(told(error))
        except OSError as error:
            fail(f"The file cannot be written: {error.strerror}.")
        standing = notary.standing()
    _say(f"{file.name}: {made.size} events.")
    if standing is not Standing.WHOLE:
        _say(f"The ledger does not stand as it was signed ({standing}). See `loft verify`.")


@commands.command()
def restore(
    file: Annotated[Path | None, typer.Argument(help="The backup.")] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Also where there is a ledger, which is kept aside.")
    ] = False,
    accept: Annotated[
        bool, typer.Option("--accept-loss", help="Go on without what was signed and is lost.")
    ] = False,
    erasures: Annotated[
        Path | None, typer.Option(help="A list of erasures, beside the one in the data directory.")
    ] = None,
    data: Data = None,
    municipality: Municipality = None,
) -> None:
    """Put a backup back, once it is checked. Exit 0: done, 1: nothing was changed, 3: done, but
    not all is well."""
    if file is None and not accept:
        fail("Which backup? Say its file.")
    with installed(data) as installation:
        try:
            listed = listed_in(erasures) if erasures is not None else []
            if file is None:
                lost = accept_loss(installation, installation.choose(municipality), listed)
                _say(f"The loss of {_events(lost)} is accepted, and the ledger open.")
                return
            wishes = Wishes(replace=replace, accept_loss=accept, listed=listed)
            restored = _put_back(installation, file, municipality, wishes)
        except (InUse, NoList, NothingButABackupHelps, BackupRefused) as error:
            fail(str(error) or told(error))
        except NotSettled as error:
            fail(told(error), CLOSED)
    _tell(restored, accepted=accept)


def _put_back(
    installation: Installation, file: Path, municipality: str | None, wishes: Wishes
) -> Restored:
    with Archive(file) as archive:
        asked, there = municipality or installation.settings.municipality, archive.manifest
        if asked not in {None, there.municipality}:
            fail(f"This is a backup of {there.municipality or 'a municipality without a name'}.")
        return Restoring(installation, archive, wishes, progress_bar).run()


def _tell(restored: Restored, *, accepted: bool) -> None:
    size = restored.manifest.size
    _say(f"{restored.manifest.municipality or restored.manifest.ledger}: {_events(size)} put back.")
    for name in restored.kept_as:
        _say(f"What was there is kept in the schema {name} until you drop it.")
    if restored.dropped:
        _say(f"It holds {_events(restored.dropped)} that the backup does not.")
    if restored.lost_accesses:
        _say(f"The access log lacks {restored.lost_accesses} accesses that were signed.")
    if restored.erased:
        _say(f"Erased again, since they had been erased: {restored.erased} texts.")
    if restored.promised is not None and not accepted:
        _closed(restored.promised, size)
    if restored.standing is Standing.KEY_UNKNOWN:
        _say(
            "The key here is not the one that signs this ledger: bring signing-key.pem. Until "
            "then nothing is signed."
        )
        raise typer.Exit(CLOSED)


def _closed(promised: Checkpoint, size: int) -> NoReturn:
    lost, when = promised.size - size, oslo(promised.signed_at)
    _say(
        f"Lost: {_events(lost)}, by the checkpoint of {promised.size} events that was signed "
        f"{when:%Y-%m-%d %H:%M}. The ledger can be read, and takes no writes: put a newer backup "
        "back, or accept the loss with `loft restore --accept-loss`."
    )
    raise typer.Exit(CLOSED)


def _events(count: int) -> str:
    return f"{count} event" if count == 1 else f"{count} events"


def _say(sentence: str) -> None:
    err.print(sentence, highlight=False, markup=False)

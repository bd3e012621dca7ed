"""`loft import`: a municipality's file into its ledger."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress as ProgressBar

from api.console import Data, Municipality, err, fail, installed
from api.gate import Gate, found_gate
from api.import_gate import hits, in_keys
from api.imported import FileRefused, MunicipalityFile, parse
from api.importing import Importer
from api.installation import Installation, OpenLedger
from api.notary import look
from ledger.recorder import POLL
from ledger.structure import slug
from projections.follow import Fenced
from projections.place import followed

commands = typer.Typer()


@commands.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A municipality's file.")],
    data: Data = None,
    municipality: Municipality = None,
) -> None:
    """Take in a municipality's structure, focus areas and matters. A repeat changes nothing."""
    try:
        content = file.read_bytes()
    except OSError as error:
        fail(f"The file cannot be read: {error.strerror}.")
    with installed(data) as installation:
        try:
            parsed = parse(content)
        except FileRefused as error:
            fail(str(error))
        _tell_hits(parsed, found_gate(installation.settings.listed))
        import_into(installation, installation.claim(key_of(parsed, municipality)), parsed)


def key_of(file: MunicipalityFile, asked: str | None) -> str:
    """The key of the municipality that *file* is of, which must be the one *asked* for, if any."""
    key = slug(file.municipality.name)
    if not key:
        fail("The municipality's name holds no letter that a key can be made of.")
    if asked not in {None, key}:
        fail(f"This is the file of the municipality {key}.")
    return key


def import_into(
    installation: Installation, chosen: str, file: MunicipalityFile, *, once: bool = False
) -> None:
    """Returns when the views have caught up. *once*: what came in whole is not looked at again,
    so that what people have changed since stays as it is."""
    with installation.ledger(chosen) as ledger, ProgressBar(console=err) as bar:
        ledger.presence.hold()
        notary = installation.notary(ledger.database)
        look(ledger.engine, notary)
        importer = Importer(ledger.engine, file, installation.secret)
        before = ledger.engine.ledger.size()
        steps = [] if once and importer.is_done else list(importer.steps())
        for step in bar.track(steps, description=file.municipality.name):
            step()
        size = ledger.engine.ledger.size()
        _wait_for_views(ledger, size)
        if steps:
            notary.sign(datetime.now(UTC))
        err.print(f"{file.municipality.name}: added {size - before}, {size} events in all.")


def _tell_hits(file: MunicipalityFile, gate: Gate) -> None:
    """A published report is quoted as it stands, so what may point at a person stops nothing: it
    is told, and whoever imports the file judges. Keys quote nothing."""
    found, keys = hits(file, gate), in_keys(file, gate)
    gate.close()
    if keys:
        fail(f"These keys point out a person, and keys cannot be erased: {', '.join(keys[:20])}.")
    if found:
        err.print(
            f"{len(found)} texts of this file may point out a person: {'; '.join(found[:20])}. "
            "They are taken in as they stand. Look at them, and erase what does.",
            highlight=False,
            markup=False,
        )


def _wait_for_views(ledger: OpenLedger, position: int) -> None:
    """Follow, unless another process does."""
    while ledger.database.read(followed) < position:
        try:
            ledger.follower.catch_up()
        except Fenced:
            time.sleep(POLL)

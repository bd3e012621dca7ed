"""`loft rebuild` and `status`: the views, and how far they are."""

from typing import Annotated

import typer
from rich.progress import Progress as ProgressBar

from api.console import Data, Municipality, err, fail, installed, opened
from ledger import schema
from projections import VIEWS
from projections.build import Builder
from projections.place import followed

commands = typer.Typer()


@commands.command()
def rebuild(
    view: Annotated[str | None, typer.Argument(help="Only this view.")] = None,
    data: Data = None,
    municipality: Municipality = None,
) -> None:
    """Build the views anew beside those in use, compare, and switch. Readers go on meanwhile."""
    chosen = [v for v in VIEWS if view in {None, v.name}]
    if not chosen:
        fail(f"There is no such view. The views: {', '.join(v.name for v in VIEWS)}.")
    with opened(data, municipality) as ledger:
        for one in chosen:
            with ProgressBar(console=err) as bar:
                task = bar.add_task(one.name, total=None)
                differing = Builder(ledger.engine.ledger, one).build(
                    lambda position, goal: bar.update(task, completed=position, total=goal)  # noqa: B023
                )
            typer.echo(f"{one.name}: {_compared(differing)}")


@commands.command()
def status(data: Data = None, municipality: Municipality = None) -> None:
    """List the municipalities here: how many events, how far the views are, what is parked."""
    with installed(data) as installation:
        for chosen, key in schema.ledgers(installation.owner_url).items():
            if municipality not in {None, key}:
                continue
            with installation.ledger(chosen) as ledger:
                size = ledger.engine.ledger.size()
                position = ledger.database.read(followed)
                ((parked,),) = ledger.database.rows("SELECT count(*) FROM parked")
                typer.echo(f"{key or '(none imported yet)'}\t{size} events\tviews at {position}\t"
                           f"{parked} parked")  # fmt: skip


def _compared(differing: int | None) -> str:
    if differing is None:
        return "built"
    return "rebuilt, and the same" if differing == 0 else f"rebuilt; {differing} rows differ"

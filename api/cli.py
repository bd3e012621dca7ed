"""The command line `loft`. Each command is loaded when it is asked for: most need a small part of
what a server needs, and whoever asks for one waits for the rest."""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

COMMANDS = {
    "demo": "cli_serve",
    "serve": "cli_serve",
    "deliver": "cli_serve",
    "import": "cli_import",
    "rebuild": "cli_views",
    "status": "cli_views",
    "verify": "cli_proof",
    "bundle": "cli_proof",
    "key": "cli_proof",
    "backup": "cli_backup",
    "restore": "cli_backup",
    "token": "cli_token",
}
"""In the order in which they are listed, and where each one is."""


class _OnDemand(TyperGroup):
    def list_commands(self, ctx: object) -> list[str]:  # noqa: ARG002 - the same for everybody
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401 - Typer's own, not named
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"api.{COMMANDS[cmd_name]}")
        return get_group(module.commands).get_command(ctx, cmd_name)


main = typer.Typer(
    cls=_OnDemand,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # they show what variables hold
)


@main.callback()
def loft() -> None:
    """Løft: case escalation for the SLT model."""


if __name__ == "__main__":
    main()

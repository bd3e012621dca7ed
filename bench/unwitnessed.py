"""`loft` that shows words without writing down to whom: what the access log is measured beside."""

from typing import Any

from api.cli import main
from api.desk import Desk


def _write_nothing(*_: Any, **__: Any) -> None:  # noqa: ANN401 - whatever `Desk.shows` takes
    """There is no log."""


Desk.shows = _write_nothing  # type: ignore[method-assign]
main()

"""`loft` that shows words without writing down to whom: what the access log is measured beside."""

from typing import Any

from api.cli import main
from ledger.accesses import AccessLog


def _write_nothing(*_: Any, **__: Any) -> None:  # noqa: ANN401 - whatever `AccessLog.write` takes
    """There is no log."""


AccessLog.write = _write_nothing  # type: ignore[method-assign]
main()

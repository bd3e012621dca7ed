"""One busy town a run, copied for each test."""

from collections.abc import Iterator

import pytest

from ledger import schema
from tests.conftest import SCHEMA, WRITER, Server
from tests.lives import Town
from tests.projections.busy import make_busy


@pytest.fixture(scope="session")
def busy_template(server: Server) -> str:
    def fill(name: str) -> None:
        schema.migrate(server.url(name, "postgres"), SCHEMA, WRITER)
        with server.opened(name) as ledger:
            make_busy(ledger)

    return server.template("template_busy", fill)


@pytest.fixture
def busy(server: Server, busy_template: str) -> Iterator[Town]:
    """The town of `busy.py`, of which no view knows anything yet."""
    name = server.copy(busy_template)
    with server.opened(name) as ledger:
        yield Town(ledger)
    server.drop(name)


@pytest.fixture
def followed(busy: Town) -> Town:
    """The same, with all views caught up."""
    busy.ledger.follower.catch_up()
    return busy

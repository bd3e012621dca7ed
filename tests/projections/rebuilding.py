"""Holding the views that were followed against ones that are built anew."""

from typing import Any

from psycopg import sql

from api.installation import OpenLedger
from projections import VIEWS
from projections.build import Builder


def tables(ledger: OpenLedger) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of every view, as they stand, in an order of their own."""
    with ledger.database.connection() as connection:
        return {
            view.name: sorted(
                connection.execute(
                    sql.SQL("SELECT v::text FROM {} AS v").format(sql.Identifier(view.name))
                ).fetchall()
            )
            for view in VIEWS
        }


def rebuilt(ledger: OpenLedger) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of every view once each was built anew and took its place."""
    for view in VIEWS:
        Builder(ledger.engine.ledger, view).build()
    return tables(ledger)


def assert_views_equal_a_rebuild(ledger: OpenLedger) -> None:
    followed = tables(ledger)
    anew = rebuilt(ledger)
    for name, rows in followed.items():
        assert rows == anew[name], name

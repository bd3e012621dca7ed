"""Which matters came before which organ in a year: those raised in the teams, and those of the
coordinating organs."""

from collections.abc import Mapping
from typing import LiteralString

from domain.terms import AnnualSection
from ledger.database import Database
from projections.annual_facts import MatterFact
from projections.view import at

_THERE: LiteralString = (
    "FROM matters WHERE year = %(year)s AND position <= %(as_of)s "
    "AND (undone_by IS NULL OR undone_by > %(as_of)s) "
)
_CAME: Mapping[AnnualSection, LiteralString] = {
    AnnualSection.IN_THE_TEAMS: "SELECT position, case_id, organ "
    + _THERE
    + "AND level = 'executing' AND how = 'CaseRaised'",
    AnnualSection.IN_THE_GROUP: "SELECT DISTINCT ON (organ, case_id) position, case_id, organ "
    + _THERE
    + "AND level = 'coordinating' ORDER BY organ, case_id, position",
}
"""To the group by when each first came there in the year."""
_TITLE: Mapping[AnnualSection, LiteralString] = {
    AnnualSection.IN_THE_TEAMS: "s.state -> 'title'",
    AnnualSection.IN_THE_GROUP: "coalesce(s.state -> 'titles_there' -> p.organ, "
    "s.state -> 'title')",
}


def came_before(
    database: Database, section: AnnualSection, year: int, as_of: int, most: int | None
) -> tuple[MatterFact, ...]:
    """The matters of a section, in the order in which they came; with *most*, the first so many of
    each organ. A title lies in a wide column, which is read of those alone: by LIMIT 1 the planner
    goes from one to the next, since it cannot tell how few there are."""
    placed: LiteralString = (
        "SELECT position, case_id, organ, row_number() OVER "
        "(PARTITION BY organ ORDER BY position) AS place FROM (" + _CAME[section] + ") came"
    )
    rows = database.rows(
        "SELECT p.position, p.case_id, s.number, p.organ, CASE WHEN NOT s.restricted THEN "
        + _TITLE[section]
        + " END FROM ("
        + placed
        + ") p CROSS JOIN LATERAL (SELECT number, restricted, state FROM case_status "
        "WHERE case_id = p.case_id AND " + at(0) + " LIMIT 1) s "
        "WHERE p.place <= %(most)s ORDER BY p.position",
        year=year,
        as_of=as_of,
        most=most if most is not None else 2**62,
    )
    return tuple(
        MatterFact(position=position, case=case, number=number, organ=organ, title=title)
        for position, case, number, organ, title in rows
    )


def how_many(database: Database, year: int, as_of: int) -> dict[AnnualSection, dict[str, int]]:
    """How many matters each section tells of each organ."""
    return {
        section: dict(
            database.rows(
                "SELECT organ, count(*) FROM (" + came + ") came GROUP BY organ ORDER BY organ",
                year=year,
                as_of=as_of,
            )
        )
        for section, came in _CAME.items()
    }

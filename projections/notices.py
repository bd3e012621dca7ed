"""What people are told of, without words: for whom, of which entry."""

from collections.abc import Iterator, Sequence

from psycopg import sql
from pydantic import BaseModel, ConfigDict

from domain.case import Case, GlassBroken
from ledger.database import Connection, Database
from ledger.recorder import ENTRY, entry
from ledger.stored import Entry
from projections.view import Change, View


class Notices(View):
    """A row for each person and each entry that they are told of."""

    name = "notices"
    ddl = """
        CREATE TABLE {table} (
            recipient text COLLATE "C" NOT NULL,
            position bigint NOT NULL,
            PRIMARY KEY (recipient, position)
        );
    """

    def write(
        self, connection: Connection, table: sql.Identifier, changes: Sequence[Change]
    ) -> None:
        into = sql.SQL("COPY {table} FROM STDIN").format(table=table)
        told = [row for change in changes for row in _told(change)]
        if told:
            with connection.cursor() as cursor, cursor.copy(into) as copy:
                for row in told:
                    copy.write_row(row)


def _told(change: Change) -> Iterator[tuple[str, int]]:
    """Everyone who is named on a restricted case hears of it when its glass is broken."""
    if isinstance(change.event, GlassBroken) and isinstance(change.before, Case):
        for person in change.before.restricted_to or ():
            yield person, change.position


class Notice(BaseModel):
    """An entry that somebody is told of, with the number of its case."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    entry: Entry
    number: str | None


def notices(
    database: Database, recipient: str, *, as_of: int, after: int = 0, limit: int = 100
) -> list[Notice]:
    """What *recipient* had been told *as_of* a position, oldest first, after position *after*."""
    rows = database.rows(
        "SELECT "
        + ENTRY
        + """, r.data ->> 'number'
        FROM notices n JOIN events e USING (position)
        LEFT JOIN events r ON r.stream_id = e.stream_id AND r.version = 1
        WHERE n.recipient = %(recipient)s AND n.position > %(after)s AND n.position <= %(as_of)s
        ORDER BY n.position LIMIT %(limit)s
        """,
        recipient=recipient,
        after=after,
        as_of=as_of,
        limit=limit,
    )
    return [Notice(entry=entry(row[:-1]), number=row[-1]) for row in rows]

"""Which cases have which words, as far as the words still stand."""

from collections.abc import Sequence

from psycopg import sql

from domain.case import Case
from domain.entries import TextErased
from ledger.database import Connection, Database
from ledger.texts import texts_in
from projections.view import Change, View


class Search(View):
    """A row for each text of a case: its words as PostgreSQL looks them up. Whoever asks joins
    `texts`, so that erased words are found no more, however far the views are."""

    name = "search"
    version = 2
    ddl = """
        CREATE TABLE {table} (
            text_id uuid PRIMARY KEY,
            case_id text COLLATE "C" NOT NULL,
            position bigint NOT NULL,
            lexemes tsvector NOT NULL
        );
        CREATE INDEX ON {table} USING gin (lexemes);
        CREATE INDEX ON {table} (case_id);
        ALTER TABLE {table} ALTER lexemes SET STATISTICS 0;
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        CREATE POLICY reader ON {table} FOR SELECT TO loft_reader
            USING ((SELECT all_are_read()) OR is_read(case_id));
        GRANT SELECT ON {table} TO loft_reader;
    """

    def write(
        self, connection: Connection, table: sql.Identifier, changes: Sequence[Change]
    ) -> None:
        own = [change for change in changes if change.is_own and isinstance(change.after, Case)]
        connection.execute(
            sql.SQL(
                "INSERT INTO {table} "
                "SELECT id, stream_id, position, to_tsvector('norwegian', words) "
                "FROM texts WHERE id = ANY(%s::uuid[])"
            ).format(table=table),
            (texts_in([change.entry for change in own]),),
        )
        erased = [change.event.text_id for change in own if isinstance(change.event, TextErased)]
        if erased:
            connection.execute(
                sql.SQL("DELETE FROM {table} WHERE text_id = ANY(%s::uuid[])").format(table=table),
                (erased,),
            )


FEW = 1_000
"""Texts with a word that are looked up by the word; with more, the cases are gone through."""


def cases_with(database: Database, words: str) -> list[str] | None:
    """The ids of the cases with *words*, where those are rare; None where they are not. The planner
    cannot tell, since it does not know the words when it plans.

    Asked of the whole *database*, past its bounds: within them the index could not be used, since
    looking up a word is not leakproof. Whoever asks shows none of these cases without asking for
    it within the bounds.
    """
    rows = database.rows(
        "SELECT case_id FROM search WHERE lexemes @@ websearch_to_tsquery('norwegian', %(q)s) "
        "LIMIT %(most)s",
        q=words,
        most=FEW + 1,
    )
    return None if len(rows) > FEW else list({case_id for (case_id,) in rows})


def among(database: Database, words: str, cases: Sequence[str]) -> list[str]:
    """Those of *cases* that have *words*. Asked past the bounds, as `cases_with`."""
    rows = database.rows(
        "SELECT DISTINCT case_id FROM search WHERE case_id = ANY(%(cases)s) "
        "AND lexemes @@ websearch_to_tsquery('norwegian', %(q)s) ORDER BY case_id",
        q=words,
        cases=list(cases),
    )
    return [case_id for (case_id,) in rows]

"""What one would write without Løft: an endpoint that updates a row and keeps a history of it.

`python -m bench.plain_app URL --port PORT`
"""

import argparse
from datetime import datetime
from typing import Any, LiteralString

import uvicorn
from fastapi import FastAPI, HTTPException
from psycopg import Connection
from psycopg.rows import DictRow, dict_row
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool
from pydantic import BaseModel

from ledger.database import POOL

Rows = Connection[DictRow]

TABLES: tuple[LiteralString, ...] = (
    """
    CREATE TABLE plain_cases (
        id text PRIMARY KEY, number text UNIQUE, title text, description text, status text,
        level text, holder text, raised_by text, themes text[], focus_area text,
        prevention_level text, area text, ages int[], service text, assignments jsonb,
        measures jsonb, answers jsonb, answer_owed text[], links jsonb, outcome text,
        merged_into text, raised_at timestamptz, source text, last_recorded_at timestamptz,
        closed_at timestamptz, paused_since timestamptz, version int
    )
    """,
    "CREATE INDEX ON plain_cases (status)",
    """
    CREATE TABLE plain_history (
        id bigserial PRIMARY KEY, case_id text REFERENCES plain_cases, version int, actor text,
        what text, details jsonb, at timestamptz
    )
    """,
    "CREATE INDEX ON plain_history (case_id, version)",
    """
    INSERT INTO plain_cases SELECT 'case-' || n, '2026-' || n, 'Choking game', NULL, 'raised',
        'executing', 'vestre-13-16', 'vestre-13-16', '{rus}', NULL, NULL, NULL, '{13,16}', NULL,
        '[]', '[]', '[]', '{}', '[]', NULL, NULL, now(), 'entered', now(), NULL, NULL, 1
    FROM generate_series(1, 1000) n
    """,
)


class Discussion(BaseModel):
    summary: str
    conclusion: str
    decision: str | None = None


class CaseOut(BaseModel):
    id: str
    number: str
    title: str
    description: str | None
    status: str
    level: str
    holder: str
    raised_by: str
    themes: list[str]
    focus_area: str | None
    prevention_level: str | None
    area: str | None
    ages: tuple[int, int] | None
    service: str | None
    assignments: list[dict[str, Any]]
    measures: list[dict[str, Any]]
    answers: list[dict[str, Any]]
    answer_owed: list[str]
    links: list[dict[str, Any]]
    outcome: str | None
    merged_into: str | None
    raised_at: datetime
    source: str
    last_recorded_at: datetime
    closed_at: datetime | None
    paused_since: datetime | None
    version: int


_UPDATE: LiteralString = (
    "UPDATE plain_cases SET status = 'discussed', version = version + 1, "
    "last_recorded_at = now() WHERE id = %s RETURNING *"
)
_INSERT: LiteralString = (
    "INSERT INTO plain_history (case_id, version, actor, what, details, at) "
    "VALUES (%s, %s, 'me', 'discussed', %s, now())"
)


def create_app(url: str) -> FastAPI:
    """As many connections as Løft reads with, and every endpoint a plain function."""
    pool = ConnectionPool(
        url, connection_class=Rows, max_size=POOL, kwargs={"row_factory": dict_row}, open=True
    )
    app = FastAPI()

    @app.post("/api/cases/{case}/discussions", status_code=201)
    def discuss(case: str, body: Discussion) -> CaseOut:
        with pool.connection() as connection:
            row = connection.execute(_UPDATE, (case,)).fetchone()
            if row is None:
                raise HTTPException(404)
            connection.execute(_INSERT, (case, row["version"], Jsonb(body.model_dump())))
        return CaseOut.model_validate(row)

    @app.get("/healthz")
    def alive() -> dict[str, str]:
        return {"status": "alive"}

    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--port", type=int)
    given = parser.parse_args()
    uvicorn.run(create_app(given.url), port=given.port, log_config=None, access_log=False)

"""Whether the server is alive and ready, and its metrics."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from api.gate import Name as GateName
from api.installation import OpenLedger
from api.observe import Measures
from api.problems import declared
from api.worker import Worker
from ledger.checkpoints import Standing
from ledger.database import Connection, Unavailable
from ledger.schema import is_current
from projections.outbox import how_many
from projections.place import followed

router = APIRouter(tags=["health"])

LAG = 1_000
"""Positions that the views may be behind, once they have caught up, and still count as ready."""


class Ready(BaseModel):
    """`standing`: whether the ledger still holds what was signed before; unless it does, nothing
    can be recorded. `access_log`: the same of the access log; unless it does, no words are shown.
    `parked`: cases whose events a view could not take in. They are served as they were before; all
    others go on. `personal_data_gate`: by what the gate tells names from words. `notices_waiting`:
    how many wait to be sent by now; `notices_stuck`: how many were given up or held back."""

    ready: bool
    database: bool
    migrated: bool
    ledger_size: int | None = None
    views_position: int | None = None
    views_problem: str | None = None
    parked: list[str] = []
    notices_waiting: int | None = None
    notices_stuck: int | None = None
    guarded: bool
    standing: Standing | None = None
    access_log: Standing | None = None
    personal_data_gate: GateName | None = None


@router.get("/healthz")
async def alive() -> dict[str, str]:
    """Alive."""
    return {"status": "alive"}


@router.get("/readyz", response_model=Ready, responses={503: {"model": Ready}})
def ready(request: Request) -> Response:
    """Ready: the database is there and migrated, and the views have caught up."""
    state = request.app.state
    found = _look(state.ledger, state.worker, guarded=state.guarded)
    found.standing = state.sealing.standing
    found.personal_data_gate = state.gate.name
    found.access_log = state.witnessing.standing
    found.ready = found.ready and found.standing is found.access_log is Standing.WHOLE
    return JSONResponse(found.model_dump(), 200 if found.ready else 503)


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}, **declared(503)},
)
def metrics(request: Request) -> Response:
    """Prometheus metrics."""
    measures: Measures = request.app.state.measures
    found = _look(request.app.state.ledger, request.app.state.worker, guarded=True)
    measures.size.set(found.ledger_size or 0)
    measures.followed.set(found.views_position or 0)
    measures.parked.set(len(found.parked))
    measures.waiting.set(found.notices_waiting or 0)
    measures.stuck.set(found.notices_stuck or 0)
    return Response(generate_latest(measures.registry), media_type=CONTENT_TYPE_LATEST)


def _look(ledger: OpenLedger, worker: Worker, *, guarded: bool) -> Ready:
    def look(connection: Connection) -> dict[str, Any]:
        size = connection.execute("SELECT size FROM head").fetchone()
        parked = connection.execute(
            "SELECT coalesce(e.data ->> 'number', p.stream_id) FROM parked p LEFT JOIN events e "
            "ON e.stream_id = p.stream_id AND e.version = 1 AND e.name = 'CaseRaised' ORDER BY 1"
        ).fetchall()
        waiting, stuck = how_many(connection)
        return {
            "notices_waiting": waiting,
            "notices_stuck": stuck,
            "migrated": is_current(connection),
            "ledger_size": size[0] if size else 0,
            "views_position": followed(connection),
            "parked": [row[0] for row in parked],
        }

    try:
        found = ledger.database.read(look)
    except Unavailable:
        return Ready(ready=False, database=False, migrated=False, guarded=guarded)
    behind = found["ledger_size"] - found["views_position"]
    caught_up = worker.caught_up and behind <= LAG and worker.problem is None
    return Ready(
        ready=found["migrated"] and caught_up,
        database=True,
        views_problem=worker.problem,
        guarded=guarded,
        **found,
    )

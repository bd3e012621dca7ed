"""A whole command over HTTP, beside a plain FastAPI endpoint; both in one uvicorn process."""

import orjson

from api import kept_tokens
from bench import load, plain_app
from bench.bed import OWNER, Bed
from bench.figures import Aim, Figure, compared, take_turns
from bench.load import Job
from bench.served import Served, loft, served
from bench.wire import Line
from domain.actor import Role

DISCUSSION = orjson.dumps(
    {
        "summary": "Teamet ser det samme på to skoler til, og snakker med foreldrene. " * 3,
        "conclusion": "continue",
    }
).decode()
"""A body of about 250 bytes."""
_CLIENTS = (1, 8, 32)
_SECONDS = 1.5
_CASES = 2
"""Cases of each client's own."""


def run(bed: Bed) -> list[Figure]:
    database = bed.create("http")
    bed.own(database, *plain_app.TABLES)
    url, log = bed.url(database, OWNER) + "&options=-csearch_path%3Dmunicipality", bed.folder
    with (
        loft(bed, database) as ours,
        served("bench.plain_app", url, log=log / "plain.log", ready="/healthz") as plain,
    ):
        token = token_for(bed, database)
        cases = raise_cases(ours, token, max(_CLIENTS) * _CASES)
        rows = [f"case-{n + 1}" for n in range(len(cases))]
        return [_compare(clients, (ours, cases), (plain, rows), token) for clients in _CLIENTS]


def token_for(bed: Bed, database: str) -> str:
    with bed.opened(database) as ledger:
        return kept_tokens.create_token(ledger.database, "bench", Role.COORDINATOR)


def raise_cases(server: Served, token: str, how_many: int) -> list[str]:
    """New cases of one team, by id."""
    body = {"raised_by": "vestre-13-16", "title": "Choking game", "themes": ["rus"]}
    with Line(server.port, token) as line:
        return [line.json("POST", "/api/cases", body)["id"] for _ in range(how_many)]


def discussions(cases: list[str], clients: int) -> list[list[str]]:
    """The paths at which each client discusses cases that no other client touches."""
    return [[f"/api/cases/{c}/discussions" for c in cases[n::clients]] for n in range(clients)]


def _compare(
    clients: int, ours: tuple[Served, list[str]], theirs: tuple[Served, list[str]], token: str
) -> Figure:
    def rate(server: Served, cases: list[str]) -> float:
        paths = discussions(cases[: clients * _CASES], clients)
        return load.put(Job(server.port, token, paths, DISCUSSION, _SECONDS)).rate

    reached = take_turns({"ours": lambda: rate(*ours), "plain": lambda: rate(*theirs)})
    what = f"POST …/discussions, {clients} client{'s' if clients > 1 else ''} : plain FastAPI"
    return compared(what, reached["ours"], reached["plain"], "/s", Aim(at_least=0.8))

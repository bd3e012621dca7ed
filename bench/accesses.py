"""What it costs to write down who is shown the words of cases: reads with the log and without."""

from bench import load
from bench.bed import Bed
from bench.figures import Aim, Figure, compared, take_turns
from bench.http import raise_cases, token_for
from bench.load import Job
from bench.served import Served, loft, served

_CLIENTS = (1, 8, 32)
_SECONDS = 2.0
_CASES = 64


def run(bed: Bed) -> list[Figure]:
    database = bed.create("accesses")
    settings, log = bed.settings(database), bed.folder / "unwitnessed.log"
    with (
        loft(bed, database) as ours,
        served("bench.unwitnessed", "serve", log=log, settings=settings) as bare,
    ):
        token = token_for(bed, database)
        cases = [f"/api/cases/{case}" for case in raise_cases(ours, token, _CASES)]
        return [
            _compare(what, paths, clients, (ours, bare), token)
            for what, paths in {
                "GET …/{case}": cases,
                "GET …/history": [f"{path}/history" for path in cases],
                "GET /api/cases, 20 of them": ["/api/cases?limit=20"],
            }.items()
            for clients in _CLIENTS
        ]


def _compare(
    what: str, paths: list[str], clients: int, servers: tuple[Served, Served], token: str
) -> Figure:
    def rate(server: Served) -> float:
        asked = [paths[n % len(paths) :: clients] or paths for n in range(clients)]
        return load.put(Job(server.port, token, asked, "", _SECONDS, method="GET")).rate

    ours, bare = servers
    reached = take_turns({"ours": lambda: rate(ours), "bare": lambda: rate(bare)})
    who = f"{clients} client{'s' if clients > 1 else ''}"
    title = f"{what}, {who} : without an access log"
    return compared(title, reached["ours"], reached["bare"], "/s", Aim(at_least=0.8))

"""The pages over HTTP, with ten thousand cases: how long the server takes for each first view, for
a coordinator and for everybody else who sees it."""

import re
import time
from datetime import datetime, timedelta
from html import unescape
from urllib.parse import urlsplit

import httpx

from api.demo import GUESTS
from bench.bed import Bed
from bench.figures import Aim, Figure, percentile
from bench.reads import build
from bench.served import served
from domain.event import OSLO

CASES = 10_000
_ASKED = 60
_WARM = 5
_LARGEST = 150
"""Kilobytes over the wire, with all that the page needs."""
_WHO = ("coordinator", "member", "board member", "auditor", "administrator", "statistician")
"""The guests, in their order."""
_PAGES = {
    "start": "/",
    "cases": "/cases",
    "cases, a search": "/cases?q=hasj",
    "cases by level": "/cases?view=lanes",
    "a case": "/cases/{case}",
    "a case as it was": "/cases/{case}?as_of={then}",
    "raise": "/raise",
    "decisions": "/decisions",
    "a search in the decisions": "/decisions?q=hasj",
    "deadlines": "/waiting",
    "answers owed": "/waiting/answers",
    "orders": "/orders",
    "a new order": "/orders/new",
    "meetings": "/meetings",
    "a meeting": "{meeting}",
    "an item of it, about a case": "{meeting}?item=1",
    "its papers": "{meeting}/pack",
    "notices": "/notices",
    "accesses": "/accesses",
    "overview": "/reports",
    "flow": "/reports/flow",
    "channels": "/reports/channels",
    "measures": "/reports/measures",
    "the entries of a number": "{entries}",
    "the years' reports": "/reports/annual",
    "a year's draft": "/reports/annual/{year}",
    "a year that is frozen": "{frozen}",
    "proof": "/proof",
    "structure": "/structure",
    "an organ": "/structure/organs/koordineringsgruppen",
    "people": "/structure/people",
    "services": "/structure/services",
    "the plan": "/structure/plan",
    "the policy": "/structure/policy",
    "the municipality": "/structure/municipality",
    "who is let in": "/structure/credentials",
    "help": "/help",
    "oneself": "/me",
}


def run(bed: Bed) -> list[Figure]:
    build(bed, CASES)
    database = f"reads_{CASES}"
    log, settings = bed.folder / "pages.log", bed.settings(database)
    with (
        served("api.cli", "demo", log=log, settings=settings) as server,
        httpx.Client(base_url=f"http://127.0.0.1:{server.port}", follow_redirects=True) as client,
    ):
        cookies = _sign_in(client, next(iter(GUESTS)))
        bed.wait_for_the_clock(database)
        places = _places(client, cookies)
        took = {
            who: _took(client, person, places) for person, who in zip(GUESTS, _WHO, strict=True)
        }
        heaviest = _heaviest(client, cookies, places)
    own = took.pop(_WHO[0])
    return [
        *(_figure(name, ms) for name, ms in own.items()),
        *(_slowest(who, its) for who, its in took.items()),
        heaviest,
    ]


def _figure(what: str, ms: float) -> Figure:
    return Figure(
        f"page: {what}, {CASES:,} cases, p95 : 100 ms", ms, "ms", 100, ms / 100, Aim(at_most=1)
    )


def _slowest(who: str, took: dict[str, float]) -> Figure:
    name = max(took, key=lambda one: took[one])
    return _figure(f"{who}'s slowest of {len(took)}, {name}", took[name])


def _heaviest(client: httpx.Client, cookies: dict[str, str], places: dict[str, str]) -> Figure:
    """Of a coordinator's pages: what comes over the wire at the first view, with all it needs."""
    weighed = dict[str, int]()

    def weight(path: str) -> int:
        if path not in weighed:
            weighed[path] = client.get(path, headers=cookies).num_bytes_downloaded
        return weighed[path]

    def first_view(path: str) -> int:
        needed = set(re.findall(r'="(/static/[^"]+)"', client.get(path, headers=cookies).text))
        return weight(path) + sum(map(weight, needed))

    sizes = {name: first_view(path.format_map(places)) / 1000 for name, path in _PAGES.items()}
    name = max(sizes, key=lambda one: sizes[one])
    return Figure(f"page: the heaviest first view, {name} : {_LARGEST} kB", sizes[name], "kB",
                  _LARGEST, sizes[name] / _LARGEST, Aim(at_most=1))  # fmt: skip


def _took(client: httpx.Client, person: str, places: dict[str, str]) -> dict[str, float]:
    """Milliseconds, p95, of each page that this person is let in to."""
    cookies = _sign_in(client, person)
    paths = {name: path.format_map(places) for name, path in _PAGES.items()}
    return {
        name: _p95(client, path, cookies)
        for name, path in paths.items()
        if client.get(path, headers=cookies, follow_redirects=False).status_code == 200
    }


def _places(client: httpx.Client, cookies: dict[str, str]) -> dict[str, str]:
    """What the addresses lead to: a case, an earlier moment of it, a meeting with that case on its
    agenda, the entries that a number counts, and two years."""

    def page(path: str) -> str:
        return client.get(path, headers=cookies).text

    number = re.findall(r"/cases/(\d{4}-\d{4,})", page("/cases"))[-1]
    return {
        "case": number,
        "then": re.findall(r"as_of=(\d+)", page(f"/cases/{number}"))[0],
        "meeting": _convene(client, cookies, page("/meetings"), number),
        "entries": unescape(re.findall(r'href="(/reports/\w+/entries[^"]*)"', page("/reports"))[0]),
        "year": number[:4],
        "frozen": _freeze(client, cookies, page("/reports/annual/2016"), "/reports/annual/2016"),
    }


def _convene(client: httpx.Client, cookies: dict[str, str], page: str, case: str) -> str:
    """The address of a new meeting that *case* is on the agenda of."""
    secrets = _secrets(page)
    begun = f"{datetime.now(OSLO) - timedelta(hours=1):%Y-%m-%dT%H:%M}"
    convened = secrets | {"organ": "koordineringsgruppen", "starts_at": begun, "place": "Rådhuset"}
    answer = client.post("/meetings", data=convened, headers=cookies, follow_redirects=False)
    meeting = urlsplit(answer.headers["Location"]).path
    item = secrets | {"key": f"{secrets['key']}item", "cases": case}
    assert client.post(f"{meeting}/items", data=item, headers=cookies).status_code == 200
    return meeting


def _freeze(client: httpx.Client, cookies: dict[str, str], page: str, path: str) -> str:
    """The *path* of a year's report, which is frozen from now on."""
    answer = client.post(f"{path}/freezing", data=_secrets(page), headers=cookies)
    assert answer.status_code == 200, answer.text
    return path


def _secrets(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="(csrf|key)" value="([^"]+)"', page))


def _sign_in(client: httpx.Client, person: str) -> dict[str, str]:
    """A guest's cookie. It is one for TLS, so it is sent by hand."""
    answer = client.post("/sign-in-as", data={"person": person}, follow_redirects=False)
    cookie = {"Cookie": answer.headers["Set-Cookie"].split(";")[0]}
    page = client.get("/confidentiality", headers=cookie).text
    fields = dict(re.findall(r'name="(csrf|text_version|return_to)" value="([^"]*)"', page))
    client.post("/confidentiality", data=fields, headers=cookie, follow_redirects=False)
    return cookie


def _p95(client: httpx.Client, path: str, headers: dict[str, str]) -> float:
    """Milliseconds until the page is there."""
    took = []
    for turn in range(_ASKED + _WARM):
        began = time.perf_counter()
        answer = client.get(path, headers=headers)
        assert answer.status_code == 200, answer.text
        if turn >= _WARM:
            took.append((time.perf_counter() - began) * 1000)
    return percentile(took, 95)

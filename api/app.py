"""The composition root: one municipality's ledger, its worker and all doors, put together."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Protocol

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool
from starlette.staticfiles import StaticFiles
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api import (
    accesses,
    agendas,
    annual,
    audit,
    cadences,
    calendars,
    cases,
    casework,
    credential_record,
    deadlines,
    health,
    histories,
    items,
    mail_choices,
    meetings,
    minutes,
    notices,
    orders,
    organs,
    packs,
    page,
    people,
    plan,
    problems,
    report_channels,
    report_flow,
    report_measures,
    reports,
    restrictions,
    services,
    signing_in,
    stream,
    tokens,
    webhooks,
    work,
)
from api import (
    erasures as erasing,
)
from api import (
    ledger as proofs,
)
from api.annual_frozen import FrozenFacts
from api.bounded import Bounded
from api.bounds import Bounds
from api.certify import Certifier
from api.clockwork import Clockwork
from api.delivery import Delivery
from api.document import describe
from api.gate import Gate
from api.headers import Headed
from api.installation import OpenLedger
from api.last_used import Uses
from api.notary import Sealing
from api.observe import Measures, Observed
from api.pages import annual as annual_pages
from api.pages import (
    board,
    meeting_steps,
    paper,
    policy,
    proof,
    report_entries,
    start,
    structure,
    structure_people,
    structure_plan,
    waiting,
)
from api.pages import case as case_page
from api.pages import cases as case_pages
from api.pages import credentials as credential_pages
from api.pages import gate as gate_page
from api.pages import live as live_page
from api.pages import meeting as meeting_page
from api.pages import meetings as meeting_pages
from api.pages import notices as notice_pages
from api.pages import orders as order_pages
from api.pages import reports as report_pages
from api.pages import webhooks as webhook_pages
from api.rates import Limited
from api.rounds import Means
from api.sign_ins import SignIn
from api.witness import Witnessed
from api.worker import Progress, Worker
from ledger.checkpoints import Notary
from ledger.erasures import ErasureList

ROUTERS = (
    cases, casework, restrictions, erasing, meetings, agendas, items, minutes, packs, cadences,
    calendars, orders, work, organs, services, people, plan, histories, audit, accesses,
    credential_record, proofs, reports, report_flow, report_channels, report_measures, annual,
    notices, mail_choices, webhooks, stream, tokens, health, signing_in, deadlines, start,
    case_pages, case_page, gate_page, meeting_pages, meeting_page, meeting_steps, board, paper,
    proof, structure, structure_people, credential_pages, structure_plan, order_pages, waiting,
    policy, notice_pages, webhook_pages, report_pages, report_entries, annual_pages, live_page,
)  # fmt: skip


def create_app(
    ledger: OpenLedger,
    *,
    secret: bytes,
    notary: Notary,
    access_notary: Notary,
    erasures: ErasureList,
    logs: Sequence[Path] = (),
    checkpoint_seconds: float = 600,
    clock_seconds: float | None = 1,
    guarded: bool = True,
    gate: Gate | None = None,
    bounds: Bounds | None = None,
    sign_in: SignIn | None = None,
    delivering: Means | None = None,
) -> FastAPI:
    """The web application over an open *ledger*. *secret* keys the hashes of requests, *notary*
    signs a checkpoint every *checkpoint_seconds* while something is recorded, and *access_notary*
    one of the access log; deadlines are looked at every *clock_seconds* (None: never). *erasures*
    keeps what was erased, *logs* are looked through for it. What people type passes *gate*, what
    clients ask keeps within *bounds*; people sign in as *sign_in* says. Notices go out by the means
    of *delivering*; without, another process sends them."""
    progress, measures = Progress(), Measures()
    worker = Worker(ledger, progress)
    sealing = Sealing(
        ledger.engine,
        notary,
        checkpoint_seconds,
        hold=ledger.presence.hold,
        grown=lambda: erasures.follow(ledger.database),
    )
    witnessing = Sealing(ledger.accesses.engine, access_notary, checkpoint_seconds)
    certifier = Certifier(ledger.database, logs)
    uses = Uses(ledger.database)
    threads: list[AtWork] = [sealing, witnessing, worker, certifier, uses]
    if clock_seconds is not None:
        threads.append(Clockwork(ledger.engine, lambda: worker.leads, seconds=clock_seconds))
    if delivering is not None:
        threads.append(Delivery(ledger, delivering))
    app = _bare(_at_work(progress, threads, gate := gate or Gate()))
    app.state.ledger, app.state.secret, app.state.guarded = ledger, secret, guarded
    app.state.progress, app.state.worker, app.state.sealing = progress, worker, sealing
    app.state.notary, app.state.measures, app.state.gate = notary, measures, gate
    app.state.witnessing, app.state.frozen = witnessing, FrozenFacts()
    app.state.erasures, app.state.certifier, app.state.uses = erasures, certifier, uses
    app.state.sign_in = sign_in or SignIn()
    app.state.means = delivering or Means(secret=secret)
    _wrap(app, measures, bounds or Bounds())
    problems.install(app)
    page.install(app)
    for door in ROUTERS:
        # As they stand: one router within another would be looked through for each request anew.
        app.router.routes.extend(door.router.routes)
    app.mount("/static", page.static())
    _add_docs(app)
    return app


def _wrap(app: FastAPI, measures: Measures, bounds: Bounds) -> None:
    """What every request goes through, from the inside out."""
    app.add_middleware(Witnessed)
    app.add_middleware(Bounded, bounds=bounds)
    app.add_middleware(Limited, bounds=bounds)
    app.add_middleware(Observed, measures=measures)
    app.add_middleware(Headed)
    if bounds.proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=bounds.proxies)


class AtWork(Protocol):
    """A thread that works beside the requests."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def _at_work(progress: Progress, threads: Sequence[AtWork], gate: Gate) -> Lifespan:
    """While the application runs, its threads do; they are started in order, and stopped from the
    last to the first."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        progress.attach()
        for thread in threads:
            await run_in_threadpool(thread.start)
        yield
        for thread in reversed(threads):
            thread.stop()
        gate.close()

    return lifespan


def _bare(lifespan: Lifespan) -> FastAPI:
    return FastAPI(
        title="Løft",
        version=version("loft"),
        description="Event-sourced case escalation for the Norwegian SLT model.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        separate_input_output_schemas=False,
    )


def _add_docs(app: FastAPI) -> None:
    """The documentation, and a page of it for people, with all that it shows served from here."""
    describe(app)
    swagger = str(files("fastapi_swagger") / "resources")
    app.mount("/api/docs/assets", StaticFiles(directory=swagger))
    app.mount("/api/docs/own", StaticFiles(directory=str(files("api") / "assets")))
    page = (files("api") / "assets" / "docs.html").read_text(encoding="utf-8")

    @app.get("/api/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(page)

"""A year's report: a draft that fills itself from the ledger, until it is frozen."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import structlog
from anyio import from_thread
from fastapi import APIRouter, Path, Query, Response

from api import annual_bodies as bodies
from api import annual_docx, minutes_pdf
from api.annual_answers import AnnualAnswer, YearAnswer, YearsAnswer, annual_answer
from api.annual_frozen import ReportNoLongerHolds, facts_then, held
from api.annual_sheet import Counts, lines_of, sheet_of
from api.answers import EntryAnswer, Wording
from api.bodies import Command as Body
from api.cases import AsOfQuery
from api.desk import Desk
from api.language import Tongue
from api.page import rendered
from api.printed import printed
from api.problems import Forbidden, NotFound, NotYourOrgan, ViewsBehind, declared
from api.report_lines import Ways, as_csv, as_xlsx
from api.seating import commanded, opened
from domain.actor import Actor, Role
from domain.annual_report import AnnualReport, Freezing, report_id
from domain.errors import YearLiesAhead
from domain.event import Event, Occurred
from domain.rights import EVERYBODY, Action, may_act_for
from domain.terms import AnnualSection
from ledger.checkpoints import Notary
from ledger.signing import qr_svg
from ledger.texts import words_of
from ledger.verifier import TreeHead, from_base64
from projections import annual
from projections.annual_facts import FORM, Facts
from projections.annual_matters import how_many
from projections.audit_trail import erasures

PROBLEMS: dict[int | str, dict[str, Any]] = declared(401, 403, 404, 409, 412, 413, 422, 503)
router = APIRouter(prefix="/api/reports/annual", tags=["reports"], responses=PROBLEMS)
CREATED: dict[int | str, dict[str, Any]] = {201: {"model": EntryAnswer}}
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FORMS: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "text/html": {"schema": {"type": "string"}},
            WORD: {"schema": {"type": "string", "format": "binary"}},
            "application/pdf": {"schema": {"type": "string", "format": "binary"}},
            **{one.media_type: {"schema": {"type": "string"}} for one in Ways},
        }
    }
}
Drawn = Literal["html", "docx", "pdf", "csv", "xlsx"]
Form = Annotated[Literal["json"] | Drawn, Query(alias="format")]
Year = Annotated[int, Path(ge=1900, le=2200)]
Reading = Annotated[Desk, opened(Action.READ_ANNUAL)]
GivingFeedback = Annotated[Desk, commanded(Action.GIVE_FEEDBACK)]
Writing = Annotated[Desk, commanded(Action.WRITE_ANNUAL)]
PATIENCE = 30.0
"""Seconds that freezing waits for the views: it is done once a year, and reads all of them."""
log = structlog.get_logger()


class NothingOfThatYear(NotFound):
    """Nothing is told of this year: what is recorded here begins later."""


class ReportIsADraft(Forbidden):
    """The report of this year is still a draft, which the coordinator, the board and the auditor
    read. It is open to you once it is frozen."""


@router.get("")
def years(desk: Reading, _as_of: AsOfQuery = None) -> YearsAnswer:
    """The years of which there is a report, the newest first, and whether it is frozen."""
    known = desk.as_of.position
    first = annual.first_year(desk.database, as_of=known)
    if first is None:
        return YearsAnswer(items=[])
    every = range(desk.as_of.today.year, first - 1, -1)
    frozen = {year for year in every if annual.report(desk.database, year, as_of=known).freezing}
    return YearsAnswer(
        items=[YearAnswer(year=y, state="frozen" if y in frozen else "draft") for y in every]
    )


@router.get("/{year}", response_model=AnnualAnswer, responses=FORMS)
def read_report(
    year: Year, desk: Reading, form: Form = "json", _as_of: AsOfQuery = None
) -> AnnualAnswer | Response:
    """The report of a year: as JSON, as a page to print, for a word processor, for a spreadsheet
    (CSV and XLSX, a sheet for each section), or as PDF/A. A draft
    with the numbers of now, or as of any moment, until it is frozen; then always the same, but for
    words that are erased and cases that are restricted."""
    told = told_of(desk, year)
    return told.answer if form == "json" else drawn(told, form)


def drawn(told: "Told", form: Drawn) -> Response:
    """In bokmål, whoever asks: it goes to people."""
    sheet = sheet_of(told.answer, Tongue("nb"), told.counts)
    code = qr_svg(told.head) if told.head is not None else None
    if form in {"csv", "xlsx"}:
        written = as_csv if form == "csv" else as_xlsx
        return written(f"slt-{told.answer.year}", list(lines_of(sheet)))
    if form == "html":
        page = printed(sheet.title, rendered("annual_printed", sheet=sheet, code=code))
        return Response(page, media_type="text/html; charset=utf-8")
    name = f'attachment; filename="slt-{told.answer.year}.{form}"'
    if form == "docx":
        return Response(
            annual_docx.rendered(sheet), media_type=WORD, headers={"Content-Disposition": name}
        )
    return Response(
        minutes_pdf.rendered(sheet, code, "sheet"),
        media_type="application/pdf",
        headers={"Content-Disposition": name.replace("attachment", "inline")},
    )


@router.post("/{year}/feedback", status_code=201, response_class=Response, responses=CREATED)
def give_feedback(year: Year, body: bodies.Feedback, desk: GivingFeedback) -> Response:
    """Say on behalf of a service or an organ what works, what does not, and what to change."""
    service = desk.structure.service(body.service)
    if desk.actor.role is Role.MEMBER and not may_act_for(desk.standing, Role.MEMBER, service):
        raise NotYourOrgan
    said = {
        "what_works": desk.write_if(body.what_works, body),
        "what_does_not": desk.write_if(body.what_does_not, body),
        "what_to_change": desk.write_if(body.what_to_change, body),
    }
    return _act(
        desk,
        year,
        body,
        lambda life, by, at: life.give_feedback(
            service=service, **said, topology=desk.topology, by=by, at=at
        ),
    )


@router.post(
    "/{year}/sections/{section}", status_code=201, response_class=Response, responses=CREATED
)
def write_section(
    year: Year, section: AnnualSection, body: bodies.Section, desk: Writing
) -> Response:
    """Write what introduces a section. It takes the place of what was written there before."""
    text = desk.write(body.text, body)
    return _act(
        desk,
        year,
        body,
        lambda life, by, at: life.write(section=section, text=text, by=by, at=at),
    )


@router.post("/{year}/freezing", status_code=201, response_class=Response, responses=CREATED)
def freeze(year: Year, body: bodies.Freezing, desk: Writing) -> Response:
    """Freeze the report of a year that is over: it stays as it is, and a checkpoint of the ledger
    is signed."""

    def decide(life: AnnualReport, by: Actor, at: Occurred) -> Event:
        nothing: dict[str, Any] = {"form": 0, "digest": "", "signed_size": 0, "signed_root": ""}
        life.freeze(**nothing, by=by, at=at)  # what is refused is not signed
        notary: Notary = desk.request.app.state.notary
        _, signed = notary.sign(datetime.now(UTC))
        head = signed.checkpoint
        _wait_for_views(desk, head.size)
        facts = facts_then(desk, year, head.size)
        root = base64.b64encode(head.root).decode()
        return life.freeze(
            form=FORM, digest=facts.digest, signed_size=head.size, signed_root=root, by=by, at=at
        )

    return _act(desk, year, body, decide)


# What they share, and the pages with them.


@dataclass(frozen=True)
class Told:
    """A report, what was signed as it was frozen, and how many matters there are in all."""

    answer: AnnualAnswer
    head: TreeHead | None
    counts: Counts


def told_of(desk: Desk, year: int, most: int | None = None) -> Told:
    """All of it; with *most*, the first so many matters of each organ. Refuses with
    `YearLiesAhead`, `NothingOfThatYear`, `ReportIsADraft` and, loudly, with
    `ReportNoLongerHolds`."""
    is_known(desk, year)
    frozen = annual.report(desk.database, year, as_of=desk.as_of.position).freezing
    if frozen is not None:
        notary: Notary = desk.request.app.state.notary
        head = _head(notary, frozen)
        report = held(desk, year, frozen, head, most)
        return Told(_answer(desk, report.shown, frozen, head), head, report.counts)
    if not is_open_to(desk, year):
        raise ReportIsADraft
    known = desk.as_far_as_known
    today = desk.as_of.today
    facts = annual.facts(desk.database, year, as_of=known.bound, today=today, most=most)
    counts = facts.how_many if most is None else how_many(desk.database, year, known.bound)
    return Told(_answer(desk, facts, None, None), None, counts)


def _answer(
    desk: Desk, facts: Facts, frozen: Freezing | None, head: TreeHead | None
) -> AnnualAnswer:
    told = annual.open_cases(desk.ledger.seen_by(frozenset({EVERYBODY})), facts)
    matters = [*facts.in_the_teams, *facts.in_the_group]
    desk.shows(one.case for one in matters if one.title is not None and one.case in told)
    words = _wording(desk, facts)
    return annual_answer(facts, words, told=told, freezing=frozen, head=head)


def _wording(desk: Desk, facts: Facts) -> Wording:
    """A report tells everybody the same, whichever cases are theirs to read."""
    ids = [text.id for text in facts.texts]
    words = words_of(desk.database, ids)
    gone = [one for one in ids if one not in words]
    return Wording(words, erasures(desk.database, gone) if gone else {}, desk.structure)


def is_known(desk: Desk, year: int) -> None:
    """Refuses with `YearLiesAhead` and `NothingOfThatYear`."""
    if year > desk.today.year:
        raise YearLiesAhead
    first = annual.first_year(desk.database, as_of=desk.as_of.position)
    if first is None or year < first:
        raise NothingOfThatYear


def _head(notary: Notary, frozen: Freezing) -> TreeHead:
    try:
        return TreeHead(notary.origin, frozen.signed_size, from_base64(frozen.signed_root, 32))
    except ValueError as error:
        raise ReportNoLongerHolds from error


def is_open_to(desk: Desk, year: int) -> bool:
    """Whether whoever asks is shown the report: a draft, those alone who read every case."""
    report = annual.report(desk.database, year, as_of=desk.as_of.position)
    return report.freezing is not None or desk.standing.is_wide


def _wait_for_views(desk: Desk, size: int) -> None:
    """Refuses with `ViewsBehind`. Called from the thread of a request."""
    progress = desk.request.app.state.progress
    if not from_thread.run(progress.reached, size, PATIENCE):
        raise ViewsBehind


def _act(
    desk: Desk, year: int, body: Body, decide: Callable[[AnnualReport, Actor, Occurred], Event]
) -> Response:
    """Let *decide* look at the year's report, append what it decides, and answer with the entry."""
    is_known(desk, year)
    at = desk.at(body)
    seen = desk.engine.act(
        AnnualReport,
        report_id(year),
        lambda life: decide(life, desk.by(body), at),
        command=desk.command,
        drafts=desk.pen.drafts,
        absent=AnnualReport.of(year),
    )
    return desk.answer_entry(seen)

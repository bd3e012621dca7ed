"""The report on channels: whether something is clogged, and where."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from api.problems import declared
from api.report_lines import Line
from api.report_query import FORMATS, Asking, Head, Reporting, ReportQuery, sitting
from projections import channels
from projections.channels import ChannelsReport, Wait
from projections.shield import of_a_cross, small

router = APIRouter(prefix="/api/reports", tags=["reports"], responses=declared(401, 403, 422, 503))


class HeldAnswer(BaseModel):
    """The open cases that an organ holds; `still`: that have stood for longer than the policy lets
    them; `longest`: days that one has stood."""

    organ: str
    open: int
    still: int
    longest: int | None


class WaitAnswer(BaseModel):
    """`to` waits for `of`: for an `answer`, or that an assignment is accepted (`acceptance`) or
    completed (`assignment`)."""

    kind: str
    of: str
    to: str
    count: int | None
    overdue: int | None
    longest: int | None


class AnswersAnswer(BaseModel):
    """Answers that an organ owes, that it is owed, and that it got."""

    organ: str
    owes: int
    owed: int
    got: int


class ServesAnswer(BaseModel):
    """Of a service: cases that it raised, assignments that it got, and those to which it has said
    nothing."""

    service: str
    raised: int
    assigned: int
    unanswered: int
    never_raises: bool
    never_answers: bool


class MeetsAnswer(BaseModel):
    """Periods in which an organ met as often as it was to, and in which it did not."""

    organ: str
    kept: int
    missed: int


class UnseatedAnswer(BaseModel):
    """A service with a seat in these organs, and none at the coordinating level."""

    service: str
    sits_in: list[str]


class ChannelsAnswer(Head):
    """Of organs and services, never of people. `left_out`: narrowed like this, those who are shown
    numbers alone are told of no cases."""

    held: list[HeldAnswer]
    waits: list[WaitAnswer]
    answers: list[AnswersAnswer]
    services: list[ServesAnswer]
    meetings: list[MeetsAnswer]
    unseated: list[UnseatedAnswer]
    left_out: bool


@router.get("/channels", response_model=ChannelsAnswer, responses=FORMATS)
def read_channels(query: Annotated[ReportQuery, Query()], desk: Reporting) -> Response:
    """Where matters stand still, who waits for whom, which service never raises or never answers,
    answers owed and given, meetings kept and missed, and who sits in the teams alone."""
    asking = sitting(query, desk)
    cell = asking.cell
    if cell is not None:
        return asking.explained(asking.listed(channels.places, cell, query.limit))
    answer = told(asking)
    return asking.answered("channels", answer, list(_lines(answer)))


def told(asking: Asking) -> ChannelsAnswer:
    """The report as whoever asks is shown it."""
    found, head = channels.report(asking.desk.database, asking.fixed), asking.head
    left_out = not asking.is_true and not asking.asked.is_everything
    answer = ChannelsAnswer(
        **dict(head),
        held=[] if left_out else [HeldAnswer(**dict(one)) for one in found.held],
        waits=[] if left_out else [WaitAnswer(**dict(one)) for one in found.waits],
        answers=[] if left_out else [AnswersAnswer(**dict(one)) for one in found.answers],
        services=[] if left_out else _services(found),
        meetings=[MeetsAnswer(**dict(one)) for one in found.meetings],
        unseated=[UnseatedAnswer(**dict(one)) for one in found.unseated],
        left_out=left_out,
    )
    if not asking.is_true and not left_out:
        answer.waits = _shielded(found.waits, head.threshold)
        for one in answer.held:
            if small(one.open, head.threshold):
                one.longest = None
    return answer


def _services(found: ChannelsReport) -> list[ServesAnswer]:
    return [
        ServesAnswer(**dict(one), never_raises=one.never_raises, never_answers=one.never_answers)
        for one in found.services
    ]


def _shielded(waits: tuple[Wait, ...], threshold: int) -> list[WaitAnswer]:
    """Who waits for whom crosses two places: small ones are left out."""
    known = {(one.kind, one.of, one.to): one for one in waits}
    told = list[WaitAnswer]()
    for kind in sorted({one.kind for one in waits}):
        table = {(of, to): one.count for (k, of, to), one in known.items() if k == kind}
        rows, columns = {of for of, _ in table}, {to for _, to in table}
        hidden = of_a_cross(table, rows, columns, threshold)
        for of, to in sorted({*table, *hidden}):
            blank = {"kind": kind, "of": of, "to": to}
            facts = dict(known[kind, of, to]) if (of, to) not in hidden else blank
            one = WaitAnswer.model_validate(_NOTHING | facts)
            if one.overdue is not None and small(one.overdue, threshold):
                one.overdue = one.longest = None
            told.append(one)
    return told


_NOTHING: dict[str, object] = {"count": None, "overdue": None, "longest": None}


_COLUMNS = {
    "held": ("open", "still", "longest"),
    "waits": ("count", "overdue", "longest"),
    "answers": ("owes", "owed", "got"),
    "services": ("raised", "assigned", "unanswered"),
    "meetings": ("kept", "missed"),
}


def _lines(answer: ChannelsAnswer) -> Iterator[Line]:
    for table, columns in _COLUMNS.items():
        for one in getattr(answer, table):
            by, key = _named(one)
            for name in columns:
                value = getattr(one, name)
                yield Line(table, by, key, name, value, value is None)
    for seat in answer.unseated:
        yield Line("unseated", "service", seat.service, "sits in", " ".join(seat.sits_in))


def _named(
    one: HeldAnswer | WaitAnswer | AnswersAnswer | ServesAnswer | MeetsAnswer,
) -> tuple[str, str]:
    match one:
        case WaitAnswer():
            return one.kind, f"{one.to} waits for {one.of}"
        case ServesAnswer():
            return "service", one.service
        case _:
            return "organ", one.organ

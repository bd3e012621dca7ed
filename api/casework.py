"""Casework: each command on a case, by `POST`. One command appends one event."""

from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Path, Response

from api import bodies
from api.answers import CaseAnswer
from api.desk import Desk
from api.problems import NotFound, NotYourOrgan, declared
from api.seating import commanded
from domain.actor import Actor, Role
from domain.case import Case
from domain.errors import EntryUnknown
from domain.event import Occurred
from domain.rights import Action, may_act_for
from projections.audit_trail import entry_of

ANSWERS: dict[int | str, dict[str, Any]] = {
    201: {"model": CaseAnswer, "description": "The case as it now is."},
    **declared(401, 403, 404, 409, 412, 413, 422, 503),
}

router = APIRouter(prefix="/api/cases", tags=["casework"], responses=ANSWERS)

CaseRef = Annotated[str, Path(description="The case's id or its number.", max_length=100)]
Number = Annotated[int, Path(ge=1, le=1_000_000)]
Casework = Annotated[Desk, commanded(Action.CASEWORK)]
Assigned = Annotated[Desk, commanded(Action.ANSWER_ASSIGNMENT)]


@router.post("", status_code=201, response_class=Response)
def raise_a_case(body: bodies.Raising, desk: Annotated[Desk, commanded(Action.RAISE)]) -> Response:
    """Raise a matter. Only the title is required; the rest can come later."""
    if not may_act_for(desk.standing, desk.actor.role, body.raised_by):
        raise NotYourOrgan
    case_id, at = str(uuid4()), desk.at(body)
    title, description = desk.write(body.title, body), desk.write_if(body.description, body)
    area = desk.write_if(body.area, body)
    seen = desk.engine.begin(
        Case,
        case_id,
        lambda: Case.raise_(
            case_id,
            raised_by=body.raised_by,
            title=title,
            description=description,
            themes=tuple(body.themes),
            focus_area=body.focus_area,
            prevention_level=body.prevention_level,
            area=area,
            ages=body.ages,
            service=desk.structure.service(body.service) if body.service else None,
            topology=desk.topology,
            by=desk.by(body),
            at=at,
        ),
        command=desk.command,
        drafts=desk.pen.drafts,
    )
    return desk.answer_case(seen, location=True)


@router.post("/{case}/discussions", status_code=201, response_class=Response)
def discuss(case: CaseRef, body: bodies.Discussion, desk: Casework) -> Response:
    """Log what the holder discussed, and what it concluded."""
    summary, decision = desk.write(body.summary, body), desk.write_if(body.decision, body)
    return desk.act(
        case,
        body,
        lambda life, by, at: life.discuss(
            summary=summary, conclusion=body.conclusion, decision=decision, by=by, at=at
        ),
    )


@router.post("/{case}/escalations", status_code=201, response_class=Response)
def escalate(case: CaseRef, body: bodies.Escalation, desk: Casework) -> Response:
    """Lift the case from its holder to an organ that the holder lifts to."""
    reason, tried = desk.write(body.reason, body), desk.write(body.tried, body)
    title_there = desk.write_if(body.title_there, body)
    return desk.act(
        case,
        body,
        lambda life, by, at: life.escalate(
            to=body.to,
            why=body.why,
            reason=reason,
            tried=tried,
            urgent=body.urgent,
            title_there=title_there,
            topology=desk.topology,
            by=by,
            at=at,
        ),
    )


@router.post("/{case}/returns", status_code=201, response_class=Response)
def send_down(case: CaseRef, body: bodies.Returning, desk: Casework) -> Response:
    """Send the case down to an organ below its holder, or back to the one it came from."""
    expectation = desk.write(body.expectation, body)
    return desk.act(
        case,
        body,
        lambda life, by, at: life.return_(
            to=body.to, expectation=expectation, topology=desk.topology, by=by, at=at
        ),
    )


@router.post("/{case}/referrals", status_code=201, response_class=Response)
def refer(case: CaseRef, body: bodies.Referral, desk: Casework) -> Response:
    """Record that the matter was referred elsewhere: a receipt with a reason code, no words."""
    return desk.act(
        case,
        body,
        lambda life, by, at: life.refer(
            to=desk.structure.place(body.to),
            reason_code=body.reason_code,
            topology=desk.topology,
            by=by,
            at=at,
        ),
    )


@router.post("/{case}/assignments", status_code=201, response_class=Response)
def assign(case: CaseRef, body: bodies.Assigning, desk: Casework) -> Response:
    """Give a service or an organ a responsibility, with what is expected and until when."""
    expectation = desk.write(body.expectation, body)
    return desk.act(
        case,
        body,
        lambda life, by, at: life.assign(
            service=desk.structure.service(body.service),
            expectation=expectation,
            due_on=body.due_on,
            topology=desk.topology,
            by=by,
            at=at,
        ),
    )


@router.post("/{case}/assignments/{n}/acceptance", status_code=201, response_class=Response)
def accept(case: CaseRef, n: Number, body: bodies.Acceptance, desk: Assigned) -> Response:
    """Accept an assignment."""
    return desk.act(
        case, body, lambda life, by, at: life.accept(n, by=asked(desk, life, n, by), at=at)
    )


@router.post("/{case}/assignments/{n}/refusal", status_code=201, response_class=Response)
def decline(case: CaseRef, n: Number, body: bodies.Reasoned, desk: Assigned) -> Response:
    """Decline an assignment, and say why."""
    reason = desk.write(body.reason, body)
    return desk.act(
        case,
        body,
        lambda life, by, at: life.decline(n, reason=reason, by=asked(desk, life, n, by), at=at),
    )


@router.post("/{case}/assignments/{n}/completion", status_code=201, response_class=Response)
def complete(case: CaseRef, n: Number, body: bodies.Completion, desk: Assigned) -> Response:
    """Report that an assignment is done."""
    report = desk.write(body.report, body)
    return desk.act(
        case,
        body,
        lambda life, by, at: life.complete(n, report=report, by=asked(desk, life, n, by), at=at),
    )


@router.post("/{case}/measures", status_code=201, response_class=Response)
def start_a_measure(case: CaseRef, body: bodies.Measuring, desk: Casework) -> Response:
    """Start a measure, with the effect that is expected and the day it is evaluated."""
    title, expected = desk.write(body.title, body), desk.write(body.expected_effect, body)
    return desk.act(
        case,
        body,
        lambda life, by, at: life.start_measure(
            title=title,
            prevention_level=body.prevention_level,
            expected_effect=expected,
            evaluate_on=body.evaluate_on,
            service=desk.structure.service(body.service) if body.service else None,
            topology=desk.topology,
            by=by,
            at=at,
        ),
    )


@router.post("/{case}/measures/{n}/evaluation", status_code=201, response_class=Response)
def evaluate(case: CaseRef, n: Number, body: bodies.Evaluation, desk: Casework) -> Response:
    """Evaluate a measure: the effect that it had, and what shows it."""
    note = desk.write(body.note, body)
    return desk.act(
        case,
        body,
        lambda life, by, at: life.evaluate_measure(n, effect=body.effect, note=note, by=by, at=at),
    )


@router.post("/{case}/answers", status_code=201, response_class=Response)
def answer(case: CaseRef, body: bodies.Answering, desk: Casework) -> Response:
    """Answer an organ that raised or held the case: what became of it."""
    message = desk.write(body.message, body)
    return desk.act(
        case,
        body,
        lambda life, by, at: life.answer(to=body.to, message=message, by=by, at=at),
    )


@router.post("/{case}/answers/{n}/acknowledgement", status_code=201, response_class=Response)
def acknowledge(
    case: CaseRef,
    n: Number,
    body: bodies.Acknowledgement,
    desk: Annotated[Desk, commanded(Action.ACKNOWLEDGE)],
) -> Response:
    """Acknowledge an answer on behalf of the organ that got it, or ask again."""
    asks_again = desk.write_if(body.ask_again, body)
    return desk.act(
        case,
        body,
        lambda life, by, at: life.acknowledge(
            n, asks_again=asks_again, by=_told(desk, life, n, by), at=at
        ),
    )


@router.post("/{case}/notes", status_code=201, response_class=Response)
def note(case: CaseRef, body: bodies.Noting, desk: Casework) -> Response:
    """Note progress."""
    text = desk.write(body.text, body)
    return desk.act(case, body, lambda life, by, at: life.note(text=text, by=by, at=at))


@router.post("/{case}/closure", status_code=201, response_class=Response)
def close(case: CaseRef, body: bodies.Closure, desk: Casework) -> Response:
    """Close the case. With the outcome `merged` it goes on as part of another one."""
    reason = desk.write(body.reason, body)
    into = desk.case_id(body.merged_into) if body.merged_into else None

    def decide(life: Case, by: Actor, at: Occurred) -> Any:  # noqa: ANN401 - a CaseClosed
        other = desk.engine.load(Case, into) if into else None
        if into and other is None:
            raise NotFound
        merged_into = desk.readable(other.state) if other else None
        return life.close(
            outcome=body.outcome, reason=reason, merged_into=merged_into, by=by, at=at
        )

    return desk.act(case, body, decide)


@router.post("/{case}/reopening", status_code=201, response_class=Response)
def reopen(case: CaseRef, body: bodies.Reasoned, desk: Casework) -> Response:
    """Reopen a closed case."""
    reason = desk.write(body.reason, body)
    return desk.act(case, body, lambda life, by, at: life.reopen(reason=reason, by=by, at=at))


@router.post("/{case}/reclassification", status_code=201, response_class=Response)
def reclassify(case: CaseRef, body: bodies.Reclassification, desk: Casework) -> Response:
    """Change the case's themes, focus area and prevention level."""
    reason = desk.write(body.reason, body)
    return desk.act(
        case,
        body,
        lambda life, by, at: life.reclassify(
            themes=tuple(body.themes),
            focus_area=body.focus_area,
            prevention_level=body.prevention_level,
            reason=reason,
            topology=desk.topology,
            by=by,
            at=at,
        ),
    )


@router.post("/{case}/links", status_code=201, response_class=Response)
def link(case: CaseRef, body: bodies.Linking, desk: Casework) -> Response:
    """Link the case to another one."""
    other = desk.case_id(body.other)
    linked = desk.engine.load(Case, other)
    if linked is None:
        raise NotFound
    desk.readable(linked.state)
    return desk.act(
        case, body, lambda life, by, at: life.link(other=other, kind=body.kind, by=by, at=at)
    )


@router.post("/{case}/pause", status_code=201, response_class=Response)
def pause(case: CaseRef, body: bodies.Reasoned, desk: Casework) -> Response:
    """Pause the case's clock while it waits for somebody else."""
    reason = desk.write(body.reason, body)
    return desk.act(case, body, lambda life, by, at: life.pause(reason=reason, by=by, at=at))


@router.post("/{case}/resumption", status_code=201, response_class=Response)
def resume(case: CaseRef, body: bodies.Reasoned, desk: Casework) -> Response:
    """Let the clock go on. The days that it stood still are added to what is still due."""
    reason = desk.write(body.reason, body)
    return desk.act(case, body, lambda life, by, at: life.resume(reason=reason, by=by, at=at))


@router.post("/{case}/corrections", status_code=201, response_class=Response)
def correct(case: CaseRef, body: bodies.Correction, desk: Casework) -> Response:
    """Correct an entry. It stays, and the correction stands beside it."""
    correction, reason = desk.write(body.correction, body), desk.write(body.reason, body)
    return desk.act(
        case,
        body,
        lambda life, by, at: life.correct(
            position=body.position,
            corrects=_version_at(desk, life, body.position),
            correction=correction,
            reason=reason,
            by=by,
            at=at,
        ),
    )


@router.post("/{case}/reversals", status_code=201, response_class=Response)
def reverse(case: CaseRef, body: bodies.Reversal, desk: Casework) -> Response:
    """Reverse a decision. What the newest standing one changed is undone."""
    reason = desk.write(body.reason, body)
    return desk.act(
        case,
        body,
        lambda life, by, at: life.reverse(
            position=body.position,
            reverses=_version_at(desk, life, body.position),
            reason=reason,
            by=by,
            at=at,
        ),
    )


def asked(desk: Desk, life: Case, n: int, by: Actor) -> Actor:
    """Who answers assignment *n*: on behalf of the organ or service that was asked, where that is
    their own. A member who belongs to another is refused, unless it is a service in which nobody
    sits yet: for that one any member answers who reads the case."""
    service = next((a.service for a in life.assignments if a.n == n), None)
    if service is None or desk.actor.role is not Role.MEMBER:
        return by
    if service in desk.standing.organs | desk.standing.services:
        return by.acting_for(service)
    if service in desk.topology.organs or desk.structure.roster.has_anybody(service, desk.today):
        raise NotYourOrgan
    return by if by.organ else by.acting_for(min(desk.standing.organs))


def _told(desk: Desk, life: Case, n: int, by: Actor) -> Actor:
    """Who acknowledges answer *n*: of several organs that a member belongs to, the one that it was
    given to."""
    to = next((answer.to for answer in life.answers if answer.n == n), None)
    if to is None or desk.actor.role is not Role.MEMBER:
        return by
    if may_act_for(desk.standing, Role.MEMBER, to):
        return by.acting_for(to)
    if by.organ is None:
        raise NotYourOrgan
    return by


def _version_at(desk: Desk, life: Case, position: int) -> int:
    version = entry_of(desk.database, life.id, position)
    if version is None:
        raise EntryUnknown
    return version

"""What a meeting does about its items: each one call, and one event on the case, linked to both.

The calls are those of the case itself (`casework.py`), said in a meeting.
"""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Response

from api import casework, orders, plan
from api import meeting_bodies as bodies
from api.agendas import ItemNumber
from api.answers import CaseAnswer, CasePage, EntryAnswer
from api.bodies import FocusAreaSetting, PlanAdoption
from api.casework import Number
from api.desk import Desk
from api.meetings import MeetingRef, act_on_the_meeting, load
from api.order_answers import OrderAnswer
from api.order_bodies import Placing
from api.orders import Ordering
from api.plan import Planning
from api.problems import Forbidden, declared
from api.seating import commanded
from api.table import C, Place, at_the_table, seated_at
from domain.actor import Actor
from domain.case import Case
from domain.errors import Invalid, NotLoggedHere
from domain.event import Event, Occurred
from domain.meeting import Meeting
from domain.plan import Plan
from domain.rights import Action, hat
from ledger.engine import Act
from ledger.texts import Pen
from projections.minutes import logged_at

ANSWERS: dict[int | str, dict[str, Any]] = {
    201: {"model": CaseAnswer, "description": "The case as it now is."},
    **declared(401, 403, 404, 409, 412, 413, 422, 503),
}
OF_SEVERAL: dict[int | str, dict[str, Any]] = {
    201: {
        "model": CaseAnswer | CasePage | EntryAnswer,
        "description": "The case as it now is; of several cases, all of them; of none, the entry.",
    }
}
OF_WHATEVER: dict[int | str, dict[str, Any]] = {
    201: {
        "model": CaseAnswer | EntryAnswer,
        "description": "The case as it now is; where it was about none, the entry.",
    }
}
router = APIRouter(prefix="/api/meetings/{meeting}/items/{n}", tags=["meetings"], responses=ANSWERS)
OF_THE_PLAN: dict[int | str, dict[str, Any]] = {
    201: {"model": EntryAnswer, "description": "The entry that was made."}
}
OF_AN_ORDER: dict[int | str, dict[str, Any]] = {
    201: {"model": OrderAnswer, "description": "The order that was placed."}
}
Logging = Annotated[Desk, commanded(Action.CASEWORK)]


class SeveralVersions(Invalid):
    """If-Match names the version of one case, and this is about several. Leave it out."""


@router.post("/discussions", status_code=201, response_class=Response, responses=OF_SEVERAL)
def discuss(
    meeting: MeetingRef, n: ItemNumber, body: bodies.ItemDiscussion, desk: Logging
) -> Response:
    """Log what was discussed: on each case of the item, all or none; without a case, on the item
    itself."""
    place = at_the_table(meeting, n, desk)
    cases = place.cases(body)
    if not cases:
        return _discuss_the_item(meeting, n, place, body)
    if len(cases) < 2:
        return casework.discuss(*_one(place, body))
    if place.desk.command.if_version is not None:
        raise SeveralVersions
    body = place.at_the_time(body, *cases)
    return place.desk.act_together([_discussed(case, body, place.desk) for case in cases])


def _discuss_the_item(meeting: str, n: int, place: Place, body: bodies.ItemDiscussion) -> Response:
    desk = place.desk
    body = place.at_the_time(body)
    summary, decision = desk.write(body.summary, body), desk.write_if(body.decision, body)
    return act_on_the_meeting(
        desk,
        meeting,
        body,
        lambda life, by, at: life.discuss(
            n, summary=summary, conclusion=body.conclusion, decision=decision, by=by, at=at
        ),
    )


def _discussed(case: str, body: bodies.ItemDiscussion, desk: Desk) -> Act[Case]:
    """Each case has words of its own: each has its own readers, and may have them erased."""
    own = replace(desk, pen=Pen())
    summary, decision = own.write(body.summary, body), own.write_if(body.decision, body)
    why = own.command.not_about_individual

    def decide(life: Case) -> Event:
        at = own.at(body)
        own.sits_there(life.id, at)
        event = life.discuss(
            summary=summary,
            conclusion=body.conclusion,
            decision=decision,
            by=own.by(body),
            at=at,
        )
        return event.model_copy(update={"not_about_individual": why})

    return Act(case, decide, own.pen.drafts)


@router.post("/escalations", status_code=201, response_class=Response)
def escalate(
    meeting: MeetingRef, n: ItemNumber, body: bodies.ItemEscalation, desk: Logging
) -> Response:
    """Log that the case was lifted."""
    return casework.escalate(*_one(at_the_table(meeting, n, desk), body))


@router.post("/returns", status_code=201, response_class=Response)
def send_down(
    meeting: MeetingRef, n: ItemNumber, body: bodies.ItemReturning, desk: Logging
) -> Response:
    """Log that the case was sent down."""
    return casework.send_down(*_one(at_the_table(meeting, n, desk), body))


@router.post("/referrals", status_code=201, response_class=Response)
def refer(meeting: MeetingRef, n: ItemNumber, body: bodies.ItemReferral, desk: Logging) -> Response:
    """Log that the matter was referred elsewhere."""
    return casework.refer(*_one(at_the_table(meeting, n, desk), body))


@router.post("/assignments", status_code=201, response_class=Response)
def assign(
    meeting: MeetingRef, n: ItemNumber, body: bodies.ItemAssigning, desk: Logging
) -> Response:
    """Log that a service or an organ was made responsible."""
    return casework.assign(*_one(at_the_table(meeting, n, desk), body))


@router.post("/measures", status_code=201, response_class=Response)
def start_a_measure(
    meeting: MeetingRef, n: ItemNumber, body: bodies.ItemMeasuring, desk: Logging
) -> Response:
    """Log that a measure was started."""
    return casework.start_a_measure(*_one(at_the_table(meeting, n, desk), body))


@router.post("/measures/{measure}/evaluation", status_code=201, response_class=Response)
def evaluate(
    meeting: MeetingRef,
    n: ItemNumber,
    measure: Number,
    body: bodies.ItemEvaluation,
    desk: Logging,
) -> Response:
    """Log how a measure was evaluated."""
    case, said, seated = _one(at_the_table(meeting, n, desk), body)
    return casework.evaluate(case, measure, said, seated)


@router.post("/answers", status_code=201, response_class=Response)
def answer(
    meeting: MeetingRef, n: ItemNumber, body: bodies.ItemAnswering, desk: Logging
) -> Response:
    """Log what an organ that waits is answered."""
    return casework.answer(*_one(at_the_table(meeting, n, desk), body))


@router.post("/notes", status_code=201, response_class=Response)
def note(meeting: MeetingRef, n: ItemNumber, body: bodies.ItemNoting, desk: Logging) -> Response:
    """Log progress."""
    return casework.note(*_one(at_the_table(meeting, n, desk), body))


@router.post("/closure", status_code=201, response_class=Response)
def close(meeting: MeetingRef, n: ItemNumber, body: bodies.ItemClosure, desk: Logging) -> Response:
    """Log that the case was closed."""
    return casework.close(*_one(at_the_table(meeting, n, desk), body))


@router.post("/focus-areas", status_code=201, response_class=Response, responses=OF_THE_PLAN)
def set_focus_area(
    meeting: MeetingRef, n: ItemNumber, body: FocusAreaSetting, desk: Planning
) -> Response:
    """Log that the board set a focus area."""
    place = at_the_table(meeting, n, desk)
    return plan.set_focus_area(place.at_the_time(body), place.desk)


@router.post("/plans", status_code=201, response_class=Response, responses=OF_THE_PLAN)
def adopt_a_plan(
    meeting: MeetingRef, n: ItemNumber, body: PlanAdoption, desk: Planning
) -> Response:
    """Log that the board adopted a plan."""
    place = at_the_table(meeting, n, desk)
    return plan.adopt_plan(place.at_the_time(body), place.desk)


@router.post("/orders", status_code=201, response_class=Response, responses=OF_AN_ORDER)
def order(meeting: MeetingRef, n: ItemNumber, body: Placing, desk: Ordering) -> Response:
    """Log that something was ordered from an organ or a service."""
    place = at_the_table(meeting, n, desk)
    return orders.place(place.at_the_time(body), place.desk)


@router.post("/withdrawal", status_code=201, response_class=Response, responses=OF_WHATEVER)
def withdraw(
    meeting: MeetingRef, n: ItemNumber, body: bodies.ItemWithdrawal, desk: Logging
) -> Response:
    """Take back what was logged in this meeting by mistake: the newest entry of a case or of the
    plan, or what was discussed on an item without a case. All is as before, whatever has become of
    the item."""
    seated = seated_at(meeting, n, desk, withdraws=True)
    place = Place(seated, load(desk, meeting).state, item=None)
    there = logged_at(desk.database, place.meeting.id, body.position)
    if there is None or (body.case is not None and desk.case_id(body.case) != there.stream_id):
        raise NotLoggedHere
    is_case = there.stream_type == "case"
    said = place.at_the_time(body, *([there.stream_id] if is_case else []))
    reason = seated.write_if(said.reason, said)

    def decide(life: Case | Plan | Meeting, by: Actor, at: Occurred) -> Event:
        return life.withdraw(
            position=said.position,
            withdraws=there.version,
            meeting=place.meeting.id,
            reason=reason,
            by=by,
            at=at,
        )

    if is_case:
        return seated.act(there.stream_id, said, decide)
    if there.stream_type == "meeting":
        return act_on_the_meeting(seated, meeting, said, decide)
    if hat(seated.standing, Action.PLAN) is None:
        raise Forbidden
    return plan.act(seated, said, decide)


def _one(place: Place, body: C) -> tuple[str, C, Desk]:
    """What the case's own call takes: the one case, what is said of it, and the desk."""
    case = place.case(body)
    return case, place.at_the_time(body, case), place.desk

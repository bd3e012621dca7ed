"""Meetings: convened, moved, attended and closed. Each change an event."""

import base64
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import uuid4

from fastapi import APIRouter, Path, Query, Response

from api import meeting_bodies as bodies
from api.bodies import Command as Body
from api.bodies import Reasoned
from api.cases import AsOfQuery, Cursor, Limit
from api.cursors import CursorMalformed, after
from api.desk import Desk, etag
from api.fields import Moment
from api.meeting_answers import MeetingAnswer, MeetingPage, bare, meeting_answer, meeting_texts
from api.moments import is_position
from api.organs import known_person
from api.problems import NotFound, declared
from api.seating import commanded, opened
from domain.actor import Actor
from domain.errors import MeetingHasBegun
from domain.event import Event, Occurred
from domain.meeting import Meeting, meeting_id
from domain.organ import Organ, organ_id
from domain.rights import Action
from ledger.checkpoints import Notary
from ledger.engine import Seen
from projections import meetings, minutes
from projections.meetings import MeetingFilter, MeetingRow

PROBLEMS: dict[int | str, dict[str, Any]] = declared(401, 403, 404, 409, 412, 413, 422, 503)
router = APIRouter(prefix="/api/meetings", tags=["meetings"], responses=PROBLEMS)
CREATED: dict[int | str, dict[str, Any]] = {201: {"model": MeetingAnswer}}

MeetingRef = Annotated[str, Path(description="The meeting's id.", max_length=100)]
Reading = Annotated[Desk, opened(Action.READ_MEETINGS)]
Meeting_ = Annotated[Desk, commanded(Action.MEET)]
Status = Annotated[Literal["convened", "held", "cancelled"] | None, Query()]
BeginQuery = Annotated[
    Moment | None, Query(alias="from", description="Only those that begin then or later.")
]
EndQuery = Annotated[Moment | None, Query(alias="to", description="Only those that begin before.")]


@router.post("", status_code=201, response_class=Response, responses=CREATED)
def convene(body: bodies.Convening, desk: Meeting_) -> Response:
    """Convene a meeting of an organ. All who sit there on the day are invited, unless it is said
    who."""
    at, stream = desk.at(body), meeting_id(str(uuid4()))
    place = desk.write_if(body.place, body)
    desk.topology.living_organ(body.organ)
    seen = desk.engine.begin(
        Meeting,
        stream,
        lambda: Meeting.convene(
            stream,
            organ=organ_of(desk, body.organ),
            starts_at=body.starts_at.astimezone(UTC),
            ends_at=body.ends_at.astimezone(UTC) if body.ends_at else None,
            place=place,
            seats=None if body.seats is None else tuple(body.seats),
            persons=tuple(known_person(desk, person) for person in body.persons),
            by=desk.by(body),
            at=at,
        ),
        command=desk.command,
        drafts=desk.pen.drafts,
    )
    return answer(desk, seen, {"Location": f"/api/meetings/{bare(seen.state.id)}"})


@router.get("")
def listed(
    desk: Reading,
    organ: Annotated[str | None, Query(max_length=100)] = None,
    status: Status = None,
    begin: BeginQuery = None,
    end: EndQuery = None,
    _as_of: AsOfQuery = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> MeetingPage:
    """The meetings that are for whoever asks, in the order in which they begin, as of any moment.
    Who may read one now reads it as it was."""
    if organ is not None:
        desk.topology.organ(organ)
    narrow = MeetingFilter(organ=organ, status=status, since=begin, until=end)
    found = meetings.listed(
        desk.sight, narrow, as_of=desk.as_of.position, after=_after(cursor), limit=limit
    )
    wording = desk.wording(text for row in found for text in meeting_texts(row.meeting))
    items = [meeting_answer(row.meeting, wording) for row in found]
    last = _cursor(found[-1].meeting) if len(found) == limit else None
    return MeetingPage(items=items, next=desk.page(last))


@router.get("/{meeting}", response_model=MeetingAnswer)
def one_meeting(meeting: MeetingRef, desk: Reading, _as_of: AsOfQuery = None) -> Response:
    """One meeting, as of any moment."""
    row = row_of(meeting, desk)
    found = meeting_answer(row.meeting, desk.wording(meeting_texts(row.meeting)))
    headers = {"ETag": etag(row.meeting.version), "Loft-Position": str(row.position)}
    return Response(found.model_dump_json(), headers=headers, media_type="application/json")


@router.post("/{meeting}/moving", status_code=201, response_class=Response, responses=CREATED)
def move(meeting: MeetingRef, body: bodies.Moving, desk: Meeting_) -> Response:
    """Move a meeting to another time or place."""
    _refuse_once_begun(desk, meeting)
    place = desk.write_if(body.place, body)
    starts_at = body.starts_at.astimezone(UTC)
    ends_at = body.ends_at.astimezone(UTC) if body.ends_at else None
    return act(
        desk,
        meeting,
        body,
        lambda life, by, at: life.move(
            starts_at=starts_at,
            ends_at=ends_at,
            place=place,
            topology=desk.topology,
            by=by,
            at=at,
        ),
    )


@router.post("/{meeting}/cancellation", status_code=201, response_class=Response, responses=CREATED)
def cancel(meeting: MeetingRef, body: Reasoned, desk: Meeting_) -> Response:
    """Cancel a meeting, and say why."""
    _refuse_once_begun(desk, meeting)
    reason = desk.write(body.reason, body)
    return act(desk, meeting, body, lambda life, by, at: life.cancel(reason=reason, by=by, at=at))


def _refuse_once_begun(desk: Desk, meeting: str) -> None:
    """A meeting in which something was logged was held; its entries would else lead nowhere."""
    life = load(desk, meeting).state
    if life.is_open and minutes.entries(desk.database, desk.database, life.id, as_of=2**62):
        raise MeetingHasBegun


@router.post("/{meeting}/attendance", status_code=201, response_class=Response, responses=CREATED)
def attend(meeting: MeetingRef, body: bodies.Attendance, desk: Meeting_) -> Response:
    """Say who is there. Said again, it takes the place of what was said before."""
    persons = tuple(known_person(desk, person) for person in body.persons)
    return act(
        desk,
        meeting,
        body,
        lambda life, by, at: life.attend(
            seats=tuple(body.seats), persons=persons, organ=organ_of(desk, life.organ), by=by, at=at
        ),
    )


@router.post("/{meeting}/guests", status_code=201, response_class=Response, responses=CREATED)
def admit(meeting: MeetingRef, body: bodies.Guest, desk: Meeting_) -> Response:
    """Admit a guest: they read this meeting, and no other, until it is closed."""
    person = known_person(desk, body.person)
    return act(desk, meeting, body, lambda life, by, at: life.admit(person, by=by, at=at))


@router.post(
    "/{meeting}/guests/{person}/dismissal",
    status_code=201,
    response_class=Response,
    responses=CREATED,
)
def dismiss(
    meeting: MeetingRef,
    person: Annotated[str, Path(max_length=100)],
    body: bodies.Plain,
    desk: Meeting_,
) -> Response:
    """Dismiss a guest: they read this meeting no more."""
    return act(desk, meeting, body, lambda life, by, at: life.dismiss(person, by=by, at=at))


@router.post("/{meeting}/closure", status_code=201, response_class=Response, responses=CREATED)
def close(meeting: MeetingRef, body: bodies.Plain, desk: Meeting_) -> Response:
    """Close a meeting: its minutes are frozen, and a checkpoint of the ledger is signed."""

    def closing(life: Meeting, by: Actor, at: Occurred, size: int, root: str) -> Event:
        organ = organ_of(desk, life.organ)
        return life.close(organ=organ, signed_size=size, signed_root=root, by=by, at=at)

    def decide(life: Meeting, by: Actor, at: Occurred) -> Event:
        closing(life, by, at, 0, "")  # what is refused is not signed
        notary: Notary = desk.request.app.state.notary
        _, signed = notary.sign(datetime.now(UTC))
        root = base64.b64encode(signed.checkpoint.root).decode()
        return closing(life, by, at, signed.checkpoint.size, root)

    return act(desk, meeting, body, decide)


@router.post(
    "/{meeting}/minutes/approval", status_code=201, response_class=Response, responses=CREATED
)
def approve(meeting: MeetingRef, body: bodies.Approval, desk: Meeting_) -> Response:
    """Approve a meeting's minutes, at a later meeting of the same organ."""
    return act(
        desk,
        meeting,
        body,
        lambda life, by, at: life.approve(
            at_meeting=load(desk, body.at_meeting).state, by=by, at=at
        ),
    )


@router.post("/{meeting}/remarks", status_code=201, response_class=Response, responses=CREATED)
def remark(meeting: MeetingRef, body: bodies.Remarking, desk: Meeting_) -> Response:
    """Remark on minutes that are frozen. It is shown beside them."""
    text = desk.write(body.text, body)
    return act(
        desk, meeting, body, lambda life, by, at: life.remark(n=body.n, text=text, by=by, at=at)
    )


# What the other doors of meetings share.


def stream_of(ref: str) -> str:
    """The stream of the meeting with this id. Refuses with `NotFound`."""
    if not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", ref):
        raise NotFound
    return meeting_id(ref)


def row_of(ref: str, desk: Desk) -> MeetingRow:
    """The meeting as it was when the query asks for, if it is for whoever asks now. Refuses with
    `NotFound`, also where it had not been convened yet."""
    row = meetings.one(desk.sight, stream_of(ref), as_of=desk.as_of.position)
    if row is None:
        raise NotFound
    return row


def load(desk: Desk, ref: str) -> Seen[Meeting]:
    """The meeting as the ledger has it. Refuses with `NotFound`."""
    seen = desk.engine.load(Meeting, stream_of(ref))
    if seen is None:
        raise NotFound
    return seen


def organ_of(desk: Desk, key: str) -> Organ:
    seen = desk.engine.load(Organ, organ_id(key))
    if seen is None:
        raise NotFound
    return seen.state


def act(
    desk: Desk, ref: str, body: Body, decide: Callable[[Meeting, Actor, Occurred], Event]
) -> Response:
    """Let *decide* look at the meeting, append what it decides, and answer with the meeting."""
    return answer(desk, _acted(desk, ref, body, decide))


def act_on_the_meeting(
    desk: Desk, ref: str, body: Body, decide: Callable[[Meeting, Actor, Occurred], Event]
) -> Response:
    """The same for what is said in it; answers with the entry."""
    return desk.answer_entry(_acted(desk, ref, body, decide))


def _acted(
    desk: Desk, ref: str, body: Body, decide: Callable[[Meeting, Actor, Occurred], Event]
) -> Seen[Meeting]:
    at = desk.at(body)
    return desk.engine.act(
        Meeting,
        stream_of(ref),
        lambda life: decide(life, desk.by(body), at),
        command=desk.command,
        drafts=desk.pen.drafts,
    )


def answer(desk: Desk, seen: Seen[Meeting], headers: dict[str, str] | None = None) -> Response:
    wording = desk.wording(meeting_texts(seen.state))
    return desk.answer(meeting_answer(seen.state, wording), seen, headers)


def _cursor(last: Meeting) -> str:
    """By the moment at which the last meeting begins, in microseconds, and its id."""
    since = last.starts_at - datetime(1900, 1, 1, tzinfo=UTC)
    micros = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    return f"{micros}.{bare(last.id)}"


def _after(given: str | None) -> tuple[datetime, str] | None:
    """Refuses with `CursorMalformed`."""
    if given is None:
        return None
    micros, _, id_ = after(given).partition(".")
    if not is_position(micros) or int(micros) > 10**16:
        raise CursorMalformed
    try:
        stream = stream_of(id_)
    except NotFound as error:
        raise CursorMalformed from error
    return datetime(1900, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(micros)), stream

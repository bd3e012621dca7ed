"""Calendar feeds (iCalendar, RFC 5545): an organ's meetings, or a person's, at a secret address.

Calendar programs send no token, so the address itself is what lets in. It shows when, where and
which organ meets, and no word of any case.
"""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from icalendar import Calendar, Event
from pydantic import BaseModel, Field

from api.answers import day_in_oslo
from api.auth import digest
from api.desk import Desk
from api.installation import OpenLedger
from api.meeting_answers import bare
from api.meeting_bodies import Nothing
from api.organs import OrganKey
from api.problems import NotFound, declared
from api.seating import commanded
from domain.meeting import Meeting
from domain.rights import Action
from ledger.database import Database
from ledger.texts import words_of
from projections import meetings
from projections.meetings import MeetingFilter

PROBLEMS: dict[int | str, dict[str, Any]] = declared(401, 403, 404, 413, 422, 503)
router = APIRouter(tags=["meetings"])
FEED: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/calendar": {"schema": {"type": "string"}}}, "description": "A feed."},
    **declared(404, 422, 503),
}
KEPT = timedelta(days=400)
"""For so long a feed shows what is past."""
MOST = 1_000


class CalendarAnswer(BaseModel):
    """`path`: the feed's address on this server, shown this once. The one before it is gone."""

    path: str = Field(examples=["/calendars/9f2c…"])


@router.post("/api/organs/{key}/calendar", status_code=201, responses=PROBLEMS)
def organ_calendar(
    key: OrganKey, _body: Nothing, desk: Annotated[Desk, commanded(Action.MEET)]
) -> CalendarAnswer:
    """Give an organ's calendar an address. An earlier one is gone."""
    if "\x00" in key:
        raise NotFound
    return _new_address(desk.database, f"organ:{desk.topology.organ(key).key}")


@router.post("/api/me/calendar", status_code=201, responses=PROBLEMS)
def own_calendar(
    _body: Nothing, desk: Annotated[Desk, commanded(Action.BE_KNOWN)]
) -> CalendarAnswer:
    """Give one's own calendar an address: the meetings of the organs that one sits in, and those
    that one is invited to. An earlier one is gone."""
    if desk.standing.id not in desk.structure.roster.roles:
        raise NotFound
    return _new_address(desk.database, f"person:{desk.standing.id}")


@router.get("/calendars/{secret}", response_class=Response, responses=FEED)
def feed(secret: Annotated[str, Path(max_length=200)], request: Request) -> Response:
    """A calendar, for whoever has its address: when and where which organ meets, and nothing of
    what it talks about."""
    ledger: OpenLedger = request.app.state.ledger
    rows = ledger.database.rows(
        "SELECT subject FROM calendars WHERE digest = %(digest)s",
        digest=digest(secret.removesuffix(".ics")),
    )
    if not rows:
        raise NotFound
    calendar = _calendar(ledger, _meetings(ledger, rows[0][0], datetime.now(UTC)))
    return Response(calendar.to_ical(), media_type="text/calendar; charset=utf-8")


def _new_address(database: Database, subject: str) -> CalendarAnswer:
    secret = secrets.token_urlsafe(32)
    with database.connection() as connection:
        connection.execute(
            "INSERT INTO calendars (subject, digest) VALUES (%s, %s) ON CONFLICT (subject) "
            "DO UPDATE SET digest = excluded.digest, since = clock_timestamp()",
            (subject, digest(secret)),
        )
    return CalendarAnswer(path=f"/calendars/{secret}.ics")


def _meetings(ledger: OpenLedger, subject: str, now: datetime) -> list[Meeting]:
    """Those of the organ; of a person, who sits in organs by what is so today."""
    kind, _, name = subject.partition(":")
    narrow = MeetingFilter(organ=name if kind == "organ" else None, since=now - KEPT)
    rows = meetings.listed(ledger.database, narrow, limit=MOST)
    found = [row.meeting for row in rows]
    if kind == "organ":
        return found
    standing = ledger.engine.structure.roster.standing(name, on=day_in_oslo(now))
    return [
        one
        for one in found
        if one.organ in standing.organs or name in one.persons or one.id in standing.guest_of
    ]


def _calendar(ledger: OpenLedger, found: list[Meeting]) -> Calendar:
    places = words_of(ledger.database, [one.place for one in found if one.place is not None])
    names = ledger.engine.structure.names
    calendar = Calendar()
    calendar.add("prodid", "-//Loft//Loft//NO")
    calendar.add("version", "2.0")
    for one in found:
        event = Event()
        event.add("uid", f"{bare(one.id)}@loft")
        event.add("dtstamp", one.starts_at)
        event.add("dtstart", one.starts_at)
        event.add("sequence", one.version)
        event.add("summary", names.get(f"organ:{one.organ}") or one.organ)
        event.add("status", "CONFIRMED" if one.cancelled is None else "CANCELLED")
        if one.place is not None and one.place.id in places:
            event.add("location", places[one.place.id])
        calendar.add_component(event)
    return calendar

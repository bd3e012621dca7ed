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

from api.desk import Desk
from api.installation import OpenLedger
from api.kept_tokens import digest
from api.meeting_answers import bare
from api.meeting_bodies import Nothing
from api.organs import OrganKey
from api.problems import NotFound, declared
from api.seating import commanded, opened
from domain.event import day_in_oslo
from domain.rights import Action
from ledger.database import Database
from ledger.texts import words_of
from projections import meetings
from projections.meetings import MeetingRow

PROBLEMS: dict[int | str, dict[str, Any]] = declared(401, 403, 404, 413, 422, 503)
router = APIRouter(tags=["meetings"])
FEED: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/calendar": {"schema": {"type": "string"}}}, "description": "A feed."},
    **declared(404, 422, 503),
}
KEPT = timedelta(days=366)
"""For so long a feed shows what is past. What is to come it shows all of."""
LASTS = timedelta(hours=2)
"""How long a calendar shows a meeting of which nobody said when it is meant to end."""


class CalendarAnswer(BaseModel):
    """`path`: the feed's address on this server, shown this once. The one before it is gone."""

    path: str = Field(examples=["/calendars/9f2c…"])


@router.post("/api/organs/{key}/calendar", status_code=201, responses=PROBLEMS)
def organ_calendar(
    key: OrganKey, _body: Nothing, desk: Annotated[Desk, commanded(Action.MEET)]
) -> CalendarAnswer:
    """Give an organ's calendar an address. An earlier one is gone."""
    return _new_address(desk.database, of_organ(desk, key))


@router.post("/api/me/calendar", status_code=201, responses=PROBLEMS)
def own_calendar(
    _body: Nothing, desk: Annotated[Desk, commanded(Action.BE_KNOWN)]
) -> CalendarAnswer:
    """Give one's own calendar an address: the meetings of the organs that one sits in, and those
    that one is invited to. An earlier one is gone."""
    if desk.standing.id not in desk.structure.roster.roles:
        raise NotFound
    return _new_address(desk.database, of_person(desk))


@router.delete(
    "/api/organs/{key}/calendar", status_code=204, response_class=Response, responses=PROBLEMS
)
def withdraw_an_organ_calendar(
    key: OrganKey, desk: Annotated[Desk, opened(Action.MEET)]
) -> Response:
    """Withdraw the address of an organ's calendar: nothing is there any more. It is the same where
    there was none."""
    return _withdrawn(desk.database, of_organ(desk, key))


@router.delete("/api/me/calendar", status_code=204, response_class=Response, responses=PROBLEMS)
def withdraw_own_calendar(desk: Annotated[Desk, opened(Action.BE_KNOWN)]) -> Response:
    """Withdraw the address of one's own calendar: nothing is there any more. It is the same where
    there was none."""
    return _withdrawn(desk.database, of_person(desk))


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


def of_organ(desk: Desk, key: str) -> str:
    """Whose calendar that of the organ with this *key* is. Refuses with `NotFound` and
    `OrganUnknown`."""
    if "\x00" in key:
        raise NotFound
    return f"organ:{desk.topology.organ(key).key}"


def of_person(desk: Desk) -> str:
    """Whose calendar that of whoever asks is."""
    return f"person:{desk.standing.id}"


def addresses(database: Database) -> dict[str, datetime]:
    """Whose calendars have an address, as `of_organ` and `of_person` say it, and since when."""
    return dict(database.rows("SELECT subject, since FROM calendars ORDER BY subject"))


def _withdrawn(database: Database, subject: str) -> Response:
    with database.connection() as connection:
        connection.execute("DELETE FROM calendars WHERE subject = %s", (subject,))
    return Response(status_code=204)


def _new_address(database: Database, subject: str) -> CalendarAnswer:
    secret = secrets.token_urlsafe(32)
    with database.connection() as connection:
        connection.execute(
            "INSERT INTO calendars (subject, digest) VALUES (%s, %s) ON CONFLICT (subject) "
            "DO UPDATE SET digest = excluded.digest, since = clock_timestamp()",
            (subject, digest(secret)),
        )
    return CalendarAnswer(path=f"/calendars/{secret}.ics")


def _meetings(ledger: OpenLedger, subject: str, now: datetime) -> list[MeetingRow]:
    """Those of the organ; of a person, who sits in organs by what is so today."""
    kind, _, name = subject.partition(":")
    since = now - KEPT
    if kind == "organ":
        return meetings.of_somebody(ledger.database, organs=[name], since=since)
    standing = ledger.engine.structure.roster.standing(name, on=day_in_oslo(now))
    return meetings.of_somebody(
        ledger.database,
        organs=sorted(standing.organs),
        person=name,
        guest_of=sorted(standing.guest_of),
        since=since,
    )


def _calendar(ledger: OpenLedger, found: list[MeetingRow]) -> Calendar:
    said = [row.meeting.place for row in found if row.meeting.place is not None]
    places = words_of(ledger.database, said)
    names = ledger.engine.structure.names
    calendar = Calendar()
    calendar.add("prodid", "-//Loft//Loft//NO")
    calendar.add("version", "2.0")
    for row in found:
        organ, place = row.meeting.organ, row.meeting.place
        event = _entry(row)
        event.add("summary", names.get(f"organ:{organ}") or organ)
        if place is not None and place.id in places:
            event.add("location", places[place.id])
        calendar.add_component(event)
    return calendar


def _entry(row: MeetingRow) -> Event:
    """In UTC, which needs no table of when summer time begins. DTSTAMP is when the meeting was last
    changed, as RFC 5545, 3.8.7.2 has it, and not when it was asked for: the same feed stays the
    same."""
    one, event = row.meeting, Event()
    begin = one.starts_at.astimezone(UTC)
    event.add("uid", f"{bare(one.id)}@loft")
    event.add("dtstamp", row.recorded_at.astimezone(UTC))
    event.add("dtstart", begin)
    event.add("dtend", one.ends_at.astimezone(UTC) if one.ends_at is not None else begin + LASTS)
    event.add("sequence", one.version)
    event.add("status", "CONFIRMED" if one.cancelled is None else "CANCELLED")
    return event

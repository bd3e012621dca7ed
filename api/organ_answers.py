"""What is answered of organs: as JSON, with the words that still stand."""

from collections.abc import Sequence
from datetime import date

from pydantic import BaseModel, Field

from api.answers import Page, Wording
from domain.organ import Cadence, Organ
from domain.seat import Seat, SeatRole
from domain.topology import Level


class SeatAnswer(BaseModel):
    n: int
    role: SeatRole
    represents: str | None
    service: str | None
    person: str | None
    taken_on: date | None
    until: date | None
    left_on: date | None


class OrganAnswer(BaseModel):
    key: str
    name: str | None
    level: Level
    kind: str
    parent: str | None
    lifts_to: list[str]
    area: str | None
    ages: tuple[int, int] | None
    police_station: str | None
    note: str | None
    mandate: str | None
    cadence: Cadence | None
    quorum: int | None = Field(
        description="How many seats must be there to decide; null: more than half of them."
    )
    constituted_on: date | None
    first_meeting_on: date | None
    seats: list[SeatAnswer]
    dissolved: bool
    version: int


class OrganPage(Page[OrganAnswer]):
    pass


def organ_texts(organ: Organ) -> list[str]:
    texts = [organ.name, organ.area, organ.police_station, organ.note, organ.mandate]
    texts += [seat.represents for seat in organ.seats]
    return [text.id for text in texts if text is not None]


def organ_answer(organ: Organ, wording: Wording, on: date | None) -> OrganAnswer:
    """*organ* with the seats that are taken *on* a day (None: all that ever were)."""
    return OrganAnswer(
        key=organ.key,
        name=wording.of(organ.name),
        level=organ.level,
        kind=organ.kind,
        parent=organ.parent,
        lifts_to=list(organ.lifts_to),
        area=wording.of(organ.area),
        ages=organ.ages,
        police_station=wording.of(organ.police_station),
        note=wording.of(organ.note),
        mandate=wording.of(organ.mandate),
        cadence=organ.cadence,
        quorum=organ.quorum,
        constituted_on=organ.constituted_on,
        first_meeting_on=organ.first_meeting_on,
        seats=seat_answers(organ.seats, wording, on),
        dissolved=organ.dissolved,
        version=organ.version,
    )


def seat_answers(seats: Sequence[Seat], wording: Wording, on: date | None) -> list[SeatAnswer]:
    """The seats that are taken *on* a day (None: all that ever were)."""
    return [
        SeatAnswer(
            n=seat.n,
            role=seat.role,
            represents=wording.of(seat.represents),
            service=wording.structure.name_of(seat.service),
            person=seat.person,
            taken_on=seat.taken_on,
            until=seat.until,
            left_on=seat.left_on,
        )
        for seat in seats
        if on is None or seat.is_taken(on)
    ]

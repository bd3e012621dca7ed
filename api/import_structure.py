"""The structure of a municipality's file: organs with seats and cadence, and services."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import partial

from api.import_clerk import ADMIN, NOT_STATED, Clerk, Step
from api.imported import MunicipalityFile, OrganPart
from domain.event import OSLO, Event, Occurred, Precision, Source
from domain.municipality import MUNICIPALITY, Municipality
from domain.organ import Organ, organ_id
from domain.seat import SeatRole
from domain.service import Service, service_id
from domain.topology import Level
from ledger.structure import slug
from ledger.texts import Pen, words_of


class StructureImport:
    """What there is already is left alone; a name that differs is a renaming."""

    def __init__(self, clerk: Clerk) -> None:
        self.clerk = clerk
        self.engine = clerk.engine
        self.file = clerk.file

    def steps(self) -> Iterator[Step]:
        yield self._municipality
        yield from self._organs()
        yield from self._services()
        yield from self._seats()

    def _municipality(self) -> None:
        part = self.file.municipality
        if self.engine.load(Municipality, MUNICIPALITY) is None:
            pen = Pen()
            name = pen.write(part.name)
            self.engine.begin(
                Municipality,
                MUNICIPALITY,
                lambda: Municipality.register(
                    None,
                    name=name,
                    number=part.number_2024 or part.number_2016,
                    language=part.language,
                    themes=tuple(self.file.themes),
                    by=ADMIN,
                    at=self.clerk.today(),
                ),
                command=self.clerk.command(ADMIN),
                drafts=pen.drafts,
            )

    def _organs(self) -> Iterator[Step]:
        """From the top down, so that an organ is there before another lifts to it; where two lift
        to each other, the later placement closes the circle."""
        order = [Level.STEERING, Level.COORDINATING, Level.EXECUTING]
        parts = sorted(self.file.organs, key=lambda part: order.index(part.level))
        for part in parts:
            yield partial(self._constitute, part)
        for part in parts:
            yield partial(self._place, part)
            if part.cadence is not None:
                yield partial(self._set_cadence, part)
            if part.mandate is not None:
                yield partial(self._give_mandate, part)
        if self.file.raised_in_youth_teams:
            yield partial(self._constitute, _not_stated(self.file))

    def _constitute(self, part: OrganPart) -> None:
        pen, there = Pen(), self.engine.topology.organs
        if part.key in there:
            if self.engine.structure.names.get(organ_id(part.key)) != part.name:
                name = pen.write(part.name)
                self._on_organ(
                    part, pen, lambda organ: organ.rename(name=name, **self.clerk.admin())
                )
            return
        words = {
            "name": pen.write(part.name),
            "area": pen.write_if(part.area),
            "police_station": pen.write_if(part.police_station),
            "note": pen.write_if(part.note),
        }
        self.engine.begin(
            Organ,
            organ_id(part.key),
            lambda: Organ.constitute(
                key=part.key,
                level=part.level,
                kind=part.kind,
                parent=part.parent if part.parent in there else None,
                lifts_to=tuple(to for to in part.lifts_to if to in there),
                ages=part.ages,
                constituted_on=part.constituted_on,
                first_meeting_on=part.first_meeting_on,
                first_meeting_precision=part.first_meeting_precision,
                topology=self.engine.topology,
                by=ADMIN,
                at=_since(part, self.clerk),
                **words,
            ),
            command=self.clerk.command(ADMIN),
            drafts=pen.drafts,
        )

    def _place(self, part: OrganPart) -> None:
        post = self.engine.topology.organ(part.key)
        if (post.parent, post.lifts_to) != (part.parent, tuple(part.lifts_to)):
            self._on_organ(
                part,
                Pen(),
                lambda organ: organ.place(
                    parent=part.parent,
                    lifts_to=tuple(part.lifts_to),
                    topology=self.engine.topology,
                    **self.clerk.admin(),
                ),
            )

    def _set_cadence(self, part: OrganPart) -> None:
        cadence = part.cadence.plain if part.cadence is not None else None
        seen = self.engine.load(Organ, organ_id(part.key))
        if seen is not None and cadence is not None and seen.state.cadence != cadence:
            self._on_organ(
                part, Pen(), lambda organ: organ.set_cadence(cadence=cadence, **self.clerk.admin())
            )

    def _give_mandate(self, part: OrganPart) -> None:
        seen = self.engine.load(Organ, organ_id(part.key))
        given = seen.state.mandate if seen is not None else None
        words = words_of(self.engine.database, [given] if given else [])
        if part.mandate is not None and part.mandate not in words.values():
            pen = Pen()
            mandate = pen.write(part.mandate)
            self._on_organ(
                part, pen, lambda organ: organ.give_mandate(mandate=mandate, **self.clerk.admin())
            )

    def _services(self) -> Iterator[Step]:
        """Names that differ in case only are one service."""
        named = [name for part in self.file.organs for name in part.services]
        for name in [*named, *self.file.team_services]:
            yield partial(self._register, name)

    def _register(self, name: str) -> None:
        if self.engine.structure.service_named(name) is not None:
            return
        pen, key = (
            Pen(),
            f"s{hashlib.sha256(self.clerk.secret + slug(name).encode()).hexdigest()[:8]}",
        )
        written = pen.write(name)
        self.engine.begin(
            Service,
            service_id(key),
            lambda: Service.register(
                key=key, name=written, topology=self.engine.topology, **self.clerk.admin()
            ),
            command=self.clerk.command(ADMIN),
            drafts=pen.drafts,
        )

    def _seats(self) -> Iterator[Step]:
        """The services of the youth teams sit in each of them."""
        for part in self.file.organs:
            alike: Counter[str] = Counter()
            for seat in part.seats:
                who = f"{seat.role} {seat.represents}"
                alike[who] += 1
                yield partial(
                    self._sit,
                    part,
                    f"{who} {alike[who]}",
                    role=seat.role,
                    represents=seat.represents,
                    taken_on=seat.from_,
                )
            services = part.services or self._team_services(part)
            for name in dict.fromkeys(services):
                yield partial(self._sit, part, name, service=name)

    def _team_services(self, part: OrganPart) -> list[str]:
        return self.file.team_services if part.kind == "youth_team" else []

    def _sit(
        self,
        part: OrganPart,
        which: str,
        *,
        role: SeatRole = SeatRole.MEMBER,
        represents: str | None = None,
        service: str | None = None,
        taken_on: date | None = None,
    ) -> None:
        pen = Pen()
        written = pen.write_if(represents)
        self._on_organ(
            part,
            pen,
            lambda organ: organ.take_seat(
                role=role,
                represents=written,
                service=self.engine.structure.service(service) if service else None,
                taken_on=taken_on,
                topology=self.engine.topology,
                **self.clerk.admin(),
            ),
            "seat",
            part.key,
            which,
        )

    def _on_organ(
        self, part: OrganPart, pen: Pen, decide: Callable[[Organ], Event], *about: str
    ) -> None:
        self.engine.act(
            Organ,
            organ_id(part.key),
            decide,
            command=self.clerk.command(ADMIN, *about),
            drafts=pen.drafts,
        )


def _since(part: OrganPart, clerk: Clerk) -> Occurred:
    day = part.constituted_on or part.first_meeting_on
    if day is None:
        return clerk.today()
    known = Precision.DAY if part.constituted_on else part.first_meeting_precision
    begin = datetime(day.year, day.month, day.day, tzinfo=OSLO)
    if begin > clerk.now:
        return clerk.today()
    return Occurred(at=begin, precision=known, source=Source.REPORT)


def _not_stated(file: MunicipalityFile) -> OrganPart:
    """Stands for the teams: it lifts to wherever any of them does."""
    lifts_to = dict.fromkeys(to for team in file.teams for to in team.lifts_to)
    return OrganPart(
        key=NOT_STATED,
        name="ikke oppgitt",
        level=Level.EXECUTING,
        kind="not_stated",
        parent=next((team.parent for team in file.teams), None),
        lifts_to=list(lifts_to),
    )

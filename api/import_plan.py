"""The plan of a municipality's file: focus areas, plans, what was done, what was observed."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from api.import_clerk import COORDINATOR, Clerk, Step
from api.imported import FocusAreaPart, PlanPart
from domain.event import Event
from domain.plan import PLAN, Observer, Plan
from ledger.texts import Pen, words_of


class PlanImport:
    """Each line of the file becomes one event of the plan."""

    def __init__(self, clerk: Clerk) -> None:
        self.clerk = clerk
        self.engine = clerk.engine
        self.file = clerk.file

    def steps(self) -> Iterator[Step]:
        yield from self._focus_areas()
        yield from self._plans()
        yield from self._works()
        yield from self._observations()
        if self.file.rapid_assessment is not None:
            yield self._method

    def _focus_areas(self) -> Iterator[Step]:
        for written, areas in self.file.focus_areas.items():
            year = int(written) if written.isdigit() else None
            for area in areas:
                part = self._with_key(area) if isinstance(area, str) else area
                yield partial(self._focus_area, part, year)

    def _with_key(self, name: str) -> FocusAreaPart:
        """A name of its own has no key: it gets one that says nothing."""
        return FocusAreaPart(key=f"f{self.clerk.about('focus area key', name)[:8]}", name=name)

    def _focus_area(self, part: FocusAreaPart, year: int | None) -> None:
        """Set it, or give it its other name."""
        seen = self.engine.load(Plan, PLAN)
        areas = seen.state.focus_areas if seen is not None else ()
        set_already = [area for area in areas if (area.key, area.year) == (part.key, year)]
        pen = Pen()
        name = pen.write(part.name)
        if not set_already:
            self._decide(
                pen,
                lambda plan: plan.set_focus_area(
                    key=part.key,
                    name=name,
                    year=year,
                    ages=part.ages,
                    topology=self.engine.topology,
                    **self._by_the_board(year),
                ),
            )
        elif part.name not in words_of(self.engine.database, [set_already[0].name]).values():
            self._decide(
                pen,
                lambda plan: plan.rename_focus_area(
                    key=part.key,
                    year=year,
                    name=name,
                    topology=self.engine.topology,
                    **self._by_the_board(year),
                ),
            )

    def _plans(self) -> Iterator[Step]:
        for part in self.file.plans:
            yield partial(self._adopt, part)

    def _adopt(self, part: PlanPart) -> None:
        pen = Pen()
        name = pen.write(part.name)
        self._decide(
            pen,
            lambda plan: plan.adopt(
                name=name,
                from_year=part.from_,
                to_year=part.to,
                measures=part.measures,
                topology=self.engine.topology,
                **self._by_the_board(part.from_),
            ),
            "plan",
            part.name,
            str(part.from_),
        )

    def _works(self) -> Iterator[Step]:
        for year, by_area in self.file.done.items():
            for key, works in by_area.items():
                for what in works:
                    yield partial(self._report, key, year, what)

    def _report(self, key: str, year: int, what: str) -> None:
        pen = Pen()
        done = pen.write(what)
        self._decide(
            pen,
            lambda plan: plan.report_work(
                focus_area=key, year=year, what=done, by=COORDINATOR, at=self.clerk.in_year(year)
            ),
            "work",
            key,
            str(year),
            what,
        )

    def _observations(self) -> Iterator[Step]:
        for year, challenges in self.file.police_challenges.items():
            for what in challenges:
                yield partial(self._observe, year, what)

    def _observe(self, year: int, what: str) -> None:
        pen = Pen()
        seen = pen.write(what)
        self._decide(
            pen,
            lambda plan: plan.observe(
                observer=Observer.POLICE,
                what=seen,
                topology=self.engine.topology,
                by=COORDINATOR,
                at=self.clerk.in_year(year),
            ),
            "observation",
            str(year),
            what,
        )

    def _method(self) -> None:
        part, pen = self.file.rapid_assessment, Pen()
        assert part is not None  # noqa: S101 - the step is there only with it
        name, builds_on = pen.write(part.name), pen.write_if(part.builds_on)
        mandate = pen.write_if(part.mandate_2023)
        developed_by = tuple(pen.write(who) for who in part.developed_by)
        self._decide(
            pen,
            lambda plan: plan.describe_method(
                name=name,
                since=part.since,
                count=part.count,
                developed_by=developed_by,
                builds_on=builds_on,
                mandate=mandate,
                by=COORDINATOR,
                at=self.clerk.in_year(part.since),
            ),
            "method",
            part.name,
        )

    def _decide(self, pen: Pen, decide: Callable[[Plan], Event], *about: str) -> None:
        self.engine.act(
            Plan,
            PLAN,
            decide,
            command=self.clerk.command(COORDINATOR, *about),
            drafts=pen.drafts,
            absent=Plan(),
        )

    def _by_the_board(self, year: int | None) -> dict[str, Any]:
        return {"by": COORDINATOR.acting_for(self.file.board), "at": self.clerk.in_year(year)}

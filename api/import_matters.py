"""The matters of a municipality's file: raised, and lifted where they stand at two levels."""

from collections.abc import Iterator
from functools import partial
from uuid import NAMESPACE_URL, uuid5

from api.import_clerk import COORDINATOR, NOT_STATED, Clerk, Step
from domain.case import Case
from ledger.texts import Pen


class MatterImport:
    """Who raised it, why it was lifted and when exactly: what the report does not say is left
    open, and nothing is invented."""

    def __init__(self, clerk: Clerk) -> None:
        self.clerk = clerk
        self.engine = clerk.engine
        self.file = clerk.file

    def steps(self) -> Iterator[Step]:
        """In the order of the file: what the group had on its table came there in that order,
        whether it was lifted or raised there."""
        raised = dict[str, int]()
        for year, titles in self.file.raised_in_youth_teams.items():
            for title in titles:
                raised[title] = year
                yield partial(self._raise, title, NOT_STATED, year)
        for title, group, year in self._of_the_group():
            team = self._lifted.get(title)
            if team is not None:
                yield partial(self._lift, team, title, raised[team])
            else:
                yield partial(self._raise, title, group, year)

    def are_in(self) -> bool:
        """Whether the last matter has come to the group, and so all before it."""
        for title, group, year in self._of_the_group()[-1:]:
            team = self._lifted.get(title)
            if team is None:
                return self.engine.load(Case, self._case_id(title, group, year)) is not None
            years = [y for y, its in self.file.raised_in_youth_teams.items() if team in its]
            seen = self.engine.load(Case, self._case_id(team, NOT_STATED, years[-1]))
            return seen is not None and group in seen.state.titles_there
        return False

    @property
    def _lifted(self) -> dict[str, str]:
        """The teams' title of each matter that stands in both lists, by the group's."""
        return {same.group: same.team for same in self.file.same_matter_at_two_levels}

    def _of_the_group(self) -> list[tuple[str, str, int]]:
        """Title, organ and year of each matter in the group's list."""
        return [
            (title, self.file.group, year)
            for year, titles in self.file.in_coordination_group.items()
            for title in titles
            if self.file.group is not None
        ]

    def _raise(self, title: str, organ: str, year: int) -> None:
        pen = Pen()
        case_id, written = self._case_id(title, organ, year), pen.write(title)
        self.engine.begin(
            Case,
            case_id,
            lambda: Case.raise_(
                case_id,
                raised_by=organ,
                title=written,
                topology=self.engine.topology,
                by=COORDINATOR.acting_for(organ),
                at=self.clerk.in_year(year),
            ),
            command=self.clerk.command(COORDINATOR, "case", organ, str(year), title),
            drafts=pen.drafts,
        )

    def _lift(self, title: str, title_there: str, year: int) -> None:
        """The report tells neither why nor what was tried."""
        pen, group = Pen(), self.file.group
        written = pen.write(title_there)
        self.engine.act(
            Case,
            self._case_id(title, NOT_STATED, year),
            lambda case: case.escalate(
                to=group or "",
                why=None,
                reason=None,
                tried=None,
                title_there=written,
                topology=self.engine.topology,
                by=COORDINATOR,
                at=self.clerk.in_year(year),
            ),
            command=self.clerk.command(COORDINATOR, "lift", str(year), title),
            drafts=pen.drafts,
        )

    def _case_id(self, title: str, organ: str, year: int) -> str:
        """The same at every import, and telling nothing of the title without the secret."""
        return str(uuid5(NAMESPACE_URL, self.clerk.about("case id", organ, str(year), title)))

"""Where something is logged in a meeting: an item of its agenda."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from api.bodies import Command
from api.desk import Desk
from api.meeting_bodies import OfAnItem
from api.meetings import load, stream_of
from api.problems import NotFound
from domain.agenda import Item, item_of
from domain.case import Case
from domain.errors import Invalid, ItemUnknown
from domain.event import Occurred
from domain.meeting import Meeting
from ledger.commands import answered
from ledger.engine import Engine

B = TypeVar("B", bound=Command)
C = TypeVar("C", bound=OfAnItem)


class WhichCase(Invalid):
    """The item is not about one case. Say which of its cases, by id or number."""


@dataclass(frozen=True)
class Table:
    """An item of a meeting, which must still be open when what is said there is recorded. `n` is
    None for what is withdrawn: its item may be off the agenda by then."""

    engine: Engine
    meeting: str
    n: int | None

    def allows(self, case: str | None, at: Occurred) -> None:
        """Judged anew at each try: a meeting is structure, and the ledger takes nothing that was
        decided before it was closed. Refuses what cannot have happened there."""
        seen = self.engine.load(Meeting, self.meeting)
        if seen is None:
            raise NotFound
        if self.n is None:
            seen.state.is_under_way(at)
        else:
            seen.state.discusses(self.n, case=case, at=at)


@dataclass(frozen=True)
class Place:
    """A meeting's table at which somebody sits, and the item that is talked about, if one."""

    desk: Desk
    meeting: Meeting
    item: Item | None

    def cases(self, body: OfAnItem) -> list[str]:
        """The ids of the cases that *body* is about: the one that it names, else all of them."""
        if body.case is not None:
            return [self.desk.case_id(body.case)]
        return list(self.item.cases) if self.item is not None else []

    def case(self, body: OfAnItem) -> str:
        """The id of the one case that *body* is about. Refuses with `WhichCase`."""
        found = self.cases(body)
        if len(found) != 1:
            raise WhichCase
        return found[0]

    def at_the_time(self, body: B, *cases: str) -> B:
        """*body* as it is meant in the meeting: on behalf of its organ, and at its time, unless it
        says otherwise."""
        given = {"acting_for": body.acting_for, "occurred_at": body.occurred_at}
        usual = {"acting_for": self.meeting.organ, "occurred_at": self._time(cases)}
        return body.model_copy(update={name: given[name] or usual[name] for name in usual})

    def _time(self, cases: tuple[str, ...]) -> datetime:
        """When the meeting began, or a case of it was raised since; never later than now."""
        lives = [self.desk.engine.load(Case, case) for case in cases]
        raised = [life.state.raised_at for life in lives if life is not None]
        return min(self.desk.now, max([self.meeting.starts_at, *raised]))


def at_the_table(meeting: str, n: int, desk: Desk) -> Place:
    """A place at the table of a meeting, at item *n*. Refuses with `NotFound` and `ItemUnknown`."""
    seated = seated_at(meeting, n, desk)
    found = load(desk, meeting).state
    try:
        item = item_of(found.items, n)
    except ItemUnknown:
        item = _answered_before(seated, n)
    return Place(seated, found, item)


def seated_at(meeting: str, n: int, desk: Desk, *, withdraws: bool = False) -> Desk:
    """The desk, at an item of a meeting. Refuses with `NotFound`."""
    stream = stream_of(meeting)
    return replace(
        desk,
        command=replace(desk.command, meeting=stream, item=n),
        table=Table(desk.engine, stream, None if withdraws else n),
    )


def _answered_before(desk: Desk, n: int) -> Item:
    """The item as it was when the same command was answered: it has been taken off since. Refuses
    with `ItemUnknown` where it is a new command."""
    first = answered(desk.database, desk.command)
    then = desk.engine.load(Meeting, str(desk.command.meeting), first[-1]) if first else None
    if then is None:
        raise ItemUnknown(n=n)
    return item_of(then.state.items, n)

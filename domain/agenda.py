"""An agenda's items: what a meeting is to talk about, and why each waits for it."""

from collections.abc import Iterable, Iterator
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from domain import errors
from domain.text import Text


class Waits(StrEnum):
    """Why something is for an organ's next meeting."""

    NEWS = "news"
    """What has happened at the level below since last time."""
    CARRIED_OVER = "carried_over"
    OVERDUE = "overdue"
    LIFTED = "lifted"
    RETURNED = "returned"
    ANSWER_OWED = "answer_owed"
    """Somebody waits for an answer of this organ's."""
    ASSIGNED = "assigned"
    """The organ itself was made responsible."""
    HELD = "held"
    BY_HAND = "by_hand"


class Carried(BaseModel):
    """The item of an earlier meeting that was postponed."""

    model_config = ConfigDict(frozen=True)

    meeting: str
    n: int


class Item(BaseModel):
    """One item. `n` stays its number however the agenda is arranged. It is about cases, or the
    news from below, or what its title says: its own, or that of the item that it was carried over
    from. `reason`: why it was postponed, if that was said; it came later, and is written down only
    where it says something."""

    model_config = ConfigDict(frozen=True)

    n: int
    why: tuple[Waits, ...]
    cases: tuple[str, ...] = ()
    title: Text | None = None
    carried: Carried | None = None
    postponed: bool = False
    reason: Text | None = Field(None, exclude_if=lambda reason: reason is None)

    @property
    def subject(self) -> object:
        """Two items with the same subject are one."""
        return (self.carried or self.title) if not self.cases else frozenset(self.cases)


def added(items: tuple[Item, ...], new: Iterable[Item], after: int) -> Iterator[Item]:
    """The *new* ones that are not among *items* yet, numbered from *after* on. What is carried over
    keeps its title where it was typed."""
    known = {item.subject for item in items}
    for item in new:
        if item.subject not in known:
            known.add(item.subject)
            after += 1
            yield item.model_copy(update={"n": after, "title": None})


def arranged(items: tuple[Item, ...], order: tuple[int, ...]) -> tuple[Item, ...]:
    """*items* in this order, which names each of them once. Refuses with `OrderIncomplete`."""
    numbered = {item.n: item for item in items}
    if sorted(order) != sorted(numbered):
        raise errors.OrderIncomplete
    return tuple(numbered[n] for n in order)


def item_of(items: tuple[Item, ...], n: int) -> Item:
    """Refuses with `ItemUnknown`."""
    for item in items:
        if item.n == n:
            return item
    raise errors.ItemUnknown(n=n)

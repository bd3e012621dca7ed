"""What the organs and services of whoever looks were assigned or ordered, with what they can do."""

from collections.abc import Iterator
from dataclasses import dataclass

from api import orders, work
from api.desk import Desk
from api.pages.case_forms import ACCEPT, COMPLETE, DECLINE
from api.pages.forms import Form
from api.pages.order_forms import named
from api.work import WorkItem

OF_A_CASE = {"acceptance": ACCEPT, "completion": COMPLETE, "refusal": DECLINE}
HERE = ("accept", "report", "decline")
"""What is done where it is listed; the rest is done on the page of the case or order."""


@dataclass(frozen=True)
class Doing:
    """A form, and the address that it is sent to."""

    form: Form
    at: str


@dataclass(frozen=True)
class Work:
    """`at`: the page of the case or order; `once`: what takes one click."""

    item: WorkItem
    at: str
    once: Doing | None
    more: list[Doing]


def waiting_for(desk: Desk, limit: int) -> list[Work]:
    """The soonest due first."""
    found = work.my_work(desk, limit=limit).items
    return [_work(desk, item) for item in found]


def _work(desk: Desk, item: WorkItem) -> Work:
    doing = list(_doing(desk, item))
    at = f"/orders/{item.order}" if item.order else f"/cases/{item.number}#a{item.n}"
    once = next((one for one in doing if not one.form.fields), None)
    return Work(item, at, once, [one for one in doing if one is not once])


def _doing(desk: Desk, item: WorkItem) -> Iterator[Doing]:
    paths = {one.what: one.path.removeprefix("/api") for one in item.can}
    kind = orders.row_of(item.order, desk).order.kind if item.order else None
    for what in HERE:
        if what in paths:
            name = paths[what].rpartition("/")[2]
            form = OF_A_CASE.get(name) if kind is None else named(name, kind)
            if form is not None:
                yield Doing(form, paths[what])

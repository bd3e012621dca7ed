"""Each order as it is and was, who reads it, and where its decisions stand."""

from datetime import date

import pytest

from api.installation import OpenLedger
from domain.order import Order
from domain.terms import OrderKind, OrderState
from ledger.sight import Reads
from ledger.texts import texts_in, words_of
from projections import case_status, orders, readership
from projections.decisions import DecisionFilter, register
from projections.orders import OrderFilter
from tests.domain.scenario import COORDINATOR
from tests.domain.topologies import BOARD, GROUP, OUTREACH, TEAM
from tests.lives import Town, settled
from tests.orders import MAPPING, does, placed
from tests.projections.rebuilding import assert_views_equal_a_rebuild

TODAY = date(2026, 6, 1)


@pytest.fixture
def town(ledger: OpenLedger) -> Town:
    return settled(ledger)


def found(town: Town, as_of: int | None = None, **narrow: object) -> list[str]:
    town.ledger.follower.catch_up()
    rows = orders.listed(
        town.ledger.database, OrderFilter.model_validate(narrow), today=TODAY, as_of=as_of
    )
    return [row.order.id for row in rows]


def test_an_order_is_read_as_it_was_at_any_position(town: Town) -> None:
    order = placed(town)
    begun = town.engine.ledger.size()
    accepted = does(town, order, "accept").position
    delivered = does(town, order, "deliver").position
    town.ledger.follower.catch_up()
    states = {
        at: row.order.state if (row := orders.one(town.ledger.database, order, as_of=at)) else None
        for at in (begun - 1, begun, accepted, delivered, None)
    }
    assert states == {
        begun - 1: None,
        begun: OrderState.PLACED,
        accepted: OrderState.ACCEPTED,
        delivered: OrderState.DELIVERED,
        None: OrderState.DELIVERED,
    }
    for at in (begun, accepted, delivered):
        row, told = orders.one(town.ledger.database, order, as_of=at), town.engine.load(
            Order, order, at
        )  # fmt: skip
        assert row is not None
        assert told is not None
        assert (row.order, row.position, row.placed_position) == (told.state, at, begun)


def test_orders_are_listed_as_they_were_placed_by_every_filter(town: Town) -> None:
    first = placed(town)
    second = placed(town, to=TEAM, by=COORDINATOR.acting_for(GROUP), **MAPPING)
    before = town.engine.ledger.size()
    third = placed(town, due_on=date(2026, 5, 31))
    does(town, first, "accept")
    assert found(town) == [first, second, third]
    assert found(town, state=OrderState.ACCEPTED) == [first]
    assert found(town, kind=OrderKind.MAPPING) == [second]
    assert found(town, ordered_by=BOARD) == [first, third]
    assert found(town, to=TEAM) == [second]
    assert found(town, overdue=True) == [third]
    assert found(town, overdue=False) == [first, second]
    assert found(town, as_of=before) == [first, second]
    assert found(town, as_of=before, state=OrderState.PLACED) == [first, second]


def test_what_is_delivered_or_has_ended_is_not_late(town: Town) -> None:
    late = {"due_on": date(2026, 5, 31)}
    does(town, placed(town, **late), "deliver")
    does(town, placed(town, **late), "withdraw")
    assert found(town, overdue=True) == []


def test_a_page_begins_after_the_order_before_it(town: Town) -> None:
    placed(town)
    after = town.engine.ledger.size()
    second, third = placed(town), placed(town)
    town.ledger.follower.catch_up()
    reads = town.ledger.database
    page = orders.listed(reads, OrderFilter(), today=TODAY, after=after, limit=1)
    assert [row.order.id for row in page] == [second]
    rest = orders.listed(reads, OrderFilter(), today=TODAY, after=page[0].placed_position)
    assert [row.order.id for row in rest] == [third]


def test_what_is_open_for_a_service_comes_by_its_day(town: Town) -> None:
    later, sooner = placed(town, due_on=date(2026, 8, 1)), placed(town, due_on=date(2026, 7, 1))
    placed(town, to=TEAM)
    does(town, placed(town), "decline")
    town.ledger.follower.catch_up()
    waiting = orders.open_for(town.ledger.database, [OUTREACH])
    assert [row.order.id for row in waiting] == [sooner, later]


def test_an_order_is_for_those_who_ordered_it_and_those_it_was_ordered_from(town: Town) -> None:
    """Its rows, its events and its words: whoever forgets to ask is answered with nothing."""
    order = placed(town, **MAPPING)
    does(town, order, "accept")
    town.ledger.follower.catch_up()

    def sees(*marks: str) -> list[bool]:
        sight: Reads = town.ledger.seen_by(frozenset(marks))
        texts = texts_in(town.entries(order))
        return [
            bool(sight.rows("SELECT FROM orders")),
            bool(sight.rows("SELECT FROM events WHERE stream_id = %(order)s", order=order)),
            bool(words_of(sight, texts)),
            bool(orders.history(sight, order, as_of=2**62)),
        ]

    assert sees("*") == sees(BOARD) == sees(OUTREACH) == [True] * 4
    assert sees(TEAM) == sees(GROUP) == sees("@p-1") == sees() == [False] * 4


def test_an_order_is_no_case(town: Town) -> None:
    placed(town)
    town.ledger.follower.catch_up()
    assert readership.read_by(town.ledger.database, [OUTREACH]) == []


def test_its_history_is_read_up_to_a_position(town: Town) -> None:
    order = placed(town)
    begun = town.engine.ledger.size()
    accepted = does(town, order, "accept").position
    town.ledger.follower.catch_up()
    reads = town.ledger.database
    told = [entry.topic for entry in orders.history(reads, order, as_of=2**62)]
    assert told == ["OrderPlaced", "OrderAccepted"]
    assert [entry.id for entry in orders.history(reads, order, as_of=begun)] == [begun]
    assert [e.id for e in orders.history(reads, order, as_of=2**62, after=begun)] == [accepted]


def test_its_decisions_stand_in_the_register_with_the_number_of_its_case(town: Town) -> None:
    case = town.raised()
    order = placed(town, case=case)
    does(town, order, "deliver")
    does(town, order, "approve")
    town.ledger.follower.catch_up()
    number = town.case(case).number

    def registered(reads: Reads) -> list[tuple[str, str | None]]:
        made = register(reads, DecisionFilter(organ=BOARD), as_of=2**62)
        return [(one.entry.topic, one.number) for one in made if one.entry.stream_type == "order"]

    assert registered(town.ledger.database) == [("OrderPlaced", number), ("OrderApproved", None)]
    service, team = town.ledger.seen_by({OUTREACH}), town.ledger.seen_by({TEAM})
    assert registered(service) == [("OrderPlaced", None), ("OrderApproved", None)]
    assert registered(team) == []


def test_assignments_are_found_by_who_has_them(town: Town) -> None:
    mine, closed, others = town.raised(), town.raised(), town.raised()
    for case in (mine, closed):
        town.does(case, "assign")
    town.does(others, "assign", service=TEAM)
    town.does(closed, "close")
    town.ledger.follower.catch_up()
    reads, cases = town.ledger.database, [mine, closed, others]
    rows = case_status.assigned_to(reads, [OUTREACH], only=cases)
    assert [row.case.id for row in rows] == [mine]
    assert case_status.assigned_to(reads, [OUTREACH], only=[others]) == []


def test_it_is_rebuilt_as_it_was_followed(town: Town) -> None:
    first, second = placed(town), placed(town, **MAPPING)
    does(town, first, "accept")
    town.ledger.follower.catch_up()
    does(town, second, "take_step", 1)
    does(town, first, "deliver")
    does(town, first, "send_back")
    does(town, second, "pass_on")
    town.ledger.follower.catch_up()
    assert_views_equal_a_rebuild(town.ledger)

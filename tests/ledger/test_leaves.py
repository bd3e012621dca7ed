"""The leaf hash of each row: SHA-256 over 0x00 and RFC 8785 JSON of all other columns."""

import hashlib
from uuid import uuid4

import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from api.installation import OpenLedger
from domain.terms import PreventionLevel
from ledger.commands import Command
from ledger.stored import canonical, leaf
from tests.domain.scenario import COORDINATOR, oslo
from tests.domain.topologies import OUTREACH
from tests.ledger.leaves import expected, rows, wrong_leaves
from tests.lives import Town, as_owner, settled

KEYS = st.text("abcdefghijklmnopqrstuvwxyz_0123456789", max_size=12)
LEAVES = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1)
LEAVES |= st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=5)
)


@settings(max_examples=200, deadline=None, database=None)
@given(VALUES)
def test_what_is_hashed_is_written_as_rfc_8785_says(value: object) -> None:
    """For what the ledger holds: no floats, and keys in ASCII."""
    assert canonical(value).encode() == rfc8785.dumps(value)


def test_every_leaf_hash_is_that_of_its_row(baerum: OpenLedger) -> None:
    assert baerum.engine.ledger.size() > 100
    assert wrong_leaves(baerum) == []


def test_every_kind_of_thing_in_a_life_is_hashed(ledger: OpenLedger) -> None:
    """All columns set, all fields set, letters of every kind, odd times."""
    town = settled(ledger)
    command = Command(COORDINATOR, command_id=uuid4(), causation_id=uuid4(), correlation_id=uuid4())
    moment = oslo(2015, 10, 25, 2, 30)
    case = town.raised(
        title='"Å \u2028 \U0001f600\\ \x7f \x01',
        description="To\nlinjer",
        area="Bærum",
        themes=("rus", "vold"),
        focus_area="rus",
        prevention_level=PreventionLevel.SELECTIVE,
        ages=(13, 16),
        service=OUTREACH,
        at=moment.model_copy(update={"at": moment.at.replace(microsecond=7)}),
    )
    town.does(case, "note", command=command)
    town.does(case, "escalate", urgent=True, title_there="Kvelningslek")
    town.does(case, "assign")
    other = town.whole_life()
    town.does(case, "link", other=other)
    town.corrected(case, 1)
    town.reversed(case, 3)
    town.merged(case, town.raised())
    assert wrong_leaves(ledger) == []


def test_an_odd_name_is_hashed_as_it_stands(ledger: OpenLedger) -> None:
    """Keys are checked by the doors. The ledger hashes whatever it is given."""
    town = settled(ledger)
    for organ in ('x","position":0,"recorded_at":""', '"number":null', "æ \\ \u2028 \x1f {}"):
        town.constitutes(organ, "executing")
        town.raised(raised_by=organ)
    assert wrong_leaves(ledger) == []


def test_the_engine_s_leaf_is_the_same(ledger: OpenLedger) -> None:
    town = settled(ledger)
    town.whole_life()
    for entry in town.entries():
        assert hashlib.sha256(leaf(entry)).digest() == entry.leaf_hash


def test_a_row_that_was_altered_is_told_by_its_hash(ledger: OpenLedger) -> None:
    """Somebody with the database in hand takes the trigger away, and changes what was said."""
    town = settled(ledger)
    case = town.whole_life()
    altered = town.position(case, 3)
    with as_owner(ledger) as connection:
        connection.execute("ALTER TABLE events DISABLE TRIGGER ALL")
        for column, value in (
            ("actor", '\'{"id": "a-9", "role": "coordinator", "organ": null}\''),
            ("occurred_at", "occurred_at + interval '1 microsecond'"),
            ("recorded_at", "recorded_at + interval '1 microsecond'"),
            ("data", "data || '{\"urgent\": true}'"),
            ("name", "'CaseReturned'"),
            ("command_id", "gen_random_uuid()"),
            ("causation_id", "gen_random_uuid()"),
            ("correlation_id", "gen_random_uuid()"),
            ("schema_version", "2"),
            ("stream_type", "'organ'"),
            ("stream_id", "'case-1'"),
            ("version", "99"),
            ("position", "99"),
        ):
            with connection.transaction(force_rollback=True):
                connection.execute(
                    f"UPDATE events SET {column} = {value} WHERE position = {altered}"
                )
                changed = [r["position"] for r in rows(connection) if r["leaf_hash"] != expected(r)]
                assert changed == [99 if column == "position" else altered], column
    assert wrong_leaves(ledger) == []


def test_the_town_has_as_many_leaves_as_events(ledger: OpenLedger) -> None:
    town: Town = settled(ledger)
    town.whole_life()
    hashes = {entry.leaf_hash for entry in town.entries()}
    assert len(hashes) == len(town.entries())
    assert {len(one) for one in hashes} == {32}

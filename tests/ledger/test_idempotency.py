"""A command with a key is done once, however often it is sent. The lost answers: tests/faults."""

from dataclasses import replace
from functools import partial

import pytest

from api.installation import OpenLedger
from domain.actor import Actor, Role
from domain.case import Case
from domain.errors import CaseIsClosed, NotDiscussed, Refusal, StaleVersion
from ledger.commands import Command, KeyUsedForAnother, request_hash
from ledger.engine import Seen
from tests.domain.scenario import COORDINATOR
from tests.domain.topologies import OTHER_TEAM, TEAM
from tests.lives import Town, another, in_threads, settled

SOMEBODY_ELSE = Actor(id="a-9", role=Role.COORDINATOR)


@pytest.fixture
def town(ledger: OpenLedger) -> Town:
    return settled(ledger)


def keyed(
    key: str = "k-1", body: str = "h-1", by: Actor = COORDINATOR, version: int | None = None
) -> Command:
    return Command(by, key=key, request_hash=body, if_version=version)


def again(first: Seen[Case]) -> Seen[Case]:
    """What a repeat is to be given."""
    assert not first.repeated
    return replace(first, repeated=True)


def test_a_repeat_is_given_the_state_of_the_first_answer(town: Town) -> None:
    case = town.raised()
    first = town.does(case, "discuss", command=keyed())
    town.does(case, "escalate")
    town.does(case, "note")
    repeat = town.does(case, "discuss", command=keyed())
    assert repeat == again(first)
    assert (repeat.state.version, repeat.state.status) == (2, "discussed")
    assert len(town.entries(case)) == 4


def test_a_repeated_raising_is_given_the_first_case(town: Town) -> None:
    first = town.raises(command=keyed())
    assert town.raises(command=keyed()) == again(first)
    assert town.cases() == [first.state.id]


def test_a_repeat_is_recognised_by_another_process(town: Town) -> None:
    case = town.raised()
    first = town.does(case, "discuss", command=keyed())
    with another(town.ledger) as there:
        assert Town(there).does(case, "discuss", command=keyed()) == again(first)
    assert len(town.entries(case)) == 2


def test_a_repeat_of_what_is_no_longer_allowed_is_still_answered(town: Town) -> None:
    """Closed since; and lifted since, so that the same lift would be refused."""
    case = town.raised()
    town.does(case, "discuss")
    lifted = town.does(case, "escalate", command=keyed("k-lift"))
    closed = town.does(case, "close", command=keyed("k-close"))
    assert town.does(case, "escalate", command=keyed("k-lift")) == again(lifted)
    assert town.does(case, "close", command=keyed("k-close")) == again(closed)
    with pytest.raises(CaseIsClosed):
        town.does(case, "close", command=keyed("k-other"))
    assert len(town.entries(case)) == 4


def test_a_repeat_with_the_version_of_then_is_not_stale(town: Town) -> None:
    case = town.raised()
    first = town.does(case, "note", command=keyed(version=1))
    town.does(case, "note")
    assert town.does(case, "note", command=keyed(version=1)) == again(first)
    with pytest.raises(StaleVersion):
        town.does(case, "note", command=keyed("k-2", version=1))


def test_a_repeat_with_a_merge_since_shows_the_case_as_it_was(town: Town) -> None:
    case, other = town.raised(), town.raised(raised_by=OTHER_TEAM)
    town.does(other, "escalate", urgent=True)
    first = town.does(case, "note", command=keyed())
    town.merged(other, case)
    assert town.case(case).owed == (OTHER_TEAM,)
    assert town.does(case, "note", command=keyed()) == again(first)
    assert first.state.owed == ()


def test_the_same_key_with_another_body_is_refused(town: Town) -> None:
    case = town.raised()
    town.does(case, "note", command=keyed())
    for what in ("note", "discuss", "accept"):
        numbers = (1,) if what == "accept" else ()
        with pytest.raises(KeyUsedForAnother):
            town.does(case, what, *numbers, command=keyed(body="h-2"))
    with pytest.raises(KeyUsedForAnother):
        town.raises(command=keyed(body="h-3"))
    assert len(town.entries(case)) == 2


def test_the_key_of_somebody_else_is_another_key(town: Town) -> None:
    case = town.raised()
    town.does(case, "note", command=keyed())
    seen = town.does(case, "note", by=SOMEBODY_ELSE, command=keyed(body="h-2", by=SOMEBODY_ELSE))
    assert seen.state.version == 3
    same = town.does(case, "note", by=SOMEBODY_ELSE, command=keyed(body="h-2", by=SOMEBODY_ELSE))
    assert same == again(seen)


def test_only_what_succeeded_is_remembered(town: Town) -> None:
    case = town.raised()
    with pytest.raises(NotDiscussed):
        town.does(case, "escalate", command=keyed())
    with pytest.raises(StaleVersion):
        town.does(case, "note", command=keyed("k-2", version=9))
    assert town.ledger.database.rows("SELECT count(*) FROM commands") == [(0,)]
    town.does(case, "discuss")
    assert town.does(case, "escalate", command=keyed()).state.version == 3
    assert town.does(case, "note", command=keyed("k-2", "h-9")).state.version == 4


def test_without_a_key_nothing_is_remembered(town: Town) -> None:
    case = town.raised()
    command = Command(COORDINATOR, request_hash="h")
    assert town.does(case, "note", command=command).state.version == 2
    assert town.does(case, "note", command=command).state.version == 3
    assert town.ledger.database.rows("SELECT count(*) FROM commands") == [(0,)]


def test_what_is_remembered_holds_no_word(town: Town) -> None:
    """Who asked under which key, a keyed hash, the answer's status and its positions."""
    command = keyed(body=request_hash(b"secret", b"POST", b"Choking game"))
    seen = town.raises(command=command)
    rows = town.ledger.database.rows("SELECT * FROM commands")
    assert rows == [("k-1", COORDINATOR.id, command.request_hash, 201, [seen.position])]


def test_a_keyed_hash_differs_with_the_secret_and_with_where_a_part_ends() -> None:
    hashes = {
        request_hash(b"s", b"ab", b"c"),
        request_hash(b"s", b"a", b"bc"),
        request_hash(b"s", b"abc"),
        request_hash(b"t", b"ab", b"c"),
    }
    assert len(hashes) == 4
    assert request_hash(b"s", b"ab", b"c") in hashes


def test_one_key_from_eight_threads_is_one_event(town: Town) -> None:
    case = town.raised()
    with another(town.ledger) as there:
        towns = [town, Town(there)] * 4
        works = [partial(one.does, case, "note", command=keyed()) for one in towns]
        seen = in_threads(*works)
    assert len(town.entries(case)) == 2
    assert {(one.state.version, one.position) for one in seen} == {(2, town.position(case, 2))}
    assert [one.repeated for one in seen].count(False) == 1


def test_one_key_that_raises_from_eight_threads_is_one_case(town: Town) -> None:
    seen = in_threads(*[partial(town.raises, command=keyed()) for _ in range(8)])
    assert [one.state.id for one in seen] == town.cases() * 8
    assert {one.state.number for one in seen} == {seen[0].state.number}
    assert {one.state.raised_by for one in seen} == {TEAM}


def test_one_key_for_two_bodies_at_once_is_one_event(town: Town) -> None:
    case = town.raised()
    works = [partial(town.does, case, "note", command=keyed(body=f"h-{n % 2}")) for n in range(8)]
    came = in_threads(*works)
    assert len(town.entries(case)) == 2
    told = {n % 2 for n, one in enumerate(came) if isinstance(one, Seen)}
    assert len(told) == 1
    refused = [one for one in came if isinstance(one, Refusal)]
    assert [type(one) for one in refused] == [KeyUsedForAnother] * 4


def test_one_key_on_two_cases_is_one_event(town: Town) -> None:
    """The path is part of what is hashed, so the second is another request."""
    first, second = town.raised(), town.raised()
    town.does(first, "note", command=keyed(body="first"))
    with pytest.raises(KeyUsedForAnother):
        town.does(second, "note", command=keyed(body="second"))
    assert len(town.entries(second)) == 1

"""The tree that is kept in the database is the tree over the events, however it grew."""

import random
from threading import Event, Thread

import pytest

from api.installation import OpenLedger
from ledger.tree import AT_ONCE, NotSealedYet, Tree
from ledger.verifier import EMPTY_ROOT, Frontier, includes, is_consistent
from tests.lives import Town, another, in_threads, settled


@pytest.fixture
def town(ledger: OpenLedger) -> Town:
    town = settled(ledger)
    for _ in range(6):
        town.whole_life()
    return town


def leaves(town: Town) -> list[bytes]:
    rows = town.ledger.database.rows("SELECT leaf_hash FROM events ORDER BY position")
    return [leaf for (leaf,) in rows]


def roots(town: Town) -> list[bytes]:
    """By size, from the leaves themselves."""
    tree, made = Frontier(), [EMPTY_ROOT]
    for leaf in leaves(town):
        tree.add(leaf)
        made.append(tree.root())
    return made


def assert_whole(town: Town, tree: Tree) -> None:
    expected = roots(town)
    assert tree.sealed() == len(expected) - 1
    assert [tree.root(size) for size in range(len(expected))] == expected


@pytest.mark.parametrize("at_a_time", [1, 2, 3, 7, AT_ONCE])
def test_the_root_of_every_size_is_that_over_its_events(town: Town, at_a_time: int) -> None:
    tree = Tree(town.ledger.database)
    size = town.engine.ledger.size()
    while tree.seal(at_a_time) < size:
        pass
    assert_whole(town, tree)


def test_an_empty_tree_has_the_root_of_nothing(ledger: OpenLedger) -> None:
    tree = Tree(ledger.database)
    assert (tree.grow(), tree.root(0)) == (0, EMPTY_ROOT)


def test_proofs_lead_from_each_event_to_each_root(town: Town) -> None:
    tree, expected, hashes = Tree(town.ledger.database), roots(town), leaves(town)
    size = tree.seal()
    draw = random.Random(3)  # noqa: S311 - any spread will do
    for _ in range(200):
        within = draw.randint(1, size)
        position = draw.randint(1, within)
        proof = tree.inclusion_proof(position, within)
        assert includes(expected[within], hashes[position - 1], position - 1, within, proof)
        first = draw.randint(0, within)
        proof = tree.consistency_proof(first, within)
        assert is_consistent(first, within, expected[first], expected[within], proof)


def test_there_is_no_proof_of_what_is_not_there(town: Town) -> None:
    tree = Tree(town.ledger.database)
    size = tree.seal(10)
    assert size == 10
    for ask in (
        lambda: tree.root(11),
        lambda: tree.inclusion_proof(11, 11),
        lambda: tree.consistency_proof(5, 11),
    ):
        with pytest.raises(NotSealedYet):
            ask()
    for wrong in (
        lambda: tree.inclusion_proof(0, 10),
        lambda: tree.inclusion_proof(10, 9),
        lambda: tree.consistency_proof(9, 5),
    ):
        with pytest.raises(ValueError, match="no "):
            wrong()


def test_two_who_seal_at_once_make_one_tree(town: Town) -> None:
    others = [another(town.ledger) for _ in range(3)]
    for other in others:
        other.database.open()
    try:
        trees = [Tree(other.database) for other in others]
        size = town.engine.ledger.size()
        came = in_threads(
            *[lambda tree=tree: [tree.seal(5) for _ in range(size)] for tree in trees]
        )
        assert all(isinstance(one, list) for one in came)
        assert_whole(town, trees[0])
    finally:
        for other in others:
            other.database.close()


def test_sealing_follows_those_who_write(town: Town) -> None:
    tree, done = Tree(town.ledger.database), Event()
    seen: list[int] = []

    def seal() -> None:
        while not done.is_set():
            seen.append(tree.grow())

    sealer = Thread(target=seal)
    sealer.start()
    in_threads(*[lambda: [town.raised() for _ in range(20)] for _ in range(4)])
    done.set()
    sealer.join()
    tree.grow()
    assert seen == sorted(seen)
    assert_whole(town, tree)


def test_a_sealer_whose_connection_is_cut_loses_nothing(town: Town) -> None:
    """As `kill -9` cuts it: in the middle of its transaction, any number of times."""
    database = town.ledger.database
    done = Event()

    def cut() -> None:
        while not done.wait(0.005):
            database.rows(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND datname = current_database() "
                "AND (query LIKE '%%subtrees%%' OR query LIKE '%%FROM tree%%')"
            )

    other = another(town.ledger)
    other.database.open()
    tree, size = Tree(other.database), town.engine.ledger.size()
    cutter = Thread(target=cut)
    cutter.start()
    failed = 0
    try:
        for _ in range(size * 3):
            try:
                if tree.seal(1) == size:
                    break
            except Exception:
                failed += 1
    finally:
        done.set()
        cutter.join()
    tree.seal()
    assert_whole(town, tree)
    other.database.close()

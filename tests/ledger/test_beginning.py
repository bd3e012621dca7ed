"""Whether a ledger still begins with what was signed: all of it read again, or what is asked of."""

import pytest

from api.installation import OpenLedger
from ledger import beginning
from ledger.beginning import begins_with, differing
from ledger.tree import Tree
from tests.ledger.tampering import tampered
from tests.lives import Town, settled

TOLD = (3, 12, 13)


@pytest.fixture
def town(ledger: OpenLedger) -> Town:
    town = settled(ledger)
    town.whole_life()
    return town


@pytest.fixture(params=["whole", "told"])
def tree(town: Town, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Tree:
    if request.param == "told":
        monkeypatch.setattr(beginning, "WHOLE", 0)
    tree = Tree(town.ledger.database)
    tree.grow()
    return tree


def test_a_ledger_begins_with_each_of_its_beginnings_and_goes_on(town: Town, tree: Tree) -> None:
    roots = {size: tree.root(size) for size in range(13, tree.sealed() + 1)}
    town.raised()
    assert all(begins_with(tree, size, root, TOLD) for size, root in roots.items())
    assert not begins_with(tree, 13, roots[14], TOLD)
    assert not begins_with(tree, 1000, roots[14], TOLD)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE events SET occurred_at = occurred_at - interval '1 day' WHERE position = 12",
        "UPDATE events SET leaf_hash = sha256(leaf_hash) WHERE position = 12",
        "DELETE FROM events WHERE position = 12",
        "DELETE FROM subtrees",
    ],
)
def test_what_was_altered_is_no_beginning(town: Town, tree: Tree, change: str) -> None:
    size, root = tree.sealed(), tree.root(tree.sealed())
    assert begins_with(tree, size, root, TOLD)
    with tampered(town.ledger) as owner:
        owner.execute(change)  # type: ignore[call-overload]
    assert not begins_with(tree, size, root, TOLD)


def test_a_hole_in_the_tree_is_found_where_a_proof_needs_what_was_there(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beginning, "WHOLE", 0)
    tree = Tree(town.ledger.database)
    size = tree.grow()
    with tampered(town.ledger) as owner:
        owner.execute("DELETE FROM subtrees WHERE level = 1 AND place IN (0, 1)")
    assert not begins_with(tree, size, tree.root(size), TOLD)


def test_proofs_asked_for_at_once_are_those_asked_for_one_by_one(town: Town) -> None:
    tree = Tree(town.ledger.database)
    size = tree.grow()
    every = list(range(1, size + 1))
    assert tree.inclusion_proofs(every, size) == [tree.inclusion_proof(at, size) for at in every]
    assert tree.inclusion_proofs([], size) == []


def test_words_that_differ_are_named_and_those_that_are_gone_are_not(town: Town) -> None:
    first, second = (town.case(town.raised(title=title)).title for title in ("En", "To"))
    assert first is not None
    assert second is not None
    assert differing(town.ledger.database, [first, second]) == []
    with tampered(town.ledger) as owner:
        owner.execute("UPDATE texts SET words = 'Tre' WHERE id = %s", (first.id,))
        owner.execute("DELETE FROM texts WHERE id = %s", (second.id,))
    assert differing(town.ledger.database, [first, second]) == [first.id]

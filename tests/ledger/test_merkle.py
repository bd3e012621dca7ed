"""The tree against RFC 9162's definition, published vectors and another implementation."""

from functools import cache
from random import Random

import pymerkle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import merkle
from ledger.merkle import Subtree
from ledger.verifier import (
    EMPTY_ROOT,
    Frontier,
    includes,
    is_consistent,
    leaf_hash,
    node_hash,
    root_from,
)

# The leaves, subtrees, roots and proofs of certificate-transparency's reference implementation.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
SUBTREES = {
    Subtree(1, 0): "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    Subtree(1, 1): "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    Subtree(1, 2): "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    Subtree(1, 3): "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    Subtree(2, 0): "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    Subtree(2, 1): "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    Subtree(3, 0): "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
INCLUSION = {
    (0, 1): [],
    (0, 2): ["96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
}
CONSISTENCY = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
SAMPLED = [(301, 1000), (512, 1023), (1024, 1500), (1499, 1500), (1, 2047), (1365, 2048)]


def entry(n: int) -> bytes:
    return n.to_bytes(4)


@cache
def mth(start: int, end: int) -> bytes:
    """MTH(D[start:end]) exactly as RFC 9162, 2.1.1 defines it."""
    if start == end:
        return EMPTY_ROOT
    if end - start == 1:
        return leaf_hash(entry(start))
    k = 1
    while k * 2 < end - start:
        k *= 2
    return node_hash(mth(start, start + k), mth(start + k, end))


def path(m: int, start: int, end: int) -> list[bytes]:
    """PATH(m, D[start:end]), 2.1.3.1."""
    n = end - start
    if n == 1:
        return []
    k = 1
    while k * 2 < n:
        k *= 2
    if m < k:
        return [*path(m, start, start + k), mth(start + k, end)]
    return [*path(m - k, start + k, end), mth(start, start + k)]


def subproof(m: int, start: int, end: int, whole: bool) -> list[bytes]:
    """SUBPROOF(m, D[start:end], b), 2.1.4.1."""
    n = end - start
    if m == n:
        return [] if whole else [mth(start, end)]
    k = 1
    while k * 2 < n:
        k *= 2
    if m <= k:
        return [*subproof(m, start, start + k, whole), mth(start + k, end)]
    return [*subproof(m - k, start + k, end, False), mth(start, start + k)]


@cache
def nodes(size: int = 2048) -> dict[Subtree, bytes]:
    leaves = [leaf_hash(entry(n)) for n in range(size)]
    at_zero = {Subtree(0, n): leaf for n, leaf in enumerate(leaves)}
    return at_zero | dict(merkle.completed(0, [], leaves))


def inclusion(index: int, size: int) -> list[bytes]:
    return merkle.inclusion(index, size).assemble(nodes())


def consistency(first: int, second: int) -> list[bytes]:
    return merkle.consistency(first, second).assemble(nodes())


# Published vectors.


@pytest.fixture(scope="module")
def reference() -> dict[Subtree, bytes]:
    leaves = [leaf_hash(leaf) for leaf in LEAVES]
    at_zero = {Subtree(0, n): leaf for n, leaf in enumerate(leaves)}
    return at_zero | dict(merkle.completed(0, [], leaves))


def test_the_hashes_are_those_of_the_rfc():
    assert leaf_hash(b"L123456").hex() == (
        "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    )
    assert node_hash(b"N123", b"N456").hex() == (
        "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"
    )
    assert EMPTY_ROOT.hex() == ROOTS[0]


def test_the_roots_are_the_published_ones():
    tree = Frontier()
    assert tree.root().hex() == ROOTS[0]
    for size, leaf in enumerate(LEAVES, 1):
        tree.add(leaf_hash(leaf))
        assert (tree.size, tree.root().hex()) == (size, ROOTS[size])


def test_the_subtrees_are_the_published_ones(reference):
    assert {one: digest.hex() for one, digest in reference.items() if one.level} == SUBTREES


@pytest.mark.parametrize(("asked", "proof"), INCLUSION.items())
def test_the_inclusion_proofs_are_the_published_ones(reference, asked, proof):
    index, size = asked
    made = merkle.inclusion(index, size).assemble(reference)
    assert [one.hex() for one in made] == proof
    assert includes(bytes.fromhex(ROOTS[size]), leaf_hash(LEAVES[index]), index, size, made)


@pytest.mark.parametrize(("asked", "proof"), CONSISTENCY.items())
def test_the_consistency_proofs_are_the_published_ones(reference, asked, proof):
    first, second = asked
    made = merkle.consistency(first, second).assemble(reference)
    assert [one.hex() for one in made] == proof
    roots = (bytes.fromhex(ROOTS[first]), bytes.fromhex(ROOTS[second]))
    assert is_consistent(first, second, *roots, made)


# The definition, on every small size.


def test_the_tree_is_the_rfc_s_on_all_sizes_to_300():
    tree = Frontier()
    for size in range(301):
        assert tree.root() == mth(0, size)
        edge = [nodes()[one] for one in merkle.peaks(size)]
        assert root_from(edge) == mth(0, size)
        tree.add(leaf_hash(entry(size)))


def test_inclusion_is_the_rfc_s_on_all_sizes_to_300():
    for size in range(1, 301):
        for index in {0, size // 3, size // 2, size - 1, (size * 7) % size, size & (size - 1)}:
            if index < size:
                proof = inclusion(index, size)
                assert proof == path(index, 0, size)
                assert includes(mth(0, size), leaf_hash(entry(index)), index, size, proof)


def test_every_leaf_of_every_size_to_40_is_included():
    for size in range(1, 41):
        for index in range(size):
            assert inclusion(index, size) == path(index, 0, size)


def test_consistency_is_the_rfc_s_on_all_pairs_to_64_and_many_to_300():
    pairs = [(first, second) for second in range(1, 65) for first in range(1, second + 1)]
    pairs += [(first, second) for second in range(65, 301) for first in range(1, second, 17)]
    for first, second in pairs:
        proof = consistency(first, second)
        assert proof == subproof(first, 0, second, True)
        assert is_consistent(first, second, mth(0, first), mth(0, second), proof)


@pytest.mark.parametrize(("first", "second"), SAMPLED)
def test_the_same_on_larger_ones(first, second):
    assert consistency(first, second) == subproof(first, 0, second, True)
    assert inclusion(first, second) == path(first, 0, second)


def test_all_begins_with_nothing():
    assert merkle.consistency(0, 7).wanted == []
    assert is_consistent(0, 7, EMPTY_ROOT, mth(0, 7), [])
    assert not is_consistent(0, 7, mth(0, 1), mth(0, 7), [])
    assert is_consistent(0, 0, EMPTY_ROOT, EMPTY_ROOT, [])


# Another implementation.


def test_pymerkle_says_the_same():
    other = pymerkle.InmemoryTree(algorithm="sha256")
    for n in range(300):
        other.append_entry(entry(n))
    for size in range(1, 301):
        assert other.get_root(size) == mth(0, size)
    random = Random(9162)  # noqa: S311 - a repeatable sample
    for _ in range(60):
        size = random.randint(2, 300)
        index = random.randrange(size)
        theirs = other.prove_inclusion(index + 1, size)
        assert sorted(inclusion(index, size)) == sorted(
            one for one in theirs.path if one != leaf_hash(entry(index))
        )


# What is kept.


@settings(deadline=None)
@given(st.integers(0, 200), st.integers(0, 100))
def test_a_tree_grows_from_its_edge_as_it_would_from_nothing(size, more):
    edge = [nodes()[one] for one in merkle.peaks(size)]
    leaves = [leaf_hash(entry(n)) for n in range(size, size + more)]
    for subtree, digest in merkle.completed(size, edge, leaves):
        assert nodes()[subtree] == digest
        assert size < (subtree.place + 1) << subtree.level <= size + more


@settings(deadline=None)
@given(st.integers(1, 2048), st.data())
def test_a_proof_wants_nothing_that_is_not_yet_complete(size, data):
    index = data.draw(st.integers(0, size - 1))
    for proof in (merkle.inclusion(index, size), merkle.consistency(index, size)):
        assert all((one.place + 1) << one.level <= size for one in proof.wanted)
        assert len(proof.ranges) <= size.bit_length() + 1


def test_each_subtree_is_completed_once():
    leaves = [leaf_hash(entry(n)) for n in range(300)]
    found = [subtree for subtree, _ in merkle.completed(0, [], leaves)]
    assert len(found) == len(set(found)) == sum(300 >> level for level in range(1, 9))


def test_what_cannot_be_proven_is_refused():
    for index, size in ((0, 0), (-1, 3), (3, 3)):
        with pytest.raises(ValueError, match="no leaf"):
            merkle.inclusion(index, size)
    with pytest.raises(ValueError, match="no tree"):
        merkle.consistency(4, 3)


# False proofs.


def bent(proof: list[bytes]) -> list[list[bytes]]:
    """The proof with one thing wrong, in each way."""
    flipped = [
        [*proof[:n], bytes([one[0] ^ 8]) + one[1:], *proof[n + 1 :]] for n, one in enumerate(proof)
    ]
    return [*flipped, [*proof, EMPTY_ROOT], [EMPTY_ROOT, *proof], proof[:-1], proof[::-1]]


@settings(deadline=None)
@given(st.integers(2, 300), st.data())
def test_a_bent_inclusion_proof_shows_nothing(size, data):
    index = data.draw(st.integers(0, size - 1))
    proof, root, leaf = inclusion(index, size), mth(0, size), leaf_hash(entry(index))
    for wrong in bent(proof):
        assert wrong == proof or not includes(root, leaf, index, size, wrong)
    for other in {0, index - 1, index + 1, index ^ 2, size} - {index}:
        assert not includes(root, leaf, other, size, proof)
    assert not includes(root, leaf_hash(b"another"), index, size, proof)
    assert not includes(EMPTY_ROOT, leaf, index, size, proof)


@settings(deadline=None)
@given(st.integers(2, 300), st.data())
def test_a_bent_consistency_proof_shows_nothing(second, data):
    first = data.draw(st.integers(1, second - 1))
    proof, old, new = consistency(first, second), mth(0, first), mth(0, second)
    for wrong in bent(proof):
        assert wrong == proof or not is_consistent(first, second, old, new, wrong)
    assert not is_consistent(first, second, new, old, proof)
    assert not is_consistent(first, second, mth(1, first + 1), new, proof)
    assert not is_consistent(first, second, old, mth(1, second + 1), proof)
    assert not is_consistent(second, first, new, old, proof)
    assert not is_consistent(first, second, old, new, [])

"""What the ledger's Merkle tree keeps, and the proofs that are put together from it.

Only complete subtrees are kept, since they never change: at level 0 the leaf hashes, at level n the
subtrees over 2**n leaves. RFC 9162, section 2.1; the hashes themselves are in `ledger/verifier.py`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ledger.verifier import Frontier, root_from


class Subtree(NamedTuple):
    """The complete subtree over the leaves [place * 2**level, (place + 1) * 2**level)."""

    level: int
    place: int


def peaks(size: int, start: int = 0) -> list[Subtree]:
    """The complete subtrees that the *size* leaves from *start* on consist of, largest first.
    *start* is a multiple of each subtree's length: 0, or where a proof's range begins."""
    levels = (level for level in reversed(range(size.bit_length())) if size >> level & 1)
    return [Subtree(level, (start >> level) + (size >> level) - 1) for level in levels]


def completed(
    size: int, edge: Sequence[bytes], leaves: Iterable[bytes]
) -> Iterator[tuple[Subtree, bytes]]:
    """The subtrees of level 1 and up that *leaves* (hashes) complete in a tree of *size* so far,
    in the order in which they do. *edge*: the hashes of `peaks(size)`."""
    tree = Frontier(size, edge)
    for leaf in leaves:
        for level, digest in enumerate(tree.add(leaf)):
            if level:
                yield Subtree(level, (tree.size >> level) - 1), digest


class Leaves(NamedTuple):
    """The leaves [start, end), over which a proof has one hash."""

    start: int
    end: int

    @property
    def subtrees(self) -> list[Subtree]:
        return peaks(self.end - self.start, self.start)

    @property
    def middle(self) -> int:
        """Where the tree over them divides: after the largest power of two short of all."""
        return self.start + (1 << (self.end - self.start - 1).bit_length() - 1)


@dataclass(frozen=True)
class Proof:
    """What a proof is made of: first fetch the hashes of what is `wanted`, then `assemble` it."""

    ranges: tuple[Leaves, ...]

    @property
    def wanted(self) -> list[Subtree]:
        return [subtree for leaves in self.ranges for subtree in leaves.subtrees]

    def assemble(self, hashes: Mapping[Subtree, bytes]) -> list[bytes]:
        """The proof. KeyError if *hashes* lacks a subtree that is wanted."""
        return [root_from([hashes[one] for one in leaves.subtrees]) for leaves in self.ranges]


def inclusion(index: int, size: int) -> Proof:
    """That the leaf at *index* is in the tree of *size* (2.1.3.1). ValueError if it is not."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    beside, within = [], Leaves(0, size)
    while within.end - within.start > 1:
        within, other = _halves(within, index < within.middle)
        beside.append(other)
    return Proof(tuple(reversed(beside)))


def consistency(first: int, second: int) -> Proof:
    """That the tree of *second* leaves begins with that of *first* (2.1.4.1). ValueError if it is
    the smaller one. From an empty tree to any, the proof is empty."""
    if not 0 <= first <= second:
        raise ValueError(f"no tree of {second} begins with one of {first}")
    if first == 0:
        return Proof(())
    beside, within = [], Leaves(0, second)
    while within.end != first:
        within, other = _halves(within, first <= within.middle)
        beside.append(other)
    if within.start:
        beside.append(within)
    return Proof(tuple(reversed(beside)))


def _halves(leaves: Leaves, left: bool) -> tuple[Leaves, Leaves]:
    """The half that is gone into, the *left* or the right, and the other."""
    halves = Leaves(leaves.start, leaves.middle), Leaves(leaves.middle, leaves.end)
    return halves if left else (halves[1], halves[0])

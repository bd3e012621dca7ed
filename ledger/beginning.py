"""Whether the ledger still begins with what was once signed: read again, and not only asked of the
hashes that it keeps."""

from collections.abc import Iterator, Sequence

from domain.text import Text
from ledger.database import Database
from ledger.recorder import ENTRY, entry
from ledger.stored import Entry, leaf
from ledger.tree import Tree
from ledger.verifier import Frontier, includes, leaf_hash

WHOLE = 20_000
"""So many events are read again each time, in half a second or so. Of more, only those that are
asked about: `loft verify` reads all of them."""
_ROWS = 5_000


def begins_with(
    tree: Tree, size: int, root: bytes, told: Sequence[int], *, whole: bool = True
) -> bool:
    """Whether the first *size* events are still those that *root* was made of. In a ledger of more
    than `WHOLE`, or where not the *whole* is asked about, of the events at the positions *told*."""
    try:
        if size > tree.grow() or tree.root(size) != root:
            return False
        if whole and size <= WHOLE:
            return _root_now(tree.database, size) == root
        return _are_among(tree, size, root, told)
    except KeyError:  # a tree with a hole in it begins with nothing
        return False


def _are_among(tree: Tree, size: int, root: bytes, told: Sequence[int]) -> bool:
    proofs = tree.inclusion_proofs(told, size)
    found = {one.id: one.leaf_hash for one in _at(tree.database, told) if _fits(one)}
    return all(
        position in found and includes(root, found[position], position - 1, size, proof)
        for position, proof in zip(told, proofs, strict=True)
    )


def _root_now(database: Database, size: int) -> bytes:
    made = Frontier()
    for first in range(1, size + 1, _ROWS):
        wanted = range(first, min(first + _ROWS, size + 1))
        for one in _at(database, wanted):
            if not _fits(one):
                return b""
            made.add(one.leaf_hash)
    return made.root() if made.size == size else b""


def _fits(one: Entry) -> bool:
    """Whether the hash beside it is its own."""
    return leaf_hash(leaf(one)[1:]) == one.leaf_hash


def _at(database: Database, positions: Sequence[int]) -> Iterator[Entry]:
    rows = database.rows(
        "SELECT " + ENTRY + " FROM events e WHERE e.position = ANY(%(positions)s) "
        "ORDER BY e.position",
        positions=list(positions),
    )
    return (entry(row) for row in rows)


def differing(database: Database, texts: Sequence[Text]) -> list[str]:
    """The ids of those of *texts* whose words are not those that were written, or stand in another
    life. Those that are gone are none of them."""
    rows = database.rows(
        "SELECT t.id::text, t.salt, t.words, e.stream_id = t.stream_id FROM texts t "
        "LEFT JOIN events e ON e.position = t.position WHERE t.id = ANY(%(ids)s) ORDER BY t.id",
        ids=[text.id for text in texts],
    )
    written = {text.id: text for text in texts}
    return [
        text_id
        for text_id, salt, words, at_home in rows
        if not at_home or Text.of(text_id, words, salt) != written[text_id]
    ]

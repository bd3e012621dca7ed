"""What the verifier says of bundles that were made, or tampered with, for the tests."""

import json

from ledger import verifier
from ledger.verifier import Outcome, Verdict, verify
from tests.ledger.bundles import (
    ORIGIN,
    Lines,
    book,
    line,
    zipped,
)

BOOK = book()
CASE_1 = "case 2016-0001, 2 November 2016"

KEPT = verifier.TreeHead(ORIGIN, 7, BOOK.root(7)).short


def told(lines: Lines, **asked: str) -> Verdict:
    return verify(zipped(lines), language="en", **asked)


def altered(lines: Lines, **asked: str) -> tuple[int | None, str]:
    verdict = told(lines, **asked)
    assert verdict.outcome is Outcome.ALTERED, verdict
    assert not verdict.ok
    return verdict.position, verdict.what


def unchecked(lines: Lines, **asked: str) -> str:
    verdict = told(lines, **asked)
    assert verdict.outcome is Outcome.UNCHECKED, verdict
    assert not verdict.ok
    return verdict.what


def edit(lines: Lines, member: str, n: int, change) -> None:
    """Change line *n* (from 1) of a member, and write it as it should be written."""
    row = json.loads(lines[member][n - 1])
    change(row)
    lines[member][n - 1] = line(row)


def rename(row: dict) -> None:
    row["actor"]["id"] = "somebody else"

"""The board's register of decisions, as JSON and as CSV."""

import csv
import io
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response

from api.answers import DecisionAnswer, DecisionPage, Wording, about, entry_fields
from api.cases import AsOfQuery, Cursor, Limit, Reading
from api.cursors import after_position
from api.desk import Desk
from api.fields import Day, Moment
from api.moments import begins, ends
from api.problems import declared
from api.spreadsheet import cell
from domain.access import WordsExported, WordsFound
from domain.lives import EVENTS
from ledger.stored import Entry
from ledger.texts import texts_in
from projections import decisions
from projections.corrections import entries_at
from projections.decisions import Decision, DecisionFilter, RuleException
from projections.readership import looked_through

PROBLEMS: dict[int | str, dict[str, Any]] = declared(401, 403, 422, 503)
router = APIRouter(prefix="/api/audit", tags=["audit"], responses=PROBLEMS)

CSV: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}}
}
COLUMNS = (
    "position", "number", "event", "organ", "actor", "role", "occurred_at", "precision",
    "recorded_at", "reversed_by", "source", "words", "facts", "corrections",
    "corrections_in_words", "withdrawn_by", "without_quorum", "order", "exceptions",
)  # fmt: skip


@router.get("/decisions", response_model=DecisionPage, responses=CSV)
def register(
    desk: Reading,
    organ: Annotated[str | None, Query(max_length=100)] = None,
    actor: Annotated[str | None, Query(max_length=100)] = None,
    kind: Annotated[
        str | None, Query(description="Stored name of an event.", max_length=60)
    ] = None,
    since: Annotated[Moment | Day | None, Query(alias="from")] = None,
    until: Annotated[
        Moment | Day | None, Query(alias="to", description="A day counts whole.")
    ] = None,
    exception: Annotated[
        RuleException | None, Query(description="What it did not do as the rules ask.")
    ] = None,
    q: Annotated[
        str | None, Query(description="Words, in the decision or its case.", max_length=300)
    ] = None,
    _as_of: AsOfQuery = None,
    limit: Limit = 100,
    cursor: Cursor = None,
    form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
) -> DecisionPage | Response:
    """Every decision: who decided, on whose behalf, when, why, what has corrected it and what has
    reversed it."""
    desk.how = WordsExported if form == "csv" else WordsFound
    narrow = narrowed(desk, organ, actor, kind, since, until, exception, q)
    items = decided(desk, narrow, after=after_position(cursor), limit=limit)
    following = desk.page(items[-1].position if len(items) == limit else None)
    return _as_csv(items, following) if form == "csv" else DecisionPage(items=items, next=following)


def narrowed(
    desk: Desk,
    organ: str | None = None,
    actor: str | None = None,
    kind: str | None = None,
    since: datetime | date | None = None,
    until: datetime | date | None = None,
    exception: RuleException | None = None,
    q: str | None = None,
) -> DecisionFilter:
    """What the register is narrowed to, as it was asked for. Refuses with `OrganUnknown`."""
    words = (_plain(q) or "").strip()
    return DecisionFilter(
        organ=_known_organ(organ, desk),
        actor=_plain(actor),
        kind=_known_kind(kind),
        since=begins(since),
        until=ends(until),
        exception=exception,
        only=_with_words(words, desk) if words else None,
    )


def _with_words(words: str, desk: Desk) -> list[int]:
    own = looked_through(desk.database, desk.standing, desk.marks)
    return decisions.with_words(desk.database, words, own)


def decided(
    desk: Desk, narrow: DecisionFilter, *, after: int = 0, before: int | None = None, limit: int
) -> list[DecisionAnswer]:
    """The decisions after a position, or those before one, the newest first."""
    found = decisions.register(
        desk.sight, narrow, as_of=desk.as_of.bound, after=after, before=before, limit=limit
    )
    corrected = entries_at(desk.engine, {at for one in found for at in one.corrections})
    wording = desk.wording(texts_in([*(one.entry for one in found), *corrected.values()]))
    return [_answer(one, corrected, wording) for one in found]


def _answer(decision: Decision, corrected: Mapping[int, Entry], wording: Wording) -> DecisionAnswer:
    entry, corrections = decision.entry, [corrected[at] for at in decision.corrections]
    return DecisionAnswer.model_validate(
        {
            **entry_fields(
                entry,
                wording,
                corrections=corrections,
                reversed_by=decision.reversed_by,
                withdrawn_by=decision.withdrawn_by,
            ),
            "without_quorum": decision.without_quorum,
            "exceptions": decision.exceptions,
            **about(entry),
            "number": decision.number,
        }
    )


def _as_csv(items: list[DecisionAnswer], following: str | None) -> Response:
    """One row a decision. The next page's address stands in the header Link."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(COLUMNS)
    for item in items:
        known = _row(item)
        rows.writerow([cell(known.get(column)) for column in COLUMNS])
    headers = {"Link": f'<{following}>; rel="next"'} if following else {}
    return Response(out.getvalue(), headers=headers, media_type="text/csv; charset=utf-8")


def _row(item: DecisionAnswer) -> dict[str, Any]:
    """The cells of one decision, by column."""
    fields, own = item.model_dump(mode="json"), item.model_extra or {}
    texts = [one for v in own.values() for one in (v if isinstance(v, list) else [v])]
    words = [one["words"] for one in texts if isinstance(one, dict) and one.get("words")]
    facts = [f"{k}={v}" for k, v in own.items() if isinstance(v, str | int) and k != "source"]
    corrected = [one.correction.words for one in item.corrections_in_words]
    return {
        **fields,
        **fields["actor"],
        "actor": fields["actor"]["id"],
        "words": " | ".join(words),
        "facts": " ".join(facts),
        "exceptions": " ".join(fields["exceptions"]),
        "corrections": " ".join(str(position) for position in item.corrections),
        "corrections_in_words": " | ".join(words for words in corrected if words),
    }


def _known_organ(organ: str | None, desk: Desk) -> str | None:
    return desk.topology.organ(organ).key if organ is not None else None


def _known_kind(kind: str | None) -> str | None:
    return kind if kind is None or kind in EVENTS else ""


def _plain(written: str | None) -> str | None:
    return written.replace("\x00", "") if written is not None else None

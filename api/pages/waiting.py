"""What waits: every deadline that runs, and the answers that are owed, each with what to do."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import ValidationError

from api import deadlines, orders
from api.deadlines import DeadlineAnswer, DeadlineQuery, OwedAnswer, OwedQuery
from api.desk import Desk
from api.language import say, spoken_to
from api.page import Page
from api.pages import choices
from api.pages.case_forms import ANSWER
from api.pages.desks import fresh_key, looking
from api.pages.forms import Choice
from api.pages.shell import shown
from domain.access import WordsFound
from domain.errors import Refusal
from domain.rights import Action
from domain.terms import DeadlineKind, OrderState
from projections import case_status
from projections.case_status import CaseFilter
from projections.due import DeadlineFilter

router = APIRouter(prefix="/waiting", route_class=Page, include_in_schema=False)
Searching = Annotated[Desk, looking(Action.READ_CASES, how=WordsFound)]
Asked = Annotated[str | None, Query(max_length=300)]
MANY = 25
"""How many a page shows."""
NO_FILTER = say("There is no such filter here. Choose among these.")


@router.get("")
def due(
    desk: Searching,
    of: Asked = None,
    kind: Asked = None,
    before: Asked = None,
    overdue: Asked = None,
    cursor: Asked = None,
) -> Response:
    """What is due when, the soonest first, by any filter."""
    asked = _given(of=of, kind=kind, before=before, overdue=overdue)
    found, following, sentence = list[DeadlineAnswer](), None, None
    try:
        query = DeadlineQuery.model_validate({**asked, "cursor": cursor or None, "limit": MANY})
        page = deadlines.list_deadlines(query, desk)
        found, following = page.items, page.next
    except (ValidationError, Refusal):
        sentence = NO_FILTER
    tongue, there = spoken_to(desk.request), choices.everywhere(desk)
    filters = {
        "of": [*there["organs"], *there["services"]],
        "kind": [Choice(one.value, tongue.gettext(one.value)) for one in DeadlineKind],
    }
    return _shown(desk, "waiting", asked, filters, sentence, deadlines=found, next=following,
                  titles=titles(desk, found))  # fmt: skip


@router.get("/answers")
def owed(
    desk: Searching, of: Asked = None, to: Asked = None, overdue: Asked = None, cursor: Asked = None
) -> Response:
    """The answers that are owed, those that have been longest first."""
    asked = _given(of=of, to=to, overdue=overdue)
    found, following, sentence = list[OwedAnswer](), None, None
    try:
        query = OwedQuery.model_validate({**asked, "cursor": cursor or None, "limit": MANY})
        page = deadlines.list_answers_owed(query, desk)
        found, following = page.items, page.next
    except (ValidationError, Refusal):
        sentence = NO_FILTER
    organs = choices.everywhere(desk)["organs"]
    return _shown(desk, "answers_owed", asked, {"of": organs, "to": organs}, sentence, owed=found,
                  next=following, titles=titles(desk, found), answer=ANSWER)  # fmt: skip


def _given(**asked: str | None) -> dict[str, str]:
    return {name: value for name, value in asked.items() if value}


def _shown(
    desk: Desk,
    template: str,
    asked: dict[str, str],
    filters: dict[str, list[Choice]],
    sentence: str | None,
    **facts: Any,  # noqa: ANN401 - what the template shows
) -> Response:
    return shown(
        desk,
        template,
        200 if sentence is None else 422,
        asked=asked,
        filters=filters,
        sentence=sentence,
        choices={},
        key=fresh_key(),
        **facts,
    )


def titles(desk: Desk, found: Iterable[DeadlineAnswer | OwedAnswer]) -> dict[str, str | None]:
    """What the cases are called now, by id."""
    only = sorted({one.case for one in found if one.case})
    if not only:
        return {}
    rows = case_status.listed(
        desk.sight, CaseFilter(), today=desk.today, only=only, limit=len(only)
    )
    return {one.id: one.title for one in desk.answers(rows, desk.as_of)}


@dataclass(frozen=True)
class Figure:
    """A number that a board looks at. `at`: where what it counts is listed."""

    label: str
    count: str
    at: str


MOST = 1000


def figures(desk: Desk) -> list[Figure]:
    """How many answers are owed, deadlines have passed, and orders wait to be judged."""
    owed_ = DeadlineFilter(kind=DeadlineKind.ANSWER)
    late, passed = owed_.model_copy(update={"overdue": True}), DeadlineFilter(overdue=True)
    delivered = len(orders.listed(desk, OrderState.DELIVERED, limit=MOST).items)
    return [
        Figure(say("Answers owed"), _count(desk, owed_), "/waiting/answers"),
        Figure(say("Of these past their day"), _count(desk, late), "/waiting/answers?overdue=true"),
        Figure(say("Deadlines that have passed"), _count(desk, passed), "/waiting?overdue=true"),
        Figure(say("Orders delivered, to be judged"), _told(delivered), "/orders?state=delivered"),
    ]


def _count(desk: Desk, narrow: DeadlineFilter) -> str:
    return _told(deadlines.how_many(desk, narrow, MOST))


def _told(found: int) -> str:
    """Counted as far as a list goes."""
    return f"{MOST}+" if found == MOST else str(found)

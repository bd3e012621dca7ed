"""The list of cases, the same by level, and the form that raises one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response
from pydantic import ValidationError

from api import bodies, casework
from api.answers import CaseAnswer, CasePage
from api.bodies import CaseQuery
from api.cases import cases
from api.desk import Desk
from api.language import say, spoken_to
from api.page import Page
from api.pages import choices
from api.pages.desks import Sent, fresh_key, looking, sending
from api.pages.forms import Choice, Field, Form, Refused, tried
from api.pages.shell import Names, shown, to
from domain.access import WordsFound
from domain.errors import Refusal
from domain.rights import Action
from domain.terms import Status
from domain.topology import Level

router = APIRouter(route_class=Page, include_in_schema=False)
Searching = Annotated[Desk, looking(Action.READ_CASES, how=WordsFound)]
Raising = Annotated[Desk, looking(Action.RAISE)]
Raised = Annotated[Sent, sending(Action.RAISE)]
Asked = Annotated[str | None, Query(max_length=300)]

RAISE = Form(
    "raise", say("Raise a matter"), say("Raise it"), bodies.Raising,
    (
        Field("raised_by", say("On behalf of"), "choice", choices="mine"),
        Field("title", say("What it is about"), hint=say("A trend or a place, never a person.")),
        Field("description", say("What we see"), "words", required=False),
        Field("area", say("Where"), required=False),
        Field("ages", say("Ages"), "ages", required=False),
        Field("themes", say("Themes"), "many", required=False, choices="themes"),
    ),
    hint=say("Only what it is about is needed. The rest can come later."),
)  # fmt: skip
FILTERS = ("q", "status", "level", "holder", "raised_by", "theme", "focus_area", "service",
           "overdue", "answer_owed")  # fmt: skip

A_PAGE, IN_A_LANE = 50, 20
NO_FILTER = say("There is no such filter here. Choose among these.")


@router.get("/cases")
def listed(
    desk: Searching,
    q: Asked = None,
    status: Asked = None,
    level: Asked = None,
    holder: Asked = None,
    raised_by: Asked = None,
    theme: Asked = None,
    focus_area: Asked = None,
    service: Asked = None,
    overdue: Asked = None,
    answer_owed: Asked = None,
    as_of: Asked = None,
    cursor: Asked = None,
    view: Asked = None,
) -> Response:
    """All cases that whoever looks may read, by any filter; as a list, or as lanes by level."""
    asked = {
        "q": q, "status": status, "level": level, "holder": holder, "raised_by": raised_by,
        "theme": theme, "focus_area": focus_area, "service": service, "overdue": overdue,
        "answer_owed": answer_owed, "as_of": as_of, "cursor": cursor,
    }  # fmt: skip
    asked = {name: value for name, value in asked.items() if value}
    lanes = list(_lanes(desk, asked)) if view == "lanes" else []
    found = _found(desk, asked, A_PAGE) if view != "lanes" else None
    is_known = found is not None or bool(lanes)
    following = found.next if found is not None else None
    return shown(
        desk,
        "cases",
        200 if is_known else 422,
        cases=found.items if found is not None else [],
        next=following.removeprefix("/api") if following else None,
        asked=asked,
        filters=_filters(desk),
        lanes=lanes,
        view=view or "list",
        other=urlencode({**asked, "view": "list" if view == "lanes" else "lanes"}),
        sentence=None if is_known else NO_FILTER,
    )


@dataclass(frozen=True)
class Lane:
    """The cases of a level, the first of them; `more`: where all of them are listed."""

    level: Level
    cases: list[CaseAnswer]
    more: str | None


def _lanes(desk: Desk, asked: dict[str, str | None]) -> Iterator[Lane]:
    """From the top down, but for levels that are filtered away. None at all where a filter cannot
    be understood."""
    for level in reversed(Level):
        if asked.get("level") in {None, level.value}:
            narrow = asked | {"level": level.value}
            found = _found(desk, narrow, IN_A_LANE)
            if found is not None:
                more = f"/cases?{urlencode(narrow)}" if found.next else None
                yield Lane(level, found.items, more)


def _found(desk: Desk, asked: dict[str, str | None], limit: int) -> CasePage | None:
    """None where a filter cannot be understood."""
    try:
        return cases(CaseQuery.model_validate({**asked, "limit": limit}), desk)
    except (ValidationError, Refusal):
        return None


def _filters(desk: Desk) -> dict[str, list[Choice]]:
    there, tongue = choices.everywhere(desk), spoken_to(desk.request)
    return {
        "status": [Choice(one.value, tongue.gettext(one.value)) for one in Status],
        "holder": there["organs"],
        "theme": there["themes"],
        "focus_area": there["focus_areas"],
    }


@router.get("/raise")
def form(desk: Raising) -> Response:
    """The form that raises a matter."""
    return _form(desk, None)


@router.post("/raise")
def raise_a_matter(sent: Raised) -> Response:
    """Raise it, and go on to it."""
    made: dict[str, Any] = {}

    def run(body: bodies.Raising) -> Response:
        made["answer"] = casework.raise_a_case(body, sent.desk)
        return Response()

    refused = tried(RAISE, sent, run)
    if refused is not None:
        return _form(sent.desk.looking(), refused)
    return to(sent.desk, made["answer"].headers["Location"].removeprefix("/api"))


def _form(desk: Desk, refused: Refused | None) -> Response:
    return shown(
        desk,
        "raise",
        refused.status if refused else 200,
        form=RAISE,
        choices={**choices.everywhere(desk), "mine": _mine(desk)},
        refused=refused,
        key=fresh_key(),
    )


def _mine(desk: Desk) -> list[Choice]:
    """The organs that whoever asks may raise a matter for: a member's own, all for others."""
    names, there = Names(desk.structure.names), desk.topology.organs
    own = sorted(desk.standing.organs) or [key for key in there if not there[key].dissolved]
    return [Choice(key, names.organ(key)) for key in own]

"""The year's report: every section with what introduces it, written in place until it is frozen."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response

from api import annual, annual_bodies
from api.annual_sheet import sheet_of
from api.desk import Desk
from api.language import say, spoken_to
from api.page import Page
from api.pages import choices
from api.pages.choices import Choices
from api.pages.desks import Sent, fresh_key, looking, sending
from api.pages.forms import Choice, Field, Form, Refused, tried
from api.pages.shell import shown, to
from domain.actor import Role
from domain.rights import Action, hat
from domain.terms import AnnualSection

router = APIRouter(prefix="/reports/annual", route_class=Page, include_in_schema=False)
Reading = Annotated[Desk, looking(Action.READ_ANNUAL)]
GivingFeedback = Annotated[Sent, sending(Action.GIVE_FEEDBACK)]
Writing = Annotated[Sent, sending(Action.WRITE_ANNUAL)]
Given = Annotated[Literal["yes"] | None, Query()]

LISTED = 50
"""So many matters of an organ stand on the page; all of them in the files."""
INTRODUCE = say("Introduce this section")
REWRITE = say("Rewrite the introduction")
FEEDBACK = Form(
    "feedback", say("Give feedback"), say("Give this feedback"), annual_bodies.Feedback,
    (
        Field("service", say("On behalf of"), "choice", choices="speaks_for"),
        Field("what_works", say("What works"), "words", required=False),
        Field("what_does_not", say("What does not work"), "words", required=False),
        Field("what_to_change", say("What to change"), "words", required=False),
    ),
    hint=say("Fill in at least one of these. It stands in the report under the service's name."),
)  # fmt: skip
FREEZE = Form(
    "freezing", say("Freeze the report"), say("Freeze it for good"), annual_bodies.Freezing,
    hint=say("From then on it stays as it is: nothing more can be written, and everybody who "
             "reads cases here can read it. A checkpoint is signed with it."),
)  # fmt: skip


def _introducing(section: AnnualSection) -> Form:
    short = section.value.replace("_", "-")
    return Form(
        f"section-{short}", INTRODUCE, say("Keep it"), annual_bodies.Section,
        (Field("text", say("Introduction"), "words"),),
    )  # fmt: skip


SECTIONS: Mapping[AnnualSection, Form] = {one: _introducing(one) for one in AnnualSection}


@router.get("")
def years(desk: Reading) -> Response:
    return shown(desk, "annual_years", years=annual.years(desk).items)


@router.get("/{year}")
def one_year(year: annual.Year, desk: Reading, given: Given = None) -> Response:
    """*given*: whether feedback has just been."""
    return _report(desk, year, given=given is not None)


@router.post("/{year}/feedback")
def give_feedback(year: annual.Year, sent: GivingFeedback) -> Response:
    return _deal_with(sent, year, FEEDBACK, annual.give_feedback, "#given")


@router.post("/{year}/sections/{section}")
def write_section(year: annual.Year, section: AnnualSection, sent: Writing) -> Response:
    form = SECTIONS[section]
    place = f"#{section.value.replace('_', '-')}"

    def write(year: int, body: annual_bodies.Section, desk: Desk) -> Response:
        return annual.write_section(year, section, body, desk)

    return _deal_with(sent, year, form, write, place)


@router.post("/{year}/freezing")
def freeze(year: annual.Year, sent: Writing) -> Response:
    return _deal_with(sent, year, FREEZE, annual.freeze, "")


def _deal_with(
    sent: Sent, year: int, form: Form, run: Callable[[int, Any, Desk], Response], place: str
) -> Response:
    """Do what a form says, and show the report at that *place*; where it is refused, with it."""
    refused = tried(form, sent, lambda body: run(year, body, sent.desk))
    if refused is None:
        said = "?given=yes" if form is FEEDBACK else ""
        return to(sent.desk, f"/reports/annual/{year}{said}{place}")
    return _report(sent.desk.looking(), year, refused)


def _report(
    desk: Desk, year: int, refused: Refused | None = None, *, given: bool = False
) -> Response:
    """A member sees a draft of it nowhere, and may give feedback all the same."""
    annual.is_known(desk, year)
    found = annual.told_of(desk, year, LISTED) if annual.is_open_to(desk, year) else None
    told = found.answer if found is not None else None
    writes = hat(desk.standing, Action.WRITE_ANNUAL) is not None
    is_draft = told is None or told.state == "draft"
    return shown(
        desk,
        "annual",
        refused.status if refused else 200,
        year=year,
        sheet=sheet_of(found.answer, spoken_to(desk.request), found.counts) if found else None,
        is_draft=is_draft,
        is_over=year < desk.today.year,
        sections=SECTIONS if writes and is_draft else {},
        written={one.section: one.text or "" for one in (told.sections if told else ())},
        rewrite=REWRITE,
        feedback=FEEDBACK
        if is_draft and hat(desk.standing, Action.GIVE_FEEDBACK) is not None
        else None,
        freezing=FREEZE if writes and is_draft else None,
        given=given,
        choices={"speaks_for": _speaks_for(desk)},
        refused=refused,
        key=fresh_key(),
    )


def _speaks_for(desk: Desk) -> list[Choice]:
    """A member for their own alone."""
    known: Choices = choices.everywhere(desk)
    every = [*known["services"], *known["organs"]]
    if desk.actor.role is not Role.MEMBER:
        return every
    own = desk.standing.organs | desk.standing.services
    return [one for one in every if one.value in own]

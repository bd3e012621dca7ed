"""The plan: focus areas, plans, what was done, and what has been observed."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from api import histories, plan
from api.desk import Desk
from api.language import say
from api.page import Page
from api.pages import structure_told
from api.pages.desks import Sent, fresh_key, looking, sending
from api.pages.forms import Refused
from api.pages.shell import shown
from api.pages.structure_forms import PLAN_FORMS
from api.pages.structure_parts import deal_with, places, structure_choices
from api.problems import NotFound
from domain.rights import Action, hat

router = APIRouter(prefix="/structure/plan", route_class=Page, include_in_schema=False)
Reading = Annotated[Desk, looking(Action.READ_PLAN)]
Planning = Annotated[Sent, sending(Action.PLAN)]
FormName = Annotated[str, Path(max_length=40)]


@router.get("")
def the_plan(desk: Reading) -> Response:
    return _plan(desk)


@router.post("/{form}")
def change(form: FormName, sent: Planning) -> Response:
    if form not in PLAN_FORMS:
        raise NotFound
    return deal_with(sent, PLAN_FORMS[form], "", lambda: "/structure/plan", _plan)


def _plan(desk: Desk, refused: Refused | None = None) -> Response:
    most = structure_told.MOST
    lists = [
        (say("Focus areas"), plan.focus_areas(desk, limit=most)),
        (say("Plans"), plan.plans(desk, limit=most)),
        (say("What was done"), plan.work(desk, limit=most)),
        (say("What has been observed"), plan.observations(desk, limit=most)),
        (say("Methods"), plan.methods(desk, limit=most)),
    ]
    told = [(title, structure_told.entries(desk, page.items)) for title, page in lists]
    return shown(
        desk,
        "plan",
        refused.status if refused else 200,
        lists=told,
        told=structure_told.history(desk, lambda: histories.of_the_plan(desk, limit=most)),
        forms=list(PLAN_FORMS.values()) if hat(desk.standing, Action.PLAN) else [],
        choices=structure_choices(desk),
        tabs=places(desk),
        refused=refused,
        key=fresh_key(),
    )

"""Webhooks: the systems that are told what happens, and what could not be sent to anybody."""

from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import Field as Bounded

from api import bodies, notices, webhooks
from api.desk import Desk
from api.language import say
from api.mail_choices import NoticeKind
from api.page import Page
from api.pages.desks import Sent, fresh_key, looking, sending
from api.pages.forms import Choice, Field, Form, Refused, tried
from api.pages.shell import shown, spoken, to
from api.pages.structure_parts import places
from api.webhooks import HookMade
from domain.notice import KINDS
from domain.rights import Action

router = APIRouter(prefix="/structure/webhooks", route_class=Page, include_in_schema=False)
Administering = Annotated[Desk, looking(Action.DELIVER)]
Changing = Annotated[Sent, sending(Action.DELIVER)]
HookId = Annotated[str, Path(pattern="^w-[0-9a-f]{1,40}$", max_length=50)]
MOST = 1000


class NewHook(bodies.Command):
    """As `webhooks.Hooking`."""

    url: Annotated[str, Bounded(min_length=1, max_length=2_000)]
    events: list[NoticeKind]


class NewSecret(bodies.Command):
    """As `webhooks.Rotation`."""

    hours: Annotated[int, Bounded(ge=0, le=24 * 30)]


HOOK_UP = Form(
    "webhook", say("Tell another system"), say("Tell it from now on"), NewHook,
    (
        Field("url", say("Its address"), hint=say("It begins with https://.")),
        Field("events", say("Only of these"), "many", required=False, choices="kinds",
              hint=say("Without any it is told of all that people are told of.")),
    ),
    hint=say("It is told what happened, in which case and when, and no words."),
)  # fmt: skip
ROTATE = Form(
    "rotation", say("Give it a new secret"), say("Give it a new secret"), NewSecret,
    (Field("hours", say("For so many hours the present one signs too"), "number"),),
)  # fmt: skip


@router.get("")
def all_webhooks(desk: Administering) -> Response:
    return _shown(desk)


@router.post("")
def hook_up(sent: Changing) -> Response:
    """The secret is on the page that answers, this once, and nowhere else."""
    made: list[HookMade] = []

    def run(body: NewHook) -> Response:
        told = {"events": body.events} if body.events else {}
        asked = webhooks.Hooking.model_validate({"url": body.url, **told})
        made.append(webhooks.hook_up(asked, sent.desk, sent.desk.request))
        return Response()

    refused = tried(HOOK_UP, sent, run)
    return _shown(sent.desk.looking(), refused, made[0] if made else None)


@router.post("/parked")
def release_mail(sent: Changing) -> Response:
    """What could not be sent to somebody by e-mail is tried again."""
    notices.release(
        notices.Release(channel="mail", recipient=sent.one("recipient") or None), sent.desk
    )
    return to(sent.desk, "/structure/webhooks")


@router.post("/{webhook}/rotation")
def rotate(webhook: HookId, sent: Changing) -> Response:
    made: list[HookMade] = []

    def run(body: NewSecret) -> Response:
        asked = webhooks.Rotation(hours=body.hours)
        made.append(webhooks.rotate(webhook, asked, sent.desk, sent.desk.request))
        return Response()

    refused = tried(ROTATE, sent, run)
    return _shown(sent.desk.looking(), refused, made[0] if made else None, of=webhook)


@router.post("/{webhook}/release")
def release(webhook: HookId, sent: Changing) -> Response:
    webhooks.release(webhook, webhooks.Nothing(), sent.desk)
    return to(sent.desk, "/structure/webhooks")


@router.post("/{webhook}/deletion")
def delete(webhook: HookId, sent: Changing) -> Response:
    webhooks.delete(webhook, sent.desk)
    return to(sent.desk, "/structure/webhooks")


def _shown(
    desk: Desk, refused: Refused | None = None, made: HookMade | None = None, of: str = ""
) -> Response:
    """*of*: the webhook whose form was refused."""
    stuck = notices.parked(desk, limit=MOST).items
    return shown(
        desk,
        "webhooks",
        refused.status if refused else 200,
        hooks=webhooks.webhooks(desk, limit=MOST).items,
        made=made,
        stuck=stuck,
        recipients=sorted({one.recipient for one in stuck if one.channel == "mail"}),
        form=HOOK_UP,
        rotate=ROTATE,
        choices={"kinds": [Choice(one, spoken(desk, one)) for one in KINDS]},
        now={"hours": ["24"]},
        tabs=places(desk),
        refused=refused,
        of=of,
        key=fresh_key(),
    )

"""What one has been told, what of it one has read, and how one wants to hear of it by e-mail."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field as Bounded

from api import bodies, mail_choices
from api import notices as api
from api.cursors import after_position
from api.desk import Desk
from api.language import say
from api.links import page_of
from api.mail_choices import Address, Mode, NoticeKind
from api.page import Page
from api.pages.desks import Sent, fresh_key, looking, sending
from api.pages.forms import Choice, Field, Form, Refused, tried
from api.pages.shell import shown, spoken, to
from domain.notice import KINDS
from domain.rights import Action
from projections import notices
from projections.notices import Notice
from projections.readership import hidden_from

router = APIRouter(prefix="/notices", route_class=Page, include_in_schema=False)
Reading = Annotated[Desk, looking(Action.BE_KNOWN)]
Choosing = Annotated[Sent, sending(Action.BE_KNOWN)]
Asked = Annotated[str | None, Query(max_length=300)]
MANY = 50
END = 2**62
"""A position after all."""
MODES: Mapping[Mode, str] = {
    Mode.AT_ONCE: say("At once, for each notice"),
    Mode.DAILY: say("Once a day, all in one"),
    Mode.NONE: say("Not at all"),
}


class MailChoice(bodies.Command):
    """As `mail_choices.Choice`."""

    address: Annotated[Address, Bounded(max_length=254)]
    mode: Mode
    hour: Annotated[int, Bounded(ge=0, le=23)] = 15
    kinds_off: list[NoticeKind]


MAIL = Form(
    "mail", say("How you hear of it by e-mail"), say("Keep this choice"), MailChoice,
    (
        Field("address", say("E-mail address")),
        Field("mode", say("When"), "choice", choices="modes"),
        Field("hour", say("At which hour, where it is once a day"), "number"),
        Field("kinds_off", say("No e-mail of these"), "many", required=False, choices="kinds"),
    ),
    hint=say("The e-mail says nothing of what it is about: only a number, and where to read it."),
)  # fmt: skip


@dataclass(frozen=True)
class Heard:
    """A notice as it is read. `at`: the page that it is about."""

    event: str
    number: str | None
    at: str
    role: str
    organ: str | None
    recorded_at: datetime
    is_read: bool


@router.get("")
def all_notices(desk: Reading, cursor: Asked = None) -> Response:
    """What one has been told, the newest first."""
    return _shown(desk, before=after_position(cursor) or END)


def news(desk: Desk, limit: int) -> list[Heard]:
    """What whoever looks has been told and not read yet, the newest first."""
    hidden = hidden_from(desk.database, sorted(desk.marks))
    found = notices.newest(desk.database, desk.standing.id, before=END, limit=limit,
                           hidden=hidden, unread=True)  # fmt: skip
    return [_heard(one) for one in found]


@router.post("/read")
def read(sent: Choosing) -> Response:
    """All up to a position has been read."""
    position = sent.one("position")
    if position.isascii() and position.isdecimal() and len(position) < 16:
        api.read(api.Read(position=int(position)), sent.desk)
    return to(sent.desk, "/notices")


@router.post("/mail")
def choose(sent: Choosing) -> Response:
    def run(body: MailChoice) -> Response:
        chosen = mail_choices.Choice.model_validate(
            body.model_dump(mode="json", include=set(mail_choices.Choice.model_fields))
        )
        mail_choices.choose(chosen, sent.desk, sent.desk.request)
        return Response()

    refused = tried(MAIL, sent, run)
    if refused is None:
        return to(sent.desk, "/notices#mail")
    return _shown(sent.desk.looking(), refused=refused)


@router.post("/mail/erasure")
def forget(sent: Choosing) -> Response:
    """The address is erased, and what waits for it is not sent."""
    mail_choices.forget(sent.desk)
    return to(sent.desk, "/notices#mail")


def _shown(desk: Desk, *, before: int = END, refused: Refused | None = None) -> Response:
    hidden = hidden_from(desk.database, sorted(desk.marks))
    found = notices.newest(desk.database, desk.standing.id, before=before, limit=MANY,
                           hidden=hidden)  # fmt: skip
    chosen = mail_choices.choice(desk, desk.request)
    now = {"address": [chosen.address or ""], "mode": [chosen.mode.value],
           "hour": [str(chosen.hour)], "kinds_off": chosen.kinds_off}  # fmt: skip
    return shown(
        desk,
        "notices",
        refused.status if refused else 200,
        notices=[_heard(one) for one in found],
        newest=found[0].entry.id if found else 0,
        next=desk.page(found[-1].entry.id) if len(found) == MANY else None,
        chosen=chosen,
        form=MAIL,
        now=now,
        choices={
            "modes": [Choice(one.value, spoken(desk, said)) for one, said in MODES.items()],
            "kinds": [Choice(one, spoken(desk, one)) for one in KINDS],
        },
        refused=refused,
        key=fresh_key(),
    )


def _heard(one: Notice) -> Heard:
    stream = str(one.entry.originator_id)
    return Heard(
        event=one.entry.topic,
        number=one.number,
        at=page_of(stream, one.number),
        role=str(one.entry.actor["role"]),
        organ=one.entry.actor.get("organ"),
        recorded_at=one.entry.recorded_at,
        is_read=one.read,
    )

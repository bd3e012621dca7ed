"""What the pages of organs, services, people and the plan have in common."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from fastapi import Response

from api import people
from api.desk import Desk
from api.language import say, spoken_to
from api.organ_answers import SeatAnswer
from api.pages import choices, structure_told
from api.pages.choices import Choices
from api.pages.desks import Sent, fresh_key
from api.pages.forms import Choice, Refused, tried
from api.pages.shell import person_names, shown, to
from api.pages.structure_forms import ActForm
from api.pages.timeline import Told
from api.people import InvitationAnswer
from domain.actor import Role
from domain.plan import Degree, Direction, Observer
from domain.rights import Action, hat
from domain.seat import SeatRole
from domain.topology import Level

PLACES = (
    ("/structure", say("Organs"), Action.READ_ORGANS),
    ("/structure/services", say("Services"), Action.READ_PLAN),
    ("/structure/people", say("People and roles"), Action.READ_PEOPLE),
    ("/structure/plan", say("Focus areas and plans"), Action.READ_PLAN),
    ("/structure/policy", say("Deadlines"), Action.READ_PLAN),
    ("/structure/municipality", say("The municipality"), Action.READ_PLAN),
    ("/structure/tokens", say("Tokens"), Action.TOKENS),
    ("/structure/webhooks", say("Other systems"), Action.DELIVER),
    ("/structure/sign-in", say("Sign-in"), Action.STRUCTURE),
    ("/structure/credentials", say("Who is let in"), Action.READ_CREDENTIALS),
)
"""Where one goes within the structure, what that is called, and who may."""


def places(desk: Desk) -> list[tuple[str, str]]:
    return [(at, name) for at, name, action in PLACES if hat(desk.standing, action) is not None]


@dataclass(frozen=True)
class Fact:
    """`label` in English, to be translated; without words it is not shown."""

    label: str
    words: str | None


@dataclass(frozen=True)
class Life:
    """What a page is about. `at`: its address, below which its forms are sent; `over`: what it is
    when it is over; `invites`: whether whoever looks may invite them, and what came of it."""

    title: str
    back: str
    at: str
    facts: Sequence[Fact]
    seats: Sequence[SeatAnswer] | None = None
    is_over: bool = False
    over: str = ""
    invites: bool = False
    invitation: InvitationAnswer | None = None


def life_page(
    desk: Desk,
    life: Life,
    told: Sequence[Told],
    forms: Sequence[ActForm],
    own: Choices,
    filled: Mapping[str, Mapping[str, list[str]]],
    refused: Refused | None,
) -> Response:
    """*own*: choices of this page; *filled*: what stands in a form before anybody types."""
    seats = life.seats or ()
    known = person_names(desk, {one.person for one in seats if one.person is not None})
    sitting = [*structure_told.standing(seats, desk.today)]
    return shown(
        desk,
        "life",
        refused.status if refused else 200,
        life=life,
        people=known,
        sitting={one.n for one in sitting},
        told=told,
        forms=[form for form in forms if hat(desk.standing, form.action) is not None],
        choices={**structure_choices(desk), **_of_seats(desk, seats, known), **own},
        filled=filled,
        tabs=places(desk),
        refused=refused,
        key=fresh_key(),
    )


def _of_seats(desk: Desk, seats: Sequence[SeatAnswer], known: Mapping[str, str]) -> Choices:
    """The seats that nobody has left yet."""
    tongue = spoken_to(desk.request)
    return {
        "seats": [
            Choice(str(one.n), f"{one.n}: {_sits(one, known)} ({tongue.gettext(one.role.value)})")
            for one in seats
            if one.left_on is None
        ]
    }


def _sits(seat: SeatAnswer, known: Mapping[str, str]) -> str:
    person = known.get(seat.person or "", seat.person)
    return person or seat.represents or seat.service or ""


def structure_choices(desk: Desk) -> Choices:
    """What fields of the structure's forms can be."""
    tongue = spoken_to(desk.request)
    may = hat(desk.standing, Action.READ_PEOPLE) is not None
    lists = {
        "levels": Level, "seat_roles": SeatRole, "observers": Observer, "directions": Direction,
        "degrees": Degree,
    }  # fmt: skip
    return {
        **choices.everywhere(desk),
        **{name: [Choice(one.value, tongue.gettext(one.value)) for one in words]
           for name, words in lists.items()},
        "roles": [Choice(one.value, tongue.gettext(one.value)) for one in Role
                  if one is not Role.MEMBER],
        "periods": [Choice(one, tongue.gettext(one)) for one in ("month", "year")],
        "people": choices.people(people.persons(desk, limit=1000).items) if may else [],
    }  # fmt: skip


def deal_with(
    sent: Sent,
    form: ActForm,
    key: str,
    onward: Callable[[], str],
    page: Callable[[Desk, Refused], Response],
) -> Response:
    """Do what a form says, and go *onward*; where it is refused, show the *page* again with it."""
    refused = tried(form, sent, lambda body: form.run(key, body, sent.desk))
    if refused is None:
        return to(sent.desk, onward())
    return page(sent.desk.looking(), refused)

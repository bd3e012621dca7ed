"""Who may do what with what. Pure; `docs/reference/rights.md` shows the tables."""

from collections.abc import Iterable
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from domain.actor import Role


class Action(StrEnum):
    """What a door is for."""

    RAISE = "raise a case"
    CASEWORK = "do casework"
    ANSWER_ASSIGNMENT = "answer an assignment"
    ACKNOWLEDGE = "acknowledge an answer"
    RESTRICT = "restrict a case to named people, and lift that"
    BREAK_GLASS = "open a restricted case for three hours"
    PLAN = "record focus areas, plans and observations"
    SET_POLICY = "set the policy on deadlines"
    STRUCTURE = "change organs, services and seats, register people and give roles"
    MEET = "convene, prepare, lead and close meetings"
    READ_MEETINGS = "read meetings, their agendas and minutes"
    BE_KNOWN = "see who one is here, and be told things"
    ORDER = "place, approve, send back and withdraw orders"
    ANSWER_ORDER = "answer an order: accept, decline, pass on, deliver"
    READ_ORDERS = "read orders"
    READ_CASES = "read cases, their history and the decisions"
    READ_READERS = "read who may read a case"
    READ_ACCESSES = "read who was shown the words of cases"
    READ_CREDENTIALS = "read which systems were let in and told, and who vouches for people"
    READ_PEOPLE = "read who is registered"
    READ_ORGANS = "read organs"
    READ_PLAN = "read services and the plan"
    READ_REPORTS = "read reports"
    READ_ANNUAL = "read the year's report"
    GIVE_FEEDBACK = "give feedback on a year"
    WRITE_ANNUAL = "write and freeze the year's report"
    CHECK = "check the ledger's proofs"
    SIGN = "have a checkpoint signed"
    TOKENS = "give out, list and end tokens"
    DELIVER = "say which systems are told, and see what could not be sent"

    @property
    def word(self) -> str:
        """What the scope of a token names it by. It never changes."""
        return self.name.lower()


_C, _M, _B, _AU, _R, _AD = (
    Role.COORDINATOR, Role.MEMBER, Role.BOARD, Role.AUDITOR, Role.REPORTER, Role.ADMIN,
)  # fmt: skip

RIGHTS: dict[Action, frozenset[Role]] = {
    Action.RAISE: frozenset({_C, _M}),
    Action.CASEWORK: frozenset({_C}),
    Action.ANSWER_ASSIGNMENT: frozenset({_C, _M}),
    Action.ACKNOWLEDGE: frozenset({_C, _M}),
    Action.RESTRICT: frozenset({_C}),
    Action.BREAK_GLASS: frozenset({_C}),
    Action.PLAN: frozenset({_C, _AD}),
    Action.SET_POLICY: frozenset({_C, _AD}),
    Action.STRUCTURE: frozenset({_AD}),
    Action.MEET: frozenset({_C}),
    Action.READ_MEETINGS: frozenset({_C, _M, _B, _AU}),
    Action.BE_KNOWN: frozenset(Role),
    Action.ORDER: frozenset({_C}),
    Action.ANSWER_ORDER: frozenset({_C, _M}),
    Action.READ_ORDERS: frozenset({_C, _M, _B, _AU}),
    Action.READ_CASES: frozenset({_C, _M, _B, _AU}),
    Action.READ_READERS: frozenset({_C, _B, _AU}),
    Action.READ_ACCESSES: frozenset({_C, _M, _B, _AU}),
    Action.READ_CREDENTIALS: frozenset({_C, _B, _AU, _AD}),
    Action.READ_PEOPLE: frozenset({_C, _B, _AU, _AD}),
    Action.READ_ORGANS: frozenset({_C, _M, _B, _AU, _R, _AD}),
    Action.READ_PLAN: frozenset({_C, _M, _B, _AU, _AD}),
    Action.READ_REPORTS: frozenset({_C, _M, _B, _AU, _R}),
    Action.READ_ANNUAL: frozenset({_C, _M, _B, _AU}),
    Action.GIVE_FEEDBACK: frozenset({_C, _M}),
    Action.WRITE_ANNUAL: frozenset({_C}),
    Action.CHECK: frozenset({_C, _M, _B, _AU, _AD}),
    Action.SIGN: frozenset({_C, _AD}),
    Action.TOKENS: frozenset({_AD}),
    Action.DELIVER: frozenset({_AD}),
}

WIDE = frozenset({_C, _B, _AU})
"""Those who read every case of their municipality, but for the restricted ones."""
GUESTS = frozenset({Action.BE_KNOWN, Action.READ_MEETINGS})
"""What the guest of a meeting may do, whatever their roles, as long as that is open."""
_ORDER = (_C, _AD, _M, _B, _AU, _R)
"""In which of several roles somebody acts: the first that may."""


class Standing(BaseModel):
    """Who somebody is to the municipality just now: the roles that they are let in as, and the
    organs and services that they have a seat in, by key. `only`: what a token was narrowed to."""

    model_config = ConfigDict(frozen=True)

    id: str
    roles: frozenset[Role]
    organs: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    guest_of: frozenset[str] = frozenset()
    """The open meetings that they are a guest of, by stream."""
    only: frozenset[Action] | None = None

    @property
    def is_wide(self) -> bool:
        return not self.roles.isdisjoint(WIDE)


class Readers(BaseModel):
    """Who a case, a meeting or an order is for: the organs and services that it concerns, by key;
    once it is restricted, only the people named. `guests`: who else it is for, by id."""

    model_config = ConfigDict(frozen=True)

    parties: frozenset[str]
    restricted_to: frozenset[str] | None = None
    guests: frozenset[str] = frozenset()


def hat(standing: Standing, action: Action) -> Role | None:
    """The role in which somebody may do *action* at all; None where they may not."""
    if standing.only is not None and action not in standing.only:
        return None
    guest = Role.MEMBER if standing.guest_of and action in GUESTS else None
    return next((r for r in _ORDER if r in standing.roles and r in RIGHTS[action]), guest)


def scope(words: Iterable[str]) -> frozenset[Action]:
    """What the *words* of a token's scope let it do. A word that no action has lets it do nothing,
    so that a token never becomes wider."""
    known = {action.word: action for action in Action}
    return frozenset(known[word] for word in words if word in known)


def may_give(own: frozenset[Action] | None, given: frozenset[Action] | None) -> bool:
    """Whether somebody whose token is narrowed to *own* may give out one that is narrowed to
    *given*: no wider one than their own."""
    return own is None or (given is not None and given <= own)


def may_let_in(giver: Standing, role: Role) -> bool:
    """Whether *giver* may give out a token that lets in as *role*: none that reads cases, unless
    they read them themselves."""
    return role not in RIGHTS[Action.READ_CASES] or hat(giver, Action.READ_CASES) is not None


def oversees(standing: Standing) -> bool:
    """Whether somebody is told who reads a case also where it is restricted and its words are
    closed to them: whoever restricts it would else escape those who audit."""
    allowed = standing.only is None or Action.READ_ACCESSES in standing.only
    return allowed and not standing.roles.isdisjoint({_B, _AU})


def may_act_for(standing: Standing, role: Role, organ: str | None) -> bool:
    """Whether somebody may act in *role* on behalf of an organ or a service: a member for their
    own alone."""
    return role is not Role.MEMBER or organ in {None, *standing.organs, *standing.services}


def may_read(standing: Standing, case: Readers, *, opened: bool = False) -> bool:
    """Whether somebody who reads cases may read this one. *opened*: they have broken its glass,
    and the three hours have not passed."""
    if case.restricted_to is not None:
        return opened or standing.id in case.restricted_to
    if standing.is_wide or standing.id in case.guests:
        return True
    own = standing.organs | standing.services
    return Role.MEMBER in standing.roles and not own.isdisjoint(case.parties)


EVERYBODY = "*"
"""The mark of those who read every case that is not restricted."""


def marks_of(standing: Standing, opened: Iterable[str] = ()) -> frozenset[str]:
    """What somebody's reading is marked with: they may read a case that bears one of these. The
    same rule as `may_read`, in the form in which the database can hold to it. *opened*: the cases
    whose glass they have broken, by id."""
    wide = {EVERYBODY} if standing.is_wide else set()
    own = standing.organs | standing.services if Role.MEMBER in standing.roles else set()
    return frozenset({*wide, *own, f"@{standing.id}", *(f"#{case}" for case in opened)})


def marks_on(case_id: str, readers: Readers) -> frozenset[str]:
    """What a case, a meeting or an order bears."""
    if readers.restricted_to is None:
        guests = {f"@{person}" for person in readers.guests}
        return readers.parties | guests | {EVERYBODY}
    return frozenset({f"#{case_id}", *(f"@{person}" for person in readers.restricted_to)})

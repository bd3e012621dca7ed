"""Who may do what. One pure function; `docs/reference/rights.md` shows its table."""

from enum import StrEnum

from domain.actor import Role


class Action(StrEnum):
    """What a door is for."""

    RAISE = "raise a case"
    CASEWORK = "do casework"
    ANSWER_ASSIGNMENT = "answer an assignment"
    ACKNOWLEDGE = "acknowledge an answer"
    PLAN = "record focus areas, plans and observations"
    STRUCTURE = "change organs and services"
    READ_CASES = "read cases, their history and the decisions"
    READ_ORGANS = "read organs"
    READ_PLAN = "read services and the plan"
    READ_REPORTS = "read reports"
    CHECK = "check the ledger's proofs"
    SIGN = "have a checkpoint signed"


_C, _M, _B, _AU, _R, _AD = (
    Role.COORDINATOR, Role.MEMBER, Role.BOARD, Role.AUDITOR, Role.REPORTER, Role.ADMIN,
)  # fmt: skip

RIGHTS: dict[Action, frozenset[Role]] = {
    Action.RAISE: frozenset({_C, _M}),
    Action.CASEWORK: frozenset({_C}),
    Action.ANSWER_ASSIGNMENT: frozenset({_C, _M}),
    Action.ACKNOWLEDGE: frozenset({_C, _M}),
    Action.PLAN: frozenset({_C, _AD}),
    Action.STRUCTURE: frozenset({_AD}),
    Action.READ_CASES: frozenset({_C, _M, _B, _AU}),
    Action.READ_ORGANS: frozenset({_C, _M, _B, _AU, _R, _AD}),
    Action.READ_PLAN: frozenset({_C, _M, _B, _AU, _AD}),
    Action.READ_REPORTS: frozenset({_C, _M, _B, _AU, _R}),
    Action.CHECK: frozenset({_C, _M, _B, _AU, _AD}),
    Action.SIGN: frozenset({_C, _AD}),
}


def may(role: Role, action: Action) -> bool:
    """Whether somebody let in as *role* may do *action* at all. A member does so for their own
    organ only. Rights that come from seats belong here too."""
    return role in RIGHTS[action]


def may_act_for(role: Role, own_organ: str | None, organ: str | None) -> bool:
    """Whether somebody may act on behalf of *organ*: a member for their own alone."""
    return role is not Role.MEMBER or organ in {None, own_organ}

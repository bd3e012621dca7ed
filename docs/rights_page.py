"""The page on what each role may do, from the table that decides it."""

from collections.abc import Iterator

from docs.wording import MADE
from domain.actor import Role
from domain.rights import RIGHTS

RIGHTS_BEFORE = """\
One pure function, `domain.rights.may`, decides what each role may do. A token has one role. What
a role may not do is answered with 403, `/problems/forbidden`.
"""

RIGHTS_AFTER = """\
- A **member** belongs to one organ. They raise matters for it and act on its behalf, and on
  nobody else's (`acting_for`).
- A **coordinator** logs on behalf of any organ, with `acting_for`.
- A **reporter** sees numbers and organs, and neither cases nor the plan.
- `/healthz`, `/readyz`, `/metrics`, `/api/docs` and `/api/openapi.json` ask for no token.

What is not there yet: rights that come from a seat, and rights case by case. Until then a member
reads every case of the municipality. An assignment to an organ is answered by a member of that
organ; services have no members of their own, so any member answers for them.
"""


def rights_page() -> Iterator[str]:
    yield "# Rights"
    yield ""
    yield MADE
    yield ""
    yield RIGHTS_BEFORE
    yield f"| who may | {' | '.join(role.value for role in Role)} |"
    yield f"|---|{'---|' * len(Role)}"
    for action, roles in RIGHTS.items():
        cells = " | ".join("yes" if role in roles else "" for role in Role)
        yield f"| {action.value} | {cells} |"
    yield ""
    yield RIGHTS_AFTER.rstrip()

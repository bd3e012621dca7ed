"""The page on what each role may do, from the table that decides it."""

from collections.abc import Iterator

from docs.wording import MADE
from domain.actor import Role
from domain.rights import RIGHTS, Action

RIGHTS_BEFORE = """\
Three pure functions in `domain/rights.py` decide: `hat`, what each role may do at all (the first
table); `may_act_for`, on whose behalf; `may_read`, which case. What a role may not do is answered
with 403, `/problems/forbidden`; a case that is not for whoever asks, with 404, as if there were
none.

Whoever asks shows a *session* (people who have [signed in](../how-to/sign-in.md)), a bearer token
of a provider that they sign in with, or a *token* of Løft's. What is asked by a session and changes
something also shows that a page of Løft's asks: the header `Loft-CSRF`, or the field `csrf` of a
form. A session ends with any of the seats and roles that it began with.

**Roles** come from three places. A person's *seat* in an organ at the steering level makes them a
`board` member, any other seat a `member` of that organ or service, from the day it is taken until
the day before it is left (a guest: on the day of the meeting, until it is closed). A *role* is
given to a person and withdrawn (`/api/persons/…/roles`, or by what a provider says of them as they
sign in). A *token* of a machine has the role that it was made with. Seats and roles are events: who
was let in by what can be asked as of any moment.
"""

RIGHTS_AFTER = """\
## Which case

| who | reads |
|---|---|
| a `member` | the cases that their organ or service holds, held, raised, was made responsible for or was answered |
| a `coordinator`, the `board`, an `auditor` | every case of their municipality |
| a `reporter`, an `admin` | none |
| of *meetings*: a `member` | those of their organs; of the cases in them, only their own |
| of *the year's report*: a `member` | one that is frozen; a draft is for the coordinator, the board and the auditor. Titles of restricted cases are in neither |
| of *orders*: a `member` | what their organ or service ordered, or was asked for; not the case that it is about, unless it is theirs |
| a meeting's *guest* | that meeting, until it is closed, and none of its cases that are not theirs |
| of a *restricted* case: those who are named on it | it, whatever their role; nobody else does |
| a `coordinator` who has broken its glass | it, for three hours; everyone who is named is told (`/api/notices`) |

As of an earlier moment, a case is read by those who may read it now, unless it was restricted then
to others. A seat of last year opens nothing. The [database holds to this
too](../decisions/0026-who-reads-what.md).

## Also

- A **member** raises matters for their organs and services and acts on their behalf, and on nobody
  else's (`acting_for`). What a service was asked is answered by those who have a seat in it; while
  nobody has, by any member who reads the case.
- A **service** in which nobody has a seat yet reads no orders: a coordinator answers for it.
- A **person** confirms the duty of confidentiality before anything else is open to them, in the
  words of their municipality, and anew when those change.
- A **coordinator** logs on behalf of any organ, with `acting_for`.
- A **reporter** sees numbers and organs, and neither cases nor the plan.
- Whoever has a calendar's address reads when and where its organ meets, without a token.
- `/healthz`, `/readyz`, `/metrics`, `/api/docs` and `/api/openapi.json` ask for no token.
"""  # noqa: E501 - a table's row is one line


SCOPES = """\
## What a token can be narrowed to

A token may be narrowed to some of what its role allows: `loft token create NAME --role ROLE --scope
ACTION`, as often as needed, or `scope` of `POST /api/tokens`. A scope never adds anything. Whoever
has a narrowed token gives out no wider one.
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
    yield ""
    yield SCOPES
    yield "| scope | lets it |"
    yield "|---|---|"
    for action in Action:
        yield f"| `{action.word}` | {action.value} |"

"""The page on the API, from its OpenAPI document and the errors that it gives."""

import inspect
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from api.bodies import Command
from api.problems import KINDS, TITLES
from docs.wording import MADE, Json, default, line, meaning, type_of
from domain.actor import Role
from domain.errors import Refusal
from domain.rights import RIGHTS, Action
from ledger.database import Unavailable
from ledger.engine import Busy

COMMON = tuple(Command.model_fields)
"""The fields that every command takes; they are told once."""
INSIDE = {"StreamMovedOn", "StructureMovedOn"}
"""Refusals by which the ledger makes the engine decide anew. Nobody ever reads them."""

CONVENTIONS = """\
Everything lies under `/api` and speaks JSON in UTF-8. The OpenAPI 3.1 document is at
`/api/openapi.json`, and a page to read it on at `/api/docs`. A first walk through it is in the
[README](../../README.md); what the words mean, in the [glossary](../glossary.md).

**Who asks.** Each request but those for [health](#health) and for a calendar carries
`Authorization: Bearer TOKEN`. Tokens come from [`loft token create`](cli.md). What each role may
do is on the page of [rights](rights.md), and under each address here.

**Commands** are `POST`s. Each records exactly one event and answers 201 with what it is about, as
it now is. All of them take these fields beside their own:

{common}

| header | on | what it does |
|---|---|---|
| `Idempotency-Key` | a command | A repeat with the same key and the same body is done once, and gives the first answer again. 1 to 200 visible characters. The same key with another body is refused. |
| `If-Match` | a command | The `ETag` that was read. Refused with 412 when somebody else was quicker. Arranging an agenda needs it. |
| `ETag` | an answer | The version of the case, organ, service or plan. |
| `Loft-Position` | the answer to a command | The position that it was recorded at. |
| `Loft-Position` | a read | Wait until the views hold this position: read your own writes. After 5 seconds: 503. |
| `Request-Id` | an answer | Stands in the server's log too. |

**Reading back in time.** Every read of what is recorded takes `as_of`: a position, or a time with
its zone such as `2026-11-22T10:00:00Z`. The answer is what the ledger knew then. The size of a
checkpoint is the position of the last entry in it. A case also takes `true_at`: what had occurred
by then. See [two kinds of time](../explanation/time.md).

**Corrections** stand beside what they correct, never instead of it: `corrections` in a history and
in the register are positions, `corrections_in_words` what they say.

**Times.** What people gave (`occurred_at`, `raised_at`, `closed_at`, `paused_since`) is shown with
Oslo's offset, what the database noted (`recorded_at`, `last_recorded_at`) in UTC.

**Lists** answer `{{"items": […], "next": …}}`. `next` is the address of the next page with the same
filters, or null. `limit` is 100 unless told otherwise, and 1,000 at most.

**Words.** In a history, each text is `{{"text_id": …, "words": …, "erased_at": …}}`. Words that have
been erased are null, with the position of the erasure beside them.

**Bounds.** A body holds at most 256 kB, a title 300 characters, other words 20,000.
"""  # noqa: E501 - a table's row is one line

ERRORS = """\
Errors are `application/problem+json` as RFC 9457 has it. `detail` is a sentence for people;
`errors` says which fields were meant, without repeating what was sent.

```json
{"type": "/problems/refused", "title": "A rule says no", "status": 409,
 "detail": "The case is closed. Reopen it first."}
```
"""

TAGS = {
    "cases": "Cases: reading",
    "casework": "Cases: commands",
    "meetings": "Meetings",
    "orders": "Orders, and what waits for an answer",
    "deadlines": "Deadlines",
    "people": "People and rights",
    "notices": "Notices",
    "organs": "Organs and services",
    "plan": "The plan",
    "histories": "Histories of what is no case, and erasures in it",
    "audit": "The register of decisions",
    "proof": "The proof",
    "reports": "Reports",
    "stream": "The stream",
    "tokens": "Tokens",
    "health": "Health",
}


def api_page(app: FastAPI) -> Iterator[str]:
    document = app.openapi()
    schemas: Json = document["components"]["schemas"]
    rights = dict(_doors(app))
    yield "# The API"
    yield ""
    yield MADE
    yield ""
    yield CONVENTIONS.format(common="\n".join(_fields(schemas["Raising"], only=COMMON)))
    for tag, title in TAGS.items():
        yield f"## {title}"
        yield ""
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                if tag in operation["tags"]:
                    action = rights.get((method.upper(), path))
                    yield from _operation(f"{method.upper()} {path}", operation, action, schemas)
    yield "## Shapes"
    yield ""
    for name in _answered(schemas):
        yield from _shape(name, schemas[name])
    yield from _problems()


def _doors(app: FastAPI) -> Iterator[tuple[tuple[str, str], Action]]:
    """What each door is for: the action that the dependency which admits was made with."""
    for route in _routes(app):
        for action in _actions(route.dependant):
            for method in route.methods or ():
                yield (method, route.path), action


def _routes(app: FastAPI) -> Iterator[APIRoute]:
    for route in app.routes:
        inner = getattr(route, "original_router", None)
        for one in [route] if inner is None else inner.routes:
            if isinstance(one, APIRoute):
                yield one


def _actions(dependant: Dependant) -> Iterator[Action]:
    for needed in dependant.dependencies:
        if inspect.isfunction(needed.call):
            kept = inspect.getclosurevars(needed.call).nonlocals.values()
            yield from (value for value in kept if isinstance(value, Action))
        yield from _actions(needed)


def _operation(name: str, operation: Json, action: Action | None, schemas: Json) -> Iterator[str]:
    yield f"### `{name}`"
    yield ""
    yield line(operation["description"])
    yield ""
    yield f"For: {_admitted(action)}."
    yield ""
    asked = [one for one in operation.get("parameters", []) if one["in"] != "path"]
    if asked:
        yield "| parameter | is | what |"
        yield "|---|---|---|"
        for one in asked:
            schema = one["schema"]
            kind = type_of(schema, optional=True) + default(schema)
            yield f"| `{one['name']}` | {kind} | {meaning(one['name'], one)} |"
        yield ""
    body = operation.get("requestBody")
    if body is not None:
        (content,) = body["content"].values()
        schema = schemas[content["schema"]["$ref"].rpartition("/")[2]]
        fields = list(_fields(schema, but=COMMON))
        yield from [*fields, ""] if len(fields) > 2 else ["No fields of its own: `{}` will do.", ""]
    yield _answers(operation["responses"])
    yield ""


def _admitted(action: Action | None) -> str:
    if action is None:
        return "everybody, without a token"
    return ", ".join(role.value for role in Role if role in RIGHTS[action])


def _answers(responses: Json) -> str:
    """What comes back when it goes well. What may go wrong stands at the end of the page."""
    for status, response in responses.items():
        if status.startswith("2"):
            kinds = [_content(kind, its) for kind, its in response.get("content", {}).items()]
            return f"Answers {status}: {' or '.join(kinds) or 'text'}."
    return ""


def _content(kind: str, content: Json) -> str:
    schema = content.get("schema", {})
    return type_of(schema) if kind == "application/json" and schema else f"`{kind}`"


def _fields(
    schema: Json, *, but: tuple[str, ...] = (), only: tuple[str, ...] = ()
) -> Iterator[str]:
    required = schema.get("required", [])
    yield "| field | is | what |"
    yield "|---|---|---|"
    for name, field in schema.get("properties", {}).items():
        if name not in but and (not only or name in only):
            kind = type_of(field, optional=name not in required) + default(field)
            must = ", required" if name in required else ""
            yield f"| `{name}` | {kind}{must} | {meaning(name, field)} |"


def _shape(name: str, schema: Json) -> Iterator[str]:
    yield f"### {name}"
    yield ""
    if "description" in schema:
        yield line(schema["description"])
        yield ""
    if "enum" in schema:
        yield " · ".join(f"`{value}`" for value in schema["enum"])
    else:
        yield "| field | is | what |"
        yield "|---|---|---|"
        for field, its in schema["properties"].items():
            yield f"| `{field}` | {type_of(its)} | {meaning(field, its)} |"
    yield ""


def _answered(schemas: Json) -> list[str]:
    """The shapes that are linked to, by name; bodies stand at their addresses."""
    bodies = {one.__name__ for one in _below(Command)}
    return sorted(name for name in schemas if name not in bodies)


def _problems() -> Iterator[str]:
    yield "## Problems"
    yield ""
    yield ERRORS
    for kind, title in TITLES.items():
        rows = sorted(
            (status, error.__name__, line(error.__doc__ or ""))
            for error, (its_kind, status) in _refusals().items()
            if its_kind == kind
        )
        if rows:
            yield f"### `/problems/{kind}`"
            yield ""
            yield f"{title}."
            yield ""
            yield "| status | | sentence |"
            yield "|---|---|---|"
            for status, name, sentence in rows:
                yield f"| {status} | `{name}` | {sentence} |"
            yield ""
    later = [f"`/problems/{kind}`" for kind in TITLES if kind not in _kinds()]
    yield f"Kept for later, and not given yet: {', '.join(later)}."


def _refusals() -> dict[type[Exception], tuple[str, int]]:
    """Each refusal that somebody may read, with its problem type and status."""
    told: dict[type[Exception], tuple[str, int]] = {}
    for error in {*_below(Refusal), Unavailable, Busy}:
        is_ours = error.__module__.partition(".")[0] in {"domain", "ledger", "api"}
        if is_ours and error.__name__ not in INSIDE | {"Invalid"}:
            kind, status = next((k, s) for known, k, s in KINDS if issubclass(error, known))
            told[error] = (kind, status)
    return told


def _kinds() -> set[str]:
    return {kind for kind, _ in _refusals().values()}


def _below(above: type[Any]) -> Iterator[type[Any]]:
    for one in above.__subclasses__():
        yield one
        yield from _below(one)

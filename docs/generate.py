"""Writes the pages of the reference that come from the code: the API, the settings, the rights."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from api.app import create_app
from api.bodies import Command
from api.installation import OpenLedger
from api.problems import KINDS, TITLES
from api.settings import Settings
from domain.actor import Role
from domain.errors import Refusal
from domain.rights import RIGHTS, Action
from ledger.database import Database, Unavailable
from ledger.engine import Busy

Json = dict[str, Any]

REFERENCE = Path(__file__).parent / "reference"
GLOSSARY = Path(__file__).parent / "glossary.md"
MADE = "*Written by `make docs` from the code. Change it there.*"
PARAMETERS = {
    "limit": "How many on a page.",
    "cursor": "Stands in `next`.",
    "format": "`csv`: one row a decision; the next page is named in the header `Link`.",
}
COMMON = tuple(Command.model_fields)
"""The fields that every command takes; they are told once."""
INSIDE = {"StreamMovedOn", "StructureMovedOn"}
"""Refusals by which the ledger makes the engine decide anew. Nobody ever reads them."""


def pages() -> dict[Path, str]:
    """Each generated page and what it holds, the same at every run on the same code."""
    app = create_app(OpenLedger(Database("", "")), secret=b"")
    return {
        REFERENCE / "api.md": "\n".join(_api(app)) + "\n",
        REFERENCE / "settings.md": "\n".join(_settings()) + "\n",
        REFERENCE / "rights.md": "\n".join(_rights()) + "\n",
    }


# The API.

CONVENTIONS = """\
Everything lies under `/api` and speaks JSON in UTF-8. The OpenAPI 3.1 document is at
`/api/openapi.json`, and a page to read it on at `/api/docs`. A first walk through it is in the
[README](../../README.md); what the words mean, in the [glossary](../glossary.md).

**Who asks.** Each request but those for [health](#health) carries
`Authorization: Bearer TOKEN`. Tokens come from [`loft token create`](cli.md). What each role may
do is on the page of [rights](rights.md), and under each address here.

**Commands** are `POST`s. Each records exactly one event and answers 201 with what it is about, as
it now is. All of them take these fields beside their own:

{common}

| header | on | what it does |
|---|---|---|
| `Idempotency-Key` | a command | A repeat with the same key and the same body is done once, and gives the first answer again. 1 to 200 visible characters. The same key with another body is refused. |
| `If-Match` | a command | The `ETag` that was read. Refused with 412 when somebody else was quicker. |
| `ETag` | an answer | The version of the case, organ, service or plan. |
| `Loft-Position` | the answer to a command | The position that it was recorded at. |
| `Loft-Position` | a read | Wait until the views hold this position: read your own writes. After 5 seconds: 503. |
| `Request-Id` | an answer | Stands in the server's log too. |

**Reading back in time.** Where a read takes `as_of`, give it a position, or a time with its
zone such as `2026-11-22T10:00:00Z`. The answer is what the ledger knew then.

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
    "organs": "Organs and services",
    "plan": "The plan",
    "audit": "The register of decisions",
    "reports": "Reports",
    "stream": "The stream",
    "health": "Health",
}


def _api(app: FastAPI) -> Iterator[str]:
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
    yield _line(operation["description"])
    yield ""
    yield f"For: {_admitted(action)}."
    yield ""
    asked = [one for one in operation.get("parameters", []) if one["in"] != "path"]
    if asked:
        yield "| parameter | is | what |"
        yield "|---|---|---|"
        for one in asked:
            schema = one["schema"]
            kind = _kind(schema, optional=True) + _default(schema)
            yield f"| `{one['name']}` | {kind} | {_meaning(one['name'], one)} |"
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
    return _kind(schema) if kind == "application/json" and schema else f"`{kind}`"


def _fields(
    schema: Json, *, but: tuple[str, ...] = (), only: tuple[str, ...] = ()
) -> Iterator[str]:
    required = schema.get("required", [])
    yield "| field | is | what |"
    yield "|---|---|---|"
    for name, field in schema.get("properties", {}).items():
        if name not in but and (not only or name in only):
            kind = _kind(field, optional=name not in required) + _default(field)
            must = ", required" if name in required else ""
            yield f"| `{name}` | {kind}{must} | {_meaning(name, field)} |"


def _shape(name: str, schema: Json) -> Iterator[str]:
    yield f"### {name}"
    yield ""
    if "description" in schema:
        yield _line(schema["description"])
        yield ""
    if "enum" in schema:
        yield " · ".join(f"`{value}`" for value in schema["enum"])
    else:
        yield "| field | is | what |"
        yield "|---|---|---|"
        for field, its in schema["properties"].items():
            yield f"| `{field}` | {_kind(its)} | {_meaning(field, its)} |"
    yield ""


def _answered(schemas: Json) -> list[str]:
    """The shapes that are linked to, by name; bodies stand at their addresses."""
    bodies = {one.__name__ for one in _below(Command)}
    return sorted(name for name in schemas if name not in bodies)


def _meaning(name: str, described: Json) -> str:
    """What the code says of a field or parameter, else what the glossary does."""
    told = described.get("description") or described.get("schema", {}).get("description")
    return _line(told) if told else _glossary().get(name, PARAMETERS.get(name, ""))


@cache
def _glossary() -> dict[str, str]:
    """The meaning of each field, from the glossary's table of fields."""
    fields = GLOSSARY.read_text().partition("\n## Fields\n")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in fields.splitlines() if line.startswith("| `")]
    return {row[0].strip("` "): row[2] for row in rows}


def _kind(schema: Json, *, optional: bool = False) -> str:
    """A type in words. An optional field need not say that it may be null."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        ones = [one for one in schema["anyOf"] if not (optional and one.get("type") == "null")]
        return " or ".join(dict.fromkeys(_kind(one) for one in ones))
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    return _plain_kind(schema)


def _plain_kind(schema: Json) -> str:
    match schema.get("type"):
        case "array" if "prefixItems" in schema:
            return f"list of two: {_kind(schema['prefixItems'][0])}"
        case "array":
            most = f", at most {schema['maxItems']}," if "maxItems" in schema else ""
            return f"list{most} of {_kind(schema['items'])}"
        case "object":
            return f"{_kind(schema['additionalProperties'])} by key"
        case "string":
            return {"date-time": "time", "date": "day"}.get(schema.get("format", ""), _text(schema))
        case "integer":
            return _number(schema)
        case "boolean":
            return "true or false"
        case "null":
            return "null"
    return "anything"


def _text(schema: Json) -> str:
    pattern = f", `{schema['pattern'].replace('|', chr(92) + '|')}`" if "pattern" in schema else ""
    most = f", at most {schema['maxLength']:,} characters" if "maxLength" in schema else ""
    return f"text{most}{pattern}"


def _number(schema: Json) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is None:
        return "whole number"
    if most is None or most > 2**31:
        return f"whole number, {int(least)} or more"
    grouped = "" if most < 10_000 else ","
    return f"whole number, {int(least)} to {int(most):{grouped}}"


def _default(schema: Json) -> str:
    default = schema.get("default")
    return "" if default in (None, [], False) else f", `{default}` unless told otherwise"


def _problems() -> Iterator[str]:
    yield "## Problems"
    yield ""
    yield ERRORS
    for kind, title in TITLES.items():
        rows = sorted(
            (status, error.__name__, _line(error.__doc__ or ""))
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


# The settings and the rights.

SETTINGS = """\
Løft reads its settings from the environment. None of them is needed: without any, it starts a
PostgreSQL of its own and keeps it in the data directory.
"""

AFTER_SETTINGS = """\
`LOFT_DATABASE_URL`: without it, the embedded server. `LOFT_OWNER_DATABASE_URL`: without it, the
same role as in `LOFT_DATABASE_URL`. `LOFT_MUNICIPALITY`: without it, the only one there is.

`LOFT_DATA` is by default the user's own data directory (`~/.local/share/loft` on Linux,
`~/Library/Application Support/loft` on macOS), and `/var/lib/loft` for root. The option `--data`
goes before it. On a server of one's own it holds only the file `secret`.

`LOFT_SECRET` keys two things: the hashes by which a repeated `Idempotency-Key` is recognised, and
the ids that an import gives. Processes that serve the same ledger from different machines must
share it: with another secret a repeat is taken for another request, and a file that is imported
again brings its matters in a second time.

How to use a server of one's own is told in [Your own PostgreSQL](../how-to/own-postgresql.md).
"""

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


def _settings() -> Iterator[str]:
    yield "# Settings"
    yield ""
    yield MADE
    yield ""
    yield SETTINGS
    yield "| variable | default | what |"
    yield "|---|---|---|"
    for name, field in Settings.model_fields.items():
        default = f"`{field.default}`" if field.default is not None else "see below"
        yield f"| `LOFT_{name.upper()}` | {default} | {_line(field.description or '')} |"
    yield ""
    yield AFTER_SETTINGS.rstrip()


def _rights() -> Iterator[str]:
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


def _line(written: str) -> str:
    return " ".join(written.split()).replace("|", "\\|")


def main() -> None:
    """Write each page that differs from what the code says."""
    for page, content in pages().items():
        if not page.exists() or page.read_text() != content:
            page.write_text(content)


if __name__ == "__main__":
    main()

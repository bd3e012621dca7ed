"""How the pages that come from the code put things: types, defaults, what a field means."""

from functools import cache
from pathlib import Path
from typing import Any

Json = dict[str, Any]

GLOSSARY = Path(__file__).parent / "glossary.md"
MADE = "*Written by `make docs` from the code. Change it there.*"
PARAMETERS = {
    "limit": "How many on a page.",
    "cursor": "Stands in `next`.",
    "format": "`csv`: one row a decision; the next page is named in the header `Link`.",
}


def line(written: str) -> str:
    """What was *written*, to stand in one line of a table."""
    return " ".join(written.split()).replace("|", "\\|")


def meaning(name: str, described: Json) -> str:
    """What the code says of a field or parameter, else what the glossary does."""
    told = described.get("description") or described.get("schema", {}).get("description")
    return line(told) if told else _glossary().get(name, PARAMETERS.get(name, ""))


@cache
def _glossary() -> dict[str, str]:
    """The meaning of each field, from the glossary's table of fields."""
    fields = GLOSSARY.read_text().partition("\n## Fields\n")[2].partition("\n## ")[0]
    rows = [row.strip("| ").split(" | ") for row in fields.splitlines() if row.startswith("| `")]
    return {row[0].strip("` "): row[2] for row in rows}


def type_of(schema: Json, *, optional: bool = False) -> str:
    """A type in words. An optional field need not say that it may be null."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        ones = [one for one in schema["anyOf"] if not (optional and one.get("type") == "null")]
        return " or ".join(dict.fromkeys(type_of(one) for one in ones))
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    return _plain_type(schema)


def _plain_type(schema: Json) -> str:
    match schema.get("type"):
        case "array" if "prefixItems" in schema:
            return f"list of two: {type_of(schema['prefixItems'][0])}"
        case "array":
            most = f", at most {schema['maxItems']}," if "maxItems" in schema else ""
            return f"list{most} of {type_of(schema['items'])}"
        case "object":
            return f"{type_of(schema['additionalProperties'])} by key"
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


def default(schema: Json) -> str:
    default = schema.get("default")
    return "" if default in (None, [], False) else f", `{default}` unless told otherwise"

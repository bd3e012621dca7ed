"""The OpenAPI document: what FastAPI makes of the doors, and what all doors have in common."""

from typing import Any

from fastapi import FastAPI

from api.problems import Problem, declared

Operation = dict[str, Any]


def _header(description: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string"}}


_VERSION = {
    "ETag": _header("The version that it now has."),
    "Loft-Position": _header("Where that was recorded."),
}
_HEADERS = {
    "201": _VERSION,
    "401": {"WWW-Authenticate": _header("Bearer")},
    "429": {"Retry-After": _header("Seconds.")},
    "503": {"Retry-After": _header("Seconds.")},
}
_LOCATION = {"Location": _header("Where the new one is.")}
_NEW = {
    "/api/cases", "/api/organs", "/api/meetings", "/api/orders",
    "/api/meetings/{meeting}/items/{n}/orders",
}  # fmt: skip
_VERSIONED = {"/api/cases/{case}", "/api/orders/{order}"}
_RECORD_NOTHING = {
    "/api/ledger/checkpoints", "/api/persons/{person}/invitation", "/api/organs/{key}/calendar",
    "/api/me/calendar",
}  # fmt: skip
_ONLY_OF_COMMANDS = ("409", "412", "413")


def describe(app: FastAPI) -> None:
    """Let *app* serve the whole document. It is made when somebody first asks for it."""
    made = app.openapi

    def whole() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = made()
            _add_components(document["components"])
            for path, operations in document["paths"].items():
                for method, operation in operations.items():
                    if "401" in operation["responses"]:
                        _add_shared(path, method, operation)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = whole  # type: ignore[method-assign]  # FastAPI's own way to extend it


def _add_components(components: dict[str, Any]) -> None:
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    parts = problem.pop("$defs")
    components["schemas"] |= parts | {"Problem": problem}


def _add_shared(path: str, method: str, operation: Operation) -> None:
    is_read = method == "get"
    responses = operation["responses"]
    for status in _ONLY_OF_COMMANDS if is_read else ():
        responses.pop(status, None)
    responses |= declared(429) if is_read else declared(408, 429)
    for status, headers in _HEADERS.items():
        if status in responses and (status != "201" or path not in _RECORD_NOTHING):
            responses[status]["headers"] = dict(headers)
    if path in _VERSIONED or method == "put":
        responses["200"]["headers"] = _VERSION
    if path in _NEW and not is_read:
        responses["201"]["headers"] |= _LOCATION

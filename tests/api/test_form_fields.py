"""Where in a form it is said what a rule has against it."""

import pkgutil
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import pytest

from api import pages
from api.pages.forms import _FIELDS, Form
from domain.actor import Role
from tests.api.story import GROUP, Story
from tests.conftest import Client


def forms() -> Iterator[Form]:
    """All that pages have."""
    for module in pkgutil.iter_modules(pages.__path__, "api.pages."):
        for value in vars(import_module(module.name)).values():
            held = value.values() if isinstance(value, Mapping) else [value]
            yield from (one for one in held if isinstance(one, Form))


def test_what_is_said_beside_a_field_has_such_a_field_in_some_form() -> None:
    known = {name for form in forms() for name in form.names}
    assert {form.name for form in forms()} >= {"discussions", "policy", "token", "webhook"}
    for rule, names in _FIELDS.items():
        assert set(names) <= known, rule.__name__


POLICY = {"counts": "working", "answer_days": "5", "warn_days": "9", "small_numbers": "5"}


@pytest.mark.parametrize(
    ("role", "path", "sent", "field"),
    [
        (Role.ADMIN, "/structure/webhooks", {"url": "http://example.no"}, "url"),
        (Role.ADMIN, "/structure/service", {"name": "Nav"}, "name"),
        (Role.ADMIN, "/structure/policy", POLICY, "warn_days"),
        (
            Role.COORDINATOR,
            "/cases/{case}/escalations",
            {"to": GROUP, "why": "cannot", "reason": "Ingen kapasitet", "tried": "Samtaler"},
            "urgent",
        ),
    ],
)  # fmt: skip
def test_a_rule_that_says_no_is_told_beside_its_field(
    role: Role, path: str, sent: dict[str, Any], field: str, shared: Client, caseworker: Client
) -> None:
    number = Story(caseworker).now()["number"]
    answer = shared.as_(role).post(
        path.replace("{case}", number), data=sent, headers={"Accept-Language": "nb"}
    )
    assert answer.status_code in {409, 422}, answer.text
    before, _, after = answer.text.partition('aria-invalid="true"')
    assert after, "no field is marked"
    tag = before[before.rindex("<") :] + after[: after.index(">")]
    assert f'name="{field}"' in tag

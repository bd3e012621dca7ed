"""The rules of the house: what must stay true of the code and its papers as both grow."""

import ast
import inspect
import re
import subprocess
from collections.abc import Iterator
from enum import EnumMeta
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

import projections
from api.app import create_app
from api.cli import main
from api.installation import OpenLedger
from api.settings import Settings
from domain import (
    actor,
    agenda,
    event,
    organ,
    personal_data,
    plan,
    policy,
    seat,
    terms,
    topology,
)
from domain.lives import EVENTS
from domain.rights import RIGHTS
from ledger.checkpoints import Notary
from ledger.database import Database
from ledger.erasures import ErasureList
from projections import VIEWS
from projections.view import View
from tests.conftest import KEY

HOUSE = Path(__file__).parent.parent
FLOORS = ("domain", "ledger", "projections", "api")
ENUMS = [
    found
    for module in (
        actor,
        agenda,
        event,
        organ,
        personal_data,
        plan,
        policy,
        seat,
        terms,
        topology,
    )
    for found in vars(module).values()
    if isinstance(found, EnumMeta) and found.__module__ == module.__name__
]


def read(name: str) -> str:
    return (HOUSE / name).read_text()


def sources() -> list[Path]:
    return [file for floor in FLOORS for file in (HOUSE / floor).rglob("*.py")]


@pytest.fixture(scope="module")
def openapi() -> dict:
    nowhere = Database("", "")
    notary, erasures = Notary(nowhere, KEY, Path()), ErasureList(Path())
    app = create_app(
        OpenLedger(nowhere), secret=b"", notary=notary, access_notary=notary, erasures=erasures
    )
    return app.openapi()


def test_an_arrow_between_floors_only_points_down():
    ran = subprocess.run(
        ["lint-imports"], cwd=HOUSE, capture_output=True, text=True, check=False,
        env={"PATH": str(Path(__import__("sys").executable).parent)},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize("floor", FLOORS)
def test_no_other_distribution_owns_a_floor_s_name(floor):
    assert set(packages_distributions().get(floor, ["loft"])) == {"loft"}


def test_every_view_is_registered():
    for file in (HOUSE / "projections").glob("*.py"):
        __import__(f"projections.{file.stem}")
    defined = {view for view in View.__subclasses__() if view.__module__.startswith("projections")}
    assert {type(view) for view in VIEWS} == defined
    assert len({view.name for view in VIEWS}) == len(projections.VIEWS)


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_every_event_has_a_row_in_the_glossary(name):
    assert f"`{name}`" in read("docs/glossary.md")


@pytest.mark.parametrize("enum", ENUMS, ids=lambda enum: enum.__name__)
def test_every_word_of_a_closed_list_has_a_row_in_the_glossary(enum):
    rows = read("docs/glossary.md")
    assert [word.value for word in enum if f"`{word.value}`" not in rows] == []


def test_every_field_that_a_person_sees_has_a_row_in_the_glossary(openapi):
    rows = read("docs/glossary.md")
    schemas = openapi["components"]["schemas"]
    seen = {
        field
        for name, schema in schemas.items()
        if name not in {"Problem", "FieldError", "PersonalSpan", "Ready"}
        for field in schema.get("properties", {})
    }
    assert sorted(field for field in seen if f"`{field}`" not in rows) == []


def test_every_endpoint_stands_in_the_reference(openapi):
    reference = read("docs/reference/api.md")
    asked = [
        f"`{method.upper()} {path}`" for path, its in openapi["paths"].items() for method in its
    ]
    assert [one for one in asked if one not in reference] == []


def test_every_endpoint_says_what_it_does(openapi):
    silent = [
        path
        for path, its in openapi["paths"].items()
        for operation in its.values()
        if not operation.get("description")
    ]
    assert silent == []


def test_every_setting_stands_in_the_reference():
    reference = read("docs/reference/settings.md")
    named = [f"`LOFT_{name.upper()}`" for name in Settings.model_fields]
    assert [name for name in named if name not in reference] == []


def test_the_table_of_rights_is_the_one_in_the_code():
    reference = read("docs/reference/rights.md")
    for action, roles in RIGHTS.items():
        (row,) = [line for line in reference.splitlines() if line.startswith(f"| {action.value} |")]
        cells = [cell.strip() for cell in row.strip("|").split("|")][1:]
        assert cells == ["yes" if role in roles else "" for role in actor.Role], action


def test_every_command_of_the_command_line_stands_in_the_reference():
    reference = read("docs/reference/cli.md")
    for one in _commands(get_command(main)):
        assert f"`{one}" in reference, one


def _commands(group: Any, called: str = "loft") -> Iterator[str]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{called} {name}")
        else:
            yield f"{called} {name}"


def test_links_in_the_papers_lead_somewhere():
    papers = [*HOUSE.glob("*.md"), *(HOUSE / "docs").rglob("*.md")]
    links = [(p, to) for p in papers for to in re.findall(r"\]\(([^)#\s]+)[^)]*\)", p.read_text())]
    broken = [
        f"{p.name}: {to}" for p, to in links if "://" not in to and not (p.parent / to).exists()
    ]
    assert broken == []


def test_every_test_that_the_threat_model_names_is_there():
    rows = [
        line.strip("| ").split(" | ")
        for line in read("docs/explanation/threat-model.md").splitlines()
        if line.startswith("| ") and not line.startswith("| threat ")
    ]
    assert len(rows) > 40
    for threat, _defence, tests in rows:
        assert re.fullmatch(r"(`[\w/.]+::\w+`(, )?)+", tests), threat
    named = re.findall(r"`([\w/.]+)::(\w+)`", read("docs/explanation/threat-model.md"))
    written = {file: read(file) for file, _ in named if (HOUSE / file).exists()}
    gone = [
        f"{file}::{test}" for file, test in named if f"def {test}(" not in written.get(file, "")
    ]
    assert gone == []


def test_the_domain_reads_no_clock():
    clocks = re.compile(r"\b(now|today|utcnow)\(\)|\.now\(|\.today\(|time\.time")
    assert [f.name for f in (HOUSE / "domain").glob("*.py") if clocks.search(f.read_text())] == []


def test_no_function_is_long_but_the_tables_of_two_lives():
    long = []
    for file in sources():
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.body[0].lineno + 1
                if lines > 40:
                    long.append(f"{file.stem}.{node.name}")
    assert set(long) <= {"case._after", "meeting._changes"}


def test_every_public_refusal_is_a_sentence():
    from domain import errors  # noqa: PLC0415 - the module's own contents are what is looked at

    for name, found in vars(errors).items():
        if inspect.isclass(found) and issubclass(found, errors.Refusal):
            sentence = " ".join((found.__doc__ or "").split())
            assert sentence[:1].isupper(), name
            assert sentence.endswith("."), name

"""All that pages can say: what is to be translated into each language."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.extract import extract
from jinja2.ext import babel_extract

from api import page
from api.app import create_app  # noqa: F401 - so that every refusal is known
from api.problems import _SAID
from domain import terms, topology
from domain.actor import Role
from domain.errors import Refusal
from domain.lives import EVENTS
from domain.plan import Degree, Direction, Observer
from domain.seat import SeatRole
from domain.topology import THEMES, Level

API = Path(page.__file__).parent
INSIDE = {"StreamMovedOn", "StructureMovedOn"}
"""Refusals by which the ledger makes the engine decide anew. Nobody ever reads them."""


def in_templates() -> set[str]:
    found = set[str]()
    for file in sorted((API / "pages" / "templates").glob("*.html")):
        options = {"trim_blocks": "true", "lstrip_blocks": "true"}
        keywords = ("_", "gettext", "ngettext")
        for _, _, message, _ in babel_extract(BytesIO(file.read_bytes()), keywords, (), options):
            if message is not None:
                found.add(message if isinstance(message, str) else str(message[0]))
    return found


def in_code() -> set[str]:
    found = set[str]()
    for file in sorted(API.rglob("*.py")):
        for _, message, _, _ in extract(
            "python", BytesIO(file.read_bytes()), keywords={"say": None}
        ):
            found.add(message if isinstance(message, str) else message[0])
    return found


PERIODS = ("month", "year")
"""Of a cadence."""


def labels() -> set[str]:
    """The stored names of what people see: events, roles, levels, words of closed lists, themes."""
    lists = (*vars(terms).values(), *vars(topology).values(), Role, Level, SeatRole, Observer,
             Direction, Degree)  # fmt: skip
    words = {
        str(word)
        for one in lists
        if isinstance(one, type) and issubclass(one, str) and one is not str
        for word in one  # type: ignore[attr-defined]
    }
    return {*EVENTS, *words, *THEMES}


def refusals() -> set[str]:
    """Each as it is read."""
    return {
        " ".join((kind.__doc__ or "").split())
        for kind in _below(Refusal)
        if kind.__name__ not in INSIDE and kind.__doc__ and not kind.__module__.startswith("tests")
    }


def _below(kind: type[Exception]) -> Iterator[type[Exception]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)


def everything() -> set[str]:
    return in_templates() | in_code() | labels() | refusals() | on_fields() | set(PERIODS)


def on_fields() -> set[str]:
    """What is said of one field that was filled in wrong, beside what code says itself."""
    return set(_SAID.values())

"""Minutes as PDF/A: to keep for good (ISO 19005-2, level A) and to be read aloud (PDF/UA-1).

What people typed goes in as data, and never as markup; the fonts are those that the library brings.
"""

from functools import cache
from importlib.resources import files
from typing import Literal

import typst

from api.minutes_sheet import Sheet

STANDARDS: list[Literal["a-2a", "ua-1"]] = ["a-2a", "ua-1"]


def rendered(sheet: Sheet, code: str | None) -> bytes:
    """*code*: a QR code as SVG."""
    return typst.compile(
        _template(),
        format="pdf",
        sys_inputs={"sheet": sheet.model_dump_json(), "code": code or ""},
        pdf_standards=[*STANDARDS],
        ignore_system_fonts=True,
    )


@cache
def _template() -> bytes:
    return (files("api") / "pages" / "minutes.typ").read_bytes()

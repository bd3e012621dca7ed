"""Minutes and reports as PDF/A: to keep for good (ISO 19005-2, level A) and to be read aloud
(PDF/UA-1).

What people typed goes in as data, and never as markup; the fonts are those that the library brings.
PDF/A takes no character that no font can show: such a one is told by its number.
"""

import json
import re
from functools import cache
from importlib.resources import files
from typing import Any, Literal
from unicodedata import normalize

import typst
from pydantic import BaseModel

_STRANGE = re.compile(
    "[^\n -~\u00a0-\u00ac\u00ae-\u017f\u0391-\u03a1\u03a3-\u03a9\u03b1-\u03c9\u0410-\u044f"
    "–—‘’‚“”„†‡•…‰‹›€™−]"
)
"""All but the letters of Europe, Sámi ones too, and the signs that people write with."""
STANDARDS: list[Literal["a-2a", "ua-1"]] = ["a-2a", "ua-1"]


def rendered(sheet: BaseModel, code: str | None, template: str = "minutes") -> bytes:
    """*code*: a QR code as SVG; *template*: what it is drawn by."""
    shown = json.dumps(_shown(sheet.model_dump(mode="json")), ensure_ascii=False)
    return typst.compile(
        _template(template),
        format="pdf",
        sys_inputs={"sheet": shown, "code": code or ""},
        pdf_standards=[*STANDARDS],
        ignore_system_fonts=True,
    )


def _shown(value: Any) -> Any:  # noqa: ANN401 - JSON
    """*value* with every text in characters that the fonts have."""
    match value:
        case str():
            return _STRANGE.sub(lambda found: f"[U+{ord(found[0]):04X}]", normalize("NFC", value))
        case list():
            return [_shown(one) for one in value]
        case dict():
            return {key: _shown(one) for key, one in value.items()}
    return value


@cache
def _template(name: str) -> bytes:
    return (files("api") / "pages" / "templates" / f"{name}.typ").read_bytes()

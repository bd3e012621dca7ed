"""Sheets: what is printed, before it is drawn as a page, on paper or for a word processor."""

from pydantic import BaseModel, ConfigDict

from domain.terms import AnnualSection


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Table(_Part):
    """Each row has as many cells as the head."""

    head: list[str]
    rows: list[list[str]]


class Bar(_Part):
    """`length`: in hundredths of the longest one."""

    label: str
    count: int
    length: int


class Bars(_Part):
    """A chart that is its own table: a bar beside each number. `head`: of labels and numbers."""

    head: list[str]
    bars: list[Bar]


class Block(_Part):
    """What stands together in a section, under a heading of its own or none. `more`: lines that
    are left out, on a page alone."""

    heading: str | None = None
    lines: list[str] = []
    more: int = 0
    table: Table | None = None
    bars: Bars | None = None


class Part(_Part):
    """A section. `section`: its name in the API, if it has one; `words`: what was written to
    introduce it, by paragraphs; `note`: what is said where there is nothing to tell."""

    section: AnnualSection | None = None
    heading: str
    words: list[str] = []
    blocks: list[Block] = []
    note: str | None = None


class Sheet(_Part):
    """All that is printed. `day`: of the document; `checkpoint`: the lines of what was signed,
    below what is said of them; `code`: what its picture is called."""

    language: str
    title: str
    state: str
    parts: list[Part]
    day: str
    checkpoint: list[str] = []
    signed: str = ""
    keep: str = ""
    code: str = ""

"""The numbers of a report as lines, for spreadsheets: as CSV, and as XLSX with a sheet a table."""

import csv
import io
import tempfile
from collections.abc import Iterable
from enum import Enum
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import IO, NamedTuple

import xlsxwriter
from fastapi import Response
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from api.spreadsheet import cell

CHUNK = 64 * 1024


class Line(NamedTuple):
    """One number. `value` is None where there is none; `left_out`: since it is small, or would give
    a small one away."""

    table: str
    by: str
    key: str
    measure: str
    value: float | str | None
    left_out: bool = False


class Ways(Enum):
    csv = "text/csv"
    xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    @property
    def media_type(self) -> str:
        return self.value


def as_csv(name: str, lines: Iterable[Line]) -> Response:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - it streams
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    rows = csv.writer(text)
    rows.writerow(Line._fields)
    for line in lines:
        value = line.value if isinstance(line.value, int | float) else cell(line.value)
        rows.writerow((*map(cell, line[:4]), value, "yes" if line.left_out else ""))
    text.flush()
    text.detach()
    return _streamed(file, f"{name}.csv", "text/csv; charset=utf-8")


def as_xlsx(name: str, lines: Iterable[Line]) -> Response:
    """Written row by row to a file, so that a large report needs no more memory than a small."""
    file = tempfile.NamedTemporaryFile(suffix=".xlsx")  # noqa: SIM115 - it streams
    options = {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
        "tmpdir": str(Path(file.name).parent),
    }  # fmt: skip
    with xlsxwriter.Workbook(file.name, options) as book:
        for table, its in groupby(lines, lambda line: line.table):
            sheet = book.add_worksheet(table[:31])
            sheet.write_row(0, 0, Line._fields[1:])
            for n, line in enumerate(its, start=1):
                sheet.write_row(n, 0, (*line[1:5], "yes" if line.left_out else ""))
    return _streamed(file, f"{name}.xlsx", Ways.xlsx.media_type)


def _streamed(file: IO[bytes], name: str, media_type: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return _Sent(file, headers, media_type)


class _Sent(StreamingResponse):
    """A temporary file, which goes once it is sent, or whoever asked hangs up: at the beginning
    too, when nothing of it has been read."""

    def __init__(self, file: IO[bytes], headers: dict[str, str], media_type: str) -> None:
        file.seek(0)
        super().__init__(iter(partial(file.read, CHUNK), b""), 200, headers, media_type)
        self.file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self.file:
            await super().__call__(scope, receive, send)

"""Reports for spreadsheets: CSV and XLSX say what the JSON says, and run nothing."""

import csv
import io
import socket
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from threading import Thread
from typing import IO

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.report_lines import Line, as_csv, as_xlsx
from api.spreadsheet import cell
from domain.actor import Role
from tests.api.story import Story, read
from tests.conftest import Client
from tests.lives import until

REPORTS = ("overview", "flow", "channels", "measures")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("report", REPORTS)
def test_each_report_comes_as_csv_and_xlsx(caseworker: Client, report: str) -> None:
    path = f"/api/reports/{report}"
    by_query = caseworker.get(path, params={"format": "csv"})
    assert by_query.headers["content-type"] == "text/csv; charset=utf-8"
    assert rows_of(by_query.text)
    by_header = caseworker.get(path, headers={"Accept": "text/csv"})
    assert by_header.text == by_query.text
    sheet = caseworker.get(path, headers={"Accept": XLSX})
    assert sheet.headers["content-type"] == XLSX
    assert sheet.headers["content-disposition"] == f'attachment; filename="{report}.xlsx"'
    with zipfile.ZipFile(io.BytesIO(sheet.content)) as book:
        assert "xl/worksheets/sheet1.xml" in book.namelist()


def test_the_numbers_are_those_of_the_json(caseworker: Client) -> None:
    Story(caseworker, themes=["rus"]).now()
    found = read(caseworker, "/api/reports/overview")
    rows = rows_of(caseworker.get("/api/reports/overview?format=csv").text)
    told = {row["key"]: int(row["value"]) for row in rows if row["table"] == "status"}
    assert told == found["status"]
    (total,) = [row for row in rows if row["table"] == "total"]
    assert int(total["value"]) == found["total"]


def test_what_is_left_out_is_marked_and_empty(caseworker: Client) -> None:
    reporter = caseworker.as_(Role.REPORTER)
    rows = rows_of(reporter.get("/api/reports/flow?format=csv").text)
    marked = [row for row in rows if row["left_out"]]
    assert marked
    assert {row["value"] for row in marked} == {""}


@pytest.mark.parametrize("typed", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_a_spreadsheet_takes_nothing_that_was_typed_for_a_formula(typed: str) -> None:
    assert cell(typed) == f"'{typed}"
    assert cell("rus") == "rus"


@contextmanager
def served(app: Starlette) -> Iterator[int]:
    """The port of a server of its own."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as port:
        thread = Thread(target=server.run, kwargs={"sockets": [port]})
        thread.start()
        try:
            until(lambda: server.started)
            yield int(port.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join()


@pytest.mark.parametrize("read", [0, 100, 200_000])
@pytest.mark.parametrize("drawn", [as_csv, as_xlsx])
def test_whoever_hangs_up_in_the_middle_of_it_leaves_no_file_behind(
    drawn: Callable[..., Response], read: int
) -> None:
    dice = Random(1)  # noqa: S311 - a repeatable die
    lines = [Line("cases", "", dice.randbytes(20).hex(), "", n) for n in range(50_000)]
    files: list[IO[bytes]] = []

    def export(_request: Request) -> Response:
        answer = drawn("large", lines)
        files.append(answer.file)  # type: ignore[attr-defined]
        return answer

    with served(Starlette(routes=[Route("/", export)])) as port:
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
            got = 0
            while got < read:
                got += len(line.recv(65_536))
            if read == 0:
                until(lambda: files)
        until(lambda: files and files[0].closed)
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.sendall(b"GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
            whole = sum(len(piece) for piece in iter(lambda: line.recv(65_536), b""))
    assert whole > 1_000_000
    assert all(file.closed for file in files)

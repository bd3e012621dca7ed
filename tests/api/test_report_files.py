"""Reports for spreadsheets: CSV and XLSX say what the JSON says, and run nothing."""

import csv
import io
import zipfile

import pytest

from api.spreadsheet import cell
from domain.actor import Role
from tests.api.story import Story, read
from tests.conftest import Client

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

"""A case and the register of decisions as PDF/A: what their pages say, to those who read them."""

import re

import pytest

from api import minutes_pdf
from api.pages import paper
from api.sheets import Sheet
from domain.actor import Role
from tests.api.story import Story, erased
from tests.conftest import Client

LIFTED = ("discussions", "escalations")


@pytest.fixture
def sheets(monkeypatch: pytest.MonkeyPatch) -> list[Sheet]:
    """What was drawn, in order."""
    drawn, really = list[Sheet](), minutes_pdf.rendered

    def rendered(sheet: Sheet, code: str | None, template: str) -> bytes:
        drawn.append(sheet)
        return really(sheet, code, template)

    monkeypatch.setattr(paper.minutes_pdf, "rendered", rendered)
    return drawn


def lines(sheet: Sheet) -> str:
    return "\n".join(line for part in sheet.parts for one in part.blocks for line in one.lines)


def test_a_case_is_drawn_with_its_whole_life(caseworker: Client, sheets: list[Sheet]) -> None:
    story = Story(caseworker, *LIFTED, title="Beefing [1] #x")
    case = story.now()
    first = story.history()[0]
    pdf = caseworker.get(f"/cases/{story.number}/pdf")
    assert (pdf.status_code, pdf.headers["content-type"]) == (200, "application/pdf")
    assert re.search(rb"<pdfaid:conformance>A</pdfaid:conformance>", pdf.content)
    caseworker.get(f"/cases/{story.number}/pdf?as_of={case['position']}")
    caseworker.get(f"/cases/{story.number}/pdf?as_of={first['position']}")
    now, then, at_first = sheets
    assert now.title == f"{story.number} Beefing [1] #x"
    assert len(now.parts) == 1 + len(LIFTED)
    assert [part.heading for part in then.parts] == [part.heading for part in now.parts]
    assert len(at_first.parts) == 1


def test_what_was_erased_is_not_on_it(caseworker: Client, sheets: list[Sheet]) -> None:
    story = Story(caseworker, "notes", title="Noe som skal bort")
    story.now()
    caseworker.get(f"/cases/{story.number}/pdf")
    erased(story, story.history()[0]["title"]["text_id"])
    story.now()
    assert caseworker.get(f"/cases/{story.number}/pdf").status_code == 200
    before, after = sheets
    assert "Noe som skal bort" in lines(before)
    assert "Noe som skal bort" not in after.model_dump_json()
    assert "(slettet)" in lines(after)


def test_the_register_is_drawn_by_the_filters_of_its_page(
    caseworker: Client, sheets: list[Sheet]
) -> None:
    story = Story(caseworker, *LIFTED)
    story.now()
    for query in ("", "?kind=CaseEscalated", "?kind=CaseReferred&from=1999-01-01&to=1999-01-02"):
        assert caseworker.get(f"/decisions/pdf{query}").status_code == 200
    every, lifts, none = sheets
    assert any(story.number in part.heading for part in every.parts)
    assert 0 < len(lifts.parts) <= len(every.parts)
    assert [part.note for part in none.parts] == ["Ingenting er besluttet ennå."]
    for odd in ("exception=none", "from=yesterday"):
        assert caseworker.get(f"/decisions/pdf?{odd}").status_code == 422


@pytest.mark.parametrize("path", ["/decisions/pdf", "/cases/{number}/pdf"])
def test_they_are_for_whoever_reads_the_page(path: str, caseworker: Client) -> None:
    story = Story(caseworker)
    story.now()
    there = path.format(number=story.number)
    assert caseworker.as_(Role.ADMIN).get(there).status_code == 403
    assert caseworker.as_(Role.REPORTER).get(there).status_code == 403
    assert caseworker.as_(Role.BOARD).get(there).status_code == 200
    assert caseworker.get("/cases/1999-9999/pdf").status_code == 404

"""The year's report: filled from the ledger, frozen for good, and held against it."""

import csv
import io
import json
import re
from collections.abc import Callable
from importlib.resources import files
from typing import Any
from zipfile import ZipFile

import httpx
import psycopg
import pytest
from docx import Document

from api import annual_docx, minutes_pdf
from api.sheets import Bar, Bars, Block, Part, Sheet, Table
from domain.actor import Role
from domain.terms import AnnualSection
from ledger import beginning
from tests.api.annual import Year
from tests.api.asserting import assert_refused, nothing_changes
from tests.api.story import GROUP, TEAM, Story
from tests.conftest import Client
from tests.ledger.tampering import rehashed, tampered

FILE: dict[str, Any] = json.loads((files("api") / "examples" / "baerum-2016.json").read_bytes())
FORMS = ("html", "docx", "pdf")
WICKED = '<script>alert(1)</script> #panic("x") *a* $b$ \\ @c <d> ] `e` \u202e \x0b'


@pytest.fixture
def year(coordinator: Client) -> Year:
    return Year(coordinator)


@pytest.fixture
def frozen(year: Year) -> Year:
    year.does("sections/foreword", text="Et godt år.\n\nTeamene kom i gang.")
    return year.does("feedback", what_to_change="Flere saker ned.").does("freezing")


# What it says.


def test_the_two_lists_of_2016_stand_word_for_word_in_the_file_s_order(year: Year) -> None:
    told = year.asks().json()
    assert [one["title"] for one in told["in_the_teams"]] == (
        FILE["raised_in_youth_teams_autumn_2016"]
    )
    assert [one["title"] for one in told["in_the_group"]] == FILE["in_coordination_group_2016"]
    assert {one["organ"] for one in told["in_the_group"]} == {GROUP}


def test_what_was_done_and_observed_in_2016_stands_word_for_word(year: Year) -> None:
    told = year.asks().json()
    done: dict[str, list[str]] = {}
    for one in told["done"]:
        done.setdefault(one["focus_area"], []).append(one["what"])
    assert done == FILE["done_in_2016"]
    assert [one["what"] for one in told["challenges"]] == FILE["police_challenges_2016"]
    names = {area["key"]: area["name"] for area in FILE["focus_areas"]["2016"]}
    assert {one["focus_area"]: one["name"] for one in told["done"]}.items() <= names.items()
    board = told["organs"][0]
    assert [(s["role"], s["represents"]) for s in board["seats"]] == [
        (seat["role"], seat["represents"]) for seat in FILE["organs"][0]["seats"]
    ]


def test_every_line_leads_back_to_the_entry_that_it_counts(year: Year) -> None:
    year.does("feedback")
    told = year.asks().json()
    recorder = year.client.ledger.engine.ledger
    for section, names in {
        "in_the_teams": {"CaseRaised"}, "in_the_group": {"CaseRaised", "CaseEscalated"},
        "done": {"WorkReported"}, "challenges": {"ObservationMade"},
        "feedback": {"FeedbackGiven"},
    }.items():  # fmt: skip
        found = {
            recorder.select_notifications(one["position"], 1)[0].topic for one in told[section]
        }
        assert found == names, section


def test_a_draft_goes_on_and_is_read_as_of_any_moment(year: Year, coordinator: Client) -> None:
    before = coordinator.ledger.engine.ledger.size()
    year.does("sections/foreword").does("sections/foreword", text="Skrevet om.").does("feedback")
    Story(coordinator, title="Ny sak", occurred_at="2016-12-30T10:00:00+01:00")
    now, then = year.asks().json(), year.asks(as_of=before).json()
    assert [one["text"] for one in now["sections"]] == ["Skrevet om."]
    assert (then["sections"], then["feedback"], then["position"]) == ([], [], before)
    assert now["in_the_teams"][-1]["title"] == "Ny sak"
    assert len(now["in_the_teams"]) == len(then["in_the_teams"]) + 1
    assert "Utkast" in year.asks(format="html").text


def test_the_years_are_listed_with_what_has_become_of_each(frozen: Year) -> None:
    items = frozen.asks(what="/..").json()["items"]
    assert items[-1]["year"] == 2013, "the board was constituted then"
    assert [one["year"] for one in items if one["state"] == "frozen"] == [2016]


# Frozen.


def test_a_frozen_report_is_the_same_for_ever(frozen: Year, coordinator: Client) -> None:
    first = {form: frozen.asks(format=form).content for form in ("json", *FORMS)}
    Story(coordinator, title="For sen", occurred_at="2016-12-30T10:00:00+01:00")
    for form, content in first.items():
        assert frozen.asks(format=form).content == content, form
    told = json.loads(first["json"])
    assert (told["state"], told["position"]) == ("frozen", told["signed"]["size"])


def test_page_word_processor_and_paper_say_the_same(frozen: Year) -> None:
    page = frozen.asks(format="html").text
    document = Document(io.BytesIO(frozen.asks(format="docx").content))
    said = "\n".join(one.text for one in document.paragraphs)
    for words in ("Et godt år.", "Teamene kom i gang.", "Flere saker ned.",
                  "Salg av e-sigaretter", "Mentorordning etablert"):  # fmt: skip
        assert words in page
        assert words in said
    short = frozen.asks().json()["signed"]["short"].split()
    for line in short:
        assert line in said
    assert frozen.asks(format="pdf").content.startswith(b"%PDF-1.7")
    headings = [one.text for one in document.paragraphs if one.style.name == "Heading 1"]
    assert headings == re.findall(r"<h2>(.*?)</h2>", page)


def test_a_spreadsheet_says_the_same(frozen: Year) -> None:
    rows = list(csv.DictReader(io.StringIO(frozen.asks(format="csv").text)))
    told = frozen.asks().json()
    for section in ("in_the_teams", "in_the_group"):
        lines = [
            one["value"] for one in rows if (one["table"], one["measure"]) == (section, "line")
        ]
        assert [one["title"] for one in told[section]] == lines
    assert [one["value"] for one in rows if one["table"] == "foreword"] == [
        "Et godt år.", "Teamene kom i gang."
    ]  # fmt: skip
    with ZipFile(io.BytesIO(frozen.asks(format="xlsx").content)) as book:
        assert "in_the_teams" in book.read("xl/workbook.xml").decode()
    assert frozen.asks(format="ods").status_code == 422


def test_the_pdf_is_pdf_a_2a_with_tags(frozen: Year) -> None:
    pdf = frozen.asks(format="pdf").content
    assert re.search(rb"<pdfaid:part>2</pdfaid:part>", pdf)
    assert re.search(rb"<pdfaid:conformance>A</pdfaid:conformance>", pdf)
    assert b"/Marked true" in pdf
    assert re.search(rb"/Lang ?\(nb", pdf)


@pytest.mark.parametrize("step", ["feedback", "sections/foreword", "freezing"])
def test_nothing_is_added_to_a_frozen_report(frozen: Year, step: str) -> None:
    with nothing_changes(frozen.client.ledger):
        assert_refused(frozen.tries(step), 409, "refused", "is frozen, and stays as it is")


def test_erased_words_read_as_erased_in_a_frozen_report(frozen: Year) -> None:
    entries = frozen.now("/history")["items"]
    text = next(one["what_to_change"] for one in entries if one["event"] == "FeedbackGiven")
    assert "Flere saker ned." in frozen.asks(format="html").text
    frozen.does("erasures", text_id=text["text_id"])
    told, page = frozen.asks().json(), frozen.asks(format="html")
    assert (told["feedback"][0]["what_to_change"], told["feedback"][0]["erased"]) == (
        None, ["what_to_change"],
    )  # fmt: skip
    assert "Flere saker ned." not in page.text
    assert "[slettet]" in page.text


def test_a_case_that_is_restricted_later_is_withheld(year: Year, coordinator: Client) -> None:
    story = Story(coordinator, title="Følsomt", occurred_at="2016-12-30T10:00:00+01:00")
    year.does("freezing")
    assert "Følsomt" in year.asks(format="html").text
    story.does("restriction")
    told = year.asks().json()
    last = told["in_the_teams"][-1]
    assert last["withheld"]
    assert [last[name] for name in ("title", "case", "number", "position")] == [None] * 4
    page = year.asks(format="html").text
    assert "Følsomt" not in page
    assert "Unntatt fra innsyn" in page


# Whom it is for.


def test_a_member_reads_it_once_it_is_frozen(year: Year, client: Client) -> None:
    member = client.as_(Role.MEMBER, TEAM)
    for what in ("", "/history"):
        year.does("sections/foreword")
        assert_refused(year.asks(member, what), 403, "forbidden", "still a draft")
    for role in (Role.BOARD, Role.AUDITOR):
        assert year.asks(client.as_(role)).status_code == 200
    year.does("freezing")
    assert year.asks(member).json() == year.asks().json()


def test_a_member_speaks_for_their_own_organ_alone(year: Year, client: Client) -> None:
    member = client.as_(Role.MEMBER, TEAM)
    answer = year.tries("feedback", member)
    assert (answer.status_code, answer.json()["actor"]["organ"]) == (201, TEAM)
    for other in (GROUP, "NAV"):
        assert_refused(year.tries("feedback", member, service=other), 403, "forbidden", "own organ")


def test_the_gate_looks_at_what_is_typed(year: Year) -> None:
    for step, field in {"feedback": "what_does_not", "sections/foreword": "text"}.items():
        answer = year.tries(step, **{field: "Ring mor til gutten på 99 11 22 33."})
        assert answer.status_code == 422
        assert answer.json()["type"] == "/problems/personal-data"
        assert {span["field"] for span in answer.json()["spans"]} == {field}


# What is refused.


def test_a_year_before_the_first_or_after_this_one_is_none(year: Year) -> None:
    for method in ("GET", "POST"):
        for other, status, kind, said in (
            (2012, 404, "not-found", "Nothing is told of this year"),
            (2199, 422, "invalid", "has not begun yet"),
        ):
            path = f"/api/reports/annual/{other}" + ("" if method == "GET" else "/freezing")
            answer = year.client.request(method, path, json={} if method == "POST" else None)
            assert_refused(answer, status, kind, said)
    for odd in ("1899", "2201", "x"):
        assert year.client.get(f"/api/reports/annual/{odd}").status_code == 422


def test_the_present_year_is_not_frozen_yet(year: Year) -> None:
    this = year.client.get("/api/reports/annual").json()["items"][0]["year"]
    with nothing_changes(year.client.ledger):
        answer = Year(year.client, this).tries("freezing")
    assert_refused(answer, 409, "refused", "not over yet")


def test_nothing_is_frozen_while_the_views_are_behind(
    year: Year, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(_position: int, _seconds: float) -> bool:
        return False

    monkeypatch.setattr(year.client.app.state.progress, "reached", never)
    with nothing_changes(year.client.ledger):
        answer = year.tries("freezing")
    assert_refused(answer, 503, "unavailable", "nothing was done")
    monkeypatch.undo()
    year.does("freezing")


def test_feedback_that_says_nothing_and_a_section_that_is_none_are_refused(year: Year) -> None:
    assert_refused(year.tries("feedback", what_works=None), 422, "invalid", "Nothing is said")
    assert_refused(year.tries("sections/appendix"), 422, "invalid")


Tamper = Callable[[psycopg.Connection], object]
TAMPERING: dict[str, str] = {
    "an event that it tells": "UPDATE events SET data = data || '{\"precision\": \"day\"}' "
    "WHERE name = 'WorkReported'",
    "an event that it does not tell": "UPDATE events SET recorded_at = recorded_at "
    "+ interval '1 second' WHERE position = 3",
    "an event less": "DELETE FROM events WHERE position = 20",
    "a hash": "UPDATE events SET leaf_hash = sha256(leaf_hash) WHERE position = 12",
    "the tree": "UPDATE subtrees SET hash = sha256(hash) WHERE level = 1",
    "words": "UPDATE texts SET words = 'Choking games' WHERE words = 'Choking game'",
    "words less": "DELETE FROM texts WHERE words = 'Choking game'",
    "a view": "UPDATE matters SET year = 2015 WHERE position = "
    "(SELECT min(position) FROM matters)",
    "what was frozen": "UPDATE structure SET state = jsonb_set(state, "
    "'{freezing,signed_root}', '\"AAAA\"') WHERE stream_id = 'annual:2016'",
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERING)
def test_a_frozen_report_is_not_shown_over_a_ledger_that_was_altered(
    frozen: Year, what: str
) -> None:
    assert frozen.asks().status_code == 200
    with tampered(frozen.client.ledger) as owner:
        assert owner.execute(TAMPERING[what]).rowcount > 0  # type: ignore[call-overload]
    for form in ("json", *FORMS):
        assert_refused(frozen.asks(format=form), 409, "refused", "something has been altered")
    draft = Year(frozen.client, 2015).asks()
    assert draft.status_code == 200, "a draft promises nothing"


def test_whoever_makes_every_hash_fit_is_found_by_what_was_signed(frozen: Year) -> None:
    with tampered(frozen.client.ledger) as owner:
        owner.execute("UPDATE events SET data = data || '{\"year\": 2016}' WHERE position = 12")
        rehashed(frozen.client.ledger, owner)
    assert_refused(frozen.asks(), 409, "refused", "something has been altered")


def test_of_a_large_ledger_the_events_that_it_tells_are_looked_at(
    frozen: Year, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beginning, "WHOLE", 10)
    assert frozen.asks().status_code == 200
    with tampered(frozen.client.ledger) as owner:
        owner.execute(TAMPERING["an event that it tells"])
    assert_refused(frozen.asks(), 409, "refused", "something has been altered")


def page_of(year: Year) -> httpx.Response:
    return year.client.get(year.path.removeprefix("/api"), headers=year.headers)


@pytest.mark.parametrize(
    "what", ["an event that it tells", "the tree", "words", "words less", "what was frozen"]
)
def test_what_a_page_shows_is_held_against_the_ledger_each_time(frozen: Year, what: str) -> None:
    assert page_of(frozen).status_code == page_of(frozen).status_code == 200
    with tampered(frozen.client.ledger) as owner:
        assert owner.execute(TAMPERING[what]).rowcount > 0  # type: ignore[call-overload]
    answer = page_of(frozen)
    assert answer.status_code == 409
    assert "Choking game" not in answer.text


@pytest.mark.parametrize("what", ["an event that it does not tell", "a view"])
def test_a_page_goes_on_showing_what_was_true_until_all_of_it_is_held_again(
    frozen: Year, what: str
) -> None:
    before = page_of(frozen)
    with tampered(frozen.client.ledger) as owner:
        assert owner.execute(TAMPERING[what]).rowcount > 0  # type: ignore[call-overload]
    assert titles_in(page_of(frozen)) == titles_in(before) != []
    assert_refused(frozen.asks(), 409, "refused", "something has been altered")
    assert page_of(frozen).status_code == 409


def titles_in(page: httpx.Response) -> list[str]:
    return re.findall(r"<li>(.*?)</li>", page.text)


# On paper.


def wicked() -> Sheet:
    table = Table(head=[WICKED] * 5, rows=[[WICKED] * 5] * 60)
    bars = [Bar(label=WICKED, count=n, length=50 * n) for n in (2, 1, 0)]
    part = Part(
        section=AnnualSection.DONE, heading=WICKED, words=[WICKED] * 2, note=WICKED,
        blocks=[Block(heading=WICKED, lines=[WICKED] * 5, table=table),
                Block(bars=Bars(head=[WICKED] * 2, bars=bars))],
    )  # fmt: skip
    return Sheet(
        language="nb", title=WICKED, state=WICKED, parts=[part] * 4, checkpoint=["a", "b"],
        signed=WICKED, keep=WICKED, code="QR", day="2017-01-10",
    )  # fmt: skip


def test_every_part_of_a_sheet_is_drawn_and_words_are_words() -> None:
    code = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>'
    assert minutes_pdf.rendered(wicked(), code, "sheet").startswith(b"%PDF-1.7")
    document = Document(io.BytesIO(annual_docx.rendered(wicked())))
    assert "<script>" in document.paragraphs[0].text
    assert document.paragraphs[0].text.endswith("[U+000B]")
    chart = document.tables[-1]
    assert [cell.text for cell in chart.rows[1].cells][1:] == ["2", ""]
    assert chart.rows[1].cells[2].paragraphs[0].paragraph_format.right_indent == 0
    assert chart.rows[2].cells[2].paragraphs[0].paragraph_format.right_indent > 0


def test_a_docx_tells_no_time_but_its_own_and_who_wrote_it_is_left_open() -> None:
    with ZipFile(io.BytesIO(annual_docx.rendered(wicked()))) as packed:
        assert {one.date_time for one in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    own = Document(io.BytesIO(annual_docx.rendered(wicked()))).core_properties
    assert (own.author, own.language, str(own.created)[:10]) == ("", "nb-NO", "2017-01-10")

"""Minutes: what was logged, frozen as of the closing but for erased words, on paper too."""

import re
from typing import Any

import pytest

from api import minutes_pdf
from api.minutes_sheet import Line, Logged, Point, Sheet
from domain.actor import Role
from tests.api.asserting import assert_refused
from tests.api.meeting import NOW, TOMORROW, Table, at_the_group
from tests.api.seats import confirm, person, sits
from tests.api.story import BOARD, GROUP, SERVICE, Story, read
from tests.conftest import Client

WICKED = '<script>alert(1)</script> #panic("x") *a* $b$ \\ @c <d> ] `e` \u202e'


@pytest.fixture
def table(caseworker: Client) -> Table:
    return Table(caseworker, place="Rådhuset, rom 4")


def minutes(table: Table, **query: Any) -> dict[str, Any]:
    return dict(table.now("/minutes", **query))


def page(table: Table, form: str = "html") -> Any:
    answer = table.client.get(
        f"{table.path}/minutes",
        params={"format": form},
        headers={"Loft-Position": table.last.headers["Loft-Position"]},
    )
    assert answer.status_code == 200, answer.text
    return answer


def logged(table: Table, step: str, n: int, **said: Any) -> dict[str, Any]:
    table.last = table.tries(f"items/{n}/{step}", **said)
    assert table.last.status_code == 201, table.last.text
    return dict(table.last.json())


def entries(told: dict[str, Any], n: int) -> list[dict[str, Any]]:
    (item,) = [one for one in told["items"] if one["n"] == n]
    return list(item["entries"])


def test_minutes_are_made_of_what_was_logged(table: Table) -> None:
    story = at_the_group(table.client, title="Slåssing på kveldstid")
    n = table.takes_up(story)
    logged(table, "discussions", n, summary="Tre skoler ser det samme.")
    logged(table, "assignments", n)
    table.does("agenda/items").does("items/2/postponement").does("closure")
    told = minutes(table)
    assert (told["state"], told["place"]) == ("frozen", "Rådhuset, rom 4")
    assert told["organ_name"] == "SLT koordineringsgruppen"
    first, second = entries(told, n)
    assert first["summary"]["words"] == "Tre skoler ser det samme."
    assert (second["event"], second["service"]) == ("CaseAssigned", SERVICE)
    assert [item["cases"][0]["title"] for item in told["items"][:1]] == ["Slåssing på kveldstid"]
    assert [item["postponed"] for item in told["items"]] == [False, True]
    assert told["signed"]["size"] == told["position"] - 1


def test_why_an_item_was_postponed_stands_in_the_minutes(table: Table) -> None:
    table.does("agenda/items").does("items/1/postponement", reason="Rektor var syk.")
    assert table.meeting["items"][0]["reason"] == "Rektor var syk."
    table.does("agenda/items", title="Budsjettet").does("items/2/postponement", reason=None)
    table.does("closure")
    assert [one["reason"] for one in minutes(table)["items"]] == ["Rektor var syk.", None]
    html = page(table).text
    assert "Utsatt til neste møte. Begrunnelse: Rektor var syk." in html
    assert html.count("Begrunnelse:") == 1
    assert page(table, "pdf").content.startswith(b"%PDF-")


def test_until_it_is_closed_there_is_a_draft(table: Table) -> None:
    n = table.takes_up(at_the_group(table.client))
    logged(table, "notes", n)
    told = minutes(table)
    assert (told["state"], told["signed"]) == ("draft", None)
    assert len(entries(told, n)) == 1
    assert "Utkast til referat" in page(table).text


def test_what_happens_afterwards_changes_nothing(caseworker: Client, administrator: Client) -> None:
    organ = {"key": "vakta", "name": "Vakta", "level": "executing", "kind": "group"}
    administrator.post("/api/organs", json=organ)
    service = administrator.post("/api/services", json={"name": "Nattskolen"}).json()["key"]
    story = Story(caseworker, raised_by="vakta")
    table = Table(caseworker, "vakta")
    n = table.takes_up(story)
    logged(table, "assignments", n, service="Nattskolen")
    before = minutes(table.does("closure"))
    story.does("notes").does("closure")
    for path, body in {
        "organs/vakta/renaming": {"name": "Nattevakta"},
        f"services/{service}/renaming": {"name": "Kveldsskolen"},
        "organs/vakta/dissolution": {"reason": "Over."},
    }.items():
        last = administrator.post(f"/api/{path}", json=body)
        assert last.status_code == 201, last.text
    after = dict(read(caseworker, f"{table.path}/minutes", last))
    assert after == before
    assert before["organ_name"] == "Vakta"
    assert entries(before, n)[0]["service"] == "Nattskolen"
    assert before["items"][0]["cases"][0]["status"] == "assigned"


def test_erased_words_are_gone_from_frozen_minutes_and_the_rest_stands(table: Table) -> None:
    story = at_the_group(table.client)
    n = table.takes_up(story)
    logged(table, "notes", n, text="Dette burde ikke stått her.")
    logged(table, "discussions", n, summary="Dette skal bli stående.")
    before = minutes(table.does("closure"))
    text_id = entries(before, n)[0]["text"]["text_id"]
    table.last = story.does("erasures", text_id=text_id).last
    after = minutes(table)
    gone = entries(after, n)[0]["text"]
    assert (gone["words"], gone["erased_at"]) == (None, story.case["position"])
    assert entries(after, n)[1] == entries(before, n)[1]
    html = page(table).text
    assert "[slettet]" in html
    assert "burde ikke" not in html
    assert "Dette skal bli stående." in html
    assert page(table, "pdf").content.startswith(b"%PDF-1.7")


def test_late_corrections_and_remarks_stand_beside(table: Table) -> None:
    story = at_the_group(table.client)
    n = table.takes_up(story)
    first, second = logged(table, "notes", n), logged(table, "notes", n, text="To ganger.")
    story.does("corrections", position=first["position"], correction="Rettet i møtet.")
    before = minutes(table.does("closure"))
    table.does("remarks", n=n, text="Det gjaldt tre skoler.")
    story.does("corrections", position=second["position"], correction="Rettet for sent.")
    table.last = story.last
    told = minutes(table)
    assert [entry["late"] for entry in entries(told, n)] == [[], [story.case["position"]]]
    assert [len(entry["corrections"]) for entry in entries(told, n)] == [1, 1]
    assert [one["text"] for one in told["remarks"]] == ["Det gjaldt tre skoler."]
    assert entries(told, n)[0] == entries(before, n)[0]
    html = page(table).text
    assert html.index("Rettet etter møtet") < html.index("Rettet for sent.")
    assert "Det gjaldt tre skoler." in html


def test_minutes_are_read_as_they_were(table: Table) -> None:
    story = at_the_group(table.client)
    n = table.takes_up(story)
    first = logged(table, "notes", n)
    logged(table, "notes", n)
    closed = table.does("closure").last.headers["Loft-Position"]
    table.does("remarks")
    draft, frozen = minutes(table, as_of=first["position"]), minutes(table, as_of=closed)
    assert (draft["state"], len(entries(draft, n)), draft["signed"]) == ("draft", 1, None)
    assert (frozen["state"], len(entries(frozen, n)), frozen["remarks"]) == ("frozen", 2, [])


def test_what_was_withdrawn_stands_in_no_minutes(table: Table) -> None:
    n = table.takes_up(at_the_group(table.client))
    wrong = logged(table, "notes", n, text="Feil sak.")
    logged(table, "withdrawal", n, position=wrong["position"])
    logged(table, "notes", n, text="Riktig sak.")
    table.does("closure")
    assert [entry["text"]["words"] for entry in entries(minutes(table), n)] == ["Riktig sak."]


def test_what_was_logged_on_an_item_that_was_taken_off_is_not_lost(table: Table) -> None:
    n = table.takes_up(at_the_group(table.client))
    logged(table, "notes", n)
    table.does(f"items/{n}/removal").does("closure")
    (item,) = minutes(table)["items"]
    assert (item["n"], len(item["entries"])) == (None, 1)
    assert "Utenom sakslisten" in page(table).text


def test_minutes_are_approved_at_the_next_meeting(table: Table) -> None:
    later = Table(table.client, starts_at=NOW.isoformat())
    draft = table.tries("minutes/approval", at_meeting=later.id)
    assert_refused(draft, 409, "refused", "not closed yet")
    table.does("closure")
    assert_refused(table.tries("minutes/approval", at_meeting=table.id), 409, "refused", "later")
    ahead = Table(table.client, starts_at=TOMORROW)
    answer = table.tries("minutes/approval", at_meeting=ahead.id)
    assert_refused(answer, 422, "invalid", "not begun")
    table.does("minutes/approval", at_meeting=later.id)
    assert minutes(table)["approved_at"] == later.id
    again = table.tries("minutes/approval", at_meeting=later.id)
    assert_refused(again, 409, "refused", "approved already")


def test_of_a_case_that_is_not_for_whoever_reads_nothing_is_told(
    caseworker: Client, administrator: Client, shared: Client
) -> None:
    story, open_ = at_the_group(caseworker, title="Den følsomme"), at_the_group(caseworker)
    table = Table(caseworker)
    closed, shown = table.takes_up(story), table.takes_up(open_)
    logged(table, "notes", closed, text="Svært følsomt.")
    logged(table, "notes", shown, text="Til alle.")
    table.does("closure")
    table.last = story.does("restriction").last
    member = person(administrator)
    sits(administrator, member, f"organs/{GROUP}")
    confirm(member)
    told = dict(read(member, f"{table.path}/minutes", table.last))
    assert "følsom" not in str(told).lower()
    (case,) = told["items"][0]["cases"]
    assert (case["number"], case["title"], told["items"][0]["entries"]) == (None, None, [])
    assert entries(told, shown)[0]["text"]["words"] == "Til alle."
    headers = {"Authorization": member.headers["Authorization"]}
    html = shared.get(f"{table.path}/minutes?format=html", headers=headers).text
    assert "følsom" not in html.lower()
    assert "Unntatt" in html
    assert "Svært følsomt." in str(minutes(table))


def test_what_the_board_sets_and_adopts_is_logged_in_its_meeting(caseworker: Client) -> None:
    table = Table(caseworker, BOARD).does("agenda/items", title="Innsatsområder og plan")
    year = {"key": "russetid", "name": "Trygg russetid", "year": 2031}
    set_ = logged(table, "focus-areas", 1, **year)
    assert (set_["meeting"], set_["item"], set_["actor"]["organ"]) == (table.id, 1, BOARD)
    logged(table, "plans", 1, name="Handlingsplan", **{"from": 2031, "to": 2034})
    table.does("closure")
    told = minutes(table)
    assert [one["event"] for one in entries(told, 1)] == ["FocusAreaSet", "PlanAdopted"]
    assert [one["case"] for one in entries(told, 1)] == [None, None]
    html = page(table).text
    for words in ("Trygg russetid", "2031", "Handlingsplan", "2034"):
        assert words in html
    assert page(table, "pdf").content
    late = table.tries("items/1/focus-areas", key="for-sent", year=2032)
    assert_refused(late, 409, "refused", "is closed")


def test_a_group_sets_no_focus_areas_in_its_meeting(table: Table) -> None:
    table.does("agenda/items")
    assert_refused(table.tries("items/1/focus-areas"), 409, "refused", "steering level")


# On paper.


def test_the_page_holds_what_was_typed_as_words_and_runs_nothing(table: Table) -> None:
    n = table.takes_up(at_the_group(table.client, title=WICKED.replace("\u202e", "")))
    logged(table, "notes", n, text=WICKED)
    answer = page(table.does("closure"))
    assert answer.headers["content-type"].startswith("text/html")
    assert "<script" not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    short = minutes(table)["signed"]["short"].split()
    assert all(line in answer.text for line in short)
    assert answer.text.count("<svg") == 1


def test_the_pdf_is_pdf_a_2a_with_tags_and_takes_words_as_words(table: Table) -> None:
    n = table.takes_up(at_the_group(table.client, title=WICKED))
    logged(table, "discussions", n, summary=WICKED, conclusion="decided", decision=WICKED)
    answer = page(table.does("closure"), "pdf")
    assert answer.headers["content-type"] == "application/pdf"
    pdf = answer.content
    assert re.search(rb"<pdfaid:part>2</pdfaid:part>", pdf)
    assert re.search(rb"<pdfaid:conformance>A</pdfaid:conformance>", pdf)
    assert re.search(rb"<pdfuaid:part>1</pdfuaid:part>", pdf)
    assert b"/Marked true" in pdf
    assert re.search(rb"/Lang ?\(nb", pdf)


def test_every_letter_that_somebody_can_type_is_drawn_or_told_by_its_number() -> None:
    """One that no font shows would else keep a meeting's minutes from paper for good."""
    kept = "".join(chr(n) for n in range(0x20, 0x3000) if not minutes_pdf._STRANGE.match(chr(n)))
    strange = "😀 中文 ไทย 🇳🇴 \ue000 \ufeff \x01 \x7f \u202e e\u0301 ǧ ʒ \U0010ffff"
    assert minutes_pdf._shown({"a": [strange[:1], kept[:200]]})["a"][0] == "[U+1F600]"
    assert minutes_pdf._shown("Čáhcesuolu ŋ æøå") == "Čáhcesuolu ŋ æøå"
    sheet = Sheet(
        title=kept + strange, facts=[], points=[], remarks=[], checkpoint=[], day="2016-09-09"
    )
    assert minutes_pdf.rendered(sheet, None).startswith(b"%PDF-")


def test_every_part_of_a_sheet_is_drawn() -> None:
    """Also where there is nothing to draw, and where it runs over many pages."""
    line = Line(label=WICKED, words=WICKED)
    entry = Logged(heading=WICKED, lines=[line] * 3, beside=[line])
    point = Point(heading=WICKED, cases=[WICKED], note=WICKED, logged=[entry] * 4)
    full = Sheet(
        title=WICKED, facts=[line], points=[point] * 40, remarks=[line],
        checkpoint=["a", "b"], day="2016-09-09",
    )  # fmt: skip
    empty = Sheet(title="x", facts=[], points=[], remarks=[], checkpoint=[], day="2016-09-09")
    code = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>'
    sizes = [len(minutes_pdf.rendered(full, code)), len(minutes_pdf.rendered(empty, None))]
    assert sizes[0] > sizes[1] > 1_000


def test_the_same_minutes_are_drawn_the_same(table: Table) -> None:
    table.takes_up(at_the_group(table.client))
    table.does("closure")
    assert page(table).text == page(table).text


def test_whoever_may_not_read_the_meeting_gets_no_paper_either(
    shared: Client, table: Table
) -> None:
    table.does("closure")
    stranger = shared.as_(Role.MEMBER, "ostre-13-16")
    for form in ("json", "html", "pdf"):
        answer = stranger.get(f"{table.path}/minutes", params={"format": form})
        assert_refused(answer, 404, "not-found")
    assert_refused(table.client.get(f"{table.path}/minutes?format=docx"), 422, "invalid")

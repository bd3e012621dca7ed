"""What a board and an auditor look at: decisions, the proof, and who was shown what."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from domain.actor import Role
from tests.api.conftest import Live
from tests.api.paging import (
    AUDITOR,
    BOARD,
    Somebody,
    barriers,
    caught_up,
    past_the_socket,
    signed_in,
)
from tests.api.story import Story
from tests.conftest import Client

PAGES = ("/", "/decisions", "/decisions?exception=urgent", "/proof", "/accesses")


@pytest.fixture
def caseworker(demonstration: Live) -> Client:
    """A coordinator, past the socket."""
    return past_the_socket(demonstration, Role.COORDINATOR)


@pytest.fixture
def board(browser: Browser, demonstration: Live) -> Iterator[Somebody]:
    with signed_in(browser, demonstration, BOARD) as somebody:
        yield somebody
        assert somebody.complaints == []


@pytest.fixture
def auditor(browser: Browser, demonstration: Live) -> Iterator[Somebody]:
    with signed_in(browser, demonstration, AUDITOR) as somebody:
        yield somebody
        assert somebody.complaints == []


def lifted(caseworker: Client, title: str, **how: object) -> Story:
    story = Story(caseworker, title=title).does("escalations", urgent=True, **how)
    caught_up(caseworker)
    return story


def test_the_board_finds_who_decided_and_why_in_six_steps(
    board: Somebody, caseworker: Client
) -> None:
    story = lifted(caseworker, "Ordensproblemer ved badet", reason="Badet ligger i to områder.")
    who, page = board.starts(), board.page
    who.clicks(page.get_by_role("link", name="Beslutninger", exact=True))
    who.fills(page.get_by_label("Søk"), "ordensproblemer").presses("Enter")
    found = page.locator(".register > li")
    found.get_by_role("link", name=story.number).first.wait_for()
    assert found.count() == 1
    said = found.inner_text()
    assert "Ungdomsteam vestre Bærum 13-16" in said
    assert "Badet ligger i to områder." in said
    who.clicks(page.get_by_role("link", name="Hva man visste da det ble besluttet"))
    page.get_by_text("Dette er det som var kjent").wait_for()
    assert page.get_by_role("heading", name="Sak løftet").count() == 0
    assert who.steps <= 6


def test_exceptions_to_the_rules_stand_by_themselves_and_say_what_they_are(
    board: Somebody, caseworker: Client
) -> None:
    ordinary = Story(caseworker, "discussions", "escalations")
    urgent = lifted(caseworker, "Hærverk på stasjonen").does("reversals")
    caught_up(caseworker)
    page = board.goes("/decisions").page
    page.get_by_role("link", name="Løftet uten drøfting").click()
    found = page.locator(".register > li").filter(has_text=urgent.number)
    assert "Løftet uten drøfting" in found.inner_text()
    assert "Omgjort i innførsel" in found.inner_text()
    assert page.locator(".register > li").filter(has_text=ordinary.number).count() == 0


def test_the_picture_at_a_glance_counts_what_the_list_counts(board: Somebody) -> None:
    page = board.starts().page
    row = page.locator("figure", has_text="Saker etter status").locator("tbody tr").first
    count = int(row.locator("td").inner_text())
    assert 0 < count < 50, "so that they stand on one page of the list"
    row.get_by_role("link").click()
    page.wait_for_url("**/cases?status=raised")
    assert page.locator("tbody tr").count() == count


def test_an_auditor_holds_old_minutes_against_the_ledger(auditor: Somebody) -> None:
    page = auditor.goes("/proof").page
    kept = page.locator("#short").inner_text()
    pasted = page.get_by_label("Sjekkpunktet", exact=True)
    sure = page.get_by_role("button", name="Hold det opp mot journalen")
    pasted.fill(f"\n {kept} \n")
    sure.click()
    assert "Det stemmer." in page.locator("#verdict").inner_text()
    origin, size, root = kept.split()
    pasted.fill(f"{origin}\n{int(size) - 1}\n{root}")
    sure.click()
    page.get_by_text("Det stemmer ikke.").wait_for()
    assert "Noe er endret" in page.locator("#verdict").inner_text()
    pasted.fill(f"loft/bergen\n{size}\n{root}")
    sure.click()
    page.get_by_text("en annen journal: loft/bergen").wait_for()
    pasted.fill(f"{origin}\n{int(size) + 10_000}\n{root}")
    sure.click()
    page.get_by_text("har færre").wait_for()


def test_a_signed_note_is_held_to_its_signature_too(auditor: Somebody, caseworker: Client) -> None:
    note = caseworker.get("/api/ledger/checkpoint", params={"format": "note"}).text
    page = auditor.goes("/proof").page
    pasted = page.get_by_label("Sjekkpunktet", exact=True)
    for written, said in ((note, "Det stemmer."), (note[:-12] + "A" * 10 + "\n", "har signert")):
        pasted.fill(written)
        page.get_by_role("button", name="Hold det opp mot journalen").click()
        page.locator("#verdict").get_by_text(said).wait_for()


def test_the_access_log_tells_who_read_a_case(
    board: Somebody, auditor: Somebody, caseworker: Client
) -> None:
    story = lifted(caseworker, "Uro i bussen")
    board.goes(f"/cases/{story.number}")
    page = auditor.goes("/accesses").page
    page.get_by_label("Saksnummer").fill(story.number)
    page.get_by_role("button", name="Vis").click()
    rows = page.locator("tbody tr", has_text="Styremedlem")
    assert rows.filter(has_text="GET /cases/{number}").count() == 1
    page.goto(f"{auditor.live.url}/accesses?case=2016-9999")
    assert "ingen slik sak" in page.get_by_role("alert").inner_text()
    auditor.complaints.clear()  # a browser says of a page that there was no such case


def test_everything_works_without_scripts(browser: Browser, demonstration: Live) -> None:
    with signed_in(browser, demonstration, BOARD, scripts=False) as who:
        page = who.goes("/decisions").page
        page.get_by_label("Type beslutning").select_option("PlanAdopted")
        page.get_by_role("button", name="Vis").click()
        assert page.locator(".register h2").all_inner_texts() == ["Plan vedtatt"] * 5
        kept = who.goes("/proof").page.locator("#short").inner_text()
        page.get_by_label("Sjekkpunktet", exact=True).fill(kept)
        page.get_by_role("button", name="Hold det opp mot journalen").click()
        assert "Det stemmer." in page.locator("#verdict").inner_text()
        assert who.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_kept_out_and_nothing_is_cut_off(
    scheme: str, board: Somebody, caseworker: Client
) -> None:
    lifted(caseworker, "Et langt navn på en sak om noe som skjer mange steder samtidig")
    board.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for path in PAGES:
        board.page.set_viewport_size({"width": 320, "height": 800})
        board.goes(path)
        assert barriers(board.page) == [], path
        width = "document.documentElement.scrollWidth"
        assert board.page.evaluate(width) <= 320, path


def test_strangers_are_sent_to_sign_in_and_others_are_refused(shared: Client) -> None:
    admin = shared.as_(Role.ADMIN)
    for path in ("/decisions", "/accesses", "/proof"):
        answer = shared.get(path, follow_redirects=False)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in?")
    for path in ("/decisions", "/accesses"):
        assert admin.get(path).status_code == 403
    assert admin.get("/proof").status_code == 200
    assert shared.as_(Role.REPORTER).get("/proof").status_code == 403
    assert shared.as_(Role.AUDITOR).post("/proof/signature").status_code == 403


@pytest.mark.parametrize(
    "query", ["organ=nobody", "kind=Nothing", "from=yesterday", "exception=none", "cursor=x"]
)
def test_a_filter_that_is_none_is_told_or_finds_nothing(query: str, shared: Client) -> None:
    answer = shared.as_(Role.BOARD).get(f"/decisions?{query}")
    assert answer.status_code == (200 if query.startswith("kind") else 422)
    assert '<li class="ds-card' not in answer.text


def test_the_verifier_is_the_one_that_checks_bundles(shared: Client) -> None:
    answer = shared.as_(Role.AUDITOR).get("/proof/verifier")
    assert answer.text.startswith('"""Whether a bundle from a Løft ledger')
    compile(answer.text, "loft_verifier.py", "exec")

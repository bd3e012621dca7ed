"""The structure in a real browser: organs, services, people, the plan and tokens."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from domain.actor import Role
from tests.api.conftest import Live
from tests.api.paging import ADMIN, AUDITOR, COORDINATOR, Somebody, barriers, signed_in
from tests.api.story import TEAM, read
from tests.conftest import Client

PAGES = (
    "/structure", f"/structure/organs/{TEAM}", "/structure/services", "/structure/people",
    f"/structure/people/{ADMIN}", "/structure/plan", "/structure/municipality",
    "/structure/tokens", "/structure/sign-in", "/structure/policy", "/structure/webhooks",
    "/structure/credentials",
)  # fmt: skip


@pytest.fixture
def admin(browser: Browser, demonstration: Live) -> Iterator[Somebody]:
    with signed_in(browser, demonstration, ADMIN) as somebody:
        yield somebody
        assert somebody.complaints == []


def does(who: Somebody, form: str, **values: str) -> None:
    """Open a form, fill it in and send it. What is chosen goes by what is read."""
    opened = who.page.locator(f"form#{form}")
    if not opened.is_visible():
        who.page.locator("details", has=opened).locator("summary").click()
    for name, value in values.items():
        field = opened.locator(f"[name={name}]")
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(label=value)
        else:
            field.fill(value)
    opened.locator("button").click()


def test_an_administrator_registers_somebody_gives_them_a_seat_and_invites_them(
    admin: Somebody,
) -> None:
    page = admin.goes("/structure/people").page
    does(admin, "person", name="Mari Teigen")
    page.get_by_role("link", name="Mari Teigen").wait_for()
    admin.goes("/structure").clicks(page.get_by_role("link", name="SLT koordineringsgruppen"))
    does(admin, "seats", role="Medlem", person="Mari Teigen", represents="Skolene")
    seat = page.locator("tbody tr", has_text="Mari Teigen")
    assert "Skolene" in seat.inner_text()
    newest = page.locator(".timeline > li").first
    assert "Plass besatt" in newest.inner_text()
    assert "Mari Teigen" in newest.inner_text()
    admin.goes("/structure/people")
    assert "SLT koordineringsgruppen" in page.locator("tr", has_text="Mari Teigen").inner_text()
    page.get_by_role("link", name="Mari Teigen").click()
    page.get_by_role("button", name="Inviter til å logge inn").click()
    assert "/sign-in?invitation=" in page.get_by_role("status").first.inner_text()
    number = page.locator("dt", has_text="Plasser")
    assert number.count() == 1


def test_a_seat_is_ended_and_stays_in_the_history(admin: Somebody) -> None:
    page = admin.goes("/structure/organs/ostre-13-16").page
    does(admin, "seats", role="Medlem", represents="Skolene", taken_on="2026-02-01",
         until="2026-01-01")  # fmt: skip
    page.locator("form#seats [role=alert]").wait_for()
    assert page.locator("form#seats [name=represents]").input_value() == "Skolene"
    page.locator("details", has=page.locator("form#departure")).locator("summary").click()
    page.locator("form#departure [name=n]").select_option("1")
    does(admin, "departure", left_on="2026-01-31")
    page.locator(".timeline > li", has_text="Plass forlatt").wait_for()
    assert "(ikke besatt i dag)" in page.locator("tbody tr").first.inner_text()
    admin.complaints.clear()  # a browser says of a refused form that it was refused


def test_how_often_an_organ_meets_is_said_in_one_way_or_the_other(admin: Somebody) -> None:
    page = admin.goes(f"/structure/organs/{TEAM}").page
    does(admin, "cadence", every_weeks="3", at_least="4")
    assert "møte" in page.locator("form#cadence [role=alert]").inner_text().lower()
    assert page.locator("form#cadence [name=at_least]").input_value() == "4"
    does(admin, "cadence", every_weeks="3", at_least="")
    page.locator(".timeline > li", has_text="hver 3. uke").wait_for()
    admin.complaints.clear()


def test_an_organ_is_constituted_placed_and_dissolved(admin: Somebody) -> None:
    page = admin.goes("/structure").page
    arrows = page.locator("path.arrow").count()
    does(admin, "constitution", name="Ungdomsteam sentrum", short="sentrum",
         level="Utførende nivå", kind="youth_team")  # fmt: skip
    page.get_by_role("heading", name="Ungdomsteam sentrum").wait_for()
    page.locator("details", has=page.locator("form#placement")).locator("summary").click()
    page.locator("form#placement").get_by_label("SLT koordineringsgruppen").check()
    page.locator("form#placement button").click()
    page.locator(".timeline > li", has_text="Organ plassert").wait_for()
    assert page.locator("form#placement input:checked").count() == 1, "what stands is filled in"
    assert admin.goes("/structure").page.locator("path.arrow").count() == arrows + 1
    admin.goes("/structure/organs/sentrum")
    does(admin, "dissolution", reason="Teamet er slått sammen med et annet.")
    page.locator(".mark", has_text="Oppløst").wait_for()
    assert page.locator("form#renaming").count() == 0
    assert admin.goes("/structure").page.locator("path.arrow").count() == arrows


def test_a_token_is_shown_once_and_ended(admin: Somebody) -> None:
    page = admin.goes("/structure/tokens").page
    does(admin, "token", name="statistikk", role="Rapportleser", days="30")
    token = page.locator("#made").inner_text()
    assert token.startswith("loft_")
    admin.goes("/structure/tokens")
    assert token not in page.content()
    client = Client(admin.live.app, headers={"Authorization": f"Bearer {token}"})
    client.ledger, client.portal = admin.live.ledger, None
    assert client.get("/api/reports/overview").status_code == 200
    page.locator("tr", has_text="statistikk").get_by_role("button").click()
    page.locator("tr", has_text="statistikk").get_by_text("avsluttet").wait_for()
    assert client.get("/api/reports/overview").status_code == 401


def test_who_is_let_in_is_told_with_its_history(admin: Somebody, browser: Browser) -> None:
    admin.goes("/structure/tokens")
    does(admin, "token", name="fagsystem", role="Rapportleser", days="30")
    admin.page.locator("tr", has_text="fagsystem").get_by_role("button").click()
    admin.page.locator("tr", has_text="fagsystem").get_by_text("avsluttet").wait_for()
    with signed_in(browser, admin.live, AUDITOR) as auditor:
        page = auditor.goes("/structure").page
        page.get_by_role("link", name="Hvem som slipper inn").click()
        ended, given = page.locator(".timeline > li", has_text="fagsystem").all()[:2]
        assert "Tilgangsnøkkel avsluttet" in ended.inner_text()
        told = given.inner_text()
        for words in (
            "Tilgangsnøkkel gitt ut",
            "Administrator",
            "Rapportleser",
            "Gjelder til",
            "token-",
        ):
            assert words in told
        assert page.locator("form#token").count() == 0


def test_themes_are_kept_and_one_is_put_in(admin: Somebody) -> None:
    page = admin.goes("/structure/municipality").page
    before = page.locator("form#themes input:checked").count()
    does(admin, "themes", another="gaming")
    page.locator(".timeline > li", has_text="gaming").wait_for()
    assert page.locator("form#themes input:checked").count() == before + 1


def test_the_plan_is_the_boards_and_a_coordinator_records_it(
    browser: Browser, demonstration: Live
) -> None:
    with signed_in(browser, demonstration, COORDINATOR, scripts=False) as who:
        page = who.goes("/structure/plan").page
        does(who, "area", name="Trygge kvelder", short="trygge-kvelder",
             acting_for="Styret for SLT Bærum")  # fmt: skip
        first = page.locator("section", has_text="Innsatsområder").locator("li").first
        assert "Trygge kvelder" in first.inner_text()
        assert "på vegne av Styret for SLT Bærum" in first.inner_text()
        assert page.get_by_role("link", name="Tilgangsnøkler").count() == 0
        assert who.complaints == []


def test_a_service_is_registered_renamed_and_merged(browser: Browser, demonstration: Live) -> None:
    with signed_in(browser, demonstration, ADMIN, scripts=False) as who:
        page = who.goes("/structure/services").page
        does(who, "service", name="Natteravnene")
        page.get_by_role("link", name="Natteravnene").click()
        does(who, "renaming", name="Natteravnene i Bærum")
        page.get_by_role("heading", name="Natteravnene i Bærum", level=1).wait_for()
        does(who, "merger", into="NAV")
        page.locator(".mark", has_text="Slått sammen med en annen").wait_for()
        history = page.locator(".timeline h3").all_inner_texts()
        assert history == ["Tjeneste slått sammen med en annen", "Tjeneste omdøpt",
                           "Tjeneste registrert"]  # fmt: skip
        assert who.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_kept_out_and_nothing_is_cut_off(scheme: str, admin: Somebody) -> None:
    admin.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for path in PAGES:
        admin.page.set_viewport_size({"width": 320, "height": 800})
        admin.goes(path)
        for opened in admin.page.locator("details").all():
            opened.evaluate("e => { e.open = true }")
        assert barriers(admin.page) == [], path
        assert admin.page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_the_picture_has_an_arrow_for_each_lift_and_says_so_in_words(shared: Client) -> None:
    reader = shared.as_(Role.REPORTER)
    organs = read(reader, "/api/organs", limit=1000)["items"]
    page = reader.get("/structure").text
    assert page.count('class="arrow"') == sum(len(one["lifts_to"]) for one in organs)
    assert page.count('class="box"') == len(organs)
    assert page.count("/structure/organs/") == len(organs)


def test_strangers_are_sent_to_sign_in_and_others_are_refused(shared: Client) -> None:
    wrong = {
        "/structure/tokens": Role.COORDINATOR, "/structure/people": Role.REPORTER,
        "/structure/services": Role.REPORTER, "/structure/plan": Role.REPORTER,
        "/structure/municipality": Role.REPORTER, "/structure/sign-in": Role.COORDINATOR,
        "/structure/credentials": Role.MEMBER,
    }  # fmt: skip
    for path in ("/structure", *wrong):
        answer = shared.get(path, follow_redirects=False)
        assert answer.headers["location"].startswith("/sign-in?"), path
    for path, role in wrong.items():
        assert shared.as_(role).get(path).status_code == 403, path
    coordinator = shared.as_(Role.COORDINATOR)
    for path in ("constitution", "service", "person", "tokens", "municipality/themes",
                 f"organs/{TEAM}/renaming", "services/nav/merger", "people/p-1/roles",
                 "people/p-1/invitation"):  # fmt: skip
        answer = coordinator.post(f"/structure/{path}", content="name=x")
        assert answer.status_code == 403, path
        assert shared.post(f"/structure/{path}", follow_redirects=False).status_code == 303, path
    auditor = shared.as_(Role.AUDITOR)
    assert auditor.post("/structure/plan/adoption", content="name=x").status_code == 403


@pytest.mark.parametrize(
    "path", ["organs/nowhere", "organs/%00", "services/nowhere", "people/nobody"]
)
def test_what_is_not_there_is_not_found(path: str, administrator: Client) -> None:
    assert administrator.get(f"/structure/{path}").status_code == 404
    assert administrator.post(f"/structure/organs/{TEAM}/nothing").status_code == 404


FORMS = [
    ("constitution", {"name": "Ressursgruppen", "short": "ressurs", "level": "coordinating",
                      "kind": "group", "lifts_to": "styret", "ages_from": "13", "ages_to": "18"}),
    ("organs/ressurs/mandate", {"mandate": "Å støtte teamene."}),
    ("organs/ressurs/cadence", {"at_least": "4", "per": "year"}),
    ("organs/ressurs/quorum", {"seats": "3"}),
    ("organs/ressurs/seats", {"role": "chair", "represents": "Kommunalsjefen",
                              "taken_on": "2026-01-01", "until": "2026-12-31"}),
    ("organs/ressurs/departure", {"n": "1", "left_on": "2026-02-01"}),
    ("organs/ressurs/placement", {"lifts_to": "styret", "parent": "styret"}),
    ("organs/ressurs/renaming", {"name": "Ressursgruppa"}),
    ("organs/ressurs/dissolution", {"reason": "Oppgaven er løst."}),
    ("service", {"name": "Helsesykepleierne"}),
    ("person", {"name": "Jon Vik"}),
    ("municipality/themes", {"themes": "rus", "another": "gaming"}),
    ("municipality/confidentiality", {"text": "Du har taushetsplikt."}),
    ("plan/area", {"name": "Trygg skolevei", "short": "skolevei", "year": "2027",
                   "ages_from": "6", "ages_to": "12", "acting_for": "styret"}),
    ("plan/naming", {"area": "skolevei", "year": "2027", "name": "Tryggere skolevei",
                     "acting_for": "styret"}),
    ("plan/work", {"area": "skolevei", "year": "2027", "what": "Gikk veien sammen."}),
    ("plan/adoption", {"name": "Handlingsplan", "from_year": "2027", "to_year": "2030",
                       "acting_for": "styret"}),
    ("plan/observation", {"source": "school", "text": "Flere går sammen.", "theme": "rus",
                          "direction": "up", "confidence": "low", "dark_figure": "high"}),
]  # fmt: skip


def test_every_form_does_what_it_says(administrator: Client) -> None:
    for path, filled in FORMS:
        answer = administrator.post(f"/structure/{path}", data=filled, follow_redirects=False)
        assert answer.status_code == 303, (path, answer.text)
        position = answer.cookies["loft-position"]
        there = administrator.get(answer.headers["location"], headers={"Loft-Position": position})
        assert there.status_code == 200, path
        again = administrator.post(f"/structure/{path}", data={}, follow_redirects=False)
        assert again.status_code in {303, 409, 422}, path


def test_people_get_roles_and_work_in_services(administrator: Client) -> None:
    person = administrator.post("/api/persons", json={}).json()["id"]
    service = read(administrator, "/api/services")["items"][0]["key"]
    for path, filled in (
        (f"people/{person}/roles", {"role": "auditor"}),
        (f"people/{person}/withdrawal", {"role": "auditor"}),
        (f"services/{service}/seats", {"role": "member", "person": person}),
        (f"services/{service}/departure", {"n": "1", "left_on": "2026-12-01"}),
    ):
        answer = administrator.post(f"/structure/{path}", data=filled, follow_redirects=False)
        assert answer.status_code == 303, (path, answer.text)
    roster = administrator.ledger.engine.structure.roster
    assert roster.roles[person] == frozenset()

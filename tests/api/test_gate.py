"""The gate over HTTP: what is certain is stopped, what is likely is asked about, once."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from api.gate import Gate, found_gate
from api.import_gate import hits, in_keys
from api.imported import parse
from api.installation import OpenLedger
from api.settings import Settings
from domain.names import Reading, Readings
from domain.rights import Action
from tests.api.asserting import nothing_changes
from tests.api.doors import COMMANDS, Door
from tests.api.story import Story
from tests.conftest import Client, app_over
from tests.lives import everything

ID = "01810750207"
LIKELY = "Moren til eleven drikker for mye."
WHY = "Det er fra en bok."
WORDS = {"title", "description", "area", "summary", "reason", "tried", "title_there", "decision",
         "expectation", "report", "expected_effect", "note", "message", "text", "correction",
         "ask_again", "name", "represents", "mandate", "what", "missing",
         "action_plan"}  # fmt: skip


@pytest.fixture(scope="module")
def story(caseworker: Client) -> Story:
    return Story(caseworker)


@contextmanager
def gated(client: Client, gate: Gate) -> Iterator[None]:
    """With another *gate* before the client's ledger."""
    state: Any = client.app.state  # type: ignore[attr-defined]
    before = state.gate
    state.gate = gate
    try:
        yield
    finally:
        state.gate = before


def with_words(body: dict[str, Any] | None) -> dict[str, Any]:
    return {k: v for k, v in (body or {}).items() if k in WORDS and isinstance(v, str)}


KEYS = {"key", "kind"}
WITH_KEYS = [door for door in COMMANDS if "key" in (door.body or {})]


@pytest.mark.parametrize("door", COMMANDS, ids=lambda door: door.name)
def test_every_door_that_takes_words_has_the_gate(
    door: Door, caseworker: Client, administrator: Client
) -> None:
    path, body = door.address(caseworker)
    for name in with_words(body):
        told = (body or {}) | {name: f"Det er {ID}"}
        client = administrator if door.action is Action.STRUCTURE else caseworker
        with nothing_changes(client.ledger):
            answer = client.post(path, json=told)
        assert answer.status_code == 422, answer.text
        assert answer.json()["spans"] == [
            {"field": name, "start": 7, "end": 18, "kind": "national_id"}
        ]


@pytest.mark.parametrize("key", [ID, "ola-01810750207", "storgata-12", "ring_412_34_567"])
def test_no_key_that_is_made_anew_points_at_a_person(
    key: str, caseworker: Client, administrator: Client
) -> None:
    """It would stand in events, and could never be erased."""
    assert len(WITH_KEYS) >= 2
    for door in WITH_KEYS:
        path, body = door.address(caseworker)
        client = administrator if door.action is Action.STRUCTURE else caseworker
        for name in KEYS & (body or {}).keys():
            told = (body or {}) | {name: key, "not_about_individual": WHY}
            with nothing_changes(client.ledger):
                answer = client.post(path, json=told)
            assert answer.status_code == 422, answer.text
            assert [span["field"] for span in answer.json()["spans"]] == [name]
            assert key not in answer.text


def test_no_theme_points_at_a_person(administrator: Client) -> None:
    themes = administrator.get("/api/municipality").json()["themes"]
    with nothing_changes(administrator.ledger):
        answer = administrator.post(
            "/api/municipality/themes", json={"themes": [*themes, "ola-nordmann-storgata-12", ID]}
        )
    assert answer.status_code == 422
    assert answer.json()["confirmable"] is False
    fields = {span["field"] for span in answer.json()["spans"]}
    assert fields == {f"themes.{len(themes)}", f"themes.{len(themes) + 1}"}


def test_a_key_that_may_be_a_name_is_asked_about(administrator: Client) -> None:
    themes = administrator.get("/api/municipality").json()["themes"]
    body = {"themes": [*themes, "kari-trygghet"]}
    asked = administrator.post("/api/municipality/themes", json=body)
    assert (asked.status_code, asked.json()["confirmable"]) == (422, True)
    confirmed = administrator.post(
        "/api/municipality/themes", json=body | {"not_about_individual": "Et kurs heter det."}
    )
    assert confirmed.status_code == 201, confirmed.text
    assert (
        administrator.post("/api/municipality/themes", json={"themes": themes}).status_code == 201
    )


@pytest.mark.parametrize("name", [f"Ola {ID}", "Kari, ring 412 34 567", "Ola, Kyrkjegata 8"])
def test_the_name_of_somebody_who_works_here_says_no_more(name: str, administrator: Client) -> None:
    with nothing_changes(administrator.ledger):
        answer = administrator.post("/api/persons", json={"name": name})
    assert (answer.status_code, answer.json()["confirmable"]) == (422, False)


def test_the_name_of_somebody_who_works_here_is_kept(administrator: Client) -> None:
    answer = administrator.post("/api/persons", json={"name": " Kari  Nordmann "})
    assert (answer.status_code, answer.json()["name"]) == (201, "Kari Nordmann")


def test_what_is_certain_is_never_kept_nor_repeated(story: Story) -> None:
    with nothing_changes(story.client.ledger):
        plain = story.tries("notes", text=f"  Se {ID}")
        insisting = story.tries("notes", text=f"  Se {ID}", not_about_individual=WHY)
    for answer in (plain, insisting):
        assert answer.status_code == 422
        assert answer.json() == {
            "type": "/problems/personal-data",
            "title": "This points out a person",
            "status": 422,
            "detail": answer.json()["detail"],
            "spans": [{"field": "text", "start": 3, "end": 14, "kind": "national_id"}],
            "confirmable": False,
        }
        assert ID not in answer.text
        assert "refer the matter to the right place" in answer.json()["detail"]


def test_what_is_likely_is_asked_about_and_kept_once_it_is_confirmed(story: Story) -> None:
    with nothing_changes(story.client.ledger):
        asked = story.tries("notes", text=LIKELY)
    assert asked.status_code == 422
    assert asked.json()["confirmable"] is True
    assert "not_about_individual" in asked.json()["detail"]
    assert "Moren" not in asked.text
    story.does("notes", text=LIKELY, not_about_individual=WHY)
    entry = story.history()[-1]
    assert entry["text"]["words"] == LIKELY
    assert entry["not_about_individual"]["words"] == WHY


def test_a_reason_that_was_not_asked_for_is_not_kept(story: Story) -> None:
    story.does("notes", text="Det er rolig.", not_about_individual="Kjenner ingen der.")
    assert "not_about_individual" not in story.history()[-1]
    assert "Kjenner ingen der" not in everything(story.client.ledger)


def test_all_fields_are_looked_at_together(story: Story) -> None:
    answer = story.tries(
        "discussions", summary=LIKELY, conclusion="decided", decision="Broren hennes må ut."
    )
    assert [span["field"] for span in answer.json()["spans"]] == ["summary", "decision"]


def test_the_reason_may_not_hold_what_is_certain(story: Story) -> None:
    with nothing_changes(story.client.ledger):
        answer = story.tries("notes", text=LIKELY, not_about_individual=f"Se {ID}")
    assert [span["field"] for span in answer.json()["spans"] if span["kind"] == "national_id"] == [
        "not_about_individual"
    ]
    assert answer.json()["confirmable"] is False


def test_the_reason_names_nobody(story: Story) -> None:
    with nothing_changes(story.client.ledger):
        named = story.tries("notes", text=LIKELY, not_about_individual="Det sier Kari Nordmann.")
    assert named.json()["confirmable"] is True
    assert {"name"} == {
        span["kind"] for span in named.json()["spans"] if span["field"] == "not_about_individual"
    }
    assert "without a name" in named.json()["detail"]


def test_the_reason_may_say_what_it_is_about(story: Story) -> None:
    why = "Moren til eleven er fra et teaterstykke."
    story.does("notes", text="Bruk Emma-metoden. Emma hjelper.", not_about_individual=why)
    assert story.history()[-1]["not_about_individual"]["words"] == why


@pytest.mark.parametrize("why", ["x", "Nei da", "Testtekst", "  a b c  "])
def test_a_reason_has_some_substance(story: Story, why: str) -> None:
    with nothing_changes(story.client.ledger):
        answer = story.tries("notes", text=LIKELY, not_about_individual=why)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid")
    assert "at least two words" in answer.text


def test_a_confirmed_command_is_done_once(story: Story) -> None:
    key = {"Idempotency-Key": "confirmed"}
    first = story.tries("notes", key, text=LIKELY, not_about_individual=WHY)
    again = story.tries("notes", key, text=LIKELY, not_about_individual=WHY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()


def test_a_repeat_is_answered_though_the_gate_knows_more_by_now(
    story: Story,
) -> None:
    key = {"Idempotency-Key": "learnt since"}
    text = "Snakket med Zdravko."
    first = story.tries("notes", key, text=text)
    with gated(story.client, Gate(lexicon=knowing("Zdravko"))):
        assert story.tries("notes", text=text).status_code == 422
        assert story.tries("notes", key, text=text).json() == first.json()


def knowing(name: str) -> Any:
    return lambda words: {name: frozenset({Reading.GIVEN})} if name in words else {}


def test_the_reason_is_erased_like_any_text(story: Story) -> None:
    why = "Unikt ord Kvitsymre."
    story.does("notes", text=LIKELY, not_about_individual=why)
    entry = story.history()[-1]
    story.does("erasures", text_id=entry["not_about_individual"]["text_id"])
    assert "Kvitsymre" not in everything(story.client.ledger)
    assert story.history()[-2]["not_about_individual"]["words"] is None


def test_a_case_is_raised_with_a_number_and_a_confirmation(caseworker: Client) -> None:
    story = Story(caseworker, title=LIKELY, not_about_individual=WHY)
    assert story.history()[0]["not_about_individual"]["words"] == WHY
    assert story.case["number"]


def test_a_plan_and_an_organ_are_confirmed_too(administrator: Client, caseworker: Client) -> None:
    told = caseworker.post(
        "/api/observations",
        json={"source": "police", "text": LIKELY, "not_about_individual": WHY},
    )
    assert told.status_code == 201, told.text
    assert told.json()["not_about_individual"]["words"] == WHY
    named = administrator.post("/api/services", json={"name": "Kari Nordmann AS"})
    assert named.status_code == 422
    body = {"name": "Kari Nordmann AS", "not_about_individual": "Et firma."}
    assert administrator.post("/api/services", json=body).status_code == 201


def test_names_of_services_and_organs_may_stand(story: Story, administrator: Client) -> None:
    body = {"name": "Stiftelsen Ingrid Marie", "not_about_individual": "En stiftelse."}
    assert story.tries("notes", text="Takk til Stiftelsen Ingrid Marie.").status_code == 422
    assert administrator.post("/api/services", json=body).status_code == 201
    assert story.tries("notes", text="Takk til Stiftelsen Ingrid Marie.").status_code == 201


def broken(_words: frozenset[str]) -> Readings:
    raise RuntimeError("Moren til Kari")


def test_a_broken_gate_lets_nothing_through(story: Story, caplog: pytest.LogCaptureFixture) -> None:
    with gated(story.client, Gate("apertium", broken)), nothing_changes(story.client.ledger):
        answer = story.tries("notes", text="Det er rolig.")
        confirmed = story.tries("notes", text="Det er rolig.", not_about_individual=WHY)
    for one in (answer, confirmed):
        assert (one.status_code, one.json()["type"]) == (503, "/problems/unavailable")
        assert "nothing was recorded" in one.json()["detail"]
        assert "Retry-After" in one.headers
    assert "Moren" not in caplog.text


def test_which_one_runs_is_told(ledger: OpenLedger) -> None:
    with Client(app_over(ledger)) as client:
        assert client.get("/readyz").json()["personal_data_gate"] == "name list"


def test_what_a_file_holds_is_told_by_place_and_never_in_words() -> None:
    file = parse(
        json.dumps(
            {
                "municipality": {"name": "Lillevik"},
                "organs": [
                    {"key": "a", "name": "Team Sara", "level": "executing", "kind": "youth_team",
                     "note": "Ring 412 34 567"},
                ],
                "raised_in_youth_teams_2025": ["Rolig", "Moren til eleven drikker i Lillevik"],
            }
        ).encode()
    )  # fmt: skip
    assert hits(file, Gate()) == [
        "organs.0.note (phone)", "raised_in_youth_teams.2025.1 (relation)",
    ]  # fmt: skip


def test_a_file_whose_keys_point_at_a_person_is_not_taken_in() -> None:
    organ = {"name": "Teamet", "level": "executing", "kind": "youth_team"}
    file = parse(
        json.dumps(
            {
                "municipality": {"name": "Lillevik"},
                "themes": ["rus", "storgata-12"],
                "organs": [organ | {"key": "team"}, organ | {"key": ID, "kind": "team-kari"}],
            }
        ).encode()
    )
    assert in_keys(file, Gate()) == ["themes.1", "organs.1.key"]


@pytest.mark.parametrize("name", ["baerum-2016.json", "bergen.json"])
def test_the_published_reports_pass(name: str) -> None:
    content = (Path(__file__).parents[2] / "api" / "examples" / name).read_bytes()
    gate = found_gate()
    for one in (gate, Gate()):
        assert hits(parse(content), one) == []
        assert in_keys(parse(content), one) == []
    gate.close()


def test_what_may_stand_is_listed_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "may-stand.txt"
    file.write_text("# our own\n\n 67 50 40 50 \nSofies minde\n")
    listed = Settings(may_stand=file).listed
    assert listed == {"67 50 40 50", "Sofies minde"}
    text = "Ring 67 50 40 50 ved Sofies minde"
    assert Gate(may_stand=listed).look({"text": text}, frozenset()) == {}
    assert Gate().look({"text": text}, frozenset()) != {}


def test_a_list_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        Settings(may_stand=tmp_path / "missing.txt")

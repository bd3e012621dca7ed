"""Everything in a municipality's file comes in, word for word, and nothing is invented."""

import json
from importlib.resources import files
from typing import Any

import pytest

from tests.api.story import read
from tests.conftest import Client, import_example

FILE: dict[str, Any] = json.loads((files("api") / "examples" / "baerum-2016.json").read_bytes())
TEAMS: list[str] = FILE["raised_in_youth_teams_autumn_2016"]
GROUPS: list[str] = FILE["in_coordination_group_2016"]
LIFTED: dict[str, str] = {s["team"]: s["group"] for s in FILE["same_matter_at_two_levels"]}
NOT_STATED, GROUP, BOARD = "ikke-oppgitt", "koordineringsgruppen", "styret"


@pytest.fixture(scope="module")
def cases(caseworker: Client) -> list[dict[str, Any]]:
    return list(read(caseworker, "/api/cases", limit=1000)["items"])


def words(client: Client, path: str, field: str) -> list[str]:
    """The words in *field* of each entry of a list."""
    return [entry[field]["words"] for entry in read(client, path, limit=1000)["items"]]


def test_41_listed_matters_are_38_cases(cases: list[dict[str, Any]]) -> None:
    assert (len(TEAMS), len(GROUPS), len(LIFTED)) == (16, 25, 3)
    assert len(cases) == 38
    by_teams = [case["title"] for case in cases if case["raised_by"] == NOT_STATED]
    by_group = [case["title"] for case in cases if case["raised_by"] == GROUP]
    assert by_teams == TEAMS
    assert by_group == [title for title in GROUPS if title not in LIFTED.values()]
    assert len(by_group) == 22


def test_all_41_titles_stand_word_for_word(cases: list[dict[str, Any]]) -> None:
    there = [title for case in cases for title in case["titles_there"].values()]
    assert sorted([*(case["title"] for case in cases), *there]) == sorted(TEAMS + GROUPS)


def test_a_matter_at_two_levels_is_one_case_that_was_lifted(
    cases: list[dict[str, Any]], caseworker: Client
) -> None:
    lifted = [case for case in cases if case["titles_there"]]
    assert {case["title"]: case["titles_there"][GROUP] for case in lifted} == LIFTED
    for case in lifted:
        assert (case["status"], case["holder"]) == ("escalated", GROUP)
        assert case["answer_owed"] == [NOT_STATED]
        raised, lift = read(caseworker, f"/api/cases/{case['number']}/history")["items"]
        assert (raised["event"], lift["event"]) == ("CaseRaised", "CaseEscalated")
        assert (lift["lifted_from"], lift["to"]) == (NOT_STATED, GROUP)
        assert (lift["why"], lift["reason"], lift["tried"]) == (None, None, None)
    others = [case for case in cases if not case["titles_there"]]
    assert {case["status"] for case in others} == {"raised"}


def test_what_the_report_does_not_say_is_left_open(
    cases: list[dict[str, Any]], caseworker: Client
) -> None:
    for case in cases:
        assert case["source"] == "report"
        assert (case["raised_at"], case["raised_precision"]) == (
            "2016-01-01T00:00:00+01:00", "year",
        )  # fmt: skip
        for field in ("description", "focus_area", "prevention_level", "area", "ages", "service",
                      "outcome", "closed_at", "paused_since", "merged_into"):  # fmt: skip
            assert case[field] is None, field
        for field in ("themes", "assignments", "measures", "answers", "links"):
            assert case[field] == [], field
    rows = caseworker.ledger.database.rows(
        "SELECT DISTINCT data ->> 'source', actor ->> 'id' FROM events WHERE stream_type = 'case' "
        "AND actor ->> 'id' = 'import'"
    )
    assert rows == [("report", "import")]
    organ = read(caseworker, f"/api/organs/{NOT_STATED}")
    assert (organ["name"], organ["level"]) == ("ikke oppgitt", "executing")
    assert organ["lifts_to"] == [GROUP, "sammen-for-barn-og-unge"]


@pytest.mark.parametrize("organ", FILE["organs"], ids=lambda organ: organ["key"])
def test_an_organ_comes_in_with_all_that_stands_of_it(
    organ: dict[str, Any], caseworker: Client
) -> None:
    shown = read(caseworker, f"/api/organs/{organ['key']}")
    for field in ("name", "level", "kind", "parent", "area", "ages", "note", "constituted_on",
                  "first_meeting_on"):  # fmt: skip
        assert shown[field] == organ.get(field), field
    assert shown["lifts_to"] == organ.get("lifts_to", [])
    known = {name: value for name, value in (shown["cadence"] or {}).items() if value is not None}
    assert known == organ.get("cadence", {})
    offices = [
        (seat["role"], seat["represents"], seat["taken_on"])
        for seat in shown["seats"]
        if seat["represents"]
    ]
    assert offices == [
        (seat["role"], seat["represents"], seat.get("from")) for seat in organ.get("seats", [])
    ]
    services = [seat["service"] for seat in shown["seats"] if seat["service"]]
    of_a_team = FILE["team_services"] if organ["kind"] == "youth_team" else []
    assert [name.lower() for name in services] == [
        name.lower() for name in organ.get("services", of_a_team)
    ]


def test_no_organ_comes_in_but_those_of_the_file_and_the_one_that_is_not_stated(
    caseworker: Client,
) -> None:
    keys = {organ["key"] for organ in read(caseworker, "/api/organs")["items"]}
    assert keys == {organ["key"] for organ in FILE["organs"]} | {NOT_STATED}


def test_services_come_in_by_name_each_once(caseworker: Client) -> None:
    named = [name for organ in FILE["organs"] for name in organ.get("services", [])]
    every = {name.lower() for name in [*named, *FILE["team_services"]]}
    shown = [service["name"].lower() for service in read(caseworker, "/api/services")["items"]]
    assert sorted(shown) == sorted(every)


def test_the_plan_comes_in(caseworker: Client) -> None:
    areas = FILE["focus_areas"]["2016"]
    entries = read(caseworker, "/api/focus-areas")["items"]
    assert [(e["key"], e["name"]["words"], e["year"], e["ages"]) for e in entries] == [
        (area["key"], area["name"], 2016, area.get("ages")) for area in areas
    ]
    assert {entry["actor"]["organ"] for entry in entries} == {BOARD}
    plans = read(caseworker, "/api/plans")["items"]
    assert [(p["name"]["words"], p["from_year"], p["to_year"], p["measures"]) for p in plans] == [
        (p["name"], p["from"], p["to"], p.get("measures")) for p in FILE["plans"]
    ]


def test_what_was_done_comes_in_by_focus_area(caseworker: Client) -> None:
    done = [(key, what) for key, works in FILE["done_in_2016"].items() for what in works]
    entries = read(caseworker, "/api/work")["items"]
    assert [(entry["focus_area"], entry["what"]["words"]) for entry in entries] == done
    assert {entry["year"] for entry in entries} == {2016}
    assert len(done) == 24


def test_what_the_police_see_comes_in_as_observations(caseworker: Client) -> None:
    assert words(caseworker, "/api/observations", "what") == FILE["police_challenges_2016"]
    entries = read(caseworker, "/api/observations")["items"]
    assert {(e["observer"], e["precision"], e["source"]) for e in entries} == {
        ("police", "year", "report")
    }


def test_every_imported_event_says_that_it_comes_from_a_report(caseworker: Client) -> None:
    rows = caseworker.ledger.database.rows(
        "SELECT name, count(*) FROM events WHERE actor ->> 'id' = 'import' "
        "AND (data ->> 'source' <> 'report' OR data ->> 'precision' = 'minute') GROUP BY name"
    )
    assert rows == []


def test_a_repeat_changes_nothing(client: Client) -> None:
    ledger = client.ledger
    before = ledger.database.rows("SELECT size FROM head")
    texts = ledger.database.rows("SELECT count(*) FROM texts")
    client.app.state.worker.stop()
    for _ in range(2):
        import_example(ledger, "baerum-2016.json")
    assert ledger.database.rows("SELECT size FROM head") == before
    assert ledger.database.rows("SELECT count(*) FROM texts") == texts

"""Other files: Bergen's, a changed one, the smallest one, and those that are refused."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from importlib.resources import files
from typing import Any

import pytest

from api.imported import FileRefused, parse
from api.importing import Importer
from api.installation import OpenLedger
from tests.api.asserting import nothing_changes
from tests.api.story import read
from tests.conftest import SECRET, Client, Server, app_over

File = dict[str, Any]
BERGEN: File = json.loads((files("api") / "examples" / "bergen.json").read_bytes())
BAERUM: File = json.loads((files("api") / "examples" / "baerum-2016.json").read_bytes())
SMALL: File = {
    "municipality": {"name": "Os"},
    "organs": [
        {"key": "topp", "name": "Topp", "level": "steering", "kind": "hva_som_helst"},
        {"key": "gruppe", "name": "Gruppe", "level": "coordinating", "kind": "gruppe"},
        {"key": "team", "name": "Team", "level": "executing", "kind": "team"},
    ],
}
Take = Callable[[File], Client]


def import_file(ledger: OpenLedger, file: File) -> None:
    for step in Importer(ledger.engine, parse(json.dumps(file).encode()), SECRET).steps():
        step()
    ledger.follower.catch_up()
    ledger.follower.release()


@pytest.fixture
def take(ledger: OpenLedger) -> Iterator[Take]:
    """Imports a file, and gives an admin's client of what is there then."""
    clients: list[Client] = []

    def imported(file: File) -> Client:
        import_file(ledger, file)
        client = Client(app_over(ledger))
        client.ledger = ledger
        client.__enter__()
        clients.append(client)
        return client.as_("coordinator")

    yield imported
    for client in clients:
        client.__exit__(None, None, None)


def test_bergen_comes_in_whole(take: Take) -> None:
    bergen = take(BERGEN)
    for organ in BERGEN["organs"]:
        shown = read(bergen, f"/api/organs/{organ['key']}")
        for field in ("name", "level", "kind", "parent", "area", "ages", "note",
                      "police_station"):  # fmt: skip
            assert shown[field] == organ.get(field), (organ["key"], field)
        known = {k: v for k, v in (shown["cadence"] or {}).items() if v is not None}
        assert known == organ.get("cadence", {})
    assert len(read(bergen, "/api/organs")["items"]) == len(BERGEN["organs"])
    areas = read(bergen, "/api/focus-areas")["items"]
    assert [area["name"]["words"] for area in areas] == BERGEN["focus_areas"]["standing"]
    assert {area["year"] for area in areas} == {None}
    (method,) = read(bergen, "/api/methods")["items"]
    given = BERGEN["rapid_assessment"]
    assert method["name"]["words"] == given["name"]
    assert [who["words"] for who in method["developed_by"]] == given["developed_by"]
    assert method["builds_on"]["words"] == given["builds_on"]
    assert method["mandate"]["words"] == given["mandate_2023"]
    assert (method["since"], method["count"]) == (given["since"], given["count"])
    assert read(bergen, "/api/cases")["items"] == []


def test_a_case_lives_in_bergen_by_the_same_code(take: Take) -> None:
    bergen = take(BERGEN)
    raised = {"raised_by": "fokus-unge-i-sentrum", "title": "Uro på Torgallmenningen"}
    case = bergen.post("/api/cases", json=raised).json()
    path = f"/api/cases/{case['number']}"
    holders = []
    for to in ("politirad-sentrum", "sentralt-politirad"):
        words = {"summary": "Drøftet", "conclusion": "ask_to_lift"}
        assert bergen.post(f"{path}/discussions", json=words).status_code == 201
        lift = {"to": to, "why": "cannot", "reason": "Gjelder byen", "tried": "Uteteam"}
        holders.append(bergen.post(f"{path}/escalations", json=lift).json())
    assert [(case["holder"], case["level"]) for case in holders] == [
        ("politirad-sentrum", "coordinating"),
        ("sentralt-politirad", "steering"),
    ]
    assert holders[-1]["answer_owed"] == ["fokus-unge-i-sentrum", "politirad-sentrum"]


def test_importing_bergen_again_changes_nothing(take: Take, ledger: OpenLedger) -> None:
    take(BERGEN)
    with nothing_changes(ledger):
        for step in Importer(ledger.engine, parse(json.dumps(BERGEN).encode()), SECRET).steps():
            step()


def test_in_a_changed_file_a_name_is_a_renaming_and_a_key_is_an_organ(ledger: OpenLedger) -> None:
    import_file(ledger, BAERUM)
    before = ledger.engine.ledger.size()
    changed = deepcopy(BAERUM)
    changed["organs"][0]["name"] = "Styret for det forebyggende arbeidet"
    changed["organs"] = [o for o in changed["organs"] if o["key"] != "kjernegruppen"]
    new = {"key": "elevrad", "name": "Elevrådet", "level": "executing", "kind": "council"}
    changed["organs"].append(new)
    import_file(ledger, changed)
    added = ledger.engine.ledger.select_notifications(before + 1, 100)
    assert [(entry.originator_id, entry.topic) for entry in added] == [
        ("organ:styret", "OrganRenamed"),
        ("organ:elevrad", "OrganConstituted"),
    ]
    assert ledger.engine.topology.organs["kjernegruppen"].dissolved is False
    with nothing_changes(ledger):
        import_file(ledger, changed)


def test_a_changed_file_moves_what_moved(ledger: OpenLedger) -> None:
    import_file(ledger, BAERUM)
    before = ledger.engine.ledger.size()
    changed = deepcopy(BAERUM)
    changed["organs"][1]["cadence"] = {"every_weeks": 3}
    changed["organs"][2]["lifts_to"] = ["koordineringsgruppen"]
    changed["focus_areas"]["2016"][0]["name"] = "Få strukturen på plass"
    changed["focus_areas"]["2017"] = [{"key": "rus", "name": "Forebygge rus"}]
    changed["in_coordination_group_2016"].append("Nytt i referatet")
    import_file(ledger, changed)
    added = ledger.engine.ledger.select_notifications(before + 1, 100)
    assert sorted(entry.topic for entry in added) == [
        "CadenceSet", "CaseRaised", "FocusAreaRenamed", "FocusAreaSet", "OrganPlaced",
    ]  # fmt: skip
    with nothing_changes(ledger):
        import_file(ledger, changed)


def test_a_repeat_after_people_have_worked_leaves_their_work_alone(
    client: Client, coordinator: Client
) -> None:
    (case,) = read(coordinator, "/api/cases", q="beefing")["items"]
    closed = {"outcome": "resolved", "reason": "Slutt"}
    path = f"/api/cases/{case['number']}/closure"
    assert coordinator.post(path, json=closed).status_code == 201
    client.app.state.worker.stop()
    with nothing_changes(client.ledger):
        import_file(client.ledger, BAERUM)


def test_only_key_name_level_and_kind_of_an_organ_are_required(take: Take) -> None:
    there = take(SMALL)
    organs = read(there, "/api/organs")["items"]
    assert [organ["key"] for organ in organs] == ["gruppe", "team", "topp"]
    assert organs[2]["kind"] == "hva_som_helst"
    assert organs[2]["seats"] == organs[2]["lifts_to"] == []
    answer = there.post("/api/cases", json={"raised_by": "team", "title": "Først"})
    assert answer.json()["number"].endswith("-0001")


def test_what_is_not_known_may_be_null(take: Take) -> None:
    silent = {name: None for name in BAERUM if name not in {"organs", "municipality"}}
    place: File = {"name": "Os", "number_2016": None, "number_2024": None, "language": None}
    holes = dict.fromkeys(BAERUM["organs"][2]) | {"first_meeting_precision": None, "seats": None}
    organs = [holes | organ for organ in SMALL["organs"]]
    there = take(silent | {"municipality": place, "organs": organs})
    assert len(read(there, "/api/organs")["items"]) == 3


def test_kind_and_language_are_open(take: Take) -> None:
    file = deepcopy(SMALL)
    file["municipality"]["language"] = "se"
    file["organs"][2]["kind"] = "siida"
    assert read(take(file), "/api/organs/team")["kind"] == "siida"


def wrong(**changes: Any) -> File:
    return deepcopy(SMALL) | changes


def with_organ(**changes: Any) -> File:
    organs = deepcopy(SMALL["organs"])
    organs[2] |= changes
    return wrong(organs=organs)


WRONG: dict[str, File] = {
    "no organs": {"municipality": {"name": "Os"}},
    "no name": wrong(municipality={}),
    "unknown field": wrong(horoscope="Vekten"),
    "organ without kind": wrong(organs=[{"key": "a", "name": "A", "level": "executing"}]),
    "unknown level": with_organ(level="middle"),
    "two organs of one key": wrong(organs=SMALL["organs"] * 2),
    "unknown parent": with_organ(parent="atlantis"),
    "unknown place to lift to": with_organ(lifts_to=["atlantis"]),
    "ages turned round": with_organ(ages=[23, 16]),
    "impossible cadence": with_organ(cadence={"every_weeks": 0}),
    "half a cadence": with_organ(cadence={"at_least": 2}),
    "number that is too large": with_organ(cadence={"every_weeks": 2**70}),
    "unknown role": with_organ(seats=[{"role": "king"}]),
    "NUL": with_organ(note="a\x00b"),
    "plan that ends before it begins": wrong(plans=[{"name": "x", "from": 2020, "to": 2016}]),
    "focus area twice": wrong(focus_areas={"2016": [{"key": "a", "name": "A"}] * 2}),
    "work in an unknown focus area": wrong(done_in_2016={"atlantis": ["x"]}),
    "focus area without a board": wrong(
        organs=SMALL["organs"][1:], focus_areas={"2016": [{"key": "a", "name": "A"}]}
    ),
    "plan without a board": wrong(organs=SMALL["organs"][1:], plans=[{"name": "x", "from": 2020}]),
    "matter of a group that is not there": wrong(
        organs=SMALL["organs"][2:], in_coordination_group_2016=["Sak"]
    ),
    "lifted matter that is in no list": wrong(
        same_matter_at_two_levels=[{"team": "a", "group": "b"}]
    ),
    "lift that the teams do not do": wrong(
        raised_in_youth_teams_2016=["a"],
        in_coordination_group_2016=["b"],
        same_matter_at_two_levels=[{"team": "a", "group": "b"}],
    ),
}


@pytest.fixture(scope="module")
def blank(server: Server, empty_template: str) -> Iterator[OpenLedger]:
    """An empty ledger that stays empty."""
    name = server.copy(empty_template)
    with server.opened(name) as opened:
        yield opened
    server.drop(name)


@pytest.mark.parametrize("name", WRONG)
def test_a_file_with_an_error_is_refused_whole(name: str, blank: OpenLedger) -> None:
    with nothing_changes(blank), pytest.raises(FileRefused) as refused:
        import_file(blank, WRONG[name])
    sentence = str(refused.value)
    assert sentence.startswith("The file cannot be imported. Nothing was changed. ")
    assert sentence.endswith(".")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"x"', b"\xff\xfe", b"{}"])
def test_what_is_no_such_file_is_refused(content: bytes) -> None:
    with pytest.raises(FileRefused):
        parse(content)

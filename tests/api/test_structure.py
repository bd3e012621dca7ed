"""Organs with their seats, and services: as they are, were, and on a day."""

from typing import Any

import pytest

from tests.api.asserting import assert_refused, nothing_changes
from tests.api.story import BOARD, GROUP, OTHER_TEAM, SERVICE, TEAM, Story, read
from tests.conftest import Client

RULES: list[tuple[str, dict[str, Any], int, str]] = [
    ("organs", {"key": TEAM, "name": "x", "level": "executing", "kind": "x"}, 409,
     "an organ with this key already"),
    ("organs", {"key": "ny", "name": "x", "level": "executing", "kind": "x", "parent": "y"}, 422,
     "no organ with this key"),
    ("organs", {"key": "ny", "name": "x", "level": "executing", "kind": "x",
                "lifts_to": ["y"]}, 422, "no organ with this key"),
    ("organs", {"key": "ny", "name": "x", "level": "executing", "kind": "x", "ages": [16, 13]},
     422, "ages are turned round"),
    ("organs", {"key": "Ny!", "name": "x", "level": "executing", "kind": "x"}, 422, "a to z"),
    ("organs", {"key": "ny", "name": "x", "level": "middle", "kind": "x"}, 422, "Choose one of"),
    ("organs/styret/cadence", {"cadence": {"at_least": 4, "per": "year"}}, 409, "already"),
    ("organs/styret/cadence", {"cadence": {}}, 422, "A cadence is"),
    ("organs/styret/cadence", {"cadence": {"every_weeks": 0}}, 422, "A cadence is"),
    ("organs/styret/cadence", {"cadence": {"every_weeks": -(2**70)}}, 422, "A cadence is"),
    ("organs/styret/cadence", {"cadence": {"every_weeks": 2**70}}, 422, "At most 1000"),
    ("organs/styret/cadence", {"cadence": {"every_weeks": 4, "at_least": 1, "per": "year"}}, 422,
     "A cadence is"),
    ("organs/styret/seats", {"role": "king"}, 422, "Choose one of"),
    ("organs/styret/seats", {"role": "member", "service": "Sjarmørene"}, 422, "no service"),
    ("organs/styret/seats/99/departure", {"left_on": "2026-01-01"}, 404, "no seat"),
    ("organs/styret/seats/2/departure", {"left_on": "2015-12-31"}, 422, "ends before it begins"),
    ("organs/styret/placement", {"lifts_to": ["atlantis"]}, 422, "no organ with this key"),
    ("organs/styret/placement", {"lifts_to": []}, 409, "how it is already"),
    ("organs/atlantis/renaming", {"name": "x"}, 404, "There is no such"),
    ("organs/atlantis/dissolution", {"reason": "x"}, 404, "There is no such"),
    ("services", {"name": SERVICE.upper()}, 409, "a service with this name already"),
    ("services/sjarmerene/renaming", {"name": "x"}, 422, "no service"),
    ("services/nav/merger", {"into": "NAV"}, 409, "how it is already"),
    ("services/nav/merger", {"into": "Sjarmørene"}, 422, "no service"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body", "status", "sentence"), RULES)
def test_a_rule_of_the_structure_says_no(
    path: str, body: dict[str, Any], status: int, sentence: str, administrator: Client
) -> None:
    with nothing_changes(administrator.ledger):
        answer = administrator.post(f"/api/{path}", json=body)
    kind = {404: "not-found", 409: "refused", 422: "invalid"}[status]
    assert_refused(answer, status, kind, sentence)


def test_an_organ_is_shown_with_all_that_is_known_of_it(caseworker: Client) -> None:
    team = read(caseworker, f"/api/organs/{TEAM}")
    assert team["name"] == "Ungdomsteam vestre Bærum 13-16"
    assert (team["level"], team["kind"], team["parent"]) == ("executing", "youth_team", GROUP)
    assert team["lifts_to"] == [GROUP, "sammen-for-barn-og-unge"]
    assert (team["area"], team["ages"]) == ("vestre Bærum", [13, 16])
    assert team["cadence"] == {"every_weeks": 4, "at_least": None, "per": None}
    assert team["first_meeting_on"] == "2016-09-07"
    assert team["dissolved"] is False
    (listed,) = [o for o in read(caseworker, "/api/organs")["items"] if o["key"] == TEAM]
    assert listed == team


def test_only_the_seats_that_are_taken_on_a_day_are_shown(caseworker: Client) -> None:
    def seats(**query: str) -> list[str]:
        return [s["represents"] for s in read(caseworker, "/api/organs/styret", **query)["seats"]]

    deputy, county = (
        "visepolitimester, Oslo politidistrikt",
        "regionsdirektør, fylkeskommunen",
    )
    assert len(seats()) == 7
    assert {deputy, county} <= {*seats(on="2016-08-30")}
    assert county not in seats(on="2016-08-29")
    assert deputy in seats(on="2016-08-29")
    assert deputy not in seats(on="2015-12-31")
    assert len(seats(on="1950-01-01")) == 5


def test_a_seat_is_taken_and_left(administrator: Client) -> None:
    path = f"/api/organs/{OTHER_TEAM}"
    seat = {"role": "chair", "service": "NAV", "taken_on": "2026-02-01"}
    taken = administrator.post(f"{path}/seats", json=seat)
    n = taken.json()["seats"][-1]["n"]
    left = administrator.post(f"{path}/seats/{n}/departure", json={"left_on": "2026-03-01"})
    assert left.status_code == 201
    assert left.json()["seats"][-1] == {
        "n": n, "role": "chair", "represents": None, "service": "NAV",
        "person": None, "taken_on": "2026-02-01", "until": None, "left_on": "2026-03-01",
    }  # fmt: skip
    for on, there in {"2026-01-31": False, "2026-02-01": True, "2026-02-28": True,
                      "2026-03-01": False}.items():  # fmt: skip
        shown = read(administrator, path, left, on=on)["seats"]
        assert (n in [s["n"] for s in shown]) is there, on
    with nothing_changes(administrator.ledger):
        again = administrator.post(f"{path}/seats/{n}/departure", json={"left_on": "2026-04-01"})
    assert_refused(again, 409, "refused", "left already")


def test_a_renamed_organ_was_called_otherwise_before(administrator: Client) -> None:
    path = "/api/organs/arbeidsgruppe-russetid"
    before = read(administrator, path)
    answer = administrator.post(f"{path}/renaming", json={"name": "Arbeidsgruppe russ"})
    assert read(administrator, path, answer)["name"] == "Arbeidsgruppe russ"
    as_of = int(answer.headers["Loft-Position"]) - 1
    assert read(administrator, path, as_of=as_of) == before
    organs = read(administrator, "/api/organs", as_of=as_of)["items"]
    assert before in organs
    assert administrator.get(path, params={"as_of": 1}).status_code == 404


def test_a_dissolved_organ_keeps_its_cases_and_takes_no_more(
    administrator: Client, caseworker: Client
) -> None:
    new = {"key": "klubb", "name": "Klubb", "level": "executing", "kind": "club",
           "parent": GROUP, "lifts_to": [GROUP]}  # fmt: skip
    assert administrator.post("/api/organs", json=new).status_code == 201
    story = Story(caseworker, raised_by="klubb")
    reason = {"reason": "Huset er solgt"}
    answer = administrator.post("/api/organs/klubb/dissolution", json=reason)
    assert answer.json()["dissolved"] is True
    with nothing_changes(caseworker.ledger):
        raised = caseworker.post("/api/cases", json={"raised_by": "klubb", "title": "x"})
        assigned = story.tries("assignments", service="klubb")
        again = administrator.post("/api/organs/klubb/dissolution", json=reason)
    for refused in (raised, assigned, again):
        assert_refused(refused, 409, "refused", "This organ is dissolved")
    assert story.now()["holder"] == "klubb"
    assert story.does("discussions").does("escalations").case["holder"] == GROUP


def test_services_are_renamed_and_merged_without_rewriting_history(
    administrator: Client, caseworker: Client
) -> None:
    for name in ("Ungdomskafeen", "Kulturskolen"):
        assert administrator.post("/api/services", json={"name": name}).status_code == 201
    story = Story(caseworker).does("assignments", service="ungdomskafeen")
    renamed = administrator.post(
        "/api/services/ungdomskafeen/renaming", json={"name": "Kafeen på hjørnet"}
    )
    assert renamed.json()["name"] == "Kafeen på hjørnet"
    assert story.now()["assignments"][0]["service"] == "Kafeen på hjørnet"
    merged = administrator.post(
        "/api/services/kafeen-pa-hjornet/merger", json={"into": "Kulturskolen"}
    )
    key = merged.json()["merged_into"]
    services = {s["key"]: s for s in read(administrator, "/api/services", merged)["items"]}
    assert services[key]["name"] == "Kulturskolen"
    assert services[merged.json()["key"]]["merged_into"] == key
    with nothing_changes(caseworker.ledger):
        answer = story.tries("assignments", service="Kafeen på hjørnet")
    assert_refused(answer, 409, "refused", "merged into another")
    assert story.does("assignments/1/completion").case["status"] == "discussed"
    before = read(administrator, "/api/services", as_of=story.case["position"] - 3)["items"]
    assert key in {service["key"] for service in before}


def test_what_the_structure_is_then_is_what_rules_read(
    administrator: Client, caseworker: Client
) -> None:
    story = Story(caseworker, "discussions", raised_by=OTHER_TEAM)
    assert story.tries("escalations", to=BOARD).status_code == 409
    placed = {"parent": GROUP, "lifts_to": [GROUP, BOARD]}
    answer = administrator.post(f"/api/organs/{OTHER_TEAM}/placement", json=placed)
    assert answer.json()["lifts_to"] == [GROUP, BOARD]
    assert story.does("escalations", to=BOARD).case["level"] == "steering"


def test_a_mandate_is_given_in_words(administrator: Client) -> None:
    words = "Følger opp rus og vold."
    answer = administrator.post(f"/api/organs/{GROUP}/mandate", json={"mandate": words})
    assert answer.json()["mandate"] == words
    assert read(administrator, f"/api/organs/{GROUP}", answer)["mandate"] == words

"""The plan: focus areas of the board, plans, work done, and the challenge picture."""

from typing import Any

import pytest

from tests.api.asserting import assert_refused, nothing_changes
from tests.api.story import BOARD, GROUP, Story, read
from tests.conftest import Client

AREA: dict[str, Any] = {"key": "natt", "name": "Trygge netter", "acting_for": BOARD}
PLAN: dict[str, Any] = {"name": "Plan", "from": 2027, "to": 2030, "acting_for": BOARD}
RULES: list[tuple[str, dict[str, Any], int, str]] = [
    ("focus-areas", AREA | {"acting_for": GROUP}, 409, "Act for the board"),
    ("focus-areas", {"key": "natt", "name": "x"}, 409, "Act for the board"),
    ("focus-areas", AREA | {"acting_for": "atlantis"}, 422, "no organ with this key"),
    ("focus-areas", AREA | {"key": "rus", "year": 2016}, 409, "set for that year already"),
    ("focus-areas", AREA | {"year": 99999}, 422, "At most 2200"),
    ("focus-areas", AREA | {"key": "Natt!"}, 422, "a to z"),
    ("plans", PLAN | {"acting_for": GROUP}, 409, "Act for the board"),
    ("plans", PLAN | {"to": 2026}, 422, "ends before it begins"),
    ("plans", PLAN | {"from": "next year"}, 422, "a whole number"),
    ("focus-areas/astrologi/work", {"year": 2026, "what": "x"}, 422, "no focus area"),
    ("focus-areas/rus/work", {"year": 1066, "what": "x"}, 422, "At least 1900"),
    ("observations", {"source": "gossip", "text": "x"}, 422, "Choose one of"),
    ("observations", {"source": "police", "text": "x", "theme": "astrologi"}, 422, "no such theme"),
    ("observations", {"source": "police", "text": "x", "direction": "left"}, 422, "Choose one of"),
]


@pytest.mark.parametrize(("path", "body", "status", "sentence"), RULES)
def test_a_rule_of_the_plan_says_no(
    path: str, body: dict[str, Any], status: int, sentence: str, caseworker: Client
) -> None:
    with nothing_changes(caseworker.ledger):
        answer = caseworker.post(f"/api/{path}", json=body)
    assert_refused(answer, status, "refused" if status == 409 else "invalid", sentence)


def newest(client: Client, path: str, answer: Any) -> dict[str, Any]:
    """The last entry of the list, which is what *answer* told."""
    entry = read(client, path, answer, limit=1000)["items"][-1]
    assert entry == answer.json()
    return dict(entry)


def test_a_focus_area_that_the_board_set_is_used_by_cases(caseworker: Client) -> None:
    with nothing_changes(caseworker.ledger):
        refused = caseworker.post(
            "/api/cases", json={"raised_by": GROUP, "title": "x", "focus_area": "natt"}
        )
    assert_refused(refused, 422, "invalid", "The board sets focus areas")
    answer = caseworker.post("/api/focus-areas", json=AREA | {"year": 2026, "ages": [13, 23]})
    entry = newest(caseworker, "/api/focus-areas", answer)
    assert (entry["event"], entry["key"], entry["year"]) == ("FocusAreaSet", "natt", 2026)
    assert entry["name"]["words"] == "Trygge netter"
    assert entry["actor"]["organ"] == BOARD
    assert Story(caseworker, focus_area="natt").case["focus_area"] == "natt"
    standing = caseworker.post("/api/focus-areas", json=AREA)
    assert standing.json()["year"] is None


def test_a_plan_has_its_period(caseworker: Client) -> None:
    entry = newest(caseworker, "/api/plans", caseworker.post("/api/plans", json=PLAN))
    assert (entry["from_year"], entry["to_year"]) == (2027, 2030)
    endless = {name: value for name, value in PLAN.items() if name != "to"}
    entry = newest(caseworker, "/api/plans", caseworker.post("/api/plans", json=endless))
    assert entry["to_year"] is None


def test_work_is_told_by_focus_area_and_year(caseworker: Client) -> None:
    body = {"year": 2026, "what": "Foredrag på alle skoler"}
    answer = caseworker.post("/api/focus-areas/vold/work", json=body)
    entry = newest(caseworker, "/api/work", answer)
    assert (entry["focus_area"], entry["year"]) == ("vold", 2026)
    assert entry["what"]["words"] == "Foredrag på alle skoler"


def test_an_observation_says_whence_whither_and_how_surely(caseworker: Client) -> None:
    body = {"source": "school", "text": "Mer snus", "theme": "rus", "direction": "up",
            "confidence": "low", "dark_figure": "high"}  # fmt: skip
    entry = newest(caseworker, "/api/observations", caseworker.post("/api/observations", json=body))
    for field, value in {"observer": "school", "theme": "rus", "direction": "up",
                         "confidence": "low", "dark_figure": "high"}.items():  # fmt: skip
        assert entry[field] == value
    assert entry["what"]["words"] == "Mer snus"


def test_the_plan_is_read_as_it_was(caseworker: Client) -> None:
    body = {"source": "police", "text": "Stille"}
    answer = caseworker.post("/api/observations", json=body)
    position = int(answer.headers["Loft-Position"])
    now = read(caseworker, "/api/observations", answer, limit=1000)["items"]
    then = read(caseworker, "/api/observations", as_of=position - 1, limit=1000)["items"]
    assert then == now[:-1]
    for path in ("/api/focus-areas", "/api/plans", "/api/work", "/api/observations"):
        assert read(caseworker, path, as_of=1)["items"] == []

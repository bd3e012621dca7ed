"""Which organs keep their cadence, and when each is due."""

from datetime import datetime

import pytest

from domain.event import OSLO
from tests.api.asserting import assert_refused
from tests.api.meeting import NOW, Table
from tests.api.story import BOARD, TEAM, read
from tests.conftest import Client

MONTHLY = {"at_least": 1, "per": "month", "every_weeks": None}


@pytest.fixture
def own(administrator: Client, request: pytest.FixtureRequest) -> str:
    """A new organ without a cadence."""
    key = f"c{abs(hash(request.node.name)) % 10**9}"
    body = {"key": key, "name": "Gruppen", "level": "coordinating", "kind": "group"}
    answer = administrator.post("/api/organs", json=body | {"lifts_to": [BOARD]})
    assert answer.status_code == 201
    read(administrator, f"/api/organs/{key}", answer)
    return key


def test_a_cadence_says_what_was_missed_and_what_is_due(
    caseworker: Client, administrator: Client, own: str
) -> None:
    path = f"/api/organs/{own}/cadence"
    assert read(caseworker, path)["next_due_on"] is None
    impossible = {"cadence": {"every_weeks": 0}}
    assert_refused(administrator.post(path, json=impossible), 422, "invalid", "at least one")
    body = {"cadence": MONTHLY, "occurred_at": "2025-12-01T00:00:00+01:00"}
    last = administrator.post(path, json=body)
    assert last.status_code == 201
    set_at = int(last.headers["Loft-Position"])
    for day in ("2026-01-14", "2026-02-11"):
        last = Table(caseworker, own, starts_at=f"{day}T09:00:00+01:00").does("closure").last
    told = read(caseworker, path, last, since="2026-01-01")
    assert [p["kept"] for p in told["periods"][:4]] == [True, True, False, False]
    assert told["periods"][0] == {
        "from": "2026-01-01", "to": "2026-01-31", "wanted": 1, "held": 1, "kept": True,
    }  # fmt: skip
    assert told["last_held_on"] == "2026-02-11"
    before = str(int(last.headers["Loft-Position"]) - 1)
    assert read(caseworker, path, last, as_of=before)["last_held_on"] == "2026-01-14"
    assert told["missed"] == len([p for p in told["periods"] if p["kept"] is False])
    assert read(caseworker, path)["missed"] == told["missed"] + 1, "and December"
    assert told["next_due_on"] >= str(NOW.date())
    reports = "/api/reports/channels"
    counted = read(caseworker, reports, to="2026-04-30", **{"from": "2026-01-15"})["meetings"]
    assert [one for one in counted if one["organ"] == own] == [
        {"organ": own, "kept": 2, "missed": 2}
    ]
    asked = {"to": "2026-04-30", "explain": f"kept/{own}"}
    closed = read(caseworker, reports, **asked)["items"]
    assert (len(closed), closed[-1]) == (2, int(last.headers["Loft-Position"]))
    assert read(caseworker, reports, as_of=before, **asked)["items"] == closed[:1]
    decided = read(caseworker, reports, explain=f"missed/{own}")
    assert (decided["count"], decided["items"]) == (1, [set_at])
    assert_refused(caseworker.get(f"{reports}?explain=kept/nobody"), 422, "invalid")
    assert_refused(caseworker.get("/api/organs/nobody/cadence"), 404, "not-found")
    assert_refused(caseworker.get(f"{path}?since=soon"), 422, "invalid")


def test_a_cadence_judges_from_the_day_on_which_it_was_set_until_the_next(
    caseworker: Client, administrator: Client, own: str
) -> None:
    path = f"/api/organs/{own}/cadence"
    last = administrator.post(path, json={"cadence": MONTHLY})
    told = read(caseworker, path, last)
    assert told["missed"] == 0
    (period,) = told["periods"]
    assert period["from"] == str(datetime.now(OSLO).date())
    year = {"cadence": {"at_least": 4, "per": "year"}, "occurred_at": "2024-07-01T12:00:00+02:00"}
    last = administrator.post(path, json=year)
    told = read(caseworker, path, last)
    assert told["cadence"] == {"at_least": 4, "per": "year", "every_weeks": None}
    assert told["periods"][0] == {
        "from": "2024-07-01", "to": "2024-12-31", "wanted": 2, "held": 0, "kept": False,
    }  # fmt: skip
    then = str(int(last.headers["Loft-Position"]) - 1)
    assert read(caseworker, path, last, as_of=then)["cadence"] == MONTHLY


def test_all_organs_are_listed_with_how_they_keep_their_cadence(
    caseworker: Client, administrator: Client, own: str
) -> None:
    last = administrator.post(f"/api/organs/{own}/cadence", json={"cadence": MONTHLY})
    before = str(int(last.headers["Loft-Position"]) - 1)
    last = Table(caseworker, own).does("closure").last
    every = read(caseworker, "/api/cadences", last)["items"]
    keys = [one["key"] for one in read(caseworker, "/api/organs")["items"] if not one["dissolved"]]
    assert [one["organ"] for one in every] == keys
    told = {one.pop("organ"): one for one in every}
    for organ in (own, TEAM, BOARD):
        assert told[organ] == read(caseworker, f"/api/organs/{organ}/cadence")
    assert told[own]["last_held_on"] is not None
    page = read(caseworker, "/api/cadences", limit=2, since="2026-01-01")
    assert [one["organ"] for one in page["items"]] == keys[:2]
    rest = read(caseworker, page["next"])["items"]
    assert [one["organ"] for one in rest] == keys[2:4]
    then = read(caseworker, "/api/cadences", as_of=before)["items"]
    (mine,) = [one for one in then if one["organ"] == own]
    assert (mine["cadence"], mine["periods"], mine["last_held_on"]) == (None, [], None)
    path = f"/api/organs/{own}/dissolution"
    last = administrator.post(path, json={"reason": "Oppgaven er løst."})
    left = read(caseworker, "/api/cadences", last)["items"]
    assert [one["organ"] for one in left] == [key for key in keys if key != own]

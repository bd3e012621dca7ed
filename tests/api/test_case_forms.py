"""The forms of cases past a browser: where they are shown again, and what addresses lead to."""

import re

import httpx

from api.pages import cases
from tests.api.paging import caught_up
from tests.api.story import BOARD, GROUP, Story, read
from tests.conftest import Client


def test_what_was_refused_is_shown_where_it_was_asked(caseworker: Client) -> None:
    """One form stands on the page more than once: once for each assignment."""
    story = Story(caseworker, "assignments", "assignments")
    story.now()
    typed = {"reason": "Ring Kari på 91234567", "n": "2"}
    page = _sends(caseworker, f"/cases/{story.number}/assignments/2/refusal", typed)
    assert page.status_code == 422
    opens = r'<details class="ds-details small" open>.*?</details>'
    opened = re.findall(opens, page.text, re.DOTALL)
    assert len(opened) == 1
    assert 'id="a2refusal"' in opened[0]
    assert 'role="alert"' in opened[0]
    assert page.text.count("Ring Kari på 91234567") == 1


def test_what_happened_another_day_is_said_to_have(caseworker: Client) -> None:
    story = Story(caseworker, occurred_at="2026-03-01T12:00:00Z")
    story.now()
    note = {"text": "Ringte rektor.", "occurred_on": "2026-03-04"}
    assert _sends(caseworker, f"/cases/{story.number}/notes", note).status_code == 303
    caught_up(caseworker)
    case = read(caseworker, f"/api/cases/{story.number}/history", limit=100)["items"]
    assert (case[-1]["occurred_at"][:10], case[-1]["precision"]) == ("2026-03-04", "day")
    for day in ("2999-01-01", "2026-02-01"):
        refused = _sends(caseworker, f"/cases/{story.number}/notes", note | {"occurred_on": day})
        assert refused.status_code == 422, day
        assert 'id="notes-occurred_on-wrong"' in refused.text, "beside the field"


def test_each_level_is_a_lane_of_its_own(caseworker: Client) -> None:
    for n in range(cases.IN_A_LANE + 1):
        Story(caseworker, title=f"Mange {n}")
    lifted = Story(caseworker, raised_by=GROUP).does("escalations", to=BOARD, urgent=True)
    lifted.now()
    board = caseworker.get("/cases?view=lanes", headers={"Accept-Language": "nb"}).text
    lanes = re.findall(r'<section aria-labelledby="lane-(\w+)">(.*?)</section>', board, re.DOTALL)
    assert [level for level, _ in lanes] == ["steering", "coordinating", "executing"]
    assert lifted.number in lanes[0][1]
    assert "level=executing" in lanes[2][1], "the rest of them is a list"


def test_an_address_that_a_mail_program_has_added_to_is_a_page(shared: Client) -> None:
    board = shared.as_("board")
    assert board.get("/cases?utm_source=mail").status_code == 200
    assert board.get("/api/cases?utm_source=mail").status_code == 422


def test_an_address_that_only_forms_are_sent_to_leads_to_where_they_stand(
    caseworker: Client,
) -> None:
    browser = {"Accept": "text/html"}
    answer = caseworker.get("/cases/2026-0001/notes", headers=browser, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/cases/2026-0001")


def _sends(client: Client, path: str, data: dict[str, str]) -> httpx.Response:
    return client.post(path, data=data, follow_redirects=False, headers={"Accept-Language": "nb"})

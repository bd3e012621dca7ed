"""Beside a meeting's agenda stands what presses most of what waits, and that there is more."""

import re

import pytest

from api.pages import meeting as page
from tests.api.conftest import until
from tests.api.meeting import Table
from tests.conftest import Client


def waiting(shown: str) -> list[str]:
    """The numbers of the cases that can be put on the agenda."""
    part = shown[shown.index('class="lines waiting"') :]
    return list(dict.fromkeys(re.findall(r"\d{4}-\d{4}", part[: part.index("</ul>")])))


def test_the_most_pressing_is_shown_and_the_rest_led_to(
    caseworker: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/meetings/{Table(caseworker).id}"
    until(lambda: caseworker.get(path).status_code == 200)
    every = waiting(caseworker.get(path).text)
    assert len(every) > 4
    monkeypatch.setattr(page, "PRESSING", 3)
    accesses = caseworker.ledger.accesses.engine.ledger
    before = accesses.size()
    shown = caseworker.get(path).text
    few = waiting(shown)
    assert few == every[: len(few)]
    assert len(few) == 2, "the first of three is the news"
    logged = [one.data["cases"] for one in accesses.select_notifications(before + 1, 10)]
    assert [len(cases) for cases in logged] == [2], "what is not shown is not logged"
    assert 'href="/cases?holder=koordineringsgruppen"' in shown

"""The counts of the overview, now and as of then; what a reporter is shown."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from domain.actor import Role
from tests.api.asserting import assert_refused
from tests.api.story import BOARD, GROUP, OTHER_TEAM, TEAM, Story, read
from tests.conftest import Client

PATH = "/api/reports/overview"


def shown(client: Client, answer: Any = None, **query: Any) -> dict[str, Any]:
    """What the list of cases can be held against."""
    found = read(client, PATH, answer, **query)
    names = ("total", "status", "level", "organ", "theme", "focus_area", "month")
    return {name: found[name] for name in names}


def recounted(client: Client, **query: Any) -> dict[str, Any]:
    """The same counts, made of the list of cases."""
    cases = read(client, "/api/cases", limit=1000, **query)["items"]

    def by(field: str) -> dict[str, int]:
        return dict(Counter(case[field] for case in cases if case[field] is not None))

    months = Counter(
        case["raised_at"][: 4 if case["raised_precision"] == "year" else 7] for case in cases
    )
    return {
        "total": len(cases),
        "status": by("status"),
        "level": by("level"),
        "organ": by("holder"),
        "theme": dict(Counter(theme for case in cases for theme in case["themes"])),
        "focus_area": by("focus_area"),
        "month": dict(months),
    }


def test_baerum_begins_with_38_cases(coordinator: Client) -> None:
    assert shown(coordinator) == {
        "total": 38,
        "status": {"raised": 35, "escalated": 3},
        "level": {"executing": 13, "coordinating": 25},
        "organ": {"ikke-oppgitt": 13, GROUP: 25},
        "theme": {},
        "focus_area": {},
        "month": {"2016": 38},
    }


def test_every_count_is_that_of_the_list_now_and_then(caseworker: Client) -> None:
    story = Story(caseworker, themes=["vold", "rus"], focus_area="rus")
    Story(caseworker, raised_by=OTHER_TEAM, occurred_at="2026-02-10T12:00:00Z", themes=["rus"])
    Story(caseworker, occurred_at="2026-02-28T23:30:00Z", precision="day")
    for step in ("discussions", "escalations", "assignments", "reclassification", "returns",
                 "closure", "reversals", "closure", "reopening"):  # fmt: skip
        story.does(step)
    last = story.case["position"]
    read(caseworker, PATH, story.last)
    for position in range(last - 12, last + 1):
        found = shown(caseworker, as_of=position)
        assert found == recounted(caseworker, as_of=position), position
    assert shown(caseworker) == shown(caseworker, as_of=last) == recounted(caseworker)
    assert read(caseworker, PATH)["month"]["2026-03"] == 1, "in Oslo it was March already"


def test_the_counts_as_of_a_time_are_those_of_its_position(caseworker: Client) -> None:
    story = Story(caseworker).does("closure")
    moment = story.case["last_recorded_at"]
    Story(caseworker, "closure").now()
    then = read(caseworker, PATH, as_of=moment)
    assert then["as_of"] == story.case["position"]
    assert then == read(caseworker, PATH, as_of=story.case["position"])
    assert then["status"]["closed"] == read(caseworker, PATH)["status"]["closed"] - 1


def test_where_cases_were_raised_in_an_area_is_found_again(caseworker: Client) -> None:
    answer = Story(caseworker, raised_by=TEAM).last
    areas = read(caseworker, PATH, answer)["area"]
    assert areas
    for area, many in areas.items():
        found = read(caseworker, PATH, explain=f"area:{area}", limit=1000)
        assert len(found["items"]) == found["count"] == many, area
    assert read(caseworker, PATH, explain="area:nowhere")["count"] == 0


def test_before_anything_happened_there_is_nothing(caseworker: Client) -> None:
    for as_of in (1, "2001-01-01T00:00:00Z"):
        counts = shown(caseworker, as_of=as_of)
        assert counts.pop("total") == 0
        assert counts == {name: {} for name in counts}


def test_a_reporter_reads_numbers_and_organs_and_no_words_of_a_case(shared: Client) -> None:
    reporter = shared.as_(Role.REPORTER)
    assert read(reporter, PATH)["total"] >= 38
    assert any(organ["key"] == BOARD for organ in read(reporter, "/api/organs")["items"])
    for path in ("/api/cases", "/api/cases/2026-0001", "/api/cases/2026-0001/history",
                 "/api/audit/decisions", "/api/stream"):  # fmt: skip
        assert_refused(reporter.get(path), 403, "forbidden")


def test_a_case_counts_in_the_month_that_it_was_raised_in(caseworker: Client) -> None:
    before = read(caseworker, PATH)
    answer = Story(caseworker, raised_by=TEAM).last
    month = read(caseworker, PATH, answer)["month"]
    (grown,) = [key for key, count in month.items() if count > before["month"].get(key, 0)]
    today = datetime.now(UTC)
    assert grown[:4] in {str(today.year), str(today.year + 1)}
    assert len(grown) == 7
